"""What an ASGI application sees, and what becomes of its answers."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from running import start

from toru_plugin.testing import RunningPlugin


@pytest.fixture(name="plugin", scope="module")
def running_plugin() -> Any:
    with start() as plugin:
        yield plugin


@pytest.mark.parametrize("path", ["/acme/scope?x=1&y=%20", "/scope?x=1&y=%20"])
def test_the_scope_is_the_same_through_both_paths_of_the_host(plugin: RunningPlugin, path: str) -> None:
    headers = {
        "host": "panel.example",
        "x-forwarded-proto": "https",
        "x-forwarded-for": "192.0.2.7, 10.0.0.1",
        "x": ["1", "2"],
    }
    reply = plugin.ask("http", {"method": "get", "path": path, "headers": headers, "body": None})
    assert json.loads(reply["body"]) == {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "https",
        "path": "/plugins/acme/scope",
        "raw_path": "/plugins/acme/scope",
        "query_string": "x=1&y=%20",
        "root_path": "/plugins/acme",
        "headers": [
            ["host", "panel.example"],
            ["x-forwarded-proto", "https"],
            ["x-forwarded-for", "192.0.2.7, 10.0.0.1"],
            ["x", "1"],
            ["x", "2"],
        ],
        "client": ["192.0.2.7", 0],
        "server": None,
        "extensions": {},
    }


@pytest.mark.parametrize(
    "payload",
    [
        {"body": "text € 😀 \u0000"},
        {"body": "\ufeffwith a byte order mark"},
        {"body": None},
        {"body_base64": base64.b64encode(b"\xff\xfe\x00").decode()},
    ],
)
def test_a_body_comes_back_as_it_was_sent(plugin: RunningPlugin, payload: dict[str, Any]) -> None:
    reply = plugin.ask("http", {"method": "POST", "path": "/acme/echo", "headers": {}, **payload})
    assert reply == {"status": 200, "headers": {}, **payload}


def test_headers_of_one_name_are_a_list(plugin: RunningPlugin) -> None:
    headers = {"x-echo-one": "a", "X-Echo-Two": ["b", "c"], "x-echo-odd": "é"}
    reply = plugin.ask("http", {"method": "GET", "path": "/acme/echo", "headers": headers, "body": None})
    assert reply["headers"] == {"x-echo-one": "a", "x-echo-two": ["b", "c"], "x-echo-odd": "é"}


def test_parts_of_a_body_are_one_answer(plugin: RunningPlugin) -> None:
    assert plugin.get("/parts").text() == "ab"


def test_disconnect_comes_only_when_nobody_waits_any_more(plugin: RunningPlugin) -> None:
    plugin.send("http", {"method": "GET", "path": "/wait-for-disconnect", "headers": {}, "body": None}, "w")
    plugin.ask("lifecycle", {"action": "ping"})
    assert "then http.disconnect" not in plugin.get("/notes").json()
    plugin.send("http", {"cancel": True}, "w")


BUNDLE: dict[str, Any] = {"method": "GET", "path": "/bundle.js", "headers": {}, "body": None}


def test_the_bundle_is_answered_for_exactly_its_path(tmp_path: Path) -> None:
    bundle = tmp_path / "page.js"
    bundle.write_text("window.ToruPlugins.raw = {} // é", "utf-8")
    with start(env={"BUNDLE": str(bundle)}) as plugin:
        reply = plugin.ask("http", BUNDLE)
        assert (reply["status"], reply["body"]) == (200, "window.ToruPlugins.raw = {} // é")
        assert reply["headers"] == {"content-type": "text/javascript; charset=utf-8"}
        for other in ({"path": "/acme/bundle.js"}, {"method": "POST"}):
            assert plugin.ask("http", {**BUNDLE, **other})["body"] == "the app saw it"


def test_without_a_bundle_the_application_is_asked(plugin: RunningPlugin) -> None:
    assert plugin.ask("http", BUNDLE)["status"] == 404


def test_a_bundle_that_cannot_be_read_is_told_in_the_log() -> None:
    with start(env={"BUNDLE": "/no/such/page.js"}) as plugin:
        assert plugin.ask("http", BUNDLE)["error"]["code"] == "internal"
        plugin.wait_for(lambda: any("/no/such/page.js" in str(log) for log in plugin.logs))
