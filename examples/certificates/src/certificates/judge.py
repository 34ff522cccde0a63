"""What is to be said of a certificate: pure, the time comes in."""

import ipaddress
import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from certificates.x509 import Certificate

Level = Literal["good", "notice", "warning", "bad"]
LEVELS: tuple[Level, ...] = ("good", "notice", "warning", "bad")
"""From well to broken."""

SECONDS_A_DAY = 86_400
MAX_NAMES_SHOWN = 20
MAX_NAME_CHARACTERS = 100
MAX_CHAIN_SHOWN = 4


class Problem(NamedTuple):
    """One thing that is wrong, or will be."""

    level: Level
    text: str


def worst(levels: Sequence[Level]) -> Level:
    return max(levels, key=LEVELS.index, default="good")


def days_left(certificate: Certificate, now: datetime) -> int:
    """Whole days until it expires; negative after that."""
    return math.floor((certificate.not_after - now).total_seconds() / SECONDS_A_DAY)


def expiry_level(days: int, warn_days: Sequence[int]) -> Level:
    """`warn_days` are the days left at which it becomes a notice, a warning, and bad: the largest first."""
    notice, warning, bad = warn_days
    if days < bad:
        return "bad"
    return "warning" if days < warning else "notice" if days < notice else "good"


def judge(
    chain: Sequence[Certificate], now: datetime, warn_days: Sequence[int], name: str | None = None
) -> list[Problem]:
    """What is wrong with the first certificate of a chain, or with those behind it."""
    leaf, *rest = chain
    problems = [*_judge_time(leaf, now, warn_days)]
    if name is not None and not fits_name(leaf, name):
        known = ", ".join(leaf.names[:3]) + (" …" if len(leaf.names) > 3 else "")
        problems.append(
            Problem("bad", f"It is not for {name}" + (f" but for {known}." if known else ": it names no host."))
        )
    if leaf.weak is not None:
        problems.append(Problem("warning", f"It is weak: {leaf.weak}."))
    for other in rest:
        if other.not_after < leaf.not_after:
            level = expiry_level(days_left(other, now), warn_days)
            if level != "good":
                when = expiry_text(days_left(other, now))
                problems.append(Problem(level, f"{other.subject}, which is part of its chain, {when}."))
    return problems


def _judge_time(certificate: Certificate, now: datetime, warn_days: Sequence[int]) -> list[Problem]:
    if now < certificate.not_before:
        return [Problem("bad", f"It is not valid before {certificate.not_before:%Y-%m-%d %H:%M} UTC.")]
    days = days_left(certificate, now)
    level = expiry_level(days, warn_days)
    return [] if level == "good" else [Problem(level, f"It {expiry_text(days)}.")]


def expiry_text(days: int) -> str:
    if days < 0:
        ago = -days - 1
        return "expired today" if ago == 0 else f"expired {_days(ago)} ago"
    return "expires today" if days == 0 else f"expires in {_days(days)}"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def fits_name(certificate: Certificate, name: str) -> bool:
    """Whether it is for this host name or address. A `*` stands for the first label alone."""
    try:
        ipaddress.ip_address(name)
        return name in certificate.names
    except ValueError:
        pass
    wanted = name.lower()
    _, _, parent = wanted.partition(".")
    return any(known.lower() == wanted or (parent and known.lower() == f"*.{parent}") for known in certificate.names)


def describe(chain: Sequence[Certificate], problems: Sequence[Problem], source: str, now: datetime) -> dict[str, Any]:
    """A certificate as the page shows it."""
    leaf = chain[0]
    return {
        "source": source,
        "subject": leaf.subject,
        "issuer": leaf.issuer,
        "names": [name[:MAX_NAME_CHARACTERS] for name in leaf.names[:MAX_NAMES_SHOWN]],
        "more_names": max(0, len(leaf.names) - MAX_NAMES_SHOWN),
        "not_before": leaf.not_before.isoformat(),
        "not_after": leaf.not_after.isoformat(),
        "days_left": days_left(leaf, now),
        "serial": leaf.serial,
        "sha256": leaf.sha256,
        "key": leaf.key,
        "is_ca": leaf.is_ca,
        "is_self_signed": leaf.is_self_signed,
        "chain": [certificate.subject for certificate in chain[1 : 1 + MAX_CHAIN_SHOWN]],
        "level": worst([problem.level for problem in problems]),
        "problems": [problem._asdict() for problem in problems],
    }
