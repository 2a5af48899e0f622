"""Plot of what `mebridge bench --json` wrote: matrix elements a second, bar by bar.

    python benchmarks/matrix_elements.py gg_tt.json gg_ttg.json --output speed.png

Needs matplotlib.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path


def _label(result: dict[str, object]) -> str:
    words = [str(result["backend"]), str(result["precision"])]
    if result["threads"] != 1:
        words.append(f"{result['threads']} threads")
    if result["batch"]:
        words.append(f"batch {result['batch']}")
    if result.get("events") == "device":
        words.append("on the device")
    return " ".join(word for word in words if word)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--output", type=Path, required=True, help="PNG, PDF or SVG")
    options = parser.parse_args()
    from matplotlib import pyplot as plt

    results = [r for file in options.files for r in json.loads(file.read_text())["results"]]
    groups = list(dict.fromkeys((r["process"], r["subprocess"]) for r in results))
    labels = list(dict.fromkeys(_label(r) for r in results))
    width = 0.8 / len(labels)
    figure, axes = plt.subplots(figsize=(2 + 1.5 * len(groups), 4), layout="constrained")
    for number, label in enumerate(labels):
        chosen = [r for r in results if _label(r) == label]
        places = [groups.index((r["process"], r["subprocess"])) + number * width for r in chosen]
        axes.bar(places, [r["me_per_s"] for r in chosen], width, label=label)
    axes.set_xticks([k + 0.4 - width / 2 for k in range(len(groups))], [process for process, _ in groups])
    axes.set_yscale("log")
    axes.set_ylabel("matrix elements / s")
    axes.legend(fontsize="small")
    figure.savefig(options.output)


if __name__ == "__main__":
    main()
