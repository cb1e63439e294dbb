"""The inbox: drafted once it is quiet, waiting until a person says yes, and never lost or written over on the way."""

from __future__ import annotations

import os
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.intake.problem import Refused
from pipeline.reception import inbox
from pipeline.reception.inbox import look, resume
from pipeline.reception.waiting import waiting
from pipeline.store.places import Places
from tests.disclosures import Raw
from tests.reception.arrivals import ANSWERS, RECORDS, answer_of, drop, letter, looked, waits
from tests.reception.test_arrival import zipped


@pytest.fixture
def places(raw: Raw) -> Places:
    return raw.places


def below_raw(places: Places) -> list[str]:
    """Return every file below raw/ that is not in the inbox."""
    return sorted(
        p.relative_to(places.raw).as_posix()
        for p in places.raw.rglob("*")
        if p.is_file() and "inbox" not in p.relative_to(places.raw).parts
    )


def keys(entry: Any) -> set[str]:
    return {question["key"] for question in entry.questions}


def manifest_of(places: Places, name: str) -> dict[str, Any]:
    return yaml.safe_load((places.raw / name / "disclosure.yaml").read_text())  # type: ignore[no-any-return]


# --- quiet


def test_a_copy_that_grows_is_waited_for_and_drafted_once_it_is_quiet(places: Places) -> None:
    path = drop(places, "data.csv", RECORDS[:30])
    seen, entries = looked(places)
    assert seen.unsettled == ("data.csv",) and entries == ()
    path.write_text(RECORDS[:60])
    seen, entries = looked(places, seen)
    assert seen.unsettled == ("data.csv",) and entries == ()
    path.write_text(RECORDS)
    seen, _ = looked(places, seen)
    seen, (entry,) = looked(places, seen)
    assert seen.unsettled == () and entry.ref == "data"


def test_the_same_size_at_another_time_is_not_quiet(places: Places) -> None:
    path = drop(places, "data.csv", RECORDS)
    seen, _ = looked(places)
    os.utime(path, ns=(1, 1))
    assert looked(places, seen)[1] == ()


def test_a_copy_that_stalled_and_went_on_is_drafted_anew_under_its_ref(places: Places) -> None:
    path = drop(places, "data.csv", RECORDS[:30])
    (cut,) = waits(places)
    path.write_text(RECORDS)
    (whole,) = waits(places)
    assert whole.ref == cut.ref and whole.files["data.csv"].sha256 != cut.files["data.csv"].sha256
    assert keys(whole) >= {"force", "tables.data.covers"}


@pytest.mark.parametrize("name", [".data.csv", "data.csv.part", "data.csv.CRDOWNLOAD", "~$data.xlsx", ".data.csv.Xy12"])
def test_what_is_hidden_or_has_a_temporary_name_is_not_there(places: Places, name: str) -> None:
    path = drop(places, name, RECORDS)
    assert waits(places) == ()
    path.rename(path.with_name("data.csv"))
    assert [entry.ref for entry in waits(places)] == ["data"]


def test_a_folder_waits_until_nothing_in_it_is_unfinished(places: Places) -> None:
    folder = drop(places, "answer", {"data.csv": RECORDS, "letter.txt.part": "Our ref"})
    seen, _ = looked(places)
    seen, entries = looked(places, seen)
    assert seen.unsettled == ("answer",) and entries == ()
    (folder / "letter.txt.part").unlink()
    drop(places, "answer", {"letter.txt": letter(), ".DS_Store": b"x"})
    (entry,) = waits(places)
    assert entry.ref == "foi-77-25" and sorted(entry.files) == ["answer/data.csv", "answer/letter.txt"]


def test_an_inbox_that_is_not_there_is_empty(places: Places) -> None:
    assert look(places, {}).arrivals == {} and waits(places) == ()


# --- waiting


def test_an_arrival_waits_with_its_questions_and_nothing_is_written(places: Places) -> None:
    drop(places, "answer", answer_of())
    (entry,) = waits(places)
    assert entry.ref == "foi-77-25"
    assert set(ANSWERS) <= keys(entry)
    assert below_raw(places) == []
    assert waiting(places) == (entry,), "it is there for the next process too"


