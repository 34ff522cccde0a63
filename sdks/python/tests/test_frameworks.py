"""Starlette and FastAPI applications are plugins as they are."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import start

from toru_plugin.testing import RequestFailed, RunningPlugin

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
