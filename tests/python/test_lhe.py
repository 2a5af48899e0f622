"""Les Houches event files: read, write, compare.

Oracles: the bytes of MG5_aMC's own files (here in miniature; MEBRIDGE_REAL_DIRS: directories with
Events/*/unweighted_events.lhe.gz), and pylhe for what we write.
"""

# ruff: noqa: E501 (event files have long lines)

from __future__ import annotations

import argparse
import dataclasses
import gzip
import itertools
import json
import math
import os
import re
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bridge import lhe
from bridge.exceptions import ArgumentError
from bridge.lhe.command import add_compare
from bridge.lhe.difference import agree
from bridge.lhe.numbers import integral, real, scientific

DIRECTORIES = [Path(item) for item in os.environ.get("MEBRIDGE_REAL_DIRS", "").split(os.pathsep) if item]

HEADER = """\
<LesHouchesEvents version="3.0">
<header>
<MGVersion>
# <init> and <event> in a header mean nothing
</MGVersion>
<event>
</header>
"""
INIT = """\
<init>
2212 2212 6.500000e+03 6.500000e+03 0 0 247000 247000 -4 2
4.397010e+02 1.077715e+00 8.466969e+02 1
4.069959e+02 3.098519e+00 8.466969e+02 2
<generator name='MadGraph5_aMC@NLO' version='3.5.7'>please cite 1405.0301 </generator>
</init>
"""
EXTRA = """\
<mgrwt>
<rscale>  2 0.10239442E+03</rscale>
<pdfrwt beam="1">  1       21 0.14092753E-01 0.10239442E+03</pdfrwt>
<totfact> 0.11588844E+05</totfact>
</mgrwt>
"""
# as lhe_parser.py of 3.5.7 writes them
MADGRAPH = (
    f"""\
<event>
 4      1 +4.4130400e+02 1.78152800e+02 7.54677100e-03 1.16960300e-01
       21 -1    0    0  501  502 +0.0000000000e+00 +0.0000000000e+00 +3.0028209682e+02 3.0028209682e+02 0.0000000000e+00 0.0000e+00 1.0000e+00
       21 -1    0    0  502  503 -0.0000000000e+00 -0.0000000000e+00 -1.1256082742e+02 1.1256082742e+02 0.0000000000e+00 0.0000e+00 1.0000e+00
        6  1    1    2  501    0 +9.9999998245e-15 -3.7434316234e-120 +6.1288674421e+00 2.2725350854e+02 1.7300000000e+02 0.0000e+00 -1.0000e+00
       -6  1    1    2    0  503 -9.9532160446e+01 -1.0673399736e+02 -3.7434316234e+102 4.3744782585e+02 1.7300000000e+02 1.2346e-03 9.0000e+00
{EXTRA}</event>
""",
    """\
<event id="2">
 4      2 -8.2043850e+03 4.72300500e+01 7.54677100e-03 1.46088100e-01
        2 -1    0    0  502    0 +0.0000000000e+00 +0.0000000000e+00 +3.1318031968e+02 3.1318031968e+02 0.0000000000e+00 0.0000e+00 1.0000e+00
       -2 -1    0    0    0  501 -0.0000000000e+00 -0.0000000000e+00 -1.3498151086e+01 1.3498151086e+01 0.0000000000e+00 0.0000e+00 -1.0000e+00
  1000006  1    1    2  502    0 +1.0296306278e+00 +3.5851378628e+01 +6.0560791169e+01 7.0541341891e+01 4.7000000000e+00 0.0000e+00 0.0000e+00
 -1000006  1    1    2    0  501 -1.0296306278e+00 -3.5851378628e+01 +6.0560791169e+01 7.0541341891e+01 -4.7000000000e+00 0.0000e+00 0.0000e+00
</event>
""",
)
# as 3.7 writes them
STRIPPED = (
    f"""\
<event>
2 1 +4.0954637e+02 0.2611584E+03 0.7546771E-02 0.1106449E+00
21   -1    0    0  504  503 -0.00000000000E+00 -0.00000000000E+00 -0.23832190466E+03  0.23832190466E+03  0.00000000000E+00 0. -1.
-6    1    1    2    0  502 -0.20797675304E-11 -0.10903157197E+01  0.15136625836-102  0.30999397214E+03  0.17300000000E+03 0.  1.
<scales pt_clust_3="13000.00000" pt_clust_4="85.37426"></scales>
{EXTRA}</event>
""",
)
# as rw_events.f of all versions writes them
FORTRAN = (
    f"""\
<event>
 2    1 -0.1408427E-001  0.8599809E+02  0.7546771E-02  0.1475091E+00
         21   -1    0    0  502  501 -0.00000000000E+00  0.00000000000E+00  0.18804797441E+02  0.18804797441E+02  0.00000000000E+00 0.  1.
        -11    1    1    2    0    0  0.11104088745E+02  0.21560275458E+02 -0.12743832778+103  0.12972537783E+03  0.00000000000E+00 0. -1.
{EXTRA}</event>
""",
)
END = "</LesHouchesEvents>\n"
FILES = {
    "madgraph": HEADER + INIT + "".join(MADGRAPH) + END,
    "stripped": HEADER + INIT + "".join(STRIPPED) + END,
    "fortran": HEADER + INIT + "".join(FORTRAN) + END,
}
GOOD = FILES["madgraph"]


