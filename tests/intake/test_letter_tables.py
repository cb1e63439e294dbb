"""Tables in letters: each is read exactly, or it is refused with its place and the reason."""

from __future__ import annotations

import hashlib
import html
import re
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.intake.letter_tables import (
    Element,
    LetterTable,
    LineSpan,
    PageBox,
    quoted_count,
    table_rows,
    tables_in,
)
from pipeline.intake.problem import Problem, Refused


def letter(tmp_path: Path, name: str, content: str | bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(tmp_path: Path, name: str, content: str | bytes) -> tuple[LetterTable, ...]:
    return tables_in(letter(tmp_path, name, content), name)


def fields(table: LetterTable) -> list[tuple[str, ...] | None]:
    assert not table.problems
    return [row.fields for row in table.rows]


def fault(tmp_path: Path, name: str, content: str | bytes) -> Problem:
    """The one problem of the one table of a file."""
    (table,) = read(tmp_path, name, content)
    assert table.rows == ()
    (problem,) = table.problems
    assert problem.remedy
    return problem


def refusal(path: Path, *arguments: object) -> Problem:
    with pytest.raises(Refused) as refused:
        if len(arguments) == 1:
            list(table_rows(path, path.name, *arguments))  # type: ignore[arg-type]
        else:
            quoted_count(path, path.name, *arguments)  # type: ignore[arg-type]
    (problem,) = refused.value.problems
    return problem


# --- Markdown

MARKDOWN = """Dear Sir,

| Platform | 2015\\* | 2016 |
|:---------|:----:|-----:|
| Facebook | 1,203 | <5 |
| **Snap\\|chat** | - | [7](https://example.org "seven") |
| Other | 1 | 2 | 3 |
| Total |

```
| a | b |
|---|---|
```

    | c | d |
    |---|---|

a | b
--|--
x<br>y | `*`
"""


def test_markdown_tables_are_read_as_a_reader_sees_them(tmp_path: Path) -> None:
    first, second = read(tmp_path, "a.md", MARKDOWN)
    assert (first.number, first.address) == (1, LineSpan(3, 8))
    assert fields(first) == [
        ("Platform", "2015*", "2016"),
        ("Facebook", "1,203", "<5"),
        ("Snap|chat", "-", "7"),
        ("Other", "1", "2", "3"),
        ("Total",),
    ]
    assert [(row.line_no, row.lines) for row in first.rows] == [(3, 1), (5, 1), (6, 1), (7, 1), (8, 1)]
    assert first.rows[1].text == "| Facebook | 1,203 | <5 |"
    assert second.address == LineSpan(18, 20)
    assert fields(second) == [("a", "b"), ("x\ny", "*")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_of_every_kind_keep_their_numbers(tmp_path: Path, end: str) -> None:
    (table,) = read(tmp_path, "a.md", end.join(["x", "", "|a|b|", "|-|-|", "|1|2|"]))
    assert [(row.line_no, row.text) for row in table.rows] == [(3, "|a|b|"), (5, "|1|2|")]


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        ("|a|b|\n|-|-|\n|1|~~2~~|", 3, "struck-through text in a cell"),
        ("|a|b|\n|-|-|\n|1|12<sup>1</sup>|", 3, "'<sup>'"),
        ("|a|b|\n|-|-|\n|1|2<!-- 3 -->|", 3, "'<!-- 3 -->'"),
        ("|a|b|\n|-|-|\n|1|![2](x.png)|", 3, "a picture"),
        ("|a|b|\n|-|-|\n|1|5*3*2|", 3, "markup between two digits"),
        ("|a|b|c|\n|-|-|\n|1|2|", 2, "an alignment row that fits no header"),
        ("a|b\n--|--\n1|2\n* | 3\n4|5", 4, "a line with bars right below a table"),
        ("> |a|b|\n> |-|-|\n> |1|2|", 1, "inside a quotation"),
        ("<table><tr><td>1</table>", 1, "an HTML table in Markdown"),
    ],
)
def test_what_is_not_plainly_text_in_markdown_is_refused(tmp_path: Path, text: str, line: int, found: str) -> None:
    problem = fault(tmp_path, "a.md", text)
    assert problem.line == line
    assert found in problem.found


