"""A Starlette application as a plugin."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from toru_plugin import Manifest, User, kv, serve


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
        Route("/later", later),
        Route("/fails", fails),
        Mount("/inner", routes=[Route("/leaf", leaf, name="leaf")], name="inner"),
        Mount("/static", StaticFiles(directory=Path(__file__).parent)),
    ],
    lifespan=lifespan,
)

if __name__ == "__main__":
    serve(app, Manifest(id="star", name="Star", version="1.0.0", icon="star", route="/acme"))
