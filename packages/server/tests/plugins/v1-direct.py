#!/usr/bin/env python3
"""Fixture: a version 1 plugin of the other deployed kind. Copied as acme.binary it is the plugin `acme`.

It has a thread for each connection, reads from it until it ends, and answers directly: {status, headers, body}. Its
metadata names neither protocol nor handles. Before a reply it may send messages of its own on the open connection.

Paths: /object and /list (a body that is no string), /status/N, /sleep?ms=N, /error, /nested-error, /init,
/crash?code=N, /kv-roundtrip?key=K&value=V (set, then get, asked of the host), /log?m=TEXT, /bundle.js, anything else
echoes.
acme.fixture.json beside the file: version, route, metadata {field: value, null removes it}, bundle (text of bundle.js).
"""

import json
import os
import socket
import struct
import sys
import threading
import time
from urllib.parse import parse_qsl

FILE = os.path.abspath(sys.argv[0])
ID = os.path.basename(FILE).rsplit(".", 1)[0]


def read_config():
    try:
        with open(os.path.join(os.path.dirname(FILE), ID + ".fixture.json"), encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return {}


CONFIG = read_config()
inits = []


def metadata():
    fields = {
        "id": ID,
        "name": ID[:1].upper() + ID[1:],
        "version": CONFIG.get("version", "1.0.0"),
        "icon": "🧩",
        "route": CONFIG.get("route", "/" + ID),
    }
    fields.update(CONFIG.get("metadata", {}))
    return {name: value for name, value in fields.items() if value is not None}


def exit_with_host():
    while os.read(0, 4096):
        pass
    os._exit(0)


def read_exactly(connection, count):
    data = b""
    while len(data) < count:
        chunk = connection.recv(min(65536, count - len(data)))
        if not chunk:
            raise EOFError
        data += chunk
    return data


def read_message(connection):
    (length,) = struct.unpack(">I", read_exactly(connection, 4))
    return json.loads(read_exactly(connection, length))


def send(connection, kind, payload, request_id=None):
    message = {"type": kind, "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "payload": payload}
    if request_id is not None:
        message["request_id"] = request_id
    data = json.dumps(message).encode()
    connection.sendall(struct.pack(">I", len(data)) + data)


def kv_roundtrip(connection, key, value):
    """One request in each of the two forms that are in use. Returns both payloads of the host."""
    send(connection, "kv", {"type": "kv", "request_id": "own-1", "action": "Set", "key": key, "value": value}, "own-1")
    stored = read_message(connection)
    send(connection, "kv", {"payload": {"action": "get", "key": key, "value": None}}, "own-2")
    return {"set": stored, "get": read_message(connection)}


def answer(connection, request):
    path, _, query_text = request["path"].partition("?")
    route = metadata()["route"]
    path = path[len(route) :] if path.startswith(route + "/") else path
    query = dict(parse_qsl(query_text, keep_blank_values=True))
    headers = {"content-type": "application/json"}
    if path == "/object":
        return {"status": 200, "headers": headers, "body": {"an": "object", "list": [1, None]}}
    if path == "/list":
        return {"status": 200, "headers": headers, "body": [1, "two", None]}
    if path.startswith("/status/"):
        return {"status": int(path[8:]), "headers": {}, "body": None}
    if path == "/error":
        return {"error": {"code": "fixture_error", "message": "the fixture was asked to fail"}}
    if path == "/nested-error":
        return {"payload": {"body": json.dumps({"error": "the fixture was asked to fail"})}}
    if path == "/crash":
        os._exit(int(query.get("code", "1")))
    if path == "/bundle.js":
        if "bundle" not in CONFIG:
            return {"status": 404, "headers": {}, "body": "no bundle"}
        return {"status": 200, "headers": {"content-type": "text/javascript"}, "body": CONFIG["bundle"]}
    if path == "/kv-roundtrip":
        return {"status": 200, "headers": headers, "body": kv_roundtrip(connection, query["key"], query["value"])}
    if path == "/log":
        send(connection, "log", {"level": "info", "message": query["m"]})
    if path == "/sleep":
        time.sleep(int(query["ms"]) / 1000)
    if path == "/init":
        return {"status": 200, "headers": headers, "body": {"inits": len(inits), "init": inits[-1] if inits else None}}
    echo = {name: request[name] for name in ("method", "path", "headers", "body")}
    return {"status": 200, "headers": headers, "body": json.dumps(echo)}


def serve(connection):
    with connection:
        try:
            while True:
                message = read_message(connection)
                payload = message["payload"]
                if message["type"] == "http":
                    reply = answer(connection, payload["payload"])
                    send(connection, "http", reply, message["request_id"])
                elif payload.get("action") == "shutdown":
                    os._exit(0)
                elif payload.get("action") == "init":
                    inits.append(payload)
        except EOFError:
            return
        except (KeyError, TypeError, ValueError, OSError) as error:
            print("error: " + type(error).__name__ + ": " + str(error), file=sys.stderr, flush=True)


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
    listener.listen(16)
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()


main()
