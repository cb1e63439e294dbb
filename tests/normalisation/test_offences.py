from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.normalisation import offence_list, offence_names
from pipeline.normalisation import offences as reading_offences
from pipeline.normalisation.canonical import words
from pipeline.normalisation.labels import LabelRow, read_table
from pipeline.normalisation.offence_list import (
    Offence,
    is_notifiable,
    is_offence,
    offence_class,
    offence_group,
    offence_subgroup,
    offences,
)
from pipeline.normalisation.offences import offence_labels, press_categories, read_offence, read_press_category
from pipeline.normalisation.reading import OffenceReading
from pipeline.normalisation.vocabulary import read_tables
from pipeline.store.reference import ReferenceTableError
from tests.normalisation.collected import distinct, needs_data, rows

COLLECTED = rows("reference/labels_offences.csv")
S127 = "local:s127-communications-act-2003"
LIST = "Home Office list of notifiable offences, April 2026"
VIOLENCE, STALKING = "group:violence-against-the-person", "subgroup:stalking-and-harassment"
SENT = "Send indecent or grossly offensive communication to cause distress or anxiety"
WELSH = "https://www.whatdotheyknow.com/request/72023 (Welsh force, 2011)"
MODULES = (offence_list, offence_names, reading_offences)


def caches() -> list[Any]:
    return [each for module in MODULES for each in vars(module).values() if hasattr(each, "cache_clear")]


DISPUTED = {
    # wordings of arrests (custody codes), not of recorded crimes
    "Cause to be sent by public communication network a false message to cause annoyance / inconvenience "
    "/ anxiety (recordable)": "arrest:s127-cause-false-message",
    "Cause to be sent by public communication network an offensive / indecent / obscene / menacing message "
    "/ matter (recordable)": "arrest:s127-cause-offensive-message",
    "Send false message by public electronic communication network to cause annoyance, inconvenience or "
    "anxiety (recordable)": "arrest:s127-send-false-message",
    "Send communication / article of an indecent / offensive nature (recordable)": (
        "arrest:s1-send-indecent-or-offensive-article"
    ),
    "S1": "Unmapped",  # of which Act?
    "Harassment": "local:harassment",  # presumed 8L
    "HO Crime Code 71/17": "071/17",  # a code; its class is 88A
    "sexual communication with a child offence (s90 Justice Act (NI) 2015)": (
        "local:ni-s90-sexual-communication-with-a-child"
    ),
    "NFIB90 Other Fraud Not Covered Elsewhere": "NFIB90",
    "Dating Scam": "local:dating-scam",
    "Action Fraud": "local:action-fraud",
    "crimes against society": "local:crimes-against-society",  # press
    "NON-NOTIFIABLE": "group:non-notifiable",
    "Non Crime": "local:non-crime",
}
CODES = {
    "not notifiable (s127)": S127,
    "8L+8M+8Q+8R": "subgroup:stalking-and-harassment",
    "008/71 (to 30/01/24)": "008/71",
    "(none)": "Unmapped",
    "(any)": "Unmapped",
    "(not found)": "Unmapped",
}
GROUPS = {
    "Violence against the person (group)": "group:violence-against-the-person",
    "Sexual offences (group)": "group:sexual-offences",
    "Miscellaneous crimes against society (group)": "group:miscellaneous-crimes-against-society",
}


@needs_data
@pytest.mark.parametrize("row", COLLECTED, ids=lambda row: row["raw_label"][:60])
def test_collected_labels(row: dict[str, str]) -> None:
    label, ho_class = row["raw_label"], row["ho_class"]
    expected = DISPUTED.get(label) or GROUPS.get(row["canonical_name"]) or CODES.get(ho_class) or ho_class
    assert read_offence(label).code == expected


@needs_data
def test_hertfordshire_groups_and_leicestershire_classes() -> None:
    for label in distinct("foi/hertfordshire/hospital-2019-2024/crime_nature_outcome_rows.csv", "Crime Type"):
        reading = read_offence(label)
        assert reading.level == "group" and is_notifiable(reading.code) == (label != "NON-NOTIFIABLE")
    sample = "foi/leicestershire/hospital-2019-20-sample/offence_codes_2019_20_sample.csv"
    for label in distinct(sample, "Offence Code"):
        assert read_offence(label).code == label.lstrip("0")


@needs_data
def test_every_sub_group_of_cumbria_has_a_code_and_its_level() -> None:
    labels = distinct("foi/cumbria/FOI-1306-25/q1b_sub_group_by_year.csv", "Offence Sub Group")
    read = {label: read_offence(label) for label in labels if label != "Grand Total"}
    assert len(read) == 32 and all(r.status == "mapped" for r in read.values())
    assert read["Rape"].code == "subgroup:rape"
    assert read["Dangerous Driving"].code == "802"
    assert (read["Other Theft"].code, read["Other Theft"].presumed_class) == ("local:other-theft", "49")


