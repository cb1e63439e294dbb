"""SQL made from the catalogue: one `covered` CTE serves the builder and the trace.

Identifiers come from the catalogue only; values are always bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from pipeline.figures.catalogue import SCOPE, CountedTable
from pipeline.store.duck import parquet
from pipeline.store.naming import NOT_SLUG

IN_MEMORY = 1_000_000
"""Up to so many observations are copied to memory (some 150 MB): to open every file anew for every query is slower."""


def load_relations(
    db: duckdb.DuckDBPyConnection, observations: Sequence[Path], buckets: Sequence[Path], *, often: bool = False
) -> None:
    """Create the relations `observation` and `bucket` over store files, for this connection only.

    `often` says that many queries will follow, so that copying what is not too much to memory is worth while.
    """
    for name, paths in (("observation", observations), ("bucket", buckets)):
        if paths:
            files = parquet(*paths)
            few = often and db.execute(f"select count(*) <= {IN_MEMORY} from {files}").fetchall()[0][0]
            db.execute(f"create or replace temp {'table' if few else 'view'} {name} as from {files}")


def covered(table: CountedTable) -> str:
    """Return the CTE `covered`: the observations that a table counts, once for each cell they are in.

    Needs relations `observation` and `bucket`. A record counts where it has the table's dimensions and where no
    dimension that the whole extract shares (a platform searched for) is left out; a printed count where the
    table's dimensions are exactly its own. Only the first part of a cell has the table's population.
    """
    platform = ", p.code as platform" if "platform" in table.dimensions else ""
    mentions = "cross join unnest(o.platforms) as p(code) " if table.counts == "mention" else ""
    unit = "case when o.unit = 'crimes' then 'mentions' else o.unit end" if platform else "o.unit"
    return (
        "covered as (\n"
        f"  select o.* exclude (unit), {unit} as unit, b.year_basis, b.code as {table.period_kind},\n"
        f"         b.bucket_start, b.bucket_end, b.part{platform}\n"
        "  from observation o\n"
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
        f"with {covered(table)}\n"
        f"select {keys}, min(bucket_start) as period_start, max(bucket_end) as period_end, "
        "bool_or(part) as part, bool_or(synthetic) as synthetic,\n"
        "  sum(count_min)::bigint as value_min,\n"
        "  case when count(count_max) = count(*) then sum(count_max)::bigint end as value_max,\n"
        "  count(distinct (extract_id, record_no)) as n, count(*) as observations\n"
        f"from covered group by {keys}"
    )


def members(table: CountedTable, cells: int) -> str:
    """Return the query of the observations in several cells of a table.

    The values to bind are scope and dimensions, in that order, of one cell after the other.
    """
    names = (*SCOPE, *table.dimensions)
    wanted = ", ".join(["(" + ", ".join("?" * len(names)) + ")"] * cells)
    return f"with {covered(table)}\nselect * from covered where ({', '.join(names)}) in ({wanted})"


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
