import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.normalisation.ages import BANDS, age_labels, band_of, is_age, read_age
from pipeline.normalisation.labels import LabelRow
from tests.normalisation.collected import needs_data, rows

COLLECTED = rows("reference/labels_ages.csv")
ARGUED = {"primary school children": "unmapped", "100+": "invalid", "-1": "invalid"}


@needs_data
@pytest.mark.parametrize("row", COLLECTED, ids=lambda row: row["raw_label"])
def test_collected_labels(row: dict[str, str]) -> None:
    reading, meant = read_age(row["raw_label"]), row["canonical"].split(" ")[0]
    if row["raw_label"] in ARGUED:
        assert reading.status == ARGUED[row["raw_label"]]
    elif meant in {"unknown", "missing", "not", "no"}:
        assert (reading.kind, reading.band) == ("unknown", "unknown")
    elif meant in {"<1", "under", "default"}:
        assert (reading.age_min, reading.age_max, reading.kind) == (0, 0, "exact")
    elif meant.endswith("+"):
        assert (reading.age_min, reading.age_max, reading.kind) == (int(meant[:-1]), None, "open")
    else:
        low, _, high = meant.partition("-")
        assert (reading.age_min, reading.age_max) == (int(low), int(high or low))


@pytest.mark.parametrize(
    ("label", "low", "high", "kind", "band"),
    [
        ("15", 15, 15, "exact", "12-15"),
        ("0", 0, 0, "exact", "0-11"),
        ("99", 99, 99, "exact", "65+"),
        ("15.0", 15, 15, "exact", "12-15"),
        ("15 yrs", 15, 15, "exact", "12-15"),
        ("15 years old", 15, 15, "exact", "12-15"),
        ("aged 15", 15, 15, "exact", "12-15"),
        ("15yo", 15, 15, "exact", "12-15"),
        ("8 months", 0, 0, "exact", "0-11"),
        ("18 months", 1, 1, "exact", "0-11"),
        ("6 weeks", 0, 0, "exact", "0-11"),
        ("<1", 0, 0, "exact", "0-11"),
        ("under 1yr of age", 0, 0, "exact", "0-11"),
        ("12-15", 12, 15, "band", "12-15"),
        ("12 – 15", 12, 15, "band", "12-15"),
        ("13-15", 13, 15, "band", "12-15"),
        ("12 to 15 years", 12, 15, "band", "12-15"),
        ("aged between 12 and 15", 12, 15, "band", "12-15"),
        ("17/18", 17, 18, "band", "17-18"),
        ("16/17", 16, 17, "band", "16-17"),
        ("16-20", 16, 20, "band", "16-20"),
        ("0-17", 0, 17, "band", "0-17"),
        ("65-100", 65, 100, "band", "65+"),
        ("11 and under", 0, 11, "band", "0-11"),
        ("17 or under", 0, 17, "band", "0-17"),
        ("under-12s", 0, 11, "band", "0-11"),
        ("Under 18", 0, 17, "band", "0-17"),
        ("under the age of 16", 0, 15, "band", "0-15"),
        ("U18", 0, 17, "band", "0-17"),
        ("<18", 0, 17, "band", "0-17"),
        ("<=17", 0, 17, "band", "0-17"),
        ("Child", 0, 17, "band", "0-17"),
        ("15-Dec", 12, 15, "band", "12-15"),
        ("06-Oct", 6, 10, "band", "0-11"),
        ("17-Oct", 10, 17, "band", "10-17"),
        ("60+", 60, None, "open", "60+"),
        ("65+", 65, None, "open", "65+"),
        ("75 and over", 75, None, "open", "65+"),
        ("16 and over", 16, None, "open", "16+"),
        ("18 years or older", 18, None, "open", "18+"),
        ("aged >= 18", 18, None, "open", "18+"),
        ("\u226518", 18, None, "open", "18+"),
        ("\u226417", 0, 17, "band", "0-17"),
        ("under18", 0, 17, "band", "0-17"),
        ("15y", 15, 15, "exact", "12-15"),
        ("15 y.o.", 15, 15, "exact", "12-15"),
        ("12 - 15 inclusive", 12, 15, "band", "12-15"),
        ("13 to 15 (inclusive)", 13, 15, "band", "12-15"),
        ("between 12 and 15 inclusive", 12, 15, "band", "12-15"),
        (">=18", 18, None, "open", "18+"),
        (">18", 19, None, "open", "19+"),
        ("Adult", 18, None, "open", "18+"),
    ],
)
def test_ages(label: str, low: int, high: int | None, kind: str, band: str) -> None:
    reading = read_age(label)
    assert (reading.age_min, reading.age_max, reading.kind, reading.band) == (low, high, kind, band)
    assert reading.status == "mapped"


