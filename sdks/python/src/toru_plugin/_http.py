"""Requests and responses of the decorator style."""

import json
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from ._asgi import Receive, Scope, Send
from ._errors import BodyAborted, HttpError
from ._user import User

BINARY = "application/octet-stream"
MAX_QUERY_FIELDS = 1000
MAX_BODY_BYTES = 16 * 1024 * 1024
"""The largest body that is handed to a handler whole; a larger one is answered by 413."""


class Asked:
    """What a request and a WebSocket have in common."""

    def __init__(self, scope: "Scope", path: str, params: dict[str, str]) -> None:
        self.path = path
        """Below the plugin's route, decoded: `/disks` for `/plugins/acme/disks`."""
        self.params = params
        """What stood in the place of the `{names}` of the route's pattern."""
        self.headers: Mapping[str, str] = _joined(scope["headers"])
        """By lower-case name; several values of one name are joined with `, `."""
        self._query: bytes = scope["query_string"]
        raw_path: bytes = scope.get("raw_path") or path.encode("utf-8", "replace")
        below = raw_path.removeprefix(scope.get("root_path", "").encode("utf-8"))
        self.target = (below + (b"?" + self._query if self._query else b"")).decode("latin-1")
        """Path and query as they came, not decoded, below the plugin's route."""

    @property
    def query(self) -> dict[str, str]:
        """The fields of the query; of a name that occurs twice the last one counts."""
        return dict(self.query_fields)

    @property
    def query_fields(self) -> list[tuple[str, str]]:
        """The fields of the query, in their order."""
        try:
            return parse_qsl(self._query.decode("utf-8"), keep_blank_values=True, max_num_fields=MAX_QUERY_FIELDS)
        except ValueError as cause:
            raise HttpError(400, f"the query has over {MAX_QUERY_FIELDS} fields, or is not UTF-8") from cause

    @property
    def user(self) -> User | None:
        """Who asks. None where the host itself does."""
        return User.from_headers(self.headers)


class Request(Asked):
    """What the client asks for."""

    def __init__(
        self, scope: "Scope", path: str, params: dict[str, str], body: bytes | None, receive: "Receive"
    ) -> None:
        super().__init__(scope, path, params)
        self.method: str = scope["method"]
        self._body = body
        self._pieces = read_pieces(receive)

    @property
    def body(self) -> bytes:
        """The whole body. A handler with `stream=True` has it only by `stream`."""
        if self._body is None:
            raise RuntimeError("this handler takes its body piece by piece (stream=True): read request.stream()")
        return self._body

    async def stream(self) -> AsyncIterator[bytes]:
        """The body, piece by piece; with `stream=True` while it arrives. It can then be read once.

        Raises BodyAborted where the client goes away before its end.
        """
        if self._body is None:
            async for piece in self._pieces:
                yield piece
        elif self._body:
            yield self._body

    def text(self) -> str:
        """The body as text. Raises HttpError 400 where it is not UTF-8."""
        try:
            return self.body.decode("utf-8")
        except UnicodeDecodeError as cause:
            raise HttpError(400, "the body is not text in UTF-8") from cause

    def json(self) -> Any:
        """The body as JSON. Raises HttpError 400 where it is none."""
        try:
            return json.loads(self.text())
        except (ValueError, RecursionError) as cause:
            raise HttpError(400, f"the body is not JSON: {cause}") from cause


class Response:
    """An answer with a status and headers. The body is text, bytes, or what `json.dumps` takes.

    Or it is an async iterator of text or bytes: it is sent while it is made, as fast as the client takes it.
    """

    def __init__(
        self, body: Any = None, *, status: int = 200, headers: Mapping[str, str | list[str]] | None = None
    ) -> None:
        self.status = status
        self.stream: AsyncIterable[str | bytes] | None = body if isinstance(body, AsyncIterable) else None
        self.body, content_type = (b"", BINARY) if self.stream is not None else _encode(body)
        self.headers: dict[str, list[str]] = {"content-type": [content_type]} if content_type else {}
        for name, value in (headers or {}).items():
            self.headers[name.lower()] = [value] if isinstance(value, str) else list(value)

    @classmethod
    def of(cls, answer: Any) -> "Response":
        """What a handler returned, as a response. Nothing is 204."""
        if isinstance(answer, Response):
            return answer
        return cls(status=204) if answer is None else cls(answer)

    @classmethod
    def problem(cls, error: HttpError) -> "Response":
        body = {"title": _TITLES.get(error.status, "Error"), "status": error.status, "detail": error.detail}
        return cls(body, status=error.status, headers={"content-type": "application/problem+json", **error.headers})

    async def send(self, send: "Send", with_body: bool) -> None:
        named = [(name, value) for name, values in self.headers.items() for value in values]
        pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in named]
        await send({"type": "http.response.start", "status": self.status, "headers": pairs})
        if self.stream is not None:
            await _send_pieces(send, self.stream, with_body)
        else:
            await send({"type": "http.response.body", "body": self.body if with_body else b""})


_TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    413: "Content Too Large",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


async def read_pieces(receive: "Receive") -> AsyncIterator[bytes]:
    has_more = True
    while has_more:
        message = await receive()
        if message["type"] != "http.request":
            raise BodyAborted("the client went away before the body of its request was complete")
        has_more = message.get("more_body", False)
        if piece := message.get("body", b""):
            yield piece


async def read_body(receive: "Receive") -> bytes:
    parts: list[bytes] = []
    size = 0
    async for piece in read_pieces(receive):
        size += len(piece)
        if size > MAX_BODY_BYTES:
            raise HttpError(413, f"the body is over {MAX_BODY_BYTES} bytes")
        parts.append(piece)
    return b"".join(parts)


async def _send_pieces(send: "Send", pieces: AsyncIterable[str | bytes], with_body: bool) -> None:
    iterator = aiter(pieces)
    try:
        if with_body:
            await send({"type": "http.response.body", "body": b"", "more_body": True})  # the head need not wait
            async for piece in iterator:
                data = piece.encode("utf-8", "replace") if isinstance(piece, str) else bytes(piece)
                await send({"type": "http.response.body", "body": data, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        if isinstance(iterator, AsyncGenerator):  # others have nothing to tidy up
            await iterator.aclose()


def _encode(body: Any) -> tuple[bytes, str | None]:
    if body is None:
        return b"", None
    if isinstance(body, str):
        return body.encode("utf-8", "replace"), "text/plain; charset=utf-8"
    if isinstance(body, (bytes, bytearray, memoryview)):
        return bytes(body), BINARY
    text = json.dumps(body, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "replace"), "application/json"


def _joined(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined
