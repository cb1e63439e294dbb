"""Digests: of files, of values and of our own code."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.store.reference import read_instead

ROOT = Path(__file__).resolve().parents[2]


def sha256_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_of(value: Any) -> str:
    """Return the SHA-256 of a JSON value: the same for equal values, whatever the order of their keys."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def code_digest(*places: str) -> str:
    """Return the digest of all code and reference tables below `places` (relative to the project root).

    Built files carry it in their name, so that a change of code or of a mapping builds them anew. Of a reference table
    the file that is really read counts: tables of one content give one digest, wherever they lie.
    """
    content = {}
    for place in places:
        path = ROOT / place
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.suffix in {".py", ".csv", ".sql"}:
                content[file.relative_to(ROOT).as_posix()] = sha256_file(read_instead(file))
    if not content:
        raise ValueError(f"no code below {places}")
    return digest_of(content)
