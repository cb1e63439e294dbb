"""The screen: everything personal that is seeded is found at its place, and nothing in what forces really print."""

from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Iterator, Sequence
from itertools import count, islice
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.intake.rows import Row
from pipeline.intake.screen import Found, FoundValue, screen, screen_values
from pipeline.store.digests import ROOT
from tests import exampleshire

RECORDS = list(exampleshire.records(400, 3))
STREET = (
    "8c7661d1b68d476454c5b68a58daee0d91781a94f6001555df3c7f0d6498d821", "2025-01", "City of London Police",
    "-0.107682", "51.517786", "On or near Lord Street", "E01000917", "Camden 027C", "Other theft",
    "Investigation complete; no suspect identified",
)  # fmt: skip


def rows(*records: Sequence[str], first_line: int = 2) -> list[Row]:
    return [Row(n, 1, ",".join(r), tuple(r)) for n, r in enumerate(records, first_line)]


def kinds(value: str, header: str = "Summary") -> set[str]:
    return {found.kind for found in screen([header], rows([value]))}


def read(path: Path) -> list[Row]:
    return parsed(path.read_text("utf-8-sig"))


def parsed(text: str) -> list[Row]:
    reader, result, line = csv.reader(io.StringIO(text, newline="")), [], 1
    for fields in reader:
        result.append(Row(line, reader.line_num - line + 1, ",".join(fields), tuple(fields)))
        line = reader.line_num + 1
    return result


# -- what is seeded is found -------------------------------------------------------------------------------------

DIGIT = st.sampled_from("0123456789")


def digits(n: int) -> st.SearchStrategy[str]:
    return st.text(DIGIT, min_size=n, max_size=n)


@st.composite
def phones(draw: st.DrawFn) -> str:
    code = draw(st.sampled_from(["020", "029", "0115", "0161", "01332", "01629", "07700", "07911", "0300", "0808"]))
    rest = draw(digits(11 - len(code)))
    if code == "020":
        rest = draw(st.sampled_from("3478")) + rest[1:]
    national = (code + rest)[1:]
    mark = draw(st.sampled_from([" ", "-", ".", "\u00a0"]))
    middle = len(rest) // 2
    grouped = f"{code}{mark}{rest[:middle]}{mark}{rest[middle:]}"
    written = [
        grouped,
        f"{code}{mark}{rest}",
        f"({code}) {rest[:middle]} {rest[middle:]}",
        f"({code}){rest}",
        f"+44{national}",
        f"+44 {national}",
        f"+44 (0){national}",
        f"+44(0) {grouped[1:]}",
        f"+44 {grouped[1:]}",
        f"0044 {grouped[1:]}",
        f"0044{national}",
    ]
    if code != "0300":
        # 0300… in one run is as well the reference of a crime of 2003
        written.append(code + rest)
    if code.startswith("07"):
        written += [f"44{national}", f"44 {grouped[1:]}"]
    return draw(st.sampled_from(written))


