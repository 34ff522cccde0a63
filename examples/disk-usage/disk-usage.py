#!/usr/bin/env python3
"""Disk usage, a Toru plugin: what fills the disk.

It needs nothing but Python's standard library and speaks version 2 of the plugin protocol by hand, to be a guide for
authors in any language. Every plugin has parts 1 to 3; parts 4 to 6 are what this one does with them:

    1. Frames       bytes on the socket <-> messages
    2. Connection   messages in both directions, replies matched to requests
    3. Process      --metadata, the socket, and the three ways to end
    4. Routes       an HTTP request in, an HTTP response out; samples in the host's key-value store
    5. Disks        file systems and the sizes of folders
    6. Bundle       the script that draws the page in the panel
"""

import asyncio
import errno
import heapq
import itertools
import json
import os
import re
import signal
import stat
import struct
import sys
import threading
import time
import traceback
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from urllib.parse import parse_qsl, quote, unquote

METADATA = {
    "id": "disk-usage", "name": "Disk usage", "version": "1.0.0", "icon": "hard-drive", "route": "/disk-usage",
    "author": "Toru contributors", "license": "MIT",
    "description": "Shows what fills the disk: file systems, the largest folders and files, and how usage grows.",
    "protocol": 2,  # without this field the host speaks version 1
    "handles": ["http"],
}

MAX_FRAME_BYTES = 16 * 1024 * 1024
HOST_REPLY_SECONDS = 5
STATVFS_SECONDS = 5  # a network disk whose server is gone never answers
SAMPLE_INTERVAL_SECONDS = 600
MAX_SAMPLES = 1000
SCAN_SECONDS = 10  # below the 30 seconds that the host waits for an answer
SCAN_ENTRIES = 300_000
SCANS_AT_ONCE = 2  # further ones wait for their turn
SHOWN_CHILDREN = 25  # the largest of each folder, so that an answer of depth 3 stays well below one frame


# --- 1. Frames -------------------------------------------------------------------------------------------------------
# A frame is a 4-byte big-endian length N and N bytes: one JSON object in UTF-8.


class ProtocolError(Exception):
    """The other side broke the protocol. Where its next frame starts is unknown, so the connection must be closed."""


def encode_frame(kind, payload, request_id=None):
    message = {"type": kind, "timestamp": timestamp("milliseconds"), "payload": payload}
    if request_id is not None:  # requests that expect a reply, and replies, have one
        message["request_id"] = request_id
    data = json.dumps(message).encode("utf-8")
    if len(data) > MAX_FRAME_BYTES:
        raise ValueError(f"a message of {len(data)} bytes is too large for a frame")
    return struct.pack(">I", len(data)) + data


async def read_message(reader):
    """Returns the next message, or None at the end of the connection."""
    try:
        (length,) = struct.unpack(">I", await reader.readexactly(4))
        if not 1 <= length <= MAX_FRAME_BYTES:  # checked before any memory is taken for it
            raise ProtocolError(f"a frame announced {length} bytes; allowed are 1 to {MAX_FRAME_BYTES}")
        data = await reader.readexactly(length)
    except asyncio.IncompleteReadError:
        return None
    if data[:1] != b"{":  # 0x00 starts the data frames of a feature that we do not take up
        raise ProtocolError(f"a frame starts with byte 0x{data[0]:02x}; a JSON message starts with '{{'")
    try:
        return json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as cause:
        raise ProtocolError(f"a message is not valid JSON in UTF-8: {cause}") from cause


def timestamp(precision):
    return datetime.now(timezone.utc).isoformat(timespec=precision).replace("+00:00", "Z")


# --- 2. Connection ---------------------------------------------------------------------------------------------------
# The host connects once and keeps the connection. Both sides send requests at any time and answer in any order. A reply
# has the type and the request_id of its request.


class HostError(Exception):
    """The host could not do what we asked it for."""


