import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.normalisation.ages import age_labels, is_age, read_age
from pipeline.normalisation.canonical import squeezed, words
from pipeline.normalisation.labels import (
    LabelRow,
    LabelTable,
    load_labels,
    unknown_labels,
    unknown_rule,
)
from pipeline.normalisation.offence_list import offences
from pipeline.normalisation.offences import offence_labels, press_categories, read_offence
from pipeline.normalisation.outcomes import outcome_labels, outcomes, read_outcome
from pipeline.normalisation.platforms import platform_labels, platforms, read_platform
from pipeline.normalisation.reading import UNKNOWN, UNMAPPED
from pipeline.store.reference import PACKAGED, ReferenceTableError

TABLES: dict[str, Callable[[], LabelTable]] = {
    "platforms": platform_labels,
    "outcomes": outcome_labels,
    "offences": offence_labels,
    "ages": age_labels,
    "unknown": unknown_labels,
    "press": press_categories,
}
REFERENCE_FILES = sorted(PACKAGED.glob("*.csv"))


def row(label: str, code: str, source: str = "a letter", **more: str) -> LabelRow:
    return LabelRow(label, code, source, "somebody, 2026-11-22", "", more)


def test_a_label_finds_its_row_through_canonical_and_loose_form() -> None:
    table = LabelTable([row("Type 16 - Named Suspect", "16")])
    for label in ("type 16 – named  suspect.", "TYPE 16: NAMED SUSPECT", "Type 16 Named-Suspect"):
        found = table.find(label)
        assert found is not None and found.code == "16"
    assert table.find("Type 16 - Named Suspect?") is None
    assert table.find("Type 1 - Named Suspect") is None


CLAIMS = {
    "in canonical form": (
        [row("Tik Tok", "tiktok"), row("tik  tok", "roblox")],
        "labels: 'tik  tok' is roblox and 'Tik Tok' is tiktok, but both are written 'tik tok'; keep one",
    ),
    "in the looser form": (
        [row("Tik-Tok", "tiktok"), row("tik tok", "roblox")],
        "labels: 'tik tok' is roblox and 'Tik-Tok' is tiktok, but both are written 'tik tok'; keep one",
    ),
    "in canonical form where the looser one parts them": (
        [row("Tik", "tiktok"), row("TIK", "roblox")],
        "labels: 'TIK' is roblox and 'Tik' is tiktok, but both are written 'tik'; keep one",
    ),
    "in a column of the table's own": (
        [row("arrest", "status:arrest", arrest="yes"), row("Arrest", "status:arrest", arrest="no")],
        "labels: 'Arrest' is status:arrest and 'arrest' is status:arrest, but both are written 'arrest'; keep one",
    ),
}


@pytest.mark.parametrize("case", CLAIMS)
def test_two_rows_may_not_claim_one_label_with_different_codes(case: str) -> None:
    rows, message = CLAIMS[case]
    # a looser form that parts what is written in capitals: the canonical form alone must find that claim
    loose = {"in canonical form where the looser one parts them": str}.get(case, words)
    with pytest.raises(ReferenceTableError) as claimed:
        LabelTable(rows, loose=loose)
    assert str(claimed.value) == message


def test_a_table_with_one_row_more_keeps_its_name_and_its_looser_form() -> None:
    table = LabelTable([row("Tik Tok", "tiktok")], loose=squeezed, name="platform_labels.csv")
    wider = table.with_row(row("Snap Chat", "snapchat"))
    assert [r.label for r in wider.rows] == ["Tik Tok", "Snap Chat"] and len(table.rows) == 1
    found = wider.find("Snap-chat")
    assert found is not None and found.code == "snapchat"
    with pytest.raises(ReferenceTableError, match=r"^platform_labels\.csv: "):
        wider.with_row(row("SnapChat", "roblox"))


def test_a_row_of_the_label_itself_comes_before_one_that_is_alike() -> None:
    alike, own = row("Tik-Tok", "tiktok", "a letter"), row("Tik Tok", "tiktok", "b letter")
    table = LabelTable(iter([alike, own]))
    assert table.rows == (alike, own)
    assert table.find("tik tok") == table.exactly("TIK\u00a0 tok.") == own
    assert table.find("tik_tok") == table.loosely("tik_tok") == table.loosely("tik tok") == alike
    assert table.exactly("tik_tok") is None and table.loosely("tok") is None


