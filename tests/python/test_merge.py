"""What injected directories' own Python programs use: merging, joining, compressing.

Oracle: the same steps without it, on files like those of jobs and on odd ones (`small_parser`).
"""

from __future__ import annotations

import gzip
import inspect
import io
import os
import random
import re
import signal
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import small_parser
from directories import small_directory

from bridge.madevent import glue, inject, plan
from bridge.madevent.run import channels, gzip_stream, merge, native

SYSTEMATICS = "<mgrwt>\n<rscale>  1 0.50968425E+02</rscale>\n<asrwt>0</asrwt>\n<totfact> 0.2E+06</totfact>\n</mgrwt>\n"
CLUSTERING = '<clustering>\n<clus scale="  10.5">  1  2  3</clus>\n</clustering>\n'
SCALES = '<scales pt_clust_3="0.35E+02" pt_clust_4="0.7E+04"></scales>\n'


@pytest.fixture(autouse=True)
def _library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "LIBRARY", plan._library())
    for name in ("MEBRIDGE", "MEBRIDGE_GLUE"):
        monkeypatch.delenv(name, raising=False)


def _fortran(value: float, n_digit: int = 11) -> str:
    """As E19.11 writes it."""
    digits, exponent = f"{abs(value):.{n_digit - 1}e}".split("e")
    power = int(exponent) + (value != 0)
    sign = "-" if str(value).startswith("-") else ""
    return f"{sign}0.{digits.replace('.', '')}E{power:+03}"


def _number(generator: random.Random) -> float:
    return generator.choice([0.0, -0.0, 1.0, 1e-99, generator.uniform(-1e3, 1e3), 10 ** generator.uniform(-90, 90)])


def _particle(generator: random.Random, codes: str, energy: float | None = None) -> str:
    momentum = [_fortran(_number(generator)) for _ in range(3)]
    size = abs(generator.uniform(1, 7e3)) if energy is None else energy
    return f"  {codes} {' '.join(momentum)} {_fortran(size)} {_fortran(0.0)} 0. {generator.choice((-1, 1))}.\n"


def event(generator: random.Random, tags: str = SYSTEMATICS, weight: str | None = None, extra: str = "") -> str:
    """One event as jobs write it."""
    size = weight or _fortran(generator.choice([-1, 1, 1, 1]) * generator.uniform(0.1, 2), 7)
    codes = ("21 -1 0 0 501 502", "-4 -1 0 0 0 501", "23 2 1 2 0 0", "-11 1 3 3 0 0", "11 1 3 3 0 0")
    lines = "".join(_particle(generator, item) for item in codes)
    numbers = f"{_fortran(91.188, 7)}  {_fortran(0.0075, 7)}  {_fortran(0.13, 7)}"
    return f"<event>\n 5   1  {size}  {numbers}\n{lines}{extra}{tags}</event>\n"


def _odd_events(generator: random.Random) -> list[str]:
    usual = event(generator)
    flat = re.compile(r"0\.\d{11}E")
    return [
        *(event(generator, tags) for tags in ("", SCALES + SYSTEMATICS, SYSTEMATICS + CLUSTERING)),
        event(generator, "<rwgt>\n<wgt id='1'> +1.0e+00 </wgt>\n</rwgt>\n"),
        event(generator, "# a comment\n" + SYSTEMATICS),
        event(generator, "\n  <tag> \n\n x </tag>\t\n"),
        event(generator, extra=_particle(generator, "21 1 1 2 501 0", energy=0.0)),
        event(generator, extra="  6 1 7 1 0 0 NaN Infinity -Infinity NaN 1.0 0. 9. extra words\n"),
        event(generator, extra="  6. 1 1 2 0 0 1 .5 5. 1e1 123456789012345678901234567890 0.123456789 -1E-300\n"),
        event(generator, extra="  6 1 1 2 0 0 1e300 2.5e-310 0.99999999999999999 9.99999999995 4 0.00005 1.00005\n"),
        event(generator, weight="-1.5"),
        event(generator, weight="0.1234567E+001"),
        flat.sub("0.12345678905E", usual),
        usual.replace("</mgrwt>\n</event>", "</mgrwt></event>"),
        usual.replace(" 5   1", "\t 5\t1"),
        "<event>\n 5 1 0.1E+01 1. 1. 1.\n 21 -1 0 0 501" + "\n" + usual,  # the first one is cut off
    ]


