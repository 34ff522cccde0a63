"""The process: its socket, its start and its ends."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import SOURCE, command, start

from toru_plugin import ToruError
from toru_plugin._codec import Message, encode
from toru_plugin.testing import LIMIT_SECONDS, RequestFailed, RunningPlugin


def run(*arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*command("raw.py"), *arguments],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE), **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )


@contextlib.contextmanager
def holding(plugin: RunningPlugin) -> Iterator[None]:
    """A request is in flight and waits to be released."""
    plugin.send("http", {"method": "GET", "path": "/acme/hold", "headers": {}, "body": None}, "held")
    plugin.ask("lifecycle", {"action": "ping"})  # what was sent before is at work now
    yield


def refuses(plugin: RunningPlugin, code: str) -> bool:
    reply = plugin.ask("http", {"method": "GET", "path": "/notes", "headers": {}, "body": None})
    return "error" in reply and reply["error"]["code"] == code


def test_by_hand_it_says_what_to_do_and_exits_2() -> None:
    ended = run()
    assert ended.returncode == 2
    assert "folder of plugins, as raw.binary" in ended.stderr
    assert "--metadata" in ended.stderr


def test_metadata_needs_no_socket_and_does_not_start_the_application() -> None:
    ended = run("--metadata", STARTUP="fail")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert '"protocol": 2' in ended.stdout


def test_only_its_user_may_connect() -> None:
    with start() as plugin:
        assert oct(plugin.socket_path.stat().st_mode)[-3:] == "600"


def test_a_dead_socket_is_replaced_and_a_living_one_refused(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        other.listen()
        ended = run(TORU_PLUGIN_SOCKET=str(path))
        assert (ended.returncode, "answers at" in ended.stderr) == (1, True)
    assert path.exists()
    with RunningPlugin(command("raw.py"), env={"PYTHONPATH": str(SOURCE)}) as plugin:
        plugin.process.kill()
        plugin.process.wait(LIMIT_SECONDS)
        assert plugin.socket_path.exists()
        plugin.restart()
        assert plugin.get("/echo").status == 200


def test_a_file_at_the_path_of_the_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s"
    path.write_text("precious")
    ended = run(TORU_PLUGIN_SOCKET=str(path))
    assert (ended.returncode, "is no socket" in ended.stderr) == (1, True)
    assert path.read_text() == "precious"


def test_nothing_is_sent_before_ready() -> None:
    with start() as plugin:
        assert plugin.received[0].payload == {"action": "ready", "features": ["stream", "websocket"]}
        plugin.wait_for(lambda: any(log["message"] == "starting" for log in plugin.logs))


def test_startup_happens_once_however_often_the_host_connects() -> None:
    with start() as plugin:
        plugin.connect()
        assert plugin.init() == {"action": "ready", "features": ["stream", "websocket"]}
        assert plugin.get("/notes").json() == ["started 1 time(s)"]


def test_a_failed_startup_is_told_to_the_host_and_to_the_log() -> None:
    with pytest.raises(RequestFailed) as caught:
        start(env={"STARTUP": "fail"})
    assert caught.value.code == "startup_failed"
    assert "error: startup failed: no disk is left" in str(caught.value)


def test_a_plugin_that_does_not_listen_is_told_with_what_it_printed() -> None:
    with pytest.raises(ToruError, match="No such file"):
        RunningPlugin(["python3", "no-such-plugin.py"])


@pytest.mark.parametrize("way", ["shutdown", "sigterm"])
def test_at_the_end_requests_in_flight_finish_and_new_ones_are_refused(way: str, tmp_path: Path) -> None:
    last_words = tmp_path / "last-words"
    with start(env={"LAST_WORDS": str(last_words)}) as plugin, holding(plugin):
        if way == "shutdown":
            plugin.send("lifecycle", {"action": "shutdown", "grace_ms": 5000}, "")
        else:
            plugin.process.send_signal(signal.SIGTERM)
        plugin.wait_for(lambda: refuses(plugin, "stopping"))
        assert plugin.ask("lifecycle", {"action": "ping"}) == {"action": "pong"}
        plugin.send("http", {"cancel": True}, "held")  # ends it, too
        assert plugin.process.wait(LIMIT_SECONDS) == 0
    assert last_words.read_text() == "shutdown"


def test_what_is_in_flight_is_answered_in_the_grace() -> None:
    with start() as plugin, holding(plugin):
        plugin.send("http", {"method": "GET", "path": "/acme/release", "headers": {}, "body": None}, "last")
        assert plugin.stop() == 0
        assert plugin.reply("held")["body"] == '"released"'
        assert plugin.reply("last")["status"] == 200


def test_after_the_grace_it_ends_whatever_is_in_flight() -> None:
    with start() as plugin, holding(plugin):
        plugin.send("http", {"method": "GET", "path": "/acme/thread", "headers": {}, "body": None}, "stuck")
        assert plugin.stop(grace_ms=1) == 0


def test_it_ends_with_its_host() -> None:
    with start() as plugin, holding(plugin):
        assert plugin.process.stdin is not None
        plugin.process.stdin.close()
        assert plugin.process.wait(LIMIT_SECONDS) == 0


def test_it_ends_with_its_host_even_where_a_handler_blocks_the_event_loop() -> None:
    with start() as plugin:
        plugin.send("http", {"method": "GET", "path": "/acme/block", "headers": {}, "body": None}, "1")
        plugin.wait_for(lambda: "blocking" in plugin.stderr)
        assert plugin.process.stdin is not None
        plugin.process.stdin.close()
        assert plugin.process.wait(LIMIT_SECONDS) == 0


def test_a_stdin_that_is_no_pipe_does_not_end_it(tmp_path: Path) -> None:
    path = tmp_path / "s"
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE), "TORU_PLUGIN_SOCKET": str(path)}
    with subprocess.Popen(command("raw.py"), env=env, stdin=subprocess.DEVNULL) as process, connected(path) as host:
        host.sendall(encode(Message("lifecycle", {"action": "init", "protocol": 2}, "1")))
        assert b'"action":"ready"' in host.recv(65536)
        host.sendall(encode(Message("lifecycle", {"action": "shutdown"})))
        assert process.wait(LIMIT_SECONDS) == 0


@contextlib.contextmanager
def connected(path: Path) -> Iterator[socket.socket]:
    deadline = time.monotonic() + LIMIT_SECONDS
    with socket.socket(socket.AF_UNIX) as host:
        host.settimeout(LIMIT_SECONDS)
        while True:
            try:
                host.connect(str(path))
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.005)
        yield host
