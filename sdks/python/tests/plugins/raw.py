"""A plugin by ASGI alone, without a framework: it does what its path says."""

import asyncio
import json
import logging
import os
import sys
import time
from pathlib import Path
from typing import Any

from toru_plugin import KvError, Manifest, _process, kv, serve

log = logging.getLogger("raw")
notes: list[str] = []
held = asyncio.Event()

if "KV_SECONDS" in os.environ:
    _process.KV_SECONDS = float(os.environ["KV_SECONDS"])


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await lifespan(scope, receive, send)
        return
    path = scope["path"].removeprefix(scope["root_path"])
    if path == "/scope":
        await answer_json(send, {name: text(scope[name]) for name in scope if name not in ("state", "asgi")})
    elif path == "/echo":
        body = await read(receive)
        repeated = [pair for pair in scope["headers"] if pair[0].startswith(b"x-echo")]
        await answer(send, 200, body, repeated)
    elif path == "/hold":
        await hold(receive, send)
    elif path == "/release":
        held.set()
        await answer_json(send, True)
    elif path == "/notes":
        await answer_json(send, [*notes, f"started {scope['state']['started']} time(s)"])
    elif path == "/wait-for-disconnect":
        await receive()
        notes.append(f"then {(await receive())['type']}")
    elif path == "/stubborn":
        await stubborn(send)
    elif path == "/after":
        await answer_json(send, "answered")
        await held.wait()
        notes.append("worked on after the answer")
    elif path == "/block":
        sys.stderr.write("blocking\n")
        sys.stderr.flush()
        time.sleep(60)  # noqa: ASYNC251  blocks the event loop, as no plugin should
    elif path == "/thread":
        await asyncio.to_thread(time.sleep, 60)
    elif path.startswith("/kv/"):
        await ask_kv(send, json.loads(await read(receive)))
    elif path == "/log":
        write_log(json.loads(await read(receive)))
        await answer_json(send, True)
    else:
        await misbehave(path, send)


async def lifespan(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    log.info("starting")
    if os.environ.get("STARTUP") == "fail":
        await send({"type": "lifespan.startup.failed", "message": "no disk is left"})
        return
    if os.environ.get("STARTUP") == "kv":
        found = await kv.get("a")
        if found is None:
            await send({"type": "lifespan.startup.failed", "message": "nothing is stored"})
            return
        notes.append(f"startup got {found}")
    scope["state"]["started"] = scope["state"].get("started", 0) + 1
    await send({"type": "lifespan.startup.complete"})
    await receive()
    if "LAST_WORDS" in os.environ:
        Path(os.environ["LAST_WORDS"]).write_text("shutdown")  # noqa: ASYNC240
    await send({"type": "lifespan.shutdown.complete"})


async def hold(receive: Any, send: Any) -> None:
    try:
        await held.wait()
    except asyncio.CancelledError:
        notes.append("cancelled")
        notes.append((await receive())["type"])
        notes.append((await receive())["type"])
        raise
    await answer_json(send, "released")


async def stubborn(send: Any) -> None:
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        notes.append("answered although cancelled")
    await answer_json(send, "nobody should see this")


async def ask_kv(send: Any, wanted: list[Any]) -> None:
    name, *arguments = wanted
    try:
        if name == "keys":
            result: Any = [key async for key in kv.keys(*arguments)]
        elif name == "list":
            result = await kv.list(arguments[0], after=arguments[1], limit=arguments[2])
        else:
            result = await getattr(kv, name)(*arguments)
    except KvError as error:
        result = {"code": error.code, "message": str(error)}
    await answer_json(send, result)


async def read(receive: Any) -> bytes:
    body, has_more = b"", True
    while has_more:
        message = await receive()
        body += message["body"]
        has_more = message["more_body"]
    return body


def write_log(wanted: dict[str, Any]) -> None:
    try:
        if wanted.get("raises"):
            raise ValueError("what went wrong")
        log.log(wanted["level"], wanted["message"], *wanted.get("args", []), extra=wanted.get("extra"))
    except ValueError:
        cycle: list[Any] = []
        cycle.append(cycle)
        deep: list[Any] = []
        for _ in range(150):
            deep = [deep]
        odd = {"object": object(), "nan": float("nan"), "cycle": cycle, "deep": deep, "key": {1: {2, 3}}}
        log.exception("failed", extra=odd)


async def misbehave(path: str, send: Any) -> None:
    if path == "/raise":
        raise RuntimeError("the secret is 1234")
    if path == "/cancel-inside":
        raise asyncio.CancelledError
    if path == "/large":
        await answer(send, 200, b"x" * (16 * 1024 * 1024 - 10))
    if path == "/very-large":
        await send({"type": "http.response.start", "status": 200})
        for _ in range(17):
            await send({"type": "http.response.body", "body": b"x" * 1024 * 1024, "more_body": True})
    if path == "/large-head":
        await answer(send, 200, b"", [(b"x", b"x" * 17 * 1024 * 1024)])
    if path == "/large-head-of-a-stream":
        await answer(send, 200, b"x" * 100_000, [(b"x", b"x" * 17 * 1024 * 1024)])
    if path == "/bad-status":
        await answer(send, 99, b"")
    if path == "/half":
        await send({"type": "http.response.start", "status": 200})
    if path == "/twice":
        await answer(send, 200, b"first")
        await answer(send, 200, b"second")
    if path == "/parts":
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        await send({"type": "http.response.body", "body": b"b"})
    if path == "/bundle.js":
        await answer(send, 404, b"the app saw it")


async def answer(send: Any, status: int, body: bytes, headers: Any = ()) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def answer_json(send: Any, value: Any) -> None:
    await answer(send, 200, json.dumps(value).encode(), [(b"content-type", b"application/json")])


def text(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return [text(item) for item in value] if isinstance(value, (list, tuple)) else value


if __name__ == "__main__":
    manifest = Manifest(id="raw", name="Raw", version="1.0.0", icon="box", route="/acme")
    serve(app, manifest, bundle=os.environ.get("BUNDLE"), log_level="DEBUG")