def _merged(directory: Path, names: dict[str, Any], paths: list[Path], output: str, target: int) -> tuple[Any, ...]:
    """Result, text, and the state of the generator of random numbers after a merging."""
    random.seed(11)
    files = names["MultiEventFile"]([str(path) for path in paths], [2.0 + i for i in range(len(paths))])
    path = directory / output
    try:
        result = files.unweight(str(path), lambda event: event.wgt, event_target=target)
    except (RuntimeError, AssertionError, ValueError) as error:
        return (type(error),)
    finally:
        for file in files.files:
            file.close()
    text = gzip.decompress(path.read_bytes()) if output.endswith(".gz") else path.read_bytes()
    return result, text, random.getstate()


def _compare(directory: Path, event_class: Any, paths: list[Path], output: str = "o.lhe.gz", target: int = 30) -> Any:
    """Compares with and without; returns how many events the parser had to read with it."""
    expected = _merged(directory, small_parser.namespace(event_class), paths, output, target)
    n_parsed = 0

    class Counted(event_class):  # type: ignore[misc]
        def __init__(self, text: Any = None, **options: bool) -> None:
            nonlocal n_parsed
            n_parsed += 1
            event_class.__init__(self, text, **options)

    if event_class is small_parser.LateEvent:
        Counted.__init__.__signature__ = inspect.signature(event_class.__init__)  # type: ignore[attr-defined]
    names = small_parser.namespace(Counted)
    merge.install(names)
    assert _merged(directory, names, paths, output, target) == expected
    assert names["random"] is random
    return n_parsed


EVENT_CLASSES = pytest.mark.parametrize("event_class", [small_parser.Event, small_parser.LateEvent])


def _write_files(directory: Path, texts: list[str]) -> list[Path]:
    paths = [directory / f"events{i}.lhe" for i in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    return paths


@EVENT_CLASSES
@pytest.mark.parametrize("output", ["o.lhe.gz", "o.lhe"])
def test_usual_events_are_not_parsed(tmp_path: Path, event_class: Any, output: str) -> None:
    generator = random.Random(3)
    texts = ["".join(event(generator) for _ in range(n)) for n in (40, 1, 300, 7)]
    for target in (30, 300):
        assert _compare(tmp_path, event_class, _write_files(tmp_path, texts), output, target) == 0


@EVENT_CLASSES
def test_odd_events(tmp_path: Path, event_class: Any) -> None:
    generator = random.Random(4)
    texts = ["".join(_odd_events(generator)) for _ in range(20)]
    n_parsed = _compare(tmp_path, event_class, _write_files(tmp_path, texts), target=1000)
    assert 0 < n_parsed < 20 * len(_odd_events(generator))


@EVENT_CLASSES
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<event>", "<event id='1'>"),
        ("<event>\n", ""),  # ends without having begun
        (" 5   1  ", " 5   1  7 "),
        (" 5   1  ", " 5   1  NaN"),
        ("</event>", ""),
        ("<event>\n", "<event>\r\n"),
        ("<event>\n", "<event>\n# comment\n"),
    ],
)
def test_files_that_jobs_do_not_write(tmp_path: Path, event_class: Any, old: str, new: str) -> None:
    generator = random.Random(5)
    good = "".join(event(generator) for _ in range(20))
    bad = event(generator).replace(old, new, 1)
    for text in (good + bad, bad + good):
        _compare(tmp_path, event_class, _write_files(tmp_path, [good, text]))


@EVENT_CLASSES
def test_empty_and_truncated_files(tmp_path: Path, event_class: Any) -> None:
    generator = random.Random(6)
    good = "".join(event(generator) for _ in range(20))
    for other in ("", "\n", "<LesHouchesEvents>\n", good[:-200], good + good[:150], good[:-1]):
        _compare(tmp_path, event_class, _write_files(tmp_path, [good, other]))


def test_compressed_input_behind_a_header(tmp_path: Path) -> None:
    generator = random.Random(7)
    text = "<LesHouchesEvents>\n<init>\n 1 2\n</init>\n" + "".join(event(generator) for _ in range(50))
    paths = [tmp_path / "a.lhe.gz", tmp_path / "b.lhe"]
    paths[0].write_bytes(gzip.compress(text.encode()))
    paths[1].write_text(text)
    assert _compare(tmp_path, small_parser.Event, paths) == 0
    paths[0].write_bytes(gzip.compress(text.encode())[:-900])  # cut off
    with pytest.raises(EOFError):
        _compare(tmp_path, small_parser.Event, paths)


