"""Who asks."""

import contextlib
from collections.abc import Mapping
from typing import Literal, NamedTuple


class User(NamedTuple):
    """The signed-in user whose request this is. The host says so in headers that no client can forge."""

    name: str
    role: Literal["admin", "user"]

    @property
    def is_admin(self) -> bool:
        return self.role == "admin"

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> "User | None":
        """Reads `x-toru-user` and `x-toru-role`. None where nobody is signed in, or the host itself asks.

        Any role that is not known counts as `user`, the one that may less.
        """
        name = headers.get("x-toru-user")
        if not name:
            return None
        with contextlib.suppress(UnicodeError):
            name = name.encode("latin-1").decode("utf-8")  # ASGI carries headers as bytes, which are read as latin-1
        return cls(name, "admin" if headers.get("x-toru-role") == "admin" else "user")
