"""Labels coded as JSON, and labels taken from a file."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake.problem import Problem, Refused
from pipeline.normalisation import vocabulary
from pipeline.normalisation.ages import age_labels
from pipeline.normalisation.coding import VOCABULARIES, coded, labels_of_file
from pipeline.normalisation.labels import unknown_labels
from pipeline.normalisation.outcomes import outcome_labels
from pipeline.normalisation.periods import DECLARED
from pipeline.normalisation.platforms import platform_labels
from pipeline.normalisation.vocabulary import BY_DIMENSION

KEYS = ["label", "code", "name", "status", "rule", "source"]
NO_AGE = {"age_min": None, "age_max": None}


@pytest.mark.parametrize(
    ("name", "label", "code"),
    [
        ("platforms", "Tik Tok", ["tiktok"]),
        ("platforms", "FB; Instagram / FB", ["facebook", "instagram"]),
        ("platforms", "social media", ["generic:social-media"]),
        ("platforms", "Meta platforms", ["group:meta"]),
        ("platforms", "N/A", ["unknown"]),
        ("outcomes", "Type 16 - Named Suspect - Victim Unsupportive", "16"),
        ("outcomes", "1a", "1A"),
        ("outcomes", "Unable to prosecute suspect", "group:unable-to-prosecute-suspect"),
        ("outcomes", "arrest, no charge", "status:arrest-no-charge"),
        ("outcomes", "", "unknown"),
        ("offences", "8/72", "008/72"),
        ("offences", "(8L) Harassment", "8L"),
        ("offences", "Harassment", "local:harassment"),
        ("offences", "Stalking and Harassment", "subgroup:stalking-and-harassment"),
        ("offences", "Violence against the person", "group:violence-against-the-person"),
        ("offences", "N/A", "unknown"),
        ("ages", "15", {"age_min": 15, "age_max": 15, "kind": "exact"}),
        ("ages", "12-15", {"age_min": 12, "age_max": 15, "kind": "band"}),
        ("ages", "60+", {"age_min": 60, "age_max": None, "kind": "open"}),
        ("ages", "Not known", NO_AGE | {"kind": "unknown"}),
        ("ages", "-1", NO_AGE | {"kind": "invalid"}),
        ("ages", "#VALUE!", NO_AGE | {"kind": "invalid"}),
        ("periods", "2021/22", {"start": "2021-04-01", "end": "2022-04-01", "basis": "financial", "part": False}),
        ("periods", "N/A", {"start": None, "end": None, "basis": None, "part": False}),
    ],
)
def test_what_can_be_read_is_mapped_to_its_code(name: str, label: str, code: Any) -> None:
    (found,) = coded(name, [label])
    assert list(found) == KEYS
    assert (found["label"], found["status"], found["code"]) == (label, "mapped", code)
    assert found["name"] and found["rule"]


@pytest.mark.parametrize(
    ("name", "label", "status"),
    [
        ("platforms", "Facbook", "unmapped"),
        ("outcomes", "Type 16 - Charged", "conflict"),
        ("outcomes", "99", "unmapped"),
        ("offences", "8Q - Shoplifting", "conflict"),
        ("offences", "EX-LOC 14", "unmapped"),
        ("ages", "old", "unmapped"),
        ("periods", "31/02/2021", "unmapped"),
        ("periods", "2015*", "unmapped"),
    ],
)
def test_what_cannot_be_read_has_no_code_and_no_name(name: str, label: str, status: str) -> None:
    (found,) = coded(name, [label])
    assert (found["status"], found["name"]) == (status, None)
    assert found["code"] == ([] if name == "platforms" else None)


def test_a_basis_gives_what_a_manifest_would() -> None:
    assert coded("periods", ["2020"])[0]["status"] == "unmapped"
    (found,) = coded("periods", ["2020"], "calendar")
    assert found["code"] == {"start": "2020-01-01", "end": "2021-01-01", "basis": "calendar", "part": False}
    (tax,) = coded("periods", ["2021/22"], "tax")
    assert tax["code"]["start"] == "2021-04-06"


@pytest.mark.parametrize(
    ("name", "label"),
    [
        *(("ages", row.label) for row in age_labels().rows if row.code in {"Unmapped", "Invalid"}),
        ("ages", "N/A"),
        ("outcomes", "N/A"),
        ("offences", "N/A"),
        ("periods", "N/A"),
        ("platforms", "TikTok"),
    ],
)
def test_a_label_with_a_row_says_where_it_was_seen(name: str, label: str) -> None:
    tables = {"outcomes": outcome_labels, "platforms": platform_labels, "ages": age_labels}
    row = (tables[name]().find(label) if name in tables else None) or unknown_labels().find(label)
    assert row is not None and coded(name, [label])[0]["source"] == row.source != ""


@pytest.mark.parametrize(
    ("name", "label"),
    [("ages", "15"), ("ages", ""), ("periods", "2021/22"), ("periods", "*"), ("outcomes", "Type 16 - Charged")],
)
def test_a_label_that_no_row_decided_has_no_source(name: str, label: str) -> None:
    assert coded(name, [label])[0]["source"] == ""


def test_a_row_that_is_only_alike_is_not_the_source_of_what_the_structure_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = "label,code,source,decided,note\n12 15 years,18+,a letter,d,\n"
    (tmp_path / "age_labels.csv").write_text(lines, "utf-8")
    monkeypatch.setenv("FOI_REFERENCE", str(tmp_path))
    for cached in (age_labels, vocabulary.age):
        cached.cache_clear()
    (band,) = coded("ages", ["12-15 years"])
    (alike,) = coded("ages", ["12, 15 years"])
    for cached in (age_labels, vocabulary.age):
        cached.cache_clear()
    assert (band["name"], band["source"]) == ("12-15", "")
    assert (alike["name"], alike["rule"], alike["source"]) == ("18+", "reference row", "a letter")


@pytest.mark.parametrize(
    ("name", "label", "said"),
    [
        ("platforms", "FB; Instagram / FB", "Facebook; Instagram"),
        ("outcomes", "N/A", "unknown"),
        ("offences", "8L", "Harassment"),
        ("ages", "15", "12-15"),
        ("ages", "60+", "60+"),
        ("ages", "N/A", "unknown"),
        ("ages", "-1", "Invalid"),
        ("periods", "2021/22", "2021-04-01/2022-04-01"),
        ("periods", "N/A", "unknown"),
    ],
)
def test_what_is_mapped_has_a_name_to_show(name: str, label: str, said: str) -> None:
    assert coded(name, [label])[0]["name"] == said


def test_labels_may_come_one_by_one_and_no_two_share_a_document() -> None:
    first, second = coded("platforms", iter(["TikTok", "TikTok"]))
    first["name"] = "changed"
    assert second["name"] == "TikTok"


def test_a_vocabulary_that_there_is_not_is_an_error() -> None:
    with pytest.raises(KeyError):
        coded("colours", ["red"])


@given(labels=st.lists(st.text(max_size=12), max_size=8), name=st.sampled_from(sorted(VOCABULARIES)), data=st.data())
def test_every_label_gets_one_document_of_its_own_in_order(labels: list[str], name: str, data: st.DataObject) -> None:
    basis = data.draw(st.sampled_from([None, *DECLARED])) if name == "periods" else None
    found = coded(name, [*labels, *labels], basis)
    assert [document["label"] for document in found] == [*labels, *labels]
    assert found[: len(labels)] == found[len(labels) :]
    for document in found:
        assert list(document) == KEYS and document["status"] in {"mapped", "unmapped", "conflict"}
        assert (document["code"] in (None, [])) is (document["status"] != "mapped")
        assert json.loads(json.dumps(document)) == document


@given(label=st.text(max_size=12), name=st.sampled_from(["outcomes", "offences"]))
def test_the_code_is_that_of_the_reading(label: str, name: str) -> None:
    reading = BY_DIMENSION[VOCABULARIES[name]](label)
    (found,) = coded(name, [label])
    assert found["code"] == (getattr(reading, "code", None) if reading.status in {"mapped", "unknown"} else None)


def file_of(folder: Path, content: str | bytes) -> Path:
    path = folder / "labels.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_labels_of_a_file_are_text_in_the_order_of_the_lines(tmp_path: Path) -> None:
    path = file_of(tmp_path, '\ufeffraw_label,seen\r\nnull,x\r\n007,y\r\n\r\n"a, ""b""\nc",z\r\n,w\r\nNA,x\r\n')
    assert labels_of_file(path) == ["null", "007", 'a, "b"\nc', "", "NA"]
    assert labels_of_file(path, "seen") == ["x", "y", "z", "w", "x"]


def test_one_column_may_have_an_empty_label_but_a_blank_line_is_none(tmp_path: Path) -> None:
    assert labels_of_file(file_of(tmp_path, 'label\nTikTok\n\n \t\n""\n15-Dec\n')) == ["TikTok", "", "15-Dec"]


NO_HEADER = ("no header", "a CSV with a header line", "mend the file", 1)
QUOTE = "a quote that neither opens nor closes a field"


@pytest.mark.parametrize(
    ("content", "column", "problem"),
    [
        ("label\nFacebook, Instagram\n", None, ("2 fields", "1 fields", "mend the line", 2)),
        ("label,n\na,1\nb\n", None, ("1 fields", "2 fields", "mend the line", 3)),
        ('label,n\n"a"b,1\n', None, (QUOTE, "2 fields", "mend the line", 2)),
        ("label,n\na,1\n", "lable", ("the header 'label', 'n'", "one column 'lable'", "mend --column", 1)),
        ("\n\nlabel,n\na,1\n", "lable", ("the header 'label', 'n'", "one column 'lable'", "mend --column", 3)),
        ("a,a\n1,2\n", "a", ("the header 'a', 'a'", "one column 'a'", "mend --column", 1)),
        ("", None, NO_HEADER),
        ("\n\n", None, NO_HEADER),
        ('"a"b,n\na,1\n', None, NO_HEADER),
    ],
)
def test_a_file_that_is_no_table_of_labels_is_refused_with_the_place(
    tmp_path: Path, content: str, column: str | None, problem: tuple[str, str, str, int]
) -> None:
    path = file_of(tmp_path, content)
    with pytest.raises(Refused) as refused:
        labels_of_file(path, column)
    assert refused.value.problems == (Problem(str(path), *problem),)


def test_the_first_column_is_read_even_where_another_bears_its_name(tmp_path: Path) -> None:
    assert labels_of_file(file_of(tmp_path, "a,a\n1,2\n")) == ["1"]


def test_a_file_whose_name_is_no_unicode_is_named_as_far_as_it_can_be(tmp_path: Path) -> None:
    name = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.csv")
    with pytest.raises(Refused, match="caf\ufffd"):
        labels_of_file(Path(name))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "none.csv"
    with pytest.raises(Refused) as refused:
        labels_of_file(path)
    assert refused.value.problems == (Problem(str(path), "no file", "a CSV with a column of labels", "mend --file"),)
