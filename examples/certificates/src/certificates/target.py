"""What is to be watched: a server with TLS, or a file or folder of this server."""

import hashlib
import ipaddress
import re
from pathlib import PurePosixPath
from typing import Any, NamedTuple

MAX_TEXT_CHARACTERS = 1024
DEFAULT_PORT = 443

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")


class TargetError(ValueError):
    """The text names nothing that can be watched; the message says why and what would."""


class Target(NamedTuple):
    """One thing to watch. Either `path` or `host` and `port` are set."""

    path: str | None = None
    host: str | None = None
    port: int = DEFAULT_PORT
    name: str | None = None
    """The name to ask the server for and to hold its certificate against. None: not to look at the name."""

    @property
    def id(self) -> str:
        return hashlib.sha256(repr(tuple(self)).encode()).hexdigest()[:16]

    @property
    def label(self) -> str:
        if self.path is not None:
            return self.path
        host = f"[{self.host}]" if self.host and ":" in self.host else self.host
        address = f"{host}:{self.port}"
        return address if self.name in (None, self.host) else f"{self.name} at {address}"

    def fields(self) -> dict[str, Any]:
        """What is stored."""
        return (
            {"path": self.path} if self.path is not None else {"host": self.host, "port": self.port, "name": self.name}
        )


def parse_target(text: str, name: str | None = None) -> Target:
    """Reads `example.org`, `example.org:8443`, `:8443` (of this server), or `/etc/letsencrypt/live`.

    `name` is asked for in place of the host's, as with a server that is to be looked at before its name points to it.
    Raises TargetError.
    """
    text = text.strip()
    if not text or len(text) > MAX_TEXT_CHARACTERS:
        raise TargetError(
            f"name a host like example.org, a port like :8443 or a path, of at most {MAX_TEXT_CHARACTERS} characters"
        )
    if text.startswith("/"):
        if name:
            raise TargetError("a path has no name to ask for; leave the name empty")
        if "\0" in text or not text.isprintable():
            raise TargetError("a path holds no control characters")
        path = PurePosixPath(text)
        if ".." in path.parts:
            raise TargetError('a path holds no ".."; write where it leads')
        return Target(path="/" + str(path).lstrip("/"))
    host, port = _split(text)
    checked = _checked_host(host) if host else "127.0.0.1"
    if name and name.strip():
        return Target(host=checked, port=port, name=_checked_host(name.strip()))
    # On this server a port has no name by itself: its certificate is for the names by which others reach it.
    return Target(host=checked, port=port, name=None if _is_loopback(checked) else checked)


def target_from(fields: Any) -> Target:
    """What was stored. Raises TargetError."""
    if not isinstance(fields, dict):
        raise TargetError("a stored target is no object")
    path, host, port, name = (fields.get(key) for key in ("path", "host", "port", "name"))
    if isinstance(path, str):
        return parse_target(path)
    if isinstance(host, str) and isinstance(port, int) and isinstance(name, (str, type(None))):
        return Target(host=_checked_host(host), port=_checked_port(str(port)), name=name and _checked_host(name))
    raise TargetError("a stored target lacks something")


def _split(text: str) -> tuple[str, int]:
    if "://" in text:
        raise TargetError("name the host alone, without https://")
    if bracketed := re.fullmatch(r"\[([0-9a-fA-F:.]+)\](?::(\d+))?", text):
        return bracketed[1], _checked_port(bracketed[2] or str(DEFAULT_PORT))
    host, colon, port = text.rpartition(":")
    if not colon or ":" in host:  # more than one colon: an IPv6 address without a port
        return text, DEFAULT_PORT
    return host, _checked_port(port)


def _checked_port(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:
        raise TargetError(f"a port is a number from 1 to 65535, not {text[:20]!r}")
    return int(text)


def _checked_host(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        pass
    try:
        host = text.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        host = ""
    labels = host.split(".")
    if not host or len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        raise TargetError(f"{text[:80]!r} is neither a host name, an IP address, a port like :8443 nor a path")
    return host


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
