"""`mebridge new`: what is written, refused and read back; nothing is compiled here.

Oracles: the generator's own Processes; numbers of configs and classes of MG5_aMC 3.5.7 for the same processes.
"""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import bridge
from bridge import cli, generator
from bridge.exceptions import ArgumentError, UnsupportedError
from bridge.generator import GeneratorError
from bridge.madevent import read_directory
from bridge.pdf import GridError
from bridge.process import Process
from bridge.program import build
from bridge.writer.includes import channel_copies
from bridge.writer.subprocesses import Subprocess, subprocesses

REQUESTS = (
    "e+ e- > mu+ mu-",
    "e+ e- > z > mu+ mu- a",
    "g g > t t~ g",
    "g g > g g g",
    "u d~ > e+ ve g",
    "u u~ > u u~ QED^2==2",
    "b b~ > z h",
    "p p > t t~ j",
    "p p > e+ e- j",
    "p p > t t~; add process e+ e- > w+ w-",
)


def made(text: str) -> tuple[Subprocess, ...]:
    return subprocesses(generator.generate(text))


def new(text: str, root: Path, dialect: str = "scalar") -> Path:
    return bridge.new(text, root / "dir", dialect=dialect, fixed_energy=1000.0)  # type: ignore[arg-type]


# --- round trip


@pytest.mark.parametrize("dialect", ["scalar", "vector"])
@pytest.mark.parametrize("text", REQUESTS)
def test_reads_back_as_it_was_generated(text: str, dialect: str, tmp_path: Path) -> None:
    directory = read_directory(new(text, tmp_path, dialect))
    expected = {item.name: item for item in made(text)}
    assert {folder.path.name for folder in directory.processes} == set(expected)
    for folder in directory.processes:
        item = expected[folder.path.name]
        assert folder.includes is not None
        assert folder.includes.pdg_ids == (item.flavours,)
        assert folder.includes.mirror == (item.has_mirror,)
        (matrix,) = folder.matrices
        assert isinstance(matrix.content, Process), matrix.content
        assert_same_process(matrix.content, item.generated.process)


def assert_same_process(found: Process, expected: Process) -> None:
    # scalars have no mass in SXXXXX
    legs = [replace(leg, mass=None) if abs(leg.pdg_id) == 25 else leg for leg in expected.legs]
    assert list(found.legs) == legs
    for name in (
        "n_flow",
        "n_split_order",
        "config_diagrams",
        "averaging_factor",
        "fake_widths",
        "running_couplings",
        "amp2",
        "polarised_legs",
    ):
        assert getattr(found, name) == getattr(expected, name), name
    for name in ("helicities", "color_matrix", "chosen_orders", "config_flows"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), err_msg=name)
    assert len(found.amplitudes) == len(expected.amplitudes)
    assert len(build(found)) > 0


# --- channels, symmetries, flavours


@pytest.mark.parametrize(
    ("text", "n_config", "sizes"),
    [
        ("g g > t t~ g", 15, [1] * 15),
        ("g g > t t~ g g", 105, [1] * 15 + [2] * 45),
        # three gluons in the final state: MG5_aMC has classes of 3, 6, 3 and 3
        ("g g > g g g", 15, [3, 3, 3, 6]),
        ("u u > u u", 2, [2]),
        ("e+ e- > mu+ mu-", 2, [1, 1]),
    ],
)
def test_each_class_of_channels_is_run_once(text: str, n_config: int, sizes: list[int]) -> None:
    (item,) = made(text)
    copies = channel_copies(item)
    assert len(copies) == n_config
    assert sorted(Counter(copies).values()) == sizes


def test_symmetry_factors_of_a_folder(tmp_path: Path) -> None:
    text = (new("u u > u u", tmp_path) / "SubProcesses/P1_uu_uu/symfact.dat").read_text()
    assert [line.split() for line in text.splitlines()] == [["1", "2"], ["2", "-1"]]


def test_channels_have_all_propagators() -> None:
    """n - 3 of them, in a tree that uses each leg and each step once."""
    for text in REQUESTS:
        for item in made(text):
            n_leg = len(item.flavours[0])
            for steps in item.channels:
                is_exchange = steps[-1].is_t_channel
                assert len(steps) == n_leg - 2 if is_exchange else n_leg - 3
                used = Counter(daughter for step in steps for daughter in step.daughters)
                expected = set(range(2 - is_exchange + 1, n_leg + 1)) | set(range(-len(steps) + 1, 0))
                expected |= {1} if is_exchange else set()
                assert used == dict.fromkeys(expected - ({2} if is_exchange else set()), 1)


def test_every_order_of_beams_counts_once() -> None:
    text = "p p > e+ e- j"
    wanted = Counter(
        (flavour[:2], tuple(sorted(flavour[2:]))) for item in generator.generate(text) for flavour in item.flavours
    )
    found: Counter[object] = Counter()
    for item in made(text):
        for flavour in item.flavours:
            found[flavour[:2], tuple(sorted(flavour[2:]))] += 1
            if item.has_mirror:
                found[(flavour[1], flavour[0]), tuple(sorted(flavour[2:]))] += 1
    assert found == wanted


