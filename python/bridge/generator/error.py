"""What the generator refuses."""

from __future__ import annotations

from bridge.exceptions import Error


class GeneratorError(Error, ValueError):
    """A process that cannot be generated; the message names what is wrong with it."""
