"""Offers all of the exam's routes, in the decorator style."""

import asyncio
import logging
from typing import Any

from toru_plugin import KvError, Plugin, Request, Response, WebSocket

plugin = Plugin(id="exam-python", name="Exam", version="1.0.0", icon="clipboard")
OFFERS = ["echo", "request", "cookies", "large", "fail", "sleep", "cancelled", "kv", "log", "websocket"]
LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warn": logging.WARNING, "error": logging.ERROR}
cancelled = 0


@plugin.get("/__exam")
async def offers() -> dict[str, Any]:
    return {"exam": 1, "offers": OFFERS}


@plugin.post("/__exam/echo", stream=True)
async def echo(request: Request) -> Response:
    content_type = request.headers.get("content-type")
    return Response(request.stream(), headers={"content-type": content_type} if content_type else None)


@plugin.put("/__exam/request")
async def seen(request: Request) -> dict[str, Any]:
    return {"method": request.method, "target": request.target, "headers": dict(request.headers)}


@plugin.get("/__exam/cookies")
async def cookies() -> Response:
    return Response("", headers={"set-cookie": ["a=1", "b=2; Path=/"]})


@plugin.get("/__exam/large")
def large(request: Request) -> bytes:
    return b"x" * int(request.query["bytes"])


@plugin.get("/__exam/fail")
async def fail() -> None:
    raise RuntimeError("as was asked for")


@plugin.get("/__exam/sleep")
async def sleep(request: Request) -> str:
    global cancelled
    try:
        await asyncio.sleep(int(request.query["ms"]) / 1000)
    except asyncio.CancelledError:
        cancelled += 1
        raise
    return "slept"


@plugin.get("/__exam/cancelled")
async def count_of_cancelled() -> dict[str, int]:
    return {"cancelled": cancelled}


@plugin.post("/__exam/kv")
async def store(request: Request) -> dict[str, Any]:
    wanted = request.json()
    action = wanted.pop("action")
    try:
        if action == "list":
            page = await plugin.kv.list(wanted.pop("prefix", ""), **wanted)
            return {"keys": page.keys, "more": page.more}
        return {"value": await getattr(plugin.kv, action)(**wanted)}
    except KvError as error:
        return {"error": {"code": error.code, "message": str(error)}}


@plugin.post("/__exam/log")
async def log(request: Request) -> dict[str, Any]:
    wanted = request.json()
    logging.log(LEVELS[wanted["level"]], wanted["message"], extra=wanted.get("fields"))
    return {}


@plugin.websocket("/__exam/websocket")
async def talk(socket: WebSocket) -> None:
    async for message in socket:
        await socket.send(message)


if __name__ == "__main__":
    plugin.serve(log_level="DEBUG")
