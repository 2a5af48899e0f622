"""Call stacks as a picture that opens in a browser: width is time, callers are below."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from zlib import crc32

from bridge.profile.stacks import Stack

_WIDTH, _ROW, _FONT = 1200.0, 17, 11
_CHARACTER = 6.4  # width of one
_SMALLEST = 0.3  # pixels


@dataclass(slots=True)
class _Node:
    count: int = 0
    children: dict[str, _Node] = field(default_factory=dict)


def flamegraph(stacks: Mapping[Stack, int], title: str) -> str:
    """An SVG document. Names and shares show when the pointer is on a box."""
    root = _Node()
    for stack, count in stacks.items():
        node = root
        node.count += count
        for name in stack:
            node = node.children.setdefault(name, _Node())
            node.count += count
    boxes: list[str] = []
    depth = _draw(root, "all", 0.0, _WIDTH, 0, root.count or 1, boxes)
    height = (depth + 3) * _ROW
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:.0f} {height}" '
        f'font-family="monospace" font-size="{_FONT}">\n'
        f'<rect width="100%" height="100%" fill="#fff"/>\n<text x="6" y="14">{escape(title)}</text>\n'
        f'<g transform="translate(0,{height - _ROW})">\n' + "\n".join(boxes) + "\n</g>\n</svg>\n"
    )


def _draw(node: _Node, name: str, x: float, width: float, level: int, total: int, boxes: list[str]) -> int:
    """Adds the boxes of a node and of all above it; returns the highest level."""
    if width < _SMALLEST:
        return level
    y = -level * _ROW
    room = int(width / _CHARACTER)
    label = escape(name if len(name) <= room else name[: room - 2] + "..") if room > 3 else ""
    text = f'<text x="{x + 2:.1f}" y="{y + 12}">{label}</text>' if label else ""
    boxes.append(
        f"<g><title>{escape(name)}: {100 * node.count / total:.1f} %</title>"
        f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{_ROW - 1}" fill="{_color(name)}"/>{text}</g>'
    )
    highest = level
    for child, below in sorted(node.children.items()):
        share = width * below.count / node.count
        highest = max(highest, _draw(below, child, x, share, level + 1, total, boxes))
        x += share
    return highest


def _color(name: str) -> str:
    """The same for the same name."""
    return f"hsl({crc32(name.encode()) % 60},80%,65%)"
