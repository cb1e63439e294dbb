"""Figures over forces: only equal questions on equal bases, naming who is in it, who is not and why. Coverage."""

from __future__ import annotations

from typing import Any

from tests.disclosures import Raw, counts_table, records_table
from tests.figures.seen import figures, only, values

QUESTION = "tiktok-2020"
SEARCH = {"terms": [{"text": "TikTok", "platform": "TikTok"}]}


def answer(decision: str = "full", **more: Any) -> dict[str, Any]:
    return {"answers": [{"question": QUESTION, "decision": decision, **more}]}


def gives(raw: Raw, force: str, count: int | str, reference: str = "R/1", **terms: Any) -> None:
    table = counts_table({"period": "Year", "count": "Count"}, **{"search": SEARCH, "question": QUESTION} | terms)
    raw.add([table], {"counts.csv": f"Year,Count\n2020,{count}\n"}, force, reference, **answer())


def gives_nothing(raw: Raw, force: str, decision: str, **more: Any) -> None:
    raw.add([], {}, force, "N/1", decision=decision, holding="none", **answer(decision, **more))


def test_two_forces_asked_the_same_add_up_and_are_named(raw: Raw) -> None:
    gives(raw, "dorset", 16)
    gives(raw, "cleveland", 107)
    figure = only(raw.build(), "forces_platform_year")
    assert (figure["value"], figure["n"], figure["reason"]) == (123, 2, None)
    assert figure["forces"] == ["cleveland: cleveland/r-1", "dorset: dorset/r-1"]
    assert figure["id"] == "forces_platform_year/tiktok-2020/mentions/unstated/calendar/tiktok/2020"


def test_it_names_who_is_missing_and_why(raw: Raw) -> None:
    gives(raw, "dorset", 16)
    gives(raw, "cleveland", 107)
    gives(raw, "kent", 9, date_basis="committed")
    gives_nothing(raw, "essex", "refused", exemptions=["s12(1)"])
    gives_nothing(raw, "surrey", "unanswered")
    gives_nothing(raw, "sussex", "full")
    figure = only(raw.build(), "forces_platform_year", date_basis="unstated")
    assert figure["value"] == 123
    assert sorted(figure["absent"]) == [
        "essex: essex/n-1, refused",
        "kent: kent/r-1, answered on another basis",
        "surrey: surrey/n-1, unanswered",
        "sussex: sussex/n-1, full, figures not held",
    ]


def test_it_carries_the_caveats_of_every_force(raw: Raw) -> None:
    gives(raw, "dorset", 16)
    gives(raw, "cleveland", 107)
    caveats = only(raw.build(), "forces_platform_year")["caveats"]
    assert "#not-comparable" in caveats
    assert len(caveats) == len(set(caveats))
    assert {c.split("/")[0] for c in caveats if c.endswith("#search")} == {"dorset", "cleveland"}


def test_one_force_alone_is_no_figure_over_forces(raw: Raw) -> None:
    gives(raw, "dorset", 16)
    gives_nothing(raw, "essex", "refused")
    figure = only(raw.build(), "forces_platform_year")
    assert (figure["value"], figure["reason"]) == (None, "only dorset answered on this basis")
    assert figure["absent"] == ["essex: essex/n-1, refused"]


def test_two_tables_of_one_force_are_not_added(raw: Raw) -> None:
    gives(raw, "dorset", 16, "R/1")
    gives(raw, "dorset", 18, "R/2")
    gives(raw, "cleveland", 107)
    figure = only(raw.build(), "forces_platform_year")
    assert (figure["value"], figure["reason"]) == (None, "dorset gave more than one table that overlap")


def test_cut_and_inexact_answers_give_no_sum(raw: Raw) -> None:
    gives(raw, "dorset", 16)
    gives(raw, "cleveland", 107, complete="cut")
    assert only(raw.build(), "forces_platform_year")["reason"] == "a table is cut"
    gives(raw, "cleveland", "<5", markers={"<5": {"kind": "suppressed", "min": 1, "max": 4}})
    assert only(raw.build(), "forces_platform_year")["reason"] == "a count is not exact"


def test_a_superseded_answer_is_not_in_it(raw: Raw) -> None:
    gives(raw, "cleveland", 107)
    gives(raw, "dorset", 16, "R/1")
    table = counts_table({"period": "Year", "count": "Count"}, search=SEARCH, question=QUESTION)
    more = {**answer(), "supersedes": "R/1"}
    raw.add([table], {"counts.csv": "Year,Count\n2020,18\n"}, "dorset", "R/2", **more)
    figure = only(raw.build(), "forces_platform_year")
    assert (figure["value"], figure["forces"]) == (
        125,
        ["cleveland: cleveland/r-1", "dorset: dorset/r-2"],
    )


def test_other_questions_are_not_mixed_in(raw: Raw) -> None:
    gives(raw, "dorset", 16)
    table = counts_table({"period": "Year", "count": "Count"}, search=SEARCH, question="other")
    more = {"answers": [{"question": "other", "decision": "full"}]}
    raw.add([table], {"counts.csv": "Year,Count\n2020,107\n"}, "cleveland", "R/1", **more)
    found = values(raw.build(), "forces_platform_year", "question")
    assert found == {"other": None, QUESTION: None}


def test_made_up_forces_are_in_no_figure_over_forces(raw: Raw) -> None:
    gives(raw, "dorset", 16)
    gives(raw, "cleveland", 107)
    gives(raw, "exampleshire", 1000, evidence="synthetic")
    figure = only(raw.build(), "forces_platform_year")
    assert figure["value"] == 123
    assert not any("exampleshire" in words for words in (*figure["forces"], *figure["absent"]))


def test_coverage_says_who_answered_what(raw: Raw) -> None:
    gives(raw, "dorset", 16)
    gives_nothing(raw, "essex", "refused", exemptions=["s12(1)"])
    raw.add([counts_table({"period": "Year", "count": "Count"})], {"counts.csv": "Year,Count\n2020,1\n"}, "kent")
    found = {f["force"]: f for f in figures(raw.build(), "coverage", question=QUESTION)}
    assert {k: (f["decision"], f["value"], f["reason"]) for k, f in found.items()} == {
        "dorset": ("full", 1, None),
        "essex": ("refused", 0, None),
        "kent": (None, None, "no answer to this question is known"),
    }
    assert found["essex"]["exemptions"] == ["s12(1)"]


def test_a_made_up_answer_is_marked_in_the_coverage_too(raw: Raw) -> None:
    table = records_table({"period": "Month"}, evidence="synthetic", question=QUESTION)
    raw.add([table], {"records.csv": "Month\n2020-05\n"}, "exampleshire", **answer())
    figure = only(raw.build(), "coverage")
    assert figure["synthetic"]
    assert figure["id"].startswith("synthetic/")
