// Samples where a program is, for `mebridge profile` where perf is not allowed. Loaded by
// LD_PRELOAD, so that it works for any madevent; does nothing unless MEBRIDGE_SAMPLES names a file.
//
// A timer interrupts the first thread about a thousand times a second. Each sample is weighted by
// the processor time that all threads have taken since the one before: the kernel's own timers of
// processor time tick too slowly (every 4 ms) for jobs of half a second. Weights sum to the time of
// the whole process from its start, less what sampling itself takes. Where the process did not run
// for a part of a period, it is interrupted where it was put aside or waited, not at any place:
// then the period counts for the next sample.
//
// The file, all numbers uint64_t in native byte order: for each sample its weight in ns, the number
// of addresses n and the n addresses of the call stack, innermost first (the first is that of the
// next instruction, the others are return addresses). Last, what passed after the last sample, with
// n = 0. FILE.modules is written at exit, one line of text for each executable segment: bias,
// begin and end of its addresses (hexadecimal) and path.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <unwind.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

enum { most_frames = 256, head = 2, period_ns = 1000003 };

struct sample {
  uint64_t words[head + most_frames];  // weight, number of frames, frames
  int inside;                          // past the frames of the signal handler
};

static int file = -1;
static char modules_path[PATH_MAX];
static timer_t timer;
// When the last sample was done and when the last tick was, ns.
static uint64_t sampled_processor, tick_processor, tick_wall;

static uint64_t now(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static _Unwind_Reason_Code add_frame(struct _Unwind_Context* context, void* argument) {
  struct sample* sample = argument;
  int interrupted = 0;
  const uint64_t address = _Unwind_GetIPInfo(context, &interrupted);
  if (interrupted) sample->inside = 1;
  if (!sample->inside) return _URC_NO_REASON;
  if (address == 0 || sample->words[1] == most_frames) return _URC_END_OF_STACK;
  sample->words[head + sample->words[1]++] = address;
  return _URC_NO_REASON;
}

static void write_sample(const struct sample* sample) {
  const size_t size = (head + sample->words[1]) * sizeof sample->words[0];
  // Whole or, where the file system is full, not of use any more.
  if (write(file, sample->words, size) != (ssize_t)size) {
    close(file);
    file = -1;
  }
}

// True if the process has run since the last tick, or if no sample has been taken for long.
static int is_due(uint64_t processor, uint64_t wall) {
  return wall - tick_wall < processor - tick_processor + period_ns / 4 ||
         processor - sampled_processor > 10 * period_ns;
}

static void on_tick(int signal) {
  (void)signal;
  if (file < 0) return;
  const int error = errno;
  const uint64_t processor = now(CLOCK_PROCESS_CPUTIME_ID), wall = now(CLOCK_MONOTONIC);
  if (is_due(processor, wall)) {
    struct sample sample;
    sample.words[0] = processor - sampled_processor;
    sample.words[1] = 0;
    sample.inside = 0;
    _Unwind_Backtrace(add_frame, &sample);
    write_sample(&sample);
    sampled_processor = now(CLOCK_PROCESS_CPUTIME_ID);
  }
  tick_processor = now(CLOCK_PROCESS_CPUTIME_ID);
  tick_wall = now(CLOCK_MONOTONIC);
  errno = error;
}

static int write_module(struct dl_phdr_info* info, size_t size, void* argument) {
  (void)size;
  char self[PATH_MAX] = "";
  const char* path = info->dlpi_name;
  if (path[0] == '\0' && readlink("/proc/self/exe", self, sizeof self - 1) > 0) path = self;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)* segment = &info->dlpi_phdr[i];
    if (segment->p_type != PT_LOAD || (segment->p_flags & PF_X) == 0) continue;
    const uint64_t bias = info->dlpi_addr, begin = bias + segment->p_vaddr;
    fprintf(argument, "%llx %llx %llx %s\n", (unsigned long long)bias, (unsigned long long)begin,
            (unsigned long long)(begin + segment->p_memsz), path);
  }
  return 0;
}

__attribute__((constructor)) static void begin_sampling(void) {
  const char* path = getenv("MEBRIDGE_SAMPLES");
  if (path == NULL || strlen(path) + sizeof ".modules" > sizeof modules_path) return;
  snprintf(modules_path, sizeof modules_path, "%s.modules", path);
  file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
  // What this process starts must not be sampled into the same file.
  unsetenv("MEBRIDGE_SAMPLES");
  unsetenv("LD_PRELOAD");
  if (file < 0) return;
  tick_wall = now(CLOCK_MONOTONIC);
  struct sigaction action = {.sa_handler = on_tick, .sa_flags = SA_RESTART};
  struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGPROF};
  event.sigev_notify_thread_id = (pid_t)syscall(SYS_gettid);
  const struct itimerspec period = {{0, period_ns}, {0, period_ns}};
  if (sigaction(SIGPROF, &action, NULL) != 0 || timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 ||
      timer_settime(timer, 0, &period, NULL) != 0) {
    close(file);
    file = -1;
  }
}

__attribute__((destructor)) static void end_sampling(void) {
  if (file < 0) return;
  timer_delete(timer);
  signal(SIGPROF, SIG_IGN);
  struct sample rest = {.words = {now(CLOCK_PROCESS_CPUTIME_ID) - sampled_processor, 0}};
  write_sample(&rest);
  FILE* modules = fopen(modules_path, "w");
  if (modules == NULL) return;
  dl_iterate_phdr(write_module, modules);
  fclose(modules);
}
