"""The codes that figures are counted from, of an extract whose bytes may not leave: as far as the figures need them.

A record is said once for each cell that it counts in, with what that cell is of and nothing else, so that no two codes
of a record stand together that no figure joins.
"""

from __future__ import annotations

import duckdb

from pipeline.figures import sql
from pipeline.figures.catalogue import COUNTED, PLATFORM_SHARE, PRINTED, SCOPE, CountedTable
from pipeline.intake.manifest import Extract

OBSERVATION = (
    *("record_no", "source_column", "part_no", "kind", "layout"),
    *("period", "offence", "outcome", "platforms", "age", "dimensions", "constants", "uncertain"),
    *("count_min", "count_max"),
)
"""What is said of an observation whose line is not in the pack: codes and counts, no label and no line."""

_COLUMN = {"offence": "offence", "outcome": "outcome", "platform": "platforms", "age": "age"}
"""The column of an observation that has the codes of a dimension."""

_COARSE = (
    "bucket_start || '/' || bucket_end "
    "|| case when code like 'range-%' then ' range' when part then ' part' else '' end"
)
"""What stands in place of the period of a record: the month or year that is counted, no two of them alike."""


def make_codes(db: duckdb.DuckDBPyConnection, extract: Extract, selected: bool) -> None:
    """Create the view `codes` over `observation` and `bucket`: OBSERVATION of an extract, as far as figures need it.

    The figures are those of release `r`, or of them those in `chosen_figure` where they are `selected`. In place of the
    periods of records stand months and years as `coarse_buckets` has them.
    """
    if extract.terms.layout == "counts":
        db.execute(f"create or replace temp view codes as {_of_counts(selected)}")
        return
    codes = [_of_records(table, selected, number) for number, table in enumerate(COUNTED)]
    db.execute(f"create or replace temp view codes as {' union all '.join(codes)}")


def coarse_buckets(selected: bool) -> str:
    """Return the query of the months and years of figures, as rows of the table `bucket`, of extracts in `withheld`."""
    figures = " union ".join(
        f"select disclosure, table_id, '{table.period_kind}' as kind, year_basis, {table.period_kind} as code, "
        f"period_start as bucket_start, period_end as bucket_end, part from {_figures(table.name, selected)}"
        for table in COUNTED
    )
    return (
        f"select extract_id, {_COARSE} as period, kind, year_basis, code, bucket_start, bucket_end, part "
        f"from ({figures}) join withheld using (disclosure, table_id) where layout = 'records'"
    )


def _figures(table: str, selected: bool) -> str:
    """Return the figures of a table that leave, as a relation."""
    return f"(from r.{table}{' where id in (select id from chosen_figure)' if selected else ''})"


def _of_records(table: CountedTable, selected: bool, number: int) -> str:
    """Return the query of OBSERVATION of the records that the `number`th table counts, once for each of its figures.

    A record that names several platforms is there once for each of them; once for all of them only where a share is
    made of their figures, since its `n` is of so many records. `part` is that of the figure: of a record it says
    nothing. What is called the number of a record is its place among all by their codes.
    """
    keys = ", ".join((*SCOPE, *table.dimensions))
    own = [_COLUMN[d] for d in table.dimensions if d in _COLUMN]
    by = ["record_no", f"{table.period_kind} as code", "bucket_start", "bucket_end"]
    by += [column for column in own if column != "platforms"]
    counted = f"from covered join {_figures(table.name, selected)} f using ({keys})"
    alone = "[platform]" if "platform" in table.dimensions else "null::varchar[]"
    found = f"select {', '.join(by)}, {alone} as platforms, f.part as part {counted}"
    if table.name in PLATFORM_SHARE.parents:
        shares = f"select unnest(parents) from {_figures(PLATFORM_SHARE.name, selected)}"
        by += ["year_basis", f"case when f.id not in ({shares}) then platform end as alone"]
        platforms = "list(platform order by platform) as platforms, bool_and(f.part) as part"
        found = f"select {', '.join(by)}, {platforms} {counted} group by all"
    codes = ", ".join(c if c in (*own, "platforms") else f"null::varchar as {c}" for c in _COLUMN.values())
    dimensions = ", ".join(f"'{d}'" for d in sorted(table.dimensions))
    place = f"(row_number() over (order by {', '.join(['coarse', *own])})) + {number}::bigint * 1000000000"
    # `counts`: it counts in the one table whose dimensions these are
    return (
        f"(with {sql.covered(table)}, found as ({found})\n"
        f"select {place} as record_no, null::integer as source_column, 1 as part_no, 'data' as kind, "
        f"'counts' as layout, coarse as period, {codes}, [{dimensions}] as dimensions, []::varchar[] as constants, "
        f"[]::varchar[] as uncertain, 1 as count_min, 1 as count_max "
        f"from (select *, {_COARSE} as coarse from found))"
    )


def _of_counts(selected: bool) -> str:
    """Return the query of OBSERVATION of a table of counts: its cells, with codes where a figure counts them.

    A cell as printed is a figure too, which needs place and count alone.
    """
    place = ("record_no", "source_column", "part_no")
    cells = " union ".join(
        f"(with {sql.covered(table)} select {', '.join(place)} from covered "
        f"join {_figures(table.name, selected)} using ({', '.join((*SCOPE, *table.dimensions))}))"
        for table in COUNTED
    )
    codes = {c: f"case when counts then {c} end as {c}" for c in ("period", *_COLUMN.values())}
    codes["dimensions"] = "case when counts then dimensions else [] end as dimensions"
    return (
        f"with cell as ({cells}), said as (\n"
        f"  select *, ({', '.join(place)}) in (from cell) as counts from observation\n"
        f") select {', '.join(codes.get(c, c) for c in OBSERVATION)} from said "
        f"where counts or (extract_id, {', '.join(place)}) in "
        f"(select extract_id, {', '.join(place)} from {_figures(PRINTED.name, selected)})"
    )
