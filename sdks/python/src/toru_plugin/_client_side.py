"""What a client of the host asks of a plugin, for tests."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ._asgi import body_fields, request_body
from ._errors import ToruError
from ._host_side import HostSide
from ._host_streams import HostStream, PluginStream

FEATURES = ("stream", "websocket")
MAX_INLINE_BYTES = 64 * 1024
"""A larger body is sent as a stream, as the host does."""


class RequestFailed(ToruError):
    """The plugin answered with an error in place of a response: the client of the host would see 502."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class Answer(NamedTuple):
    """What the plugin answered."""

    status: int
    headers: dict[str, str | list[str]]
    body: bytes

    def text(self) -> str:
        return self.body.decode("utf-8")

    def json(self) -> Any:
        return json.loads(self.body)


class StreamedAnswer(NamedTuple):
    """An answer whose body comes while it is made. Iterate over `stream` for its pieces."""

    status: int
    headers: dict[str, str | list[str]]
    stream: PluginStream


class Socket:
    """The client's side of a WebSocket that the plugin has taken up."""

    def __init__(self, sending: HostStream, receiving: PluginStream, headers: dict[str, str | list[str]]) -> None:
        self._sending = sending
        self._receiving = receiving
        self.protocol = headers.get("sec-websocket-protocol")
        """The protocol that the plugin has chosen."""

    def send(self, message: str | bytes) -> None:
        """Sends a message, as soon as the plugin has taken enough of the earlier ones."""
        self._sending.send_message(message)

    def receive(self) -> str | bytes | None:
        """The next message of the plugin; None where it has closed the WebSocket."""
        frame = self._receiving.next()
        if frame is None:
            return None
        return frame.data.decode("utf-8") if frame.is_text else frame.data

    def close(self) -> None:
        """Leaves, as a client does that is gone."""
        self._sending.end()

    @property
    def close_code(self) -> int | None:
        """What the client would see: 1000, 1011 where the plugin failed, None while it is open."""
        if not self._receiving.is_ended:
            return None
        return 1011 if self._receiving.is_aborted else 1000


class ClientSide(HostSide):
    """Asks a plugin for what is below its route."""

    manifest: dict[str, Any]

    def __init__(self, socket_path: Path, store: dict[str, str] | None, features: Sequence[str]) -> None:
        super().__init__(socket_path, store)
        self.features = features
        """What `init` offers."""

    def get(self, path: str, **options: Any) -> Answer:
        """`request` with GET."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> Answer:
        """`request` with POST."""
        return self.request("POST", path, **options)

    def page(self) -> str | None:
        """The script of the page in the panel, asked for as the host does. None where the plugin brings none."""
        reply = self.ask("http", {"method": "GET", "path": "/bundle.js", "headers": {}, "body": None})
        return request_body(reply).decode("utf-8") if reply.get("status") == 200 else None

    def request(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        user: str = "ada",
        role: str = "admin",
    ) -> Answer:
        """Asks for `path` below the plugin's route. A body that is neither text nor bytes is sent as JSON.

        An answer that comes as a stream is read to its end. Raises RequestFailed.
        """
        answer = self.open(method, path, body=body, headers=headers, user=user, role=role)
        if isinstance(answer, Answer):
            return answer
        data = answer.stream.read()
        if answer.stream.is_aborted:
            raise RequestFailed("aborted", f"the answer was cut behind {len(data)} bytes")
        return Answer(answer.status, answer.headers, data)

    def open(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        user: str = "ada",
        role: str = "admin",
    ) -> Answer | StreamedAnswer:
        """Like `request`, but does not wait for the end of an answer that comes as a stream."""
        sent = {"x-toru-user": user, "x-toru-role": role}
        if body is not None and not isinstance(body, (str, bytes)):
            sent["content-type"], body = "application/json", json.dumps(body)
        data = b"" if body is None else body.encode() if isinstance(body, str) else body
        fields = {"method": method, "path": self.manifest["route"] + path, "headers": {**sent, **(headers or {})}}
        if len(data) <= MAX_INLINE_BYTES or "stream" not in self.features:
            return self._answer(self.ask("http", {**fields, **body_fields(data)}))
        stream = self.streams.open()
        request_id = self.send("http", {**fields, "stream": stream.number}, str(next(self._ids)))
        stream.send(data)
        stream.end()
        return self._answer(self.reply(request_id))

    def websocket(
        self,
        path: str,
        *,
        protocols: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
        user: str = "ada",
        role: str = "admin",
    ) -> Answer | Socket:
        """Opens a WebSocket. An Answer where the plugin refuses it."""
        sent = {"x-toru-user": user, "x-toru-role": role, **(headers or {})}
        if protocols:
            sent["sec-websocket-protocol"] = ", ".join(protocols)
        stream = self.streams.open()
        named = {"upgrade": "websocket", "stream": stream.number}
        reply = self.ask("http", {"method": "GET", "path": self.manifest["route"] + path, "headers": sent, **named})
        if reply.get("status") != 101:
            answer = self._answer(reply)
            assert isinstance(answer, Answer)
            return answer
        return Socket(stream, self.streams.of_plugin(reply["stream"]), reply["headers"])

    def _answer(self, reply: dict[str, Any]) -> Answer | StreamedAnswer:
        if "error" in reply:
            raise RequestFailed(reply["error"]["code"], reply["error"]["message"])
        if "stream" in reply:
            return StreamedAnswer(reply["status"], reply["headers"], self.streams.of_plugin(reply["stream"]))
        return Answer(reply["status"], reply["headers"], request_body(reply))
