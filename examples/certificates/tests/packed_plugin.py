"""The plugin as it is installed: packed into one file, started as a process."""

from pathlib import Path
from typing import Any

from toru_plugin._pack import pack
from toru_plugin.testing import Answer, RunningPlugin

from certificates.target import parse_target

EXAMPLE = Path(__file__).parents[1]


def pack_plugin(folder: Path) -> Path:
    return pack(EXAMPLE, folder / "certificates.binary").path


class CertificatesPlugin(RunningPlugin):
    """Asks for what the page asks for."""

    def overview(self) -> dict[str, Any]:
        overview: dict[str, Any] = self.get("/", role="user").json()
        return overview

    def settled(self) -> dict[str, Any]:
        """The overview when no check is at work any more."""
        return self.wait_for(lambda: None if (found := self.overview())["checking"] else found)

    def add(self, target: str, name: str | None = None) -> dict[str, Any]:
        """Adds a target and returns what was found of it."""
        answer = self.post("/targets", body={"target": target, "name": name})
        assert answer.status == 201, answer.text()
        [added] = [entry for entry in answer.json()["targets"] if entry["id"] == parse_target(target, name).id]
        assert isinstance(added, dict)
        return added

    def remove(self, target_id: str, **options: Any) -> Answer:
        return self.request("DELETE", f"/targets/{target_id}", **options)

    def set(self, **settings: Any) -> Answer:
        return self.request("PUT", "/settings", body=settings)


def texts(certificate: dict[str, Any]) -> list[str]:
    return [problem["text"] for problem in certificate["problems"]]
