"""Streams and WebSockets by ASGI alone, without a framework: it does what its path says."""

import asyncio
import hashlib
import json
import os
from typing import Any
from urllib.parse import parse_qsl

from toru_plugin import Manifest, _websocket_exchange, serve

notes: list[str] = []

if "CLEANUP_SECONDS" in os.environ:
    _websocket_exchange.CLEANUP_SECONDS = float(os.environ["CLEANUP_SECONDS"])


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        raise RuntimeError("this application has no lifespan")
    name = scope["path"].removeprefix(scope["root_path"]).strip("/").replace("-", "_")
    query = dict(parse_qsl(scope["query_string"].decode()))
    kind = "socket" if scope["type"] == "websocket" else "http"
    await globals()[f"{kind}_{name}"](Call(scope, receive, send, query))


class Call:
    def __init__(self, scope: Any, receive: Any, send: Any, query: dict[str, str]) -> None:
        self.scope, self.receive, self.send, self.query = scope, receive, send, query

    async def head(self, status: int = 200) -> None:
        await self.send({"type": "http.response.start", "status": status})

    async def part(self, data: bytes, more_body: bool = True) -> None:
        await self.send({"type": "http.response.body", "body": data, "more_body": more_body})

    async def json(self, value: Any) -> None:
        await self.head()
        await self.part(json.dumps(value).encode(), more_body=False)


async def http_notes(call: Call) -> None:
    await call.json(notes)


async def http_digest(call: Call) -> None:
    digest, size, parts = hashlib.sha256(), 0, 0
    while True:
        message = await call.receive()
        if message["type"] == "http.disconnect":
            notes.append(f"disconnected after {size}")
            raise RuntimeError("the body is not all")
        digest.update(message["body"])
        size += len(message["body"])
        parts += 1
        if not message["more_body"]:
            break
    await call.json({"bytes": size, "sha256": digest.hexdigest(), "streamed": parts > 1})


async def http_echo(call: Call) -> None:
    await call.head()
    more = True
    while more:
        message = await call.receive()
        more = message["more_body"]
        await call.part(message["body"])
    await call.part(b"", more_body=False)


async def http_first(call: Call) -> None:
    size = 0
    while size < int(call.query["bytes"]):
        size += len((await call.receive())["body"])
    await call.json(size)


async def http_ignore(call: Call) -> None:
    await call.json("ignored")


async def http_hold(call: Call) -> None:
    notes.append("holding")
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        notes.append(f"hold cancelled, {(await call.receive())['type']}")
        raise


async def http_count(call: Call) -> None:
    """Bytes in one part each of 100,000."""
    left = int(call.query["bytes"])
    await call.head()
    while left > 0:
        size = min(left, 100_000)
        await call.part(bytes(size), more_body=left > size)
        left -= size


async def http_at_once(call: Call) -> None:
    await call.head()
    await call.part(b"x" * int(call.query["bytes"]), more_body=False)


async def http_endless(call: Call) -> None:
    await call.receive()
    await call.head()
    try:
        while True:
            await call.part(b"x" * 1000)
    except asyncio.CancelledError:
        notes.append(f"endless cancelled, {(await call.receive())['type']}")
        try:
            await call.part(b"more")
        except OSError as error:
            notes.append(type(error).__name__)
        raise
    except OSError:
        notes.append("endless was cut")


async def http_events(call: Call) -> None:
    await call.head()
    await call.part(b"data: first\n\n")
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        notes.append("events cancelled")
        raise


async def http_fail(call: Call) -> None:
    await call.head()
    await call.part(b"some of it")
    raise RuntimeError("the disk is gone")


async def http_half(call: Call) -> None:
    await call.head()
    await call.part(b"some of it")


async def http_wait(call: Call) -> None:
    """The end of it is due when the request's body has ended."""
    await call.head()
    await call.part(b"waiting")
    while (await call.receive())["more_body"]:
        pass
    await call.part(b", done", more_body=False)


async def socket_talk(call: Call) -> None:
    assert (await call.receive())["type"] == "websocket.connect"
    offered = call.scope["subprotocols"]
    await call.send(
        {
            "type": "websocket.accept",
            "subprotocol": offered[-1] if offered else None,
            "headers": [(b"x-scheme", call.scope["scheme"].encode())],
        }
    )
    while (message := await call.receive())["type"] == "websocket.receive":
        text = message["text"]
        if text in ("close", "fail"):
            await call.send({"type": "websocket.close", "code": 1000 if text == "close" else 1011})
            notes.append(f"closed, then {(await call.receive())['code']}")
            return
        if text == "raise":
            raise RuntimeError("the talk is over")
        if text == "return":
            return
        if text == "large":
            await call.send({"type": "websocket.send", "bytes": bytes(128 * 1024 + 1)})
        await call.send({"type": "websocket.send", "text": text, "bytes": message["bytes"]})
    notes.append(f"gone with {message['code']}")


async def socket_flood(call: Call) -> None:
    await call.send({"type": "websocket.accept"})
    try:
        for number in range(int(call.query["count"])):
            await call.send({"type": "websocket.send", "bytes": number.to_bytes(4, "big") * 250})
            if number % 100 == 0:
                notes.append(f"flooded {number}")
    except OSError:
        notes.append("flood ended with its client")
        raise


async def socket_deaf(call: Call) -> None:
    await call.send({"type": "websocket.accept"})
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        notes.append("deaf cancelled")
        raise


async def socket_late(call: Call) -> None:
    """Reads nothing until the client is gone, and then all, with an answer to each."""
    await call.receive()
    await call.send({"type": "websocket.accept"})
    await asyncio.sleep(float(call.query["seconds"]))
    while (message := await call.receive())["type"] == "websocket.receive":
        notes.append(f"late {message['text']}")
        await call.send({"type": "websocket.send", "text": "read"})


async def socket_refuse(call: Call) -> None:
    await call.receive()
    await call.send({"type": "websocket.close"})


async def socket_deny(call: Call) -> None:
    await call.receive()
    head = {"type": "websocket.http.response.start", "status": 401, "headers": [(b"x-why", b"name")]}
    await call.send(head)
    await call.send({"type": "websocket.http.response.body", "body": b"who", "more_body": True})
    await call.send({"type": "websocket.http.response.body", "body": b" are you?"})


async def socket_nothing(call: Call) -> None:
    await call.receive()


if __name__ == "__main__":
    serve(app, Manifest(id="streams", name="Streams", version="1.0.0", icon="wind", route="/acme"), log_level="INFO")
