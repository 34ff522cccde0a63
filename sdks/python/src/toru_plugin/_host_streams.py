"""The host's side of streams, for tests."""

import itertools
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeVar

from ._data_frame import WINDOW_BYTES, DataFrame, encode_data

PIECE_BYTES = 64 * 1024

T = TypeVar("T")


class HostWire(Protocol):
    """What streams need of the host's side."""

    grants_at_once: bool

    def send(self, kind: str, payload: dict[str, Any], request_id: str) -> str: ...

    def send_bytes(self, data: bytes) -> None: ...

    def wait_for(self, condition: Callable[[], T | None]) -> T: ...


class PluginStream:
    """Bytes that the plugin sends. Iterate over it for the pieces, as they come."""

    def __init__(self, wire: HostWire, number: int) -> None:
        self._wire = wire
        self.number = number
        self._frames: deque[DataFrame] = deque()
        self._ungranted = 0
        self.is_ended = False
        """Whether the last frame has come; what came before may still wait."""
        self.is_aborted = False
        """Whether the plugin said that it is not all."""
        self.received_bytes = 0

    def push(self, frame: DataFrame) -> None:
        self.received_bytes += len(frame.data)
        self._ungranted += len(frame.data)
        assert self._ungranted <= WINDOW_BYTES, f"stream {self.number}: {self._ungranted} bytes were not granted"
        if frame.data or not frame.is_last:
            self._frames.append(frame)
        self.is_ended, self.is_aborted = frame.is_last, frame.is_aborted
        if self._wire.grants_at_once:
            self.grant()

    def grant(self) -> None:
        """Grants anew what has come. Only a test that has switched `grants_at_once` off calls it."""
        granted, self._ungranted = self._ungranted, 0  # before it is told: more may come in another thread at once
        if granted and not self.is_ended:
            self._wire.send("http", {"stream": self.number, "credit": granted}, "")

    def next(self) -> DataFrame | None:
        """The next frame; None behind the last one."""
        self._wire.wait_for(lambda: self._frames or self.is_ended)
        return self._frames.popleft() if self._frames else None

    def read(self) -> bytes:
        """All that comes until the end."""
        return b"".join(self)

    def stop(self) -> None:
        """Says that nobody reads on, as the host does when the client is gone."""
        self._wire.send("http", {"stream": self.number, "stop": True}, "")

    def __iter__(self) -> Iterator[bytes]:
        while (frame := self.next()) is not None:
            yield frame.data


class HostStream:
    """Bytes that the test sends, no faster than the plugin takes them."""

    def __init__(self, wire: HostWire, number: int) -> None:
        self._wire = wire
        self.number = number
        self.credit = WINDOW_BYTES
        """What may still be sent."""
        self.is_stopped = False
        """Whether the plugin wants no more."""

    def send(self, data: bytes) -> None:
        """Sends in pieces, as they are granted, and drops what the plugin does not want any more."""
        at = 0
        while at < len(data) and self._may_send(1):
            end = at + min(self.credit, PIECE_BYTES)
            self._write(DataFrame(self.number, data[at:end]))
            at = end

    def send_message(self, message: str | bytes) -> None:
        """Sends a message of a WebSocket."""
        data = message.encode() if isinstance(message, str) else message
        if self._may_send(len(data)):
            self._write(DataFrame(self.number, data, is_text=isinstance(message, str)))

    def end(self, *, is_aborted: bool = False) -> None:
        self._write(DataFrame(self.number, is_last=True, is_aborted=is_aborted))

    def _may_send(self, count: int) -> bool:
        self._wire.wait_for(lambda: self.credit >= count or self.is_stopped)
        return not self.is_stopped

    def _write(self, frame: DataFrame) -> None:
        self.credit -= len(frame.data)
        self._wire.send_bytes(encode_data(frame))


class HostStreams:
    """The streams of one connection, by their numbers."""

    def __init__(self, wire: HostWire) -> None:
        self._wire = wire
        self._numbers = itertools.count(1)
        self._of_plugin: dict[int, PluginStream] = {}
        self._of_host: dict[int, HostStream] = {}

    def open(self) -> HostStream:
        """A stream of ours, to be named in a request."""
        number = next(self._numbers)
        stream = self._of_host[number] = HostStream(self._wire, number)
        return stream

    def of_plugin(self, number: int) -> PluginStream:
        """The stream that a reply has named."""
        return self._of_plugin[number]

    def take(self, frame: DataFrame) -> None:
        self._of_plugin[frame.stream].push(frame)

    def follow(self, payload: dict[str, Any]) -> None:
        """A message of the type http: it names a stream of the plugin, or is about one of ours."""
        number = payload.get("stream")
        if "status" in payload and number is not None:
            self._of_plugin[number] = PluginStream(self._wire, number)
        elif number in self._of_host:
            self._of_host[number].credit += payload.get("credit", 0)
            self._of_host[number].is_stopped |= payload.get("stop", False)