def test_a_refused_table_keeps_its_number_and_the_others_are_read(tmp_path: Path) -> None:
    path = letter(tmp_path, "a.md", "|a|b|\n|-|-|\n|1|~~2~~|\n\n|c|d|\n|-|-|\n|3|4|\n")
    first, second = tables_in(path, "a.md")
    assert first.problems
    assert (second.number, fields(second)) == (2, [("c", "d"), ("3", "4")])
    assert tuple(table_rows(path, "a.md", 2)) == second.rows
    assert refusal(path, 1) == first.problems[0]


# --- plain text


def test_columns_parted_by_spaces(tmp_path: Path) -> None:
    text = (
        "Dear Sir,\n\n"
        "  Platform      2015   2016\n"
        "  --------      ----   ----\n"
        "  Facebook     1,203      4\n"
        "  Snap chat       12      *\n\nYours"
    )
    (table,) = read(tmp_path, "a.txt", text)
    assert table.address == LineSpan(3, 6)
    assert fields(table) == [("Platform", "2015", "2016"), ("Facebook", "1,203", "4"), ("Snap chat", "12", "*")]
    assert [row.line_no for row in table.rows] == [3, 5, 6]


@pytest.mark.parametrize(
    "text", ["a\tb\tc\n1\t2 3\t4\n", "a\t\tb\t\tc\nlong one\t2 3\t4\n", "\ta\tb\tc\n\t1\t2 3\t4\n"]
)
def test_columns_parted_by_tabs(tmp_path: Path, text: str) -> None:
    (table,) = read(tmp_path, "a.txt", text)
    assert [row[-1] for row in fields(table) if row] == ["c", "4"]
    assert {len(row.fields or ()) for row in table.rows} == {3}


DRAWN = """Table 1: crimes
+----------+-------+
| Platform |  2015 |
+==========+=======+
| Face|book| 1,203 |
| Snapchat |     - |
+----------+-------+
"""


def test_a_drawn_table_holds_to_its_first_line(tmp_path: Path) -> None:
    (table,) = read(tmp_path, "a.txt", DRAWN)
    assert table.address == LineSpan(2, 7)
    assert fields(table) == [("Platform", "2015"), ("Face|book", "1,203"), ("Snapchat", "-")]
    assert [row.line_no for row in table.rows] == [3, 5, 6]


def test_a_drawn_table_without_crosses(tmp_path: Path) -> None:
    (table,) = read(tmp_path, "a.txt", "| a  | b |\n|----|---|\n| 12 | * |\n")
    assert fields(table) == [("a", "b"), ("12", "*")]


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        (DRAWN.replace("|     - |", "|    - |"), 6, "bars that do not stand under"),
        (DRAWN.replace("| Snapchat |     - |", "| Snapchat       - |"), 6, "bars that do not stand under"),
        (DRAWN.replace("| Snapchat |     - |", "| Snapchat |     - "), 6, "bars that do not stand under"),
        (DRAWN.replace("+==========+=======+", "+==================+"), 4, "a drawn line with other columns"),
        (DRAWN.replace("|     - |", "|       |"), 6, "a blank cell"),
        ("| a  | b |\n| 1|2 | b |\n", 2, "bars that do not stand under"),
        (
            "Platform   2015\nFacebook      1\nmessages\nTwitter       2\nSnapchat      3\n",
            3,
            "a line that does not stand",
        ),
        ("a\tb\tc\n1\t\t2\n", 1, "tabs that stand side by side"),
    ],
)
def test_what_can_be_parted_in_two_ways_is_refused(tmp_path: Path, text: str, line: int, found: str) -> None:
    problem = fault(tmp_path, "a.txt", text)
    assert problem.line == line
    assert found in problem.found


@pytest.mark.parametrize(
    "text",
    [
        "Dear Sir,\nthank you for it.  We hold\nnothing.\n",
        "one  line\n",
        "a  b\nlonger than  b\n",
        "\n\n",
        "",
        "|\n",
        "+44 20\nx\n",
    ],
)
def test_prose_is_no_table(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, "a.txt", text) == ()


