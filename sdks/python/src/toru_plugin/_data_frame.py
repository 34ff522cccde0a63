"""Data frames of the feature `stream`: bytes that belong to a request or a reply. No I/O."""

from typing import NamedTuple

from ._codec import HEADER_BYTES
from ._errors import ProtocolError

KIND = 0x00
"""The first byte of a data frame, where a message has `{`."""
OVERHEAD_BYTES = 6
"""Kind, flags and the number of the stream."""
WINDOW_BYTES = 256 * 1024
"""What a sender may have on a stream that its receiver has not granted anew."""

_LAST, _TEXT, _ABORTED = 1, 2, 4


class DataFrame(NamedTuple):
    """A piece of a stream; on a WebSocket a whole message."""

    stream: int
    data: bytes = b""
    is_last: bool = False
    is_text: bool = False
    is_aborted: bool = False
    """With the last frame: what came is not all."""


def encode_data(frame: DataFrame) -> bytes:
    """The whole frame, with its length."""
    flags = (_LAST if frame.is_last else 0) | (_TEXT if frame.is_text else 0) | (_ABORTED if frame.is_aborted else 0)
    length = OVERHEAD_BYTES + len(frame.data)
    return b"".join(
        (length.to_bytes(HEADER_BYTES, "big"), bytes((KIND, flags)), frame.stream.to_bytes(4, "big"), frame.data)
    )


def decode_data(payload: bytes) -> DataFrame:
    """Reads the payload of a data frame. Unknown flags are ignored. Raises ProtocolError."""
    if len(payload) < OVERHEAD_BYTES:
        raise ProtocolError(
            "invalid_message", f"a data frame has {len(payload)} bytes; it has {OVERHEAD_BYTES} at least"
        )
    flags, number = payload[1], int.from_bytes(payload[2:OVERHEAD_BYTES], "big")
    return DataFrame(number, payload[OVERHEAD_BYTES:], bool(flags & _LAST), bool(flags & _TEXT), bool(flags & _ABORTED))
