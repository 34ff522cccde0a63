"""Records of `logging` in the plugin's log."""

import json
import logging
from typing import Any

import pytest
from running import start

from toru_plugin._logs import MAX_WAITING_RECORDS, LogHandler, LogQueue
from toru_plugin.testing import RunningPlugin


def logged(plugin: RunningPlugin, **record: Any) -> dict[str, Any]:
    assert plugin.post("/log", body=record).status == 200
    found = plugin.wait_for(
        lambda: [log for log in plugin.logs if log["fields"]["logger"] == "raw" and log["message"] != "starting"]
    )
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("number", "level"),
    [
        (logging.DEBUG, "debug"),
        (logging.INFO, "info"),
        (logging.WARNING, "warn"),
        (logging.ERROR, "error"),
        (50, "error"),
    ],
)
def test_levels_are_those_of_the_protocol(number: int, level: str) -> None:
    with start() as plugin:
        found = logged(plugin, level=number, message="host %s", args=["a"])
        assert found == {"level": level, "message": "host a", "fields": {"logger": "raw"}}


def test_extra_becomes_fields() -> None:
    with start() as plugin:
        extra = {"host": "acme.example", "attempt": 3, "deep": {"a": [1, None]}}
        found = logged(plugin, level=20, message="checked", extra=extra)
        assert found["fields"] == {"logger": "raw", **extra}


def test_an_exception_becomes_the_error_and_odd_fields_become_text() -> None:
    with start() as plugin:
        found = logged(plugin, raises=True)
        assert found["level"] == "error"
        assert found["error"].startswith("Traceback (most recent call last):")
        assert found["error"].endswith("ValueError: what went wrong")
        assert set(found["fields"]) == {"logger", "object", "nan", "cycle", "deep", "key"}
        assert found["fields"]["nan"] == "nan"
        json.dumps(found, allow_nan=False)


def test_what_is_too_long_is_cut() -> None:
    with start() as plugin:
        found = logged(plugin, level=20, message="x" * 100_000, extra={"large": "y" * 100_000})
        assert len(found["message"]) < 17_000
        assert found["message"].endswith("… (cut)")
        assert "fields_dropped" in found["fields"]


def test_records_before_the_connection_wait_for_it_up_to_a_limit(capsys: pytest.CaptureFixture[str]) -> None:
    queue = LogQueue()
    logger = logging.Logger("early")
    logger.addHandler(LogHandler(queue))
    for n in range(MAX_WAITING_RECORDS + 5):
        logger.info("record %d", n)
    sent: list[str] = []

    async def send(payload: dict[str, Any]) -> None:
        sent.append(payload["message"])

    queue.connect(send)
    run(queue.flush())
    assert sent[:2] == ["5 log records were dropped: they came faster than the host took them", "record 5"]
    assert len(sent) == MAX_WAITING_RECORDS + 1
    assert capsys.readouterr().err == ""


def test_without_a_connection_records_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    queue = LogQueue()
    logger = logging.Logger("late")
    logger.addHandler(LogHandler(queue))
    logger.warning("waits", extra={"n": 1})
    queue.disconnect()
    logger.error("comes later")
    expected = 'warn: waits {"logger": "late", "n": 1}\nerror: comes later {"logger": "late"}\n'
    assert capsys.readouterr().err == expected


def test_a_send_that_fails_loses_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    queue = LogQueue()
    queue.add({"level": "info", "message": "unlucky"})

    async def send(payload: dict[str, Any]) -> None:
        raise ConnectionResetError

    queue.connect(send)
    run(queue.flush())
    assert capsys.readouterr().err == "info: unlucky\n"


def run(coroutine: Any) -> None:
    """Runs what waits for nothing."""
    with pytest.raises(StopIteration):
        coroutine.send(None)


def test_after_the_connection_records_go_to_stderr_until_the_next() -> None:
    with start() as plugin:
        plugin.send_bytes(b"\0\0\0\0")
        plugin.wait_for(lambda: "error: the host broke the protocol (frame_length)" in plugin.stderr)
        plugin.connect()
        plugin.init()
        assert logged(plugin, level=20, message="back again")["level"] == "info"
