#!/usr/bin/env python3
"""Fixture: a version 2 plugin that can be made to do everything wrong. Copied as acme.binary it is the plugin `acme`.

One connection (a new one replaces it), a thread for each request, requests in both directions, no features.

Paths, with or without the route before them:
  /bundle.js            `bundle` of the config as `bundle_type` (text/javascript), else 404
  /status/N             that status
  /sleep?ms=N           answers late, also when it was cancelled
  /headers              set-cookie as a list, no content-type
  /binary               the bytes 0 to 255
  /echo-bytes           the body of the request, with its content-type
  /large?bytes=N        a body of N times "x"
  /kv/ACTION?key=&value=&prefix=&after=&limit=   asks the host, returns the payload of its reply
  /log?level=&message=&error=                    sends a log message first
  /stdout?lines=N, /stderr?lines=N&text=T, /endless-line?bytes=N   prints first
  /crash?code=N, /signal?n=N, /close-connection  no answer
  /hang                 no answer; /cancelled lists the ids of all requests that were cancelled
  /error                an error in place of an answer
  /garbage?kind=KIND    then the answer; KIND is byte (default), json, utf8, array or type, or a strange log message: proto,
                        nested (10,000 levels), nested-elsewhere, doubled (keys), surrogate
  /huge-length?length=N writes that length only, 0xFFFFFFFF unless told otherwise
  /truncated            half a frame, then closes the connection
  /bytewise             answers one byte at a time
  /unknown-id, /double-reply, /bad-status?status=N (99), /bad-header   wrong answers
  /fork                 starts `sleep 1000` in a session of its own, with our stdio (?close=1: without); returns its pid
  /ignore-pings?count=N the next N pings get no answer
  /env, /pid, /fds, /init   what it sees of itself
  /python?code=         what this expression gives, or the exception that it raises
  anything else         echoes the request

acme.fixture.json beside the file: version, route, bundle, bundle_type, metadata {field: value, null removes it}, and
  behaviour   exit-at-once (code), exit-zero, never-bind, bind-late (ms), ignore-sigterm (shutdown too), no-ready,
              refuse-init, ignore-ping (after: pings answered before), crash-after (ms, code), noisy (lines, code),
              slow-shutdown (ms), metadata-hangs, metadata-junk, metadata-huge, metadata-fails
  until       N: the behaviour holds for the first N starts only. The count is the file `starts` in the data folder
  ignore_stdin  true: goes on when its stdin ends. The test must end it
"""

import base64
import json
import os
import signal
import socket
import struct
import sys
import threading
import time
from urllib.parse import parse_qsl, unquote

FILE = os.path.abspath(sys.argv[0])
ID = os.path.basename(FILE).rsplit(".", 1)[0]
KV_REPLY_SECONDS = 10


def read_config():
    try:
        with open(os.path.join(os.path.dirname(FILE), ID + ".fixture.json"), encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return {}


CONFIG = read_config()
BEHAVIOUR = CONFIG.get("behaviour")


def metadata():
    fields = {
        "id": ID,
        "name": ID[:1].upper() + ID[1:],
        "version": CONFIG.get("version", "1.0.0"),
        "icon": "🧪",
        "route": CONFIG.get("route", "/" + ID),
        "protocol": 2,
        "handles": ["http"],
    }
    fields.update(CONFIG.get("metadata", {}))
    return {name: value for name, value in fields.items() if value is not None}


def print_metadata():
    if BEHAVIOUR == "metadata-hangs":
        time.sleep(60)  # the host gives up long before
    elif BEHAVIOUR == "metadata-junk":
        print("this is no JSON")
    elif BEHAVIOUR == "metadata-huge":
        print(json.dumps(metadata() | {"padding": "x" * 10_000_000}))
    elif BEHAVIOUR == "metadata-fails":
        sys.exit("the fixture was asked to fail")
    else:
        print(json.dumps(metadata()))


# --- The connection to the host


class Connection:
    def __init__(self, connection):
        self.socket = connection
        self.lock = threading.Lock()
        self.waiting = {}  # request_id -> [event, payload]
        self.last_id = 0

    def send(self, kind, payload, request_id=None, bytewise=False):
        frame = encode(kind, payload, request_id)
        with self.lock:
            for part in [frame[i : i + 1] for i in range(len(frame))] if bytewise else [frame]:
                self.socket.sendall(part)

    def send_raw(self, data):
        with self.lock:
            self.socket.sendall(data)

    def ask(self, kind, payload):
        with self.lock:
            self.last_id += 1
            request_id = "own-" + str(self.last_id)
        entry = self.waiting[request_id] = [threading.Event(), None]
        self.send(kind, payload, request_id)
        answered = entry[0].wait(KV_REPLY_SECONDS)
        del self.waiting[request_id]
        return entry[1] if answered else {"error": {"code": "timeout", "message": "no reply from the host"}}

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)  # close() alone would wait for the thread that reads
        except OSError:
            pass  # the other side was faster

    def read_exactly(self, count):
        data = bytearray()
        while len(data) < count:
            chunk = self.socket.recv(min(1 << 20, count - len(data)))
            if not chunk:
                raise EOFError
            data += chunk
        return bytes(data)

    def serve(self):
        with self.socket:
            try:
                while True:
                    (length,) = struct.unpack(">I", self.read_exactly(4))
                    receive(self, json.loads(self.read_exactly(length)))
            except (EOFError, OSError):
                return


