"""The script that draws the plugin's page in the panel."""

import os
import sys
from pathlib import Path
from typing import Any

from ._codec import MAX_FRAME_BYTES
from ._errors import ToruError

MAX_BUNDLE_BYTES = MAX_FRAME_BYTES - 64 * 1024
"""A bundle travels in one frame. JSON escapes may make it larger still; then the log says so."""
LOCATIONS = ("bundle.js", "page/bundle.js", "page/dist/bundle.js")
"""Where it is looked for, below the folder of the main module or the root of the packed file."""


class Bundle:
    """Finds the bundle: where the author says, or else beside the main module, in a folder or in the packed file."""

    def __init__(self, path: "str | os.PathLike[str] | None") -> None:
        self._path = path
        self._text: str | None = None

    def read(self) -> str | None:
        """The script, or None where there is none. It is read once."""
        if self._text is None:
            data = Path(self._path).read_bytes() if self._path is not None else _find(sys.modules["__main__"])
            if data is None:
                return None
            if len(data) > MAX_BUNDLE_BYTES:
                raise ToruError(f"the bundle has {len(data)} bytes; allowed are {MAX_BUNDLE_BYTES}")
            self._text = data.decode("utf-8")
        return self._text


def _find(main: Any) -> bytes | None:
    loader: Any = getattr(main, "__loader__", None)
    file = getattr(main, "__file__", None)
    if file is None or not hasattr(loader, "get_data"):
        return None
    # A loader reads files of a folder and of a zip alike. A zip's root is where a package's page lies.
    folders = [os.path.dirname(os.path.abspath(file)), getattr(loader, "archive", None)]
    for folder in filter(None, folders):
        for location in LOCATIONS:
            try:
                data: bytes = loader.get_data(os.path.join(folder, *location.split("/")))
                return data
            except OSError:
                pass
    return None