def test_no_mirror_that_was_not_asked_for() -> None:
    assert [item.has_mirror for item in made("u u~ > t t~")] == [False]
    assert [item.has_mirror for item in made("define q = u u~; q q > t t~")] == [True]


def test_bottom_quarks_have_their_own_folder() -> None:
    """Cuts may tell them from jets, and a folder has one set of cuts."""
    items = made("import model sm-no_b_mass; define j = u d b; define k = u~ d~ b~; g g > j k")
    assert [item.flavours for item in items] == [((21, 21, 2, -2), (21, 21, 1, -1)), ((21, 21, 5, -5),)]
    assert [item.name for item in items] == ["P1_gg_uux", "P1_gg_bbx"]


def test_repeated_process_counts_once() -> None:
    assert len(made("g g > t t~; add process g g > t t~")) == 1


# --- cards


def settings_of(root: Path) -> dict[str, str]:
    rows = (line.partition("!")[0].split("=") for line in (root / "Cards/run_card.dat").read_text().splitlines())
    return {row[1].strip(): row[0].strip() for row in rows if len(row) == 2}


def test_run_card_suits_the_process(tmp_path: Path) -> None:
    card = settings_of(bridge.new("e+ e- > mu+ mu- a", tmp_path / "ee"))
    assert (card["lpp1"], card["ebeam1"]) == ("0", "250.0")
    assert {"ptl", "pta", "etal", "drll", "dral", "mmll"} <= set(card)
    assert not {"ptj", "ptb", "draa", "mmaa"} & set(card)
    card = settings_of(bridge.new("g g > t t~ b b~", tmp_path / "gg", fixed_energy=2000.0, settings={"ptb": "25"}))
    assert (card["lpp1"], card["ebeam2"], card["ptb"]) == ("0", "1000.0", "25.0")
    assert "drbb" in card
    assert "ptj" not in card


def test_protons_bring_their_grid(tmp_path: Path) -> None:
    grid = a_grid(tmp_path / "MYSET_as_0119_0000.dat")
    root = bridge.new("g g > t t~", tmp_path / "dir", pdf=grid)
    card = settings_of(root)
    assert (card["lpp1"], card["ebeam1"], card["pdlabel"]) == ("1", "6500.0", "MYSET_as_0119_0000")
    assert (root / "lib/Pdfdata" / grid.name).read_bytes() == grid.read_bytes()
    assert "3 1.190000e-01" in (root / "Cards/param_card.dat").read_text()
    grid.unlink()
    assert treat(root).returncode == 0
    written = (root / "Source/run_card.inc").read_text().replace("'//\n     &  '", "")
    assert "PDF_FILE = 'MYSET_as_0119_0000.dat'" in written


def a_grid(path: Path) -> Path:
    path.write_text("PdfType: central\nFormat: lhagrid1\n---\n")
    return path


def treat(root: Path) -> subprocess.CompletedProcess[str]:
    command = [root / "bin/madevent", "treatcards"]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin"})


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return bridge.new("e+ e- > mu+ mu-", tmp_path / "dir")


def test_cards_become_fortran(directory: Path) -> None:
    card = directory / "Cards/run_card.dat"
    card.write_text(card.read_text() + "  .true. = fixed_fac_scale ! as MG5_aMC's\n 1d2 = dsqrt_q2fact1\n")
    card.write_text("\n".join(dict.fromkeys(card.read_text().splitlines())))
    text = card.read_text()
    for name in ("fixed_fac_scale", "dsqrt_q2fact1"):
        first = next(line for line in text.splitlines() if f"= {name} " in line)
        text = text.replace(first + "\n", "", 1)
    card.write_text(text)
    done = treat(directory)
    assert done.returncode == 0, done.stderr
    lines = [line.strip() for line in (directory / "Source/run_card.inc").read_text().splitlines()]
    assert "FIXED_FAC_SCALE = .TRUE." in lines
    assert "Q2FACT(1) = 1.000000000000000D+04" in lines
    assert "EBEAM(2) = 2.500000000000000D+02" in lines
    assert not any("PDLABEL" in line for line in lines)
    assert "MDL_MZ = 9.118800000000000D+01" in (directory / "Source/param_card.inc").read_text()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("  5 = ptll ! x", "unknown setting 'ptll'; did you mean 'ptl'?"),
        ("  many = nevents", "nevents has to be an integer, not 'many'"),
        ("  nan = ptl", "ptl has to be a number, not 'nan'"),
        ("  perhaps = fixed_ren_scale", "fixed_ren_scale has to be True or False"),
        ("  what is this", "expected 'value = name ! comment'"),
        ("  1 = lpp1", "protons (lpp1, lpp2) need parton densities"),
    ],
)
def test_bad_run_card_is_named(directory: Path, line: str, message: str) -> None:
    card = directory / "Cards/run_card.dat"
    name = line.partition("=")[2].partition("!")[0].strip() or "-"
    kept = [old for old in card.read_text().splitlines() if f"= {name} " not in old]
    card.write_text("\n".join([*kept, line]) + "\n")
    done = treat(directory)
    assert done.returncode == 1
    assert message in done.stderr
    assert str(card) in done.stderr
    if "lpp" not in message:
        assert f"line {len(kept) + 1}:" in done.stderr
    assert not (directory / "Source/run_card.inc").exists()


