"""The settings of a run card: MadEvent's names, defaults and meanings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

Value = bool | int | float | str


@dataclass(frozen=True, slots=True)
class Setting:
    """`needs`: kinds of final particles without which the setting does nothing, one letter each:
    j (light jet), b, a (photon), l (charged lepton); two of the same for a pair."""

    name: str
    default: Value
    comment: str
    needs: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Settings under one heading of the card."""

    title: str
    settings: tuple[Setting, ...]


_KINDS = {"j": "jets", "b": "b quarks", "a": "photons", "l": "charged leptons"}
_PT = {"j": 20.0, "b": 0.0, "a": 10.0, "l": 10.0}
_ETA = {"j": 5.0, "b": -1.0, "a": 2.5, "l": 2.5}
_DISTANCE = {
    "jj": 0.4,
    "bb": 0.0,
    "ll": 0.4,
    "aa": 0.4,
    "bj": 0.0,
    "aj": 0.4,
    "jl": 0.4,
    "ab": 0.0,
    "bl": 0.0,
    "al": 0.4,
}


def _cuts() -> Iterator[Setting]:
    yield Setting("maxjetflavor", 4, "quarks up to this pdg code are jets; a b above it is apart")
    for kind, name in _KINDS.items():
        yield Setting(f"pt{kind}", _PT[kind], f"least pt of {name}, GeV", kind)
    for kind, name in _KINDS.items():
        yield Setting(f"eta{kind}", _ETA[kind], f"largest |pseudorapidity| of {name}; -1: no cut", kind)
    for pair, least in _DISTANCE.items():
        first, second = (_KINDS[kind] for kind in pair)
        who = f"two {first}" if first == second else f"{first} and {second}"
        yield Setting(f"dr{pair}", least, f"least Delta R between {who}", pair)
    for kind, name in _KINDS.items():
        who = "l+ l- of one flavour" if kind == "l" else f"two {name}"
        yield Setting(f"mm{2 * kind}", 0.0, f"least invariant mass of {who}, GeV", 2 * kind)


SECTIONS = (
    Section(
        "Number of events and random seed",
        (
            Setting("nevents", 10000, "number of unweighted events"),
            Setting("iseed", 0, "random seed: the same one gives the same events; 0: one is chosen"),
        ),
    ),
    Section(
        "Beams. lpp: 0 = the particles of the process, 1 = proton, -1 = antiproton",
        (
            Setting("lpp1", 1, "beam 1"),
            Setting("lpp2", 1, "beam 2"),
            Setting("ebeam1", 6500.0, "energy of beam 1, GeV"),
            Setting("ebeam2", 6500.0, "energy of beam 2, GeV"),
        ),
    ),
    Section(
        "Parton densities",
        (
            Setting("pdlabel", "none", "LHAPDF set (lib/Pdfdata, LHAPDF_DATA_PATH) or path of a grid file"),
            Setting("lhaid", 0, "its LHAPDF number, for the event file"),
        ),
    ),
    Section(
        "Renormalisation and factorisation scales",
        (
            Setting("fixed_ren_scale", False, "True: use scale"),
            Setting("fixed_fac_scale", False, "True: use dsqrt_q2fact1 and dsqrt_q2fact2"),
            Setting("scale", 91.188, "fixed renormalisation scale, GeV"),
            Setting("dsqrt_q2fact1", 91.188, "fixed factorisation scale of beam 1, GeV"),
            Setting("dsqrt_q2fact2", 91.188, "fixed factorisation scale of beam 2, GeV"),
            Setting("dynamical_scale_choice", 3, "1: sum of ET, 2: sum of mT, 3: half of it, 4: sqrt(s)"),
            Setting("scalefact", 1.0, "multiplies scales that are not fixed"),
        ),
    ),
    Section(
        "Resonances",
        (Setting("bwcutoff", 15.0, "written into the event if within this many widths of the pole"),),
    ),
    Section("Cuts on final particles; 0: none", tuple(_cuts())),
)
