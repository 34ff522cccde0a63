"""Which handler answers which path."""

import re
from collections.abc import Callable, Iterable
from typing import Any, Literal

from ._errors import HttpError

Style = Literal["coroutine", "generator", "function"]
"""A generator is an async one."""

_NAME = re.compile(r"\{(\w+)\}")


def compile_path(path: str) -> "re.Pattern[str]":
    """A path in which a `{name}` stands for one segment."""
    if not path.startswith("/"):
        raise ValueError(f"a path starts with a slash, like /disks; not {path!r}")
    parts = _NAME.split(path)  # text and names take turns
    return re.compile("".join(f"(?P<{part}>[^/]+)" if at % 2 else re.escape(part) for at, part in enumerate(parts)))


class Route:
    """Paths, and who answers them."""

    def __init__(
        self,
        pattern: "re.Pattern[str]",
        methods: frozenset[str],
        handler: Callable[..., Any],
        *,
        takes_stream: bool = False,
    ) -> None:
        self._pattern = pattern
        self.methods = methods
        self.handler = handler
        self.takes_stream = takes_stream
        self._style: tuple[Style, bool] | None = None

    def match(self, path: str) -> dict[str, str] | None:
        found = self._pattern.fullmatch(path)
        return None if found is None else found.groupdict()

    def inspect(self) -> "tuple[Style, bool]":
        """What the handler is, and whether it takes the request."""
        if self._style is None:
            import inspect  # not at the top: `--metadata` should be quick

            style: Style = "function"
            if inspect.iscoroutinefunction(self.handler):
                style = "coroutine"
            elif inspect.isasyncgenfunction(self.handler):
                style = "generator"
            self._style = style, len(inspect.signature(self.handler).parameters) > 0
        return self._style


def find_route(routes: Iterable[Route], path: str, method: str) -> tuple[Route, dict[str, str]]:
    """The first that fits, and what stands for its names. Raises HttpError 404 or 405."""
    allowed: set[str] = set()
    for route in routes:
        if (params := route.match(path)) is not None:
            if method in route.methods:
                return route, params
            allowed |= route.methods
    if not allowed:
        raise HttpError(404, f"there is nothing at {path}")
    names = ", ".join(sorted(allowed))
    raise HttpError(405, f"{path} answers {names}, not {method}", {"allow": names})
