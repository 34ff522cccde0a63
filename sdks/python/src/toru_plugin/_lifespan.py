"""The startup and the shutdown of an ASGI application."""

import asyncio
import logging
from typing import Any, Literal

from ._asgi import AsgiApp, AsgiMessage

_log = logging.getLogger("toru_plugin")


class StartupFailed(Exception):
    """The application's startup failed."""


class Lifespan:
    """Runs the application's `lifespan` once: `start`, then `stop`. Applications that know none have neither.

    Neither has a limit of its own: the host ends a plugin whose startup takes 10 s, and the caller bounds `stop`.
    """

    def __init__(self, app: AsgiApp) -> None:
        self._app = app
        self.state: dict[str, Any] = {}
        """What startup put there; each request sees a copy."""
        self._to_app: asyncio.Queue[AsgiMessage] = asyncio.Queue(2)  # startup and shutdown
        self._started = asyncio.Event()
        self._failure: str | None = None
        self._task: asyncio.Task[None] | None = None
        self._phase: Literal["new", "starting", "running", "over"] = "new"

    async def start(self) -> None:
        """Returns when startup is complete. The second call waits for the first. Raises StartupFailed."""
        if self._task is None:
            self._phase = "starting"
            self._to_app.put_nowait({"type": "lifespan.startup"})
            self._task = asyncio.create_task(self._run())
        await self._started.wait()
        if self._failure is not None:
            raise StartupFailed(self._failure)

    async def stop(self) -> None:
        if self._task is None or self._task.done():
            return
        self._to_app.put_nowait({"type": "lifespan.shutdown"})
        await asyncio.wait([self._task])

    async def _run(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self.state}
        try:
            await self._app(scope, self._to_app.get, self._send)
        except Exception as error:
            if self._phase == "running":
                _log.error("the application's shutdown failed", exc_info=error)
            elif self._failure is None:
                # An application without lifespan raises at once: the convention of ASGI is to go on without it.
                _log.info("the application has no lifespan: it raised %r", error)
        finally:
            self._phase = "over"
            self._started.set()

    async def _send(self, message: AsgiMessage) -> None:
        kind = message["type"]
        if kind == "lifespan.startup.complete":
            self._phase = "running"
            self._started.set()
        elif kind == "lifespan.startup.failed":
            self._failure = message.get("message") or "the application's startup failed"
            self._started.set()
        elif kind == "lifespan.shutdown.failed":
            _log.error("the application's shutdown failed: %s", message.get("message") or "it does not say why")
