"""A plugin in the decorator style."""

import asyncio
import contextlib
import os
import time
from pathlib import Path

from toru_plugin import HttpError, Plugin, Request, Response

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


if __name__ == "__main__":
    plugin.serve()
