"""What can be named, and what cannot."""

import pytest

from certificates.settings import Settings, SettingsError, parse_settings
from certificates.target import Target, TargetError, parse_target, target_from


@pytest.mark.parametrize(
    ("text", "target", "label"),
    [
        ("example.org", Target(host="example.org", name="example.org"), "example.org:443"),
        ("  EXAMPLE.org.:8443 ", Target(host="example.org", port=8443, name="example.org"), "example.org:8443"),
        ("zażółć.example", Target(host="xn--zacita-pgb5b8a.example", name="x"), None),
        (":8443", Target(host="127.0.0.1", port=8443), "127.0.0.1:8443"),
        ("192.0.2.1:25", Target(host="192.0.2.1", port=25, name="192.0.2.1"), "192.0.2.1:25"),
        ("2001:db8::1", Target(host="2001:db8::1", name="2001:db8::1"), "[2001:db8::1]:443"),
        ("[2001:DB8::1]:8443", Target(host="2001:db8::1", port=8443, name="2001:db8::1"), "[2001:db8::1]:8443"),
        ("/etc/letsencrypt/live/", Target(path="/etc/letsencrypt/live"), "/etc/letsencrypt/live"),
        ("//srv/./a b.pem", Target(path="/srv/a b.pem"), "/srv/a b.pem"),
    ],
)
def test_a_text_names_a_server_or_a_path(text: str, target: Target, label: str | None) -> None:
    parsed = parse_target(text)
    if label is None:
        assert parsed.host is not None
        assert parsed.host.startswith("xn--")
        assert parsed.host.isascii()
    else:
        assert (parsed, parsed.label) == (target, label)
    assert target_from(parsed.fields()) == parsed


def test_a_server_may_be_asked_for_another_name() -> None:
    target = parse_target("192.0.2.1:8443", "Example.org")
    assert target == Target(host="192.0.2.1", port=8443, name="example.org")
    assert target.label == "example.org at 192.0.2.1:8443"
    assert target.id != parse_target("192.0.2.1:8443").id


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "name a host"),
        ("x" * 1025, "at most 1024 characters"),
        ("https://example.org", "without https://"),
        ("example.org:0", "from 1 to 65535"),
        ("example.org:65536", "from 1 to 65535"),
        ("example.org:http", "from 1 to 65535"),
        ("exa mple", "neither a host name"),
        ("-a.example", "neither a host name"),
        ("1.2.3", "neither a host name"),
        ("a..b", "neither a host name"),
        ("host/path", "neither a host name"),
        ("/etc/../root", '".."'),
        ("/etc/\0", "control characters"),
    ],
)
def test_what_names_nothing_is_refused_in_words(text: str, message: str) -> None:
    with pytest.raises(TargetError, match=message):
        parse_target(text)


def test_a_path_has_no_name_to_ask_for() -> None:
    with pytest.raises(TargetError, match="leave the name empty"):
        parse_target("/etc/ssl", "example.org")


@pytest.mark.parametrize(
    "fields", [None, [], {}, {"host": "a b", "port": 1}, {"host": "a", "port": "1"}, {"path": "x y"}]
)
def test_stored_nonsense_is_refused(fields: object) -> None:
    with pytest.raises(TargetError):
        target_from(fields)


def test_settings_have_defaults_and_ranges() -> None:
    assert parse_settings({}) == Settings()
    assert parse_settings(Settings().fields()) == Settings()
    changed = {"warn_days": [60, 20, 0], "interval_minutes": 5, "timeout_seconds": 20, "ca_file": "/etc/own.pem"}
    assert parse_settings(changed).fields() == changed
    for fields, message in [
        ([], "JSON object"),
        ({"colour": 1}, "there is no setting colour"),
        ({"warn_days": [30, 14]}, "three whole numbers"),
        ({"warn_days": [30, 14, True]}, "three whole numbers"),
        ({"warn_days": [3, 14, 30]}, "go down"),
        ({"interval_minutes": 4}, "from 5 to 10080"),
        ({"timeout_seconds": 21}, "from 1 to 20"),
        ({"timeout_seconds": "10"}, "from 1 to 20"),
        ({"ca_file": "own.pem"}, "absolute path"),
    ]:
        with pytest.raises(SettingsError, match=message):
            parse_settings(fields)