def put(path: Path, text: str) -> Path:
    data = text.encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def text_of(path: Path) -> str:
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode()


def copy(source: Path, target: Path, style: lhe.Style | None = None) -> None:
    with lhe.read(source) as events:
        assert events.init is not None
        style = style or events.style
        assert style is not None
        with lhe.write(target, events.init, events.header, style) as out:
            for event in events:
                out.write(event)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return put(tmp_path / "good.lhe", GOOD)


# numbers


@pytest.mark.parametrize(
    ("value", "digits", "exponent", "text"),
    [
        (0.0, 11, 2, "0.00000000000E+00"),
        (-0.0, 11, 2, "-0.00000000000E+00"),
        (730.24607574, 11, 2, "0.73024607574E+03"),
        (0.99999999999999, 7, 2, "0.1000000E+01"),
        (1.5e-100, 11, 2, "0.15000000000E-99"),
        (1.5e-101, 11, 2, "0.15000000000-100"),
        (-1.5e99, 11, 2, "-0.15000000000+100"),
        (0.01408427, 7, 3, "0.1408427E-001"),
        (1e-200, 7, 3, "0.1000000E-199"),
    ],
)
def test_scientific(value: float, digits: int, exponent: int, text: str) -> None:
    assert scientific(value, digits, exponent) == text
    assert real(text) == pytest.approx(value, rel=1e-6)
    assert math.copysign(1, real(text)) == math.copysign(1, value)


def test_fortran_notation() -> None:
    assert [real(text) for text in ("1D+02", "-.5d1", "0.1-100", "2.", "7")] == [100, -5, 1e-101, 2, 7]
    for text in ("", "***", "1e", "e5", "0x1"):
        with pytest.raises(ValueError, match="could not convert"):
            real(text)


def test_integral() -> None:
    assert [integral(value, 4) for value in (-1.0, 9.0, -0.0)] == [" -1.", "  9.", " -0."]
    for value in (0.5, 1000.0):
        with pytest.raises(ArgumentError):
            integral(value, 4)


# reading


@pytest.mark.parametrize("suffix", [".lhe", ".lhe.gz"])
def test_read(tmp_path: Path, suffix: str) -> None:
    with lhe.read(put(tmp_path / f"a{suffix}", GOOD)) as reader:
        assert reader.header == HEADER
        assert reader.style is lhe.MADGRAPH
        init = reader.init
        events = list(reader)
    assert init is not None
    assert (init.beam_pdg_id, init.beam_energy) == ((2212, 2212), (6500.0, 6500.0))
    assert (init.pdf_group, init.pdf_set, init.weight_strategy) == ((0, 0), (247000, 247000), -4)
    assert init.subprocesses[1] == lhe.Subprocess(406.9959, 3.098519, 846.6969, 2)
    assert init.cross_section == pytest.approx(846.6969)
    assert init.extra.startswith("<generator")
    first, second = events
    assert (first.process_id, first.weight, first.scale) == (1, 441.304, 178.1528)
    assert (first.alpha_em, first.alpha_s) == (0.007546771, 0.1169603)
    assert first.extra == EXTRA
    assert (first.attributes, second.attributes) == ("", ' id="2"')
    top = first.particles[2]
    assert (top["pdg_id"], top["status"], top["mass"], top["helicity"]) == (6, 1, 173, -1)
    assert (top["mother"].tolist(), top["color"].tolist()) == ([1, 2], [501, 0])
    assert top["momentum"].tolist() == [227.25350854, 9.9999998245e-15, -3.7434316234e-120, 6.1288674421]
    assert first.particles["lifetime"][3] == 1.2346e-3
    assert np.signbit(first.momenta[1, 1])
    assert first.momenta.shape == (4, 4)
    assert second.particles["pdg_id"].tolist() == [2, -2, 1000006, -1000006]
    with pytest.raises(ValueError, match="read-only"):
        first.particles["mass"][0] = 1


