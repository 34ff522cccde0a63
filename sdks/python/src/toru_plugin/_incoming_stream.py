"""Bytes of the host that wait to be taken."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Literal

from ._data_frame import WINDOW_BYTES, DataFrame
from ._errors import ProtocolError

GRANT_BYTES = 64 * 1024
"""What was taken is granted anew as soon as it is this much."""
MAX_WAITING_PIECES = WINDOW_BYTES
"""Empty messages of a WebSocket cost nothing of the window; with this they are bounded, too."""


class StreamAborted(Exception):
    """What came on a stream is not all, and no more comes."""


class IncomingStream:
    """Bytes of the host until somebody takes them: no more than the window, and granted only as they are taken."""

    def __init__(self, number: int, tell: Callable[[dict[str, Any]], None], forget: Callable[[int], object]) -> None:
        self._number = number
        self._tell = tell
        self._forget = forget
        self._pieces: deque[tuple[bytes, bool]] = deque()
        self._waiting_bytes = 0
        self._taken_bytes = 0  # and not granted anew yet
        self._changed = asyncio.Event()
        self._state: Literal["open", "complete", "aborted"] = "open"
        self.on_end: Callable[[], None] | None = None
        """Called when nothing more comes, unless `stop` was ours; what has arrived may still wait."""

    @property
    def is_open(self) -> bool:
        """Whether more may come."""
        return self._state == "open"

    @property
    def has_waiting(self) -> bool:
        """Whether something waits to be taken."""
        return bool(self._pieces)

    def push(self, frame: DataFrame) -> None:
        """Raises ProtocolError where the host sends more than it was granted."""
        if self._waiting_bytes + self._taken_bytes + len(frame.data) > WINDOW_BYTES:
            raise ProtocolError(
                "stream_window", f"stream {self._number} is over {WINDOW_BYTES} bytes ahead of what was granted"
            )
        if frame.data or frame.is_text or not frame.is_last:
            self._pieces.append((frame.data, frame.is_text))
            self._waiting_bytes += len(frame.data)
        if frame.is_last:
            self._end("aborted" if frame.is_aborted else "complete")
        elif len(self._pieces) > MAX_WAITING_PIECES:
            self.stop()
        else:
            self._changed.set()
        if not self.is_open and self.on_end is not None:
            self.on_end()

    async def read(self) -> tuple[bytes, bool]:
        """All bytes that have arrived, and whether more may come; waits for the first. Raises StreamAborted."""
        while True:
            data = b"".join(data for data, _ in self._pieces)
            self._pieces.clear()
            self._take(len(data))
            if data or self._state == "complete":
                return data, self._state != "complete"
            await self._wait()

    async def next(self) -> tuple[bytes, bool] | None:
        """The next message, and whether it is text; None behind the last one. Raises StreamAborted."""
        while not self._pieces:
            if self._state == "complete":
                return None
            await self._wait()
        data, is_text = self._pieces.popleft()
        self._take(len(data))
        return data, is_text

    def stop(self) -> None:
        """Wants no more, and says so; what waits is dropped."""
        self._pieces.clear()
        if self.is_open:
            self._forget(self._number)
            self._tell({"stream": self._number, "stop": True})
            self._end("aborted")

    def discard(self) -> None:
        """The connection is gone."""
        if self.is_open:
            self._end("aborted")

    async def _wait(self) -> None:
        if self._state == "aborted":
            raise StreamAborted
        self._changed.clear()
        await self._changed.wait()

    def _take(self, count: int) -> None:
        self._waiting_bytes -= count
        self._taken_bytes += count
        if self.is_open and self._taken_bytes >= GRANT_BYTES:
            self._tell({"stream": self._number, "credit": self._taken_bytes})
            self._taken_bytes = 0

    def _end(self, state: Literal["complete", "aborted"]) -> None:
        self._state = state
        self._changed.set()