def test_other_weights_are_read_by_the_parser(tmp_path: Path) -> None:
    """A weight that is not XWGTUP: whatever else is asked of an event is there."""
    generator = random.Random(8)
    paths = _write_files(tmp_path, ["".join(event(generator) for _ in range(30))] * 2)
    results = []
    for is_installed in (False, True):
        names = small_parser.namespace(small_parser.Event)
        if is_installed:
            merge.install(names)
        random.seed(2)
        files = names["MultiEventFile"](list(map(str, paths)), [1.0, 2.0])
        files.unweight(str(tmp_path / "o"), lambda event: event.wgt * event[0][9] + len(event), event_target=20)
        for file in files.files:
            file.close()
        results.append((tmp_path / "o").read_bytes())
    assert results[0] == results[1]


@pytest.mark.parametrize(("name", "value"), [("MEBRIDGE", "0"), ("MEBRIDGE_GLUE", "none"), ("MEBRIDGE_GLUE", "io,pdf")])
def test_switched_off_nothing_is_replaced(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    names = small_parser.namespace(small_parser.Event)
    before = dict(vars(names["MultiEventFile"]))
    merge.install(names)
    assert dict(vars(names["MultiEventFile"])) == before


def test_without_the_library_everything_is_as_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "LIBRARY", tmp_path / "missing.so")
    generator = random.Random(9)
    paths = _write_files(tmp_path, ["".join(event(generator) for _ in range(30))])
    assert _compare(tmp_path, small_parser.Event, paths) > 0


def test_numbers_as_python_writes_them(tmp_path: Path) -> None:
    """Oracle: %+13.10e and %10.4e of float()."""
    generator = random.Random(10)
    words = [
        *(f"{generator.choice('+- ').strip()}{generator.randrange(10**n)}.{generator.randrange(10**m)}e{e}"
          for n in (1, 3, 9) for m in (1, 4, 9, 16) for e in (-310, -290, -5, 0, 7, 250, 298)),
        *(f"1.{'0' * n}5" for n in range(12)),
        *(f"9.{'9' * n}" for n in range(1, 18)),
    ]  # fmt: skip
    lines = "".join(f" 6 1 1 2 0 0 {w} {w} {w} {w} 1{w.lstrip('+-')} {w} {w}\n" for w in words if float(w) != 0)
    paths = _write_files(tmp_path, [event(generator, extra=lines)] * 2)
    assert _compare(tmp_path, small_parser.Event, paths, target=2) <= 2  # 2.5e-310 and the like