@pytest.mark.parametrize("label", ["no_such_set", "/no/such/grid.dat", "bad.dat"])
def test_grid_that_cannot_be_used_is_named(label: str, tmp_path: Path) -> None:
    root = bridge.new("g g > t t~", tmp_path / "dir", pdf=a_grid(tmp_path / "X_0000.dat"))
    (root / "lib/Pdfdata/bad.dat").write_text("not a grid\n")
    card = root / "Cards/run_card.dat"
    card.write_text(card.read_text().replace("X_0000", label))
    done = treat(root)
    assert done.returncode == 1
    assert label in done.stderr


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    6 1.730000e+02", "    6 heavy", "expected a number, got 'heavy'"),
        ("DECAY    6 1.491500e+00", "DECAY    6 auto", "widths have to be numbers here"),
        ("   23 9.118800e+01", "   99 9.118800e+01", "no entry 23 in block mass"),
    ],
)
def test_bad_parameter_card_is_named(directory: Path, old: str, new: str, message: str) -> None:
    card = directory / "Cards/param_card.dat"
    assert old in card.read_text()
    card.write_text(card.read_text().replace(old, new))
    done = treat(directory)
    assert done.returncode == 1
    assert message in done.stderr
    assert str(card) in done.stderr


# --- what is refused leaves nothing


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("g g > t", GeneratorError),
        ("g g > t nobody", GeneratorError),
        ("g g > t t~ QXD=0", GeneratorError),
        ("e+ e- > nothing", GeneratorError),
        ("t > b e+ ve", UnsupportedError),
        ("g g > h QED=99", GeneratorError),
        ("e+ e- > z", UnsupportedError),
        ("e- u > e- u", UnsupportedError),
        ("p p > t t~; add process e+ e- > t t~", UnsupportedError),
        ("t > b e+ ve; add process g g > t t~", GeneratorError),
    ],
)
def test_refused_process_leaves_nothing(text: str, error: type[Exception], tmp_path: Path) -> None:
    with pytest.raises(error):
        bridge.new(text, tmp_path / "dir")
    assert list(tmp_path.iterdir()) == []


def test_missing_grid_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(GridError, match="no_such_set"):
        bridge.new("g g > t t~", tmp_path / "dir", pdf="no_such_set")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dialect": "other"}, "dialect: expected"),
        ({"fixed_energy": -1.0}, "fixed_energy"),
        ({"settings": {"neevents": 5}}, "did you mean 'nevents'"),
        ({"settings": {"nevents": "five"}}, "nevents is int"),
    ],
)
def test_bad_arguments_leave_nothing(options: dict[str, object], message: str, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=message):
        bridge.new("e+ e- > mu+ mu-", tmp_path / "dir", **options)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_folder_in_use_is_kept(tmp_path: Path) -> None:
    (tmp_path / "dir").mkdir()
    (tmp_path / "dir/file").write_text("mine")
    with pytest.raises(FileExistsError, match="not empty"):
        bridge.new("e+ e- > mu+ mu-", tmp_path / "dir")
    assert [path.read_text() for path in tmp_path.rglob("*") if path.is_file()] == ["mine"]


def test_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = Path.write_text

    def full(path: Path, text: str) -> int:
        if path.name == "matrix1.f":
            raise OSError(28, "No space left on device", str(path))
        return original(path, text)

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space left"):
        bridge.new("e+ e- > mu+ mu-", tmp_path / "dir")
    assert list(tmp_path.iterdir()) == []


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "dir"
    arguments = ["new", "g g > t t~", str(root), "--fixed-energy", "1000", "--set", "nevents=7", "--dialect", "vector"]
    assert cli.main(arguments) == 0
    assert str(root) in capsys.readouterr().out
    assert settings_of(root)["nevents"] == "7"
    assert cli.main(arguments) == 2
    assert "not empty" in capsys.readouterr().err
    assert cli.main(["new", "g g > nobody", str(tmp_path / "other")]) == 2
    assert "nobody" in capsys.readouterr().err
    assert not (tmp_path / "other").exists()


def test_directory_needs_no_mebridge(directory: Path, tmp_path: Path) -> None:
    """Links stay inside; scripts import the standard library and their own modules."""
    moved = tmp_path / "moved"
    shutil.move(directory, moved)
    for path in moved.rglob("*"):
        assert path.exists(), f"{path} points nowhere"
        assert moved in path.resolve().parents
    assert "bridge" not in {
        line.split()[1].split(".")[0]
        for path in (moved / "bin").rglob("*")
        if path.is_file()
        for line in path.read_text().splitlines()
        if line.startswith(("import ", "from "))
    }
    assert treat(moved).returncode == 0