# --- text files of every kind


def test_bytes_are_utf_8_or_else_cp1252(tmp_path: Path) -> None:
    for encoded in ("|£|–|\n|-|-|".encode(), "|£|–|\n|-|-|".encode("cp1252"), "|£|–|\n|-|-|".encode("utf-8-sig")):
        (table,) = read(tmp_path, "a.md", encoded)
        assert fields(table) == [("£", "–")]


@pytest.mark.parametrize("name", ["a.md", "a.txt", "a.html"])
def test_a_nul_and_bytes_of_no_encoding_refuse_the_file(tmp_path: Path, name: str) -> None:
    for content in (b"a\nb\0c", b"a\n\xff\x81"):
        with pytest.raises(Refused) as refused:
            read(tmp_path, name, content)
        assert [problem.line for problem in refused.value.problems] == [2]


def test_other_forms_and_tables_that_are_not_there_are_refused(tmp_path: Path) -> None:
    assert "the form .docx" in refusal(letter(tmp_path, "a.docx", ""), 1).found
    path = letter(tmp_path, "a.md", "|a|b|\n|-|-|\n")
    for which in (0, 2):
        problem = refusal(path, which)
        assert problem.found == f"no table {which}"
        assert "1 (lines 1 to 2)" in problem.expected
    assert "without pages" in refusal(path, PageBox(1, 0, 0, 1, 1)).found


# --- HTML

PAGE = """<html><head><style>td { color: red }</style></head><body>
<p>We hold 12
crimes.</p>
<table><caption>Q1</caption>
<thead><tr><th colspan=2>Crimes &amp; more</th></tr></thead>
<tbody>
<tr><th>Plat<b>form</b></th><th>2015<sup>1</sup></th></tr>
<tr>
  <td>Face&#98;ook
      Messenger</td>
  <td> 1,203<script>var x = "<td>9</td>";</script></td>
</tr>
<tr><td>a<br>b<p>c</p><p>d</p><td>&lt;5
<tr><td>&nbsp;Total<td></table>
</body></html>
"""


def test_html_tables_are_read_as_a_browser_shows_them(tmp_path: Path) -> None:
    (table,) = read(tmp_path, "a.html", PAGE)
    assert table.address == Element(1, 4)
    assert fields(table) == [
        ("Crimes & more",),
        ("Platform", "2015¹"),
        ("Facebook Messenger", "1,203"),
        ("a\nb\nc\nd", "<5"),
        ("Total", ""),
    ]
    assert [(row.line_no, row.lines) for row in table.rows] == [(5, 1), (7, 1), (8, 5), (13, 1), (14, 1)]
    assert table.rows[1].text == "<tr><th>Plat<b>form</b></th><th>2015<sup>1</sup></th></tr>"
    assert table.rows[-1].text == "<tr><td>&nbsp;Total<td>"


TWO = "<table>\n<tr><td>a<td>b\n<tr>{}\n<tr><td>3<td>4\n</table>"


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("<td colspan=3>1", "spans 3 columns"),
        ("<td>1<td colspan='2'>2", "spans 2 columns"),
        ("<td rowspan=2>1<td>2", "spans 2 rows"),
        ("<td rowspan=0>1<td>2", "spans all rows"),
        ("<td>1<td style='color: red; display : none'>2", "hidden content (<td>)"),
        ("<td>1<td hidden>2", "hidden content (<td>)"),
        ("<td>1<td>1<span style='visibility:hidden'>2</span>", "hidden content (<span>)"),
        ("<td>1<td>1<span style='font-size:0'>2</span>", "hidden content (<span>)"),
        ("<td>1<td class='x gone'>2", "hidden content (<td>)"),
        ("<td>1<td><del>1</del>2", "struck-through text"),
        ("<td>1<td><img src=2.png>", "a <img>"),
        ("<td>1<td><input value=2>", "a <input>"),
        ("<td>1<td>2</td>3", "text outside of the cells ('3')"),
        ("<td>1<td>2</tr><td>3</td>", "a cell outside of a row"),
    ],
)
def test_what_is_not_plainly_one_text_a_cell_is_refused(tmp_path: Path, row: str, found: str) -> None:
    text = "<style>@media all { p, tr td.gone { Display: None } }</style>" + TWO.format(row)
    problem = fault(tmp_path, "a.htm", text)
    assert problem.line == 3
    assert found in problem.found


