"""Files of derived figures: their columns, and writing them in order of id."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.figures.catalogue import (
    CHARGE_RATE,
    COVERAGE,
    FIGURE_COLUMNS,
    FORCES_PLATFORM_YEAR,
    PERIOD_SUM,
    PLATFORM_SHARE,
    YEAR_CHANGE,
    DerivedTable,
)
from pipeline.figures.derived.book import Figure
from pipeline.store.duck import copy_out
from pipeline.store.files import written

_COLUMNS: dict[str, str] = {
    **dict.fromkeys(
        [
            "id",
            "force",
            "disclosure",
            "table_id",
            "unit",
            "date_basis",
            "year_basis",
            "platform",
            "offence",
            "outcome",
            "age",
            "year",
            "month",
            "question",
        ],
        "varchar",
    ),
    "period_start": "date",
    "period_end": "date",
    "part": "boolean",
    "value": "bigint",
    "value_min": "bigint",
    "value_max": "bigint",
    "n": "bigint",
    **dict.fromkeys(["reason", "complete", "evidence"], "varchar"),
    "synthetic": "boolean",
    "superseded_by": "varchar",
    "caveats": "varchar[]",
    "of_table": "varchar",
    "numerator": "bigint",
    "denominator": "bigint",
    **dict.fromkeys(
        ["type_1_only", "not_yet_assigned", "no_outcome_printed", "not_notifiable", "cancelled", "fraud"],
        "bigint",
    ),
    "decision": "varchar",
    "holding": "varchar",
    "exemptions": "varchar[]",
    "forces": "varchar[]",
    "absent": "varchar[]",
    "parents": "varchar[]",
}

_OWN_COLUMNS: dict[str, tuple[str, ...]] = {
    YEAR_CHANGE.name: ("platform", "offence", "outcome", "age", "year", "numerator", "denominator"),
    PERIOD_SUM.name: ("platform", "offence", "outcome", "age"),
    CHARGE_RATE.name: (
        "offence",
        "year",
        "numerator",
        "denominator",
        "type_1_only",
        "not_yet_assigned",
        "no_outcome_printed",
        "not_notifiable",
        "cancelled",
        "fraud",
    ),
    PLATFORM_SHARE.name: ("platform", "year", "numerator", "denominator"),
    FORCES_PLATFORM_YEAR.name: ("question", "platform", "year", "forces", "absent"),
    COVERAGE.name: ("question", "decision", "holding", "exemptions"),
}
_ALWAYS = (*FIGURE_COLUMNS, "of_table", "parents")


def write_rows(db: Any, path: Path, table: DerivedTable, figures: list[Figure]) -> None:
    """Write the figures of a derived table, in order of id."""
    wanted = [c for c in _COLUMNS if c in _ALWAYS or c in _OWN_COLUMNS[table.name]]
    kinds = {c: "double" if c.startswith("value") and table.unit == "percent" else _COLUMNS[c] for c in wanted}
    db.execute(f"create or replace temp table figure ({', '.join(f'{c} {k}' for c, k in kinds.items())})")
    if figures:
        import pyarrow as pa

        arrays = {c: [f.get(c) for f in figures] for c in wanted}
        db.register("figure_rows", pa.table({c: _array(pa, values, kinds[c]) for c, values in arrays.items()}))
        db.execute("insert into figure select * from figure_rows")
    write_query(db, path, "from figure order by id")


def _array(pa: Any, values: list[Any], kind: str) -> Any:
    types = {
        "varchar": pa.string(),
        "bigint": pa.int64(),
        "double": pa.float64(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
        "varchar[]": pa.list_(pa.string()),
    }
    return pa.array(values, types[kind])


def write_query(db: Any, path: Path, query: str) -> None:
    """Write what a query gives, as a whole or not at all."""
    with written(path) as temporary:
        copy_out(db, query, temporary)
