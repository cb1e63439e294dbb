"""Figure: one cell of a figure table, as published."""

from typing import get_args

import pandas as pd
import pandera.pandas as pa

from pipeline.intake.manifest import Unit
from schemas.columns import FIGURE
from schemas.fields import field

UNITS = [*get_args(Unit), "percent", "extracts"]


class Figure(pa.DataFrameModel):
    """What every figure carries. A table adds its own dimensions and, if it is derived, its parents."""

    id: str = field(FIGURE["id"], unique=True, str_matches=r"^[a-z0-9_/.#-]+$")
    force: str = field(FIGURE["force"])
    disclosure: str = field(FIGURE["disclosure"])
    table_id: str = field(FIGURE["table_id"])
    unit: str = field(FIGURE["unit"], isin=UNITS)
    date_basis: str = field(FIGURE["date_basis"])
    year_basis: str = field(
        FIGURE["year_basis"], isin=["calendar", "financial", "tax", "month", "day", "range", "none"]
    )
    period_start: pd.Timestamp = field(FIGURE["period_start"], nullable=True)
    period_end: pd.Timestamp = field(FIGURE["period_end"], nullable=True)
    part: bool = field(FIGURE["part"])
    value: float = field(FIGURE["value"], nullable=True)
    value_min: float = field(FIGURE["value_min"], nullable=True)
    value_max: float = field(FIGURE["value_max"], nullable=True)
    n: int = field(FIGURE["n"], ge=0)
    reason: str = field(FIGURE["reason"], nullable=True)
    complete: str = field(FIGURE["complete"])
    evidence: str = field(FIGURE["evidence"])
    synthetic: bool = field(FIGURE["synthetic"])
    superseded_by: str = field(FIGURE["superseded_by"], nullable=True)

    caveats: object = field(FIGURE["caveats"])

    class Config:
        """Nullable storage types become the declared ones; a null where none may be fails."""

        coerce = True

    @pa.dataframe_check(name="bounds")
    @classmethod
    def bounds(cls, frame: pd.DataFrame) -> "pd.Series[bool]":
        """A value equals both its bounds, and the bounds are in order, counts not below zero."""
        ordered = ~(frame["value_max"] < frame["value_min"])
        exact = frame["value"].isna() | (
            (frame["value"] == frame["value_min"]) & (frame["value"] == frame["value_max"])
        )
        counts = (frame["unit"] == "percent") | ~(frame["value_min"] < 0)
        return ordered & exact & counts

    @pa.dataframe_check(name="no_value_has_a_reason")
    @classmethod
    def no_value_has_a_reason(cls, frame: pd.DataFrame) -> "pd.Series[bool]":
        """A figure without a value and without bounds says why."""
        return frame["value"].notna() | frame["value_min"].notna() | frame["reason"].notna()


COMMON = tuple(Figure.to_schema().columns)
"""The columns every figure table has, in order; a table's dimensions stand after year_basis."""
