import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.normalisation import outcomes as outcomes_module
from pipeline.normalisation.canonical import words
from pipeline.normalisation.labels import LabelRow, read_table
from pipeline.normalisation.outcomes import (
    FLAGS,
    is_outcome,
    outcome_flags,
    outcome_group,
    outcome_labels,
    outcomes,
    read_outcome,
)
from pipeline.store.reference import ReferenceTableError
from tests.normalisation.collected import distinct, needs_data, rows

TYPES = ["1", "1A", "2", "2A", "3", "3A", *map(str, range(4, 23))]
CHARGED = "group:charged-summonsed"
COLLECTED = rows("reference/labels_outcomes.csv")
OPEN = {"status:not-yet-assigned", "status:under-investigation", "status:undetected", "status:filed"}
PREVENTED = "group:prosecution-prevented-or-not-in-the-public-interest"
DISPUTED = {
    # the words do not part type 1 from 1A (data.police.uk; the bare word; the status of the request)
    "Suspect charged": CHARGED,
    "Awaiting court outcome": CHARGED,
    "Court result unavailable": CHARGED,
    "Court case unable to proceed": CHARGED,
    "Defendant found not guilty": CHARGED,
    "Defendant sent to Crown Court": CHARGED,
    "Offender sent to prison": CHARGED,
    "Offender given suspended prison sentence": CHARGED,
    "Offender given conditional discharge": CHARGED,
    "Offender otherwise dealt with": CHARGED,
    "Charged": CHARGED,
    "arrest and charge": CHARGED,
    # who decided is not said: 9 or 10
    "Formal action is not in the public interest": PREVENTED,
    # adult or youth is not said
    "Caution": "group:out-of-court-formal",
    # no type is named
    "No further action": "status:nfa",
    # what is missing is not what is pending
    "a. Missing, unknown, not recorded, outcome pending": "Unmapped",
}


@needs_data
@pytest.mark.parametrize("row", COLLECTED, ids=lambda row: row["raw_label"][:60])
def test_collected_labels(row: dict[str, str]) -> None:
    reading, code = read_outcome(row["raw_label"]), row["ho_outcome_code"]
    if row["raw_label"] in DISPUTED:
        assert reading.code == DISPUTED[row["raw_label"]]
    elif code == "GROUP":
        assert reading.level == "group" and reading.code.startswith("group:")
    elif code == "NONE":
        assert reading.level in {None, "status"} and reading.code not in OPEN
    elif code == "0":
        assert reading.code in OPEN
    else:
        assert (reading.code, reading.level) == (code, "type")


@needs_data
def test_every_outcome_of_the_hertfordshire_records_and_of_cumbria_is_mapped() -> None:
    herts = distinct("foi/hertfordshire/hospital-2019-2024/crime_nature_outcome_rows.csv", "Outcome Description")
    assert len(herts) == 22
    for label in herts:
        if label.startswith("Type "):
            assert read_outcome(label).code == label.split()[1].upper()
        else:
            assert read_outcome(label).code == "status:not-yet-assigned"
    for part in (1, 2):
        for label in distinct(f"foi/cumbria/FOI-1306-25/q1cd_outcome_by_hospital_part{part}.csv", "Outcome"):
            reading = read_outcome(label)
            assert reading.status == ("unmapped" if "Total" in label else "mapped"), label


@pytest.mark.parametrize(
    "written", ["16", "OC16", "OC 16", "oc-16", "Outcome 16", "Outcome type 16", "Type 16", "TYPE: 16"]
)
def test_a_type_alone(written: str) -> None:
    reading = read_outcome(written)
    assert (reading.code, reading.level, reading.arrest) == ("16", "type", "unknown")


@pytest.mark.parametrize("code", TYPES)
def test_every_type_in_every_structure(code: str) -> None:
    name = outcomes()[code].name
    for label in (
        code,
        code.lower(),
        f"OC{code}",
        f"Outcome {code}",
        f"Type {code} - {name}",
        f"{code}: {name}",
    ):
        assert read_outcome(label).code == code, label
    assert read_outcome(f"g. {name} (OC{code})").code == code
    assert read_outcome(name).code == code


