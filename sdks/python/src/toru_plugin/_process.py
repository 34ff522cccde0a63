"""The process: its socket, the application, and the ways to end.

It ends on `shutdown` and SIGTERM (what is in flight finishes first) and on the end of stdin (the host is gone). What
blocks it then is cut off: no thread outlives `EXIT_SECONDS`.
"""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import stat
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from . import _kv
from ._asgi import AsgiApp, http_scope, request_body, websocket_scope
from ._bundle import Bundle
from ._connection import Connection
from ._errors import KvError, SocketInUse
from ._exchange import HttpExchange
from ._in_flight import InFlight, InvalidRequest
from ._lifespan import Lifespan, StartupFailed
from ._logs import LogHandler, LogQueue
from ._manifest import Manifest
from ._websocket_exchange import WebSocketExchange

GRACE_SECONDS = 5.0
"""What requests in flight have on SIGTERM, and where `shutdown` says nothing."""
STOP_SECONDS = 1.0
"""What the application's shutdown has at least, also when the grace is over."""
EXIT_SECONDS = 0.5
"""How long threads may hold up the end."""
HOST_GONE_SECONDS = 3.0
"""How long the end may take when the host is gone, even where a handler blocks the event loop."""
KV_SECONDS = 5.0
"""How long an answer of the host's store may take; the wait for the plugin to become ready counts."""
BACKLOG = 16

_log = logging.getLogger("toru_plugin")


class PluginProcess:
    """Serves an application to the host that connects."""

    def __init__(self, app: AsgiApp, manifest: Manifest, bundle: Bundle, logs: LogQueue) -> None:
        self._app = app
        self._manifest = manifest
        self._bundle = bundle
        self._logs = logs
        self._lifespan = Lifespan(app)
        self._connections: set[Connection] = set()
        self._connection: Connection | None = None
        self._is_ready = asyncio.Event()
        self._asks = asyncio.Event()
        self._stop = asyncio.Event()
        self._starting: asyncio.Task[None] | None = None
        self._exit_code = 0
        self._deadline = 0.0
        self.is_stopping = False

    async def run(self, listening: socket.socket) -> int:
        """Serves until the process shall end, with the exit code that this returns."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.shut_down)
        _follow_stdin(lambda: loop.call_soon_threadsafe(self.shut_down, 0.0))
        sending = asyncio.create_task(self._logs.run())
        server = await asyncio.start_unix_server(self._serve, sock=listening, backlog=BACKLOG)
        _kv.bind(self)
        try:
            await self._stop.wait()
            server.close()
            await self._finish(loop)
        finally:
            sending.cancel()
            self._logs.disconnect()
            _kv.bind(None)
            _end_soon(EXIT_SECONDS, self._exit_code)
        return self._exit_code

    async def _finish(self, loop: asyncio.AbstractEventLoop) -> None:
        tasks = [task for connection in self._connections for task in connection.tasks()]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=max(0.0, self._deadline - loop.time()))
            for connection in self._connections:
                connection.cancel_all()
            if late:
                await asyncio.wait(late, timeout=STOP_SECONDS)
        remaining = max(STOP_SECONDS, self._deadline - loop.time())
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._lifespan.stop(), remaining)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._logs.flush(), STOP_SECONDS)
        for connection in list(self._connections):
            await connection.finish(STOP_SECONDS)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(self, reader, writer)
        self._connections.add(connection)
        try:
            await connection.run()
        finally:
            self._connections.discard(connection)
            if self._connection is connection:
                self._connection = None
                self._is_ready.clear()
                self._logs.disconnect()

    # --- What a connection asks for ---

    async def start_or_ask(self) -> None:
        if self._starting is None:
            self._starting = asyncio.create_task(self._start())
        asking = asyncio.create_task(self._asks.wait())
        await asyncio.wait([self._starting, asking], return_when=asyncio.FIRST_COMPLETED)
        asking.cancel()
        if self._starting.done():
            self._starting.result()

    async def _start(self) -> None:
        try:
            await self._lifespan.start()
        except StartupFailed as error:
            _log.error("startup failed: %s", error)
            if not self._asks.is_set():
                self._logs.disconnect()  # nothing may be sent before `ready`, which will not come; stderr is read, too
                raise
            # `ready` was said already, because startup asked for something: the end is what tells the host.
            self._exit_code = 1
            self.shut_down(0.0)

    def ready(self, connection: Connection) -> None:
        # The newest counts: a host that lost its connection connects and sends init again.
        if self._connection is not None:
            self._connection.close()
        self._connection = connection
        self._is_ready.set()
        self._logs.connect(connection.send_log)

    async def answer(self, payload: dict[str, Any], request: InFlight) -> None:
        await self._lifespan.start()  # still at work, perhaps, where it asked the host for something
        route, state = self._manifest.route, self._lifespan.state
        if "stream" in payload and request.incoming is None:
            raise InvalidRequest("a request names a stream, and the feature was not taken up")
        if payload.get("upgrade") == "websocket":
            await WebSocketExchange(request).run(self._app, websocket_scope(payload, route, state))
            return
        scope = http_scope(payload, route, state)
        is_bundle = scope["method"] == "GET" and payload["path"].partition("?")[0] == "/bundle.js"
        if is_bundle and (script := self._bundle.read()) is not None:
            headers = {"content-type": "text/javascript; charset=utf-8"}
            await request.reply({"status": 200, "headers": headers, "body": script})
        else:
            exchange = HttpExchange(request, request_body(payload))
            await self._app(scope, exchange.receive, exchange.send)

    def shut_down(self, grace_seconds: float | None = None) -> None:
        """The first call counts, except that a later one may shorten the grace."""
        grace = GRACE_SECONDS if grace_seconds is None else grace_seconds
        deadline = asyncio.get_running_loop().time() + grace
        self._deadline = min(self._deadline, deadline) if self.is_stopping else deadline
        self.is_stopping = True
        self._stop.set()

    # --- What `kv` asks for ---

    async def request_kv(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Asks again on the next connection where one is lost: to do a request twice changes nothing."""
        self._asks.set()
        deadline = time.monotonic() + KV_SECONDS
        while True:
            connection = await self._connected(deadline)
            try:
                return await connection.request_kv(payload, max(0.0, deadline - time.monotonic()))
            except KvError as error:
                if error.code != "disconnected":
                    raise

    async def _connected(self, deadline: float) -> Connection:
        while self._connection is None:
            try:
                await asyncio.wait_for(self._is_ready.wait(), max(0.0, deadline - time.monotonic()))
            except asyncio.TimeoutError:
                raise KvError("disconnected", f"no host was connected within {KV_SECONDS:g} s") from None
        return self._connection


