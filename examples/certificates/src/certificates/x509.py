"""What a certificate says. It is read, not verified: nothing here knows whom to trust."""

import base64
import binascii
import hashlib
import ipaddress
import re
from datetime import datetime, timezone
from typing import NamedTuple

from certificates import der

MAX_NAMES = 200
"""Names of one certificate that are kept."""
MAX_TEXT_CHARACTERS = 256

_ATTRIBUTES = {"2.5.4.3": "CN", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.6": "C", "2.5.4.7": "L"}
_CURVES = {"1.2.840.10045.3.1.7": "P-256", "1.3.132.0.34": "P-384", "1.3.132.0.35": "P-521"}
_KEYS = {"1.3.101.112": "Ed25519", "1.3.101.113": "Ed448", "1.2.840.113549.1.1.10": "RSA-PSS"}
_RSA, _EC = "1.2.840.113549.1.1.1", "1.2.840.10045.2.1"
_ALTERNATIVE_NAMES, _BASIC_CONSTRAINTS = "2.5.29.17", "2.5.29.19"
_WEAK_SIGNATURES = {
    "1.2.840.113549.1.1.4": "MD5",
    "1.2.840.113549.1.1.5": "SHA-1",
    "1.2.840.10040.4.3": "SHA-1",
    "1.2.840.10045.4.1": "SHA-1",
}
_ENCODINGS = {0x0C: "utf-8", 0x13: "ascii", 0x16: "ascii", 0x14: "latin-1", 0x1E: "utf-16-be", 0x1C: "utf-32-be"}
_PEM = re.compile(rb"-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----(.+?)-----END", re.S)


class CertificateError(ValueError):
    """The bytes are no certificate."""


class Certificate(NamedTuple):
    """The facts of one certificate."""

    subject: str
    """Its common name, or else what else it calls itself."""
    issuer: str
    names: list[str]
    """The host names and addresses it is for."""
    not_before: datetime
    not_after: datetime
    serial: str
    sha256: str
    """Its fingerprint."""
    key: str
    """Like `RSA 2048` or `EC P-256`."""
    weak: str | None
    """What of it is too weak today."""
    is_ca: bool
    is_self_signed: bool
    """Subject and issuer are the same."""
    subject_bytes: bytes
    issuer_bytes: bytes


def read_certificates(data: bytes, most: int) -> list[Certificate]:
    """The certificates of a file, in PEM (at most `most`) or one in DER. Raises CertificateError."""
    blocks = [found[1] for found, _ in zip(_PEM.finditer(data), range(most), strict=False)]
    if not blocks:
        return [read_certificate(data)]
    try:
        return [read_certificate(base64.b64decode(b"".join(block.split()), validate=True)) for block in blocks]
    except binascii.Error as cause:
        raise CertificateError(f"a certificate is not base64: {cause}") from cause


def read_certificate(data: bytes) -> Certificate:
    """Reads one in DER. Raises CertificateError."""
    try:
        return _read(data)
    except (der.DerError, ValueError, IndexError, OverflowError) as cause:
        raise CertificateError(f"not a certificate: {cause}") from cause


def _read(data: bytes) -> Certificate:
    # A TRUSTED certificate has settings of OpenSSL's behind it.
    whole, _ = der.read(data)
    signed = whole.expect(der.SEQUENCE).children()[0].expect(der.SEQUENCE)
    fields = signed.children()
    if fields[0].tag == 0xA0:  # the version, absent in the oldest form
        del fields[0]
    serial, signature, issuer, validity, subject, key = fields[:6]
    extensions = _read_extensions(fields[6:])
    not_before, not_after = (_read_time(value) for value in validity.expect(der.SEQUENCE).children())
    names = _read_names(extensions.get(_ALTERNATIVE_NAMES))
    subject_text, key_text, is_weak_key = _read_name(subject), *_read_key(key)
    # Who trusts a self-signed one does so without its signature.
    is_self_signed = subject.raw == issuer.raw
    weak = None if is_self_signed else _WEAK_SIGNATURES.get(signature.expect(der.SEQUENCE).children()[0].oid())
    return Certificate(
        subject=subject_text or (names[0] if names else "(no name)"),
        issuer=_read_name(issuer) or "(no name)",
        names=names,
        not_before=not_before,
        not_after=not_after,
        serial=f"{serial.integer():x}",
        sha256=hashlib.sha256(whole.raw).hexdigest(),
        key=key_text,
        weak=f"the key {key_text} is too short" if is_weak_key else weak and f"it is signed with {weak}",
        is_ca=_is_ca(extensions.get(_BASIC_CONSTRAINTS)),
        is_self_signed=is_self_signed,
        subject_bytes=subject.raw,
        issuer_bytes=issuer.raw,
    )


def _read_name(name: der.Value) -> str:
    parts: dict[str, str] = {}
    for group in name.expect(der.SEQUENCE).children():
        for pair in group.expect(der.SET).children():
            kind, value = pair.expect(der.SEQUENCE).children()[:2]
            label = _ATTRIBUTES.get(kind.oid())
            if label is not None:
                parts.setdefault(label, _text(value.content, _ENCODINGS.get(value.tag, "latin-1")))
    return parts.get("CN") or ", ".join(f"{label}={text}" for label, text in parts.items())


def _text(content: bytes, encoding: str) -> str:
    text = content.decode(encoding, "replace")
    return "".join(character if character.isprintable() else "\ufffd" for character in text)[:MAX_TEXT_CHARACTERS]


def _read_time(value: der.Value) -> datetime:
    text = value.content.decode("ascii")
    if value.tag == der.UTC_TIME:
        text = ("19" if text >= "50" else "20") + text
    elif value.tag != der.GENERALIZED_TIME:
        raise der.DerError("a time is no time")
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=timezone.utc)


def _read_key(key: der.Value) -> tuple[str, bool]:
    algorithm, bits = key.expect(der.SEQUENCE).children()[:2]
    kind, *parameters = algorithm.expect(der.SEQUENCE).children()
    if kind.oid() == _RSA:
        modulus = der.read_all(bits.expect(der.BIT_STRING).content[1:]).children()[0].integer()
        return f"RSA {modulus.bit_length()}", modulus.bit_length() < 2048
    if kind.oid() == _EC and parameters and parameters[0].tag == der.OID:
        curve = parameters[0].oid()
        return f"EC {_CURVES.get(curve, curve)}", False
    return _KEYS.get(kind.oid(), kind.oid()), False


def _read_extensions(fields: list[der.Value]) -> dict[str, der.Value]:
    found: dict[str, der.Value] = {}
    for field in fields:
        if field.tag == 0xA3:
            for extension in der.read_all(field.content).expect(der.SEQUENCE).children():
                parts = extension.expect(der.SEQUENCE).children()
                found[parts[0].oid()] = der.read_all(parts[-1].expect(der.OCTET_STRING).content)
    return found


def _read_names(extension: der.Value | None) -> list[str]:
    names: list[str] = []
    for value in [] if extension is None else extension.expect(der.SEQUENCE).children()[:MAX_NAMES]:
        if value.tag == 0x82:
            names.append(_text(value.content, "ascii"))
        elif value.tag == 0x87 and len(value.content) in (4, 16):
            names.append(str(ipaddress.ip_address(value.content)))
    return names


def _is_ca(extension: der.Value | None) -> bool:
    parts = [] if extension is None else extension.expect(der.SEQUENCE).children()
    return bool(parts) and parts[0].tag == der.BOOLEAN and parts[0].content != b"\0"
