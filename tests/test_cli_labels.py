"""`foi labels` and the verbs below it, as a person and as a script use them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pipeline.cli import main
from pipeline.publication.release import publish
from pipeline.store.digests import ROOT
from pipeline.store.reference import PACKAGED
from tests.disclosures import Raw, records_table

SAID = ["--source", "a letter", "--by", "somebody", "--on", "2026-11-23"]
TABLE = "platform_labels.csv"


def foi(raw: Raw, *arguments: str, said: str | None = None) -> Result:
    places = ["--raw", str(raw.places.raw), "--warehouse", str(raw.places.warehouse)]
    verb = 2 if arguments[1:] and arguments[1] in {"suggest", "accept"} else 1
    return CliRunner().invoke(main, [*arguments[:verb], *places, *arguments[verb:]], input=said)


def code(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["labels", "code", *arguments])


def document(result: Result) -> Any:
    return json.loads(result.stdout)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder of reference tables of one's own: no test writes into the project's."""
    folder = tmp_path / "own"
    folder.mkdir()
    monkeypatch.setenv("FOI_REFERENCE", str(folder))
    return folder


@pytest.fixture(scope="module")
def published_once(tmp_path_factory: pytest.TempPathFactory) -> Raw:
    raw = Raw.at(tmp_path_factory.mktemp("published"))
    lines = "Month,Platform\nJan-20,TikTok\nJan-20,Facbook\nFeb-20,Facbook\nMar-20,Zzz\n"
    raw.add([records_table({"period": "Month", "platform": "Platform"})], {"records.csv": lines})
    assert publish(raw.build()).published
    return raw


@pytest.fixture
def published(published_once: Raw, raw: Raw) -> Raw:
    return published_once.copied(raw)


def test_the_worklist_as_document_and_as_table(published: Raw) -> None:
    result = foi(published, "labels", "--json")
    assert result.exit_code == 0 and document(result)["release"] == 1
    assert [(e["label"], e["n"]) for e in document(result)["labels"]] == [("Facbook", 2), ("Zzz", 1)]
    shown = foi(published, "labels").stdout
    assert "'Facbook'" in shown and "dorset/test-1/records line 3 (2)" in " ".join(shown.split())
    assert document(foi(published, "labels", "--dimension", "age", "--json"))["labels"] == []
    assert "nothing to be mapped" in foi(published, "labels", "--dimension", "age").stdout
    assert foi(published, "labels", "--disclosure", "dorset/none").exit_code == 2


def test_without_a_release_it_says_what_to_do(raw: Raw) -> None:
    for arguments in (["labels", "--json"], ["labels", "suggest", "--json"]):
        result = foi(raw, *arguments)
        assert result.exit_code == 1 and "foi refresh" in document(result)["error"]


def test_suggestions_say_why(published: Raw) -> None:
    (first, second) = document(foi(published, "labels", "suggest", "--json"))["suggestions"]
    assert first["candidates"][0]["code"] == "facebook" and first["candidates"][0]["because"]["label"] == "Facebook"
    assert (second["label"], second["candidates"]) == ("Zzz", [])
    shown = foi(published, "labels", "suggest", "Facbook").stdout
    assert "of 100 near 'Facebook'" in shown
    assert "nothing is near" in foi(published, "labels", "suggest", "Zzz").stdout


def test_accept_shows_the_effect_then_writes_one_line(published: Raw, own: Path) -> None:
    result = foi(published, "labels", "accept", "Facbook", "facebook", "--vocabulary", "platforms", *SAID, "--json")
    assert result.exit_code == 1 and not document(result)["written"] and not list(own.iterdir())
    result = foi(published, "labels", "accept", "Facbook", "facebook", *SAID, "--yes", "--json")
    assert result.exit_code == 0, result.output
    report = document(result)
    assert (report["vocabulary"], report["written"], report["file"]) == ("platforms", True, str(own / TABLE))
    assert report["line"] == 'Facbook,facebook,a letter,"somebody, 2026-11-23",'
    figures = {f["id"].rsplit("/", 2)[-2:][0] + "/" + f["id"].rsplit("/", 1)[1]: f for f in report["figures"]}
    assert figures["facebook/2020-01"]["before"] is None
    assert figures["facebook/2020-01"]["after"]["value"] == 1
    assert figures["unmapped/2020-01"]["before"]["value"] == 1 and figures["unmapped/2020-01"]["after"] is None
    packaged, written = ((folder / TABLE).read_text("utf-8").splitlines() for folder in (PACKAGED, own))
    assert [line for line in written if line not in packaged] == [report["line"]]
    assert [line for line in written if line in packaged] == packaged
    (coded,) = json.loads(with_own(own, "labels", "code", "platforms", "facbook", "--json"))
    assert (coded["code"], coded["source"]) == (["facebook"], "a letter")


def with_own(tables: Path, *arguments: str) -> str:
    """Return what a process of its own prints, which reads its tables from a folder."""
    run = run_with_own(tables, *arguments)
    assert run.returncode == 0, run.stderr
    return run.stdout


def run_with_own(tables: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).parent / "foi", *arguments],
        env=os.environ | {"FOI_REFERENCE": str(tables)},
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )


