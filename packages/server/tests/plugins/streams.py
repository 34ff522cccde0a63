#!/usr/bin/env python3
"""Fixture: a version 2 plugin that takes up the features `stream` and `websocket`. Copied as acme.binary it is the plugin `acme`.

Paths, with or without the route before them:
  POST /digest             {"bytes", "sha256", "aborted"} of the body, streamed or inline
  POST /echo               the body, as a stream, while it comes
  POST /first?bytes=N      stops the request's stream after N bytes, then answers {"bytes"}
  POST /ignore             answers before it has read anything of the body; never grants any
  GET  /count?bytes=N      N bytes: the numbers 0 to 255, over and over
  GET  /lines?count=N&ms=M N lines of server-sent events, one every M ms
  GET  /gaps?count=N       N bytes "x", each behind an empty frame, with pauses
  GET  /hold               headers and one line, then nothing until somebody stops it
  GET  /die?bytes=N        N bytes, then the process kills itself
  GET  /abort?bytes=N      N bytes, then the last frame says that it is not all
  GET  /overrun            128 MiB, whatever it was granted
  GET  /inline             an answer without a stream
  GET  /stopped            {"stopped": how many streams of ours were stopped by the host, "at": when the last was (Unix seconds),
                            "cancelled": requests that nobody waits for any more, "received": bytes of requests' streams}
  GET  /status/204         a stream behind a status that has no body
  GET  /answer?status=N&headers=JSON&body=BASE64&streamed=yes|no   that; "x-asked" has the headers of the request, as JSON
  POST /wait               takes the body, and never answers
  POST /last-words         notes that it was asked, then the process kills itself; GET /asked says how often it was, ever

WebSockets:
  /talk      sends each message back; the text "close" ends it, "die" the process, "who" answers user and protocols
  /flood?count=N&bytes=M   sends N messages of M bytes, then closes
  /deaf      accepts, and never takes anything
  /chatter   sends what it may, then empty messages for ever
  /refuse    answers 403
"""

import asyncio
import base64
import contextlib
import hashlib
import json
import os
import signal
import struct
import sys
import time
from datetime import datetime, timezone
from urllib.parse import parse_qsl, urlsplit