NAMES = ["Outcome", "Outcome type", "Outcome code", "Type", "OC", "HO outcome", "Home Office outcome"]
NAMES += ["Crime outcome", "HO crime outcome type", "Home Office crime type"]
BETWEEN = ["", " ", ":", ": ", " : ", "-", " - ", "#", " #", "# ", " # "]
NUMBERS = [("8", "8"), ("08", "8"), ("1A", "1A"), ("01A", "1A"), ("22", "22"), ("10", "10"), ("9", "9")]
WORDS = {"8": "Community resolution", "1A": "Alternate offence charged", "22": "Diversionary activity"}
WORDS |= {"10": "Formal action not in the public interest (police)", "9": "Not in the public interest (CPS)"}


@pytest.mark.parametrize("name", NAMES)
def test_a_type_with_its_name_before_it(name: str) -> None:
    for between in BETWEEN:
        for number, code in NUMBERS:
            assert read_outcome(f"{name}{between}{number}").code == code, (between, number)
            for parted in (" - ", "-", ": ", ":", "; ", ";", ", ", ",", ". ", ".", ") ", ")", " ", " – "):
                label = f"{name}{between}{number}{parted}{WORDS[code]}"
                assert read_outcome(label).code == code, label
            assert read_outcome(f"{name}{between}{number} ({WORDS[code]})").code == code
    assert read_outcome(f"Foo {name} 8").status == "unmapped"


@pytest.mark.parametrize(("number", "code"), NUMBERS)
def test_a_type_without_a_name_before_words_and_behind_them(number: str, code: str) -> None:
    for parted in (" - ", "-", ": ", ":", "; ", ";", ", ", ",", ". ", ".", ") ", ")", " ", " (", " -", " :"):
        closing = ")" if parted == " (" else ""
        label = f"{number}{parted}{WORDS[code]}{closing}"
        assert read_outcome(label).code == code, label
    for name in ["", *(f"{n}{blank}" for n in NAMES for blank in ("", " "))]:
        for before in ("", "g. ", "g) ", "G. "):
            for blank in ("", " "):
                label = f"{before}{WORDS[code]}{blank}({name}{number})"
                assert read_outcome(label).code == code, label


@pytest.mark.parametrize(
    "label",
    [
        *("8Community resolution", "8  /Community resolution", "8 / Community resolution", "8* Community resolution"),
        *("Type/8", "Type * 8", "Type -- 8", "Outcome :: 8", "Type 008", "TypeA 8"),
        *("23 - Community resolution", "0 - Community resolution", "Type 23", "Outcome 30", "Type 8B", "1AA"),
        *("Community resolution 8", "Community resolution (8", "Community resolution [8]", "Community resolution (8B)"),
        *("gg. Community resolution (8) x", "7. Community resolution (8)", "Community resolution (8) (8)", "8 (8)"),
        *("8 - 9", "8 -", "(8)", "HO 8", "Crime 8", "Home Office 8", "code 8"),
    ],
)
def test_what_is_no_notation_of_a_type_is_not_read_as_one(label: str) -> None:
    assert read_outcome(label).code == "Unmapped"


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("15: Named suspect - victim supports but evidential difficulties", "15"),
        ("17: Suspect identified but prosecution time limit expired", "17"),
        ("21: Police - named suspect, investigation not in the public interest", "21"),
        ("20: Action undertaken by another body/agency", "20"),
        ("Outcome 22 (Diversionary activity)", "22"),
        ("Outcome 21 - investigation not in the public interest (Police Decision)", "21"),
        ("Type 2A - Youth Caution (Alternate offence)", "2A"),
        ("i. Investigation complete – no suspect identified (OC18)", "18"),
        ("i. Investigation complete \\x96 no suspect identified (OC18)", "18"),
        ("j. Transferred to External Agency (20)", "20"),
        ("arrest and charge", CHARGED),
        ("No Outcome - Unfinalised Investigation", "status:not-yet-assigned"),
        ("Under investigation", "status:under-investigation"),
        ("NFA", "status:nfa"),
        ("Filed", "status:filed"),
        ("No crime", "status:no-crime"),
        ("Cancelled", "status:cancelled"),
        ("Unable to prosecute suspect", "group:unable-to-prosecute-suspect"),
        ("0", "status:not-yet-assigned"),
        ("C2", "status:cancelled"),
    ],
)
def test_wordings(label: str, code: str) -> None:
    assert read_outcome(label).code == code


