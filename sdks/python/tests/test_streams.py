"""Bodies that are streams, in both directions, as an ASGI application sees them."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from running import start

from toru_plugin._codec import Message, encode
from toru_plugin._data_frame import WINDOW_BYTES, DataFrame, encode_data
from toru_plugin.testing import LIMIT_SECONDS, Answer, RequestFailed, RunningPlugin, StreamedAnswer

MIB = 1024 * 1024


@pytest.fixture(name="plugin")
def running_plugin() -> Iterator[RunningPlugin]:
    with start("streams.py") as plugin:
        yield plugin


def begin(plugin: RunningPlugin, path: str, request_id: str, stream: int) -> None:
    plugin.send("http", {"method": "POST", "path": path, "headers": {}, "stream": stream}, request_id)


def ping(plugin: RunningPlugin) -> None:
    assert plugin.ask("lifecycle", {"action": "ping"}) == {"action": "pong"}


def is_noted(plugin: RunningPlugin, note: str) -> bool:
    return note in plugin.get("/notes").json()


def opened(plugin: RunningPlugin, path: str) -> StreamedAnswer:
    answer = plugin.open("GET", path)
    assert isinstance(answer, StreamedAnswer)
    return answer


def memory_bytes(plugin: RunningPlugin) -> int:
    pages = int(Path(f"/proc/{plugin.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize("offered", [[], ["stream"], ["websocket"], ["new", "websocket", "stream"], None, "stream"])
def test_it_takes_up_what_is_offered_and_known(plugin: RunningPlugin, offered: Any) -> None:
    plugin.connect()
    reply = plugin.ask("lifecycle", {"action": "init", "protocol": 2, "features": offered})
    known = [name for name in ("stream", "websocket") if isinstance(offered, list) and name in offered]
    assert reply == {"action": "ready", "features": known if "stream" in known else []}


@pytest.mark.parametrize(("size", "is_streamed"), [(0, False), (5, False), (64 * 1024, False), (3 * MIB + 7, True)])
def test_a_body_is_the_same_inline_and_as_a_stream(plugin: RunningPlugin, size: int, is_streamed: bool) -> None:
    body = os.urandom(size)
    sha256 = hashlib.sha256(body).hexdigest()
    assert plugin.post("/digest", body=body).json() == {"bytes": size, "sha256": sha256, "streamed": is_streamed}


def test_request_and_answer_run_at_the_same_time(plugin: RunningPlugin) -> None:
    body = os.urandom(2 * MIB)
    assert plugin.post("/echo", body=body).body == body
    stream = plugin.streams.open()
    begin(plugin, "/echo", "slow", stream.number)
    stream.send(b"first")
    echo = plugin.streams.of_plugin(plugin.reply("slow")["stream"])
    assert next(iter(echo)) == b"first"  # while nothing else was sent
    stream.end()
    assert echo.read() == b""


def test_many_streams_at_once_are_kept_apart(plugin: RunningPlugin) -> None:
    streams = [plugin.streams.open() for _ in range(50)]
    for stream in streams:
        begin(plugin, "/echo", f"r{stream.number}", stream.number)
    for turn in range(3):
        for stream in streams:
            stream.send(f"{stream.number}:{turn} ".encode() * 1000)
    for stream in streams:
        stream.end()
        echoed = plugin.streams.of_plugin(plugin.reply(f"r{stream.number}")["stream"]).read()
        assert echoed == b"".join(f"{stream.number}:{turn} ".encode() * 1000 for turn in range(3))


def test_what_nobody_reads_is_not_granted_and_holds_up_nobody(plugin: RunningPlugin) -> None:
    stream = plugin.streams.open()
    begin(plugin, "/hold", "held", stream.number)
    stream.send(bytes(WINDOW_BYTES))
    ping(plugin)
    assert plugin.post("/digest", body=bytes(MIB)).json()["bytes"] == MIB
    assert (stream.credit, stream.is_stopped) == (0, False)
    plugin.send("http", {"cancel": True}, "held")
    stream.end(is_aborted=True)
    plugin.wait_for(lambda: is_noted(plugin, "hold cancelled, http.disconnect"))


def test_what_is_read_is_granted_in_large_steps(plugin: RunningPlugin) -> None:
    stream = plugin.streams.open()
    begin(plugin, "/digest", "d", stream.number)
    for _ in range(63):
        stream.send(bytes(1024))
        ping(plugin)
    assert stream.credit == WINDOW_BYTES - 63 * 1024
    stream.send(bytes(1024))
    plugin.wait_for(lambda: stream.credit == WINDOW_BYTES)
    stream.end()
    assert plugin.reply("d")["status"] == 200


def test_a_body_that_is_not_wanted_to_its_end_is_stopped(plugin: RunningPlugin) -> None:
    assert plugin.post("/first?bytes=100000", body=bytes(4 * MIB)).json() >= 100_000
    assert plugin.post("/ignore", body=bytes(4 * MIB)).json() == "ignored"
    stream = plugin.streams.open()
    begin(plugin, "/ignore", "i", stream.number)
    plugin.wait_for(lambda: stream.is_stopped)
    stream.end()


def test_an_aborted_body_is_a_disconnect_and_no_fault(plugin: RunningPlugin) -> None:
    stream = plugin.streams.open()
    begin(plugin, "/digest", "cut", stream.number)
    stream.send(b"12345")
    stream.end(is_aborted=True)
    assert plugin.reply("cut")["error"]["code"] == "aborted"
    assert is_noted(plugin, "disconnected after 5")
    found = plugin.wait_for(lambda: [log for log in plugin.logs if "ended with its client" in log["message"]])
    assert found[0]["level"] == "info"
    assert "the body is not all" in found[0]["message"]


def test_a_cancelled_upload_reaches_the_handler(plugin: RunningPlugin) -> None:
    stream = plugin.streams.open()
    begin(plugin, "/digest", "c", stream.number)
    stream.send(b"12345")
    plugin.send("http", {"cancel": True}, "c")
    stream.end(is_aborted=True)
    ping(plugin)
    assert plugin.get("/notes").status == 200
    assert not [message for message in plugin.received if message.request_id == "c"]


def test_more_than_was_granted_ends_the_connection(plugin: RunningPlugin) -> None:
    begin(plugin, "/hold", "h", 1)
    plugin.send_bytes(encode_data(DataFrame(1, bytes(WINDOW_BYTES))) + encode_data(DataFrame(1, b"x")))
    plugin.wait_for(lambda: "the host broke the protocol (stream_window)" in plugin.stderr)
    plugin.connect()
    plugin.init()
    assert is_noted(plugin, "hold cancelled, http.disconnect")


@pytest.mark.parametrize("number", [-1, 2**32, 1.5, "1", None, True])
def test_a_number_that_is_none_ends_the_connection(plugin: RunningPlugin, number: Any) -> None:
    begin(plugin, "/hold", "h", number)
    plugin.wait_for(lambda: "the host broke the protocol (invalid_message)" in plugin.stderr)


def test_a_number_that_is_in_use_ends_the_connection(plugin: RunningPlugin) -> None:
    begin(plugin, "/hold", "h", 4294967295)
    begin(plugin, "/hold", "i", 4294967295)
    plugin.wait_for(lambda: "stream 4294967295 is under way already" in plugin.stderr)


def test_words_on_streams_that_are_none_are_ignored(plugin: RunningPlugin) -> None:
    for payload in ({"credit": 5}, {"stream": 99, "credit": 5}, {"stream": "1", "stop": True}, {"stream": [], "x": 1}):
        plugin.send("http", payload, "")
    plugin.send_bytes(encode_data(DataFrame(99, b"nobody's", is_last=True)))
    answer = opened(plugin, "/endless")
    for credit in (-1, 0, "1", None, 1.5, True):
        plugin.send("http", {"stream": answer.stream.number, "credit": credit}, "")
    plugin.wait_for(lambda: answer.stream.received_bytes > MIB)
    answer.stream.stop()
    plugin.wait_for(lambda: answer.stream.is_ended)


def test_without_the_feature_a_stream_is_refused_and_its_frames_are_a_breach() -> None:
    with start("streams.py", features=()) as plugin:
        begin(plugin, "/digest", "d", 1)
        assert plugin.reply("d")["error"]["code"] == "invalid_request"
        assert plugin.get("/count?bytes=300000").body == bytes(300_000)
        assert plugin.received[-1].payload.get("stream") is None
        plugin.send_bytes(encode_data(DataFrame(1, b"x")))
        plugin.wait_for(lambda: "the host broke the protocol (frame_kind)" in plugin.stderr)


def test_a_refused_request_stops_its_stream(plugin: RunningPlugin) -> None:
    stream = plugin.streams.open()
    plugin.send("http", {"method": "GET", "path": "/hold", "headers": {}, "body": None}, "held")
    plugin.send("lifecycle", {"action": "shutdown", "grace_ms": 5000}, "")
    begin(plugin, "/digest", "late", stream.number)
    assert plugin.reply("late")["error"]["code"] == "stopping"
    plugin.wait_for(lambda: stream.is_stopped)
    plugin.send("http", {"cancel": True}, "held")
    assert plugin.process.wait(LIMIT_SECONDS) == 0


def test_small_answers_stay_inline_and_large_ones_are_streams(plugin: RunningPlugin) -> None:
    assert isinstance(plugin.open("GET", "/at-once?bytes=16384"), Answer)
    large = opened(plugin, f"/at-once?bytes={20 * MIB}")
    assert large.stream.read() == b"x" * (20 * MIB)
    assert plugin.get("/count?bytes=10000000").body == bytes(10_000_000)


def test_no_more_is_sent_than_was_granted_and_nobody_else_waits(plugin: RunningPlugin) -> None:
    plugin.grants_at_once = False
    answer = opened(plugin, "/endless")
    plugin.wait_for(lambda: answer.stream.received_bytes == WINDOW_BYTES)
    ping(plugin)
    assert plugin.get("/notes").status == 200
    assert answer.stream.received_bytes == WINDOW_BYTES
    answer.stream.grant()
    plugin.wait_for(lambda: answer.stream.received_bytes == 2 * WINDOW_BYTES)


def test_a_stop_cancels_the_producer_and_what_it_sends_afterwards_raises(plugin: RunningPlugin) -> None:
    for path, note in (("/endless", "endless cancelled, http.disconnect"), ("/events", "events cancelled")):
        answer = opened(plugin, path)
        next(iter(answer.stream))
        answer.stream.stop()
        plugin.wait_for(lambda: answer.stream.is_ended)  # noqa: B023  asked at once
        assert not answer.stream.is_aborted
        assert is_noted(plugin, note)
    assert is_noted(plugin, "ConnectionResetError")
    assert not [log for log in plugin.logs if log["level"] == "error"]


def test_a_cancel_that_crosses_the_head_of_an_answer_ends_its_stream(plugin: RunningPlugin) -> None:
    plugin.send("http", {"method": "GET", "path": "/events", "headers": {}, "body": None}, "crossed")
    stream = plugin.streams.of_plugin(plugin.reply("crossed")["stream"])
    plugin.send("http", {"cancel": True}, "crossed")
    assert stream.read() == b"data: first\n\n"
    assert stream.is_aborted
    assert is_noted(plugin, "events cancelled")


def test_a_lost_connection_cancels_the_producer(plugin: RunningPlugin) -> None:
    next(iter(opened(plugin, "/events").stream))
    next(iter(opened(plugin, "/endless").stream))
    plugin.connect()
    plugin.init()
    plugin.wait_for(lambda: is_noted(plugin, "events cancelled"))
    # It was at the sending, or at the wait for it.
    plugin.wait_for(lambda: is_noted(plugin, "endless was cut") or is_noted(plugin, "ConnectionResetError"))
    assert "error" not in plugin.stderr


@pytest.mark.parametrize(("path", "logged"), [("/fail", "the disk is gone"), ("/half", "before its response was")])
def test_a_producer_that_fails_aborts_its_stream(plugin: RunningPlugin, path: str, logged: str) -> None:
    answer = opened(plugin, path)
    assert answer.stream.read() == b"some of it"
    assert answer.stream.is_aborted
    found = plugin.wait_for(lambda: [log for log in plugin.logs if logged in str(log) and log["level"] == "error"])
    assert path in found[0]["message"]
    with pytest.raises(RequestFailed, match="cut behind 10 bytes"):
        plugin.get(path)


def test_at_the_end_streams_have_the_grace_and_are_then_aborted(plugin: RunningPlugin) -> None:
    answer = opened(plugin, "/events")
    next(iter(answer.stream))
    stream = plugin.streams.open()
    begin(plugin, "/wait", "w", stream.number)
    waiting = plugin.streams.of_plugin(plugin.reply("w")["stream"])
    plugin.send("lifecycle", {"action": "shutdown", "grace_ms": 500}, "")
    stream.end()
    assert waiting.read() == b"waiting, done"
    assert answer.stream.read() == b""
    assert answer.stream.is_aborted
    assert plugin.process.wait(LIMIT_SECONDS) == 0


def test_a_stream_that_ends_behind_the_shutdown_completes(plugin: RunningPlugin) -> None:
    plugin.grants_at_once = False
    answer = opened(plugin, "/count?bytes=600000")
    plugin.wait_for(lambda: answer.stream.received_bytes == WINDOW_BYTES)
    plugin.send("lifecycle", {"action": "shutdown", "grace_ms": 10_000}, "")
    plugin.grants_at_once = True
    answer.stream.grant()
    assert len(answer.stream.read()) == 600_000
    assert not answer.stream.is_aborted
    assert plugin.process.wait(LIMIT_SECONDS) == 0


def test_memory_does_not_follow_what_passes_through(plugin: RunningPlugin) -> None:
    assert plugin.post("/digest", body=bytes(MIB)).status == 200
    before = memory_bytes(plugin)
    assert plugin.post("/digest", body=bytes(64 * MIB)).json()["bytes"] == 64 * MIB
    answer = opened(plugin, f"/count?bytes={64 * MIB}")
    assert sum(map(len, answer.stream)) == 64 * MIB
    assert memory_bytes(plugin) - before < 16 * MIB


def test_frames_of_streams_may_come_in_any_pieces(plugin: RunningPlugin) -> None:
    request = {"method": "POST", "path": "/digest", "headers": {}, "stream": 9}
    frames = encode(Message("http", request, "bytewise")) + b"".join(
        encode_data(DataFrame(9, data)) for data in (b"", b"one", b"", b"\x00\xff", b"{")
    )
    for byte in frames + encode_data(DataFrame(9, b"end", is_last=True)):
        plugin.send_bytes(bytes([byte]))
    digest = hashlib.sha256(b"one\x00\xff{end").hexdigest()
    assert digest in plugin.reply("bytewise")["body"]