@pytest.mark.parametrize(
    ("label", "code", "level"),
    [
        ("8L - Harassment", "8L", "class"),
        ("8L – Harassment", "8L", "class"),
        ("(8L) Harassment", "8L", "class"),
        ("Harassment (8L)", "8L", "class"),
        ("8l", "8L", "class"),
        ("08L", "8L", "class"),
        ("01", "1", "class"),
        ("35", "35", "class"),
        ("1 Murder", "1", "class"),
        ("105A - Assault without injury", "105A", "class"),
        ("88A Sexual Grooming", "88A", "class"),
        ("9A - Public Fear", "9A", "class"),
        ("88A - Sexual communication with a child", "88A", "class"),
        ("66 - Other Offences against the State or public ord", "66", "class"),
        ("8L - Stalking and Harassment", "8L", "class"),
        ("88A - Sexual Offences", "88A", "class"),
        ("Home Office Offence code: 88A", "88A", "class"),
        ("NFIB 90", "NFIB90", "class"),
        ("4/10", "4/10", "class"),
        ("008/72", "008/72", "code"),
        ("8/72", "008/72", "code"),
        ("HO Crime Code 71/17", "071/17", "code"),
        ("004/10", "004/10", "code"),
        ("195/94 Harassment", "195/94", "code"),
        ("008/71", "008/71", "code"),
        ("Stalking", "8Q", "class"),
        ("malicious communications", "8R", "class"),
        ("Blackmail", "35", "class"),
        ("Obscene publications", "86", "class"),
        ("Shoplifting", "46", "class"),
        ("Exposure", "88E", "class"),
        ("Robbery", "group:robbery", "group"),
        ("BURGLARY", "group:burglary", "group"),
        ("Violence against the person", "group:violence-against-the-person", "group"),
        ("Stalking and Harassment", "subgroup:stalking-and-harassment", "subgroup"),
        ("Violence with Injury", "subgroup:violence-with-injury", "subgroup"),
        ("Violence and sexual offences", "local:violence-and-sexual-offences", "local"),
        ("S127", S127, "local"),
        ("Non-notifiable", "group:non-notifiable", "group"),
    ],
)
def test_labels(label: str, code: str, level: str) -> None:
    reading = read_offence(label)
    assert (reading.code, reading.level, reading.status) == (code, level, "mapped")


ALONE = [
    ("Home Office 105A", "105A"),
    ("HO 105A", "105A"),
    ("home office crime code 105A", "105A"),
    ("crime code 105A", "105A"),
    ("offence code 105A", "105A"),
    ("class 105A", "105A"),
    ("classification 105A", "105A"),
    ("offence code: 35", "35"),
    ("code:105A", "105A"),
    ("code :105A", "105A"),
    ("code : 105A", "105A"),
    ("code105A", "105A"),
    ("(105A)", "105A"),
    ("NFIB5A", "NFIB5A"),
    ("NFIB 5A", "NFIB5A"),
    ("28/03", "028/03"),
    ("001", "1"),
]


@pytest.mark.parametrize(("label", "code"), ALONE, ids=[label for label, _ in ALONE])
def test_a_code_alone_may_be_called_one_and_stand_in_brackets(label: str, code: str) -> None:
    reading = read_offence(label)
    assert (reading.code, reading.rule, reading.source) == (code, "structure: code alone", offences()[code].source)


@pytest.mark.parametrize(
    "label",
    [
        "0105A",
        "0035",
        "crime 35",
        "offence 12",
        "(105A",
        "105A)",
        "0008/72",
        "8/721",
        "NFIB999",
        "office 105A",
        "home 105A",
        "hocode 105A",
        "crimecode 105A",
        "codes 105A",
        "105AAssault without injury",
        "(105A Assault without injury",
        "Assault without injury 105A)",
        "Assault without injury 105A",
        "35 2024",
        "HO, 105A",
        "NFIB-90",
        "Blackmail (35) dwelling",
    ],
)
def test_what_is_not_written_as_a_code_is_read_as_none(label: str) -> None:
    assert (read_offence(label).code, read_offence(label).rule) == ("Unmapped", "no reference row")


@pytest.mark.parametrize(
    "label",
    [
        "105A Assault without injury",
        "105A: Assault without injury",
        "105A:Assault without injury",
        "105A-Assault without injury",
        "105A -Assault without injury",
        "105A.Assault without injury",
        "105A . Assault without injury",
        "HO class 105A: Assault without injury",
        "(105A)Assault without injury",
        "(105A): Assault without injury",
        "(105A) - Assault without injury",
        "Assault without injury (105A)",
        "Assault without injury(105A)",
        "Assault without injury (HO code 105A)",
    ],
)
def test_a_code_and_its_words_may_be_parted_by_any_mark(label: str) -> None:
    side = "behind" if label.startswith("Assault") else "before"
    assert (read_offence(label).code, read_offence(label).rule) == ("105A", f"structure: code {side} words")


@pytest.mark.parametrize(
    "label", ["35 x", "35 - x", "x (35)", "x(35)", "x 12 (35)", "35 (x) y", "35 ..Blackmail", "35... Blackmail"]
)
def test_words_beside_a_code_are_not_passed_over_however_few(label: str) -> None:
    side = "behind" if label.startswith("x") else "before"
    rule = f"structure: code {side} words: the words are no name of that class"
    assert (read_offence(label).code, read_offence(label).rule) == ("Unmapped", rule)


def test_the_bare_word_harassment_is_local_with_a_presumed_class() -> None:
    reading = read_offence("HARASSMENT")
    assert (reading.code, reading.level, reading.presumed_class) == ("local:harassment", "local", "8L")
    assert offence_class(reading.code) is None and offence_group(reading.code) is None
    assert read_offence("8L").presumed_class is None


