"""Requests of the protocol as an ASGI application sees them: scopes, headers and whole bodies."""

import base64
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import unquote

from ._in_flight import InvalidRequest

Scope = MutableMapping[str, Any]
AsgiMessage = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[AsgiMessage]]
Send = Callable[[AsgiMessage], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]
"""An ASGI 3 application."""

_ASGI = {"version": "3.0", "spec_version": "2.4"}


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
    scope = _scope(payload, route, state)
    return {"type": "http", **scope, "method": payload["method"].upper(), "extensions": {}}


def websocket_scope(payload: dict[str, Any], route: str, state: dict[str, Any]) -> Scope:
    """The scope of one WebSocket."""
    scope = _scope(payload, route, state)
    offered = b",".join(value for name, value in scope["headers"] if name == b"sec-websocket-protocol").decode(
        "latin-1"
    )
    protocols = [name for name in map(str.strip, offered.split(",")) if name]
    return {
        "type": "websocket",
        **scope,
        "scheme": "wss" if scope["scheme"] == "https" else "ws",
        "subprotocols": protocols,
        "extensions": {"websocket.http.response": {}},
    }


def _scope(payload: dict[str, Any], route: str, state: dict[str, Any]) -> Scope:
    method, target = payload.get("method"), payload.get("path")
    if not isinstance(method, str) or not isinstance(target, str):
        raise InvalidRequest("an http request has a method and a path, both strings")
    relative, query = relative_target(target, route)
    root_path = f"/plugins{route}"
    headers = _encode_headers(payload.get("headers"))
    by_name = dict(headers)
    forwarded_for = by_name.get(b"x-forwarded-for", b"").decode("latin-1").split(",")[0].strip()
    return {
        "asgi": dict(_ASGI),
        "http_version": "1.1",
        "scheme": "https" if by_name.get(b"x-forwarded-proto") == b"https" else "http",
        "path": root_path + unquote(relative),
        "raw_path": (root_path + relative).encode("utf-8", "replace"),
        "query_string": query.encode("utf-8", "replace"),
        "root_path": root_path,
        "headers": headers,
        "client": (forwarded_for, 0) if forwarded_for else None,
        "server": None,
        "state": dict(state),
    }


def request_body(payload: dict[str, Any]) -> bytes:
    encoded = payload.get("body_base64")
    if encoded is not None:
        return _decode_base64(encoded)
    body = payload.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise InvalidRequest("a body is a string or null")
    return body.encode("utf-8", "replace")


def _decode_base64(encoded: Any) -> bytes:
    try:
        data = base64.b64decode(encoded, validate=True) if isinstance(encoded, str) else None
    except ValueError:
        data = None
    # What is written in another way than by RFC 4648 has perhaps lost something.
    if data is None or base64.b64encode(data).decode("ascii") != encoded:
        raise InvalidRequest("body_base64 is not base64 with padding")
    return data


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


def body_fields(body: bytes) -> dict[str, str | None]:
    """A body as text where it is UTF-8, else as base64."""
    if not body:
        return {"body": None}
    try:
        return {"body": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"body_base64": base64.b64encode(body).decode("ascii")}


def reply_headers(pairs: Any) -> dict[str, str | list[str]]:
    """The headers of an answer; one that occurs several times has a list."""
    headers: dict[str, str | list[str]] = {}
    for raw_name, raw_value in pairs:
        name, value = bytes(raw_name).decode("latin-1").lower(), bytes(raw_value).decode("latin-1")
        earlier = headers.get(name)
        if earlier is None:
            headers[name] = value
        else:
            headers[name] = [*([earlier] if isinstance(earlier, str) else earlier), value]
    return headers
