"""Writes the source files named as C++ string literals: {"name", R"(text)"}, ..."""

import sys
from pathlib import Path

out, root, *names = sys.argv[1:]
parts = []
for name in names:
    text = (Path(root) / name).read_text()
    # compilers bound the length of one literal
    pieces = [text[i : i + 8000] for i in range(0, len(text), 8000)]
    parts.append(f'{{"{name}",\n' + "\n".join(f'R"MEB({piece})MEB"' for piece in pieces) + "},\n")
Path(out).write_text("".join(parts))