@st.composite
def ni_numbers(draw: st.DrawFn) -> str:
    prefix = draw(st.sampled_from("ABCEGHJKLMNOPRSTWXYZ")) + draw(st.sampled_from("ABCEGHJKLMNPRSTWXYZ"))
    assume(prefix not in {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"})
    pairs = [draw(digits(2)) for _ in range(3)]
    suffix = draw(st.sampled_from("ABCD"))
    mark = draw(st.sampled_from(["", " ", "-"]))
    number = mark.join([prefix, *pairs, suffix])
    return draw(st.sampled_from([number, number.lower(), f"{prefix} {''.join(pairs)} {suffix}"]))


@st.composite
def postcodes(draw: st.DrawFn) -> str:
    outward = draw(
        st.sampled_from(
            [
                "M1",
                "B33",
                "S10",
                "G2",
                "CR2",
                "DE1",
                "DN55",
                "NG16",
                "W1A",
                "N1C",
                "EC1A",
                "SW1A",
                "WC2H",
                "BT12",
                "ZE3",
            ]
        )
    )
    letters = st.sampled_from("ABDEFGHJLNPQRSTUWXYZ")
    inward = draw(DIGIT) + draw(letters) + draw(letters)
    spaced = f"{outward}{draw(st.sampled_from([' ', '  ', chr(0xA0)]))}{inward}"
    return draw(st.sampled_from([spaced, outward + inward]))


@st.composite
def emails(draw: st.DrawFn) -> str:
    address = draw(st.emails())
    # these are legal in quotes and end an address everywhere else
    assume(not set(address) & set(',;:<>"()[]'))
    return address


@st.composite
def cards(draw: st.DrawFn) -> str:
    body = draw(st.sampled_from(["4", "51", "55", "62"]))
    body += draw(digits(15 - len(body)))
    total = sum(sum(map(int, str(int(digit) * (2 if place % 2 == 0 else 1)))) for place, digit in enumerate(body))
    number = body + str(-total % 10)
    mark = draw(st.sampled_from(["", " ", "-"]))
    return mark.join(number[i : i + 4] for i in range(0, 16, 4))


@st.composite
def nhs_numbers(draw: st.DrawFn) -> str:
    body = draw(digits(9))
    check = -sum(int(digit) * weight for digit, weight in zip(body, range(10, 1, -1), strict=True)) % 11
    assume(check != 10)
    number = body + str(check)
    return draw(st.sampled_from([number, f"{number[:3]} {number[3:6]} {number[6:]}"]))


@st.composite
def titled(draw: st.DrawFn) -> str:
    surname = draw(
        st.sampled_from(["Smith", "Patel", "O'Brien", "McDonald", "Jones-Williams", "SMITH", "de Souza", "Nowak"])
    )
    return draw(
        st.sampled_from(
            [
                f"Mr {surname}", f"Mr. {surname}", f"Mrs A {surname}", f"Ms A. B. {surname}", f"Miss {surname}",
                f"Dr {surname}", f"PC 1234 {surname}", f"DC {surname}", f"PCSO 7123 {surname}", f"Sgt {surname}",
                f"DS 99 {surname}", f"Det Con {surname}", f"mr {surname.lower()}", f"MRS {surname.upper()}",
            ]
        )
    )  # fmt: skip


def full_dates() -> st.SearchStrategy[str]:
    forms = ["%d/%m/%Y", "%d-%m-%y", "%d.%m.%Y", "%Y-%m-%d", "%d %B %Y", "%d-%b-%y", "%B %d, %Y"]
    return st.tuples(st.dates(), st.sampled_from(forms)).map(
        lambda pair: (
            pair[0].replace(year=1930 + pair[0].year % 90).strftime(pair[1])
            if (pair[0].month, pair[0].day) != (2, 29)
            else "28 February 1990"
        )
    )


SEEDS = {
    "email": emails(),
    "phone": phones(),
    "ni_number": ni_numbers(),
    "postcode": postcodes(),
    "card": cards(),
    "nhs_number": nhs_numbers().map("NHS no. {}".format),
    "name": titled(),
    "date_of_birth": st.one_of(
        full_dates().map("DOB {}".format), full_dates().map("born on {}".format), full_dates().map("{} (d.o.b.)".format)
    ),
    "ip_address": st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).map(str),
    "account": st.sampled_from(
        [
            "https://tiktok.com/@someone", "https://www.tiktok.com/@some.one/video/72?lang=en", "@someone_99",
            "https://www.facebook.com/some.one", "facebook.com/profile.php?id=10002", "https://x.com/someone",
            "instagram.com/some_one/", "http://www.snapchat.com/add/someone", "https://uk.linkedin.com/in/some-one",
            "https://youtube.com/channel/UC12345", "https://www.reddit.com/user/someone", "https://mastodon.social/@someone",
            "https://www.roblox.com/users/12345/profile", "https://onlyfans.com/someone",
        ]
    ),
}  # fmt: skip
PLACES = ["{}", " {} ", "sent to {} twice", "({})", "see: {}.", "{}, then no reply", "£20\n{}", "“{}”"]


@pytest.mark.parametrize("kind", SEEDS)
@settings(max_examples=200, deadline=None)
@given(st.data())
def test_what_is_seeded_is_found_at_its_line_and_column(kind: str, data: st.DataObject) -> None:
    value = data.draw(SEEDS[kind])
    if kind == "ip_address":
        # short ones look like ranges and version numbers
        assume(len(value) >= 16 or "." in value)
    header, base = data.draw(st.sampled_from([(exampleshire.HEADER, RECORDS), (None, RECORDS), (None, [STREET] * 50)]))
    record = data.draw(st.integers(0, 49))
    column = data.draw(st.integers(0, len(base[0]) - 1))
    cell = data.draw(st.sampled_from(PLACES)).format(value)
    seeded = [list(r) for r in base[:50]]
    seeded[record][column] = cell
    found = [f for f in screen(header, rows(*seeded)) if f.kind == kind]
    name = header[column] if header else f"column {column + 1}"
    assert [(f.line_no, f.column) for f in found] == [(record + 2, name)], cell
    assert value not in found[0].shown


@pytest.mark.parametrize("kind", SEEDS)
@settings(max_examples=50, deadline=None)
@given(st.data())
def test_it_is_found_in_a_row_without_fields_and_in_a_row_that_is_too_wide(kind: str, data: st.DataObject) -> None:
    value = data.draw(SEEDS[kind])
    assume(kind != "ip_address" or len(value) >= 16 or "." in value)
    broken = Row(9, 1, f'a,"b" {value},c', None)
    assert {(f.kind, f.line_no, f.column) for f in screen(["A"], [broken])} >= {(kind, 9, "whole line")}
    wide = Row(9, 1, f"a,b,{value}", ("a", "b", value))
    assert (kind, 9, "column 3") in {(f.kind, f.line_no, f.column) for f in screen(["A"], [wide])}


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.one_of(*SEEDS.values(), st.text(max_size=12), st.sampled_from([r[1] for r in RECORDS[:30]])), max_size=8
    )
)
def test_values_are_judged_as_in_rows(values: list[str]) -> None:
    in_rows = [(f.kind, f.line_no, f.column, f.shown) for f in screen(["Offence"], rows(*([v] for v in values)))]
    assert [(f.kind, f.index + 2, f.column, f.shown) for f in screen_values("Offence", values)] == in_rows


