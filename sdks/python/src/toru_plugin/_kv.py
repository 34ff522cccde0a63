"""The plugin's own namespace in the host's store."""

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ._errors import KvError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

MAX_KEY_BYTES = 512
MAX_VALUE_BYTES = 1024 * 1024
MAX_LIST_LIMIT = 1000
DEFAULT_LIST_LIMIT = 100


class KeyPage(NamedTuple):
    """A part of the keys."""

    keys: list[str]
    """In the order of their bytes."""
    more: bool
    """Whether others follow: ask again with the last of `keys` as `after`."""


class Link(Protocol):
    """Where requests to the host go."""

    async def request_kv(self, payload: dict[str, Any]) -> dict[str, Any]: ...


class KvStore:
    """Small text that the host keeps for this plugin alone; no other plugin can name it.

    Keys are strings of 1 to 512 bytes, values strings of at most 1 MiB, both in UTF-8. What `set` returned from is
    stored, whatever happens to the host afterwards. Every method raises KvError; an answer takes at most 5 s.

    A process has one store: `toru_plugin.kv`. It can be used from startup on.
    """

    def __init__(self) -> None:
        self._link: Link | None = None

    async def get(self, key: str) -> str | None:
        """The value, or None where there is none."""
        reply = await self._ask({"action": "get", "key": _checked_key(key)})
        value = reply.get("value", reply)
        if value is not None and not isinstance(value, str):
            raise KvError("invalid_reply", "the host answered a get with neither a string nor null")
        return value

    async def set(self, key: str, value: str) -> None:
        """Stores the value in place of the one that was there."""
        await self._ask({"action": "set", "key": _checked_key(key), "value": _checked_value(value)})

    async def delete(self, key: str) -> None:
        """Removes the key; it is no error where there is none."""
        await self._ask({"action": "delete", "key": _checked_key(key)})

    async def list(self, prefix: str = "", *, after: str | None = None, limit: int = DEFAULT_LIST_LIMIT) -> KeyPage:
        """At most `limit` (1 to 1000) keys that start with `prefix` and sort behind `after`."""
        if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= MAX_LIST_LIMIT:
            raise KvError("invalid_request", f"a list has 1 to {MAX_LIST_LIMIT} keys, not {limit!r}")
        _checked_text(prefix, "prefix")
        if after is not None:
            _checked_text(after, "after")
        reply = await self._ask({"action": "list", "prefix": prefix, "after": after, "limit": limit})
        keys = reply.get("keys")
        if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
            raise KvError("invalid_reply", "the host answered a list without a list of keys")
        return KeyPage(keys, reply.get("more") is True)

    async def keys(self, prefix: str = "") -> "AsyncIterator[str]":
        """All keys that start with `prefix`, asked for page by page."""
        after: str | None = None
        while True:
            page = await self.list(prefix, after=after, limit=MAX_LIST_LIMIT)
            for key in page.keys:
                yield key
            if not page.more or not page.keys:
                return
            after = page.keys[-1]

    async def _ask(self, payload: dict[str, Any]) -> dict[str, Any]:
        if self._link is None:
            raise KvError("disconnected", "the store is there while the host runs the plugin, not here")
        return await self._link.request_kv(payload)


kv = KvStore()
"""The store of this process's plugin."""


def bind(link: Link | None) -> None:
    """Says where `kv` sends its requests."""
    kv._link = link


def _checked_key(key: str) -> str:
    size = len(_checked_text(key, "key", "invalid_key"))
    if not 1 <= size <= MAX_KEY_BYTES:
        raise KvError("invalid_key", f"the key has {size} bytes; allowed are 1 to {MAX_KEY_BYTES}")
    return key


def _checked_value(value: str) -> str:
    size = len(_checked_text(value, "value"))
    if size > MAX_VALUE_BYTES:
        raise KvError("value_too_large", f"the value has {size} bytes; allowed are {MAX_VALUE_BYTES} (1 MiB)")
    return value


def _checked_text(text: str, what: str, code: str = "invalid_request") -> bytes:
    if not isinstance(text, str):
        raise KvError(code, f"the {what} must be a string, not {type(text).__name__}; json.dumps makes one")
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise KvError(code, f"the {what} holds half a character (a lone surrogate), which UTF-8 cannot carry") from None
