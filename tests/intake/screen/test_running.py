"""Each find is reported, each value judged under its own header, in time that follows the length."""

from __future__ import annotations

from tests.intake.screen.tables import rows, screen


def test_a_find_is_reported_each_time_and_a_value_is_judged_under_its_own_header() -> None:
    # `Smith` is harmless under Month and a name under Surname
    table = rows(["Smith", "Smith"], ["a@b.uk", ""], ["a@b.uk", "Smith"])
    found = [(f.kind, f.line_no, f.column) for f in screen(["Month", "Surname"], table)]
    assert found == [("name", 2, "Surname"), ("email", 3, "Month"), ("email", 4, "Month"), ("name", 4, "Surname")]


def test_long_cells_take_time_in_proportion() -> None:
    # patterns that go back over what they read would not end here
    for piece in (
        "a",
        "1 ",
        "0",
        "a.",
        "@",
        "mr ",
        "12:",
        "1.",
        "dob ",
        "a dot ",
        "a at b dot ",
        "victim A",
        "Victim Aa ",
        "aed by ",
        "1a-",
    ):
        screen(["Note"], rows([piece * 20_000]))
        screen(["Address"], rows([piece * 20_000]))
