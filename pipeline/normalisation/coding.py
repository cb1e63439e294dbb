"""Labels coded as plain JSON: one document a label, by the same five vocabularies that the pipeline reads by.

Here: what a reading looks like from outside, and labels taken from a file. Not here: any reading of its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.intake.delimited import delimited_rows
from pipeline.intake.problem import Problem, Refused
from pipeline.intake.rows import Row
from pipeline.intake.survey import survey
from pipeline.normalisation import vocabulary
from pipeline.normalisation.ages import age_labels
from pipeline.normalisation.labels import unknown_labels
from pipeline.normalisation.periods import read_period
from pipeline.normalisation.reading import AgeReading, PeriodReading, PlatformReading

VOCABULARIES = {
    "platforms": "platform",
    "outcomes": "outcome",
    "offences": "offence",
    "ages": "age",
    "periods": "period",
}
"""The vocabularies by name, each with the dimension whose labels it reads."""

_READ_AS_WRITTEN = "reference row"


def coded(name: str, labels: Iterable[str], basis: str | None = None) -> list[dict[str, Any]]:
    """Return {label, code, name, status, rule, source} of each label, in the order given.

    `status` is one of three words. A word for unknown is mapped, to the code `unknown`. What no age can be is mapped,
    to an age of the kind invalid. A day that cannot be is unmapped. What is unmapped or a conflict has no code: null,
    and an empty list where a code is a list. `basis` is what a manifest declares; only periods ask for it. Raises
    KeyError where there is no such vocabulary.
    """
    dimension = VOCABULARIES[name]
    read: Callable[[str], vocabulary.AnyReading]
    read = partial(read_period, basis=basis) if dimension == "period" else vocabulary.BY_DIMENSION[dimension]
    labels = list(labels)
    done = {label: _document(read(label)) for label in dict.fromkeys(labels)}
    return [dict(done[label]) for label in labels]


def _document(reading: vocabulary.AnyReading) -> dict[str, Any]:
    code, name = _code_and_name(reading)
    status = _status(reading)
    no_code: Any = [] if isinstance(reading, PlatformReading) else None
    return {
        "label": reading.label,
        "code": code if status == "mapped" else no_code,
        "name": name if status == "mapped" else None,
        "status": status,
        "rule": reading.rule,
        "source": _source(reading),
    }


def _status(reading: vocabulary.AnyReading) -> str:
    if reading.status == "unknown" or (reading.status == "invalid" and isinstance(reading, AgeReading)):
        return "mapped"
    return reading.status if reading.status in {"mapped", "conflict"} else "unmapped"


def _code_and_name(reading: vocabulary.AnyReading) -> tuple[Any, str]:
    match reading:
        case PlatformReading():
            return list(reading.codes), "; ".join(reading.names)
        case AgeReading():
            return {"age_min": reading.age_min, "age_max": reading.age_max, "kind": reading.kind}, reading.band
        case PeriodReading():
            days = {"start": _day(reading.start), "end": _day(reading.end)}
            name = f"{reading.start}/{reading.end}" if reading.start else reading.status
            return {**days, "basis": reading.basis, "part": reading.part}, name
        case _:
            return reading.code, reading.name


def _day(day: Any) -> str | None:
    return None if day is None else str(day)


def _source(reading: vocabulary.AnyReading) -> str:
    """Return the source of the row that decided; empty where no row did."""
    source: str = getattr(reading, "source", "")
    if source or not reading.rule.startswith(_READ_AS_WRITTEN):
        return source
    tables = [age_labels(), unknown_labels()] if isinstance(reading, AgeReading) else [unknown_labels()]
    rows = (table.find(reading.label) for table in tables)
    return next((row.source for row in rows if row), "")


class NoSuchColumn(Refused):
    """A column was asked for that the file does not have, or has twice: the request is wrong, and not the file."""


def labels_of_file(path: Path, column: str | None = None) -> list[str]:
    """Return the labels in a column of a CSV with a header, the first one unless it is named, line by line as text.

    Blank lines are no labels. Raises Refused where the file cannot be read exactly or a line has another number of
    fields than the header, and NoSuchColumn.
    """
    file = os.fsencode(path).decode("utf-8", "replace")
    if not path.is_file():
        raise Refused(Problem(file, "no file", "a CSV with a column of labels", "mend --file"))
    rows = (row for row in delimited_rows(path, file, survey(path, file, None).encoding, ",") if row.text.strip())
    header = next(rows, None)
    if header is None or header.fields is None:
        raise Refused(Problem(file, "no header", "a CSV with a header line", "mend the file", line=1))
    at = _column(file, header, column)
    return [_fields(file, row, len(header.fields))[at] for row in rows]


def _column(file: str, header: Row, column: str | None) -> int:
    names = header.fields or ()
    if column is not None and names.count(column) != 1:
        known = ", ".join(repr(name) for name in names)
        found, expected = f"the header {known}", f"one column {column!r}"
        raise NoSuchColumn(Problem(file, found, expected, "mend --column", header.line_no))
    return 0 if column is None else names.index(column)


def _fields(file: str, row: Row, width: int) -> tuple[str, ...]:
    if row.fields is None or len(row.fields) != width:
        found = "a quote that neither opens nor closes a field" if row.fields is None else f"{len(row.fields)} fields"
        raise Refused(Problem(file, found, f"{width} fields", "mend the line", row.line_no))
    return row.fields
