"""Vintages: the answers to one question in time, from manifests, and what changed in their lines."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pipeline.cli import main
from pipeline.lineage.pairing import NOT_THERE
from pipeline.lineage.trace import NotFound
from pipeline.lineage.vintages import vintages
from pipeline.publication.release import publish
from tests.disclosures import Raw, counts_table, records_table

COLUMNS = {"reference": "Ref", "period": "Month", "outcome": "Outcome"}
OLD = (
    "Ref,Month,Outcome\nA1,2020-05,Under investigation\nA2,2020-05,Under investigation\nA2,2020-06,Charged\n,2020-06,\n"
)
NEW = "Ref,Month,Outcome\n,2020-06,\nA2,2020-06,Charged\nA2,2020-05,Under investigation\nA1,2020-05,Charged\n"


def published(raw: Raw) -> None:
    outcome = publish(raw.build())
    assert outcome.published, outcome.message


def add_records(raw: Raw, text: str, reference: str, **more: Any) -> None:
    raw.add([records_table(dict(COLUMNS))], {"records.csv": text}, reference=reference, **more)


def pair_of_answers(raw: Raw) -> None:
    add_records(raw, OLD, "TEST/1", responded="2021-01-05")
    add_records(raw, NEW, "TEST/2", responded="2021-06-05", supersedes="TEST/1")
    published(raw)


def foi(raw: Raw, *arguments: str) -> Result:
    places = ["--raw", str(raw.places.raw), "--warehouse", str(raw.places.warehouse)]
    return CliRunner().invoke(main, ["vintages", *arguments, *places])


def test_answers_stand_in_time_with_what_replaces_them(raw: Raw) -> None:
    pair_of_answers(raw)
    found = vintages(raw.places)
    (chain,) = found["chains"]
    said = [(a["disclosure"], str(a["responded"]), a["superseded_by"]) for a in chain["answers"]]
    assert said == [("dorset/test-1", "2021-01-05", ["dorset/test-2"]), ("dorset/test-2", "2021-06-05", [])]
    for answer in chain["answers"]:
        (table,) = answer["tables"]
        assert (table["table_id"], table["records"], table["rejected"]) == ("records", 4, 0)
        assert table["figures"] > 0 and "not stated" in table["as_at"]
    assert chain["changes"] == [], "nothing is compared until an answer is named"


@pytest.mark.parametrize("name", ["dorset/test-1", "dorset/test-2", "dorset/test-2/records"])
def test_what_changed_is_said_from_either_answer(raw: Raw, name: str) -> None:
    pair_of_answers(raw)
    (change,) = vintages(raw.places, name)["chains"][0]["changes"]
    assert (change["older"], change["newer"], change["word"]) == ("dorset/test-1", "dorset/test-2", "supersedes")
    (table,) = change["tables"]
    assert [table[k] for k in ("before", "after", "equal", "revised", "gone", "new")] == [4, 4, 3, 1, 0, 0]
    assert table["columns"] == {"outcome": 1} and table["nothing_else"]
    assert [(c["before"], c["after"], c["n"]) for c in table["changes"]] == [("Under investigation", "Charged", 1)]
    (line,) = table["lines"]
    assert (line["kind"], line["before"]["line_no"], line["after"]["line_no"]) == ("revised", 2, 5)
    assert (table["joined_from"], table["joined"]) == (3, 5)


def test_cells_of_counts_pair_by_their_labels(raw: Raw) -> None:
    columns = {"period": "Year", "count": "N"}
    raw.add([counts_table(columns)], {"counts.csv": "Year,N\n2020,5\n2021,7\n2022,8\n"}, reference="TEST/1")
    later = {"counts.csv": "Year,N\n2023,9\n2022,8\n2021,6\n"}
    raw.add([counts_table(columns)], later, reference="TEST/2", corrects="TEST/1")
    published(raw)
    (change,) = vintages(raw.places, "dorset/test-1")["chains"][0]["changes"]
    (table,) = change["tables"]
    assert change["word"] == "corrects"
    assert [table[k] for k in ("equal", "revised", "gone", "new")] == [1, 1, 1, 1]
    assert (table["columns"], table["why_gone"]) == ({"printed": 1}, {NOT_THERE: 1})
    assert [(c["before"], c["after"]) for c in table["changes"]] == [("7", "6")]
    assert "revised cells differ in printed (1)" in foi(raw, "dorset/test-1").output


def test_a_column_that_one_answer_lacks_is_not_compared(raw: Raw) -> None:
    add_records(raw, OLD, "TEST/1")
    more = records_table(COLUMNS | {"platform": "Platform"})
    text = "\n".join(f"{line},{'TikTok' if n else 'Platform'}" for n, line in enumerate(OLD.splitlines()))
    raw.add([more], {"records.csv": text}, reference="TEST/2", supersedes="TEST/1")
    published(raw)
    (table,) = vintages(raw.places, "dorset/test-2")["chains"][0]["changes"][0]["tables"]
    assert (table["equal"], table["not_compared"]) == (4, ["platform"])


def test_tables_of_other_ids_and_layouts_are_named_not_compared(raw: Raw) -> None:
    add_records(raw, OLD, "TEST/1")
    counts = counts_table({"period": "Year", "count": "N"}) | {"id": "records"}
    files = {"counts.csv": "Year,N\n2020,5\n", "more.csv": "Year,N\n2020,6\n"}
    other = counts_table({"period": "Year", "count": "N"}, "more.csv")
    raw.add([counts, other], files, reference="TEST/2", supersedes="TEST/1")
    published(raw)
    (change,) = vintages(raw.places, "dorset/test-2")["chains"][0]["changes"]
    assert (change["only_older"], change["only_newer"]) == ([], ["q1"])
    assert "records and counts" in change["tables"][0]["why_not"]
    shown = foi(raw, "dorset/test-2")
    assert "only in the newer: q1" in shown.output and "cannot be compared" in shown.output


def test_three_answers_make_one_chain_in_order(raw: Raw) -> None:
    # names in the other order than time
    add_records(raw, OLD, "TEST/3")
    add_records(raw, OLD, "TEST/2", supersedes="TEST/3")
    add_records(raw, NEW, "TEST/1", supersedes="TEST/2")
    add_records(raw, OLD, "OTHER/1")
    published(raw)
    (chain,) = vintages(raw.places)["chains"]
    assert [a["disclosure"] for a in chain["answers"]] == ["dorset/test-3", "dorset/test-2", "dorset/test-1"]
    (chain,) = vintages(raw.places, "dorset/test-3")["chains"]
    assert sorted(c["older"] for c in chain["changes"]) == ["dorset/test-2", "dorset/test-3"]
    alone = vintages(raw.places, "dorset/other-1")["chains"][0]
    assert [a["disclosure"] for a in alone["answers"]] == ["dorset/other-1"] and alone["changes"] == []


def test_an_unknown_name_says_what_there_is(raw: Raw) -> None:
    with pytest.raises(NotFound, match="foi refresh"):
        vintages(raw.places)
    pair_of_answers(raw)
    with pytest.raises(NotFound, match="near to it: dorset/test-1"):
        vintages(raw.places, "dorset/tset-1")
    with pytest.raises(NotFound, match="it has records"):
        vintages(raw.places, "dorset/test-1/q9")
    failed = foi(raw, "dorset/tset-1", "--json")
    assert failed.exit_code == 1 and "near to it" in json.loads(failed.stdout)["error"]


def test_the_verb_shows_the_chain_and_its_json_is_the_same_document(raw: Raw) -> None:
    pair_of_answers(raw)
    shown = foi(raw, "dorset/test-2")
    assert shown.exit_code == 0
    assert "superseded by 2" in shown.output and "2 supersedes 1" in shown.output
    assert "4 lines, then 4: 3 equal, 1 revised, 0 gone, 0 new" in shown.output
    assert "joining on it would make 5 rows of 3 lines" in shown.output
    document = json.loads(foi(raw, "dorset/test-2", "--json").stdout)
    assert document == json.loads(json.dumps(vintages(raw.places, "dorset/test-2"), default=str))


def test_with_no_vintage_the_verb_says_so(raw: Raw) -> None:
    add_records(raw, OLD, "TEST/1")
    published(raw)
    shown = foi(raw)
    assert shown.exit_code == 0 and "No answer in the release replaces" in shown.output
