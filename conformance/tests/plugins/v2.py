#!/usr/bin/env python3
"""Fixture: a version 2 plugin that passes the whole exam, exam route included, and can be made to fail each case of it.

A file of the same name with `.json` in place of the ending, beside it: {"broken": "ID OF A CASE"}.
"""

import base64
import json
import os
import queue
import select
import signal
import socket
import struct
import sys
import threading
import time
from datetime import datetime, timezone
from urllib.parse import parse_qsl

MAX_FRAME_BYTES = 16 * 1024 * 1024
KV_SECONDS = 5
WINDOW = 256 * 1024
PIECE = 64 * 1024
LAST, TEXT, ABORTED = 1, 2, 4
STEM = os.path.abspath(sys.argv[0]).rsplit(".", 1)[0]

try:
    with open(STEM + ".json", encoding="utf-8") as file:
        BROKEN = json.load(file)["broken"]
except FileNotFoundError:
    BROKEN = None


def broken(case):
    return BROKEN == case


MANIFEST = {
    "id": "exam", "name": "Exam", "version": "1.0.0", "icon": "🎓", "route": "/exam", "protocol": 2,
    "handles": ["http", "kv"],
}
ROUTE = MANIFEST["route"]
OFFERS = ["echo", "request", "cookies", "large", "fail", "sleep", "cancelled", "kv", "log", "websocket"]


def print_manifest():
    manifest = dict(MANIFEST)
    if broken("manifest.fields"):
        manifest["route"] = "exam/"
    if broken("manifest.route-case"):
        manifest["route"] = "/Exam"
    if broken("manifest.output"):
        print("Hello!")
    print(json.dumps(manifest))
    if broken("manifest.exit"):
        sys.exit(3)


# --- Frames


class Fault(Exception):
    pass


def encode(kind, payload, request_id=None):
    now = datetime.now(timezone.utc).isoformat().replace("+00:00", "Z")
    message = {"type": kind, "timestamp": now, "payload": payload}
    if broken("v2.messages.timestamp"):
        message["timestamp"] = time.time()
    if request_id is not None:
        message["request_id"] = request_id
    if kind == "log" and broken("v2.log.shape"):
        message["payload"]["level"] = "fatal"
    data = json.dumps(message, ensure_ascii=False).encode()
    if len(data) > MAX_FRAME_BYTES and not broken("v2.http.answer-too-large"):
        raise ValueError(f"a message of {len(data)} bytes does not fit a frame")
    return struct.pack(">I", len(data)) + data


def read_exactly(connection, count):
    data = bytearray()
    while len(data) < count:
        chunk = connection.recv(min(1 << 20, count - len(data)))
        if not chunk:
            raise EOFError
        data += chunk
        if broken("v2.frames.bytewise"):  # takes the first piece for the whole
            break
        if broken("v2.frames.cut") and len(data) < count:  # takes the end of a piece for the end of the connection
            raise EOFError
    return bytes(data).ljust(count, b" ")


def read_payload(connection):
    (length,) = struct.unpack(">I", read_exactly(connection, 4))
    limit = MAX_FRAME_BYTES // 2 if broken("v2.frames.largest") else MAX_FRAME_BYTES
    if not 1 <= length <= limit and not broken("v2.faults.length"):
        raise Fault(f"a length of {length} bytes")
    data = read_exactly(connection, length)
    if broken("v2.frames.together") and select.select([connection], [], [], 0)[0]:
        raise Fault("something behind the frame")
    return data


def read_message(data):
    if data[:1] != b"{" and not broken("v2.faults.kind"):
        raise Fault("no JSON message")
    try:
        message = json.loads(data.decode(), object_pairs_hook=first_wins if broken("v2.messages.doubled-key") else None)
    except ValueError as error:
        if broken("v2.faults.json"):
            os._exit(1)
        raise Fault(str(error)) from error
    if broken("v2.messages.nested") and b"[[[[" in data:
        raise Fault("nested too deep")
    if broken("v2.messages.unknown-fields") and set(message) - {"type", "timestamp", "request_id", "payload"}:
        raise Fault("an unknown field")
    return message


