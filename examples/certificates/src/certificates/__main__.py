"""The plugin: its routes."""

import asyncio
from pathlib import Path
from typing import Any

from toru_plugin import HttpError, Plugin, Request, Response

from certificates.sealed_store import SealedStore
from certificates.server_check import make_trusting
from certificates.settings import SettingsError, parse_settings
from certificates.target import TargetError, parse_target
from certificates.watch import Watch

plugin = Plugin(
    id="certificates",
    name="Certificates",
    version="1.0.0",
    icon="shield-check",
    route="/acme",
    author="Toru contributors",
    license="MIT",
    description="Watches the TLS certificates of this server and of hosts that you name, and warns before they expire.",
)
watch: Watch


@plugin.startup
async def load() -> None:
    global watch
    watch = Watch(SealedStore(plugin.kv, Path("secret")))  # the working directory is the plugin's own
    await watch.load()


@plugin.background
async def check_regularly() -> None:
    await watch.run()


@plugin.get("/")
async def overview() -> dict[str, Any]:
    return watch.overview()


@plugin.post("/targets")
async def add(request: Request) -> Response:
    require_admin(request)
    wanted = request.json()
    text, name = (wanted.get("target"), wanted.get("name")) if isinstance(wanted, dict) else (None, None)
    if not isinstance(text, str) or not isinstance(name, (str, type(None))):
        raise HttpError(
            400, 'the body is {"target": "example.org"}, with a "name" to ask the server for where it has another'
        )
    try:
        target = parse_target(text, name)
        await watch.add(target)
    except TargetError as error:
        raise HttpError(422, str(error)) from None
    return Response(watch.overview(), status=201)


@plugin.delete("/targets/{id}")
async def remove(request: Request) -> dict[str, Any]:
    require_admin(request)
    if not await watch.remove(request.params["id"]):
        raise HttpError(404, "there is no such target; somebody may have removed it")
    return watch.overview()


@plugin.post("/check")
async def check(request: Request) -> Response:
    require_admin(request)
    watch.check_soon()
    return Response(watch.overview(), status=202)


@plugin.put("/settings")
async def change_settings(request: Request) -> dict[str, Any]:
    require_admin(request)
    try:
        settings = parse_settings(request.json())
        await asyncio.to_thread(make_trusting, settings.ca_file)
    except SettingsError as error:
        raise HttpError(422, str(error)) from None
    except OSError as error:
        raise HttpError(
            422, f"{settings.ca_file} holds no certificates that can be used: {error.strerror or error}"
        ) from None
    await watch.change_settings(settings)
    return watch.overview()


def require_admin(request: Request) -> None:
    if request.user is None or not request.user.is_admin:
        raise HttpError(403, "only an admin may change what is watched")


if __name__ == "__main__":
    plugin.serve()
