"""The include and data files of a P folder, with MadEvent's names and shapes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bridge.generator.diagrams import Diagram
from bridge.writer.channels import copies
from bridge.writer.fortran import data, parameter_name, statement
from bridge.writer.subprocesses import Subprocess


def max_particles(made: Sequence[Subprocess]) -> str:
    """maxparticles.inc."""
    return _parameters(MAX_PARTICLES=max(len(item.generated.process.legs) for item in made))


def folder_includes(made: Subprocess) -> dict[str, str]:
    """File name -> text of what one P folder has."""
    process = made.generated.process
    n_leg = len(process.legs)
    factors = _symmetry_factors(channel_copies(made))
    return {
        "nexternal.inc": _parameters(NEXTERNAL=n_leg, NINCOMING=made.n_incoming),
        "maxconfigs.inc": _parameters(LMAXCONFIGS=len(process.config_diagrams)),
        "maxamps.inc": _parameters(
            MAXAMPS=len(made.generated.diagrams),
            MAXFLOW=process.n_flow,
            MAXPROC=len(made.flavours),
            MAXSPROC=1,
        ),
        "ngraphs.inc": _parameters(N_MAX_CG=len(process.config_diagrams)),
        "ncombs.inc": _parameters(N_MAX_CL=2**n_leg),
        "configs.inc": _configs(made),
        "props.inc": _propagators(made),
        "config_subproc_map.inc": "".join(
            data(f"(CONFSUB(I,{config}),I=1,1)", [diagram]) for config, diagram in enumerate(process.config_diagrams, 1)
        ),
        "coloramps.inc": _color_flows(made),
        "leshouche.inc": _les_houches(made),
        "mirrorprocs.inc": data("(MIRRORPROCS(I),I=1,1)", [_logical(made.has_mirror)]),
        "pmass.inc": "".join(
            f"      PMASS({number})={_magnitude(leg.mass)}\n" for number, leg in enumerate(process.legs, 1)
        ),
        "symfact_orig.dat": factors,
        "symfact.dat": factors,
        "processes.dat": _process_list(made),
        "dname.mg": f"DIRNAME={made.name}\n",
    }


def channel_copies(made: Subprocess) -> tuple[int, ...]:
    """For each channel the first (from 1) that is the same, identical final particles exchanged."""
    flavours = zip(*made.flavours, strict=True)
    kinds = [(leg if leg < made.n_incoming else -1, ids) for leg, ids in enumerate(flavours)]
    diagrams = (made.generated.diagrams[number - 1] for number in made.generated.process.config_diagrams)
    return copies(made.channels, kinds, [_vertices(diagram) for diagram in diagrams])


def _vertices(diagram: Diagram) -> tuple[object, ...]:
    """All vertices of a diagram, in a fixed order."""
    found = [diagram.interaction, *(line.interaction for line in diagram.lines())]
    return tuple(sorted(repr((item.particles, item.choices)) for item in found if item is not None))


def _parameters(**values: int) -> str:
    return "".join(
        statement(f"INTEGER {name}") + statement(f"PARAMETER ({name}={value})") for name, value in values.items()
    )


def _logical(value: bool) -> str:
    return ".TRUE." if value else ".FALSE."


def _magnitude(parameter: str | None) -> str:
    return "ZERO" if parameter is None else f"ABS({parameter_name(parameter)})"


def _configs(made: Subprocess) -> str:
    parts = []
    for config, (steps, diagram) in enumerate(
        zip(made.channels, made.generated.process.config_diagrams, strict=True), 1
    ):
        parts.append(f"C     Diagram {diagram}\n")
        parts.append(data(f"MAPCONFIG({config})", [diagram]))
        parts.append(data(f"TSTRATEGY({config})", [2]))
        for number, step in enumerate(steps, 1):
            parts.append(data(f"(IFOREST(I,-{number},{config}),I=1,2)", step.daughters))
            s_channel, t_channel = (0, step.pdg_id) if step.is_t_channel else (step.pdg_id, 0)
            parts.append(data(f"(SPROP(I,-{number},{config}),I=1,1)", [s_channel]))
            parts.append(data(f"TPRID(-{number},{config})", [t_channel]))
    parts.append("C     Number of configs\n")
    parts.append(data("MAPCONFIG(0)", [len(made.channels)]))
    return "".join(parts)


def _propagators(made: Subprocess) -> str:
    lines = []
    for config, steps in enumerate(made.channels, 1):
        # the last t-channel step ends at a beam: no propagator
        inner = [step for step in steps if not (step is steps[-1] and step.is_t_channel)]
        for number, step in enumerate(inner, 1):
            place = f"-{number},{config}"
            lines.append(f"      PRMASS({place})={_magnitude(step.mass)}\n")
            lines.append(f"      PRWIDTH({place})={_magnitude(step.width)}\n")
            lines.append(f"      POW({place})={step.power}\n")
    return "".join(lines)


def _color_flows(made: Subprocess) -> str:
    """ICOLAMP: flows that the diagram of a config has at the leading power of N."""
    flows = made.generated.process.config_flows
    n_config, n_flow = flows.shape
    parts = [f"      LOGICAL ICOLAMP({n_flow},{n_config},1)\n"]
    for config, row in enumerate(flows, 1):
        parts.append(data(f"(ICOLAMP(I,{config},1),I=1,{n_flow})", [_logical(bool(value)) for value in row]))
    return "".join(parts)


def _les_houches(made: Subprocess) -> str:
    n_leg = len(made.generated.process.legs)
    mothers = [(0, 0) if k < made.n_incoming else (1, made.n_incoming) for k in range(n_leg)]
    parts = [data(f"(MOTHUP({which + 1},I),I=1,{n_leg})", [mother[which] for mother in mothers]) for which in (0, 1)]
    for number, flavour in enumerate(made.flavours, 1):
        parts.append(data(f"(IDUP(I,{number},1),I=1,{n_leg})", flavour))
    for number, lines in enumerate(made.generated.color_lines, 1):
        for which in (0, 1):
            tags = [line[which] for line in lines]
            parts.append(data(f"(ICOLUP({which + 1},I,{number},1),I=1,{n_leg})", tags))
    return "".join(parts)


def _symmetry_factors(first: Sequence[int]) -> str:
    """Config and how many it stands for, or minus the one that stands for it."""
    stands_for = Counter(first)
    return "".join(
        f"{config:14d}{stands_for[config] if copy_of == config else -copy_of:14d}\n"
        for config, copy_of in enumerate(first, 1)
    )


def _process_list(made: Subprocess) -> str:
    direct = ",".join(made.text(flavour) for flavour in made.flavours)
    swapped = ",".join(made.text((f[1], f[0], *f[2:])) for f in made.flavours) if made.has_mirror else "none"
    return f"1       {direct}\nmirror  {swapped}\n"
