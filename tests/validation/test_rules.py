"""One bad row of every rule: a rejecting rule keeps it out and whole, any other keeps it in, coded and listed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb
import pytest

from pipeline.publication.build import Build
from pipeline.publication.checks import verdicts
from pipeline.store.duck import rows
from schemas.rules import BY_NAME, RULES, Rule
from tests.disclosures import Raw, counts_table, records_table
from tests.observed import observed_rows

COLUMNS = {
    "reference": "Ref",
    "period": "Month",
    "offence": "Offence",
    "outcome": "Outcome",
    "platform": "Platform",
    "age": "Age",
}
HEADER = "Ref,Month,Offence,Outcome,Platform,Age\n"
BAD_RECORD, BAD_LINE = 2, 4  # after a good record and a blank line


@dataclass(frozen=True)
class BadRow:
    """A row that breaks one rule: what the gate says of its value, and what the observation then has."""

    line: str
    value: str
    coded: tuple[str, Any] | None = None


CASES: dict[str, BadRow] = {
    "width": BadRow("B,Jan-21,Stalking,Charged,TikTok", "5 fields"),
    "quote": BadRow('B,Jan-21,Stalking,Charged,Tik"Tok,15', "a quote that neither opens nor closes a field"),
    "period": BadRow("B,TBC,Stalking,Charged,TikTok,15", "TBC"),
    "period_covered": BadRow("B,Dec-19,Stalking,Charged,TikTok,15", "Dec-19", ("period", "2019-12-01/2020-01-01")),
    "platform": BadRow("B,Jan-21,Stalking,Charged,TikTok?,15", "TikTok?", ("platforms", ["Unmapped"])),
    "offence": BadRow("B,Jan-21,Zorking,Charged,TikTok,15", "Zorking", ("offence", "Unmapped")),
    "outcome": BadRow("B,Jan-21,Stalking,Zorked,TikTok,15", "Zorked", ("outcome", "Unmapped")),
    "age": BadRow("B,Jan-21,Stalking,Charged,TikTok,-1", "-1", ("age", "Invalid")),
    "reference_repeated": BadRow("A,Jan-21,Stalking,Charged,TikTok,15", "A", ("reference", "A")),
}


def build_of(raw: Raw, bad: str) -> Build:
    content = f"{HEADER}A,Jan-20,Stalking,Charged,TikTok,15\n\n{bad}\nC,Feb-20,Blackmail,NFA,Facebook,16-17\n"
    raw.add([records_table(COLUMNS)], {"records.csv": content})
    build = raw.build()
    assert build.refusals == ()
    return build


def listed(build: Build, layer: str) -> list[dict[str, Any]]:
    return rows(duckdb.sql(f"from '{getattr(build.accepted[0], layer)}'"))


OF_COUNTS = {"labels_repeated"}


def test_every_rule_has_a_case_here() -> None:
    assert {*CASES, *OF_COUNTS} == {rule.name for rule in RULES} == set(BY_NAME)


@pytest.mark.parametrize("rule", [r for r in RULES if r.rejects], ids=lambda rule: rule.name)
def test_a_rejecting_rule_keeps_the_record_whole_and_out(raw: Raw, rule: Rule) -> None:
    case = CASES[rule.name]
    build = build_of(raw, case.line)
    (rejected,) = listed(build, "rejected")
    assert (rejected["record_no"], rejected["line_no"], rejected["lines"]) == (BAD_RECORD, BAD_LINE, 1)
    assert (rejected["rule"], rejected["value"]) == (rule.name, case.value)
    assert rejected["column_name"] == (None if rule.applied_by == "reader" else rule.column)
    assert rejected["expected"]
    whole = [case.line] if rule.name == "quote" else case.line.split(",")
    assert rejected["fields"] == whole
    assert [r["record_no"] for r in listed(build, "accepted")] == [1, 3]
    assert [r["record_no"] for r in observed_rows(build)] == [1, 3]
    assert listed(build, "flagged") == []


@pytest.mark.parametrize("rule", [r for r in RULES if not r.rejects and r.name in CASES], ids=lambda rule: rule.name)
def test_any_other_rule_keeps_the_record_coded_and_listed(raw: Raw, rule: Rule) -> None:
    case = CASES[rule.name]
    build = build_of(raw, case.line)
    assert listed(build, "rejected") == []
    assert [r["record_no"] for r in listed(build, "accepted")] == [1, 2, 3]
    flagged = [r for r in listed(build, "flagged") if r["record_no"] == BAD_RECORD]
    assert flagged == [
        {
            "extract_id": "dorset/test-1/records",
            "record_no": BAD_RECORD,
            "line_no": BAD_LINE,
            "rule": rule.name,
            "column_name": rule.column,
            "value": case.value,
        }
    ]
    assert case.coded is not None
    column, code = case.coded
    observed = observed_rows(build)[1]
    assert (observed["record_no"], observed[column]) == (BAD_RECORD, code)


@pytest.mark.parametrize("rule", ["platform", "offence", "outcome", "age"])
def test_a_label_without_a_code_is_in_the_list_of_labels_with_its_place(raw: Raw, rule: str) -> None:
    case = CASES[rule]
    build = build_of(raw, case.line)
    labels = rows(duckdb.sql(f"from '{build.observations[0].labels}'"))
    bad = [label for label in labels if label["status"] in {"unmapped", "invalid"}]
    assert [(b["dimension"], b["label"], b["n"], b["first_line"]) for b in bad] == [(rule, case.value, 1, BAD_LINE)]
    assert bad[0]["code"] in {"Unmapped", "Invalid"}


def test_a_row_that_breaks_every_other_rule_is_listed_under_each_and_still_counts(raw: Raw) -> None:
    build = build_of(raw, "A,Dec-19,Zorking,Zorked,Zork,-1")
    flagged = {r["rule"] for r in listed(build, "flagged") if r["record_no"] == BAD_RECORD}
    assert flagged == {r.name for r in RULES if not r.rejects} - OF_COUNTS
    assert build.accepted[0].report["validated"] == 3


def test_a_reference_on_two_records_is_listed_at_both_and_blank_ones_at_none(raw: Raw) -> None:
    content = HEADER + "".join(f"{ref},Jan-21,Stalking,Charged,TikTok,15\n" for ref in ("A", "", "A", " ", ""))
    raw.add([records_table(COLUMNS)], {"records.csv": content})
    build = raw.build()
    assert [(r["record_no"], r["value"]) for r in listed(build, "flagged")] == [(1, "A"), (3, "A")]
    assert build.accepted[0].report["validated"] == 5


def test_a_row_of_counts_whose_labels_another_has_too_is_kept_and_listed(raw: Raw) -> None:
    columns = {"period": "Year", "platform": "Site", "count": "N"}
    content = (
        "Year,Site,Area,N\n2022,TikTok,A,41\n2022,TikTok,B,5\n2022,TikTok,A,57\n"
        "2022,Tik Tok,A,1\nTotal,,,104\nTotal,,,104\n"
    )
    table = counts_table(columns, ignored=["Area"], markers={"Total": {"kind": "total"}})
    raw.add([table], {"counts.csv": content})
    build = raw.build()
    flagged = [(r["line_no"], r["rule"], r["column_name"], r["value"]) for r in listed(build, "flagged")]
    again = ("labels_repeated", "(record)", "2022 | TikTok | A")
    assert flagged == [(2, *again), (4, *again)]
    assert len(observed_rows(build)) == 6
    (verdict,) = (v for v in verdicts(build, "rejected_records") if v.check == "values_plausible")
    assert (verdict.passed, verdict.message) == (False, "2 records kept with an implausible value")


@pytest.mark.parametrize("blank", ["", " ", "Unknown", "N/A", "Not recorded"])
def test_what_the_force_does_not_know_breaks_no_rule(raw: Raw, blank: str) -> None:
    build = build_of(raw, f"B,Jan-21,{blank},{blank},{blank},{blank}")
    assert listed(build, "flagged") == []
    observed = observed_rows(build)[1]
    assert (observed["platforms"], observed["offence"], observed["age_kind"]) == (
        ["unknown"],
        "unknown",
        "unknown",
    )


def test_a_record_without_a_period_is_rejected_only_where_the_table_has_one(raw: Raw) -> None:
    columns = {name: header for name, header in COLUMNS.items() if name != "period"}
    raw.add([records_table(columns, ignored=["Month"])], {"records.csv": HEADER + "A,,x,x,x,x\n"})
    assert listed(raw.build(), "rejected") == []


def test_the_same_bad_value_on_many_lines_is_rejected_on_each(raw: Raw) -> None:
    content = HEADER + "".join(f"{n},TBC,Stalking,Charged,TikTok,15\n" for n in range(1, 6))
    raw.add([records_table(COLUMNS)], {"records.csv": content})
    found = listed(raw.build(), "rejected")
    assert [(r["record_no"], r["line_no"]) for r in found] == [(n, n + 1) for n in range(1, 6)]


def test_a_bad_row_over_several_lines_is_rejected_with_all_of_them(raw: Raw) -> None:
    build = build_of(raw, 'B,TBC,"Stalking\n(course of\nconduct)",Charged,TikTok,15')
    (rejected,) = listed(build, "rejected")
    assert (rejected["line_no"], rejected["lines"], rejected["fields"][2]) == (4, 3, "Stalking\n(course of\nconduct)")
    assert observed_rows(build)[-1]["line_no"] == 7