@pytest.mark.parametrize("text", ["", "\n", *["".join(FORTRAN) * n for n in (1, 3)]])
def test_file_of_a_single_job(tmp_path: Path, text: str) -> None:
    with lhe.read(put(tmp_path / "events.lhe", text)) as reader:
        assert reader.init is None
        assert len(list(reader)) == text.count("</event>")


def test_many_events_across_chunks(tmp_path: Path) -> None:
    n_event = 1500
    bodies = [MADGRAPH[i % 2].replace("<event>", f'<event n="{i}">') for i in range(n_event)]
    with lhe.read(put(tmp_path / "a.lhe.gz", HEADER + INIT + "".join(bodies) + END)) as reader:
        for i, event in enumerate(reader):
            assert event.attributes == (' id="2"' if i % 2 else f' n="{i}"')
    assert i == n_event - 1


def test_foreign_layout(tmp_path: Path) -> None:
    """Indentation, event groups, comments, D exponents, Windows line ends."""
    body = MADGRAPH[1].replace("<event", "  <event").replace("e+0", "D+0")
    text = HEADER + "  " + INIT + f"<eventgroup>\n{body}</eventgroup>\n<!-- é -->\n{body}" + END
    with lhe.read(put(tmp_path / "a.lhe", text)) as reader:
        assert reader.style is None
        first, second = reader
    assert first.before == "<eventgroup>\n  "
    assert second.before == "</eventgroup>\n<!-- é -->\n  "
    assert first.weight == -8204.385
    with lhe.read(put(tmp_path / "b.lhe", GOOD.replace("\n", "\r\n"))) as reader:
        assert [len(event.particles) for event in reader] == [4, 4]


def damaged(old: str, new: str, text: str = GOOD) -> str:
    assert old in text
    return text.replace(old, new, 1)


LINE_OF_INIT = GOOD.split("\n").index("<init>") + 1
LINE_OF_EVENT = LINE_OF_INIT + 6
LINE_OF_SECOND = LINE_OF_EVENT + MADGRAPH[0].count("\n")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("no such thing\n", 1, "not a Les Houches"),
        ("no such thing", 1, "not a Les Houches"),
        (HEADER[:-11], None, "</header>"),
        (HEADER, None, "neither"),
        (damaged("</init>", ""), LINE_OF_INIT, "</init>"),
        (damaged(" -4 2", " -4"), LINE_OF_INIT + 1, "10 numbers"),
        (damaged(" -4 2", " -4 7"), LINE_OF_INIT + 1, "4 numbers|announced"),
        (damaged("4.397010e+02", "x"), LINE_OF_INIT + 2, "'x'"),
        (GOOD[: -len(END)], None, "</LesHouchesEvents>"),
        (GOOD[: GOOD.rindex("</event>")], LINE_OF_SECOND, "without </event>"),
        (damaged("</event>\n", ""), LINE_OF_SECOND - 1, "before </event>"),
        (damaged("\n 4      1", "\n 5      1"), LINE_OF_EVENT + 6, "13 numbers"),
        (damaged("\n 4      1", "\n 3      1"), LINE_OF_EVENT + 5, "more"),
        (damaged("\n 4      2", "\n 9      2"), LINE_OF_SECOND + 1, "9 particles announced"),
        (damaged("\n 4      2", "\n x      2"), LINE_OF_SECOND + 1, "'x'"),
        (damaged("\n 4      2", "\n 0      2"), LINE_OF_SECOND + 1, "'0'"),
        (damaged("\n 4      2", "\n        2"), LINE_OF_SECOND + 1, "6 numbers"),
        (damaged("1.78152800e+02", "*********"), LINE_OF_EVENT + 1, r"\*\*\*"),
        (damaged("3.0028209682e+02", "3.00282x"), LINE_OF_EVENT + 2, "3.00282x"),
        (damaged("  502  503", "  502 5.3"), LINE_OF_EVENT + 3, "5.3"),
        (damaged("  502  503", " 502 9999999999999"), LINE_OF_EVENT + 3, "int"),
        (damaged("       21 -1", "1" + 30 * "0" + " -1"), LINE_OF_EVENT + 2, "int"),
        (damaged("  502  503", "  503"), LINE_OF_EVENT + 3, "13 numbers"),
        (damaged(MADGRAPH[0].split("\n")[2], ""), LINE_OF_EVENT + 2, "13 numbers"),
    ],
    ids=itertools.count(),
)
def test_damaged(tmp_path: Path, text: str, line: int | None, message: str) -> None:
    path = put(tmp_path / "a.lhe", text)
    with pytest.raises(lhe.LheError, match=message) as caught, lhe.read(path) as reader:
        list(reader)
    assert caught.value.file == path
    assert line is None or caught.value.line == line
    assert str(caught.value).startswith(f"{path}:")