class Connection:
    def __init__(self, plugin, reader, writer):
        self.plugin, self.reader, self.writer = plugin, reader, writer
        self.write_lock = asyncio.Lock()
        self.our_ids = itertools.count(1)
        self.waiting = {}  # request_id of ours -> future of the reply's payload
        self.in_flight = {}  # request_id of the host's -> task that works on the answer

    async def serve(self):
        """Reads messages until the connection ends. HTTP requests run beside it, so a slow one holds up nobody."""
        try:
            while (message := await read_message(self.reader)) is not None:
                await self.receive(message)
        except (ProtocolError, OSError) as error:
            print(f"connection closed: {error}", file=sys.stderr, flush=True)
        finally:
            for task in self.in_flight.values():
                task.cancel()
            for reply in self.waiting.values():
                if not reply.done():
                    reply.set_exception(ConnectionError("the connection ended"))
            self.writer.close()

    async def receive(self, message):
        kind, request_id, payload = message.get("type"), message.get("request_id"), message.get("payload")
        if not isinstance(payload, dict) or not isinstance(request_id, (str, type(None))):
            raise ProtocolError("a message has a payload that is no object, or a request_id that is no string")
        if request_id in self.waiting:  # a reply is known by its id alone
            if not self.waiting[request_id].done():
                self.waiting[request_id].set_result(payload)
        elif kind == "lifecycle":
            await self.lifecycle(payload, request_id)
        elif kind == "http" and payload.get("cancel") is True:  # nobody waits for this answer any more
            if request_id in self.in_flight:
                self.in_flight[request_id].cancel()
        elif kind == "http" and "method" in payload and request_id is not None:
            task = self.in_flight[request_id] = asyncio.create_task(self.answer(payload, request_id))
            task.add_done_callback(lambda _: self.in_flight.pop(request_id, None))
        elif kind == "kv" and "action" in payload and request_id is not None:
            await self.refuse("kv", request_id, "unsupported", "this plugin handles http only")
        # Anything else is a reply that came too late, or news from a later version: ignored.

    async def lifecycle(self, payload, request_id):
        action = payload.get("action")
        if action == "init" and payload.get("protocol") == 2:
            # Nothing may be sent before this reply. `features` names those of the offered ones that we take up: none.
            await self.send("lifecycle", {"action": "ready", "features": []}, request_id)
            await self.plugin.connected(self)
        elif action == "ping":
            await self.send("lifecycle", {"action": "pong"}, request_id)
        elif action == "shutdown":
            self.plugin.stop(payload.get("grace_ms", 5000) / 1000)
        elif request_id is not None:
            await self.refuse("lifecycle", request_id, "unsupported", f"this plugin does not know {payload}")

    async def answer(self, request, request_id):
        try:
            await self.send("http", await self.plugin.handle(request), request_id)
        except ConnectionError:
            return  # nobody is left to answer
        except Exception as error:  # a fault of our own: the client gets 502, the log gets the whole story
            await self.log("error", f"{request['method']} {request.get('path')} failed", traceback.format_exc())
            await self.refuse("http", request_id, "internal", repr(error))

    async def send(self, kind, payload, request_id=None):
        frame = encode_frame(kind, payload, request_id)
        async with self.write_lock:
            self.writer.write(frame)  # a whole frame at once: two must never be mixed
            await self.writer.drain()

    async def refuse(self, kind, request_id, code, message):
        await self.send(kind, {"error": {"code": code, "message": message}}, request_id)

    async def kv(self, action, **fields):
        """get, set, delete or list in the store that the host keeps for this plugin alone. Values are strings."""
        request_id = f"disk-usage-{next(self.our_ids)}"  # with a prefix, so that it is never one of the host's ids
        reply = self.waiting[request_id] = asyncio.get_running_loop().create_future()
        try:
            await self.send("kv", {"action": action, **fields}, request_id)
            answered, _ = await asyncio.wait([reply], timeout=HOST_REPLY_SECONDS)
            if not answered:
                raise HostError(f"kv {action} got no answer within {HOST_REPLY_SECONDS} seconds")
            payload = reply.result()
        except OSError as cause:
            raise HostError(f"kv {action} got no answer: {cause}") from cause
        finally:
            del self.waiting[request_id]
        if "error" in payload:
            raise HostError(f"kv {action} was refused: {payload['error']}")
        return payload

    async def log(self, level, message, error=None):
        try:
            await self.send("log", {"level": level, "message": message} | ({"error": error} if error else {}))
        except OSError:
            print(f"{level}: {message}", file=sys.stderr, flush=True)  # the host logs what we print, too