def encode(kind, payload, request_id=None):
    timestamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    message = {"type": kind, "timestamp": timestamp, "payload": payload}
    if request_id is not None:
        message["request_id"] = request_id
    data = json.dumps(message).encode()
    return struct.pack(">I", len(data)) + data


# --- What it remembers

connections = 0
inits = []
pings = 0
pings_to_ignore = 0
cancelled = []
in_flight = set()


def receive(connection, message):
    kind, payload, request_id = message["type"], message["payload"], message.get("request_id")
    if request_id in connection.waiting:
        entry = connection.waiting[request_id]
        entry[1] = payload
        entry[0].set()
    elif kind == "lifecycle":
        lifecycle(connection, payload, request_id)
    elif payload.get("cancel") is True:
        cancelled.append(request_id)
    elif kind == "http":
        thread = threading.Thread(target=respond, args=(connection, payload, request_id), daemon=True)
        in_flight.add(thread)
        thread.start()
    elif kind == "kv":
        # For plugins whose metadata name kv: the host gets back what it asked.
        connection.send("kv", {"value": json.dumps(payload)}, request_id)


def lifecycle(connection, payload, request_id):
    global pings, pings_to_ignore
    action = payload["action"]
    if action == "init":
        inits.append(payload)
        if BEHAVIOUR == "refuse-init":
            refusal = {"error": {"code": "fixture_refuses", "message": "the fixture was asked to refuse"}}
            connection.send("lifecycle", refusal, request_id)
        elif BEHAVIOUR != "no-ready":
            connection.send("lifecycle", {"action": "ready", "features": []}, request_id)
    elif action == "ping":
        pings += 1
        if BEHAVIOUR == "ignore-ping" and pings > CONFIG.get("after", 0):
            return
        if pings_to_ignore > 0:
            pings_to_ignore -= 1
            return
        connection.send("lifecycle", {"action": "pong"}, request_id)
    elif action == "shutdown" and BEHAVIOUR != "ignore-sigterm":
        threading.Thread(target=shut_down, args=(payload.get("grace_ms", 5000) / 1000,), daemon=True).start()


def shut_down(grace_seconds):
    if BEHAVIOUR == "slow-shutdown":
        time.sleep(CONFIG["ms"] / 1000)
    deadline = time.monotonic() + grace_seconds
    for thread in list(in_flight):
        thread.join(max(0, deadline - time.monotonic()))
    os._exit(0)


# --- Answers


def respond(connection, request, request_id):
    try:
        answer(connection, request, request_id)
    except OSError as error:
        print("error: no answer could be sent: " + str(error), file=sys.stderr, flush=True)
    except Exception as error:
        text = type(error).__name__ + ": " + str(error)
        connection.send("http", {"error": {"code": "internal", "message": text}}, request_id)
    finally:
        in_flight.discard(threading.current_thread())


def answer(connection, request, request_id):
    path, _, query_text = request["path"].partition("?")
    segments = unquote(path).strip("/").split("/")
    if segments[0] == metadata()["route"].strip("/"):
        del segments[0]
    query = dict(parse_qsl(query_text, keep_blank_values=True))
    name = segments[0] if segments else ""
    if name in SILENT:
        SILENT[name](connection, query)
        return
    reply = ANSWERS[name](connection, request, query, segments) if name in ANSWERS else json_reply(request)
    if name == "unknown-id":
        connection.send("http", {"status": 200, "headers": {}, "body": "for nobody"}, "no-such-id")
    connection.send("http", reply, request_id, bytewise=name == "bytewise")
    if name == "double-reply":
        connection.send("http", reply | {"body": "the second reply"}, request_id)


def json_reply(value, status=200):
    return {"status": status, "headers": {"content-type": "application/json"}, "body": json.dumps(value)}


def text_reply(text, status=200):
    return {"status": status, "headers": {"content-type": "text/plain"}, "body": text}


