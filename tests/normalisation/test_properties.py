"""What holds for every vocabulary: nothing that is not in the label or its tables decides what it means."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.normalisation import ages, labels, offence_list, offence_names, offences, outcomes, platforms
from pipeline.normalisation.ages import age_labels, read_age
from pipeline.normalisation.canonical import canonical, squeezed, words
from pipeline.normalisation.labels import LabelRow, LabelTable, unknown_labels, unknown_rule
from pipeline.normalisation.offences import offence_labels, read_offence
from pipeline.normalisation.outcomes import outcome_labels, read_outcome
from pipeline.normalisation.periods import read_period
from pipeline.normalisation.platforms import platform_labels, read_platform
from pipeline.normalisation.reading import UNMAPPED

READERS: dict[str, Callable[..., Any]] = {
    "platforms": read_platform,
    "outcomes": read_outcome,
    "offences": read_offence,
    "ages": read_age,
}
TABLES: dict[str, Callable[[], LabelTable]] = {
    "platforms": platform_labels,
    "outcomes": outcome_labels,
    "offences": offence_labels,
    "ages": age_labels,
}
LOOSE = {"platforms": squeezed, "outcomes": words, "offences": words, "ages": words}
WRITTEN = {
    "platforms": ["TikTok, Snapchat", "Facebook & X; Her", "TikTok and Foo", "Twitter/X or Yubo", "-"],
    "outcomes": ["Type 16 - Named suspect", "16: foo", "OC15", "Type 1 - Not charged", "1a", "N1001"],
    "offences": ["8L - Harassment", "(8L) Stalking", "008/72", "8/72", "08L", "5 - Theft", "Robbery"],
    "ages": ["12-15", "15-Dec", "under 12s", "60+", "<1", "#VALUE!", "-1", "unknown"],
}
PERIODS = ["2021/22", "Mar-20", "01/03/2020", "Q1 2024/25", "2015*", "1 Jan-31 Dec 2014", "31/02/2020", "2019"]
MADE = st.text(alphabet="TikOKtype 168La-:/&,.()'\u00a0\u2013Unknow", max_size=16).filter(
    lambda text: any(character.isalnum() for character in text)
)


def labels_of(name: str) -> list[str]:
    return [row.label for row in TABLES[name]().rows] + WRITTEN[name]


def readings(name: str, table: LabelTable | None = None) -> list[Any]:
    return [READERS[name](label, table) for label in labels_of(name)]


@pytest.mark.parametrize("name", READERS)
def test_a_label_in_canonical_form_means_what_the_label_means(name: str) -> None:
    for label in labels_of(name):
        assert replace(READERS[name](canonical(label)), label=label) == READERS[name](label)


@pytest.mark.parametrize("name", READERS)
@given(label=MADE)
def test_any_text_in_canonical_form_means_what_the_text_means(name: str, label: str) -> None:
    assert replace(READERS[name](canonical(label)), label=label) == READERS[name](label)


@given(st.one_of(MADE, st.sampled_from(PERIODS)), st.sampled_from([None, "calendar", "financial", "tax", "month"]))
def test_a_period_in_canonical_form_is_the_same_period(label: str, basis: str | None) -> None:
    assert replace(read_period(canonical(label), basis), label=label) == read_period(label, basis)


@pytest.mark.parametrize("name", ["platforms", "outcomes", "offences"])
def test_the_name_of_what_was_read_says_nothing_else(name: str) -> None:
    for reading in readings(name):
        if reading.status != "mapped":
            continue
        if name == "platforms":
            for code, own in zip(reading.codes, reading.names, strict=True):
                assert read_platform(own).codes in {(code,), (UNMAPPED,)}, (code, own)
        elif name == "outcomes":
            assert reading.level != "type" or read_outcome(reading.name).code == reading.code, reading
        else:
            again = read_offence(reading.name)
            classes = {offence_list.offence_class(reading.code), reading.presumed_class} - {None}
            assert again.level != "class" or not classes or again.code in classes, (reading, again)


@pytest.mark.parametrize("name", READERS)
@given(seed=st.randoms(use_true_random=False))
def test_the_order_of_rows_decides_nothing(name: str, seed: random.Random) -> None:
    rows = list(TABLES[name]().rows)
    seed.shuffle(rows)
    table = LabelTable(rows, loose=LOOSE[name])
    for label in seed.sample(labels_of(name), 20):
        assert READERS[name](label, table) == READERS[name](label)


def test_the_order_of_lines_in_the_other_tables_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def by_label() -> dict[str, dict[str, Any]]:
        return {name: {reading.label: reading for reading in readings(name)} for name in READERS}

    before = by_label()
    read_table, caches = labels.read_table, _caches()
    for module in (labels, outcomes, offence_list, offence_names, platforms):
        monkeypatch.setattr(module, "read_table", lambda file: read_table(file)[::-1])
    try:
        for cached in caches:
            cached.cache_clear()
        assert by_label() == before
    finally:
        for cached in caches:
            cached.cache_clear()


def _caches() -> list[Any]:
    modules = (labels, outcomes, offence_list, offence_names, offences, platforms, ages)
    return [each for module in modules for each in vars(module).values() if hasattr(each, "cache_clear")]


def test_threads_decide_nothing() -> None:
    expected = {name: readings(name) for name in READERS}
    for cached in _caches():
        cached.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        several = [(name, pool.submit(readings, name)) for _ in range(4) for name in READERS]
        assert all(future.result() == expected[name] for name, future in several)


_ALL = """
import hashlib, locale
try:
    locale.setlocale(locale.LC_ALL, "")
