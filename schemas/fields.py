"""One way to make a field of a model from its declaration: description, unit and sources are never left out."""

from __future__ import annotations

from typing import Any

import pandera.pandas as pa

from schemas.columns import Column


def field(column: Column, nullable: bool = False, **checks: Any) -> Any:
    """Return the Pandera field of a declared column; `checks` are those of Pandera."""
    return pa.Field(
        description=column.description,
        nullable=nullable,
        metadata={"unit": column.unit, "sources": column.sources},
        **checks,
    )
