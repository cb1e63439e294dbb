"""Rows for the screen: made up, of the street data, and read from files."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from pipeline.intake.rows import Row
from pipeline.intake.screen import screen
from tests import exampleshire

RECORDS = list(exampleshire.records(400, 3))
STREET = (
    "8c7661d1b68d476454c5b68a58daee0d91781a94f6001555df3c7f0d6498d821", "2025-01", "City of London Police",
    "-0.107682", "51.517786", "On or near Lord Street", "E01000917", "Camden 027C", "Other theft",
    "Investigation complete; no suspect identified",
)  # fmt: skip


def rows(*records: Sequence[str], first_line: int = 2) -> list[Row]:
    return [Row(n, 1, ",".join(r), tuple(r)) for n, r in enumerate(records, first_line)]


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
