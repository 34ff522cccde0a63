"""Reads DER, the binary form of certificates: only what X.509 needs of it."""

from typing import NamedTuple

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, OID, SEQUENCE, SET = 0x01, 0x02, 0x03, 0x04, 0x06, 0x30, 0x31
UTC_TIME, GENERALIZED_TIME = 0x17, 0x18


class DerError(ValueError):
    """The bytes are not what they should be."""


class Value(NamedTuple):
    """One value with its tag. `raw` has tag and length in front of `content`."""

    tag: int
    content: bytes
    raw: bytes

    def expect(self, tag: int) -> "Value":
        if self.tag != tag:
            raise DerError(f"a value has the tag 0x{self.tag:02x} in place of 0x{tag:02x}")
        return self

    def children(self) -> list["Value"]:
        """The values inside, which must fill it."""
        values, rest = [], self.content
        while rest:
            value, rest = read(rest)
            values.append(value)
        return values

    def integer(self) -> int:
        return int.from_bytes(self.expect(INTEGER).content, "big", signed=True)

    def oid(self) -> str:
        """The dotted form, like 2.5.4.3."""
        numbers, number = [], 0
        for byte in self.expect(OID).content:
            number = number << 7 | byte & 0x7F
            if not byte & 0x80:
                numbers.append(number)
                number = 0
        if not numbers:
            raise DerError("an object identifier is empty")
        first = min(numbers[0] // 40, 2)
        return ".".join(map(str, [first, numbers[0] - 40 * first, *numbers[1:]]))


def read(data: bytes) -> tuple[Value, bytes]:
    """The first value, and what follows it."""
    if len(data) < 2:
        raise DerError("the data ends inside a value")
    tag, length, start = data[0], data[1], 2
    if tag & 0x1F == 0x1F:
        raise DerError("a tag of several bytes, which certificates do not have")
    if length & 0x80:
        start += length & 0x7F
        if not 3 <= start <= 6 or len(data) < start:
            raise DerError("a length of 0 or over 4 bytes, or cut short")
        length = int.from_bytes(data[2:start], "big")
    end = start + length
    if len(data) < end:
        raise DerError(f"a value of {length} bytes is cut short")
    return Value(tag, data[start:end], data[:end]), data[end:]


def read_all(data: bytes) -> Value:
    """The one value that the data is."""
    value, rest = read(data)
    if rest:
        raise DerError(f"{len(rest)} bytes follow the value")
    return value
