"""Runs the real plugin as its host would: a process, a socket, frames. `python3 -m unittest` in this folder."""

import importlib.util
import itertools
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

SOURCE = Path(__file__).with_name("disk-usage.py")
LIMIT_SECONDS = 10
ADMIN = {"x-toru-role": "admin"}


def encode(kind, payload, request_id=None):
    message = {"type": kind, "timestamp": "2026-01-01T00:00:00.000Z", "payload": payload}
    if request_id is not None:
        message["request_id"] = request_id
    data = json.dumps(message).encode()
    return struct.pack(">I", len(data)) + data


class Host:
    """The host's side: it sends requests, collects what comes back and answers kv from a dict."""

    def __init__(self, store=None, init=True, answers_kv=True):
        self.folder = Path(tempfile.mkdtemp(prefix="toru-disk-usage-"))
        self.binary = self.folder / "disk-usage.binary"
        shutil.copy(SOURCE, self.binary)
        self.path = str(self.folder / "p.sock")
        self.store = {} if store is None else store
        self.answers_kv = answers_kv
        self.received = []
        self.changed = threading.Condition()
        self.ids = itertools.count(1)
        environment = {"PATH": os.environ["PATH"], "TORU_PLUGIN_SOCKET": self.path}
        self.process = subprocess.Popen(
            [str(self.binary)], env=environment, cwd=self.folder, stdin=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.connect()
        if init:
            self.ready = self.ask("lifecycle", {"action": "init", "protocol": 2, "features": ["stream"]})

    def connect(self):
        deadline = time.monotonic() + LIMIT_SECONDS
        while True:
            self.socket = socket.socket(socket.AF_UNIX)
            try:
                self.socket.connect(self.path)
                break
            except OSError:
                self.socket.close()
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise
                time.sleep(0.01)
        self.ended = False
        threading.Thread(target=self.read, args=(self.socket.makefile("rb"),), daemon=True).start()

    def read(self, stream):
        with stream:
            try:
                while header := stream.read(4):
                    message = json.loads(stream.read(struct.unpack(">I", header)[0]))
                    if message["type"] == "kv" and "action" in message["payload"] and self.answers_kv:
                        self.send("kv", self.kv(**message["payload"]), message["request_id"])
                    with self.changed:
                        self.received.append(message)
                        self.changed.notify_all()
            except OSError:
                pass  # closed by the test, or by a plugin that ended
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def kv(self, action, key=None, value=None, prefix="", after=None, limit=100):
        if action == "list":
            keys = sorted(k for k in self.store if k.startswith(prefix) and (after is None or k > after))
            return {"keys": keys[:limit], "more": len(keys) > limit}
        if action == "set":
            self.store[key] = value
        if action == "delete":
            self.store.pop(key, None)
        return {"value": self.store.get(key) if action == "get" else None}

    def send(self, kind, payload, request_id=None):
        self.socket.sendall(encode(kind, payload, request_id))

    def wait_for(self, condition):
        with self.changed:
            if not self.changed.wait_for(condition, LIMIT_SECONDS):
                raise AssertionError(f"waited {LIMIT_SECONDS} s in vain; received: {self.received[-5:]}")
        return condition()

    def reply(self, request_id):
        return self.wait_for(lambda: next((m for m in self.received if m.get("request_id") == request_id), None))

    def ask(self, kind, payload):
        request_id = str(next(self.ids))
        self.send(kind, payload, request_id)
        reply = self.reply(request_id)
        assert reply["type"] == kind, reply
        return reply["payload"]

    def http(self, path, method="GET", headers=ADMIN):
        reply = self.ask("http", {"method": method, "path": path, "headers": headers, "body": None})
        if (reply.get("headers") or {}).get("content-type") == "application/json" and reply["body"] is not None:
            reply["body"] = json.loads(reply["body"])
        return reply

    def samples(self):
        return sorted(key for key in self.store if key.startswith("sample:"))

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(LIMIT_SECONDS)
        finally:
            self.process.kill()
            self.process.stderr.close()
            self.socket.close()
            shutil.rmtree(self.folder)


class PluginTest(unittest.TestCase):
    def start(self, **options):
        host = Host(**options)
        self.addCleanup(host.close)
        return host


class Process(PluginTest):
    def test_metadata_is_one_json_object(self):
        ended = subprocess.run([str(SOURCE), "--metadata"], capture_output=True, timeout=LIMIT_SECONDS, check=True)
        manifest = json.loads(ended.stdout)
        expected = {"id": "disk-usage", "route": "/disk-usage", "protocol": 2, "handles": ["http"]}
        self.assertEqual(manifest | expected, manifest)
        for field in ("name", "version", "icon", "author", "description", "license"):
            self.assertTrue(manifest[field], field)

    def test_without_a_socket_it_says_what_is_missing(self):
        ended = subprocess.run(
            [str(SOURCE)], env={"PATH": os.environ["PATH"]}, capture_output=True, timeout=LIMIT_SECONDS
        )
        self.assertEqual(ended.returncode, 1)
        self.assertIn(b"TORU_PLUGIN_SOCKET", ended.stderr)

    def test_it_ends_when_its_stdin_ends(self):
        host = self.start()
        host.process.stdin.close()
        self.assertEqual(host.process.wait(LIMIT_SECONDS), 0)

    def test_it_ends_on_sigterm(self):
        host = self.start()
        host.process.send_signal(signal.SIGTERM)
        self.assertEqual(host.process.wait(LIMIT_SECONDS), 0)

    def test_shutdown_finishes_what_is_in_flight_and_exits_0(self):
        host = self.start()
        # One write, so that the shutdown arrives while the request is in flight. A deeper scan takes longer than that.
        request = {"method": "GET", "path": "/tree?path=/usr&entries=20000", "headers": ADMIN, "body": None}
        host.socket.sendall(
            encode("http", request, "last") + encode("lifecycle", {"action": "shutdown", "grace_ms": 9000})
        )
        self.assertEqual(host.reply("last")["payload"]["status"], 200)
        self.assertEqual(host.process.wait(LIMIT_SECONDS), 0)

    def test_a_socket_file_of_an_earlier_run_is_no_obstacle(self):
        host = self.start()
        host.process.kill()
        host.process.wait(LIMIT_SECONDS)
        self.assertTrue(os.path.exists(host.path))
        environment = {"PATH": os.environ["PATH"], "TORU_PLUGIN_SOCKET": host.path}
        host.process.stdin.close()
        host.process.stderr.close()
        host.process = subprocess.Popen(
            [str(host.binary)], env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE
        )
        host.socket.close()
        host.received.clear()
        host.connect()
        self.assertEqual(host.ask("lifecycle", {"action": "init", "protocol": 2})["action"], "ready")


class Protocol(PluginTest):
    def test_init_is_answered_by_ready_and_nothing_comes_before_it(self):
        host = self.start()
        self.assertEqual(host.ready, {"action": "ready", "features": []})
        self.assertEqual(host.received[0]["payload"], host.ready)

    def test_a_version_that_it_does_not_speak_is_refused(self):
        host = self.start(init=False)
        self.assertEqual(host.ask("lifecycle", {"action": "init", "protocol": 9})["error"]["code"], "unsupported")

    def test_ping_is_answered_by_pong(self):
        self.assertEqual(self.start().ask("lifecycle", {"action": "ping"}), {"action": "pong"})

    def test_unknown_types_and_late_replies_are_ignored(self):
        host = self.start()
        host.send("weather", {"rain": True}, "w1")
        host.send("weather", {"rain": True})
        host.send("kv", {"value": None}, "disk-usage-999")
        self.assertEqual(host.ask("lifecycle", {"action": "ping"}), {"action": "pong"})
        self.assertFalse([m for m in host.received if m.get("request_id") in ("w1", "disk-usage-999")])

    def test_what_it_does_not_handle_is_answered_by_an_error(self):
        host = self.start()
        self.assertEqual(host.ask("kv", {"action": "get", "key": "x"})["error"]["code"], "unsupported")
        self.assertEqual(host.ask("lifecycle", {"action": "dance"})["error"]["code"], "unsupported")

    def test_a_fault_of_its_own_is_an_error_and_a_log_line(self):
        host = self.start()
        self.assertEqual(host.ask("http", {"method": "GET"})["error"]["code"], "internal")
        logs = [m["payload"] for m in host.received if m["type"] == "log"]
        self.assertIn("KeyError", next(log["error"] for log in logs if log["level"] == "error"))
        self.assertEqual(host.http("/").get("status"), 200)

    def test_log_messages_have_no_request_id(self):
        host = self.start()
        log = host.wait_for(lambda: next((m for m in host.received if m["type"] == "log"), None))
        self.assertNotIn("request_id", log)
        self.assertEqual(log["payload"]["level"], "info")

    def test_a_broken_frame_closes_the_connection_and_the_host_may_come_back(self):
        frames = {
            "length 0": b"\0\0\0\0",
            "length over the limit": b"\xff\xff\xff\xff",
            "first byte": b"\0\0\0\2hi",
            "json": b"\0\0\0\2{]",
            "utf-8": b'\0\0\0\5{"\xff"}',
            "payload": encode("http", ["no object"]),
        }
        host = self.start(init=False)
        for name, frame in frames.items():
            with self.subTest(name):
                host.socket.sendall(frame)
                host.wait_for(lambda: host.ended)
                host.socket.close()
                host.connect()
                self.assertEqual(host.ask("lifecycle", {"action": "init", "protocol": 2})["action"], "ready")

    def test_frames_may_arrive_in_pieces_and_together(self):
        host = self.start()
        frame = encode("lifecycle", {"action": "ping"}, "p1") + encode("lifecycle", {"action": "ping"}, "p2")
        for byte in frame[:-20]:
            host.socket.sendall(bytes([byte]))
        host.socket.sendall(frame[-20:])
        self.assertEqual(host.reply("p1")["payload"], host.reply("p2")["payload"])

    def test_a_request_that_waits_holds_up_no_other_and_can_be_cancelled(self):
        host = self.start(answers_kv=False)
        request = {"method": "GET", "path": "/history", "headers": {}, "body": None}
        host.send("http", request, "slow")
        # Now it waits for the host's answer to its list. Two of them: the sample at the start sends a set before.
        host.wait_for(lambda: [m for m in host.received if m["payload"].get("action") == "list"])
        self.assertEqual(host.http("/")["status"], 200)
        host.send("http", {"cancel": True}, "slow")
        host.send("http", {"cancel": True}, "never sent")
        question = next(m for m in host.received if m["payload"].get("action") == "list")
        host.send("kv", {"keys": [], "more": False}, question["request_id"])
        self.assertEqual(host.ask("lifecycle", {"action": "ping"}), {"action": "pong"})
        self.assertFalse([m for m in host.received if m.get("request_id") == "slow"])


class Routes(PluginTest):
    @classmethod
    def setUpClass(cls):
        cls.host = Host()
        cls.addClassCleanup(cls.host.close)
        cls.tree = cls.host.folder / "tree with ümlaut & space"
        (cls.tree / "big" / "deeper").mkdir(parents=True)
        (cls.tree / "big" / "deeper" / "a").write_bytes(b"a" * 200_000)
        (cls.tree / "big" / "b").write_bytes(b"b" * 100_000)
        (cls.tree / "small").mkdir()
        (cls.tree / "file").write_bytes(b"c" * 50_000)
        os.link(cls.tree / "file", cls.tree / "same file")
        (cls.tree / "link").symlink_to("/usr")
        os.mkdir(os.fsencode(cls.tree) + b"/not-utf8-\xff")

    def get_tree(self, path, **query):
        fields = "".join(f"&{name}={value}" for name, value in query.items())
        return self.host.http("/disk-usage/tree?path=" + self.quote(path) + fields)

    @staticmethod
    def quote(path):
        return "".join(f"%{byte:02X}" for byte in os.fsencode(path))

    def test_the_overview_lists_real_file_systems(self):
        for path in ("/disk-usage", "/disk-usage/", "/", "/disk-usage?x=1"):
            response = self.host.http(path)
            self.assertEqual(response["status"], 200, path)
        disks = response["body"]["filesystems"]
        self.assertFalse([disk for disk in disks if disk["type"] in ("proc", "sysfs", "cgroup2", "devtmpfs")])
        for disk in disks:
            self.assertGreater(disk["total_bytes"], 0)
            self.assertTrue(0 <= disk["used_percent"] <= 100)

    def test_a_tree_shows_the_largest_first_with_what_is_below_them(self):
        response = self.get_tree(self.tree)
        self.assertEqual(response["status"], 200)
        tree = response["body"]
        self.assertEqual(tree["path"], str(self.tree))
        self.assertFalse(tree["truncated"])
        first, second = tree["children"][:2]
        self.assertEqual((first["kind"], first["path"]), ("folder", str(self.tree / "big")))
        self.assertGreaterEqual(first["bytes"], 300_000)
        self.assertEqual(first["children"], [])
        self.assertEqual(second["kind"], "file")
        self.assertGreaterEqual(tree["bytes"], 350_000)

    def test_both_prefixes_reach_the_same_route(self):
        path = "tree?path=" + self.quote(self.tree)
        self.assertEqual(self.host.http("/disk-usage/" + path)["body"], self.host.http("/" + path)["body"])

    def test_depth_opens_the_children(self):
        tree = self.get_tree(self.tree, depth=2)["body"]
        names = [os.path.basename(child["path"]) for child in tree["children"][0]["children"]]
        self.assertEqual(names, ["deeper", "b"])

    def test_hard_links_count_once_and_symbolic_links_are_not_followed(self):
        tree = self.get_tree(self.tree)["body"]
        names = [os.path.basename(child["path"]) for child in tree["children"]]
        self.assertEqual(len({"file", "same file"} & set(names)), 1)
        self.assertLess(tree["bytes"], 1_000_000)
        self.assertEqual(self.get_tree(self.tree / "link")["status"], 400)

    def test_names_that_are_not_utf8_can_be_opened_by_their_link(self):
        child = next(c for c in self.get_tree(self.tree)["body"]["children"] if "not-utf8" in c["path"])
        self.assertTrue(child["path"].endswith("not-utf8-\ufffd"))
        self.assertEqual(self.host.http(child["href"])["status"], 200)

    def test_the_entry_limit_truncates(self):
        tree = self.get_tree(self.tree, entries=2)["body"]
        self.assertEqual((tree["truncated"], tree["entries"]), (True, 2))

    def test_it_stays_on_one_file_system(self):
        if os.stat("/").st_dev == os.stat("/proc").st_dev:
            self.skipTest("/proc is no file system of its own here")
        tree = self.get_tree("/", entries=2000)["body"]
        self.assertNotIn("/proc", [child["path"] for child in tree["children"]])

    def test_refusals_say_why(self):
        cases = [
            ("/disk-usage/nothing", 404, "nothing at /nothing"),
            ("/disk-usagefoo", 404, "nothing at /disk-usagefoo"),
            ("/tree?path=/no/such/folder", 404, "No such file"),
            ("/tree?path=relative", 400, "absolute"),
            ("/tree?path=/etc/passwd", 400, "not a folder"),
            ("/tree?path=/%00", 400, "absolute"),
            ("/tree?path=/%zz", 400, "hexadecimal"),
            ("/tree?path=/" + "x" * 300, 400, "too long"),
            ("/tree?depth=4", 400, "depth must be a whole number from 1 to 3, not '4'"),
            ("/tree?depth=-1", 400, "depth"),
            ("/tree?entries=0", 400, "entries"),
            ("/history?limit=many", 400, "limit"),
            ("/tree?" + "a=1&" * 20, 400, "Max number of fields"),
        ]
        for path, status, reason in cases:
            with self.subTest(path):
                response = self.host.http(path)
                self.assertEqual(response["status"], status)
                self.assertIn(reason, response["body"]["error"]["message"])

    def test_only_admins_look_into_folders(self):
        for headers in ({}, {"x-toru-role": "user"}):
            self.assertEqual(self.host.http("/tree?path=/tmp", headers=headers)["status"], 403)
            self.assertEqual(self.host.http("/", headers=headers)["status"], 200)

    def test_an_unreadable_folder_is_403(self):
        if os.geteuid() == 0:
            self.skipTest("root may read everything")
        closed = self.host.folder / "closed"
        closed.mkdir(mode=0)
        self.addCleanup(closed.chmod, 0o700)
        self.assertEqual(self.get_tree(closed)["status"], 403)

    def test_other_methods_are_refused_and_head_has_no_body(self):
        self.assertEqual(self.host.http("/", method="POST")["status"], 405)
        head = self.host.http("/", method="HEAD")
        self.assertEqual((head["status"], head["body"]), (200, None))

    def test_the_bundle_registers_itself_and_never_writes_html(self):
        response = self.host.http("/disk-usage/bundle.js")
        self.assertEqual(response["headers"]["content-type"], "text/javascript; charset=utf-8")
        self.assertIn('window.ToruPlugins["disk-usage"] = { mount, unmount }', response["body"])
        for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            self.assertNotIn(word, response["body"])


class History(PluginTest):
    def test_a_sample_is_stored_at_the_start_and_shown(self):
        host = self.start()
        host.wait_for(lambda: host.samples() and [m for m in host.received if m["payload"].get("action") == "list"])
        self.assertRegex(host.samples()[0], r"^sample:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        samples = host.http("/disk-usage/history")["body"]["samples"]
        self.assertEqual([f"sample:{sample['at']}" for sample in samples], host.samples())
        for used, total in samples[0]["filesystems"].values():
            self.assertLessEqual(used, total)

    def test_samples_are_pruned_to_1000_oldest_first_and_other_keys_stay(self):
        store = {f"sample:2020-01-01T00:{i // 60:02}:{i % 60:02}Z": '{"/": [1, 2]}' for i in range(1203)}
        store["settings"] = "kept"
        host = self.start(store=store)
        host.wait_for(lambda: len(host.samples()) == 1000)
        self.assertEqual(host.samples()[0], "sample:2020-01-01T00:03:24Z")
        self.assertIn("settings", host.store)
        self.assertEqual(len(host.http("/history?limit=3")["body"]["samples"]), 3)
        self.assertEqual(len(host.http("/history")["body"]["samples"]), 144)

    def test_a_store_that_refuses_is_503_and_a_warning(self):
        host = self.start(answers_kv=False)
        question = host.wait_for(lambda: next((m for m in host.received if m["type"] == "kv"), None))
        host.send("kv", {"error": {"code": "disk_full", "message": "no space"}}, question["request_id"])
        warning = host.wait_for(lambda: next((m for m in host.received if m["payload"].get("level") == "warn"), None))
        self.assertIn("disk_full", warning["payload"]["error"])
        host.send("http", {"method": "GET", "path": "/history", "headers": {}, "body": None}, "h")
        question = host.wait_for(lambda: next((m for m in host.received if m["payload"].get("action") == "list"), None))
        host.send("kv", {"error": {"code": "disk_full", "message": "no space"}}, question["request_id"])
        self.assertEqual(host.reply("h")["payload"]["status"], 503)


class Scans(unittest.TestCase):
    """What a request cannot bring about in a test's time."""

    @classmethod
    def setUpClass(cls):
        spec = importlib.util.spec_from_file_location("disk_usage", SOURCE)
        cls.plugin = importlib.util.module_from_spec(spec)
        wrote, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        spec.loader.exec_module(cls.plugin)
        sys.dont_write_bytecode = wrote

    def test_the_time_limit_truncates(self):
        self.assertTrue(self.plugin.Scan(1000, 0).run("/usr", 1)["truncated"])

    def test_a_cancelled_scan_ends(self):
        scan = self.plugin.Scan(300_000, 60)
        scan.cancelled.set()
        self.assertEqual(scan.run("/usr", 1)["entries"], 0)

    def test_a_complete_scan_is_not_called_truncated(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in "abc":
                Path(folder, name).touch()
            tree = self.plugin.Scan(3, 60).run(folder, 1)
        self.assertEqual((tree["entries"], tree["truncated"]), (3, False))


if __name__ == "__main__":
    unittest.main()