@given(
    full_dates(), st.sampled_from(["DOB", "Date of Birth", "D.O.B.", "victim_dob", "VictimDOB", "Birth date", "Born"])
)
@settings(deadline=None)
def test_a_full_date_under_a_header_of_birth_is_found(date: str, header: str) -> None:
    assert kinds(date, header) == {"date_of_birth"}
    assert kinds(f"{date} 00:00", header) == {"date_of_birth"}
    assert kinds(date) == set()
    assert not list(screen([header], rows([date]), dates_of_birth=False))


@pytest.mark.parametrize("date", ["19900102", "02011990", "32874"])
def test_a_date_of_birth_may_have_lost_its_form(date: str) -> None:
    assert kinds(date, "Victim DOB") == {"date_of_birth"}


@pytest.mark.parametrize("cell", ["1990", "Jan-90", "34", "Unknown", "01/1990", ""])
def test_less_than_a_full_date_is_no_date_of_birth(cell: str) -> None:
    assert kinds(cell, "Year of birth") == set()


def test_dates_of_birth_are_left_out_where_that_is_said() -> None:
    cell = rows(["DOB 01/02/1990, a@b.uk"])
    assert [f.kind for f in screen(["Note"], cell, dates_of_birth=False)] == ["email"]
    assert [f.kind for f in screen_values("Note", ["DOB 01/02/1990"], dates_of_birth=False)] == []


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
        ("Phone no.", "03001234567", "phone"),
        ("NI Number", "AB123456", "ni_number"),
        ("National Insurance No", "ab 12 34 56", "ni_number"),
        ("NHS Number", "9434765919", "nhs_number"),
        ("Postcode", "de13aa", "postcode"),
        ("VRM", "AB12 CDE", "vehicle_registration"),
        ("Vehicle Registration", "P123ABC", "vehicle_registration"),
        ("Number plate", "AIZ 1234", "vehicle_registration"),
        ("Username", "gemma.smith99", "account"),
    ],
)
def test_what_only_its_header_gives_away(header: str, cell: str, kind: str) -> None:
    assert kinds(cell, header) == {kind}
    assert kinds(cell) == set()


