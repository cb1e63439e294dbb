"""The pages of the reference: every code and label is there, and every link within them leads somewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.desk.documents import REFERENCE
from pipeline.desk.markdown import anchor, code, linked, table
from pipeline.desk.reference_pages import reference_pages
from pipeline.normalisation.ages import age_labels
from pipeline.normalisation.labels import LabelTable, unknown_labels
from pipeline.normalisation.offence_list import offences
from pipeline.normalisation.offences import offence_labels, press_categories
from pipeline.normalisation.outcomes import outcome_labels, outcomes
from pipeline.normalisation.platforms import platform_labels, platforms

PAGES = reference_pages()
TABLES: list[tuple[str, Callable[[], LabelTable]]] = [
    ("platforms.md", platform_labels),
    ("outcomes.md", outcome_labels),
    ("offences.md", offence_labels),
    ("offences.md", press_categories),
    ("ages.md", age_labels),
    ("ages.md", unknown_labels),
]


def test_every_platform_outcome_and_offence_class_is_on_its_page() -> None:
    for platform in platforms().values():
        assert f"| {code(platform.code)} | {platform.name} |" in PAGES["platforms.md"]
    for outcome in outcomes().values():
        assert f"\n### {outcome.code} {outcome.name}\n" in PAGES["outcomes.md"]
    for offence in offences().values():
        if offence.level == "class":
            assert re.search(rf"^\| (\[{offence.code}\]\(#.*\)|{offence.code}) \|", PAGES["offences.md"], re.MULTILINE)


@pytest.mark.parametrize(("page", "labels"), TABLES, ids=[t.__name__ for _, t in TABLES])
def test_every_label_stands_with_the_number_of_each_place_where_it_was_seen(
    page: str, labels: Callable[[], LabelTable]
) -> None:
    places = dict(re.findall(r"^(\d+)\. (.*)$", PAGES[page], re.MULTILINE))
    for row in labels().rows:
        label = code(row.label).replace("|", "\\|")
        found = re.findall(rf"{re.escape(label)} \[([\d, ]+)\]", PAGES[page].replace("&lt;", "<"))
        seen = {places[number] for numbers in found for number in numbers.split(", ")}
        assert linked(row.source) in seen, row


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_heading_or_to_a_file(page: str) -> None:
    headings = {anchor(heading) for heading in re.findall(r"^#+ (.*)$", PAGES[page], re.MULTILINE)}
    for target in re.findall(r"\]\(([^)]+)\)", PAGES[page]):
        if target.startswith("#"):
            assert target[1:] in headings, target
        elif not target.startswith("http"):
            assert (REFERENCE / target).resolve().is_relative_to(Path(__file__).parents[2]), target
            assert (REFERENCE / target).is_file(), target


@pytest.mark.parametrize("page", PAGES)
def test_headings_are_unique_so_that_anchors_are(page: str) -> None:
    headings = [anchor(heading) for heading in re.findall(r"^#+ (.*)$", PAGES[page], re.MULTILINE)]
    assert len(set(headings)) == len(headings)


def test_pieces_of_markdown() -> None:
    assert table(("a", "b"), [("1 |\n2", "<x>")]) == "| a | b |\n| --- | --- |\n| 1 \\| 2 | &lt;x> |"
    assert (code("a"), code("a`b")) == ("`a`", "`` a`b ``")
    assert linked("see https://a.b/c_d. And <e>") == "see [https://a.b/c\\_d](https://a.b/c_d). And &lt;e>"
    assert linked("https://a.b/.../c") == "https://a.b/.../c"
    assert anchor("8L Harassment / x") == "8l-harassment--x"
