"""What `pack` reads of a project: its `pyproject.toml`."""

import ast
import re
import sys
from pathlib import Path
from typing import Any, NamedTuple

from ._bundle import LOCATIONS
from ._errors import PackError

_WANTED = {"project": ("name", "dependencies"), "tool.toru-plugin": ("main", "include", "bundle")}


class Project(NamedTuple):
    """A project that can be packed."""

    main: str
    """The module or package that is the program."""
    sources: dict[str, Path]
    """The files and folders that go inside, by their names there."""
    dependencies: list[str]
    """What pip is to put inside. The SDK itself is not among them."""
    bundle: Path | None


def read_project(root: Path) -> Project:
    """Reads the project in a folder. Raises PackError."""
    file = root / "pyproject.toml"
    try:
        tables = _read_toml(file.read_text("utf-8"))
    except FileNotFoundError:
        raise PackError(f"there is no pyproject.toml in {root.resolve()}; name the project's folder") from None
    except ValueError as cause:
        raise PackError(f"{file} cannot be read: {cause}") from cause
    project, settings = tables.get("project", {}), tables.get("tool", {}).get("toru-plugin", {})
    main = _text(settings, "main") or (_text(project, "name") or "").replace("-", "_")
    if not main.isidentifier():
        raise PackError(f'{file}: say which module is the program: [tool.toru-plugin] main = "my_plugin"')
    dependencies = [need for need in _texts(project, "dependencies") if not re.match(r"toru[-_.]plugin\b", need, re.I)]
    sources = _find_sources(root, main) | {name: root / name for name in _texts(settings, "include")}
    if missing := [str(place) for place in sources.values() if not place.exists()]:
        raise PackError(f"{missing[0]} is missing; [tool.toru-plugin] include in pyproject.toml names it")
    return Project(main, sources, dependencies, _find_bundle(root, settings))


def _find_sources(root: Path, main: str) -> dict[str, Path]:
    """All of `src` where the program is in there, else the program alone."""
    for folder in (root / "src", root):
        for program, name in ((folder / f"{main}.py", f"{main}.py"), (folder / main / "__main__.py", main)):
            if program.is_file():
                return {".": folder} if folder != root else {name: root / name}
    raise PackError(
        f"there is neither {main}.py nor {main}/__main__.py in {root.resolve()} or its src; "
        'write it, or name another one: [tool.toru-plugin] main = "…" in pyproject.toml'
    )


def _find_bundle(root: Path, settings: dict[str, Any]) -> Path | None:
    if (named := _text(settings, "bundle")) is not None:
        if not (root / named).is_file():
            raise PackError(f"the page's bundle {root / named} is missing; build the page first")
        return root / named
    return next((root / place for place in LOCATIONS if (root / place).is_file()), None)


def _text(table: dict[str, Any], key: str) -> str | None:
    value = table.get(key)
    if value is not None and not isinstance(value, str):
        raise PackError(f"{key} in pyproject.toml must be text")
    return value


def _texts(table: dict[str, Any], key: str) -> list[str]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise PackError(f"{key} in pyproject.toml must be a list of texts")
    return value


def _read_toml(text: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib

        return tomllib.loads(text)
    return read_wanted(text)


def read_wanted(text: str) -> dict[str, Any]:
    """What `pack` wants of a `pyproject.toml`, for Python 3.10, which has no TOML: texts and lists of texts.

    These look the same in Python. Whatever else the file holds is skipped unread.
    """
    found: dict[str, dict[str, Any]] = {table: {} for table in _WANTED}
    table = ""
    lines = iter(text.splitlines())
    for line in lines:
        if header := re.match(r"\s*\[([^\[\]]+|\[.*\])\]\s*(#.*)?$", line):
            table = header[1].strip()
        elif (pair := re.match(r"\s*([\w-]+)\s*=\s*(.*)$", line)) and pair[1] in _WANTED.get(table, ()):
            found[table][pair[1]] = _read_value(pair[1], pair[2], lines)
    return {"project": found["project"], "tool": {"toru-plugin": found["tool.toru-plugin"]}}


def _read_value(key: str, text: str, following: Any) -> Any:
    """A value that may go on over the following lines."""
    while True:
        try:
            return ast.literal_eval(text)
        except (ValueError, SyntaxError):
            line = next(following, None) if text.startswith("[") else None
            if line is None:
                raise ValueError(f"{key} is neither a text nor a list of texts, each on one line") from None
            text += "\n" + line
