"""What a label means in its extract: a count of several platforms together is one code, and is never split."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pipeline.intake.manifest import Extract
from pipeline.normalisation import vocabulary
from pipeline.normalisation.columns import MAPPED
from pipeline.normalisation.meaning import (
    bucket_rows,
    codes_of,
    dimensions_with,
    listed,
    own_dimensions,
    read_labels,
    said_label,
    uncertain_dimensions,
)
from pipeline.normalisation.vocabulary import AnyReading
from tests.disclosures import Raw, counts_table, records_table

YEARS = {"period": "Year", "count": "Count"}
SEARCHED = [{"text": "tw", "platform": "Twitter"}, {"text": "fb", "platform": "Facebook"}]


@pytest.fixture
def extract_of(raw: Raw) -> Any:
    def made(table: dict[str, Any]) -> Extract:
        raw.add([table], {table["extracts"][0]["file"]: "Year,Count\n"})
        build = raw.build()
        assert build.raw.refusals == ()
        return build.raw.extracts[0]

    return made


def platform_of(extract: Extract, label: str) -> tuple[Any, ...]:
    """What a platform label means in an extract."""
    readings = read_labels("platform", [label], extract)
    assert list(readings) == [label]
    reading: Any = readings[label]
    assert reading.label == label
    return (reading.codes, reading.names, reading.status, reading.rule, reading.source)


def test_labels_other_than_platforms_are_read_by_their_vocabulary(extract_of: Any) -> None:
    extract = extract_of(counts_table(YEARS, search={"terms": SEARCHED}))
    for dimension, label in (("period", "2020"), ("offence", "Stalking"), ("outcome", "NFA"), ("age", "15")):
        assert read_labels(dimension, [label], extract) == vocabulary.read(dimension, [label], extract)


def test_the_label_of_a_search_says_that_several_were_searched(extract_of: Any) -> None:
    extract = extract_of(counts_table(YEARS, search={"terms": SEARCHED}))
    label = said_label(extract, "platform")
    assert label == "Twitter or Facebook"
    found = (("any(facebook,twitter-x)",), (label,), "mapped", "search over several", "manifest")
    assert platform_of(extract, label) == found


def test_a_search_for_several_spellings_of_one_platform_is_of_that_platform(extract_of: Any) -> None:
    terms = [{"text": name, "platform": name} for name in ("TikTok", "Tik Tok")]
    extract, label = extract_of(counts_table(YEARS, search={"terms": terms})), "TikTok or Tik Tok"
    assert platform_of(extract, label) == (("tiktok",), (label,), "mapped", "search over several", "manifest")


def test_a_platform_searched_for_alone_is_read_like_its_label(extract_of: Any) -> None:
    extract = extract_of(counts_table(YEARS, search={"terms": SEARCHED[:1]}))
    alone = vocabulary.platform("Twitter")
    found = (alone.codes, alone.names, alone.status, alone.rule, alone.source)
    assert platform_of(extract, "Twitter") == found
    assert alone.source and alone.names != ("Twitter",)


def test_a_constant_of_several_platforms_is_one_code_with_their_names(extract_of: Any) -> None:
    extract = extract_of(counts_table(YEARS, constants={"platform": "Twitter, Facebook"}))
    both = vocabulary.platform("Twitter, Facebook")
    assert len(both.codes) == 2
    found = (("any(facebook,twitter-x)",), both.names, both.status, both.rule, both.source)
    assert platform_of(extract, "Twitter, Facebook") == found


def test_a_search_that_names_an_unknown_platform_anywhere_is_unmapped(extract_of: Any) -> None:
    for terms in ([*SEARCHED, {"text": "z", "platform": "Zork"}], [{"text": "z", "platform": "Zork"}, *SEARCHED]):
        extract = extract_of(counts_table(YEARS, search={"terms": terms}))
        label = said_label(extract, "platform")
        assert label is not None
        assert platform_of(extract, label) == (("Unmapped",), (label,), "unmapped", "search over several", "manifest")


def test_a_printed_count_of_several_platforms_is_one_code_and_a_record_of_several_has_each(extract_of: Any) -> None:
    label = "TikTok, Facebook"
    both = vocabulary.platform(label)
    rest = (both.names, both.status, both.rule, both.source)
    columns = {"platform": "App", "count": "Count"}
    counts, records = extract_of(counts_table(columns)), extract_of(records_table({"platform": "App"}))
    assert platform_of(counts, label) == (("any(facebook,tiktok)",), *rest)
    assert platform_of(counts, "TikTok")[0] == ("tiktok",)
    assert platform_of(counts, "TikTok, Facebook, WhatsApp")[0] == ("any(facebook,tiktok,whatsapp)",)
    assert platform_of(records, label) == (("tiktok", "facebook"), *rest)


def test_a_platform_column_wins_over_what_was_searched_for(extract_of: Any) -> None:
    columns = {"platform": "App", "count": "Count"}
    extract = extract_of(counts_table(columns, search={"terms": SEARCHED, "combine": "each"}))
    assert platform_of(extract, "TikTok")[0] == ("tiktok",)
    assert said_label(extract, "platform") is None


def test_a_label_is_shared_only_where_no_line_says_it(extract_of: Any) -> None:
    constants = {"period": {"value": "2023", "said_at": "question 1a"}, "other:area": "North"}
    extract = extract_of(counts_table({"offence": "Offence", "count": "Count"}, constants=constants))
    dimensions = ("offence", "period", "other:area", "platform", "age")
    assert [said_label(extract, dimension) for dimension in dimensions] == [None, "2023", "North", None, None]
    assert said_label(extract_of(counts_table(YEARS)), "age") is None
    table = counts_table({"offence": "Offence", "count": "Count"}, constants={"period": "2023"})
    searched = extract_of({**table, "search": {"terms": SEARCHED}})
    found = {d: said_label(searched, d) for d in ("offence", "period", "age", "platform")}
    assert found == {"offence": None, "period": "2023", "age": None, "platform": "Twitter or Facebook"}


@pytest.mark.parametrize(
    ("dimension", "label", "codes", "row"),
    [
        (
            "period",
            "2020",
            ("2020-01-01/2021-01-01", date(2020, 1, 1), date(2021, 1, 1), "calendar"),
            ("2020-01-01/2021-01-01", "calendar", "mapped", "structure: one year", ""),
        ),
        (
            "period",
            "Zork",
            (None, None, None, None),
            ("Unmapped", None, "unmapped", "no notation that reads in one way only", ""),
        ),
        ("age", "15", (15, 15, "exact", "12-15"), ("12-15", "exact", "mapped", "structure: single age", "")),
    ],
)
def test_what_a_label_says_of_an_observation_and_how_it_is_listed(
    extract_of: Any, dimension: str, label: str, codes: tuple[Any, ...], row: tuple[Any, ...]
) -> None:
    reading = read_labels(dimension, [label], extract_of(counts_table(YEARS)))[label]
    assert codes_of(reading) == codes
    assert listed(reading) == row


def test_offences_outcomes_and_platforms_are_said_and_listed_by_their_codes() -> None:
    offence, outcome = vocabulary.offence("Harassment"), vocabulary.outcome("Charged")
    assert codes_of(offence) == ("local:harassment", "local", offence.presumed_class)
    assert codes_of(outcome) == (outcome.code, outcome.level, outcome.arrest)
    for reading in (offence, outcome):
        assert reading.level and reading.source
        assert listed(reading) == (reading.code, reading.level, reading.status, reading.rule, reading.source)
    both = vocabulary.platform("TikTok, Facebook")
    assert codes_of(both) == (["tiktok", "facebook"],)
    assert listed(both) == ("tiktok; facebook", None, both.status, both.rule, both.source)
    assert both.source
    by_dimension: dict[str, AnyReading] = {"offence": offence, "outcome": outcome, "platform": both}
    for dimension, read in by_dimension.items():
        assert len(codes_of(read)) == len(MAPPED[dimension])


def test_dimensions_are_those_of_lines_and_constants_in_order(extract_of: Any) -> None:
    columns = {"period": "Month", "other:hospital": "Hospital", "age": "Age", "reference": "Ref"}
    constants = {"platform": "TikTok", "other:area": "North"}
    extract = extract_of(records_table(columns, constants=constants, uncertain=["platform", "period", "age"]))
    assert own_dimensions(extract) == ["age", "other:area", "other:hospital", "platform"]
    assert dimensions_with(extract, "month") == ["age", "month", "other:area", "other:hospital", "platform", "year"]
    assert dimensions_with(extract, None) == ["age", "other:area", "other:hospital", "platform", "range"]
    assert uncertain_dimensions(extract) == ["age", "month", "platform", "year"]
    assert uncertain_dimensions(extract_of(records_table({"period": "Month"}))) == []
    constant = extract_of(counts_table({"age": "Age", "count": "Count"}, constants={"period": "2023"}))
    assert own_dimensions(constant) == ["age"]
    assert own_dimensions(extract_of(counts_table({"age": "Age", "count": "Count"}))) == ["age"]


def buckets(extract: Extract, *labels: str) -> list[tuple[Any, ...]]:
    return bucket_rows(extract, read_labels("period", labels, extract))


def test_a_month_of_records_counts_in_buckets_that_are_part_where_the_table_covers_less(extract_of: Any) -> None:
    covers = {"basis": "month", "start": "2020-01-01", "end": "2021-03-31"}
    extract = extract_of(records_table({"period": "Month"}, covers=covers))
    key, month, first = extract.extract_id, "2020-01-01/2020-02-01", date(2020, 1, 1)
    assert buckets(extract, "Jan-20", "Zork", "Jan 2020") == [
        (key, month, "month", "month", "2020-01", first, date(2020, 2, 1), False),
        (key, month, "year", "calendar", "2020", first, date(2021, 1, 1), False),
        (key, month, "year", "financial", "2019-20", date(2019, 4, 1), date(2020, 4, 1), True),
    ]
    last = [row[2:5] + row[7:] for row in buckets(extract, "Mar-21")]
    assert last == [
        ("month", "month", "2021-03", False),
        ("year", "calendar", "2021", True),
        ("year", "financial", "2020-21", False),
    ]


def test_without_a_year_of_records_months_are_whole_and_with_one_they_are_part(extract_of: Any) -> None:
    covers = {"basis": "calendar", "start": "2019-01-01", "end": "2024-12-31"}
    extract = extract_of(records_table({"period": "When"}, covers=covers))
    assert {row[3]: row[7] for row in buckets(extract, "Jan-20")} == {
        "month": False,
        "calendar": False,
        "financial": False,
    }
    with_year = buckets(extract, "Jan-20", "2021")
    assert [(row[4], row[7]) for row in with_year] == [
        ("2020-01", True),
        ("2020", False),
        ("2019-20", True),
        ("2021", False),
    ]
    assert with_year == sorted(with_year)


def test_a_year_of_records_that_is_covered_in_part_is_part(extract_of: Any) -> None:
    covers = {"basis": "calendar", "start": "2020-01-01", "end": "2021-06-30"}
    extract = extract_of(records_table({"period": "When"}, covers=covers))
    assert [(row[4], row[7]) for row in buckets(extract, "2020", "2021")] == [("2020", False), ("2021", True)]


def test_a_year_beside_printed_months_takes_nothing_from_them(extract_of: Any) -> None:
    extract = extract_of(counts_table(YEARS))
    assert [(row[4], row[7]) for row in buckets(extract, "Jan-20", "2021")] == [("2020-01", False), ("2021", False)]


def test_where_nobody_says_what_records_cover_what_is_added_up_may_be_part(extract_of: Any) -> None:
    extract = extract_of(records_table({"period": "Month"}, covers=None))
    by_basis = {basis: part for _, _, _, basis, *_, part in buckets(extract, "Jan-20")}
    assert by_basis == {"calendar": True, "financial": True, "month": False}
    by_basis = {basis: part for _, _, _, basis, *_, part in buckets(extract, "17/01/2020")}
    assert by_basis == {"calendar": True, "financial": True, "month": True}