@pytest.mark.parametrize(
    "label",
    [
        "8L - Stalking",
        "8Q - Harassment",
        "8M - Harassment",
        "(35) Stalking",
        "Stalking (8L)",
        "008/72 Stalking",
        "8L - Sexual Offences",
        "9B - Public Fear, Alarm or Distress",
        "8N - Assault without injury",
    ],
)
def test_a_code_and_the_name_of_another_class_are_a_conflict(label: str) -> None:
    reading = read_offence(label)
    assert (reading.code, reading.status, reading.level) == ("Conflict", "conflict", None)


@pytest.mark.parametrize(
    "label",
    [
        "8L - Foo",
        "8L - Theft of a phone",
        "8Z",
        "195/99",
        "999/99",
        "8/7",
        "1",
        "5",
        "2024",
        "2021/22",
        "8L8",
        "8L/8Q",
        "8L and 8Q",
        "Burglary dwelling",
        "Assault occasioning actual bodily harm",
        "Fraud etc",
        "Possession of controlled drugs",
        "S1",
        "EXPIRED",
        "Attempted",
        "Stalking?",
        "Stalking*",
        "Harassment / Stalking",
        "not Stalking",
        "Grand Total",
        "105A - Assault with foo",
    ],
)
def test_what_may_mean_two_things_is_unmapped(label: str) -> None:
    reading = read_offence(label)
    assert (reading.code, reading.status) == ("Unmapped", "unmapped")


@pytest.mark.parametrize("label", ["", " ", "N/A", "Unknown"])
def test_nothing_said_is_unknown(label: str) -> None:
    assert read_offence(label).status == "unknown"


def test_a_code_rolls_up_by_the_list_not_by_its_digits() -> None:
    assert offence_class("005/28") == offence_class("138/52") == offence_class("008/72") == "8R"
    assert offence_class("125/68") == offence_class("195/94") == "8L"
    assert offence_class("028/03") is None and offence_group("028/03") == "group:burglary"
    assert offence_class("8R") == "8R" and offence_subgroup("8R") == "subgroup:stalking-and-harassment"
    assert offence_group("subgroup:rape") == "group:sexual-offences"
    # of some offences in these classes the list gives no subgroup
    assert offence_subgroup("8N") == "subgroup:violence-with-injury"
    assert offence_subgroup("49") == "subgroup:other-theft"
    assert offence_class("subgroup:rape") is None and offence_class("group:theft") is None
    assert offence_group("group:theft") == "group:theft"
    assert offence_class("Unmapped") is None and offence_group("local:harassment") is None


@pytest.mark.parametrize("code", ["Unmapped", "Conflict", "unknown", "8Z"])
def test_what_is_no_code_rolls_up_to_nothing_and_is_not_marked_as_not_notifiable(code: str) -> None:
    assert offence_class(code) is offence_subgroup(code) is offence_group(code) is None
    assert is_notifiable(code) and not is_offence(code)


def test_what_ended_has_its_day_and_what_is_not_notifiable_says_so() -> None:
    assert offences()["008/71"].valid_to == "2024-01-30"
    assert offences()["005/28"].valid_from == "2024-01-31"
    assert not is_notifiable(S127) and not is_notifiable("arrest:s127-send-offensive-message")
    assert not is_notifiable("group:non-notifiable") and not is_notifiable("local:anti-social-behaviour")
    assert is_notifiable("8R") and is_notifiable("local:harassment")
    assert is_notifiable("arrest:s1-send-indecent-or-offensive-article")


def test_every_code_and_class_of_the_home_office_list_reads_as_itself() -> None:
    for row in read_table("ho_offences.csv"):
        assert read_offence(row["code"]).code == row["code"]
        assert read_offence(row["code"].lstrip("0")).code in {row["code"], row["class"]}
        if row["class"]:
            assert read_offence(f"{row['class']} - {row['class_name']}").code == row["class"]
            assert read_offence(f"({row['class']}) {row['class_name']}").code == row["class"]


LISTED = read_table("ho_offences.csv")


def classes_by(column: str) -> dict[str, set[str]]:
    """Return, by the words of a column of the Home Office list, the classes they stand beside."""
    classes: dict[str, set[str]] = {}
    for row in LISTED:
        if row[column]:
            classes.setdefault(words(row[column]), set()).add(row["class"])
    return classes


def test_a_class_has_one_name_and_no_group_bears_the_name_of_a_sub_group() -> None:
    names: dict[str, set[str]] = {}
    for row in LISTED:
        names.setdefault(row["class"], set()).add(row["class_name"])
    assert all(len(of_class) == 1 for of_class in names.values())
    assert not {words(row["group"]) for row in LISTED} & {words(row["subgroup"]) for row in LISTED}


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("Violence, against the person", VIOLENCE),
        ("Stalking, and harassment", STALKING),
        ("Public fear; alarm or distress", "9A"),
        ("Attempted genocide, or crime against humanity", "2"),
        (
            "Conspiring, aiding, abetting, counselling, procuring or inciting commission of genocide or crime against "
            "humanity",
            "3A",
        ),
    ],
)
def test_punctuation_makes_no_other_name(label: str, code: str) -> None:
    assert read_offence(label).code == code


def test_a_class_name_is_its_class_unless_a_larger_sub_group_bears_it_too() -> None:
    members = classes_by("subgroup")
    for name, classes in classes_by("class_name").items():
        code = read_offence(name).code
        if name == "harassment" or members.get(name, classes) != classes:
            assert code.startswith("local:"), name
        else:
            assert code == (min(classes) if len(classes) == 1 else "Unmapped"), name


