"""Looks at the certificate of a server: one TLS handshake, and a second one where the first is not trusted."""

import asyncio
import socket
import ssl
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from certificates.judge import Problem, describe, judge
from certificates.target import Target
from certificates.x509 import CertificateError, read_certificate

# OpenSSL's numbers for what it found wrong with a chain.
_EXPIRED, _NOT_YET = 10, 9
_SELF_SIGNED, _SELF_SIGNED_IN_CHAIN = 18, 19
_NO_ISSUER, _NO_ISSUER_OF_FIRST = 20, 21
_OTHER_NAME, _OTHER_ADDRESS = 62, 64
_SAID_BY_JUDGE = {_EXPIRED, _NOT_YET, _OTHER_NAME, _OTHER_ADDRESS}
_WORDS = {
    _SELF_SIGNED: "It is self-signed: nobody vouches for it.",
    _SELF_SIGNED_IN_CHAIN: "Its chain ends at an authority that is not trusted here.",
    _NO_ISSUER: "Its issuer is not trusted here, or the server does not send the certificates in between.",
    _NO_ISSUER_OF_FIRST: "Its issuer is not trusted here, or the server does not send the certificates in between.",
}


class Unreachable(Exception):
    """No certificate could be seen; the message says why."""


async def check_server(
    target: Target, now: datetime, warn_days: Sequence[int], trusting: ssl.SSLContext, seconds: float
) -> list[dict[str, Any]]:
    """What the page shows of the server's certificate. Raises Unreachable, after `seconds` at most."""
    try:
        return [await asyncio.wait_for(_check(target, now, warn_days, trusting), seconds)]
    except asyncio.TimeoutError:
        raise Unreachable(f"It does not answer within {seconds:g} s.") from None


async def _check(target: Target, now: datetime, warn_days: Sequence[int], trusting: ssl.SSLContext) -> dict[str, Any]:
    problems: list[Problem] = []
    try:
        data = await _handshake(target, trusting)
    except ssl.SSLCertVerificationError as error:
        if error.verify_code not in _SAID_BY_JUDGE:
            problems.append(
                Problem("bad", _WORDS.get(error.verify_code, f"It cannot be trusted: {error.verify_message}."))
            )
        data = await _handshake(target, _any_context())
    try:
        leaf = read_certificate(data)
    except CertificateError as error:
        raise Unreachable(f"Its certificate cannot be read: {error}.") from error
    return describe([leaf], problems + judge([leaf], now, warn_days, target.name), target.label, now)


def make_trusting(ca_file: str | None) -> ssl.SSLContext:
    """Trusts the system's authorities and those of the file. Takes some 30 ms. Raises OSError for the file."""
    context = ssl.create_default_context()
    context.check_hostname = False  # the judge says it in words, and beside what else is wrong
    if ca_file is not None:
        context.load_verify_locations(cafile=ca_file)
    return context


def _any_context() -> ssl.SSLContext:
    """For looking only: nothing is sent or believed on such a connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def _handshake(target: Target, context: ssl.SSLContext) -> bytes:
    """The server's own certificate, in DER. Raises SSLCertVerificationError and Unreachable."""
    try:
        _, writer = await asyncio.open_connection(
            target.host, target.port, ssl=context, server_hostname=target.name or ""
        )
    except ssl.SSLCertVerificationError:
        raise
    except socket.gaierror as error:
        raise Unreachable("Its name is not known to the DNS.") from error
    except ConnectionRefusedError as error:
        raise Unreachable(f"Nothing listens on port {target.port}.") from error
    except ssl.SSLError as error:
        raise Unreachable(_tls_failure(error)) from error
    except (ConnectionError, OSError) as error:
        raise Unreachable(f"The connection failed: {error.strerror or error}.") from error
    try:
        data = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    finally:
        writer.transport.abort()
    if not data:
        raise Unreachable("It has no certificate.")
    return bytes(data)


def _tls_failure(error: ssl.SSLError) -> str:
    reason = (error.reason or str(error)).lower().replace("_", " ")
    if "wrong version number" in reason or "record layer failure" in reason or "http request" in reason:
        return "It answers, but not with TLS."
    if "unsupported protocol" in reason or "protocol version" in reason:
        return "It speaks no version of TLS that is still in use (1.2 or later)."
    return f"The TLS handshake failed: {reason}."
