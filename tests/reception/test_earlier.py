"""How an answer that arrived stands to those in raw/: asked wherever it does not follow from their dates."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake.manifest import Disclosure
from pipeline.intake.problem import Refused
from pipeline.reception.draft import Question
from pipeline.reception.earlier import Before, declared, to_be_written, vintage_questions

DAYS = st.dates(date(2020, 1, 1), date(2025, 12, 31))
SHA, OTHER = "a" * 64, "b" * 64


def there(reference: str | None = "FOI 70/24", force: str = "dorset", **more: Any) -> Disclosure:
    table = {"id": "q1", "layout": "records", "extracts": [{"file": "data.csv", "sha256": SHA}]}
    said = {"force": force, "reference": reference, "decision": "full", "tables": [table], **more}
    return Disclosure.model_validate({k: v.isoformat() if isinstance(v, date) else v for k, v in said.items()})


def came(reference: str | None = "FOI 70/24", responded: date | None = None, **more: Any) -> dict[str, Any]:
    said = {"force": "dorset", "reference": reference, "decision": "full", **more}
    return said if responded is None else {**said, "responded": responded}


def relation(before: Before, manifest: dict[str, Any], files: dict[str, str] | None = None) -> Question | None:
    asked = {question.key: question for question in vintage_questions(before, manifest, files or {"new.csv": OTHER})}
    return asked.get("relation")


@given(DAYS, DAYS)
def test_the_later_answer_is_never_superseded_by_the_earlier_one(own: date, other: date) -> None:
    before = Before((there(responded=other),))
    question = relation(before, came(responded=own))
    assert question is not None
    for said in ("supersedes foi-70-24", "corrects foi-70-24"):
        if own < other:
            with pytest.raises(Refused, match="expected one of superseded by foi-70-24, neither"):
                declared(before, came(responded=own), {}, {"relation": said})
        else:
            word, _, token = said.partition(" ")
            assert declared(before, came(responded=own), {}, {"relation": said})[word] == token
    assert (question.proposed == "supersedes foi-70-24") is (own > other)


@pytest.mark.parametrize(
    ("other", "own", "proposed"),
    [
        ({}, None, None),
        ({}, date(2025, 1, 1), None),
        ({"responded": date(2024, 1, 1)}, None, None),
        ({"published": date(2024, 1, 1)}, date(2025, 1, 1), "supersedes foi-70-24"),
        # published later, but it may have been given before
        ({"published": date(2025, 1, 1)}, date(2024, 1, 1), None),
    ],
)
def test_nothing_is_proposed_where_the_dates_do_not_say_which_is_later(
    other: dict[str, Any], own: date | None, proposed: str | None
) -> None:
    question = relation(Before((there(**other),)), came(responded=own))
    assert question is not None and question.proposed == proposed


def test_another_force_and_another_request_ask_nothing() -> None:
    before = Before((there(force="kent"), there("FOI 1/24")), "Our answer 2024 and FOI 1/245 say nothing of it.")
    assert vintage_questions(before, came(), {"data.csv": OTHER}) == ()


@pytest.mark.parametrize(
    ("reference", "letter", "asked"),
    [
        ("FOI 1/24", "It replaces\n foi 1/24.", True),
        ("FOI 1/24", "It replaces FOI 1/245.", False),
        ("3048", "It cost 3048 pounds.", False),
        ("FOI 70/24", "Our reference: FOI 70/24", False),
    ],
)
def test_a_letter_names_an_answer_only_by_its_whole_reference(reference: str, letter: str, asked: bool) -> None:
    own = came("FOI 99/25" if reference != "FOI 70/24" else "foi 70/24", our_reference="other")
    before = Before((there(reference),), letter)
    question = relation(before, own)
    assert (question is not None and "named in the letter" in question.words) is asked


def test_an_answer_that_is_replaced_already_is_not_proposed_again() -> None:
    newer = there(our_reference="foi-70-24-june", supersedes="foi-70-24", responded=date(2024, 6, 1))
    before = Before((there(responded=date(2024, 1, 1)), newer))
    question = relation(before, came(responded=date(2025, 1, 1)))
    assert question is not None and question.proposed == "supersedes foi-70-24-june"
    assert "supersedes foi-70-24," not in question.words


def test_a_draft_that_says_how_it_stands_is_not_asked() -> None:
    assert relation(Before((there(),)), came(supersedes="FOI 70/24")) is None


def test_an_older_answer_with_a_reference_of_its_own_is_named_by_it() -> None:
    before = Before((there(responded=date(2025, 1, 1)),), "This adds to FOI 70/24.")
    manifest = came("FOI 9/23", date(2023, 1, 1))
    said = {"relation": "superseded by FOI 70/24"}
    assert declared(before, manifest, {}, said) == manifest
    assert to_be_written(before, manifest, said) == (
        "raw/dorset/foi-70-24/disclosure.yaml: write `supersedes: FOI 9/23` there"
    )


def test_what_is_not_asked_cannot_be_answered() -> None:
    with pytest.raises(Refused, match="an answer to a question that is asked"):
        declared(Before(), came(), {}, {"relation": "neither"})