def test_two_arrivals_at_once_wait_as_two_and_two_of_one_reference_have_two_refs(places: Places) -> None:
    drop(places, "a", answer_of("FOI 1/25"))
    drop(places, "b", answer_of("FOI 2/25", data=RECORDS + "3,Mar-21,Stalking,X,17,NFA\n"))
    drop(places, "c", answer_of("FOI 2/25"))
    one, two, three = waits(places)
    assert [entry.ref for entry in (one, two, three)] == ["foi-1-25", "foi-2-25", "foi-2-25-2"]
    assert "the same bytes wait as foi-1-25" in three.notes


def test_names_that_are_no_slugs_give_a_ref_and_a_name_that_are(places: Places) -> None:
    drop(places, "FOI 24 (final) – Größe.CSV", RECORDS)
    drop(places, "???.csv", RECORDS)
    entries = {entry.name: entry for entry in waits(places)}
    assert entries["FOI 24 (final) – Größe.CSV"].ref == "foi-24-final-gr-e"
    assert "rename the file" in entries["???.csv"].problems[0] and entries["???.csv"].ref == "arrival"


def test_a_name_that_is_no_utf_8_waits_like_any_other(places: Places) -> None:
    drop(places, os.fsdecode(b"caf\xe9.csv"), RECORDS)
    (entry,) = waits(places)
    assert entry.ref == "caf" and entry.questions


def test_a_link_is_refused_in_sight_and_not_followed(places: Places, tmp_path: Path) -> None:
    (tmp_path / "outside.csv").write_text(RECORDS)
    drop(places, "here.csv", RECORDS)
    (places.raw / "inbox" / "link.csv").symlink_to(tmp_path / "outside.csv")
    (places.raw / "inbox" / "folder").symlink_to(tmp_path)
    found = {entry.ref: entry for entry in waits(places)}
    assert "found a link" in found["link"].problems[0] and "found a link" in found["folder"].problems[0]
    assert found["link"].files["link.csv"].sha256 == ""
    assert not found["here"].problems
    with pytest.raises(Refused, match="found a link"):
        resume(places, "link", {})


def test_what_cannot_be_read_waits_with_its_problem_and_the_others_go_on(places: Places) -> None:
    drop(places, "damaged.zip", b"PK\x03\x04 and no more")
    drop(places, "manifest", {"disclosure.yaml": "force: dorset\n"})
    os.mkfifo(drop(places, "pipe", {}) / "data.csv")
    drop(places, "good.csv", RECORDS)
    found = {entry.ref: entry.problems for entry in waits(places)}
    assert "a damaged zip archive" in found["damaged"][0]
    assert "the name of a manifest" in found["manifest"][0]
    assert "a folder or device" in found["pipe"][0]
    assert found["good"] == ()


