"""The worklist and its suggestions."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.desk.reading import NothingPublished, Unknown
from pipeline.desk.worklist import candidates, suggestions, worklist
from pipeline.publication.release import publish
from pipeline.store.digests import ROOT
from tests.disclosures import Raw, records_table

COLUMNS = {"period": "Month", "platform": "Platform", "outcome": "Outcome"}
FIRST = (
    "Month,Platform,Outcome\nJan-20,Facbook,16\nJan-20,TikTok,Type 16 - Charged\nFeb-20,Facbook,N/A\nFeb-20,Zzz,nope\n"
)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Raw:
    """Return a published raw/ that is only read."""
    raw = Raw.at(tmp_path_factory.mktemp("published"))
    raw.add([records_table(COLUMNS)], {"records.csv": FIRST}, reference="TEST/1")
    ages = records_table({"period": "Month", "platform": "Platform", "age": "Age"}, id="ages")
    raw.add([ages], {"records.csv": "Month,Platform,Age\nJan-20,TikTok,-1\nJan-20,Facbook,12-15\n"}, reference="TEST/2")
    assert publish(raw.build()).published
    return raw


def test_labels_are_listed_by_number_of_records_with_their_places(published: Raw) -> None:
    found = worklist(published.places)
    assert [(e["n"], e["dimension"], e["label"], e["status"]) for e in found["labels"]] == [
        (3, "platform", "Facbook", "unmapped"),
        (1, "outcome", "Type 16 - Charged", "conflict"),
        (1, "outcome", "nope", "unmapped"),
        (1, "platform", "Zzz", "unmapped"),
    ]
    first = found["labels"][0]
    assert first["vocabulary"] == "platforms"
    assert [(p["extract_id"], p["first_line"], p["n"]) for p in first["places"]] == [
        ("dorset/test-1/records", 2, 2),
        ("dorset/test-2/records", 3, 1),
    ]
    assert [(e["label"], e["status"]) for e in found["invalid"]] == [("-1", "invalid")]


def test_the_list_may_be_of_one_dimension_disclosure_or_table(published: Raw) -> None:
    places = published.places
    assert {e["dimension"] for e in worklist(places, "outcome")["labels"]} == {"outcome"}
    assert [e["n"] for e in worklist(places, disclosure="dorset/test-2")["labels"]] == [1]
    assert [e["n"] for e in worklist(places, table="records")["labels"]] == [2, 1, 1, 1]
    assert worklist(places, "age", "dorset/test-1")["invalid"] == []
    for asked in ({"disclosure": "dorset/none"}, {"table": "none"}):
        with pytest.raises(Unknown, match="it has "):
            worklist(places, **asked)


def test_without_a_release_there_is_no_list(raw: Raw) -> None:
    with pytest.raises(NothingPublished):
        worklist(raw.places)
    with pytest.raises(NothingPublished):
        suggestions(raw.places, None, None)


def test_a_suggestion_says_which_label_is_near_and_how_near() -> None:
    first, *_ = candidates("platforms", "Facbook")
    assert (first["code"], first["name"], first["because"]["label"]) == ("facebook", "Facebook", "Facebook")
    assert first["because"]["source"] and 90 < first["score"] < 100
    assert candidates("offences", "Shop lifting")[0]["code"] == "46"
    assert candidates("outcomes", "Offender has dyed")[0]["code"] == "5"
    assert candidates("periods", "Jan 20") == []


def test_candidates_are_ranked_each_code_once_and_as_many_as_asked() -> None:
    found = candidates("outcomes", "suspect identified evidential difficulties", 3)
    assert len(found) == 3 and len({c["code"] for c in found}) == 3
    assert [c["score"] for c in found] == sorted((c["score"] for c in found), reverse=True)


@pytest.mark.parametrize("label", ["Type 15 - Named Suspect - Victim Unsupportive", "1B", "99", "8Z"])
def test_another_number_is_never_near(label: str) -> None:
    for vocabulary in ("outcomes", "offences", "ages"):
        for found in candidates(vocabulary, label):
            assert [c for c in found["because"]["label"] if c.isdigit()] == [c for c in label if c.isdigit()]


def test_suggestions_are_for_the_worklist_or_for_one_label(published: Raw) -> None:
    every = suggestions(published.places, None, None)["suggestions"]
    assert (every[0]["label"], every[0]["n"]) == ("Facbook", 3)
    assert {s["vocabulary"] for s in suggestions(published.places, None, "outcomes")["suggestions"]} == {"outcomes"}
    (one,) = suggestions(published.places, "Facbook", None)["suggestions"]
    assert (one["vocabulary"], one["n"], one["candidates"][0]["code"]) == ("platforms", 3, "facebook")
    new = suggestions(published.places, "Never met", None)["suggestions"]
    assert [(s["vocabulary"], s["n"]) for s in new] == [
        (name, None) for name in ("platforms", "outcomes", "offences", "ages")
    ]


def test_normalisation_never_sees_the_library_of_likeness() -> None:
    text = (
        "import sys\nfrom pipeline.normalisation import coding\nfrom pipeline.desk import worklist\n"
        "for name in coding.VOCABULARIES: coding.coded(name, ['Facbook', '16', 'Shop lifting'])\n"
        "assert 'rapidfuzz' not in sys.modules\nworklist.candidates('platforms', 'Facbook')\n"
        "assert 'rapidfuzz' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", text], cwd=ROOT, check=True)
    importing = [p for p in Path(ROOT / "pipeline").rglob("*.py") if "rapidfuzz" in p.read_text("utf-8")]
    assert [p.name for p in importing] == ["worklist.py"]
