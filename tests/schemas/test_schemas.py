"""The Pandera models: their value checks really run, on the storage types that DuckDB gives."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pandera.pandas as pa
import pyarrow as arrow
import pytest
from pandera.errors import SchemaErrors

from pipeline.figures.catalogue import FIGURE_COLUMNS
from pipeline.normalisation.columns import OBSERVATION_COLUMNS
from schemas.columns import FIGURE, OBSERVATION, SOURCE_RECORD, Column
from schemas.figure import COMMON, Figure
from schemas.observation import Observation
from schemas.rules import BY_NAME, RECORD, RULES
from schemas.source_record import SourceRecord, columns_with_rules, unique
from tests.disclosures import Raw, counts_table, records_table
from tests.observed import written_out

_TYPES = {
    arrow.string(): pd.StringDtype("pyarrow"),
    arrow.int32(): pd.Int32Dtype(),
    arrow.int64(): pd.Int64Dtype(),
    arrow.bool_(): pd.BooleanDtype(),
}


def frame_of(query: str) -> pd.DataFrame:
    frame: pd.DataFrame = duckdb.sql(query).to_arrow_table().to_pandas(types_mapper=_TYPES.get)
    return frame


def with_value(frame: pd.DataFrame, column: str, value: Any) -> pd.DataFrame:
    """The frame with one value of its first row changed, storage type kept where it can hold the value."""
    changed = frame.copy()
    values = [value, *list(frame[column])[1:]]
    dtype = frame[column].dtype if value is not None or frame[column].dtype != object else object
    changed[column] = pd.Series(values, dtype=dtype, index=frame.index)
    return changed


def failing(model: type[pa.DataFrameModel], frame: pd.DataFrame) -> set[str]:
    """The columns (or, for a rule over columns, the rules) that fail."""
    try:
        model.validate(frame, lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases
        return (
            set(cases["column"].astype(str)) | set(cases["check"].astype(str)) | set(cases["failure_case"].astype(str))
        )
    return set()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Observations of each layout and a figure table, as the pipeline itself builds them."""

    folder = tmp_path_factory.mktemp("schemas")
    raw = Raw.at(folder)
    columns = {"reference": "R", "period": "M", "offence": "O", "outcome": "S", "platform": "P", "age": "A"}
    raw.add([records_table(columns)], {"records.csv": "R,M,O,S,P,A\n1,Jan-20,Stalking,NFA,TikTok,15\n"})
    markers = {"*": {"kind": "suppressed"}, "Total": {"kind": "total"}}
    table = counts_table({"period": "Y", "platform": "P", "count": "N"}, markers=markers)
    content = "Y,P,N\n2020,TikTok,5\n2021,TikTok,*\n2022,TikTok,\nTotal,TikTok,\n"
    raw.add([table], {"counts.csv": content}, reference="TEST/2")
    build = raw.build()
    records, counts = build.observations
    return {
        "records": written_out(records, folder / "records.parquet"),
        "counts": written_out(counts, folder / "counts.parquet"),
        "figures": build.figures("platform_year").path,
    }


def observations(built: Mapping[str, Path], layout: str) -> pd.DataFrame:
    return frame_of(f"from '{built[layout]}' order by record_no")


def figures(built: Mapping[str, Path]) -> pd.DataFrame:
    columns = ", ".join(f"{c}::double as {c}" if c.startswith("value") else c for c in COMMON)
    return frame_of(f"select {columns} from '{built['figures']}' order by id")


OBSERVATION_VALUES: list[tuple[str, Any]] = [
    ("layout", "tables"), ("unit", "offences"), ("date_basis", "guessed"), ("record_no", 0), ("line_no", 0),
    ("lines", 0), ("part_no", 0), ("source_column", 0), ("kind", "label"), ("count_min", -1),
    ("period_basis", "decade"), ("offence_level", "guess"), ("outcome_level", "guess"), ("arrest", "maybe"),
    ("age_min", -1), ("age_max", -1), ("age_kind", "guess"),
]  # fmt: skip
FIGURE_VALUES: list[tuple[str, Any]] = [
    ("id", "platform_year/Dorset 2"), ("unit", "offences"), ("year_basis", "guessed"), ("n", -1),
]  # fmt: skip
NEVER_NULL = [name for name, column in Observation.to_schema().columns.items() if not column.nullable]
FIGURE_NEVER_NULL = [name for name, column in Figure.to_schema().columns.items() if not column.nullable]