def test_rows_that_agree_may_be_seen_in_several_places_and_order_is_nothing() -> None:
    rows = [row("TikTok", "tiktok", "z letter"), row("Tiktok", "tiktok", "a letter")]
    for table in (LabelTable(rows), LabelTable(rows[::-1])):
        found = table.find("tiktok")
        assert found is not None and (found.source, found.label) == ("a letter", "Tiktok")
    rows = [row("Tiktok", "tiktok"), row("TikTok", "tiktok"), row("tiktok", "tiktok")]
    for table in (LabelTable(rows), LabelTable(rows[::-1])):
        found = table.find("tiktok")
        assert found is not None and found.label == "TikTok"


@pytest.mark.parametrize(
    "bad",
    [
        row("TikTok", "tiktok", ""),
        row(" ", "tiktok"),
        row("TikTok", ""),
        LabelRow("TikTok", "tiktok", "s", "", "", {}),
    ],
)
def test_a_row_needs_label_code_source_and_decision(bad: LabelRow) -> None:
    with pytest.raises(ReferenceTableError) as refused:
        LabelTable([bad])
    assert str(refused.value) == f"labels: the row of {bad.label!r} needs label, code, source and decided"


def test_tables_load_as_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOI_REFERENCE", str(tmp_path))
    head = "label,code,source,decided,note\n"
    lines = head + 'N/A,unknown,s,d,\nnull,unknown,s,d,"é, \r\nn"\n007,7,s,d,\nold,Unmapped,s,d,no number\n'
    (tmp_path / "age_labels.csv").write_bytes(lines.encode())
    table = load_labels("age_labels.csv", is_age)
    assert table.rows == (
        LabelRow("N/A", "unknown", "s", "d", "", {}),
        LabelRow("null", "unknown", "s", "d", "é, \r\nn", {}),
        LabelRow("007", "7", "s", "d", "", {}),
        LabelRow("old", "Unmapped", "s", "d", "no number", {}),
    )


def test_each_vocabulary_has_its_own_looser_form() -> None:
    found = platform_labels().loosely("S n a p-c h a t")
    assert found is not None and found.code == "snapchat"
    assert outcome_labels().loosely("a-r-r-e-s-t") is None


def test_a_column_of_a_table_s_own_is_kept_beside_those_that_all_have() -> None:
    found = offence_labels().find("Harassment")
    assert found is not None and dict(found.more) == {"presumed_class": "8L"}


