"""Frames of the host that were changed, and what this side says of them.

As a program it names the verdict on each frame of a file: `fuzzing.py FRAMES`, with a line of hex for each.
"""

import json
import random
import re
import sys
from pathlib import Path
from typing import Any

from toru_plugin._asgi import http_scope, request_body
from toru_plugin._codec import decode
from toru_plugin._data_frame import KIND, decode_data
from toru_plugin._errors import ProtocolError
from toru_plugin._in_flight import InvalidRequest

ROOT = Path(__file__).parents[3]
VERDICTS = ROOT / "faults" / "fuzz" / "verdicts.txt"
"""A verdict and a payload in hex on each line; all languages are held against it."""

_VALUE = re.compile(rb'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null|\{\}|\[\]')
_TOKENS: list[bytes] = [
    *b"null true false 0 -1 2 1.5 1e400 -1e400 01 NaN 4294967296 {} [] [[]] [1,] {,} /**/".split(),
    *rb'"" "a" "\u0000" "\ud800" "\x" "unclosed "QQ==" "QR==" "websocket" "init" "shutdown" "ping" "http" "kv"'.split(),
    *rb'{"stream":1} {"__proto__":{}} {"a":1,"a":2} {"error":{}} {"code":1,"message":[]}'.split(),
    b"9" * 400,
    b"9" * 5000,
    b"[" * 50_000 + b"]" * 50_000,
    b'"' + "é".encode() * 300 + b'"',
    b'"\xff"',
]
_FIELDS = [
    f'"{name}"'.encode()
    for name in (
        "type timestamp request_id payload action method path headers body body_base64 stream credit stop cancel "
        "upgrade value keys error features protocol grace_ms"
    ).split()
]


def golden(*names: str) -> list[bytes]:
    """The payloads of golden frames."""
    cases = [case for name in names for case in json.loads((ROOT / "spec" / "golden" / name).read_text("utf-8"))]
    return [bytes.fromhex(case["hex"])[4:] for case in cases]


def changed(dice: random.Random, payload: bytes) -> bytes:
    """One to three changes, most of them to fields."""
    for _ in range(dice.randrange(1, 4)):
        found = list(_VALUE.finditer(payload))
        if found and dice.random() < 0.9:
            match = dice.choice(found)
            is_key = payload[match.end() : match.end() + 1] == b":"
            token = dice.choice(_FIELDS if is_key else _TOKENS)
            if len(token) > 10_000 and dice.random() < 0.9:
                token = b"{}"
            payload = payload[: match.start()] + token + payload[match.end() :]
        else:
            at = dice.randrange(len(payload) + 1)
            payload = payload[:at] + dice.randbytes(dice.randrange(3)) + payload[at + dice.randrange(3) :]
    return payload


def verdict(payload: bytes) -> str:
    """What becomes of a payload: `data`, `message`, `request` (which can be answered), or why not."""
    try:
        if payload[0] == KIND:
            decode_data(payload)
            return "data"
        kind, fields, request_id, _ = decode(payload)
    except ProtocolError as error:
        return error.code
    is_request = kind == "http" and request_id is not None and "method" in fields
    if not is_request or "stream" in fields or "upgrade" in fields:
        return "message"
    return _request_verdict(fields)


def _request_verdict(fields: dict[str, Any]) -> str:
    try:
        http_scope(fields, "/acme", {})
        request_body(fields)
    except InvalidRequest:
        return "invalid_request"
    return "request"


if __name__ == "__main__":
    for line in Path(sys.argv[1]).read_text("ascii").splitlines():
        print(verdict(bytes.fromhex(line)))