# --- 3. Process ------------------------------------------------------------------------------------------------------


def main():
    if "--metadata" in sys.argv[1:]:
        print(json.dumps(METADATA))
    elif "TORU_PLUGIN_SOCKET" in os.environ:
        asyncio.run(Plugin().run(os.environ["TORU_PLUGIN_SOCKET"]))
    else:
        sys.exit("TORU_PLUGIN_SOCKET is not set: this program is started by Toru. Try --metadata to see what it is")


def exit_with_host():
    """The host holds our stdin open. Its end means that the host is gone, even by SIGKILL: do not outlive it."""
    while os.read(0, 4096):
        pass
    os._exit(0)


class Plugin:
    def __init__(self):
        self.connection = None  # the newest: should the host lose it, it connects and sends init again
        self.sampler = None
        self.grace_seconds = 0
        self.stopping = asyncio.Event()
        self.disk_thread = ThreadPoolExecutor(1)  # one of its own, because a dead network disk can hold it for ever
        self.scan_threads = ThreadPoolExecutor(SCANS_AT_ONCE)

    async def run(self, socket_path):
        threading.Thread(target=exit_with_host, daemon=True).start()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.stop, 1)
        # asyncio removes a socket file that an earlier run left there. In other languages: unlink it, then bind.
        await asyncio.start_unix_server(lambda *streams: Connection(self, *streams).serve(), socket_path)
        await self.stopping.wait()
        if self.connection and self.connection.in_flight:
            await asyncio.wait(self.connection.in_flight.values(), timeout=self.grace_seconds)
        if self.connection:
            self.connection.writer.close()  # sends what is still buffered
            await asyncio.wait([asyncio.ensure_future(self.connection.writer.wait_closed())], timeout=1)
        os._exit(0)  # rather than return: that would wait for threads, and a disk may hold one

    def stop(self, grace_seconds):
        self.grace_seconds = grace_seconds
        self.stopping.set()

    async def connected(self, connection):
        self.connection = connection
        await connection.log("info", f"ready; usage is recorded every {SAMPLE_INTERVAL_SECONDS} seconds")
        self.sampler = self.sampler or asyncio.create_task(self.sample_for_ever())

    # --- 4. Routes ---------------------------------------------------------------------------------------------------

    async def handle(self, request):
        """Answers one HTTP request: {method, path, headers, body} -> {status, headers, body}."""
        routes = {"/": self.overview, "/tree": self.tree, "/history": self.history, "/bundle.js": self.bundle}
        try:
            path, query = parse_target(request["path"])
            if path not in routes:
                raise HttpError(404, "not_found", f"there is nothing at {path}; try /, /tree or /history")
            if request["method"] not in ("GET", "HEAD"):
                raise HttpError(405, "method_not_allowed", f"{path} answers GET, not {request['method']}")
            response = await routes[path](query, request.get("headers") or {})
        except HttpError as error:
            response = json_response({"error": {"code": error.code, "message": error.message}}, error.status)
        return response | {"body": None} if request["method"] == "HEAD" else response

    async def overview(self, query, headers):
        return json_response({"filesystems": await self.filesystems()})

    async def filesystems(self):
        work = asyncio.get_running_loop().run_in_executor(self.disk_thread, read_filesystems)
        try:
            return await asyncio.wait_for(work, STATVFS_SECONDS)
        except asyncio.TimeoutError:
            raise HttpError(503, "disk_timeout", "a file system does not answer; is a network disk gone?") from None

    async def tree(self, query, headers):
        # The host says who asks, in headers that a client cannot forge. File names are not for everybody's eyes.
        if headers.get("x-toru-role") != "admin":
            raise HttpError(403, "forbidden", "only an admin may look into folders")
        path = query.get("path", "/")
        if not path.startswith("/") or "\0" in path:
            raise HttpError(400, "bad_path", "path must be absolute, like /var")
        scan = Scan(number(query, "entries", SCAN_ENTRIES, 1, SCAN_ENTRIES), SCAN_SECONDS)
        path, depth = "/" + os.path.normpath(path).lstrip("/"), number(query, "depth", 1, 1, 3)
        try:
            work = asyncio.get_running_loop().run_in_executor(self.scan_threads, scan.run, path, depth)
            return json_response(await work)
        except OSError as error:
            status = {errno.ENOENT: 404, errno.EACCES: 403, errno.EPERM: 403}.get(error.errno, 400)
            raise HttpError(status, "bad_path", f"{printable(path)}: {error.strerror}") from None
        finally:
            scan.cancelled.set()  # cancelling a task does not end its thread; this does

    async def history(self, query, headers):
        limit = number(query, "limit", 144, 1, MAX_SAMPLES)
        samples = []
        try:
            for key in (await self.sample_keys())[-limit:]:
                value = (await self.connection.kv("get", key=key))["value"]
                if value is not None:  # else it was pruned meanwhile
                    samples.append({"at": key.removeprefix("sample:"), "filesystems": json.loads(value)})
        except HostError as error:
            raise HttpError(503, "storage_failed", str(error)) from error
        return json_response({"samples": samples})

    async def sample_for_ever(self):
        while True:
            try:
                usage = {disk["mount"]: [disk["used_bytes"], disk["total_bytes"]] for disk in await self.filesystems()}
                await self.connection.kv("set", key=f"sample:{timestamp('seconds')}", value=json.dumps(usage))
                for key in (await self.sample_keys())[:-MAX_SAMPLES]:
                    await self.connection.kv("delete", key=key)
            except (HostError, HttpError, OSError) as error:
                await self.connection.log("warn", "usage could not be recorded", str(error))
            await asyncio.sleep(SAMPLE_INTERVAL_SECONDS)

    async def sample_keys(self):
        keys, more = [], True
        while more:
            after = keys[-1] if keys else None
            page = await self.connection.kv("list", prefix="sample:", after=after, limit=1000)
            keys += page["keys"]
            more = page["more"] and page["keys"]
        return sorted(keys)  # RFC 3339 in UTC sorts by time

    async def bundle(self, query, headers):
        return {"status": 200, "headers": {"content-type": "text/javascript; charset=utf-8"}, "body": BUNDLE}


