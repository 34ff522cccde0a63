"""The decorator style."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from running import start

from toru_plugin import HttpError, Plugin
from toru_plugin.testing import Answer, RequestFailed, RunningPlugin, Socket, StreamedAnswer


@pytest.fixture(name="plugin", scope="module")
def running_plugin() -> Iterator[RunningPlugin]:
    with start("decorated.py") as plugin:
        yield plugin


@pytest.mark.parametrize(
    ("method", "path", "status", "content_type", "body"),
    [
        ("GET", "/text", 200, "text/plain; charset=utf-8", "é".encode()),
        ("GET", "/bytes", 200, "application/octet-stream", b"\xff\x00"),
        ("GET", "/list", 200, "application/json", b"[1, 2]"),
        ("DELETE", "/nothing", 204, None, b""),
        ("GET", "/response", 201, "application/x", b'{"a": 1}'),
        ("HEAD", "/text", 200, "text/plain; charset=utf-8", b""),
    ],
)
def test_what_a_handler_returns_is_the_answer(
    plugin: RunningPlugin, method: str, path: str, status: int, content_type: str | None, body: bytes
) -> None:
    answer = plugin.request(method, path)
    assert (answer.status, answer.headers.get("content-type"), answer.body) == (status, content_type, body)


def test_headers_may_have_several_values(plugin: RunningPlugin) -> None:
    assert plugin.get("/response").headers["x-tag"] == ["a", "b"]


def test_a_name_in_a_path_is_one_segment(plugin: RunningPlugin) -> None:
    answer = plugin.get("/disks/sd%20a/folders/%C3%A9")
    assert answer.json() == {"params": {"name": "sd a", "folder": "é"}, "path": "/disks/sd a/folders/é"}
    assert plugin.get("/disks/a/b/folders/c").status == 404


def test_a_request_says_what_was_asked_and_by_whom(plugin: RunningPlugin) -> None:
    answer = plugin.request(
        "PUT", "/request?a=1&a=2&b=", body={"n": [1]}, user="Zoë", role="user", headers={"x-tag": "t"}
    )
    assert answer.json() == {
        "method": "PUT",
        "query": {"a": "2", "b": ""},
        "fields": [["a", "1"], ["a", "2"], ["b", ""]],
        "json": {"n": [1]},
        "user": ["Zoë", "user"],
        "is_admin": False,
        "tag": "t",
    }
    nobody = {"method": "POST", "path": "/request", "headers": {"x-tag": ["a", "b"]}, "body": "1"}
    reply = plugin.ask("http", nobody)
    assert '"user": null' in reply["body"]
    assert '"tag": "a, b"' in reply["body"]


@pytest.mark.parametrize("user", ["ada", "Zoë", "Łukasz", "名前"])
def test_names_of_users_arrive_as_they_are(plugin: RunningPlugin, user: str) -> None:
    assert plugin.post("/request", body=1, user=user).json()["user"] == [user, "admin"]


@pytest.mark.parametrize("body", [b"{", b"\xff", "[" * 100_000, ""])
def test_a_body_that_is_no_json_is_the_clients_fault(plugin: RunningPlugin, body: Any) -> None:
    answer = plugin.post("/request", body=body)
    assert (answer.status, answer.json()["title"]) == (400, "Bad Request")


def test_http_errors_are_problem_documents(plugin: RunningPlugin) -> None:
    answer = plugin.get("/admin", role="user")
    assert answer.json() == {"title": "Forbidden", "status": 403, "detail": "only an admin may look here"}
    assert (answer.headers["content-type"], answer.headers["x-why"]) == ("application/problem+json", "role")
    assert plugin.get("/admin", role="admin").text() == "welcome"
    assert plugin.get("/admin", role="emperor").status == 403
    answer = plugin.post("/text")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
    with pytest.raises(ValueError, match="400 to 599"):
        HttpError(200, "fine")


def test_plain_functions_run_in_threads_and_hold_up_nobody() -> None:
    with start("decorated.py") as plugin:
        for n in range(40):  # more than there are threads
            plugin.send("http", {"method": "GET", "path": "/slow", "headers": {}, "body": None}, f"s{n}")
        assert plugin.ask("lifecycle", {"action": "ping"}) == {"action": "pong"}
        assert plugin.get("/release").text() == "released"
        for n in range(40):
            assert plugin.reply(f"s{n}")["body"] == "at last"


def test_ping_is_answered_while_a_plain_function_computes() -> None:
    with start("decorated.py") as plugin:
        plugin.send("http", {"method": "GET", "path": "/compute", "headers": {}, "body": None}, "c")
        for _ in range(3):
            assert plugin.ask("lifecycle", {"action": "ping"}) == {"action": "pong"}
        assert plugin.get("/release").text() == "released"
        assert plugin.reply("c")["status"] == 200


def test_cancel_reaches_an_async_handler() -> None:
    with start("decorated.py") as plugin:
        plugin.send("http", {"method": "GET", "path": "/cancel", "headers": {}, "body": None}, "c")
        plugin.get("/text")
        plugin.send("http", {"cancel": True}, "c")
        plugin.wait_for(lambda: "cancelled" in plugin.get("/").json()["events"])


def test_startup_background_and_shutdown_run_in_their_time(tmp_path: Path) -> None:
    last_words = tmp_path / "last-words"
    with start("decorated.py", env={"LAST_WORDS": str(last_words)}) as plugin:
        plugin.wait_for(lambda: plugin.store.get("watch") == "began")
        plugin.wait_for(lambda: any("RuntimeError: stumbled" in log.get("error", "") for log in plugin.logs))
        assert plugin.get("/").json() == {"events": ["startup"]}
        assert plugin.stop() == 0
        plugin.wait_for(lambda: any("stumbled at the end" in log.get("error", "") for log in plugin.logs))
    assert last_words.read_text() == "startup, watch ended"


def test_a_startup_that_raises_is_told_with_its_trace() -> None:
    with pytest.raises(RequestFailed, match="OSError: no disk is left"):
        start("decorated.py", env={"STARTUP": "fail"})


def test_a_path_starts_with_a_slash() -> None:
    plugin = Plugin(id="a", name="A", version="1", icon="box")
    with pytest.raises(ValueError, match="starts with a slash"):
        plugin.get("disks")


def test_a_handler_reads_a_body_of_any_size_piece_by_piece(plugin: RunningPlugin) -> None:
    for size in (0, 5, 20 * 1024 * 1024):
        assert plugin.post("/upload", body=bytes(size)).json() == size


def test_a_whole_body_has_a_limit(plugin: RunningPlugin) -> None:
    limit = 16 * 1024 * 1024
    assert plugin.post("/upload-whole", body=bytes(limit)).json() == [limit, limit]
    answer = plugin.post("/upload-whole", body=bytes(limit + 1))
    assert (answer.status, answer.json()["title"]) == (413, "Content Too Large")


def test_a_body_that_is_cut_is_an_error_for_the_handler(plugin: RunningPlugin) -> None:
    for path in ("/upload", "/upload-whole"):
        stream = plugin.streams.open()
        plugin.send("http", {"method": "POST", "path": path, "headers": {}, "stream": stream.number}, f"cut {path}")
        stream.send(b"12345")
        stream.end(is_aborted=True)
        assert plugin.reply(f"cut {path}")["error"]["code"] == "aborted"
    assert "aborted after 5" in plugin.get("/").json()["events"]


def test_a_handler_that_takes_a_stream_has_no_whole_body(plugin: RunningPlugin) -> None:
    with pytest.raises(RequestFailed, match="internal"):
        plugin.post("/body-of-a-stream", body="x")
    plugin.wait_for(lambda: any("read request.stream()" in str(log) for log in plugin.logs))


def test_an_async_iterator_is_sent_while_it_is_made(plugin: RunningPlugin) -> None:
    assert plugin.get("/count/50000").text() == "".join(f"{number}\n" for number in range(50_000))
    assert plugin.get("/generator").text() == "ab"
    assert plugin.get("/count/0").status == 400
    assert plugin.request("HEAD", "/count/5").body == b""
    answer = plugin.open("GET", "/events")
    assert isinstance(answer, StreamedAnswer)
    assert (answer.headers["content-type"], next(iter(answer.stream))) == ("text/event-stream", b"data: tick\n\n")
    answer.stream.stop()
    assert answer.stream.read() == b""


def test_the_head_does_not_wait_for_the_first_piece(plugin: RunningPlugin) -> None:
    answer = plugin.open("GET", "/quiet")
    assert isinstance(answer, StreamedAnswer)
    assert answer.status == 201
    answer.stream.stop()


def test_an_iterator_that_fails_cuts_the_answer(plugin: RunningPlugin) -> None:
    with pytest.raises(RequestFailed, match="the answer was cut"):
        plugin.get("/count/13")
    plugin.wait_for(lambda: any("RuntimeError: thirteen" in log.get("error", "") for log in plugin.logs))


def test_an_iterator_ends_with_its_reader() -> None:
    with start("decorated.py") as plugin:
        plugin.grants_at_once = False
        answer = plugin.open("GET", "/count/1000000")
        assert isinstance(answer, StreamedAnswer)
        answer.stream.stop()
        plugin.wait_for(lambda: "count tidied up" in plugin.get("/").json()["events"])


def connect(plugin: RunningPlugin, path: str, *protocols: str) -> Socket:
    socket = plugin.websocket(path, protocols=protocols)
    assert isinstance(socket, Socket)
    return socket


def test_a_websocket_gives_its_messages_and_takes_some(plugin: RunningPlugin) -> None:
    socket = connect(plugin, "/talk/kitchen", "one", "two")
    assert socket.protocol == "two"
    for message in ("żółw", b"\xff", "", b""):
        socket.send(message)
        assert socket.receive() == message
    socket.send("bye")
    assert (socket.receive(), socket.close_code) == (None, 1000)
    socket = connect(plugin, "/talk/kitchen")
    socket.close()
    plugin.wait_for(lambda: "talk ended" in plugin.get("/").json()["events"])


@pytest.mark.parametrize(("word", "logged"), [("raise", "out of words"), ("late refusal", "too late")])
def test_a_websocket_whose_handler_fails_is_closed_as_failed(plugin: RunningPlugin, word: str, logged: str) -> None:
    socket = connect(plugin, "/talk/kitchen")
    socket.send(word)
    assert (socket.receive(), socket.close_code) == (None, 1011)
    plugin.wait_for(lambda: any(logged in log.get("error", "") for log in plugin.logs))


@pytest.mark.parametrize(
    ("path", "role", "status"), [("/talk/a", "user", 403), ("/no", "admin", 404), ("/silent", "admin", 403)]
)
def test_a_websocket_is_refused_by_an_ordinary_answer(plugin: RunningPlugin, path: str, role: str, status: int) -> None:
    answer = plugin.websocket(path, role=role)
    assert isinstance(answer, Answer)
    assert answer.status == status


@pytest.mark.parametrize("seconds", [0, 60])
def test_a_handler_that_only_sends_is_cancelled_with_its_client(seconds: int) -> None:
    with start("decorated.py") as plugin:
        socket = connect(plugin, f"/feed/{seconds}")
        assert socket.receive() == bytes(1000)
        socket.close()
        plugin.wait_for(lambda: "feed cancelled" in plugin.get("/").json()["events"])
        assert socket.close_code == 1000


def test_a_handler_that_receives_learns_by_sending_that_its_client_is_gone(plugin: RunningPlugin) -> None:
    socket = connect(plugin, "/answer-then-feed")
    socket.send("hello")
    assert socket.receive() == "hello"
    socket.close()
    plugin.wait_for(lambda: "feed closed" in plugin.get("/").json()["events"])


def test_a_handler_closes_its_websocket_once(plugin: RunningPlugin) -> None:
    socket = connect(plugin, "/closes")
    assert (socket.receive(), socket.receive(), socket.close_code) == ("last", None, 1000)
    plugin.wait_for(lambda: "the WebSocket is closed" in plugin.get("/").json()["events"])
