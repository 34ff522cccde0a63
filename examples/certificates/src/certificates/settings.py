"""What admins set."""

from typing import Any, NamedTuple

MAX_DAYS = 3650


class SettingsError(ValueError):
    """A setting is out of its range; the message says which."""


class Settings(NamedTuple):
    """The settings, with what holds where nobody has set any."""

    warn_days: tuple[int, int, int] = (30, 14, 3)
    """Days left from which an expiry is a notice, a warning, and bad."""
    interval_minutes: int = 360
    """Between two checks of everything."""
    timeout_seconds: int = 10
    """For one server."""
    ca_file: str | None = None
    """Authorities that are trusted beside the system's: a PEM file."""

    def fields(self) -> dict[str, Any]:
        return {**self._asdict(), "warn_days": list(self.warn_days)}


def parse_settings(fields: Any) -> Settings:
    """Reads settings; what is not there keeps its default. Raises SettingsError."""
    if not isinstance(fields, dict):
        raise SettingsError("settings are a JSON object")
    if unknown := [str(name)[:40] for name in fields if name not in Settings._fields]:
        raise SettingsError(f"there is no setting {unknown[0]}; there are {', '.join(Settings._fields)}")
    days = fields.get("warn_days", list(Settings().warn_days))
    if not isinstance(days, list) or len(days) != 3 or not all(_is_number(day, 0, MAX_DAYS) for day in days):
        raise SettingsError(f"warn_days are three whole numbers from 0 to {MAX_DAYS}")
    if sorted(days, reverse=True) != days:
        raise SettingsError("warn_days go down: a notice comes first, then the warning, then what is urgent")
    ca_file = fields.get("ca_file") or None
    if ca_file is not None and not (isinstance(ca_file, str) and ca_file.startswith("/") and ca_file.isprintable()):
        raise SettingsError("ca_file is the absolute path of a PEM file, or null")
    return Settings(
        warn_days=(days[0], days[1], days[2]),
        interval_minutes=_number(fields, "interval_minutes", Settings().interval_minutes, 5, 10_080),
        timeout_seconds=_number(fields, "timeout_seconds", Settings().timeout_seconds, 1, 20),
        ca_file=ca_file,
    )


def _number(fields: dict[str, Any], name: str, default: int, least: int, most: int) -> int:
    value = fields.get(name, default)
    if not _is_number(value, least, most):
        raise SettingsError(f"{name} is a whole number from {least} to {most}")
    return int(value)


def _is_number(value: Any, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most
