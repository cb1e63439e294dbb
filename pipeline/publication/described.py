"""Manifests as plain JSON, every term resolved: all that is needed to read an extract again without our code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.intake.manifest import MENTIONS, Disclosure, Extract

_OF_TABLES = {"tables"}
_NOT_FOR_OTHERS = frozenset({"cleared"})
"""Terms that say who of us looked at something."""


def describe_disclosure(disclosure: Disclosure) -> dict[str, Any]:
    """Return what a manifest says of the answer as a whole."""
    return disclosure.model_dump(mode="json", exclude=_OF_TABLES, exclude_none=True) | {"name": disclosure.name}


def describe(extract: Extract, account: Mapping[str, Any]) -> dict[str, Any]:
    """Return how an extract is read, as lineage/recount.py takes it; `account` is that of its source layer.

    `columns` {canonical name: position}, `wide` {dimension: {position: label}}, `constants` {dimension: label},
    `absence` zero where a platform or period without a record is a count of nothing. `said` is what the manifest says
    word for word.
    """
    terms = extract.terms
    return {
        "extract_id": extract.extract_id,
        "disclosure": extract.disclosure.name,
        "table_id": extract.table.id,
        "question": extract.table.question,
        "population": extract.table.population,
        "file": f"{extract.disclosure.name}/{extract.entry.file}",
        "sha256": extract.sha256,
        "layout": terms.layout,
        "unit": extract.unit,
        "date_basis": terms.date_basis,
        "complete": terms.complete,
        "absence": _absence(extract),
        "uncertain": _uncertain(extract),
        "breaks": [str(pause.date) for pause in terms.breaks or ()],
        "encoding": account["encoding"],
        "delimiter": terms.delimiter,
        "range": extract.line_range,
        "address": extract.entry.address,
        "header_line": account["header_at"],
        "header": account["header"],
        "width": account["width"],
        "columns": _columns(account),
        "wide": _wide(extract, account),
        "total_columns": account["total_columns"],
        "constants": _constants(extract),
        "markers": {t: m.model_dump(mode="json", exclude_none=True) for t, m in (terms.markers or {}).items()},
        "blank": terms.blank,
        "said": terms.model_dump(mode="json", exclude=set(_NOT_FOR_OTHERS), exclude_none=True),
    }


def _columns(account: Mapping[str, Any]) -> dict[str, int]:
    """Return the positions of columns by canonical name; a free text stands for the platforms that it names."""
    return {"platform" if name == MENTIONS else name: at for name, at in account["columns"].items()}


def _uncertain(extract: Extract) -> list[str]:
    said = extract.terms.uncertain or ()
    return sorted({d for name in said for d in (("month", "year") if name == "period" else (name,))})


def _constants(extract: Extract) -> dict[str, str]:
    labels = {name: constant.value for name, constant in (extract.terms.constants or {}).items()}
    if extract.combined_platforms is not None:
        labels["platform"] = " or ".join(extract.combined_platforms)
    return labels


def _wide(extract: Extract, account: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    if extract.terms.wide is None:
        return {}
    return {extract.terms.wide.dimension: {str(column["at"]): column["label"] for column in account["wide"]}}


def _absence(extract: Extract) -> str:
    shared = set(_constants(extract)) - {"period"}
    in_doubt = {"platform", "month", "year"} & set(_uncertain(extract))
    whole = extract.terms.layout == "records" and extract.terms.complete == "yes"
    return "zero" if whole and not shared and not in_doubt else "unknown"