class HttpError(Exception):
    """An answer other than success, for the client to read. It is no fault of the plugin."""

    def __init__(self, status, code, message):
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def json_response(value, status=200):
    # Header names are lower case; several values of one name are a list of strings.
    headers = {"content-type": "application/json", "cache-control": "no-store"}
    return {"status": status, "headers": headers, "body": json.dumps(value)}


def parse_target(target):
    """Splits `/disk-usage/tree?path=%2Fvar` into `/tree` and {"path": "/var"}.

    Under /plugins/disk-usage the host sends the whole path, under /api/plugins/route/disk-usage only what follows.
    """
    if re.search("%(?![0-9A-Fa-f]{2})", target):
        raise HttpError(400, "bad_encoding", "a % in the URL must be followed by two hexadecimal digits")
    path, _, query = target.partition("?")
    segments = unquote(path).strip("/").split("/")
    if segments[0] == METADATA["route"].strip("/"):
        del segments[0]
    try:
        # File names are bytes: what is not UTF-8 becomes the surrogates that Python's file functions use for it.
        fields = dict(parse_qsl(query, keep_blank_values=True, errors="surrogateescape", max_num_fields=10))
    except ValueError as error:
        raise HttpError(400, "bad_query", str(error)) from None
    return "/" + "/".join(segments), fields


def number(query, name, default, least, most):
    text = query.get(name, str(default))
    if not re.fullmatch("[0-9]{1,9}", text) or not least <= int(text) <= most:
        raise HttpError(400, "bad_query", f"{name} must be a whole number from {least} to {most}, not {text!r}")
    return int(text)


