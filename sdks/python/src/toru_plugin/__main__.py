"""The command `toru-plugin`, also `python -m toru_plugin`."""

import argparse
import sys
from pathlib import Path

from ._errors import PackError
from ._pack import pack


def main() -> None:
    """Runs the command. Exits with 0, with 1 where something is wrong with the project, with 2 for a wrong usage."""
    parser = argparse.ArgumentParser(prog="toru-plugin", description="Tools for authors of Toru plugins in Python.")
    commands = parser.add_subparsers(dest="command", required=True)
    packing = commands.add_parser("pack", help="make one executable file of a project")
    packing.add_argument("project", nargs="?", default=".", type=Path, help="its folder (default: this one)")
    packing.add_argument("--output", type=Path, help="the file to make (default: dist/ID.binary in the project)")
    arguments = parser.parse_args()
    try:
        packed = pack(arguments.project, arguments.output)
    except PackError as error:
        print(f"toru-plugin: {error}", file=sys.stderr)
        sys.exit(1)
    manifest = packed.manifest
    print(f"{packed.path}: {manifest['id']} {manifest['version']}, {packed.size} bytes, sha256 {packed.sha256}")


if __name__ == "__main__":
    main()