@pytest.mark.parametrize("part", [0.2, 0.5, 0.9, 0.999])
def test_truncated_gzip(tmp_path: Path, part: float) -> None:
    rng = np.random.default_rng(1)
    body = "".join(MADGRAPH[0].replace("4.4130400", f"{x:.7f}") for x in rng.uniform(1, 9, 300))
    data = gzip.compress((HEADER + INIT + body + END).encode())
    path = tmp_path / "a.lhe.gz"
    path.write_bytes(data[: int(part * len(data))])
    with pytest.raises(lhe.LheError, match="cut off"), lhe.read(path) as reader:
        list(reader)
    path.write_bytes(data[:-200] + bytes(200))
    with pytest.raises(lhe.LheError), lhe.read(path) as reader:
        list(reader)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        lhe.read(tmp_path / "missing.lhe")


def test_constant_memory(tmp_path: Path) -> None:
    def peak(n_event: int) -> int:
        path = tmp_path / f"{n_event}.lhe.gz"
        with gzip.open(path, "wt", compresslevel=1) as out:
            out.write(HEADER + INIT)
            out.writelines(itertools.repeat(MADGRAPH[0], n_event))
            out.write(END)
        tracemalloc.start()
        with lhe.read(path) as events, lhe.write(tmp_path / "out.lhe.gz", events.init) as out:
            for event in events:
                out.write(event)
        largest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return largest

    assert peak(4000) < 1.2 * peak(1000)


# writing


@pytest.mark.parametrize("suffix", [".lhe", ".lhe.gz"])
@pytest.mark.parametrize("name", FILES)
def test_round_trip_of_bytes(tmp_path: Path, name: str, suffix: str) -> None:
    source = put(tmp_path / f"a{suffix}", FILES[name])
    with lhe.read(source) as reader:
        assert reader.style is lhe.STYLES[name]
    copy(source, tmp_path / f"b{suffix}")
    assert text_of(tmp_path / f"b{suffix}") == FILES[name]
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"a{suffix}", f"b{suffix}"]


def test_exact(tmp_path: Path) -> None:
    momenta = np.random.default_rng(1).normal(0, 1e3, (5, 4))
    particles = lhe.make_particles([1, 2, 3, 4, 5], 1, 0, [501, 0], momenta, 1 / 3, -1.0, 1e-7 / 3)
    event = lhe.Event(1, 1 / 3, 91.188, 1 / 137, 0.118, particles)
    with lhe.read(put(tmp_path / "a.lhe", GOOD)) as reader:
        init = reader.init
    assert init is not None
    with lhe.write(tmp_path / "b.lhe", init, style=lhe.EXACT) as out:
        out.write(event)
    with lhe.read(tmp_path / "b.lhe") as reader:
        (again,) = reader
        assert reader.style is lhe.EXACT
    assert np.array_equal(again.particles, particles)
    assert (again.weight, again.alpha_em) == (event.weight, event.alpha_em)