def test_a_wording_never_leads_outside_the_classes_it_is_listed_in() -> None:
    read = {name: (read_offence(name), classes) for name, classes in classes_by("name").items()}
    assert len(read) > 1_000
    for name, (reading, classes) in read.items():
        if reading.level == "class":
            assert classes == {reading.code}, name
        else:
            assert reading.status == "unmapped" or reading.level in {"group", "subgroup", "local"}, name


def test_categories_of_the_press_are_a_vocabulary_of_their_own() -> None:
    assert read_press_category("Sexual grooming").code == "local:press-sexual-grooming"
    assert read_press_category("crimes against society").level == "local"
    assert read_press_category("crimes, against society").code == "local:press-crimes-against-society"
    assert read_press_category("foo").status == "unmapped"
    assert read_press_category("").status == "unmapped"


@given(st.text(max_size=60))
def test_no_text_crashes(text: str) -> None:
    reading = read_offence(text)
    assert reading.label == text and reading.code in {*offences(), "Unmapped", "Conflict", "unknown"}
    assert (reading.level is None) == (reading.status != "mapped")


@pytest.mark.parametrize(
    "offence",
    [
        Offence("008/72", "code", SENT, "8R", STALKING, VIOLENCE, True, "2015-04-13", "", LIST),
        Offence("001/01", "code", "several (001/01)", "1", "subgroup:homicide", VIOLENCE, True, "", "", LIST),
        Offence("028/03", "code", "Burglary", None, None, "group:burglary", True, "", "", LIST),
        Offence("053/40", "code", "Fraud by False Representation", None, None, "group:nfib-fraud", True, "", "", LIST),
        Offence("8R", "class", "Malicious Communications", "8R", STALKING, VIOLENCE, True, "", "", LIST),
        Offence("10A", "class", "{name}", "10A", None, "group:possession-of-weapons", True, "", "", LIST),
        Offence(STALKING, "subgroup", "Stalking and harassment", None, STALKING, VIOLENCE, True, "", "", LIST),
        Offence("subgroup:shoplifting", "subgroup", "Shoplifting", None, "{code}", "group:theft", True, "", "", LIST),
        Offence(VIOLENCE, "group", "Violence against the person", None, None, VIOLENCE, True, "", "", LIST),
        Offence("5A", "class", "{name}", "5A", None, VIOLENCE, True, "", "", WELSH),
        Offence("008/71", "code", "{name}", None, None, None, True, "2015-04-13", "2024-01-30", "{source}"),
        Offence("group:non-notifiable", "group", "{name}", None, None, "{code}", False, "", "", "{source}"),
        Offence(
            "subgroup:burglary-residential",
            "subgroup",
            "Burglary residential",
            None,
            "{code}",
            "group:burglary",
            True,
            "",
            "",
            "Cumbria FOI 1306/25",
        ),
        Offence(S127, "local", "{name}", None, None, None, False, "2003-07-25", "", "{source}"),
        Offence("arrest:s127-persistent-use", "arrest_wording", "{name}", None, None, None, False, "", "", "{source}"),
    ],
    ids=lambda offence: offence.code,
)
def test_each_level_knows_its_name_what_it_rolls_up_to_its_days_and_its_source(offence: Offence) -> None:
    found = offences()[offence.code]
    assert found.name and found.source
    said = {"{code}": offence.code, "{name}": found.name, "{source}": found.source}
    assert found == Offence(*(said.get(value, value) if isinstance(value, str) else value for value in offence))


def test_a_code_of_several_rows_has_a_day_only_where_all_say_the_same() -> None:
    days: dict[str, dict[str, set[str]]] = {"valid_from": {}, "valid_to": {}}
    for row in LISTED:
        for column, by_code in days.items():
            by_code.setdefault(row["code"], set()).add(row[column])
    assert any(len(said) > 1 for said in days["valid_from"].values())
    for code in {row["code"] for row in LISTED}:
        for column, by_code in days.items():
            expected = min(by_code[code]) if len(by_code[code]) == 1 else ""
            assert getattr(offences()[code], column) == expected, (code, column)


def test_a_class_written_like_a_code_holds_the_code_written_so() -> None:
    """`4/10` is the class; it would be a conflict, were 004/10 of another one."""
    classes = [code for code, offence in offences().items() if offence.level == "class" and "/" in code]
    assert len(classes) == 11
    assert all(offence_class(f"{code.split('/')[0]:0>3}/{code.split('/')[1]:0>2}") == code for code in classes)


SEEN = "reference row"