# --- 5. Disks --------------------------------------------------------------------------------------------------------

STORING_TYPES = {"zfs", "nfs", "nfs4", "cifs", "smb3", "9p", "virtiofs"}  # real ones whose source is no path in /dev
READ_ONLY_IMAGES = {"squashfs", "iso9660", "erofs"}  # always full, and nothing can be done about it


def read_filesystems():
    """The real file systems, each once, by mount point. Space that is kept back for root counts as neither."""
    found = {}
    with open("/proc/mounts", "rb") as mounts:
        for line in mounts:
            # A space in a name is written as \040.
            words = [re.sub(rb"\\([0-7]{3})", lambda code: bytes([int(code[1], 8)]), word) for word in line.split()]
            device, mount, kind = map(os.fsdecode, words[:3])
            real = device.startswith("/") or kind in STORING_TYPES or (mount == "/" and kind == "overlay")
            if not real or kind in READ_ONLY_IMAGES:
                continue
            try:
                disk, identity = os.statvfs(mount), os.stat(mount).st_dev
            except OSError:
                continue  # unmounted meanwhile, or below a folder that we may not enter
            # Bind mounts show a file system again; its shortest mount point stands for it.
            if disk.f_blocks > 0 and (identity not in found or len(mount) < len(found[identity]["mount"])):
                used, available = (disk.f_blocks - disk.f_bfree) * disk.f_frsize, disk.f_bavail * disk.f_frsize
                found[identity] = {
                    "mount": printable(mount), "device": printable(device), "type": kind, "href": tree_link(mount),
                    "total_bytes": disk.f_blocks * disk.f_frsize, "used_bytes": used, "available_bytes": available,
                    "used_percent": round(100 * used / max(1, used + available), 1),
                }
    return sorted(found.values(), key=lambda disk: disk["mount"])


def printable(path):
    """A file name as text that JSON can carry: bytes that are not UTF-8 become U+FFFD."""
    return os.fsencode(path).decode("utf-8", "replace")


def tree_link(path):
    return "/tree?path=" + quote(os.fsencode(path))


class Folder:
    """A folder of the answer. Deeper ones are not listed: their bytes count for the one above them."""

    def __init__(self, path, size):
        self.path, self.own_bytes, self.folders = path, size, []
        self.files = []  # a heap of (bytes, path), the largest ones only

    def describe(self):
        folders = [folder.describe() for folder in self.folders]
        files = [{"kind": "file", "path": printable(path), "bytes": size} for size, path in self.files]
        return {
            "kind": "folder", "path": printable(self.path), "href": tree_link(self.path),
            "bytes": self.own_bytes + sum(folder["bytes"] for folder in folders),
            "children": heapq.nlargest(SHOWN_CHILDREN, folders + files, key=lambda child: child["bytes"]),
        }


