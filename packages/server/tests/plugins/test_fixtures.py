"""Talks to each fixture over a real socket, so that the host's tests can rely on them.

Run it in this folder by `python3 -m unittest`.
"""

import base64
import itertools
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

FIXTURES = Path(__file__).parent
LIMIT_SECONDS = 10
INIT_V1 = {
    "type": "lifecycle",
    "action": "init",
    "instance_id": "i",
    "plugin_socket": "/s",
    "socket_path": "/s",
    "log_path": "/l",
}


def encode(kind, payload, request_id=None):
    message = {"type": kind, "timestamp": "2026-01-01T00:00:00.000Z", "payload": payload}
    if request_id is not None:
        message["request_id"] = request_id
    data = json.dumps(message).encode()
    return struct.pack(">I", len(data)) + data


def http_v1(path, request_id="1", method="GET", headers=None, body=None):
    inner = {"method": method, "path": path, "headers": headers or {}, "body": body}
    return encode("http", {"type": "http", "request_id": request_id, "payload": inner}, request_id)


def kv_v1(action, key, value=None, request_id="1"):
    inner = {"action": action.lower(), "key": key, "value": value}
    outer = {"type": "kv", "request_id": request_id, "action": action, "key": key, "value": value, "payload": inner}
    return encode("kv", outer, request_id)


