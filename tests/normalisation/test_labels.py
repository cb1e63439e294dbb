import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.normalisation.ages import age_labels, is_age, read_age
from pipeline.normalisation.labels import (
    LabelRow,
    LabelTable,
    load_labels,
    unknown_labels,
)
from pipeline.normalisation.offences import offence_labels, offences, press_categories, read_offence
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


def test_two_rows_may_not_claim_one_label_with_different_codes() -> None:
    with pytest.raises(ReferenceTableError, match="keep one"):
        LabelTable([row("Tik Tok", "tiktok"), row("tik  tok", "roblox")])
    with pytest.raises(ReferenceTableError, match="keep one"):
        LabelTable([row("Tik-Tok", "tiktok"), row("tik tok", "roblox")])
    with pytest.raises(ReferenceTableError, match="keep one"):
        LabelTable([row("arrest", "status:arrest", arrest="yes"), row("Arrest", "status:arrest", arrest="no")])


def test_rows_that_agree_may_be_seen_in_several_places_and_order_is_nothing() -> None:
    rows = [row("TikTok", "tiktok", "z letter"), row("Tiktok", "tiktok", "a letter")]
    for table in (LabelTable(rows), LabelTable(rows[::-1])):
        found = table.find("tiktok")
        assert found is not None and (found.source, found.label) == ("a letter", "Tiktok")


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
    with pytest.raises(ReferenceTableError, match="needs label"):
        LabelTable([bad])


def test_tables_load_as_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOI_REFERENCE", str(tmp_path))
    head = "label,code,source,decided,note\n"
    (tmp_path / "age_labels.csv").write_text(head + "N/A,unknown,s,d,\nnull,unknown,s,d,\n007,7,s,d,\n", "utf-8")
    table = load_labels("age_labels.csv", is_age)
    assert [r.label for r in table.rows] == ["N/A", "null", "007"]


HEAD = "label,code,source,decided,note\n"
BROKEN = {
    "too few fields": (HEAD + "a,b,s\n", "line 2: found 3 fields; expected 5"),
    "a field too many": (HEAD + "a,b,s,d,,extra\n", "line 2: found 6 fields; expected 5"),
    "no source": (HEAD + "a,b,,d,\n", "line 2: found no source"),
    "a broken quote": (HEAD + '"a"b,c,s,d,\n', "no CSV in UTF-8"),
    "a quote left open": (HEAD + '"a,c,s,d,\n', "no CSV in UTF-8"),
    "another encoding": (HEAD.encode() + b"caf\xe9,7,s,d,\n", "no CSV in UTF-8"),
    "no line at all": ("", "line 1: found nothing; expected the header label, code"),
    "another header": ("label,code\na,7\n", "line 1: found label, code; expected the header label, code, source"),
    "a code that is none": (HEAD + "a,seven,s,d,\n", "'a' with 'seven'; expected a code"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_table_that_is_broken_says_where_and_what_was_expected(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, message = BROKEN[case]
    monkeypatch.setenv("FOI_REFERENCE", str(tmp_path))
    table = tmp_path / "age_labels.csv"
    table.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ReferenceTableError, match=message) as broken:
        load_labels("age_labels.csv", is_age)
    assert str(table) in str(broken.value)


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
