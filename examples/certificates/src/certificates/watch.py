"""The list of targets, kept in the host's store, and what the last check found of each."""

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from typing import Any

from toru_plugin import KvError

from certificates.judge import LEVELS, Level, worst
from certificates.path_check import check_path
from certificates.sealed_store import SealedStore
from certificates.server_check import Unreachable, check_server, make_trusting
from certificates.settings import Settings, parse_settings
from certificates.target import Target, TargetError, target_from

MAX_TARGETS = 200
CHECKS_AT_ONCE = 8
PATHS_AT_ONCE = 2  # in threads of their own: a dead network disk can hold one for ever
PATH_SECONDS = 20
"""How long a folder may take; a dead network disk never answers."""
MAX_SHOWN = 100
"""Certificates of one target that are shown, the worst first."""
MAX_SHOWN_IN_ALL = 2000
"""Then each further target shows `MIN_SHOWN`, so that the whole always fits one answer (16 MiB)."""
MIN_SHOWN = 5
MAX_SAID = 5000
"""Certificates that are known to be less than good."""

_log = logging.getLogger(__name__)


class Watch:
    """Keeps and checks the targets. Everything runs on one event loop."""

    def __init__(self, store: SealedStore, now: Callable[[], datetime] = lambda: datetime.now(timezone.utc)) -> None:
        self._store = store
        self._now = now
        self._found: dict[str, dict[str, Any]] = {}
        self._said: dict[str, Level] = {}
        self._slots = asyncio.Semaphore(CHECKS_AT_ONCE)
        self._is_due = asyncio.Event()
        self._is_checking = True
        self._path_threads = ThreadPoolExecutor(PATHS_AT_ONCE, "path")
        self.targets: dict[str, Target] = {}
        self.settings = Settings()

    async def load(self) -> None:
        """Reads the list and the settings. What cannot be used is left in the store, and said in the log."""
        self.settings = parse_settings(await self._read("settings") or {})
        async for key in self._store.keys("target:"):
            try:
                target = target_from(await self._store.get(key))
                self.targets[target.id] = target
            except (ValueError, TargetError) as error:
                _log.error("a stored target is not watched: %s", error, extra={"key": key})
        self._said = await self._read("said") or {}

    async def _read(self, key: str) -> Any:
        try:
            return await self._store.get(key)
        except ValueError as error:
            _log.error("what is stored is not used: %s", error)
            return None

    # --- The list ---

    async def add(self, target: Target) -> None:
        """Stores a target and checks it. Raises TargetError where there are too many."""
        if target.id not in self.targets and len(self.targets) >= MAX_TARGETS:
            raise TargetError(f"{MAX_TARGETS} are watched already; remove one first")
        await self._store.set(f"target:{target.id}", target.fields())
        self.targets[target.id] = target
        await self.check([target])

    async def remove(self, target_id: str) -> bool:
        """Whether there was such a one."""
        if target_id not in self.targets:
            return False
        await self._store.delete(f"target:{target_id}")
        self.targets.pop(target_id, None)
        self._found.pop(target_id, None)
        return True

    async def change_settings(self, settings: Settings) -> None:
        """Stores the settings and checks everything by them."""
        await self._store.set("settings", settings.fields())
        self.settings = settings
        self.check_soon()

    def check_soon(self) -> None:
        """Lets `run` check everything now."""
        self._is_due.set()
        self._is_checking = True

    # --- Checks ---

    async def run(self) -> None:
        """Checks everything at once and then at the interval, for ever."""
        while True:
            self._is_due.clear()
            try:
                await self.check(list(self.targets.values()))
            except KvError as error:
                _log.warning("the store failed: %s", error)
            self._is_checking = self._is_due.is_set()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._is_due.wait(), self.settings.interval_minutes * 60)
            self._is_checking = True

    async def check(self, targets: list[Target]) -> None:
        """Looks at the targets, some at a time, and keeps what was found."""
        paths = [target for target in targets if target.path is not None]
        servers = [target for target in targets if target.path is None]
        trusting = await self._trusting() if servers else None
        await asyncio.gather(
            *(self._keep(target, self._check_path(target)) for target in paths),
            *(self._keep(target, self._check_server(target, trusting)) for target in servers if trusting),
        )
        await self._say()

    async def _trusting(self) -> ssl.SSLContext:
        try:
            return await asyncio.to_thread(make_trusting, self.settings.ca_file)
        except OSError as error:
            _log.error("%s cannot be used: %s; its authorities are not trusted", self.settings.ca_file, error)
            return await asyncio.to_thread(make_trusting, None)

    async def _check_server(self, target: Target, trusting: ssl.SSLContext) -> list[dict[str, Any]]:
        seconds = self.settings.timeout_seconds
        return await check_server(target, self._now(), self.settings.warn_days, trusting, seconds)

    async def _check_path(self, target: Target) -> list[dict[str, Any]]:
        assert target.path is not None
        arguments = (target.path, self._now(), self.settings.warn_days)
        reading = asyncio.get_running_loop().run_in_executor(self._path_threads, check_path, *arguments)
        try:
            return await asyncio.wait_for(reading, PATH_SECONDS)
        except asyncio.TimeoutError:
            raise Unreachable(f"It could not be read within {PATH_SECONDS} s; is a network disk gone?") from None

    async def _keep(self, target: Target, checking: Coroutine[Any, Any, list[dict[str, Any]]]) -> None:
        """Waits for a free slot and for what the check finds, and keeps that."""
        async with self._slots:
            now = self._now()
            problem: str | None = None
            certificates: list[dict[str, Any]] = []
            try:
                certificates = sorted(await checking, key=_urgency)
            except Unreachable as error:
                problem = str(error)
            except Exception:
                _log.exception("%s could not be looked at", target.label)
                problem = "It could not be looked at; the plugin's log says why."
            if self.targets.get(target.id) == target:  # not removed meanwhile
                self._found[target.id] = {
                    "checked_at": now.isoformat(),
                    "problem": problem,
                    "certificates": certificates,
                }

    async def _say(self) -> None:
        """Logs what got worse, once, also over restarts."""
        unseen = tuple(target_id for target_id in self.targets if target_id not in self._found)
        said = {key: level for key, level in self._said.items() if key.startswith(unseen)}
        for target in map(self._show, self.targets.values()):
            for subject, level, words in _states(target):
                key = f"{target['id']}:{subject}"
                if level != "good" and len(said) < MAX_SAID:
                    said[key] = level
                if level != "good" and worst([level, self._said.get(key, "good")]) != self._said.get(key, "good"):
                    log = _log.error if level == "bad" else _log.warning if level == "warning" else _log.info
                    log("%s: %s", target["target"], words, extra={"level": level})
        if said != self._said:
            self._said = said
            await self._store.set("said", said)

    def overview(self) -> dict[str, Any]:
        """Everything that the page shows."""
        left = MAX_SHOWN_IN_ALL
        targets = []
        for target in sorted(self.targets.values(), key=lambda target: (target.path is not None, target.label)):
            shown = self._show(target)
            most = min(MAX_SHOWN, max(MIN_SHOWN, left))
            left -= min(most, len(shown["certificates"]))
            targets.append({**shown, "certificates": shown["certificates"][:most]})
        return {"targets": targets, "settings": self.settings.fields(), "checking": self._is_checking}

    def _show(self, target: Target) -> dict[str, Any]:
        nothing: dict[str, Any] = {"checked_at": None, "problem": None, "certificates": []}
        found = self._found.get(target.id, nothing)
        levels = [certificate["level"] for certificate in found["certificates"]]
        return {
            "id": target.id,
            "kind": "path" if target.path is not None else "server",
            "target": target.label,
            "level": "bad" if found["problem"] else worst(levels) if levels else None,
            "counts": {level: levels.count(level) for level in LEVELS},
            **found,
        }


def _urgency(certificate: dict[str, Any]) -> tuple[int, int]:
    return -LEVELS.index(certificate["level"]), certificate["days_left"]


def _states(target: dict[str, Any]) -> list[tuple[str, Level, str]]:
    """Of each certificate of a target, and of the target itself: which it is, how it is, and why in words."""
    if target["problem"] is not None:
        return [("", "bad", target["problem"])]
    return [
        (entry["sha256"][:16], entry["level"], f"{entry['subject']}: " + " ".join(p["text"] for p in entry["problems"]))
        for entry in target["certificates"]
    ]
