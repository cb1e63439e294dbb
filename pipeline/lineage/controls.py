"""Controls: totals and sister tables compared with what was read. They are never counted.

A total that disagrees is reported and refuses nothing: it is the force's own arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

import duckdb

from pipeline.figures.facts import TableFacts
from pipeline.store.duck import rows


@dataclass(frozen=True)
class Control:
    """One comparison. `stated` is what is printed, `low` and `high` what the parts add up to (None = open).

    `verdict`: agrees, disagrees, consistent (the parts are intervals that allow it), or counts suppressed as zero
    (the total is the sum with every suppressed part taken as nothing). `difference` is stated minus sum, only where
    every part is exact.
    """

    disclosure: str
    table_id: str
    kind: str
    place: str
    stated: int
    low: int
    high: int | None
    verdict: str
    difference: int | None


def controls(db: duckdb.DuckDBPyConnection, facts: Iterable[TableFacts]) -> list[Control]:
    """Return every control of every table; needs the relation `observation`."""
    found: list[Control] = []
    tables = list(facts)
    cells = rows(
        db.execute(
            "select extract_id, record_no, line_no, source_column, kind, count_rule, count_min, count_max "
            "from observation where layout = 'counts' and part_no = 1 order by extract_id, record_no, source_column"
        )
    )
    of_extract = {name: list(group) for name, group in groupby(cells, itemgetter("extract_id"))}
    for table in tables:
        for extract in table.extracts:
            found += _inside(table, of_extract.get(extract.extract_id, []))
        cut = {t.table.id for t in tables if t.is_cut and t.key[0] == table.key[0]}
        found += _between(db, table, cut)
    return found


def judge(
    stated_low: int, stated_high: int | None, parts: list[tuple[int, int | None, str]]
) -> tuple[str, int, int | None]:
    """Return (verdict, sum of lower bounds, sum of upper bounds) of parts (low, high, rule) against a stated count."""
    low = sum(p[0] for p in parts)
    high = None if any(p[1] is None for p in parts) else sum(p[1] or 0 for p in parts)
    exact = low == high and stated_low == stated_high
    if exact:
        return ("agrees" if stated_low == low else "disagrees"), low, high
    suppressed_as_zero = sum(p[0] for p in parts if p[0] == p[1])
    if (high is None or stated_low <= high) and (stated_high is None or low <= stated_high):
        return "consistent", low, high
    if stated_low == stated_high == suppressed_as_zero:
        return "counts suppressed as zero", low, high
    return "disagrees", low, high


def _control(table: TableFacts, kind: str, place: str, stated: dict[str, Any], parts: list[dict[str, Any]]) -> Control:
    verdict, low, high = judge(
        stated["count_min"],
        stated["count_max"],
        [(p["count_min"], p["count_max"], p["count_rule"]) for p in parts],
    )
    exact = low == high and stated["count_min"] == stated["count_max"]
    return Control(
        *table.key,
        kind,
        place,
        stated["count_min"],
        low,
        high,
        verdict,
        stated["count_min"] - low if exact else None,
    )


UNSEEN = {"count_min": 0, "count_max": None, "count_rule": "unknown"}
"""What is not known of a table: cells without a count, or lines that were cut off."""


def _inside(table: TableFacts, cells: list[dict[str, Any]]) -> Iterator[Control]:
    """Yield the controls inside one extract: total columns against their row, total rows against their column."""
    extract_name = table.extracts[0].entry.file
    total_rows = {r for r in {c["record_no"] for c in cells} if _all_totals(cells, r)}
    for total in (c for c in cells if c["kind"] == "total" and c["count_min"] is not None):
        in_total_row = total["record_no"] in total_rows
        column_has_data = any(c["source_column"] == total["source_column"] and c["kind"] != "total" for c in cells)
        if in_total_row and column_has_data:
            kind = "column total"
            parts = [c for c in cells if c["source_column"] == total["source_column"] and c["kind"] != "total"]
        elif in_total_row:
            kind = "grand total"
            parts = [c for c in cells if c["kind"] != "total"]
        else:
            kind = "row total"
            parts = [c for c in cells if c["record_no"] == total["record_no"] and c["kind"] != "total"]
        known = [p for p in parts if p["count_min"] is not None]
        if len(known) < len(parts) or table.is_cut:
            known.append(UNSEEN)
        parts = known
        place = f"{extract_name}, line {total['line_no']}, column {total['source_column']}"
        yield _control(table, kind, place, total, parts)


def _all_totals(cells: list[dict[str, Any]], record_no: int) -> bool:
    return all(c["kind"] == "total" for c in cells if c["record_no"] == record_no)


_LABELS = {
    "period": "period",
    "offence": "offence",
    "outcome": "outcome",
    "age": "age",
    "platform": "array_to_string(platforms, '; ')",
}


def _between(db: duckdb.DuckDBPyConnection, table: TableFacts, cut: set[str]) -> Iterator[Control]:
    """Yield the controls between tables that should say the same, and of a cut table against its known total."""
    disclosure, table_id = table.key
    if table.known_total is not None:
        seen = db.execute(
            "select coalesce(sum(count_min), 0)::bigint from observation "
            "where disclosure = ? and table_id = ? and kind = 'data' and part_no = 1",
            [disclosure, table_id],
        ).fetchall()[0][0]
        stated = {"count_min": table.known_total, "count_max": table.known_total}
        yield _control(
            table,
            "known total",
            "whole table",
            stated,
            [{"count_min": seen, "count_max": seen, "count_rule": ""}, UNSEEN],
        )
    for control in table.table.agrees_with:
        keys = ", ".join(_LABELS.get(d, "other") for d in control.over) or "''"
        sums = {
            name: {
                row[0]: row[1:]
                for row in db.execute(
                    f"select concat_ws(', ', {keys}), coalesce(sum(count_min), 0)::bigint, "
                    "case when count(count_max) = count(*) and not ? then sum(count_max)::bigint end "
                    "from observation where disclosure = ? and table_id = ? and kind <> 'total' and part_no = 1 "
                    "group by 1 order by 1",
                    [name in cut, disclosure, name],
                ).fetchall()
            }
            for name in (table_id, control.table)
        }
        for cell in sorted(sums[table_id].keys() & sums[control.table].keys()):
            low, high = sums[table_id][cell]
            stated_low, stated_high = sums[control.table][cell]
            stated = {"count_min": stated_low, "count_max": stated_high}
            parts = [{"count_min": low, "count_max": high, "count_rule": "sum"}]
            place = f"against table {control.table}" + (f", {cell}" if cell else "")
            yield _control(table, "sister table", place, stated, parts)
