"""One way to declare a field: description, unit and the columns it comes from are never left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandera.pandas as pa


def field(description: str, unit: str, sources: Sequence[str] = (), nullable: bool = False, **checks: Any) -> Any:
    """Return a Pandera field.

    `unit` is in words ("text", "code", "count", "date", ...). `sources` are the columns of the layer below that
    decide the value, as `layer.column`.
    """
    return pa.Field(
        description=description,
        nullable=nullable,
        metadata={"unit": unit, "sources": tuple(sources)},
        **checks,
    )