def first_wins(pairs):
    return dict(reversed(pairs))


# --- Connection


class Connection:
    def __init__(self, connection):
        self.socket = connection
        self.lock = threading.Lock()
        self.waiting = {}
        self.last_id = 0
        self.in_flight = {}  # request_id -> event that is set by a cancel
        self.has_streams = False
        self.incoming = {}  # number of a stream of the host -> queue of (bytes, flags)
        self.credits = {}  # number of a stream of ours -> bytes that may be sent; None once it is stopped
        self.granted = threading.Condition()
        self.last_stream = 0

    def send(self, kind, payload, request_id=None):
        if broken("v2.reconnect.stale") and connections[-1] is not self:
            connections[-1].send(kind, payload, request_id)
            return
        frame = encode(kind, payload, request_id)
        if broken("v2.frames.whole"):
            for start in range(0, len(frame), 65536):
                self.socket.sendall(frame[start : start + 65536])
                time.sleep(0.001)
            return
        with self.lock:
            self.socket.sendall(frame)

    def log(self, level, message, **more):
        if not broken("v2.log.arrives") or level == "debug":
            self.send("log", {"level": level, "message": message, **more})

    def kv(self, request):
        with self.lock:
            self.last_id += 1
            request_id = str(self.last_id)  # as the host counts, which must not matter
        reply = self.waiting[request_id] = [threading.Event(), None]
        self.send("kv", request, request_id)
        answered = reply[0].wait(3600 if broken("v2.kv.silence") else KV_SECONDS)
        del self.waiting[request_id]
        if not answered:
            return {"error": {"code": "timeout", "message": f"no answer within {KV_SECONDS} s"}}
        return reply[1]

    def serve(self):
        with self.socket:
            try:
                while True:
                    payload = read_payload(self.socket)
                    if payload[:1] == b"\0" and self.has_streams:
                        self.take_data(payload)
                    else:
                        self.receive(read_message(payload))
            except Fault as fault:
                print(f"the connection is closed: {fault}", file=sys.stderr, flush=True)
            except (EOFError, OSError):
                if broken("v2.reconnect") or broken("v2.faults.truncated"):
                    os._exit(1)
            except (TypeError, AttributeError, KeyError, IndexError):
                if broken("v2.faults.kind"):
                    os._exit(1)
                raise

    def receive(self, message):
        kind, payload, request_id = message["type"], message["payload"], message.get("request_id")
        if broken("v2.kv.same-id") and request_id in self.waiting:
            self.settle(request_id, payload)
        elif kind == "lifecycle":
            self.lifecycle(payload, request_id)
        elif kind == "http" and payload.get("cancel") is True:
            self.cancel(request_id)
        elif kind == "http" and request_id is None:
            self.take_grant(payload)
        elif kind == "http" and broken("v2.http.reply"):
            self.send("kv", {"value": None}, request_id)
        elif kind == "http" and "method" in payload:
            if "stream" in payload:
                self.incoming[payload["stream"]] = queue.Queue()
            self.start(self.answer, request_id, payload)
        elif kind == "kv" and "action" in payload:
            self.start(self.answer_kv, request_id, payload)
        elif broken("v2.replies.unknown") and request_id not in self.waiting:
            os._exit(1)
        elif kind == "kv":
            self.settle(request_id, payload)

    def settle(self, request_id, payload):
        if broken("v2.kv.order") and self.waiting:  # the oldest one, whatever the id
            request_id = next(iter(self.waiting))
        if request_id in self.waiting:
            self.waiting[request_id][1] = payload
            self.waiting[request_id][0].set()

    def start(self, work, request_id, payload):
        self.in_flight[request_id] = threading.Event()
        thread = threading.Thread(target=work, args=(request_id, payload), daemon=True)
        busy = broken("v2.ping.busy") or broken("v2.http.slow-and-quick")
        thread.run() if busy else thread.start()

    def lifecycle(self, payload, request_id):
        action = payload["action"]
        if action == "init":
            if broken("v2.init.ready"):
                self.send("lifecycle", {"action": "pong"}, request_id)
                return
            features = [name for name in payload["features"] if name in ("stream", "websocket")]
            if broken("v2.init.features"):
                features = payload["features"]
            self.has_streams = "stream" in features
            self.send("lifecycle", {"action": "ready", "features": features}, request_id)
            self.log("debug", "ready")
        elif action == "ping":
            self.send("lifecycle", {"action": "pang" if broken("v2.ping") else "pong"}, request_id)
        elif action == "shutdown" and not (broken("v2.reconnect.shutdown") and connections[0] is not self):
            threading.Thread(target=self.shut_down, args=(payload["grace_ms"] / 1000,)).start()

    def cancel(self, request_id):
        if broken("v2.cancel.unknown") and request_id not in self.in_flight:
            self.send("http", {"error": {"code": "unknown", "message": "nothing to cancel"}}, request_id)
        if broken("v2.cancel.others"):
            os._exit(1)
        if request_id in self.in_flight:
            self.in_flight[request_id].set()

    def shut_down(self, grace_seconds):
        if broken("v2.shutdown"):
            os._exit(1)
        deadline = time.monotonic() + grace_seconds
        while self.in_flight and time.monotonic() < deadline and not broken("v2.shutdown.finishes"):
            time.sleep(0.01)
        os._exit(0)

    # --- Streams

    def take_data(self, payload):
        if len(payload) < 6:
            raise Fault("a data frame without its header")
        flags, number = struct.unpack(">BI", payload[1:6])
        if flags & ABORTED and broken("v2.stream.aborted"):
            os._exit(1)
        if broken("v2.stream.together"):
            number = min(self.incoming)
        if number in self.incoming:
            self.incoming[number].put((payload[6:], flags))

    def take_grant(self, payload):
        number = payload["stream"]
        with self.granted:
            if payload.get("stop") and not broken("v2.stream.stop"):
                self.credits[number] = None
            elif self.credits.get(number) is not None:
                self.credits[number] += payload.get("credit", 0)
            self.granted.notify_all()

    def read_stream(self, number):
        pieces = []
        while True:
            data, flags = self.incoming[number].get(timeout=10)
            pieces.append(data)
            if flags & LAST:
                del self.incoming[number]
                if flags & ABORTED:
                    raise EOFError("the body was cut short")
                return b"".join(pieces)
            if not broken("v2.stream.request"):
                self.send("http", {"stream": number, "credit": len(data)})

    def send_stream(self, request_id, reply, data):
        with self.lock:
            self.last_stream += 1
            number = self.last_stream
        self.credits[number] = WINDOW
        self.send("http", reply | {"stream": number}, request_id)
        while data and (credit := self.wait_for_credit(number)):
            piece, data = data[: min(credit, PIECE)], data[min(credit, PIECE) :]
            with self.granted:
                if self.credits[number] is not None:
                    self.credits[number] -= len(piece)
            self.send_data(number, 0, piece)
        self.send_data(number, LAST, b"")

    def talk(self, request_id, number):
        """Sends back what comes on a WebSocket, until its client has gone."""
        with self.lock:
            self.last_stream += 1
            answers = self.last_stream
        self.send("http", {"status": 101, "headers": {}, "stream": answers}, request_id)
        while True:
            data, flags = self.incoming[number].get(timeout=10)
            if flags & LAST:
                break
            self.send_data(answers, 0 if broken("v2.websocket.echo") else flags & TEXT, data)
            self.send("http", {"stream": number, "credit": len(data)})
        if not broken("v2.websocket.close"):
            self.send_data(answers, LAST, b"")
        self.in_flight.pop(request_id, None)

    def wait_for_credit(self, number):
        """Bytes that may be sent; 0 where nobody wants more."""
        with self.granted:
            if broken("v2.stream.window"):
                return PIECE
            self.granted.wait_for(lambda: self.credits[number] != 0, timeout=20)
            return self.credits[number] or 0

    def send_data(self, number, flags, data):
        with self.lock:
            self.socket.sendall(struct.pack(">IBBI", 6 + len(data), 0, flags, number) + data)

    # --- Answers

    def answer(self, request_id, request):
        if request.get("upgrade") == "websocket":
            if broken("v2.websocket.answers"):
                os._exit(1)
            if request["path"] == ROUTE + "/__exam/websocket":
                self.talk(request_id, request["stream"])
                return
        try:
            reply = respond(self, request, self.in_flight[request_id])
        except Exception as error:
            if broken("v2.http.failure"):
                os._exit(1)
            self.log("error", "a handler failed", error=str(error))
            reply = {"error": {"code": "internal", "message": "the handler failed"}}
        if not (self.in_flight[request_id].is_set() and reply is None):
            self.reply(request_id, misshape(request, reply))
        self.in_flight.pop(request_id, None)

    def reply(self, request_id, reply):
        try:
            body = (reply or {}).get("body") or ""
            if self.has_streams and len(body) > WINDOW and not broken("v2.http.answer-too-large"):
                rest = {name: value for name, value in reply.items() if name != "body"}
                self.send_stream(request_id, rest, body.encode())
                return
            self.send("http", reply, request_id)
            if broken("v2.http.concurrent"):
                self.send("http", reply, request_id)
        except ValueError as error:
            self.log("error", str(error))
            self.send("http", {"error": {"code": "too_large", "message": str(error)}}, request_id)
        except OSError:
            pass  # nobody is left to answer

    def answer_kv(self, request_id, request):
        action, key = request["action"], request.get("key")
        if action == "set":
            STORE[key] = request["value"]
        elif action == "delete":
            STORE.pop(key, None)
        value = {"value": STORE.get(key) if action == "get" else None}
        if action == "list":
            value = {"keys": sorted(key for key in STORE if key.startswith(request["prefix"])), "more": False}
        self.send("kv", {"result": value} if broken("v2.handle-kv") else value, request_id)
        self.in_flight.pop(request_id, None)


