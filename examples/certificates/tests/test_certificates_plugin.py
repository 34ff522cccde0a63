"""The whole plugin, as a process, against real servers with certificates of an authority of our own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from authority import Issued, issue
from packed_plugin import EXAMPLE, CertificatesPlugin, pack_plugin, texts
from tls_server import free_port, plain_server, tls_server

ROOT = issue("Our root", is_ca=True)
BETWEEN = issue("Our intermediate", issuer=ROOT, is_ca=True, ends=timedelta(days=300))
LEAF = issue("localhost", issuer=BETWEEN, names=["localhost", "*.local.example", "127.0.0.1"])
REPOSITORY = EXAMPLE.parents[1]


@pytest.fixture(name="binary", scope="session")
def packed_binary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pack_plugin(tmp_path_factory.mktemp("packed"))


@pytest.fixture(name="ca_file", scope="session")
def file_of_our_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("ca") / "root.pem"
    file.write_bytes(ROOT.pem)
    return file


@pytest.fixture(name="plugin")
def running_plugin(binary: Path, ca_file: Path) -> Iterator[CertificatesPlugin]:
    """It trusts our root."""
    with CertificatesPlugin([binary], env={"PYTHONPATH": ""}) as plugin:
        assert plugin.set(ca_file=str(ca_file)).status == 200
        plugin.settled()
        yield plugin


@pytest.fixture(name="shared", scope="module")
def shared_plugin(binary: Path, ca_file: Path) -> Iterator[CertificatesPlugin]:
    """The same, once for all tests that do nothing but add what is their own."""
    with CertificatesPlugin([binary], env={"PYTHONPATH": ""}) as plugin:
        assert plugin.set(ca_file=str(ca_file)).status == 200
        plugin.settled()
        yield plugin


def certificate_of(entry: dict[str, Any]) -> dict[str, Any]:
    assert entry["problem"] is None
    [certificate] = entry["certificates"]
    assert isinstance(certificate, dict)
    return certificate


# --- Servers ---


def test_a_server_whose_certificate_is_well(shared: CertificatesPlugin) -> None:
    with tls_server(LEAF, BETWEEN) as port:
        entry = shared.add(f"localhost:{port}")
        assert (entry["kind"], entry["target"], entry["level"]) == ("server", f"localhost:{port}", "good")
        certificate = certificate_of(entry)
        assert certificate["sha256"] == LEAF.sha256
        assert (certificate["subject"], certificate["issuer"]) == ("localhost", "Our intermediate")
        assert certificate["names"] == ["localhost", "*.local.example", "127.0.0.1"]
        assert (certificate["days_left"], certificate["problems"]) == (90, [])
        assert (certificate["key"], certificate["is_self_signed"]) == ("EC P-256", False)


@pytest.mark.parametrize(
    ("ends", "level", "text"),
    [
        (timedelta(days=20, hours=1), "notice", "It expires in 20 days."),
        (timedelta(days=10, hours=1), "warning", "It expires in 10 days."),
        (timedelta(days=1, hours=1), "bad", "It expires in 1 day."),
        (timedelta(hours=1), "bad", "It expires today."),
        (timedelta(days=-2, hours=-1), "bad", "It expired 2 days ago."),
    ],
)
def test_what_expires_soon_or_has_expired(shared: CertificatesPlugin, ends: timedelta, level: str, text: str) -> None:
    with tls_server(issue("localhost", issuer=ROOT, names=["localhost"], ends=ends)) as port:
        entry = shared.add(f"localhost:{port}")
        assert (entry["level"], texts(certificate_of(entry))) == (level, [text])


@pytest.mark.parametrize(
    ("chain", "words"),
    [
        ([issue("localhost", names=["localhost"])], "It is self-signed: nobody vouches for it."),
        ([LEAF], "Its issuer is not trusted here, or the server does not send the certificates in between."),
        (
            [issue("localhost", issuer=issue("Theirs", is_ca=True), names=["localhost"])],
            "Its issuer is not trusted here, or the server does not send the certificates in between.",
        ),
        (
            [issue("localhost", issuer=(theirs := issue("Theirs", is_ca=True)), names=["localhost"]), theirs],
            "Its chain ends at an authority that is not trusted here.",
        ),
        (
            [issue("localhost", issuer=ROOT, names=["a.example", "b.example"])],
            "It is not for localhost but for a.example, b.example.",
        ),
        ([issue("localhost", issuer=ROOT)], "It is not for localhost: it names no host."),
    ],
    ids=["self-signed", "incomplete", "unknown", "unknown root", "other name", "no name"],
)
def test_what_cannot_be_trusted_is_said_in_words(shared: CertificatesPlugin, chain: list[Issued], words: str) -> None:
    with tls_server(*chain) as port:
        entry = shared.add(f"localhost:{port}")
        assert (entry["level"], texts(certificate_of(entry))) == ("bad", [words])


def test_everything_that_is_wrong_is_said(shared: CertificatesPlugin) -> None:
    old = issue("old", names=["old.example"], ends=timedelta(days=-1, hours=-1))
    with tls_server(old) as port:
        assert len(texts(certificate_of(shared.add(f"localhost:{port}")))) == 3
        certificate = certificate_of(shared.add(f"127.0.0.1:{port}"))
        assert certificate["is_self_signed"]
        assert "It expired 1 day ago." in texts(certificate)
    with tls_server(issue("localhost", issuer=ROOT, names=["localhost"], begins=timedelta(days=2))) as port:
        [text] = texts(certificate_of(shared.add(f"localhost:{port}")))
        assert text.startswith("It is not valid before ")


def test_a_port_of_this_server_has_no_name_unless_one_is_given(shared: CertificatesPlugin) -> None:
    elsewhere = issue("shop", issuer=ROOT, names=["shop.example"])
    with tls_server(elsewhere) as port:
        assert shared.add(f":{port}")["level"] == "good"
        named = shared.add(f":{port}", "shop.example")
        assert (named["level"], named["target"]) == ("good", f"shop.example at 127.0.0.1:{port}")
        assert texts(certificate_of(shared.add(f":{port}", "www.example"))) == [
            "It is not for www.example but for shop.example."
        ]


def test_our_own_authority_is_trusted_only_where_the_settings_name_it(plugin: CertificatesPlugin) -> None:
    with tls_server(LEAF, BETWEEN) as port:
        assert plugin.add(f"localhost:{port}")["level"] == "good"
        assert plugin.set(ca_file=None).status == 200
        plugin.wait_for(lambda: plugin.settled()["targets"][0]["level"] == "bad")


def test_a_server_that_shows_no_certificate_is_told_in_words(plugin: CertificatesPlugin) -> None:
    port = free_port()
    assert plugin.add(f"localhost:{port}")["problem"] == f"Nothing listens on port {port}."
    assert plugin.add("no-such-host.invalid")["problem"] == "Its name is not known to the DNS."
    with plain_server(b"220 mail.example ESMTP\r\n") as port:
        assert plugin.add(f"localhost:{port}")["problem"] == "It answers, but not with TLS."
    assert plugin.set(timeout_seconds=1).status == 200
    with plain_server(b"") as port:
        entry = plugin.add(f"localhost:{port}")
        assert (entry["problem"], entry["level"]) == ("It does not answer within 1 s.", "bad")


# --- Files ---


def test_a_folder_as_certbot_makes_it(shared: CertificatesPlugin, tmp_path: Path) -> None:
    archive, live = tmp_path / "archive", tmp_path / "live" / "localhost"
    archive.mkdir()
    live.mkdir(parents=True)
    contents = {"cert": LEAF.pem, "chain": BETWEEN.pem, "fullchain": LEAF.pem + BETWEEN.pem, "privkey": LEAF.key_pem}
    for name, data in contents.items():
        (archive / f"{name}1.pem").write_bytes(data)
        (live / f"{name}.pem").symlink_to(archive / f"{name}1.pem")
    (live / "README").write_text("words")
    entry = shared.add(f"{tmp_path}/live")
    certificate = certificate_of(entry)
    assert (entry["kind"], entry["level"], certificate["source"]) == ("path", "good", f"{live}/fullchain.pem")
    assert (certificate["sha256"], certificate["chain"]) == (LEAF.sha256, ["Our intermediate"])


def test_files_of_any_form_and_what_is_none(shared: CertificatesPlugin, tmp_path: Path) -> None:
    (tmp_path / "one.der").write_bytes(LEAF.der)
    (tmp_path / "several.pem").write_bytes(issue("a").pem + issue("b").pem)
    (tmp_path / "text.pem").write_text("no certificate")
    (tmp_path / "large.pem").write_bytes(b"x" * (1024 * 1024 + 1))
    (tmp_path / "nobody.pem").symlink_to("/no/such/file")
    os.mkfifo(tmp_path / "pipe.pem")
    (tmp_path / "loop").symlink_to(tmp_path)
    found = shared.add(str(tmp_path))["certificates"]
    assert sorted(certificate["subject"] for certificate in found) == ["a", "b", "localhost"]
    assert shared.add(f"{tmp_path}/none.pem")["problem"] == "There is no such file or folder."
    assert shared.add(f"{tmp_path}/pipe.pem")["problem"] == "It holds no certificate that can be read: it is no file."
    assert "over 1048576 bytes" in shared.add(f"{tmp_path}/large.pem")["problem"]
    assert shared.add(f"{tmp_path}/text.pem")["problem"].startswith("It holds no certificate that can be read: ")
    (tmp_path / "empty").mkdir()
    assert shared.add(f"{tmp_path}/empty")["problem"] == "No file in there holds a certificate."


def test_a_folder_of_authorities_is_one_certificate_each(shared: CertificatesPlugin, tmp_path: Path) -> None:
    roots = [issue(f"Root {n}", is_ca=True) for n in range(5)]
    (tmp_path / "bundle.crt").write_bytes(b"".join(root.pem for root in roots))
    for n, root in enumerate(roots):
        (tmp_path / f"{n}.pem").write_bytes(root.pem)
    found = shared.add(str(tmp_path))["certificates"]
    assert sorted(certificate["subject"] for certificate in found) == [f"Root {n}" for n in range(5)]
    assert all(certificate["is_ca"] and certificate["level"] == "good" for certificate in found)


def test_of_very_many_certificates_the_worst_are_shown_and_all_are_counted(
    shared: CertificatesPlugin, tmp_path: Path
) -> None:
    key = issue("key").key
    names = [f"{n}.very-long-name-of-a-host.example" for n in range(60)]
    many = [issue(f"{n}.example", names=names, key=key, ends=timedelta(days=1 + n % 7)) for n in range(150)]
    (tmp_path / "many.pem").write_bytes(b"".join(issued.pem for issued in many))
    entry = shared.add(str(tmp_path))
    assert entry["counts"] == {"good": 0, "notice": 0, "warning": 84, "bad": 66}
    assert [certificate["level"] for certificate in entry["certificates"]] == ["bad"] * 66 + ["warning"] * 34
    assert (len(entry["certificates"][0]["names"]), entry["certificates"][0]["more_names"]) == (20, 40)


def test_the_whole_fits_one_answer_however_much_there_is(plugin: CertificatesPlugin, tmp_path: Path) -> None:
    key = issue("key").key
    (tmp_path / "many.pem").write_bytes(b"".join(issue(f"{n}.example", key=key).pem for n in range(110)))
    for n in range(30):
        (tmp_path / f"{n}").mkdir()
        (tmp_path / f"{n}" / "many.pem").symlink_to(tmp_path / "many.pem")
        plugin.add(f"{tmp_path}/{n}")
    shown = [len(entry["certificates"]) for entry in plugin.overview()["targets"]]
    assert sorted(set(shown)) == [5, 100]
    assert sum(shown) == 2000 + 10 * 5
    assert all(entry["counts"]["good"] == 110 for entry in plugin.overview()["targets"])


# --- The list ---


def test_users_look_and_admins_change(plugin: CertificatesPlugin) -> None:
    entry = plugin.add(f":{free_port()}")
    for method, path, body in [
        ("POST", "/targets", {"target": "a.example"}),
        ("DELETE", f"/targets/{entry['id']}", None),
        ("POST", "/check", None),
        ("PUT", "/settings", {}),
    ]:
        answer = plugin.request(method, path, body=body, role="user")
        assert (answer.status, answer.json()["detail"]) == (403, "only an admin may change what is watched")
    assert [found["id"] for found in plugin.overview()["targets"]] == [entry["id"]]
    assert plugin.remove(entry["id"]).json()["targets"] == []
    assert plugin.remove(entry["id"]).status == 404
    assert plugin.settled()["targets"] == []


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"target": "a b"}, 422, "neither a host name"),
        ({"target": 1}, 400, "the body is"),
        ([], 400, "the body is"),
        (b"{", 400, "the body is not JSON"),
    ],
)
def test_a_target_that_is_none_is_refused(shared: CertificatesPlugin, body: Any, status: int, words: str) -> None:
    answer = shared.post("/targets", body=body)
    assert answer.status == status
    assert words in answer.json()["detail"]


def test_settings_that_cannot_be_are_refused_and_the_others_hold(shared: CertificatesPlugin, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    before = shared.overview()["settings"]
    for settings in (
        {"ca_file": f"{tmp_path}/empty.pem"},
        {"ca_file": "/no/such/file"},
        {"warn_days": [1, 2, 3]},
        {"x": 1},
    ):
        assert shared.set(**settings).status == 422
    assert shared.overview()["settings"] == before


def test_there_is_a_limit_of_what_is_watched(plugin: CertificatesPlugin, tmp_path: Path) -> None:
    for n in range(200):
        plugin.add(f"{tmp_path}/{n}")
    answer = plugin.post("/targets", body={"target": "/one/more"})
    assert (answer.status, "200 are watched already" in answer.json()["detail"]) == (422, True)
    assert plugin.post("/targets", body={"target": f"{tmp_path}/7"}).status == 201  # it is there already


def test_the_list_and_the_settings_outlive_a_crash(plugin: CertificatesPlugin) -> None:
    with tls_server(LEAF, BETWEEN) as port:
        plugin.add(f"localhost:{port}")
        assert plugin.set(**{**plugin.overview()["settings"], "warn_days": [100, 50, 5]}).status == 200
        before = plugin.settled()
        plugin.process.kill()
        plugin.restart()
        after = plugin.settled()
        assert after["settings"] == before["settings"]
        assert [(entry["id"], entry["level"]) for entry in after["targets"]] == [(before["targets"][0]["id"], "notice")]


def test_what_others_write_into_the_store_is_not_watched(plugin: CertificatesPlugin) -> None:
    entry = plugin.add(f":{free_port()}")
    seal = plugin.store[f"target:{entry['id']}"].split(" ")[0]
    plugin.store["target:forged"] = f'{seal} {{"host": "127.0.0.1", "port": 22, "name": null}}'
    plugin.store["settings"] = '{"timeout_seconds": 20}'
    plugin.store["said"] = "[]"
    plugin.process.kill()
    plugin.restart()
    after = plugin.settled()
    assert [found["id"] for found in after["targets"]] == [entry["id"]]
    assert after["settings"]["timeout_seconds"] == 10
    assert len([log for log in plugin.logs if "was not written by this plugin" in log["message"]]) == 3


def test_a_check_sees_what_has_changed(plugin: CertificatesPlugin, tmp_path: Path) -> None:
    file = tmp_path / "a.pem"
    file.write_bytes(issue("old", ends=timedelta(days=-1)).pem)
    assert plugin.add(str(file))["level"] == "bad"
    file.write_bytes(issue("new").pem)
    answer = plugin.post("/check")
    assert answer.status == 202
    plugin.wait_for(lambda: plugin.overview()["targets"][0]["level"] == "good")


def test_what_gets_worse_is_logged_once_also_over_a_restart(plugin: CertificatesPlugin, tmp_path: Path) -> None:
    def warnings() -> list[tuple[str, str]]:
        return [(log["level"], log["message"]) for log in plugin.logs if "expire" in log["message"]]

    file = tmp_path / "a.pem"
    file.write_bytes(issue("a.example", ends=timedelta(days=10, hours=1)).pem)
    plugin.add(str(file))
    first = ("warn", f"{file}: a.example: It expires in 10 days.")
    plugin.wait_for(lambda: warnings() == [first])
    plugin.process.kill()
    plugin.restart()
    plugin.settled()
    assert plugin.set(**{**plugin.overview()["settings"], "warn_days": [60, 30, 20]}).status == 200
    plugin.wait_for(lambda: warnings() == [first, ("error", first[1])])


# --- The plugin as a program ---


def test_it_brings_its_page_and_says_what_it_is(plugin: CertificatesPlugin) -> None:
    expected = {"id": "certificates", "route": "/acme", "protocol": 2, "icon": "shield-check", "license": "MIT"}
    assert plugin.manifest | expected == plugin.manifest
    assert plugin.page() == (EXAMPLE / "page" / "bundle.js").read_text("utf-8")
    assert plugin.stop() == 0
    assert plugin.stderr == ""


def test_its_secret_is_its_own(shared: CertificatesPlugin) -> None:
    secret = shared.data_dir / "secret"
    assert (secret.stat().st_size, oct(secret.stat().st_mode)[-3:]) == (32, "600")


def test_it_passes_the_exam(binary: Path) -> None:
    bun = REPOSITORY / "node_modules" / ".bin" / "bun"
    command = [str(bun), "conformance/src/main.ts", "--strict", str(binary)]
    ended = subprocess.run(
        command, cwd=REPOSITORY, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=240, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_its_types_fit() -> None:
    command = [sys.executable, "-m", "mypy", "--no-incremental", "--cache-dir=/dev/null"]
    ended = subprocess.run(command, cwd=EXAMPLE, capture_output=True, text=True, timeout=240, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
