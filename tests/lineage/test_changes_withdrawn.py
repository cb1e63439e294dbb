"""Changes after a withdrawal: what the log and the tombstone prove is told, and what nobody can know is said to be."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipeline.lineage.changes import LISTS, Asked, changes
from pipeline.publication.withdrawal.carrying_out import carry_out, plan
from pipeline.store.places import Places
from pipeline.store.releases import append_log, release_files
from pipeline.store.withdrawals import add_tombstone
from tests.disclosures import Raw, counts_table, records_table
from tests.lineage.test_changes import Line, add_counts, foi, published

WITHDRAWN = "dorset/test-2"


def add_withdrawn(raw: Raw) -> None:
    """Add an answer of two tables, the second one in two extracts."""
    year = counts_table({"period": "Year", "count": "N"}, "q1.csv")
    columns = {"period": "Month", "outcome": "Outcome"}
    records = records_table(dict(columns)) | {"extracts": [{"file": "may.csv"}, {"file": "june.csv"}]}
    files: dict[str, bytes | str] = {
        "q1.csv": "Year,N\n2020,3\n",
        "may.csv": "Month,Outcome\n2020-05,Charged\n",
        "june.csv": "Month,Outcome\n2020-06,Charged\n",
    }
    raw.add([year, records], files, reference="TEST/2")


KEPT: list[Line] = [("2020", "8L", "17"), ("2021", "8L", "7")]
KEPT_FIGURE = "offence_year/dorset/count-1/q1/crimes/unstated/calendar/8l"


def withdraw(raw: Raw) -> None:
    carry_out(raw.places, plan(raw.places, WITHDRAWN, "a name in it"))


def withdraw_with_tables(places: Places) -> None:
    """Withdraw as far as changes look at it, with a log line that says of which table each extract was."""
    planned = plan(places, WITHDRAWN, "a name in it")
    add_tombstone(places, planned.tombstone)
    for path in planned.files:
        path.unlink()
    (places.raw / WITHDRAWN / "disclosure.yaml").write_text(planned.manifest or "", "utf-8")
    for release in planned.removed:
        release.path.unlink()
    places.published.unlink()
    append_log(
        places,
        {
            "event": "withdrawal",
            "disclosure": WITHDRAWN,
            "tombstone": planned.tombstone.digest,
            "removed": [release.number for release in planned.removed],
            "tables": {name: "q1" if name.endswith("/q1") else "records" for name in planned.tombstone.extracts},
        },
    )


def told(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {figure["id"]: figure for own in found["figures"].values() for figure in own}


def test_a_figure_whose_extract_changed_meanwhile_is_unknown_and_not_the_same(raw: Raw) -> None:
    add_withdrawn(raw)
    add_counts(raw, KEPT)
    published(raw)
    withdraw(raw)
    add_counts(raw, [("2020", "8L", "20"), KEPT[1]])
    published(raw)
    found = changes(raw.places)
    extract = "dorset/count-1/counts"
    assert found["extracts"]["changed"] == [extract]
    figure = {f["id"]: f for f in found["figures"]["unknown"]}[f"{KEPT_FIGURE}/2020"]
    assert (figure["before"], figure["after"]["value"]) == (None, 20)
    (part,) = figure["parts"]
    assert (part["cause"], part["delta_min"]) == ("unknown", None)
    assert ("sha256", extract) in {(one["column"], one["label"]) for one in part["what"]["differs"]}
    # no figure of that extract is among the same
    assert found["same"] == 0
    (one,) = changes(raw.places, asked=Asked(figure=figure["id"]))["figures"]["unknown"]
    assert one == figure
    shown = foi(raw, "--json", "--figure", figure["id"])
    assert shown.exit_code == 0 and json.loads(shown.stdout)["figures"]["unknown"][0]["after"]["value"] == 20


def test_a_figure_is_the_same_where_all_that_it_is_made_from_is(raw: Raw) -> None:
    add_withdrawn(raw)
    add_counts(raw, KEPT)
    published(raw)
    withdraw(raw)
    published(raw)
    found = changes(raw.places)
    assert found["extracts"]["changed"] == [] and len(found["extracts"]["withdrawn"]) == 3
    assert not found["figures"]["unknown"] and not found["figures"]["changed"]
    # two printed cells, two years, the change between them and their sum
    assert found["same"] == 6
    same = foi(raw, "--figure", f"{KEPT_FIGURE}/2020")
    assert same.exit_code == 0 and "is the same in both: 17 crimes" in same.output
    missing = foi(raw, "--figure", f"{KEPT_FIGURE}/2019")
    assert missing.exit_code == 1 and "whether release 1 had it is not held" in " ".join(missing.output.split())


def test_code_that_changed_meanwhile_leaves_only_equal_tables_proved(raw: Raw) -> None:
    add_withdrawn(raw)
    add_counts(raw, KEPT)
    published(raw)
    withdraw(raw)
    published(raw)
    lines = raw.places.release_log.read_text("utf-8").splitlines()
    entry = json.loads(lines[-1]) | {"code": "another"}
    raw.places.release_log.write_text("\n".join([*lines[:-1], json.dumps(entry)]) + "\n", "utf-8")
    found = changes(raw.places)
    unknown = {figure["figure_table"] for figure in found["figures"]["unknown"]}
    # the tables that had figures of what was withdrawn differ for that alone; nothing else proves the rest of them
    assert unknown == {"printed", "period_sum", "year_change"}
    assert f"{KEPT_FIGURE}/2020" not in told(found)
    assert {one["column"] for f in found["figures"]["unknown"] for p in f["parts"] for one in p["what"]["differs"]} == {
        "code"
    }


@pytest.mark.parametrize("says_how_it_is_read", [False, True])
def test_another_table_of_an_edited_manifest_is_the_same_where_the_log_proves_it(
    raw: Raw, says_how_it_is_read: bool
) -> None:
    def add(count: str) -> None:
        tables = [counts_table({"period": "Year", "count": "N"}, f"{q}.csv", id=q) for q in ("q1", "q2")]
        raw.add(tables, {"q1.csv": f"Year,N\n2020,{count}\n", "q2.csv": "Year,N\n2020,5\n"}, reference="TEST/3")

    add_withdrawn(raw)
    add("3")
    published(raw)
    withdraw(raw)
    add("4")
    published(raw)
    entries = [json.loads(line) for line in raw.places.release_log.read_text("utf-8").splitlines()]
    for entry in entries:
        entry.pop("described", None)
        if says_how_it_is_read and entry["event"] == "release":
            entry["described"] = {name: f"as in the manifest of {sha}" for name, sha in entry["extracts"].items()}
    raw.places.release_log.write_text("".join(f"{json.dumps(entry)}\n" for entry in entries), "utf-8")
    unknown = {figure["id"] for figure in changes(raw.places)["figures"]["unknown"]}
    assert "printed/dorset/test-3/q1/1/2" in unknown
    assert ("printed/dorset/test-3/q2/1/2" in unknown) is not says_how_it_is_read


def test_a_withdrawn_figure_names_the_extracts_of_its_table_and_no_others(raw: Raw) -> None:
    add_withdrawn(raw)
    add_counts(raw, KEPT)
    published(raw)
    withdraw_with_tables(raw.places)
    published(raw)
    found = changes(raw.places)
    extracts = {i: {p["what"]["extract_id"] for p in f["parts"]} for i, f in told(found).items()}
    year = "crimes_year/dorset/test-2/{}/crimes/unstated/calendar/2020"
    assert extracts[year.format("q1")] == {f"{WITHDRAWN}/q1"}
    assert extracts[year.format("records")] == {f"{WITHDRAWN}/may", f"{WITHDRAWN}/june"}
    assert extracts[f"printed/{WITHDRAWN}/q1/1/2"] == {f"{WITHDRAWN}/q1"}
    assert extracts[f"period_sum/{year.format('q1')}--2020"] == {f"{WITHDRAWN}/q1"}


def test_where_nothing_says_which_extract_a_withdrawn_figure_had_none_is_named(raw: Raw) -> None:
    add_withdrawn(raw)
    add_counts(raw, KEPT)
    published(raw)
    (entry,) = release_files(raw.places)
    withdraw_with_tables(raw.places)
    lines = raw.places.release_log.read_text("utf-8").splitlines()
    last = {name: value for name, value in json.loads(lines[-1]).items() if name != "tables"}
    raw.places.release_log.write_text("\n".join([*lines[:-1], json.dumps(last)]) + "\n", "utf-8")
    published(raw)
    found = changes(raw.places, entry.number)
    by_table: dict[str, set[str]] = {}
    for figure in told(found).values():
        for part in figure["parts"]:
            by_table.setdefault(figure["figure_table"], set()).add(part["what"].get("extract_id", "not known"))
    assert by_table["crimes_year"] == {"not known"} and by_table["printed"] == {f"{WITHDRAWN}/q1"}
    assert all(
        part["what"].get("disclosure", WITHDRAWN) == WITHDRAWN for f in told(found).values() for part in f["parts"]
    )


def test_tables_and_lists_are_as_without_a_withdrawal(raw: Raw) -> None:
    add_withdrawn(raw)
    add_counts(raw, KEPT)
    published(raw)
    withdraw(raw)
    published(raw)
    found = changes(raw.places, asked=Asked(table="crimes_year"))
    assert {f["figure_table"] for f in told(found).values()} == {"crimes_year"}
    assert found["figures"].keys() == {*LISTS, "unknown"}
    assert "there are platform_month" in foi(raw, "--table", "crimes").output
