"""The same extracts give the same figures, whatever the order, the process or the day; a change changes its own."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipeline.figures.catalogue import COUNTED
from pipeline.publication.build import Build
from pipeline.store.digests import ROOT, digest_of
from tests.disclosures import Raw, counts_table, records_table
from tests.figures.seen import every_figure

COLUMNS = {"period": "Month", "platform": "Platform", "offence": "Offence", "outcome": "Outcome", "age": "Age"}
COVERS = {"basis": "month", "start": "2020-01-01", "end": "2021-12-31"}
SEARCH = {"terms": [{"text": "TikTok", "platform": "TikTok"}]}
CHOICES = (
    ("2020-01", "Apr-20", "2020-05", "2021-02"),
    ("TikTok", "tik tok", "Facebook, TikTok", "Snapchat/Instagram", "", "Zorkbook"),
    ("8L", "8Q", "Harassment", ""),
    ("1", "16", "Under investigation", ""),
    ("13", "40", "", "-1"),
)
PROGRAM = """
import sys
from tests.figures.test_rebuilt import digest
from pipeline.publication.build import Build
from pipeline.store.places import Places
print(digest(Build.of(Places.of(sys.argv[1], sys.argv[2]))))
"""


def some_lines() -> list[str]:
    chance = random.Random(2153)
    return [",".join(f'"{chance.choice(c)}"' for c in CHOICES) for _ in range(60)]


def build_of(folder: Path, lines: list[str]) -> Build:
    raw = Raw.at(folder)
    text = "\n".join([",".join(COLUMNS.values()), *lines]) + "\n"
    tables = [
        records_table(COLUMNS, search=SEARCH, covers=COVERS),
        counts_table({"period": "Year", "count": "Count"}, search=SEARCH),
    ]
    raw.add(tables, {"records.csv": text, "counts.csv": "Year,Count\n2020,30\n2021,41\n"})
    return raw.build()


def said(build: Build) -> dict[str, tuple[Any, ...]]:
    """Return what each figure says, by id."""
    keys = ("value", "value_min", "value_max", "n", "reason", "part", "complete", "numerator", "denominator")
    return {i: tuple(f.get(k) for k in keys) for i, f in every_figure(build).items()}


def digest(build: Build) -> str:
    """Return the digest of everything that all figures say, in order."""
    return digest_of([[i, str(sorted(f.items()))] for i, f in every_figure(build).items()])


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Return the build of 60 records and a small table of counts."""
    return build_of(tmp_path_factory.mktemp("first"), some_lines())


def test_the_order_of_records_changes_no_figure(first: Build, tmp_path: Path) -> None:
    lines = some_lines()
    random.Random(16).shuffle(lines)
    assert lines != some_lines()
    assert said(build_of(tmp_path, lines)) == said(first)


def test_one_more_record_changes_the_figures_of_its_cells_alone(first: Build, tmp_path: Path) -> None:
    before = every_figure(first)
    after = every_figure(build_of(tmp_path, [*some_lines(), '2020-05,"TikTok, Facebook",8L,16,13']))
    keys = ("value", "value_min", "value_max", "n")
    counted = {t.name for t in COUNTED}
    changed = [
        f
        for i, f in after.items()
        if f["figure_table"] in counted and (i not in before or any(f[k] != before[i][k] for k in keys))
    ]
    own = {
        "platform": {"tiktok", "facebook"},
        "offence": {"8L"},
        "outcome": {"16"},
        "age": {"12-15"},
        "year": {"2020", "2020-21"},
        "month": {"2020-05"},
    }
    for f in changed:
        assert all(f[d] in own[d] for d in own if d in f), f["id"]
        assert f["value"] == before.get(f["id"], {"value": 0})["value"] + 1
    per_table = {t.name: sum(f["figure_table"] == t.name for f in changed) for t in COUNTED}
    assert per_table == {
        t.name: (2 if "platform" in t.dimensions else 1) * (1 if t.period_kind == "month" else 2) for t in COUNTED
    }
    assert {i for i, f in before.items() if f["figure_table"] in counted} <= after.keys()


def test_other_tables_are_not_touched_by_one_more_record(first: Build, tmp_path: Path) -> None:
    more = said(build_of(tmp_path, [*some_lines(), "2020-05,TikTok,8L,16,13"]))
    assert {i: v for i, v in more.items() if "/q1/" in i} == {i: v for i, v in said(first).items() if "/q1/" in i}


def test_two_builds_of_the_same_extracts_are_the_same(first: Build, tmp_path: Path) -> None:
    other = build_of(tmp_path, some_lines())
    assert other.inputs.digest == first.inputs.digest
    assert digest(other) == digest(first)


@pytest.mark.parametrize("seed", ["1", "2"])
def test_another_process_with_another_hash_seed_builds_the_same(first: Build, tmp_path: Path, seed: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(first.places.raw), str(tmp_path / "warehouse")],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == digest(first)
