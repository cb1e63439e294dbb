"""The label tables held against a second entry: the words that a label must have for its code.

A row whose code contradicts its words is found. The words are in words_of_codes.csv, by code and apart from the tables,
so that a slip in a table is not copied. A platform that is not in it must be named; any other code needs its words.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from pipeline.normalisation.ages import age_labels
from pipeline.normalisation.canonical import canonical, squeezed
from pipeline.normalisation.labels import LabelRow, LabelTable
from pipeline.normalisation.offences import offence_labels
from pipeline.normalisation.outcomes import outcome_group, outcome_labels
from pipeline.normalisation.platforms import platform_labels, platforms
from pipeline.normalisation.reading import UNMAPPED

TABLES: dict[str, Callable[[], LabelTable]] = {
    "platforms": platform_labels,
    "outcomes": outcome_labels,
    "offences": offence_labels,
    "ages": age_labels,
}


@cache
def words_of(name: str) -> dict[str, re.Pattern[str]]:
    with Path(__file__).with_name("words_of_codes.csv").open(encoding="utf-8", newline="") as lines:
        return {row["code"]: re.compile(row["words"]) for row in csv.DictReader(lines) if row["vocabulary"] == name}


def contradicts(name: str, row: LabelRow) -> bool:
    """Return whether the words of a label are not those of its code. What is argued Unmapped is not judged."""
    text = canonical(row.label)
    return not all(_fits(name, text, code) for code in row.code.split("|") if code != UNMAPPED)


def _fits(name: str, text: str, code: str) -> bool:
    words = words_of(name).get(code)
    if name == "platforms" and words is None:
        return squeezed(platforms()[code].name) in squeezed(text)
    if name == "outcomes" and code.isdigit() and "altern" in text:
        return False
    return words is not None and bool(words.search(text))


@pytest.mark.parametrize("name", TABLES)
def test_no_row_contradicts_its_words(name: str) -> None:
    assert [(row.label, row.code) for row in TABLES[name]().rows if contradicts(name, row)] == []


@pytest.mark.parametrize("name", TABLES)
def test_every_code_with_words_here_has_a_label(name: str) -> None:
    assert set(words_of(name)) <= {code for row in TABLES[name]().rows for code in row.code.split("|")}


NEIGHBOURS = {
    ("facebook|facebook-messenger", "facebook"),
    ("facebook|facebook-messenger", "facebook-messenger"),
    ("group:charged-summonsed", "1"),
}
"""Pairs of the right code and a wrong one that the words of some label do not tell apart, beside a type's group."""


@pytest.mark.parametrize("name", TABLES)
def test_every_seeded_wrong_mapping_is_found(name: str) -> None:
    rows = {(row.label, row.code): row for row in TABLES[name]().rows if row.code != UNMAPPED}.values()
    codes = sorted({code for row in rows for code in row.code.split("|")})
    missed = {
        (row.code, code)
        for row in rows
        for code in codes
        if code != row.code and not contradicts(name, replace(row, code=code)) and outcome_group(row.code) != code
    }
    assert missed <= NEIGHBOURS