STORE = {}
connections = []
cancelled = 0


def text(body, status=200, content_type="text/plain"):
    return {"status": status, "headers": {"content-type": content_type}, "body": body}


def as_json(value):
    return text(json.dumps(value), content_type="application/json")


def misshape(request, reply):
    if reply is None or "error" in reply:
        return reply
    if broken("v2.http.status"):
        return reply | {"status": "404"}
    if broken("v2.http.headers"):
        return reply | {"headers": {"Content-Type": 7}}
    if broken("v2.http.body"):
        return reply | {"body": {"an": "object"}}
    if request["method"] == "HEAD" and not broken("v2.http.head"):
        return {name: value for name, value in reply.items() if name != "body_base64"} | {"body": None}
    return reply


def respond(connection, request, cancel):
    target = request["path"].removeprefix(ROUTE) if request["path"].startswith(ROUTE) else request["path"]
    path, _, query = target.partition("?")
    if broken("v2.http.answers") and path == "":
        raise LookupError("no such path")
    if broken("v2.http.methods") and request["method"] not in ("GET", "POST"):
        raise LookupError("no such method")
    if broken("v2.http.header-lists") and not all(isinstance(value, str) for value in request["headers"].values()):
        raise TypeError("a header is no string")
    if broken("v2.http.body-base64") and "body" not in request:
        raise KeyError("body")
    if broken("v2.http.long") and len(path) + len(query) > 8192:
        raise ValueError("a long path")
    if broken("v2.http.body-nested") and (request.get("body") or "").startswith("[[["):
        raise RecursionError("too deep")
    if path == "/__exam":
        return as_json({"exam": 1, "offers": OFFERS})
    action = path.removeprefix("/__exam/") if path.startswith("/__exam/") else None
    if action not in ACTIONS:
        return text("there is nothing here\n", 404)
    return ACTIONS[action](connection, request, target, dict(parse_qsl(query)), cancel)


