"""The Standard Model as MG5_aMC's `sm` has it by default: unitary gauge, unit CKM matrix,
massless u, d, s, c, e, mu.

D = d - i g_s T G - i g tau/2 W - i g' Y B; e is positive; f is that of [T, T] = i f T.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

from bridge.generator.error import GeneratorError
from bridge.generator.model import (
    CardParameter,
    Coupling,
    Formula,
    Model,
    Particle,
    Vertex,
)
from bridge.generator.structures import ParticleSpin

#: name, antiname, pdg id, mass, width, three times the charge
_QUARKS = (
    ("d", "d~", 1, None, None, -1),
    ("u", "u~", 2, None, None, 2),
    ("s", "s~", 3, None, None, -1),
    ("c", "c~", 4, None, None, 2),
    ("b", "b~", 5, "MDL_MB", None, -1),
    ("t", "t~", 6, "MDL_MT", "MDL_WT", 2),
)
_LEPTONS = (
    ("e-", "e+", 11, None, None, -3),
    ("ve", "ve~", 12, None, None, 0),
    ("mu-", "mu+", 13, None, None, -3),
    ("vm", "vm~", 14, None, None, 0),
    ("ta-", "ta+", 15, "MDL_MTA", None, -3),
    ("vt", "vt~", 16, None, None, 0),
)
_BOSONS: tuple[tuple[str, str, int, ParticleSpin, int, str | None, str | None, int], ...] = (
    ("g", "g", 21, "V", 8, None, None, 0),
    ("a", "a", 22, "V", 1, None, None, 0),
    ("z", "z", 23, "V", 1, "MDL_MZ", "MDL_WZ", 0),
    ("w+", "w-", 24, "V", 1, "MDL_MW", "MDL_WW", 3),
    ("h", "h", 25, "S", 1, "MDL_MH", "MDL_WH", 0),
)
_DOUBLETS = (("u", "d"), ("c", "s"), ("t", "b"), ("ve", "e-"), ("vm", "mu-"), ("vt", "ta-"))
_YUKAWAS = {"b": "GC_HBB", "t": "GC_HTT", "ta-": "GC_HLL"}

_CARD = (
    CardParameter("aEWM1", "sminputs", (1,), 132.507),
    CardParameter("Gf", "sminputs", (2,), 1.16639e-5),
    CardParameter("aS", "sminputs", (3,), 0.118),
    CardParameter("MDL_MB", "mass", (5,), 4.7),
    CardParameter("MDL_MT", "mass", (6,), 173.0),
    CardParameter("MDL_MTA", "mass", (15,), 1.777),
    CardParameter("MDL_MZ", "mass", (23,), 91.188),
    CardParameter("MDL_MH", "mass", (25,), 125.0),
    CardParameter("ymb", "yukawa", (5,), 4.7),
    CardParameter("ymt", "yukawa", (6,), 173.0),
    CardParameter("ymtau", "yukawa", (15,), 1.777),
    CardParameter("MDL_WT", "decay", (6,), 1.4915),
    CardParameter("MDL_WZ", "decay", (23,), 2.441404),
    CardParameter("MDL_WW", "decay", (24,), 2.0476),
    CardParameter("MDL_WH", "decay", (25,), 0.006382339),
)

_FORMULAS = (
    Formula("aEW", "1/aEWM1"),
    Formula("G", "sqrt(4*pi*aS)"),
    Formula("MDL_MW", "sqrt(MDL_MZ**2/2 + sqrt(MDL_MZ**4/4 - aEW*pi*MDL_MZ**2/(Gf*sqrt(2))))"),
    Formula("ee", "sqrt(4*pi*aEW)"),
    Formula("sw2", "1 - MDL_MW**2/MDL_MZ**2"),
    Formula("cw", "sqrt(1 - sw2)"),
    Formula("sw", "sqrt(sw2)"),
    Formula("gw", "ee/sw"),
    Formula("vev", "2*MDL_MW/gw"),
    Formula("lam", "MDL_MH**2/(2*vev**2)"),
)

#: coupling, value, powers of QCD and QED
_COUPLINGS = (
    ("GC_10", "-G", 1, 0),
    ("GC_11", "1j*G", 1, 0),
    ("GC_12", "1j*G**2", 2, 0),
    ("GC_AUU", "2j*ee/3", 0, 1),
    ("GC_ADD", "-1j*ee/3", 0, 1),
    ("GC_ALL", "-1j*ee", 0, 1),
    ("GC_ZUL", "1j*gw/cw*(1/2 - 2*sw2/3)", 0, 1),
    ("GC_ZUR", "-1j*gw/cw*2*sw2/3", 0, 1),
    ("GC_ZDL", "1j*gw/cw*(-1/2 + sw2/3)", 0, 1),
    ("GC_ZDR", "1j*gw/cw*sw2/3", 0, 1),
    ("GC_ZLL", "1j*gw/cw*(-1/2 + sw2)", 0, 1),
    ("GC_ZLR", "1j*gw/cw*sw2", 0, 1),
    ("GC_ZVL", "1j*gw/cw/2", 0, 1),
    ("GC_WFF", "1j*gw/sqrt(2)", 0, 1),
    ("GC_AWW", "1j*ee", 0, 1),
    ("GC_ZWW", "1j*gw*cw", 0, 1),
    ("GC_WWAA", "-1j*ee**2", 0, 2),
    ("GC_WWAZ", "-1j*ee*gw*cw", 0, 2),
    ("GC_WWZZ", "-1j*gw**2*cw**2", 0, 2),
    ("GC_WWWW", "1j*gw**2", 0, 2),
    ("GC_HWW", "1j*gw**2*vev/2", 0, 1),
    ("GC_HZZ", "1j*gw**2*vev/(2*cw**2)", 0, 1),
    ("GC_HHWW", "1j*gw**2/2", 0, 2),
    ("GC_HHZZ", "1j*gw**2/(2*cw**2)", 0, 2),
    ("GC_HHH", "-6j*lam*vev", 0, 1),
    ("GC_HHHH", "-6j*lam", 0, 2),
    ("GC_HBB", "-1j*ymb/vev", 0, 1),
    ("GC_HTT", "-1j*ymt/vev", 0, 1),
    ("GC_HLL", "-1j*ymtau/vev", 0, 1),
)


def _particles(massless: frozenset[str]) -> Iterator[Particle]:
    for color, fermions in ((3, _QUARKS), (1, _LEPTONS)):
        for name, anti, pdg_id, mass, width, charge3 in fermions:
            own = (None, None) if name in massless else (mass, width)
            yield Particle(name, anti, pdg_id, "F", color, *own, charge3, 1)
    for name, anti, pdg_id, spin, color, mass, width, charge3 in _BOSONS:
        yield Particle(name, anti, pdg_id, spin, color, mass, width, charge3, 0)


def _vertex(particles: str, structures: str, couplings: str, color: str = "1") -> Vertex:
    """One colour structure; each structure has its coupling."""
    names = couplings.split()
    return Vertex(
        tuple(particles.split()),
        (color,),
        tuple(structures.split()),
        {(0, j): name for j, name in enumerate(names)},
    )


def _fermion_vertices(fermion: Particle) -> Iterator[Vertex]:
    f, anti, charge = fermion.name, fermion.anti_name, fermion.charge3
    is_quark = fermion.color == 3
    delta = "Identity(1,2)" if is_quark else "1"
    kind = {2: "U", -1: "D", -3: "L", 0: "V"}[charge]
    if is_quark:
        yield _vertex(f"{f} {anti} g", "FFV1", "GC_11", "T(3,2,1)")
    if charge:
        yield _vertex(f"{f} {anti} a", "FFV1", f"GC_A{kind}{kind}", delta)
        yield _vertex(f"{f} {anti} z", "FFV2 FFV3", f"GC_Z{kind}L GC_Z{kind}R", delta)
    else:
        yield _vertex(f"{f} {anti} z", "FFV2", "GC_ZVL", delta)
    if f in _YUKAWAS and fermion.mass is not None:
        yield _vertex(f"{f} {anti} h", "FFS1", _YUKAWAS[f], delta)


def _charged_currents() -> Iterator[Vertex]:
    for up, down in _DOUBLETS:
        anti_up = up + "~"
        anti_down = down[:-1] + "+" if down.endswith("-") else down + "~"
        color = "1" if down.endswith("-") else "Identity(1,2)"
        yield _vertex(f"{down} {anti_up} w+", "FFV2", "GC_WFF", color)
        yield _vertex(f"{up} {anti_down} w-", "FFV2", "GC_WFF", color)


def _boson_vertices() -> Iterator[Vertex]:
    yield _vertex("g g g", "VVV1", "GC_10", "f(1,2,3)")
    yield Vertex(
        ("g", "g", "g", "g"),
        ("f(-1,1,2)*f(3,4,-1)", "f(-1,1,3)*f(2,4,-1)", "f(-1,1,4)*f(2,3,-1)"),
        ("VVVV1", "VVVV3", "VVVV4"),
        {(0, 0): "GC_12", (1, 1): "GC_12", (2, 2): "GC_12"},
    )
    yield _vertex("a w+ w-", "VVV1", "GC_AWW")
    yield _vertex("z w+ w-", "VVV1", "GC_ZWW")
    yield _vertex("w+ w- a a", "VVVV2", "GC_WWAA")
    yield _vertex("w+ w- a z", "VVVV2", "GC_WWAZ")
    yield _vertex("w+ w- z z", "VVVV2", "GC_WWZZ")
    yield _vertex("w+ w+ w- w-", "VVVV2", "GC_WWWW")
    yield _vertex("w+ w- h", "VVS1", "GC_HWW")
    yield _vertex("z z h", "VVS1", "GC_HZZ")
    yield _vertex("w+ w- h h", "VVSS1", "GC_HHWW")
    yield _vertex("z z h h", "VVSS1", "GC_HHZZ")
    yield _vertex("h h h", "SSS1", "GC_HHH")
    yield _vertex("h h h h", "SSSS1", "GC_HHHH")


def _vertices(particles: tuple[Particle, ...]) -> Iterator[Vertex]:
    for particle in particles:
        if particle.spin == "F":
            yield from _fermion_vertices(particle)
    yield from _charged_currents()
    yield from _boson_vertices()


def _orders(qcd: int, qed: int) -> dict[str, int]:
    return {name: power for name, power in (("QCD", qcd), ("QED", qed)) if power}


#: names MG5_aMC's users know -> fermions that lose mass and Yukawa coupling
_RESTRICTIONS: dict[str, tuple[str, ...]] = {
    "sm": (),
    "sm-no_b_mass": ("b",),
    "sm-no_tau_mass": ("ta-",),
    "sm-no_masses": ("b", "ta-"),
}


def model_by_name(name: str) -> Model:
    """The model that `import model NAME` means; raises GeneratorError for any other."""
    if name not in _RESTRICTIONS:
        raise GeneratorError(f"unknown model {name!r}: expected one of {', '.join(_RESTRICTIONS)}")
    return standard_model(_RESTRICTIONS[name])


@functools.cache
def standard_model(massless: tuple[str, ...] = ()) -> Model:
    """MG5_aMC's `sm`, default restriction: four light flavours in `p` and `j`.

    `massless`: fermions ("b", "ta-") whose mass and Yukawa coupling are left out; a
    massless b is in `p` and `j`, a massless tau in `l+` and `l-`.
    """
    particles = tuple(_particles(frozenset(massless)))
    heavy_bottom, heavy_tau = "b" not in massless, "ta-" not in massless
    light = ("g", "u", "c", "d", "s", "u~", "c~", "d~", "s~", *(() if heavy_bottom else ("b", "b~")))
    return Model(
        name=next((n for n, own in _RESTRICTIONS.items() if own == massless), "sm"),
        particles=particles,
        card_parameters=_CARD,
        formulas=_FORMULAS,
        couplings=tuple(Coupling(Formula(n, text), _orders(qcd, qed)) for n, text, qcd, qed in _COUPLINGS),
        vertices=tuple(_vertices(particles)),
        hierarchy={"QCD": 1, "QED": 2},
        multiparticles={
            "p": light,
            "j": light,
            "l+": ("e+", "mu+") if heavy_tau else ("e+", "mu+", "ta+"),
            "l-": ("e-", "mu-") if heavy_tau else ("e-", "mu-", "ta-"),
            "vl": ("ve", "vm", "vt"),
            "vl~": ("ve~", "vm~", "vt~"),
            "all": tuple(sorted({n for p in particles for n in (p.name, p.anti_name)})),
        },
        alpha_s="aS",
    )
