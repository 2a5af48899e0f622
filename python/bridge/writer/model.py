"""Source/MODEL and the parameter cards, for the processes of one directory.

SETPARA reads Source/param_card.inc: assignments to the names of ident_card.dat, which
`madevent treatcards param` writes from the card. COUP computes everything that follows;
UPDATE_AS_PARAM what changes with G.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bridge.generator import Generated, Model, expressions, running_couplings
from bridge.generator.model import CardParameter, Formula
from bridge.process import Process
from bridge.writer.formulas import fortran_formula
from bridge.writer.fortran import fill, parameter_name, statement, template
from bridge.writer.matrix import Dialect

#: the strong coupling itself, which the event loop sets
_G = "G"
_VECTOR_INCLUDE = statement("INCLUDE '../vector.inc'")


def model_sources(generated: Sequence[Generated], dialect: Dialect) -> dict[str, str]:
    """Path in the directory -> text: Source/MODEL/* and Cards/{ident,param}_card*.dat.

    Couplings are those that the processes use; masses and widths, of all particles. "vector":
    running couplings are arrays over events, of the extent VECSIZE_MEMMAX of Source/vector.inc.
    Raises ValueError where processes are of several models or names cannot be told apart.
    """
    parts = _Parts.of(generated)
    files = {
        "coupl.inc": _coupl_inc(parts, dialect),
        "input.inc": _input_inc(parts),
        "intparam_definition.inc": _definitions(parts),
        "param_read.inc": statement("INCLUDE '../param_card.inc'"),
        "rw_para.f": _setpara(parts, dialect),
        "couplings.f": _couplings(parts, dialect),
        **_coupling_parts(parts, dialect),
        "makefile": template("model/makefile"),
    }
    card = _param_card(parts.model)
    cards = {"ident_card.dat": _ident_card(parts.model), "param_card.dat": card, "param_card_default.dat": card}
    return {f"Source/MODEL/{name}": text for name, text in files.items()} | {
        f"Cards/{name}": text for name, text in cards.items()
    }


@dataclass(frozen=True, slots=True)
class _Parts:
    """What is needed of a model. `fixed` and `running` formulas do not hold G's own."""

    model: Model
    masses: tuple[str, ...]
    widths: tuple[str, ...]
    fixed_couplings: tuple[Formula, ...]
    running_couplings: tuple[Formula, ...]
    fixed: tuple[Formula, ...]
    running: tuple[Formula, ...]

    @classmethod
    def of(cls, generated: Sequence[Generated]) -> _Parts:
        model = generated[0].model
        if any(item.model is not model for item in generated):
            raise ValueError("processes of one directory must be of one model")
        used = {name for item in generated for name in _used_couplings(item.process)}
        couplings = [c.formula for c in model.couplings if c.name in used]
        masses = _names(p.mass for p in model.particles)
        widths = _names(p.width for p in model.particles)
        changing = running_couplings(model)
        formulas = _needed(model, [*couplings, *(Formula(n, n) for n in (*masses, *widths))])
        names = {_G, model.alpha_s}
        for formula in formulas:
            if expressions.names(formula.text) & names:
                names.add(formula.name)
        parts = cls(
            model=model,
            masses=masses,
            widths=widths,
            fixed_couplings=tuple(c for c in couplings if c.name not in changing),
            running_couplings=tuple(c for c in couplings if c.name in changing),
            fixed=tuple(f for f in formulas if f.name not in names),
            running=tuple(f for f in formulas if f.name in names and f.name != _G),
        )
        parts.check_names()
        return parts

    @property
    def card_only(self) -> tuple[CardParameter, ...]:
        """Parameters of the card that are neither masses nor widths."""
        return tuple(c for c in self.model.card_parameters if c.name not in (*self.masses, *self.widths))

    @property
    def internal(self) -> tuple[str, ...]:
        """Complex parameters that follow from others."""
        return tuple(f.name for f in (*self.fixed, *self.running) if f.name not in (*self.masses, *self.widths))

    def check_names(self) -> None:
        """Fortran does not tell upper from lower case."""
        names = {*self.masses, *self.widths, *(c.name for c in self.card_only), *self.internal}
        seen: dict[str, str] = {}
        for name in sorted(names):
            other = seen.setdefault(parameter_name(name), name)
            if other != name:
                raise ValueError(f"parameters {other} and {name} have one name in Fortran")


def _used_couplings(process: Process) -> set[str]:
    calls = (*process.waves, *process.amplitudes)
    return {coupling.name for call in calls for coupling in getattr(call, "couplings", ())}


def _names(found: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted({name for name in found if name is not None}))


def _needed(model: Model, wanted: Sequence[Formula]) -> tuple[Formula, ...]:
    """The model's formulas that `wanted` depends on, in order."""
    names = {name for formula in wanted for name in expressions.names(formula.text)}
    kept = []
    for formula in reversed(model.formulas):
        if formula.name in names:
            names |= expressions.names(formula.text)
            kept.append(formula)
    return tuple(reversed(kept))


def _listed(kind: str, block: str, names: Sequence[str], extents: str = "") -> str:
    """Declaration and COMMON block; nothing without names."""
    if not names:
        return ""
    declared = ", ".join(f"{name}{extents}" for name in names)
    common = statement(f"COMMON/{block}/ {', '.join(names)}") if block else ""
    return statement(f"{kind} {declared}") + common


def _coupl_inc(parts: _Parts, dialect: Dialect) -> str:
    is_vector = dialect == "vector"
    slots = "(VECSIZE_MEMMAX)" if is_vector else ""
    fixed = [c.name.upper() for c in parts.fixed_couplings]
    running = [c.name.upper() for c in parts.running_couplings]
    text = "C     Parameters that the matrix elements read\n"
    if is_vector:
        text += "C     vector.inc must come first\n"
    for block, name in (("STRONG", "G"), ("RSCALE", "MU_R")):
        declared = f", ALL_{name}{slots}" if is_vector else ""
        text += statement(f"DOUBLE PRECISION {name}{declared}")
        text += statement(f"COMMON/{block}/ {name}{f', ALL_{name}' if is_vector else ''}")
    text += statement("DOUBLE COMPLEX GAL(2)") + statement("COMMON/WEAK/ GAL")
    for block, names in (("MASSES", parts.masses), ("WIDTHS", parts.widths)):
        text += _listed("DOUBLE PRECISION", block, [parameter_name(name) for name in names])
    text += _listed("DOUBLE COMPLEX", "", fixed) + _listed("DOUBLE COMPLEX", "", running, slots)
    return text + statement(f"COMMON/COUPLINGS/ {', '.join(sorted(fixed + running))}")


def _input_inc(parts: _Parts) -> str:
    reals = [parameter_name(c.name) for c in parts.card_only]
    if parameter_name(parts.model.alpha_s) not in reals:
        reals.append(parameter_name(parts.model.alpha_s))
    return (
        "C     Parameters of the card and what follows from them\n"
        + statement("DOUBLE PRECISION PI")
        + statement("PARAMETER (PI=3.141592653589793D0)")
        + _listed("DOUBLE PRECISION", "PARAMS_R", reals)
        + _listed("DOUBLE COMPLEX", "PARAMS_C", [parameter_name(name) for name in parts.internal])
    )


def _definitions(parts: _Parts) -> str:
    alpha_s = parameter_name(parts.model.alpha_s)
    lines = [
        "C     Internal parameters; alpha_s follows G, but at the start\n",
        statement("IF (READLHA) THEN"),
        *(statement(_assignment(parts, formula), 2) for formula in parts.fixed),
        statement(f"G = SQRT(4D0*PI*{alpha_s})", 2),
        statement("ENDIF"),
        statement(f"{alpha_s} = G**2/(4D0*PI)"),
        *(statement(_assignment(parts, formula)) for formula in parts.running),
    ]
    return "".join(lines)


def _assignment(parts: _Parts, formula: Formula) -> str:
    value = fortran_formula(formula.text)
    is_real = formula.name in (*parts.masses, *parts.widths)
    return f"{parameter_name(formula.name)} = {f'DBLE({value})' if is_real else value}"


def _setpara(parts: _Parts, dialect: Dialect) -> str:
    z_mass = next((p.mass for p in parts.model.particles if p.pdg_id == 23), None)
    fields = {
        "vector_include": _VECTOR_INCLUDE if dialect == "vector" else "",
        "alpha_s": parameter_name(parts.model.alpha_s),
        "mz": parameter_name(z_mass) if z_mass else "91.188D0",
    }
    return fill(template("model/rw_para.f"), fields)


def _couplings(parts: _Parts, dialect: Dialect) -> str:
    is_vector = dialect == "vector"
    alpha = next((parameter_name(c.name) for c in parts.card_only if c.name.lower() == "aewm1"), None)
    fields = {
        "vector_include": _VECTOR_INCLUDE if is_vector else "",
        "ee": f"SQRT(4D0*PI/{alpha})" if alpha else "0D0",
        "first_slot": statement("CALL COUP3(1)") if is_vector else "",
        "slot": "VECID" if is_vector else "",
        "slot_declaration": statement("INTEGER VECID") if is_vector else "",
        "update": statement("ALL_G(VECID) = G") + statement("CALL COUP3(VECID)")
        if is_vector
        else statement("CALL COUP2()"),
    }
    return fill(template("model/couplings.f"), fields)


def _coupling_parts(parts: _Parts, dialect: Dialect) -> dict[str, str]:
    """COUP1: the same in a run; COUP2 ("vector": COUP3): those that change with alpha_s."""
    running = "Couplings that change with alpha_s"
    if dialect == "scalar":
        pieces = [
            ("Couplings that stay the same in a run", parts.fixed_couplings, ""),
            (running, parts.running_couplings, ""),
        ]
    else:
        pieces = [
            ("Couplings that stay the same in a run", parts.fixed_couplings, ""),
            ("Couplings that only loops need: none", (), ""),
            (f"{running}, for one event", parts.running_couplings, "VECID"),
        ]
    files = {}
    for number, (comment, couplings, slot) in enumerate(pieces, 1):
        target = f"({slot})" if slot else ""
        fields = {
            "comment": comment,
            "number": str(number),
            "slot": slot,
            "slot_declaration": statement(f"INTEGER {slot}") if slot else "",
            "vector_include": _VECTOR_INCLUDE if dialect == "vector" else "",
            "couplings": "".join(statement(f"{c.name.upper()}{target} = {fortran_formula(c.text)}") for c in couplings),
        }
        files[f"couplings{number}.f"] = fill(template("model/coup.f"), fields)
    return files


def _ident_card(model: Model) -> str:
    """Block, codes and Fortran name of each parameter of the card."""
    rows = ((c.block.lower(), *map(str, c.code), parameter_name(c.name)) for c in model.card_parameters)
    return "".join(" ".join(row) + "\n" for row in rows)


def _param_card(model: Model) -> str:
    """SLHA card with the model's defaults."""
    lines = [f"# Parameters of the model {model.name} (GeV)"]
    blocks: dict[str, list[CardParameter]] = {}
    for item in model.card_parameters:
        blocks.setdefault(item.block.lower(), []).append(item)
    decays = blocks.pop("decay", [])
    for block, items in sorted(blocks.items()):
        lines.append(f"Block {block}")
        lines += [f"{' '.join(f'{code:5d}' for code in c.code)} {_shortest(c.default)} # {c.name}" for c in items]
    lines += [f"DECAY {' '.join(map(str, c.code)):>4} {_shortest(c.default)} # {c.name}" for c in decays]
    return "\n".join(lines) + "\n"


def _shortest(value: float) -> str:
    """Seven digits as usual, or as many as it takes."""
    usual = f"{value:.6e}"
    return usual if float(usual) == value else f"{value:.16e}"
