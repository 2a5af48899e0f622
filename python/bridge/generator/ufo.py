"""UFO models (arXiv:1108.2040, arXiv:2304.09883), read without running their Python.

Their files are assignments of constructor calls with constant arguments; only these are read.
A UFO vertex lists outgoing particles: here, where all come in, the antiparticles. Goldstone bosons
and ghosts are left out (unitary gauge).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bridge import slha
from bridge.generator import color, expressions
from bridge.generator.error import GeneratorError
from bridge.generator.model import CardParameter, Coupling, Formula, Model, Particle, Vertex
from bridge.generator.structures import ParticleSpin, Structure
from bridge.generator.tensors import structure

_SPINS: dict[int, ParticleSpin] = {1: "S", 2: "F", 3: "V"}
_ALPHA_S = "aS"

Fields = Mapping[str, Any]


def read_ufo(folder: str | Path, restriction: str = "default") -> Model:
    """The model in a folder, restricted by its `restrict_<restriction>.dat` if there is one.

    As in MG5_aMC, parameters that are 0 or 1 there stay so: particles lose their mass, vertices
    vanish. Raises GeneratorError for a folder that is no UFO model, and for a model with what
    the generator cannot do (spin 3/2 and 2, Majorana fermions, four-fermion vertices).
    """
    folder = Path(folder)
    try:
        return _read(folder, restriction)
    except slha.SlhaError as error:
        raise GeneratorError(f"{folder}: {error}") from error
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise GeneratorError(f"{folder}: no UFO model: {type(error).__name__}: {error}") from error


def _read(folder: Path, restriction: str) -> Model:
    card = _restriction(folder, restriction)
    external, formulas = _parameters(folder, card)
    couplings = _couplings(folder)
    values = _values(external, formulas, couplings)
    particles, by_variable = _particles(folder, values)
    read = dict(_structures(folder))
    structures = {name: item for name, item in read.items() if isinstance(item, Structure)}
    faults = {name: item for name, item in read.items() if isinstance(item, str)}
    live = {name: c for name, c in couplings.items() if abs(values[name]) > 0.0}
    vertices = tuple(_vertices(folder, by_variable, faults, live))
    return Model(
        name=folder.name if restriction == "default" else f"{folder.name}-{restriction}",
        particles=particles,
        card_parameters=external,
        formulas=formulas,
        couplings=tuple(live.values()),
        vertices=vertices,
        hierarchy=_order_property(folder, live, "hierarchy", 1),
        order_limits={
            name: most for name, most in _order_property(folder, live, "expansion_order", 99).items() if 0 <= most < 99
        },
        multiparticles=_multiparticles(particles),
        alpha_s=_ALPHA_S,
        structures=structures,
    )


def _objects(folder: Path, file: str, kind: str) -> dict[str, dict[str, ast.expr]]:
    """Variable -> arguments of each `variable = kind(...)`, in the file's order."""
    path = folder / file
    try:
        tree = ast.parse(path.read_text(errors="replace"))
    except (OSError, SyntaxError) as error:
        raise GeneratorError(f"{path}: {error}") from error
    found = {}
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id=called)) as call):
                if called == kind:
                    found[name] = {k.arg: k.value for k in call.keywords if k.arg is not None}
    if not found and file != "coupling_orders.py":
        raise GeneratorError(f"{path}: no {kind} in it")
    return found


def _constant(node: ast.expr) -> Any:
    """Numbers, texts, lists, dicts; a reference (`P.t`) is the name of what it refers to."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return tuple(_constant(item) for item in items)
        case ast.Dict(keys=keys, values=values):
            return {_constant(k): _constant(v) for k, v in zip(keys, values, strict=True) if k is not None}
        case _:
            return expressions.evaluate(ast.unparse(node), {}).real


def _restriction(folder: Path, name: str) -> slha.Card | None:
    path = folder / f"restrict_{name}.dat"
    if path.is_file():
        return slha.read(path)
    if name != "default":
        raise GeneratorError(f"{path}: no such restriction")
    return None


def _parameters(folder: Path, card: slha.Card | None) -> tuple[tuple[CardParameter, ...], tuple[Formula, ...]]:
    external = []
    formulas = []
    for variable, fields in _objects(folder, "parameters.py", "Parameter").items():
        name = str(_constant(fields.get("name", ast.Constant(variable))))
        value = _constant(fields["value"])
        if "lhablock" not in fields:
            formulas.append(Formula(name, str(value)))
            continue
        block, code = str(_constant(fields["lhablock"])).lower(), _constant(fields["lhacode"])
        chosen = card.get(block, tuple(code)) if card is not None else None
        restricted = float(value) if chosen is None else chosen
        if card is not None and restricted in (0.0, 1.0):
            formulas.insert(0, Formula(name, repr(restricted)))
        else:
            external.append(CardParameter(name, block, code, restricted))
    return tuple(external), tuple(formulas)


def _couplings(folder: Path) -> dict[str, Coupling]:
    found = {}
    for variable, fields in _objects(folder, "couplings.py", "Coupling").items():
        value = str(_constant(fields["value"]))
        found[variable] = Coupling(Formula(variable, value), dict(_constant(fields["order"])))
    return found


def _values(
    external: tuple[CardParameter, ...], formulas: tuple[Formula, ...], couplings: Mapping[str, Coupling]
) -> dict[str, complex]:
    values = {item.name: complex(item.default) for item in external}
    for formula in (*formulas, *(c.formula for c in couplings.values())):
        values[formula.name] = expressions.evaluate(formula.text, values)
    return values


def _particles(folder: Path, values: Mapping[str, complex]) -> tuple[tuple[Particle, ...], dict[str, Particle]]:
    """Particles, and particles and antiparticles by the variables' names."""
    by_variable: dict[str, Particle] = {}
    objects = _objects(folder, "particles.py", "Particle")
    for variable, nodes in objects.items():
        fields = {key: _constant(node) for key, node in nodes.items()}
        if fields["spin"] not in (*_SPINS, -1):
            raise GeneratorError(f"{folder.name}: particle {fields['name']}: spin code {fields['spin']}")
        if fields["spin"] in _SPINS and not _is_goldstone(fields):
            by_variable[variable] = _particle(fields, values)
    particles = tuple(by_variable.values())
    for node in ast.parse((folder / "particles.py").read_text(errors="replace")).body:
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.Call(func=ast.Attribute(value=ast.Name(id=of), attr="anti")),
            ) if of in by_variable:
                by_variable[name] = by_variable[of].anti()
    return particles, by_variable


