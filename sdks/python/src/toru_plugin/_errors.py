"""What can go wrong.

ToruError
├── ManifestError     fields of the manifest are missing or wrong
├── ProtocolError     the other side broke the protocol; the connection is closed
├── FrameTooLarge     a message of ours does not fit a frame
├── KvError           the host's store refused, did not answer in time, or is out of reach
├── BodyAborted       the client went away before its request's body was complete
├── WebSocketClosed   the client of a WebSocket is gone
├── SocketInUse       something answers, or lies, where the plugin must listen
└── PackError         the project cannot be made into one file

HttpError             no fault: an answer of a handler other than success
"""


class ToruError(Exception):
    """The root of all that this package raises."""


class ManifestError(ToruError):
    """The manifest breaks a rule. `problems` maps each field at fault to what is wrong with it."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("invalid manifest: " + "; ".join(f"{field}: {why}" for field, why in problems.items()))
        self.problems = problems


class ProtocolError(ToruError):
    """The other side broke the protocol. `code` is one of the protocol's codes, like `frame_length`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class FrameTooLarge(ToruError):
    """A message does not fit a frame (16 MiB)."""


class KvError(ToruError):
    """A request to the host's store failed.

    `code` is `invalid_key`, `invalid_request` or `value_too_large` (what was asked for is wrong; nothing was done),
    `busy` (1024 requests wait already), `timeout` (no answer within 5 s), `disconnected` (no host to ask) or
    `invalid_reply` (the host's answer makes no sense). After the last three a `set` or `delete` may or may not have
    been done: both can be repeated. The host may have further codes.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class BodyAborted(ToruError):
    """The client went away before the body of its request was complete: what was read is not all."""


class WebSocketClosed(ToruError):
    """The client of a WebSocket is gone. A handler need not catch it."""


class SocketInUse(ToruError):
    """The plugin cannot listen at `TORU_PLUGIN_SOCKET`: another process does, or the file is no socket."""


class PackError(ToruError):
    """The project cannot be packed; the message says what to change."""


class HttpError(Exception):
    """Raise it in a handler to answer with a status other than success, as `application/problem+json`.

    `detail` is for people and goes to the client.
    """

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
        if not 400 <= status <= 599:
            raise ValueError(f"the status of an HttpError is 400 to 599, not {status}; return a Response for others")
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}
