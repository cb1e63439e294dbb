"""The label engine: reference tables, loaded as text, and how a label finds its row.

Here: loading a table and its rules (a source for every row, one code for one canonical label), looking a
label up. Not here: what each vocabulary makes of a row, and its structural rules.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.normalisation.canonical import canonical, is_blank, words
from pipeline.normalisation.reading import UNKNOWN, UNMAPPED
from pipeline.store.reference import PACKAGED, ReferenceTableError, table_path

UNKNOWN_CSV = "unknown_labels.csv"

Form = Callable[[str], str]


@dataclass(frozen=True)
class LabelRow:
    """One row of a table of labels: what `label` means, where that was seen, who decided it and when.

    `more` holds the columns that only this table has (`arrest`, `presumed_class`).
    """

    label: str
    code: str
    source: str
    decided: str
    note: str
    more: Mapping[str, str]


class LabelTable:
    """A table of labels, each leading to one code.

    A label finds its row by its canonical form, and failing that by a looser form (`words`, or what the
    vocabulary gives). Where structure is read (`12-15`, `Type 16: ...`) it comes between the two: the looser
    form drops what parts numbers, and a row for `12 15` is none for `12-15`. Rows that meet in either form
    must agree in everything but source, decision and note: so the order of rows means nothing, and adding a
    row can only give a code to labels that had none.
    """

    def __init__(self, rows: Iterable[LabelRow], *, loose: Form = words, name: str = "labels") -> None:
        """Index `rows`. Raises ReferenceTableError where a row lacks a source or two claim one label."""
        self.rows = tuple(rows)
        self._loose = loose
        self._name = name
        self._by_form: dict[str, LabelRow] = {}
        self._by_loose_form: dict[str, LabelRow] = {}
        for row in self.rows:
            if not (row.label.strip() and row.code and row.source and row.decided):
                raise ReferenceTableError(f"{name}: the row of {row.label!r} needs label, code, source and decided")
            _claim(self._by_form, canonical(row.label), row, name)
            _claim(self._by_loose_form, loose(row.label), row, name)

    def find(self, label: str) -> LabelRow | None:
        """Return the row of a label, or None. Of rows that agree, the one with the smallest source."""
        return self.exactly(label) or self.loosely(label)

    def exactly(self, label: str) -> LabelRow | None:
        """Return the row of a label by its canonical form alone, or None."""
        return self._by_form.get(canonical(label))

    def loosely(self, label: str) -> LabelRow | None:
        """Return the row of a label by its looser form, or None: asked only where its structure says nothing."""
        return self._by_loose_form.get(self._loose(label))

    def with_row(self, row: LabelRow) -> LabelTable:
        """Return a table with one row more, with the same rules."""
        return LabelTable((*self.rows, row), loose=self._loose, name=self._name)


def _claim(index: dict[str, LabelRow], form: str, row: LabelRow, name: str) -> None:
    other = index.setdefault(form, row)
    if (other.code, other.more) != (row.code, row.more):
        raise ReferenceTableError(
            f"{name}: {row.label!r} is {row.code} and {other.label!r} is {other.code}, "
            f"but both are written {form!r}; keep one"
        )
    if (row.source, row.label) < (other.source, other.label):
        index[form] = row


def read_table(file_name: str) -> list[dict[str, str]]:
    """Return the rows of a reference table as text: no value is ever taken for a number, a date or a null.

    Raises ReferenceTableError as `numbered_rows` does.
    """
    return [row for _, row in numbered_rows(file_name)]


def numbered_rows(file_name: str) -> list[tuple[int, dict[str, str]]]:
    """Return the rows of a reference table as text, each with the line that it ends on.

    Raises ReferenceTableError where the file is no CSV in UTF-8, where its header is not that of the project's table of
    this name, and where a row has more or fewer fields than the header, or no source.
    """
    path = table_path(file_name)
    try:
        numbered = list(_records(path))
    except (UnicodeDecodeError, csv.Error) as error:
        raise ReferenceTableError(f"{path}: found what is no CSV in UTF-8 ({error}); mend the table") from error
    header = numbered[0][1] if numbered else []
    _, expected = next(_records(PACKAGED / file_name))
    if header != expected:
        found = ", ".join(header) or "nothing"
        raise ReferenceTableError(f"{path}, line 1: found {found}; expected the header {', '.join(expected)}")
    rows = []
    for line, fields in numbered[1:]:
        row = dict(zip(header, fields, strict=False))
        if len(fields) != len(header):
            raise ReferenceTableError(f"{path}, line {line}: found {len(fields)} fields; expected {len(header)}")
        if not row["source"].strip():
            raise ReferenceTableError(f"{path}, line {line}: found no source; expected one for every row")
        rows.append((line, row))
    return rows


def _records(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the records of a CSV, each with the line that it ends on."""
    with path.open(encoding="utf-8", newline="") as lines:
        reader = csv.reader(lines, strict=True)
        for fields in reader:
            yield reader.line_num, fields


def load_labels(file_name: str, has: Callable[[str], bool], *, loose: Form = words) -> LabelTable:
    """Return a table of labels (columns label, code, source, decided, note, and its own) from reference/.

    Raises ReferenceTableError where a row's code is none that its vocabulary `has`, nor argued Unmapped.
    """
    common = ("label", "code", "source", "decided", "note")
    rows = [
        LabelRow(
            row["label"],
            row["code"],
            row["source"],
            row["decided"],
            row["note"],
            {column: value for column, value in row.items() if column not in common},
        )
        for row in read_table(file_name)
    ]
    for row in rows:
        if row.code != UNMAPPED and not has(row.code):
            found = f"{row.label!r} with {row.code!r}"
            raise ReferenceTableError(f"{table_path(file_name)}: found {found}; expected a code of its vocabulary")
    return LabelTable(rows, loose=loose, name=file_name)


@cache
def unknown_labels() -> LabelTable:
    """Return the words by which any force says that it does not know (`N/A`, `Not recorded`, `#N/A`)."""
    return load_labels(UNKNOWN_CSV, UNKNOWN.__eq__)


def unknown_rule(label: str) -> str | None:
    """Return by which rule a label says `unknown` in any vocabulary: blank or a reference row; else None."""
    if is_blank(label):
        return "blank"
    return "reference row" if unknown_labels().find(label) else None
