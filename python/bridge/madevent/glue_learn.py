"""Adds the procedures of directories that MG5_aMC wrote, and nobody edited, to ``glue_known.json``.

A maintainer's tool, after the replacements have been compared with them:
`python -m bridge.madevent.glue_learn DIRECTORY...`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bridge.madevent.glue import HOOKS, UNITS, digests, file_digest
from bridge.madevent.injection import folders


def main(roots: list[str]) -> None:
    path = Path(__file__).parent / "glue_known.json"
    known: dict[str, list[str]] = json.loads(path.read_text()) if path.is_file() else {}
    for root in map(Path, roots):
        is_late = any(
            "ivec" in path.read_text(errors="replace").lower() for path in root.glob("SubProcesses/P*/unwgt.f")
        )
        for hook in HOOKS:
            path_of_hook = root / hook.file
            if hook.is_bound and not (is_late and hook.early_only) and path_of_hook.is_file():
                value = file_digest(path_of_hook.read_bytes())
                if value not in known.setdefault(path_of_hook.name, []):
                    known[path_of_hook.name].append(value)
        for folder in folders(root):
            late = "ivec" in (folder / "unwgt.f").read_text(errors="replace").lower()
            for unit in UNITS:
                if not unit.is_for(late):
                    continue
                for name, value in digests(root, folder, unit).items():
                    if value and value not in known.setdefault(name, []):
                        known[name].append(value)
    path.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
