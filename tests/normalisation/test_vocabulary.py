"""Which reading a label of an extract gets: true ends that the manifest gives win, and words are read as words."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake.manifest import Extract
from pipeline.normalisation import vocabulary
from pipeline.normalisation.ages import read_age
from pipeline.normalisation.offences import read_offence
from pipeline.normalisation.outcomes import read_outcome
from pipeline.normalisation.periods import read_period
from pipeline.normalisation.platforms import read_platform
from pipeline.normalisation.reading import AgeReading, PeriodReading, PlatformReading
from tests.disclosures import Raw, counts_table


@pytest.fixture
def extract_with(raw: Raw) -> Any:
    def made(columns: dict[str, Any] | None = None, **terms: Any) -> Extract:
        table = counts_table(columns or {"period": "Year", "count": "Count"}, **terms)
        raw.add([table], {"counts.csv": "Year,Count\n"})
        build = raw.build()
        assert build.raw.refusals == ()
        return build.raw.extracts[0]

    return made


def ends(reading: PeriodReading) -> tuple[Any, ...]:
    return (reading.start, reading.end, reading.basis, reading.part)


def test_a_period_is_read_under_the_basis_that_the_table_declares(extract_with: Any) -> None:
    financial = extract_with(covers={"basis": "financial", "start": "2019-04-01", "end": "2024-03-31"})
    read = vocabulary.period("2019/20", financial)
    assert ends(read) == (date(2019, 4, 1), date(2020, 4, 1), "financial", False)
    assert vocabulary.period("2019", extract_with(covers=None)).start is None
    assert ends(vocabulary.period("2019", extract_with()))[0] == date(2019, 1, 1)


@pytest.mark.parametrize("label", ["Year 1", "2019", "*"])
def test_true_ends_in_the_manifest_win_over_what_the_label_seems_to_say(extract_with: Any, label: str) -> None:
    extract = extract_with(period_labels={label: {"start": "2021-01-01", "end": "2021-12-31"}})
    read = vocabulary.period(label, extract)
    assert ends(read) == (date(2021, 1, 1), date(2022, 1, 1), "calendar", False)
    assert (read.label, read.status, read.rule) == (label, "mapped", "manifest")


def test_a_part_year_declared_at_a_wide_column_is_part(extract_with: Any) -> None:
    span = {"start": "2015-05-21", "end": "2015-12-31"}
    wide = {"dimension": "period", "columns": [{"label": "2015*", "period": span}, {"label": "2016"}]}
    extract = extract_with({"offence": "Offence"}, wide=wide)
    assert ends(vocabulary.period("2015*", extract)) == (date(2015, 5, 21), date(2016, 1, 1), "calendar", True)
    assert ends(vocabulary.period("2016", extract)) == (date(2016, 1, 1), date(2017, 1, 1), "calendar", False)


def test_a_constant_period_with_ends_is_those_ends_and_only_for_its_own_label(extract_with: Any) -> None:
    constant = {"value": "year one", "start": "2023-04-06", "end": "2024-04-05"}
    extract = extract_with(
        {"offence": "Offence", "count": "Count"},
        constants={"period": constant},
        covers={"basis": "tax", "start": "2023-04-06", "end": "2024-04-05"},
    )
    assert ends(vocabulary.period("year one", extract)) == (date(2023, 4, 6), date(2024, 4, 6), "tax", False)
    assert vocabulary.period("year two", extract).start is vocabulary.period("a year", extract).start is None


@pytest.mark.parametrize(
    ("start", "end", "basis", "expected"),
    [
        (date(2023, 4, 1), date(2024, 4, 1), "financial", ("financial", False)),
        (date(2023, 4, 6), date(2024, 4, 6), "tax", ("tax", False)),
        (date(2023, 1, 1), date(2024, 1, 1), None, ("calendar", False)),
        (date(2023, 5, 1), date(2023, 6, 1), "month", ("month", False)),
        (date(2018, 4, 1), date(2018, 9, 25), "financial", ("financial", True)),
        (date(2018, 4, 1), date(2018, 9, 25), None, ("range", False)),
    ],
)
def test_kind_and_part_follow_from_the_true_ends(
    start: date, end: date, basis: str | None, expected: tuple[str, bool]
) -> None:
    read = vocabulary.of_dates("as printed", start, end, basis)
    assert ends(read) == (start, end, *expected)


def test_each_dimension_is_read_by_its_own_vocabulary(extract_with: Any) -> None:
    extract = extract_with()
    labels = {"platform": "TikTok", "offence": "Stalking", "outcome": "Charged", "age": "15", "period": "2020"}
    for dimension, label in labels.items():
        (read,) = vocabulary.read(dimension, [label], extract).values()
        assert vocabulary.is_read(read)
        assert read.label == label
    platform = vocabulary.read("platform", ["Facebook, TikTok"], extract)["Facebook, TikTok"]
    assert isinstance(platform, PlatformReading)
    assert platform.codes == ("facebook", "tiktok")


def test_labels_keep_their_order_and_their_writing(extract_with: Any) -> None:
    labels = ["tiktok", "TikTok", " Tik Tok ", "Zork"]
    assert list(vocabulary.read("platform", labels, extract_with())) == labels


@pytest.mark.parametrize(("age", "read"), [("15", True), ("", True), ("Unknown", True), ("-1", False)])
def test_a_word_for_unknown_is_read_and_what_makes_no_sense_is_not(age: str, read: bool) -> None:
    reading = vocabulary.age(age)
    assert isinstance(reading, AgeReading)
    assert vocabulary.is_read(reading) is read


def test_a_label_is_never_given_a_near_match(extract_with: Any) -> None:
    for dimension, label in (
        ("platform", "TikTok?"),
        ("platform", "Tiktokk"),
        ("offence", "Stalkings etc"),
        ("outcome", "Chargd"),
    ):
        (read,) = vocabulary.read(dimension, [label], extract_with()).values()
        assert not vocabulary.is_read(read), label


def test_a_reading_does_not_depend_on_where_the_file_lies(raw: Raw, tmp_path: Path) -> None:
    from dataclasses import replace

    raw.add([counts_table({"period": "Year", "count": "Count"})], {"counts.csv": "Year,Count\n"})
    extract = raw.build().raw.extracts[0]
    moved = replace(extract, path=tmp_path / "elsewhere.csv")
    assert vocabulary.period("2020", moved) == vocabulary.period("2020", extract)


def test_the_ends_of_a_wide_column_win_and_the_manifest_stays_as_it_was(extract_with: Any) -> None:
    label, other = {"start": "2015-05-21", "end": "2015-12-31"}, {"start": "2015-06-01", "end": "2015-12-31"}
    wide = {"dimension": "period", "columns": [{"label": "2015*", "period": label}]}
    extract = extract_with({"offence": "Offence"}, wide=wide, period_labels={"2015*": other, "YTD": other})
    before = dict(extract.terms.period_labels)
    for _ in range(2):
        assert vocabulary.period("2015*", extract).start == date(2015, 5, 21)
        assert vocabulary.period("YTD", extract).start == date(2015, 6, 1)
    assert extract.terms.period_labels == before


def test_a_constant_period_without_ends_is_read_as_its_label_says(extract_with: Any) -> None:
    for value, start in (("2020", date(2020, 1, 1)), ("year one", None)):
        extract = extract_with({"offence": "Offence", "count": "Count"}, constants={"period": {"value": value}})
        read = vocabulary.period(value, extract)
        assert (read.start, read.rule != "manifest") == (start, True)


def test_true_ends_leave_nothing_to_say_of_a_label_that_is_none_of_theirs(extract_with: Any) -> None:
    span = {"start": "2021-01-01", "end": "2021-12-31"}
    extract = extract_with(period_labels={"Year 1": span})
    assert vocabulary.period("Year 2", extract).status == "unmapped"
    assert vocabulary.period("2020", extract) == read_period("2020", "calendar")


def test_periods_of_a_column_are_read_for_their_extract_in_order(extract_with: Any) -> None:
    extract = extract_with(period_labels={"Year 1": {"start": "2021-01-01", "end": "2021-12-31"}})
    labels = ["2020", "Year 1", "Year 2"]
    assert vocabulary.read("period", labels, extract) == {each: vocabulary.period(each, extract) for each in labels}


@pytest.mark.parametrize(
    ("dimension", "own"),
    [("offence", read_offence), ("outcome", read_outcome), ("platform", read_platform), ("age", read_age)],
)
def test_a_dimension_has_the_readings_of_its_own_vocabulary(dimension: str, own: Any, extract_with: Any) -> None:
    labels = ["8L - Stalking", "16", "TikTok", "12-15", "-1", "N/A", "Zork"]
    found = vocabulary.read(dimension, labels, extract_with())
    assert found == {label: own(label) for label in labels}
    assert {label for label, reading in found.items() if vocabulary.is_read(reading)} == {
        label for label in labels if own(label).status in {"mapped", "unknown"}
    }


@pytest.mark.parametrize("dimension", ["offence", "platform"])
def test_a_wide_column_of_another_dimension_gives_no_period_its_ends(dimension: str, extract_with: Any) -> None:
    span = {"start": "2015-05-21", "end": "2015-12-31"}
    wide = {"dimension": dimension, "columns": [{"label": "2015*", "period": span}]}
    assert vocabulary.period("2015*", extract_with({"period": "Year"}, wide=wide)).start is None


@pytest.mark.parametrize("end", ["start", "end"])
def test_a_constant_period_has_both_ends_or_none(end: str, raw: Raw) -> None:
    constant = {"value": "2020", end: "2020-02-01"}
    raw.add([counts_table({"count": "Count"}, constants={"period": constant})], {"counts.csv": "Count\n"})
    assert raw.build().raw.refusals


@given(start=st.dates(date(1990, 1, 1), date(2060, 1, 1)), days=st.integers(1, 800))
def test_declared_days_are_taken_as_they_stand(start: date, days: int) -> None:
    end = start + timedelta(days)
    for basis in (None, "calendar", "financial", "tax", "month"):
        read = vocabulary.of_dates("as printed", start, end, basis)
        assert (read.label, read.start, read.end, read.status, read.rule) == (
            "as printed",
            start,
            end,
            "mapped",
            "manifest",
        )
