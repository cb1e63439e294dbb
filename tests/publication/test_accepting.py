"""Accepting a label: what is refused, what it would change, and what is written."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.intake.problem import Refused
from pipeline.publication.accepting import ACCEPTING, Decision, check, vocabulary_of, with_line, write
from pipeline.publication.build import Build
from pipeline.publication.effect import effect
from pipeline.store.digests import ROOT
from pipeline.store.duck import memory, parquet
from pipeline.store.lock import Busy, refresh_lock
from pipeline.store.reference import PACKAGED
from tests.disclosures import Raw, records_table

FACBOOK = Decision("platforms", "Facbook", "facebook", "a letter", "somebody, 2026-11-23", "", {})
TABLES = ["platform_labels.csv", "outcome_labels.csv", "offence_labels.csv", "age_labels.csv"]


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of reference tables of one's own, empty, so that nothing is written into the project's."""
    folder = tmp_path / "own"
    folder.mkdir()
    monkeypatch.setenv("FOI_REFERENCE", str(folder))
    return folder


def packaged(name: str) -> str:
    return (PACKAGED / name).read_bytes().decode()


def decision(**changes: Any) -> Decision:
    return replace(FACBOOK, **changes)


@pytest.mark.parametrize("vocabulary", ACCEPTING)
def test_a_good_decision_of_each_vocabulary_passes(vocabulary: str) -> None:
    label, code, more = {
        "platforms": ("Facbook + Insta pages", "facebook|instagram", {}),
        "outcomes": ("See OEL", "status:under-investigation", {"arrest": "no"}),
        "offences": ("EX-LOC 14", "local:harassment", {"presumed_class": "8L"}),
        "ages": ("oldish", "65+", {}),
    }[vocabulary]
    check(decision(vocabulary=vocabulary, label=label, code=code, more=more))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"code": "facbook"}, "the code 'facbook'"),
        ({"code": "facebook|nothing"}, "the code 'facebook|nothing'"),
        ({"vocabulary": "outcomes", "code": "23"}, "the code '23'"),
        ({"vocabulary": "offences", "code": "999/99"}, "the code '999/99'"),
        ({"vocabulary": "offences", "code": "8L", "more": {"presumed_class": "9Z"}}, "the code '9Z'"),
        ({"vocabulary": "ages", "code": "young"}, "the code 'young'"),
        ({"vocabulary": "ages", "code": "15-12"}, "which would be Invalid"),
        ({"source": " "}, "no source"),
        ({"label": " "}, "no label"),
        ({"source": "/tmp/letter.txt"}, "what others can open"),
        ({"source": "a\nb"}, "a line break in source"),
        ({"label": "Face\nbook"}, "a line break in label"),
        ({"label": "Face\u2028book"}, "a line break in label"),
        ({"code": "unknown"}, "unknown_labels.csv"),
        ({"code": "Unmapped"}, "Unmapped without a note"),
        ({"more": {"arrest": "yes"}}, "arrest for platforms"),
        ({"label": "Tik tok", "code": "facebook"}, "'Tik tok', which is tiktok already"),
        ({"label": "TIK-TOK.", "code": "facebook"}, "which is tiktok already"),
        ({"label": "Facebook"}, "which is facebook already"),
        ({"label": "TikTok & FB"}, "which is tiktok|facebook already"),
        ({"vocabulary": "outcomes", "label": "OC15", "code": "16"}, "which is 15 already"),
        ({"vocabulary": "outcomes", "label": "99", "code": "16"}, "keep one"),
        ({"vocabulary": "outcomes", "label": "N/A", "code": "16"}, "which is unknown already"),
    ],
)
def test_what_cannot_become_a_row_is_refused_in_words(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused) as refused:
        check(decision(**changes))
    assert words in str(refused.value) and "expected" in str(refused.value)


def test_a_conflict_and_an_argued_unmapped_may_be_decided() -> None:
    check(decision(vocabulary="outcomes", label="Type 16 - Charged", code="1"))
    check(decision(code="Unmapped", note="may be a misspelling"))


def test_the_vocabulary_follows_from_a_code_that_only_one_has() -> None:
    assert vocabulary_of("tiktok") == "platforms" and vocabulary_of("status:filed") == "outcomes"
    for code in ("16", "nothing"):
        with pytest.raises(Refused, match="say --vocabulary"):
            vocabulary_of(code)


