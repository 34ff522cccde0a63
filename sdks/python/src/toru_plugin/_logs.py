"""Records of `logging` on their way to the plugin's log."""

import asyncio
import contextlib
import json
import logging
import sys
import threading
import traceback
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

MAX_WAITING_RECORDS = 1000
"""Records that wait for the host, before it has connected or while it is slow. The oldest goes first."""
MAX_MESSAGE_CHARACTERS = 16 * 1024
MAX_ERROR_CHARACTERS = 64 * 1024
MAX_FIELDS_BYTES = 64 * 1024
MAX_REPR_CHARACTERS = 1000
MAX_FIELDS_LEVELS = 99
"""Of nested dicts and lists. The host refuses over 100 levels."""

_STANDARD_ATTRIBUTES = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

SendLog = Callable[[dict[str, Any]], Awaitable[None]]


class LogQueue:
    """Keeps log messages until a sender takes them. Any thread may add."""

    def __init__(self) -> None:
        self._waiting: deque[dict[str, Any]] = deque()
        self._dropped = 0
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._arrived: asyncio.Event | None = None
        self._send: SendLog | None = None
        self._to_stderr = False

    def add(self, payload: dict[str, Any]) -> None:
        with self._lock:
            if self._to_stderr:
                _print(payload)
                return
            if len(self._waiting) >= MAX_WAITING_RECORDS:
                self._waiting.popleft()
                self._dropped += 1
            self._waiting.append(payload)
            if self._loop is not None and self._arrived is not None:
                try:
                    self._loop.call_soon_threadsafe(self._arrived.set)
                except RuntimeError:  # the loop is closed: nobody sends any more
                    self._fall_back()

    def connect(self, send: SendLog) -> None:
        """From now on records go to the host."""
        with self._lock:
            self._send = send
            self._to_stderr = False
            if self._arrived is not None:
                self._arrived.set()

    def disconnect(self) -> None:
        """The host is gone: what waits and what comes goes to stderr, which the host reads, too."""
        with self._lock:
            self._send = None
            self._fall_back()

    async def run(self) -> None:
        """Sends what waits, until it is cancelled."""
        self._loop, self._arrived = asyncio.get_running_loop(), asyncio.Event()
        self._arrived.set()
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            await self.flush()

    async def flush(self) -> None:
        while (send := self._send) is not None and (payload := self._take()) is not None:
            try:
                await send(payload)
            except OSError:
                _print(payload)
                return

    def _take(self) -> dict[str, Any] | None:
        with self._lock:
            if self._dropped > 0:
                message = f"{self._dropped} log records were dropped: they came faster than the host took them"
                self._dropped = 0
                return {"level": "warn", "message": message}
            return self._waiting.popleft() if self._waiting else None

    def _fall_back(self) -> None:
        self._to_stderr = True
        while self._waiting:
            _print(self._waiting.popleft())


def _print(payload: dict[str, Any]) -> None:
    fields = f" {_json(payload['fields'])}" if "fields" in payload else ""
    error = f"\n{payload['error']}" if "error" in payload else ""
    with contextlib.suppress(OSError):  # where stderr is gone, too, nobody listens
        print(f"{payload['level']}: {payload['message']}{fields}{error}", file=sys.stderr, flush=True)


class LogHandler(logging.Handler):
    """Sends records of `logging` to the host: `extra` becomes fields, `exc_info` and `stack_info` the error."""

    def __init__(self, queue: LogQueue) -> None:
        super().__init__()
        self._queue = queue

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._queue.add(_payload(record))
        except Exception:
            self.handleError(record)


def _payload(record: logging.LogRecord) -> dict[str, Any]:
    payload: dict[str, Any] = {"level": _level(record.levelno)}
    payload["message"] = _cut(record.getMessage(), MAX_MESSAGE_CHARACTERS)
    errors = []
    if record.exc_info and record.exc_info[0] is not None:
        errors.append("".join(traceback.format_exception(*record.exc_info)).rstrip())
    if record.stack_info:
        errors.append(record.stack_info)
    if errors:
        payload["error"] = _cut("\n".join(errors), MAX_ERROR_CHARACTERS)
    extra = {name: value for name, value in vars(record).items() if name not in _STANDARD_ATTRIBUTES}
    payload["fields"] = {"logger": record.name, **_plain(extra)}
    return payload


def _level(number: int) -> str:
    if number >= logging.ERROR:
        return "error"
    if number >= logging.WARNING:
        return "warn"
    return "info" if number >= logging.INFO else "debug"


def _plain(extra: dict[str, Any]) -> dict[str, Any]:
    """The fields as JSON can carry them: what it cannot is its text."""
    if not extra:
        return {}
    text = json.dumps(_repr_each(extra)) if _is_deep(extra, MAX_FIELDS_LEVELS) else _json(extra)
    if len(text.encode("utf-8", "replace")) > MAX_FIELDS_BYTES:
        return {"fields_dropped": f"the fields had over {MAX_FIELDS_BYTES} bytes: {_cut(', '.join(extra), 200)}"}
    plain: dict[str, Any] = json.loads(text)
    return plain


def _json(value: dict[str, Any]) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, default=str)
    except (ValueError, TypeError, RecursionError):  # not a number, a cycle, a key that is no string
        return json.dumps(_repr_each(value), ensure_ascii=False)


def _repr_each(fields: dict[str, Any]) -> dict[str, str]:
    return {str(name): _cut(_safe_repr(item), MAX_REPR_CHARACTERS) for name, item in fields.items()}


def _safe_repr(item: Any) -> str:
    try:
        return repr(item)
    except RecursionError:
        return f"a {type(item).__name__}, nested too deep"


def _is_deep(value: Any, levels: int) -> bool:
    if not isinstance(value, (dict, list, tuple)):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deep(item, levels - 1) for item in inner)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most] + "… (cut)"