@pytest.mark.parametrize(
    "label",
    [
        "Type 16 - No Suspect Identified",
        "16: Investigation complete no suspect identified",
        "Type 1 - Adult Caution",
        "Type 1 - Not charged",
        "Type 1 - Charged/Summonsed (Alternate offence)",
        "Type 3 - Youth caution",
        "Type 9 - Prosecution not in the public interest (police decision)",
        "Type 10 - Not in public interest (CPS)",
        "Type 12 - Victim too ill",
        "Type 13 - Offender too ill",
        "Type 14 - Named suspect - victim unsupportive",
        "Type 15 - Victim does not support",
        "Type 16 - Victim supports action",
        "Type 16 - cancelled",
        "g. Evidential difficulties: suspect identified; victim supports action (OC16)",
        "Type 18 - Named suspect, victim does not support",
    ],
)
def test_a_number_and_words_that_disagree_are_a_conflict(label: str) -> None:
    reading = read_outcome(label)
    assert (reading.code, reading.status, reading.level) == ("Conflict", "conflict", None)


def beside_a_number(what: str) -> list[tuple[str, str]]:
    """Return numbers and words: that say the type of the number, are of another type, or are not known."""
    with Path(__file__).with_name("words_of_codes.csv").open(encoding="utf-8", newline="") as lines:
        return [
            (row["code"], row["words"]) for row in csv.DictReader(lines) if row["vocabulary"] == f"outcomes: {what}"
        ]


@pytest.mark.parametrize(("code", "said"), beside_a_number("said"))
def test_words_that_say_the_type_of_their_number(code: str, said: str) -> None:
    for label in (f"Type {code} - {said}", f"{code}: {said.upper()}", f"OC{code} {said}", f"{said} (OC{code})"):
        assert read_outcome(label).code == code, label


@pytest.mark.parametrize(("number", "said"), beside_a_number("of another type"))
def test_words_of_another_type_or_of_none_are_a_conflict(number: str, said: str) -> None:
    for label in (f"Type {number} - {said}", f"{number}: {said.upper()}", f"{said} (OC{number})"):
        assert read_outcome(label).code == "Conflict", label


@pytest.mark.parametrize(("number", "said"), beside_a_number("not known"))
def test_a_word_that_is_not_known_or_says_too_little_leaves_a_label_unmapped(number: str, said: str) -> None:
    for label in (f"Type {number} - {said}", f"{number}: {said.upper()}", f"{said} (OC{number})"):
        assert read_outcome(label).code == "Unmapped", label


@pytest.mark.parametrize(
    "label",
    [
        *(
            "4 TICs",
            "6 PNDs issued",
            "8 community resolutions",
            "7 cannabis warnings",
            "2 youths cautioned",
            "1 charge",
        ),
        *("3 adults cautioned", "1 charged", "1 person charged", "16 named suspects", "5 deceased", "8 (resolutions)"),
        *(
            "6 penalty notices for disorder",
            "20 transferred",
            "TICs (4)",
            "Community resolutions (8)",
            "3 adult cautions",
        ),
    ],
)
def test_a_number_that_may_be_a_count_is_no_type(label: str) -> None:
    assert read_outcome(label).code == "Unmapped"


