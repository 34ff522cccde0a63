"""The streams of one connection, in both directions."""

from typing import Any

from ._data_frame import DataFrame
from ._errors import ProtocolError
from ._incoming_stream import IncomingStream
from ._outgoing_stream import Carrier, OutgoingStream

MAX_NUMBER = 2**32 - 1


class StreamTable:
    """Which number is which stream. Each side counts its own; there are no more of either than requests in flight."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._incoming: dict[int, IncomingStream] = {}
        self._outgoing: dict[int, OutgoingStream] = {}
        self._last_number = 0

    def open(self) -> OutgoingStream:
        """A stream of ours. Name it in a message before anything is sent on it."""
        self._last_number = self._last_number % MAX_NUMBER + 1
        while self._last_number in self._outgoing:
            self._last_number = self._last_number % MAX_NUMBER + 1
        number = self._last_number
        stream = self._outgoing[number] = OutgoingStream(number, self._carrier, self._outgoing.pop)
        return stream

    def receive(self, number: Any) -> IncomingStream:
        """The stream that a request names; to be called before what follows the request is read."""
        if type(number) is not int or not 0 <= number <= MAX_NUMBER:
            raise ProtocolError("invalid_message", "the stream of a message is not a whole number of 32 bits")
        if number in self._incoming:
            raise ProtocolError("invalid_message", f"stream {number} is under way already")
        stream = self._incoming[number] = IncomingStream(number, self._carrier.tell, self._incoming.pop)
        return stream

    def data(self, frame: DataFrame) -> None:
        """A piece of a stream that is not known was on its way when we stopped it."""
        stream = self._incoming.get(frame.stream)
        if stream is not None:
            if frame.is_last:
                del self._incoming[frame.stream]
            stream.push(frame)

    def control(self, payload: dict[str, Any]) -> None:
        """The host's word on a stream of ours. One that has ended already is beyond it."""
        number, credit = payload.get("stream"), payload.get("credit")
        stream = self._outgoing.get(number) if type(number) is int else None
        if stream is None:
            return
        if payload.get("stop") is True:
            stream.stop()
        elif type(credit) is int and credit > 0:
            stream.grant(credit)

    def close(self) -> None:
        """The connection is gone."""
        for outgoing in list(self._outgoing.values()):
            outgoing.discard()
        for incoming in list(self._incoming.values()):
            incoming.discard()
        self._incoming.clear()
