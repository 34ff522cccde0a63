"""The decorator style: a plugin in ten lines."""

import os
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from ._errors import HttpError, WebSocketClosed
from ._kv import KvStore, kv
from ._manifest import Manifest
from ._route import Route, compile_path, find_route
from ._serve import serve

if TYPE_CHECKING:
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    from ._asgi import Receive, Scope, Send

MAX_THREADS = 16
"""Handlers that are plain functions run in so many threads; further requests wait for one to be free."""

Handler = TypeVar("Handler", bound=Callable[..., Any])
SocketHandler = TypeVar("SocketHandler", bound=Callable[..., Awaitable[None]])
Hook = Callable[[], Awaitable[None]]
HookT = TypeVar("HookT", bound=Hook)


class Plugin:
    """A plugin with routes, and an ASGI application.

        plugin = Plugin(id="hello", name="Hello", version="1.0.0", icon="👋")

        @plugin.get("/greet/{name}")
        async def greet(request):
            return {"hello": request.params["name"]}

        plugin.serve()

    A handler takes the Request, or nothing. It returns a dict or list (sent as JSON), text, bytes, an async iterator of
    text or bytes (sent while it is made), a Response, or None (204), or raises HttpError. An `async` handler runs on
    the event loop and must not block it; a plain function runs in a thread. The arguments are those of Manifest.
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
        isolation: Literal["none", "iframe"] | None = None,
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
            isolation=isolation,
        )
        self._routes: list[Route] = []
        self._sockets: list[Route] = []
        self._startups: list[Hook] = []
        self._shutdowns: list[Hook] = []
        self._backgrounds: list[Hook] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._threads: ThreadPoolExecutor | None = None

    @property
    def kv(self) -> KvStore:
        """The plugin's namespace in the host's store."""
        return kv

    def route(self, path: str, methods: list[str], *, stream: bool = False) -> Callable[[Handler], Handler]:
        """Answers `path`, in which a `{name}` stands for one segment. The first route that fits counts.

        With `stream` the handler begins before the body has arrived, reads it by `request.stream()`, and takes one of
        any size. Without, the body is whole and has at most 16 MiB; a larger one is answered by 413.
        """

        pattern, wanted = compile_path(path), frozenset(method.upper() for method in methods)

        def add(handler: Handler) -> Handler:
            self._routes.append(Route(pattern, wanted, handler, takes_stream=stream))
            return handler

        return add

    def get(self, path: str) -> Callable[[Handler], Handler]:
        """Answers GET, and HEAD without the body."""
        return self.route(path, ["GET", "HEAD"])

    def post(self, path: str, *, stream: bool = False) -> Callable[[Handler], Handler]:
        return self.route(path, ["POST"], stream=stream)

    def put(self, path: str, *, stream: bool = False) -> Callable[[Handler], Handler]:
        return self.route(path, ["PUT"], stream=stream)

    def patch(self, path: str, *, stream: bool = False) -> Callable[[Handler], Handler]:
        return self.route(path, ["PATCH"], stream=stream)

    def delete(self, path: str) -> Callable[[Handler], Handler]:
        return self.route(path, ["DELETE"])

    def websocket(self, path: str) -> Callable[[SocketHandler], SocketHandler]:
        """Answers WebSockets at `path` by an async handler, which takes the WebSocket. It is closed at its end."""
        pattern = compile_path(path)

        def add(handler: SocketHandler) -> SocketHandler:
            self._sockets.append(Route(pattern, frozenset({"GET"}), handler))
            return handler

        return add

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
        elif scope["type"] == "websocket":
            await self._talk(scope, receive, send)
        else:
            raise ValueError(f"a plugin answers http and websocket, not {scope['type']}")

    # --- Requests ---

    async def _answer(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        from ._http import Request, Response, read_body

        path, method = _path_of(scope), scope["method"]
        try:
            route, params = find_route(self._routes, path, method)
            body = None if route.takes_stream else await read_body(receive)
            response = Response.of(await self._call(route, Request(scope, path, params, body, receive)))
        except HttpError as error:
            response = Response.problem(error)
        await response.send(send, with_body=method != "HEAD")

    async def _talk(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        from ._websocket import WebSocket

        path = _path_of(scope)
        socket = WebSocket(scope, path, receive, send)
        await receive()  # websocket.connect
        try:
            route, socket.params = find_route(self._sockets, path, "GET")
            await route.handler(socket)
        except HttpError as error:
            await socket.refuse(error)
        except WebSocketClosed:
            pass
        await socket.close()

    async def _call(self, route: Route, request: Any) -> Any:
        import asyncio
        import contextvars
        from concurrent.futures import ThreadPoolExecutor

        style, takes_request = route.inspect()
        arguments = (request,) if takes_request else ()
        if style == "coroutine":
            return await route.handler(*arguments)
        if style == "generator":
            return route.handler(*arguments)
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


def _path_of(scope: "Scope") -> str:
    """Below the plugin's route."""
    root_path, path = scope.get("root_path", ""), scope["path"]
    return (path[len(root_path) :] if path.startswith(root_path) else path) or "/"


def _name_of(hook: Callable[..., Any]) -> str:
    return getattr(hook, "__qualname__", repr(hook))


async def _guarded(hook: Hook, log: Any) -> None:
    try:
        await hook()
    except Exception as error:
        log.error("the background task %s failed and ended", _name_of(hook), exc_info=error)
