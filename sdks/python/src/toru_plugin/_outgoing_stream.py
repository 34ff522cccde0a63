"""Bytes to the host."""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from ._data_frame import WINDOW_BYTES, DataFrame, encode_data

MAX_PIECE_BYTES = 64 * 1024
"""Larger ones are cut, so that the streams and messages of one connection take turns."""


class Carrier(Protocol):
    """What streams need of their connection."""

    async def room(self) -> None:
        """Waits while the host is slow to read. Raises ConnectionError where the connection has ended."""

    def write(self, frame: bytes) -> None: ...

    def tell(self, payload: dict[str, Any]) -> None:
        """Sends a message of the type http without a `request_id`."""


class OutgoingStream:
    """Bytes to the host, never further ahead than it has granted."""

    def __init__(self, number: int, carrier: Carrier, forget: Callable[[int], object]) -> None:
        self.number = number
        self._carrier = carrier
        self._forget = forget
        self._credit = WINDOW_BYTES
        self._changed = asyncio.Event()
        self._turn = asyncio.Lock()
        self.is_ended = False
        self.on_stop: Callable[[], None] | None = None
        """Called when the host wants no more."""

    async def send(self, data: bytes) -> None:
        """Sends in pieces, and waits for credit. Raises ConnectionError where nobody takes them any more."""
        async with self._turn:
            at = 0
            while at < len(data):
                await self._may_send(1)
                end = at + min(self._credit, MAX_PIECE_BYTES)
                self._write(DataFrame(self.number, data[at:end]))
                at = end

    async def send_message(self, data: bytes, is_text: bool) -> None:
        """Sends in one frame: a message of a WebSocket. Raises ConnectionError likewise."""
        async with self._turn:
            await self._may_send(len(data))
            self._write(DataFrame(self.number, data, is_text=is_text))

    def end(self, *, is_aborted: bool = False) -> None:
        """That was all; or, aborted: what was sent is not all. Does nothing where it has ended."""
        if not self.is_ended:
            self._write(DataFrame(self.number, is_last=True, is_aborted=is_aborted))
            self.discard()

    def discard(self) -> None:
        """Without a word: the connection is gone."""
        self.is_ended = True
        self._forget(self.number)
        self._changed.set()

    def grant(self, count: int) -> None:
        self._credit += count
        self._changed.set()

    def stop(self) -> None:
        """The host wants no more."""
        self.end()
        if self.on_stop is not None:
            self.on_stop()

    async def _may_send(self, count: int) -> None:
        while not self.is_ended and self._credit < count:
            self._changed.clear()
            await self._changed.wait()
        if not self.is_ended:
            await self._carrier.room()
        if self.is_ended:
            raise ConnectionResetError("nobody takes this answer any more")

    def _write(self, frame: DataFrame) -> None:
        self._credit -= len(frame.data)
        self._carrier.write(encode_data(frame))