def run(app: AsgiApp, manifest: Manifest, bundle: Bundle, socket_path: str, log_level: int | str | None) -> None:
    """Serves in this process until it shall end. Raises SocketInUse."""
    logs = LogQueue()
    if log_level is not None:
        logging.basicConfig(level=log_level, handlers=[LogHandler(logs)])
    with _listen(socket_path) as listening:
        exit_code = asyncio.run(PluginProcess(app, manifest, bundle, logs).run(listening))
    if exit_code != 0:
        sys.exit(exit_code)


def _listen(path: str) -> socket.socket:
    """A socket that nobody but this user can connect to. What an earlier run left at the path is removed."""
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISSOCK(os.lstat(path).st_mode):
            raise SocketInUse(f"{path} is no socket; remove the file, or set TORU_PLUGIN_SOCKET to another path")
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(1)
            try:
                probe.connect(path)
            except (ConnectionRefusedError, FileNotFoundError):
                os.unlink(path)
            except OSError as error:  # its queue is full, or it belongs to somebody else
                raise SocketInUse(f"{path} cannot be looked at: {error}; end the process that listens there") from error
            else:
                raise SocketInUse(f"a process answers at {path} already; end it first")
    listening = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        listening.bind(path)
    finally:
        os.umask(before)
    return listening


def _follow_stdin(ended: Callable[[], object]) -> None:
    """Calls `ended` when the host closes our stdin, which it does by dying, too. Only a pipe is watched."""
    mode = os.fstat(0).st_mode
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):  # some runtimes make a pipe of two sockets
        return

    def read() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        with contextlib.suppress(RuntimeError):  # the event loop is closed already
            ended()
        _end_soon(HOST_GONE_SECONDS, 0)

    threading.Thread(target=read, name="toru-stdin", daemon=True).start()


def _end_soon(seconds: float, exit_code: int) -> None:
    """Ends the process for good where it has not ended by itself: a thread that is stuck would hold it for ever."""

    def end() -> None:
        time.sleep(seconds)
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):  # nobody reads it any more
                stream.flush()
        os._exit(exit_code)

    threading.Thread(target=end, name="toru-end", daemon=True).start()
