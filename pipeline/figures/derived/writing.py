"""Files of derived figures, written in order of id. Which columns a table has, sources.py says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.figures.catalogue import DerivedTable
from pipeline.figures.derived.book import Figure
from pipeline.figures.sources import figure_sources
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


def write_rows(db: Any, path: Path, table: DerivedTable, figures: list[Figure]) -> None:
    """Write the figures of a derived table, in order of id."""
    declared = figure_sources(table.name)
    wanted = [column for column in _COLUMNS if column in declared]
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
