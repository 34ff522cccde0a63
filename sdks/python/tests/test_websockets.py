"""WebSockets as an ASGI application sees them."""

from collections.abc import Iterator

import pytest
from running import start

from toru_plugin._data_frame import WINDOW_BYTES
from toru_plugin.testing import LIMIT_SECONDS, Answer, RequestFailed, RunningPlugin, Socket


@pytest.fixture(name="plugin")
def running_plugin() -> Iterator[RunningPlugin]:
    with start("streams.py") as plugin:
        yield plugin


def connect(plugin: RunningPlugin, path: str, *protocols: str) -> Socket:
    socket = plugin.websocket(path, protocols=protocols)
    assert isinstance(socket, Socket)
    return socket


def is_noted(plugin: RunningPlugin, note: str) -> bool:
    return note in plugin.get("/notes").json()


def test_messages_go_both_ways_text_as_text_and_bytes_as_bytes(plugin: RunningPlugin) -> None:
    socket = connect(plugin, "/talk")
    messages: list[str | bytes] = ["žółw 🐢", b"\x00\xff\x80", "", b"", "x" * 128 * 1024, bytes(128 * 1024)]
    for message in messages:
        socket.send(message)
    assert [socket.receive() for _ in messages] == messages
    assert socket.close_code is None


@pytest.mark.parametrize(("offered", "chosen"), [((), None), (("chat", "superchat"), "superchat")])
def test_the_plugin_chooses_among_the_protocols(
    plugin: RunningPlugin, offered: tuple[str, ...], chosen: str | None
) -> None:
    assert connect(plugin, "/talk", *offered).protocol == chosen


def test_the_scheme_is_that_of_websockets(plugin: RunningPlugin) -> None:
    for forwarded, scheme in (("http", "ws"), ("https", "wss")):
        request = {"method": "GET", "path": "/talk", "headers": {"x-forwarded-proto": forwarded}}
        stream = plugin.streams.open()
        reply = plugin.ask("http", {**request, "upgrade": "websocket", "stream": stream.number})
        assert (reply["status"], reply["headers"]) == (101, {"x-scheme": scheme})


@pytest.mark.parametrize(("word", "code"), [("close", 1000), ("return", 1000), ("fail", 1011), ("raise", 1011)])
def test_the_plugin_closes_it(plugin: RunningPlugin, word: str, code: int) -> None:
    socket = connect(plugin, "/talk")
    socket.send(word)
    assert socket.receive() is None
    assert socket.close_code == code
    plugin.wait_for(lambda: word != "raise" or any("the talk is over" in str(log) for log in plugin.logs))
    assert word != "close" or is_noted(plugin, "closed, then 1000")
    assert word != "fail" or is_noted(plugin, "closed, then 1011")


def test_a_client_that_leaves_is_a_disconnect(plugin: RunningPlugin) -> None:
    socket = connect(plugin, "/talk")
    socket.send("last")
    assert socket.receive() == "last"
    socket.close()
    plugin.wait_for(lambda: is_noted(plugin, "gone with 1005"))
    plugin.wait_for(lambda: socket.close_code == 1000)
    assert not [log for log in plugin.logs if log["level"] == "error"]


def test_what_a_client_sent_before_it_left_is_read(plugin: RunningPlugin) -> None:
    socket = connect(plugin, "/late?seconds=0.2")
    for message in ("a", "b", "c"):
        socket.send(message)
    socket.close()
    plugin.wait_for(lambda: plugin.get("/notes").json() == ["late a", "late b", "late c"])


def test_an_application_that_does_not_end_with_its_client_is_cancelled() -> None:
    with start("streams.py", env={"CLEANUP_SECONDS": "0.2"}) as plugin:
        socket = connect(plugin, "/deaf")
        socket.close()
        plugin.wait_for(lambda: is_noted(plugin, "deaf cancelled"))
        assert socket.close_code == 1000


def test_a_message_that_is_too_long_is_the_applications_fault(plugin: RunningPlugin) -> None:
    socket = connect(plugin, "/talk")
    socket.send("large")
    assert socket.receive() is None
    assert socket.close_code == 1011
    plugin.wait_for(lambda: any("allowed are 131072" in str(log) for log in plugin.logs))


