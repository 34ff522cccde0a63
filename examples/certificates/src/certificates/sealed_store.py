"""Values in the host's store that only this process can have written.

Every signed-in user can write to a plugin's store from the browser. What is stored here decides which servers and files
are looked at, which admins alone may say. So each value carries a seal, made with a secret that is in the plugin's
private folder. Whoever deletes keys can still make the list shorter.
"""

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from toru_plugin import KvStore

SECRET_BYTES = 32


class SealBroken(ValueError):
    """The value was written by somebody else, or its secret is gone."""


class SealedStore:
    """JSON values with a seal."""

    def __init__(self, kv: KvStore, secret_file: Path) -> None:
        self._kv = kv
        self._secret = _read_or_make(secret_file)

    async def get(self, key: str) -> Any:
        """The value, or None. Raises SealBroken."""
        text = await self._kv.get(key)
        if text is None:
            return None
        seal, _, value = text.partition(" ")
        if not hmac.compare_digest(seal.encode("utf-8", "replace"), self._seal(key, value).encode()):
            raise SealBroken(f"the value of {key} was not written by this plugin, and is ignored; add it anew")
        return json.loads(value)

    async def set(self, key: str, value: Any) -> None:
        text = json.dumps(value)
        await self._kv.set(key, f"{self._seal(key, text)} {text}")

    async def delete(self, key: str) -> None:
        await self._kv.delete(key)

    def keys(self, prefix: str) -> AsyncIterator[str]:
        return self._kv.keys(prefix)

    def _seal(self, key: str, value: str) -> str:
        return hmac.new(self._secret, f"{key}\0{value}".encode(), hashlib.sha256).hexdigest()


def _read_or_make(file: Path) -> bytes:
    try:
        secret = file.read_bytes()
    except FileNotFoundError:
        secret = secrets.token_bytes(SECRET_BYTES)
        fresh = file.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
            opened.write(secret)
            opened.flush()
            os.fsync(opened.fileno())
        fresh.replace(file)
    if len(secret) != SECRET_BYTES:
        raise OSError(f"{file} must have {SECRET_BYTES} bytes; remove it to begin with an empty list")
    return secret
