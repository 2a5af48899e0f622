"""A small reader of event files with the classes that merging replaces parts of, and their habits.

Numbers are read with float() and written with %; every event is read in each attempt and drawn with
`random`. It stands in for MadEvent's own, of which it knows the names alone.
"""

from __future__ import annotations

import gzip
import math
import random as python_random
import types
from typing import Any

PARTICLE = " %8d %2d %4d %4d %4d %4d %+13.10e %+13.10e %+13.10e %14.10e %14.10e %10.4e %10.4e"
HEADER = "%2d %6d %+13.7e %14.8e %14.8e %14.8e"


class Event(list):  # type: ignore[type-arg]
    """Particles are lists of 13 numbers; those with energy 0 that do not come in are dropped."""

    def __init__(self, text: Any = None) -> None:
        list.__init__(self)
        self.comment = self.tag = ""
        self.header: list[float] = []
        in_tags = False
        for line in (line.strip() for line in text or () if line.strip()):
            if line.startswith("#"):
                self.comment += line + "\n"
            elif line.startswith("<event"):
                continue
            elif not self.header:
                words = line.split()
                assert len(words) == 6
                self.header = [float(word) for word in words]
                self.ievent, self.wgt = int(words[1]), float(words[2])
            elif in_tags or "<" in line:
                in_tags = True
                self.tag += line.replace("</event>", "", 1) + "\n"
            else:
                self._add([float(word) for word in line.split()[:13]])

    def _add(self, particle: list[float]) -> None:
        if particle[9] != 0 or particle[1] == -1:
            self.append(particle)
        else:
            self.header[0] -= 1

    def __str__(self, event_id: str = "") -> str:
        self.header[2] = self.wgt
        lines = ["<event>", HEADER % tuple(self.header), *(PARTICLE % tuple(particle) for particle in self)]
        lines += [*self.comment.splitlines(), *(line for line in self.tag.splitlines() if line), "</event>", ""]
        return "\n".join(lines)


class LateEvent(list):  # type: ignore[type-arg]
    """All but the weight is kept as text."""

    def __init__(self, text: Any = None, parse_momenta: bool = True) -> None:
        list.__init__(self)
        lines = [line.strip() for line in text or () if line.strip()]
        self.comment = [line for line in lines if line.startswith("#")]
        self.tags = [line for line in lines if not line.startswith(("#", "<event"))]
        self.words = self.tags.pop(0).split()
        assert len(self.words) == 6
        self.ievent, self.wgt = self.words[1], float(self.words[2])
        if self.tags[-1].endswith("</event>"):
            self.tags[-1] = self.tags[-1].replace("</event>", "", 1)

    def __str__(self, event_id: str = "") -> str:
        self.words[2] = f"{self.wgt:+13.7e}"
        lines = [*self.comment, *self.tags]
        return "\n".join(["<event>", " ".join(self.words), *(line for line in lines if line), "</event>", ""])


def namespace(event_class: Any) -> dict[str, Any]:
    """What a module has that is this parser."""

    class EventFile:
        def __init__(self, path: str, mode: str = "r") -> None:
            self.path = path
            self.eventgroup = False
            self.file: Any = gzip.open(path, mode + "t") if path.endswith(".gz") else open(path, mode)  # noqa: SIM115

        def __iter__(self) -> Any:
            return self

        def __next__(self) -> Any:
            return self.next_event()

        def next_event(self) -> Any:
            lines: list[str] = []
            while line := self.file.readline():
                lines = [] if "<event" in line else lines
                lines.append(line)
                if "</event>" in line:
                    event = names["Event"](lines)
                    if not lines[0].lstrip().startswith("<event"):
                        raise RuntimeError("no beginning of an event")
                    return event
            raise StopIteration

        def seek(self, position: int) -> None:
            self.file.seek(position)

        def write(self, text: str) -> None:
            self.file.write(text)

        def close(self) -> None:
            self.file.close()

    class MultiEventFile(EventFile):
        def __init__(self, paths: list[str], across: list[float]) -> None:
            self.eventgroup = False
            self.files = [EventFile(path) for path in paths]
            self.across = across
            self.scales = [1.0] * len(paths)

        def __iter__(self) -> Any:
            self.left = list(self.n_event)
            return self

        def __next__(self) -> Any:
            if sum(self.left) == 0:
                raise StopIteration
            rank = names["random"].randint(1, sum(self.left))
            for i, file in enumerate(self.files):
                rank -= self.left[i]
                if rank <= 0:
                    self.left[i] -= 1
                    event = next(file)
                    event.sample_scale = self.scales[i]
                    return event
            raise AssertionError

        def seek(self, position: int) -> None:
            for file in self.files:
                file.seek(position)

        def _weights(self, get_wgt: Any) -> list[float]:
            self.seek(0)
            weights: list[float] = []
            self.n_event = []
            for i, file in enumerate(self.files):
                found = [abs(get_wgt(event)) for event in file]
                if not found:
                    raise RuntimeError("a file without events")
                self.n_event.append(len(found))
                self.scales[i] = self.across[i] / sum(found)
                weights += [self.scales[i] * weight for weight in found]
            return weights

        def unweight(self, outputpath: Any, get_wgt: Any, event_target: int = 0) -> int:
            largest, n_kept = max(self._weights(get_wgt)), 0
            written = sum(self.across)
            for _ in range(20):
                self.seek(0)
                output = names["EventFile"](outputpath, "w")
                output.write("<LesHouchesEvents>\n")
                n_kept = 0
                for event in self:
                    r = names["random"].random()
                    weight = get_wgt(event) * event.sample_scale
                    if abs(weight) < r * largest:
                        continue
                    n_kept += 1
                    event.wgt = math.copysign(written, weight)
                    if n_kept <= event_target:
                        output.write(str(event))
                output.write("</LesHouchesEvents>\n")
                output.close()
                if n_kept >= event_target:
                    break
                largest *= 0.8
            return n_kept

    misc = types.SimpleNamespace(gzip=lambda path, stdout=None: None)
    names: dict[str, Any] = {"EventFile": EventFile, "MultiEventFile": MultiEventFile, "Event": event_class}
    names.update(random=python_random, misc=misc)
    return names