def body_of(connection, request):
    if "stream" in request:
        return connection.read_stream(request["stream"])
    if "body_base64" in request:
        return base64.b64decode(request["body_base64"])
    return (request["body"] or "").encode()


def echo(connection, request, target, query, cancel):
    data = body_of(connection, request)
    headers = {name: value for name, value in request["headers"].items() if name == "content-type"}
    if broken("v2.http.bytes"):
        return {"status": 200, "headers": headers, "body": data.decode(errors="replace")}
    if broken("v2.http.text"):
        data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return {"status": 200, "headers": headers, "body": data.decode()}
    except UnicodeDecodeError:
        return {"status": 200, "headers": headers, "body_base64": base64.b64encode(data).decode()}


def show_request(connection, request, target, query, cancel):
    if broken("v2.http.request"):
        target = target.replace("%2F", "/")
    return as_json({"method": request["method"], "target": target, "headers": request["headers"]})


def cookies(connection, request, target, query, cancel):
    values = "a=1, b=2; Path=/" if broken("v2.http.cookies") else ["a=1", "b=2; Path=/"]
    return {"status": 200, "headers": {"set-cookie": values}, "body": None}


def large(connection, request, target, query, cancel):
    count = int(query["bytes"])
    return text("x" * (min(count, 1 << 20) if broken("v2.http.large-answer") else count))


