"""What is withdrawn is gone from everything we hold, stays away, and leaves a chain that holds."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.intake.raw import read_raw
from pipeline.normalisation.forces import force_names
from pipeline.publication.content import verify_releases
from pipeline.publication.export import export
from pipeline.publication.pack.writing import Asked
from pipeline.publication.pack.zipped import pack
from pipeline.publication.release import publish, rollback
from pipeline.publication.withdrawal import carrying_out, run_history
from pipeline.publication.withdrawal.carrying_out import Plan, carry_out, plan
from pipeline.publication.withdrawal.naming import CannotWithdraw
from pipeline.store.digests import sha256_file
from pipeline.store.places import Places
from pipeline.store.release_log import verify_log
from pipeline.store.releases import current_release, read_log, release_files
from pipeline.store.withdrawals import TornTombstones, tombstones, tombstones_path, withdrawn
from tests.disclosures import Raw, counts_table, records_table

WHY = "a reference that names a person"
SECRET = "Zaphod-Beeblebrox-42"
RECORDS = f"Month,Platform,Reference\nJan-20,TikTok,{SECRET}\nFeb-20,{SECRET},A2\nnever,{SECRET},A3\n"
COLUMNS = {"period": "Month", "platform": "Platform", "reference": "Reference"}
RECORDS_ID = "dorset/foi-7/records"


def add_years(raw: Raw, reference: str = "TEST/1", count: int = 25, **more: Any) -> Path:
    table = counts_table({"period": "Year", "count": "N"}, constants={"platform": "TikTok"})
    return raw.add([table], {"counts.csv": f"Year,N\n2020,{count}\n2021,30\n"}, reference=reference, **more)


def add_records(raw: Raw) -> Path:
    return raw.add([records_table(COLUMNS)], {"records.csv": RECORDS}, reference="FOI-7")


@pytest.fixture(scope="module")
def published_twice(tmp_path_factory: pytest.TempPathFactory) -> Raw:
    raw = Raw.at(tmp_path_factory.mktemp("twice"))
    add_years(raw)
    publish(raw.build())
    add_records(raw)
    publish(raw.build())
    return raw


@pytest.fixture
def two(published_twice: Raw, raw: Raw) -> Raw:
    """Return a raw/ published twice: release 1 without the records, release 2 with them."""
    return published_twice.copied(raw)


def withdrawn_now(raw: Raw, ref: str = "dorset/foi-7", *only: str) -> Plan:
    found = plan(raw.places, ref, WHY, only)
    carry_out(raw.places, found)
    return found


def content_of_all(places: Places) -> dict[str, str]:
    files = [p for folder in (places.raw, places.warehouse) for p in folder.rglob("*") if p.is_file()]
    return {str(p): sha256_file(p) for p in files if p != places.lock}


def says(path: Path, word: str) -> bool:
    """Return whether a file has a word anywhere: in its bytes, or in a row of it."""
    if word.encode() in path.read_bytes():
        return True
    with duckdb.connect() as db:
        if path.suffix == ".parquet":
            tables = [f"read_parquet('{path}')"]
        elif path.suffix == ".duckdb":
            db.execute(f"attach '{path}' as r (read_only)")
            tables = [f"r.{row[0]}" for row in db.execute("select table_name from duckdb_tables()").fetchall()]
        else:
            return False
        return any(word in str(row) for table in tables for row in db.execute(f"from {table}").fetchall())


def where(places: Places, word: str) -> list[str]:
    files = [p for folder in (places.raw, places.warehouse) for p in folder.rglob("*") if p.is_file()]
    return [p.name for p in files if says(p, word)]


def test_nothing_we_hold_has_a_value_of_it_any_more_and_the_chain_holds(two: Raw) -> None:
    held = where(two.places, SECRET)
    assert {"records.csv", "foi.duckdb"} <= set(held) and len(held) > 6
    withdrawn_now(two)
    assert where(two.places, SECRET) == []
    assert verify_log(two.places) == [] and verify_releases(two.places) == []


def test_the_newest_release_without_it_is_in_force_and_the_next_one_says_it_was_withdrawn(two: Raw) -> None:
    found = withdrawn_now(two)
    current = current_release(two.places)
    assert current is not None and current.number == 1 == (found.in_force and found.in_force.number)
    assert [r.number for r in release_files(two.places)] == [1]
    entry = read_log(two.places)[-1]
    assert (entry["event"], entry["removed"], entry["in_force"]) == ("withdrawal", [2], 1)
    add_years(two, count=26)
    outcome = publish(two.build())
    assert outcome.published and outcome.release is not None and outcome.release.number == 3
    assert verify_log(two.places) == []


def test_where_every_release_had_it_none_is_in_force_until_the_next_refresh(raw: Raw) -> None:
    add_records(raw)
    add_years(raw)
    publish(raw.build())
    others = [p for p in (raw.places.warehouse / "store").rglob("test-1/counts/*") if p.is_file()]
    assert withdrawn_now(raw).in_force is None
    assert not raw.places.published.exists() and not release_files(raw.places)
    assert others and all(p.exists() for p in others)  # what was built of other extracts is no reason to wait
    assert not list((raw.places.warehouse / "store" / "figures").rglob("*.parquet"))
    assert verify_log(raw.places) == []
    outcome = publish(raw.build())
    assert outcome.published
    cause = read_log(raw.places)[-1]["cause"]
    assert (cause["withdrawn"], cause["gone"], cause["new"]) == ([RECORDS_ID], [], [])
    assert verify_log(raw.places) == []


def test_the_tombstone_says_what_was_withdrawn_when_why_and_which_figures_it_had(two: Raw) -> None:
    current = current_release(two.places)
    assert current is not None
    with duckdb.connect(str(current.path), read_only=True) as db:
        query = "select id from figure where disclosure = 'dorset/foi-7' order by id"
        figures = tuple(row[0] for row in db.execute(query).fetchall())
    digest = sha256_file(two.places.raw / "dorset" / "foi-7" / "records.csv")
    withdrawn_now(two)
    (tombstone,) = tombstones(two.places)
    assert (tombstone.disclosure, tombstone.reference, tombstone.reason) == ("dorset/foi-7", "FOI-7", WHY)
    assert tombstone.extracts == {RECORDS_ID: (digest,)}
    assert tombstone.files == ("dorset/foi-7/records.csv",)
    assert len(tombstone.date) == 10 and figures and set(figures) <= set(tombstone.figures)


def test_the_answer_stays_known_as_one_of_which_nothing_is_held(two: Raw) -> None:
    add_years(two, reference="FOI-8", supersedes="FOI-7")
    withdrawn_now(two)
    found = read_raw(two.places, force_names())
    assert found.refusals == () and found.stray == ()
    (left,) = [d for d in found.disclosures if d.name == "dorset/foi-7"]
    assert (left.holding, left.tables, left.decision) == ("none", [], "full")
    assert left.missing is not None and left.missing.endswith(WHY)


def test_the_same_bytes_put_back_are_refused_with_the_day_and_the_reason(two: Raw) -> None:
    withdrawn_now(two)
    add_records(two)
    (refusal,) = two.build().refusals
    (tombstone,) = tombstones(two.places)
    assert f"bytes that were withdrawn on {tombstone.date}: {WHY}" in refusal.reason
    add_years(two, reference="TEST/3")
    outcome = publish(two.build())
    assert outcome.published and where(two.places, SECRET) == ["records.csv"]


def test_another_file_under_the_same_name_is_accepted(two: Raw) -> None:
    withdrawn_now(two)
    two.add(
        [records_table(COLUMNS)], {"records.csv": "Month,Platform,Reference\nJan-20,TikTok,A1\n"}, reference="FOI-7"
    )
    assert two.build().refusals == ()
    assert publish(two.build()).published
    assert withdrawn(two.places) == frozenset()


def test_a_dry_run_touches_nothing(two: Raw) -> None:
    before = content_of_all(two.places)
    arguments = ["withdraw", "dorset/foi-7", "--reason", WHY, "--dry-run", "--json"]
    result = CliRunner().invoke(main, [*arguments, *places_of(two)])
    assert result.exit_code == 0
    said = json.loads(result.stdout)
    assert (said["withdrawn"], said["removed_releases"], said["in_force"]) == (False, [2], 1)
    assert content_of_all(two.places) == before


def places_of(raw: Raw) -> list[str]:
    return ["--raw", str(raw.places.raw), "--warehouse", str(raw.places.warehouse)]


def test_both_bytes_of_an_extract_that_was_put_right_in_place_are_withdrawn(raw: Raw) -> None:
    folder = add_years(raw, count=25)
    digests = [sha256_file(folder / "counts.csv")]
    publish(raw.build())
    add_years(raw, count=26)
    digests.append(sha256_file(folder / "counts.csv"))
    publish(raw.build())
    found = withdrawn_now(raw, "TEST/1")
    assert found.tombstone.bytes == set(digests)
    assert not release_files(raw.places)


def two_tables(raw: Raw) -> None:
    years = counts_table({"period": "Year", "count": "N"}, constants={"platform": "TikTok"})
    parts = counts_table({"period": "Year", "count": "N"}, file="a.csv", id="q2")
    parts["extracts"].append({"file": "b.csv"})
    files = {"counts.csv": "Year,N\n2020,25\n", "a.csv": "Year,N\n2020,1\n", "b.csv": "Year,N\n2021,2\n"}
    raw.add([years, parts], files)
    publish(raw.build())


def test_one_extract_goes_and_the_others_of_its_answer_stay(raw: Raw) -> None:
    two_tables(raw)
    withdrawn_now(raw, "TEST/1", "dorset/test-1/counts")
    build = raw.build()
    assert [e.extract_id for e in build.raw.extracts] == ["dorset/test-1/a", "dorset/test-1/b"]
    assert build.raw.disclosures[0].holding == "part" and build.raw.stray == ()
    assert publish(build).published
    assert read_log(raw.places)[-1]["cause"]["withdrawn"] == ["dorset/test-1/counts"]


def test_half_a_table_is_not_left_behind(raw: Raw) -> None:
    two_tables(raw)
    with pytest.raises(
        CannotWithdraw, match=r"whole or not at all; withdraw them with it: --extract 'dorset/test-1/b'"
    ):
        plan(raw.places, "TEST/1", WHY, ["dorset/test-1/a"])
    withdrawn_now(raw, "TEST/1", "dorset/test-1/a", "dorset/test-1/b")
    assert [e.extract_id for e in raw.build().raw.extracts] == ["dorset/test-1/counts"]


def test_an_answer_whose_manifest_cannot_be_read_can_be_withdrawn(two: Raw) -> None:
    folder = two.places.raw / "dorset" / "foi-7"
    (folder / "disclosure.yaml").write_text("what: is this\n")
    (folder / "notes.txt").write_text(SECRET)
    withdrawn_now(two)
    assert where(two.places, SECRET) == []
    assert read_raw(two.places, force_names()).refusals == ()


def test_an_answer_that_is_gone_from_raw_can_be_withdrawn_from_the_releases(two: Raw) -> None:
    shutil.rmtree(two.places.raw / "dorset" / "foi-7")
    withdrawn_now(two)
    assert where(two.places, SECRET) == []
    assert verify_log(two.places) == []


@pytest.mark.parametrize(
    ("ref", "only", "words"),
    [
        ("FOI-9", (), "found no such answer"),
        ("dorset", (), "found no such answer"),
        ("FOI-7", ("dorset/foi-7/other",), f"found no such extract; there are {RECORDS_ID}"),
        ("SAME", (), "found 2 answers, dorset/a, essex/a; name one of them by its folder"),
    ],
)
def test_what_is_not_there_or_not_clear_is_said(two: Raw, ref: str, only: tuple[str, ...], words: str) -> None:
    for force in ("dorset", "essex"):
        add_years(two, reference="SAME", force=force, our_reference="a")
        folder = two.places.raw / force / "same"
        folder.rename(folder.with_name("a"))
    with pytest.raises(CannotWithdraw, match=words):
        plan(two.places, ref, WHY, only)


def test_copies_in_the_inbox_go_too(two: Raw) -> None:
    inbox = two.places.raw / "inbox" / "mail"
    inbox.mkdir(parents=True)
    (inbox / "copy.csv").write_text(RECORDS)
    (inbox / "other.csv").write_text("Year,N\n")
    withdrawn_now(two)
    assert [p.name for p in inbox.iterdir()] == ["other.csv"]


def test_exports_and_packs_that_we_still_hold_go_and_are_listed(two: Raw, tmp_path: Path) -> None:
    inside, outside, packed = two.places.warehouse / "exp.duckdb", tmp_path / "out.duckdb", tmp_path / "pack.zip"
    export(two.places, inside, local=True)
    export(two.places, outside, local=False)
    pack(two.places, packed, Asked(local=True))
    export(two.places, tmp_path / "moved.duckdb", local=True)
    (tmp_path / "moved.duckdb").rename(tmp_path / "elsewhere.duckdb")
    said = withdrawn_now(two).as_json(two.places)
    assert not any(path.exists() for path in (inside, outside, packed))
    assert {Path(noted["path"]).name: noted["here"] for noted in said["handed_out"]} == {
        **dict.fromkeys(("exp.duckdb", "out.duckdb", "pack.zip"), "unchanged"),
        "moved.duckdb": "gone",
    }
    assert {str(inside), str(outside), str(packed)} <= set(said["removed_files"])
    assert where(two.places, SECRET) == []


def test_the_terminal_says_what_becomes_of_each_copy(two: Raw, tmp_path: Path) -> None:
    export(two.places, tmp_path / "kept.duckdb", local=False)
    export(two.places, tmp_path / "moved.duckdb", local=False)
    (tmp_path / "moved.duckdb").unlink()
    arguments = ["withdraw", "FOI-7", "--reason", WHY, *places_of(two)]
    for more, becomes in ((["--dry-run"], "would go from there"), (["--yes"], "gone from there")):
        shown = " ".join(CliRunner().invoke(main, [*arguments, *more]).output.split())
        assert f"; {becomes})" in shown and "; no longer there)" in shown


def test_a_file_of_other_bytes_where_an_export_was_is_left_and_named(two: Raw, tmp_path: Path) -> None:
    out, link = tmp_path / "out.duckdb", tmp_path / "link.duckdb"
    for path in (out, link):
        export(two.places, path, local=False)
    out.write_text("something else")
    link.rename(tmp_path / "target.duckdb")
    link.symlink_to(tmp_path / "target.duckdb")
    said = withdrawn_now(two).as_json(two.places)
    assert out.read_text() == "something else" and link.is_symlink() and link.exists()
    assert [noted["here"] for noted in said["handed_out"]] == ["changed", "changed"]
    assert said["not_looked_into"] == [str(out), str(link)]


def test_a_later_export_without_what_is_withdrawn_stays(two: Raw, tmp_path: Path) -> None:
    out = tmp_path / "out.duckdb"
    export(two.places, out, local=False)
    out.unlink()
    rollback(two.places, 1)
    export(two.places, out, local=False)
    said = withdrawn_now(two).as_json(two.places)
    assert out.exists() and [noted["here"] for noted in said["handed_out"]] == ["gone"]
    assert said["not_looked_into"] == []


def test_packs_of_the_same_bytes_under_another_name_go_too(two: Raw, tmp_path: Path) -> None:
    two.add([records_table(COLUMNS)], {"records.csv": RECORDS}, reference="FOI-8")
    assert publish(two.build()).published
    pack(two.places, tmp_path / "pack.zip", Asked(("crimes_year/dorset/foi-8/records/crimes/unstated/calendar/2020",)))
    found = withdrawn_now(two)
    assert found.elsewhere == ("dorset/foi-8/records",)
    assert not (tmp_path / "pack.zip").exists()


def test_what_to_do_next_is_said(two: Raw) -> None:
    said = withdrawn_now(two).as_json(two.places)
    assert said["next"] == "run `foi refresh`: until then release 1 is in force, which never had this"
    said = withdrawn_now(two, "TEST/1").as_json(two.places)
    assert said["in_force"] is None and "no release is in force" in said["next"]
    assert verify_log(two.places) == []


@pytest.mark.skipif(shutil.which("git") is None, reason="no git here")
def test_what_version_control_holds_is_listed_with_the_way_to_purge_it(two: Raw, tmp_path: Path) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "raw"], ["commit", "-q", "-m", "extracts"]):
        subprocess.run(["git", *who, *command], cwd=tmp_path, check=True, capture_output=True)
    said = withdrawn_now(two).as_json(two.places)
    assert said["kept_by_git"] == ["raw/dorset/foi-7/records.csv"]
    assert said["purge"] == "git filter-repo --invert-paths --path 'raw/dorset/foi-7/records.csv'"


def test_a_withdrawal_that_broke_off_is_finished_by_the_same_call(two: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch, pytest.raises(run_history.HistoryBusy):
        patch.setattr(carrying_out.run_history, "forget", _busy)
        withdrawn_now(two)
    assert "run `foi withdraw dorset/foi-7`" in " ".join(map(str, verify_log(two.places)))
    withdrawn_now(two)
    withdrawn_now(two)
    assert len(tombstones(two.places)) == 1
    assert [e["event"] for e in read_log(two.places)] == ["release", "release", "withdrawal"]
    assert verify_log(two.places) == [] and where(two.places, SECRET) == []


def _busy(*_: object) -> None:
    raise run_history.HistoryBusy("in use")


def test_a_hold_at_a_removed_release_ends(two: Raw) -> None:
    rollback(two.places, 2)
    withdrawn_now(two)
    assert not two.places.hold.exists()
    assert verify_log(two.places) == []


def test_another_warehouse_of_the_same_raw_goes_on_without_it_and_is_told(two: Raw, tmp_path: Path) -> None:
    elsewhere = Raw(Places.of(two.places.raw, tmp_path / "elsewhere"))
    publish(elsewhere.build())
    withdrawn_now(two)
    assert withdrawn(elsewhere.places) == {RECORDS_ID}
    outcome = publish(elsewhere.build())
    assert outcome.published, outcome.message
    assert "run `foi withdraw dorset/foi-7` for this warehouse too" in " ".join(map(str, verify_log(elsewhere.places)))
    withdrawn_now(elsewhere)
    assert verify_log(elsewhere.places) == [] and where(elsewhere.places, SECRET) == []
    assert len(tombstones(two.places)) == 1


def test_a_torn_tombstone_is_said_with_its_line(two: Raw) -> None:
    withdrawn_now(two)
    path = tombstones_path(two.places)
    path.write_text(path.read_text("utf-8") + '{"disclosure": "dor\n', "utf-8")
    with pytest.raises(TornTombstones, match=r"raw/withdrawn\.jsonl:2: found no tombstone"):
        tombstones(two.places)
    for arguments in (["refresh"], ["withdraw", "dorset/foi-7", "--reason", WHY, "--yes"]):
        result = CliRunner().invoke(main, [*arguments, *places_of(two)])
        assert result.exit_code == 1 and "withdrawn.jsonl:2" in result.stderr


def test_the_verb_forgets_what_dagster_kept_and_says_what_it_did(raw: Raw) -> None:
    add_years(raw)
    add_records(raw)
    assert CliRunner().invoke(main, ["refresh", *places_of(raw)]).exit_code == 0
    events = [p for p in raw.places.dagster_home.rglob("*.db") if SECRET.encode() in p.read_bytes()]
    assert events
    arguments = ["withdraw", "FOI-7", "--reason", WHY, "--yes", "--json"]
    result = CliRunner().invoke(main, [*arguments, *places_of(raw)])
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert said["withdrawn"] and len(said["forgotten_runs"]) == 1 and said["removed_releases"] == [1]
    assert where(raw.places, SECRET) == []
    again = CliRunner().invoke(main, ["refresh", "--json", *places_of(raw)])
    assert again.exit_code == 0, again.output
    assert verify_log(raw.places) == []


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_where_nobody_can_be_asked_it_wants_a_yes(two: Raw, more: list[str]) -> None:
    arguments = ["withdraw", "FOI-7", "--reason", WHY, *more]
    result = CliRunner().invoke(main, [*arguments, *places_of(two)])
    assert result.exit_code == 2 and "say --yes, or --dry-run" in result.stderr
    assert len(release_files(two.places)) == 2


def test_an_unknown_answer_is_one_message_and_exit_1(two: Raw) -> None:
    result = CliRunner().invoke(main, ["withdraw", "nobody/x", "--reason", WHY, "--yes", *places_of(two)])
    assert result.exit_code == 1 and "found no such answer" in result.stderr and "Traceback" not in result.output
