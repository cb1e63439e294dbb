"""Search: all words, in any case and with any accents; the same order every time."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.lineage.search import NoWords, search
from pipeline.lineage.trace import NotFound
from pipeline.publication.build import Build
from pipeline.publication.release import publish
from tests.disclosures import Raw, counts_table, records_table


def test_all_words_must_be_there(shipped: Build) -> None:
    found = search(shipped.places, "dorset tiktok 2023/24", 50)
    assert found["words"] == ["2023", "24", "dorset", "tiktok"]
    assert found["totals"]["figures"] == len(found["figures"]) > 5
    assert all(word in figure["id"] for figure in found["figures"] for word in found["words"])
    assert [d["disclosure"] for d in found["disclosures"]] == ["dorset/01-fin-24-2153"]
    assert all(any(w in c["text"].lower() for w in found["words"]) for c in found["disclosures"][0]["caveats"])


@pytest.mark.parametrize("text", ["HARASSMENT 8L", "8l   harássment", "(8L) – Harassment!"])
def test_case_accents_and_punctuation_do_not_matter(shipped: Build, text: str) -> None:
    found = search(shipped.places, text)["labels"]
    assert [(x["label"], x["code"], x["first_line"]) for x in found if x["extract_id"].startswith("cleveland")] == [
        ("8L - Harassment", "8L", 2)
    ]


def test_accents_in_what_is_searched_do_not_matter_either(raw: Raw) -> None:
    table = counts_table({"offence": "Offence", "count": "N"}, constants={"period": "2020"})
    raw.add([table], {"counts.csv": "Offence,N\nVol à l'étalage,3\n"}, title="Délits d’été")
    publish(raw.build())
    found = search(raw.places, "etalage VOL")
    assert [(x["label"], x["status"], x["n"], x["first_line"]) for x in found["labels"]] == [
        ("Vol à l'étalage", "unmapped", 1, 2)
    ]
    assert [d["title"] for d in search(raw.places, "ete delits")["disclosures"]] == ["Délits d’été"]


def test_words_of_the_title_of_a_table_find_its_figures(shipped: Build) -> None:
    assert {figure["table"] for figure in search(shipped.places, "mentions age band", synthetic=True)["figures"]} == {
        "platform_age_year"
    }


def test_words_of_a_caveat_find_its_disclosure(shipped: Build) -> None:
    (found,) = search(shipped.places, "nobody harassment northumbria")["disclosures"]
    assert found["disclosure"] == "northumbria/109-17"
    assert "northumbria/109-17#hits-not-crimes" in {c["id"] for c in found["caveats"]}


def test_whole_words_come_before_parts_of_words(raw: Raw) -> None:
    lines = ["Offence,N", "Theft", "Thefts of all kinds", "A theft by a person known"]
    table = counts_table({"offence": "Offence", "count": "N"}, constants={"period": "2020"})
    raw.add([table], {"counts.csv": "\n".join([lines[0], *(f"{line},1" for line in lines[1:])]) + "\n"})
    publish(raw.build())
    labels = [x["label"] for x in search(raw.places, "theft")["labels"]]
    assert labels == ["Theft", "A theft by a person known", "Thefts of all kinds"]


def test_made_up_and_superseded_figures_only_where_they_are_asked_for(raw: Raw, shipped: Build) -> None:
    assert not any(f["synthetic"] for f in search(shipped.places, "exampleshire", 1000)["figures"])
    assert all(f["synthetic"] for f in search(shipped.places, "exampleshire records", synthetic=True)["figures"])
    for reference, more in (("TEST/1", {}), ("TEST/2", {"supersedes": "TEST/1"})):
        table = counts_table({"period": "Year", "count": "N"})
        raw.add([table], {"counts.csv": "Year,N\n2020,1\n"}, reference=reference, **more)
    publish(raw.build())
    plain = {f["id"] for f in search(raw.places, "crimes test")["figures"]}
    assert plain and all("/test-2/" in figure for figure in plain)
    old = [f for f in search(raw.places, "crimes test", superseded=True)["figures"] if f["id"] not in plain]
    assert old and all("/test-1/" in f["id"] and f["superseded_by"] == "dorset/test-2" for f in old)


def test_no_more_than_asked_are_listed_and_the_total_is_told(shipped: Build) -> None:
    found = search(shipped.places, "tiktok", 3)
    assert [len(found[name]) for name in ("figures", "labels", "disclosures")] == [3, 3, 3]
    assert all(found["totals"][name] > 3 for name in ("figures", "labels", "disclosures"))
    more = search(shipped.places, "tiktok", 6)
    assert [more[name][:3] for name in ("figures", "labels", "disclosures")] == [
        found[name] for name in ("figures", "labels", "disclosures")
    ]


@pytest.fixture(scope="module")
def in_one_order(shipped: Build) -> dict[str, Any]:
    return search(shipped.places, "dorset TikTok 2023-24 platform")


@settings(max_examples=20, deadline=None)
@given(st.permutations(["dorset", "TikTok", "2023-24", "platform"]))
def test_the_order_of_the_words_means_nothing(shipped: Build, in_one_order: dict[str, Any], words: list[str]) -> None:
    assert search(shipped.places, " ".join(words)) | {"text": ""} == in_one_order | {"text": ""}


@settings(max_examples=20, deadline=None)
@given(st.text(max_size=30))
@example("a\0b")
def test_any_text_is_answered_or_refused_in_words(shipped: Build, text: str) -> None:
    try:
        found = search(shipped.places, text, 2)
    except NoWords as error:
        assert "expected words to look for" in str(error)
    else:
        assert found["words"] and set(found["totals"]) == {"figures", "labels", "disclosures"}


def test_quotes_and_question_marks_are_only_text(shipped: Build) -> None:
    found = search(shipped.places, "MSN?? ' or '1'='1")
    assert found["totals"] == {"figures": 0, "labels": 0, "disclosures": 0}
    assert search(shipped.places, "MSN??", 1)["labels"][0]["label"] == "MSN??"


def test_without_a_release_it_says_what_to_do(raw: Raw) -> None:
    raw.add([records_table({"period": "Month"})], {"records.csv": "Month\n2020-05\n"})
    with pytest.raises(NotFound, match="foi refresh"):
        search(raw.places, "tiktok")
