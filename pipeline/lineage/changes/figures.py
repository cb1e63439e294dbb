"""The figures of two releases, or of two answers in one release, side by side: added, removed, changed, the same.

Figures are the same one where their ids are equal, those of two answers where the ids differ in the disclosure alone.
Works on a connection of its own, in which the releases are attached as `before` and `after`. Not here: why a figure
changed (causes.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from pipeline.figures.catalogue import PRINTED, TABLES
from pipeline.store.duck import ask, quoted_path
from pipeline.store.releases import ReleaseFile

COMPARED = ("value", "value_min", "value_max", "unit", "n", "reason")
"""What makes a figure changed where it differs. Of printed cells alone the unit may: the others have it in their id."""

SAID = ("date_basis", "year_basis", "kind", "part", "complete", "evidence", "superseded_by", "caveats")
"""What is said of a figure besides; differences are told apart from changed figures."""

SIDES = ("before", "after")

BESIDE = frozenset({"coverage", "forces_platform_year"})
"""Figure tables that are not of one answer: left out where two answers are compared."""


class NotComparable(Exception):
    """Raised where two releases cannot be compared, or have no such figure; says what there is and what to do."""


@dataclass(frozen=True)
class Compared:
    """What is compared: two releases, or with `answers` (older, newer) two disclosures of one release."""

    before: ReleaseFile
    after: ReleaseFile
    answers: tuple[str, str] | None = None

    @property
    def releases(self) -> tuple[ReleaseFile, ReleaseFile]:
        """The releases of both sides, in order of SIDES."""
        return self.before, self.after

    def disclosure(self, side: str) -> str | None:
        """Return the one disclosure that a side is, None where it is a whole release."""
        return self.answers[SIDES.index(side)] if self.answers else None

    def as_newer(self, column: str) -> str:
        """Return the SQL that makes an id of the older answer the newer one's; the column alone for releases."""
        if self.answers is None:
            return column
        older, newer = self.answers
        return f"replace({column}, '/{older}/', '/{newer}/')"


def attach(db: duckdb.DuckDBPyConnection, compared: Compared) -> None:
    """Attach the releases of both sides for reading, once where they are the same one."""
    same = compared.before.path == compared.after.path
    for side, release in zip(SIDES[: 1 if same else 2], compared.releases, strict=False):
        db.execute(f"attach '{quoted_path(release.path)}' as release_{side} (read_only)")
    for side in SIDES:
        attached = f"release_{'before' if same else side}"
        db.execute(f"create schema {side}")
        query = "select table_name from duckdb_tables() where database_name = ? order by table_name"
        for row in ask(db, query, [attached]):
            db.execute(f"create view {side}.{row['table_name']} as from {attached}.{row['table_name']}")


def compare_figures(db: duckdb.DuckDBPyConnection, compared: Compared) -> None:
    """Make the table `figure_change`: one row a figure of either side.

    figure_table, id, own_id (as its own side calls it), change (added, removed, changed, same), unit, synthetic,
    disclosure, table_id, parents, and `before` and `after` with COMPARED, null where it is not there.
    """
    for side in SIDES:
        names = _figure_tables(db, side)
        query = " union all ".join(_figures(db, compared, side, name) for name in names)
        db.execute(f"create temp table figure_{side} as {query}")
    facts = ("figure_table", "own_id", "unit", "synthetic", "disclosure", "table_id")
    value = ", ".join(f"{name}: {{side}}.{name}" for name in COMPARED)
    before, after = (
        f"case when {s}.id is not null then {{{value.replace('{side}', s)}}} end as {side}"
        for s, side in zip("ba", SIDES, strict=True)
    )
    differ = " or ".join(f"b.{name} is distinct from a.{name}" for name in COMPARED)
    db.execute(
        "create temp table figure_change as select id, "
        f"{', '.join(f'coalesce(a.{name}, b.{name}) as {name}' for name in facts)}, "
        "list_sort(list_distinct(list_concat(b.parents, a.parents))) as parents, "
        "case when b.own_id is null then 'added' when a.own_id is null then 'removed' "
        f"when {differ} then 'changed' else 'same' end as change, {before}, {after} "
        "from figure_before b full join figure_after a using (id)"
    )


def _figure_tables(db: duckdb.DuckDBPyConnection, side: str) -> list[str]:
    """Return the figure tables that a release has, in the order of the catalogue; raises NotComparable."""
    if not ask(db, "select 1 from duckdb_views() where schema_name = ? and view_name = 'definition'", [side]):
        raise NotComparable("a release says nothing of its figure tables: it was made by an older version of the code")
    names = [row["name"] for row in ask(db, f"select name from {side}.definition")]
    order = list(TABLES)
    return sorted(names, key=lambda name: (order.index(name) if name in order else len(order), name))


