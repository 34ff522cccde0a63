"""The connection to the host: messages in both directions, replies matched to requests, data to streams."""

import asyncio
import contextlib
import itertools
import logging
from typing import Any, Protocol

from ._codec import FrameDecoder, Message, decode, encode
from ._data_frame import KIND, decode_data
from ._errors import KvError, ProtocolError
from ._in_flight import Answering, InFlight
from ._lifespan import StartupFailed
from ._stream_table import StreamTable

MAX_REQUESTS_IN_FLIGHT = 1024
"""Further ones are answered with the error `busy`."""
MAX_KV_WAITING = 1024
READ_BYTES = 256 * 1024
FEATURES = ("stream", "websocket")

_log = logging.getLogger("toru_plugin")


class Plugin(Answering, Protocol):
    """What a connection needs of the process."""

    is_stopping: bool

    async def start_or_ask(self) -> None:
        """Startup, once for a process, until it is complete or needs the host. Raises StartupFailed."""

    def ready(self, connection: "Connection") -> None:
        """`init` was answered: requests of ours may go out."""

    def shut_down(self, grace_seconds: float | None) -> None:
        """None: the usual grace."""


class Connection:
    """One connection of the host, until its end."""

    def __init__(self, plugin: Plugin, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._plugin = plugin
        self._reader = reader
        self._writer = writer
        self._write_lock = asyncio.Lock()
        self._ids = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._in_flight: dict[str, InFlight] = {}
        self._init: asyncio.Task[None] | None = None
        self.streams: StreamTable | None = None
        """None where the feature `stream` was not taken up."""
        self.is_ready = False

    async def run(self) -> None:
        """Reads until the connection ends. Requests run beside it, so that a slow one holds up nobody."""
        decoder = FrameDecoder()
        try:
            while data := await self._reader.read(READ_BYTES):
                for payload in decoder.push(data):
                    if payload[0] == KIND and self.streams is not None:
                        self.streams.data(decode_data(payload))
                    else:
                        self._receive(decode(payload))
            decoder.end()
        except ProtocolError as error:
            _log.error("the host broke the protocol (%s): %s; the connection is closed", error.code, error)
        except ConnectionError as error:
            _log.warning("the connection to the host broke: %s", error)
        finally:
            self.close()

    def close(self) -> None:
        self.is_ready = False
        if self._init is not None:
            self._init.cancel()
        if self.streams is not None:
            self.streams.close()
        self.cancel_all()
        for reply in self._waiting.values():
            if not reply.done():
                reply.set_exception(KvError("disconnected", "the connection to the host ended"))
        self._writer.close()

    @property
    def is_closed(self) -> bool:
        return self._writer.is_closing()

    # --- Requests of the host ---

    def _receive(self, message: Message) -> None:
        kind, payload, request_id = message.type, message.payload, message.request_id
        if kind == "lifecycle":
            self._lifecycle(payload, request_id)
        elif kind == "kv" and "action" not in payload:
            self._take_reply(request_id, payload)
        elif kind == "http" and request_id is None and self.streams is not None:
            self.streams.control(payload)
        elif request_id is None or kind == "log":
            _log.debug("a message of type %s was ignored: nothing follows from it", kind)
        elif kind == "kv":
            self.refuse("kv", request_id, "unsupported", "this plugin handles http only")
        elif payload.get("cancel") is True:
            known = self._in_flight.get(request_id)
            if known is not None and not known.is_complete:  # what goes on after an answer is no concern of the host
                known.cancel()
        elif "method" not in payload:
            _log.debug("a reply was dropped: the plugin sends no http requests")
        else:
            self._begin(request_id, payload)

    def _lifecycle(self, payload: dict[str, Any], request_id: str | None) -> None:
        action = payload.get("action")
        if action == "shutdown":
            grace_ms = payload.get("grace_ms")
            self._plugin.shut_down(grace_ms / 1000 if isinstance(grace_ms, (int, float)) else None)
        elif request_id is None:
            _log.error("a lifecycle message without a request_id was ignored; does this host speak version 2?")
        elif action == "ping":
            self._write(Message("lifecycle", {"action": "pong"}, request_id))
        elif action in ("ready", "pong", None):
            _log.debug("a reply was dropped: the plugin sends no lifecycle requests")
        elif action != "init":
            self.refuse("lifecycle", request_id, "unsupported", "this plugin knows init, ping and shutdown")
        elif payload.get("protocol") != 2:
            self.refuse("lifecycle", request_id, "unsupported_protocol", "this plugin speaks version 2 of the protocol")
        elif self._init is None:
            self._init = asyncio.create_task(self._answer_init(request_id, payload.get("features")))
        else:
            self.refuse("lifecycle", request_id, "invalid_request", "init comes once on a connection")

    async def _answer_init(self, request_id: str, offered: Any) -> None:
        """Says `ready` when startup is complete, or earlier where startup itself asks the host for something."""
        try:
            await self._plugin.start_or_ask()
        except StartupFailed:
            self.refuse("lifecycle", request_id, "startup_failed", "the plugin's startup failed; its log says why")
            return
        features = [name for name in FEATURES if isinstance(offered, list) and name in offered]
        if "stream" in features:
            self.streams = StreamTable(self)
        else:
            features = []  # WebSockets are streams, too
        # Nothing may be sent before this reply.
        self._write(Message("lifecycle", {"action": "ready", "features": features}, request_id))
        self.is_ready = True
        self._plugin.ready(self)

    def _begin(self, request_id: str, payload: dict[str, Any]) -> None:
        incoming = None
        if self.streams is not None and "stream" in payload:
            incoming = self.streams.receive(payload["stream"])
        if (refusal := self._find_refusal()) is not None:
            self.refuse("http", request_id, *refusal)
        elif request_id in self._in_flight:
            _log.error("a request was dropped: its request_id %r is in use by one that is in flight", request_id)
        else:
            target = f"{payload.get('method')} {payload.get('path')}"
            request = self._in_flight[request_id] = InFlight(self, request_id, target, incoming)
            request.task = asyncio.create_task(request.run(self._plugin, payload))
            request.task.add_done_callback(lambda _: self._in_flight.pop(request_id, None))
            return
        if incoming is not None:
            incoming.stop()

    def _find_refusal(self) -> tuple[str, str] | None:
        if not self.is_ready:
            return "not_ready", "a request came before the plugin was ready"
        if self._plugin.is_stopping:
            return "stopping", "the plugin is about to end"
        if len(self._in_flight) >= MAX_REQUESTS_IN_FLIGHT:
            return "busy", f"{MAX_REQUESTS_IN_FLIGHT} requests are in flight already"
        return None

    def cancel_all(self) -> None:
        for request in list(self._in_flight.values()):
            request.cancel()

    def tasks(self) -> list[asyncio.Task[None]]:
        """The requests in flight."""
        return [request.task for request in self._in_flight.values() if request.task is not None]

    # --- Requests of ours ---

    async def request_kv(self, payload: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Asks the host's store. Raises KvError."""
        if len(self._waiting) >= MAX_KV_WAITING:
            raise KvError("busy", f"{MAX_KV_WAITING} requests wait for the host already")
        request_id = f"p-{next(self._ids)}"
        reply = self._waiting[request_id] = asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait_for(self._exchange_kv(Message("kv", payload, request_id), reply), seconds)
        except asyncio.TimeoutError:
            raise KvError("timeout", f"kv {payload['action']} got no answer in time") from None
        except ConnectionError as cause:
            raise KvError("disconnected", f"kv {payload['action']} could not be sent: {cause}") from cause
        finally:
            del self._waiting[request_id]
        answer: dict[str, Any] = reply.result()
        if (error := answer.get("error")) is not None:
            known = error if isinstance(error, dict) else {}
            raise KvError(str(known.get("code", "error")), str(known.get("message", error)))
        return answer

    async def _exchange_kv(self, message: Message, reply: "asyncio.Future[dict[str, Any]]") -> None:
        await self.send(encode(message))
        await reply

    def _take_reply(self, request_id: str | None, payload: dict[str, Any]) -> None:
        reply = self._waiting.get(request_id) if request_id is not None else None
        if reply is None or reply.done():
            _log.debug("a reply was dropped: it is late, doubled or to nothing that was asked")
        else:
            reply.set_result(payload)

    async def send_log(self, payload: dict[str, Any]) -> None:
        await self.send(encode(Message("log", payload)))

    # --- Bytes ---

    async def send(self, frame: bytes) -> None:
        """Waits while the host is slow to read, so that no more than what is in flight waits in memory."""
        async with self._write_lock:
            if self.is_closed:
                raise ConnectionError("the connection to the host is closed")
            self._writer.write(frame)
            await self._writer.drain()

    async def room(self) -> None:
        """Waits while the host is slow to read; then whoever asked may `write` a small piece, before it awaits."""
        async with self._write_lock:
            if self.is_closed:
                raise ConnectionError("the connection to the host is closed")
            await self._writer.drain()

    def write(self, frame: bytes) -> None:
        """For what is small and must not wait for anything."""
        self._writer.write(frame)

    def tell(self, payload: dict[str, Any]) -> None:
        """Sends the host a word on a stream."""
        self._write(Message("http", payload))

    def refuse(self, kind: str, request_id: str, code: str, message: str) -> None:
        self._write(Message(kind, {"error": {"code": code, "message": message}}, request_id))

    def _write(self, message: Message) -> None:
        self.write(encode(message))

    async def finish(self, seconds: float) -> None:
        """Sends what is still buffered, and closes."""
        self._writer.close()
        with contextlib.suppress(OSError, asyncio.TimeoutError):  # the host may be gone already
            await asyncio.wait_for(self._writer.wait_closed(), seconds)
