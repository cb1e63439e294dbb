"""`foi lineage`: what a column is made from, in words, as JSON, and down to the printed headers."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from click.testing import CliRunner, Result

from pipeline.cli import main
from pipeline.publication.build import Build
from schemas.columns import OBSERVATION


def lineage(*words: str) -> Result:
    return CliRunner().invoke(main, ["lineage", *words])


def told(*words: str) -> dict[str, Any]:
    result = lineage(*words, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_a_column_is_shown_up_to_the_extract_each_opened_once() -> None:
    text = lineage("platform_year.platform").stdout
    lines = text.splitlines()
    assert lines[0].startswith("platform_year.platform")
    assert any("received_extract.platform" in line for line in lines)
    assert sum("source_records.platform" in line and "(above)" not in line for line in lines) == 1


def test_down_shows_what_is_made_from_a_column() -> None:
    found = told("received_extract.reference", "--down")
    assert [c["column"] for c in found["columns"]] == [
        "received_extract.reference",
        "source_records.reference",
        "observations.reference",
    ]
    assert found["columns"][0]["makes"] == ["source_records.reference"]


def test_json_has_every_column_above_once_with_what_it_is_made_from() -> None:
    found = told("year_change.value")
    names = [c["column"] for c in found["columns"]]
    assert len(names) == len(set(names))
    assert {source for c in found["columns"] for source in c["made_from"]} <= set(names)


def test_a_table_alone_lists_its_columns_and_no_name_the_tables() -> None:
    assert [c["column"] for c in told("observations")["columns"]] == [f"observations.{n}" for n in OBSERVATION]
    assert "platform_year" in [t["table"] for t in told()["tables"]]
    assert "made from" in lineage("observations").stdout


def test_an_unknown_name_is_a_usage_error_that_names_near_ones() -> None:
    for wrong, near in (("platform_year.valeu", "platform_year.value"), ("platform_yaer", "platform_year")):
        result = lineage(wrong)
        assert result.exit_code == 2
        assert near in result.stderr


def test_extracts_says_which_header_plays_the_part(shipped: Build) -> None:
    warehouse = str(shipped.places.warehouse)
    found = told("platform_year.year", "--extracts", "--warehouse", warehouse)["extracts"]
    real = [f for f in found if f["extract_id"] == "dorset/01-fin-24-2153/q1-offences-by-period"]
    assert [(f["part"], f["position"]) for f in real if f["part"] == "period"] == [("period", 1)]
    file = shipped.places.raw / real[0]["file"]
    assert real[0]["header"] in file.read_text("utf-8").splitlines()[0]
    assert real[0]["header"] in lineage("platform_year.year", "--extracts", "--warehouse", warehouse).stdout


def test_extracts_without_a_release_says_so(tmp_path: Any) -> None:
    result = lineage("platform_year.year", "--extracts", "--warehouse", str(tmp_path))
    assert result.exit_code == 1
    assert "nothing is published" in result.stderr


def test_options_that_do_not_go_together_are_usage_errors() -> None:
    assert lineage("platform_year", "--down").exit_code == 2
    assert lineage("platform_year.year", "--down", "--extracts").exit_code == 2


def test_it_imports_neither_dagster_nor_pandas_nor_pandera() -> None:
    code = (
        "import sys; from pipeline.cli import main; main(['lineage', 'year_change.value', '--json'], "
        "standalone_mode=False); sys.exit(len({'dagster', 'pandas', 'pandera'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, stdout=subprocess.DEVNULL)
    assert done.returncode == 0
