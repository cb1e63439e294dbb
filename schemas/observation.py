"""Observation: one count read from a source record, with its codes and the labels they came from."""

from typing import get_args

import pandas as pd
import pandera.pandas as pa

from pipeline.intake.manifest import DateBasis, Unit
from schemas.columns import OBSERVATION
from schemas.fields import field

_LEVELS = ["code", "class", "subgroup", "group", "arrest_wording", "local"]
_BASES = ["calendar", "financial", "tax", "month", "day", "range"]


class Observation(pa.DataFrameModel):
    """One count: a record of a records extract, or one part of one cell of a counts extract."""

    extract_id: str = field(OBSERVATION["extract_id"])
    disclosure: str = field(OBSERVATION["disclosure"])
    table_id: str = field(OBSERVATION["table_id"])
    layout: str = field(OBSERVATION["layout"], isin=["records", "counts"])
    unit: str = field(OBSERVATION["unit"], isin=list(get_args(Unit)))
    date_basis: str = field(OBSERVATION["date_basis"], isin=list(get_args(DateBasis)))
    synthetic: bool = field(OBSERVATION["synthetic"])
    record_no: int = field(OBSERVATION["record_no"], ge=1)
    line_no: int = field(OBSERVATION["line_no"], ge=1)
    lines: int = field(OBSERVATION["lines"], ge=1)
    source_column: pd.Int32Dtype = field(OBSERVATION["source_column"], nullable=True, ge=1)
    part_no: int = field(OBSERVATION["part_no"], ge=1)
    kind: str = field(OBSERVATION["kind"], isin=["data", "total", "unknown"])
    printed: str = field(OBSERVATION["printed"], nullable=True)
    count_rule: str = field(OBSERVATION["count_rule"])
    count_min: pd.Int64Dtype = field(OBSERVATION["count_min"], nullable=True, ge=0)
    count_max: pd.Int64Dtype = field(OBSERVATION["count_max"], nullable=True, ge=0)
    period_label: str = field(OBSERVATION["period_label"], nullable=True)
    offence_label: str = field(OBSERVATION["offence_label"], nullable=True)
    outcome_label: str = field(OBSERVATION["outcome_label"], nullable=True)
    platform_label: str = field(OBSERVATION["platform_label"], nullable=True)
    age_label: str = field(OBSERVATION["age_label"], nullable=True)
    period: str = field(OBSERVATION["period"], nullable=True)
    period_start: pd.Timestamp = field(OBSERVATION["period_start"], nullable=True)
    period_end: pd.Timestamp = field(OBSERVATION["period_end"], nullable=True)
    period_basis: str = field(OBSERVATION["period_basis"], nullable=True, isin=_BASES)
    offence: str = field(OBSERVATION["offence"], nullable=True)
    offence_level: str = field(OBSERVATION["offence_level"], nullable=True, isin=_LEVELS)
    presumed_class: str = field(OBSERVATION["presumed_class"], nullable=True)
    outcome: str = field(OBSERVATION["outcome"], nullable=True)
    outcome_level: str = field(OBSERVATION["outcome_level"], nullable=True, isin=["type", "group", "status"])
    arrest: str = field(OBSERVATION["arrest"], nullable=True, isin=["yes", "no", "unknown"])
    platforms: object = field(OBSERVATION["platforms"], nullable=True)
    age_min: pd.Int32Dtype = field(OBSERVATION["age_min"], nullable=True, ge=0)
    age_max: pd.Int32Dtype = field(OBSERVATION["age_max"], nullable=True, ge=0)
    age_kind: str = field(OBSERVATION["age_kind"], nullable=True, isin=["exact", "band", "open", "unknown", "invalid"])
    age: str = field(OBSERVATION["age"], nullable=True)
    other: str = field(OBSERVATION["other"], nullable=True)
    reference: str = field(OBSERVATION["reference"], nullable=True)
    platform_spans: object = field(OBSERVATION["platform_spans"], nullable=True)
    dimensions: object = field(OBSERVATION["dimensions"])
    constants: object = field(OBSERVATION["constants"])
    uncertain: object = field(OBSERVATION["uncertain"])

    class Config:
        """Nullable storage types become the declared ones; a null where none may be fails."""

        coerce = True

    @pa.dataframe_check(name="interval")
    @classmethod
    def interval(cls, frame: pd.DataFrame) -> "pd.Series[bool]":
        """A count has its bounds in order; what is unknown has none."""
        ordered = (frame["count_max"].isna()) | (frame["count_min"] <= frame["count_max"])
        known = (frame["kind"] != "data") | frame["count_min"].notna()
        unknown = (frame["kind"] != "unknown") | frame["count_min"].isna()
        return ordered.fillna(False).astype(bool) & known & unknown

    @pa.dataframe_check(name="coded")
    @classmethod
    def coded(cls, frame: pd.DataFrame) -> "pd.Series[bool]":
        """Every label of a count that is no total has a code, `Unmapped` or `Invalid` included."""
        good = pd.Series(True, index=frame.index)
        for dimension, code in (
            ("offence", "offence"),
            ("outcome", "outcome"),
            ("platform", "platforms"),
            ("age", "age"),
            ("period", "period"),
        ):
            good &= frame[f"{dimension}_label"].isna() | frame[code].notna() | (frame["kind"] == "total")
        return good
