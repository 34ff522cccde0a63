#!/usr/bin/env python3
"""Fixture: a version 1 plugin of the narrowest kind that is deployed. Copied as acme.binary it is the plugin `acme`.

It serves one connection at a time with a backlog of 1, reads one message from it, drops whatever follows, and waits for
the end of the connection. It wants every field of its own reading of version 1; where something is missing it prints an
error and never replies. Its answers are wrapped: the JSON text of {status, headers, body} as the body of a request.

Paths: /sleep?ms=N (blocks the whole plugin), /silent, /crash, /count, /bundle.js, anything else echoes.
acme.fixture.json beside the file: version, route, metadata {field: value, null removes it}, bundle (text of bundle.js),
behaviour "kv-reply-http" (answers kv in a message of type http), "kv-value" (answers kv by {type, request_id, value}),
"silent-bundle" (never answers /bundle.js).
"""

import json
import os
import socket
import struct
import sys
import threading
import time

FILE = os.path.abspath(sys.argv[0])
ID = os.path.basename(FILE).rsplit(".", 1)[0]


def read_config():
    try:
        with open(os.path.join(os.path.dirname(FILE), ID + ".fixture.json"), encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return {}


CONFIG = read_config()
BEHAVIOUR = CONFIG.get("behaviour")

store = {}
counts = {"connections": 0, "empty": 0, "dropped_bytes": 0, "inits": 0}
last_init = None


def metadata():
    fields = {
        "id": ID,
        "name": ID[:1].upper() + ID[1:],
        "version": CONFIG.get("version", "1.0.0"),
        "icon": "🧱",
        "route": CONFIG.get("route", "/" + ID),
        "handles": ["http", "kv"],
    }
    fields.update(CONFIG.get("metadata", {}))
    return {name: value for name, value in fields.items() if value is not None}


def exit_with_host():
    while os.read(0, 4096):
        pass
    os._exit(0)


def query_of(path):
    pairs = [pair.partition("=") for pair in path.partition("?")[2].split("&")]
    return {name: value for name, _, value in pairs}


def wrapped(request_id, request, answer):
    inner = {"method": request.get("method", ""), "path": request.get("path", ""), "headers": {}}
    return {"type": "http", "request_id": request_id, "payload": inner | {"body": json.dumps(answer)}}


def http(request_id, request):
    """Returns the payload of the reply, or None where there is none."""
    for name in ("method", "path"):
        if not isinstance(request[name], str):
            raise TypeError(name + " is not a string")
    if not all(isinstance(value, str) for value in request["headers"].values()):
        raise TypeError("a header is not one string")
    if not isinstance(request["body"], (str, type(None))):
        raise TypeError("the body is neither a string nor null")
    path = request["path"].partition("?")[0]
    if path.startswith(metadata()["route"] + "/"):
        path = path[len(metadata()["route"]) :]
    headers, body, status = {"content-type": "application/json"}, None, 200
    if path == "/silent" or (path == "/bundle.js" and BEHAVIOUR == "silent-bundle"):
        raise ValueError("asked to fail")
    if path == "/crash":
        os._exit(3)
    if path == "/bundle.js":
        status, body = (200, CONFIG["bundle"]) if "bundle" in CONFIG else (404, "no bundle")
        headers = {"content-type": "text/javascript"}
    elif path == "/count":
        body = json.dumps(counts)
    else:
        if path == "/sleep":
            time.sleep(int(query_of(request["path"])["ms"]) / 1000)
        body = json.dumps({name: request[name] for name in ("method", "path", "headers", "body")} | {"init": last_init})
    return wrapped(request_id, request, {"status": status, "headers": headers, "body": body})


def kv(request_id, payload):
    key, value = payload["key"], payload["value"]
    action = payload["action"]
    if payload["payload"]["action"] != action.lower() or action not in ("Get", "Set", "Delete"):
        raise ValueError("unknown kv action " + repr(action))
    if action == "Set":
        store[key] = value
    if action == "Delete":
        store.pop(key, None)
    answer = {"value": store.get(key) if action == "Get" else None}
    if BEHAVIOUR == "kv-value":
        return {"type": "kv", "request_id": request_id, **answer}
    return wrapped(request_id, {}, answer)


def handle(message):
    """Returns the reply to send, or None where none is due. Raises where the message is not what it wants."""
    global last_init
    if not isinstance(message["timestamp"], str):
        raise TypeError("timestamp is not a string")
    payload = message["payload"]
    if payload["type"] != message["type"]:
        raise ValueError("the payload has another type")
    if message["type"] == "lifecycle":
        if payload["action"] == "shutdown":
            os._exit(0)
        if payload["action"] != "init":
            raise ValueError("unknown action " + repr(payload["action"]))
        for name in ("instance_id", "plugin_socket", "socket_path", "log_path"):
            if not isinstance(payload[name], str):
                raise TypeError(name + " is not a string")
        counts["inits"] += 1
        last_init = payload
        return None
    request_id = message["request_id"]
    if payload["request_id"] != request_id:
        raise ValueError("the payload has another request_id")
    kind = message["type"]
    reply = http(request_id, payload["payload"]) if kind == "http" else kv(request_id, payload)
    outer = "http" if BEHAVIOUR == "kv-reply-http" else kind
    return {"type": outer, "timestamp": now(), "request_id": request_id, "payload": reply}


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def read_one(connection):
    """Returns the first message, or None where the connection ended before. What arrived behind it is dropped."""
    received = b""
    while len(received) < 4 or len(received) < 4 + struct.unpack(">I", received[:4])[0]:
        chunk = connection.recv(65536)
        if not chunk:
            return None
        received += chunk
    end = 4 + struct.unpack(">I", received[:4])[0]
    counts["dropped_bytes"] += len(received) - end
    return json.loads(received[4:end])


def serve(connection):
    message = read_one(connection)
    if message is None:
        counts["empty"] += 1
        return
    try:
        reply = handle(message)
    except (KeyError, TypeError, ValueError) as error:
        print("error: " + type(error).__name__ + ": " + str(error), file=sys.stderr, flush=True)
        reply = None
    if reply is not None:
        data = json.dumps(reply).encode()
        connection.sendall(struct.pack(">I", len(data)) + data)
    while chunk := connection.recv(65536):
        counts["dropped_bytes"] += len(chunk)


def main():
    if "--metadata" in sys.argv[1:]:
        print(json.dumps(metadata()))
        return
    threading.Thread(target=exit_with_host, daemon=True).start()
    path = os.environ["TORU_PLUGIN_SOCKET"]
    if os.path.exists(path):
        os.unlink(path)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(1)
    while True:
        connection, _ = listener.accept()
        counts["connections"] += 1
        with connection:
            try:
                serve(connection)
            except OSError as error:
                print("error: " + str(error), file=sys.stderr, flush=True)


main()
