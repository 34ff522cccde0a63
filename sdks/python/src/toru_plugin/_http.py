"""Requests and responses of the decorator style."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from ._asgi import Receive, Scope, Send
from ._errors import HttpError
from ._user import User

MAX_QUERY_FIELDS = 1000


class Request:
    """What the client asks for."""

    def __init__(self, scope: "Scope", path: str, params: dict[str, str], body: bytes) -> None:
        self.method: str = scope["method"]
        self.path = path
        """Below the plugin's route, decoded: `/disks` for `/plugins/acme/disks`."""
        self.params = params
        """What stood in the place of the `{names}` of the route's pattern."""
        self.body = body
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
    """An answer with a status and headers. The body is text, bytes, or what `json.dumps` takes."""

    def __init__(
        self, body: Any = None, *, status: int = 200, headers: Mapping[str, str | list[str]] | None = None
    ) -> None:
        self.status = status
        self.body, content_type = _encode(body)
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


async def read_body(receive: "Receive") -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(parts)
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _encode(body: Any) -> tuple[bytes, str | None]:
    if body is None:
        return b"", None
    if isinstance(body, str):
        return body.encode("utf-8", "replace"), "text/plain; charset=utf-8"
    if isinstance(body, (bytes, bytearray, memoryview)):
        return bytes(body), "application/octet-stream"
    text = json.dumps(body, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "replace"), "application/json"


def _joined(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined
