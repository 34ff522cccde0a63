"""Starts the plugins of `plugins/` with warnings as errors."""

import sys
from pathlib import Path
from typing import Any

from toru_plugin.testing import RunningPlugin

PLUGINS = Path(__file__).parent / "plugins"
SOURCE = Path(__file__).parents[1] / "src"


def command(name: str) -> list[str]:
    return [sys.executable, "-W", "error", str(PLUGINS / name)]


def start(name: str = "raw.py", *, env: dict[str, str] | None = None, **options: Any) -> RunningPlugin:
    return RunningPlugin(command(name), env={"PYTHONPATH": str(SOURCE), **(env or {})}, **options)
