"""Frames and messages. No I/O: bytes go in, messages come out, and the other way round.

A frame is a 4-byte big-endian length N and N bytes, which hold one JSON object in UTF-8, or a data frame.
"""

import json
import re
from datetime import datetime, timezone
from typing import Any, NamedTuple, NoReturn

from ._errors import FrameTooLarge, ProtocolError

HEADER_BYTES = 4
MAX_FRAME_BYTES = 16 * 1024 * 1024
"""The largest payload of a frame, without its header."""
MESSAGE_TYPES = frozenset({"lifecycle", "http", "kv", "log"})

_EXCERPT_CHARACTERS = 80
_EXACT_DIGITS = 300


class Message(NamedTuple):
    """One message of either side. Without `request_id` no reply is expected."""

    type: str
    payload: dict[str, Any]
    request_id: str | None = None
    timestamp: str = ""
    """RFC 3339 in UTC. Empty: the time of encoding."""


def encode(message: Message, max_bytes: int = MAX_FRAME_BYTES) -> bytes:
    """The whole frame. Raises FrameTooLarge; ValueError and TypeError where the payload is no JSON."""
    fields: dict[str, Any] = {"type": message.type, "timestamp": message.timestamp or timestamp()}
    if message.request_id is not None:
        fields["request_id"] = message.request_id
    fields["payload"] = message.payload
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # Half a character, which UTF-8 cannot carry, becomes "?".
    data = text.encode("utf-8", "replace")
    if len(data) > max_bytes:
        raise FrameTooLarge(f"a message of {len(data)} bytes does not fit a frame of {max_bytes} bytes")
    return len(data).to_bytes(HEADER_BYTES, "big") + data


def timestamp() -> str:
    """The time in UTC, as in 2026-01-02T03:04:05.678Z."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class FrameDecoder:
    """Cuts a stream of bytes into the payloads of frames.

    Memory follows what arrived, never what was announced. After a ProtocolError the place of the next frame is
    unknown: close the connection.
    """

    def __init__(self, max_bytes: int = MAX_FRAME_BYTES) -> None:
        self._max_bytes = max_bytes
        self._buffer = bytearray()

    def push(self, data: bytes) -> list[bytes]:
        """Takes received bytes, of any number, and returns the payloads that are complete now."""
        self._buffer += data
        payloads: list[bytes] = []
        while len(self._buffer) >= HEADER_BYTES:
            length = int.from_bytes(self._buffer[:HEADER_BYTES], "big")
            if not 1 <= length <= self._max_bytes:
                raise ProtocolError(
                    "frame_length", f"a frame announced {length} bytes; allowed are 1 to {self._max_bytes}"
                )
            end = HEADER_BYTES + length
            if len(self._buffer) < end:
                break
            payloads.append(bytes(self._buffer[HEADER_BYTES:end]))
            del self._buffer[:end]
        return payloads

    def end(self) -> None:
        """Call at end of file. Raises where it came inside a frame."""
        if self._buffer:
            held = len(self._buffer)
            raise ProtocolError("frame_truncated", f"the connection ended inside a frame, after {held} bytes of it")


def decode(payload: bytes) -> Message:
    """Reads the payload of a frame. Raises ProtocolError."""
    if payload[:1] != b"{":  # a data frame is none of these: its reader is `decode_data`
        first = payload[:1].hex() or "nothing"
        raise ProtocolError("frame_kind", f"a frame starts with 0x{first}; a JSON message starts with '{{'")
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError as cause:
        raise ProtocolError("invalid_utf8", f"a message is not valid UTF-8 at byte {cause.start}") from cause
    return _to_message(_parse(text))


def _parse(text: str) -> dict[str, Any]:
    try:
        fields = json.loads(text, parse_constant=_refuse_constant, parse_int=_to_number)
    except RecursionError:
        # Too deep for Python's parser. Only whether all that was opened is closed tells which of the two it is.
        if _is_closed(text):
            raise ProtocolError("invalid_message", "a message is nested too deep") from None
        raise ProtocolError("invalid_json", f"a message is not valid JSON: {_excerpt(text)}") from None
    except ValueError as cause:
        raise ProtocolError("invalid_json", f"a message is not valid JSON: {_excerpt(text)}") from cause
    assert isinstance(fields, dict)  # it starts with "{"
    return fields


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _to_number(digits: str) -> int | float:
    """Python refuses to read very long numbers exactly; nobody needs one."""
    return int(digits) if len(digits) <= _EXACT_DIGITS else float(digits)


def _is_closed(text: str) -> bool:
    depth = 0
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0], 0)
    return depth == 0


def _to_message(fields: dict[str, Any]) -> Message:
    kind, payload, request_id = fields.get("type"), fields.get("payload"), fields.get("request_id")
    if not isinstance(kind, str) or kind not in MESSAGE_TYPES:
        known = ", ".join(sorted(MESSAGE_TYPES))
        raise ProtocolError("invalid_message", f"a message has the type {_excerpt(repr(kind))}; known are {known}")
    if request_id is not None and not isinstance(request_id, str):
        raise ProtocolError("invalid_message", "the request_id of a message is not a string")
    if not isinstance(payload, dict):
        raise ProtocolError("invalid_message", "the payload of a message is not an object")
    sent = fields.get("timestamp")
    return Message(kind, payload, request_id, sent if isinstance(sent, str) else "")


def _excerpt(text: str) -> str:
    return text if len(text) <= _EXCERPT_CHARACTERS else text[:_EXCERPT_CHARACTERS] + "…"
