"""Which reading a label of an extract gets: true ends that the manifest gives win, and words are read as words."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.intake.manifest import Extract
from pipeline.normalisation import vocabulary
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
    assert vocabulary.period("year two", extract).start is None


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
