"""Events of directories that `mebridge new` makes: plain Fortran, and injected.

Oracles: analytic cross-sections, `bridge.generate`, conservation laws, matrix elements of MG5_aMC 3.5.7
(tests/data, provenance inside), pylhe.
"""

from __future__ import annotations

import fcntl
import gzip
import json
import math
import os
import resource
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from analytic import muon_pairs, top_pairs
from directories import DIALECTS, FOLDERS, N_EVENT, SQRT_S, events_of, generate, small_directory
from grids import grid_text

import bridge
from bridge import generator
from bridge.events import Cuts
from bridge.madevent.inject import eject, inject
from bridge.validate.oracle import Events, Library, Workspace

pytestmark = pytest.mark.skipif(
    shutil.which("gfortran") is None or shutil.which("make") is None,
    reason="needs gfortran and make",
)

DATA = Path(__file__).parent.parent / "data" / "reference"
KNOWN = dict(zip(FOLDERS, ("gg_ttx", "ee_mumu"), strict=True))
#: the numbers have the top's width between the beams too, where MadEvent has none: (width / mass)^2
TOLERANCE = dict(zip(FOLDERS, (1e-4, 1e-13), strict=True))
N_SIGMA = 3.0


@pytest.fixture(scope="module", params=DIALECTS)
def directory(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory in which nothing has been run."""
    return small_directory(tmp_path_factory.mktemp("new") / "dir", request.param)


@pytest.fixture(scope="module")
def finished(directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after generate_events."""
    root = tmp_path_factory.mktemp("finished") / "dir"
    shutil.copytree(directory, root, symlinks=True)
    generate(root)
    return root


@pytest.fixture
def copy(finished: Path, tmp_path: Path) -> Path:
    root = tmp_path / "dir"
    shutil.copytree(finished, root, symlinks=True)
    return root


def cross_sections(text: str) -> dict[int, tuple[float, float]]:
    """Process number to value and error, pb."""
    lines = text.partition("<init>\n")[2].partition("</init>")[0].splitlines()
    return {int(row[3]): (float(row[0]), float(row[1])) for row in map(str.split, lines[1:])}


def assert_agrees(found: tuple[float, float], expected: float, error: float = 0.0, largest: float = 0.003) -> None:
    assert 0.0 < found[1] <= largest * found[0]
    assert abs(found[0] - expected) <= N_SIGMA * math.hypot(found[1], error), (found, expected, error)


def rows_of(text: str) -> list[list[list[str]]]:
    """Words of the particles of each event."""
    events = (event.partition("</event>")[0] for event in text.split("<event>\n")[1:])
    return [[line.split() for line in event.splitlines()[1:]] for event in events]


# --- one directory, two processes


@pytest.mark.parametrize("folder", FOLDERS)
def test_matrix_elements(directory: Path, folder: str, tmp_path: Path) -> None:
    known = json.loads((DATA / f"{KNOWN[folder]}.json").read_text())["results"][0]
    values = generator.parameters()
    compiled = Workspace(directory, tmp_path).compile_subprocess(folder)
    matrix = Library(compiled, 1e-6).matrix("matrix1.f")
    momenta = np.array(known["momenta_GeV"])
    n = len(momenta)
    events = Events(
        momenta=momenta,
        alpha_s=np.full(n, float(values["aS"].real)),
        diagram=np.zeros(n, dtype=np.int32),
        config=np.ones(n, dtype=np.int32),
        random_helicity=np.full(n, 0.5),
        random_color=np.full(n, 0.5),
    )
    order = [known["helicities"].index(row) for row in matrix.helicities.tolist()]
    assert sorted(order) == list(range(len(known["helicities"])))
    total = np.array(known["matrix_element"])
    np.testing.assert_allclose(matrix.sums(events).matrix_element, total, rtol=TOLERANCE[folder])
    by_helicity = matrix.terms(events).by_helicity / total[:, None]
    expected = np.array(known["matrix_element_by_helicity"])[:, order] / total[:, None]
    np.testing.assert_allclose(by_helicity, expected, rtol=0, atol=TOLERANCE[folder])


def test_cross_sections(finished: Path) -> None:
    found = cross_sections(events_of(finished))
    assert_agrees(found[1], top_pairs(SQRT_S, 173.0, 0.118))
    assert_agrees(found[2], muon_pairs(SQRT_S, generator.parameters()))


def test_changed_card_is_compiled_in(copy: Path) -> None:
    """1 TeV, alpha_s = 0.1."""
    edit(copy / "Cards/run_card.dat", "250.0        = ebeam", "500.0        = ebeam")
    edit(copy / "Cards/param_card.dat", "3 1.180000e-01", "3 0.1")
    found = cross_sections(generate(copy, "other"))
    assert_agrees(found[1], top_pairs(1000.0, 173.0, 0.1))
    assert_agrees(found[2], muon_pairs(1000.0, generator.parameters()))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_events(finished: Path) -> None:
    text = events_of(finished)
    events = rows_of(text)
    assert len(events) == N_EVENT
    for rows in events:
        assert_conserved(rows)
        assert all(row[12] in ("1.", "-1.") for row in rows)
    found = cross_sections(text)
    share = found[1][0] / sum(value for value, _ in found.values())
    n_top = sum(rows[2][0] == "6" for rows in events)
    assert abs(n_top - N_EVENT * share) <= N_SIGMA * math.sqrt(N_EVENT * share * (1 - share)) + 1
    heads = [event.split()[:6] for event in text.split("<event>\n")[1:]]
    assert Counter(head[1] for head in heads) == {"1": n_top, "2": N_EVENT - n_top}
    # weights: their mean is the cross-section
    weights = np.array([float(head[2]) for head in heads])
    assert weights.mean() == pytest.approx(sum(value for value, _ in found.values()), rel=1e-6)


CHARGES = {p.pdg_id: p.charge3 for p in generator.standard_model().by_name.values()}


def assert_conserved(rows: list[list[str]]) -> None:
    """Momentum, charge and colour lines; particles on their mass shells."""
    coming = [row for row in rows if row[1] == "-1"]
    going = [row for row in rows if row[1] == "1"]
    p_in, p_out = (np.array([[float(word) for word in row[6:10]] for row in side]) for side in (coming, going))
    scale = p_in[:, 3].sum()
    np.testing.assert_allclose(p_in.sum(axis=0), p_out.sum(axis=0), atol=1e-9 * scale)
    for row, p in zip((*coming, *going), (*p_in, *p_out), strict=True):
        assert p[3] ** 2 - (p[:3] ** 2).sum() - float(row[10]) ** 2 == pytest.approx(0.0, abs=1e-8 * scale**2)
    assert sum(CHARGES[int(row[0])] for row in coming) == sum(CHARGES[int(row[0])] for row in going)
    starts = sorted([row[4] for row in coming] + [row[5] for row in going])
    ends = sorted([row[5] for row in coming] + [row[4] for row in going])
    assert starts == ends


def test_pylhe_accepts_them(finished: Path) -> None:
    pylhe = pytest.importorskip("pylhe")
    path = finished / "Events/run_01/unweighted_events.lhe.gz"
    file = pylhe.LHEFile.fromfile(str(path)) if hasattr(pylhe, "LHEFile") else None
    events = list(file.events) if file is not None else list(pylhe.read_lhe_with_attributes(str(path)))
    assert len(events) == N_EVENT
    assert {len(event.particles) for event in events} == {4}


def test_same_seed_same_bytes(copy: Path) -> None:
    first = (copy / "Events/run_01/unweighted_events.lhe.gz").read_bytes()
    (copy / "Cards/me5_configuration.txt").write_text("nb_core = 1\n")
    generate(copy, "again")
    assert (copy / "Events/again/unweighted_events.lhe.gz").read_bytes() == first
    edit(copy / "Cards/run_card.dat", " 7            = iseed", " 8            = iseed")
    assert generate(copy, "other").partition("<init>")[2] != events_of(copy).partition("<init>")[2]


def test_chosen_seed_is_told(copy: Path) -> None:
    edit(copy / "Cards/run_card.dat", " 7            = iseed", " 0            = iseed")
    first = generate(copy, "first")
    line = next(line for line in first.splitlines() if "= iseed" in line)
    seed = int(line.split()[0])
    assert seed > 0
    edit(copy / "Cards/run_card.dat", " 0            = iseed", f" {seed} = iseed")
    assert generate(copy, "second").partition("<init>")[2] == first.partition("<init>")[2]


# --- injected


def accelerated(root: Path) -> Path:
    status = inject(root)
    assert all(item.is_accelerated for item in status.subprocesses), str(status)
    return root


@pytest.mark.parametrize("batch", ["1", "7", "64"])
def test_batched_fortran_is_identical(copy: Path, batch: str) -> None:
    """Rung 0 of the exactness ladder: the original SMATRIX behind the seam."""
    before = events_of(copy)
    accelerated(copy)
    assert generate(copy, "batched", MEBRIDGE_BACKEND="fortran", MEBRIDGE_BATCH=batch) == before


def test_engine_makes_the_same_events(copy: Path, mode: str, tmp_path: Path) -> None:
    expected = events_of(copy).split("<event>\n")
    log = tmp_path / "log"
    found = generate(accelerated(copy), mode, MEBRIDGE_BACKEND=mode, MEBRIDGE_LOG=str(log)).split("<event>\n")
    assert f"mebridge: {mode}" in log.read_text(), "the engine did not run"
    assert len(found) == len(expected)
    same = sum(a == b for a, b in zip(found, expected, strict=True))
    # rounding may move a last printed digit
    assert same >= 0.99 * len(expected)


def files(root: Path) -> dict[str, bytes]:
    paths = (path for path in root.rglob("*") if path.is_file())
    return {str(path.relative_to(root)): path.read_bytes() for path in paths}


def test_eject_restores_every_byte(copy: Path) -> None:
    before = files(copy)
    inject(copy)
    assert files(copy) != before
    eject(copy)
    assert files(copy) == before


# --- other processes


def made(root: Path, process: str, settings: dict[str, object], **options: object) -> str:
    """Makes a directory and runs it; the text of its events."""
    bridge.new(process, root, settings={"iseed": 5, **settings}, **options)  # type: ignore[arg-type]
    return generate(root)


def test_channels_and_identical_particles(tmp_path: Path) -> None:
    """15 channels, and one that stands for two; against bridge.generate, which knows no channels."""
    settings = {"nevents": 1000, "fixed_ren_scale": True, "ptj": 50.0, "etaj": 2.5, "drjj": 0.4}
    process = "g g > t t~ g @1; add process g g > g g @2"
    text = made(tmp_path / "dir", process, settings, fixed_energy=1000.0)
    found = cross_sections(text)
    cuts = Cuts(pt=50.0, abs_eta=2.5, delta_r=0.4)
    for number, alone in ((1, "g g > t t~ g"), (2, "g g > g g")):
        sample = bridge.generate(alone, sqrt_s=1000.0, n_event=0, seed=3, cuts=cuts)
        assert_agrees(found[number], sample.cross_section, sample.error, largest=0.01)
    events = rows_of(text)
    for rows in events:
        assert_conserved(rows)
    # neither gluon comes first more often
    pairs = [rows for rows in events if len(rows) == 4]
    forward = sum(float(rows[2][8]) > 0.0 for rows in pairs)
    assert abs(forward - len(pairs) / 2) <= N_SIGMA * math.sqrt(len(pairs) / 4)


@pytest.fixture
def grid(tmp_path: Path) -> Path:
    path = tmp_path / "SMALL_0000.dat"
    path.write_text(grid_text())
    return path


def test_protons(grid: Path, tmp_path: Path) -> None:
    """Flavours, exchanged beams and densities against bridge.generate."""
    quarks = "define q = u d u~ d~; q q > mu+ mu-"
    settings = {"nevents": 1000, "ebeam1": 4000.0, "ebeam2": 4000.0, "mmll": 50.0, "fixed_fac_scale": True}
    text = made(tmp_path / "dir", quarks, settings, pdf=grid)
    cuts = Cuts(pt=10.0, abs_eta=2.5, delta_r=0.4, mass=50.0)
    sample = bridge.generate(quarks, sqrt_s=8000.0, n_event=0, seed=3, cuts=cuts, pdf=grid, factorization_scale=91.188)
    (found,) = cross_sections(text).values()
    assert_agrees(found, sample.cross_section, sample.error, largest=0.01)
    events = rows_of(text)
    kinds = Counter((int(rows[0][0]), int(rows[1][0])) for rows in events)
    assert set(kinds) == {(2, -2), (-2, 2), (1, -1), (-1, 1)}
    for quark in (1, 2):
        both = kinds[quark, -quark] + kinds[-quark, quark]
        assert abs(kinds[quark, -quark] - both / 2) <= N_SIGMA * math.sqrt(both / 4)
    for rows in events:
        assert_conserved(rows)
    assert "2212 2212 4.000000e+03 4.000000e+03 0 0 0 0 -4 1\n" in text


# --- what goes wrong


def run(root: Path, *arguments: str, before: Callable[[], None] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [root / "bin/generate_events", *arguments], capture_output=True, text=True, check=False, preexec_fn=before
    )


def test_existing_run_is_kept_without_force(copy: Path) -> None:
    path = copy / "Events/run_01/unweighted_events.lhe.gz"
    before = path.read_bytes()
    done = run(copy, "run_01")
    assert done.returncode == 1
    assert f"{path} is there already" in done.stderr
    edit(copy / "Cards/run_card.dat", f" {N_EVENT} ", " 50 ")
    done = run(copy, "-f", "run_01")
    assert done.returncode == 0, done.stderr
    assert "Nb of events  :   50" in done.stdout
    assert path.read_bytes() != before


def test_two_runs_at_a_time_are_refused(copy: Path) -> None:
    with (copy / "SubProcesses/.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = run(copy)
    assert done.returncode == 1
    assert "another run is going on" in done.stderr


def test_failed_compilation_names_its_log(copy: Path) -> None:
    path = copy / "SubProcesses/cuts.f"
    path.write_text(path.read_text() + "      nonsense\n")
    done = run(copy, "broken")
    assert done.returncode == 1
    assert f"see {copy / 'SubProcesses'}" in done.stderr
    assert "make.log" in done.stderr
    assert not (copy / "Events/broken").exists()


def test_below_threshold(copy: Path) -> None:
    edit(copy / "Cards/run_card.dat", "250.0        = ebeam", "100.0        = ebeam")
    (copy / "SubProcesses/subproc.mg").write_text("P1_gg_ttx\n")
    done = run(copy, "below")
    assert done.returncode == 1
    assert "P1_gg_ttx" in done.stderr or "cross-section is zero" in done.stderr
    assert not (copy / "Events/below").exists()


def test_full_disk_while_jobs_write(copy: Path) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    done = run(copy, "full", before=limit)
    assert done.returncode == 1
    assert "log.txt" in done.stderr or "File too large" in done.stderr, done.stderr
    assert not list((copy / "Events").rglob("full/*"))


def test_full_disk_while_events_are_written(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events, error = scripts(copy, monkeypatch)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    path = copy / "Events/full/unweighted_events.lhe.gz"
    with pytest.raises(error.RunError, match="No space left on device; no events were written"):
        events.write(path, "", events.Run((21, 21), (1.0, 1.0), 0), {}, [])
    assert list(path.parent.iterdir()) == []


def scripts(root: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[ModuleType, ModuleType]:
    """Modules `events` and `error` of a directory's scripts."""
    monkeypatch.syspath_prepend(str(root / "bin"))
    for name in [name for name in sys.modules if name.partition(".")[0] == "internal"]:
        monkeypatch.delitem(sys.modules, name)
    from importlib import import_module

    return import_module("internal.events"), import_module("internal.error")


def test_file_is_complete_gzip(finished: Path) -> None:
    with gzip.open(finished / "Events/run_01/unweighted_events.lhe.gz", "rt") as stream:
        text = stream.read()
    assert text.startswith("<LesHouchesEvents")
    assert text.endswith("</LesHouchesEvents>\n")
    for tag in ("MGRunCard", "MG5ProcCard", "slha"):
        assert f"<{tag}>" in text
    assert sorted(path.name for path in (finished / "Events/run_01").iterdir()) == ["unweighted_events.lhe.gz"]
