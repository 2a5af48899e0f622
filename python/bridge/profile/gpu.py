"""Use of the GPUs while a job runs, by ``nvidia-smi``."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_PERIOD_MS = 50
_QUERY = "index,name,utilization.gpu,memory.used"


@dataclass(frozen=True, slots=True)
class GpuUse:
    """One GPU, whoever uses it: time in which it computed, in percent, and memory in MiB."""

    name: str
    mean_utilization: float
    largest_utilization: float
    largest_memory: float
    n_sample: int

    def __str__(self) -> str:
        return (
            f"{self.name}: computing {self.mean_utilization:.0f} % of the time, "
            f"at most {self.largest_utilization:.0f} %; {self.largest_memory:.0f} MiB, {self.n_sample} samples"
        )


def summarise(rows: Iterable[str]) -> list[GpuUse]:
    """One entry for each GPU from lines of index, name, percent and MiB; numbers that are not known are left out."""
    found: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        parts = [part.strip() for part in row.split(",")]
        try:
            index, *name, utilization, memory = parts
            values = (float(utilization), float(memory))
        except ValueError:
            continue
        found.setdefault(f"GPU {index}, {', '.join(name)}", []).append(values)
    return [
        GpuUse(
            name,
            sum(u for u, _ in values) / len(values),
            max(u for u, _ in values),
            max(m for _, m in values),
            len(values),
        )
        for name, values in found.items()
    ]


@contextmanager
def watch_gpus(wanted: bool = True) -> Iterator[list[GpuUse]]:
    """Fills the list at the end of the block; it stays empty if not wanted or where there is no ``nvidia-smi``."""
    found: list[GpuUse] = []
    program = shutil.which("nvidia-smi") if wanted else None
    if program is None:
        yield found
        return
    command = [program, f"--query-gpu={_QUERY}", "--format=csv,noheader,nounits", f"--loop-ms={_PERIOD_MS}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            yield found
        finally:
            process.terminate()
            found += summarise((process.communicate()[0] or "").splitlines())
