"""Rows for the screen: made up, of the street data, and read from files, and a screen of all their cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from pipeline.intake.rows import Row
from pipeline.intake.screen import WHOLE_LINE, screen_values
from tests import exampleshire

RECORDS = list(exampleshire.records(400, 3))
STREET = (
    "8c7661d1b68d476454c5b68a58daee0d91781a94f6001555df3c7f0d6498d821", "2025-01", "City of London Police",
    "-0.107682", "51.517786", "On or near Lord Street", "E01000917", "Camden 027C", "Other theft",
    "Investigation complete; no suspect identified",
)  # fmt: skip


def rows(*records: Sequence[str], first_line: int = 2) -> list[Row]:
    return [Row(n, 1, ",".join(r), tuple(r)) for n, r in enumerate(records, first_line)]


class Found(NamedTuple):
    """A find at its place."""

    line_no: int
    position: int
    kind: str
    column: str
    shown: str


def screen(header: Sequence[str] | None, table: Sequence[Row]) -> list[Found]:
    """Screen every cell in its column, and lines that have no fields as a whole; the gate does so once a value."""
    whole = [row for row in table if row.fields is None]
    hits = screen_values(WHOLE_LINE, 1, [row.text for row in whole])
    found = [Found(whole[hit.index].line_no, 0, hit.kind, hit.column, hit.shown) for hit in hits]
    parted = [row for row in table if row.fields is not None]
    columns = zip_longest(*(row.fields or () for row in parted), fillvalue="")
    for position, values in enumerate(columns, start=1):
        name = header[position - 1] if header and position <= len(header) else None
        for hit in screen_values(name, position, values):
            found.append(Found(parted[hit.index].line_no, position, hit.kind, hit.column, hit.shown))
    return sorted(found, key=lambda f: f[:2])


def kinds(value: str, header: str = "Summary") -> set[str]:
    return {found.kind for found in screen([header], rows([value]))}


def read(path: Path) -> list[Row]:
    return parsed(path.read_text("utf-8-sig"))


def parsed(text: str) -> list[Row]:
    reader, result, line = csv.reader(io.StringIO(text, newline="")), [], 1
    for fields in reader:
        result.append(Row(line, reader.line_num - line + 1, ",".join(fields), tuple(fields)))
        line = reader.line_num + 1
    return result
