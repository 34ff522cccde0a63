"""Requests of the protocol as an ASGI application sees them, and its answers as replies.

Bodies are whole on both ways: the protocol's feature `stream` is not taken up yet. Once it is, `receive` hands out more
than one `http.request` and `send` passes each `http.response.body` on, and nothing else changes.
"""

import asyncio
import base64
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import unquote

from ._codec import MAX_FRAME_BYTES
from ._errors import FrameTooLarge

Scope = MutableMapping[str, Any]
AsgiMessage = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[AsgiMessage]]
Send = Callable[[AsgiMessage], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]
"""An ASGI 3 application."""
Reply = Callable[[dict[str, Any]], Awaitable[None]]
"""Takes the payload of a reply."""

_ASGI = {"version": "3.0", "spec_version": "2.4"}


class InvalidRequest(Exception):
    """The host sent an http request that lacks something."""


def relative_target(target: str, route: str) -> tuple[str, str]:
    """Splits a path as it came into the part below the plugin's route, still encoded, and the query.

    `/acme/x?y=1` and `/x?y=1` both are `("/x", "y=1")` for the route `/acme`: the host sends the first form for
    `/plugins/acme/x` and the second for `/api/plugins/route/acme/x`.
    """
    path, _, query = target.partition("?")
    if path == route or path.startswith(route + "/"):
        path = path[len(route) :]
    return path if path.startswith("/") else f"/{path}", query


def http_scope(payload: dict[str, Any], route: str, state: dict[str, Any]) -> Scope:
    """The scope of one request. Its `path` starts with `root_path`, as the ASGI specification has it."""
    method, target = payload.get("method"), payload.get("path")
    if not isinstance(method, str) or not isinstance(target, str):
        raise InvalidRequest("an http request has a method and a path, both strings")
    relative, query = relative_target(target, route)
    root_path = f"/plugins{route}"
    headers = _encode_headers(payload.get("headers"))
    by_name = dict(headers)
    forwarded_for = by_name.get(b"x-forwarded-for", b"").decode("latin-1").split(",")[0].strip()
    return {
        "type": "http",
        "asgi": dict(_ASGI),
        "http_version": "1.1",
        "method": method.upper(),
        "scheme": "https" if by_name.get(b"x-forwarded-proto") == b"https" else "http",
        "path": root_path + unquote(relative),
        "raw_path": (root_path + relative).encode("utf-8", "replace"),
        "query_string": query.encode("utf-8", "replace"),
        "root_path": root_path,
        "headers": headers,
        "client": (forwarded_for, 0) if forwarded_for else None,
        "server": None,
        "state": dict(state),
        "extensions": {},
    }


def request_body(payload: dict[str, Any]) -> bytes:
    encoded = payload.get("body_base64")
    if isinstance(encoded, str):
        try:
            return base64.b64decode(encoded, validate=True)
        except ValueError as cause:
            raise InvalidRequest("body_base64 is not base64") from cause
    body = payload.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise InvalidRequest("a body is a string or null")
    return body.encode("utf-8", "replace")


def _encode_headers(headers: Any) -> list[tuple[bytes, bytes]]:
    if headers is None:
        return []
    if not isinstance(headers, dict):
        raise InvalidRequest("headers map a name to a string or a list of strings")
    pairs: list[tuple[bytes, bytes]] = []
    for name, value in headers.items():
        for one in value if isinstance(value, list) else [value]:
            if not isinstance(one, str):
                raise InvalidRequest(f"the header {name} is neither a string nor a list of strings")
            pairs.append((_header_bytes(name.lower()), _header_bytes(one)))
    return pairs


def _header_bytes(text: str) -> bytes:
    try:
        return text.encode("latin-1")  # as it came over HTTP
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")  # of the host's own making, like the name of a user


class Exchange:
    """One request and its answer: the `receive` and `send` of an ASGI call."""

    def __init__(self, body: bytes, reply: Reply) -> None:
        self._body: bytes | None = body
        self._reply = reply
        self._gone = asyncio.Event()
        self._status: int | None = None
        self._headers: dict[str, str | list[str]] = {}
        self._parts: list[bytes] = []
        self._size = 0
        self._is_complete = False

    def disconnect(self) -> None:
        """Nobody waits for the answer any more: `receive` says so."""
        self._gone.set()

    async def receive(self) -> AsgiMessage:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: AsgiMessage) -> None:
        """The reply leaves with the last part of the body; the application may go on working after it."""
        kind = message["type"]
        if kind == "http.response.start" and self._status is None:
            self._status = message["status"]
            if not 200 <= message["status"] <= 599:
                raise RuntimeError(f"the application answered with status {message['status']}; allowed are 200 to 599")
            self._add_headers(message.get("headers") or [])
        elif kind == "http.response.body" and self._status is not None and not self._is_complete:
            self._add(bytes(message.get("body", b"")))
            if not message.get("more_body", False):
                self._is_complete = True
                self._gone.set()
                body = body_fields(b"".join(self._parts))
                self._parts.clear()
                await self._reply({"status": self._status, "headers": self._headers, **body})
        else:
            raise RuntimeError(f"the application sent {kind} out of order")

    def _add(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > MAX_FRAME_BYTES:
            raise FrameTooLarge(f"the body is over {MAX_FRAME_BYTES} bytes")
        self._parts.append(part)

    def _add_headers(self, headers: Any) -> None:
        for raw_name, raw_value in headers:
            name, value = bytes(raw_name).decode("latin-1").lower(), bytes(raw_value).decode("latin-1")
            earlier = self._headers.get(name)
            if earlier is None:
                self._headers[name] = value
            else:
                self._headers[name] = [*([earlier] if isinstance(earlier, str) else earlier), value]


def body_fields(body: bytes) -> dict[str, str | None]:
    """A body as text where it is UTF-8, else as base64."""
    if not body:
        return {"body": None}
    try:
        return {"body": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"body_base64": base64.b64encode(body).decode("ascii")}
