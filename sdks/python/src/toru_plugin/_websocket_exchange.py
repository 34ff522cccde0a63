"""One WebSocket: the `receive` and `send` of an ASGI call."""

import asyncio
from typing import Literal

from ._asgi import AsgiApp, AsgiMessage, Scope, reply_headers
from ._exchange import ResponseSender
from ._in_flight import InFlight, InvalidRequest
from ._incoming_stream import IncomingStream, StreamAborted
from ._outgoing_stream import OutgoingStream

MAX_MESSAGE_BYTES = 128 * 1024
CLEANUP_SECONDS = 30.0
"""How long the application may still work when the client is gone."""
EXTENSION = "toru.websocket"

_CLOSED, _NO_CODE, _ABORTED, _FAILED = 1000, 1005, 1006, 1011


class WebSocketExchange:
    """Every message is handed out by itself, and granted as it is taken."""

    def __init__(self, request: InFlight) -> None:
        if request.incoming is None:
            raise InvalidRequest("a WebSocket comes with a stream, which this request does not name")
        self._request = request
        self._incoming: IncomingStream = request.incoming
        self._outgoing: OutgoingStream | None = None
        self._denial = ResponseSender(request)
        self._state: Literal["new", "open", "denying", "closed"] = "new"
        self._is_connect_told = False
        self._has_received = False
        self._cancels_senders = False
        self._code = _ABORTED
        self._cleanup: asyncio.TimerHandle | None = None

    async def run(self, app: AsgiApp, scope: Scope) -> None:
        """Closes the WebSocket where the application returns without that."""
        scope["extensions"][EXTENSION] = {"cancel_senders": self._cancel_senders}
        self._request.on_cancel = self._cut
        self._incoming.on_end = self._client_gone
        if not self._incoming.is_open:
            self._client_gone()
        try:
            await app(scope, self.receive, self.send)
        finally:
            if self._cleanup is not None:
                self._cleanup.cancel()
        if self._outgoing is not None:
            self._outgoing.end()

    async def receive(self) -> AsgiMessage:
        if not self._is_connect_told:
            self._is_connect_told = True
            return {"type": "websocket.connect"}
        self._has_received = True
        try:
            message = await self._incoming.next()
        except StreamAborted:
            return {"type": "websocket.disconnect", "code": self._code, "reason": ""}
        if message is None:
            return {"type": "websocket.disconnect", "code": _NO_CODE, "reason": ""}
        data, is_text = message
        text = data.decode("utf-8", "replace") if is_text else None
        return {"type": "websocket.receive", "text": text, "bytes": None if is_text else data}

    async def send(self, message: AsgiMessage) -> None:
        """Raises ConnectionError where the client is gone and has left nothing to be received."""
        kind = message["type"]
        if self._request.is_cancelled:
            raise ConnectionResetError("the WebSocket is closed")
        if self._state == "new" and kind == "websocket.accept":
            await self._accept(message)
        elif self._state == "new" and kind == "websocket.close":
            self._state = "closed"
            await self._request.reply({"status": 403, "headers": {}, "body": None})
        elif self._state in ("new", "denying") and kind.startswith("websocket.http.response."):
            self._state = "denying"
            await self._denial.send(kind.removeprefix("websocket."), message)
        elif self._state == "open" and kind == "websocket.send":
            await self._send(message)
        elif self._state == "open" and kind == "websocket.close":
            self._close(message.get("code", _CLOSED))
        else:
            raise RuntimeError(f"the application sent {kind} out of order")

    async def _accept(self, message: AsgiMessage) -> None:
        headers = reply_headers(message.get("headers") or [])
        if (protocol := message.get("subprotocol")) is not None:
            headers["sec-websocket-protocol"] = protocol
        self._outgoing = await self._request.reply_stream({"status": 101, "headers": headers})
        self._outgoing.on_stop = self._client_gone
        self._state = "open"
        if not self._incoming.is_open:
            self._outgoing.end()

    async def _send(self, message: AsgiMessage) -> None:
        assert self._outgoing is not None
        text, data = message.get("text"), message.get("bytes")
        payload = text.encode("utf-8", "replace") if text is not None else bytes(data or b"")
        if len(payload) > MAX_MESSAGE_BYTES:
            raise ValueError(f"a message has {len(payload)} bytes; allowed are {MAX_MESSAGE_BYTES}: send it in pieces")
        try:
            await self._outgoing.send_message(payload, text is not None)
        except ConnectionError:
            if not self._incoming.has_waiting:
                raise
            # The application shall get to what the client has sent before it went away.

    def _close(self, code: int) -> None:
        assert self._outgoing is not None
        self._state, self._code = "closed", code
        self._incoming.on_end = None
        self._outgoing.end(is_aborted=code == _FAILED)
        self._incoming.stop()

    def _client_gone(self) -> None:
        """The host has sent its last frame, or wants no more. What has arrived can still be received."""
        self._request.is_abandoned = True
        if self._outgoing is not None:
            self._outgoing.end()
        if self._cleanup is None:
            loop = asyncio.get_running_loop()
            self._cleanup = loop.call_later(CLEANUP_SECONDS, self._request.cancel)
        if self._cancels_senders and not self._has_received and not self._incoming.has_waiting:
            self._request.cancel()

    def _cancel_senders(self) -> None:
        """A client that leaves shall cancel an application that does not await its messages.

        Those of the frameworks learn it by a `send` that raises, as the specification has it, and tidy up then.
        """
        self._cancels_senders = True

    def _cut(self) -> None:
        """The work on it is called off."""
        if self._outgoing is not None:
            self._outgoing.end(is_aborted=True)
        self._incoming.stop()
