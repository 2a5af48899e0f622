"""Jobs of madevent: each integrates one channel and leaves its unweighted events."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from internal.build import end_of
from internal.error import RunError

#: points of the first iteration whose weight is not zero, most and least iterations
Settings = tuple[int, int, int]

#: ways to seed RANMAR
_SEEDS = 31328 * 30081
_SURVEY = (1000, 5, 3)
_SURVEY_ACCURACY = 0.05
_REFINE_ITERATIONS = (9, 3)
#: points of a channel's first iteration, which double with each
_FEWEST, _MOST = 500, 5000
#: more than is asked for, so that a channel rarely has to run again
_LUMINOSITY_MARGIN = 1.2
_ROUNDS = 12


@dataclass(frozen=True)
class Result:
    """Of one channel, pb: `absolute` is the cross-section of absolute values, `value` that with signs.

    `luminosity` (1/pb): what the events are worth.
    """

    absolute: float
    error: float
    value: float
    luminosity: float


@dataclass(frozen=True)
class Channel:
    """A config of a P folder."""

    folder: Path
    config: int

    @property
    def job(self) -> Path:
        return self.folder / f"G{self.config}"

    @property
    def name(self) -> str:
        return f"{self.folder.name}/G{self.config}"


def channels(folder: Path) -> list[Channel]:
    """Those of symfact.dat that are run."""
    path = folder / "symfact.dat"
    found = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        words = line.split()
        if len(words) != 2:
            raise RunError(f"{path}, line {number}: expected a config and a factor")
        config, factor = map(int, words)
        if factor > 0:
            found.append(Channel(folder, config))
    return found


def survey(every: Sequence[Channel], seed: int, n_core: int, report: Callable[[str], None]) -> dict[Channel, Result]:
    """First estimates, and grids."""
    for channel in every:
        channel.job.mkdir(exist_ok=True)
        for name in ("results.dat", "events.lhe", "ftn25", "ftn26", "moffset.dat"):
            (channel.job / name).unlink(missing_ok=True)
    return _run_all(dict.fromkeys(every, _SURVEY), _SURVEY_ACCURACY, (seed, "survey"), n_core, report)


def refine(
    results: dict[Channel, Result], n_event: int, random: tuple[int, int], n_core: int, report: Callable[[str], None]
) -> dict[Channel, Result]:
    """Runs channels until their events are worth the luminosity of `n_event` events of all.

    `random`: the seed, and how often this was done before.
    """
    seed, before = random
    results = dict(results)
    alive = [channel for channel, result in results.items() if result.absolute > 0.0]
    todo = alive
    for number in range(1, _ROUNDS + 1):
        wanted = n_event / sum(result.absolute for result in results.values())
        luminosity = _LUMINOSITY_MARGIN * wanted
        settings = {}
        for channel in todo:
            (channel.job / "ftn26").replace(channel.job / "ftn25")
            n_point = luminosity * results[channel].absolute
            settings[channel] = (round(min(max(n_point, _FEWEST), _MOST)) * 2 ** (number - 1), *_REFINE_ITERATIONS)
        stage = f"refine {before * _ROUNDS + number}"
        results.update(_run_all(settings, -luminosity, (seed, stage), n_core, report))
        wanted = n_event / sum(result.absolute for result in results.values())
        todo = [channel for channel in alive if results[channel].luminosity < wanted]
        if not todo:
            return results
    names = ", ".join(channel.name for channel in todo)
    raise RunError(f"too few unweighted events after {_ROUNDS} rounds in {names}: see log.txt there")


def _run_all(
    settings: Mapping[Channel, Settings],
    accuracy: float,
    random: tuple[int, str],
    n_core: int,
    report: Callable[[str], None],
) -> dict[Channel, Result]:
    seed, stage = random
    done = 0

    def one(channel: Channel) -> Result:
        nonlocal done
        _write_job(channel, settings[channel], accuracy, _job_seed(seed, stage, channel))
        _run(channel)
        done += 1
        report(f"{stage}: {done} of {len(settings)} channels")
        return _result(channel)

    report(f"{stage}: 0 of {len(settings)} channels")
    with ThreadPoolExecutor(n_core) as pool:
        futures = {channel: pool.submit(one, channel) for channel in settings}
        try:
            return {channel: future.result() for channel, future in futures.items()}
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _job_seed(seed: int, stage: str, channel: Channel) -> int:
    """Each job has its own numbers, whatever order they run in."""
    text = f"{seed} {stage} {channel.name}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") % (_SEEDS - 1) + 1


def _write_job(channel: Channel, settings: Settings, accuracy: float, seed: int) -> None:
    (channel.job / "randinit").write_text(f"r={seed}\n")
    answers = f"{' '.join(map(str, settings))}\n{accuracy:.8e}\n2\n1\n0\n{channel.config}\n"
    (channel.job / "input_app.txt").write_text(answers)


def _run(channel: Channel) -> None:
    log = channel.job / "log.txt"
    with (channel.job / "input_app.txt").open("rb") as answers, log.open("wb") as stream:
        done = subprocess.run(
            ["../madevent"], cwd=channel.job, stdin=answers, stdout=stream, stderr=stream, check=False
        )
    if done.returncode:
        raise RunError(f"{channel.name} failed (status {done.returncode}): see {log}\n{end_of(log)}")


def _result(channel: Channel) -> Result:
    path = channel.job / "results.dat"
    try:
        words = path.read_text().split("\n", 1)[0].split()
        absolute, error, luminosity, value = (float(words[k]) for k in (0, 1, 7, 9))
    except (OSError, IndexError, ValueError):
        raise RunError(f"{path}: no cross-section; see {channel.job / 'log.txt'}") from None
    return Result(absolute, error, value, luminosity)
