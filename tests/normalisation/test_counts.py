"""What a printed cell says, as an interval; nothing is read that was not printed as a count or declared."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake.manifest import Marker
from pipeline.normalisation.counts import CellReading, Count, read_cell


def marker(**said: Any) -> dict[str, Marker]:
    return {"*": Marker(**said)}


@pytest.mark.parametrize(
    ("printed", "count"),
    [("0", 0), ("14", 14), (" 7 ", 7), ("007", 7), ("1,234", 1234), ("12,345,678", 12_345_678)],
)
def test_digits_with_commas_between_thousands_are_a_count(printed: str, count: int) -> None:
    assert read_cell(printed, {}, "unknown") == CellReading("count", (Count(count, count),), "digits")


@pytest.mark.parametrize(
    "printed",
    ["-", "*", "<5", ">3200", "n/a", "zero", "None", "NULL", "1.0", "1e3", "-1", "+1", "1,23", "1,2345",
     ",123", "1 234", "77, 686", "½", "٣", "5*", "c.10", "0x1", "1_000"],
)  # fmt: skip
def test_every_other_form_is_not_read_unless_declared(printed: str) -> None:
    assert read_cell(printed, {}, "zero") is None
    declared = {printed: Marker(kind="number", value=3)}
    assert read_cell(printed, declared, None) == CellReading("count", (Count(3, 3),), "number")


@given(st.text(max_size=6))
def test_no_text_but_ascii_digits_and_commas_is_ever_a_count(text: str) -> None:
    reading = read_cell(text, {}, "unknown")
    if reading is not None and reading.kind == "count":
        assert set(text.strip()) <= set("0123456789,")
        assert int(text.strip().replace(",", "")) == reading.counts[0].low


@given(st.integers(0, 10**12))
def test_a_count_is_read_back_plain_and_with_commas(number: int) -> None:
    for printed in (str(number), f"{number:,}"):
        assert read_cell(printed, {}, None) == CellReading("count", (Count(number, number),), "digits")


@pytest.mark.parametrize("printed", ["", " ", "\u00a0", "\n"])
def test_empty_is_zero_only_where_the_manifest_says_so(printed: str) -> None:
    assert read_cell(printed, {}, "zero") == CellReading("count", (Count(0, 0),), "blank")
    for blank in ("unknown", None):
        assert read_cell(printed, {}, blank) == CellReading("unknown", (), "blank")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"kind": "zero"}, CellReading("count", (Count(0, 0),), "zero")),
        ({"kind": "suppressed", "min": 1, "max": 4}, CellReading("count", (Count(1, 4),), "suppressed")),
        ({"kind": "suppressed"}, CellReading("count", (Count(0, None),), "suppressed")),
        ({"kind": "suppressed", "max": 5}, CellReading("count", (Count(0, 5),), "suppressed")),
        ({"kind": "not_held"}, CellReading("unknown", (), "not_held")),
        ({"kind": "number", "value": 77_686}, CellReading("count", (Count(77_686, 77_686),), "number")),
        ({"kind": "number", "value": 0}, CellReading("count", (Count(0, 0),), "number")),
        ({"kind": "number", "min": 3201}, CellReading("count", (Count(3201, None),), "number")),
        ({"kind": "number", "min": 5, "max": 9}, CellReading("count", (Count(5, 9),), "number")),
        (
            {"kind": "number", "parts": [{"value": 32}, {"value": 2}]},
            CellReading("count", (Count(32, 32), Count(2, 2)), "number"),
        ),
        ({"kind": "total"}, None),
    ],
)
def test_a_marker_means_what_the_manifest_says(said: dict[str, Any], expected: CellReading | None) -> None:
    assert read_cell(" * ", marker(**said), "zero") == expected


def test_a_marker_wins_over_digits() -> None:
    assert read_cell("999", {"999": Marker(kind="not_held")}, None) == CellReading("unknown", (), "not_held")


@pytest.mark.parametrize(
    "said",
    [
        {"kind": "number"},
        {"kind": "number", "value": 1, "min": 1},
        {"kind": "number", "max": 4},
        {"kind": "zero", "value": 0},
        {"kind": "not_held", "min": 1},
        {"kind": "total", "max": 1},
        {"kind": "suppressed", "min": 4, "max": 1},
        {"kind": "suppressed", "min": -1},
        {"kind": "suppressed", "value": 3},
    ],
)
def test_a_marker_that_says_two_things_or_none_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"Marker"):
        Marker(**said)


def test_a_count_is_at_most_a_million_million() -> None:
    assert read_cell("1000000000000", {}, "unknown") == CellReading("count", (Count(10**12, 10**12),), "digits")
    assert read_cell("1000000000001", {}, "unknown") is None


def test_a_number_may_be_from_nothing_up() -> None:
    assert read_cell("*", marker(kind="number", min=0, max=4), "unknown") == CellReading(
        "count", (Count(0, 4),), "number"
    )


def test_what_a_blank_means_is_told_by_its_text() -> None:
    zero = "".join("zero")  # no constant: it comes from a manifest
    assert read_cell("", {}, zero) == CellReading("count", (Count(0, 0),), "blank")  # type: ignore[arg-type]
