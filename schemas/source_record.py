"""SourceRecord: one record of an extract under its canonical column names, all text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaError, SchemaErrorReason

from schemas.columns import SOURCE_RECORD
from schemas.fields import field
from schemas.rules import RULES, Rule


class SourceRecord(pa.DataFrameModel):
    """A record as it was read. A column that the extract does not have is not there."""

    record_no: int = field(SOURCE_RECORD["record_no"], ge=1)
    line_no: int = field(SOURCE_RECORD["line_no"], ge=1)
    lines: int = field(SOURCE_RECORD["lines"], ge=1)
    period: str | None = field(SOURCE_RECORD["period"], nullable=True)
    offence: str | None = field(SOURCE_RECORD["offence"], nullable=True)
    outcome: str | None = field(SOURCE_RECORD["outcome"], nullable=True)
    platform: str | None = field(SOURCE_RECORD["platform"], nullable=True)
    age: str | None = field(SOURCE_RECORD["age"], nullable=True)
    mentions: str | None = field(SOURCE_RECORD["mentions"], nullable=True)
    reference: str | None = field(SOURCE_RECORD["reference"], nullable=True)
    count: str | None = field(SOURCE_RECORD["count"], nullable=True)
    other: str | None = field(SOURCE_RECORD["other"], nullable=True)


def columns_with_rules(readable: Mapping[str, frozenset[str]]) -> dict[str, dict[str, pa.Column]]:
    """Return, for each canonical column with rules, one Pandera column a rule, by the rule's name.

    `readable` gives, for each rule's name, the values that keep it; a rule that is not in it is not applied.
    One column a rule, because a value may break several and each is to be reported.
    """
    columns: dict[str, dict[str, pa.Column]] = {}
    base = SourceRecord.to_schema().columns
    for rule in RULES:
        if rule.name not in readable:
            continue
        column = pa.Column(
            base[rule.column].dtype,
            checks=pa.Check.isin(sorted(readable[rule.name]), name=rule.name, error=rule.name),
            nullable=False,
            name=rule.column,
            description=base[rule.column].description,
        )
        columns.setdefault(rule.column, {})[rule.name] = column
    return columns


def failing_values(column: pa.Column, values: Sequence[str]) -> set[str]:
    """Return the values that break the one rule of a column."""
    frame = pd.DataFrame({column.name: pd.array(values, dtype="string[pyarrow]")})
    try:
        column.validate(frame)
    except SchemaError as error:  # not lazy: with one rule a column the first error has every failing value
        if error.reason_code is not SchemaErrorReason.DATAFRAME_CHECK:
            raise
        return set(error.failure_cases["failure_case"].astype(str))
    return set()


def unique(rule: Rule) -> pa.Column:
    """Return the column of a rule whose values must not repeat; blanks are to be left out before."""
    check = pa.Check(lambda values: ~values.duplicated(keep=False), name=rule.name, error=rule.name)
    return pa.Column(str, checks=check, name=rule.column)
