"""Keys of one's own: what is no key is said before anything is signed with it."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from pipeline.store.places import Places
from pipeline.store.releases import append_log, log_lines
from pipeline.store.signing import BadKey, public_keys, signer


def pem(key: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey, password: bytes | None = None) -> bytes:
    hidden = form.BestAvailableEncryption(password) if password else form.NoEncryption()
    return key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, hidden)


def public_pem(key: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)


ED25519 = ed25519.Ed25519PrivateKey.generate()
CURVE = ec.generate_private_key(ec.SECP256R1())


def test_without_a_key_nothing_is_signed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FOI_SIGNING_KEY", raising=False)
    assert signer() is None
    assert public_keys(tmp_path) == {}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "found no file"),
        (b"", "found no key that can be read"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "found no key that can be read"),
        (pem(ED25519, b"secret"), "found no key that can be read; expected .* without a password"),
        (public_pem(ED25519), "found no key that can be read"),
        (pem(CURVE), "found a key of another kind"),
    ],
    ids=["missing", "empty", "garbled", "locked", "public", "another kind"],
)
def test_what_is_no_private_key_is_said_and_the_log_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, words: str
) -> None:
    key = tmp_path / "key.pem"
    if content is not None:
        key.write_bytes(content)
    monkeypatch.setenv("FOI_SIGNING_KEY", str(key))
    places = Places.of(tmp_path / "raw", tmp_path)
    with pytest.raises(BadKey, match=f"FOI_SIGNING_KEY: .*key.pem: {words}.*openssl genpkey"):
        append_log(places, {"event": "resume"})
    assert not places.release_log.exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "found no file"), (b"ssh-ed25519 AAAA", "no public key that can be read"),
     (pem(ED25519), "no public key that can be read"), (public_pem(CURVE), "found a key of another kind")],
    ids=["missing", "garbled", "private", "another kind"],
)  # fmt: skip
def test_what_is_no_public_key_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, words: str
) -> None:
    key = tmp_path / "key.pub"
    if content is not None:
        key.write_bytes(content)
    monkeypatch.setenv("FOI_VERIFY_KEY", str(key))
    with pytest.raises(BadKey, match=f"key.pub: .*{words}.*openssl pkey"):
        public_keys(tmp_path)


def test_every_key_of_a_folder_is_one_to_check_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    private = tmp_path / "key.pem"
    private.write_bytes(pem(ED25519))
    for i, key in enumerate((ED25519, ed25519.Ed25519PrivateKey.generate())):
        (tmp_path / f"{i}.pub").write_bytes(public_pem(key))
    monkeypatch.setenv("FOI_SIGNING_KEY", str(private))
    ours = signer()
    keys = public_keys(tmp_path)
    assert ours is not None and len(keys) == 2
    signature = ours.sign(b"content")
    assert keys[ours.key].bears_out(b"content", signature)
    assert not keys[ours.key].bears_out(b"contents", signature)
    assert not keys[ours.key].bears_out(b"content", "é no base64")
    assert [k.bears_out(b"content", signature) for name, k in keys.items() if name != ours.key] == [False]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here")
def test_a_signature_is_checked_with_openssl_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What docs/digests.md says of keys and signatures, without our code."""
    for command in (
        ["openssl", "genpkey", "-algorithm", "ed25519", "-out", "key.pem"],
        ["openssl", "pkey", "-in", "key.pem", "-pubout", "-out", "key.pub"],
    ):
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    monkeypatch.setenv("FOI_SIGNING_KEY", str(tmp_path / "key.pem"))
    places = Places.of(tmp_path / "raw", tmp_path)
    append_log(places, {"event": "resume"})
    entry = json.loads(log_lines(places)[0].content)
    (tmp_path / "signature").write_bytes(base64.b64decode(entry.pop("signature")))
    (tmp_path / "line").write_text(json.dumps(entry, sort_keys=True), "ascii")
    check = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key.pub", "-rawin", "-in", "line"]
    subprocess.run([*check, "-sigfile", "signature"], cwd=tmp_path, check=True, capture_output=True)
