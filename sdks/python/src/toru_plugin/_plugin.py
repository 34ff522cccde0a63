"""The decorator style: a plugin in ten lines."""

import os
import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from ._errors import HttpError
from ._kv import KvStore, kv
from ._manifest import Manifest
from ._serve import serve

if TYPE_CHECKING:
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    from ._asgi import Receive, Scope, Send

MAX_THREADS = 16
"""Handlers that are plain functions run in so many threads; further requests wait for one to be free."""

Handler = TypeVar("Handler", bound=Callable[..., Any])
Hook = Callable[[], Awaitable[None]]
HookT = TypeVar("HookT", bound=Hook)

_NAME = re.compile(r"\{(\w+)\}")


class Plugin:
    """A plugin with routes, and an ASGI application.

        plugin = Plugin(id="hello", name="Hello", version="1.0.0", icon="👋")

        @plugin.get("/greet/{name}")
        async def greet(request):
            return {"hello": request.params["name"]}

        plugin.serve()

    A handler takes the Request, or nothing. It returns a dict or list (sent as JSON), text, bytes, a Response, or None
    (204), or raises HttpError. An `async` handler runs on the event loop and must not block it; a plain function runs
    in a thread. The arguments are those of Manifest.
    """

    def __init__(
        self,
        *,
        id: str,
        name: str,
        version: str,
        icon: str,
        route: str | None = None,
        author: str | None = None,
        description: str | None = None,
        homepage: str | None = None,
        license: str | None = None,
    ) -> None:
        self.manifest = Manifest(
            id=id,
            name=name,
            version=version,
            icon=icon,
            route=route,
            author=author,
            description=description,
            homepage=homepage,
            license=license,
        )
        self._routes: list[_Route] = []
        self._startups: list[Hook] = []
        self._shutdowns: list[Hook] = []
        self._backgrounds: list[Hook] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._threads: ThreadPoolExecutor | None = None

    @property
    def kv(self) -> KvStore:
        """The plugin's namespace in the host's store."""
        return kv

    def route(self, path: str, methods: list[str]) -> Callable[[Handler], Handler]:
        """Answers `path`, in which a `{name}` stands for one segment. The first route that fits counts."""
        if not path.startswith("/"):
            raise ValueError(f"a path starts with a slash, like /disks; not {path!r}")

        def add(handler: Handler) -> Handler:
            self._routes.append(_Route(path, frozenset(method.upper() for method in methods), handler))
            return handler

        return add

    def get(self, path: str) -> Callable[[Handler], Handler]:
        """Answers GET, and HEAD without the body."""
        return self.route(path, ["GET", "HEAD"])

    def post(self, path: str) -> Callable[[Handler], Handler]:
        return self.route(path, ["POST"])

    def put(self, path: str) -> Callable[[Handler], Handler]:
        return self.route(path, ["PUT"])

    def patch(self, path: str) -> Callable[[Handler], Handler]:
        return self.route(path, ["PATCH"])

    def delete(self, path: str) -> Callable[[Handler], Handler]:
        return self.route(path, ["DELETE"])

    def startup(self, hook: HookT) -> HookT:
        """Runs before any request, once for a process; the host allows 10 s. `kv` can be used.

        An exception makes the host report that the plugin cannot start.
        """
        self._startups.append(hook)
        return hook

    def shutdown(self, hook: HookT) -> HookT:
        """Runs when the plugin ends and no request is in flight any more; what is left of the grace, at least 1 s."""
        self._shutdowns.append(hook)
        return hook

    def background(self, hook: HookT) -> HookT:
        """Runs beside the requests from the end of startup on and is cancelled at the end of the process.

        An exception ends this task alone and is logged.
        """
        self._backgrounds.append(hook)
        return hook

    def serve(self, *, bundle: "str | os.PathLike[str] | None" = None, log_level: int | str | None = "INFO") -> None:
        """Makes this program a plugin: see `toru_plugin.serve`."""
        serve(self, self.manifest, bundle=bundle, log_level=log_level)

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """The ASGI application."""
        if scope["type"] == "lifespan":
            await self._run_lifespan(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:
            raise ValueError(f"a plugin answers http, not {scope['type']}")

    # --- Requests ---

    async def _answer(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        from ._http import Request, Response, read_body

        root_path: str = scope.get("root_path", "")
        path: str = scope["path"]
        path = path[len(root_path) :] if path.startswith(root_path) else path
        method = scope["method"]
        try:
            route, params = self._find(path or "/", method)
            request = Request(scope, path or "/", params, await read_body(receive))
            response = Response.of(await self._call(route, request))
        except HttpError as error:
            response = Response.problem(error)
        await response.send(send, with_body=method != "HEAD")

    def _find(self, path: str, method: str) -> "tuple[_Route, dict[str, str]]":
        allowed: set[str] = set()
        for route in self._routes:
            if (params := route.match(path)) is not None:
                if method in route.methods:
                    return route, params
                allowed |= route.methods
        if not allowed:
            raise HttpError(404, f"there is nothing at {path}")
        names = ", ".join(sorted(allowed))
        raise HttpError(405, f"{path} answers {names}, not {method}", {"allow": names})

    async def _call(self, route: "_Route", request: Any) -> Any:
        import asyncio
        import contextvars
        from concurrent.futures import ThreadPoolExecutor

        is_async, takes_request = route.inspect()
        arguments = (request,) if takes_request else ()
        if is_async:
            return await route.handler(*arguments)
        if self._threads is None:
            self._threads = ThreadPoolExecutor(MAX_THREADS, thread_name_prefix="handler")
        context = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: context.run(route.handler, *arguments)
        )

    # --- Startup and shutdown ---

    async def _run_lifespan(self, receive: "Receive", send: "Send") -> None:
        import asyncio
        import logging
        import traceback

        log = logging.getLogger("toru_plugin")
        await receive()
        try:
            for hook in self._startups:
                await hook()
        except Exception:
            await send({"type": "lifespan.startup.failed", "message": traceback.format_exc().rstrip()})
            return
        self._tasks = [asyncio.create_task(_guarded(hook, log)) for hook in self._backgrounds]
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for hook in self._shutdowns:
            try:
                await hook()
            except Exception as error:
                log.error("%s failed at shutdown", _name_of(hook), exc_info=error)
        await send({"type": "lifespan.shutdown.complete"})


class _Route:
    def __init__(self, path: str, methods: frozenset[str], handler: Callable[..., Any]) -> None:
        parts = _NAME.split(path)  # text and names take turns
        pattern = "".join(f"(?P<{part}>[^/]+)" if at % 2 else re.escape(part) for at, part in enumerate(parts))
        self._pattern = re.compile(pattern)
        self.methods = methods
        self.handler = handler
        self._style: tuple[bool, bool] | None = None

    def match(self, path: str) -> dict[str, str] | None:
        found = self._pattern.fullmatch(path)
        return None if found is None else found.groupdict()

    def inspect(self) -> tuple[bool, bool]:
        """Whether the handler is async, and whether it takes the request."""
        if self._style is None:
            import inspect  # not at the top: `--metadata` should be quick

            takes_request = len(inspect.signature(self.handler).parameters) > 0
            self._style = inspect.iscoroutinefunction(self.handler), takes_request
        return self._style


def _name_of(hook: Callable[..., Any]) -> str:
    return getattr(hook, "__qualname__", repr(hook))


async def _guarded(hook: Hook, log: Any) -> None:
    try:
        await hook()
    except Exception as error:
        log.error("the background task %s failed and ended", _name_of(hook), exc_info=error)
