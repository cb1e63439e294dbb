"""SQL made from the catalogue: one `covered` CTE serves the builder and the trace.

Identifiers come from the catalogue only; values are always bound.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import duckdb

from pipeline.figures.catalogue import SCOPE, CountedTable
from pipeline.normalisation.columns import OBSERVATION_COLUMNS
from pipeline.normalisation.relation import make_observation, make_shared
from pipeline.store.duck import parquet
from pipeline.store.naming import NOT_SLUG


def load_relations(
    db: duckdb.DuckDBPyConnection,
    observations: Sequence[Path],
    buckets: Sequence[Path],
    *,
    often: bool = False,
    columns: Collection[str] = OBSERVATION_COLUMNS,
) -> None:
    """Create the relations `observation` and `bucket` over store files, for this connection only.

    `often` says that many queries will follow, so that copying what is not too much to memory is worth while, and that
    cells will be counted: for them there is the relation `shared`. Without buckets there is no relation of them: a
    release has it as a table. Of `observation` only some columns may be wanted: each takes time to be read in a query.
    """
    make_observation(db, observations, often, columns=columns)
    if often:
        make_shared(db, observations)
    if buckets:
        db.execute(f"create or replace temp {'table' if often else 'view'} bucket as from {parquet(*buckets)}")


def covered(table: CountedTable, observations: str = "observation") -> str:
    """Return the CTE `covered`: the observations that a table counts, once for each cell they are in.

    Needs the relation `bucket`, and `observation` or another one that has its columns as far as they matter. A record
    counts where it has the table's dimensions and where no dimension that the whole extract shares (a platform
    searched for) is left out; a printed count where the table's dimensions are exactly its own. Only the first part of
    a cell has the table's population.
    """
    platform = ", p.code as platform" if "platform" in table.dimensions else ""
    mentions = "cross join unnest(o.platforms) as p(code) " if table.counts == "mention" else ""
    unit = "case when o.unit = 'crimes' then 'mentions' else o.unit end" if platform else "o.unit"
    return (
        "covered as (\n"
        f"  select o.* exclude (unit), {unit} as unit, b.year_basis, b.code as {table.period_kind},\n"
        f"         b.bucket_start, b.bucket_end, b.part{platform}\n"
        f"  from {observations} o\n"
        "  join bucket b on b.extract_id = o.extract_id and b.period = o.period "
        f"and b.kind = '{table.period_kind}'\n"
        f"  {mentions}\n"
        f"  where {_condition(table)}\n"
        ")"
    )


def _condition(table: CountedTable) -> str:
    needed = _list(sorted(table.dimensions))
    return (
        "o.kind = 'data' and o.part_no = 1\n"
        f"    and not list_has_any(o.uncertain, {needed})\n"
        f"    and ((o.layout = 'records' and list_has_all(o.dimensions, {needed}) "
        f"and list_has_all({needed}, o.constants))\n"
        f"      or (o.layout = 'counts' and o.dimensions = {needed}))"
    )


def feeds(tables: Iterable[CountedTable]) -> str:
    """Return the SQL condition that observation `o` feeds at least one of the tables."""
    return " or ".join(f"({_condition(table)})" for table in tables)


def cells(table: CountedTable) -> str:
    """Return the query of all cells of a table: scope, dimensions, interval, n and observations."""
    keys = ", ".join((*SCOPE, *table.dimensions))
    return (
        f"with {_covered_alike(table)}\n"
        f"select {keys}, min(bucket_start) as period_start, max(bucket_end) as period_end, "
        "bool_or(part) as part, bool_or(synthetic) as synthetic,\n"
        "  sum(count_min)::bigint as value_min,\n"
        "  case when count(count_max) = count(*) then sum(count_max)::bigint end as value_max,\n"
        f"  {_RECORDS} as n, sum(observations)::bigint as observations\n"
        f"from covered group by {keys}"
    )


def records(table: CountedTable, keys: Sequence[str], where: str) -> str:
    """Return the query of how many source records a table counts, by some of its keys; each once, in how many cells it
    may be. `where` is a condition on what is covered.
    """
    by, codes = ", ".join(keys), "".join(f"{name}, " for name in _codes(table))
    return (
        f"with {_covered_alike(table)}\n"
        f"select {by}, {_RECORDS} as n from (\n"
        f"  select distinct {by}, extract_id, layout, period, period_basis, {codes}record_of_counts, observations\n"
        f"  from covered where {where}\n"
        f") group by {by}"
    )


def _covered_alike(table: CountedTable) -> str:
    """Return the CTE `covered` of what observations have alike, added up: `observations` of them to a row.

    It is added up before it is looked at what the table covers: of ten million records a few thousand rows are left.
    Needs the relation `shared` besides.
    """
    codes = "".join(f"{name}, " for name in _codes(table))
    return (
        "alike as (\n"
        f"  select extract_id, period, period_basis, {codes}\n"
        "    case when layout = 'counts' then record_no end as record_of_counts, sum(count_min) as count_min,\n"
        "    case when count(count_max) = count(*) then sum(count_max) end as count_max, count(*) as observations\n"
        "  from observation where kind = 'data' and part_no = 1 group by all\n"
        "), counted as (\n"
        "  select *, 'data' as kind, 1 as part_no from alike join shared using (extract_id, period, period_basis)\n"
        f"), {covered(table, 'counted')}"
    )


def _codes(table: CountedTable) -> list[str]:
    """Return the columns of an observation that have the codes of a table's dimensions, its period apart."""
    return [_CODE.get(name, name) for name in table.dimensions if name != table.period_kind]


_RECORDS = (
    # a record is one observation; of a table of counts a record may be several
    "(count(distinct (extract_id, record_of_counts)) filter (layout = 'counts') "
    "+ coalesce(sum(observations) filter (layout = 'records'), 0))::bigint"
)
"""How many source records covered rows are of."""

_CODE = {"platform": "platforms"}
"""The column of an observation that has the codes of a dimension, where it is called otherwise."""


def figure_id(prefix: str, parts: tuple[str, ...], synthetic: str) -> str:
    """Return the SQL of a figure id: `prefix`, then each part as a slug, parted by `/`.

    The disclosure keeps its own `/`, and a month or year is as its bucket is called: both are safe already.
    """
    slugs = ", ".join(
        part
        if part in {"disclosure", "year", "month"}
        else f"trim(regexp_replace(lower({part}), '{NOT_SLUG}', '-', 'g'), '-')"
        for part in parts
    )
    return f"case when {synthetic} then 'synthetic/' else '' end || concat_ws('/', '{prefix}', {slugs})"


def _list(values: list[str]) -> str:
    return "[" + ", ".join(f"'{v}'" for v in values) + "]::varchar[]"