def test_a_file_without_permission_waits_and_is_drafted_once_it_has_it(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The permission is taken away in Python: to root every file is readable."""
    drop(places, "data.csv", RECORDS)
    opened = Path.open

    def closed(path: Path, *arguments: Any, **more: Any) -> Any:
        if path.name == "data.csv":
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", closed)
        (entry,) = waits(places)
        assert "Permission denied" in entry.problems[0]
    (entry,) = waits(places)
    assert entry.problems == () and entry.questions


def test_a_file_that_breaks_a_reader_does_not_stop_the_others(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(places, "bad.csv", RECORDS)
    drop(places, "good.csv", RECORDS)
    real = inbox.propose

    def breaks(places: Places, files: list[Path], *more: Any) -> Any:
        if files[0].name == "bad.csv":
            raise RecursionError("the value Jane Doe")
        return real(places, files, *more)

    monkeypatch.setattr(inbox, "propose", breaks)
    bad, good = waits(places)
    assert "RecursionError" in bad.problems[0] and "Jane" not in bad.problems[0]
    assert good.questions


@pytest.mark.parametrize("packed", [False, True])
def test_a_large_file_is_drafted_when_it_is_resumed(
    places: Places, monkeypatch: pytest.MonkeyPatch, packed: bool
) -> None:
    content = RECORDS.encode() + b"3,Mar-21,Stalking,X,17,NFA\n" * 100
    monkeypatch.setattr(inbox, "DRAFTED_IN_A_LOOK", len(content) - 1)
    drop(places, "data.zip" if packed else "data.csv", zipped(("data.csv", content)) if packed else content)
    (entry,) = waits(places)
    assert entry.questions == () and f"{len(content):,} bytes: drafted when a person resumes it" in entry.notes
    assert resume(places, "data", {})["added"] is None
    (entry,) = waiting(places)
    assert keys(entry) >= {"force", "tables.data.covers"} and entry.notes == ()


def test_what_is_too_much_for_one_look_is_left_to_the_next(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "DRAFTED_IN_A_LOOK", 2 * len(RECORDS))
    for name in "abc":
        drop(places, f"{name}.csv", RECORDS)
    seen, entries = looked(places, looked(places)[0])
    assert [entry.ref for entry in entries] == ["a", "b"]
    assert [entry.ref for entry in looked(places, seen)[1]] == ["a", "b", "c"]


def test_what_leaves_the_inbox_no_longer_waits_and_an_inbox_that_is_gone_keeps_it(places: Places) -> None:
    drop(places, "a.csv", RECORDS)
    path = drop(places, "b.csv", RECORDS)
    assert len(waits(places)) == 2
    path.unlink()
    assert [entry.ref for entry in waits(places)] == ["a"]
    (places.raw / "inbox").rename(places.raw / "unmounted")
    assert [entry.ref for entry in waits(places)] == ["a"]


def test_an_entry_that_is_not_whole_is_drafted_anew(places: Places) -> None:
    drop(places, "a.csv", RECORDS)
    waits(places)
    (places.warehouse / "inbox" / "a.json").write_text('{"name": "a.c')
    assert waiting(places) == ()
    assert [entry.ref for entry in waits(places)] == ["a"]


@given(st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=40))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_name_it_waits_or_is_not_there(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    folder = tmp_path_factory.mktemp("inbox")
    places = Places.of(folder / "raw", folder / "warehouse")
    if name in {".", ".."}:
        return
    drop(places, name, RECORDS)
    for entry in waits(places):
        assert entry.questions or entry.problems
        assert entry.ref and entry.ref.replace("-", "").isalnum() and entry.ref.isascii()
    assert below_raw(places) == []


# --- a person's word


def test_what_is_answered_is_kept_from_call_to_call_and_the_last_answer_adds_it(places: Places) -> None:
    drop(places, "answer", answer_of())
    waits(places)
    first, *rest = ANSWERS.items()
    report = resume(places, "FOI 77/25", dict([first]))
    assert report["added"] is None and {q["key"] for q in report["questions"]} == {key for key, _ in rest}
    (entry,) = waits(places)
    assert entry.answers == dict([first]) and first[0] not in keys(entry)
    report = resume(places, "foi-77-25", dict(rest))
    assert report["added"]["check"]["accepted"]
    assert below_raw(places) == ["dorset/foi-77-25/data.csv", "dorset/foi-77-25/disclosure.yaml"]
    assert (places.raw / "dorset" / "foi-77-25" / "data.csv").read_text() == RECORDS
    assert look(places, {}).arrivals == {} and waiting(places) == ()


def test_a_letter_is_not_kept_in_raw_and_not_thrown_away(places: Places) -> None:
    for number, _ in enumerate(("first", "again"), 1):
        drop(places, "answer", answer_of(f"FOI {number}/25"))
        waits(places)
        report = resume(places, f"foi-{number}-25", ANSWERS)
        assert report["added"]["aside"] == [f"raw/inbox/.letters/dorset/foi-{number}-25/letter.txt"]
        assert (places.raw.parent / report["added"]["aside"][0]).read_text() == letter(f"FOI {number}/25")


@pytest.mark.parametrize("with_letter", [True, False])
def test_a_zip_goes_when_raw_has_all_of_it_and_a_mail_never(places: Places, with_letter: bool) -> None:
    members = [("data.csv", RECORDS.encode()), ("letter.txt", letter().encode())]
    drop(places, "answer.zip", zipped(*members[: 2 if with_letter else 1]))
    message = EmailMessage()
    message.set_content(letter("FOI 78/25"))
    message.add_attachment(b"Month,Platform,Offence\nJan-21,TikTok,Stalking\n", "text", "csv", filename="data.csv")
    drop(places, "mail.eml", message.as_bytes())
    for entry in waits(places):
        said = {str(q["key"]): str(q["proposed"] or "") for q in entry.questions}
        report = resume(places, entry.ref, said | ({"force": "dorset"} if "force" in said else {}))
        assert report["added"]["check"]["accepted"], report
        kept = {"answer.zip": with_letter, "mail.eml": True}[entry.name]
        assert [Path(place).name for place in report["added"]["aside"]] == ([entry.name] if kept else [])
    assert look(places, {}).arrivals == {}


def test_without_an_open_question_it_still_waits_for_a_yes(places: Places) -> None:
    drop(
        places,
        "letter.txt",
        letter().replace("I am disclosing the information to you in full.", "No information held."),
    )
    for _ in range(3):
        (entry,) = waits(places)
        assert entry.questions == () and entry.problems == ()
    assert below_raw(places) == []
    report = resume(places, entry.ref, {})
    assert report["added"]["check"]["accepted"], report
    assert below_raw(places) == ["dorset/foi-77-25/disclosure.yaml"]
    assert waiting(places) == ()


def test_a_person_sees_the_draft_and_is_asked_again_where_an_answer_does_not_do(places: Places) -> None:
    drop(places, "answer", answer_of())
    waits(places)
    said: Iterator[str] = iter(["sheep", "crime", "never", "2021-01-01 to 2021-12-31"])
    told: list[str] = []
    report = resume(places, "foi-77-25", {}, lambda question: next(said), told.append)
    assert report["added"]["check"]["accepted"]
    draft, first, second = told
    assert draft.startswith("force: dorset\n") and "record_is: unknown  # ? " in draft
    assert "sheep" in first and "never" in second


def test_an_answer_given_again_replaces_the_one_before(places: Places) -> None:
    drop(places, "answer", answer_of())
    waits(places)
    key, said = "tables.data.record_is", ANSWERS["tables.data.record_is"]
    other = "crime_x_victim" if said != "crime_x_victim" else "crime"
    assert resume(places, "foi-77-25", {key: other})["added"] is None
    report = resume(places, "foi-77-25", ANSWERS)
    assert report["added"] is not None
    assert f"record_is: {said}" in (places.raw / "dorset/foi-77-25/disclosure.yaml").read_text()


def test_a_force_that_there_is_not_is_not_taken(places: Places) -> None:
    drop(places, "new.csv", RECORDS)
    (entry,) = waits(places)
    with pytest.raises(Refused, match=r"near to it: .*essex"):
        resume(places, entry.ref, {"force": "Essex-Police"})
    assert resume(places, entry.ref, {"force": "essex"})["added"] is None


def test_a_ref_that_nothing_waits_as_lists_what_waits(places: Places) -> None:
    drop(places, "answer", answer_of())
    waits(places)
    drop(places, "new.csv", RECORDS)
    for ref in ("nothing", "../../etc", ""):
        with pytest.raises(Refused, match=r"expected one of: foi-77-25; new\.csv in raw/inbox/"):
            resume(places, ref, {})


def test_files_that_changed_since_they_were_drafted_are_not_added(places: Places) -> None:
    folder = drop(places, "answer", answer_of())
    waits(places)
    resume(places, "foi-77-25", dict([next(iter(ANSWERS.items()))]))
    (folder / "data.csv").write_text(RECORDS + "3,Mar-21,Stalking,X,17,NFA\n")
    with pytest.raises(Refused, match="other files than those that were drafted"):
        resume(places, "foi-77-25", ANSWERS)
    assert below_raw(places) == []
    (entry,) = waits(places)
    assert entry.answers == {} and "its bytes have changed: what was answered before is forgotten" in entry.notes


# --- a crash


@pytest.mark.parametrize("cut_off", ["_taken_out", "_moved", "forget"])
def test_a_crash_on_the_way_out_is_finished_by_the_next_call(
    places: Places, monkeypatch: pytest.MonkeyPatch, cut_off: str
) -> None:
    drop(places, "answer", answer_of())
    waits(places)

    def crash(*arguments: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(inbox, cut_off, crash)
        resume(places, "foi-77-25", ANSWERS)
    written = below_raw(places)
    if cut_off != "forget":
        assert waits(places), "what is half out of the inbox is not forgotten"
    report = resume(places, "foi-77-25", {})
    assert report["added"]["already"] == ["data.csv"] and report["added"]["kept"] == []
    assert below_raw(places) == written
    assert look(places, {}).arrivals == {} and waiting(places) == ()
    assert (places.raw / "inbox/.letters/dorset/foi-77-25/letter.txt").read_text() == letter()


def test_a_crash_before_the_manifest_is_written_adds_it_the_next_time(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(places, "answer", answer_of())
    waits(places)

    def crash(*arguments: Any, **named: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("pipeline.reception.adding.written", crash)
        resume(places, "foi-77-25", ANSWERS)
    assert below_raw(places) == ["dorset/foi-77-25/data.csv"]
    assert look(places, {}).arrivals["answer"]
    report = resume(places, "foi-77-25", {})
    assert report["added"]["check"]["accepted"] and report["added"]["already"] == ["data.csv"]
    assert waiting(places) == ()


def test_a_file_that_came_under_the_name_meanwhile_stays_in_the_inbox(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = drop(places, "answer", answer_of())
    waits(places)
    real = inbox.add

    def meanwhile(places: Places, proposal: Any) -> Any:
        added = real(places, proposal)
        (folder / "data.csv").write_text("another one\n")
        return added

    monkeypatch.setattr(inbox, "add", meanwhile)
    resume(places, "foi-77-25", ANSWERS)
    assert (folder / "data.csv").read_text() == "another one\n"
    assert (places.raw / "dorset/foi-77-25/data.csv").read_text() == RECORDS


# --- what raw/ has already


def added(places: Places, reference: str = "FOI 77/25", day: str = "14 March 2025", data: str = RECORDS) -> None:
    drop(places, "before", answer_of(reference, day, data))
    (entry,) = waits(places)
    assert resume(places, entry.ref, ANSWERS)["added"]["check"]["accepted"]


def test_the_same_bytes_under_another_name_are_said_to_be_a_duplicate(places: Places) -> None:
    added(places)
    drop(places, "copy.csv", RECORDS)
    (entry,) = waits(places)
    assert entry.notes == ("copy.csv has the same bytes as raw/dorset/foi-77-25/data.csv",)
    said = {"force": "dorset", "reference": "FOI 80/25", "decision": "full"}
    said |= {"tables.copy.record_is": "crime", "tables.copy.covers": "2021-01-01 to 2021-12-31"}
    report = resume(places, "copy", said)
    assert report["duplicates"] == {"copy.csv": ["dorset/foi-77-25/data.csv"]}
    assert report["added"]["check"]["accepted"], "a person may add it all the same"


def test_a_new_vintage_of_a_known_request_proposes_to_supersede_it(places: Places) -> None:
    added(places)
    drop(
        places,
        "answer",
        {"letter.txt": letter(day="2 June 2025"), "table.csv": RECORDS + "3,Mar-21,Stalking,X,17,NFA\n"},
    )
    (entry,) = waits(places)
    proposed = {str(q["key"]): q["proposed"] for q in entry.questions}
    assert proposed["our_reference"] == "foi-77-25-2025-06-02"
    assert proposed["relation"] == "supersedes foi-77-25"
    said = {key.replace(".data.", ".table."): text for key, text in ANSWERS.items()}
    report = resume(places, entry.ref, {**said, "our_reference": "", "relation": ""})
    assert report["added"]["check"]["accepted"]
    manifest = manifest_of(places, "dorset/foi-77-25-2025-06-02")
    assert (manifest["reference"], manifest["supersedes"]) == ("FOI 77/25", "foi-77-25")
    assert "supersedes" not in manifest_of(places, "dorset/foi-77-25"), "what is in raw/ stays as it is"


def test_a_letter_that_names_an_earlier_answer_proposes_to_supersede_it(places: Places) -> None:
    added(places, "FOI 70/24", "14 March 2024")
    later = letter("FOI 77/25", more="This replaces our answer FOI 70/24.")
    drop(places, "answer", {"letter.txt": later, "table.csv": RECORDS + "3,Mar-21,Stalking,X,17,NFA\n"})
    (entry,) = waits(places)
    proposed = {str(q["key"]): q["proposed"] for q in entry.questions}
    assert proposed["relation"] == "supersedes FOI 70/24" and "our_reference" not in proposed
    with pytest.raises(Refused, match="supersedes FOI 70/24"):
        resume(places, entry.ref, {"relation": "supersedes FOI 1/1"})


def test_an_older_vintage_that_comes_late_never_supersedes_the_later_one(places: Places) -> None:
    added(places, day="2 June 2025")
    drop(places, "late", {"letter.txt": letter(day="14 March 2025"), "table.csv": RECORDS[:60] + "\n"})
    (entry,) = waits(places)
    (question,) = [q for q in entry.questions if q["key"] == "relation"]
    assert question["proposed"] is None
    assert "answered after this one (2025-03-14)" in str(question["words"])
    for wrong in ("supersedes foi-77-25", "corrects foi-77-25", ""):
        with pytest.raises(Refused):
            resume(places, entry.ref, {"relation": wrong})
    said = {str(q["key"]): str(q["proposed"] or "") for q in entry.questions}
    report = resume(places, entry.ref, {**said, "relation": "superseded by foi-77-25"})
    assert report["added"]["to_do"] == [
        "raw/dorset/foi-77-25/disclosure.yaml: write `supersedes: foi-77-25-2025-03-14` there"
    ]
    assert "supersedes" not in manifest_of(places, "dorset/foi-77-25-2025-03-14")


@pytest.mark.parametrize(("said", "word"), [("corrects foi-77-25", "corrects"), ("neither", None)])
def test_a_corrected_file_of_the_same_name_is_refused_until_it_is_declared(
    places: Places, said: str, word: str | None
) -> None:
    added(places)
    mended = RECORDS.replace("16,Charged", "17,Charged")
    drop(places, "answer", answer_of(day="2 June 2025", data=mended))
    (entry,) = waits(places)
    (question,) = [q for q in entry.questions if q["key"] == "relation"]
    assert question["proposed"] is None
    words = "data.csv: other bytes under the same name than those in raw/dorset/foi-77-25, which stay"
    assert words in str(question["words"])
    assert resume(places, entry.ref, {**ANSWERS, "our_reference": ""})["added"] is None
    for taken in ("foi-77-25", "No Slug", "../up"):
        with pytest.raises(Refused):
            resume(places, entry.ref, {"our_reference": taken})
    report = resume(places, entry.ref, {"relation": said})
    assert report["added"]["check"]["accepted"]
    assert manifest_of(places, "dorset/foi-77-25-2025-06-02").get("corrects") == (word and "foi-77-25")
    assert (places.raw / "dorset/foi-77-25/data.csv").read_text() == RECORDS
    assert (places.raw / "dorset/foi-77-25-2025-06-02/data.csv").read_text() == mended


def test_of_a_chain_of_vintages_the_last_one_is_superseded(places: Places, raw: Raw) -> None:
    added(places)
    for day, expected in (("2 June 2025", "foi-77-25"), ("1 July 2025", "foi-77-25-2025-06-02")):
        data = RECORDS + f"3,Mar-21,Stalking,{day},17,NFA\n"
        drop(places, "answer", {"letter.txt": letter(day=day), f"on {day}.csv": data})
        (entry,) = waits(places)
        said = {str(q["key"]): str(q["proposed"] or "") for q in entry.questions}
        assert said["relation"] == f"supersedes {expected}"
        assert resume(places, entry.ref, said)["added"]["check"]["accepted"]
    assert raw.build().raw.refusals == ()


def test_an_answer_that_raw_has_overtaken_is_asked_again(places: Places) -> None:
    added(places)
    for name in ("one", "two"):
        drop(
            places,
            name,
            {"letter.txt": letter(day="2 June 2025"), f"{name}.csv": RECORDS + f"3,Mar-21,{name},X,17,NFA\n"},
        )
    one, two = waits(places)
    name = {"our_reference": "foi-77-25-again", "relation": "supersedes foi-77-25"}
    for entry in (one, two):
        assert resume(places, entry.ref, name)["added"] is None
    said = {str(q["key"]): str(q["proposed"] or "") for q in one.questions}
    assert resume(places, one.ref, {key: text for key, text in said.items() if key not in name})["added"]
    told: list[str] = []
    report = resume(places, two.ref, {}, None, told.append)
    assert {"our_reference", "relation"} <= {q["key"] for q in report["questions"]} and len(told) == 2