def _is_goldstone(fields: Fields) -> bool:
    return any(bool(value) for key, value in fields.items() if key.lower() in ("goldstone", "goldstoneboson"))


def _particle(fields: Fields, values: Mapping[str, complex]) -> Particle:
    def live(name: str) -> str | None:
        return name if name.upper() != "ZERO" and values.get(name, 0) != 0 else None

    spin = _SPINS[fields["spin"]]
    is_own_anti = fields["name"] == fields["antiname"]
    return Particle(
        fields["name"],
        fields["antiname"],
        int(fields["pdg_code"]),
        spin,
        int(fields["color"]),
        live(fields["mass"]),
        live(fields["width"]),
        round(3 * float(fields.get("charge", 0))),
        1 if spin == "F" and not is_own_anti else 0,
    )


def _structures(folder: Path) -> Iterator[tuple[str, Structure | str]]:
    """Structures by name; for one that cannot be done, why."""
    for variable, nodes in _objects(folder, "lorentz.py", "Lorentz").items():
        spins = _constant(nodes["spins"])
        if -1 in spins:  # ghosts
            continue
        if unknown := set(spins) - set(_SPINS):
            yield variable, f"spin code {unknown.pop()} of {variable} cannot be done"
            continue
        try:
            text = str(_constant(nodes["structure"]))
            yield variable, structure(variable, tuple(_SPINS[s] for s in spins), text)
        except GeneratorError as error:
            yield variable, f"{variable}: {error}"


def _vertices(
    folder: Path,
    particles: Mapping[str, Particle],
    faults: Mapping[str, str],
    couplings: Mapping[str, Coupling],
) -> Iterator[Vertex]:
    """Vertices whose couplings do not vanish; raises GeneratorError for one that cannot be done."""
    for variable, nodes in _objects(folder, "vertices.py", "Vertex").items():
        names = _constant(nodes["particles"])
        if not all(name in particles for name in names):
            continue
        legs = tuple(particles[name].anti() for name in names)
        own = _constant(nodes["lorentz"])
        for pairs in _layers(_constant(nodes["couplings"]), couplings):
            for _, number in pairs:
                if own[number] in faults:
                    raise GeneratorError(f"{folder.name}: vertex {variable}: {faults[own[number]]}")
            if not _is_ordered(legs):
                raise GeneratorError(f"{folder.name}: vertex {variable}: fermions other than one Dirac pair")
            yield Vertex(tuple(p.name for p in legs), _colors(_constant(nodes["color"])), own, pairs)


def _colors(texts: tuple[str, ...]) -> tuple[str, ...]:
    for text in texts:
        color.check(text)
    return texts


def _layers(
    given: Mapping[tuple[int, int], str | tuple[str, ...]], couplings: Mapping[str, Coupling]
) -> Iterator[dict[tuple[int, int], str]]:
    """One coupling for each pair at a time, where a UFO vertex may have several; only live ones."""
    lists = {key: (item,) if isinstance(item, str) else item for key, item in given.items()}
    for layer in range(max(map(len, lists.values()), default=0)):
        names = {key: items[layer] for key, items in lists.items() if layer < len(items)}
        pairs = {(int(c), int(s)): name for (c, s), name in names.items() if name in couplings}
        if pairs:
            yield pairs


def _is_ordered(legs: tuple[Particle, ...]) -> bool:
    """Fermion pairs as psi, psi bar; what is not (Majorana fermions) cannot be done."""
    fermions = [p.line for p in legs if p.spin == "F"]
    return fermions in ([], [1, -1])


def _order_property(folder: Path, couplings: Mapping[str, Coupling], key: str, default: int) -> dict[str, int]:
    """A number of each order that the couplings have."""
    found = {}
    if (folder / "coupling_orders.py").is_file():
        for nodes in _objects(folder, "coupling_orders.py", "CouplingOrder").values():
            found[str(_constant(nodes["name"]))] = int(_constant(nodes[key]))
    used = {name for c in couplings.values() for name in c.orders}
    return {name: found.get(name, default) for name in sorted(used)}


def _multiparticles(particles: tuple[Particle, ...]) -> dict[str, tuple[str, ...]]:
    """`p`, `j`: gluon and massless quarks; `l+`, `l-`: massless charged leptons of the SM."""
    quarks = [p for p in particles if p.color == 3 and p.spin == "F" and p.mass is None]
    gluons = [p.name for p in particles if p.pdg_id == 21]
    light = (*gluons, *(p.name for p in quarks), *(p.anti_name for p in quarks))
    leptons = [p for p in particles if p.pdg_id in (11, 13, 15) and p.mass is None]
    return {
        "p": light,
        "j": light,
        "l-": tuple(p.name for p in leptons),
        "l+": tuple(p.anti_name for p in leptons),
    }