NAME = os.path.basename(sys.argv[0]).removesuffix(".binary")
WINDOW = 256 * 1024
PIECE = 64 * 1024
LAST, TEXT, ABORTED = 1, 2, 4
COUNTING = bytes(range(256)) * (PIECE // 256)


class Outgoing:
    """A stream to the host: `send` waits for credit."""

    def __init__(self, plugin, number):
        self.plugin, self.number, self.credit = plugin, number, WINDOW
        self.changed, self.stopped = asyncio.Event(), asyncio.Event()

    async def send(self, data):
        for at in range(0, len(data), PIECE):
            piece = data[at : at + PIECE]
            while self.credit < len(piece) and not self.stopped.is_set():
                self.changed.clear()
                await self.changed.wait()
            if self.stopped.is_set():
                return False
            self.credit -= len(piece)
            await self.plugin.data(self.number, 0, piece)
        return True

    async def end(self, flags=LAST):
        await self.plugin.data(self.number, flags, b"")


class Plugin:
    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.lock = asyncio.Lock()
        self.numbers = iter(range(1, 2**32))
        self.outgoing, self.incoming, self.tasks = {}, {}, {}
        self.stopped = self.closed = self.stopped_at = self.cancelled = self.received = 0

    async def run(self):
        while True:
            (length,) = struct.unpack(">I", await self.reader.readexactly(4))
            payload = await self.reader.readexactly(length)
            if payload[0] == 0:
                flags, number = payload[1], struct.unpack(">I", payload[2:6])[0]
                queue = self.incoming.get(number)
                if queue is not None:
                    self.received += len(payload) - 6
                    queue.put_nowait((payload[6:], flags))
            else:
                await self.take(json.loads(payload))

    async def take(self, message):
        payload, request_id = message["payload"], message.get("request_id")
        if message["type"] == "lifecycle":
            if payload["action"] == "shutdown":
                os._exit(0)
            answer = {"action": "pong"}
            if payload["action"] == "init":
                answer = {"action": "ready", "features": [name for name in payload["features"] if name in ("stream", "websocket")]}
            await self.send("lifecycle", answer, request_id)
        elif "credit" in payload or payload.get("stop"):
            stream = self.outgoing.get(payload["stream"])
            if stream is not None:
                stream.credit += payload.get("credit", 0)
                if payload.get("stop"):
                    self.stopped += 1
                    self.stopped_at = time.time()
                    stream.stopped.set()
                stream.changed.set()
        elif payload.get("cancel"):
            task = self.tasks.get(request_id)
            if task is not None:
                self.cancelled += 1
                task.cancel()
        elif "method" in payload:
            if "stream" in payload:
                self.incoming[payload["stream"]] = asyncio.Queue()
            self.tasks[request_id] = asyncio.create_task(self.answer(request_id, payload))

    async def answer(self, request_id, payload):
        try:
            url = urlsplit(payload["path"])
            query = dict(parse_qsl(url.query))
            name = url.path.removeprefix(f"/{NAME}").strip("/").replace("/", "_").replace("-", "_")
            await getattr(self, f"do_{name}", self.unknown)(request_id, payload, query)
        finally:
            self.tasks.pop(request_id, None)

    async def body(self, payload):
        """Pieces of the request's body; grants them as they are taken. Ends with (b"", flags)."""
        number = payload.get("stream")
        if number is None:
            yield (payload.get("body") or "").encode(), LAST
            return
        queue = self.incoming[number]
        while True:
            data, flags = await queue.get()
            yield data, flags
            if flags & LAST:
                del self.incoming[number]
                return
            await self.send("http", {"stream": number, "credit": len(data)})

    async def stream(self, request_id, headers=None, status=200):
        stream = Outgoing(self, next(self.numbers))
        self.outgoing[stream.number] = stream
        await self.send("http", {"status": status, "headers": headers or {}, "stream": stream.number}, request_id)
        return stream

    async def unknown(self, request_id, payload, query):
        await self.send("http", {"status": 404, "headers": {}, "body": None}, request_id)

    async def do_digest(self, request_id, payload, query):
        total, digest, aborted = 0, hashlib.sha256(), False
        async for data, flags in self.body(payload):
            total += len(data)
            digest.update(data)
            aborted = bool(flags & ABORTED)
        result = {"bytes": total, "sha256": digest.hexdigest(), "aborted": aborted, "streamed": "stream" in payload}
        await self.json(request_id, result)

    async def do_echo(self, request_id, payload, query):
        stream = await self.stream(request_id, {"content-type": "application/octet-stream"})
        async for data, flags in self.body(payload):
            await stream.send(data)
        await stream.end()

    async def do_first(self, request_id, payload, query):
        total, wanted = 0, int(query["bytes"])
        async for data, flags in self.body(payload):
            total += len(data)
            if total >= wanted:
                await self.send("http", {"stream": payload["stream"], "stop": True})
                break
        await self.json(request_id, {"bytes": total})

    async def do_ignore(self, request_id, payload, query):
        await self.json(request_id, {"streamed": "stream" in payload})

    async def do_count(self, request_id, payload, query):
        stream = await self.stream(request_id, {"content-type": "application/octet-stream"})
        left = int(query["bytes"])
        while left > 0 and await stream.send(COUNTING[: min(left, PIECE)]):
            left -= min(left, PIECE)
        await stream.end()

    async def do_lines(self, request_id, payload, query):
        stream = await self.stream(request_id, {"content-type": "text/event-stream", "cache-control": "no-cache"})
        for number in range(int(query["count"])):
            await stream.send(f"data: {number}\n\n".encode())
            await asyncio.sleep(int(query["ms"]) / 1000)
        await stream.end()

    async def do_gaps(self, request_id, payload, query):
        stream = await self.stream(request_id)
        for _ in range(int(query["count"])):
            await asyncio.sleep(0.005)
            await self.data(stream.number, 0, b"")
            await asyncio.sleep(0.005)
            await stream.send(b"x")
        await stream.end()

    async def do_hold(self, request_id, payload, query):
        stream = await self.stream(request_id, {"content-type": "text/event-stream"})
        await stream.send(b"data: held\n\n")
        await stream.stopped.wait()
        await stream.end()

    async def do_die(self, request_id, payload, query):
        stream = await self.stream(request_id)
        await stream.send(b"x" * int(query["bytes"]))
        await asyncio.sleep(0.05)
        os.kill(os.getpid(), signal.SIGKILL)

    async def do_abort(self, request_id, payload, query):
        stream = await self.stream(request_id)
        await stream.send(b"x" * int(query["bytes"]))
        await stream.end(LAST | ABORTED)

    async def do_overrun(self, request_id, payload, query):
        stream = await self.stream(request_id)
        for _ in range(2048):
            await self.data(stream.number, 0, b"x" * PIECE)

    async def do_inline(self, request_id, payload, query):
        await self.json(request_id, {"inline": True})

    async def do_stopped(self, request_id, payload, query):
        counts = {"stopped": self.stopped, "at": self.stopped_at, "cancelled": self.cancelled, "received": self.received}
        await self.json(request_id, counts | {"pid": os.getpid()})

    async def do_answer(self, request_id, payload, query):
        headers = json.loads(query["headers"]) | {"x-asked": json.dumps(payload["headers"])}
        body, status = base64.b64decode(query["body"]), int(query["status"])
        if query["streamed"] == "yes":
            stream = await self.stream(request_id, headers, status)
            await stream.send(body)
            await stream.end()
        else:
            answer = {"status": status, "headers": headers, "body_base64": query["body"]}
            await self.send("http", answer, request_id)

    async def do_wait(self, request_id, payload, query):
        async for data, flags in self.body(payload):
            pass
        await asyncio.Event().wait()

    async def do_last_words(self, request_id, payload, query):
        with open("asked", "a") as asked:
            print(payload["method"], file=asked)
        os.kill(os.getpid(), signal.SIGKILL)

    async def do_asked(self, request_id, payload, query):
        with open("asked", "a+") as asked:
            asked.seek(0)
            await self.json(request_id, {"asked": len(asked.readlines())})

    async def do_status_204(self, request_id, payload, query):
        stream = await self.stream(request_id, status=204)
        await stream.send(b"nobody reads this")
        await stream.stopped.wait()
        await stream.end()

    async def accept(self, request_id, payload):
        protocols = payload["headers"].get("sec-websocket-protocol", "").split(", ")
        headers = {"sec-websocket-protocol": protocols[-1]} if protocols[-1] else {}
        return await self.stream(request_id, headers, status=101)

    async def do_talk(self, request_id, payload, query):
        assert payload["upgrade"] == "websocket"
        stream = await self.accept(request_id, payload)
        async for data, flags in self.body(payload):
            if flags & LAST:
                self.closed += 1
            elif data == b"close":
                break
            elif data == b"die":
                os.kill(os.getpid(), signal.SIGKILL)
            elif data == b"who":
                await self.message(stream, json.dumps(payload["headers"]).encode(), TEXT)
            else:
                await self.message(stream, data, flags & TEXT)
        await stream.end()

    async def do_flood(self, request_id, payload, query):
        stream = await self.accept(request_id, payload)
        for number in range(int(query["count"])):
            if not await self.message(stream, bytes([number % 256]) * int(query["bytes"]), 0):
                break
        await stream.end()

    async def do_chatter(self, request_id, payload, query):
        stream = await self.accept(request_id, payload)
        with contextlib.suppress(asyncio.TimeoutError):  # all on the way is full of larger ones first
            while await asyncio.wait_for(self.message(stream, bytes(100_000), 0), 0.3):
                pass
        hundred = struct.pack(">IBBI", 6, 0, TEXT, stream.number) * 100
        while not stream.stopped.is_set():
            await self.write_frames(hundred)
        await stream.end()

    async def do_deaf(self, request_id, payload, query):
        await self.accept(request_id, payload)

    async def do_refuse(self, request_id, payload, query):
        await self.send("http", {"status": 403, "headers": {}, "body": "not you"}, request_id)

    async def do_closed(self, request_id, payload, query):
        await self.json(request_id, {"closed": self.closed})

    async def message(self, stream, data, flags):
        while stream.credit < len(data) and not stream.stopped.is_set():
            stream.changed.clear()
            await stream.changed.wait()
        if stream.stopped.is_set():
            return False
        stream.credit -= len(data)
        await self.data(stream.number, flags, data)
        return True

    async def json(self, request_id, value):
        headers = {"content-type": "application/json"}
        await self.send("http", {"status": 200, "headers": headers, "body": json.dumps(value)}, request_id)

    async def send(self, kind, payload, request_id=None):
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
        message = {"type": kind, "timestamp": now, "payload": payload}
        if request_id is not None:
            message["request_id"] = request_id
        await self.write(json.dumps(message).encode())

    async def data(self, number, flags, data):
        await self.write(struct.pack(">BBI", 0, flags, number) + data)

    async def write(self, payload):
        await self.write_frames(struct.pack(">I", len(payload)) + payload)

    async def write_frames(self, frames):
        async with self.lock:
            self.writer.write(frames)
            await self.writer.drain()


async def main():
    async def serve(reader, writer):
        try:
            await Plugin(reader, writer).run()
        except asyncio.IncompleteReadError:
            pass

    server = await asyncio.start_unix_server(serve, os.environ["TORU_PLUGIN_SOCKET"])
    await server.serve_forever()


if "--metadata" in sys.argv:
    icon = {"id": NAME, "name": NAME.title(), "version": "1.0.0", "icon": "waves", "route": f"/{NAME}", "protocol": 2}
    print(json.dumps(icon))
else:
    asyncio.run(main())
