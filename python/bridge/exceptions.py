"""What can go wrong: one class for each status of the C interface (`meb_status`)."""

from __future__ import annotations


class Error(Exception):
    """Base of every exception of the package's engine. The message says what to do."""


class ArgumentError(Error, ValueError):
    """An argument has the wrong type, shape or value, or is missing."""


class FileError(Error, OSError):
    """A file cannot be read."""


class ProgramError(Error, ValueError):
    """A Program is corrupt, truncated, or written by a newer version."""


class UnsupportedError(Error, RuntimeError):
    """This CPU or this build cannot do what was asked."""


class OutOfMemoryError(Error, MemoryError):
    """Out of memory."""


class StateError(Error, RuntimeError):
    """Called in the wrong order, such as `evaluate` before `set_parameters`."""


class InternalError(Error, RuntimeError):
    """A defect of mebridge: please report it."""


class DeviceError(Error, RuntimeError):
    """The GPU failed; a new engine, here or on the CPU, is needed."""


BY_STATUS: dict[int, type[Error]] = {
    1: ArgumentError,
    2: FileError,
    3: ProgramError,
    4: UnsupportedError,
    5: OutOfMemoryError,
    6: StateError,
    7: InternalError,
    8: DeviceError,
}
