"""What goes over the connection, case by case."""

import time
from typing import Any

import pytest
from running import start

from toru_plugin._codec import Message, encode
from toru_plugin.testing import RequestFailed, RunningPlugin

NOTES: dict[str, Any] = {"method": "GET", "path": "/notes", "headers": {}, "body": None}


def send(plugin: RunningPlugin, path: str, request_id: str) -> None:
    plugin.send("http", {"method": "GET", "path": path, "headers": {}, "body": None}, request_id)


def ping(plugin: RunningPlugin) -> None:
    """What is sent after the pong finds begun what was sent before."""
    assert plugin.ask("lifecycle", {"action": "ping"}) == {"action": "pong"}


def test_frames_may_come_in_any_pieces() -> None:
    with start() as plugin:
        for byte in encode(Message("http", NOTES, "slow")):
            plugin.send_bytes(bytes([byte]))
        assert plugin.reply("slow")["status"] == 200
        plugin.send_bytes(b"".join(encode(Message("http", NOTES, f"n{n}")) for n in range(50)))
        for n in range(50):
            assert plugin.reply(f"n{n}")["status"] == 200


@pytest.mark.parametrize("sent", [b"\0\0\0\0", b"\0\0\0\2[]", b"GET / HTTP/1.1\r\n\r\n", b"\0\0\0\2{}"])
def test_after_a_breach_it_hangs_up_and_serves_the_next_connection(sent: bytes) -> None:
    with start() as plugin:
        plugin.send_bytes(sent)
        plugin.wait_for(lambda: "the host broke the protocol (" in plugin.stderr)
        plugin.connect()
        plugin.init()
        assert plugin.get("/notes").status == 200


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"action": "init", "protocol": 3}, "unsupported_protocol"),
        ({"action": "init"}, "unsupported_protocol"),
        ({"action": "dance"}, "unsupported"),
    ],
)
def test_an_unknown_lifecycle_request_is_refused_and_changes_nothing(payload: dict[str, object], code: str) -> None:
    with start() as plugin:
        plugin.connect()
        assert plugin.ask("lifecycle", payload)["error"]["code"] == code
        assert plugin.init()["action"] == "ready"


def test_what_comes_before_init_is_refused() -> None:
    with start() as plugin:
        plugin.connect()
        assert plugin.ask("http", NOTES)["error"]["code"] == "not_ready"
        ping(plugin)


def test_a_kv_request_of_the_host_is_refused() -> None:
    with start() as plugin:
        plugin.send("kv", {"action": "get", "key": "a"}, "k")
        assert plugin.reply("k")["error"]["code"] == "unsupported"


def test_messages_that_nothing_follows_from_are_ignored() -> None:
    with start() as plugin:
        plugin.send("kv", {"value": "late"}, "p-77")
        plugin.send("kv", {"value": "nobody's"}, "")
        plugin.send("http", {"cancel": True}, "unknown")
        plugin.send("http", {"status": 200, "headers": {}, "body": None}, "x")
        plugin.send("http", {"error": {"code": "a", "message": "b"}}, "x")
        plugin.send("lifecycle", {"action": "pong"}, "x")
        plugin.send("lifecycle", {"error": {"code": "a", "message": "b"}}, "x")
        plugin.send("log", {"level": "info", "message": "from the host"}, "")
        plugin.send("lifecycle", {"action": "init", "type": "lifecycle"}, "")
        ping(plugin)
        assert not [message for message in plugin.received if message.request_id == "x"]


def test_many_requests_are_at_work_at_once_and_ping_is_answered_meanwhile() -> None:
    with start() as plugin:
        for n in range(100):
            send(plugin, "/acme/hold", f"h{n}")
        ping(plugin)
        assert plugin.get("/release").status == 200
        for n in range(100):
            assert plugin.reply(f"h{n}")["body"] == '"released"'


def test_over_the_limit_of_requests_in_flight_the_answer_is_busy() -> None:
    with start() as plugin:
        plugin.send_bytes(
            b"".join(
                encode(Message("http", {"method": "GET", "path": "/hold", "headers": {}, "body": None}, f"h{n}"))
                for n in range(1025)
            )
        )
        assert plugin.reply("h1024")["error"]["code"] == "busy"
        plugin.send("http", {"cancel": True}, "h7")
        ping(plugin)
        assert plugin.get("/release").status == 200
        assert plugin.reply("h1023")["status"] == 200


