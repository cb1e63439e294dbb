"""The verbs that ask: trace, why and search, as a person and as a script use them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import subprocess
import sys
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pipeline.cli import main
from pipeline.desk.terminal.asking import LINE_COLUMNS
from pipeline.publication.build import Build
from pipeline.store.digests import ROOT

DORSET = "platform_year/dorset/01-fin-24-2153/q1/mentions/unstated/tax/tiktok/2023-24"
CHANGE = f"year_change/{DORSET}"
HERTFORDSHIRE = "crimes_year/hertfordshire/hospital-2019-2024/records/crimes/unstated/financial/2019-20"
LINE = "dorset/01-fin-24-2153/q1_offences_by_period.csv:4"


def foi(build: Build, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--warehouse", str(build.places.warehouse)])


def document(result: Result) -> Any:
    """Return the one JSON document on standard output; there must be nothing else."""
    return json.loads(result.stdout)


def words(result: Result) -> str:
    """Return what is shown, whatever the width of the terminal."""
    return " ".join(result.stdout.split())


def test_trace_shows_at_first_fifty_lines_and_how_many_there_are(shipped: Build) -> None:
    result = foi(shipped, "trace", HERTFORDSHIRE)
    assert result.stdout.count("\n  line ") == 50
    assert "50 of 883 lines shown (--all)" in result.stdout
    assert foi(shipped, "trace", HERTFORDSHIRE, "--all").stdout.count("\n  line ") == 883


def test_trace_shows_rules_formula_checks_and_release(shipped: Build) -> None:
    shown = words(foi(shipped, "trace", DORSET))
    assert "by reference row, seen in https://" in shown and "by structure: range" in shown
    assert "release 1 of " in shown and "checks found nothing in what this figure is of" in shown
    shown = words(foi(shipped, "trace", CHANGE))
    assert "no value: base below 20" in shown
    assert "= 100 x (later - earlier) / earlier = 100 x (16 - 16) / 16" in shown


@pytest.mark.parametrize("every", [[], ["--all"]])
@pytest.mark.parametrize("form", [["--json"], ["--format", "json"]])
def test_trace_as_json_is_one_document_with_its_lines_last(shipped: Build, every: list[str], form: list[str]) -> None:
    found = document(foi(shipped, "trace", HERTFORDSHIRE, *every, *form))
    assert list(found)[-1] == "lines"
    assert len(found["lines"]) == (883 if every else 50)
    assert {"figure", "definition", "labels", "caveats", "formula", "sql", "checks", "parents"} <= set(found)
    keys = {"extract_id", "file", "sha256", "record_no", "line_no", "text", "ingested_text", "as_ingested"}
    assert keys <= set(found["lines"][0])
    assert found["sql"] == document(foi(shipped, "trace", HERTFORDSHIRE, "--sql", "--json"))["sql"]


def test_trace_as_json_of_a_figure_without_lines(shipped: Build) -> None:
    found = document(foi(shipped, "trace", "coverage/dorset/tiktok-outcomes-2023-24/01-fin-24-2153", "--json"))
    assert (found["lines"], found["why_no_lines"]) == ([], "it counts extracts, not lines")


def test_trace_as_csv_has_a_line_in_each_row_as_the_file_has_it(shipped: Build) -> None:
    result = foi(shipped, "trace", HERTFORDSHIRE, "--all", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert (len(rows), tuple(rows[0]), result.stderr) == (883, LINE_COLUMNS, "")
    file = shipped.places.raw / rows[0]["file"]
    assert rows[0]["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    physical = file.read_text("utf-8-sig").splitlines()
    assert all(physical[int(row["line_no"]) - 1] == row["text"] for row in rows)
    first = foi(shipped, "trace", HERTFORDSHIRE, "--format", "csv")
    assert len(first.stdout.splitlines()) == 51 and "50 of 883 lines; --all writes all" in first.stderr


def test_trace_gives_its_sql_alone(shipped: Build) -> None:
    query = foi(shipped, "trace", DORSET, "--sql").stdout
    assert query.startswith(f"-- {DORSET}\n") and "\ncovered as (" in query and "'tiktok', '2023-24')" in query
    assert document(foi(shipped, "trace", DORSET, "--sql", "--json")) == {"sql": query.rstrip("\n")}


def test_why_shows_class_cells_figures_and_what_stands_on_them(shipped: Build) -> None:
    shown = words(foi(shipped, "why", LINE))
    assert "counted: counted in 1 figure" in shown and f"in {DORSET} = 16 mentions" in shown
    assert "column 2 'Count' '16': counted" in shown and f"on these stands {CHANGE} = –" in shown
    assert "printed as printed/dorset/01-fin-24-2153/q1-offences-by-period/3/2 = 16 crimes" in shown
    total = words(foi(shipped, "why", LINE.replace(":4", ":5")))
    assert "set aside (total)" in total and "46 printed, sum 46: agrees" in total
    rejected = words(foi(shipped, "why", "raw/exampleshire/ex-foi-24-000001/complaints.csv:78"))
    assert "rejected by width: found 4 fields, expected 6 fields" in rejected


def test_why_as_json_and_trace_lead_to_each_other(shipped: Build) -> None:
    (answer,) = document(foi(shipped, "why", LINE, "--json"))["answers"]
    (figure,) = answer["figures"]
    (line,) = document(foi(shipped, "trace", figure["id"], "--json"))["lines"]
    assert f"{line['file']}:{line['line_no']}" == LINE
    assert {k: line[k] for k in ("extract_id", "sha256", "record_no", "text", "as_ingested")} == {
        k: answer[k] for k in ("extract_id", "sha256", "record_no", "text", "as_ingested")
    }


def test_search_lists_kind_by_kind(shipped: Build) -> None:
    result = foi(shipped, "search", "tiktok", "dorset", "--limit", "2")
    assert result.exit_code == 0
    shown = words(result)
    assert "… 2 of 18 figures (--limit)" in shown and "Tik Tok Related Offences" in shown
    found = document(foi(shipped, "search", "tiktok dorset", "--json"))
    assert {"figures", "labels", "disclosures"} <= set(found)
    assert (found["totals"]["figures"], len(found["figures"])) == (18, 10)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["why", "nothing.csv:3"], "near to it"),
        (["why", "nothing.csv"], "expected FILE:LINE"),
        (["trace", DORSET.replace("tiktok", "tictoc")], "near to it"),
    ],
)
def test_what_is_not_there_exits_1_with_what_to_do(shipped: Build, arguments: list[str], said: str) -> None:
    result = foi(shipped, *arguments)
    assert (result.exit_code, result.stdout) == (1, "") and said in result.stderr
    as_json = foi(shipped, *arguments, "--json")
    assert as_json.exit_code == 1 and said in document(as_json)["error"]


def test_a_search_that_finds_nothing_exits_1_and_one_without_words_2(shipped: Build) -> None:
    nothing = foi(shipped, "search", "zzzz tiktok")
    assert nothing.exit_code == 1 and "Nothing has" in nothing.stdout
    as_json = foi(shipped, "search", "zzzz tiktok", "--json")
    assert as_json.exit_code == 1 and document(as_json)["figures"] == []
    empty = foi(shipped, "search", "?!")
    assert empty.exit_code == 2 and "expected words to look for" in empty.output


@pytest.mark.parametrize(
    "verb",
    [
        ["why", LINE],
        ["search", "tiktok"],
        ["trace", CHANGE, "--all", "--format", "csv"],
        ["trace", HERTFORDSHIRE, "--all", "--json"],
    ],
)
def test_they_never_import_dagster_pandas_pandera_or_the_manifest_model(shipped: Build, verb: list[str]) -> None:
    code = (
        "import sys\nfrom pipeline.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit as stop:\n    assert not stop.code, stop.code\n"
        "loaded = {'dagster', 'pandas', 'pandera', 'pydantic', 'pyarrow'} & set(sys.modules)\nassert not loaded, loaded"
    )
    command = [sys.executable, "-c", code, *verb, "--warehouse", str(shipped.places.warehouse)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
