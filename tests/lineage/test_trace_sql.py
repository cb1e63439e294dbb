"""The SQL of a figure gives it again: DuckDB alone, in the folder of the warehouse, on foi.duckdb."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.figures.catalogue import TABLES
from pipeline.lineage.trace import NotFound, figure_sql, trace
from pipeline.normalisation import outcomes, relation
from pipeline.publication.build import Build
from pipeline.publication.release import publish
from pipeline.store.places import Places
from tests.disclosures import Raw, counts_table, records_table
from tests.figures.seen import Figure, figures

SHOWN = 5
"""Figures of each table that are looked at, besides one for each reason to give none."""

VALUES = ("value", "value_min", "value_max", "n")


def again(places: Places, figure_id: str) -> tuple[Any, ...]:
    """Return the one row that the SQL of a figure gives; the warehouse must be the working folder."""
    with duckdb.connect("foi.duckdb", read_only=True) as db:
        (row,) = db.execute(figure_sql(places, figure_id)).fetchall()
    return tuple(row)


def spread(found: list[Figure]) -> list[Figure]:
    """Return figures spread evenly over the ids of a table, and the first with each kind of reason."""
    by_reason = {(f["reason"] or "")[:12]: f for f in reversed(found)}
    return [*found[:: max(1, len(found) // SHOWN)], *by_reason.values()]


@pytest.mark.parametrize("table", list(TABLES))
def test_the_sql_of_a_figure_gives_it_again(shipped: Build, monkeypatch: pytest.MonkeyPatch, table: str) -> None:
    monkeypatch.chdir(shipped.places.warehouse)
    chosen = spread(figures(shipped, table))
    assert any(f["value"] is not None for f in chosen) or table == "forces_platform_year"
    for figure in chosen:
        row = again(shipped.places, figure["id"])
        assert row[:4] == tuple(figure[name] for name in VALUES), figure["id"]
        assert row[4:] in {(), (figure["reason"],)}, figure["id"]


def test_it_runs_in_a_python_that_has_only_duckdb(shipped: Build) -> None:
    figure = next(f for f in figures(shipped, "year_change") if (f["value"] or 0) < 0)
    program = "import sys, duckdb; print(duckdb.connect('foi.duckdb', read_only=True).execute(sys.argv[1]).fetchall())"
    command = [sys.executable, "-I", "-c", program, figure_sql(shipped.places, figure["id"])]
    run = subprocess.run(command, capture_output=True, text=True, cwd=shipped.places.warehouse, check=True)
    expected = tuple(figure[name] for name in VALUES)
    assert run.stdout.strip() == str([(*expected, None)])


def test_a_share_is_made_of_its_parents_and_not_read(raw: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["2020,TikTok"] * 3 + ["2020,Facebook"] * 5
    covers = {"basis": "calendar", "start": "2020-01-01", "end": "2020-12-31"}
    raw.add(
        [records_table({"period": "Year", "platform": "Platform"}, covers=covers)],
        {"records.csv": "\n".join(["Year,Platform", *lines]) + "\n"},
    )
    assert publish(raw.build()).published
    share = "platform_share/platform_year/dorset/test-1/records/mentions/unstated/calendar/tiktok/2020"
    monkeypatch.chdir(raw.places.warehouse)
    assert trace(raw.places, share)["figure"]["value"] == 37.5
    assert again(raw.places, share) == (37.5, 37.5, 37.5, 8, None)
    edited = figure_sql(raw.places, share).replace("from platform_year where", "from edited where")
    with duckdb.connect() as db:
        db.execute("attach 'foi.duckdb' as release (read_only)")
        doubled = "select * replace (value * 2 - (platform = 'tiktok')::int as value) from release.platform_year"
        db.execute(f"create table edited as {doubled}")
        db.execute("create view platform_share as from release.platform_share")
        db.execute("create view bucket as from release.bucket")
        # 5 and 10 instead of 3 and 5
        assert db.execute(edited).fetchall() == [(33.3, 33.3, 33.3, 8, None)]


@pytest.mark.parametrize(("earlier", "later", "change"), [(80, 81, 1.3), (80, 79, -1.3), (20, 21, 5.0)])
def test_a_half_is_rounded_away_from_zero_as_the_figure_is(
    raw: Raw, monkeypatch: pytest.MonkeyPatch, earlier: int, later: int, change: float
) -> None:
    text = f"Year,Count\n2020,{earlier}\n2021,{later}\n"
    raw.add([counts_table({"period": "Year", "count": "Count"})], {"counts.csv": text})
    assert publish(raw.build()).published
    monkeypatch.chdir(raw.places.warehouse)
    figure = "year_change/crimes_year/dorset/test-1/q1/crimes/unstated/calendar/2021"
    assert trace(raw.places, figure)["figure"]["value"] == change
    assert again(raw.places, figure) == (change, change, change, 2, None)


def test_intervals_come_again(raw: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    markers = {
        "<5": {"kind": "suppressed", "min": 1, "max": 4},
        "many": {"kind": "suppressed", "min": 100, "max": None},
    }
    text = "Year,Count\n2020,<5\n2021,7\n2022,many\n"
    raw.add([counts_table({"period": "Year", "count": "Count"}, markers=markers)], {"counts.csv": text})
    assert publish(raw.build()).published
    monkeypatch.chdir(raw.places.warehouse)
    own = "crimes_year/dorset/test-1/q1/crimes/unstated/calendar"
    assert again(raw.places, f"{own}/2020") == (None, 1, 4, 1)
    assert again(raw.places, f"{own}/2022") == (None, 100, None, 1)
    assert again(raw.places, "printed/dorset/test-1/counts/1/2") == (None, 1, 4, 1)
    total = again(raw.places, f"period_sum/{own}/2020--2022")
    assert total == (None, 108, None, 3, "a count is not exact")


@pytest.mark.parametrize("at_once", [0, 500])
def test_labels_may_have_any_signs_and_be_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(relation, "MAPPED_AT_ONCE", at_once)
    raw = Raw(Places.of(tmp_path / "o'raw", tmp_path / "the auditor's warehouse"))
    labels = ["TikTok", "What's App", "MSN??", 'a "b" ?', "--", "Tik Tok"]
    lines = [f'2020-0{at % 3 + 1},"{label.replace(chr(34), chr(34) * 2)}"' for at, label in enumerate(labels * 3)]
    raw.add(
        [records_table({"period": "Month", "platform": "Platform"})],
        {"records.csv": "\n".join(["Month,Platform", *lines])},
    )
    assert publish(raw.build()).published
    monkeypatch.chdir(raw.places.warehouse)
    own = "platform_year/dorset/test-1/records/mentions/unstated/calendar"
    for code, n in (("tiktok", 6), ("whatsapp", 3), ("unmapped", 9)):
        assert again(raw.places, f"{own}/{code}/2020") == (n, n, n, n)


def test_a_charge_rate_says_where_reference_tables_were_edited_since(
    shipped: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    figure = next(f for f in figures(shipped, "charge_rate") if f["numerator"])
    assert "edited since the release" not in figure_sql(shipped.places, figure["id"])
    monkeypatch.setattr(outcomes, "outcome_flags", lambda code: frozenset())
    assert "edited since the release" in figure_sql(shipped.places, figure["id"])


def test_what_is_not_there_is_answered_with_near_ones(shipped: Build) -> None:
    with pytest.raises(NotFound, match="near to it: platform_year/"):
        figure_sql(shipped.places, "platform_year/dorset/x")