@pytest.mark.parametrize("n_event", [[1], [0, 3, 0], [5, 1, 1000, 0, 77], list(range(40))])
def test_draws_are_those_of_python(n_event: list[int]) -> None:
    library = native.load()
    assert library is not None
    for seed in range(5):
        random.seed(seed)
        random.gauss(0, 1)
        state = random.getstate()
        files, numbers = native.draw(library, n_event)
        after = random.getstate()
        random.setstate(state)
        left = list(n_event)
        for file, number in zip(files, numbers, strict=True):
            rank = random.randint(1, sum(left))
            expected = next(i for i in range(len(left)) if sum(left[: i + 1]) >= rank)
            left[expected] -= 1
            assert (file, number) == (expected, random.random())
        assert sum(left) == 0
        assert random.getstate() == after


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (5 << 20) + 17])
def test_compressed_text_is_one_gzip_file(size: int) -> None:
    text = bytes(random.Random(size).choices(b"0123456789E+ \n", k=min(size, 1 << 18)))
    text = (text * (size // max(1, len(text)) + 1))[:size]
    file = io.BytesIO()
    gzip_stream.write_compressed(file, "events.lhe", iter([text[i : i + 300_000] for i in range(0, size, 300_000)]), 6)
    reader = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    assert reader.decompress(file.getvalue()) == text
    assert reader.eof
    assert reader.unused_data == b""
    assert gzip.decompress(file.getvalue()) == text


def test_an_output_is_whole_or_as_before(tmp_path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"half" * (1 << 20)
        raise OSError("no space left")

    for name in ("o.lhe", "o.lhe.gz"):
        (tmp_path / name).write_text("before")
        with pytest.raises(OSError, match="no space left"):
            merge._write(tmp_path / name, pieces())
        assert (tmp_path / name).read_text() == "before"
    assert len(list(tmp_path.iterdir())) == 2


KILLED = """
import os, signal, sys
from pathlib import Path
from bridge.madevent.run import merge
def pieces():
    for i in range(20):
        if i == 12:
            os.kill(os.getpid(), signal.SIGKILL)
        yield os.urandom(1 << 20)
merge._write(Path(sys.argv[1]), pieces())
"""


@pytest.mark.parametrize("name", ["o.lhe", "o.lhe.gz"])
def test_killed_while_writing_there_is_no_output(tmp_path: Path, name: str) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / name)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert not (tmp_path / name).exists()


class _CombineRuns:
    @staticmethod
    def get_fortran_str(value: float) -> str:
        return f"{value:.7E}"


def _joined(text: str, weight: str) -> tuple[int, str]:
    """Line by line: the weight after each line that begins with <event>."""
    lines, n, before = [], 0, ""
    for line in io.StringIO(text):
        if before.startswith("<event>"):
            n += 1
            words = line.split()
            assert len(words) == 6
            sign = "" if float(words[2]) > 0 else "-"
            line = f" {'   '.join(words[:2])}  {sign}{weight}  {'  '.join(words[3:])}\n"
        lines.append(line)
        before = line
    return n, "".join(lines)


def test_joining_the_files_of_a_channel(tmp_path: Path) -> None:
    names: dict[str, Any] = {"CombineRuns": _CombineRuns, "MadGraph5Error": RuntimeError}
    channels.install(names)
    combine, path = _CombineRuns(), tmp_path / "events.lhe"
    generator = random.Random(12)
    usual = "".join(event(generator) for _ in range(50)) + "".join(_odd_events(generator))
    for text in (
        usual,
        usual.replace("\n", "\r\n"),
        "",
        "text\n <event>\n<event>",
        usual[:-300],
        "<event> x\n1 2 nan 4 5 6",
    ):
        path.write_bytes(text.encode())
        output = io.StringIO()
        n = combine.copy_events(output, str(path), 0.25)  # type: ignore[attr-defined]
        assert (n, output.getvalue()) == _joined(text.replace("\r\n", "\n"), "2.5000000E-01")
    for text in ("<event>\n\n", "<event>\n<event>\n", "<event>\n1 2 3\n"):
        path.write_text(text)
        with pytest.raises(RuntimeError, match="6 entries"):
            combine.copy_events(io.StringIO(), str(path), 0.25)  # type: ignore[attr-defined]


def test_compression_of_the_merged_file_alone_is_replaced(tmp_path: Path) -> None:
    names = small_parser.namespace(small_parser.Event)
    called: list[str] = []
    names["misc"].gzip = lambda path, **_: called.append(path)
    merge.install(names)
    for name in ("unweighted_events.lhe", "other.lhe"):
        (tmp_path / name).write_text("text\n")
        names["misc"].gzip(str(tmp_path / name))
    names["misc"].gzip(str(tmp_path / "unweighted_events.lhe"), stdout="x")
    assert gzip.decompress((tmp_path / "unweighted_events.lhe.gz").read_bytes()) == b"text\n"
    assert not (tmp_path / "unweighted_events.lhe").exists()
    assert [os.path.basename(path) for path in called] == ["other.lhe", "unweighted_events.lhe"]


def test_hooks_are_added_to_files_that_are_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "bin" / "internal"
    folder.mkdir(parents=True)
    for name in ("lhe_parser.py", "combine_runs.py", "coloring_logging.py"):
        (folder / name).write_text("x = 1")
    monkeypatch.setattr(glue, "_known", lambda: {"lhe_parser.py": [glue.file_digest(b"x = 1")]})
    edits = glue.hooks(tmp_path)
    assert sorted(edits) == ["bin/internal/coloring_logging.py", "bin/internal/lhe_parser.py"]
    for text in edits.values():
        names: dict[str, Any] = {}
        exec(text, names)  # without our modules beside it: nothing happens
        assert names["x"] == 1


def _files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() if path.is_file() else b"" for path in root.rglob("*")}


def test_injected_programs_import_our_modules_until_ejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = small_directory(tmp_path / "directory")
    combine_runs = root / "bin" / "internal" / "combine_runs.py"
    combine_runs.write_text("MadGraph5Error = ValueError\nclass CombineRuns:\n    pass\n")
    known = {"combine_runs.py": [glue.file_digest(combine_runs.read_bytes())]}
    monkeypatch.setattr(glue, "_known", lambda: known)
    before = _files(root / "bin")
    inject.inject(root)
    program = "import internal.combine_runs as module; print(module.CombineRuns.copy_events.__module__)"
    command = [sys.executable, "-c", program]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    done = subprocess.run(command, cwd=root / "bin", check=True, capture_output=True, text=True, env=environment)
    assert done.stdout == "internal.mebridge.channels\n"
    inject.eject(root)
    after = _files(root / "bin")
    assert {name: data for name, data in after.items() if "__pycache__" not in name} == before
    assert not any("mebridge" in name for name in after)


def test_every_module_is_copied() -> None:
    folder = Path(merge.__file__).parent
    assert sorted(glue.RUN_MODULES) == sorted(path.stem for path in folder.glob("*.py"))