def bundle(connection, request, query, segments):
    if "bundle" not in CONFIG:
        return text_reply("no bundle", 404)
    content_type = CONFIG.get("bundle_type", "text/javascript")
    return {"status": 200, "headers": {"content-type": content_type}, "body": CONFIG["bundle"]}


def status(connection, request, query, segments):
    number = int(segments[1])
    return {"status": number, "headers": {}, "body": None if number in (204, 304) else "status " + segments[1]}


def sleep(connection, request, query, segments):
    time.sleep(int(query["ms"]) / 1000)
    return json_reply(request)


def headers(connection, request, query, segments):
    return {"status": 200, "headers": {"set-cookie": ["a=1", "b=2; Path=/"], "x-fixture": ID}, "body": "headers"}


def binary(connection, request, query, segments):
    data = base64.b64encode(bytes(range(256))).decode()
    return {"status": 200, "headers": {"content-type": "application/octet-stream"}, "body_base64": data}


def echo_bytes(connection, request, query, segments):
    kept = {name: value for name, value in request["headers"].items() if name == "content-type"}
    body = {name: request[name] for name in ("body", "body_base64") if name in request}
    return {"status": 200, "headers": kept, **body}


def large(connection, request, query, segments):
    return text_reply("x" * int(query["bytes"]))


def kv(connection, request, query, segments):
    fields = {name: int(value) if name == "limit" else value for name, value in query.items()}
    return json_reply(connection.ask("kv", {"action": segments[1], **fields}))


def log(connection, request, query, segments):
    connection.send("log", {"level": "info", "message": "", **query})
    return json_reply(query)


def write_all(descriptor, data):
    while data:
        data = data[os.write(descriptor, data) :]


def stdout(connection, request, query, segments):
    write_all(1, b"".join(b"stdout line %d\n" % number for number in range(int(query.get("lines", "1")))))
    return text_reply("printed")


def stderr(connection, request, query, segments):
    text = query.get("text", "stderr line").encode(errors="surrogateescape")
    write_all(2, (text + b"\n") * int(query.get("lines", "1")))
    return text_reply("printed")


def endless_line(connection, request, query, segments):
    left = int(query["bytes"])
    while left > 0:
        write_all(1, b"x" * min(65536, left))
        left -= 65536
    return text_reply("printed")


def error(connection, request, query, segments):
    return {"error": {"code": "fixture_error", "message": "the fixture was asked to fail"}}


def strange_log(more):
    return b'{"type": "log", "timestamp": "2026-01-01T00:00:00Z", "payload": {"level": "info", ' + more + b"}}"


DEEP = b'{"a":' * 10_000 + b"1" + b"}" * 10_000

GARBAGE = {
    "proto": strange_log(b'"message": "proto", "__proto__": {"level": "error"}, "fields": {"__proto__": {"polluted": 1}}'),
    "nested": strange_log(b'"message": "nested", "fields": ' + DEEP),
    "nested-elsewhere": strange_log(b'"message": "nested-elsewhere", "unknown": ' + DEEP),
    "doubled": strange_log(b'"message": "first", "message": "doubled"'),
    "surrogate": strange_log(b'"message": "surrogate \\ud800", "fields": {"\\udfff": "\\ud800"}'),
    "byte": b"garbage!",
    "json": b'{"type": ',
    "utf8": b'{"type": "log\xff"}',
    "array": b"[1, 2]",
    "type": b'{"type": "weather", "timestamp": "2026-01-01T00:00:00Z", "payload": {}}',
}


def garbage(connection, request, query, segments):
    data = GARBAGE[query.get("kind", "byte")]
    connection.send_raw(struct.pack(">I", len(data)) + data)
    return text_reply("after the garbage")


def bad_status(connection, request, query, segments):
    return text_reply("bad status", int(query.get("status", "99")))


def bad_header(connection, request, query, segments):
    return {"status": 200, "headers": {"x-bad": "a\r\nx-injected: 1"}, "body": "bad header"}


def fork(connection, request, query, segments):
    """Twice, so that the sleeper has no living parent. exec closes the sockets and keeps the environment."""
    reader, writer = os.pipe()
    middle = os.fork()
    if middle == 0:
        os.setsid()
        sleeper = os.fork()
        if sleeper == 0:
            if query.get("close") == "1":
                null = os.open(os.devnull, os.O_RDWR)
                for descriptor in (0, 1, 2):
                    os.dup2(null, descriptor)
            try:
                os.execvp("sleep", ["sleep", "1000"])
            finally:
                os._exit(127)
        os.write(writer, str(sleeper).encode())
        os._exit(0)
    os.close(writer)
    os.waitpid(middle, 0)
    pid = int(os.read(reader, 32))
    os.close(reader)
    return json_reply({"pid": pid})