def test_cancel_reaches_the_handler_as_cancelled_error_and_as_disconnect() -> None:
    with start() as plugin:
        send(plugin, "/hold", "c")
        ping(plugin)
        plugin.send("http", {"cancel": True}, "c")
        ping(plugin)
        assert plugin.get("/notes").json()[:3] == ["cancelled", "http.request", "http.disconnect"]
        send(plugin, "/notes", "c")  # the id is free again
        assert plugin.reply("c")["status"] == 200
        assert len([message for message in plugin.received if message.request_id == "c"]) == 1


def test_a_handler_that_answers_although_cancelled_sends_nothing() -> None:
    with start() as plugin:
        send(plugin, "/stubborn", "c")
        ping(plugin)
        plugin.send("http", {"cancel": True}, "c")
        ping(plugin)
        assert plugin.get("/notes").json()[0] == "answered although cancelled"
        assert not [message for message in plugin.received if message.request_id == "c"]


def test_a_cancel_that_comes_behind_the_answer_changes_nothing() -> None:
    with start() as plugin:
        send(plugin, "/after", "late")
        assert plugin.reply("late")["status"] == 200
        plugin.send("http", {"cancel": True}, "late")
        assert plugin.get("/release").status == 200
        plugin.wait_for(lambda: "worked on after the answer" in plugin.get("/notes").json())


def test_an_id_that_is_in_use_does_not_disturb_the_request_that_has_it() -> None:
    with start() as plugin:
        send(plugin, "/hold", "twice")
        send(plugin, "/notes", "twice")
        plugin.wait_for(lambda: any("'twice' is in use" in log["message"] for log in plugin.logs))
        assert plugin.get("/release").status == 200
        assert plugin.reply("twice")["body"] == '"released"'


def test_requests_end_with_their_connection() -> None:
    with start() as plugin:
        send(plugin, "/hold", "lost")
        ping(plugin)
        plugin.connect()
        plugin.init()
        plugin.wait_for(lambda: "cancelled" in plugin.get("/notes").json())


@pytest.mark.parametrize(
    ("path", "code", "logged"),
    [
        ("/raise", "internal", "RuntimeError: the secret is 1234"),
        ("/cancel-inside", "internal", "CancelledError"),
        ("/bad-status", "internal", "status 99"),
        ("/half", "internal", "before its response was complete"),
        ("/nothing", "internal", "before its response was complete"),
        ("/large", "too_large", None),
        ("/very-large", "too_large", None),
        ("/large-head", "too_large", None),
    ],
)
@pytest.mark.parametrize("features", [(), ("stream", "websocket")])
def test_a_failing_handler_is_an_error_reply_and_a_line_in_the_log(
    path: str, code: str, logged: str | None, features: tuple[str, ...]
) -> None:
    if features and path in ("/large", "/very-large"):
        path = "/large-head-of-a-stream"
    with start(features=features) as plugin:
        with pytest.raises(RequestFailed) as caught:
            plugin.get(path)
        assert caught.value.code == code
        assert "secret" not in str(caught.value)
        wanted = logged or "the answer is too large"
        found = plugin.wait_for(lambda: [log for log in plugin.logs if wanted in str(log) and log["level"] == "error"])
        assert path in found[0]["message"]
        assert plugin.get("/notes").status == 200


def test_what_an_application_does_after_its_answer_does_not_hold_it_up() -> None:
    with start() as plugin:
        assert plugin.get("/after").json() == "answered"
        assert plugin.get("/release").status == 200
        plugin.wait_for(lambda: "worked on after the answer" in plugin.get("/notes").json())
        assert plugin.get("/twice").text() == "first"
        plugin.wait_for(lambda: any("out of order" in str(log) for log in plugin.logs))


@pytest.mark.parametrize(
    "payload",
    [
        {"method": 7, "path": "/x"},
        {"method": "GET"},
        {"method": "GET", "path": "/x", "headers": []},
        {"method": "GET", "path": "/x", "headers": {"a": 1}},
        {"method": "GET", "path": "/x", "body": {}},
        {"method": "GET", "path": "/x", "body_base64": "?"},
    ],
)
def test_an_http_request_that_is_none_is_refused(payload: dict[str, object]) -> None:
    with start() as plugin:
        assert plugin.ask("http", payload)["error"]["code"] == "invalid_request"


def test_a_host_that_is_slow_to_read_holds_up_no_ping() -> None:
    with start(features=()) as plugin:
        body = "x" * (8 * 1024 * 1024)
        for n in range(4):
            plugin.send("http", {"method": "POST", "path": "/echo", "headers": {}, "body": body}, f"big{n}")
        began = time.monotonic()
        ping(plugin)
        assert time.monotonic() - began < 10
        for n in range(4):
            assert len(plugin.reply(f"big{n}")["body"]) == len(body)
