"""Looks at certificates in a file or a folder of this server."""

import contextlib
import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from certificates.judge import describe, judge
from certificates.server_check import Unreachable
from certificates.x509 import Certificate, CertificateError, read_certificates

MAX_FILE_BYTES = 1024 * 1024
MAX_FILES = 2000
"""Files of one folder that are looked at."""
MAX_DEPTH = 4
MAX_CHAIN = 300
"""Certificates of one file that are read."""
MAX_CERTIFICATES = 5000
"""Certificates of one folder that are read."""
SUFFIXES = {".pem", ".crt", ".cer", ".cert", ".der"}


def check_path(path: str, now: datetime, warn_days: Sequence[int]) -> list[dict[str, Any]]:
    """What the page shows of the certificates at a path. Raises Unreachable. Blocks: run it in a thread."""
    place = Path(path)
    try:
        chains = _read_folder(place) if place.is_dir() else {path: _read_file(place)}
    except FileNotFoundError:
        raise Unreachable("There is no such file or folder.") from None
    except PermissionError:
        raise Unreachable("The plugin may not read it.") from None
    except OSError as error:
        raise Unreachable(f"It cannot be read: {error.strerror}.") from error
    except CertificateError as error:
        raise Unreachable(f"It holds no certificate that can be read: {error}.") from error
    if not chains:
        raise Unreachable("No file in there holds a certificate.")
    return [describe(chain, judge(chain, now, warn_days), source, now) for source, chain in _distinct(chains)]


def _read_folder(folder: Path) -> dict[str, list[Certificate]]:
    os.scandir(folder).close()  # an error here concerns the folder itself
    chains: dict[str, list[Certificate]] = {}
    count = 0
    for file in _files(folder):
        if count >= MAX_CERTIFICATES:
            break
        with contextlib.suppress(OSError, CertificateError):  # a key, or what else may lie there
            chains[str(file)] = _read_file(file)
            count += len(chains[str(file)])
    return chains


def _files(folder: Path) -> Iterator[Path]:
    """Files that may hold certificates. Links to files are followed (certbot makes such), links to folders are not."""
    left = MAX_FILES
    for place, folders, names in os.walk(folder):
        depth = len(Path(place).relative_to(folder).parts)
        folders[:] = sorted(folders) if depth < MAX_DEPTH else []
        for name in sorted(names):
            if Path(name).suffix.lower() in SUFFIXES:
                if left == 0:
                    return
                left -= 1
                yield Path(place, name)


def _read_file(file: Path) -> list[Certificate]:
    # A pipe or a device would hold up the reader for ever.
    if not file.is_file():
        raise FileNotFoundError(file) if not file.exists() else CertificateError("it is no file")
    with file.open("rb") as opened:
        data = opened.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise CertificateError(f"it has over {MAX_FILE_BYTES} bytes")
    return read_certificates(data, MAX_CHAIN)


def _distinct(chains: dict[str, list[Certificate]]) -> list[tuple[str, list[Certificate]]]:
    """Each certificate once: with the longest chain that a file has, and without those that are part of one.

    certbot writes each certificate three times: alone, its chain, and both.
    """
    best: dict[str, tuple[str, list[Certificate]]] = {}
    for source, certificates in chains.items():
        for chain in _split(certificates):
            known = best.get(chain[0].sha256)
            if known is None or len(known[1]) < len(chain):
                best[chain[0].sha256] = (source, chain)
    inner = {certificate.sha256 for _, chain in best.values() for certificate in chain[1:]}
    return [entry for sha256, entry in best.items() if sha256 not in inner]


def _split(certificates: Sequence[Certificate]) -> Iterator[list[Certificate]]:
    """Chains: each certificate begins a new one unless it issued the one in front of it."""
    chain: list[Certificate] = []
    for certificate in certificates:
        if chain and chain[-1].issuer_bytes == certificate.subject_bytes and not chain[-1].is_self_signed:
            chain.append(certificate)
            continue
        if chain:
            yield chain
        chain = [certificate]
    if chain:
        yield chain