def ignore_pings(connection, request, query, segments):
    global pings_to_ignore
    pings_to_ignore = int(query["count"])
    return json_reply({"count": pings_to_ignore})


def env(connection, request, query, segments):
    return json_reply({"environment": dict(os.environ), "cwd": os.getcwd(), "argv": sys.argv})


def pid(connection, request, query, segments):
    return json_reply({"pid": os.getpid(), "ppid": os.getppid(), "pgid": os.getpgid(0), "sid": os.getsid(0)})


def fds(connection, request, query, segments):
    found = {}
    for name in os.listdir("/proc/self/fd"):
        try:
            found[name] = os.readlink("/proc/self/fd/" + name)
        except FileNotFoundError:
            pass  # the folder itself, open for the listing
    return json_reply(found)


def init(connection, request, query, segments):
    last = inits[-1] if inits else None
    return json_reply({"inits": len(inits), "init": last, "connections": connections, "pings": pings})


def python(connection, request, query, segments):
    try:
        return json_reply({"value": eval(query["code"], {"__builtins__": __builtins__}, {})})
    except Exception as exception:
        return json_reply({"raised": type(exception).__name__})


ANSWERS = {
    "bundle.js": bundle,
    "status": status,
    "sleep": sleep,
    "headers": headers,
    "binary": binary,
    "echo-bytes": echo_bytes,
    "large": large,
    "kv": kv,
    "log": log,
    "stdout": stdout,
    "stderr": stderr,
    "endless-line": endless_line,
    "cancelled": lambda *_: json_reply({"cancelled": cancelled}),
    "error": error,
    "garbage": garbage,
    "bad-status": bad_status,
    "bad-header": bad_header,
    "fork": fork,
    "ignore-pings": ignore_pings,
    "env": env,
    "pid": pid,
    "fds": fds,
    "init": init,
    "python": python,
}


def truncated(connection, query):
    frame = encode("http", {"status": 200, "headers": {}, "body": "never whole"}, "half")
    connection.send_raw(frame[: len(frame) // 2])
    connection.close()


SILENT = {
    "crash": lambda _, query: os._exit(int(query.get("code", "1"))),
    "signal": lambda _, query: os.kill(os.getpid(), int(query.get("n", "9"))),
    "hang": lambda connection, query: None,
    "huge-length": lambda connection, query: connection.send_raw(
        struct.pack(">I", int(query.get("length", str(0xFFFFFFFF))))
    ),
    "truncated": truncated,
    "close-connection": lambda connection, query: connection.close(),
}


# --- The process


def exit_with_host():
    while os.read(0, 4096):
        pass
    os._exit(0)


def exit_after(seconds, code):
    time.sleep(seconds)
    os._exit(code)


def count_start():
    """Returns the number of this start, from 1."""
    path = os.path.join(os.environ["TORU_PLUGIN_DATA_DIR"], "starts")
    with open(path, "ab") as file:
        file.write(b".")
    return os.path.getsize(path)


def misbehave_at_start():
    if BEHAVIOUR == "exit-at-once":
        os._exit(CONFIG.get("code", 1))
    if BEHAVIOUR == "exit-zero":
        os._exit(0)
    if BEHAVIOUR == "noisy":
        for number in range(CONFIG.get("lines", 100)):
            write_all(1 + number % 2, b"noisy line %d\n" % number)
        os._exit(CONFIG.get("code", 1))
    if BEHAVIOUR == "crash-after":
        seconds, code = CONFIG["ms"] / 1000, CONFIG.get("code", 1)
        threading.Thread(target=exit_after, args=(seconds, code), daemon=True).start()
    if BEHAVIOUR == "ignore-sigterm":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if BEHAVIOUR == "never-bind":
        threading.Event().wait()
    if BEHAVIOUR == "bind-late":
        time.sleep(CONFIG["ms"] / 1000)


def main():
    global BEHAVIOUR, connections
    if "--metadata" in sys.argv[1:]:
        print_metadata()
        return
    if not CONFIG.get("ignore_stdin"):
        threading.Thread(target=exit_with_host, daemon=True).start()
    if "until" in CONFIG and count_start() > CONFIG["until"]:
        BEHAVIOUR = None
    misbehave_at_start()
    path = os.environ["TORU_PLUGIN_SOCKET"]
    if os.path.exists(path):
        os.unlink(path)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(16)
    while True:
        connection = Connection(listener.accept()[0])
        connections += 1
        threading.Thread(target=connection.serve, daemon=True).start()


main()