def test_a_header_repeated_as_a_row_is_no_person() -> None:
    header = ["Surname", "Victim", "Username", "VRM", "DOB"]
    assert not list(screen(header, rows(header, first_line=1)))


def test_a_header_that_is_personal_is_not_shown() -> None:
    found = list(screen(["Month", "PC 1234 Jones"], rows(["Month", "PC 1234 Jones"], ["Jan", "x@y.uk"], first_line=1)))
    assert [(f.kind, f.line_no, f.column) for f in found] == [("name", 1, "column 2"), ("email", 2, "column 2")]


def test_one_cell_may_hold_several() -> None:
    found = list(screen(["Note"], rows(["Mr Smith, 07700 900123, j.smith@example.com"])))
    assert found == [
        Found("email", 2, "Note", "j…@…"),
        Found("phone", 2, "Note", "0… (11 digits)"),
        Found("name", 2, "Note", "M… (8 characters)"),
    ]
    assert list(screen_values("Note", ["clean", "07700 900123"])) == [FoundValue("phone", 1, "Note", "0… (11 digits)")]


# -- what is not personal gives nothing --------------------------------------------------------------------------

MONTHS = [
    f"{form}"
    for form in ("Jan-20", "January 2020", "2020-01", "01/01/2020", "2019-2020", "2019/20", "1 Jan-31 Dec 2014")
]
REFERENCES = st.one_of(
    st.from_regex(r"(?:0[1-9]|1[0-9]|2[0-6])00[0-9]{7}", fullmatch=True),
    st.from_regex(r"[1-9][0-9]{4,15}", fullmatch=True).filter(lambda r: len(r) != 16 and not r.startswith("447")),
    st.from_regex(r"01/(FOI|FIN)/2[0-6]/[0-9]{6}/[A-Z]", fullmatch=True),
    st.from_regex(r"(CRI|CR|EX/2[0-4]/)[0-9]{5,8}", fullmatch=True),
    st.from_regex(r"[1-9][0-9] [0-9]{5}/2[0-6]", fullmatch=True),
    st.from_regex(r"[0-9]{1,7}/2[0-6]", fullmatch=True),
    st.from_regex(r"20[A-Z]{2}/[0-9]{5}[A-Z]/2[0-6]", fullmatch=True),
)
ORDINARY = st.one_of(
    REFERENCES,
    st.integers(-1, 10_000_000).map(str),
    st.integers(1_000, 10_000_000).map("{:,}".format),
    st.sampled_from(MONTHS),
    st.dates().map(str),
    st.dates().map(lambda d: d.strftime("%d-%m-%Y 10:30")),
    st.sampled_from(
        ["8N", "8L", "1A", "008/72", "195/94", "HO 8/72", "8N 1AA", "TYPE 1AB", "NFIB52B", "CJ03511", "E01000917"]
    ),
    st.floats(-8, 60).map("{:.6f}".format),
    st.text("0123456789abcdef", min_size=64, max_size=64),
    st.uuids().map(str),
    st.sampled_from(
        ["<5", "*", "-", "32 reports (2 of these reports are for 1 victim).", "in excess of 3200", "77, 686"]
    ),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.lists(ORDINARY, min_size=3, max_size=3), max_size=6), st.booleans())
def test_ordinary_tables_give_nothing(table: list[list[str]], named: bool) -> None:
    header = ["Crime Reference", "Month", "Number of victims"] if named else None
    assert not list(screen(header, rows(*table)))


