"""The observations behind a figure, by the same SQL that counted it.

Always read through the relation `observation` of `figures.sql`. What can be a member is first copied, by a condition on
labels and on numbers that only rise: Parquet skips what lies outside, so the first lines of a figure are found without
reading the rest of a large extract. The copy never decides: which observation is counted, `covered` alone says, and it
looks into lists, which for all rows of an extract takes a hundred times as long.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from pipeline.figures import sql
from pipeline.figures.catalogue import SCOPE, TABLES, CountedTable
from pipeline.lineage.trace.finding import NotFound, counted_behind, marks, table_of
from pipeline.store.duck import ask
from pipeline.store.places import Places

CHUNK = 20_000
"""Lines that are looked up and told at a time."""

FIRST_WINDOW = 50_000
"""Records of an extract that are looked through first."""

Values = list[str | int]

Condition = tuple[str, Values]
"""SQL that is true or false of an observation, with the values to bind."""

EVERY: Condition = ("true", [])
"""True of every observation."""

_PRINTED = ("extract_id", "record_no", "source_column", "part_no")
_LABELS = {
    "period": "period",
    "offence": "offence",
    "outcome": "outcome",
    "platform": "array_to_string(platforms, '; ')",
    "age": "age",
}
"""Dimensions that come from labels, and the SQL of the code each label was read as."""


@dataclass(frozen=True)
class Member:
    """One source record behind a figure. `cells` are those of it that count, for tables of counts."""

    record_no: int
    line_no: int
    lines: int
    cells: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Cells:
    """Cells of one figure table: the figures that are counted there, with the columns of the table."""

    table: CountedTable | None
    figures: tuple[dict[str, Any], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that say which cell it is; of printed cells, their place."""
        return _PRINTED if self.table is None else (*SCOPE, *self.table.dimensions)

    @property
    def disjoint(self) -> bool:
        """True where no observation is in two of the cells: only mentions and years of several kinds overlap."""
        counts = "observation" if self.table is None else self.table.counts
        kinds = {figure["year_basis"] for figure in self.figures}
        return len(self.figures) == 1 or (counts == "observation" and len(kinds) == 1)

    def members(self, db: duckdb.DuckDBPyConnection, copy: str, among: Condition) -> tuple[str, Values]:
        """Return the query of the observations in the cells, and the values to bind.

        Those `among` which they are looked for, and which can be one, are copied to the relation `copy`.
        """
        narrowed, narrow = among
        values: Values = [figure[name] for figure in self.figures for name in self.names]
        wanted = ", ".join([f"({marks(self.names)})"] * len(self.figures))
        chosen = f"({', '.join(self.names)}) in ({wanted})"
        if self.table is None:
            return f"select * from observation where {chosen} and {narrowed}", [*values, *narrow]
        possible, necessary = self._necessary(self.table)
        ask(
            db,
            f"create or replace temp table {copy} as select {_COPIED} from observation where {narrowed} and {possible}",
            [*narrow, *necessary],
        )
        return (
            f"with observation as (from {copy}), {sql.covered(self.table)} select * from covered where {chosen}",
            values,
        )

    def _necessary(self, table: CountedTable) -> tuple[str, Values]:
        """Return a condition on observations that every member of the cells fulfils, and the values to bind.

        It is of labels, which are quickly looked through, and not of what they were read as: those of them that were
        read as a code of the cells.
        """
        conditions, values = [], Values()
        for name in table.dimensions:
            wanted: Values = sorted({figure[name] for figure in self.figures})
            dimension, read = name, f"code in ({marks(wanted)})"
            if name == table.period_kind:
                dimension = "period"
                read = f"code in (select period from bucket where kind = '{name}' and code in ({marks(wanted)}))"
            elif name == "platform":
                read = f"list_has_any(string_split(code, '; '), [{marks(wanted)}])"
            labels = f"select label from label where dimension = '{dimension}' and {read}"
            conditions.append(f"{dimension}_label in ({labels})")
            values += wanted
        return " and ".join(conditions), values


