"""Injected directories compile through the cache, and without it where it cannot be."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from directories import FOLDERS, generate, small_directory

from bridge.madevent import inject, plan
from bridge.madevent.injection import COMPILE

pytestmark = pytest.mark.skipif(shutil.which("gfortran") is None, reason="needs gfortran")

REAL = [Path(name) for name in os.environ.get("MEBRIDGE_REAL_DIRS", "").split(":") if name]


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An injected directory in which nothing has been compiled."""
    root = tmp_path_factory.mktemp("compile") / "directory"
    small_directory(root)
    inject.inject(root)
    if not (root / COMPILE).is_file():
        pytest.skip("mebridge_compile is not built")
    return root


@pytest.fixture
def directory(pristine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = shutil.copytree(pristine, tmp_path / "directory", symlinks=True)
    monkeypatch.setenv("MEBRIDGE_COMPILE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("MEBRIDGE_COMPILE_LOG", str(tmp_path / "log"))
    monkeypatch.delenv("FC", raising=False)
    return root


def _log(directory: Path) -> list[str]:
    """What came of each compilation since the last time this was asked."""
    path = directory.parent / "log"
    lines = path.read_text().splitlines() if path.is_file() else []
    path.unlink(missing_ok=True)
    return [line.split()[0] for line in lines if " -c " in line]


def _objects(root: Path) -> dict[str, bytes]:
    names = [path for pattern in ("**/*.o", "**/*.mod") for path in root.glob(pattern)]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in names}


def _make(folder: Path, *arguments: str, **environment: str) -> str:
    """What make would do, as far as that can be told before there are the cards' include files."""
    done = subprocess.run(
        ["make", "-n", "-k", *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_second_directory_is_not_compiled_again(directory: Path, pristine: Path, tmp_path: Path) -> None:
    first = generate(directory)
    assert "compiled" in _log(directory)
    other = shutil.copytree(pristine, tmp_path / "other", symlinks=True)
    assert generate(other) == first
    assert set(_log(other)) == {"cached"}
    assert _objects(other) == _objects(directory)


def test_objects_are_those_of_the_compiler(directory: Path, pristine: Path, tmp_path: Path) -> None:
    first = generate(directory)
    other = shutil.copytree(pristine, tmp_path / "other", symlinks=True)
    assert generate(other, MEBRIDGE_COMPILE_CACHE="0") == first
    assert _objects(other) == _objects(directory)


@pytest.mark.parametrize("folder", ["Source", "Source/PDF", "Source/MODEL", f"SubProcesses/{FOLDERS[0]}"])
def test_every_makefile_uses_it(directory: Path, folder: str) -> None:
    program = (directory / COMPILE).resolve()
    text = _make(directory / folder)
    assert f"{program} gfortran " in text
    assert text.count("gfortran ") == text.count(f"{program} gfortran ")


def _plain(directory: Path, *arguments: str, **environment: str) -> bool:
    """Whether the compilers are called as they are."""
    text = _make(directory / "Source", "ranmar.o", *arguments, **environment)
    assert "-c ranmar.f" in text
    return "mebridge_compile" not in text


def test_switches(directory: Path) -> None:
    assert not _plain(directory)
    assert not _plain(directory, MEBRIDGE="0")
    assert _plain(directory, MEBRIDGE_COMPILE_CACHE="0")
    assert _plain(directory, "MEBRIDGE_COMPILE_CACHE=0")
    make_opts = directory / "Source" / "make_opts"
    text = make_opts.read_text()
    make_opts.write_text("MEBRIDGE_COMPILE_CACHE=0\n" + text)
    assert not _plain(directory, "-e")
    assert _plain(directory)
    make_opts.write_text(f"MEBRIDGE_COMPILE_CACHE={directory}/elsewhere\n" + text)
    subprocess.run(["make", "-s", "ranmar.o"], cwd=directory / "Source", check=True)
    assert (directory / "elsewhere").is_dir()


def test_a_relative_folder_is_refused(directory: Path) -> None:
    text = _make(directory / "Source", "ranmar.o", MEBRIDGE_COMPILE_CACHE="here")
    assert "MEBRIDGE_COMPILE_CACHE: expected 0 or an absolute path, got here" in text
    assert "mebridge_compile" not in text


def test_compiler_of_the_environment(directory: Path) -> None:
    program = (directory / COMPILE).resolve()
    text = _make(directory / "Source", FC="gfortran-of-mine")
    assert text.count("gfortran-of-mine") == text.count(f"{program} gfortran-of-mine")  # in the makes it calls too
    assert _plain(directory, "FC=gfortran-of-mine")


@pytest.mark.parametrize("content", [None, b"", b"\x7fELF of another processor", b"#!/bin/sh\nexit 1\n"])
def test_program_that_cannot_run(directory: Path, content: bytes | None) -> None:
    """A directory on another machine, or from which it was removed."""
    program = directory / COMPILE
    if content is None:
        program.unlink()
    else:
        program.write_bytes(content)
    assert _plain(directory)
    subprocess.run(["make", "-s", "ranmar.o"], cwd=directory / "Source", check=True)
    assert not _log(directory)


def test_folder_with_blanks(directory: Path, tmp_path: Path) -> None:
    other = tmp_path / "my runs"
    directory.rename(other)
    assert _plain(other)
    subprocess.run(["make", "-s", "ranmar.o"], cwd=other / "Source", check=True)


def test_directory_that_was_moved(directory: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    directory.rename(other)
    assert str(other / COMPILE) in _make(other / "Source", "ranmar.o")


def test_eject(directory: Path) -> None:
    killed = [
        directory / "Source" / "ranmar.o.mebridge-17",
        directory / "SubProcesses" / FOLDERS[0] / "cuts.o.mebridge-1",
    ]
    for path in killed:
        path.write_text("half an object")
    inject.eject(directory)
    assert not any(path.exists() for path in killed)
    assert _plain(directory)
    assert not (directory / COMPILE).exists()


def test_errors_of_the_compiler_reach_make(directory: Path) -> None:
    source = directory / "Source" / "ranmar.f"
    source.write_text("      subroutine broken(\n      end\n")
    results = []
    for value in ("0", str(directory.parent / "cache")):
        done = subprocess.run(
            ["make", "-s", "ranmar.o"],
            cwd=source.parent,
            env={**os.environ, "LC_ALL": "C", "MEBRIDGE_COMPILE_CACHE": value},
            capture_output=True,
            text=True,
            check=False,
        )
        results.append((done.returncode, done.stdout, done.stderr))
    assert results[0] == results[1]
    assert results[0][0] != 0


@pytest.mark.skipif(not REAL, reason="MEBRIDGE_REAL_DIRS names no directories")
@pytest.mark.parametrize("root", REAL, ids=lambda path: path.name)
def test_real_sources(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All sources of a directory: twice through the cache, against the compiler."""
    program = plan._library().with_name("mebridge_compile")
    copy = tmp_path / "copy"
    shutil.copytree(
        root, copy, symlinks=True, ignore=shutil.ignore_patterns("G*", "Events", "HTML", "*.o", "madevent*")
    )
    monkeypatch.setenv("MEBRIDGE_COMPILE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("MEBRIDGE_COMPILE_LOG", str(tmp_path / "log"))
    n_done = 0
    for source in sorted(copy.rglob("*.f")):
        source_folder = os.path.relpath(copy / "Source", source.parent)
        options = ["-w", "-fPIC", "-O", "-ffixed-line-length-132", "-c", source.name, f"-I{source_folder}", "-I."]
        options += [f"-I{source_folder}/PDF/gammaUPC"]
        objects = []
        for prefix in ([], [str(program)], [str(program)]):
            output = tmp_path / f"{len(objects)}.o"
            output.unlink(missing_ok=True)
            command = [*prefix, "gfortran", *options, "-o", str(output)]
            if subprocess.run(command, cwd=source.parent, stderr=subprocess.DEVNULL, check=False).returncode == 0:
                objects.append(output.read_bytes())
        assert len(set(objects)) <= 1, source
        n_done += len(objects) == 3
    assert n_done > 50
    lines = (tmp_path / "log").read_text().splitlines()
    assert sum(line.startswith("cached") for line in lines) >= n_done
