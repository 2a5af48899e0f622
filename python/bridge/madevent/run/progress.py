"""Progress of a run on a terminal: one line that moves (``coloring_logging.py``).

MadEvent logs a line each time it looks at its jobs, `` Idle: 39,  Running: 1,  Completed: 2``, and where it runs
them one by one another for each. Here they become one line with what is done and an estimate of the time left.
Everything else is written as before; where standard output is no terminal, nothing changes.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import threading
import time
from typing import Any, TextIO

from . import is_wanted

_COLOR = r"(?:\x1b\[[\d;]*m)*"
_JOBS = re.compile(
    rf"{_COLOR}(?:INFO: )?\s*Idle: (-?\d+),\s+Running: (-?\d+),\s+Completed: (-?\d+)(?:\s+\[ [^\]]*\])?\s*{_COLOR}\n"
)
_JOB = re.compile(rf"{_COLOR}\S+ run in [\d.]+ s\s*{_COLOR}\n")
_ERASE = "\r\x1b[K"
_PERIOD = 1.0  # s
_N_TO_ESTIMATE = 3  # jobs that have to be done


def duration(seconds: float) -> str:
    """Whole seconds as 5 s, 1:05 or 1:00:05."""
    minutes, second = divmod(round(seconds), 60)
    hour, minute = divmod(minutes, 60)
    if hour:
        return f"{hour}:{minute:02}:{second:02}"
    return f"{minute}:{second:02}" if minute else f"{second} s"


class Jobs:
    """What is known of the jobs of one step of a run."""

    def __init__(self, now: float) -> None:
        self._begin = now
        self._first = 0  # done by then
        self._end: float | None = None  # by estimate
        self._idle = self._running = self._done = 0

    def read(self, text: str, now: float) -> bool:
        """Takes what `text`, a whole log record, tells; False if that is to be seen as it is."""
        if match := _JOBS.fullmatch(text):
            idle, running, done = (max(0, int(word)) for word in match.groups())
            if done < self._done or not self.left:
                self._begin, self._first = now, done
            self._idle, self._running, self._done = idle, running, done
            self._estimate(now)
            return bool(self.left)
        if _JOB.fullmatch(text):
            self._done += 1
            self._running = min(self._running, self._idle)
            self._idle = max(0, self._idle - 1)
            self._estimate(now)
            return True
        return False

    def _estimate(self, now: float) -> None:
        done = self._done - self._first
        self._end = now + (now - self._begin) / done * self.left if done >= _N_TO_ESTIMATE else None

    @property
    def left(self) -> int:
        return self._idle + self._running

    def text(self, now: float) -> str:
        if not self.left:
            return f"{self._done} jobs done"
        total = self._done + self.left
        parts = [f"{self._done} of {total} jobs ({100 * self._done // total} %)"]
        parts += [f"{self._running} running"] if self._running else []
        parts += [duration(now - self._begin)]
        parts += [f"about {duration(max(0, self._end - now))} left"] if self._end is not None else []
        return ", ".join(parts)


class Line:
    """The line at the end of what is on a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.RLock()
        self._jobs = Jobs(time.monotonic())
        self._is_shown = False
        self._is_at_begin = True
        self._ticker: threading.Thread | None = None

    def write(self, stream: TextIO, text: str) -> int:
        """Writes `text` to `stream`, a terminal, unless it is about jobs."""
        with self._lock:
            if self._jobs.read(text, time.monotonic()):
                self._show_jobs()
                return len(text)
            self.erase()
            if text:
                self._is_at_begin = text.endswith("\n")
            return stream.write(text)

    def show(self, text: str) -> None:
        with self._lock:
            begin = _ERASE if self._is_at_begin else "\n"
            width = shutil.get_terminal_size().columns
            self._stream.write(begin + text[: max(1, width - 1)])
            self._stream.flush()
            self._is_shown = self._is_at_begin = True

    def erase(self) -> None:
        with self._lock:
            if self._is_shown:
                self._stream.write(_ERASE)
                self._stream.flush()
            self._is_shown = False

    def _show_jobs(self) -> None:
        self.show(self._jobs.text(time.monotonic()))
        if self._ticker is None and self._jobs.left:
            self._ticker = threading.Thread(target=self._tick, daemon=True)
            self._ticker.start()

    def _tick(self) -> None:
        """Lets the time go on between two records."""
        while True:
            time.sleep(_PERIOD)
            with self._lock:
                if not (self._is_shown and self._jobs.left):
                    self._ticker = None
                    return
                self.show(self._jobs.text(time.monotonic()))


class _Terminal:
    """A terminal's stream, which erases the line before anything else is written."""

    def __init__(self, stream: TextIO, line: Line) -> None:
        self._stream = stream
        self._line = line

    def write(self, text: str) -> int:
        return self._line.write(self._stream, text)

    def writelines(self, texts: Any) -> None:
        for text in texts:
            self.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


_line: Line | None = None


def show(text: str) -> None:
    """Shows `text` in the line, where there is one."""
    if _line is not None:
        _line.show(text)


def erase() -> None:
    if _line is not None:
        _line.erase()


def _is_terminal(stream: Any) -> bool:
    return bool(hasattr(stream, "isatty") and stream.isatty())


def install() -> None:
    """Before the loggers get their streams."""
    global _line
    if _line is not None or not is_wanted("progress") or os.environ.get("TERM", "dumb") == "dumb":
        return
    if _is_terminal(sys.stdout):
        _line = Line(sys.stdout)
        for name in ("stdout", "stderr"):
            if _is_terminal(getattr(sys, name)):
                setattr(sys, name, _Terminal(getattr(sys, name), _line))
