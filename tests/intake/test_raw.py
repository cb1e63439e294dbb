"""One look at raw/: every disclosure and extract, what was refused and why, and what no manifest names."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.intake.problem import Problem, Refused
from pipeline.intake.raw import manifests, predecessor, read_disclosure, read_raw
from pipeline.normalisation.forces import force_names
from tests.disclosures import Raw, counts_table

FILES: dict[str, bytes | str] = {"counts.csv": "Year,Count\n2020,1\n"}
COLUMNS = {"period": "Year", "count": "Count"}


def add(raw: Raw, reference: str = "TEST/1", force: str = "dorset", **disclosure: object) -> Path:
    return raw.add([counts_table(COLUMNS)], FILES, force, reference, **disclosure)


def test_a_raw_that_is_not_there_is_empty(raw: Raw) -> None:
    look = read_raw(raw.places, force_names())
    assert (look.disclosures, look.extracts, look.refusals, look.stray) == ((), (), (), ())


def test_disclosures_come_in_the_order_of_force_and_reference(raw: Raw) -> None:
    for force, reference in (("kent", "1"), ("dorset", "B"), ("dorset", "A")):
        add(raw, reference, force)
    look = read_raw(raw.places, force_names())
    assert [d.name for d in look.disclosures] == ["dorset/a", "dorset/b", "kent/1"]
    assert [e.extract_id for e in look.extracts] == ["dorset/a/counts", "dorset/b/counts", "kent/1/counts"]


def test_a_refused_manifest_leaves_the_others_as_they_are(raw: Raw) -> None:
    add(raw, "A")
    folder = add(raw, "B", colour="blue")
    look = read_raw(raw.places, force_names())
    assert [d.name for d in look.disclosures] == ["dorset/a"]
    (refusal,) = look.refusals
    assert refusal.name == "dorset/b"
    assert refusal.reason.startswith("raw/dorset/b/disclosure.yaml:4, column colour: found the unknown key")
    (folder / "disclosure.yaml").write_text("force: [", "utf-8")
    assert [r.name for r in read_raw(raw.places, force_names()).refusals] == ["dorset/b"]


@pytest.mark.parametrize("word", ["supersedes", "corrects"])
def test_an_earlier_answer_that_is_not_there_refuses_the_disclosure(raw: Raw, word: str) -> None:
    add(raw, "A")
    add(raw, "B", **{word: "C"})
    look = read_raw(raw.places, force_names())
    assert [d.name for d in look.disclosures] == ["dorset/a"]
    assert [e.disclosure.name for e in look.extracts] == ["dorset/a"]
    assert f"raw/dorset/b/disclosure.yaml, column {word}: found 'C'" in look.refusals[0].reason
    add(raw, "C", "kent")
    assert len(read_raw(raw.places, force_names()).refusals) == 1
    add(raw, "C")
    assert read_raw(raw.places, force_names()).refusals == ()


def test_files_that_no_manifest_names_are_told_and_hidden_ones_are_not(raw: Raw) -> None:
    folder = add(raw)
    (folder / "letter.pdf").write_bytes(b"")
    (folder / ".DS_Store").write_bytes(b"")
    waiting = raw.places.raw / "kent" / "waiting"
    waiting.mkdir(parents=True)
    (waiting / "new.csv").write_bytes(b"")
    for other in ("claims", "inbox", ".git"):
        (raw.places.raw / other / "x").mkdir(parents=True)
        (raw.places.raw / other / "x" / "y.csv").write_bytes(b"")
    look = read_raw(raw.places, force_names())
    assert look.stray == ("raw/dorset/test-1/letter.pdf", "raw/kent/waiting/new.csv")
    assert look.refusals == ()


def test_the_inbox_is_no_force(raw: Raw) -> None:
    folder = add(raw)
    inbox = raw.places.raw / "inbox"
    (inbox / "answer").mkdir(parents=True)
    for name in ("new.csv", "answer/disclosure.yaml", "answer/new.csv"):
        (inbox / name).write_text("force: [", "utf-8")
    look = read_raw(raw.places, force_names())
    assert ([d.name for d in look.disclosures], look.refusals, look.stray) == (["dorset/test-1"], (), ())
    assert manifests(raw.places.raw) == [folder / "disclosure.yaml"]


def test_an_answer_of_the_same_reference_is_named_by_its_folder(raw: Raw) -> None:
    add(raw, "FOI 1/25")
    for name, earlier in (("foi-1-25-june", "foi-1-25"), ("foi-1-25-july", "foi-1-25-june")):
        folder = add(raw, "FOI 1/25").rename(raw.places.raw / "dorset" / name)
        manifest = (folder / "disclosure.yaml").read_text("utf-8")
        said = f"our_reference: {name}\nsupersedes: {earlier}\ndecision"
        (folder / "disclosure.yaml").write_text(manifest.replace("decision", said, 1), "utf-8")
        add(raw, "FOI 1/25")
    look = read_raw(raw.places, force_names())
    assert look.refusals == ()
    first, july, june = look.disclosures
    assert predecessor(july, "foi-1-25-june", look.disclosures) == june
    assert predecessor(june, "foi-1-25", look.disclosures) == first
    assert predecessor(first, "foi-1-25", look.disclosures) is None, "never itself"
    assert predecessor(july, "FOI 1/25", look.disclosures) is None, "two others print it"
    assert predecessor(july, "FOI 1/25", [july, first]) == first


def test_one_folder_is_read_alone_or_refused_in_words(raw: Raw) -> None:
    folder = add(raw)
    (folder / "notes.txt").write_text("by the way")
    found = read_disclosure(folder, raw.places, force_names())
    assert [e.extract_id for e in found.extracts] == ["dorset/test-1/counts"]
    assert found.stray == (raw.places.shown(folder / "notes.txt"),)
    (folder / "disclosure.yaml").unlink()
    with pytest.raises(Refused, match=r"raw/dorset/test-1: found no disclosure\.yaml"):
        read_disclosure(folder, raw.places, force_names())


def test_one_bad_name_does_not_hide_the_other_disclosures(raw: Raw) -> None:
    add(raw, "A")
    folder = raw.places.raw / "dorset" / "dash"
    folder.mkdir()
    (folder / "disclosure.yaml").write_text("force: dorset\nreference: '-'\ndecision: refused\n", "utf-8")
    look = read_raw(raw.places, force_names())
    assert [d.name for d in look.disclosures] == ["dorset/a"]
    assert [r.name for r in look.refusals] == ["dorset/dash"]


def test_a_problem_says_where_what_and_what_to_do() -> None:
    problem = Problem("raw/x.csv", "'abc'", "a number", "mend it", 7, "Count")
    assert str(problem) == "raw/x.csv:7, column Count: found 'abc'; expected a number; mend it"
    assert str(Problem("raw/x", "nothing", "a file", "add it")) == ("raw/x: found nothing; expected a file; add it")
