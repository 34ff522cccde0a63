"""Every snippet of the guide is run."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from running import SOURCE

from toru_plugin.testing import Answer, RunningPlugin, Socket, StreamedAnswer

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "plugins-in-python.md").read_text("utf-8")
LIMIT_SECONDS = 60

PYTHON = {re.match(r"# (\S+)\n", code)[1]: code for code in re.findall(r"^```python\n(.*?)^```", GUIDE, re.M | re.S)}  # type: ignore[index]
SHELL = re.findall(r"^```sh\n(.*?)^```", GUIDE, re.M | re.S)
[TOML] = re.findall(r"^```toml\n(.*?)^```", GUIDE, re.M | re.S)
[PAGE] = re.findall(r"^```js\n(.*?)^```", GUIDE, re.M | re.S)


def greets(plugin: RunningPlugin) -> None:
    assert plugin.get("/greet/Zo%C3%AB").json() == {"hello": "Zoë"}


def keeps_notes(plugin: RunningPlugin) -> None:
    assert plugin.get("/notes/a").json()["detail"] == "there is no such note"
    assert plugin.request("PUT", "/notes/a", body="é").headers == {"x-author": "ada"}
    assert plugin.get("/notes/a").text() == "é"


def adds_hosts(plugin: RunningPlugin) -> None:
    assert plugin.request("PUT", "/hosts/a", role="user").status == 403
    assert plugin.request("PUT", "/hosts/a").status == 204
    assert plugin.get("/hosts").json() == ["host:a"]


def counts(plugin: RunningPlugin) -> None:
    for name in ("a", "b", "c", "a"):
        answer = plugin.post(f"/count/{name}").json()
    assert answer == {"count": 2}
    assert plugin.get("/names").json() == ["a", "b", "c"]
    assert plugin.get("/first").json() == {"keys": ["count:a", "count:b"], "more": True}
    assert plugin.request("DELETE", "/count/a").status == 204
    plugin.kv_error = ("timeout", "")
    assert plugin.post("/count/a").json() == {"count": None}


def logs(plugin: RunningPlugin) -> None:
    assert plugin.post("/chores/dishes").status == 204
    failed = plugin.wait_for(lambda: [log for log in plugin.logs if log["message"] == "chore failed"])
    assert "ZeroDivisionError" in failed[0]["error"]
    done = next(log for log in plugin.logs if log["message"] == "chore is done")
    assert done["fields"] == {"logger": "__main__", "chore": "dishes", "minutes": 5}


def polls(plugin: RunningPlugin) -> None:
    assert plugin.get("/nothing").status == 404  # startup is complete, which a request waits for
    plugin.send("http", {"method": "GET", "path": "/slow", "headers": {}, "body": None}, "s")
    plugin.ask("lifecycle", {"action": "ping"})
    plugin.send("http", {"cancel": True}, "s")
    plugin.wait_for(lambda: any(log["message"] == "nobody waits any more" for log in plugin.logs))
    assert plugin.stop() == 0
    assert plugin.store == {"rounds": "1"}


def moves_files(plugin: RunningPlugin) -> None:
    assert plugin.get("/file").status == 404
    body = os.urandom(3_000_000)
    assert plugin.request("PUT", "/file", body=body).json() == {"bytes": 3_000_000}
    answer = plugin.get("/file")
    assert (answer.body, answer.headers["content-length"]) == (body, "3000000")
    cut = plugin.streams.open()
    plugin.send("http", {"method": "PUT", "path": "/file", "headers": {}, "stream": cut.number}, "cut")
    cut.send(b"some of it")
    cut.end(is_aborted=True)
    assert plugin.reply("cut")["error"]["code"] == "aborted"
    assert [file.name for file in plugin.data_dir.iterdir()] == ["upload.bin"]
    events = plugin.open("GET", "/events")
    assert isinstance(events, StreamedAnswer)
    assert next(iter(events.stream)) == b"data: 1\n\n"
    events.stream.stop()


def chats(plugin: RunningPlugin) -> None:
    ada = plugin.websocket("/talk", protocols=["chat.v1"])
    bob = plugin.websocket("/talk", user="bob")
    assert isinstance(ada, Socket)
    assert isinstance(bob, Socket)
    assert (ada.protocol, bob.protocol) == ("chat.v1", None)
    bob.send("hello")
    assert (ada.receive(), bob.receive()) == ("hello", "hello")
    bob.close()
    plugin.wait_for(lambda: bob.close_code == 1000)
    ada.send(b"bye")
    assert ada.receive() == b"bye"
    refused = plugin.websocket("/talk", user="")
    assert isinstance(refused, Answer)
    assert refused.json()["detail"] == "sign in first"
    assert not [log for log in plugin.logs if log["level"] == "error"]


CHECKS: dict[str, Callable[[RunningPlugin], None]] = {
    "hello.py": greets,
    "notes.py": keeps_notes,
    "hosts.py": adds_hosts,
    "counter.py": counts,
    "chores.py": logs,
    "poller.py": polls,
    "files.py": moves_files,
    "chat.py": chats,
}


def test_every_python_snippet_has_a_check() -> None:
    assert {name for name in PYTHON if not name.startswith("test_")} == set(CHECKS)


@pytest.mark.parametrize("name", CHECKS)
def test_a_snippet_runs_as_a_plugin(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(PYTHON[name], "utf-8")
    with RunningPlugin([sys.executable, "-W", "error", str(tmp_path / name)]) as plugin:
        CHECKS[name](plugin)


def run(command: list[str], folder: Path, python_path: str = "") -> str:
    ended = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PATH": f"{ROOT / 'dist'}:{os.environ['PATH']}", "PYTHONPATH": python_path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout + ended.stderr


def test_the_test_of_the_guide_passes(tmp_path: Path) -> None:
    for name in ("notes.py", "test_notes.py"):
        (tmp_path / name).write_text(PYTHON[name], "utf-8")
    assert "Ran 2 tests" in run([sys.executable, "-m", "unittest"], tmp_path, str(SOURCE))


def test_the_commands_of_packing_make_a_plugin_with_its_page(tmp_path: Path) -> None:
    [commands] = [text for text in SHELL if "pack" in text]
    (tmp_path / "vendor" / "toru-plugin").mkdir(parents=True)
    (tmp_path / "vendor" / "toru-plugin" / "src").symlink_to(SOURCE)
    (tmp_path / "page").mkdir()
    for name, text in {"hello.py": PYTHON["hello.py"], "pyproject.toml": TOML, "page/bundle.js": PAGE}.items():
        (tmp_path / name).write_text(text, "utf-8")
    run(["sh", "-ec", commands], tmp_path)
    assert (tmp_path / "x.binary").read_bytes() == (tmp_path / "dist" / "hello.binary").read_bytes()
    with RunningPlugin([tmp_path / "x.binary"]) as plugin:
        greets(plugin)
        assert plugin.page() == PAGE


def test_the_page_of_the_guide_mounts(tmp_path: Path) -> None:
    """In an engine without a document: the page needs no more of it than its container."""
    (tmp_path / "page.js").write_text(
        "globalThis.window = { ToruPlugins: {} };\n"
        + PAGE
        + """
const container = {};
const asked = [];
const fetch = async (path) => (asked.push(path), Response.json({ hello: "page" }));
await window.ToruPlugins.hello.mount(container, { fetch, signal: new AbortController().signal });
window.ToruPlugins.hello.unmount(container);
console.log(asked.join(), container.textContent);
"""
    )
    bun = str(ROOT / "node_modules" / ".bin" / "bun")
    assert run([bun, str(tmp_path / "page.js")], tmp_path) == "/greet/page page\n"


def test_the_command_makes_the_project_that_the_guide_shows(tmp_path: Path) -> None:
    first = SHELL[0].splitlines()
    assert first[1:] == ["cd hello", "toru dev"]
    run(["sh", "-ec", first[0]], tmp_path)
    for name in ("src/hello.py", "tests/test_hello.py", "page", "pyproject.toml", "toru.json", "vendor/toru-plugin"):
        assert (tmp_path / "hello" / name).exists()
        assert f"| `{name}" in GUIDE


def test_every_snippet_is_one_of_these() -> None:
    assert len(SHELL) == 2
    assert len(re.findall(r"^```\w+$", GUIDE, re.M)) == len(PYTHON) + len(SHELL) + 2
