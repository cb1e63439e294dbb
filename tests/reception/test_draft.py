"""The first draft of a manifest, and what is left to ask. The real letter is read where the shared data are."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake import yaml_places
from pipeline.intake.letter_text import Line, letter_text
from pipeline.intake.manifest import Disclosure
from pipeline.intake.problem import Refused
from pipeline.intake.reading import Asked, Reading, read_file
from pipeline.publication.report import check_disclosure
from pipeline.reception.draft import Draft, answer, as_yaml, draft
from pipeline.reception.letter import LetterFacts, read_letter

FORCES = {"derbyshire": "Derbyshire Constabulary", "dorset": "Dorset Police"}
LABELS = {
    "Roblox": "roblox",
    "TikTok": "tiktok",
    "OnlyFans": "onlyfans",
    "Facebook": "facebook",
    "Instagram": "instagram",
    "Twitter/X": "twitter-x",
    "Snapchat": "snapchat",
    "WhatsApp": "whatsapp",
    "LinkedIn": "linkedin",
    "YouTube": "youtube",
}
RECORDS = """Reference,Month,Offence,Platform,Victim age,Status
24*1001,Jan 2023,Harassment,TikTok,14,Charged
24*1002,Feb 2023,Stalking,Snapchat,31,Under investigation
24*1003,Feb 2023,Harassment,Facebook,,No suspect identified
24*1004,Mar 2023,Harassment,Snapchat,15,Charged
"""
LETTER = """Dorset Police
Our reference: EX/24/0101
Date: 14 November 2024

Thank you for your request, which we received on 17th October 2024.

You asked:
How many crimes recorded in 2023 name TikTok or Snapchat?

Our response:
We have decided to disclose the information in part. Some of it is exempt under section 40(2) of the Act.

