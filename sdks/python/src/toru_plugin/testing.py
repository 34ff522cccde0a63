"""Starts a plugin as the host would, for the tests of its author. Needs nothing but the standard library.

    with RunningPlugin([sys.executable, "my_plugin.py"]) as plugin:
        assert plugin.get("/disks").json() == []

It is a real process that is spoken to over a real socket; only the host's store is a dict, `plugin.store`.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from ._client_side import FEATURES, Answer, ClientSide, RequestFailed, Socket, StreamedAnswer
from ._errors import ToruError
from ._host_side import LIMIT_SECONDS
from ._manifest import parse_manifest

__all__ = ["LIMIT_SECONDS", "Answer", "RequestFailed", "RunningPlugin", "Socket", "StreamedAnswer"]


_PASSED_ON = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR", "PYTHONPATH")
R = TypeVar("R", bound="RunningPlugin")


class RunningPlugin(ClientSide):
    """A plugin that runs until the end of the `with` block."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        store: dict[str, str] | None = None,
        env: Mapping[str, str] | None = None,
        features: Sequence[str] = FEATURES,
    ) -> None:
        """Starts `command` and waits until the plugin is ready. `env` is added to its environment.

        `init` offers `features`: those of a host, unless others are named.

        The working directory is a private folder, `data_dir`, as with the host; files that `command` names, and the
        folders of PYTHONPATH, may be relative to that of the test.
        """
        self._command = [os.path.abspath(word) if os.path.isfile(word) else str(word) for word in command]
        self._folder = Path(tempfile.mkdtemp(prefix="toru-plugin-test-"))
        self._env = {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | dict(env or {})
        if "PYTHONPATH" in self._env:
            self._env["PYTHONPATH"] = os.pathsep.join(map(os.path.abspath, self._env["PYTHONPATH"].split(os.pathsep)))
        super().__init__(self._folder / "plugin.sock", store, features)
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
        reply = self.ask("lifecycle", {"action": "init", "protocol": 2, **names, **paths, "features": [*self.features]})
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
