"""Checks at a refresh: a wrong figure or line stops a release, and of much a part is looked at or shown."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipeline.publication import checks, second_count
from pipeline.publication.build import Build
from pipeline.publication.release import publish
from tests.disclosures import Raw, counts_table, records_table

SEARCH = {"terms": [{"text": "TikTok", "platform": "TikTok"}]}


@pytest.fixture
def build(raw: Raw) -> Build:
    """Return a build of records of two platforms and a table of counts."""
    months = [f"2020-{1 + i % 12:02d}" for i in range(60)]
    lines = "".join(
        f'{month},"{("TikTok", "Facebook", "TikTok, Facebook")[i % 3]}"\n' for i, month in enumerate(months)
    )
    raw.add(
        [
            records_table({"period": "Month", "platform": "Platform"}, search=SEARCH),
            counts_table({"period": "Year", "count": "N"}),
        ],
        {"records.csv": "Month,Platform\n" + lines, "counts.csv": "Year,N\n2020,25\n2021,30\n"},
    )
    return raw.build()


def verdict(build: Build, name: str) -> checks.Verdict:
    asset, _ = name.split(".")
    return next(v for v in checks.verdicts(build, asset) if v.name == name)


def rewritten(path: Path, query: str) -> None:
    """Put other rows into a file of the store; `query` reads it as `before`."""
    with duckdb.connect() as db:
        db.execute(f"create table before as from read_parquet('{path}')")
        db.execute(f"copy ({query}) to '{path}' (format parquet)")


def test_the_second_count_agrees_and_says_how_much_it_looked_at(build: Build) -> None:
    same = verdict(build, "recount.same_figures")
    assert same.passed and "sample" not in same.message
    assert same.message.endswith("derived again")
    assert verdict(build, "observations.lines_bear_out").message == "62 records read again"
    assert verdict(build, "recount.invariant").passed


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("crimes_year", "value + 1 as value, value_min + 1 as value_min, value_max + 1 as value_max"),
        ("platform_month", "n + 1 as n"),
        ("period_sum", "value + 1 as value"),
        ("platform_share", "denominator + 1 as denominator"),
        ("printed", "value_max + 1 as value_max"),
    ],
)
def test_a_seeded_wrong_figure_stops_a_release(build: Build, table: str, change: str) -> None:
    rewritten(build.figures(table).path, f"select * replace ({change}) from before")
    outcome = publish(build)
    assert not outcome.published and "recount.same_figures" in outcome.message
    same = next(v for v in outcome.verdicts if v.name == "recount.same_figures")
    assert any(row["difference"].startswith(f"{table}/") for row in same.rows), same.rows


def test_an_observation_in_no_cell_is_seen(build: Build) -> None:
    change = "observations + 1 as observations"
    rewritten(build.figures("crimes_year").path, f"select * replace ({change}) from before")
    invariant = verdict(build, "recount.invariant")
    assert not invariant.passed and invariant.rows[0]["figure_table"] == "crimes_year"


def test_a_label_read_otherwise_than_its_table_says_is_named(build: Build) -> None:
    """The codes of observations are held to the table of labels, which a person can read."""
    _, observations = (o for o in build.observations)
    rewritten(observations.labels, "select * replace ('1999-01-01/2000-01-01' as code) from before")
    found = verdict(build, "observations.lines_bear_out")
    assert not found.passed
    assert any("period is '1999-01-01/2000-01-01'" in row["difference"] for row in found.rows)


def test_a_changed_line_is_named(build: Build) -> None:
    assert build.ledgers  # everything is ingested before the file changes
    path = next(v.extract.path for v in build.accepted if v.extract.terms.layout == "counts")
    path.write_text(path.read_text("utf-8").replace("2020,25", "2020,26"), "utf-8")
    found = verdict(build, "observations.lines_bear_out")
    assert [row["difference"] for row in found.rows] == [
        "dorset/test-1/counts, line 2: printed is '26', ingested '25', count_min is 26, ingested 25, "
        "count_max is 26, ingested 25"
    ]


def test_what_differs_in_records_about_persons_is_counted_and_not_shown(raw: Raw) -> None:
    raw.add(
        [records_table({"period": "Month", "platform": "Platform"}, search=SEARCH, sensitivity="record_personal")],
        {"records.csv": "Month,Platform\n2020-01,TikTok\n2020-02,TikTok\n"},
    )
    build = raw.build()
    assert build.ledgers
    (v,) = build.accepted
    v.extract.path.write_text("Month,Platform\n2020-01,TikTok\n2020-02,Bebo\n", "utf-8")
    found = verdict(build, "observations.lines_bear_out")
    assert not found.passed and "Bebo" not in str(found.rows)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make sixty records more than are counted again as a whole."""
    monkeypatch.setattr(second_count, "BLOCKING", 50)
    monkeypatch.setattr(second_count, "SAMPLED", 50)
    monkeypatch.setattr(second_count, "RUNS", 2)
    monkeypatch.setattr(second_count, "RUN", 5)


def test_of_many_records_a_stated_sample_is_counted_again(few: None, build: Build) -> None:
    again = second_count.figures_again(build)
    assert not again.whole and again.differences == ()
    same = verdict(build, "recount.same_figures")
    assert same.passed and "a sample of" in same.message and "more than 50 records" in same.message
    lines = verdict(build, "observations.lines_bear_out")
    assert lines.passed and "2 runs of 5 records of each extract, of 62 in all" in lines.message


def test_a_wrong_figure_in_the_sample_is_named(few: None, build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_count, "BLOCKING", 61)
    sampled = second_count.figures_again(build).figures["platform_month"]
    wrong = sampled[0]
    rewritten(
        build.figures("platform_month").path,
        f"select * replace (case when id = '{wrong}' then n + 1 else n end as n) from before",
    )
    found = second_count.figures_again(build).differences
    assert any(words.startswith(f"{wrong}: n is") for words in found), found


def test_a_wrong_line_in_the_sample_is_named(few: None, build: Build) -> None:
    assert build.ledgers
    path = next(v.extract.path for v in build.accepted if v.extract.terms.layout == "records")
    path.write_text(path.read_text("utf-8").replace('2020-01,"TikTok"', '2020-01,"Bebo"', 1), "utf-8")
    found = verdict(build, "observations.lines_bear_out")
    assert not found.passed and "is not in tables/label.jsonl" in str(found.rows)


def test_what_is_not_shown_is_counted(raw: Raw) -> None:
    lines = "".join(
        f"Jan-21,Zork{chr(65 + n // 26)}{chr(65 + n % 26)},-{n + 1}\n" * 2 for n in range(checks.SHOWN + 10)
    )
    columns = {"period": "Month", "platform": "Platform", "age": "Age"}
    raw.add([records_table(columns)], {"records.csv": f"Month,Platform,Age\n{lines}"})
    build = raw.build()
    labels = verdict(build, "unmapped_labels.labels_mapped")
    plausible = verdict(build, "rejected_records.values_plausible")
    assert (labels.failed, len(labels.rows)) == (2 * (checks.SHOWN + 10), checks.SHOWN)
    assert (plausible.failed, len(plausible.rows)) == (2 * (checks.SHOWN + 10), checks.SHOWN)
    assert plausible.message == f"{2 * (checks.SHOWN + 10)} records kept with an implausible value"
