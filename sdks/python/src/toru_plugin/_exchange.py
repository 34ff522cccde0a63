"""One request and its answer: the `receive` and `send` of an ASGI call."""

import asyncio

from ._asgi import AsgiMessage, body_fields, reply_headers
from ._codec import MAX_FRAME_BYTES
from ._errors import FrameTooLarge
from ._in_flight import InFlight
from ._incoming_stream import StreamAborted
from ._outgoing_stream import OutgoingStream

MAX_INLINE_BYTES = 16 * 1024
"""A body that is complete and no larger travels in its message; others as a stream."""


class ResponseSender:
    """Makes one reply out of a start and any number of parts of a body."""

    def __init__(self, request: InFlight) -> None:
        self._request = request
        self._status: int | None = None
        self._headers: dict[str, str | list[str]] = {}
        self._parts: list[bytes] = []
        self._size = 0
        self._stream: OutgoingStream | None = None
        self.is_complete = False

    async def send(self, kind: str, message: AsgiMessage) -> None:
        """Takes `http.response.start`, then `http.response.body`. Raises ConnectionError where nobody waits."""
        if self._request.is_cancelled:
            raise ConnectionResetError("nobody waits for this answer any more")
        if kind == "http.response.start" and self._status is None:
            self._status = message["status"]
            if not 200 <= message["status"] <= 599:
                raise RuntimeError(f"the application answered with status {message['status']}; allowed are 200 to 599")
            self._headers = reply_headers(message.get("headers") or [])
        elif kind == "http.response.body" and self._status is not None and not self.is_complete:
            await self._body(bytes(message.get("body", b"")), message.get("more_body", False))
        else:
            raise RuntimeError(f"the application sent {kind} out of order")

    async def _body(self, part: bytes, has_more: bool) -> None:
        head = {"status": self._status, "headers": self._headers}
        if not self._request.can_stream:
            self._collect(part)
            if not has_more:
                self.is_complete = True
                body = b"".join(self._parts)
                self._parts.clear()
                await self._request.reply({**head, **body_fields(body)})
        elif self._stream is None and not has_more and len(part) <= MAX_INLINE_BYTES:
            self.is_complete = True
            await self._request.reply({**head, **body_fields(part)})
        else:
            if self._stream is None:
                self._stream = await self._request.reply_stream(head)
            await self._stream.send(part)
            if not has_more:
                self.is_complete = True
                self._stream.end()

    def _collect(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > MAX_FRAME_BYTES:
            raise FrameTooLarge(f"the body is over {MAX_FRAME_BYTES} bytes")
        self._parts.append(part)


class HttpExchange:
    """The body is handed out as it comes, and granted as it is taken; the answer leaves while it is made."""

    def __init__(self, request: InFlight, body: bytes) -> None:
        """`body` is the whole of it where it does not come as a stream."""
        self._request = request
        self._body: bytes | None = body if request.incoming is None else None
        self._is_read = request.incoming is None
        self._gone = asyncio.Event()
        self._response = ResponseSender(request)
        request.on_cancel = self._disconnect

    async def receive(self) -> AsgiMessage:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        if self._request.incoming is not None and not self._is_read:
            try:
                body, has_more = await self._request.incoming.read()
            except StreamAborted:
                if not self._gone.is_set():
                    self._request.is_abandoned = True
                    self._disconnect()
            else:
                self._is_read = not has_more
                return {"type": "http.request", "body": body, "more_body": has_more}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: AsgiMessage) -> None:
        """With the last part of the body the answer is complete; the application may go on working after it."""
        await self._response.send(message["type"], message)
        if self._response.is_complete:
            self._disconnect()

    def _disconnect(self) -> None:
        """Nobody waits for the answer any more: `receive` says so."""
        self._gone.set()
        self._is_read = True
        if self._request.incoming is not None:
            self._request.incoming.stop()