def test_a_flood_is_no_faster_than_its_reader(plugin: RunningPlugin) -> None:
    plugin.grants_at_once = False
    socket = connect(plugin, "/flood?count=2000")
    plugin.wait_for(lambda: is_noted(plugin, "flooded 200"))
    assert not is_noted(plugin, "flooded 300")  # 262 messages of 1000 bytes fill the window
    plugin.grants_at_once = True
    socket._receiving.grant()
    assert [socket.receive() for _ in range(2000)] == [number.to_bytes(4, "big") * 250 for number in range(2000)]
    assert (socket.receive(), socket.close_code) == (None, 1000)


def test_a_sender_whose_client_leaves_is_told_and_leaves_no_error(plugin: RunningPlugin) -> None:
    plugin.grants_at_once = False
    socket = connect(plugin, "/flood?count=2000")
    plugin.wait_for(lambda: is_noted(plugin, "flooded 200"))
    socket.close()
    plugin.wait_for(lambda: is_noted(plugin, "flood ended with its client"))
    assert not [log for log in plugin.logs if log["level"] == "error"]


def test_what_is_not_taken_is_not_granted(plugin: RunningPlugin) -> None:
    socket = connect(plugin, "/deaf")
    for _ in range(4):
        socket.send(bytes(WINDOW_BYTES // 4))
    assert plugin.ask("lifecycle", {"action": "ping"}) == {"action": "pong"}
    other = connect(plugin, "/talk")
    other.send("hello")
    assert other.receive() == "hello"
    assert socket._sending.credit == 0


def test_empty_messages_that_nobody_takes_are_bounded(plugin: RunningPlugin) -> None:
    socket = connect(plugin, "/deaf")
    empty = b"\0\0\0\x06\0\x02" + socket._sending.number.to_bytes(4, "big")
    for _ in range(260):
        plugin.send_bytes(empty * 1024)
    plugin.wait_for(lambda: socket._sending.is_stopped)
    plugin.wait_for(lambda: socket.close_code == 1000)


def test_a_lost_connection_cancels_the_application(plugin: RunningPlugin) -> None:
    connect(plugin, "/deaf")
    plugin.connect()
    plugin.init()
    plugin.wait_for(lambda: is_noted(plugin, "deaf cancelled"))


@pytest.mark.parametrize(("path", "status", "body"), [("/refuse", 403, b""), ("/deny", 401, b"who are you?")])
def test_a_refused_websocket_is_an_ordinary_answer(plugin: RunningPlugin, path: str, status: int, body: bytes) -> None:
    stream = plugin.streams.open()
    request = {"method": "GET", "path": path, "headers": {}, "upgrade": "websocket", "stream": stream.number}
    reply = plugin.ask("http", request)
    assert reply["status"] == status
    if "stream" in reply:
        assert plugin.streams.of_plugin(reply["stream"]).read() == body
    plugin.wait_for(lambda: stream.is_stopped)


def test_an_application_that_does_neither_has_failed(plugin: RunningPlugin) -> None:
    with pytest.raises(RequestFailed, match="internal"):
        plugin.websocket("/nothing")


def test_a_websocket_without_a_stream_is_refused(plugin: RunningPlugin) -> None:
    request = {"method": "GET", "path": "/talk", "headers": {}, "upgrade": "websocket"}
    assert plugin.ask("http", request)["error"]["code"] == "invalid_request"


def test_at_the_end_websockets_have_the_grace_and_are_then_closed_as_failed(plugin: RunningPlugin) -> None:
    socket, deaf = connect(plugin, "/talk"), connect(plugin, "/deaf")
    plugin.send("lifecycle", {"action": "shutdown", "grace_ms": 500}, "")
    socket.send("still there?")
    assert socket.receive() == "still there?"
    assert (socket.receive(), socket.close_code) == (None, 1011)
    assert (deaf.receive(), deaf.close_code) == (None, 1011)
    assert plugin.process.wait(LIMIT_SECONDS) == 0


def test_a_framework_without_a_websocket_there_refuses_it() -> None:
    with start("starlette_app.py") as plugin:
        answer = plugin.websocket("/no-such")
        assert isinstance(answer, Answer)
        assert answer.status in (403, 404)
