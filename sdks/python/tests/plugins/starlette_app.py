"""A Starlette application as a plugin."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

from toru_plugin import Manifest, User, kv, serve

notes: list[str] = []


@contextlib.asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[dict[str, str]]:
    yield {"greeting": "hello from lifespan"}


async def certificate(request: Request) -> Response:
    return JSONResponse(
        {
            "name": request.path_params["name"],
            "url": str(request.url),
            "list": str(request.url_for("certificates")),
            "inner": str(request.url_for("inner:leaf")),
            "greeting": request.state.greeting,
            "user": User.from_headers(request.headers),
        }
    )


async def certificates(request: Request) -> Response:
    if request.method == "POST":
        await kv.set("last", (await request.json())["name"])
    return PlainTextResponse(await kv.get("last") or "none", headers={"set-cookie": "a=1"})


async def cookies(request: Request) -> Response:
    response = RedirectResponse(request.url_for("certificates"))
    response.set_cookie("a", "1")
    response.set_cookie("b", "2")
    return response


async def stream(request: Request) -> Response:
    async def parts() -> AsyncIterator[str]:
        for part in ("a", "b", "c"):
            yield part
            await asyncio.sleep(0)

    return StreamingResponse(parts())


async def upload(request: Request) -> Response:
    digest = hashlib.sha256()
    try:
        async for chunk in request.stream():
            digest.update(chunk)
    except ClientDisconnect:
        notes.append("upload was cut")
        raise
    return PlainTextResponse(digest.hexdigest())


async def whole(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def events(request: Request) -> Response:
    async def ticks() -> AsyncIterator[str]:
        try:
            for number in range(3):
                yield f"data: {number}\n\n"
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            notes.append("events cancelled")
            raise
        finally:
            notes.append("events tidied up")

    return StreamingResponse(ticks(), media_type="text/event-stream")


async def numbers(request: Request) -> Response:
    async def parts() -> AsyncIterator[bytes]:
        for number in range(int(request.query_params["count"])):
            yield number.to_bytes(4, "big") * 1000

    return StreamingResponse(parts())


async def talk(socket: WebSocket) -> None:
    if "refuse" in socket.query_params:
        raise HTTPException(401, "who are you?")
    offered = socket.scope["subprotocols"]
    await socket.accept(subprotocol=offered[0] if offered else None)
    await socket.send_json({"url": str(socket.url), "user": socket.headers["x-toru-user"]})
    try:
        async for text in socket.iter_text():
            await socket.send_text(text.upper())
        notes.append("talk is over")
    except WebSocketDisconnect:
        notes.append("talk was disconnected")


async def feed(socket: WebSocket) -> None:
    await socket.accept()
    try:
        while True:
            await socket.send_bytes(bytes(1000))
            await asyncio.sleep(0)
    except WebSocketDisconnect as error:
        notes.append(f"feed disconnected with {error.code}")


async def told(request: Request) -> Response:
    return JSONResponse(notes)


async def later(request: Request) -> Response:
    return PlainTextResponse("soon", background=BackgroundTask(kv.set, "later", "done"))


async def leaf(request: Request) -> Response:
    return PlainTextResponse(request.url.path)


def fails(request: Request) -> Response:
    raise RuntimeError("a secret")


app = Starlette(
    routes=[
        Route("/", certificates, methods=["GET", "POST"], name="certificates"),
        Route("/certificate/{name}", certificate),
        Route("/cookies", cookies),
        Route("/stream", stream),
        Route("/upload", upload, methods=["POST"]),
        Route("/whole", whole, methods=["POST"]),
        Route("/events", events),
        Route("/numbers", numbers),
        Route("/notes", told),
        WebSocketRoute("/talk", talk),
        WebSocketRoute("/feed", feed),
        Route("/later", later),
        Route("/fails", fails),
        Mount("/inner", routes=[Route("/leaf", leaf, name="leaf")], name="inner"),
        Mount("/static", StaticFiles(directory=Path(__file__).parent)),
    ],
    lifespan=lifespan,
)

if __name__ == "__main__":
    serve(app, Manifest(id="star", name="Star", version="1.0.0", icon="star", route="/acme"))
