"""Signatures of log lines: Ed25519, with a key of one's own. Without a key nothing is signed and nothing is asked.

FOI_SIGNING_KEY names the private key (PEM). FOI_VERIFY_KEY names a public key to check with; else every keys/*.pub of
the project is one.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline.store.digests import ROOT

SIGNING_KEY = "FOI_SIGNING_KEY"
VERIFY_KEY = "FOI_VERIFY_KEY"


class BadKey(ValueError):
    """Raised at a key that is not there or is none; says which file, what was found and what to do."""


@dataclass(frozen=True)
class Signer:
    """A private key in hand: `key` is its fingerprint, `sign` gives the signature of some bytes as base64."""

    key: str
    sign: Callable[[bytes], str]


@dataclass(frozen=True)
class PublicKey:
    """A public key: its fingerprint, the file it is from, and whether it bears out a signature of some bytes."""

    key: str
    path: Path
    bears_out: Callable[[bytes, str], bool]


def signer() -> Signer | None:
    """Return the key that FOI_SIGNING_KEY names, or None where it is not set. Raises BadKey."""
    named = os.environ.get(SIGNING_KEY)
    if not named:
        return None
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    path = Path(named)
    make = f"make one with `openssl genpkey -algorithm ed25519 -out {path.name}`, or unset {SIGNING_KEY}"
    wanted = "an Ed25519 private key in PEM without a password"
    content = _read(path, SIGNING_KEY, wanted, make)
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError) as error:
        raise BadKey(f"{SIGNING_KEY}: {path}: found no key that can be read; expected {wanted}; {make}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadKey(f"{SIGNING_KEY}: {path}: found a key of another kind; expected {wanted}; {make}")
    return Signer(
        _fingerprint(key.public_key().public_bytes_raw()),
        lambda content: base64.b64encode(key.sign(content)).decode("ascii"),
    )


def public_keys(folder: Path = ROOT / "keys") -> dict[str, PublicKey]:
    """Return the public keys to check with, by fingerprint: that of FOI_VERIFY_KEY, else those in keys/. Raises BadKey.

    None at all where neither is there.
    """
    named = os.environ.get(VERIFY_KEY)
    paths = [Path(named)] if named else sorted(folder.glob("*.pub"))
    return {key.key: key for key in map(_public_key, paths)}


def _public_key(path: Path) -> PublicKey:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    make = "write it with `openssl pkey -in KEY.pem -pubout -out KEY.pub`"
    wanted = "an Ed25519 public key in PEM"
    content = _read(path, VERIFY_KEY, wanted, make)
    try:
        key = load_pem_public_key(content)
    except ValueError as error:
        raise BadKey(f"{path}: found no public key that can be read; expected {wanted}; {make}") from error
    if not isinstance(key, Ed25519PublicKey):
        raise BadKey(f"{path}: found a key of another kind; expected {wanted}; {make}")

    def bears_out(content: bytes, signature: str) -> bool:
        try:
            key.verify(base64.b64decode(signature, validate=True), content)
        except (InvalidSignature, ValueError):
            return False
        return True

    return PublicKey(_fingerprint(key.public_bytes_raw()), path, bears_out)


def _fingerprint(raw: bytes) -> str:
    """Return the first 32 hexadecimal digits of the SHA-256 of a public key's 32 bytes."""
    return hashlib.sha256(raw).hexdigest()[:32]


def _read(path: Path, variable: str, wanted: str, make: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadKey(f"{variable}: {path}: found no file ({error.strerror}); expected {wanted}; {make}") from error
