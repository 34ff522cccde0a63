"""What is read of certificates, held against another implementation, and what no bytes may do."""

import random
from datetime import datetime, timedelta, timezone

import pytest
from authority import NOW, Issued, issue
from cryptography import x509 as other
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from certificates.judge import days_left, expiry_level, expiry_text, fits_name, judge
from certificates.x509 import CertificateError, read_certificate, read_certificates

ROOT = issue("Root", is_ca=True)
NAMES = ["example.org", "*.example.org", "192.0.2.1", "2001:db8::1"]


@pytest.mark.parametrize(
    ("issued", "key"),
    [
        (issue("example.org", issuer=ROOT, names=NAMES), "EC P-256"),
        (issue("Ünïcode 名前", key=ec.generate_private_key(ec.SECP384R1())), "EC P-384"),
        (issue("ed", key=ed25519.Ed25519PrivateKey.generate()), "Ed25519"),
        (issue("rsa", key=rsa.generate_private_key(65537, 2048), is_ca=True), "RSA 2048"),
        (issue("far", ends=timedelta(days=365 * 60)), "EC P-256"),
    ],
    ids=["names", "unicode", "ed25519", "rsa", "far"],
)
def test_a_certificate_is_read_as_another_implementation_reads_it(issued: Issued, key: str) -> None:
    expected = issued.certificate
    read = read_certificate(issued.der)
    common_name = expected.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    assert (read.subject, read.sha256, read.key) == (common_name, issued.sha256, key)
    assert (read.not_before, read.not_after) == (expected.not_valid_before_utc, expected.not_valid_after_utc)
    assert int(read.serial, 16) == expected.serial_number
    assert read.is_self_signed == (expected.subject == expected.issuer)
    assert read.is_ca == expected.extensions.get_extension_for_class(other.BasicConstraints).value.ca
    assert read.weak is None


def test_names_are_hosts_and_addresses() -> None:
    assert read_certificate(issue("x", names=NAMES).der).names == NAMES
    assert read_certificate(issue("x").der).names == []


def test_without_a_common_name_the_rest_stands_for_it() -> None:
    title = other.Name(
        [other.NameAttribute(NameOID.COUNTRY_NAME, "PL"), other.NameAttribute(NameOID.ORGANIZATION_NAME, "ACME")]
    )
    assert read_certificate(issue("", title=title).der).subject == "C=PL, O=ACME"
    assert read_certificate(issue("", title=other.Name([]), names=["a.example"]).der).subject == "a.example"


def test_a_short_key_is_weak() -> None:
    weak = read_certificate(issue("w", key=rsa.generate_private_key(65537, 1024)).der)
    assert [problem.text for problem in judge([weak], NOW, (30, 14, 3))] == [
        "It is weak: the key RSA 1024 is too short."
    ]


def test_files_hold_one_certificate_or_several() -> None:
    leaf = issue("leaf", issuer=ROOT)
    data = b"words in front\n" + leaf.key_pem + leaf.pem + b"between\n" + ROOT.pem.replace(b"\n", b"\r\n")
    assert [certificate.subject for certificate in read_certificates(data, 10)] == ["leaf", "Root"]
    assert [certificate.subject for certificate in read_certificates(data, 1)] == ["leaf"]
    assert [certificate.subject for certificate in read_certificates(leaf.der, 10)] == ["leaf"]
    for broken in (b"", leaf.key_pem, b"-----BEGIN CERTIFICATE-----\n!\n-----END", leaf.der[:-1], b"\x30\x80\x00\x00"):
        with pytest.raises(CertificateError):
            read_certificates(broken, 10)


def test_no_bytes_raise_anything_but_certificate_errors() -> None:
    whole = issue("example.org", issuer=ROOT, names=NAMES).der
    for seed in range(5000):
        dice = random.Random(seed)
        data = bytearray(whole)
        for _ in range(dice.randrange(1, 5)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        for mutated in (bytes(data), bytes(data[: dice.randrange(len(data))]), dice.randbytes(dice.randrange(80))):
            try:
                read_certificate(mutated)
            except CertificateError:
                pass
            except Exception as error:
                raise AssertionError(f"seed {seed}") from error


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("example.org", True),
        ("EXAMPLE.org", True),
        ("a.example.org", True),
        ("a.b.example.org", False),
        ("xample.org", False),
        ("org", False),
        ("192.0.2.1", True),
        ("192.0.2.2", False),
        ("2001:db8::1", True),
    ],
)
def test_a_certificate_is_for_its_names_alone(name: str, fits: bool) -> None:
    assert fits_name(read_certificate(issue("x", names=NAMES).der), name) is fits


@pytest.mark.parametrize(
    ("days", "level", "text"),
    [
        (30, "good", "expires in 30 days"),
        (29, "notice", "expires in 29 days"),
        (14, "notice", "expires in 14 days"),
        (13, "warning", "expires in 13 days"),
        (3, "warning", "expires in 3 days"),
        (2, "bad", "expires in 2 days"),
        (1, "bad", "expires in 1 day"),
        (0, "bad", "expires today"),
        (-1, "bad", "expired today"),
        (-2, "bad", "expired 1 day ago"),
        (-11, "bad", "expired 10 days ago"),
    ],
)
def test_days_left_have_a_level_and_words(days: int, level: str, text: str) -> None:
    assert (expiry_level(days, (30, 14, 3)), expiry_text(days)) == (level, text)
    certificate = read_certificate(issue("x", ends=timedelta(days=days, hours=1), begins=timedelta(days=-400)).der)
    assert days_left(certificate, NOW) == days


def test_a_chain_is_as_good_as_what_of_it_expires_first() -> None:
    soon = issue("Between", issuer=ROOT, is_ca=True, ends=timedelta(days=5, hours=1))
    chain = [read_certificate(issued.der) for issued in (issue("leaf", issuer=soon), soon)]
    [problem] = judge(chain, NOW, (30, 14, 3))
    assert problem == ("warning", "Between, which is part of its chain, expires in 5 days.")


def test_what_is_not_valid_yet_is_bad() -> None:
    young = read_certificate(issue("x", begins=timedelta(days=1)).der)
    [problem] = judge([young], datetime(2026, 1, 2, tzinfo=timezone.utc), (30, 14, 3))
    assert problem.level == "bad"
    assert problem.text.startswith("It is not valid before 2")
