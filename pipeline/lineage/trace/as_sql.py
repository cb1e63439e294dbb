"""A figure as SQL that gives it again: for any DuckDB, in the folder of the warehouse, on foi.duckdb.

What is counted is counted again from the store files that the release lists. What is derived is made again from the
figures that it is derived from, and its lines are counted again. Nothing of ours runs in it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import duckdb

from pipeline.figures import sql
from pipeline.figures.catalogue import (
    CHARGE_RATE,
    COVERAGE,
    PERIOD_SUM,
    PLATFORM_SHARE,
    TABLES,
    YEAR_CHANGE,
    CountedTable,
    DerivedTable,
)
from pipeline.lineage.trace.cells import Behind, Cells, behind
from pipeline.lineage.trace.finding import find_figure, parents_of, release_in_force, release_words, table_of
from pipeline.lineage.trace.members import observe
from pipeline.store.duck import ask, kept_open, literal, quoted_path
from pipeline.store.places import Places

Figure = Mapping[str, Any]

_COLUMNS = (
    *("extract_id", "disclosure", "table_id", "layout", "unit", "date_basis"),
    *("record_no", "source_column", "part_no", "kind", "count_min", "count_max", "period"),
    *("dimensions", "constants", "uncertain"),
    *("period_label", "offence_label", "outcome_label", "platform_label", "age_label"),
)
"""What is asked of observations, besides the codes of the dimensions of a table."""

_CODE = {"platform": "platforms"}
"""The column of an observation that has the codes of a dimension, where it is called otherwise."""

_INTERVAL = "case when value_min = value_max then value_min end as value, value_min, value_max"

_SAME = "value as value_min, value as value_max"

_PERCENT = (
    "-- 100 x numerator / denominator to one decimal, halves away from zero\n"
    "  case when reason is null then sign(numerator) * "
    "((2000 * abs(numerator) + denominator) // (2 * denominator)) / 10 end as value,\n"
    f"  {_SAME}"
)

_TOTAL = f"case when reason is null then total end as value, {_SAME}"

_GIVEN = "reason is null or reason = 'a count is not exact'"

_SUM = (
    f"case when low = high and ({_GIVEN}) then low end as value,\n"
    f"  case when {_GIVEN} then low end as value_min, case when {_GIVEN} then high end as value_max"
)
"""Intervals are added up even where no value can be given."""


def figure_sql(places: Places, figure_id: str) -> str:
    """Return SQL that gives a figure of the release in force again: one row of value, value_min, value_max and n.

    Of a derived figure the row has `reason` too: whether it may be given hangs on more than its parents, so the release
    is asked for that alone. Raises NotFound.
    """
    release = release_in_force(places)
    with kept_open(release.path) as db:
        figure = find_figure(db, figure_id)
        parents = parents_of(db, figure)
        stands = behind(db, figure, parents)
        parts = _observations(db, places, stands)
        if stands.cells and not parents:
            more, selected = _counted(stands.cells[0])
        else:
            more, selected = _derived(figure, parents, stands.cells)
        number = release_words(db)["number"]
    head = f"-- {figure_id}\n-- in release {number}; for DuckDB on foi.duckdb, in the folder of the warehouse\n"
    return head + "with " + ",\n".join([*parts, *more]) + "\n" + selected


def _counted(cells: Cells) -> tuple[list[str], str]:
    """Return the parts that count the one cell of a counted or printed figure, and what is selected in the end."""
    if cells.table is None:
        counted = (
            f"select count_min as value_min, count_max as value_max, 1 as n\n  from {_chosen(cells, 'observation')}"
        )
        return [_part("counted", counted)], f"select {_INTERVAL}, n from counted"
    counted = (
        "select coalesce(sum(count_min), 0)::bigint as value_min,\n"
        "    case when count(count_max) = count(*) then coalesce(sum(count_max), 0)::bigint end as value_max,\n"
        f"    count(distinct (extract_id, record_no)) as n\n  from {_chosen(cells, 'covered')}"
    )
    return [sql.covered(cells.table), _part("counted", counted)], f"select {_INTERVAL}, n from counted"


def _derived(figure: Figure, parents: Sequence[Figure], cells: Sequence[Cells]) -> tuple[list[str], str]:
    """Return the parts that make a derived figure of its parents, and what is selected in the end."""
    table = TABLES[table_of(figure["id"])]
    parts, made, values = _made(table, figure, parents)
    said = f"select reason from {table.name} where id = {literal(figure['id'])}"
    lines = "\n  union ".join(_records(one) for one in cells) or "select null where false"
    parts += [_part("made", made), _part("said", said), _part("line", lines)]
    return parts, f"select {values},\n  (select count(*) from line) as n, reason\nfrom made, said"


def _made(table: CountedTable | DerivedTable, figure: Figure, parents: Sequence[Figure]) -> tuple[list[str], str, str]:
    """Return the parts with the parents of a derived figure, the query of what the formula is of, and the formula."""
    if table is YEAR_CHANGE:
        earlier, later = ([parent] for parent in parents)
        parts = [_part("earlier", _of("value", earlier)), _part("later", _of("value", later))]
        made = "select later.value - earlier.value as numerator, earlier.value as denominator from earlier, later"
        return parts, made, _PERCENT
    if table is PLATFORM_SHARE:
        own = f"platform = {literal(figure['platform'])}"
        made = f"select sum(value) filter ({own}) as numerator, sum(value) as denominator from mention"
        return [_part("mention", _of("platform, value", parents))], made, _PERCENT
    if table is CHARGE_RATE:
        return *_charges(figure, parents[1:]), _PERCENT
    if table is PERIOD_SUM:
        made = (
            "select sum(value_min)::bigint as low,\n"
            "    case when count(value_max) = count(*) then sum(value_max)::bigint end as high from parent"
        )
        return [_part("parent", _of("value_min, value_max", parents))], made, _SUM
    if table is COVERAGE:
        made = (
            "select count(*) as total from extract join source_table using (disclosure, table_id)\n"
            f"  where disclosure = {literal(figure['disclosure'])} and question = {literal(figure['question'])}"
        )
        return [], made, _TOTAL
    return [_part("force", _of("value", parents))], "select sum(value)::bigint as total from force", _TOTAL


def _charges(figure: Figure, cells: Sequence[Figure]) -> tuple[list[str], str]:
    """Return the parts of a charge rate: its crimes by outcome, and the query of charged ones and all of them."""
    # reference tables take a while to read: only for a figure that needs them
    from pipeline.normalisation.offence_list import is_notifiable
    from pipeline.normalisation.outcomes import outcome_flags

    flags = {str(cell["outcome"]): outcome_flags(cell["outcome"]) for cell in cells}
    offences = {str(cell["offence"]) for cell in cells if cell.get("offence") is not None}
    charged = [code for code, own in flags.items() if "charged" in own]
    left_out = [code for code, own in flags.items() if own & {"cancelled", "fraud"}]
    not_notifiable = [code for code in offences if not is_notifiable(code)]
    columns = "outcome, value" if not offences else "offence, outcome, value"
    made = (
        f"select coalesce(sum(value) filter ({_is_in('outcome', charged)}), 0) as numerator, "
        "sum(value) as denominator\n"
        f"  from crime where not {_is_in('outcome', left_out)} and not {_is_in('offence', not_notifiable)}"
    )
    counted = [c for c in cells if c["outcome"] not in left_out and c.get("offence") not in not_notifiable]
    sums = [sum(c["value"] or 0 for c in own) for own in ([c for c in counted if c["outcome"] in charged], counted)]
    if sums != [figure["numerator"], figure["denominator"]]:
        made = f"-- the reference tables were edited since the release: these codes are not those it had\n  {made}"
    return [_part("crime", _of(columns, cells))], made


def _of(columns: str, figures: Sequence[Figure]) -> str:
    """Return the query of columns of figures of one table; of none where there are no figures."""
    if not figures:
        return f"select {', '.join(f'null as {name}' for name in columns.split(', '))} where false"
    table = table_of(figures[0]["id"])
    return f"select {columns} from {table} where {_is_in('id', [figure['id'] for figure in figures])}"


def _records(cells: Cells) -> str:
    """Return the query of the source records that are counted in cells of a table."""
    if cells.table is None:
        raise AssertionError("nothing is derived of printed figures")
    return (
        f"select distinct extract_id, record_no from (with {sql.covered(cells.table)} from {_chosen(cells, 'covered')})"
    )


def _chosen(cells: Cells, relation: str) -> str:
    """Return the SQL of the rows of a relation that are in cells."""
    wanted = (", ".join(_literal(figure[name]) for name in cells.names) for figure in cells.figures)
    rows = ",\n    ".join(f"({row})" for row in wanted)
    return f"{relation}\n  where ({', '.join(cells.names)}) in (\n    {rows})"


def _observations(db: duckdb.DuckDBPyConnection, places: Places, stands: Behind) -> list[str]:
    """Return `observation` as a part, with the tables of labels that it looks into; nothing where no line is counted.

    It is the relation that the figures were counted from, as DuckDB has it.
    """
    if not stands.cells:
        return []
    dimensions = {name for cells in stands.cells if cells.table is not None for name in cells.table.dimensions}
    columns = {*_COLUMNS, *(_CODE.get(name, name) for name in dimensions)}
    observe(db, places, [str(extract["extract_id"]) for extract in stands.extracts], columns)
    view = str(ask(db, "select sql from duckdb_views() where temporary and view_name = 'observation'")[0]["sql"])
    _, _, query = view.partition(" AS ")
    tables = ask(db, "select table_name as name from duckdb_tables() where temporary order by all")
    parts = [_looked_up(db, row["name"]) for row in tables if f"{row['name']}." in query]
    # a path stands there between quotes, in a list of files or as the key of a map
    for quote in ("'", '"'):
        query = query.replace(f"{quote}{quoted_path(places.warehouse)}/", quote)
    condition, values = stands.may
    # by their labels, most observations are left out before it is looked into what they were read as
    return [*parts, _part("observation", f"from ({query.removesuffix(';')})\n  where {_bound(condition, values)}")]


def _looked_up(db: duckdb.DuckDBPyConnection, table: str) -> str:
    """Return a temporary table of labels with what they were read as, as a part."""
    columns = ask(db, "select column_name, data_type from duckdb_columns() where table_name = ? order by all", [table])
    kinds = [{row["column_name"]: row["data_type"] for row in columns}]
    rows = ask(db, f"select to_json(list(t order by label)) as labels from {table} t")[0]["labels"]
    return _part(table, f"select unnest(from_json({literal(rows)}, {literal(json.dumps(kinds))}), max_depth := 2)")


def _part(name: str, query: str) -> str:
    return f"{name} as (\n  {query}\n)"


def _is_in(name: str, codes: Collection[str]) -> str:
    """Return the condition that a column has one of some values."""
    return f"({name} in ({', '.join(map(literal, sorted(codes)))}))" if codes else "(false)"


def _bound(condition: str, values: Sequence[str | int]) -> str:
    """Return a condition with values in the places of its `?`."""
    first, *parts = condition.split("?")
    return first + "".join(_literal(value) + part for value, part in zip(values, parts, strict=True))


def _literal(value: str | int) -> str:
    return literal(value) if isinstance(value, str) else str(value)
