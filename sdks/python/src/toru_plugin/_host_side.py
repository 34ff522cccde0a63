"""The host's side of a plugin's socket, for tests: what it sends, what it receives, and its store."""

import contextlib
import itertools
import socket
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from ._codec import FrameDecoder, Message, decode, encode
from ._data_frame import KIND, decode_data
from ._errors import ToruError
from ._host_streams import HostStreams

LIMIT_SECONDS = 10.0
"""How long each step may take: the start, an answer, the end."""
READ_BYTES = 256 * 1024

T = TypeVar("T")


class HostSide(ABC):
    """Speaks with a plugin at the level of messages. Its store is a dict."""

    kv_error: tuple[str, str] | None = None
    """A code and a message with which the store refuses everything, for tests of what happens then."""
    kv_is_silent = False
    """Whether the store answers nothing at all."""
    grants_at_once = True
    """Whether bytes of the plugin's streams are granted anew as they come, or by `PluginStream.grant` alone."""

    def __init__(self, socket_path: Path, store: dict[str, str] | None) -> None:
        self.socket_path = socket_path
        self.store: dict[str, str] = {} if store is None else store
        """What the host's store holds."""
        self.received: list[Message] = []
        """All messages of the plugin."""
        self._changed = threading.Condition()
        self._ids = itertools.count(1)
        self._socket: socket.socket | None = None
        self._sending = threading.Lock()
        self.streams = HostStreams(self)

    @property
    @abstractmethod
    def stderr(self) -> str:
        """What the process printed on stderr so far."""

    @abstractmethod
    def has_ended(self) -> bool:
        """Whether the process has ended."""

    def ask(self, kind: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Sends a request and waits for its reply."""
        request_id = self.send(kind, payload, str(next(self._ids)))
        return self.reply(request_id)

    def send(self, kind: str, payload: dict[str, Any], request_id: str) -> str:
        """Sends a message; an empty `request_id` leaves it out."""
        self.send_bytes(encode(Message(kind, payload, request_id or None)))
        return request_id

    def send_bytes(self, data: bytes) -> None:
        connection = self._socket  # another thread may hang up meanwhile
        if connection is None:
            raise ConnectionError("there is no connection to the plugin; call connect first")
        with self._sending:
            connection.sendall(data)

    def reply(self, request_id: str) -> dict[str, Any]:
        """Waits for the reply to a request that was sent."""
        found = self.wait_for(lambda: next((m for m in self.received if _is_reply(m, request_id)), None))
        return found.payload

    def wait_for(self, condition: Callable[[], T | None]) -> T:
        """Waits until the condition holds, which is asked after each message, and returns its value."""
        deadline = time.monotonic() + LIMIT_SECONDS
        while True:
            with self._changed:
                if value := condition():
                    return value
                self._changed.wait(0.05)  # what the condition asks may lie outside, in a file or a store
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited {LIMIT_SECONDS:g} s in vain; last came {self.received[-3:]}\n{self.stderr}")

    def connect(self) -> None:
        """Connects, as soon as the plugin listens. A second call makes a new connection in place of the first."""
        self.disconnect()
        deadline = time.monotonic() + LIMIT_SECONDS
        while True:
            connection = socket.socket(socket.AF_UNIX)
            try:
                connection.connect(str(self.socket_path))
                break
            except OSError as cause:
                connection.close()
                if self.has_ended() or time.monotonic() > deadline:
                    raise ToruError(f"the plugin does not listen:\n{self.stderr}") from cause
                time.sleep(0.005)
        self._socket = connection
        self.streams = HostStreams(self)
        threading.Thread(target=self._read, args=(connection, self.streams), daemon=True).start()

    def disconnect(self) -> None:
        """Hangs up, as a host does that is about to connect again."""
        if self._socket is not None:
            with contextlib.suppress(OSError):  # the plugin hung up before
                self._socket.shutdown(socket.SHUT_RDWR)  # ends the read of the other thread, which close would not
            self._socket.close()
            self._socket = None

    def _read(self, connection: socket.socket, streams: HostStreams) -> None:
        decoder = FrameDecoder()
        while True:
            try:
                data = connection.recv(READ_BYTES)
            except OSError:
                return  # closed by us, or by a plugin that ended
            if not data:
                return
            for payload in decoder.push(data):
                with self._changed, contextlib.suppress(OSError):  # the plugin ended before it had its answer
                    self._take(payload, streams)
                    self._changed.notify_all()

    def _take(self, payload: bytes, streams: HostStreams) -> None:
        if payload[0] == KIND:
            streams.take(decode_data(payload))
            return
        message = decode(payload)
        self.received.append(message)
        if message.type == "http":
            streams.follow(message.payload)
        if message.type == "kv" and "action" in message.payload and not self.kv_is_silent:
            self.send("kv", self._kv(**message.payload), message.request_id or "")

    def _kv(
        self, action: str, key: str = "", value: str = "", prefix: str = "", after: str | None = None, limit: int = 100
    ) -> dict[str, Any]:
        if self.kv_error is not None:
            code, text = self.kv_error
            return {"error": {"code": code, "message": text}}
        if action == "list":
            found = sorted((k for k in self.store if k.startswith(prefix)), key=str.encode)
            found = [k for k in found if after is None or k.encode() > after.encode()]
            return {"keys": found[:limit], "more": len(found) > limit}
        if action == "set":
            self.store[key] = value
        elif action == "delete":
            self.store.pop(key, None)
        return {"value": self.store.get(key) if action == "get" else None}


def _is_reply(message: Message, request_id: str) -> bool:
    return message.request_id == request_id and not (message.type == "kv" and "action" in message.payload)
