"""Makes one executable file of a project: a zip that Python runs, behind a line that says so."""

import hashlib
import io
import os
import posixpath
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

from ._errors import ManifestError, PackError
from ._manifest import parse_manifest
from ._project import Project, read_project

PIP_SECONDS = 300
METADATA_SECONDS = 5
"""What the host grants, too."""
MAX_PACKED_BYTES = 256 * 1024 * 1024
"""Of all files before they are compressed."""

_SHEBANG = b"#!/usr/bin/env python3\n"
_DATE = (1980, 1, 1, 0, 0, 0)  # the same for all files, so that the same input makes the same bytes
_COMPILED = (".so", ".pyd", ".dylib", ".dll")
_NOT_AT_RUN_TIME = {
    "__main__.py",
    "_client_side.py",
    "_host_side.py",
    "_host_streams.py",
    "_pack.py",
    "_project.py",
    "testing.py",
}

_MAIN = """\
import sys

if sys.version_info < (3, 10):
    sys.exit("This plugin needs Python 3.10 or later; python3 is %d.%d here." % sys.version_info[:2])

import runpy

runpy.run_module({main!r}, run_name="__main__", alter_sys=True)
"""

Files = dict[str, bytes]
"""What is inside, by path."""


class Packed(NamedTuple):
    """The file that was made."""

    path: Path
    manifest: dict[str, Any]
    size: int
    sha256: str


def pack(root: Path, output: Path | None = None) -> Packed:
    """Packs the project in `root`; the file is `dist/ID.binary` in it unless `output` says otherwise.

    The file appears only when it has printed a valid manifest. Raises PackError.
    """
    project = read_project(root)
    folder = root / "dist" if output is None else output.parent
    folder.mkdir(parents=True, exist_ok=True)
    data = _to_zip(_collect(project, folder / ".dependencies"))
    descriptor, name = tempfile.mkstemp(prefix=".pack-", dir=folder)
    fresh = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        fresh.chmod(0o755)
        manifest = _ask(fresh)
        path = folder / f"{manifest['id']}.binary" if output is None else output
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return Packed(path, manifest, len(data), hashlib.sha256(data).hexdigest())


def _collect(project: Project, cache: Path) -> Files:
    files: Files = {"__main__.py": _MAIN.format(main=project.main).encode()}
    package = Path(__file__).parent
    own = {f"toru_plugin/{file.name}": file for file in package.iterdir() if file.name not in _NOT_AT_RUN_TIME}
    _add(files, {path: file for path, file in own.items() if file.is_file()}, "toru-plugin")
    if project.dependencies:
        _add(files, _tree(_install(project.dependencies, cache)), "a dependency")
    for name, place in project.sources.items():
        found = _tree(place) if place.is_dir() else {"": place}
        _add(files, {posixpath.normpath(f"{name}/{path}"): file for path, file in found.items()}, "the project")
    if project.bundle is not None:
        _add(files, {"bundle.js": project.bundle}, "the page")
    return files


def _add(files: Files, found: dict[str, Path], owner: str) -> None:
    for path, file in found.items():
        if path in files:
            raise PackError(f"{path} of {owner} is inside already; give the file another name")
        if file.suffix in _COMPILED:
            raise PackError(
                f"{path} of {owner} is compiled for one kind of machine, and Python cannot load it from inside the "
                "packed file. Use a package in pure Python"
            )
        files[path] = file.read_bytes()
    if (size := sum(map(len, files.values()))) > MAX_PACKED_BYTES:
        raise PackError(f"the files have {size} bytes; allowed are {MAX_PACKED_BYTES}")


def _tree(folder: Path) -> dict[str, Path]:
    """All files below a folder, without what Python, pip and editors leave there."""
    found = {}
    for file in folder.rglob("*"):
        path = file.relative_to(folder)
        is_left = any(part == "__pycache__" or part.startswith(".") or ".egg-" in part for part in path.parts)
        if file.is_file() and not is_left and file.suffix != ".pyc":
            found[path.as_posix()] = file
    return found


def _to_zip(files: Files) -> bytes:
    target = io.BytesIO()
    target.write(_SHEBANG)
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(files):
            info = zipfile.ZipInfo(path, _DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            info.create_system = 3
            packed.writestr(info, files[path])
    return target.getvalue()


# --- Dependencies ---


def _install(dependencies: list[str], cache: Path) -> Path:
    """A folder with the dependencies and theirs. It is kept beside the output, since pip takes seconds."""
    wanted = "\n".join([sys.version.split()[0], *sorted(dependencies)])
    folder = cache / hashlib.sha256(wanted.encode()).hexdigest()[:16]
    if folder.is_dir():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".pip-", dir=cache))
    try:
        _run_pip(dependencies, fresh)
        for name in ("bin", "__pycache__"):
            shutil.rmtree(fresh / name, ignore_errors=True)
        for pattern in (
            "*.dist-info/RECORD",
            "*.dist-info/INSTALLER",
            "*.dist-info/REQUESTED",
            "*.dist-info/direct_url.json",
        ):
            for file in fresh.glob(pattern):  # they tell of this machine
                file.unlink()
        fresh.chmod(0o755)
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return folder


def _run_pip(dependencies: list[str], target: Path) -> None:
    only_pure = ["--only-binary=:all:", "--platform=any", "--implementation=py", "--abi=none"]
    quiet = ["--quiet", "--no-compile", "--no-input", "--disable-pip-version-check", "--no-warn-conflicts"]
    command = [sys.executable, "-m", "pip", "install", *quiet, *only_pure, f"--target={target}", "--", *dependencies]
    try:
        ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PIP_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise PackError(f"pip did not end within {PIP_SECONDS} s; is the package index out of reach?") from None
    if ended.returncode == 0:
        return
    errors = ended.stderr.decode("utf-8", "replace").strip()
    if "No module named pip" in errors:
        raise PackError("the project has dependencies, and pip is missing: install it (Debian: python3-pip)")
    missing = re.search(r"No matching distribution found for (\S+)", errors)
    if missing is not None:
        raise PackError(
            f"there is no pure-Python wheel of {missing[1]}: it does not exist, or holds compiled code, which Python "
            f"cannot load from inside the packed file. Use a package in pure Python. pip said:\n{errors}"
        )
    raise PackError(f"pip could not install the dependencies:\n{errors}")


# --- Check ---


def _ask(file: Path) -> dict[str, Any]:
    """The manifest that the file prints, with nothing but the standard library beside it."""
    command = [sys.executable, "-I", "-S", str(file.absolute()), "--metadata"]
    try:
        ended = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=METADATA_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise PackError(
            f"the program did not print its manifest within {METADATA_SECONDS} s; does it call serve at the end?"
        ) from None
    errors = ended.stderr.decode("utf-8", "replace").strip()
    if ended.returncode != 0:
        missing = re.search(r"ModuleNotFoundError: No module named '([\w.]+)'", errors)
        advice = (
            f"\n{missing[1]} is not inside: add it to the dependencies, or where it is the project's own, to "
            "[tool.toru-plugin] include in pyproject.toml"
            if missing is not None
            else ""
        )
        raise PackError(f"the program failed with --metadata:\n{errors}{advice}")
    try:
        return parse_manifest(ended.stdout)
    except ManifestError as cause:
        advice = "" if ended.stdout.strip() else "; the main module must call serve when it is run"
        raise PackError(f"{cause}{advice}") from cause
