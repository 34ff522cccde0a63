"""Plugins for Toru, a control panel for a server.

A plugin is one program that the host starts. It answers http requests, has a small store at the host, and may draw a
page in the panel. `Plugin` is the short way; `serve` takes any ASGI application.
"""

import sys

if sys.version_info < (3, 10):  # noqa: UP036  said here, since older ones cannot even read what follows
    raise ImportError(f"toru_plugin needs Python 3.10 or later; this is {sys.version_info[0]}.{sys.version_info[1]}")

from ._errors import (
    BodyAborted,
    HttpError,
    KvError,
    ManifestError,
    PackError,
    ProtocolError,
    ToruError,
    WebSocketClosed,
)
from ._http import Request, Response
from ._kv import KeyPage, KvStore, kv
from ._manifest import Manifest
from ._plugin import Plugin
from ._serve import serve
from ._user import User
from ._websocket import WebSocket

__version__ = "0.1.0"

__all__ = [
    "BodyAborted",
    "HttpError",
    "KeyPage",
    "KvError",
    "KvStore",
    "Manifest",
    "ManifestError",
    "PackError",
    "Plugin",
    "ProtocolError",
    "Request",
    "Response",
    "ToruError",
    "User",
    "WebSocket",
    "WebSocketClosed",
    "kv",
    "serve",
]
