"""Starts a plugin as the host would, for the tests of its author. Needs nothing but the standard library.

    with RunningPlugin([sys.executable, "my_plugin.py"]) as plugin:
        assert plugin.get("/disks").json() == []

It is a real process that is spoken to over a real socket; only the host's store is a dict, `plugin.store`.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, TypeVar

from ._asgi import body_fields, request_body
from ._errors import ToruError
from ._host_side import LIMIT_SECONDS, HostSide
from ._manifest import parse_manifest

__all__ = ["LIMIT_SECONDS", "Answer", "RequestFailed", "RunningPlugin"]

_PASSED_ON = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR", "PYTHONPATH")
R = TypeVar("R", bound="RunningPlugin")


class RequestFailed(ToruError):
    """The plugin answered with an error in place of a response: the client of the host would see 502."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class Answer(NamedTuple):
    """What the plugin answered."""

    status: int
    headers: dict[str, str | list[str]]
    body: bytes

    def text(self) -> str:
        return self.body.decode("utf-8")

    def json(self) -> Any:
        return json.loads(self.body)


class RunningPlugin(HostSide):
    """A plugin that runs until the end of the `with` block."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        store: dict[str, str] | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        """Starts `command` and waits until the plugin is ready. `env` is added to its environment.

        The working directory is a private folder, `data_dir`, as with the host; files that `command` names, and the
        folders of PYTHONPATH, may be relative to that of the test.
        """
        self._command = [os.path.abspath(word) if os.path.isfile(word) else str(word) for word in command]
        self._folder = Path(tempfile.mkdtemp(prefix="toru-plugin-test-"))
        self._env = {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | dict(env or {})
        if "PYTHONPATH" in self._env:
            self._env["PYTHONPATH"] = os.pathsep.join(map(os.path.abspath, self._env["PYTHONPATH"].split(os.pathsep)))
        super().__init__(self._folder / "plugin.sock", store)
        self.data_dir = self._folder / "data"
        self.data_dir.mkdir(mode=0o700)
        try:
            self.manifest = self._read_manifest()
            self.process = self._start()
        except BaseException:
            shutil.rmtree(self._folder)
            raise
        try:
            self.connect()
            self.init()
        except BaseException:
            self.close()
            raise

    # --- Asking ---

    def get(self, path: str, **options: Any) -> Answer:
        """`request` with GET."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> Answer:
        """`request` with POST."""
        return self.request("POST", path, **options)

    def page(self) -> str | None:
        """The script of the page in the panel, asked for as the host does. None where the plugin brings none."""
        reply = self.ask("http", {"method": "GET", "path": "/bundle.js", "headers": {}, "body": None})
        return request_body(reply).decode("utf-8") if reply.get("status") == 200 else None

    def request(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        user: str = "ada",
        role: str = "admin",
    ) -> Answer:
        """Asks for `path` below the plugin's route. A body that is neither text nor bytes is sent as JSON.

        Raises RequestFailed.
        """
        sent = {"x-toru-user": user, "x-toru-role": role}
        if body is not None and not isinstance(body, (str, bytes)):
            sent["content-type"], body = "application/json", json.dumps(body)
        data = b"" if body is None else body.encode() if isinstance(body, str) else body
        target = self.manifest["route"] + path
        fields = {"method": method, "path": target, "headers": {**sent, **(headers or {})}, **body_fields(data)}
        reply = self.ask("http", fields)
        if "error" in reply:
            raise RequestFailed(reply["error"]["code"], reply["error"]["message"])
        return Answer(reply["status"], reply["headers"], request_body(reply))

    @property
    def logs(self) -> list[dict[str, Any]]:
        """The log messages so far: `level`, `message`, and perhaps `error` and `fields`."""
        return [message.payload for message in self.received if message.type == "log"]

    @property
    def stderr(self) -> str:
        """What the process printed on stderr so far."""
        return (self._folder / "stderr").read_text("utf-8", "replace")

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def init(self) -> dict[str, Any]:
        """Sends `init` and waits for `ready`."""
        paths = {"socket_path": str(self.socket_path), "log_path": "", "data_dir": str(self.data_dir)}
        names = {"instance_id": "test", "plugin_id": self.manifest["id"]}
        reply = self.ask("lifecycle", {"action": "init", "protocol": 2, **names, **paths, "features": []})
        if reply.get("action") != "ready":
            raise RequestFailed(reply["error"]["code"], f"{reply['error']['message']}\n{self.stderr}")
        return reply

    # --- The end ---

    def restart(self) -> None:
        """Starts the process anew after it ended, as the host does after a crash. The store and the folder stay."""
        self.process.wait(LIMIT_SECONDS)
        self._close_pipes()
        self.process = self._start()
        self.connect()
        self.init()

    def stop(self, grace_ms: int = 5000) -> int:
        """Sends `shutdown` and waits for the end. Returns the exit code."""
        self.send("lifecycle", {"action": "shutdown", "grace_ms": grace_ms}, "")
        return self.process.wait(LIMIT_SECONDS)

    def close(self) -> None:
        """Ends the process, whatever it does, and removes its folder."""
        self._close_pipes()
        try:
            self.process.wait(LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self._folder)

    def __enter__(self: R) -> R:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- Inside ---

    def _close_pipes(self) -> None:
        self.disconnect()
        assert self.process.stdin is not None
        self.process.stdin.close()

    def _read_manifest(self) -> dict[str, Any]:
        ended = subprocess.run(
            [*self._command, "--metadata"],
            cwd=self.data_dir,
            env=self._env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=LIMIT_SECONDS,
        )
        if ended.returncode != 0:
            raise ToruError(f"--metadata ended with {ended.returncode}:\n{ended.stderr.decode('utf-8', 'replace')}")
        return parse_manifest(ended.stdout)

    def _start(self) -> "subprocess.Popen[bytes]":
        given = {
            "TORU_PLUGIN_SOCKET": self.socket_path,
            "TORU_PLUGIN_ID": self.manifest["id"],
            "TORU_PLUGIN_LOG": self._folder / "plugin.log",
            "TORU_PLUGIN_DATA_DIR": self.data_dir,
            "TORU_INSTANCE_ID": "test",
            "TORU_PROTOCOL": "2",
        }
        env = self._env | {name: str(value) for name, value in given.items()}
        with (self._folder / "stderr").open("ab") as stderr:
            return subprocess.Popen(
                self._command,
                cwd=self.data_dir,
                env=env,
                stdin=subprocess.PIPE,
                stdout=stderr,
                stderr=stderr,
                start_new_session=True,
            )
