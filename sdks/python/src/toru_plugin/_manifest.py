"""What a plugin says of itself."""

import json
import re
from typing import Any, Literal

from ._errors import ManifestError

MAX_MANIFEST_BYTES = 256 * 1024
MAX_ICON_URI_BYTES = 32 * 1024
MAX_ICON_NAME_CHARACTERS = 64
MAX_EMOJI_CHARACTERS = 32

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
_ROUTE = re.compile(r"/[A-Za-z0-9][A-Za-z0-9._~-]{0,63}")
_ICON_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# One pictograph: with a variation selector, a skin tone or tags, joined ones, flags, keycaps. It lets some symbols pass
# that the host refuses; the host has the last word.
_PICTOGRAPH = (
    "[\u00a9\u00ae\u203c-\u303d\u3297\u3299\U0001f000-\U0001f1e5\U0001f200-\U0001fbff]"
    "[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]?[\U000e0020-\U000e007f]*"
)
_EMOJI = re.compile(f"{_PICTOGRAPH}(?:\u200d{_PICTOGRAPH})*|[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f?\u20e3")
_OPTIONAL = ("author", "description", "homepage", "license")


class Manifest:
    """The manifest of a plugin that speaks version 2 of the protocol and answers http requests.

    `id` is letters, digits and hyphens (1 to 64). `icon` is one emoji, an icon name like `hard-drive`, or a
    `data:image/` URI of at most 32 KiB. `route` is `/` and one segment in lower case; without it, it is `/` and the
    id. With `isolation="iframe"` the panel runs the page in a frame without an origin. Raises ManifestError with every field that is wrong.
    """

    def __init__(
        self,
        *,
        id: str,
        name: str,
        version: str,
        icon: str,
        route: str | None = None,
        author: str | None = None,
        description: str | None = None,
        homepage: str | None = None,
        license: str | None = None,
        isolation: Literal["none", "iframe"] | None = None,
    ) -> None:
        self.id = id
        self.name = name
        self.version = version
        self.icon = icon
        self.route = f"/{id}" if route is None else route
        self.author = author
        self.description = description
        self.homepage = homepage
        self.license = license
        self.isolation = isolation
        if problems := find_problems(self.fields()):
            raise ManifestError(problems)

    def fields(self) -> dict[str, Any]:
        """The fields as the host reads them."""
        required = {"id": self.id, "name": self.name, "version": self.version, "icon": self.icon, "route": self.route}
        optional = {
            field: getattr(self, field) for field in (*_OPTIONAL, "isolation") if getattr(self, field) is not None
        }
        return {**required, **optional, "protocol": 2, "handles": ["http"]}

    def __repr__(self) -> str:
        return f"Manifest(id={self.id!r}, name={self.name!r}, version={self.version!r}, route={self.route!r})"


def parse_manifest(output: bytes) -> dict[str, Any]:
    """Reads what `--metadata` printed. Raises ManifestError, with the field `output` where it is no JSON object."""
    if len(output) > MAX_MANIFEST_BYTES:
        raise ManifestError({"output": f"{len(output)} bytes; allowed are {MAX_MANIFEST_BYTES}"})
    try:
        fields = json.loads(output)
    except (ValueError, RecursionError) as cause:
        raise ManifestError({"output": f"--metadata did not print one JSON object: {cause}"}) from cause
    if not isinstance(fields, dict):
        raise ManifestError({"output": "--metadata printed JSON that is not an object"})
    if problems := find_problems(fields):
        raise ManifestError(problems)
    return fields


def find_problems(fields: dict[str, Any]) -> dict[str, str]:
    """Each field that is wrong, and why."""
    problems: dict[str, str] = {}

    def check(field: str, is_right: bool, rule: str) -> None:
        if not is_right:
            problems[field] = f"is missing; it {rule}" if field not in fields else rule

    def text(field: str) -> str:
        value = fields.get(field)
        return value if isinstance(value, str) else ""

    id_, route = text("id"), text("route")
    check("id", _ID.fullmatch(id_) is not None, "must be 1 to 64 letters, digits and hyphens, the first no hyphen")
    if id_.lower() == "route":
        problems["id"] = "is reserved for the host; choose another one"
    for field, most in (("name", 100), ("version", 64)):
        value = text(field)
        check(field, value.strip() != "" and len(value) <= most, f"must have 1 to {most} characters and not be blank")
    check("icon", _is_icon(text("icon")), "must be one emoji, an icon name or a data:image/ URI of at most 32 KiB")
    check(
        "route",
        _ROUTE.fullmatch(route) is not None and ".." not in route,
        'must be "/" and one segment of letters, digits and . _ ~ - that starts with a letter or digit, without ".."',
    )
    for field in _OPTIONAL:
        check(field, field not in fields or isinstance(fields[field], (str, type(None))), "must be text")
    check("isolation", fields.get("isolation") in (None, "none", "iframe"), 'must be "none" or "iframe"')
    protocol, handles = fields.get("protocol", 1), fields.get("handles", ["http"])
    check("protocol", type(protocol) is int and protocol in (1, 2), "must be 1 or 2")
    known = isinstance(handles, list) and all(kind in ("http", "kv") for kind in handles)
    check("handles", known, 'must be a list out of "http" and "kv"')
    return problems


def _is_icon(icon: str) -> bool:
    if icon.startswith("data:"):
        return icon.startswith("data:image/") and len(icon.encode("utf-8", "replace")) <= MAX_ICON_URI_BYTES
    if _ICON_NAME.fullmatch(icon):
        return len(icon) <= MAX_ICON_NAME_CHARACTERS
    return len(icon) <= MAX_EMOJI_CHARACTERS and _EMOJI.fullmatch(icon) is not None
