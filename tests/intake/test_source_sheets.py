"""A table in a workbook goes the whole way: to figures that open back to their rows, or it is held."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from click.testing import CliRunner
from openpyxl import Workbook

from pipeline.cli import main
from pipeline.intake.source import Source
from pipeline.lineage.trace import trace
from pipeline.publication.release import publish
from tests.disclosures import Raw, counts_table, sources

COLUMNS = {"period": "Year", "count": "Offences"}
TOTAL = {"Total": {"kind": "total"}}
CLEARED = {"by": "A. Reader", "on": "2026-01-31", "why": "looked at: notes of the force, no data"}


def workbook(hide: str = "") -> bytes:
    """Two tables on one sheet, the first from A3 on, the second from D5 on."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Q1 and Q2"
    sheet["A1"] = "Offences that name TikTok"
    for at, row in enumerate((("Year", "Offences"), (2020, 25), (2021, 30), ("Total", 55)), start=3):
        for column, value in zip("AB", row, strict=True):
            sheet[f"{column}{at}"] = value
    for at, row in enumerate((("Year", "Arrests"), (2021, 4)), start=5):
        for column, value in zip("DE", row, strict=True):
            sheet[f"{column}{at}"] = value
    if hide == "sheet":
        book.create_sheet("Working")["A1"] = "x"
        book["Working"].sheet_state = "hidden"
    if hide == "row":
        sheet.row_dimensions[4].hidden = True
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def add(raw: Raw, content: bytes, cells: str | None = "A3:B6", **terms: Any) -> None:
    entry = {"file": "answer.xlsx", "sheet": "Q1 and Q2"} | ({"cells": cells} if cells else {})
    first = counts_table(COLUMNS, constants={"platform": "TikTok"}, markers=TOTAL, extracts=[entry], **terms)
    raw.add([first], {"answer.xlsx": content})


def test_a_table_of_a_sheet_becomes_figures_that_open_to_its_rows(raw: Raw) -> None:
    add(raw, workbook())
    outcome = publish(raw.build())
    assert outcome.published, outcome.message
    found = trace(raw.places, "platform_year/dorset/test-1/q1/mentions/unstated/calendar/tiktok/2021")
    assert found["figure"]["value"] == 30
    (line,) = found["lines"]
    assert (line["line_no"], line["text"]) == (5, "2021\t30")
    assert line["address"] == {"sheet": "Q1 and Q2", "cells": "A3:B6"}
    assert line["as_ingested"]
    assert line["extract_id"] == "dorset/test-1/answer#q1-and-q2.a3-b6"
    (control,) = raw.build().controls
    assert (control.stated, control.verdict) == (55, "agrees")


def test_two_tables_of_one_sheet_are_extracts_of_their_own(raw: Raw) -> None:
    tables = [
        counts_table(
            COLUMNS, extracts=[{"file": "answer.xlsx", "sheet": "Q1 and Q2", "cells": "A3:B6"}], markers=TOTAL
        ),
        counts_table(
            {"period": "Year", "count": "Arrests"},
            id="q2",
            unit="arrests",
            extracts=[{"file": "answer.xlsx", "sheet": "Q1 and Q2", "cells": "D5:E6"}],
        ),
    ]
    raw.add(tables, {"answer.xlsx": workbook()})
    build = raw.build()
    assert build.refusals == ()
    assert [s.account["header"] for s in sources(build) if isinstance(s, Source)] == [
        ["Year", "Offences"],
        ["Year", "Arrests"],
    ]
    assert all(ledger.balances for ledger in build.ledgers)


def test_cells_that_overlap_are_refused(raw: Raw) -> None:
    entries = [{"file": "answer.xlsx", "sheet": "Q1 and Q2", "cells": c} for c in ("A3:B5", "B5:B6")]
    raw.add([counts_table(COLUMNS, extracts=entries)], {"answer.xlsx": workbook()})
    (refusal,) = raw.build().refusals
    assert "overlap" in refusal.reason


@pytest.mark.parametrize("cells", ["B6:A3", "XFE1:XFE2"])
def test_cells_that_are_no_area_are_refused_with_the_manifest(raw: Raw, cells: str) -> None:
    add(raw, workbook(), cells)
    (refusal,) = raw.build().refusals
    assert "disclosure.yaml" in refusal.reason and repr(cells) in refusal.reason


def test_read_shows_each_part_that_a_manifest_names(raw: Raw) -> None:
    sheet = {"file": "answer.xlsx", "sheet": "Q1 and Q2"}
    arrests = {"period": "Year", "count": "Arrests"}
    tables = [
        counts_table(COLUMNS, extracts=[{**sheet, "cells": "A3:B6"}], markers=TOTAL),
        counts_table(arrests, id="q2", unit="arrests", extracts=[{**sheet, "cells": "D5:E6"}]),
    ]
    raw.add(tables, {"answer.xlsx": workbook()})
    file = raw.places.raw / "dorset" / "test-1" / "answer.xlsx"
    report = json.loads(CliRunner().invoke(main, ["read", str(file), "--json"]).stdout)
    assert [part["columns"] for part in report["parts"]] == [["Year", "Offences"], ["Year", "Arrests"]]
    assert [part["address"]["cells"] for part in report["parts"]] == ["A3:B6", "D5:E6"]
    assert len(report["records"]) == sum(len(part["records"]) for part in report["parts"]) == 4
    shown = CliRunner().invoke(main, ["read", str(file)]).stdout
    assert "A3:B6: header on line 3" in shown and "D5:E6: header on line 5" in shown