@pytest.mark.parametrize(
    "reading",
    [
        OffenceReading("8/72", "008/72", SENT, "mapped", "structure: code alone", "code", LIST),
        OffenceReading(" ", "unknown", "unknown", "unknown", "blank"),
        OffenceReading("N/A", "unknown", "unknown", "unknown", SEEN),
        OffenceReading("8Z", "Unmapped", "Unmapped", "unmapped", "{}: code alone: not in the Home Office list"),
        OffenceReading(
            "5 - x", "Unmapped", "Unmapped", "unmapped", "{}: code before words: not in the Home Office list"
        ),
        OffenceReading(
            "008/72 Stalking",
            "Conflict",
            "Conflict",
            "conflict",
            "{}: code before words: the words name another offence",
        ),
        OffenceReading("8Q - Stalking harassment", "Unmapped", "Unmapped", "unmapped", "{}: code before words: {none}"),
        OffenceReading("Robbery", "group:robbery", "Robbery", "mapped", "name of one Home Office group", "group", LIST),
        OffenceReading("Blackmailing", "Unmapped", "Unmapped", "unmapped", "no reference row"),
        OffenceReading("Non-domestic burglary", "Unmapped", "Unmapped", "unmapped", "no reference row"),
        OffenceReading("Murder", "1", "Murder", "mapped", "name of one Home Office class", "class", LIST),
        OffenceReading(
            "Homicide", "subgroup:homicide", "Homicide", "mapped", "name of one Home Office sub group", "subgroup", LIST
        ),
        OffenceReading(
            "Genocide or crime against humanity",
            "1",
            "Murder",
            "mapped",
            "wording of offences in one Home Office class",
            "class",
            LIST,
        ),
        OffenceReading("Possession of controlled drugs", "Unmapped", "Unmapped", "unmapped", "{several}"),
        OffenceReading("Assault occasioning actual bodily harm", "Unmapped", "Unmapped", "unmapped", "{several}"),
        OffenceReading(
            "False representations as to the National Lottery", "Unmapped", "Unmapped", "unmapped", "{several}"
        ),
        OffenceReading("Fraudulent trading", "Unmapped", "Unmapped", "unmapped", "{several}"),
        OffenceReading("Failure to keep proper accounting records", "Unmapped", "Unmapped", "unmapped", "{several}"),
        OffenceReading(
            "Obstruction of an officer in the exercise of a power conferred by a warrant etc",
            "Unmapped",
            "Unmapped",
            "unmapped",
            "{several}",
        ),
        OffenceReading("Fraud by false representation", "Unmapped", "Unmapped", "unmapped", "{several}"),
    ],
    ids=lambda reading: reading.label,
)
def test_a_reading_says_all_of_how_it_came_about(reading: OffenceReading) -> None:
    rule = reading.rule.replace("{}", "structure").replace("{none}", "the words are no name of that class")
    rule = rule.replace("{several}", "the words name several classes, or a catch-all class")
    assert read_offence(reading.label) == replace(reading, rule=rule)


def test_a_reading_by_a_row_has_the_source_of_the_row() -> None:
    own = offence_labels().with_row(LabelRow("Zork", "8Q", "a letter", "d", "", {"presumed_class": ""}))
    stalking = offences()["8Q"].name
    assert read_offence("zork", own) == OffenceReading("zork", "8Q", stalking, "mapped", SEEN, "class", "a letter")
    assert read_offence("Zork").code == "Unmapped"
    argued = own.with_row(LabelRow("Bork", "Unmapped", "b letter", "d", "why", {"presumed_class": ""}))
    assert read_offence("BORK", argued) == OffenceReading(
        "BORK", "Unmapped", "Unmapped", "unmapped", "reference row: argued Unmapped", None, "b letter"
    )
    # words beside a code may be a label with a row of that class, in the table that is asked
    assert read_offence("8Q - Zork", own).code == "8Q" and read_offence("8Q - Zork").code == "Unmapped"
    assert read_offence("8L - Zork", own).code == "Conflict"
    article = own.with_row(LabelRow("Gork", "008/72", "c letter", "d", "", {"presumed_class": ""}))
    assert read_offence("8R - Gork", article).code == "8R"
    # a row of the label itself comes before all structure, one that is alike only behind it
    for label in ("8L - Stalking", "105A", "N/A"):
        exactly = own.with_row(LabelRow(label, "local:harassment", "c letter", "d", "", {"presumed_class": ""}))
        assert read_offence(label, exactly).code == "local:harassment"
    alike = own.with_row(LabelRow("8 72", "local:harassment", "c letter", "d", "", {"presumed_class": ""}))
    assert read_offence("8/72", alike).code == "008/72"
    alike = own.with_row(LabelRow("8L Harass", "local:harassment", "c letter", "d", "", {"presumed_class": ""}))
    assert read_offence("8L: Harass", alike).code == "8L"
    # and a row for the words changes nothing where they are a name already
    other = own.with_row(LabelRow("Harass", "8Q", "c letter", "d", "", {"presumed_class": ""}))
    assert read_offence("8L - Harass", other).code == "8L"
    presumed = own.with_row(LabelRow("Bother", "local:harassment", "c letter", "d", "", {"presumed_class": "8L"}))
    assert [read_offence(f"{c} - Bother", presumed).code for c in ("8L", "8Q")] == ["8L", "Unmapped"]
    code = own.with_row(LabelRow("Mork", "005/28", "c letter", "d", "", {"presumed_class": ""}))
    assert [read_offence(f"{c} - Mork", code).code for c in ("8R", "005/28", "008/72", "8L")] == [
        *("8R", "005/28", "Conflict", "Conflict")
    ]
    # where the structure settles nothing, the row that is alike does
    alike = own.with_row(LabelRow("8L Bork", "local:harassment", "c letter", "d", "", {"presumed_class": ""}))
    assert read_offence("8L: Bork", alike).code == "local:harassment"
    assert read_offence("8Q - Bork", argued).code == "Unmapped"