def test_same_bytes_again(tmp_path: Path, good: Path) -> None:
    for name in ("a.lhe.gz", "b.lhe.gz"):
        copy(good, tmp_path / name)
    assert (tmp_path / "a.lhe.gz").read_bytes() == (tmp_path / "b.lhe.gz").read_bytes()


def _events(path: Path) -> tuple[lhe.Init, list[lhe.Event]]:
    with lhe.read(path) as reader:
        assert reader.init is not None
        return reader.init, list(reader)


def _fail(path: Path, good: Path) -> None:
    init, events = _events(good)
    with lhe.write(path, init) as out:
        out.write(events[0])
        raise KeyboardInterrupt


@pytest.mark.parametrize("name", ["b.lhe", "b.lhe.gz"])
def test_nothing_half_written(tmp_path: Path, good: Path, name: str) -> None:
    path = tmp_path / name
    with pytest.raises(KeyboardInterrupt):
        _fail(path, good)
    assert list(tmp_path.iterdir()) == [good]
    path.write_text("from before")
    with pytest.raises(KeyboardInterrupt):
        _fail(path, good)
    assert path.read_text() == "from before"


FULL = """
import resource, sys
from bridge import lhe
source, target = sys.argv[1:]
with lhe.read(source) as reader:
    init, events = reader.init, list(reader)
resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))
try:
    with lhe.write(target, init, style=lhe.EXACT) as out:
        for i in range(2000):
            out.write(lhe.Event(i, i / 7, 1 / (i + 1), 1, 1, events[0].particles))
except OSError as error:
    print("OSError", error.errno)
"""


@pytest.mark.parametrize("name", ["b.lhe", "b.lhe.gz"])
def test_no_room(tmp_path: Path, good: Path, name: str) -> None:
    command = [sys.executable, "-c", FULL, str(good), str(tmp_path / name)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("OSError"), done.stderr
    assert list(tmp_path.iterdir()) == [good]


def test_failing_close(tmp_path: Path, good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        copy(good, tmp_path / "b.lhe")
    assert list(tmp_path.iterdir()) == [good]


def test_wrong_events(tmp_path: Path, good: Path) -> None:
    init, (event, _) = _events(good)
    particles = event.particles.copy()
    particles["momentum"][1, 2] = math.nan
    wrong = {
        "not finite": dataclasses.replace(event, particles=particles),
        "dtype": dataclasses.replace(event, particles=np.zeros((4, 13))),
    }
    for message, bad in wrong.items():
        with pytest.raises(ArgumentError, match=message), lhe.write(tmp_path / "b.lhe", init) as out:
            out.write(bad)
    with (
        pytest.raises(ArgumentError, match="decimals"),
        lhe.write(tmp_path / "b.lhe", init, style=lhe.FORTRAN) as out,
    ):
        out.write(event)  # has a lifetime
    with pytest.raises(ArgumentError, match="regular"):
        lhe.write("/dev/null", init)
    with pytest.raises(ArgumentError, match=r"momentum: .*4\), got \(4,\)"):
        lhe.make_particles(1, 1, 0, 0, np.zeros(4), 0)
    with pytest.raises(ArgumentError, match="color"):
        lhe.make_particles(1, 1, 0, np.zeros((2, 3)), np.zeros((2, 4)), 0)
    assert list(tmp_path.iterdir()) == [good]


@pytest.mark.parametrize("style", lhe.STYLES)
@pytest.mark.parametrize("name", ["b.lhe", "b.lhe.gz"])
def test_pylhe_reads_it(tmp_path: Path, style: str, name: str) -> None:
    pylhe = pytest.importorskip("pylhe")
    # gfortran's exponents of three digits are beyond pylhe, and so are lifetimes beyond Fortran's F3.0
    text = (
        GOOD.replace(HEADER, lhe.HEADER)
        .replace("e-120", "e-12")
        .replace("e+102", "e+10")
        .replace("1.2346e-03", "0.0000e+00")
    )
    source = put(tmp_path / "a.lhe", text)
    copy(source, tmp_path / name, lhe.STYLES[style])
    theirs = list(pylhe.LHEFile.fromfile(str(tmp_path / name)).events)
    _, ours = _events(source)
    assert len(theirs) == len(ours)
    for event, own in zip(theirs, ours, strict=True):
        assert [int(p.id) for p in event.particles] == own.particles["pdg_id"].tolist()
        momenta = [[p.e, p.px, p.py, p.pz] for p in event.particles]
        np.testing.assert_allclose(momenta, own.momenta, rtol=1e-10)
        assert [p.spin for p in event.particles] == own.particles["helicity"].tolist()
        assert event.eventinfo.weight == pytest.approx(own.weight, rel=1e-6)


# comparing


@pytest.mark.parametrize(
    ("a", "b", "scale", "expected"),
    [
        ("1.0000000000e+00", "1.0000000009e+00", 0, True),
        ("1.0000000000e+00", "1.0000000020e+00", 0, False),
        ("+4.4130400e+02", "+4.4130401e+02", 0, True),  # one printed digit
        ("+4.4130400e+02", "+4.4130402e+02", 0, False),
        ("0.44130400E+03", "+4.4130400e+02", 0, True),
        ("1.", "2.", 0, False),
        ("1e-20", "3e-20", 0, False),
        ("1e-20", "3e-20", 1, True),
        ("nan", "nan", 0, False),
        ("0.0000000000e+00", "-0.0000000000e+00", 0, True),
        ("1.000e-101", "0.1000-100", 0, True),
    ],
)
def test_agree(a: str, b: str, scale: float, expected: bool) -> None:
    assert agree(a, b, 1e-9, scale) is expected
    assert agree(b, a, 1e-9, scale) is expected


def compare_texts(tmp_path: Path, a: str, b: str) -> lhe.Comparison:
    return lhe.compare(put(tmp_path / "a.lhe", a), put(tmp_path / "b.lhe.gz", b))


def test_identical(tmp_path: Path) -> None:
    result = compare_texts(tmp_path, GOOD, GOOD.replace("# <init>", "# another header"))
    assert (result.identical, result.same, result.different) == (2, 0, 0)
    assert result.share == 1
    assert result.passed(1)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("6.1288674421e+00", "6.1288674422e+00"),
        ("+4.4130400e+02", "+4.4130399e+02"),
        ("+9.9999998245e-15", "-7.1e-15"),
        ("0.11588844E+05", "0.11588843E+05"),
        ("-0.0000000000e+00", "+0.0000000000e+00"),
    ],
)
def test_same(tmp_path: Path, old: str, new: str) -> None:
    result = compare_texts(tmp_path, GOOD, damaged(old, new))
    assert (result.identical, result.same, result.different) == (1, 1, 0)


