"""The ledger: every physical line and every cell of what is shipped, in exactly one class; a gap is noticed."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.figures import sql
from pipeline.figures.catalogue import COUNTED
from pipeline.publication.build import Build
from pipeline.store.duck import rows
from pipeline.validation.gate import Validated
from pipeline.validation.ledger import CELL_CLASSES, LINE_CLASSES, ExtractLedger, ledgers
from tests import exampleshire
from tests.disclosures import Raw, counts_table, records_table


def lines_in(path: Path) -> int:
    """Physical lines by the bytes alone (every shipped file is in an encoding in which that is right)."""
    pieces = re.split(rb"\r\n|\n|\r", path.read_bytes())
    return len(pieces) - (pieces[-1] == b"")


def ledger_of(build: Build, extract_id: str) -> ExtractLedger:
    (found,) = [ledger for ledger in build.ledgers if ledger.extract_id == extract_id]
    return found


def again(validated: Validated, observations: Path) -> ExtractLedger:
    (ledger,) = ledgers([(validated, observations)], sql.feeds(COUNTED))
    return ledger


def test_every_shipped_extract_balances_over_the_lines_its_file_has(shipped: Build) -> None:
    assert [ledger.extract_id for ledger in shipped.ledgers] == [e.extract_id for e in shipped.raw.extracts]
    for extract, ledger in zip(shipped.raw.extracts, shipped.ledgers, strict=True):
        assert ledger.balances, ledger.words
        first, last = extract.line_range or (1, lines_in(extract.path))
        assert ledger.file_lines == last - first + 1, extract.extract_id
        assert last <= lines_in(extract.path)
        assert {kind for kind, _ in ledger.lines} <= set(LINE_CLASSES)
        assert set(ledger.cells) <= set(CELL_CLASSES)


def test_dorset_q1_is_one_header_one_total_and_three_counted_lines(shipped: Build) -> None:
    ledger = ledger_of(shipped, "dorset/01-fin-24-2153/q1-offences-by-period")
    assert ledger.lines == {("set_aside", "header"): 1, ("set_aside", "total"): 1, ("counted", "accepted"): 3}
    assert ledger.cells == {"label": 4, "counted": 3, "total": 1}
    assert ledger.words == (
        "dorset/01-fin-24-2153/q1-offences-by-period: 5 lines = 3 counted, 0 uncounted, 0 rejected, 2 set aside"
    )


def test_dorset_q1a_has_a_column_that_is_ignored(shipped: Build) -> None:
    ledger = ledger_of(shipped, "dorset/01-fin-24-2153/q1a-nature-2023-24")
    assert ledger.lines[("counted", "accepted")] == 5
    assert ledger.cells == {"label": 6, "counted": 5, "total": 1, "ignored": 6}


def test_dorset_2611_has_two_cells_that_say_nothing(shipped: Build) -> None:
    ledger = ledger_of(shipped, "dorset/01-fin-24-2611/q1-arrests-by-offence-year")
    assert ledger.cells["unknown"] == 2
    assert ledger.cells["label"] == 1
    assert sum(ledger.cells.values()) == 11


def test_hertfordshire_counts_every_record(shipped: Build) -> None:
    ledger = ledger_of(shipped, "hertfordshire/hospital-2019-2024/crime-nature-outcome-rows")
    assert ledger.lines == {("set_aside", "header"): 1, ("counted", "accepted"): 4492}
    assert ledger.cells == {}


@pytest.mark.parametrize("file", [exampleshire.COMPLAINTS, exampleshire.NO_REFERENCE])
def test_every_bad_row_of_exampleshire_is_rejected_at_its_line_and_no_other(shipped: Build, file: str) -> None:
    (validated,) = [
        v for v in shipped.accepted if v.extract.disclosure.force == "exampleshire" and v.extract.entry.file == file
    ]
    made = exampleshire.generate()
    found = duckdb.sql(f"select record_no, line_no, rule from '{validated.rejected}' order by 1").fetchall()
    bad = [b for b in made.bad_rows if b.file == file]
    assert found == sorted((b.record_no, b.line_no, b.rule) for b in bad)
    assert validated.source.account["records"] == made.records[file]
    ledger = ledger_of(shipped, validated.extract.extract_id)
    assert {rule: n for (kind, rule), n in ledger.lines.items() if kind == "rejected"} == Counter(b.rule for b in bad)
    assert ledger.lines[("set_aside", "blank")] == 2
    assert ledger.lines_of("counted") + ledger.lines_of("uncounted") == (
        ledger.file_lines - ledger.lines_of("rejected") - 3
    )


CONTENT = 'Title\nMonth,Platform\nJan-20,TikTok\n\nTBC,TikTok\nFeb-20\n"Mar-20","Tik\nTok"\n'


def small(raw: Raw) -> Build:
    raw.add([records_table({"period": "Month", "platform": "Platform"}, header_line=2)], {"records.csv": CONTENT})
    return raw.build()


def test_each_line_has_its_class_and_rule(raw: Raw) -> None:
    (ledger,) = small(raw).ledgers
    assert ledger.lines == {
        ("set_aside", "title"): 1,
        ("set_aside", "header"): 1,
        ("set_aside", "blank"): 1,
        ("rejected", "period"): 1,
        ("rejected", "width"): 1,
        ("counted", "accepted"): 3,
    }
    assert ledger.balances


def test_a_line_that_no_one_accounts_for_is_noticed(raw: Raw) -> None:
    build = small(raw)
    (validated,), (observed,) = build.accepted, build.observations
    assert again(validated, observed.path).balances
    account = validated.source.account
    lost = {**account, "set_aside": account["set_aside"][1:]}
    without_title = replace(validated, source=replace(validated.source, account=lost))
    assert not again(without_title, observed.path).balances
    one_more = {**account, "file_lines": account["file_lines"] + 1}
    longer = replace(validated, source=replace(validated.source, account=one_more))
    assert not again(longer, observed.path).balances


def test_a_line_accounted_for_twice_is_noticed() -> None:
    lines = Counter({("counted", "accepted"): 3, ("set_aside", "header"): 1})
    assert ExtractLedger("a", 4, lines).balances
    assert not ExtractLedger("a", 3, lines).balances
    assert not ExtractLedger("a", 5, lines).balances
    assert not ExtractLedger("a", 4, lines, Counter({"label": 1}), 2).balances


def test_a_record_lost_from_the_verdict_is_noticed(raw: Raw, tmp_path: Path) -> None:
    build = small(raw)
    cut = tmp_path / "cut.parquet"
    duckdb.sql(f"select * from '{build.accepted[0].accepted}' where record_no > 1").write_parquet(str(cut))
    assert not again(replace(build.accepted[0], accepted=cut), build.observations[0].path).balances


def test_a_cell_lost_or_in_two_classes_is_noticed(raw: Raw, tmp_path: Path) -> None:
    raw.add([counts_table({"period": "Year", "count": "N"})], {"counts.csv": "Year,N\n2020,1\n2021,2\n"})
    build = raw.build()
    validated, observations = build.accepted[0], build.observations[0].path
    changes: list[tuple[str, str]] = [
        ("lost", f"select * from '{validated.cells}' where not (record_no = 2 and source_column = 2)"),
        (
            "twice",
            f"from '{validated.cells}' union all select * replace ('total' as cell_class) "
            f"from '{validated.cells}' where record_no = 2 and source_column = 2",
        ),
    ]
    for name, query in changes:
        path = tmp_path / f"{name}.parquet"
        duckdb.sql(query).write_parquet(str(path))
        assert not again(replace(validated, cells=path), observations).balances, name


def test_what_feeds_no_figure_table_is_uncounted_and_what_is_suppressed_or_zero_is_counted(raw: Raw) -> None:
    markers: dict[str, Any] = {"*": {"kind": "suppressed"}, "-": {"kind": "not_held"}}
    content = "Year,N\n2020,0\n2021,*\n2022,-\n2023,\n"
    raw.add([counts_table({"period": "Year", "count": "N"}, markers=markers)], {"counts.csv": content})
    raw.add([counts_table({"other:hospital": "H", "count": "N"})], {"counts.csv": "H,N\nA,1\n"}, reference="TEST/2")
    by_year, by_hospital = raw.build().ledgers
    assert by_year.cells == {"label": 4, "counted": 2, "unknown": 2}
    assert (by_year.lines_of("counted"), by_year.lines_of("uncounted")) == (2, 2)
    assert by_hospital.cells == {"label": 1, "uncounted": 1}
    assert by_hospital.lines[("uncounted", "accepted")] == 1


def test_a_range_accounts_for_its_own_lines_only(raw: Raw) -> None:
    table = counts_table(
        {"period": "Year", "count": "N"}, extracts=[{"file": "counts.csv", "range": "2-4"}], header_line=2
    )
    raw.add([table], {"counts.csv": "Page 1\nYear,N\n2020,1\n\nPage 2\n"})
    (ledger,) = raw.build().ledgers
    assert (ledger.file_lines, ledger.balances) == (3, True)
    assert ledger.lines == {("set_aside", "header"): 1, ("counted", "accepted"): 1, ("set_aside", "blank"): 1}


def test_the_cells_of_each_shipped_counts_extract_are_all_its_fields(shipped: Build) -> None:
    for validated in shipped.accepted:
        if validated.extract.terms.layout != "counts":
            continue
        found = rows(duckdb.sql(f"select record_no, source_column from '{validated.cells}' group by all"))
        assert len(found) == validated.report["validated"] * validated.source.account["width"]