@pytest.mark.parametrize("filling", ["and", "or", "the", "of", "a", "an", "etc", "in", "to", "by"])
def test_a_filling_word_more_or_less_changes_no_name_beside_a_code(filling: str) -> None:
    assert read_offence(f"105A - Assault {filling} without injury").code == "105A"
    assert read_offence(f"105A - {filling}").code == "Unmapped"


@pytest.mark.parametrize(
    ("words_given", "code"),
    [
        ("Assaults without injuries", "Unmapped"),
        ("Assaults without injury", "105A"),
        ("Assault without inj", "105A"),  # a short form
        ("Assault without inju", "Unmapped"),  # cut where 104 goes on
        ("Assault without in", "Unmapped"),
        ("Assault without", "Unmapped"),
        ("Assault wit", "Unmapped"),
        ("Ass without injury", "Unmapped"),
        ("Without assault", "Unmapped"),
        ("Without injury", "Unmapped"),
        ("Injury without assault", "Unmapped"),
        ("Assault assault", "Unmapped"),
        ("ault without injury", "Unmapped"),
        ("Assault injury", "Unmapped"),
        ("Assault", "Unmapped"),
    ],
)
def test_words_beside_a_code_are_the_whole_name_or_it_cut_at_its_end(words_given: str, code: str) -> None:
    assert read_offence(f"105A - {words_given}").code == code


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("17A - Sexual assault on male aged 13 or over", "17A"),
        ("17A - Sexual assault on a male aged 13", "Unmapped"),  # and over, or only that?
        ("17A - Sexual assault on a male aged 1", "Unmapped"),
        ("008/72 - Malicious communications", "008/72"),  # the name of its class
        ("008/72 - Stalking and harassment", "008/72"),  # of its sub group
        ("008/72 - Violence against the person", "008/72"),  # of its group
        ("008/72 - Malicious comm", "008/72"),  # a shortening of the name of its class
        ("028/03 - Burglary", "028/03"),  # its own wording, though it lies in several classes
        ("008/06 - Assault with injury", "008/06"),  # the name of one of its classes
        ("008/06 - Assault with inj", "008/06"),  # a shortening of it
        ("008/06 - Foo", "Unmapped"),
        ("008/06 - Stalking", "Conflict"),
        ("008/71 - Harassment", "Conflict"),
        ("008/71 - Disclose private", "Unmapped"),  # it has no class whose name could be shortened
        (
            "008/71 - Disclose private sexual photographs and films with intent to cause distress "
            "(Criminal Justice and Courts Act 2015, s33)",
            "008/71",
        ),
        ("8T - Assault with injury on emergency worker other than constable", "8T"),
        ("99 - False representations as to the National Lottery", "99"),  # a wording of one of its offences
        ("8Q - False representations as to the National Lottery", "Conflict"),
        ("4/1 - Homicide", "4/1"),
        ("1 - Homicide", "Unmapped"),  # or the first of a list
        ("053/40 - Fraud by false representation", "053/40"),
        ("8L - Fraud by false representation", "Unmapped"),  # listed without a class: no other class is named
        ("- Harassment (8L)", "8L"),
        ("008/29 - 08L", "008/29"),
        ("008/20 - Violence with injury", "008/20"),
        ("019/12 - Sexual offence", "Unmapped"),
        ("36 - Other act endangering safety of aircraft", "36"),
        ("020/04 - Sexual Assault ons a Female Child under 13", "Unmapped"),
        ("006/04 - Endangering Li", "Unmapped"),
        ("066/45 - Other Offences against the S", "Unmapped"),
        ("034/01 - Robb", "034/01"),
        ("056/02 - Arson not", "056/02"),
    ],
)
def test_words_beside_a_code_are_held_to_all_its_levels(label: str, code: str) -> None:
    assert read_offence(label).code == code


