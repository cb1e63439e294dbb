"""Figure: one cell of a figure table, as published."""

from typing import get_args

import pandas as pd
import pandera.pandas as pa

from pipeline.intake.manifest import Unit
from schemas.fields import field

UNITS = [*get_args(Unit), "percent", "extracts"]


class Figure(pa.DataFrameModel):
    """What every figure carries. A table adds its own dimensions and, if it is derived, its parents."""

    id: str = field("the figure's own name", "id", ["figure.*"], unique=True, str_matches=r"^[a-z0-9_/.#-]+$")
    force: str = field("force, or `several`", "slug", ["disclosure.force"])
    disclosure: str = field("disclosure, as force/reference", "slug", ["disclosure.reference"])
    table_id: str = field("table of the disclosure", "slug", ["disclosure.tables"])
    unit: str = field("what one count is one of", "unit", ["observation.unit"], isin=UNITS)
    date_basis: str = field("which date puts a count in its period", "code", ["observation.date_basis"])
    year_basis: str = field(
        "kind of year or period",
        "code",
        ["observation.period"],
        isin=["calendar", "financial", "tax", "month", "day", "range", "none"],
    )
    period_start: pd.Timestamp = field("first day", "date", ["observation.period"], nullable=True)
    period_end: pd.Timestamp = field("first day after", "date", ["observation.period"], nullable=True)
    part: bool = field("true where not the whole period is covered", "flag", ["observation.period"])
    value: float = field(
        "the figure; none where it is not exact or may not be given",
        "count or percent",
        ["observation.count_min"],
        nullable=True,
    )
    value_min: float = field("lower bound", "count or percent", ["observation.count_min"], nullable=True)
    value_max: float = field("upper bound; none = open", "count or percent", ["observation.count_max"], nullable=True)
    n: int = field("distinct source records behind it", "records", ["observation.record_no"], ge=0)
    reason: str = field("why there is no value, or `zero by absence`", "text", ["figure.*"], nullable=True)
    complete: str = field("yes, or how much of the table was seen", "text", ["disclosure.tables"])
    evidence: str = field("where the extract came from", "code", ["disclosure.tables"])
    synthetic: bool = field("true where the extract is made up", "flag", ["disclosure.tables"])
    superseded_by: str = field(
        "the later answer that replaces this one", "slug", ["disclosure.supersedes"], nullable=True
    )

    caveats: object = field("what limits the figure: ids of the table `caveat`", "list of ids", ["disclosure.caveats"])

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
