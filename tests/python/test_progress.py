"""The line that shows a run's progress on a terminal, from the records that MadEvent logs."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys

import pytest

from bridge.madevent.run import progress

ERASE = "\r\x1b[K"

#: stands for a run: loggers get their streams after `install`, as in bin/generate_events
RUN = """
import logging, sys
from bridge.madevent.run import progress
progress.install()
logger = logging.getLogger("run")
handler = logging.StreamHandler(sys.stdout)
handler.setFormatter(logging.Formatter("INFO: %(message)s "))
logger.addHandler(handler)
logger.setLevel(logging.INFO)
logger.info("Running Survey")
logger.info(" Idle: 2,  Running: 1,  Completed: 0 [ current time: 12h30 ]")
logger.info(" Idle: 1,  Running: 1,  Completed: 1 [ 3.0s ]")
print("plain")
logger.info(" Idle: 0,  Running: 0,  Completed: 3 [ 4.0s ]")
progress.show("writing events")
sys.stderr.write("error\\n")
"""
PLAIN = """\
INFO: Running Survey 
INFO:  Idle: 2,  Running: 1,  Completed: 0 [ current time: 12h30 ] 
INFO:  Idle: 1,  Running: 1,  Completed: 1 [ 3.0s ] 
plain
INFO:  Idle: 0,  Running: 0,  Completed: 3 [ 4.0s ] 
"""  # noqa: W291


def _on_terminal(**environment: str) -> str:
    """What RUN writes to a terminal."""
    reader, writer = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", RUN], stdout=writer, stderr=writer, env={**os.environ, "TERM": "xterm", **environment}
    ) as process:
        os.close(writer)
        written = b""
        while True:
            try:
                data = os.read(reader, 4096)
            except OSError:  # the other end is closed
                data = b""
            if not data:
                break
            written += data
    os.close(reader)
    assert process.returncode == 0, written
    return written.decode().replace("\r\n", "\n")


def _without_times(text: str) -> str:
    """Seconds that have gone by are 0; the line is there once if only they changed."""
    parts = re.sub(r", \d+ s\b", ", 0 s", text).split(ERASE)
    return ERASE.join(part for part, before in zip(parts, [None, *parts], strict=False) if part != before)


def test_on_a_terminal_records_about_jobs_become_one_line() -> None:
    assert _without_times(_on_terminal()) == (
        f"INFO: Running Survey \n{ERASE}0 of 3 jobs (0 %), 1 running, 0 s{ERASE}1 of 3 jobs (33 %), 1 running, 0 s"
        f"{ERASE}plain\nINFO:  Idle: 0,  Running: 0,  Completed: 3 [ 4.0s ] \n{ERASE}writing events{ERASE}error\n"
    )


@pytest.mark.parametrize(("name", "value"), [("MEBRIDGE", "0"), ("MEBRIDGE_GLUE", "io,merge"), ("TERM", "dumb")])
def test_switched_off_a_terminal_gets_what_it_got(name: str, value: str) -> None:
    assert _on_terminal(**{name: value}) == PLAIN + "error\n"


def test_elsewhere_nothing_changes() -> None:
    done = subprocess.run([sys.executable, "-c", RUN], check=True, capture_output=True, text=True)
    assert done.stdout == PLAIN


def _jobs(*records: tuple[float, str]) -> progress.Jobs:
    jobs = progress.Jobs(0.0)
    for now, text in records:
        assert jobs.read(text + "\n", now)
    return jobs


def test_time_left_by_the_jobs_done_since_the_step_began() -> None:
    jobs = _jobs(
        (100.0, "INFO:  Idle: 39,  Running: 2,  Completed: 1 "),
        (140.0, " Idle: 21,  Running: 2,  Completed: 21 [ 40.0s ]"),
    )
    assert jobs.text(140.0) == "21 of 44 jobs (47 %), 2 running, 40 s, about 46 s left"
    assert jobs.text(150.0) == "21 of 44 jobs (47 %), 2 running, 50 s, about 36 s left"
    assert jobs.text(990.0).endswith("about 0 s left")


def test_few_jobs_give_no_estimate() -> None:
    jobs = _jobs((0.0, " Idle: 3,  Running: 2,  Completed: 0"), (5.0, " Idle: 1,  Running: 2,  Completed: 2"))
    assert jobs.text(5.0) == "2 of 5 jobs (40 %), 2 running, 5 s"


def test_a_new_step_begins_anew() -> None:
    jobs = _jobs((0.0, " Idle: 1,  Running: 1,  Completed: 9"), (50.0, " Idle: 7,  Running: 1,  Completed: 0"))
    assert jobs.text(51.0) == "0 of 8 jobs (0 %), 1 running, 1 s"


def test_jobs_run_one_by_one() -> None:
    """Records of single jobs, and counts below zero as MadEvent logs them at first."""
    jobs = _jobs((0.0, "ajob3 run in 1.5 s"))
    assert jobs.text(0.0) == "1 jobs done"
    jobs = _jobs((0.0, "INFO:  Idle: 1,  Running: 1,  Completed: -1 "), (2.0, "\x1b[1;30m/a/b.sh run in 2.0 s\x1b[0m"))
    assert jobs.text(2.0) == "1 of 2 jobs (50 %), 1 running, 2 s"
    assert jobs.read("ajob1 run in 0.1 s\n", 3.0)
    assert jobs.text(3.0) == "2 jobs done"


@pytest.mark.parametrize(
    "text", [" Idle: 0,  Running: 0,  Completed: 4\n", "jobs\n", " Idle: 1, Running: 1\n", "\n", ""]
)
def test_other_records_are_seen_as_they_are(text: str) -> None:
    assert not progress.Jobs(0.0).read(text, 0.0)


def test_an_unfinished_line_is_kept() -> None:
    stream = io.StringIO()
    line = progress.Line(stream)
    line.write(stream, "waiting ...")
    line.show("1 of 2")
    line.write(stream, "done\n")
    assert stream.getvalue() == f"waiting ...\n1 of 2{ERASE}done\n"


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0 s"), (59.6, "1:00"), (65, "1:05"), (3605, "1:00:05")])
def test_durations(seconds: float, text: str) -> None:
    assert progress.duration(seconds) == text