RIGHT = """
104: 104 - Assault without Injury on Constable; 104 Assault without injury on a constable
105B: 105B - Racially/Religiously Aggravated Assault without Injury; 105B - Racially aggravated assault without injury
10D: 10D - Possession of articles with blade or point
22A: 22A - Causing Sexual Activity without Consent; Causing sexual activity without consent (22A)
23: 23 - Incest; 23 - Sexual offences; (23) Sexual offences; 23 Incest or familial sexual offences
28J: 28J - Attempted residential burglary of home; 28J - Burglary
3A: 3A - Conspiracy to murder; 3A - Conspiracy to commit murder
40: 40 - Theft in a dwelling; 40 - Theft in dwelling other than from automatic machine or meter
45: 45 - Theft from motor vehicle; 45 Theft from a vehicle; Theft from a motor vehicle (45)
46: 46 Shoplifting; Shoplifting (46); 46. Shoplifting
48: 48 - Theft of motor vehicle; 48 - Theft of vehicle; 48 - Theft or unauthorised taking of a motor vehicle
49A: 49A - Making off without payment; 49A Making Off Without Paym
56A: 56A - Arson endangering life; 56A - Arson
56B: 56B - Arson (not endangering life)
58C: 58C - Criminal damage to vehicle
66: 66 - Other Offences against the State or public ord; 66 - Public order offences
86: 86 - Obscene publications; 86 - Obscene Publications, etc.
88A: 88A - Grooming; 88A - Sexual communication with a child; 088A - Sexual Grooming
8L: 8L - Harassment offences; 8L - Harrassment
8M: 8M - Rac agg harassment; 8M - Racially aggravated harassment
8N: 8N - Assault with inj; 8N - Assault with injury
8P: 8P - Racially aggravated assault with injury; Racially or Religiously Agg Assault with Inj (8P)
8R: 8R - Mal comms; 8R Malicious Comms; 8R - Malicious Communicat
8S: 8S - Assault with injury on constable
8T: 8T - Assault with injury on an emergency worker; 8T - Assault with injury on emergency worker other than constable
92D: 92D - Possession of drugs; 92D - Possession of controlled drugs
92E: 92E - Possession of drugs; 92E - Poss of controlled drugs
95: 95 - Disclosure, Obstruction, False or Misleading State
NFIB17: NFIB17 - Other fraud
037/02: 037/02 - Aggravated vehicle taking
008/72: 008/72 - Malicious comms
"""
CONFLICTS = """
104 - Assault with Injury on Constable; 104 - Assault with injury on a constable; 104 - Assault without injury
105A - Assault with inj; 105A - Assault with injury; 105A - Assault without injury on constable
105B - Racially aggravated assault with injury; Racially Aggravated Assault with Injury (105B)
8P - Racially or religiously aggravated assault without injury; 8P - Assault with injury
8S - Assault with injury; 8T - Assault with injury; 8T - Assault with injury on constable
8N - Assault with injury on a constable
40 - Theft from automatic machine or meter; 45 - Theft of motor vehicle; 48 - Theft from motor vehicle
56A - Arson not endangering life; 56B - Arson endangering life; 58C - Other criminal damage
28I - Attempted residential burglary of a home; 30C - Attempted burglary business and community
28K - Residential burglary (home); 29B - Distraction burglary residential (home)
17A - Sexual assault on a female aged 13 and over; 17B - Sexual assault on a male aged 13 and over
19D - Rape of a female child under 13; 22B - Sexual activity involving a child under 13
10B - Possession of firearms with intent; 37/1 - Aggravated vehicle taking; 3A - Murder; 1 - Attempted murder
8M - Harassment; 8L - Racially aggravated harassment; 9B - Public fear alarm distress
92A - Possession of drugs; 92D - Trafficking of drugs; 92C - Possession of controlled drugs
8L - Mal comms; 8Q - Sexual communication with a child; 88A - Upskirting
008/72 - Send communication threatening death or serious harm; 001/01 - Murder of persons under 1yr of age
008/71 - Malicious communications; 4/9 - Causing death by dangerous driving; 34A - Robbery of personal property
"""
NEITHER = """
22A - Causing sexual activity with consent; 22A - Causing sexual activity with; 22A - Causing sexual activity
49A Making off with payment; 49A - Making off with; 49A - Making off
8T - Assault on a constable; 8T - Assault without injury on an emergency worker
40 - Theft from automatic machine; 47 theft; 48 theft of; 104 Assault injury constable; 104 - Assault on a constable
56B - Arson endangering; 5E - Not endangering life; 8P - Racially or religiously aggravated assault
8S - Assault on constable; 8S - Assault with injury on; 5D - Assault with intent; 10A - Possession of firearms
66 offences; 99 offences; 83 offences; 23 sexual offences; Sexual offences (23); 13 child; 13 - Child; 46 shop
66 Public order offences; 61 other; 96 crime; 802 driving; 106 modern; 33 going; 69 offenders; 54 goods
1 - Violence against the person; 2. Sexual offences; 1 Homicide; 3 - Robbery
28J - Residential burglary of a home; 30D - Burglary business and community; 35 - Other theft
19J - Rape of a female aged 16 and over
19D - Rape of a female child; 21 - Sexual activity involving a child; 17A - Sexual assault; 4/8 - Causing death
8L - not harassment; 8Q - Stalking?; 8Q - Stalking/Harassment; 8L - Harassment and 8Q - Stalking
3B - Threats; 3B - Threats not to kill; 59 - Threat; 61A - Possession of documents; 11A - Cruelty to animals
86 - Publications; 79 - Justice; 66 - Other Offences; 105A - and the
"""


def listed(text: str) -> list[str]:
    return [label for line in text.strip().splitlines() for label in line.split("; ")]


@pytest.mark.parametrize(
    ("label", "code"),
    [(label, line.split(": ")[0]) for line in RIGHT.strip().splitlines() for label in listed(line.split(": ")[1])]
    + [(label, "Conflict") for label in listed(CONFLICTS)]
    + [(label, "Unmapped") for label in listed(NEITHER)],
)
def test_a_word_that_qualifies_is_never_passed_over_nor_a_count_taken_for_a_class(label: str, code: str) -> None:
    assert read_offence(label).code == code


@pytest.mark.parametrize(
    ("label", "code"),
    [
        *[(way, "4/10") for way in ("4/10", "04/10", "HO code 4/10")],
        *[(way, "4/1") for way in ("4/1", "04/1", "04/01", "4/01", "004/1")],
        *[(way, "37/1") for way in ("37/1", "37/01", "037/1")],
        *[(way, "004/11") for way in ("004/11", "04/11", "4/11")],
        *[(way, way) for way in ("004/10", "004/01", "037/01")],
        *[(way, "008/72") for way in ("008/72", "08/72", "8/72")],
        *[(way, "Unmapped") for way in ("4/5", "4/05", "37/3", "0004/10", "4/0", "0/1")],
    ],
)
def test_the_level_of_a_code_with_a_stroke_does_not_hang_on_one_zero(label: str, code: str) -> None:
    assert read_offence(label).code == code


