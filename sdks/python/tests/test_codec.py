"""Frames and messages, held against the golden data of the protocol."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from toru_plugin import ProtocolError
from toru_plugin._codec import MAX_FRAME_BYTES, FrameDecoder, Message, decode, encode
from toru_plugin._data_frame import KIND, DataFrame, decode_data, encode_data
from toru_plugin._errors import FrameTooLarge

GOLDEN = Path(__file__).parents[3] / "spec" / "golden"
SEEDS = range(200)

# What a plugin would write otherwise: compare what is decoded.
NOT_CANONICAL = {
    "the same characters as JSON escapes",
    "of a doubled key the last one counts",
    "white space inside the message",
    "an unknown field of the envelope is ignored, whatever its name",
}


def golden(name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads((GOLDEN / name).read_text("utf-8"))
    assert len(cases) > 5
    return cases


FRAMES = golden("v2-host-to-plugin.json") + golden("v2-plugin-to-host.json") + golden("v2-streams.json")
DATA_FRAMES = golden("data-frames.json")
INVALID = golden("invalid-frames.json")


def fields(message: Message) -> dict[str, Any]:
    named = {"type": message.type, "timestamp": message.timestamp, "payload": message.payload}
    return named if message.request_id is None else {**named, "request_id": message.request_id}


def read_all(data: bytes, cuts: list[int]) -> list[Message]:
    decoder, messages, start = FrameDecoder(), [], 0
    for cut in [*cuts, len(data)]:
        messages += [decode(payload) for payload in decoder.push(data[start:cut])]
        start = cut
    decoder.end()
    return messages


@pytest.mark.parametrize("case", FRAMES, ids=lambda case: case["name"])
def test_a_golden_frame_is_read_and_written_byte_for_byte(case: dict[str, Any]) -> None:
    frame = bytes.fromhex(case["hex"])
    [message] = read_all(frame, [])
    known = {name: case["message"][name] for name in case["message"] if name != "__proto__"}
    assert fields(message) == known
    if case["name"] in NOT_CANONICAL:
        assert read_all(encode(message), []) == [message]
    else:
        assert encode(message) == frame


@pytest.mark.parametrize("case", DATA_FRAMES, ids=lambda case: case["name"])
def test_a_golden_data_frame_is_read_and_written_byte_for_byte(case: dict[str, Any]) -> None:
    frame = bytes.fromhex(case["hex"])
    [payload] = FrameDecoder().push(frame)
    data = decode_data(payload)
    named = bytes.fromhex(case["bytes_hex"])
    assert data == DataFrame(case["stream"], named, case["last"], case["text"], case["aborted"])
    assert encode_data(data) == frame


def test_unknown_flags_of_a_data_frame_are_ignored() -> None:
    assert decode_data(b"\0\xf8\0\0\0\x01a") == DataFrame(1, b"a")


@pytest.mark.parametrize("length", range(1, 6))
def test_a_data_frame_that_is_too_short_is_refused(length: int) -> None:
    with pytest.raises(ProtocolError) as caught:
        decode_data(bytes(length))
    assert caught.value.code == "invalid_message"


def test_data_frames_among_messages_are_read_however_they_are_cut() -> None:
    cases = [bytes.fromhex(case["hex"]) for case in FRAMES + DATA_FRAMES]
    for seed in SEEDS:
        dice = random.Random(seed)
        wanted = [dice.choice(cases) for _ in range(dice.randrange(1, 30))]
        stream, decoder, written, start = b"".join(wanted), FrameDecoder(), [], 0
        for cut in [*sorted(dice.randrange(len(stream)) for _ in range(dice.randrange(40))), len(stream)]:
            for payload in decoder.push(stream[start:cut]):
                is_data = payload[0] == KIND
                written.append(
                    encode_data(decode_data(payload)) if is_data else len(payload).to_bytes(4, "big") + payload
                )
            start = cut
        assert written == wanted, f"seed {seed}"


def test_all_frames_behind_each_other_are_read_however_they_are_cut() -> None:
    stream = b"".join(bytes.fromhex(case["hex"]) for case in FRAMES)
    whole = read_all(stream, [])
    assert len(whole) == len(FRAMES)
    assert read_all(stream, list(range(1, len(stream)))) == whole
    for seed in SEEDS:
        dice = random.Random(seed)
        cuts = sorted(dice.randrange(len(stream)) for _ in range(dice.randrange(40)))
        assert read_all(stream, cuts) == whole, f"seed {seed}"


@pytest.mark.parametrize("case", INVALID, ids=lambda case: case["name"])
def test_an_invalid_golden_frame_is_refused_with_its_code(case: dict[str, Any]) -> None:
    data = bytes.fromhex(case["hex"])
    for cuts in ([], list(range(1, min(len(data), 20_000)))):
        with pytest.raises(ProtocolError) as caught:
            read_all(data, cuts)
        assert caught.value.code == case["error"]


def test_random_bytes_raise_protocol_errors_and_nothing_else() -> None:
    frames = [bytes.fromhex(case["hex"]) for case in FRAMES]
    for seed in range(3000):
        dice = random.Random(seed)
        data = bytearray(dice.choice(frames))
        for _ in range(dice.randrange(1, 6)):
            data[dice.randrange(4, len(data))] = dice.randrange(256)
        noise = dice.randbytes(dice.randrange(1, 60))
        for payload in (bytes(data[4:]), noise, b"{" + noise, b"\0" + noise):
            try:
                decode_data(payload) if payload[0] == KIND else decode(payload)
            except ProtocolError:
                pass
            except Exception as error:
                raise AssertionError(f"seed {seed}: {payload!r}") from error


def test_a_wrong_length_is_refused_before_its_bytes_come() -> None:
    decoder = FrameDecoder(max_bytes=10)
    assert decoder.push(b"\0\0\0\x0a") == []
    with pytest.raises(ProtocolError, match="announced 11 bytes; allowed are 1 to 10"):
        FrameDecoder(max_bytes=10).push(b"\0\0\0\x0b")


def test_a_message_that_is_nested_too_deep_is_invalid_and_no_crash() -> None:
    nested = '{"type":"log","payload":{"a":' + "[" * 200_000 + "]" * 200_000 + "}}"
    with pytest.raises(ProtocolError) as caught:
        decode(nested.encode())
    assert caught.value.code == "invalid_message"


def test_a_number_that_python_does_not_read_exactly_is_no_breach() -> None:
    message = decode(b'{"type":"http","payload":{"stream":1,"credit":' + b"9" * 5000 + b"}}")
    assert message.payload == {"stream": 1, "credit": float("inf")}


def test_a_message_that_does_not_fit_a_frame_is_refused() -> None:
    with pytest.raises(FrameTooLarge, match="does not fit a frame"):
        encode(Message("http", {"body": "x" * MAX_FRAME_BYTES}))
    frame = encode(Message("log", {"message": "é"}, timestamp="t"))
    assert len(frame) == 4 + int.from_bytes(frame[:4], "big")


def test_half_a_character_does_not_break_the_frame() -> None:
    [message] = read_all(encode(Message("log", {"message": "a\ud800b"})), [])
    assert message.payload == {"message": "a?b"}


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_json_has_no_word_for_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        encode(Message("log", {"fields": {"a": value}}))


def test_the_timestamp_is_the_time_in_utc() -> None:
    [message] = read_all(encode(Message("log", {})), [])
    assert message.timestamp.endswith("Z")
    assert len(message.timestamp) == len("2026-01-02T03:04:05.678Z")