@pytest.mark.parametrize(
    ("label", "code"),
    [
        *(("4 - TICs", "4"), ("Type 4 TICs", "4"), ("8: community resolutions", "8"), ("TICs (OC4)", "4")),
        *(
            ("8 Community resolution", "8"),
            ("1 Charged/Summonsed", "1"),
            ("2 Caution - youths", "2"),
            ("1A charge", "1A"),
        ),
        *(("1 a", "1A"), ("Type 1 a - alternate offence", "1A"), ("Type 1 a person has been charged", "1")),
    ],
)
def test_what_cannot_be_a_count_or_an_article_is_a_type(label: str, code: str) -> None:
    assert read_outcome(label).code == code


@pytest.fixture
def lexicon_of(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[list[dict[str, str]]], object]]:
    def read(rows: list[dict[str, str]]) -> object:
        monkeypatch.setattr(outcomes_module, "read_table", lambda name: rows)
        outcomes_module._lexicon.cache_clear()
        return outcomes_module._lexicon()

    yield read
    outcomes_module._lexicon.cache_clear()


def test_the_table_of_phrases_names_types_and_says_nothing_twice(
    lexicon_of: Callable[[list[dict[str, str]]], object],
) -> None:
    rows = read_table(outcomes_module.OUTCOME_WORDS)
    for row in rows:
        says, fits = (set(filter(None, row[column].split("|"))) for column in ("says", "fits"))
        assert says <= set(TYPES) and (fits <= set(TYPES) or fits == {"any"}) and not says & fits, row
        assert row["counted"] in {"yes", "no"} and row["words"] == row["words"].lower()
    twice = [*rows, {**rows[0], "says": "1", "fits": "", "counted": "no"}]
    assert lexicon_of([*rows, dict(rows[0])]) == lexicon_of(rows)
    with pytest.raises(ReferenceTableError, match=r"outcome_words\.csv: two rows differ on '.+'; keep one"):
        lexicon_of(twice)


def test_words_however_many_are_read_whole() -> None:
    many = "community resolution " * 200
    assert read_outcome(f"Type 8 - {many}").code == "8"
    assert read_outcome(f"Type 8 - {many}foo").code == "Unmapped"


PHRASES = ["charged", "named suspect", "victim", "supports", "does not support", "too ill", "dead", "not", "the", "no"]
PHRASES += [
    "suspect identified",
    "community resolution",
    "public interest",
    "not in the public interest",
    "police",
    "cps",
]


@given(st.sampled_from(TYPES), st.lists(st.sampled_from(PHRASES), min_size=1, max_size=4))
def test_a_word_more_that_is_not_known_never_makes_a_type(number: str, said: list[str]) -> None:
    label = f"Type {number} - {' '.join(said)}"
    assert read_outcome(label).code in {number, "Conflict", "Unmapped"}
    assert read_outcome(f"{label} foo").code in {"Conflict", "Unmapped"}
    assert read_outcome(f"Type {number} - foo {' '.join(said)}").code in {"Conflict", "Unmapped"}


@pytest.mark.parametrize(
    "label",
    [
        *("4A", "14a", "23", "17B", "-1", "1.5", "99", "66", "N1001", "OC0", "Type 0", "00"),
        *("Type 2/3", "OC2/3/6/8", "16 or 18", "Type 16 - 18", "Type 16 (14)", "14 & 16", "1-3"),
        *("Type 16 - foo", "16: foo", "5 - Theft", "16 arrests", "2 crimes", "12 months", "1 Facebook"),
        *("Type 8 - no resolution", "Named suspect", "Evidential difficulties...", "Charged?", "Charged*"),
        *("SUSPECT", "not arrested or charged", "victim", "type", "outcome", "OC"),
    ],
)
def test_what_may_mean_two_things_is_unmapped(label: str) -> None:
    reading = read_outcome(label)
    assert (reading.code, reading.status) == ("Unmapped", "unmapped")