def test_no_two_classes_have_one_name_for_words_beside_a_code() -> None:
    """Filling, plural and short forms make no class name that of another class."""
    by_class = {row["class"]: row["class_name"] for row in LISTED if row["class"]}
    for code, name in by_class.items():
        for other, its_name in by_class.items():
            read = read_offence(f"({code}) {its_name}")
            same = code == other or words(name) == words(its_name)
            assert (read.code == code) if same else (read.status != "mapped"), (code, its_name)


def test_what_the_press_prints_is_read_with_its_source_and_the_rule() -> None:
    (row,) = [r for r in press_categories().rows if r.label == "crimes against society"]
    assert read_press_category("Crimes Against Society") == OffenceReading(
        "Crimes Against Society", row.code, row.label, "mapped", SEEN, "local", row.source
    )
    assert read_press_category("foo") == OffenceReading("foo", "Unmapped", "Unmapped", "unmapped", "no reference row")


def test_a_table_of_the_press_has_no_code_of_an_offence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = "label,code,source,decided,note\n"
    (tmp_path / "press_categories.csv").write_text(head + "grooming,local:harassment,s,d,\n", "utf-8")
    monkeypatch.setenv("FOI_REFERENCE", str(tmp_path))
    press_categories.cache_clear()
    with pytest.raises(ReferenceTableError, match="expected a code of its vocabulary"):
        press_categories()


@given(st.sampled_from([r.label for r in offence_labels().rows]))
def test_case_and_blanks_change_nothing(label: str) -> None:
    assert read_offence(f" {label.upper()}\u00a0").code == read_offence(label).code


def test_a_later_list_may_end_a_code_and_put_one_in_two_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = "code,class,class_name,subgroup,group,name,act,section,valid_from,valid_to,source\n"
    lines = (
        "900/01,90Y,Borking,Bork,Bork and zork,Bork once,,,2020-01-01,2024-12-31,a list\n"
        "900/02,90Z,Zorking,,Bork and zork,Zork once,,,,,a list\n"
        "900/02,90Z,Zorking,,Other,Zork twice,,,,,a list\n"
    )
    (tmp_path / "ho_offences.csv").write_text(head + lines, "utf-8")
    head = "code,name,group,notifiable,valid_from,valid_to,source,note\n"
    lines = "37/30,Gork,,no,,,b list,\n900/3,Mork,,yes,,,b list,\n"
    (tmp_path / "offence_supplement.csv").write_text(head + lines, "utf-8")
    cached = caches()
    for each in cached:
        each.cache_clear()
    with monkeypatch.context() as own:
        own.setenv("FOI_REFERENCE", str(tmp_path))
        found = offences()
    for each in cached:
        each.cache_clear()
    bork, both = "group:bork-and-zork", "several (900/02)"
    of_bork = ("90Y", "subgroup:bork", bork, True)
    assert found["900/01"] == Offence("900/01", "code", "Bork once", *of_bork, "2020-01-01", "2024-12-31", LIST)
    assert found["90Y"] == Offence("90Y", "class", "Borking", *of_bork, "", "", LIST)
    assert found["subgroup:bork"] == Offence("subgroup:bork", "subgroup", "Bork", None, *of_bork[1:], "", "", LIST)
    assert found[bork] == Offence(bork, "group", "Bork and zork", None, None, bork)
    assert found["900/02"] == Offence("900/02", "code", both, "90Z", None, None)
    assert found["90Z"] == Offence("90Z", "class", "Zorking", "90Z", None, None)
    # a class may be written with a stroke too; a code has three digits before it and two behind it
    assert found["37/30"] == Offence("37/30", "class", "Gork", "37/30", None, None, False, "", "", "b list")
    assert found["900/3"] == Offence("900/3", "class", "Mork", "900/3", None, None, True, "", "", "b list")
    assert offences()["008/72"].name == SENT


def test_what_the_supplement_says_is_notifiable_is_yes_or_no() -> None:
    assert {row["notifiable"] for row in read_table("offence_supplement.csv")} == {"yes", "no"}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            '900/1,Gork,,no,,,a list,"of\ntwo lines"\n900/2,Bork,,yes,,,a list,\n900/1,Mork,,yes,,,b list,\n',
            "{path}, line 5: found '900/1', which line 3 has; expected each code once; keep one",
        ),
        ("900/1,Gork,,No,,,a list,\n", "{path}, line 2: found notifiable 'No' for '900/1'; expected yes or no"),
        ("900/1,Gork,,,,,a list,\n", "{path}, line 2: found notifiable '' for '900/1'; expected yes or no"),
    ],
    ids=["a code twice", "neither yes nor no", "not said"],
)
def test_a_supplement_that_is_broken_is_refused_when_the_tables_are_read(
    lines: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = "code,name,group,notifiable,valid_from,valid_to,source,note\n"
    table = tmp_path / "offence_supplement.csv"
    table.write_text(head + lines, "utf-8")
    cached = caches()
    for each in cached:
        each.cache_clear()
    with monkeypatch.context() as own, pytest.raises(ReferenceTableError) as broken:
        own.setenv("FOI_REFERENCE", str(tmp_path))
        read_tables()
    for each in cached:
        each.cache_clear()
    assert str(broken.value) == message.format(path=table)
