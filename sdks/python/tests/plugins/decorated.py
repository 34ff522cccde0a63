"""A plugin in the decorator style."""

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

from toru_plugin import BodyAborted, HttpError, Plugin, Request, Response, WebSocket, WebSocketClosed

plugin = Plugin(id="deco", name="Deco", version="1.0.0", icon="palette")
events: list[str] = []


@plugin.startup
async def start() -> None:
    if os.environ.get("STARTUP") == "fail":
        raise OSError("no disk is left")
    events.append("startup")


@plugin.background
async def watch() -> None:
    await plugin.kv.set("watch", "began")
    try:
        await asyncio.sleep(3600)
    finally:
        events.append("watch ended")


@plugin.background
async def stumble() -> None:
    raise RuntimeError("stumbled")


@plugin.shutdown
async def stumble_at_the_end() -> None:
    raise RuntimeError("stumbled at the end")


@plugin.shutdown
async def stop() -> None:
    if "LAST_WORDS" in os.environ:
        Path(os.environ["LAST_WORDS"]).write_text(", ".join(events))  # noqa: ASYNC240


@plugin.get("/")
async def about() -> dict[str, object]:
    return {"events": events}


@plugin.get("/text")
def text() -> str:
    return "é"


@plugin.get("/bytes")
def some_bytes() -> bytes:
    return b"\xff\x00"


@plugin.get("/list")
async def numbers() -> list[int]:
    return [1, 2]


@plugin.delete("/nothing")
async def nothing() -> None:
    return None


@plugin.get("/response")
async def response() -> Response:
    return Response({"a": 1}, status=201, headers={"X-Tag": ["a", "b"], "content-type": "application/x"})


@plugin.get("/disks/{name}/folders/{folder}")
async def folder(request: Request) -> dict[str, object]:
    return {"params": request.params, "path": request.path}


@plugin.post("/request")
@plugin.put("/request")
async def request(request: Request) -> dict[str, object]:
    return {
        "method": request.method,
        "query": request.query,
        "fields": request.query_fields,
        "json": request.json(),
        "user": request.user,
        "is_admin": request.user is not None and request.user.is_admin,
        "tag": request.headers.get("x-tag"),
    }


@plugin.get("/admin")
async def admin(request: Request) -> str:
    if request.user is None or not request.user.is_admin:
        raise HttpError(403, "only an admin may look here", {"x-why": "role"})
    return "welcome"


@plugin.get("/slow")
def slow() -> str:
    while not Path("release").exists():
        time.sleep(0.01)
    return "at last"


@plugin.get("/compute")
def compute() -> int:
    count = 0
    while not Path("release").exists():
        count += sum(range(10_000))
    return count


@plugin.get("/release")
async def release() -> str:
    Path("release").touch()  # noqa: ASYNC240
    return "released"


@plugin.get("/cancel")
async def cancel() -> None:
    with contextlib.suppress(asyncio.TimeoutError):
        try:
            await asyncio.wait_for(asyncio.sleep(3600), 3600)
        except asyncio.CancelledError:
            events.append("cancelled")
            raise


@plugin.post("/upload", stream=True)
async def upload(request: Request) -> int:
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
    except BodyAborted:
        events.append(f"aborted after {size}")
        raise
    return size


@plugin.post("/upload-whole")
async def upload_whole(request: Request) -> list[int]:
    return [len(request.body), len(b"".join([piece async for piece in request.stream()]))]


@plugin.post("/body-of-a-stream", stream=True)
async def body_of_a_stream(request: Request) -> bytes:
    return request.body


async def count_up(count: int) -> AsyncIterator[str | bytes]:
    try:
        for number in range(count):
            yield f"{number}\n" if number % 2 else f"{number}\n".encode()
            await asyncio.sleep(0)
        if count == 13:
            raise RuntimeError("thirteen")
    except asyncio.CancelledError:
        events.append("count cancelled")
        raise
    finally:
        events.append("count tidied up")


@plugin.get("/count/{count}")
async def count(request: Request) -> AsyncIterator[str | bytes]:
    if request.params["count"] == "0":
        raise HttpError(400, "nothing to count")
    return count_up(int(request.params["count"]))


@plugin.get("/generator")
async def generator() -> AsyncIterator[str]:
    yield "a"
    yield "b"


@plugin.get("/events")
async def server_sent_events() -> Response:
    async def ticks() -> AsyncIterator[str]:
        yield "data: tick\n\n"
        await asyncio.sleep(60)

    return Response(ticks(), headers={"content-type": "text/event-stream"})


@plugin.get("/quiet")
async def quiet() -> Response:
    async def nothing_yet() -> AsyncIterator[str]:
        await asyncio.sleep(60)
        yield "at last"

    return Response(nothing_yet(), status=201)


@plugin.websocket("/talk/{room}")
async def talk(socket: WebSocket) -> None:
    if socket.user is None or not socket.user.is_admin:
        raise HttpError(403, "only an admin may talk")
    if socket.protocols:
        await socket.accept(socket.protocols[-1], {"x-room": socket.params["room"]})
    async for message in socket:
        if message == "bye":
            return
        if message == "raise":
            raise RuntimeError("out of words")
        if message == "late refusal":
            raise HttpError(403, "too late")
        await socket.send(message)
    events.append("talk ended")


@plugin.websocket("/feed/{seconds}")
async def feed(socket: WebSocket) -> None:
    try:
        while True:
            await socket.send(bytes(1000))
            await asyncio.sleep(float(socket.params["seconds"]))
    except asyncio.CancelledError:
        events.append("feed cancelled")
        raise


@plugin.websocket("/answer-then-feed")
async def answer_then_feed(socket: WebSocket) -> None:
    await socket.send(await socket.receive())
    try:
        while True:
            await socket.send("x")
            await asyncio.sleep(0.01)
    except WebSocketClosed:
        events.append("feed closed")
        raise


@plugin.websocket("/closes")
async def closes(socket: WebSocket) -> None:
    await socket.send("last")
    await socket.close()
    await socket.close()
    try:
        await socket.send("later")
    except WebSocketClosed as error:
        events.append(str(error))


@plugin.websocket("/silent")
async def silent(socket: WebSocket) -> None:
    return


if __name__ == "__main__":
    plugin.serve()