@pytest.mark.parametrize("negation", ["not", "no", "non", "never", "without", "nor", "neither"])
@pytest.mark.parametrize("behind", ["", " given", " with restorative justice"])
def test_a_negation_that_no_known_phrase_holds_decides_nothing(negation: str, behind: str) -> None:
    assert read_outcome(f"Type 8 - Community resolution {negation}{behind}").status == "unmapped"
    assert read_outcome(f"Type 8 - {negation} a community resolution{behind}").status == "unmapped"
    assert read_outcome(f"Type 8 - Community resolution{behind}").code == "8"


@pytest.mark.parametrize(
    ("label", "rule"),
    [
        ("Suspect charged", "reference row"),
        ("N1001", "reference row: argued Unmapped"),
        ("N/A - data not provided", "reference row"),
        ("", "blank"),
        ("Outcome 16", "structure: type alone"),
        ("4A", "structure: type alone: there is no outcome type 4A"),
        ("4A - TIC", "structure: type before words: there is no outcome type 4A"),
        ("17: Time limit has expired", "structure: type before words"),
        ("x. Time limit expired (OC17)", "structure: type behind words"),
        ("17: Community resolution", "structure: type before words: the words fit another type"),
        ("Type 17 - foo", "structure: type before words: some of the words are not known"),
        ("Type 17 - Named suspect", "structure: type before words: the words do not say type 17"),
        ("8 community resolutions", "structure: type before words: the number may be a count"),
        ("foo", "no reference row"),
    ],
)
def test_a_reading_says_what_decided(label: str, rule: str) -> None:
    assert read_outcome(label).rule == rule


def test_a_reading_carries_name_status_and_the_source_of_its_row() -> None:
    reading = read_outcome("OC17")
    assert (reading.name, reading.status, reading.source) == (outcomes()["17"].name, "mapped", "")
    reading = read_outcome("Suspect charged")
    assert reading.name == "Charged/Summonsed" and reading.source.startswith("https://data.police.uk/")
    reading = read_outcome("")
    assert (reading.code, reading.name, reading.level) == ("unknown", "unknown", None)
    assert read_outcome("N/A - data not provided").name == "unknown"


@pytest.mark.parametrize("label", ["", " ", "N/A", "#N/A", "Blank", "NULL", "Not recorded", "N/A - data not provided"])
def test_nothing_said_is_unknown(label: str) -> None:
    assert (read_outcome(label).code, read_outcome(label).status) == ("unknown", "unknown")


@pytest.mark.parametrize(
    ("label", "code", "arrest"),
    [
        ("arrest", "status:arrest", "yes"),
        ("Arrest, no charge", "status:arrest-no-charge", "yes"),
        ("arrest no charge", "status:arrest-no-charge", "yes"),
        ("arrest and charge", CHARGED, "yes"),
        ("no arrest", "status:no-arrest", "no"),
        ("No Arrest", "status:no-arrest", "no"),
        ("Charged", CHARGED, "unknown"),
        ("Type 1 - Charged/Summonsed", "1", "unknown"),
    ],
)
def test_arrest_is_a_dimension_of_its_own(label: str, code: str, arrest: str) -> None:
    assert (read_outcome(label).code, read_outcome(label).arrest) == (code, arrest)


def test_the_table_of_types_is_whole_and_each_has_a_group() -> None:
    assert [c for c, o in outcomes().items() if o.level == "type"] == sorted(TYPES)
    for code in TYPES:
        group = outcome_group(code)
        assert group is not None and outcomes()[group].level == "group"
    assert outcome_group("1A") == outcome_group("1") == CHARGED
    assert outcome_group("14") == outcome_group("16") != outcome_group("15")
    assert {c for c in TYPES if outcome_group(c) == "group:out-of-court-formal"} == {
        "2",
        "2A",
        "3",
        "3A",
        "6",
    }
    assert outcome_group(CHARGED) is None and outcome_group("Unmapped") is None