HEAD = "label,code,source,decided,note\n"
EXPECTED = "expected the header label, code, source, decided, note"
NO_CSV = "{path}: found what is no CSV in UTF-8 (%s); mend the table"
BROKEN = {
    "too few fields": (HEAD + "a,7,s\n", "{path}, line 2: found 3 fields; expected 5"),
    "a field too many": (HEAD + "a,7,s,d,,extra\n", "{path}, line 2: found 6 fields; expected 5"),
    "a short line behind a line break in a field": (
        HEAD + '"a\nb",7,s,d,\nc,7\n',
        "{path}, line 4: found 2 fields; expected 5",
    ),
    "no source": (HEAD + "a,7,s,d,\nb,7, ,d,\n", "{path}, line 3: found no source; expected one for every row"),
    "a broken quote": (HEAD + '"a"b,c,s,d,\n', NO_CSV % "',' expected after '\"'"),
    "a quote left open": (HEAD + '"a,c,s,d,\n', NO_CSV % "unexpected end of data"),
    "another encoding": (
        HEAD.encode() + b"caf\xe9,7,s,d,\n",
        NO_CSV % "'utf-8' codec can't decode byte 0xe9 in position 34: invalid continuation byte",
    ),
    "no line at all": ("", "{path}, line 1: found nothing; " + EXPECTED),
    "a header with less": ("label,code\na,7\n", "{path}, line 1: found label, code; " + EXPECTED),
    "a header with more": (
        HEAD.replace("note", "note,own"),
        "{path}, line 1: found label, code, source, decided, note, own; " + EXPECTED,
    ),
    "a code that is none": (
        HEAD + "a,seven,s,d,\n",
        "{path}: found 'a' with 'seven'; expected a code of its vocabulary",
    ),
    "a code that sorts before Unmapped": (
        HEAD + "a,Old,s,d,\n",
        "{path}: found 'a' with 'Old'; expected a code of its vocabulary",
    ),
    "no label": (HEAD + " ,7,s,d,\n", "age_labels.csv: the row of ' ' needs label, code, source and decided"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_table_that_is_broken_says_where_and_what_was_expected(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, message = BROKEN[case]
    monkeypatch.setenv("FOI_REFERENCE", str(tmp_path))
    table = tmp_path / "age_labels.csv"
    table.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ReferenceTableError) as broken:
        load_labels("age_labels.csv", is_age)
    assert str(broken.value) == message.replace("{path}", str(table))


def test_blank_and_the_words_for_unknown_say_by_which_rule() -> None:
    assert unknown_rule(" \u200b") == "blank"
    assert unknown_rule("Not recorded") == unknown_rule("NOT-RECORDED") == "reference row"
    assert unknown_rule("TikTok") is None


@pytest.mark.parametrize("path", REFERENCE_FILES, ids=lambda path: path.name)
def test_reference_files_are_sorted_one_line_a_row_and_name_no_local_file(path: Path) -> None:
    text = path.read_bytes().decode("utf-8")
    assert "\r" not in text and text.endswith("\n")
    with path.open(encoding="utf-8", newline="") as lines:
        header, *rows = list(csv.reader(lines))
    assert len(text.splitlines()) == len(rows) + 1
    assert rows == sorted(rows) and len(set(map(tuple, rows))) == len(rows)
    assert all(r[header.index("source")].strip() for r in rows)
    sources = [r[header.index("source")] for r in rows]
    assert not [s for s in sources if s.startswith(("/", "~", "file:"))]


@pytest.mark.parametrize("name", TABLES)
def test_every_code_of_a_label_table_exists(name: str) -> None:
    known = {
        "platforms": set(platforms()),
        "outcomes": set(outcomes()) | {UNKNOWN},
        "offences": set(offences()),
        "unknown": {UNKNOWN},
    }
    for r in TABLES[name]().rows:
        if name in known and r.code != UNMAPPED:
            assert set(r.code.split("|")) <= known[name], r
        assert (r.code != UNMAPPED) or r.note, f"{r.label!r} is argued Unmapped without an argument"


@pytest.mark.parametrize("name", TABLES)
def test_every_row_is_found_by_its_own_label_and_by_other_spellings_of_it(name: str) -> None:
    table = TABLES[name]()
    for r in table.rows:
        for label in (r.label, r.label.upper(), f"\u00a0{r.label.lower()} ", r.label.replace(" ", "  ")):
            found = table.find(label)
            assert found is not None and found.code == r.code, (r, label)


@pytest.mark.parametrize("name", TABLES)
def test_a_seeded_wrong_mapping_of_any_label_is_caught(name: str) -> None:
    table = TABLES[name]()
    for r in table.rows[::7]:
        wrong = LabelRow(r.label.swapcase() + " ", "wrong", "s", "d", "", r.more)
        with pytest.raises(ReferenceTableError):
            table.with_row(wrong)


READERS = {"platforms": read_platform, "outcomes": read_outcome, "offences": read_offence, "ages": read_age}


@given(data=st.data(), fresh=st.text(alphabet="qzxj-: 189", min_size=4, max_size=12).filter(lambda t: t.strip()))
def test_adding_a_row_never_changes_the_code_of_a_label_that_had_one(data: st.DataObject, fresh: str) -> None:
    name = data.draw(st.sampled_from(sorted(READERS)))
    table, read = TABLES[name](), READERS[name]
    if table.find(fresh):
        return
    code = {"platforms": "roblox", "outcomes": "16", "offences": "8Q", "ages": "18+"}[name]
    more = {"outcomes": {"arrest": "unknown"}, "offences": {"presumed_class": ""}}.get(name, {})
    wider = table.with_row(LabelRow(fresh, code, "s", "d", "", more))
    label = data.draw(
        st.sampled_from([r.label for r in table.rows] + ["Type 16 - x", "8L - Stalking", "12-15", "OC15"])
    )
    assert read(label, wider) == read(label, table)
