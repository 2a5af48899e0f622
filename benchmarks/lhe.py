"""Speed of reading, writing and comparing event files, beside pylhe's where it is installed.

    python benchmarks/lhe.py unweighted_events.lhe.gz [--events 20000]

The file's events are repeated until there are enough. Microseconds an event, best of three.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from bridge import lhe

try:
    import pylhe
except ImportError:
    pylhe = None


def repeat(source: Path, folder: Path, n_event: int) -> tuple[Path, Path]:
    """A plain and a gzip file of `n_event` events."""
    with lhe.read(source) as reader:
        blocks = [block.text for block in reader.blocks()]
        init, header = reader.init, reader.header
    assert init is not None
    plain, packed = folder / "a.lhe", folder / "a.lhe.gz"
    with lhe.write(plain, init, header):
        pass
    text = plain.read_text()
    end = "</LesHouchesEvents>\n"
    events = "".join(itertools.islice(itertools.cycle(blocks), n_event))
    plain.write_text(text.removesuffix(end) + events + end)
    packed.write_bytes(gzip.compress(plain.read_bytes(), 6))
    return plain, packed


def read(path: Path) -> None:
    with lhe.read(path) as events:
        for _ in events:
            pass


def write(path: Path, events: list[lhe.Event], init: lhe.Init, style: lhe.Style) -> None:
    with lhe.write(path, init, style=style) as out:
        for event in events:
            out.write(event)


def read_pylhe(path: Path) -> None:
    for _ in pylhe.LHEFile.fromfile(str(path)).events:
        pass


def report(name: str, n_event: int, work: Callable[[], object]) -> None:
    times = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    print(f"{name:32s} {min(times) / n_event * 1e6:8.1f} us", flush=True)


def report_pylhe(plain: Path, packed: Path, folder: Path, n_event: int) -> None:
    report("pylhe read, plain", n_event, lambda: read_pylhe(plain))
    report("pylhe read, gzip", n_event, lambda: read_pylhe(packed))
    file = pylhe.LHEFile.fromfile(str(plain))
    file.events = list(file.events)
    report("pylhe write, plain", n_event, lambda: file.tofile(str(folder / "p.lhe")))


def report_ours(plain: Path, packed: Path, folder: Path, n_event: int) -> None:
    report("read, plain", n_event, lambda: read(plain))
    report("read, gzip", n_event, lambda: read(packed))
    with lhe.read(plain) as reader:
        events, init = list(reader), reader.init
    assert init is not None
    for style in lhe.STYLES.values():
        report(
            f"write, plain, {style.name}", n_event, lambda s=style: write(folder / "b.lhe", events, init, s)
        )
    report("write, gzip, madgraph", n_event, lambda: write(folder / "b.lhe.gz", events, init, lhe.MADGRAPH))
    report("compare, identical", n_event, lambda: lhe.compare(plain, packed))
    write(folder / "c.lhe", events, init, lhe.EXACT)
    report("compare, no text identical", n_event, lambda: lhe.compare(plain, folder / "c.lhe"))
    tracemalloc.start()
    read(packed)
    print(f"{'largest memory of reading, gzip':32s} {tracemalloc.get_traced_memory()[1] / 2**20:8.1f} MiB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--events", type=int, default=20000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plain, packed = repeat(given.file, folder, given.events)
        print(f"{given.events} events, {plain.stat().st_size / given.events:.0f} bytes each")
        report_ours(plain, packed, folder, given.events)
        if pylhe is not None:
            report_pylhe(plain, packed, folder, given.events)


if __name__ == "__main__":
    main()
