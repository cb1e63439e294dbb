"""An independent second count of every counted figure. Standard library only; imports nothing of this project.

It is given the catalogue as JSON, the observations and the figures as plain rows, and the extracts as they lie
on disk. It reads the extracts again with Python's csv module, compares each observation with its line, adds the
observations up in its own way, and says which figures differ. Nothing here is shared with the builder.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SCOPE = ("disclosure", "table_id", "unit", "date_basis", "year_basis")
LABELLED = ("period", "offence", "outcome", "platform", "age")
COUNTED_FROM = (
    *("extract_id", "record_no", "part_no", "kind", "layout", "disclosure", "table_id", "unit", "date_basis"),
    *("period", "offence", "outcome", "platforms", "age", "dimensions", "constants", "uncertain"),
    *("count_min", "count_max"),
)
"""What `count_again` looks at in an observation."""

BORNE_OUT = (
    *("line_no", "source_column", "printed", "count_rule", "count_min", "count_max"),
    *(f"{name}_label" for name in LABELLED),
)
"""What `line_differences` looks at in an observation."""


@dataclass
class Cell:
    """What one cell adds up to: `high` None = open; `lines` the records behind it."""

    low: int = 0
    high: int | None = 0
    lines: set[tuple[str, int]] = field(default_factory=set)
    observations: int = 0

    def add(self, row: Mapping[str, Any]) -> None:
        """Count one observation."""
        self.low += row["count_min"]
        self.high = None if self.high is None or row["count_max"] is None else self.high + row["count_max"]
        self.lines.add((row["extract_id"], row["record_no"]))
        self.observations += 1


class Counted(dict[str, dict[tuple[Any, ...], Cell]]):
    """Cells by figure table and key. `closed` are tables of records in which what is missing is a count of nothing.

    These are (disclosure, table id) of tables all of whose records say platform and period for themselves.
    """

    closed: set[tuple[str, str]]


def count_again(
    catalogue: Iterable[Mapping[str, Any]],
    observations: Iterable[Mapping[str, Any]],
    buckets: Iterable[Mapping[str, Any]],
) -> Counted:
    """Return, for each counted table of the catalogue, every cell with what it adds up to.

    A cell's key is scope and dimensions in the catalogue's order.
    """
    tables = [t for t in catalogue if t["kind"] == "counted"]
    at: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for bucket in buckets:
        at[(bucket["extract_id"], bucket["period"])].append(bucket)
    counted = Counted({t["name"]: defaultdict(Cell) for t in tables})
    seen: set[tuple[str, str]] = set()
    open_tables: set[tuple[str, str]] = set()
    for row in observations:
        seen.add((row["disclosure"], row["table_id"]))
        if row["layout"] != "records" or row["constants"] or {"platform", "month", "year"} & set(row["uncertain"]):
            open_tables.add((row["disclosure"], row["table_id"]))
        if row["kind"] != "data" or row["part_no"] != 1:
            continue
        for table in tables:
            if _is_counted(row, table["dimensions"]):
                for key in _keys(row, table, at[(row["extract_id"], row["period"])]):
                    counted[table["name"]][key].add(row)
    counted.closed = seen - open_tables
    return counted


def _is_counted(row: Mapping[str, Any], dimensions: Iterable[str]) -> bool:
    needed = set(dimensions)
    if needed & set(row["uncertain"]):
        return False
    if row["layout"] == "counts":
        return needed == set(row["dimensions"])
    return needed <= set(row["dimensions"]) and set(row["constants"]) <= needed


def _keys(
    row: Mapping[str, Any], table: Mapping[str, Any], buckets: Iterable[Mapping[str, Any]]
) -> Iterator[tuple[Any, ...]]:
    dimensions = table["dimensions"]
    with_platform = "platform" in dimensions
    unit = "mentions" if with_platform and row["unit"] == "crimes" else row["unit"]
    for bucket in buckets:
        if bucket["kind"] not in dimensions:
            continue
        for platform in row["platforms"] if table["counts"] == "mention" else [None]:
            values = {**row, "platform": platform, bucket["kind"]: bucket["code"]}
            scope = (row["disclosure"], row["table_id"], unit, row["date_basis"], bucket["year_basis"])
            yield (*scope, *(values[d] for d in dimensions))


def differences(
    catalogue: Iterable[Mapping[str, Any]],
    counted: Counted,
    figures: Mapping[str, Iterable[Mapping[str, Any]]],
) -> list[str]:
    """Return, in words, every figure that differs from the second count; none = they agree."""
    found = []
    for table in (t for t in catalogue if t["kind"] == "counted"):
        left = dict(counted[table["name"]])
        for figure in figures[table["name"]]:
            key = tuple(figure[name] for name in (*SCOPE, *table["dimensions"]))
            cell = left.pop(key, Cell())
            again = (cell.low, cell.high, len(cell.lines), cell.observations)
            said = (figure["value_min"], figure["value_max"], figure["n"], figure["observations"])
            exact = cell.low if cell.low == cell.high else None
            if not cell.observations and not _may_be_zero(table, figure, counted):
                found.append(f"{figure['id']}: a zero where a missing count is unknown, not nothing")
            if again != said or figure["value"] != exact:
                found.append(f"{figure['id']}: published (min, max, n, observations) {said}, counted again {again}")
        found += [f"{table['name']}: no figure for {key}" for key in left]
    return found


def _may_be_zero(table: Mapping[str, Any], figure: Mapping[str, Any], counted: Counted) -> bool:
    whole = (figure["disclosure"], figure["table_id"]) in counted.closed
    return whole and set(table["dimensions"]) <= {"platform", "month", "year"}


def coverage_sums(counted: Counted) -> dict[tuple[str, str, str, str], int]:
    """Return, per figure table, disclosure, table and year basis, how many observations are in its cells."""
    sums: dict[tuple[str, str, str, str], int] = defaultdict(int)
    for name, cells in counted.items():
        for key, cell in cells.items():
            sums[(name, key[0], key[1], key[4])] += cell.observations
    return dict(sums)


def line_differences(
    extract: Mapping[str, Any], observations: Iterable[Mapping[str, Any]], limit: int = 50
) -> list[str]:
    """Return, in words, every observation of one extract that its file does not bear out.

    `extract` has path, encoding, delimiter, extract_id, columns {canonical: position} and layout. The file is
    read with the csv module: labels must stand in their columns on their line, and a count in digits must be
    the number printed there. For a sheet or a letter `extract` has rows instead: (line number, fields) of its source
    records.
    """
    found: list[str] = []
    records = dict(extract["rows"] if "rows" in extract else _lines(extract))
    for row in observations:
        fields = records.get(row["line_no"])
        where = f"{extract['extract_id']}, line {row['line_no']}"
        if fields is None:
            found.append(f"{where}: no record starts there")
        else:
            found += [f"{where}: {words}" for words in _wrong(extract, row, fields)]
        if len(found) >= limit:
            found.append("...")
            break
    return found


def _lines(extract: Mapping[str, Any]) -> Iterator[tuple[int, list[str]]]:
    with Path(extract["path"]).open(encoding=extract["encoding"], newline="") as file:
        reader = csv.reader(file, delimiter=extract["delimiter"], strict=True)
        start = 1
        while True:
            try:
                fields = next(reader)
            except StopIteration:
                return
            except csv.Error:
                fields = []  # no record: whatever was ingested from here is not borne out
            yield start, fields
            start = reader.line_num + 1


def _wrong(extract: Mapping[str, Any], row: Mapping[str, Any], fields: list[str]) -> Iterator[str]:
    for name in LABELLED:
        position = extract["columns"].get(name)
        if position is not None and _field(fields, position) != row[f"{name}_label"]:
            yield f"{name} is {_field(fields, position)!r}, ingested {row[f'{name}_label']!r}"
    if extract["layout"] == "counts":
        printed = _field(fields, row["source_column"])
        if printed != row["printed"]:
            yield f"column {row['source_column']} is {printed!r}, ingested {row['printed']!r}"
        digits = (printed or "").strip().replace(",", "")
        says = int(digits) if digits.isdecimal() else None
        if row["count_rule"] == "digits" and not (row["count_min"] == row["count_max"] == says):
            yield f"column {row['source_column']} prints {printed!r}, counted {row['count_min']}"
    elif (row["count_min"], row["count_max"]) != (1, 1):
        yield f"one record counted {row['count_min']} to {row['count_max']}"


def _field(fields: list[str], position: int) -> str | None:
    """Return the field at a 1-based position, or None where the record is too short to have it."""
    return fields[position - 1] if position <= len(fields) else None