class Scan:
    """Adds up what is below a folder, in a thread. It ends by itself: after a number of entries or seconds."""

    def __init__(self, max_entries, seconds):
        self.max_entries, self.seconds = max_entries, seconds
        self.cancelled = threading.Event()
        self.entries = self.skipped = 0
        self.truncated = False
        self.queue = deque()  # folders to read, nearest first: where time runs out, each has had its share
        self.seen = set()  # inodes of folders, and of files with several names: each counts once

    def run(self, path, depth):
        root = os.lstat(path)
        if not stat.S_ISDIR(root.st_mode):  # symbolic links are not followed, this one neither
            raise NotADirectoryError(errno.ENOTDIR, "not a folder")
        os.scandir(path).close()  # a folder that we may not read is an error here; further down it is skipped
        self.device, self.depth, self.deadline = root.st_dev, depth, time.monotonic() + self.seconds
        top = Folder(path, root.st_blocks * 512)
        self.seen.add(root.st_ino)
        self.queue.append((path, top, 0))
        while self.queue and not self.exhausted():
            self.read(*self.queue.popleft())
        return top.describe() | {"entries": self.entries, "skipped": self.skipped, "truncated": self.truncated}

    def exhausted(self):
        """To be asked only where there is more to read."""
        over = self.entries >= self.max_entries or time.monotonic() > self.deadline or self.cancelled.is_set()
        self.truncated = self.truncated or over
        return over

    def read(self, path, listed, level):
        try:
            names = os.scandir(path)
        except OSError:
            self.skipped += 1
            return
        with names:
            for entry in names:
                if self.exhausted():
                    return
                self.entries += 1
                try:
                    self.add(entry.path, listed, level)
                except OSError:  # deleted meanwhile
                    self.skipped += 1

    def add(self, path, listed, level):
        info = os.lstat(path)
        if info.st_dev != self.device or info.st_ino in self.seen:
            self.skipped += 1  # another file system, or a second name
            return
        is_folder = stat.S_ISDIR(info.st_mode)
        if is_folder or info.st_nlink > 1:
            self.seen.add(info.st_ino)
        size = info.st_blocks * 512  # what it takes on the disk: less than its length where it has holes
        if is_folder and level < self.depth:
            listed.folders.append(Folder(path, size))
            self.queue.append((path, listed.folders[-1], level + 1))
            return
        listed.own_bytes += size
        if is_folder:
            self.queue.append((path, listed, level + 1))
        elif level < self.depth:
            heapq.heappush(listed.files, (size, path))
            if len(listed.files) > SHOWN_CHILDREN:
                heapq.heappop(listed.files)


# --- 6. Bundle -------------------------------------------------------------------------------------------------------
# A classic script. File names are foreign text: they reach the page as textContent only, never as HTML. Colours and
# corners are the panel's tokens (docs/plugin-pages.md), so that the page looks native, in the dark as well.

