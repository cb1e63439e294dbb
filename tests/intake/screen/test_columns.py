"""What a header says of its column is looked for there."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.intake.screen import screen_values
from tests.intake.screen.seeds import full_dates
from tests.intake.screen.tables import kinds, rows, screen

BIRTH = [
    "DOB", "Date of Birth", "D.O.B.", "victim_dob", "VictimDOB", "Birth date", "Born", "Victim DoB", "VictimDoB", "DoB",
    "VDOB", "DOBVictim",
]  # fmt: skip


@given(full_dates(), st.sampled_from(BIRTH))
@settings(deadline=None)
def test_a_full_date_under_a_header_of_birth_is_found(date: str, header: str) -> None:
    assert kinds(date, header) == {"date_of_birth"}
    assert kinds(f"{date} 00:00", header) == {"date_of_birth"}
    assert kinds(date) == set()


@pytest.mark.parametrize("date", ["19900102", "02011990", "32874"])
def test_a_date_of_birth_may_have_lost_its_form(date: str) -> None:
    assert kinds(date, "Victim DOB") == {"date_of_birth"}


@pytest.mark.parametrize("cell", ["1990", "Jan-90", "34", "Unknown", "01/1990", ""])
def test_less_than_a_full_date_is_no_date_of_birth(cell: str) -> None:
    assert kinds(cell, "Year of birth") == set()


@pytest.mark.parametrize(
    "header",
    [
        "Surname",
        "Victim Name",
        "FORENAME",
        "suspectName",
        "Victim's Full Name",
        "officer_name",
        "Name of Victim",
        "Last name",
        "VicName",
        "IP Name",
        "Injured party name",
        "SuspNames",
    ],
)
@pytest.mark.parametrize(
    "cell", ["Smith", "Jane Smith", "SMITH, Jane", "J. O'Brien", "Zbigniew Kowalski", "smith", "White", "Jane Lane"]
)
def test_names_under_a_header_of_names(header: str, cell: str) -> None:
    assert kinds(cell, header) == {"name"}


@pytest.mark.parametrize("header", ["Victim", "Suspect", "Officer", "OIC", "Officer in the case", "Suspect 1"])
@pytest.mark.parametrize("cell", ["Jane Smith", "SMITH, Jane", "J Kowalski", "Zbigniew Kowalski", "Jane", "Jane White"])
def test_names_under_a_header_of_persons(header: str, cell: str) -> None:
    assert kinds(cell, header) == {"name"}


@pytest.mark.parametrize("header", ["Surname", "Victim name", "Victim", "Suspect", "Officer", "Name"])
@pytest.mark.parametrize(
    "cell",
    ["Unknown", "Male", "White British", "Police Officer", "Not Recorded", "12", "<5", "", "N/A", "Named suspect",
     "Member of the public", "Snapchat", "Adult female", "Domestic Abuse", "Emergency Worker", "No Suspect Identified",
     "REDACTED", "-"],
)  # fmt: skip
def test_other_words_under_such_headers_are_no_names(header: str, cell: str) -> None:
    assert kinds(cell, header) == set()


@pytest.mark.parametrize(
    "header",
    ["Injured Party", "IP", "Reporting Person", "Dealing Officer", "Staff Member", "Member of staff", "Next of Kin",
     "Person", "Supervisor", "Line manager", "DealingOfficer"],
)  # fmt: skip
def test_headers_of_persons_that_have_no_name_in_them(header: str) -> None:
    for name in ("John Smith", "Priya Patel", "PATEL, Priya"):
        assert kinds(name, header) == {"name"}
    for other in ("Adult Male", "Prison Officer", "Shop Assistant", "Ward Manager", "Not Known", "Business", "1.2.3"):
        assert kinds(other, header) == set()


@pytest.mark.parametrize(
    "header", ["Email address", "E-mail address", "IP address", "Web address", "Location", "Offence"]
)
def test_a_house_in_a_street_is_looked_for_only_under_the_address_of_a_house(header: str) -> None:
    assert kinds("12 High Street, Ripley", header) == set()


@pytest.mark.parametrize("cell", ["High Street, Ripley", "On or near Green Lane", "12", "3 reports", "Unknown", "2024"])
def test_a_street_without_a_house_is_no_address(cell: str) -> None:
    assert kinds(cell, "Address") == set()


@pytest.mark.parametrize(
    "cell", ["KOWALSKI Zbigniew", "Xu Wei", "SMITH, John", "Zbigniew Kowalski", "PATEL Priya", "Wei Xu"]
)
@pytest.mark.parametrize("header", ["Name", "Reported by", "Prepared by"])
def test_names_with_the_surname_first_and_from_elsewhere(cell: str, header: str) -> None:
    assert kinds(cell, header) == {"name"}


@pytest.mark.parametrize(
    "cell", ["Combe Martin", "Kirkby Stephen", "Fort William", "TESCO Express", "BBC News", "Derbyshire Constabulary"]
)
@pytest.mark.parametrize("header", ["Name", "Reported by"])
def test_a_forename_behind_the_name_of_a_place_names_nobody(cell: str, header: str) -> None:
    assert kinds(cell, header) == set()


@pytest.mark.parametrize("cell", ["0800 555111", "0800 555 111", "0808 2000247", "0300 123 1212", "+44 800 555111"])
def test_a_number_that_is_nobodys_is_none_under_a_header_of_telephones_either(cell: str) -> None:
    assert kinds(cell, "Telephone") == set()


def test_a_column_that_says_only_name_needs_a_known_forename() -> None:
    assert kinds("Jane Smith", "Name") == kinds("SMITH, Jane", "Name") == {"name"}
    for place in (
        "Royal Derby Hospital",
        "St Mary",
        "West Bridgford",
        "Ashley Madison",
        "Keswick (Mary Hewetson) Hospital",
    ):
        assert kinds(place, "Name") == set()


@pytest.mark.parametrize(
    "header",
    ["LSOA name", "Force name", "Platform name", "official_name", "Offence Name", "Suspect Age", "Victim gender"],
)
def test_names_of_things_are_no_names(header: str) -> None:
    assert kinds("Jane Smith", header) == set()


@pytest.mark.parametrize(
    ("header", "cell", "kind"),
    [
        ("Mobile", "7700900123", "phone"),
        ("Contact number", "mob 7700 900123 (eve)", "phone"),
        ("Phone no.", "07001234567", "phone"),
        ("NI Number", "AB123456", "ni_number"),
        ("National Insurance No", "ab 12 34 56", "ni_number"),
        ("NHS Number", "9434765919", "nhs_number"),
        ("Postcode", "de13aa", "postcode"),
        ("VRM", "AB12 CDE", "vehicle_registration"),
        ("Vehicle Registration", "P123ABC", "vehicle_registration"),
        ("Number plate", "AIZ 1234", "vehicle_registration"),
        ("Username", "gemma.smith99", "account"),
        ("NINumber", "AB123456", "ni_number"),
        ("ninumber", "AB123456", "ni_number"),
        ("PCode", "de53rs", "postcode"),
        ("p_code", "de53rs", "postcode"),
        ("VRMs", "AB12 CDE", "vehicle_registration"),
        ("Address", "12 High Street, Ripley", "address"),
        ("Home address", "Flat 3, 12a-14 St John's Rd", "address"),
        ("victimAddress", "7 THE GREEN", "address"),
    ],
)
def test_what_only_its_header_gives_away(header: str, cell: str, kind: str) -> None:
    assert kinds(cell, header) == {kind}
    assert kinds(cell) == set()


def test_a_header_repeated_as_a_row_is_no_person() -> None:
    header = ["Surname", "Victim", "Username", "VRM", "DOB"]
    assert not screen(header, rows(header, first_line=1))


def test_a_header_that_is_personal_is_not_shown() -> None:
    found = screen(["Month", "PC 1234 Jones"], rows(["Month", "PC 1234 Jones"], ["Jan", "x@y.uk"], first_line=1))
    assert [(f.kind, f.line_no, f.column) for f in found] == [("name", 1, "column 2"), ("email", 2, "column 2")]


@pytest.mark.parametrize(("header", "cell"), [("Postcode", "DE1 3AA"), ("Mobile", "07700 900123")])
def test_what_header_and_value_both_give_away_is_told_once(header: str, cell: str) -> None:
    assert len(screen([header], rows([cell]))) == 1


@given(st.none() | st.text(), st.lists(st.text()))
def test_any_text_can_be_screened(header: str | None, values: list[str]) -> None:
    found = list(screen_values(header, 3, values))
    assert all(0 <= f.index < len(values) for f in found)
    assert [f.index for f in found] == sorted(f.index for f in found)
