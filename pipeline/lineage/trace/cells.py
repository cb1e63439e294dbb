"""Which cells are counted behind a figure, which extracts may have lines in them, and by which labels.

What can be in a cell is told by a condition on labels: Parquet skips what does not fulfil it, so the first lines of a
figure are found without reading the rest of a large extract. It never decides: which observation is counted, `covered`
alone says, and it looks into lists, which for all rows of an extract takes a hundred times as long.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from pipeline.figures import sql
from pipeline.figures.catalogue import SCOPE, TABLES, CountedTable
from pipeline.lineage.trace.finding import counted_behind, marks, table_of
from pipeline.store.duck import ask

Values = list[str | int]

Condition = tuple[str, Values]
"""SQL that is true or false of an observation, with the values to bind."""

_PRINTED = ("extract_id", "record_no", "source_column", "part_no")


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

    def extracts(self, extracts: Iterable[dict[str, Any]], buckets: Iterable[dict[str, Any]]) -> set[str]:
        """Return the ids of those extracts of their tables that have lines in the periods of the cells."""
        if self.table is None:
            return {str(figure["extract_id"]) for figure in self.figures}
        kind = self.table.period_kind
        lines = {(b["extract_id"], b["code"]) for b in buckets if b["kind"] == kind}
        return {
            str(extract["extract_id"])
            for extract in extracts
            for figure in self.figures
            if all(figure[name] == extract[name] for name in ("disclosure", "table_id"))
            and (extract["extract_id"], figure[kind]) in lines
        }

    def members(self, observations: str) -> tuple[str, Values]:
        """Return the query of those observations of a relation that are in the cells, and the values to bind."""
        values: Values = [figure[name] for figure in self.figures for name in self.names]
        wanted = ", ".join([f"({marks(self.names)})"] * len(self.figures))
        chosen = f"({', '.join(self.names)}) in ({wanted})"
        if self.table is None:
            return f"select * from {observations} where {chosen}", values
        return f"with {sql.covered(self.table, observations)} select * from covered where {chosen}", values

    def necessary(self, labels: Sequence[dict[str, Any]], buckets: Sequence[dict[str, Any]]) -> Condition:
        """Return a condition that every member of the cells fulfils, by the labels and buckets of its extract.

        It is of labels, which are quickly looked through, and not of what they were read as: those of them that were
        read as a code of the cells.
        """
        if self.table is None:
            numbers: Values = sorted({figure["record_no"] for figure in self.figures})
            return f"record_no in ({marks(numbers)})", numbers
        conditions, values = [], Values()
        for name in self.table.dimensions:
            dimension, codes = name, {figure[name] for figure in self.figures}
            if name == self.table.period_kind:
                dimension, codes = "period", {b["period"] for b in buckets if b["kind"] == name and b["code"] in codes}
            own = [row for row in labels if row["dimension"] == dimension and row["label"] is not None]
            wanted: Values = sorted({row["label"] for row in own if not codes.isdisjoint(_codes(row))})
            conditions.append(f"{dimension}_label in ({marks(wanted)})" if wanted else "false")
            values += wanted
        return " and ".join(conditions), values


def _codes(label: dict[str, Any]) -> list[str]:
    """Return what a label was read as: one code, of platforms there may be several."""
    code = label["code"] or ""
    return code.split("; ") if label["dimension"] == "platform" else [code]


def cells_behind(figure: dict[str, Any], parents: Sequence[dict[str, Any]]) -> list[Cells]:
    """Return the cells that are counted behind a figure, table by table; none behind one that counts no lines."""
    if table_of(figure["id"]) == "printed":
        return [Cells(None, (figure,))]
    by_table: dict[str, list[dict[str, Any]]] = {}
    for root in counted_behind(figure, parents):
        by_table.setdefault(table_of(root["id"]), []).append(root)
    found = []
    for name, figures in by_table.items():
        table = TABLES[name]
        if isinstance(table, CountedTable):
            found.append(Cells(table, tuple(figures)))
    return found


@dataclass(frozen=True)
class Behind:
    """What stands behind a figure of `n` lines: its cells, and the extracts that may have lines in them.

    `extracts` are in order of their ids, each with the layout of its table; `labels`, {extract_id, dimension, label,
    code, status, rule, source}, say what their labels were read as; `may` is a condition that every observation in the
    cells fulfils.
    """

    n: int
    cells: list[Cells]
    extracts: list[dict[str, Any]]
    labels: list[dict[str, Any]]
    may: Condition


def behind(db: duckdb.DuckDBPyConnection, figure: dict[str, Any], parents: Sequence[dict[str, Any]]) -> Behind:
    """Return what stands behind a figure.

    Extracts are those of its tables that have lines of its periods; where none has, as behind a zero, all of them.
    """
    cells = cells_behind(figure, parents)
    tables = [name for key in tables_of(cells) for name in key]
    if not tables:
        return Behind(figure["n"], cells, [], [], ("false", []))
    extracts = ask(
        db,
        "select extract.*, layout from extract join source_table using (disclosure, table_id) where "
        f"(disclosure, table_id) in ({', '.join(['(?, ?)'] * (len(tables) // 2))}) order by extract_id",
        tables,
    )
    buckets = _buckets(db, cells)
    own = {name for some in cells for name in some.extracts(extracts, buckets)}
    extracts = [extract for extract in extracts if extract["extract_id"] in own] or extracts
    ids = [str(extract["extract_id"]) for extract in extracts]
    columns = "extract_id, dimension, label, code, status, rule, source"
    labels = ask(db, f"select {columns} from label where extract_id in ({marks(ids)})", ids)
    necessary = [some.necessary(labels, buckets) for some in cells]
    may = f"({' or '.join(f'({condition})' for condition, _ in necessary)})"
    return Behind(figure["n"], cells, extracts, labels, (may, [value for _, values in necessary for value in values]))


def _buckets(db: duckdb.DuckDBPyConnection, cells: Sequence[Cells]) -> list[dict[str, Any]]:
    """Return the periods of the lines of each extract that are in a month or year of cells."""
    codes: dict[tuple[str, str], None] = {}
    for some in cells:
        if some.table is not None:
            kind = some.table.period_kind
            codes |= dict.fromkeys((kind, str(figure[kind])) for figure in some.figures)
    if not codes:
        return []
    wanted = ", ".join(["(?, ?)"] * len(codes))
    query = f"select extract_id, period, kind, code from bucket where (kind, code) in ({wanted})"
    return ask(db, query, [value for key in codes for value in key])


def tables_of(cells: Iterable[Cells]) -> list[tuple[str, str]]:
    """Return the tables (disclosure, table id) that cells are counted in, in order."""
    return sorted({(figure["disclosure"], figure["table_id"]) for some in cells for figure in some.figures})