def _figures(db: duckdb.DuckDBPyConnection, compared: Compared, side: str, name: str) -> str:
    """Return the query of the figures of one table, ids of the older answer written as the newer one's."""
    columns = [row["column_name"] for row in ask(db, f"describe {side}.{name}")]
    # whether it is data or a total is said of printed cells alone
    said = [c for c in SAID if c != "kind"] + (["kind"] if name == PRINTED.name else [])
    needed = ("id", "synthetic", "disclosure", "table_id", *COMPARED, *said)
    if missing := [c for c in needed if c not in columns]:
        raise NotComparable(
            f"the figures of {name} have no column {', '.join(missing)} in one of the releases: it was made by an "
            "older version of the code; compare releases made since"
        )
    disclosure = compared.disclosure(side)
    rename = compared.as_newer if side == "before" else str
    parents = f"list_transform(parents, lambda p: {rename('p')})" if "parents" in columns else "[]::varchar[]"
    numbers = ", ".join(f"{c}::double as {c}" for c in ("value", "value_min", "value_max"))
    condition = "true"
    if disclosure is not None:
        condition = f"disclosure = '{disclosure}'" if name not in BESIDE else "false"
    return (
        f"select '{name}' as figure_table, {rename('id')} as id, id as own_id, unit, synthetic, disclosure, table_id, "
        f"{numbers}, n::bigint as n, reason, {', '.join(c if c in said else f'null::varchar as {c}' for c in SAID)}, "
        f"{parents} as parents from {side}.{name} "
        f"where {condition}"
    )


def said_otherwise(
    db: duckdb.DuckDBPyConnection, table: str | None, figure: str | None, synthetic: bool
) -> list[dict[str, Any]]:
    """Return what is said otherwise of figures of both sides: {column, before, after, figures, first}, in order.

    Of all figures, of one table or one figure; of made-up extracts if `synthetic`. `figures` is of how many, `first`
    the first id. Caveats are compared as they are listed.
    """
    found = " union all ".join(
        f"select '{c}' as column, b.{c}::varchar as before, a.{c}::varchar as after, id, a.figure_table, a.synthetic "
        f"from figure_before b join figure_after a using (id) where b.{c} is distinct from a.{c}"
        for c in SAID
    )
    query = (
        f'select "column", before, after, count(*) as figures, min(id) as first from ({found}) '
        "where ? in ('', figure_table) and ? in ('', id) and (? or not synthetic) group by all order by 1, 4 desc, 2, 3"
    )
    return ask(db, query, [table or "", figure or "", int(synthetic or figure is not None)])


def name_table(db: duckdb.DuckDBPyConnection, table: str, column: str, names: Collection[str]) -> None:
    """Make a temporary table of names, written as literals: to insert them as values would import pandas."""
    marks = f"select unnest([{', '.join('?' * len(names))}]::varchar[])"
    ask(db, f"create or replace temp table {table} as {marks} as {column}", sorted(names))


def said_otherwise_of(db: duckdb.DuckDBPyConnection, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what is said otherwise of one figure or its parents, {column, label, before, after, source}, in order.

    Without caveats: they decide nothing.
    """
    columns = [column for column in SAID if column != "caveats"]
    found = " union ".join(
        f"select '{c}' as column, b.{c}::varchar as before, a.{c}::varchar as after "
        f"from figure_before b join figure_after a using (id) semi join wanted_figure using (id) "
        f"where b.{c} is distinct from a.{c}"
        for c in columns
    )
    name_table(db, "wanted_figure", "id", {row["id"], *(row["parents"] or ())})
    rows = ask(db, f'select "column", null as label, before, after, null as source from ({found}) order by all')
    return rows


def find_figure(db: duckdb.DuckDBPyConnection, figure_id: str) -> dict[str, Any]:
    """Return one figure of `figure_change` by its id, or what the older answer calls it; raises NotComparable."""
    found = ask(db, "from figure_change where id = ? or own_id = ? order by id limit 1", [figure_id, figure_id])
    if found:
        return found[0]
    query = "select id from figure_change order by jaro_winkler_similarity(id, ?) desc, id limit 3"
    near = ", ".join(row["id"] for row in ask(db, query, [figure_id]))
    raise NotComparable(f"no figure {figure_id!r} on either side; near to it: {near or 'none'}")


def figures_of(db: duckdb.DuckDBPyConnection, condition: str) -> list[dict[str, Any]]:
    """Return the rows of `figure_change` that meet a condition, in the order of the catalogue, then by id."""
    rows = ask(db, f"from figure_change where {condition} order by id")
    order = {name: at for at, name in enumerate(TABLES)}
    return sorted(rows, key=lambda row: (order.get(row["figure_table"], len(order)), row["id"]))
