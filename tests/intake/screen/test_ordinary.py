"""What forces really print gives nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.store.digests import ROOT
from tests import exampleshire
from tests.intake.screen.tables import Found, kinds, parsed, read, rows, screen

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
    assert not screen(header, rows(*table))


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
        "1234567890", "#N/A", "Sharing @ 50%", "X (formerly @Twitter)", "@facebook", "on @TikTok.",
        "@Snapchat, @Instagram", "Crimestoppers 0800 555111", "call 101", "Victim Support 0808 1689111",
        "0300 123 2040", "0800 555 111", "116 123",
        "FOI@derbyshire.police.uk", "information.access@kent.police.uk", "Freedom.Of.Information@gmp.police.uk",
        "Rev Counter", "Victim Impact Panel was held", "Offender Management Act", "Suspect Identified Victim Supports",
        "suspect Snap Chat account", "Victim Declines Support", "amended by Criminal Justice Act",
        "Officer In The Case", "added by James Cook University Hospital", "Witness Intimidation",
        "met at a polka dot party", "at 10 dot 30",
        "recorded by North Yorkshire", "Prepared by Information Access", "Victim Support Services", "7700900123",
    ],
)  # fmt: skip
def test_what_merely_looks_alike_gives_nothing(cell: str) -> None:
    assert kinds(cell) == set()


def csv_files(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.rglob("*.csv"))


def found_in(path: Path) -> list[Found]:
    table = read(path)
    return screen(table[0].fields if table else None, table)


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


# a label as it stands in a sentence: behind the word for a role, and behind `by`
SENTENCES = ("{}", "Victim {} account", "suspect {}", "Offender: {}, then", "Recorded by {}", "Name: {}")
LABELS = ("platform", "outcome", "offence", "age")


@pytest.mark.parametrize("of", LABELS)
def test_labels_give_nothing_wherever_they_stand(of: str) -> None:
    path = ROOT / "pipeline" / "normalisation" / "reference" / f"{of}_labels.csv"
    labels = [row.fields[0] for row in read(path)[1:] if row.fields]
    assert len(labels) > 20
    said = [[sentence.format(label)] for sentence in SENTENCES for label in labels]
    assert {said[f.line_no - 2][0]: f.kind for f in screen(["Note"], rows(*said))} == {}


def test_the_made_up_disclosure_gives_nothing() -> None:
    files = exampleshire.generate().files
    for name in (exampleshire.COMPLAINTS, exampleshire.NO_REFERENCE):
        table = parsed(files[name].decode("utf-8-sig"))
        assert not screen(table[0].fields, table), name


def test_many_made_up_records_give_nothing() -> None:
    assert not screen(exampleshire.HEADER, rows(*exampleshire.records(20_000, 11)))
