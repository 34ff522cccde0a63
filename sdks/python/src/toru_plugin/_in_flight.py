"""A request of the host that is at work, and its one answer."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Protocol

from ._codec import Message, encode
from ._errors import FrameTooLarge
from ._incoming_stream import IncomingStream
from ._outgoing_stream import Carrier, OutgoingStream
from ._stream_table import StreamTable

_log = logging.getLogger("toru_plugin")


class InvalidRequest(Exception):
    """The host sent an http request that lacks something."""


class Answering(Protocol):
    """Whoever answers an http request: by `request.reply` or `request.reply_stream`, once."""

    async def answer(self, payload: dict[str, Any], request: "InFlight") -> None: ...


class Replies(Carrier, Protocol):
    """What a request needs of its connection."""

    streams: StreamTable | None
    """None where the feature `stream` was not taken up."""

    @property
    def is_closed(self) -> bool: ...

    async def send(self, frame: bytes) -> None: ...

    def refuse(self, kind: str, request_id: str, code: str, message: str) -> None: ...


class InFlight:
    """From the request until the work on it is over, which may be later than its answer."""

    def __init__(self, connection: Replies, request_id: str, target: str, incoming: IncomingStream | None) -> None:
        self._connection = connection
        self._request_id = request_id
        self._target = target
        self._outgoing: OutgoingStream | None = None
        self.incoming = incoming
        """The request's body, or a client's messages, where these come as a stream."""
        self.task: asyncio.Task[None] | None = None
        self.on_cancel: Callable[[], None] | None = None
        """Called before the task is cancelled."""
        self.is_cancelled = False
        self.is_answered = False
        self.is_abandoned = False
        """Whether the client is gone, as the work was told: what it raises then is no fault."""

    @property
    def can_stream(self) -> bool:
        return self._connection.streams is not None

    async def reply(self, payload: dict[str, Any]) -> None:
        """Raises FrameTooLarge."""
        if self.is_cancelled or self.is_answered:
            return
        frame = encode(Message("http", payload, self._request_id))
        self.is_answered = True
        await self._connection.send(frame)

    async def reply_stream(self, payload: dict[str, Any]) -> OutgoingStream:
        """Answers with a stream in place of a body. Raises FrameTooLarge; ConnectionError where nobody waits."""
        streams = self._connection.streams
        assert streams is not None
        await self._connection.room()
        if self.is_cancelled or self.is_answered:
            raise ConnectionResetError("nobody waits for this answer any more")
        stream = streams.open()
        try:
            frame = encode(Message("http", {**payload, "stream": stream.number}, self._request_id))
        except FrameTooLarge:
            stream.discard()
            raise
        self.is_answered = True
        self._outgoing = stream
        stream.on_stop = self.cancel
        self._connection.write(frame)  # at once: a cancel must not come between it and what follows on the stream
        return stream

    def fail(self, code: str, message: str) -> None:
        if not self.is_cancelled and not self.is_answered:
            self.is_answered = True
            self._connection.refuse("http", self._request_id, code, message)

    def cancel(self) -> None:
        self.is_cancelled = True
        if self.on_cancel is not None:
            self.on_cancel()
        if self.task is not None:
            self.task.cancel()

    async def run(self, plugin: Answering, payload: dict[str, Any]) -> None:
        """Lets the plugin answer. Whatever that raises is a reply or the abrupt end of one, and a line in the log."""
        try:
            await plugin.answer(payload, self)
            if not self.is_cancelled and not self.is_complete:
                raise RuntimeError("the application returned before its response was complete")
        except InvalidRequest as error:
            self.fail("invalid_request", str(error))
        except FrameTooLarge as error:
            _log.error("%s: the answer is too large: %s", self._target, error)
            self.fail("too_large", "the plugin's answer does not fit a frame")
        except (Exception, asyncio.CancelledError) as error:
            self._explain(error)
        finally:
            if self.incoming is not None:
                self.incoming.stop()
            if self._outgoing is not None:
                self._outgoing.end(is_aborted=True)

    @property
    def is_complete(self) -> bool:
        """Whether the answer has been sent to its end; the work may go on."""
        return self.is_answered and (self._outgoing is None or self._outgoing.is_ended)

    def _explain(self, error: BaseException) -> None:
        if self.is_cancelled or self._connection.is_closed:
            return  # what happens to work that was called off is of no interest
        if self.is_abandoned:
            _log.info("%s ended with its client: %r", self._target, error)
            self.fail("aborted", "the client went away before the request was complete")
        else:
            _log.error("%s failed", self._target, exc_info=error)
            self.fail("internal", "the plugin failed on this request; its log says why")