@pytest.mark.parametrize("verb", [["labels", "code", "platforms", "TikTok"], ["refresh"]])
def test_a_broken_table_of_ones_own_is_named_not_a_traceback(verb: list[str], tmp_path: Path) -> None:
    tables = tmp_path / "tables"
    tables.mkdir()
    (tables / TABLE).write_text("label,code\nTikTok,tiktok\n", "utf-8")
    run = run_with_own(tables, *verb, "--json", "--warehouse", str(tmp_path / "warehouse"))
    assert run.returncode == 1 and "Traceback" not in run.stderr
    assert f"{tables / TABLE}, line 1: found label, code" in json.loads(run.stdout)["error"]


def test_accept_in_words_names_old_and_new_values(published: Raw, own: Path) -> None:
    shown = foi(published, "labels", "accept", "Facbook", "facebook", *SAID, "--yes")
    assert shown.exit_code == 0
    text = " ".join(shown.stdout.split())
    assert "'Facbook' in dorset/test-1/records: Unmapped -> facebook" in text
    assert "no such figure -> 1 mentions" in text and "foi refresh" in text
    # nobody is there to be asked
    again = foi(published, "labels", "accept", "Zzz", "facebook", *SAID, said="y\n")
    assert again.exit_code == 1 and "nothing is written" in again.stdout


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["Zzz", "facebook"], 2, "Missing option"),
        (["Zzz", "facebook", "--by", "a", "--on", "2026-11-23"], 2, "--source"),
        (["Zzz", "facebook", "--source", "s", "--by", "a", "--on", "23/11/2026"], 2, "--on"),
        (["Zzz", "facbook", *SAID], 2, "the code 'facbook' in no vocabulary"),
        (["Zzz", "facbook", "--vocabulary", "platforms", *SAID], 2, "the code 'facbook'; expected a code of"),
        (["Zzz", "Unmapped", "--vocabulary", "platforms", *SAID], 2, "say --note"),
        (["Tik tok", "facebook", *SAID], 2, "which is tiktok already"),
        (["TikTok", "tiktok", *SAID], 2, "which is tiktok already"),
        (["2015*", "2015", "--vocabulary", "periods", *SAID], 2, "--vocabulary"),
    ],
)
def test_what_cannot_be_accepted_is_refused(
    published: Raw, own: Path, arguments: list[str], status: int, words: str
) -> None:
    result = foi(published, "labels", "accept", *arguments)
    assert result.exit_code == status and words in " ".join(result.output.split())
    assert "Traceback" not in result.output and not list(own.iterdir())


def test_code_gives_one_document_a_label() -> None:
    found = document(code("outcomes", "--json", "Type 16 - Named Suspect - Victim Unsupportive", "nope", "N/A"))
    assert [(d["code"], d["status"]) for d in found] == [("16", "mapped"), (None, "unmapped"), ("unknown", "mapped")]
    assert set(found[0]) == {"label", "code", "name", "status", "rule", "source"}
    shown = code("platforms", "Tik Tok & FB", "Facbook").stdout
    assert "tiktok, facebook" in shown and "unmapped" in shown
    assert "age_min=12 age_max=15 kind=band" in code("ages", "12-15").stdout


def test_labels_that_begin_with_a_dash_stand_behind_two() -> None:
    found = document(code("ages", "--json", "--", "-1", "--json", "-"))
    assert [d["label"] for d in found] == ["-1", "--json", "-"]
    assert [d["code"] and d["code"]["kind"] for d in found] == ["invalid", None, "unknown"]


def test_code_reads_a_column_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("n,label\n1,2020\n2,null\n")
    found = document(code("periods", "--file", str(path), "--column", "label", "--basis", "calendar", "--json"))
    assert [(d["label"], d["status"]) for d in found] == [("2020", "mapped"), ("null", "mapped")]
    assert found[0]["code"] == {"start": "2020-01-01", "end": "2021-01-01", "basis": "calendar", "part": False}
    refused = code("periods", "--file", str(path), "--column", "labels", "--json")
    assert refused.exit_code == 2 and "'n', 'label'" in refused.stderr and not refused.stdout


def test_a_file_that_is_no_table_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("n,label\n1,2020\n2\n")
    refused = code("periods", "--file", str(path), "--column", "label", "--json")
    assert refused.exit_code == 1 and f"{path}:3: found 1 fields" in document(refused)["error"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["platforms"],
        ["colours", "red"],
        ["platforms", "x", "--file", "labels.csv"],
        ["platforms", "x", "--column", "label"],
        ["platforms", "--file", "none.csv", "--json"],
        ["platforms", "--file", ".", "--json"],
        ["platforms", "x", "--basis", "calendar"],
        ["periods", "2020", "--basis", "lunar"],
    ],
)
def test_code_says_how_it_is_used(arguments: list[str]) -> None:
    result = code(*arguments)
    assert result.exit_code == 2 and not result.stdout and result.stderr


def test_many_labels_are_coded_in_one_process(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("label\n" + "TikTok\nFacbook\nSnapchat\n" * 30_000)
    found = document(code("platforms", "--file", str(path), "--json"))
    assert len(found) == 90_000 and {d["status"] for d in found} == {"mapped", "unmapped"}


def test_a_folder_of_tables_that_is_not_there_is_a_mistake_of_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOI_REFERENCE", "nowhere")
    result = code("platforms", "TikTok")
    assert result.exit_code == 2 and "FOI_REFERENCE" in result.output