@pytest.mark.parametrize(("hide", "kind"), [("sheet", "hidden_sheet"), ("row", "hidden_row")])
def test_hidden_content_holds_the_extract_until_a_person_has_looked(raw: Raw, hide: str, kind: str) -> None:
    add(raw, workbook(hide))
    (refusal,) = raw.build().refusals
    assert f"kind {kind}" in refusal.reason and "cleared:" in refusal.reason
    add(raw, workbook(hide), cleared=[{"kind": kind, **CLEARED}])
    assert raw.build().refusals == ()


def test_a_sheet_that_is_not_there_and_cells_without_a_sheet_are_refused(raw: Raw) -> None:
    raw.add([counts_table(COLUMNS, extracts=[{"file": "answer.xlsx", "sheet": "Q9"}])], {"answer.xlsx": workbook()})
    (refusal,) = raw.build().refusals
    assert "Q9" in refusal.reason and "Q1 and Q2" in refusal.reason
    raw.add([counts_table(COLUMNS, extracts=[{"file": "answer.xlsx", "cells": "A1:B2"}])], {"answer.xlsx": workbook()})
    (refusal,) = raw.build().refusals
    assert "say which" in refusal.reason


LETTER = """# Answer

You asked how many offences name TikTok.

| Year | Offences |
|------|---------:|
| 2020 | 25 |
| 2021 | **30** |
| Total | 55 |

These are live data.
"""


def test_a_table_in_a_letter_becomes_figures_that_open_to_its_lines(raw: Raw) -> None:
    entry = {"file": "letter.md", "letter_table": 1, "header_line": 5}
    raw.add(
        [counts_table(COLUMNS, constants={"platform": "TikTok"}, markers=TOTAL, extracts=[entry])],
        {"letter.md": LETTER},
    )
    outcome = publish(raw.build())
    assert outcome.published, outcome.message
    found = trace(raw.places, "platform_year/dorset/test-1/q1/mentions/unstated/calendar/tiktok/2021")
    (line,) = found["lines"]
    assert (line["line_no"], line["text"], line["address"]) == (8, "| 2021 | **30** |", {"letter_table": 1})
    assert line["as_ingested"]


def test_the_header_of_a_table_in_a_letter_is_its_first_row_where_no_line_is_said(raw: Raw) -> None:
    entry = {"file": "letter.md", "letter_table": 1}
    raw.add([counts_table(COLUMNS, markers=TOTAL, extracts=[entry])], {"letter.md": LETTER})
    (source,) = [s for s in sources(raw.build()) if isinstance(s, Source)]
    assert source.account["header"] == ["Year", "Offences"]
    file = raw.places.raw / "dorset" / "test-1" / "letter.md"
    report = json.loads(CliRunner().invoke(main, ["read", str(file), "--json"]).stdout)
    assert (report["header_line"], report["address"]) == (5, {"letter_table": 1})


def test_a_letter_without_that_table_is_refused(raw: Raw) -> None:
    entry = {"file": "letter.md", "letter_table": 2, "header_line": 5}
    raw.add([counts_table(COLUMNS, extracts=[entry])], {"letter.md": LETTER})
    (refusal,) = raw.build().refusals
    assert "letter.md" in refusal.reason


def test_read_shows_the_cells_that_a_manifest_names_and_holds_what_is_hidden(raw: Raw) -> None:
    add(raw, workbook())
    file = raw.places.raw / "dorset" / "test-1" / "answer.xlsx"
    result = CliRunner().invoke(main, ["read", str(file), "--json"])
    report = json.loads(result.stdout)
    assert result.exit_code == 0, report
    assert (report["encoding"], report["delimiter"], report["columns"]) == ("cells", None, ["Year", "Offences"])
    assert [(r["line_no"], r["values"]) for r in report["records"]][:2] == [(4, ["2020", "25"]), (5, ["2021", "30"])]
    add(raw, workbook("row"))
    result = CliRunner().invoke(main, ["read", str(file), "--json"])
    assert result.exit_code == 1
    assert "hidden row" in json.loads(result.stdout)["refused"]["reason"]


SENTENCE = "We found that\nin the year 2 of the plan 14 offences named TikTok.\n"


def quote(raw: Raw, words: str, line: int = 2) -> None:
    entry = {"file": "letter.txt", "quote": {"text": words, "line": line}}
    said = {"platform": "TikTok", "period": "2021"}
    raw.add([counts_table({"count": 1}, constants=said, extracts=[entry])], {"letter.txt": SENTENCE})


def test_a_count_in_a_sentence_becomes_a_figure_that_quotes_its_line(raw: Raw) -> None:
    quote(raw, "14 offences named TikTok")
    outcome = publish(raw.build())
    assert outcome.published, outcome.message
    found = trace(raw.places, "platform_year/dorset/test-1/q1/mentions/unstated/calendar/tiktok/2021")
    assert found["figure"]["value"] == 14
    (line,) = found["lines"]
    assert line["text"] == "in the year 2 of the plan 14 offences named TikTok."
    assert line["extract_id"] == "dorset/test-1/letter#line-2.14-offences-named-tiktok"
    assert line["as_ingested"]
    (raw.places.raw / "dorset" / "test-1" / "letter.txt").write_text(SENTENCE.replace("14", "15"))
    (line,) = trace(raw.places, found["figure"]["id"])["lines"]
    assert not line["as_ingested"]


@pytest.mark.parametrize(("words", "line"), [("15 offences", 2), ("2 of the plan 14 offences", 2), ("14 offences", 1)])
def test_a_quote_that_does_not_stand_there_or_has_two_numbers_is_refused(raw: Raw, words: str, line: int) -> None:
    quote(raw, words, line)
    (refusal,) = raw.build().refusals
    assert f"letter.txt:{line}" in refusal.reason
