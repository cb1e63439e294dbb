"""The observations behind a figure, by the same SQL that counted it.

They are read through the relation `observation` of `figures.sql` into the table `member`, and all that is told of them
is read from there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from pipeline.figures import sql
from pipeline.lineage.trace.cells import Behind, Cells, Condition
from pipeline.lineage.trace.finding import NotFound, marks
from pipeline.normalisation.columns import OBSERVATION_COLUMNS
from pipeline.store.duck import ask
from pipeline.store.places import Places

CHUNK = 20_000
"""Lines that are looked up and told at a time."""

AMPLE = 1.5
"""How many times as many lines as would do if those of a figure lay evenly are looked through first."""

_CODES = {"period": "period", "offence": "offence", "outcome": "outcome", "platform": "platforms", "age": "age"}
"""Dimensions that come from labels, and the column with what each label was read as."""

_COLUMNS = (
    *("disclosure", "table_id", "extract_id", "record_no", "line_no", "lines", "source_column", "part_no"),
    *("printed", "count_min", "count_max"),
    *(f"{d}_label" for d in _CODES),
    *_CODES.values(),
)
"""What is asked of members."""

ASKED = (*_COLUMNS, "layout", "unit", "date_basis", "kind", "dimensions", "constants", "uncertain")
"""What is asked of observations, `covered` asking too."""


@dataclass(frozen=True)
class Member:
    """One source record behind a figure. `cells` are those of it that count, for tables of counts."""

    record_no: int
    line_no: int
    lines: int
    cells: tuple[dict[str, Any], ...]


_Window = tuple[Sequence[dict[str, Any]], Condition]
"""Extracts, and which observations of them are looked through."""


@dataclass(frozen=True)
class Members:
    """What is behind a figure: its first source records with their extract, which are read as they are asked for.

    Besides them `labels`, {extract_id, dimension, label, code, n}: how many observations have each, in one row or
    several; and `printed`, (disclosure, table id, line, column) of each printed cell.
    """

    records: Iterable[tuple[dict[str, Any], list[Member]]]
    labels: list[dict[str, Any]]
    printed: set[tuple[str, str, int, int]]


def all_members(db: duckdb.DuckDBPyConnection, places: Places, behind: Behind, wanted: int, at_once: int) -> Members:
    """Return the first records behind a figure, with labels and printed cells of all of them.

    So many records of extracts are looked through at once: what is behind a figure may not fit into memory.
    """
    windows = list(_windows(behind, at_once))
    labels: list[dict[str, Any]] = []
    printed: set[tuple[str, str, int, int]] = set()
    for window in windows:
        _gather(db, places, behind.cells, window)
        labels += _label_counts(db)
        printed |= _printed(db)
    return Members(_in_windows(db, places, behind.cells, windows, wanted), labels, printed)


def _windows(behind: Behind, at_once: int) -> Iterator[_Window]:
    if behind.extracts and sum(extract["records"] for extract in behind.extracts) <= at_once:
        yield behind.extracts, behind.may
    else:
        for extract in behind.extracts:
            for first in range(1, extract["records"] + 1, at_once):
                yield [extract], _between(first, first + at_once - 1, behind.may)


def _in_windows(
    db: duckdb.DuckDBPyConnection, places: Places, cells: Sequence[Cells], windows: Sequence[_Window], wanted: int
) -> Iterator[tuple[dict[str, Any], list[Member]]]:
    for window in windows:
        if len(windows) > 1:  # the only one is gathered already
            _gather(db, places, cells, window)
        for extract in window[0]:
            after = 0
            while wanted and (found := _records(db, extract["extract_id"], after, min(wanted, CHUNK))):
                yield extract, found
                wanted -= len(found)
                after = found[-1].record_no


def first_members(db: duckdb.DuckDBPyConnection, places: Places, behind: Behind, wanted: int) -> Members:
    """Return the first records behind a figure of records, with the labels of these; what comes after is not read.

    They are looked for where they are if the lines of the figure lie evenly, and then where the next possible ones are.
    """
    shown: list[tuple[dict[str, Any], list[Member]]] = []
    labels: list[dict[str, Any]] = []
    every = sum(extract["records"] for extract in behind.extracts)
    for extract in behind.extracts:
        some = [1, int(AMPLE * min(wanted, CHUNK) * every / behind.n)] if wanted else []
        while some:
            _gather(db, places, behind.cells, ([extract], _between(some[0], some[-1], behind.may)))
            if found := _records(db, extract["extract_id"], 0, wanted):
                shown.append((extract, found))
                labels += _label_counts(db, found[-1].record_no)
                wanted -= len(found)
            some = _next_possible(db, behind.may, some[-1], min(wanted, CHUNK)) if wanted else []
    return Members(shown, labels, set())


def _between(first: int, last: int, may: Condition) -> Condition:
    condition, values = may
    return f"record_no between ? and ? and {condition}", [first, last, *values]


def observe(
    db: duckdb.DuckDBPyConnection,
    places: Places,
    extract_ids: Sequence[str],
    columns: Collection[str] = OBSERVATION_COLUMNS,
) -> None:
    """Create the relation `observation` over some extracts; that of buckets is in the release.

    Raises NotFound where their store files are gone or were written by another version of the code.
    """
    query = f"select path from store_file where layer = 'observations' and name in ({marks(extract_ids)}) order by name"
    paths = [places.warehouse / str(row["path"]) for row in ask(db, query, list(extract_ids))]
    try:
        sql.load_relations(db, paths, [], columns=columns)
    except (OSError, ValueError, duckdb.Error) as error:
        raise NotFound(
            f"{places.warehouse}: found store files of the release in force that cannot be read; expected those that "
            "this version of the code writes; run `foi refresh`"
        ) from error


def _next_possible(db: duckdb.DuckDBPyConnection, may: Condition, after: int, some: int) -> list[int]:
    """Return the numbers of the next records after one of an extract that may be behind cells, in order."""
    condition, values = may
    query = f"select record_no from observation where record_no > ? and {condition} order by record_no limit {some}"
    return [row["record_no"] for row in ask(db, query, [after, *values])]


def _gather(db: duckdb.DuckDBPyConnection, places: Places, cells: Sequence[Cells], window: _Window) -> None:
    """Create the relation `observation` over a window, and the table `member` of those in it that are behind cells.

    Each is there once, in how many of the cells it may be.
    """
    extracts, (condition, values) = window
    observe(db, places, [extract["extract_id"] for extract in extracts], ASKED)
    queries = [some.members("possible") for some in cells]
    several = len(cells) > 1 or not all(some.disjoint for some in cells)
    ask(
        db,
        f"create or replace temp table member as with possible as materialized (select {', '.join(ASKED)} "
        f"from observation where {condition}) select {'distinct' if several else ''} * from ("
        + " union all ".join(f"select {', '.join(_COLUMNS)} from ({query})" for query, _ in queries)
        + ")",
        [*values, *(value for _, more in queries for value in more)],
    )


def _records(db: duckdb.DuckDBPyConnection, extract_id: str, after: int, some: int) -> list[Member]:
    """Return the next source records after one of an extract that are in `member`, in order."""
    cell = "{'column': source_column, 'part_no': part_no, 'printed': printed, 'min': count_min, 'max': count_max}"
    rows = ask(
        db,
        f"select record_no, any_value(line_no) as line_no, any_value(lines) as lines, list({cell}) "
        "filter (source_column is not null) as cells from member where extract_id = ? and record_no > ? "
        f"group by record_no order by record_no limit {some}",
        [extract_id, after],
    )
    return [
        Member(
            row["record_no"],
            row["line_no"],
            row["lines"],
            tuple(sorted(row["cells"] or (), key=lambda c: (c["column"], c["part_no"]))),
        )
        for row in rows
    ]


def _label_counts(db: duckdb.DuckDBPyConnection, last: int | None = None) -> list[dict[str, Any]]:
    """Return how many observations in `member` have each label, up to a record or all; the rows of `Members.labels`."""
    codes = _CODES | {"platform": "array_to_string(platforms, '; ')"}
    read = ", ".join(f"{{'dimension': '{d}', 'label': {d}_label, 'code': {code}}}" for d, code in codes.items())
    return ask(
        db,
        "select extract_id, unnest(read), count(*) as n from "
        f"(select extract_id, unnest([{read}]) as read from member {'' if last is None else 'where record_no <= ?'}) "
        "where read.label is not null group by extract_id, read",
        [] if last is None else [last],
    )


def _printed(db: duckdb.DuckDBPyConnection) -> set[tuple[str, str, int, int]]:
    """Return the printed cells in `member`, as `Members.printed` has them."""
    query = "select distinct disclosure, table_id, line_no, source_column from member where source_column is not null"
    return {tuple(row.values()) for row in ask(db, query)}
