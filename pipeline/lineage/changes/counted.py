"""What lines add to figures: the cells that the lines of each side are counted in, and what differs by pairs of lines.

Leaves the temporary tables `before_cell` and `after_cell` (figure_table, id, lines), `counted_figure` (figure,
figure_table, id), numbered, and `part_line` (figure, pair, low, high, open): what each pair of lines adds to each
figure. Needs those of lines.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import duckdb

from pipeline.figures import sql
from pipeline.figures.catalogue import COUNTED, SCOPE, CountedTable
from pipeline.lineage.changes.figures import SIDES, Compared, name_table
from pipeline.store.duck import ask

_COVERED_BY = (
    *("extract_id", "layout", "kind", "part_no", "period", "platforms", "uncertain", "dimensions", "constants"),
    *("unit", "synthetic", "disclosure", "table_id", "date_basis", "count_min", "count_max"),
)
"""What decides which cells a line is in, its codes of other dimensions apart; many lines have all of it alike."""


def make_cells(db: duckdb.DuckDBPyConnection, compared: Compared, side: str) -> None:
    """Make `<side>_cell`: each figure that any line is counted in, with these lines: figure_table, id, lines.

    Lines that have _COVERED_BY alike are looked at once, and an id is made once a figure.
    """
    alike = f"{side}_alike"
    db.execute(
        f"create or replace temp table {alike} as select {', '.join(_COVERED_BY)}, list(line) as lines "
        f"from {side}_line where kind = 'data' and part_no = 1 group by all"
    )
    rename = compared.as_newer if side == "before" else str
    counted = [_counted(table, side, alike, rename) for table in COUNTED]
    # a printed cell has the place of its line in its id, so that the release itself says which figure it is
    printed = (
        f"select 'printed', {rename('p.id')}, [{_COUNT}] from {side}_line o "
        f"join {side}.printed p using (extract_id, record_no, source_column, part_no)"
    )
    db.execute(f"create or replace temp table {side}_cell as {' union all '.join((*counted, printed))}")


_COUNT = "{line: line, count_min: count_min, count_max: count_max}"
"""The SQL of a line with its count."""


def _counted(table: CountedTable, side: str, alike: str, rename: Callable[[str], str]) -> str:
    """Return the query of the figures of one table, with the lines of each."""
    keys = (*SCOPE, *table.dimensions)
    return (
        f"(with {sql.covered(table, alike)}, "
        "one as (select * exclude (lines), unnest(lines) as line from covered), "
        f"cell as (select {', '.join(keys)}, synthetic, list({_COUNT}) as lines "
        f"from one join (select line, offence, outcome, age from {side}_line) using (line) group by all) "
        f"select '{table.name}' as figure_table, {rename(sql.figure_id(table.name, keys, 'synthetic'))} as id, lines "
        "from cell)"
    )


def add_up(db: duckdb.DuckDBPyConnection) -> None:
    """Make `counted_figure` and `part_line`: what each pair of lines adds to each figure.

    Where it adds anything, or stands on one side.
    """
    cells = " union ".join(f"select figure_table, id from {side}_cell" for side in SIDES)
    db.execute(
        f"create or replace temp table counted_figure as select row_number() over () as figure, * from ({cells})"
    )
    each = " union all ".join(
        f"select figure, pair, {sign} * coalesce(count_min, 0) as low, {sign} * coalesce(count_max, 0) as high, "
        f"{sign} * (count_max is null)::bigint as open, {sign} as side "
        f"from (select figure, unnest(lines, recursive := true) from {side}_cell join counted_figure using (id)) "
        f"join line_pair on line_pair.{side} = line"
        for side, sign in zip(SIDES, (-1, 1), strict=True)
    )
    sums = ", ".join(f"sum({name})::bigint as {name}" for name in ("low", "high", "open"))
    db.execute(
        f"create or replace temp table part_line as select figure, pair, {sums} from ({each}) group by figure, pair "
        "having sum(low) <> 0 or sum(high) <> 0 or sum(open) <> 0 or min(side) = max(side)"
    )


def add_silent(db: duckdb.DuckDBPyConnection, figures: Sequence[str]) -> None:
    """Add to `part_line` the pairs of some figures, by id, that are in them on both sides and add nothing.

    Where the two lines are not counted alike all the same: a unit, or a mark that stands for as much as another.
    """
    sides = [
        f"{side} as (select figure, unnest(lines, recursive := true) from {side}_cell join counted_figure using (id) "
        "semi join silent_figure using (id))"
        for side in SIDES
    ]
    differ = " or ".join(f"b.{name} is distinct from a.{name}" for name in _SAID_OF_A_COUNT)
    name_table(db, "silent_figure", "id", figures)
    db.execute(
        f"insert into part_line with {', '.join(sides)} select before.figure, p.pair, 0, 0, 0 from before "
        "join line_pair p on p.before = before.line join after on after.line = p.after "
        "and after.figure = before.figure join before_line b on b.line = p.before "
        f"join after_line a on a.line = p.after where {differ}"
    )


_SAID_OF_A_COUNT = ("printed", "count_rule", "unit", "kind", "date_basis", "period_basis")
"""Columns of an observation that may differ where its count does not, and are told of a figure."""


def added_up(db: duckdb.DuckDBPyConnection) -> dict[str, tuple[int, int]]:
    """Return what lines add to the least and the most of each figure that any line adds something to."""
    query = (
        "select id, sum(low)::bigint as low, sum(high)::bigint as high "
        "from part_line join counted_figure using (figure) group by id"
    )
    return {row["id"]: (row["low"], row["high"]) for row in ask(db, query)}