@pytest.mark.parametrize("name", TABLES)
def test_a_row_taken_out_and_written_again_gives_the_same_bytes(name: str) -> None:
    text = packaged(name)
    lines = text.splitlines(keepends=True)
    vocabulary = next(v for v in ACCEPTING if decision(vocabulary=v).file == name)
    for at in [1, 2, len(lines) // 2, len(lines) - 1]:
        row = dict(zip(*csv.reader([lines[0], lines[at]]), strict=True))
        more = {c: row.pop(c) for c in ("arrest", "presumed_class") if c in row}
        less = "".join(lines[:at] + lines[at + 1 :])
        assert with_line(less, Decision(vocabulary, **row, more=more)) == (text, lines[at].rstrip("\n"))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_line_has_the_quoting_and_line_end_of_its_table(end: str) -> None:
    head = '"label","code","source","decided","note"'
    text = end.join([head, '"aa","tiktok","s","d",""', '"zz","tiktok","s","d",""']) + end
    changed, line = with_line(text, decision(note='a "b"'))
    assert line == '"Facbook","facebook","a letter","somebody, 2026-11-23","a ""b"""'
    # capital letters are sorted before small ones, as in all reference tables
    assert changed == text.replace(head + end, head + end + line + end)


def test_a_table_out_of_order_is_refused() -> None:
    text = "label,code,source,decided,note\nb,tiktok,s,d,\na,tiktok,s,d,\n"
    with pytest.raises(Refused, match="sort the table"):
        with_line(text, FACBOOK)


def test_writing_adds_one_line_to_ones_own_table_and_leaves_the_projects(raw: Raw, own: Path) -> None:
    before = packaged("platform_labels.csv")
    target, line = write(raw.places, FACBOOK)
    assert target == own / "platform_labels.csv" and packaged("platform_labels.csv") == before
    lines = target.read_bytes().decode().splitlines(keepends=True)
    assert line == 'Facbook,facebook,a letter,"somebody, 2026-11-23",'
    lines.remove(line + "\n")
    assert "".join(lines) == before
    write(raw.places, decision(label="Facboook"))
    assert len(target.read_text().splitlines()) == len(before.splitlines()) + 2


def test_nothing_is_written_while_a_refresh_is_at_work(raw: Raw, own: Path) -> None:
    holder = (
        "import sys, fcntl; f = open(sys.argv[1], 'a+'); fcntl.flock(f, fcntl.LOCK_EX); print(1, flush=True); input()"
    )
    raw.places.warehouse.mkdir()
    arguments = [sys.executable, "-c", holder, str(raw.places.lock)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline()
        with pytest.raises(Busy):
            write(raw.places, FACBOOK)
        process.communicate(b"\n")
    assert not list(own.iterdir())
    with refresh_lock(raw.places.lock):
        write(raw.places, FACBOOK)


MONTHS = "Month,Platform\n"


def add_records(raw: Raw, lines: str, reference: str) -> None:
    table = records_table({"period": "Month", "platform": "Platform"})
    raw.add([table], {"records.csv": MONTHS + lines}, reference=reference)


def values(build: Build) -> dict[tuple[str, str], Any]:
    found = {}
    with memory() as db:
        for name, file in build.all_figures().items():
            query = f"select id, value::double, value_min::double, value_max::double, reason from {parquet(file.path)}"
            for row in db.execute(query).fetchall():
                found[(name, row[0])] = dict(zip(("value", "value_min", "value_max", "reason"), row[1:], strict=True))
    return found


BUILT = """
import json, sys
from pipeline.store.places import Places
from pipeline.publication.build import Build
from tests.publication.test_accepting import values
print(json.dumps([[*key, value] for key, value in values(Build.of(Places.of(sys.argv[1], sys.argv[2]))).items()]))
"""


def built_by(tables: Path, raw: Raw, warehouse: Path) -> dict[tuple[str, str], Any]:
    """Return all figures as a process of its own builds them by a folder of tables."""
    import json

    arguments = [sys.executable, "-c", BUILT, str(raw.places.raw), str(warehouse)]
    env = os.environ | {"FOI_REFERENCE": str(tables), "PYTHONPATH": str(ROOT)}
    run = subprocess.run(arguments, env=env, cwd=ROOT, capture_output=True, check=True, text=True)
    return {(table, figure): value for table, figure, value in json.loads(run.stdout)}


def test_the_effect_is_what_a_build_with_the_row_gives(raw: Raw, own: Path, tmp_path: Path) -> None:
    add_records(raw, "Jan-20,TikTok\nJan-20,Facbook\nFeb-20,Facbook & TikTok\n", "TEST/1")
    add_records(raw, "Jan-20,TikTok\n", "TEST/2")
    build = raw.build()
    before = values(build)
    stored = sorted(p for p in raw.places.warehouse.rglob("*"))
    found = effect(raw.places, FACBOOK)
    assert sorted(p for p in raw.places.warehouse.rglob("*")) == stored and not list(own.iterdir())
    assert [(e["label"], e["n"], e["before"], e["after"]) for e in found.labels] == [
        ("Facbook", 1, "Unmapped", "facebook"),
        ("Facbook & TikTok", 1, "Unmapped", "facebook; tiktok"),
    ]
    write(raw.places, FACBOOK)
    after = built_by(own, raw, tmp_path / "anew")
    differ = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    told = {(f["figure_table"], f["id"]): f for f in found.figures}
    assert set(told) == differ and differ
    for key, figure in told.items():
        assert (figure["before"], figure["after"]) == (before.get(key), after.get(key))
    assert not [figure for _, figure in told if "test-2" in figure]


def test_a_build_is_not_needed_before_and_a_row_that_nothing_has_changes_nothing(raw: Raw, own: Path) -> None:
    add_records(raw, "Jan-20,TikTok\n", "TEST/1")
    found = effect(raw.places, FACBOOK)
    assert (found.figures, found.labels) == ((), ())
    assert not raw.places.warehouse.exists()


def test_a_row_that_would_take_another_label_with_it_is_refused(raw: Raw, own: Path) -> None:
    # the two are the same without blanks, and only one of them is read as a list
    add_records(raw, "Jan-20,TikTok and Snapchat\n", "TEST/1")
    taking = decision(vocabulary="platforms", label="TikTokandSnapchat", code="roblox")
    check(taking)
    with pytest.raises(Refused, match="'TikTok and Snapchat', which is tiktok; snapchat and would be roblox"):
        effect(raw.places, taking)
