"""The columns of the observations layer and of the relation `observation`, with their SQL types.

Light on purpose: a trace reads them from a new process.
"""

from __future__ import annotations

from typing import Any

LABELLED = ("period", "offence", "outcome", "platform", "age")

MAPPED: dict[str, tuple[tuple[str, str], ...]] = {
    "period": (
        ("period", "varchar"),
        ("period_start", "date"),
        ("period_end", "date"),
        ("period_basis", "varchar"),
    ),
    "offence": (("offence", "varchar"), ("offence_level", "varchar"), ("presumed_class", "varchar")),
    "outcome": (("outcome", "varchar"), ("outcome_level", "varchar"), ("arrest", "varchar")),
    "platform": (("platforms", "varchar[]"),),
    "age": (("age_min", "integer"), ("age_max", "integer"), ("age_kind", "varchar"), ("age", "varchar")),
}
"""What the label of a dimension says of an observation: (column, SQL type)."""

SHARED = {
    **dict.fromkeys(("extract_id", "disclosure", "table_id", "layout", "unit", "date_basis"), "varchar"),
    "synthetic": "boolean",
}
"""What all observations of an extract share."""

COUNT_COLUMNS = {
    **dict.fromkeys(("record_no", "line_no"), "bigint"),
    **dict.fromkeys(("lines", "source_column", "part_no"), "integer"),
    **dict.fromkeys(("kind", "printed", "count_rule"), "varchar"),
    **dict.fromkeys(("count_min", "count_max"), "bigint"),
}
"""Where a count stands and what it says."""

ROW_COLUMNS = {
    **COUNT_COLUMNS,
    **{f"{d}_label": "varchar" for d in LABELLED},
    **dict.fromkeys(("other", "reference"), "varchar"),
    "platform_spans": "varchar[]",
}
"""What differs from line to line; a label that all lines share is null here.

`platform_spans` is for platforms out of a free text: where in the text each part of the label stands, as `start-end`,
counted from 0, the end not included.
"""

OBSERVATION_COLUMNS: dict[str, str] = {
    **SHARED,
    **COUNT_COLUMNS,
    **{f"{d}_label": "varchar" for d in LABELLED},
    **{column: kind for d in LABELLED for column, kind in MAPPED[d]},
    **dict.fromkeys(("other", "reference"), "varchar"),
    "platform_spans": "varchar[]",
    **dict.fromkeys(("dimensions", "constants", "uncertain"), "varchar[]"),
}
"""The columns of the relation `observation` with their SQL types, as schemas/observation.py describes them."""

LABEL_COLUMNS = {
    **dict.fromkeys(["extract_id", "dimension", "label", "code", "level", "status", "rule", "source"], "varchar"),
    **dict.fromkeys(("n", "first_line"), "bigint"),
}

BUCKET_COLUMNS = {
    **dict.fromkeys(("extract_id", "period", "kind", "year_basis", "code"), "varchar"),
    **dict.fromkeys(("bucket_start", "bucket_end"), "date"),
    "part": "boolean",
}

LEFT_OUT_COLUMNS = {"extract_id": "varchar", "record_no": "bigint"}

RECORD: dict[str, Any] = {
    "source_column": None,
    "part_no": 1,
    "kind": "data",
    "printed": None,
    "count_rule": "record",
    "count_min": 1,
    "count_max": 1,
}
"""What the count of a record says."""