def test_a_hidden_row_and_a_hidden_table_are_refused(tmp_path: Path) -> None:
    for text in (
        TWO.format("<td>1<td>2").replace("<tr><td>3", "<tr hidden><td>3"),
        f"<div style='display:none'>{TWO.format('<td>1<td>2')}</div>",
        f"<template>{TWO.format('<td>1<td>2')}</template>",
    ):
        (table,) = read(tmp_path, "a.html", text)
        assert table.rows == ()
        assert all("hidden content" in problem.found for problem in table.problems)


def test_nested_tables_are_refused_and_a_later_one_is_read(tmp_path: Path) -> None:
    good = "<table><tr><td>5</table>"
    outer, inner, last = read(tmp_path, "a.html", f"<table><tr><td>\n{good}\n</td></tr></table>\n{good}")
    assert "a table inside this table" in outer.problems[0].found
    assert inner.problems[0].found == "a table inside another table"
    assert (last.address, fields(last)) == (Element(3, 4), [("5",)])


@pytest.mark.parametrize(
    ("text", "found"), [("<table><tr><td>1", "does not end"), ("<table></table>", "a table without rows")]
)
def test_a_cut_or_empty_html_table_is_refused(tmp_path: Path, text: str, found: str) -> None:
    assert found in fault(tmp_path, "a.html", text).found


# --- PDF


class Pdf:
    """A PDF of text and ruled lines, written by hand; y counts from the bottom of the page."""

    def __init__(self) -> None:
        self.pages: list[bytes] = []
        self.annots = b""

    def page(self, *operators: str) -> Pdf:
        self.pages.append("\n".join(operators).encode("cp1252"))
        return self

    def written(self, packed: bool = False, cut: int = 0) -> bytes:
        kids = " ".join(f"{4 + 2 * index} 0 R" for index in range(len(self.pages)))
        objects = [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            f"<< /Type /Pages /Kids [{kids}] /Count {len(self.pages)} >>".encode(),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        ]
        for index, content in enumerate(self.pages):
            objects.append(
                b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 400] /Resources << /Font << /F 3 0 R >> "
                b"/XObject << >> >> /Contents %d 0 R %s >>" % (5 + 2 * index, self.annots)
            )
            stream = zlib.compress(content) if packed else content
            stream = stream[: len(stream) - cut]
            kind = b"/Filter /FlateDecode " if packed else b""
            objects.append(b"<< %s/Length %d >>\nstream\n%s\nendstream" % (kind, len(stream), stream))
        out, places = b"%PDF-1.4\n", []
        for number, body in enumerate(objects, 1):
            places.append(len(out))
            out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
        table = b"".join(b"%010d 00000 n \n" % place for place in places)
        end = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(out))
        return out + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + end


def line(x0: float, y0: float, x1: float, y1: float) -> str:
    return f"{x0} {y0} m {x1} {y1} l S"


def words(x: float, y: float, text: str, size: float = 10) -> str:
    escaped = re.sub(r"([\\()])", r"\\\1", text)
    return f"BT /F {size} Tf {x} {y} Td ({escaped}) Tj ET"


XS, YS = (50, 150, 210, 270), (300, 280, 260, 240)
GRID = [*(line(x, YS[0], x, YS[-1]) for x in XS), *(line(XS[0], y, XS[-1], y) for y in YS)]
CELLS = [("Platform", "2015", "2016"), ("Face book", "1,203", "<5"), ("Snapchat", "", "*")]
TEXTS = [
    words(XS[column] + 4, YS[row] - 14, text)
    for row, cells in enumerate(CELLS)
    for column, text in enumerate(cells)
    if text
]
BOX = PageBox(1, 50.0, 100.0, 270.0, 160.0)


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


# --- a count inside a sentence

SENTENCE = "We hold\nIn total  1,203 crimes and twelve arrests; 2 of 40 (in 2015/16) named *7* sites, 1 234 posts.\n"