def test_styles_compare(tmp_path: Path) -> None:
    """The same event from 3.5's Python and from Fortran."""
    source = put(tmp_path / "a.lhe", FILES["fortran"])
    copy(source, tmp_path / "b.lhe", lhe.MADGRAPH)
    result = lhe.compare(source, tmp_path / "b.lhe")
    assert (result.identical, result.same, result.different) == (0, 1, 0)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("6.1288674421e+00", "6.1288674521e+00", "particle 3: pz .*relative 1.6e-09"),
        ("        6  1    1    2", "       -6  1    1    2", "particle 3: pdg_id 6 against -6"),
        ("  501  502", "  502  501", "particle 1: color 501 against 502"),
        ("       21 -1    0    0  502", "       21 -1    0    1  502", "particle 2: mother 0 against 1"),
        (" 1.0000e+00\n", " -1.0000e+00\n", "particle 1: helicity"),
        ("1.2346e-03", "1.2446e-03", "particle 4: lifetime"),
        ("1.16960300e-01", "1.16960500e-01", "alpha_s"),
        ("\n 4      1", "\n 4      2", "process 1 against 2"),
        ("0.11588844E+05", "0.11588944E+05", "after the particles: '0.11588844E"),
        ('<pdfrwt beam="1">  1', '<pdfrwt beam="2">  1', "'1' against '2'"),
        ("</mgrwt>\n", "</mgrwt>\n# more\n", "words"),
    ],
)
def test_different(tmp_path: Path, old: str, new: str, reason: str) -> None:
    result = compare_texts(tmp_path, GOOD, damaged(old, new))
    assert (result.identical, result.same, result.different, result.share) == (1, 0, 1, 0.5)
    assert not result.passed()
    first = result.first_different
    assert first is not None
    assert (first.event, first.line_a, first.line_b) == (1, LINE_OF_EVENT, LINE_OF_EVENT)
    assert re.search(reason, first.reason)


