"""Throughput of the CUDA engine against batch size and threads a block, with arrays in GPU memory.

    python benchmarks/gpu_throughput.py [--plot FILE.pdf] [--json FILE.json] [PROCESS ...]

For each process: matrix elements alone, and with channel weight, helicity and colour selection. Each point is
the median of several repetitions, timed with CUDA events. The fractions of the FP64 peak, which is that outside of the
tensor cores, count the operations of `Engine.operations`, those of the bandwidth an event's input and output. Needs
CuPy; matplotlib for --plot.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
from typing import Any

import cupy  # type: ignore[import-not-found,import-untyped,unused-ignore]
import numpy as np

import bridge
from bridge import _core, generator
from bridge.program import load
from bridge.validate import rambo

PROCESSES = ("e+ e- > mu+ mu-", "g g > t t~ g g")
BATCHES = tuple(2**k for k in range(6, 21))
THREADS = (64, 128, 256, 512)
N_DISTINCT = 16384
#: bytes a second of an NVIDIA H200's memory
PEAK_BYTES = 4.8e12


def batch(request: str, n_event: int) -> tuple[bridge.Program, dict[str, complex], dict[str, Any]]:
    """Program, the model's values and arrays on the GPU."""
    made = generator.generate(request)[0]
    process = made.process
    values = {name: complex(value) for name, value in generator.parameters(model=made.model).items()}
    masses = [abs(values[leg.mass].real) if leg.mass else 0.0 for leg in process.legs]
    n_incoming = sum(leg.incoming for leg in process.legs)
    program = load(process)
    rng = np.random.default_rng(1)
    config = rng.integers(1, program.n_config + 1, n_event).astype(np.int32)
    momenta = rambo.generate(masses[:n_incoming], masses[n_incoming:], min(n_event, N_DISTINCT), 1)
    running = np.array([values[name] for name in program.running_couplings], dtype=np.complex128)
    arrays = {
        "momenta": np.resize(momenta, (n_event, *momenta.shape[1:])),
        "channel": np.array(process.config_diagrams, dtype=np.int32)[config - 1],
        "random_helicity": rng.random(n_event),
        "random_color": rng.random(n_event),
        "color_config": config,
    }
    if running.size:
        arrays["running_couplings"] = np.outer(rng.uniform(0.9, 1.1, n_event), running)
    return program, values, {name: cupy.asarray(array) for name, array in arrays.items()}


def seconds(engine: bridge.Engine, arrays: dict[str, Any], outputs: tuple[str, ...]) -> float:
    """Of one evaluation: median of repetitions of at least ten milliseconds."""

    def run(n: int) -> float:
        start, end = cupy.cuda.Event(), cupy.cuda.Event()
        start.record()
        for _ in range(n):
            engine.evaluate(**arrays, outputs=outputs)
        end.record()
        end.synchronize()
        return float(cupy.cuda.get_elapsed_time(start, end)) / 1e3 / n

    run(2)
    n = max(1, int(0.01 / max(run(3), 1e-7)))
    return statistics.median(run(n) for _ in range(5))


def measure(request: str) -> list[dict[str, Any]]:
    """One entry for each batch size at the engine's own choice, and for each number of threads at the largest."""
    program, values, arrays = batch(request, max(BATCHES))
    peak = _core.measure_peak("cuda", 0)
    entries = []
    for threads in (None, *THREADS):
        if threads is None:
            os.environ.pop("MEBRIDGE_CUDA_THREADS", None)
        else:
            os.environ["MEBRIDGE_CUDA_THREADS"] = str(threads)
        engine = bridge.Engine(program, "cuda")
        engine.set_parameters(values)
        for n_event in BATCHES if threads is None else BATCHES[-1:]:
            part = {name: array[:n_event] for name, array in arrays.items()}
            plain = {name: part[name] for name in ("momenta", "running_couplings") if name in part}
            for what, given, outputs in (
                ("matrix elements", plain, ("matrix_element",)),
                ("with selection", part, ("matrix_element", "helicity", "color_flow")),
            ):
                rate = n_event / seconds(engine, given, outputs)
                n_byte = sum(array.nbytes for array in given.values()) / n_event + 8 * len(outputs)
                entries.append(
                    {
                        "process": request,
                        "what": what,
                        "n_event": n_event,
                        "threads": threads,
                        "per_second": rate,
                        "of_fp64_peak": rate * engine.operations(given is part) / peak,
                        "of_bandwidth": rate * n_byte / PEAK_BYTES,
                        "description": engine.description,
                    }
                )
                print(f"{request:20} {what:16} {n_event:8} {threads or 'own':>4} threads: {rate:.3g}/s", flush=True)
    return entries


def plot(entries: list[dict[str, Any]], path: str) -> None:
    """Against batch size (left) and threads a block (right): throughput, fractions of the peak and of the bandwidth."""
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(3, 2, figsize=(10, 9), sharex="col", sharey="row")
    for request in dict.fromkeys(e["process"] for e in entries):
        for what, style in (("matrix elements", "-"), ("with selection", "--")):
            mine = [e for e in entries if e["process"] == request and e["what"] == what]
            for column, x in enumerate(("n_event", "threads")):
                shown = [e for e in mine if (e["threads"] is None) == (column == 0)]
                for row, y in enumerate(("per_second", "of_fp64_peak", "of_bandwidth")):
                    values = [e[y] for e in shown]
                    axes[row, column].plot([e[x] for e in shown], values, style + "o", ms=3, label=f"{request}, {what}")
    for row, label in enumerate(("events a second", "fraction of FP64 peak", "fraction of memory bandwidth")):
        axes[row, 0].set(ylabel=label, xscale="log", yscale="log")
    axes[2, 0].set(xlabel="events a batch")
    axes[2, 1].set(xlabel="threads a block")
    axes[0, 0].legend(fontsize="small")
    figure.tight_layout()
    figure.savefig(path)


def main() -> None:
    """Measures, prints, and writes what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("process", nargs="*", default=PROCESSES)
    parser.add_argument("--plot")
    parser.add_argument("--json")
    given = parser.parse_args()
    entries = [entry for request in given.process for entry in measure(request)]
    if given.json:
        with open(given.json, "w", encoding="utf-8") as file:
            json.dump(entries, file, indent=1)
    if given.plot:
        plot(entries, given.plot)


if __name__ == "__main__":
    main()
