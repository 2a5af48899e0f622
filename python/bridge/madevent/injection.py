"""What an injection is on disk: its places, its manifest, its lock, and how files are written."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: the folder of make_opts is that of the file just being read
LINE = "-include $(dir $(lastword $(MAKEFILE_LIST)))mebridge.mk"
HOME = "Source/MEBRIDGE"
MANIFEST = f"{HOME}/manifest.json"
SAVED = f"{HOME}/saved"
SWITCHES = "Source/mebridge.mk"
LIBRARY = "lib/libmebridge.so"
PLUGIN = "lib/mebridge_plugin.so"
COMPILE = f"{HOME}/mebridge_compile"
FORMAT = 1
#: what may have to be made for new files; inner ones first
FOLDERS = ("lib", "bin/internal/mebridge/__pycache__", "bin/internal/mebridge")
#: what a file is called while it is being written
TEMPORARY = ".mebridge-new"
_LOCK = "Source/mebridge.lock"
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)

#: files that are linked with the seam, and all files that are compiled
LINKED = ("SubProcesses/P*/madevent", "SubProcesses/P*/madevent_fortran")
COMPILED = (
    "SubProcesses/P*/*.o",
    "SubProcesses/P*/.libs",
    "SubProcesses/P*/gensym",
    "Source/**/*.o",
    "Source/**/*.mod",
    "Source/**/*.a",
    "lib/*.a",
)


class InjectError(Exception):
    """The directory is refused, or could not be prepared. The message says why and what is left."""


@dataclass(frozen=True, slots=True)
class Subprocess:
    """How one matrix element is computed. `reason` is empty if the engine does it."""

    file: str
    program: str
    reason: str

    @property
    def is_accelerated(self) -> bool:
        return bool(self.program)


@dataclass(frozen=True, slots=True)
class Status:
    """What is in a directory."""

    path: Path
    is_injected: bool
    version: str = ""
    subprocesses: tuple[Subprocess, ...] = ()
    notes: tuple[str, ...] = ()
    #: for each folder, what is replaced besides the matrix elements
    glue: tuple[str, ...] = ()

    def __str__(self) -> str:
        if not self.is_injected:
            return "\n".join([f"{self.path}: not injected", *self.notes])
        lines = [f"{self.path}: injected (mebridge {self.version})"]
        for item in self.subprocesses:
            how = f"engine ({item.program})" if item.is_accelerated else f"Fortran: {item.reason}"
            lines.append(f"  {item.file}: {how}")
        lines += [f"  {line}" for line in self.glue]
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes)])


def madevent_root(path: str | Path) -> Path:
    """The MadEvent directory at `path`, which may be the folder of a gridpack's run.sh too."""
    root = Path(path).resolve()
    if not root.is_dir():
        raise InjectError(f"{root}: no such directory")
    if (root / "run.sh").is_file() and (root / "madevent" / "Source" / "make_opts").is_file():
        root = root / "madevent"
    for part in ("Source/make_opts", "Source/dsample.f", "SubProcesses/makefile", "Cards/run_card.dat"):
        if not (root / part).is_file():
            raise InjectError(f"{root}: not a MadEvent directory: there is no {part}")
    if not folders(root):
        raise InjectError(f"{root}: not a MadEvent directory: no SubProcesses/P*/auto_dsig.f")
    return root


def folders(root: Path) -> list[Path]:
    """The subprocess folders."""
    return sorted(path.parent for path in root.glob("SubProcesses/P*/auto_dsig.f"))


def is_gridpack(root: Path) -> bool:
    """Whether it is an unpacked gridpack, which never compiles."""
    return root.name == "madevent" and (root.parent / "run.sh").is_file()


def built(root: Path, patterns: Iterable[str]) -> list[str]:
    """Built files there are now."""
    names = {path.relative_to(root).as_posix() for pattern in patterns for path in root.glob(pattern)}
    return sorted(name for name in names if not name.startswith(f"{HOME}/"))


def is_injected(root: Path) -> bool:
    return (root / MANIFEST).is_file()


def read_manifest(root: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((root / MANIFEST).read_text())
        if manifest["format"] == FORMAT:
            return dict(manifest)
    except (ValueError, KeyError, TypeError) as error:
        raise InjectError(f"{root / MANIFEST}: damaged: {error}") from error
    raise InjectError(f"{root / MANIFEST}: written by a newer mebridge: use that one to eject")


def write_manifest(root: Path, manifest: dict[str, Any]) -> None:
    write(root / MANIFEST, json.dumps(manifest, indent=1).encode() + b"\n")


def refuse_half_edited(root: Path) -> None:
    """Without a manifest nothing may be active, and nothing of the user's be among the leftovers."""
    make_opts = root / "Source" / "make_opts"
    for number, line in enumerate(make_opts.read_text(errors="replace").splitlines(), 1):
        if "mebridge.mk" in line:
            raise InjectError(
                f"{make_opts}:{number}: half-edited: reads mebridge.mk, but there is no {MANIFEST}; "
                f"delete this line and {SWITCHES}, then try again"
            )
    if any(path.is_symlink() or path.is_file() for path in (root / SAVED).rglob("*")):
        raise InjectError(
            f"{root / SAVED}: half-edited: holds files from before inject, but there is no {MANIFEST}; "
            f"move them back and delete {root / HOME}, then try again"
        )


def remove_leftovers(root: Path) -> None:
    """Removes what an inject or eject left that was killed while nothing was active."""
    refuse_half_edited(root)
    for name in (SWITCHES, SWITCHES + TEMPORARY):
        (root / name).unlink(missing_ok=True)
    if (root / HOME).is_dir():
        shutil.rmtree(root / HOME)


def has_leftovers(root: Path) -> bool:
    """Whether one was killed, or is at work: its lock counts too."""
    return any((root / name).exists() for name in (SWITCHES, SWITCHES + TEMPORARY, HOME, _LOCK))


def refuse_unwritable(root: Path) -> None:
    for path in [root / "Source", root / "Source" / "make_opts", root / "SubProcesses", *folders(root)]:
        if not os.access(path, os.W_OK):
            raise InjectError(f"{path}: cannot be written")


@contextlib.contextmanager
def locked(root: Path) -> Iterator[None]:
    """Only one inject or eject at a time; others wait.

    Compilers inherit the lock: when an inject is killed, the next one waits for what still links.
    """
    path = root / _LOCK
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            os.set_inheritable(descriptor, True)
            _lock(descriptor)
            if not _is_at(descriptor, path):
                continue  # removed by the one we waited for
            try:
                yield
            finally:
                path.unlink(missing_ok=True)
            return
        finally:
            os.close(descriptor)


def _lock(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError as error:
        if error.errno not in _NO_LOCKS:  # file systems without locks: as good as it gets
            raise


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def write(path: Path, data: bytes, mode: int | None = None) -> None:
    """Writes a whole file or none of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + TEMPORARY)
    try:
        temporary.write_bytes(data)
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):  # a full disk does not name the file
            raise OSError(error.errno, error.strerror or str(error), str(path)) from error
        raise


def replace_file(path: Path, data: bytes) -> None:
    write(path, data, path.stat().st_mode & 0o7777)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
