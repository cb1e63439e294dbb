"""What of the inbox has withdrawn bytes: files, archives and mails with such a file in them, and what is noted of them.

An archive cannot be kept without what is in it, so that it goes whole, like a release. Letters and mails that were
taken out of the inbox lie below it and are looked at too.
Not here: what may be taken out of an archive or a mail into raw/ (reception).
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import zipfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from pipeline.store.digests import sha256_file
from pipeline.store.places import Places

MOST_BYTES = 500_000_000
"""Bytes of one archive or mail that are looked at, unpacked; what reception takes apart has no more."""
DEEPEST = 4
"""How deep archives in archives are looked into."""


class _CannotLook(Exception):
    """Raised at what is too large, too deep or under a password."""


@dataclass(frozen=True)
class Held:
    """An archive or mail that has withdrawn bytes in it, and the names of all else that is in it."""

    path: Path
    others: tuple[str, ...]


@dataclass(frozen=True)
class InboxCopies:
    """What of the inbox goes: `files`, of which `archives` have more in them than what is withdrawn.

    `unread` are archives and mails that cannot be looked into.
    """

    files: tuple[Path, ...]
    archives: tuple[Held, ...]
    unread: tuple[Path, ...]


def find_inbox_copies(places: Places, withdrawn: Collection[str]) -> InboxCopies:
    """Return what of the inbox has bytes of these SHA-256, and what was noted of it."""
    files: list[Path] = []
    archives: list[Held] = []
    unread: list[Path] = []
    digests = set(withdrawn)
    for path in sorted(p for p in (places.raw / "inbox").rglob("*") if p.is_file()):
        own = sha256_file(path)
        if own in withdrawn:
            files.append(path)
            continue
        try:
            inside = _inside(path)
        except Exception:  # whatever a stranger's file breaks: it is named, and the rest is looked at
            unread.append(path)
            continue
        if any(sha256 in withdrawn for _, sha256 in inside):
            files.append(path)
            digests.add(own)
            archives.append(Held(path, tuple(name for name, sha256 in inside if sha256 not in withdrawn)))
    noted = (places.warehouse / "inbox").glob("*.json")
    files += sorted(p for p in noted if any(digest in p.read_text("utf-8") for digest in digests))
    return InboxCopies(tuple(files), tuple(archives), tuple(unread))


def _inside(path: Path) -> list[tuple[str, str]]:
    """Return the name and SHA-256 of each file in an archive or mail, at any depth; none where it is neither."""
    if not (zipfile.is_zipfile(path) or _is_mail(path.name)):
        return []
    if path.stat().st_size > MOST_BYTES:
        raise _CannotLook
    return list(_digests(path.name, path.read_bytes(), [MOST_BYTES], 1))


def _is_mail(name: str) -> bool:
    return name.lower().endswith(".eml")


def _digests(name: str, data: bytes, left: list[int], depth: int) -> Iterator[tuple[str, str]]:
    """Yield name and SHA-256 of what is in a file; `left` is how many bytes may still be looked at."""
    for inner, part in _parts(name, data, left):
        if depth > DEEPEST:
            raise _CannotLook
        yield inner, hashlib.sha256(part).hexdigest()
        for deeper, sha256 in _digests(inner, part, left, depth + 1):
            yield f"{inner} > {deeper}", sha256


def _parts(name: str, data: bytes, left: list[int]) -> Iterator[tuple[str, bytes]]:
    """Yield the files that lie directly in an archive or mail. Workbooks and documents are archives too."""
    if zipfile.is_zipfile(BytesIO(data)):
        with zipfile.ZipFile(BytesIO(data)) as archive:
            for info in archive.infolist():
                left[0] -= info.file_size
                if info.flag_bits & 1 or left[0] < 0:
                    raise _CannotLook
                if not info.is_dir():
                    yield info.filename, archive.read(info)
    elif _is_mail(name):
        for number, part in enumerate(email.message_from_bytes(data, policy=email.policy.default).walk(), 1):
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                yield part.get_filename() or f"part {number}", payload