WAYS = [
    *("15", "15.0", "15.00", "age 15", "aged 15", "ages 15", "age: 15", "age : 15", "Aged: 15 years old"),
    *("15 year", "15years", "15yr", "15 yrs", "15 years of age", "15 years-old", "15-year-old", "15 - year old"),
    *("15y", "15 y", "15yo", "15 y/o", "15 y.o"),
]
WAYS_FROM = [
    *("16+", "16 +", "16plus", "16 plus", "16 and over", "16 & over", "16 or above", "16 or older", "16 or more"),
    *("16and upward", "16 and upwards", "16s and over", "aged 16+", "16+ years", ">=16", ">= 16", "\u2265 16", "> 15"),
]
WAYS_TO = [
    *(
        "11 and under",
        "11& under",
        "11 or below",
        "11 or younger",
        "11 or less",
        "11 years or under",
        "aged 11 or under",
    ),
    *("<=11", "<= 11", "\u2264 11", "<12", "< 12", "u12", "u12s", "under 12", "under12", "under-12s", "below 12"),
    *("less than 12", "younger than 12", "under the age of 12", "under age of 12", "aged under 12", "under the 12s"),
]
BELOW_ONE = [
    *("1 month", "8 months", "8months", "8 mth", "8 mths", "8 months old", "aged 8 months", "<1", "under 1"),
    *(
        "1 week",
        "6 weeks",
        "40 weeks",
        "6 weeks old",
        "1 day",
        "5 days",
        "35 days",
        "125 days",
        "225 days",
        "5 days old",
    ),
]


@pytest.mark.parametrize(
    ("labels", "ages"),
    [
        (WAYS, (15, 15, "exact")),
        (WAYS_FROM, (16, None, "open")),
        (WAYS_TO, (0, 11, "band")),
        (BELOW_ONE, (0, 0, "exact")),
        (["6-Oct", "06-Oct", "10-Jun"], (6, 10, "band")),
        (["1-Dec", "12-Jan", "1-12"], (1, 12, "band")),
    ],
)
def test_every_way_of_writing_an_age(labels: list[str], ages: tuple[int, int | None, str]) -> None:
    read = {label: read_age(label) for label in labels}
    assert {label: (r.age_min, r.age_max, r.kind) for label, r in read.items()} == dict.fromkeys(labels, ages)


@pytest.mark.parametrize(
    "label",
    ["-1", "-15", "100", "100+", "120", "1999", "15-12", "#VALUE!", "#REF!", "130-140", "65-121", "300/301"],
)
def test_impossible_ages_and_spreadsheet_errors_are_invalid(label: str) -> None:
    reading = read_age(label)
    assert (reading.kind, reading.status, reading.band) == ("invalid", "invalid", "Invalid")
    assert reading.age_min is reading.age_max is None


@pytest.mark.parametrize(
    "label",
    [
        "",
        " ",
        "U",
        "NK",
        "Unknown",
        "Unknown Age",
        "N/A",
        "#N/A",
        "NULL",
        "None recorded",
        "-",
        "Decoy",
        "State",
    ],
)
def test_nothing_said_is_unknown(label: str) -> None:
    reading = read_age(label)
    assert (reading.kind, reading.status, reading.band) == ("unknown", "unknown", "unknown")


@pytest.mark.parametrize(
    "label",
    [
        "20s",
        "30-40s",
        "12-Dec",
        "Dec-15",
        "Dec-32",
        "over 18 months",
        "18 months to 2 years",
        "15 yx",
        "15-Dec-24",
        "2024-12-15",
        "17/19",
        "18/17",
        "15?",
        "15*",
        "12-15-17",
        "fifteen",
        "primary school children",
        "up to 11",
        "0.5",
        "15.5",
        "aged15",
        "under 0",
        "0-11 months",
        "16 or 17 or 18",
        "15 TikTok",
    ],
)
def test_what_may_mean_two_things_is_unmapped(label: str) -> None:
    reading = read_age(label)
    assert (reading.status, reading.band) == ("unmapped", "Unmapped")
    assert reading.age_min is reading.age_max is None


@pytest.mark.parametrize(
    ("low", "high", "band"),
    [
        (0, 11, "0-11"),
        (11, 11, "0-11"),
        (12, 12, "12-15"),
        (16, 17, "16-17"),
        (17, 18, "17-18"),
        (18, 24, "18-24"),
        (24, 25, "24-25"),
        (25, 34, "25-34"),
        (35, 44, "35-44"),
        (45, 54, "45-54"),
        (55, 64, "55-64"),
        (64, 65, "64-65"),
        (65, None, "65+"),
        (65, 80, "65+"),
        (64, None, "64+"),
        (70, None, "65+"),
        (0, None, "0+"),
        (None, None, "unknown"),
    ],
)
def test_standard_bands_by_containment_only(low: int | None, high: int | None, band: str) -> None:
    assert band_of(low, high) == band