@pytest.mark.parametrize(
    "cell",
    [
        "8N 1AA", "TYPE 1AB", "DE1", "SW1A", "M1 1st exit", "2019-2020", "01-12-2024 10:30", "0115 2019-2020",
        "02000123456", "08001234567"[:8], "1.2.3", "10:30:45", "12345678901234567", "4000 0000 0000 0000",
        "Assault PC in execution of duty", "PC World", "PC gaming", "DC Comics", "MS Teams", "Mr Beast", "Dr Martens",
        "On or near Lord Street", "On or near Sir John Warren Close", "Assault a constable", "Dr Who", "ps plus",
        "Mr and Mrs", "Mr X", "mr x said", "Mr X harassed Ms Y", "PS 4 stolen", "North West", "Miss use of drugs", "https://www.nspcc.org.uk/about-us/instagram-grooming/",
        "https://www.facebook.com/", "https://www.instagram.com/legal/terms", "Twitter/X", "match.com", "Only @ home",
        "children born after 1 January 2012", "born 1990", "offence date 01/02/2020", "GB 12 34 56 C", "NHS 1234567890",
        "1234567890", "#N/A", "Sharing @ 50%",
    ],
)  # fmt: skip
def test_what_merely_looks_alike_gives_nothing(cell: str) -> None:
    assert kinds(cell) == set()


def csv_files(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.rglob("*.csv"))


def found_in(path: Path) -> list[Found]:
    table = read(path)
    return list(screen(table[0].fields if table else None, table))


def test_the_shipped_raw_folder_gives_nothing() -> None:
    files = list(csv_files(ROOT / "raw"))
    if not files:
        pytest.skip("raw/ is empty here")
    assert {path.name: found for path in files if (found := found_in(path))} == {}


def test_the_shared_real_data_gives_nothing(data: Path) -> None:
    assert {path.name: found for path in csv_files(data) if (found := found_in(path))} == {}


def test_the_reference_tables_give_nothing() -> None:
    files = csv_files(ROOT / "pipeline" / "normalisation" / "reference")
    assert {path.name: found for path in files if (found := found_in(path))} == {}


def test_the_made_up_disclosure_gives_nothing() -> None:
    files = exampleshire.generate().files
    for name in (exampleshire.COMPLAINTS, exampleshire.NO_REFERENCE):
        table = parsed(files[name].decode("utf-8-sig"))
        assert not list(screen(table[0].fields, table)), name


def test_many_made_up_records_give_nothing() -> None:
    assert not list(screen(exampleshire.HEADER, rows(*exampleshire.records(20_000, 11))))


# -- how it runs -------------------------------------------------------------------------------------------------


def test_it_streams() -> None:
    endless = (Row(n, 1, "x", (f"EX/{n}", "a@b.uk" if n % 7 == 0 else "")) for n in count(1))
    assert [f.line_no for f in islice(screen(None, endless), 3)] == [7, 14, 21]


def peak_memory(n: int) -> int:
    endless = (Row(i, 1, "", (f"Crime number {i} of this year", f"{i:064x}")) for i in range(n))
    tracemalloc.start()
    assert not list(screen(None, endless))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_memory_does_not_grow_with_the_rows() -> None:
    assert peak_memory(60_000) < 1.3 * peak_memory(20_000)


def test_a_find_is_reported_each_time_and_a_remembered_value_only_where_it_is_harmless() -> None:
    # `Smith` is remembered as harmless under Month and is still a name under Surname
    table = rows(["Smith", "Smith"], ["a@b.uk", ""], ["a@b.uk", "Smith"])
    found = [(f.kind, f.line_no, f.column) for f in screen(["Month", "Surname"], table)]
    assert found == [("name", 2, "Surname"), ("email", 3, "Month"), ("email", 4, "Month"), ("name", 4, "Surname")]


def test_long_cells_take_time_in_proportion() -> None:
    # patterns that go back over what they read would not end here
    for piece in ("a", "1 ", "0", "a.", "@", "mr ", "12:", "1.", "dob "):
        list(screen(["Note"], rows([piece * 20_000])))


def test_all_is_masked() -> None:
    secret = ["j.smith@example.com", "07700 900123", "AB123456C", "DE1 3AA", "Mr Smith", "@someone_99", "81.2.69.142"]
    for value, found in zip(secret, screen(["Note"], rows(*([s] for s in secret))), strict=True):
        assert not any(value[i : i + 3] in found.shown for i in range(len(value) - 2))
