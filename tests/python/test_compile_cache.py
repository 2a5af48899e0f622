"""mebridge_compile against the compiler itself: the same objects, messages and statuses, and never an old one."""

from __future__ import annotations

import hashlib
import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bridge.madevent import plan

GFORTRAN = shutil.which("gfortran") or ""
pytestmark = pytest.mark.skipif(not GFORTRAN, reason="needs gfortran")

SOURCE = """\
      subroutine work(x)
      use constants, only: scale_factor
      include 'sizes.inc'
      double precision x(n)
      x = x*scale_factor
      end
"""
MODULE = "      module constants\n      double precision, parameter :: scale_factor = 2d0\n      end module\n"
OPTIONS = ("-O", "-fPIC", "-c", "work.f", "-I../first", "-I../second")


def _program() -> Path:
    path = plan._library().with_name("mebridge_compile")
    if not path.is_file():
        pytest.skip("mebridge_compile is not built")
    return path


@dataclass
class Workplace:
    """A folder with a source, two include folders beside it, and a cache."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return self.root / "work"

    @property
    def cache(self) -> Path:
        return Path(self.environment["MEBRIDGE_COMPILE_CACHE"])

    def compile(
        self, *options: str, compiler: str = GFORTRAN, folder: Path | None = None, **arguments: object
    ) -> subprocess.CompletedProcess[str]:
        """Through the cache."""
        return subprocess.run(
            [str(_program()), compiler, *(options or OPTIONS)],
            cwd=folder or self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            **arguments,  # type: ignore[call-overload]
        )

    def reference(self, *options: str, output: str = "work.o") -> tuple[subprocess.CompletedProcess[str], bytes]:
        """By the compiler alone: what it says, and the object."""
        path = self.folder / "reference.o"
        path.unlink(missing_ok=True)
        done = subprocess.run(
            [GFORTRAN, *(options or OPTIONS), "-o", path.name],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return done, path.read_bytes() if path.is_file() else b""

    def log(self) -> list[str]:
        """How each call went since the last time this was asked: cached, compiled or plain."""
        path = Path(self.environment["MEBRIDGE_COMPILE_LOG"])
        lines = path.read_text().splitlines() if path.is_file() else []
        path.unlink(missing_ok=True)
        return [line.split()[0] for line in lines]

    def check(self, how: str, *options: str) -> None:
        """The call went as expected, and the object is that of the compiler."""
        (self.folder / "work.o").unlink(missing_ok=True)
        done = self.compile(*options)
        assert done.returncode == 0, done.stderr
        assert self.log() == [how]
        assert (self.folder / "work.o").read_bytes() == self.reference(*options)[1]


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    place = Workplace(tmp_path)
    for name in ("work", "first", "second"):
        (tmp_path / name).mkdir()
    place.folder.joinpath("work.f").write_text(SOURCE)
    (tmp_path / "second" / "sizes.inc").write_text("      integer, parameter :: n = 3\n")
    (tmp_path / "second" / "constants.f").write_text(MODULE)
    _make_module(tmp_path / "second")
    place.environment = {
        **os.environ,
        "LC_ALL": "C",
        "MEBRIDGE_COMPILE_CACHE": str(tmp_path / "cache"),
        "MEBRIDGE_COMPILE_LOG": str(tmp_path / "log"),
    }
    return place


def _make_module(folder: Path) -> None:
    subprocess.run([GFORTRAN, "-fsyntax-only", "constants.f"], cwd=folder, check=True)


def test_second_time_it_is_the_same_object(place: Workplace) -> None:
    place.check("compiled")
    place.check("cached")


def test_another_folder_of_the_same_content_profits(place: Workplace, tmp_path: Path) -> None:
    place.check("compiled")
    other = tmp_path / "other"
    for name in ("work", "first", "second"):
        shutil.copytree(tmp_path / name, other / name)
    (other / "work" / "work.o").unlink()
    assert place.compile(folder=other / "work").returncode == 0
    assert place.log() == ["cached"]
    assert (other / "work" / "work.o").read_bytes() == (place.folder / "work.o").read_bytes()


def test_output_may_have_another_name(place: Workplace) -> None:
    place.check("compiled")
    assert place.compile(*OPTIONS, "-o", "elsewhere.o").returncode == 0
    assert place.log() == ["cached"]
    assert (place.folder / "elsewhere.o").read_bytes() == place.reference()[1]


def _edit(name: str, text: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        (root / name).write_text(text)

    return change


def _other_module(where: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        root.joinpath(where, "constants.f").write_text(MODULE.replace("2d0", "5d0"))
        _make_module(root / where)

    return change


SEVEN = "      integer, parameter :: n = 7\n"
CHANGES = {
    "source": _edit("work/work.f", SOURCE.replace("x*", "3*x*")),
    "include": _edit("second/sizes.inc", SEVEN),
    "include that comes before in -I": _edit("first/sizes.inc", SEVEN),
    "include that comes before beside the source": _edit("work/sizes.inc", SEVEN),
    "module": _other_module("second"),
    "module that comes before in -I": _other_module("first"),
    "module that comes before in the working folder": _other_module("work"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_it_reads_has_changed(place: Workplace, change: Callable[[Path], None]) -> None:
    place.check("compiled")
    before = (place.folder / "work.o").read_bytes()
    change(place.root)
    place.check("compiled")
    assert (place.folder / "work.o").read_bytes() != before
    place.check("cached")


def test_include_within_an_include(place: Workplace) -> None:
    inner = place.root / "first" / "inner.inc"
    inner.write_text(SEVEN)
    (place.root / "second" / "sizes.inc").write_text('      INCLUDE "inner.inc" ! sizes\n')
    place.check("compiled")
    place.check("cached")
    inner.write_text(SEVEN.replace("7", "9"))
    place.check("compiled")


@pytest.mark.parametrize("options", [("-O2", *OPTIONS[1:]), (*OPTIONS, "-fbounds-check"), (*OPTIONS, "-march=native")])
def test_other_options(place: Workplace, options: tuple[str, ...]) -> None:
    place.check("compiled")
    place.check("compiled", *options)
    place.check("cached", *options)


def test_order_of_include_folders(place: Workplace) -> None:
    CHANGES["include that comes before in -I"](place.root)
    place.check("compiled")
    place.check("compiled", *OPTIONS[:-2], OPTIONS[-1], OPTIONS[-2])


@pytest.mark.parametrize("name", ["CPATH", "COMPILER_PATH", "LC_MESSAGES", "GCC_COLORS", "COLUMNS"])
def test_environment(place: Workplace, name: str) -> None:
    place.check("compiled")
    place.environment[name] = str(place.root)
    place.check("compiled")
    place.check("cached")


def test_an_environment_that_asks_for_more_output(place: Workplace) -> None:
    place.environment["DEPENDENCIES_OUTPUT"] = str(place.root / "dependencies")
    place.check("plain")


def _script(place: Workplace, text: str) -> str:
    path = place.root / "bin" / "gfortran"
    path.parent.mkdir(exist_ok=True)
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return str(path)


def test_compiler_that_gives_other_code(place: Workplace) -> None:
    """A script of the same name that hands on other options."""
    for level in ("-O0", "-O3"):
        compiler = _script(place, f'exec {GFORTRAN} "$@" {level}\n')
        for how in ("compiled", "cached"):
            assert place.compile(compiler=compiler).returncode == 0
            assert place.log() == [how]
        expected = place.reference(*OPTIONS, level)[1]
        assert (place.folder / "work.o").read_bytes() == expected


def test_compiler_that_was_installed_anew(place: Workplace) -> None:
    """The programs that the driver runs count by size and time."""
    folder = place.root / "prefix"
    folder.mkdir()
    assembler = folder / "as"
    real = shutil.which("as")
    place.environment["COMPILER_PATH"] = str(folder)
    assembler.write_text(f'#!/bin/sh\nexec {real} "$@"\n')
    assembler.chmod(0o755)
    place.check("compiled")
    place.check("cached")
    assembler.write_text(f'#!/bin/sh\n# newer\nexec {real} "$@"\n')
    place.check("compiled")


def test_unknown_compiler(place: Workplace) -> None:
    path = place.root / "ifort"
    path.symlink_to(GFORTRAN)
    assert place.compile(compiler=str(path)).returncode == 0
    assert place.log() == ["plain"]


@pytest.mark.parametrize("name", ["work.F", "work.f90"])
def test_preprocessed(place: Workplace, name: str) -> None:
    (place.folder / name).write_text(
        '      integer function work()\n#include "number.h"\n      work = NUMBER + OTHER\n      end\n'
    )
    header = place.root / "first" / "number.h"
    header.write_text("#define NUMBER 4\n")
    options = ("-cpp", "-DOTHER=1", "-c", name, "-I../first")
    place.check("compiled", *options)
    place.check("cached", *options)
    place.check("compiled", "-cpp", "-DOTHER=2", *options[2:])
    header.write_text("#define NUMBER 5\n")
    place.check("compiled", *options)


def test_time_in_the_text(place: Workplace) -> None:
    """The preprocessor writes when the source was changed last."""
    source = place.folder / "work.F"
    source.write_text("      subroutine work\n      print *, __TIMESTAMP__\n      end\n")
    place.check("compiled", "-c", "work.F")
    place.check("cached", "-c", "work.F")
    os.utime(source, (10**9, 10**9))
    place.check("compiled", "-c", "work.F")


@pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++")
def test_cpp(place: Workplace) -> None:
    place.folder.joinpath("work.cc").write_text('#include "number.h"\nint work() { return NUMBER; }\n')
    header = place.root / "first" / "number.h"
    objects = []
    for number, how in ((1, "compiled"), (1, "cached"), (2, "compiled"), (1, "cached")):
        header.write_text(f"#define NUMBER {number}\n")
        assert place.compile("-O", "-c", "work.cc", "-I../first", compiler="g++").returncode == 0
        assert place.log() == [how]
        objects.append((place.folder / "work.o").read_bytes())
    assert objects[0] == objects[1] == objects[3] != objects[2]


def test_warnings_are_repeated(place: Workplace) -> None:
    place.folder.joinpath("work.f").write_text("      subroutine work(x)\n      integer i\n      end\n")
    options = ("-Wall", "-Wextra", "-c", "work.f", "-I../nowhere")
    expected = place.reference(*options)[0]
    assert "unused" in expected.stderr.lower()
    assert "../nowhere" in expected.stderr
    for _ in range(2):
        done = place.compile(*options)
        assert (done.returncode, done.stdout, done.stderr) == (0, expected.stdout, expected.stderr)
    assert place.log() == ["compiled", "cached"]
    (place.root / "nowhere").mkdir()
    assert place.compile(*options).stderr == place.reference(*options)[0].stderr


def test_errors_are_those_of_the_compiler(place: Workplace) -> None:
    place.folder.joinpath("work.f").write_text("      subroutine work(x\n      end\n")
    expected = place.reference()[0]
    assert expected.returncode != 0
    for _ in range(2):
        done = place.compile()
        assert (done.returncode, done.stdout, done.stderr) == (expected.returncode, expected.stdout, expected.stderr)
    assert place.log() == ["plain", "plain"]
    assert not (place.folder / "work.o").exists()


def test_no_compiler(place: Workplace) -> None:
    done = place.compile(compiler="/nowhere/gfortran")
    assert done.returncode == 127
    assert "/nowhere/gfortran: No such file" in done.stderr


# ----------------------------------------------------------------------------------- modules

OWN_MODULE = """\
      module own
      integer :: i = 1
      end module
      subroutine work
      use own
      i = 2
      end
