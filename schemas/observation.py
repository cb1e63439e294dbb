"""Observation: one count read from a source record, with its codes and the labels they came from."""

from typing import get_args

import pandas as pd
import pandera.pandas as pa

from pipeline.intake.manifest import DateBasis, Unit
from schemas.fields import field

_LEVELS = ["code", "class", "subgroup", "group", "arrest_wording", "local"]
_BASES = ["calendar", "financial", "tax", "month", "day", "range"]


class Observation(pa.DataFrameModel):
    """One count: a record of a records extract, or one part of one cell of a counts extract."""

    extract_id: str = field("extract it was read from", "id", ["file"])
    disclosure: str = field("disclosure, as force/reference", "slug", ["disclosure.reference"])
    table_id: str = field("table of the disclosure", "slug", ["disclosure.tables"])
    layout: str = field("records or counts", "code", ["disclosure.layout"], isin=["records", "counts"])
    unit: str = field("what one count is one of", "unit", ["disclosure.unit"], isin=list(get_args(Unit)))
    date_basis: str = field(
        "which date puts it in its period", "code", ["disclosure.date_basis"], isin=list(get_args(DateBasis))
    )
    synthetic: bool = field("true where the extract is made up", "flag", ["disclosure.evidence"])
    record_no: int = field("number of its source record", "number", ["source_record.record_no"], ge=1)
    line_no: int = field("physical line its record starts on", "line number", ["source_record.line_no"], ge=1)
    lines: int = field("physical lines its record takes", "lines", ["source_record.lines"], ge=1)
    source_column: pd.Int32Dtype = field(
        "position of its cell; none in records", "position", ["source_record.count"], nullable=True, ge=1
    )
    part_no: int = field("which count of a cell that holds several", "number", ["source_record.count"], ge=1)
    kind: str = field(
        "data, total (a control) or unknown",
        "code",
        ["source_record.count"],
        isin=["data", "total", "unknown"],
    )
    printed: str = field("the cell as printed", "text", ["source_record.count"], nullable=True)
    count_rule: str = field("what decided the count", "code", ["source_record.count"])
    count_min: pd.Int64Dtype = field("lower bound", "count", ["source_record.count"], nullable=True, ge=0)
    count_max: pd.Int64Dtype = field("upper bound; none = open", "count", ["source_record.count"], nullable=True, ge=0)
    period_label: str = field("period as printed", "text", ["source_record.period"], nullable=True)
    offence_label: str = field("offence as printed", "text", ["source_record.offence"], nullable=True)
    outcome_label: str = field("outcome as printed", "text", ["source_record.outcome"], nullable=True)
    platform_label: str = field("platform cell as printed", "text", ["source_record.platform"], nullable=True)
    age_label: str = field("age as printed", "text", ["source_record.age"], nullable=True)
    period: str = field("start/end, half-open", "period", ["source_record.period"], nullable=True)
    period_start: pd.Timestamp = field("first day", "date", ["source_record.period"], nullable=True)
    period_end: pd.Timestamp = field("first day after", "date", ["source_record.period"], nullable=True)
    period_basis: str = field("kind of period", "code", ["source_record.period"], nullable=True, isin=_BASES)
    offence: str = field("offence code", "code", ["source_record.offence"], nullable=True)
    offence_level: str = field("level of the code", "level", ["source_record.offence"], nullable=True, isin=_LEVELS)
    presumed_class: str = field(
        "class presumed of an ambiguous label; no class figure uses it",
        "code",
        ["source_record.offence"],
        nullable=True,
    )
    outcome: str = field("outcome code", "code", ["source_record.outcome"], nullable=True)
    outcome_level: str = field(
        "level of the code",
        "level",
        ["source_record.outcome"],
        nullable=True,
        isin=["type", "group", "status"],
    )
    arrest: str = field(
        "what the status says of an arrest",
        "code",
        ["source_record.outcome"],
        nullable=True,
        isin=["yes", "no", "unknown"],
    )
    platforms: object = field("platform codes, each once", "list of codes", ["source_record.platform"], nullable=True)
    age_min: pd.Int32Dtype = field("youngest", "years", ["source_record.age"], nullable=True, ge=0)
    age_max: pd.Int32Dtype = field("oldest; none = open", "years", ["source_record.age"], nullable=True, ge=0)
    age_kind: str = field(
        "how the age was given",
        "code",
        ["source_record.age"],
        nullable=True,
        isin=["exact", "band", "open", "unknown", "invalid"],
    )
    age: str = field("age band", "code", ["source_record.age"], nullable=True)
    other: str = field("other dimensions as printed", "text", ["source_record.other"], nullable=True)
    reference: str = field("crime reference; not a key", "text", ["source_record.reference"], nullable=True)
    dimensions: object = field("its dimensions, sorted", "list of names", ["disclosure.columns"])
    constants: object = field("those the whole extract shares", "list of names", ["disclosure.constants"])
    uncertain: object = field("those whose column cannot be proved", "list of names", ["disclosure.uncertain"])

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