def test_what_the_pipeline_builds_passes(built: Mapping[str, Path]) -> None:
    assert failing(Observation, observations(built, "records")) == set()
    assert failing(Observation, observations(built, "counts")) == set()
    assert failing(Figure, figures(built)) == set()


@pytest.mark.parametrize(("column", "value"), OBSERVATION_VALUES, ids=[v[0] for v in OBSERVATION_VALUES])
def test_a_bad_value_of_an_observation_fails(built: Mapping[str, Path], column: str, value: Any) -> None:
    assert column in failing(Observation, with_value(observations(built, "records"), column, value))


def test_an_observation_without_what_every_one_has_fails(built: Mapping[str, Path]) -> None:
    frame = observations(built, "records")
    for column in NEVER_NULL:
        frame = with_value(frame, column, None)
    assert set(NEVER_NULL) - failing(Observation, frame) == set()


@pytest.mark.parametrize("label", ["offence", "outcome", "platform", "age", "period"])
def test_a_label_without_a_code_fails_and_on_a_total_it_does_not(built: Mapping[str, Path], label: str) -> None:
    frame = observations(built, "records")
    code = "platforms" if label == "platform" else label
    assert "coded" in failing(Observation, without := with_value(frame, code, None))
    assert failing(Observation, with_value(without, "kind", "total")) == set()


@pytest.mark.parametrize(
    ("kind", "low", "high", "good"),
    [
        ("data", 1, 1, True),
        ("data", 0, None, True),
        ("data", 2, 1, False),
        ("data", None, None, False),
        ("data", None, 3, False),
        ("unknown", None, None, True),
        ("unknown", 0, 0, False),
        ("total", None, None, True),
        ("total", 5, 4, False),
    ],
)
def test_an_interval_is_in_order_and_only_what_is_unknown_has_none(
    built: Mapping[str, Path], kind: str, low: int | None, high: int | None, good: bool
) -> None:
    frame = with_value(observations(built, "counts"), "kind", kind)
    frame = with_value(with_value(frame, "count_min", low), "count_max", high)
    assert (failing(Observation, frame) == set()) is good


def test_an_observation_table_without_a_column_fails(built: Mapping[str, Path]) -> None:
    frame = observations(built, "records")
    assert failing(Observation, frame.drop(columns="reference")) >= {"reference", "column_in_dataframe"}
    assert set(OBSERVATION_COLUMNS) - failing(Observation, frame[[]]) == set()


@pytest.mark.parametrize(("column", "value"), FIGURE_VALUES, ids=[v[0] for v in FIGURE_VALUES])
def test_a_bad_value_of_a_figure_fails(built: Mapping[str, Path], column: str, value: Any) -> None:
    assert column in failing(Figure, with_value(figures(built), column, value))


def test_a_figure_without_what_every_one_has_fails(built: Mapping[str, Path]) -> None:
    frame = figures(built)
    for column in FIGURE_NEVER_NULL:
        frame = with_value(frame, column, None)
    assert set(FIGURE_NEVER_NULL) - failing(Figure, frame) == set()


def test_a_figure_table_without_a_column_fails(built: Mapping[str, Path]) -> None:
    frame = figures(built)
    assert failing(Figure, frame.drop(columns="caveats")) >= {"caveats", "column_in_dataframe"}
    assert set(COMMON) - failing(Figure, frame[[]]) == set()


def test_two_figures_of_one_id_fail(built: Mapping[str, Path]) -> None:
    frame = figures(built)
    assert "id" in failing(Figure, pd.concat([frame, frame.iloc[:1]], ignore_index=True))


