"""What an injected directory's own Python programs import: copied to ``bin/internal/mebridge``.

The modules need the standard library alone, Python 3.8 or later. They are installed by lines that
`inject` adds to files of ``bin/internal``. ``MEBRIDGE=0``, or a ``MEBRIDGE_GLUE`` without their
name and ``all``: MadEvent's own code runs.
"""

from __future__ import annotations

import os
import sys


def is_wanted(unit: str) -> bool:
    """What the environment says, and whether this Python is new enough."""
    units = (os.environ.get("MEBRIDGE_GLUE") or "all").split(",")
    is_on = os.environ.get("MEBRIDGE", "1") != "0" and ("all" in units or unit in units)
    return is_on and sys.version_info >= (3, 8)
