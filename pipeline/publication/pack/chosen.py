"""The figures of a pack that has some only: those asked for, what they are made of, and the tables they are of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from pipeline.figures.catalogue import TABLES
from pipeline.store.duck import insert


@dataclass(frozen=True)
class Chosen:
    """`figures` are ids by figure table, `tables` the (disclosure, table id) that they are counted in.

    Their ids also stand in the temporary table `chosen_figure` of the connection, the tables in `chosen_table`.
    """

    figures: dict[str, list[str]]
    tables: frozenset[tuple[str, str]]

    def of_table(self, name: str, columns: Sequence[str], query: str) -> str:
        """Return the query of what a pack has of a table of the release; `query` gives all that may leave of it."""
        if name in TABLES:
            return f"select * from ({query}) where id in (select id from chosen_figure)"
        tables = "select disclosure, table_id from chosen_table"
        if "table_id" in columns:
            return f"select * from ({query}) where (disclosure, table_id) in ({tables})"
        if "extract_id" in columns:
            extracts = f"select extract_id from r.extract where (disclosure, table_id) in ({tables})"
            return f"select * from ({query}) where extract_id in ({extracts})"
        if "disclosure" in columns:
            return f"select * from ({query}) where disclosure in (select disclosure from chosen_table)"
        return query


def chosen(db: duckdb.DuckDBPyConnection, asked: Sequence[str]) -> Chosen | str:
    """Return the figures asked for with all their parents, or in words which is none of the release `r`.

    Each asked for is the id of a figure or the name of a figure table.
    """
    every = " union all ".join(
        f"select '{name}' as figure_table, id, disclosure, table_id, {_parents(db, name)} as parents from r.{name}"
        for name in TABLES
    )
    db.execute(f"create or replace temp table every_figure as {every}")
    found: dict[str, list[str]] = defaultdict(list)
    tables: set[tuple[str, str]] = set()
    seen: set[str] = set()
    for name in asked:
        where = "figure_table" if name in TABLES else "id"
        waiting = [row[0] for row in db.execute(f"select id from every_figure where {where} = ?", [name]).fetchall()]
        if not waiting and name not in TABLES:
            return (
                f"{name}: found no such figure; expected the id of a figure or the name of a table; see `foi figures`"
            )
        while waiting := [identity for identity in waiting if identity not in seen]:
            seen |= set(waiting)
            rows = db.execute(
                "select * exclude (parents), parents from every_figure where list_contains(?, id)", [waiting]
            )
            waiting = []
            for figure_table, identity, disclosure, table_id, parents in rows.fetchall():
                found[figure_table].append(identity)
                tables.add((disclosure, table_id))
                waiting += parents
    db.execute("create or replace temp table chosen_figure (id varchar)")
    insert(db, "chosen_figure", [(identity,) for identity in sorted(seen)])
    db.execute("create or replace temp table chosen_table (disclosure varchar, table_id varchar)")
    insert(db, "chosen_table", sorted(tables))
    return Chosen(dict(found), frozenset(tables))


def _parents(db: duckdb.DuckDBPyConnection, name: str) -> str:
    columns = {row[0] for row in db.execute(f"describe r.{name}").fetchall()}
    return "parents" if "parents" in columns else "[]::varchar[]"
