"""Arrivals for tests: a letter, a file, and the looks that a sensor takes at the inbox."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pipeline.reception.inbox import Look, draft_quiet, look
from pipeline.reception.waiting import Waiting
from pipeline.store.places import Places

RECORDS = """Reference,Month,Offence,Platform,Victim age,Status
1,Jan-21,Harassment,TikTok,15,NFA
2,Feb-21,Stalking,Snapchat,16,Charged
"""
ANSWERS = {"tables.data.record_is": "crime", "tables.data.covers": "2021-01-01 to 2021-12-31"}


def letter(reference: str = "FOI 77/25", day: str = "14 March 2025", more: str = "") -> str:
    return f"""Our reference: {reference}
Date: {day}

Freedom of Information request

Your request was received by Dorset Police on 3 January 2025. You asked:

How many crimes name TikTok or Snapchat?

Decision

I am disclosing the information to you in full. {more}
"""


def drop(places: Places, name: str, files: Mapping[str, str | bytes] | str | bytes) -> Path:
    """Put a file, or a folder of files, into the inbox and return it."""
    path = places.raw / "inbox" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(files, Mapping):
        path.mkdir(exist_ok=True)
    for file, content in (
        {path / n: c for n, c in files.items()}.items() if isinstance(files, Mapping) else [(path, files)]
    ):
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def answer_of(reference: str = "FOI 77/25", day: str = "14 March 2025", data: str = RECORDS) -> dict[str, str]:
    """Return the files of one answer: a letter and its data."""
    return {"letter.txt": letter(reference, day), "data.csv": data}


def looked(places: Places, before: Look | None = None) -> tuple[Look, tuple[Waiting, ...]]:
    """Return one look at the inbox after another one, and what waits then."""
    seen = look(places, {} if before is None else before.files)
    return seen, draft_quiet(places, seen)


def waits(places: Places) -> tuple[Waiting, ...]:
    """Return what waits after two looks at an inbox in which nothing moves."""
    return looked(places, looked(places)[0])[1]