@pytest.mark.parametrize(
    ("quote", "number"),
    [
        ("total 1,203  crimes", "1,203"),
        ("1,203 crimes", "1,203"),
        ("and twelve arrests", "twelve"),
        ("twelve", "twelve"),
        ("of 40", "40"),
        ("7", "7"),
    ],
)
def test_a_count_is_read_from_the_words_around_it(tmp_path: Path, quote: str, number: str) -> None:
    row = quoted_count(letter(tmp_path, "a.txt", SENTENCE), "a.txt", None, 2, quote)
    assert row.fields == (number,)
    assert (row.line_no, row.lines, row.text) == (2, 1, SENTENCE.splitlines()[1])


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("1,204 crimes", "'In total 1,203"),
        ("", "'In total 1,203"),
        ("203 crimes", "as a part of longer words or numbers"),
        ("1,203 crime", "as a part of longer words or numbers"),
        ("234 posts", "as a part of longer words or numbers"),
        ("sites, 1", "as a part of longer words or numbers"),
        ("1 234 posts", "'1' and '234'"),
        ("1,203 crimes and twelve arrests", "'1,203' and 'twelve'"),
        ("crimes and", "no number"),
        ("(in 2015/16)", "'2015/16'"),
    ],
)
def test_a_quote_that_does_not_hold_exactly_one_count_is_refused(tmp_path: Path, quote: str, found: str) -> None:
    problem = refusal(letter(tmp_path, "a.txt", SENTENCE), None, 2, quote)
    assert problem.line == 2
    assert found in problem.found


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        ("in excess of 3200 crimes", "3200 crimes"),
        ("there were more than 3200 crimes", "there were more than 3200 crimes"),
        ("some 3200", "3200"),
        ("3200 or more", "3200"),
        (">3200 crimes", "3200 crimes"),
        (">3200 crimes", ">3200 crimes"),
        ("3200+ crimes", "3200+ crimes"),
        ("£3200", "3200"),
        ("3200%", "3200"),
        ("3200.5 crimes", "3200.5 crimes"),
        ("3200.5 crimes", "3200"),
        ("twenty-one crimes", "twenty-one crimes"),
        ("twenty-one crimes", "one crimes"),
        ("two hundred crimes", "two"),
        ("two hundred crimes", "two hundred crimes"),
        ("a hundred and two crimes", "two crimes"),
        ("twelve thousand crimes", "twelve"),
        ("thirty crimes", "thirty crimes"),
        ("no crimes", "no crimes"),
        ("3200th crime", "3200th crime"),
        ("12½ crimes", "12½ crimes"),
        ("３２ crimes", "３２ crimes"),
    ],
)
def test_a_number_that_is_no_exact_count_is_refused(tmp_path: Path, sentence: str, quote: str) -> None:
    refusal(letter(tmp_path, "a.md", sentence), None, 1, quote)


def test_a_count_in_html_is_one_that_a_reader_sees(tmp_path: Path) -> None:
    page = (
        "<p>We hold\n<b>12</b> cri<i>mes</i></p><!-- 13 crimes --><p hidden>14 crimes</p>"
        "<td>1<td>5 crimes <s>6 crimes</s><td>1<s>2</s>3 crimes"
    )
    path = letter(tmp_path, "a.html", page)
    row = quoted_count(path, "a.html", None, 2, "hold 12 crimes")
    assert (row.fields, row.line_no, row.lines, row.text) == (("12",), 1, 2, "We hold 12 crimes")
    assert quoted_count(path, "a.html", None, 2, "5 crimes").fields == ("5",)
    for unseen in ("13 crimes", "14 crimes", "6 crimes", "13 crimes", "1 5 crimes"):
        refusal(path, None, 2, unseen)
    assert "no text on this line" in refusal(path, None, 3, "12").found


