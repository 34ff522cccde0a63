"""A FastAPI application as a plugin."""

import contextlib
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request, WebSocket
from pydantic import BaseModel

from toru_plugin import Manifest, User, kv, serve


class Host(BaseModel):
    name: str
    port: int = 443


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.started = True
    yield


app = FastAPI(lifespan=lifespan)


def admin(request: Request) -> User:
    user = User.from_headers(request.headers)
    if user is None or not user.is_admin:
        raise HTTPException(403, "only an admin may do that")
    return user


@app.get("/hosts")
async def hosts() -> list[str]:
    return [key async for key in kv.keys("host:")]


@app.post("/hosts", status_code=201)
async def add(host: Host, user: Annotated[User, Depends(admin)]) -> dict[str, str]:
    await kv.set(f"host:{host.name}", host.model_dump_json())
    return {"added": host.name, "by": user.name}


@app.get("/in-a-thread")
def in_a_thread(limit: int) -> int:
    return limit


@app.websocket("/talk/{name}")
async def talk(socket: WebSocket, name: str) -> None:
    await socket.accept()
    while True:  # ends by WebSocketDisconnect, which nobody catches
        await socket.send_text(f"{name}: {await socket.receive_text()}")


if __name__ == "__main__":
    serve(app, Manifest(id="fast", name="Fast", version="1.0.0", icon="zap"))
