"""Prints the matrix element of each event: evaluate.py PROGRAM VALUES MOMENTA

VALUES: lines "NAME real imaginary", one for each parameter and coupling of the Program.
MOMENTA: lines "E px py pz" in GeV, n_leg for each event.
"""

import sys
from pathlib import Path

import numpy as np

import bridge


def read_values(path: str) -> dict[str, complex]:
    lines = (line.split() for line in Path(path).read_text().splitlines())
    return {name: complex(float(re), float(im)) for name, re, im in lines}


def main() -> None:
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    program = bridge.Program.from_file(sys.argv[1])
    engine = bridge.Engine(program)
    engine.set_parameters(read_values(sys.argv[2]))
    momenta = np.loadtxt(sys.argv[3], ndmin=2).reshape(-1, program.n_leg, 4)
    for matrix_element in engine.evaluate(momenta).matrix_element:
        print(f"{matrix_element:.17e}")


if __name__ == "__main__":
    main()
