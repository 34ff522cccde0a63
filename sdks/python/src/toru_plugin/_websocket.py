"""WebSockets of the decorator style."""

from typing import TYPE_CHECKING

from ._errors import HttpError, WebSocketClosed
from ._http import Asked, Response

if TYPE_CHECKING:
    from ._asgi import AsgiMessage, Receive, Scope, Send


class WebSocket(Asked):
    """A client's WebSocket. `async for message in socket` gives its messages, text and bytes, until it is gone.

    The first message that is sent or awaited accepts it. A handler that raises HttpError before that refuses it.
    """

    def __init__(self, scope: "Scope", path: str, receive: "Receive", send: "Send") -> None:
        super().__init__(scope, path, {})
        self.protocols: list[str] = scope["subprotocols"]
        """The protocols that the client offers; `accept` chooses one of them."""
        self._receive = receive
        self._send = send
        extensions = scope.get("extensions", {})
        self._can_deny = "websocket.http.response" in extensions
        if "toru.websocket" in extensions:  # other servers have it not
            extensions["toru.websocket"]["cancel_senders"]()
        self._is_accepted = False
        self._is_over = False

    async def accept(self, protocol: str | None = None, headers: dict[str, str] | None = None) -> None:
        """Takes it up. Does nothing the second time."""
        if self._is_accepted:
            return
        self._is_accepted = True
        pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in (headers or {}).items()]
        await self._tell({"type": "websocket.accept", "subprotocol": protocol, "headers": pairs})

    async def send(self, message: str | bytes) -> None:
        """Sends one message of at most 128 KiB, and waits while the client is slow. Raises WebSocketClosed."""
        await self.accept()
        kind = "text" if isinstance(message, str) else "bytes"
        await self._tell({"type": "websocket.send", kind: message})

    async def receive(self) -> str | bytes:
        """The next message. Raises WebSocketClosed."""
        await self.accept()
        message = await self._receive()
        if message["type"] != "websocket.receive":
            self._is_over = True
            raise WebSocketClosed("the client of the WebSocket is gone")
        text: str | None = message.get("text")
        data: bytes = message.get("bytes") or b""
        return data if text is None else text

    def __aiter__(self) -> "WebSocket":
        return self

    async def __anext__(self) -> str | bytes:
        try:
            return await self.receive()
        except WebSocketClosed:
            raise StopAsyncIteration from None

    async def close(self) -> None:
        """Closes it with code 1000, or refuses it with 403 where it was not accepted. The second time does nothing."""
        if not self._is_over:
            self._is_over = True
            await self._send({"type": "websocket.close", "code": 1000})

    async def refuse(self, error: HttpError) -> None:
        """Answers the client as http would be; too late where it was accepted."""
        if self._is_accepted or self._is_over:
            raise error
        if self._can_deny:
            self._is_over = True
            await Response.problem(error).send(self._send_denial, with_body=True)

    async def _send_denial(self, message: "AsgiMessage") -> None:
        await self._send({**message, "type": f"websocket.{message['type']}"})

    async def _tell(self, message: "AsgiMessage") -> None:
        if self._is_over:
            raise WebSocketClosed("the WebSocket is closed")
        try:
            await self._send(message)
        except OSError as cause:
            self._is_over = True
            raise WebSocketClosed("the client of the WebSocket is gone") from cause
