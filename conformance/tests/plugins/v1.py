#!/usr/bin/env python3
"""Fixture: a version 1 plugin that passes the whole exam, exam route included, and can be made to fail each case of it.

A file of the same name with `.json` in place of the ending, beside it: {"broken": "ID OF A CASE"}.
"""

import json
import os
import socket
import struct
import sys
import threading
import time

STEM = os.path.abspath(sys.argv[0]).rsplit(".", 1)[0]

try:
    with open(STEM + ".json", encoding="utf-8") as file:
        BROKEN = json.load(file)["broken"]
except FileNotFoundError:
    BROKEN = None


def broken(case):
    return BROKEN == case


MANIFEST = {
    "id": "exam", "name": "Exam", "version": "1.0.0", "icon": "📜", "route": "/exam", "handles": ["http", "kv"],
}
ROUTE = MANIFEST["route"]
OFFERS = ["echo", "kv", "log"]
STORE = {}
open_connections = 0


def read_exactly(connection, count):
    data = bytearray()
    while len(data) < count:
        chunk = connection.recv(min(1 << 20, count - len(data)))
        if not chunk:
            if broken("v1.half-close"):
                threading.Event().wait()
            raise EOFError
        data += chunk
        if broken("v1.frames.bytewise"):
            break
    return bytes(data).ljust(count, b" ")


def read_message(connection):
    (length,) = struct.unpack(">I", read_exactly(connection, 4))
    if broken("v1.frames.largest") and length > 1 << 20:
        raise ValueError("too large")
    return json.loads(read_exactly(connection, length))


def send(connection, kind, payload, request_id=None):
    message = {"type": kind, "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "payload": payload}
    if request_id is not None:
        message["request_id"] = request_id
    data = json.dumps(message).encode()
    connection.sendall(struct.pack(">I", len(data)) + data)


def http(connection, request):
    if broken("v1.http.methods") and request["body"] is None and request["method"] != "GET":
        raise TypeError("the body is null")
    path = request["path"].partition("?")[0].removeprefix(ROUTE)
    if path == "/__exam":
        return answer(json.dumps({"exam": 1, "offers": OFFERS}))
    if path == "/__exam/echo":
        return answer(request["body"].strip("\0\ufeff") if broken("v1.http.text") else request["body"])
    if path == "/__exam/kv":
        asked = json.loads(request["body"])
        if broken("v1.kv.host"):
            return answer(json.dumps({"value": STORE.get(asked["key"])}))
        send(connection, "kv", {"payload": asked}, "own-1")
        return answer(json.dumps({"value": read_message(connection)["payload"]["value"]}))
    if path == "/__exam/log":
        if not broken("v1.log"):
            send(connection, "log", json.loads(request["body"]))
        return answer("{}")
    return answer("there is nothing here\n", 404)


def answer(body, status=200):
    reply = {"status": status, "headers": {}, "body": body}
    return {"code": status, "text": body} if broken("v1.http.answers") and status == 404 else reply


def kv(payload):
    action, key = payload["action"], payload["key"]
    if action == "Set" and not broken("v1.kv"):
        STORE[key] = payload["value"]
    elif action == "Delete":
        STORE.pop(key, None)
    return {"value": STORE.get(key) if action == "Get" else None}


def handle(connection, message):
    kind, payload, request_id = message["type"], message["payload"], message.get("request_id")
    if broken("v1.messages.unknown-fields") and set(message) - {"type", "timestamp", "request_id", "payload"}:
        raise ValueError("an unknown field")
    if kind == "lifecycle":
        if payload["action"] == "shutdown":
            os._exit(1 if broken("v1.shutdown") else 0)
        if broken("v1.init"):
            os._exit(1)
        return
    reply = http(connection, payload["payload"]) if kind == "http" else kv(payload)
    send(connection, kind, reply, "other" if broken("v1.http.request-id") else request_id)


def serve(connection):
    global open_connections
    with connection:
        open_connections += 1
        if broken("v1.http.at-once"):
            if open_connections > 2:  # init may still be open when the first request comes
                return
            time.sleep(0.05)
        try:
            while True:
                handle(connection, read_message(connection))
        except OSError:
            if broken("v1.cancel"):
                os._exit(1)
        except EOFError:
            return
        except (KeyError, TypeError, ValueError) as error:
            print("the connection is closed: " + repr(error), file=sys.stderr, flush=True)
        finally:
            open_connections -= 1


def exit_with_host():
    while os.read(0, 4096):
        pass
    os._exit(0)


def main():
    if "--metadata" in sys.argv[1:]:
        print(json.dumps(MANIFEST))
        return
    threading.Thread(target=exit_with_host, daemon=True).start()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(os.environ["TORU_PLUGIN_SOCKET"])
    listener.listen(16)
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()


main()
