"""Starlette and FastAPI applications are plugins as they are."""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import start

from toru_plugin.testing import Answer, RequestFailed, RunningPlugin, Socket, StreamedAnswer

HOST = {"host": "panel.example"}


@pytest.fixture(name="star", scope="module")
def starlette_plugin() -> Iterator[RunningPlugin]:
    with start("starlette_app.py") as plugin:
        yield plugin


@pytest.fixture(name="fast", scope="module")
def fastapi_plugin() -> Iterator[RunningPlugin]:
    with start("fastapi_app.py") as plugin:
        yield plugin


def test_starlette_sees_its_paths_and_makes_urls_that_the_browser_can_ask_for(star: RunningPlugin) -> None:
    assert star.get("/certificate/example.org?x=1", headers=HOST, role="user").json() == {
        "name": "example.org",
        "url": "http://panel.example/plugins/acme/certificate/example.org?x=1",
        "list": "http://panel.example/plugins/acme/",
        "inner": "http://panel.example/plugins/acme/inner/leaf",
        "greeting": "hello from lifespan",
        "user": ["ada", "user"],
    }
    assert star.get("/inner/leaf").text() == "/plugins/acme/inner/leaf"


@pytest.mark.parametrize("path", ["/acme", "/acme/", "/acme?x=1", "/"])
def test_starlette_has_a_root(star: RunningPlugin, path: str) -> None:
    reply = star.ask("http", {"method": "GET", "path": path, "headers": {}, "body": None})
    assert (reply["status"], reply["headers"]["set-cookie"]) == (200, "a=1")


def test_starlette_stores_sets_cookies_and_streams(star: RunningPlugin) -> None:
    assert star.post("/", body={"name": "Zoë"}).text() == "Zoë"
    answer = star.get("/cookies", headers=HOST)
    assert (answer.status, answer.headers["location"]) == (307, "http://panel.example/plugins/acme/")
    assert isinstance(answer.headers["set-cookie"], list)
    assert len(answer.headers["set-cookie"]) == 2
    assert star.get("/stream").text() == "abc"
    assert star.get("/static/raw.py").body == (Path(__file__).parent / "plugins" / "raw.py").read_bytes()
    assert star.get("/nothing").status == 404


def test_starlette_works_on_in_the_background(star: RunningPlugin) -> None:
    assert star.get("/later").text() == "soon"
    star.wait_for(lambda: star.store.get("later") == "done")


def test_what_starlette_lets_through_is_logged_once_with_its_trace(star: RunningPlugin) -> None:
    # Starlette answers 500 by itself and then raises: the answer stands.
    try:
        assert star.get("/fails").status == 500
    except RequestFailed as error:
        pytest.fail(str(error))
    found = star.wait_for(lambda: [log for log in star.logs if "a secret" in str(log)])
    assert len(found) == 1
    assert "GET /acme/fails failed" in found[0]["message"]


def test_fastapi_checks_bodies_and_users_and_stores(fast: RunningPlugin) -> None:
    assert fast.post("/hosts", body={"name": "a.example"}).json() == {"added": "a.example", "by": "ada"}
    assert json.loads(fast.store["host:a.example"]) == {"name": "a.example", "port": 443}
    assert fast.get("/hosts").json() == ["host:a.example"]
    assert fast.post("/hosts", body={"name": "b"}, role="user").status == 403
    assert fast.post("/hosts", body={"port": "many"}).status == 422
    assert fast.get("/in-a-thread?limit=7").json() == 7
    assert fast.get("/openapi.json").json()["servers"] == [{"url": "/plugins/fast"}]


def test_starlette_reads_an_upload_while_it_comes(star: RunningPlugin) -> None:
    body = os.urandom(5 * 1024 * 1024)
    assert star.post("/upload", body=body).text() == hashlib.sha256(body).hexdigest()
    assert star.post("/upload", body=b"small").text() == hashlib.sha256(b"small").hexdigest()
    assert star.post("/whole", body=body).text() == str(len(body))


def test_starlette_is_told_that_an_upload_was_cut(star: RunningPlugin) -> None:
    stream = star.streams.open()
    star.send("http", {"method": "POST", "path": "/acme/upload", "headers": {}, "stream": stream.number}, "cut")
    stream.send(b"some of it")
    stream.end(is_aborted=True)
    assert star.reply("cut")["status"] == 500  # Starlette's own; nobody waits for it
    assert "upload was cut" in star.get("/notes").json()


def test_starlette_streams_large_answers_no_faster_than_they_are_taken(star: RunningPlugin) -> None:
    answer = star.get("/numbers?count=2000")
    assert answer.body == b"".join(number.to_bytes(4, "big") * 1000 for number in range(2000))


def test_starlette_sends_events_as_they_come_and_ends_with_its_reader(star: RunningPlugin) -> None:
    answer = star.open("GET", "/events")
    assert isinstance(answer, StreamedAnswer)
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    pieces = iter(answer.stream)
    assert [next(pieces) for _ in range(3)] == [b"data: 0\n\n", b"data: 1\n\n", b"data: 2\n\n"]
    answer.stream.stop()
    star.wait_for(lambda: {"events cancelled", "events tidied up"} <= {*star.get("/notes").json()})


def test_starlette_talks_on_a_websocket(star: RunningPlugin) -> None:
    socket = star.websocket("/talk?x=1", protocols=["chat", "other"], headers=HOST)
    assert isinstance(socket, Socket)
    assert socket.protocol == "chat"
    hello = socket.receive()
    assert json.loads(hello or "") == {"url": "ws://panel.example/plugins/acme/talk?x=1", "user": "ada"}
    socket.send("hello")
    assert socket.receive() == "HELLO"
    socket.close()
    star.wait_for(lambda: "talk is over" in star.get("/notes").json())
    assert (socket.receive(), socket.close_code) == (None, 1000)


def test_starlette_notices_at_sending_that_the_client_is_gone(star: RunningPlugin) -> None:
    socket = star.websocket("/feed")
    assert isinstance(socket, Socket)
    assert socket.receive() == bytes(1000)
    socket.close()
    star.wait_for(lambda: "feed disconnected with 1006" in star.get("/notes").json())


def test_starlette_refuses_a_websocket_by_an_ordinary_answer(star: RunningPlugin) -> None:
    answer = star.websocket("/talk?refuse=1")
    assert isinstance(answer, Answer)
    assert (answer.status, answer.text()) == (401, "who are you?")


def test_fastapi_talks_on_a_websocket_and_its_end_is_no_error(fast: RunningPlugin) -> None:
    socket = fast.websocket("/talk/zoe")
    assert isinstance(socket, Socket)
    socket.send("hello")
    assert socket.receive() == "zoe: hello"
    socket.close()
    fast.wait_for(lambda: any("ended with its client" in log["message"] for log in fast.logs))
    assert not [log for log in fast.logs if log["level"] == "error"]
