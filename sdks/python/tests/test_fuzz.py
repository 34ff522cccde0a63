"""Whatever the host sends: a message, a protocol error, an answer; never another exception.

`TORU_FUZZ_SEED` names another seed, `TORU_FUZZ_CASES` how many times as many cases.
"""

import asyncio
import os
import random
from typing import Any

from fuzzing import VERDICTS, changed, golden, verdict

from toru_plugin._bundle import Bundle
from toru_plugin._codec import FrameDecoder, Message, decode, encode
from toru_plugin._data_frame import KIND, DataFrame, decode_data, encode_data
from toru_plugin._errors import ProtocolError
from toru_plugin._logs import LogQueue
from toru_plugin._manifest import Manifest
from toru_plugin._process import PluginProcess

SEED = int(os.environ.get("TORU_FUZZ_SEED", "1"))
TIMES = int(os.environ.get("TORU_FUZZ_CASES", "1"))
FRAMES = golden("v2-host-to-plugin.json", "v2-plugin-to-host.json", "v2-streams.json", "v1-host-to-plugin.json")
DATA = golden("data-frames.json")
TEXTS = ["", "a", '"\\\n\0', "é😀\u2028\ufeff", "__proto__", "x" * 300]


def framed(payload: bytes) -> bytes:
    return len(payload).to_bytes(4, "big") + payload


def received(stream: bytes, cuts: list[int]) -> tuple[list[bytes], str | None]:
    decoder, payloads, start = FrameDecoder(), list[bytes](), 0
    try:
        for cut in [*sorted(cuts), len(stream)]:
            payloads += decoder.push(stream[start:cut])
            start = cut
        decoder.end()
    except ProtocolError as error:
        return payloads, error.code
    return payloads, None


def test_every_language_says_the_same_of_the_same_frames() -> None:
    lines = [line.split() for line in VERDICTS.read_text("ascii").splitlines()]
    assert len(lines) >= 500
    for wanted, payload in lines:
        assert verdict(bytes.fromhex(payload)) == wanted, bytes.fromhex(payload)


def test_changed_frames_are_messages_or_protocol_errors_however_they_are_cut() -> None:
    for seed in range(SEED, SEED + 3000 * TIMES):
        dice = random.Random(seed)
        payloads = [changed(dice, dice.choice(FRAMES)) or b"{" for _ in range(dice.randrange(1, 4))]
        stream = b"".join(map(framed, payloads)) + dice.randbytes(dice.randrange(4))
        cuts = [dice.randrange(len(stream)) for _ in range(dice.randrange(8))]
        whole, pieces = received(stream, []), received(stream, cuts)
        assert whole[1] == pieces[1], f"seed {seed}"
        assert pieces[0][: len(whole[0])] == whole[0], f"seed {seed}"
        for payload in payloads:
            try:
                verdict(payload)
            except Exception as error:
                raise AssertionError(f"seed {seed}: {payload[:500]!r}") from error


def test_what_is_encoded_is_decoded() -> None:
    def value(dice: random.Random, depth: int = 0) -> Any:
        kind = dice.randrange(7 if depth < 3 else 5)
        if kind < 5:
            return [None, dice.random() < 0.5, dice.randrange(-(2**53), 2**53), dice.random(), dice.choice(TEXTS)][kind]
        size = range(dice.randrange(4))
        if kind == 5:
            return [value(dice, depth + 1) for _ in size]
        return {dice.choice(TEXTS): value(dice, depth + 1) for _ in size}

    for seed in range(SEED, SEED + 3000 * TIMES):
        dice = random.Random(seed)
        payload = {dice.choice(TEXTS): value(dice) for _ in range(dice.randrange(5))}
        kind = dice.choice(["lifecycle", "http", "kv", "log"])
        message = Message(kind, payload, dice.choice([None, *TEXTS]), dice.choice(["t", "2026"]))
        [data] = FrameDecoder().push(encode(message))
        assert decode(data) == message, f"seed {seed}"
        flags = [dice.random() < 0.5 for _ in range(3)]
        piece = DataFrame(dice.randrange(2**32), dice.randbytes(dice.randrange(20)), *flags)
        [data] = FrameDecoder().push(encode_data(piece))
        assert data[0] == KIND
        assert decode_data(data) == piece, f"seed {seed}"


class Writer:
    """A host that reads at once."""

    def __init__(self) -> None:
        self.is_closed = False

    def write(self, data: bytes) -> None:
        assert not self.is_closed or data

    async def drain(self) -> None: ...

    def close(self) -> None:
        self.is_closed = True

    def is_closing(self) -> bool:
        return self.is_closed

    async def wait_closed(self) -> None: ...


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass
        return
    if scope["type"] == "http":
        while (message := await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-path", scope["raw_path"])]})
        await send({"type": "http.response.body", "body": message.get("body", b"")})


async def connect(seed: int, faults: list[Any]) -> None:
    """One connection: `init`, then changed frames in pieces, then the end."""
    dice = random.Random(seed)
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
    manifest = Manifest(id="acme", name="Acme", version="1", icon="box")
    process = PluginProcess(app, manifest, Bundle(None), LogQueue())
    reader: Any = asyncio.StreamReader()
    features = dice.choice([[], ["stream"], ["stream", "websocket"]])
    stream = encode(Message("lifecycle", {"action": "init", "protocol": 2, "features": features}, "i"))
    reader.feed_data(stream)
    serving = asyncio.create_task(process._serve(reader, Writer()))  # type: ignore[arg-type]
    for _ in range(4):
        await asyncio.sleep(0)
    for _ in range(dice.randrange(8)):
        payload = dice.choice(DATA if dice.random() < 0.2 else FRAMES)
        frame = framed(payload if dice.random() < 0.3 else changed(dice, payload) or b"{")
        cut = dice.randrange(len(frame))
        for piece in (frame[:cut], frame[cut:]):
            reader.feed_data(piece)
            await asyncio.sleep(0)
    reader.feed_eof()
    await asyncio.wait_for(serving, 30)


def test_a_connection_answers_changed_frames_or_ends() -> None:
    for seed in range(SEED, SEED + 400 * TIMES):
        faults: list[Any] = []
        try:
            asyncio.run(connect(seed, faults))
        except Exception as error:
            raise AssertionError(f"seed {seed}") from error
        assert faults == [], f"seed {seed}"