class Peer:
    """One connection from the host's side."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(LIMIT_SECONDS)
        try:
            self.socket.connect(path)
        except OSError:
            self.socket.close()
            raise
        self.ids = itertools.count(1)

    def read_exactly(self, count):
        data = b""
        while len(data) < count and (chunk := self.socket.recv(count - len(data))):
            data += chunk
        return data

    def read(self):
        """The next message, bytes where a frame holds no JSON or is cut short, None at the end."""
        header = self.read_exactly(4)
        if len(header) < 4:
            return None
        data = self.read_exactly(struct.unpack(">I", header)[0])
        try:
            return json.loads(data)
        except ValueError:
            return data

    def ask(self, kind, payload):
        request_id = str(next(self.ids))
        self.socket.sendall(encode(kind, payload, request_id))
        reply = self.read()
        assert (reply["type"], reply["request_id"]) == (kind, request_id), reply
        return reply["payload"]

    def send_http(self, path, request_id):
        self.socket.sendall(encode("http", {"method": "GET", "path": path, "headers": {}, "body": None}, request_id))

    def http(self, path, **fields):
        request = {"method": "GET", "path": path, "headers": {}, "body": None, **fields}
        return self.ask("http", request)

    def json(self, path, **fields):
        return json.loads(self.http(path, **fields)["body"])


class Running:
    def __init__(self, fixture, name, config):
        self.folder = Path(tempfile.mkdtemp(prefix="toru-fixture-"))
        self.binary = self.folder / f"{name}.binary"
        shutil.copy(FIXTURES / fixture, self.binary)
        if config:
            (self.folder / f"{name}.fixture.json").write_text(json.dumps(config))
        self.data = self.folder / "data"
        self.data.mkdir()
        self.path = str(self.folder / "p.sock")
        self.environment = {
            "PATH": os.environ["PATH"],
            "TORU_PLUGIN_SOCKET": self.path,
            "TORU_PLUGIN_DATA_DIR": str(self.data),
            "TORU_INSTANCE_ID": "test",
        }
        self.process = None
        self.peers = []

    def metadata(self, timeout=LIMIT_SECONDS):
        return subprocess.run(
            [str(self.binary), "--metadata"], env=self.environment, capture_output=True, timeout=timeout
        )

    def start(self):
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            [str(self.binary)], env=self.environment, cwd=self.data, stdin=pipe, stdout=pipe, stderr=pipe
        )
        return self

    def connect(self):
        deadline = time.monotonic() + LIMIT_SECONDS
        while True:
            try:
                self.peers.append(Peer(self.path))
                return self.peers[-1]
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise
                time.sleep(0.01)

    def connect_v2(self):
        peer = self.connect()
        ready = peer.ask("lifecycle", {"action": "init", "protocol": 2, "features": []})
        assert ready == {"action": "ready", "features": []}, ready
        return peer

    def once(self, frame):
        """A version 1 exchange: a connection for one message. Returns the payload of the reply."""
        peer = self.connect()
        peer.socket.sendall(frame)
        reply = peer.read()
        peer.socket.close()
        return reply

    def ended(self):
        return self.process.wait(LIMIT_SECONDS)

    def close(self):
        for peer in self.peers:
            peer.socket.close()
        if self.process is not None:
            self.process.stdin.close()
            self.process.kill()
            self.process.wait(LIMIT_SECONDS)
            self.process.stdout.close()
            self.process.stderr.close()
        shutil.rmtree(self.folder)


class FixtureTest(unittest.TestCase):
    fixture = ""

    def install(self, name="acme", **config):
        running = Running(self.fixture, name, config)
        self.addCleanup(running.close)
        return running

    def start(self, **config):
        return self.install(**config).start()

    def check_metadata(self, expected):
        manifest = json.loads(self.install().metadata().stdout)
        self.assertEqual(manifest, manifest | expected)
        config = {"version": "2.0.0", "route": "/x", "metadata": {"icon": None, "extra": 1}}
        manifest = json.loads(self.install("b-2", **config).metadata().stdout)
        changed = {"id": "b-2", "name": "B-2", "version": "2.0.0", "route": "/x", "extra": 1}
        self.assertEqual(manifest, manifest | changed)
        self.assertNotIn("icon", manifest)


class V1Strict(FixtureTest):
    fixture = "v1-strict.py"

    @staticmethod
    def unwrap(reply):
        return json.loads(reply["payload"]["payload"]["body"])

    def test_metadata(self):
        self.check_metadata({"id": "acme", "name": "Acme", "route": "/acme", "handles": ["http", "kv"]})
        self.assertNotIn("protocol", json.loads(self.install().metadata().stdout))

    def test_exchanges(self):
        running = self.start()
        peer = running.connect()
        peer.socket.sendall(encode("lifecycle", INIT_V1))
        peer.socket.close()
        reply = running.once(http_v1("/acme/certificate?x=1", "r9", headers={"a": "b"}, body="text"))
        self.assertEqual((reply["type"], reply["request_id"]), ("http", "r9"))
        answer = self.unwrap(reply)
        self.assertEqual(answer["status"], 200)
        echo = {"method": "GET", "path": "/acme/certificate?x=1", "headers": {"a": "b"}, "body": "text"}
        self.assertEqual(json.loads(answer["body"]), echo | {"init": INIT_V1})

        reply = running.once(kv_v1("Set", "k", "v"))
        self.assertEqual((reply["type"], self.unwrap(reply)), ("kv", {"value": None}))
        self.assertEqual(self.unwrap(running.once(kv_v1("Get", "k"))), {"value": "v"})
        self.assertEqual(self.unwrap(running.once(kv_v1("Delete", "k"))), {"value": None})
        self.assertEqual(self.unwrap(running.once(kv_v1("Get", "k"))), {"value": None})

        # A second message behind the first is dropped, the connection stays until the host closes it.
        peer = running.connect()
        peer.socket.sendall(http_v1("/one", "a") + http_v1("/two", "b"))
        self.assertEqual(peer.read()["request_id"], "a")
        peer.socket.shutdown(socket.SHUT_WR)
        self.assertIsNone(peer.read())
        # /silent prints, reads on and closes at the end of what the host writes.
        peer = running.connect()
        peer.socket.sendall(http_v1("/silent"))
        self.assertIn(b"error: ValueError: asked to fail", running.process.stderr.readline())
        peer.socket.shutdown(socket.SHUT_WR)
        self.assertIsNone(peer.read())
        # A message that lacks what it wants is an error, too.
        peer = running.connect()
        peer.socket.sendall(encode("http", {"method": "GET", "path": "/", "headers": {}, "body": None}, "1"))
        self.assertIn(b"error: KeyError", running.process.stderr.readline())
        peer.socket.close()
        running.connect().socket.close()
        counts = json.loads(self.unwrap(running.once(http_v1("/acme/count")))["body"])
        self.assertEqual((counts["connections"], counts["inits"], counts["empty"]), (11, 1, 1))
        self.assertGreater(counts["dropped_bytes"], 100)
        self.assertEqual(self.unwrap(running.once(http_v1("/bundle.js")))["status"], 404)
        peer = running.connect()
        peer.socket.sendall(http_v1("/crash"))
        self.assertEqual(running.ended(), 3)

    def test_it_serves_one_connection_at_a_time(self):
        running = self.start()
        first, second = running.connect(), running.connect()
        second.socket.sendall(http_v1("/second"))
        second.socket.settimeout(0.2)
        with self.assertRaises(TimeoutError):
            second.read()
        second.socket.settimeout(LIMIT_SECONDS)
        first.socket.close()
        self.assertEqual(second.read()["request_id"], "1")

    def test_variants(self):
        running = self.start(behaviour="kv-reply-http", bundle="let x")
        self.assertEqual(running.once(kv_v1("Get", "k"))["type"], "http")
        self.assertEqual(self.unwrap(running.once(http_v1("/bundle.js")))["body"], "let x")
        running = self.start(behaviour="kv-value")
        self.assertEqual(running.once(kv_v1("Get", "k"))["payload"], {"type": "kv", "request_id": "1", "value": None})
        running = self.start(behaviour="silent-bundle")
        peer = running.connect()
        peer.socket.sendall(http_v1("/acme/bundle.js"))
        peer.socket.shutdown(socket.SHUT_WR)
        self.assertIsNone(peer.read())

    def test_ends(self):
        running = self.start()
        running.connect().socket.sendall(encode("lifecycle", {"type": "lifecycle", "action": "shutdown"}))
        self.assertEqual(running.ended(), 0)
        running = self.start()
        running.connect()
        running.process.stdin.close()
        self.assertEqual(running.ended(), 0)


class V1Direct(FixtureTest):
    fixture = "v1-direct.py"

    def test_metadata(self):
        self.check_metadata({"id": "acme", "name": "Acme", "route": "/acme"})
        manifest = json.loads(self.install().metadata().stdout)
        self.assertFalse({"protocol", "handles"} & set(manifest))

    def test_exchanges(self):
        running = self.start()
        slow = running.connect()
        slow.socket.sendall(http_v1("/sleep?ms=300", "slow"))
        peer = running.connect()
        peer.socket.sendall(encode("lifecycle", INIT_V1))
        peer.socket.close()
        self.assertEqual(running.once(http_v1("/acme/object"))["payload"]["body"], {"an": "object", "list": [1, None]})
        self.assertEqual(running.once(http_v1("/list"))["payload"]["body"], [1, "two", None])
        self.assertEqual(running.once(http_v1("/status/418"))["payload"]["status"], 418)
        self.assertEqual(running.once(http_v1("/error"))["payload"]["error"]["code"], "fixture_error")
        self.assertIn("error", json.loads(running.once(http_v1("/nested-error"))["payload"]["payload"]["body"]))
        self.assertEqual(running.once(http_v1("/bundle.js"))["payload"]["status"], 404)
        echo = json.loads(running.once(http_v1("/acme/x?y=1", body="b"))["payload"]["body"])
        self.assertEqual(echo, {"method": "GET", "path": "/acme/x?y=1", "headers": {}, "body": "b"})
        self.assertEqual(running.once(http_v1("/init"))["payload"]["body"], {"inits": 1, "init": INIT_V1})
        self.assertEqual(slow.read()["request_id"], "slow")

    def test_messages_before_the_reply(self):
        running = self.start()
        peer = running.connect()
        peer.socket.sendall(http_v1("/kv-roundtrip?key=a%20b&value=c", "r"))
        setting = peer.read()
        self.assertEqual([setting["payload"][k] for k in ("action", "key", "value")], ["Set", "a b", "c"])
        peer.socket.sendall(encode("kv", {"type": "kv", "request_id": "own-1", "value": None}, setting["request_id"]))
        getting = peer.read()
        self.assertEqual(getting["payload"]["payload"], {"action": "get", "key": "a b", "value": None})
        peer.socket.sendall(encode("kv", {"type": "kv", "request_id": "own-2", "value": "c"}, getting["request_id"]))
        reply = peer.read()
        self.assertEqual((reply["request_id"], reply["payload"]["body"]["get"]["payload"]["value"]), ("r", "c"))

        peer = running.connect()
        peer.socket.sendall(http_v1("/log?m=hello%20there", "r"))
        log = peer.read()
        self.assertEqual((log["type"], log["payload"]), ("log", {"level": "info", "message": "hello there"}))
        self.assertNotIn("request_id", log)
        self.assertEqual(peer.read()["request_id"], "r")

    def test_ends(self):
        running = self.start()
        running.connect().socket.sendall(encode("lifecycle", {"type": "lifecycle", "action": "shutdown"}))
        self.assertEqual(running.ended(), 0)
        running = self.start()
        running.connect()
        running.process.stdin.close()
        self.assertEqual(running.ended(), 0)
        running = self.start()
        running.connect().socket.sendall(http_v1("/crash?code=7"))
        self.assertEqual(running.ended(), 7)


class V2(FixtureTest):
    fixture = "v2.py"

    def test_metadata(self):
        self.check_metadata({"id": "acme", "name": "Acme", "route": "/acme", "protocol": 2, "handles": ["http"]})
        self.assertEqual(self.install(behaviour="metadata-junk").metadata().stdout, b"this is no JSON\n")
        self.assertGreater(len(self.install(behaviour="metadata-huge").metadata().stdout), 10_000_000)
        failed = self.install(behaviour="metadata-fails").metadata()
        self.assertEqual((failed.returncode, failed.stderr), (1, b"the fixture was asked to fail\n"))
        with self.assertRaises(subprocess.TimeoutExpired):
            self.install(behaviour="metadata-hangs").metadata(timeout=0.5)

    def test_plain_answers(self):
        running = self.start(bundle="let b")
        peer = running.connect_v2()
        request = {"method": "POST", "path": "/acme/x?y=1", "headers": {"a": ["b", "c"]}, "body_base64": "/w=="}
        self.assertEqual(json.loads(peer.ask("http", request)["body"]), request)
        self.assertEqual(peer.http("/acme/status/204"), {"status": 204, "headers": {}, "body": None})
        self.assertEqual(peer.http("/headers")["headers"], {"set-cookie": ["a=1", "b=2; Path=/"], "x-fixture": "acme"})
        self.assertEqual(base64.b64decode(peer.http("/binary")["body_base64"]), bytes(range(256)))
        self.assertEqual(peer.http("/echo-bytes", body="hello")["body"], "hello")
        self.assertEqual(peer.ask("http", request | {"path": "/echo-bytes"})["body_base64"], "/w==")
        self.assertEqual(len(peer.http("/large?bytes=3000000")["body"]), 3_000_000)
        self.assertEqual(peer.http("/acme/bundle.js")["body"], "let b")
        self.assertEqual(peer.http("/error")["error"]["code"], "fixture_error")
        self.assertEqual(peer.http("/status/x")["error"]["code"], "internal")
        self.assertEqual(peer.http("/bad-status")["status"], 99)
        self.assertEqual(peer.http("/bad-header")["headers"], {"x-bad": "a\r\nx-injected: 1"})
        self.assertEqual(peer.http("/bytewise")["status"], 200)
        self.assertEqual(peer.ask("lifecycle", {"action": "ping"}), {"action": "pong"})
        self.assertEqual(peer.json("/pid")["pid"], running.process.pid)
        seen = peer.json("/env")
        self.assertEqual((seen["cwd"], seen["environment"]["TORU_INSTANCE_ID"]), (str(running.data), "test"))
        self.assertEqual(seen["argv"], [str(running.binary)])
        self.assertTrue({"0", "1", "2"} <= set(peer.json("/fds")))
        seen = peer.json("/init")
        self.assertEqual((seen["inits"], seen["init"]["protocol"], seen["connections"], seen["pings"]), (1, 2, 1, 1))

    def test_requests_in_both_directions_at_once(self):
        peer = self.start().connect_v2()
        peer.send_http("/hang", "hang")
        peer.send_http("/kv/set?key=k&value=v", "kv")
        question = peer.read()
        self.assertEqual((question["type"], question["payload"]), ("kv", {"action": "set", "key": "k", "value": "v"}))
        self.assertEqual(peer.http("/x")["status"], 200)
        peer.socket.sendall(encode("kv", {"value": None}, question["request_id"]))
        reply = peer.read()
        self.assertEqual((reply["request_id"], json.loads(reply["payload"]["body"])), ("kv", {"value": None}))
        peer.socket.sendall(encode("http", {"cancel": True}, "hang"))
        self.assertEqual(peer.json("/cancelled"), {"cancelled": ["hang"]})
        peer.send_http("/sleep?ms=50", "slow")
        peer.socket.sendall(encode("http", {"cancel": True}, "slow"))
        self.assertEqual(peer.read()["request_id"], "slow")  # late, as its page says
        peer.send_http("/log?level=warn&message=m", "log")
        log = peer.read()
        self.assertEqual((log["payload"], "request_id" in log), ({"level": "warn", "message": "m"}, False))
        self.assertEqual(peer.read()["request_id"], "log")

    def test_output(self):
        running = self.start()
        peer = running.connect_v2()
        peer.http("/stdout?lines=3")
        self.assertEqual([running.process.stdout.readline() for _ in range(3)][2], b"stdout line 2\n")
        peer.http("/stderr?text=%1B%5B31mred")
        self.assertEqual(running.process.stderr.readline(), b"\x1b[31mred\n")
        peer.http("/endless-line?bytes=5000")
        self.assertEqual(running.process.stdout.read(5000), b"x" * 5000)

    def test_broken_wire(self):
        running = self.start()
        peer = running.connect_v2()
        for kind in ("byte", "json", "utf8"):
            peer.send_http(f"/garbage?kind={kind}", "r")
            self.assertIsInstance(peer.read(), bytes)
            self.assertEqual(peer.read()["payload"]["body"], "after the garbage")
        peer.send_http("/garbage?kind=array", "r")
        self.assertEqual((peer.read(), peer.read()["request_id"]), ([1, 2], "r"))
        peer.send_http("/garbage?kind=type", "r")
        self.assertEqual((peer.read()["type"], peer.read()["request_id"]), ("weather", "r"))
        peer.send_http("/unknown-id", "r")
        self.assertEqual((peer.read()["request_id"], peer.read()["request_id"]), ("no-such-id", "r"))
        peer.send_http("/double-reply", "r")
        self.assertEqual([peer.read()["request_id"], peer.read()["payload"]["body"]], ["r", "the second reply"])
        peer.send_http("/huge-length", "r")
        self.assertEqual(peer.read_exactly(4), b"\xff\xff\xff\xff")
        peer.send_http("/huge-length?length=0", "r")
        self.assertEqual(peer.read_exactly(4), b"\0\0\0\0")
        peer.send_http("/truncated", "r")
        self.assertIsInstance(peer.read(), bytes)
        self.assertIsNone(peer.read())
        peer = running.connect_v2()
        peer.send_http("/close-connection", "r")
        self.assertIsNone(peer.read())
        self.assertEqual(running.connect_v2().json("/init")["connections"], 3)

    def test_a_forked_child_outlives_it_with_its_environment(self):
        running = self.start()
        child = running.connect_v2().json("/fork?close=1")["pid"]
        self.addCleanup(os.kill, child, signal.SIGKILL)
        running.process.kill()
        running.ended()
        deadline = time.monotonic() + LIMIT_SECONDS
        while b"sleep\x001000" not in Path(f"/proc/{child}/cmdline").read_bytes() and time.monotonic() < deadline:
            time.sleep(0.01)  # between fork and exec
        self.assertIn(b"sleep\x001000", Path(f"/proc/{child}/cmdline").read_bytes())
        self.assertIn(b"TORU_INSTANCE_ID=test", Path(f"/proc/{child}/environ").read_bytes())
        self.assertNotIn(os.getsid(child), (os.getsid(0), running.process.pid))
        self.assertEqual(os.readlink(f"/proc/{child}/fd/1"), "/dev/null")

    def test_ends(self):
        for path, code in [("/crash?code=5", 5), ("/signal?n=11", -11)]:
            running = self.start()
            running.connect_v2().send_http(path, "r")
            self.assertEqual(running.ended(), code)
        running = self.start()
        peer = running.connect_v2()
        peer.send_http("/sleep?ms=100", "r")
        peer.socket.sendall(encode("lifecycle", {"action": "shutdown", "grace_ms": 5000}))
        self.assertEqual(peer.read()["request_id"], "r")
        self.assertEqual(running.ended(), 0)
        running = self.start()
        running.connect_v2()
        running.process.stdin.close()
        self.assertEqual(running.ended(), 0)
        running = self.start()
        running.connect_v2()
        running.process.terminate()
        self.assertEqual(running.ended(), -signal.SIGTERM)

    def test_starts_that_fail(self):
        self.assertEqual(self.start(behaviour="exit-at-once", code=9).ended(), 9)
        self.assertEqual(self.start(behaviour="exit-zero").ended(), 0)
        noisy = self.start(behaviour="noisy", lines=4, code=2)
        self.assertEqual(noisy.ended(), 2)
        self.assertEqual(noisy.process.stdout.read(), b"noisy line 0\nnoisy line 2\n")
        self.assertEqual(noisy.process.stderr.read(), b"noisy line 1\nnoisy line 3\n")
        late = self.start(behaviour="bind-late", ms=300)
        started = time.monotonic()
        late.connect_v2()
        self.assertGreater(time.monotonic() - started, 0.25)
        never = self.start(behaviour="never-bind")
        with self.assertRaises(subprocess.TimeoutExpired):
            never.process.wait(0.5)
        self.assertFalse(os.path.exists(never.path))
        never.process.stdin.close()
        self.assertEqual(never.ended(), 0)
        crashing = self.start(behaviour="crash-after", ms=100, code=4)
        self.assertEqual(crashing.ended(), 4)

    def test_until_ends_the_behaviour_after_so_many_starts(self):
        running = self.install(behaviour="exit-at-once", until=2)
        for _ in range(2):
            self.assertEqual(running.start().ended(), 1)
            for stream in (running.process.stdin, running.process.stdout, running.process.stderr):
                stream.close()
        running.start().connect_v2()

    def test_init_and_pings(self):
        refusing = self.start(behaviour="refuse-init").connect()
        self.assertEqual(refusing.ask("lifecycle", {"action": "init"})["error"]["code"], "fixture_refuses")
        silent = self.start(behaviour="no-ready").connect()
        silent.socket.sendall(encode("lifecycle", {"action": "init"}, "i"))
        self.assertEqual(silent.json("/init")["inits"], 1)
        peer = self.start(behaviour="ignore-ping", after=1).connect_v2()
        self.assertEqual(peer.ask("lifecycle", {"action": "ping"}), {"action": "pong"})
        peer.socket.sendall(encode("lifecycle", {"action": "ping"}, "ignored"))
        self.assertEqual(peer.json("/init")["pings"], 2)
        peer = self.start().connect_v2()
        peer.http("/ignore-pings?count=1")
        peer.socket.sendall(encode("lifecycle", {"action": "ping"}, "ignored"))
        self.assertEqual(peer.ask("lifecycle", {"action": "ping"}), {"action": "pong"})

    def test_shutdowns_that_take_long(self):
        slow = self.start(behaviour="slow-shutdown", ms=300)
        peer = slow.connect_v2()
        started = time.monotonic()
        peer.socket.sendall(encode("lifecycle", {"action": "shutdown", "grace_ms": 5000}))
        self.assertEqual(slow.ended(), 0)
        self.assertGreater(time.monotonic() - started, 0.25)
        stubborn = self.start(behaviour="ignore-sigterm", ignore_stdin=True)
        peer = stubborn.connect_v2()
        peer.socket.sendall(encode("lifecycle", {"action": "shutdown", "grace_ms": 1}))
        stubborn.process.terminate()
        stubborn.process.stdin.close()
        with self.assertRaises(subprocess.TimeoutExpired):
            stubborn.process.wait(0.5)
        self.assertEqual(peer.http("/x")["status"], 200)

    def test_kv_from_the_host_comes_back(self):
        peer = self.start(metadata={"handles": ["http", "kv"]}).connect_v2()
        payload = {"action": "get", "key": "k"}
        self.assertEqual(json.loads(peer.ask("kv", payload)["value"]), payload)


if __name__ == "__main__":
    unittest.main()