except locale.Error:
    pass
from tests.normalisation.test_properties import digest
print(digest())
"""


def digest() -> str:
    """Return one digest of every reading of every vocabulary."""
    said = [repr(reading) for name in READERS for reading in readings(name)]
    said += [repr(read_period(label, basis)) for label in PERIODS for basis in (None, "calendar", "month")]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


@pytest.mark.parametrize(
    "own",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONHASHSEED": "1"},
        {"LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "2"},
        {"LC_ALL": "de_DE.ISO-8859-1", "TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "3"},
    ],
    ids=lambda own: own["LC_ALL"],
)
def test_locale_time_zone_and_hash_seed_decide_nothing(own: dict[str, str]) -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", _ALL], cwd=root, env=os.environ | own, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == digest()


COMPOUNDS = ["TikTok", "Snapchat", "Foo", "Bar", "Messenger", "X", "Type 16", "8L", "12", "named suspect", "theft"]


@given(data=st.data(), name=st.sampled_from(sorted(READERS)))
def test_a_row_for_a_label_that_was_not_read_changes_no_label_that_was(data: st.DataObject, name: str) -> None:
    read, table = READERS[name], TABLES[name]()
    marks = st.sampled_from([", ", "; ", " and ", " - ", " ", "/", " (", "+", "\n"])
    parts = st.lists(st.sampled_from(COMPOUNDS), min_size=1, max_size=3)
    fresh, other = ("".join(p + data.draw(marks) for p in data.draw(parts)).strip() for _ in range(2))
    if read(fresh).status != "unmapped" or table.find(fresh):
        return
    code = {"platforms": "roblox", "outcomes": "16", "offences": "8Q", "ages": "18+"}[name]
    more = {"outcomes": {"arrest": "unknown"}, "offences": {"presumed_class": ""}}.get(name, {})
    wider = table.with_row(LabelRow(fresh, code, "s", "d", "", more))
    before = read(other)
    same_label = canonical(other) == canonical(fresh)
    # platforms have no structure but the list: what differs in blanks and hyphens alone is one name
    same_label |= name == "platforms" and LOOSE[name](other) == LOOSE[name](fresh)
    assert same_label or before.status in {"unmapped", "conflict"} or read(other, wider) == before


@pytest.mark.parametrize(
    ("name", "row", "code", "label"),
    [
        ("ages", "12 15 years", "12", "12-15 years"),
        ("ages", "16 17", "Unmapped", "16-17"),
        ("outcomes", "16 no suspect", "18", "16: victim does not support"),
        ("offences", "8l harass", "local:harassment", "8L: Harass"),
        ("offences", "8 72", "local:harassment", "8/72"),
    ],
)
def test_a_row_whose_words_are_those_of_a_structure_takes_no_label_from_it(
    name: str, row: str, code: str, label: str
) -> None:
    table = TABLES[name]()
    more = table.rows[0].more
    before = READERS[name](label, table)
    after = READERS[name](label, table.with_row(LabelRow(row, code, "s", "d", "", dict.fromkeys(more, ""))))
    assert after == before


def test_no_word_for_unknown_is_also_a_label_of_something() -> None:
    for row in unknown_labels().rows:
        for name in READERS:
            found = TABLES[name]().find(row.label)
            assert found is None or found.code == "unknown" or found.note, (name, row.label, found)


def test_what_says_unknown_in_every_vocabulary() -> None:
    assert {label: unknown_rule(label) for label in ("", " ", "\u00a0", "N/A", "#N/A", "TikTok", "16", ".")} == {
        **dict.fromkeys(("", " ", "\u00a0"), "blank"),
        **dict.fromkeys(("N/A", "#N/A"), "reference row"),
        **dict.fromkeys(("TikTok", "16", "."), None),
    }
    assert unknown_labels() is unknown_labels()
