"""`mebridge bench`: what it reports, not how fast anything is."""

from __future__ import annotations

import json
import sys

import pytest

from bridge import cli, modes
from bridge.bench.measure import Setting, measure, run_peer
from bridge.bench.subjects import subjects

_PROCESS = "g g > t t~"


@pytest.fixture(scope="module")
def subject():
    (only,) = subjects(_PROCESS, 64)
    return only


def test_every_setting_has_a_result(subject):
    settings = [Setting(mode, precision, 1, 64) for mode in modes() for precision in ("double", "single", "mixed")]
    results = measure(subject, settings, 1)
    assert [(r.backend, r.precision) for r in results] == [(s.backend, s.precision) for s in settings]
    assert all(0 < r.me_per_s <= r.me_per_s_largest for r in results)
    # the same arithmetic in every mode
    assert len({r.operations for r in results}) == 1


def test_the_code_for_gpus_has_no_peak(subject):
    (result,) = measure(subject, [Setting("cuda_host", "double", 1, 8)], 1)
    assert result.backend == "cuda_host"
    assert result.fraction_of_peak is None
    assert result.me_per_s > 0


def test_a_gpu_that_is_not_there_is_named(capsys):
    if "cuda" in modes():
        pytest.skip("there is one")
    assert cli.main(["bench", _PROCESS, "--backend", "cuda", "--batch", "8", "--rounds", "1"]) == 2
    assert "cuda" in capsys.readouterr().err


def test_a_peer_is_measured_beside(subject):
    peer = f"{sys.executable} -c 'print(123.5)'"
    _, other = measure(subject, [Setting("auto", "double", 1, 64)], 1, peer)
    assert other.backend == "peer"
    assert other.me_per_s >= 123.5  # of processor time


@pytest.mark.parametrize("text", ["12.5", "EvtsPerSec[MECalcOnly] (3a) = ( 1.25e+01                 )  sec^-1"])
def test_figures_of_peers_are_read(text):
    assert run_peer(f"{sys.executable} -c \"print('{text}')\"") >= 12.5


def test_a_peer_without_a_figure_is_refused(capsys):
    assert cli.main(["bench", _PROCESS, "--batch", "8", "--rounds", "1", "--peer", "echo nothing"]) == 2
    assert "echo nothing" in capsys.readouterr().err


def test_merging_asks_for_fewer_operations():
    """Oracle: diagram by diagram."""
    import bridge
    from bridge import generator
    from bridge.program.build import by_currents, by_diagrams
    from bridge.program.cuts import CutTable
    from bridge.program.graph import Graph

    (made,) = generator.generate("g g > t t~ g g")
    table = CutTable(Graph(made.process))
    engines = [
        bridge.Engine(bridge.Program.from_bytes(build(table, table.preferred()).to_bytes()))
        for build in (by_diagrams, by_currents)
    ]
    by_diagram, merged = (engine.operations(with_amp2=False) for engine in engines)
    assert merged < 0.7 * by_diagram
    assert engines[1].operations() > merged


def test_json(tmp_path):
    target = tmp_path / "bench.json"
    assert cli.main(["bench", _PROCESS, "--batch", "8", "--batch", "16", "--rounds", "1", "--json", str(target)]) == 0
    content = json.loads(target.read_text())
    assert content["subject"] == _PROCESS
    assert [r["batch"] for r in content["results"]] == [8, 16]
    for result in content["results"]:
        assert {"process", "subprocess", "backend", "precision", "threads", "batch", "me_per_s"} <= result.keys()


def test_summary_for_hep_benchmarks(tmp_path):
    """Oracle: the same run's JSON."""
    files = [tmp_path / "bench.json", tmp_path / "hep.json"]
    options = ["--batch", "8", "--batch", "16", "--rounds", "3"]
    written = ["--json", str(files[0]), "--hep-benchmarks", str(files[1])]
    assert cli.main(["bench", _PROCESS, *options, *written]) == 0
    results, summary = (json.loads(file.read_text()) for file in files)
    report = summary["report"]
    assert report["log"] == "ok"
    assert list(report["wl-scores"].values()) == [r["me_per_s"] for r in results["results"]]
    assert report["wl-scores"].keys() == report["wl-stats"].keys()
    for stats in report["wl-stats"].values():
        assert 0 < stats["min"] <= stats["median"] <= stats["max"]
        assert stats["count"] == 3


def test_unknown_subjects_are_refused(capsys, tmp_path):
    assert cli.main(["bench", str(tmp_path)]) == 2
    assert cli.main(["bench", "g g > nonsense"]) == 2
    assert "mebridge bench" in capsys.readouterr().err