def cells_behind(db: duckdb.DuckDBPyConnection, figure: dict[str, Any]) -> list[Cells]:
    """Return the cells that are counted behind a figure, table by table; none behind one that counts no lines."""
    if table_of(figure["id"]) == "printed":
        return [Cells(None, (figure,))]
    by_table: dict[str, list[dict[str, Any]]] = {}
    for root in counted_behind(db, figure):
        by_table.setdefault(table_of(root["id"]), []).append(root)
    found = []
    for name, figures in by_table.items():
        table = TABLES[name]
        if isinstance(table, CountedTable):
            found.append(Cells(table, tuple(figures)))
    return found


def extracts_behind(db: duckdb.DuckDBPyConnection, cells: Sequence[Cells]) -> list[dict[str, Any]]:
    """Return the extracts that may hold members of cells, in order of their ids.

    Those of their tables that have lines of their periods; where none has, as behind a zero, those of their tables.
    """
    found: set[str] = set()
    for some in cells:
        if some.table is None:
            found |= {str(figure["extract_id"]) for figure in some.figures}
            continue
        names = ("disclosure", "table_id", some.table.period_kind)
        query = (
            "select distinct extract_id from bucket join extract using (extract_id) "
            f"where kind = '{some.table.period_kind}' and (disclosure, table_id, code) in "
            f"({', '.join([f'({marks(names)})'] * len(some.figures))})"
        )
        found |= {row["extract_id"] for row in ask(db, query, [f[k] for f in some.figures for k in names])}
    if not found:
        tables = [name for key in tables_of(cells) for name in key]
        wanted = ", ".join(["(?, ?)"] * (len(tables) // 2))
        query = f"from extract where (disclosure, table_id) in ({wanted}) order by extract_id"
        return ask(db, query, tables) if tables else []
    return ask(db, f"from extract where extract_id in ({marks(list(found))}) order by extract_id", sorted(found))


def observe(db: duckdb.DuckDBPyConnection, places: Places, extract_ids: Sequence[str]) -> None:
    """Create the relation `observation` over some extracts; that of buckets is in the release.

    Raises NotFound where their store files are gone or were written by another version of the code.
    """
    query = f"select path from store_file where layer = 'observations' and name in ({marks(extract_ids)}) order by name"
    paths = [places.warehouse / str(row["path"]) for row in ask(db, query, list(extract_ids))]
    try:
        sql.load_relations(db, paths, [])
    except (OSError, ValueError, duckdb.Error) as error:
        raise NotFound(
            f"{places.warehouse}: found store files of the release in force that cannot be read; expected those that "
            "this version of the code writes; run `foi refresh`"
        ) from error


def records_behind(
    db: duckdb.DuckDBPyConnection, places: Places, cells: Sequence[Cells], extract: dict[str, Any], some: int = CHUNK
) -> Iterator[list[Member]]:
    """Yield the records of one extract that are behind cells, each once, in order, `some` at a time.

    One window of the extract is looked through after the other, each larger where there was little to find.
    """
    observe(db, places, [extract["extract_id"]])
    first, size = 1, FIRST_WINDOW
    while first <= extract["records"]:
        last = first + size - 1
        found = _window(db, cells, first, last, some)
        if found:
            yield found
        if len(found) == some:
            through = found[-1].record_no + 1
            first, size = through, max(some, 2 * (through - first))
        else:
            first, size = last + 1, size * 4


def _window(db: duckdb.DuckDBPyConnection, cells: Sequence[Cells], first: int, last: int, some: int) -> list[Member]:
    query, values = _all_members(db, cells, ("record_no between ? and ?", [first, last]))
    cell = "{'column': source_column, 'part_no': part_no, 'printed': printed, 'min': count_min, 'max': count_max}"
    rows = ask(
        db,
        f"select record_no, any_value(line_no) as line_no, any_value(lines) as lines, list(distinct {cell}) "
        f"filter (source_column is not null) as cells from ({query}) group by record_no order by record_no "
        f"limit {some}",
        values,
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


def among_records(found: Iterable[tuple[dict[str, Any], Sequence[Member]]]) -> Condition:
    """Return the condition that an observation is of some source records, given with their extract."""
    records: dict[str, list[int]] = {}
    for extract, some in found:
        records.setdefault(extract["extract_id"], []).extend(member.record_no for member in some)
    conditions, values = [], Values()
    for extract_id, numbers in records.items():
        conditions.append(f"(extract_id = ? and record_no between ? and ? and record_no in ({marks(numbers)}))")
        values += [extract_id, min(numbers), max(numbers), *numbers]
    return (f"({' or '.join(conditions)})", values) if conditions else ("false", [])


def label_counts(db: duckdb.DuckDBPyConnection, cells: Sequence[Cells], among: Condition) -> list[dict[str, Any]]:
    """Return {extract_id, dimension, label, code, n}: how many observations behind cells have a label.

    Needs the relation `observation` over all extracts behind them. An observation counts once, in how many of the
    cells it may be.
    """
    query, values = _all_members(db, cells, among)
    own = [f"{d}_label, {code} as {d}_code" for d, code in _LABELS.items()]
    place = "extract_id, record_no, source_column, part_no"
    several = len(cells) > 1 or not all(some.disjoint for some in cells)
    once = f"select {'distinct' if several else ''} {place}, {', '.join(own)} from ({query})"
    sets = ", ".join(f"(extract_id, {d}_label, {d}_code)" for d in _LABELS)
    which = " ".join(f"when grouping({d}_label) = 0 then '{d}'" for d in _LABELS)
    columns = {kind: f"coalesce({', '.join(f'{d}_{kind}' for d in _LABELS)})" for kind in ("label", "code")}
    return ask(
        db,
        f"select * from (select extract_id, case {which} end as dimension, {columns['label']} as label, "
        f"{columns['code']} as code, count(*) as n from ({once}) group by grouping sets ({sets})) "
        "where label is not null",
        values,
    )


def touched(db: duckdb.DuckDBPyConnection, cells: Sequence[Cells]) -> set[tuple[str, str, int, int]]:
    """Return (disclosure, table id, line, column) of each printed cell behind cells; needs `observation` over all."""
    query, values = _all_members(db, cells, EVERY)
    found = ask(
        db,
        f"select distinct disclosure, table_id, line_no, source_column from ({query}) where source_column is not null",
        values,
    )
    return {(row["disclosure"], row["table_id"], row["line_no"], row["source_column"]) for row in found}


def _all_members(db: duckdb.DuckDBPyConnection, cells: Sequence[Cells], among: Condition) -> tuple[str, Values]:
    queries, values = [], Values()
    for number, some in enumerate(cells):
        query, more = some.members(db, f"possible_{number}", among)
        queries.append(f"select {_COLUMNS} from ({query})")
        values += more
    return " union all ".join(queries), values


_CODES = tuple(code for code in _LABELS.values() if code.isalpha())
_COLUMNS = ", ".join(
    (
        *("disclosure", "table_id", "extract_id", "record_no", "line_no", "lines", "source_column", "part_no"),
        *("printed", "count_min", "count_max", "platforms"),
        *(f"{d}_label" for d in _LABELS),
        *_CODES,
    )
)
"""What is asked of members."""

_COPIED = "* exclude (other, reference)"
"""What `covered` may ask of observations: all but what no figure is of and what is different in every line."""


def tables_of(cells: Iterable[Cells]) -> list[tuple[str, str]]:
    """Return the tables (disclosure, table id) that cells are counted in, in order."""
    return sorted({(figure["disclosure"], figure["table_id"]) for some in cells for figure in some.figures})