def flagged(flag: str) -> set[str]:
    return {code for code in TYPES if flag in outcome_flags(code)}


def test_flags() -> None:
    assert flagged("charged") == {"1", "1A"}
    assert flagged("formal_action") == {"1", "1A", "2", "2A", "3", "3A", "4", "6"}
    assert flagged("evidential_difficulties") == {"14", "15", "16"}
    assert flagged("no_victim_support") == {"14", "16"}
    assert flagged("fraud") == {"19"}
    assert flagged("open") == flagged("cancelled") == set()
    assert outcome_flags(CHARGED) == {"charged", "formal_action"}
    assert outcome_flags("status:not-yet-assigned") == outcome_flags("status:under-investigation") == {"open"}
    assert outcome_flags("status:no-crime") == outcome_flags("status:cancelled") == {"cancelled"}
    assert outcome_flags("status:arrest") == outcome_flags("Unmapped") == outcome_flags("unknown") == frozenset()
    assert outcome_flags("group:evidential-difficulties") == {"evidential_difficulties"}
    assert all(o.flags <= set(FLAGS) for o in outcomes().values())


def test_the_words_of_a_row_behind_the_number_of_its_type_say_it_and_behind_no_other_number() -> None:
    narrower = {("1A", "1"), ("2A", "2"), ("3A", "3")}
    for row in outcome_labels().rows:
        if row.code in TYPES and not any(c.isdigit() for c in row.label):
            for number in TYPES:
                for label in (f"Type {number} - {row.label}", f"{row.label} (OC{number})"):
                    mapped = number == row.code or (number, row.code) in narrower
                    code = read_outcome(label).code
                    assert code == number if mapped else code in {"Conflict", "Unmapped"}, label


@given(st.sampled_from(TYPES), st.sampled_from([r for r in outcome_labels().rows if r.code in TYPES]))
def test_words_of_one_type_behind_the_number_of_another_are_never_read_as_a_third(number: str, row: object) -> None:
    label, code = row.label, row.code  # type: ignore[attr-defined]
    if any(c.isdigit() for c in label):
        return
    assert read_outcome(f"Type {number} - {label}").code in {number, "Conflict", "Unmapped"}, (
        number,
        label,
        code,
    )


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("Type 8 - A community resolution", "8"),
        ("Type 8 - Adult caution", "Conflict"),
        ("Type 8 - foo", "7"),
        ("8 - TICs", "Conflict"),
    ],
)
def test_a_row_written_otherwise_is_asked_only_where_the_label_says_nothing(label: str, code: str) -> None:
    row = LabelRow(label.replace(" -", ""), "7", "a letter", "somebody", "", {"arrest": "no"})
    assert read_outcome(label, outcome_labels().with_row(row)).code == code


@pytest.mark.parametrize(
    ("code", "known"), [("16", True), ("unknown", True), ("Unmapped", False), ("23", False), ("zero", False)]
)
def test_what_is_a_code_of_an_outcome(code: str, known: bool) -> None:
    assert is_outcome("".join(code)) is known  # no constant: codes come from a file


@given(st.text(max_size=60))
def test_no_text_crashes(text: str) -> None:
    reading = read_outcome(text)
    assert reading.label == text and reading.code in {*outcomes(), "Unmapped", "Conflict", "unknown"}
    assert (reading.level is None) == (reading.status != "mapped")


@given(st.sampled_from([r.label for r in outcome_labels().rows]))
def test_case_and_blanks_change_nothing(label: str) -> None:
    assert read_outcome(f" {label.upper()}\u00a0").code == read_outcome(label).code
    assert words(label)


def test_the_tables_are_read_once_and_their_flags_are_yes_or_no() -> None:
    assert outcomes() is outcomes() and outcome_labels() is outcome_labels()
    assert {row[flag] for row in read_table("outcomes.csv") for flag in FLAGS} == {"yes", "no"}