BUNDLE = r"""(() => {
  const STYLE = `
    .disk-usage { margin: 0 auto; max-width: 60rem; }
    .disk-usage, .disk-usage .stack { display: grid; gap: 12px; }
    .disk-usage h2 { font-size: 16px; font-weight: 600; margin: 0; overflow-wrap: anywhere; }
    .disk-usage p { color: var(--toru-text-muted); margin: 0; }
    .disk-usage .card { background: var(--toru-surface); border: 1px solid var(--toru-line);
      border-radius: var(--toru-radius); overflow: hidden; }
    .disk-usage .card > p { padding: 16px; }
    .disk-usage .bad { color: var(--toru-bad); }
    .disk-usage .row { all: unset; box-sizing: border-box; display: grid; gap: 6px; padding: 10px 16px; width: 100%; }
    .disk-usage .row + .row { border-top: 1px solid var(--toru-line); }
    .disk-usage button.row { cursor: pointer; }
    .disk-usage button.row:hover, .disk-usage .row[aria-pressed=true] { background: var(--toru-muted); }
    .disk-usage button:focus-visible { outline: 2px solid var(--toru-brand); outline-offset: -2px; }
    .disk-usage .line { display: flex; flex-wrap: wrap; gap: 2px 16px; justify-content: space-between; }
    .disk-usage .name { overflow-wrap: anywhere; }
    .disk-usage button .name { color: var(--toru-brand); font-weight: 500; }
    .disk-usage .number { color: var(--toru-text-muted); font-variant-numeric: tabular-nums; }
    .disk-usage .bar { background: var(--toru-muted); border-radius: 3px; height: 6px; }
    .disk-usage [aria-pressed=true] .bar, .disk-usage button:hover .bar { background: var(--toru-line); }
    .disk-usage .bar > * { background: var(--toru-brand); border-radius: 3px; display: block; height: 100%; }
    .disk-usage .bar > .full { background: var(--toru-bad); }
    .disk-usage nav { align-items: center; display: flex; flex-wrap: wrap; gap: 4px; }
    .disk-usage nav button { all: unset; border-radius: 4px; color: var(--toru-brand); cursor: pointer;
      overflow-wrap: anywhere; padding: 4px 6px; }
    .disk-usage nav button:hover { background: var(--toru-muted); }`;

  function size(bytes) {
    const power = bytes < 1 ? 0 : Math.min(5, Math.floor(Math.log2(bytes) / 10));
    return (bytes / 1024 ** power).toFixed(power ? 1 : 0) + " " + ["B", "KiB", "MiB", "GiB", "TiB", "PiB"][power];
  }

  function element(tag, className, text, ...children) {
    const node = document.createElement(tag);
    node.className = className;
    node.textContent = text;
    node.append(...children);
    return node;
  }

  /** A name and a number over a bar; a button where there is something to open. */
  function row(name, detail, share, isFull, open) {
    const filled = element("span", isFull ? "full" : "", "");
    filled.style.width = 100 * Math.min(1, share) + "%";
    const line = element("span", "line", "", element("span", "name", name), element("span", "number", detail));
    const node = element(open ? "button" : "div", "row", "", line, element("span", "bar", "", filled));
    if (open) node.addEventListener("click", open);
    return node;
  }

  async function mount(container, api) {
    const isAdmin = api.user.role === "admin";
    const disks = element("section", "card", "", element("p", "", "Reading …"));
    const folders = element("section", "stack", "");
    const style = element("style", "", STYLE);
    container.replaceChildren(
      style, element("div", "disk-usage", "", element("h2", "", "File systems"), disks, folders),
    );

    /** Loads JSON and shows in `place` what `draw` makes of it, or what went wrong. */
    async function show(place, path, draw) {
      place.wanted = path; // the last click counts, whichever answer comes last
      try {
        const answer = await api.fetch(path, { signal: api.signal });
        const data = await answer.json();
        if (!answer.ok) throw new Error(data.error?.message ?? data.detail ?? "status " + answer.status);
        if (place.wanted === path) place.replaceChildren(...draw(data));
      } catch (error) {
        if (place.wanted !== path || api.signal.aborted) return;
        place.replaceChildren(element("p", "bad", error.message));
      }
    }

    /** Shows the last folder of a trail; the others lead back. */
    function open(trail) {
      const { href, path } = trail.at(-1);
      const list = element("div", "card", "", element("p", "", "Reading " + path + " …"));
      const way = element("nav", "", "");
      way.ariaLabel = "Opened folders";
      trail.slice(0, -1).forEach((step, index) => {
        const button = element("button", "", step.path);
        button.addEventListener("click", () => open(trail.slice(0, index + 1)));
        way.append(button, "›");
      });
      const total = element("p", "", "");
      folders.replaceChildren(...(trail.length > 1 ? [way] : []), element("h2", "", path), total, list);
      return show(list, href, (tree) => {
        total.textContent = size(tree.bytes) + (tree.truncated ? " or more: too much to read it all." : "");
        if (tree.children.length === 0) return [element("p", "", "Nothing in here takes space.")];
        return tree.children.map((child) => {
          const openChild = child.href && (() => open([...trail, child]));
          return row(child.path, size(child.bytes), child.bytes / Math.max(1, tree.bytes), false, openChild);
        });
      });
    }

    function drawDisk({ mount, href, used_percent, used_bytes, available_bytes }) {
      const detail = used_percent + " % used, " + size(available_bytes) + " free of " + size(used_bytes + available_bytes);
      const openDisk = () => {
        for (const other of disks.children) other.ariaPressed = other === node;
        void open([{ href, path: mount }]);
      };
      const node = row(mount, detail, used_percent / 100, used_percent > 90, isAdmin && openDisk);
      if (isAdmin) node.ariaPressed = false;
      return node;
    }

    const hint = isAdmin ? "Choose a file system to see what fills it." : "An admin can look into folders.";
    folders.append(element("p", "", hint));
    await show(disks, "/", ({ filesystems }) => filesystems.map(drawDisk));
  }

  function unmount(container) {
    container.replaceChildren();
  }

  window.ToruPlugins = window.ToruPlugins || {};
  window.ToruPlugins["disk-usage"] = { mount, unmount };
})();
"""

if __name__ == "__main__":
    main()
