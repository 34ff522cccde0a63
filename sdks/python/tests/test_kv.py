"""The store at the host."""

from typing import Any

import pytest
from running import SOURCE, command, start

from toru_plugin import KvError, kv
from toru_plugin.testing import LIMIT_SECONDS, RunningPlugin


def ask(plugin: RunningPlugin, *words: Any) -> Any:
    return plugin.post("/kv/", body=list(words)).json()


def test_values_are_stored_read_listed_and_deleted() -> None:
    with start() as plugin:
        assert ask(plugin, "get", "colour") is None
        assert ask(plugin, "set", "colour", "blue 🔵") is None
        assert plugin.store == {"colour": "blue 🔵"}
        assert ask(plugin, "get", "colour") == "blue 🔵"
        assert ask(plugin, "delete", "colour") is None
        assert ask(plugin, "delete", "colour") is None
        assert plugin.store == {}


def test_keys_are_listed_in_pages() -> None:
    with start(store={f"host:{n:04}": "" for n in range(1500)} | {"other": ""}) as plugin:
        assert ask(plugin, "list", "host:", None, 2) == [["host:0000", "host:0001"], True]
        assert ask(plugin, "list", "host:", "host:1498", 2) == [["host:1499"], False]
        assert len(ask(plugin, "keys", "host:")) == 1500
        assert len([m for m in plugin.received if m.payload.get("action") == "list"]) == 4


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["get", ""], "invalid_key"),
        (["get", "é" * 256 + "x"], "invalid_key"),
        (["get", 7], "invalid_key"),
        (["get", "\ud800"], "invalid_key"),
        (["set", "k", "v" * (1024 * 1024 + 1)], "value_too_large"),
        (["set", "k", {"a": 1}], "invalid_request"),
        (["set", "k", "\udc00"], "invalid_request"),
        (["list", "", None, 0], "invalid_request"),
        (["list", "", None, 1001], "invalid_request"),
        (["list", "", None, True], "invalid_request"),
        (["list", 1, None, 1], "invalid_request"),
        (["list", "", 1, 1], "invalid_request"),
    ],
)
def test_what_breaks_a_limit_is_refused_without_asking_the_host(words: list[Any], code: str) -> None:
    with start() as plugin:
        assert ask(plugin, *words)["code"] == code
        assert not [message for message in plugin.received if message.type == "kv"]


def test_the_limits_themselves_pass() -> None:
    with start() as plugin:
        assert ask(plugin, "set", "é" * 256, "v" * 1024 * 1024) is None
        assert len(plugin.store["é" * 256]) == 1024 * 1024


def test_a_refusal_of_the_host_has_its_code_and_message() -> None:
    with start() as plugin:
        plugin.kv_error = ("invalid_key", "no such thing")
        assert ask(plugin, "get", "a") == {"code": "invalid_key", "message": "no such thing"}


def test_a_host_that_does_not_answer_is_a_timeout() -> None:
    with start(env={"KV_SECONDS": "0.1"}) as plugin:
        plugin.kv_is_silent = True
        assert ask(plugin, "get", "a") == {"code": "timeout", "message": "kv get got no answer in time"}


class Silent(RunningPlugin):
    """Its store answers nothing from the start."""

    kv_is_silent = True


def test_what_was_asked_on_a_lost_connection_is_asked_again_on_the_next() -> None:
    def requests() -> int:
        return len([message for message in plugin.received if message.type == "kv"])

    env = {"PYTHONPATH": str(SOURCE), "STARTUP": "kv", "KV_SECONDS": "60"}
    with Silent(command("raw.py"), env=env, store={"a": "b"}) as plugin:
        plugin.wait_for(lambda: requests() == 1)
        plugin.connect()
        plugin.init()
        plugin.wait_for(lambda: requests() == 2)
        plugin.kv_is_silent = False
        plugin.connect()
        plugin.init()
        assert plugin.get("/notes").json() == ["startup got b", "started 1 time(s)"]


def test_startup_can_ask_and_requests_wait_for_its_end() -> None:
    with start(env={"STARTUP": "kv"}, store={"a": "b"}) as plugin:
        assert plugin.received[0].payload == {"action": "ready", "features": ["stream", "websocket"]}
        assert plugin.get("/notes").json() == ["startup got b", "started 1 time(s)"]


def test_a_startup_that_asks_and_then_fails_ends_the_process() -> None:
    with start(env={"STARTUP": "kv"}) as plugin:
        assert plugin.process.wait(LIMIT_SECONDS) == 1
        plugin.wait_for(lambda: any(log["message"] == "startup failed: nothing is stored" for log in plugin.logs))


def test_outside_of_the_host_there_is_no_store() -> None:
    with pytest.raises(KvError) as caught:
        kv.get("a").send(None)
    assert caught.value.code == "disconnected"