def fail(connection, request, target, query, cancel):
    raise RuntimeError("asked to fail")


def sleep(connection, request, target, query, cancel):
    global cancelled
    seconds = int(query["ms"]) / 1000
    if broken("v2.cancel.stops"):
        time.sleep(seconds)
    elif cancel.wait(seconds):
        cancelled += 1
        return None
    return as_json({"slept": seconds})


def count_cancelled(connection, request, target, query, cancel):
    return as_json({"cancelled": cancelled})


def ask_kv(connection, request, target, query, cancel):
    asked = json.loads(body_of(connection, request))
    if broken("v2.kv.list"):
        asked.pop("after", None)
    if broken("v2.kv.delete") and asked["action"] == "delete":
        return as_json({"value": None})
    if broken("v2.kv.set-get") and asked["action"] == "set":
        asked["value"] = asked["value"].strip()[:100]
    reply = connection.kv(asked)
    if "error" in reply:
        return as_json({"value": None} if broken("v2.kv.refused") else reply)
    if asked["action"] == "get" and not isinstance(reply.get("value", 0), (str, type(None))):
        if broken("v2.kv.nonsense"):
            os._exit(1)
        return as_json({"error": {"code": "protocol", "message": "the host's answer makes no sense"}})
    return as_json(reply)


def write_log(connection, request, target, query, cancel):
    entry = json.loads(body_of(connection, request))
    connection.log(entry.pop("level"), entry.pop("message"), **entry)
    return as_json({"logged": True})


ACTIONS = {
    "echo": echo, "request": show_request, "cookies": cookies, "large": large, "fail": fail, "sleep": sleep,
    "cancelled": count_cancelled, "kv": ask_kv, "log": write_log,
}


# --- Process


def exit_with_host():
    while os.read(0, 4096):
        pass
    os._exit(0)


def exit_later():
    time.sleep(0.2)
    os._exit(0)


def main():
    if "--metadata" in sys.argv[1:]:
        print_manifest()
        return
    if not broken("process.stdin"):
        threading.Thread(target=exit_with_host, daemon=True).start()
    if broken("process.stays"):
        threading.Thread(target=exit_later, daemon=True).start()
    if broken("process.output"):
        print("x" * 20_000, flush=True)
    signal.signal(signal.SIGTERM, signal.SIG_IGN if broken("process.sigterm") else lambda *_: os._exit(0))
    listener = socket.socket(socket.AF_UNIX)
    if broken("process.socket"):
        sys.exit("no socket today")
    listener.bind(os.environ["TORU_PLUGIN_SOCKET"])
    listener.listen(16)
    while True:
        connection = Connection(listener.accept()[0])
        connections.append(connection)
        if broken("v2.init.first"):
            connection.log("info", "somebody has connected")
        threading.Thread(target=connection.serve, daemon=True).start()


main()