Please note that officers in the north spell quaintly.
"""


def write(folder: Path, name: str, text: str) -> tuple[Reading | Refused, str]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(text.encode())
    digest = hashlib.sha256(text.encode()).hexdigest()
    try:
        return read_file(folder / name, name, Asked()), digest
    except Refused as refused:
        return refused, digest


def drafted(
    folder: Path, files: Mapping[str, str], letter: LetterFacts | None = None, force: str | None = "dorset"
) -> Draft:
    found = {name: write(folder, name, text) for name, text in files.items()}
    readings = {name: (reading,) for name, (reading, _) in found.items()}
    digests = {name: digest for name, (_, digest) in found.items()} | {"letter.txt": "a" * 64}
    return draft(letter, readings, force, digests=digests, letter_file="letter.txt" if letter else None)


def keys(one: Draft) -> list[str]:
    return [question.key for question in one.questions]


def table_of(one: Draft) -> dict[str, Any]:
    (table,) = one.manifest["tables"]
    assert isinstance(table, dict)
    return table


def accepted(one: Draft, tmp_path: Path, files: Mapping[str, str]) -> dict[str, Any]:
    """Write a draft and its files as a disclosure, and return what the check of it says."""
    folder = tmp_path / "raw" / Disclosure.model_validate(one.manifest).name
    for name, text in files.items():
        write(folder, name, text)
    (folder / "disclosure.yaml").write_text(as_yaml(one), "utf-8")
    report = check_disclosure(folder)
    assert report["accepted"], report["refused"]
    return report


def letter(text: str = LETTER) -> LetterFacts:
    lines = [Line(None, number, line) for number, line in enumerate(text.splitlines(), 1)]
    return read_letter(lines, FORCES, LABELS)


@pytest.fixture(scope="module")
def real_lines(data: Path) -> tuple[Line, ...]:
    path = data.parent / "seeds" / "derbyshire-foi-letter.txt"
    if not path.is_file():
        pytest.skip("the letter is not beside the shared data")
    return letter_text(path, path.name)


def test_the_real_letter_and_a_file_of_records_leave_at_most_three_questions(
    tmp_path: Path, real_lines: tuple[Line, ...]
) -> None:
    files = {"crimes.csv": RECORDS}
    one = drafted(tmp_path / "in", files, read_letter(real_lines, FORCES, LABELS), None)
    assert keys(one) == ["tables.crimes.record_is", "tables.crimes.covers"]
    answered = answer(
        one, {"tables.crimes.record_is": "crime", "tables.crimes.covers": "range 2020-01-01 to 2024-10-28"}
    )
    assert answered.questions == () and "# ?" not in as_yaml(answered)
    report = accepted(answered, tmp_path, files)
    assert report["disclosure"] == "derbyshire/01-foi-24-006272-o"
    assert [(e["records"], e["rejected"]) for e in report["extracts"]] == [(4, 0)]
    says = Disclosure.model_validate(answered.manifest)
    assert (says.reference, says.received, says.responded) == (
        "01/FOI/24/006272/O",
        date(2024, 10, 17),
        date(2024, 10, 28),
    )
    assert (says.decision, says.rights.bytes_may_leave) == ("full", "no")
    assert [c.id for c in says.caveats] == ["living-system", "not-comparable"]
    assert len(table_of(answered)["search"]["terms"]) == 10


def test_no_sentence_of_the_real_letter_is_copied(tmp_path: Path, real_lines: tuple[Line, ...]) -> None:
    text = as_yaml(drafted(tmp_path, {"crimes.csv": RECORDS}, read_letter(real_lines, FORCES, LABELS), None))
    words = " ".join(" ".join(line.text for line in real_lines).split()).split(" ")
    assert not [" ".join(words[at : at + 7]) for at in range(len(words) - 6) if " ".join(words[at : at + 7]) in text]


def test_records_are_proposed_by_the_words_of_their_headers(tmp_path: Path) -> None:
    text = "Crime number,Date of offence,HO Class,App used,Victim's Age,Disposal,Date of birth,District\n"
    table = table_of(drafted(tmp_path, {"a.csv": text + "1,01/02/2023,8/06,TikTok,14,Charged,x,North\n" * 2}))
    assert (table["layout"], table["record_is"]) == ("records", "unknown")
    assert table["columns"] == {
        "reference": "Crime number",
        "age": "Victim's Age",
        "platform": "App used",
        "period": "Date of offence",
        "outcome": "Disposal",
        "offence": "HO Class",
    }
    assert table["ignored"] == ["Date of birth", "District"]


def test_counts_are_proposed_with_totals_and_accepted(tmp_path: Path) -> None:
    files = {
        "by-year.csv": 'Table 1\nYear,District,Number of offences\n2022,North,"1,200"\n2023,North,7\nTotal,,1207\n'
    }
    one = drafted(tmp_path / "in", files, letter())
    table = table_of(one)
    assert (table["layout"], table["unit"], table["blank"]) == ("counts", "crimes", "unknown")
    assert table["columns"] == {"count": "Number of offences", "period": "Year", "other:district": "District"}
    assert table["markers"] == {"Total": {"kind": "total"}}
    assert table["search"]["combine"] == "any_of"
    assert table["extracts"][0]["header_line"] == 2
    assert keys(one)[-2:] == ["tables.by-year.unit", "tables.by-year.covers"]
    accepted(answer(one, dict.fromkeys(keys(one), "")), tmp_path, files)


def test_a_wide_table_is_proposed_and_accepted(tmp_path: Path) -> None:
    files = {"wide.csv": "Offence;2021/22;2022/23;Total\nHarassment;3;4;7\nStalking;1;;1\n"}
    one = drafted(tmp_path / "in", files)
    table = table_of(one)
    assert table["columns"] == {"offence": "Offence"}
    assert table["wide"]["columns"] == [{"at": 2, "label": "2021/22"}, {"at": 3, "label": "2022/23"}]
    assert table["total_columns"] == ["Total"]
    assert table["extracts"][0]["delimiter"] == ";"
    assert keys(one) == ["reference", "decision", "tables.wide.unit", "tables.wide.covers"]
    accepted(answer(one, {"reference": "T/1", "decision": "full"}), tmp_path, files)


def test_periods_in_headers_are_known_in_the_forms_that_forces_print(tmp_path: Path) -> None:
    headers = "Offence Description,2015*,2024**,1 Jan-31 Dec 2014,Jan-20,March 2021,FY 2020/21,Q1 2022,2019-2020"
    table = table_of(drafted(tmp_path, {"a.csv": f"{headers}\nTheft,1,2,3,4,5,6,7,8\nFraud,1,2,3,4,5,6,7,8\n"}))
    assert [c["label"] for c in table["wide"]["columns"]] == headers.split(",")[1:]
    assert table["columns"] == {"offence": "Offence Description"}


def test_a_sentence_or_a_number_as_a_header_proves_nothing(tmp_path: Path) -> None:
    text = "Crime types where any of the words dating app is used,Count\nTheft,3\nFraud,4\n"
    table = table_of(drafted(tmp_path, {"a.csv": text}))
    assert list(table["columns"]) == ["count", "other:crime-types-where-any-of-the-words-dating-app-is-used"]
    number = drafted(tmp_path, {"b.csv": "references to one site,77430\nreferences to another,12\n"})
    # the reader may refuse it already; what it takes is asked
    assert {"tables.b.layout", "missing"}.intersection(keys(number))


NO_WORD = "Offence,Month,Yrs\nHarassment,2020-01,34\nStalking,2020-02,33\n"


def test_numbers_beside_an_outcome_on_each_line_are_proposed_as_records(tmp_path: Path) -> None:
    text = "Offence,Month,Yrs,Status\nHarassment,2020-01,34,Charged\nStalking,2020-02,33,NFA\n"
    one = drafted(tmp_path / "in", {"a.csv": text}, letter())
    (asked,) = [q for q in one.questions if q.key == "tables.a.layout"]
    assert (asked.proposed, "(Yrs)" in asked.words) == ("records", True)
    said = answer(one, {"tables.a.layout": "", "tables.a.record_is": "crime", "tables.a.covers": ""})
    assert table_of(said)["layout"] == "records" and "Yrs" in table_of(said)["ignored"]


@pytest.mark.parametrize("header", ["Yrs", "Beat", "Beat number", "Figures"])
def test_a_column_of_numbers_that_no_word_calls_a_count_is_asked_for_without_a_proposal(
    tmp_path: Path, header: str
) -> None:
    files = {"a.csv": NO_WORD.replace("Yrs", header)}
    one = drafted(tmp_path / "in", files)
    (asked,) = [q for q in one.questions if q.key == "tables.a.layout"]
    assert asked.proposed is None and f"({header})" in asked.words
    with pytest.raises(Refused, match="one of records, counts"):
        answer(one, {asked.key: ""})
    with pytest.raises(Refused, match="one of records, counts"):
        answer(one, {asked.key: "wide"})
    records = answer(one, {asked.key: "records"})
    assert "tables.a.record_is" in keys(records) and table_of(records)["layout"] == "records"
    counts = answer(one, {asked.key: "counts"})
    assert {"tables.a.columns.count", "tables.a.unit"} <= set(keys(counts))
    table = table_of(counts)
    assert (table["layout"], table["columns"]["count"], "record_is" in table) == ("counts", header, False)
    whole = answer(one, {"tables.a.unit": "crimes", asked.key: "counts", **ALL_OF_COUNTS})
    assert whole.questions == ()
    accepted(whole, tmp_path, files)


ALL_OF_COUNTS = {"tables.a.columns.count": "", "tables.a.covers": "", "reference": "T/1", "decision": "full"}


def test_of_several_columns_of_numbers_without_a_word_none_is_proposed_as_the_count(tmp_path: Path) -> None:
    one = drafted(tmp_path, {"a.csv": "Offence,Beat,Yrs\nTheft,12,34\nFraud,14,33\n"})
    counts = answer(one, {"tables.a.layout": "counts"})
    (asked,) = [q for q in counts.questions if q.key == "tables.a.columns.count"]
    assert asked.proposed is None
    with pytest.raises(Refused, match="nothing is proposed"):
        answer(counts, {asked.key: ""})
    assert table_of(answer(counts, {asked.key: "Yrs"}))["columns"]["count"] == "Yrs"


def test_notes_below_a_table_end_its_range(tmp_path: Path) -> None:
    files = {"a.csv": "Year,Crimes\n2022,3\n2023,4\n\nRecorded by the force\n"}
    one = drafted(tmp_path / "in", files)
    assert table_of(one)["extracts"][0]["range"] == "1-3"
    assert table_of(one)["columns"] == {"count": "Crimes", "period": "Year"}
    accepted(one, tmp_path, files)


def test_two_columns_that_could_be_the_period_are_a_question(tmp_path: Path) -> None:
    text = "Reference,Month,Year reported,Offence\nA1,Jan 2023,2023,Stalking\nA2,Feb 2023,2023,Stalking\n"
    one = drafted(tmp_path, {"a.csv": text})
    assert table_of(one)["columns"]["period"] == "Month"
    (asked,) = [q for q in one.questions if q.key == "tables.a.columns.period"]
    assert "Month, Year reported" in asked.words and asked.proposed == "Month"
    table = table_of(answer(one, {asked.key: "Year reported"}))
    assert (table["columns"]["period"], table["ignored"]) == ("Year reported", ["Month"])
    with pytest.raises(Refused, match="one of Month, Year reported"):
        answer(one, {asked.key: "Week"})


def test_several_columns_of_numbers_and_a_reference_beside_numbers_are_questions(tmp_path: Path) -> None:
    several = drafted(tmp_path, {"a.csv": "Year,Crimes seen,Arrests made\n2022,3,1\n2023,4,1\n"})
    assert "tables.a.columns.count" in keys(several)
    assert table_of(several)["columns"]["count"] == "Crimes seen"
    mixed = drafted(tmp_path, {"a.csv": "Reference,Month,Victims\nA1,Jan 2023,2\nA2,Feb 2023,1\n"})
    assert "tables.a.layout" in keys(mixed) and table_of(mixed)["layout"] == "records"
    with pytest.raises(Refused, match="written by hand"):
        answer(mixed, {"tables.a.layout": "counts"})


def test_what_the_letter_does_not_say_is_asked_and_a_limitation_in_own_words(tmp_path: Path) -> None:
    one = drafted(tmp_path, {"a.csv": RECORDS}, letter())
    (caveat,) = one.manifest["caveats"]
    key = f"caveats.{caveat['id']}"
    assert key in keys(one) and caveat["text"] == "See the letter, line 13." and "quaintly" not in caveat["text"]
    assert one.manifest["letter"] == {"sha256": "a" * 64, "at": "letter.txt, as it came with the files", "held": "no"}
    (answers,) = one.manifest["answers"]
    assert answers["decision"] == "partial" and len(answers["exemptions"]) == 1
    said = answer(one, {key: "Spelling differs\n  in the north.", "answers.question": "harm-2023"}).manifest
    assert said["caveats"][0]["text"] == "Spelling differs in the north."
    assert said["answers"][0]["question"] == "harm-2023"
    assert {table["question"] for table in said["tables"]} == {"harm-2023"}
    assert one.manifest["caveats"] == [caveat]


def test_without_letter_and_force_both_are_asked(tmp_path: Path) -> None:
    one = drafted(tmp_path, {"a.csv": RECORDS}, None, None)
    assert keys(one)[:3] == ["force", "reference", "decision"]
    assert "force: null  # ? Which force answered" in as_yaml(one)
    with pytest.raises(Refused, match="nothing is proposed"):
        answer(one, {"force": ""})
    said = answer(one, {"force": "dorset", "reference": "T/1", "decision": "full"}).manifest
    assert Disclosure.model_validate(said).name == "dorset/t-1"
    kept = answer(one, {"force": "dorset", "reference": ""}).manifest
    assert Disclosure.model_validate(kept).name == "dorset/a"


def test_a_force_that_the_letter_contradicts_is_asked(tmp_path: Path) -> None:
    one = drafted(tmp_path, {"a.csv": RECORDS}, letter(), "derbyshire")
    assert keys(one)[0] == "force" and one.manifest["force"] == "derbyshire"
    assert "The letter is of dorset" in one.questions[0].words


def test_a_file_that_cannot_be_read_is_said_to_be_missing(tmp_path: Path) -> None:
    one = drafted(tmp_path, {"a.csv": RECORDS, "b.csv": "%PDF-1.4\n"})
    assert one.manifest["holding"] == "part"
    assert one.manifest["missing"] == "b.csv came, and is not read: a PDF"
    assert "missing" in keys(one) and len(one.manifest["tables"]) == 1
    Disclosure.model_validate(one.manifest)
    nothing = drafted(tmp_path, {"b.csv": "%PDF-1.4\n"})
    assert nothing.manifest["holding"] == "none"
    Disclosure.model_validate(nothing.manifest)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("tables.a.covers", "last year"),
        ("tables.a.covers", "2024-01-01 to 2023-01-01"),
        ("tables.a.covers", "lunar 2023-01-01 to 2024-01-01"),
        ("tables.a.covers", "2023-02-30 to 2024-01-01"),
        ("tables.a.record_is", "crimes"),
        ("decision", "yes"),
        ("nothing", "x"),
    ],
)
def test_an_answer_that_does_not_do_is_refused(tmp_path: Path, key: str, said: str) -> None:
    one = drafted(tmp_path, {"a.csv": RECORDS})
    with pytest.raises(Refused) as caught:
        answer(one, {key: said})
    assert caught.value.problems[0].column == key


@given(
    headers=st.lists(st.text(min_size=1, max_size=12), min_size=2, max_size=5),
    rows=st.lists(st.lists(st.sampled_from(["7", "Jan 2023", "x", "", "Total"]), min_size=5, max_size=5), min_size=2),
)
def test_every_draft_is_written_as_it_is_and_every_column_is_named(
    tmp_path_factory: pytest.TempPathFactory, headers: list[str], rows: list[list[str]]
) -> None:
    cells = [headers, *(row[: len(headers)] for row in rows)]
    text = "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in cells) + "\n"
    try:
        one = drafted(tmp_path_factory.mktemp("draft"), {"a.csv": text})
    except UnicodeEncodeError:
        return
    assert as_yaml(one) == as_yaml(one)
    document, _ = yaml_places.load(as_yaml(one), "disclosure.yaml")
    assert Disclosure.model_validate(document) == Disclosure.model_validate(one.manifest)
    assert as_yaml(one).count("  # ? ") >= len(one.questions)
    for table in one.manifest["tables"]:
        named = [*table["columns"].values(), *table.get("ignored", []), *table.get("total_columns", [])]
        named += [column["label"] for column in table.get("wide", {}).get("columns", [])]
        assert len(named) == len(headers)


def test_fewer_than_five_is_drafted_as_an_interval(tmp_path: Path) -> None:
    one = drafted(tmp_path, {"a.csv": "Year,Crimes\n2020,<5\n2021,< 10\n2022,31\n"}, letter())
    (table,) = one.manifest["tables"]
    assert table["markers"] == {
        "< 10": {"kind": "suppressed", "min": 0, "max": 9},
        "<5": {"kind": "suppressed", "min": 0, "max": 4},
    }
    records = drafted(tmp_path, {"a.csv": "Offence,Month,Age,Status\nStalking,Jan-20,<18,NFA\n"}, letter())
    assert "markers" not in records.manifest["tables"][0]
