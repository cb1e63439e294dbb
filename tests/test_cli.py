"""The verbs, as a person and as a script use them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pipeline.cli import main
from pipeline.desk.terminal import console
from pipeline.publication.build import Build
from pipeline.publication.release import publish
from pipeline.store.digests import ROOT
from tests.disclosures import Raw, counts_table, records_table
from tests.reception.arrivals import ANSWERS, answer_of, drop, waits

YEARS = {"period": "Year", "count": "N"}
DORSET = "platform_year/dorset/01-fin-24-2153/q1/mentions/unstated/tax/tiktok/2023-24"


def add_years(raw: Raw, text: str = "Year,N\n2020,25\n2021,30\n", reference: str = "TEST/1") -> Path:
    table = counts_table(YEARS, constants={"platform": "TikTok"})
    return raw.add([table], {"counts.csv": text}, reference=reference)


def foi(raw: Raw, *arguments: str) -> Result:
    places = ["--raw", str(raw.places.raw), "--warehouse", str(raw.places.warehouse)]
    return CliRunner().invoke(main, [*arguments, *places])


def document(result: Result) -> Any:
    """Return the one JSON document on standard output; there must be nothing else."""
    return json.loads(result.stdout)


def on_shipped(build: Build, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--warehouse", str(build.places.warehouse)])


def test_refresh_says_what_was_new_then_that_nothing_is(raw: Raw) -> None:
    add_years(raw)
    first = foi(raw, "refresh", "--json")
    assert first.exit_code == 0, first.output
    report = document(first)
    assert (report["release"], report["published"]) == (1, True)
    assert report["extracts"] == {"new": ["dorset/test-1/counts"], "reused": [], "refused": []}
    assert {frozenset(c) for c in report["checks"]} == {frozenset({"name", "severity", "passed", "message", "rows"})}
    second = document(foi(raw, "refresh", "--json"))
    assert (second["release"], second["published"]) == (1, False)
    assert second["extracts"]["reused"] == ["dorset/test-1/counts"]
    add_years(raw, reference="TEST/2")
    third = document(foi(raw, "refresh", "--json"))
    assert third["extracts"]["new"] == ["dorset/test-2/counts"]
    assert third["extracts"]["reused"] == ["dorset/test-1/counts"]


BAD_INPUT = {
    "digest": ("Year,N\n2020,1\n", {"sha256": "0" * 64}, {}, ["counts.csv", "SHA-256", "expected"]),
    "header renamed": ("Years,N\n2020,1\n", {}, {}, ["counts.csv:1", "'Year'", "'Years'"]),
    "column missing": ("Year\n2020\n", {}, {}, ["counts.csv:1", "'N'"]),
    "undeclared column": ("Year,N,Extra\n2020,1,2\n", {}, {}, ["counts.csv:1", "'Extra'", "ignored:"]),
    "unknown force": ("Year,N\n2020,1\n", {}, {"force": "narnia"}, ["disclosure.yaml:1", "'narnia'", "forces.csv"]),
    "unknown key": ("Year,N\n2020,1\n", {}, {"colour": "red"}, ["disclosure.yaml:", "'colour'", "docs/manifest.md"]),
    "encoding": (b"Year,N\n2020,1\n" + b"\x81,3\n", {}, {}, ["counts.csv:3", "0x81", "cp1252"]),
    "empty file": ("", {}, {}, ["counts.csv:1", "an empty file"]),
    "unreadable cell": ("Year,N\n2020,lots\n", {}, {}, ["counts.csv:2", "column N", "'lots'", "markers:"]),
}


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> tuple[Raw, dict[str, Path], Result]:
    """Return a raw/ of one good answer and all the bad ones, the folders of these, and what a refresh says of it."""
    raw = Raw.at(tmp_path_factory.mktemp("bad"))
    add_years(raw)
    folders = {}
    for case, (text, extract, disclosure, _) in BAD_INPUT.items():
        table = counts_table(YEARS, constants={"platform": "TikTok"})
        table["extracts"] = [{"file": "counts.csv", **extract}]
        folders[case] = raw.add([table], {"counts.csv": text}, reference=f"BAD/{case}", **disclosure)
    return raw, folders, foi(raw, "refresh", "--json")


@pytest.mark.parametrize("case", BAD_INPUT)
def test_bad_input_is_refused_in_words_and_the_others_are_refreshed(
    bad: tuple[Raw, dict[str, Path], Result], case: str
) -> None:
    raw, folders, result = bad
    *_, words = BAD_INPUT[case]
    check = foi(raw, "check", str(folders[case]), "--json")
    assert check.exit_code == 1 and not document(check)["accepted"]
    assert result.exit_code == 1, result.output
    report = document(result)
    assert report["published"] and report["extracts"]["new"] == ["dorset/test-1/counts"]
    name = folders[case].relative_to(raw.places.raw).as_posix()
    assert len(report["extracts"]["refused"]) == len(BAD_INPUT)
    (refused,) = [r for r in report["extracts"]["refused"] if r["extract_id"].startswith(name)]
    assert refused["reason"] == document(check)["refused"][0]["reason"]
    for word in [*words, "found ", "expected "]:
        assert word in refused["reason"]
    assert "Traceback" not in result.output


def test_a_row_too_short_or_too_long_or_without_a_period_is_rejected_and_the_rest_counted(raw: Raw) -> None:
    text = "Month,Platform\nJan-20,TikTok\nFeb-20\nMar-20,TikTok,x\nsoon,TikTok\nApr-20,TikTok\n"
    raw.add([records_table({"period": "Month", "platform": "Platform"})], {"records.csv": text})
    report = document(foi(raw, "refresh", "--json"))
    assert report["records"] == {"accepted": 2, "rejected": 3}
    (check,) = [c for c in report["checks"] if c["name"] == "rejected_records.none_rejected"]
    assert not check["passed"] and check["severity"] == "WARN"
    file = "dorset/test-1/records.csv"
    places = [(row["file"], row["line"], row["column"], row["found"]) for row in check["rows"]]
    assert places == [(file, 3, None, "1 fields"), (file, 4, None, "3 fields"), (file, 5, "Month", "soon")]
    assert all(row["expected"] and row["remedy"] for row in check["rows"])
    (extract,) = document(foi(raw, "status", "--json"))["extracts"]
    assert (extract["lines"], extract["counted"], extract["rejected"], extract["set_aside"]) == (6, 2, 3, 1)


def test_a_total_that_does_not_add_up_is_reported_and_refuses_nothing(raw: Raw) -> None:
    table = counts_table(YEARS, constants={"platform": "TikTok"}, markers={"Total": {"kind": "total"}})
    raw.add([table], {"counts.csv": "Year,N\n2020,25\n2021,30\nTotal,56\n"})
    result = foi(raw, "refresh", "--json")
    assert result.exit_code == 0
    (check,) = [c for c in document(result)["checks"] if c["name"] == "controls.agree"]
    assert not check["passed"] and check["severity"] == "WARN"


def test_a_failed_error_check_exits_1_and_leaves_the_release_readable(raw: Raw) -> None:
    folder = add_years(raw)
    publish(raw.build())
    (folder / "counts.csv").write_text("Year,N\n2020,1\n")
    result = foi(raw, "refresh", "--json")
    assert result.exit_code == 1 and not document(result)["published"]
    found = document(foi(raw, "figures", "platform_year", "--json"))
    assert [f["value"] for f in found["figures"]] == [25, 30]


def test_rollback_and_resume(raw: Raw) -> None:
    add_years(raw)
    publish(raw.build())
    add_years(raw, "Year,N\n2020,26\n")
    publish(raw.build())
    assert foi(raw, "rollback", "1").exit_code == 0
    status = foi(raw, "status")
    assert "held at release 1" in " ".join(status.stdout.split())
    assert document(foi(raw, "refresh", "--json"))["published"] is False
    assert document(foi(raw, "refresh", "--resume", "--json"))["release"] == 3
    assert foi(raw, "rollback", "9").exit_code == 1


def test_places_may_come_from_the_environment(raw: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    add_years(raw)
    monkeypatch.setenv("FOI_RAW", str(raw.places.raw))
    monkeypatch.setenv("FOI_WAREHOUSE", str(raw.places.warehouse))
    assert CliRunner().invoke(main, ["refresh"]).exit_code == 0
    assert raw.places.published.exists()


def test_check_stores_nothing(raw: Raw) -> None:
    folder = add_years(raw)
    before = sorted(p for p in folder.parent.parent.parent.rglob("*"))
    result = foi(raw, "check", str(folder))
    assert result.exit_code == 0 and "would be accepted" in result.stdout
    assert sorted(p for p in folder.parent.parent.parent.rglob("*")) == before


def test_check_names_a_file_that_no_manifest_names(raw: Raw) -> None:
    folder = add_years(raw)
    (folder / "other.csv").write_text("Year,N\n2020,1\n")
    result = foi(raw, "check", str(folder), "--json")
    assert result.exit_code == 0
    ((name, rows),) = [(c["name"], c["rows"]) for c in document(result)["checks"]]
    assert name == "source_records.files_declared"
    assert [row["file"] for row in rows] == ["raw/dorset/test-1/other.csv"]
    assert document(foi(raw, "check", str(folder / "counts.csv"), "--json"))["checks"] == []


def test_check_of_one_file_tells_of_that_file_only(raw: Raw) -> None:
    one = counts_table(YEARS, "one.csv", id="one", constants={"platform": "TikTok"})
    two = counts_table(YEARS, "two.csv", id="two", constants={"platform": "Snapchat"})
    folder = raw.add([one, two], {"one.csv": "Year,N\n2020,25\n", "two.csv": "Year,N\n2020,many\n"})
    sound = foi(raw, "check", str(folder / "one.csv"), "--json")
    assert sound.exit_code == 0
    assert [e["extract_id"] for e in document(sound)["extracts"]] == ["dorset/test-1/one"]
    broken = foi(raw, "check", str(folder / "two.csv"), "--json")
    assert broken.exit_code == 1 and [r["extract_id"] for r in document(broken)["refused"]] == ["dorset/test-1/two"]
    (folder / "three.csv").write_text("Year,N\n2020,25\n")
    strange = foi(raw, "check", str(folder / "three.csv"))
    assert strange.exit_code == 1 and "no extract of this file" in strange.stdout
    assert foi(raw, "check", str(folder / "disclosure.yaml")).exit_code == 1


def test_a_figure_is_one_line_for_other_programs(shipped: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console.console, "soft_wrap", True)
    found = document(on_shipped(shipped, "figures", "platform_year", "--json"))["figures"]
    lines = on_shipped(shipped, "figures", "platform_year").stdout.splitlines()
    assert {f["id"] for f in found} == {line.split()[0] for line in lines if line.startswith("platform_year/")}
    assert not [line for line in lines if line != line.rstrip()]


def test_figures_are_filtered_and_made_up_ones_left_out(shipped: Build) -> None:
    found = document(on_shipped(shipped, "figures", "platform_year", "--where", "platform=tiktok", "--json"))
    assert {f["force"] for f in found["figures"]} == {"dorset", "cleveland"}
    assert {f["value"] for f in found["figures"] if f["force"] == "cleveland"} == {72, 98, 107}
    keys = {"id", "table", "platform", "year", "value", "value_min", "value_max", "unit", "n", "reason", "complete"}
    needed = keys | {"evidence", "caveats"}
    assert all(needed <= set(f) for f in found["figures"])
    with_made_up = document(on_shipped(shipped, "figures", "platform_year", "--synthetic", "--json"))
    made_up = [f for f in with_made_up["figures"] if f["synthetic"]]
    assert made_up and all(f["id"].startswith("synthetic/") for f in made_up)


@pytest.mark.parametrize(
    "arguments",
    [["figures", "no_such_table"], ["figures", "platform_year", "--where", "colour=red"], ["figures", "--where", "x"]],
)
def test_wrong_usage_exits_2_and_says_what_there_is(shipped: Build, arguments: list[str]) -> None:
    result = on_shipped(shipped, *arguments)
    assert result.exit_code == 2 and "Usage" in result.output


def test_trace_shows_the_line_the_labels_and_the_caveats(shipped: Build) -> None:
    found = document(on_shipped(shipped, "trace", DORSET, "--json"))
    assert found["figure"]["value"] == 16
    (line,) = found["lines"]
    assert (line["line_no"], line["text"]) == (4, "6th Apr 2023 to 5th Apr 2024,16")
    assert line["extract_id"] == "dorset/01-fin-24-2153/q1-offences-by-period" and len(line["sha256"]) == 64
    assert {"label", "code", "n"} <= set(found["labels"][0])
    assert any("transcription" in c["text"] for c in found["caveats"])
    shown = " ".join(on_shipped(shipped, "trace", DORSET).stdout.split())
    assert "6th Apr 2023 to 5th Apr 2024,16" in shown and "46 printed, sum 46: agrees" in shown


def test_trace_of_what_is_not_there_exits_1_and_says_what_is_near(shipped: Build) -> None:
    result = on_shipped(shipped, "trace", DORSET.replace("2023-24", "2024-25"))
    assert result.exit_code == 1 and "near to it" in result.stderr


def test_nothing_published_is_said(raw: Raw) -> None:
    for arguments in (["figures"], ["trace", DORSET]):
        result = foi(raw, *arguments)
        assert result.exit_code == 1 and "foi refresh" in result.stderr
    assert document(foi(raw, "status", "--json"))["release"] is None


@pytest.mark.parametrize("verb", [["trace", DORSET], ["figures", "crimes_year"], ["status"]])
def test_reading_verbs_never_import_dagster_or_pandas(shipped: Build, verb: list[str]) -> None:
    code = (
        "import sys\nfrom pipeline.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit as stop:\n    assert not stop.code, stop.code\n"
        "loaded = {'dagster', 'pandas', 'pandera', 'pyarrow'} & set(sys.modules)\nassert not loaded, loaded"
    )
    command = [sys.executable, "-c", code, *verb, "--warehouse", str(shipped.places.warehouse)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr


def test_every_verb_has_help() -> None:
    for name in main.commands:
        result = CliRunner().invoke(main, [name, "--help"])
        assert result.exit_code == 0 and "--json" in result.stdout


def test_a_second_refresh_in_another_process_is_told_to_wait(raw: Raw) -> None:
    add_years(raw)
    raw.places.warehouse.mkdir(parents=True)
    hold = (
        "import fcntl, sys, time\nf = open(sys.argv[1], 'a+'); fcntl.flock(f, fcntl.LOCK_EX)\n"
        "print(1, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", hold, str(raw.places.lock)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None and other.stdout.readline()
        result = foi(raw, "refresh")
        assert result.exit_code == 1 and "another refresh is at work" in result.stderr
        other.kill()


def wait_in_inbox(raw: Raw) -> None:
    drop(raw.places, "answer", answer_of())
    (entry,) = waits(raw.places)
    assert entry.ref == "foi-77-25"


def test_status_lists_what_waits_in_the_inbox_and_what_nothing_has_drafted(raw: Raw) -> None:
    assert "waiting" not in foi(raw, "status").stdout
    wait_in_inbox(raw)
    drop(raw.places, "new.csv", "a,b\n")
    shown = foi(raw, "status").stdout
    assert "waiting foi-77-25: answer/data.csv, answer/letter.txt" in shown
    assert "`foi add --resume foi-77-25` asks tables.data.record_is, tables.data.covers" in shown
    assert "not drafted yet: new.csv" in shown
    found = document(foi(raw, "status", "--json"))
    assert [entry["ref"] for entry in found["waiting"]] == ["foi-77-25"] and found["undrafted"] == ["new.csv"]


def test_what_waits_is_added_by_its_ref_once_all_is_answered(raw: Raw) -> None:
    wait_in_inbox(raw)
    asked = foi(raw, "add", "--resume", "foi-77-25")
    assert asked.exit_code == 1 and "nothing is written yet" in asked.stdout
    answers = [part for key, text in ANSWERS.items() for part in ("--answer", f"{key}={text}")]
    added = foi(raw, "add", "--resume", "FOI 77/25", *answers)
    assert added.exit_code == 0, added.output
    assert "dorset/foi-77-25 would be accepted" in added.stdout
    assert "raw/inbox/.letters/dorset/foi-77-25/letter.txt" in added.stdout
    assert "waiting" not in foi(raw, "status").stdout
    assert foi(raw, "refresh").exit_code == 0


def test_a_ref_that_nothing_waits_as_exits_1_and_lists_what_waits(raw: Raw) -> None:
    wait_in_inbox(raw)
    for more in ([], ["--json"]):
        result = foi(raw, "add", "--resume", "foi-1", *more)
        assert result.exit_code == 1 and "one of: foi-77-25" in result.stderr


@pytest.mark.parametrize("arguments", [[], ["a.csv", "--resume", "x"], ["--resume", "x", "--force", "dorset"]])
def test_files_and_a_ref_exclude_each_other(raw: Raw, arguments: list[str]) -> None:
    assert foi(raw, "add", *arguments).exit_code == 2