def test_a_count_on_a_line_of_a_pdf(tmp_path: Path) -> None:
    pdf = Pdf().page(words(50, 350, "Dear Sir"), words(50, 330, "There were 12 crimes"), words(150, 333, "1", 6))
    pdf.page("1 g", words(50, 350, "There were 12 crimes")).page(words(50, 350, "12"), words(61.2, 352, "1", 6))
    path = letter(tmp_path, "a.pdf", pdf.written())
    assert quoted_count(path, "a.pdf", 1, 2, "were 12 crimes").text.startswith("There were 12 crimes")
    for page, line_no, found in (
        (1, 1, "on page 1: 'Dear Sir'"),
        (1, 4, "a page 1 of 2 lines"),
        (4, 1, "a PDF of 3 pages"),
        (2, 1, "text that cannot be seen"),
        (3, 1, "digits of two sizes in '121'"),
        (None, 2, "no page"),
    ):
        with pytest.raises(Refused) as refused:
            quoted_count(path, "a.pdf", page, line_no, "were 12 crimes")
        assert found in refused.value.problems[0].found
    assert "a page" in refusal(letter(tmp_path, "a.txt", "12"), 1, 1, "12").found
    assert "a file of 1 lines" in refusal(letter(tmp_path, "a.txt", "12"), None, 2, "12").found


# --- for any table

WORD = st.text(st.sampled_from("ab01,|\\*_`~<>&;#[]()!+-:=\"'£é\u2028") | st.characters(codec="utf-8"), max_size=6)
CELL = st.lists(WORD, max_size=3).map(lambda parts: " ".join(" ".join(parts).replace("\0", "").split()))
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=5)
)


def markdown(rows: list[list[str]]) -> str:
    def cell(text: str) -> str:
        return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)

    written = ["| " + " | ".join(map(cell, row)) + " |" for row in rows]
    return "\n".join([written[0], "|" + "---|" * len(rows[0]), *written[1:]]) + "\n"


def page_of(rows: list[list[str]]) -> str:
    written = ["<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows]
    return "\n".join(["<table>", *written, "</table>"])


def drawn(rows: list[list[str]]) -> str:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    rule = "+" + "".join("-" * (width + 2) + "+" for width in widths)
    written = ["| " + " | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) + " |" for row in rows]
    return "\n".join([rule, *(part for row in written for part in (row, rule))])


@settings(max_examples=300, deadline=None)
@given(TABLES)
@example([["a|b", "\\", "\\|"], ["*", "**", "`|`"]])
def test_any_table_is_read_back_equal_however_it_is_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    folder = tmp_path_factory.getbasetemp()
    for name, text in (("any.md", markdown(rows)), ("any.html", page_of(rows)), ("any.txt", drawn(rows))):
        (table,) = read(folder, name, text)
        assert fields(table) == [tuple(row) for row in rows], text
        lines = text.split("\n")
        assert all(lines[row.line_no - 1] == row.text for row in table.rows)


MUTATIONS = st.lists(
    st.tuples(
        st.integers(0, 400),
        st.integers(0, 6),
        st.binary(max_size=3)
        | st.sampled_from([b"<![if", b"<!", b"</", b"<table", b"</tr>", b"|", b"\n\n", b"```", b"\t", b"&#", b"<!--"]),
    ),
    max_size=5,
)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from([("m.html", PAGE), ("m.md", MARKDOWN), ("m.txt", DRAWN)]), MUTATIONS)
def test_mutated_bytes_give_tables_or_a_refusal_with_its_place(
    tmp_path_factory: pytest.TempPathFactory, source: tuple[str, str], mutations: list[tuple[int, int, bytes]]
) -> None:
    name, text = source
    content = text.encode()
    for place, length, new in mutations:
        content = content[:place] + new + content[place + length :]
    folder = tmp_path_factory.getbasetemp()
    try:
        tables = read(folder, name, content)
    except Refused as refused:
        assert all(problem.line is not None and problem.remedy for problem in refused.problems)
        return
    assert [table.number for table in tables] == list(range(1, len(tables) + 1))
    for table in tables:
        assert bool(table.rows) != bool(table.problems)
        assert all(problem.line is not None and problem.remedy for problem in table.problems)
        if not table.problems:
            assert tuple(table_rows(folder / name, name, table.number)) == table.rows
    try:
        quoted_count(folder / name, name, None, 3, "We hold 12")
    except Refused as refused:
        assert all(problem.line is not None for problem in refused.problems)
