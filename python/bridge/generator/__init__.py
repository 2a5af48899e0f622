"""Processes from Feynman diagrams, without MG5_aMC.

>>> from bridge import generator
>>> (made,) = generator.generate("g g > t t~ g")
>>> values = generator.parameters()                  # or parameters("param_card.dat", alpha_s=0.118)
>>> made.process, made.color_lines, made.flavours
"""

from __future__ import annotations

from pathlib import Path

from bridge.generator import request as _request
from bridge.generator.assemble import Assembler, Generated
from bridge.generator.channels import Propagator, propagators
from bridge.generator.error import GeneratorError
from bridge.generator.model import Model
from bridge.generator.standard_model import model_by_name, standard_model
from bridge.generator.ufo import read_ufo
from bridge.generator.values import parameters, running_couplings
from bridge.generator.waves import Options

__all__ = [
    "Generated",
    "GeneratorError",
    "Model",
    "Options",
    "Propagator",
    "generate",
    "parameters",
    "propagators",
    "read_ufo",
    "running_couplings",
    "standard_model",
]


def generate(text: str, model: Model | None = None, options: Options | None = None) -> tuple[Generated, ...]:
    """Matrix elements of the processes in `text`, as a user of MG5_aMC writes them.

    `model`: if None, the one `text` imports (`import model sm-no_b_mass`, `import model ./UFO_FOLDER`),
    else the Standard Model. Subprocesses with the same matrix element come
    out once. Raises GeneratorError for a request that cannot be understood or has no diagrams.
    """
    if model is None:
        model = _model(_request.model_name(text) or "sm")
    made: list[Generated] = []
    for item in _request.parse(text, model):
        made += Assembler(item, model, options or Options()).generate()
    return tuple(made)


def _model(name: str) -> Model:
    """`import model NAME`: the Standard Model, or the folder of a UFO model with its restriction."""
    if "/" not in name:
        return model_by_name(name)
    if Path(name).is_dir():
        return read_ufo(name)
    folder, _, restriction = name.rpartition("-")
    return read_ufo(folder or name, restriction or "default")