"""
#: an object much larger than its assembler text
LARGE = """\
      subroutine work
      integer i(50000)
      data i(1) /3/
      print *, i
      end
"""


def test_module_files_come_with_the_object(place: Workplace) -> None:
    place.folder.joinpath("work.f").write_text(OWN_MODULE)
    place.check("compiled")
    module = place.folder / "own.mod"
    expected = module.read_bytes()
    module.unlink()
    assert place.compile().returncode == 0
    assert place.log() == ["cached"]
    assert module.read_bytes() == expected


def test_module_file_that_stays_the_same_is_not_touched(place: Workplace) -> None:
    place.folder.joinpath("work.f").write_text(OWN_MODULE)
    place.check("compiled")
    os.utime(place.folder / "own.mod", (1, 1))
    place.check("cached")
    assert (place.folder / "own.mod").stat().st_mtime == 1


def test_own_module_of_an_earlier_version(place: Workplace) -> None:
    """What is left of it is no dependency, and is replaced."""
    for number, how in (("1", "compiled"), ("3", "compiled"), ("1", "cached")):
        place.folder.joinpath("work.f").write_text(OWN_MODULE.replace("= 1", f"= {number}"))
        place.check(how)


def test_module_that_is_in_use(place: Workplace) -> None:
    """USE before the module of that name in the same source reads the file of before, which is then replaced."""
    text = "      subroutine early\n      use constants\n      print *, scale_factor\n      end\n" + MODULE
    place.folder.joinpath("work.f").write_text(text)
    for _ in range(2):
        CHANGES["module that comes before in the working folder"](place.root)
        place.compile()
        assert place.log() == ["compiled"]
        assert not _entries(place)


@pytest.mark.parametrize(
    "text",
    [
        "      use constants, only: a=>scale_factor",
        "      USE constants",
        "      useconstants",
        "   10 use constants",
        "      use, non_intrinsic :: constants",
        "      use ::constants ! comment",
        "\tuse constants",
        "      use iso_c_binding; use constants",
        "      u s e  c o n s t a n t s",
        "!$    use constants",
    ],
)
def test_forms_of_use(place: Workplace, text: str) -> None:
    place.folder.joinpath("work.f").write_text(f"      subroutine work\n{text}\n      print *, 1\n      end\n")
    options = (*OPTIONS, "-fopenmp")
    place.check("compiled", *options)
    place.check("cached", *options)
    CHANGES["module"](place.root)
    assert place.compile(*options).returncode == 0
    assert place.log() == ["compiled"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("work.f", "      use con\n     &stants\n"),
        ("work.f", "      us\nc comment\n     1e constants\n"),
        ("work.f", "      use\n\n     & constants\n"),
        ("work.f", " " * 60 + "use constants\n"),
        ("work.f90", "use con&\n  &stants\n"),
        ("work.f90", "use :: & ! comment\n  constants\n"),
        ("work.f90", "us&\n&e constants\n"),
        ("work.f90", "use, non_&\n&intrinsic :: constants\n"),
    ],
)
def test_use_that_is_not_understood(place: Workplace, name: str, text: str) -> None:
    """Left to the compiler, always."""
    (place.folder / name).write_text(f"      subroutine work\n{text}      print *, scale_factor\n      end\n")
    options = ("-ffixed-line-length-132", "-c", name, "-I../second")
    place.check("plain", *options)


def test_submodules_are_not_kept(place: Workplace) -> None:
    place.folder.joinpath("work.f90").write_text(
        "module m\ninterface\nmodule subroutine s\nend subroutine\nend interface\nend module\n"
        "submodule (m) n\ncontains\nmodule procedure s\nend procedure\nend submodule\n"
    )
    place.check("plain", "-c", "work.f90")


# -------------------------------------------------------------------- what it keeps out of


@pytest.mark.parametrize(
    "extra", ["-g", "-flto", "-save-temps", "-fprofile-generate", "-Wa,--noexecstack", "-J.", "-fdec", "-v", "-x f77"]
)
def test_options_that_are_left_alone(place: Workplace, extra: str) -> None:
    done = place.compile(*extra.split(), *OPTIONS)
    assert done.returncode == 0, done.stderr
    assert place.log() == ["plain"]


def test_linking_is_left_alone(place: Workplace) -> None:
    place.folder.joinpath("main.f").write_text("      print *, 'here'\n      end\n")
    assert place.compile("main.f", "-o", "main").returncode == 0
    assert place.log() == ["plain"]
    assert subprocess.run([place.folder / "main"], capture_output=True, text=True, check=True).stdout.split() == [
        "here"
    ]


def test_switched_off(place: Workplace) -> None:
    cache = place.cache
    place.environment["MEBRIDGE_COMPILE_CACHE"] = "0"
    place.check("plain")
    assert not cache.exists()


@pytest.mark.parametrize("chosen", ["", "1"])
def test_place_of_the_cache(place: Workplace, chosen: str) -> None:
    place.environment["MEBRIDGE_COMPILE_CACHE"] = chosen
    place.environment["XDG_CACHE_HOME"] = str(place.root / "xdg")
    place.check("compiled")
    assert list((place.root / "xdg" / "mebridge" / "compile").glob("?/*"))
    del place.environment["XDG_CACHE_HOME"]
    place.environment["HOME"] = str(place.root / "home")
    place.check("compiled")
    assert list((place.root / "home" / ".cache" / "mebridge" / "compile").glob("?/*"))


# ------------------------------------------------------------------------ what can go wrong


def _entries(place: Workplace) -> list[Path]:
    return sorted(place.cache.glob("?/*"))


def test_each_entry_has_its_digest(place: Workplace) -> None:
    place.check("compiled")
    (entry,) = _entries(place)
    data = entry.read_bytes()
    assert data[-32:] == hashlib.blake2b(data[:-32], digest_size=32).digest()


@pytest.mark.parametrize("damage", ["cut", "empty", "flipped", "longer", "other key"])
def test_damaged_entry_is_replaced(place: Workplace, damage: str) -> None:
    place.check("compiled")
    (entry,) = _entries(place)
    data = entry.read_bytes()
    if damage == "other key":
        data = data[:40] + bytes([data[40] ^ 1]) + data[41:-32]
        data += hashlib.blake2b(data, digest_size=32).digest()
    changed = {"cut": data[:-40], "empty": b"", "longer": data + b"x", "other key": data}
    flipped = data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 4]) + data[len(data) // 2 + 1 :]
    entry.write_bytes(changed.get(damage, flipped))
    place.check("compiled")
    place.check("cached")


def test_killed_after_it_has_compiled(place: Workplace) -> None:
    compiler = _script(place, f'{GFORTRAN} "$@"; status=$?\ncase "$*" in *-###*) exit $status;; esac\nkill -9 $PPID\n')
    assert place.compile(compiler=compiler).returncode == -signal.SIGKILL
    assert not _entries(place)
    place.check("compiled")
    place.check("cached")


def test_many_at_once(place: Workplace) -> None:
    """In folders of the same content, and twice in each."""
    expected = place.reference()[1]
    folders = []
    for i in range(3):
        for name in ("work", "first", "second"):
            shutil.copytree(place.root / name, place.root / f"copy{i}" / name)
        folders += [place.root / f"copy{i}" / "work"] * 2
    command = [str(_program()), GFORTRAN, *OPTIONS]
    running = [subprocess.Popen(command, cwd=folder, env=place.environment) for folder in folders]
    assert [process.wait() for process in running] == [0] * len(running)
    assert {(folder / "work.o").read_bytes() for folder in folders} == {expected}
    assert not list(place.root.glob("copy*/work/*.mebridge*"))
    place.log()
    place.check("cached")


def test_cache_that_cannot_be_written(place: Workplace) -> None:
    place.cache.write_text("not a folder")
    place.check("plain")


def _no_larger_than(n_byte: int) -> Callable[[], None]:
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (n_byte, n_byte))

    return limit


def test_no_room_for_the_entry(place: Workplace) -> None:
    """As on a full disk: an object can be written, the larger entry cannot."""
    place.folder.joinpath("work.f").write_text(LARGE)
    expected = place.reference()[1]
    done = place.compile(preexec_fn=_no_larger_than(len(expected) + 20))
    assert done.returncode == 0, done.stderr
    assert (place.folder / "work.o").read_bytes() == expected
    assert not _entries(place)
    assert not list((place.cache / "new").iterdir())


def test_no_room_for_the_object(place: Workplace) -> None:
    """The compiler says so itself; what was there before is not half overwritten by us."""
    place.folder.joinpath("work.f").write_text(LARGE)
    place.check("compiled")
    done = place.compile(preexec_fn=_no_larger_than(1000))
    assert done.returncode != 0
    assert done.stderr


def test_those_not_used_for_longest_make_room(place: Workplace) -> None:
    place.environment["MEBRIDGE_COMPILE_CACHE_SIZE"] = "1"
    for i in range(16):
        folder = place.cache / f"{i:x}"
        folder.mkdir(parents=True)
        for age in range(1, 5):
            path = folder / f"old{age}"
            path.write_bytes(bytes(20000))
            os.utime(path, (10**9 - age, 10**9 - age))
    abandoned = place.cache / "new" / "abandoned"
    abandoned.parent.mkdir()
    abandoned.write_text("")
    os.utime(abandoned, (10**9, 10**9))
    place.check("compiled")
    (new,) = [path for path in _entries(place) if not path.name.startswith("old")]
    left = {path.name for path in new.parent.iterdir()}
    assert left == {"old1", "old2", new.name}
    assert not abandoned.exists()
    place.check("cached")


def test_source_in_another_folder(place: Workplace) -> None:
    """INCLUDE is looked for in its folder and not in the working one, USE first in the working one."""
    options = ("-c", "../first/work.f", "-I../second")
    (place.folder / "work.f").rename(place.root / "first" / "work.f")
    place.check("compiled", *options)
    CHANGES["include that comes before beside the source"](place.root)
    place.check("cached", *options)
    CHANGES["include that comes before in -I"](place.root)
    place.check("compiled", *options)
    CHANGES["module that comes before in -I"](place.root)
    place.check("compiled", *options)
    CHANGES["module that comes before in the working folder"](place.root)
    place.check("compiled", *options)


def test_output_that_is_no_file(place: Workplace) -> None:
    assert place.compile(*OPTIONS, "-o", os.devnull).returncode == 0
    assert place.log() == ["plain"]