@pytest.mark.parametrize(
    ("value", "low", "high", "unit", "reason", "fails"),
    [
        (5.0, 5.0, 5.0, "crimes", None, None),
        (None, 1.0, 4.0, "crimes", None, None),
        (None, 1.0, None, "crimes", None, None),
        (None, None, None, "crimes", "base below 20", None),
        (-50.0, -50.0, -50.0, "percent", None, None),
        (5.0, 4.0, 5.0, "crimes", None, "bounds"),
        (5.0, None, None, "crimes", None, "bounds"),
        (None, 4.0, 1.0, "crimes", None, "bounds"),
        (-1.0, -1.0, -1.0, "crimes", None, "bounds"),
        (None, None, None, "crimes", None, "no_value_has_a_reason"),
    ],
)
def test_a_figure_has_bounds_in_order_and_a_reason_where_it_has_no_value(
    built: Mapping[str, Path],
    value: float | None,
    low: float | None,
    high: float | None,
    unit: str,
    reason: str | None,
    fails: str | None,
) -> None:
    frame = figures(built)
    changes = {"value": value, "value_min": low, "value_max": high, "unit": unit, "reason": reason}
    for column, changed in changes.items():
        frame = with_value(frame, column, changed)
    found = failing(Figure, frame)
    assert (fails in found) if fails else (found == set())


@pytest.mark.parametrize("model", [SourceRecord, Observation, Figure])
def test_every_field_has_a_description_a_unit_and_its_sources(model: type[pa.DataFrameModel]) -> None:
    for name, column in model.to_schema().columns.items():
        assert column.description, name
        assert column.metadata, name
        assert column.metadata["unit"], name
        assert column.metadata["sources"] or (model is Figure and name in {"id", "n"}), "its table says"


@pytest.mark.parametrize(
    ("model", "declared"), [(SourceRecord, SOURCE_RECORD), (Observation, OBSERVATION), (Figure, FIGURE)]
)
def test_each_field_has_the_declaration_of_its_own_name(
    model: type[pa.DataFrameModel], declared: Mapping[str, Column]
) -> None:
    columns = model.to_schema().columns
    assert list(columns) == list(declared)
    for name, column in columns.items():
        assert column.description == declared[name].description
        assert column.metadata == {"unit": declared[name].unit, "sources": declared[name].sources}


def test_the_declarations_need_no_pandera() -> None:
    code = "import sys, schemas.columns; sys.exit(bool({'pandera', 'pandas', 'pipeline'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_rule_is_applied_to_its_own_column_and_fails_by_its_own_name() -> None:
    columns = columns_with_rules({"age": frozenset({"15"}), "platform": frozenset()})
    assert set(columns) == {"age", "platform"}
    frame = pd.DataFrame({"age": pd.array(["15", "-1"], dtype="string[pyarrow]")})
    with pytest.raises(SchemaErrors) as errors:
        columns["age"]["age"].validate(frame, lazy=True)
    cases = errors.value.failure_cases
    assert list(zip(cases["check"], cases["failure_case"], strict=True)) == [("age", "-1")]


def test_every_rule_of_the_schema_is_about_a_column_of_a_source_record() -> None:
    names = set(SourceRecord.to_schema().columns)
    assert {rule.column for rule in RULES if rule.applied_by == "schema"} <= {*names, RECORD}


def test_each_of_several_equal_references_fails() -> None:
    frame = pd.DataFrame({"reference": pd.array(["A", "B", "A"], dtype="string[pyarrow]")})
    with pytest.raises(SchemaErrors) as errors:
        unique(BY_NAME["reference_repeated"]).validate(frame, lazy=True)
    assert list(errors.value.failure_cases["failure_case"]) == ["A", "A"]


def test_the_figure_model_describes_exactly_the_columns_every_figure_table_has() -> None:
    assert COMMON == FIGURE_COLUMNS
