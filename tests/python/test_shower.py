"""Files of bridge.generate in Pythia 8: every event must be showered and hadronised."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import bridge
from bridge.events import Cuts

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("pythia8mc") is None, reason="the package pythia8mc is not installed"
)

SCRIPT = Path(__file__).parents[2] / "examples" / "python" / "shower.py"
N_EVENT = int(os.environ.get("MEBRIDGE_SHOWER_EVENTS", "300"))

#: that there are no more events; and what its showers, multiple interactions and fragmentation say of single tries,
#: which they repeat: not what is said of the file or of the hard process
EXPECTED = re.compile(
    r"reached end of Les Houches Events File|SimpleSpaceShower::|MultipartonInteractions::|StringFragmentation::"
    r"|MiniStringFragmentation::|JunctionSplitting::|BeamRemnants::add: .* after colour reconnection"
    r"|HadronWidths::|TauDecays::|hadronLevel failed; try again|energy-momentum not quite"
)

PROCESSES = {
    "e+ e- > mu+ mu-": (500.0, None),
    "e+ e- > u u~ g": (500.0, Cuts(pt=20.0, mass=20.0)),
    "p p > t t~": (13000.0, None),
    "p p > e+ e- j": (13000.0, Cuts(pt=20.0, abs_eta=4.0, delta_r=0.4, mass=40.0)),
    "p p~ > j j": (1960.0, Cuts(pt=30.0)),
}


@pytest.mark.parametrize("process", PROCESSES)
def test_showered(process: str, tmp_path: Path) -> None:
    sqrt_s, cuts = PROCESSES[process]
    path = tmp_path / "events.lhe.gz"
    bridge.generate(process, sqrt_s=sqrt_s, n_event=N_EVENT, seed=1, cuts=cuts, n_survey=10_000, output=path)
    # elsewhere: when it is imported, pythia8mc executes all files of a folder "python"
    done = subprocess.run([sys.executable, SCRIPT, path], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{N_EVENT} events showered and hadronised, 0 failed" in done.stdout
    messages = re.findall(r"^ \|\s+\d+\s+((?:Abort|Error|Warning) .*\S)\s*\|", done.stdout, re.MULTILINE)
    assert any("reached end" in message for message in messages), done.stdout
    assert [message for message in messages if not EXPECTED.search(message)] == []