def test_only_in_one(tmp_path: Path) -> None:
    longer = GOOD.replace(END, MADGRAPH[1] * 2 + END)
    result = compare_texts(tmp_path, GOOD, longer)
    assert (result.identical, result.only_in_a, result.only_in_b, result.share) == (2, 0, 2, 0.5)
    assert compare_texts(tmp_path, longer, GOOD).only_in_a == 2


@pytest.mark.parametrize(
    ("old", "new", "agrees"),
    [
        ("4.397010e+02", "4.397011e+02", True),
        ("4.397010e+02", "4.397020e+02", False),
        ("247000 247000", "247000 10042", False),
        ("3.098519e+00 8.466969e+02 2", "3.098519e+00 8.466969e+02 3", False),
    ],
)
def test_init_is_compared(tmp_path: Path, old: str, new: str, agrees: bool) -> None:
    result = compare_texts(tmp_path, GOOD, damaged(old, new))
    assert result.share == 1
    assert result.passed() is agrees
    assert (result.init_reason is None) is agrees


def test_damage_is_not_overlooked(tmp_path: Path) -> None:
    """Neither where both files have it nor where one has it."""
    wrong = damaged("3.0028209682e+02", "3.00282x")
    for a, b in ((wrong, wrong), (GOOD, wrong), (wrong, GOOD)):
        with pytest.raises(lhe.LheError, match=r"3\.00282x"):
            compare_texts(tmp_path, a, b)


def test_no_events_is_no_success(tmp_path: Path) -> None:
    assert not compare_texts(tmp_path, HEADER + INIT + END, HEADER + INIT + END).passed()


def command(*arguments: object) -> int:
    parser = argparse.ArgumentParser()
    add_compare(parser.add_subparsers())
    given = parser.parse_args(["compare", *map(str, arguments)])
    return int(given.run(given))


def test_command(tmp_path: Path, good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = put(tmp_path / "b.lhe.gz", damaged("1.16960300e-01", "1.2e-01"))
    assert command(good, good) == 0
    assert "the same" in capsys.readouterr().out
    assert command(good, other, "--json", "-") == 1
    captured = capsys.readouterr()
    result = json.loads(captured.out)
    assert (result["identical"], result["different"], result["passed"]) == (1, 1, False)
    assert "alpha_s" in result["first_different"]["reason"]
    assert "NOT the same" in captured.err
    assert command(good, other, "--share", "0.5", "--json", tmp_path / "r.json") == 0
    assert json.loads((tmp_path / "r.json").read_text())["required_share"] == 0.5
    assert command(good, other, "--tolerance", "0.1") == 0
    assert command(good, tmp_path / "missing.lhe") == 2
    assert "missing.lhe" in capsys.readouterr().err
    for wrong in (("--share", "2"), ("--tolerance", "-1")):
        with pytest.raises(SystemExit):
            command(good, good, *wrong)


# MG5_aMC's own files


def _real_files() -> Iterator[Path]:
    for directory in DIRECTORIES:
        yield from sorted(directory.glob("Events/*/unweighted_events.lhe*"))
        yield from itertools.islice(sorted(directory.glob("SubProcesses/P*/G*/events.lhe")), 20)


@pytest.mark.skipif(not DIRECTORIES, reason="MEBRIDGE_REAL_DIRS is not set")
@pytest.mark.parametrize("path", list(_real_files()), ids=str)
def test_real_file(path: Path, tmp_path: Path) -> None:
    with lhe.read(path) as reader, lhe.read(path) as again:
        style, init = reader.style, reader.init
        for event, block in zip(reader, again.blocks(), strict=True):
            assert style is not None
            assert style.text(event) == block.text
    if init is None:
        return
    copy(path, tmp_path / "copy.lhe", style)
    data = path.read_bytes()
    assert (tmp_path / "copy.lhe").read_bytes() == (gzip.decompress(data) if path.suffix == ".gz" else data)
    result = lhe.compare(path, tmp_path / "copy.lhe")
    assert result.share == 1
    assert result.passed(1)