@pytest.mark.parametrize(
    "label",
    ["over 18", "Over 18s", "over-18", "over18", "aged over 18", "over the age of 18", "over 18 years old", "over 65"],
)
def test_over_an_age_says_why_it_is_unmapped(label: str) -> None:
    reading = read_age(label)
    assert (reading.status, reading.rule) == ("unmapped", "over an age may leave that age in or out")
    row = LabelRow(label, "18+", "a letter", "somebody", "", {})
    accepted = read_age(label, age_labels().with_row(row))
    assert (accepted.age_min, accepted.age_max, accepted.status) == (18, None, "mapped")


@pytest.mark.parametrize(
    ("month", "days"),
    [
        *(("Jan", 31), ("Feb", 29), ("Mar", 31), ("Apr", 30), ("May", 31), ("Jun", 30)),
        *(("Jul", 31), ("Aug", 31), ("Sep", 30), ("Oct", 31), ("Nov", 30), ("Dec", 31)),
    ],
)
def test_a_spreadsheet_writes_no_day_that_its_month_has_not(month: str, days: int) -> None:
    reading = read_age(f"{days}-{month}")
    assert (reading.age_max, reading.kind, reading.status) == (days, "band", "mapped")
    assert {read_age(f"{day}-{month}").status for day in (0, days + 1, 32, 99)} == {"unmapped"}


@given(st.integers(0, 99))
def test_every_age_lies_in_exactly_one_standard_band(age: int) -> None:
    holding = [(low, high) for low, high in BANDS if low <= age and (high is None or age <= high)]
    low, high = holding[0]
    assert len(holding) == 1
    assert band_of(age, age) == (f"{low}+" if high is None else f"{low}-{high}")


@given(st.integers(0, 99), st.integers(0, 99))
def test_a_band_is_read_as_printed_or_is_invalid(low: int, high: int) -> None:
    reading = read_age(f"{low}-{high}")
    assert (reading.age_min, reading.age_max) == ((low, high) if low <= high else (None, None))
    assert (reading.status == "mapped") == (low <= high)


@given(st.text(max_size=30))
def test_no_text_crashes(text: str) -> None:
    reading = read_age(text)
    assert reading.label == text
    assert (reading.age_min is not None) == (reading.status == "mapped")


@given(st.sampled_from([r.label for r in age_labels().rows] + ["12-15 years", "under 12s", "15-Dec", "16 and over"]))
def test_case_and_blanks_change_nothing(label: str) -> None:
    changed = read_age(f" {label.upper()}\u00a0")
    assert (changed.age_min, changed.age_max, changed.kind) == (
        read_age(label).age_min,
        read_age(label).age_max,
        read_age(label).kind,
    )


@pytest.mark.parametrize(
    ("first", "last", "band"),
    [
        (0, 11, "0-11"),
        (12, 15, "12-15"),
        (16, 17, "16-17"),
        (18, 24, "18-24"),
        (25, 34, "25-34"),
        (35, 44, "35-44"),
        (45, 54, "45-54"),
        (55, 64, "55-64"),
        (65, 99, "65+"),
    ],
)
def test_the_standard_bands_are_those_of_the_request(first: int, last: int, band: str) -> None:
    assert {read_age(str(age)).band for age in range(first, last + 1)} == {band}
    assert read_age(f"{first}-{last}").band == band
    assert read_age(f"{last}-{last + 1}" if last < 99 else "64-99").band != band


@pytest.mark.parametrize("months", range(1, 60))
def test_months_are_whole_years(months: int) -> None:
    reading = read_age(f"{months} months")
    assert (reading.age_min, reading.age_max) == (months // 12, months // 12)


@pytest.mark.parametrize("age", range(1, 90))
def test_above_and_under_an_age_leave_it_out(age: int) -> None:
    above, under = read_age(f">{age}"), read_age(f"<{age}")
    assert (above.age_min, above.age_max) == (age + 1, None)
    assert (under.age_min, under.age_max) == (0, age - 1)


def test_a_band_may_end_at_120_and_no_later() -> None:
    assert (read_age("65-120").age_max, read_age("65-121").status) == (120, "invalid")
    assert read_age("90-100").band == "65+"


@pytest.mark.parametrize(("low", "high", "written"), [(13, 13, "12-15"), (11, 12, "11-12"), (17, 18, "17-18")])
def test_a_range_that_no_band_holds_is_written_as_it_is(low: int, high: int, written: str) -> None:
    assert band_of(low, high) == written


@pytest.mark.parametrize("code", ["17", "12-15", "16+", "unknown", "Invalid"])
def test_what_a_row_may_say_of_ages(code: str) -> None:
    assert is_age("".join(code))  # no constant: codes come from a file
    assert not is_age(f"{code}?") and not is_age(f"{code}-")


def test_the_table_is_read_once() -> None:
    assert age_labels() is age_labels()
