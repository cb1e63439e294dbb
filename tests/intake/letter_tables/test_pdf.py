"""Ruled tables in PDF are read exactly, or refused with the page and the reason."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.intake.letter_tables import PageBox, pdf, table_rows, tables_in
from pipeline.intake.problem import Refused
from tests.intake.letter_tables.letters import fields, letter, read, refusal
from tests.intake.letter_tables.pdfs import BOX, CELLS, GRID, TEXTS, XS, YS, Pdf, line, words


@pytest.mark.parametrize("packed", [False, True])
def test_ruled_tables_of_a_pdf_one_a_page(tmp_path: Path, packed: bool) -> None:
    content = Pdf().page(words(50, 350, "Dear Sir"), *GRID, *TEXTS).page().page(*GRID, *TEXTS).written(packed)
    path = letter(tmp_path, "a.pdf", content)
    first, second = tables_in(path, "a.pdf")
    assert first.address == BOX
    assert second.address == PageBox(3, 50.0, 100.0, 270.0, 160.0)
    assert fields(first) == fields(second) == CELLS
    assert [(row.line_no, row.lines) for row in first.rows] == [(1, 1), (2, 1), (3, 1)]
    assert tuple(table_rows(path, "a.pdf", second.address)) == tuple(table_rows(path, "a.pdf", 2)) == second.rows
    assert "no table on page 1, box (50.0" in refusal(path, PageBox(1, 50.0, 100.0, 270.0, 160.1)).found
    assert "a PDF of 3 pages" in refusal(path, PageBox(4, 0, 0, 1, 1)).found


def test_a_cell_of_two_lines_and_bold_type_that_is_printed_twice(tmp_path: Path) -> None:
    twice = words(XS[1] + 4.3, YS[1] - 14, "1,203")
    tall = [text.replace("(Snapchat)", "(Snap) Tj 0 -9 Td (chat)").replace("246 Td", "251 Td") for text in TEXTS]
    (table,) = read(tmp_path, "a.pdf", Pdf().page(*GRID, *tall, twice).written())
    assert fields(table) == [*CELLS[:2], ("Snap\nchat", "", "*")]


@pytest.mark.parametrize(
    ("operators", "found"),
    [
        ([*GRID[:1], line(150, 300, 150, 260), *GRID[2:], *TEXTS], "a merged or missing cell in row 3, column 2"),
        ([*GRID[:3], *GRID[4:], *TEXTS], "open side"),
        ([*GRID, *TEXTS, words(XS[2] - 8, YS[2] - 14, "12345")], "text that runs over the side of a cell"),
        ([*GRID, *TEXTS, words(XS[1] + 4, YS[2] - 4, "12345")], "text that stands on a rule"),
        ([*GRID, *TEXTS, words(XS[1] + 29.5, YS[1] - 11, "1", 6)], "digits of two sizes in '1,2031'"),
        ([*GRID, *TEXTS, words(XS[1] + 6, YS[1] - 14, "77")], "characters printed over each other"),
        ([*GRID, *TEXTS, "0 g 152 262 40 16 re f"], "text that cannot be seen"),
        ([*GRID, *TEXTS, "1 g 152 262 40 16 re f"], "text that cannot be seen"),
        ([*GRID, *TEXTS, "1 g", words(XS[1] + 4, YS[2] - 14, "7")], "text that cannot be seen"),
        ([*GRID, *TEXTS, "BT /F 10 Tf 0 1 -1 0 170 242 Tm (7) Tj ET"], "turned text"),
        ([*GRID, *TEXTS, "q 30 0 0 10 155 245 cm BI /W 1 /H 1 /BPC 8 /CS /G ID a\nEI Q"], "a picture over the table"),
    ],
)
def test_what_is_not_wholly_in_one_cell_of_a_pdf_is_refused(tmp_path: Path, operators: list[str], found: str) -> None:
    (table,) = read(tmp_path, "a.pdf", Pdf().page(*operators).written())
    assert table.rows == ()
    assert any(found in problem.found for problem in table.problems), table.problems
    assert all(f"on {table.address}" in problem.found for problem in table.problems)


def test_a_gap_as_wide_as_a_space_parts_two_words(tmp_path: Path) -> None:
    parted = [words(XS[1] + 4, YS[2] - 14, "77", 8), words(XS[1] + 14.5, YS[2] - 14, "686", 8)]
    (table,) = read(tmp_path, "a.pdf", Pdf().page(*GRID, *TEXTS, *parted).written())
    assert fields(table)[2] == ("Snapchat", "77 686", "*")


def test_white_type_on_a_dark_ground_is_seen(tmp_path: Path) -> None:
    dark = "0 0 0.4 rg 50 280 220 20 re f 1 g"
    (table,) = read(tmp_path, "a.pdf", Pdf().page(dark, *TEXTS[:3], "0 g", *GRID, *TEXTS[3:]).written())
    assert fields(table) == CELLS


def test_a_form_field_over_a_table_is_refused(tmp_path: Path) -> None:
    pdf = Pdf().page(*GRID, *TEXTS)
    for kind, refused in (("Link", False), ("Widget", True)):
        pdf.annots = f"/Annots [<< /Type /Annot /Subtype /{kind} /Rect [155 242 200 258] >>]".encode()
        (table,) = read(tmp_path, "a.pdf", pdf.written())
        assert [("form field" in problem.found) for problem in table.problems] == [True] * refused


def test_a_scan_is_refused_and_an_empty_page_is_not(tmp_path: Path) -> None:
    picture = "q 390 0 0 390 5 5 cm BI /W 1 /H 1 /BPC 8 /CS /G ID a\nEI Q"
    pdf = Pdf().page(picture).page().page(*GRID).page(picture, *GRID, *TEXTS).page(*GRID, *TEXTS)
    path = letter(tmp_path, "a.pdf", pdf.written())
    found = tables_in(path, "a.pdf")
    assert [isinstance(table.address, PageBox) and table.address.page for table in found] == [1, 3, 4, 5]
    assert [bool(table.problems) for table in found] == [True, True, True, False]
    assert all("scan" in table.problems[0].found for table in found[:3])
    assert "scan" in refusal(path, 1, 1, "12 crimes").found


def test_damaged_pdfs_are_refused(tmp_path: Path) -> None:
    good = Pdf().page(*GRID, *TEXTS).written(packed=True)
    stream = good.index(b"stream\n") + 20
    for damaged in (
        b"",
        b"%PDF-1.4\n",
        b"no PDF at all",
        good[:-60],
        good[: len(good) // 2],
        good.replace(b"/Count 1", b"/Count 2"),
        good.replace(b"startxref\n", b"startxref\n9"),
        Pdf().page(*GRID, *TEXTS).written(packed=True, cut=3),
        Pdf().page(*GRID, *TEXTS).written(packed=True, cut=60),
        good[:stream] + bytes([good[stream] ^ 0xFF]) + good[stream + 1 :],
    ):
        problem = refusal(letter(tmp_path, "a.pdf", damaged), 1)
        assert "a damaged PDF" in problem.found, problem


def rc4(key: bytes, data: bytes) -> bytes:
    state, other = list(range(256)), 0
    for index in range(256):
        other = (other + state[index] + key[index % len(key)]) % 256
        state[index], state[other] = state[other], state[index]
    out, index, other = [], 0, 0
    for byte in data:
        index = (index + 1) % 256
        other = (other + state[index]) % 256
        state[index], state[other] = state[other], state[index]
        out.append(byte ^ state[(state[index] + state[other]) % 256])
    return bytes(out)


@pytest.mark.parametrize("opens_without_password", [True, False])
def test_an_encrypted_pdf_is_refused_also_where_it_opens_without_a_password(
    tmp_path: Path, opens_without_password: bool
) -> None:
    padding = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
    owner = bytes(32)
    key = hashlib.md5(padding + owner + struct.pack("<i", -4) + b"\0").digest()[:5]
    user = rc4(key, padding) if opens_without_password else bytes(32)
    locked = (
        Pdf()
        .page(*GRID, *TEXTS)
        .written()
        .replace(
            b"/Root 1 0 R",
            b"/Root 1 0 R /ID [<00> <00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >>"
            % (owner.hex().encode(), user.hex().encode()),
        )
    )
    assert refusal(letter(tmp_path, "a.pdf", locked), 1).found == "an encrypted PDF"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_mutated_pdf_is_refused_or_read(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    good = bytearray(Pdf().page(*GRID, *TEXTS).written())
    for _ in range(data.draw(st.integers(1, 4))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "mutated.pdf"
    path.write_bytes(bytes(good))
    try:
        tables_in(path, "mutated.pdf")
    except Refused as refused:
        assert all(problem.remedy for problem in refused.problems)


def test_a_pdf_too_large_to_be_held_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "LARGEST", 10)
    path = letter(tmp_path, "a.pdf", Pdf().page(*GRID).written())
    with pytest.raises(Refused, match=r"a PDF of [0-9,]+ bytes; expected at most 10 bytes"):
        tables_in(path, "a.pdf")
