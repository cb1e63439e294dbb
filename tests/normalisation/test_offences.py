import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.normalisation.canonical import words
from pipeline.normalisation.labels import read_table
from pipeline.normalisation.offences import (
    is_notifiable,
    offence_class,
    offence_group,
    offence_labels,
    offence_subgroup,
    offences,
    read_offence,
    read_press_category,
)
from tests.normalisation.collected import distinct, needs_data, rows

COLLECTED = rows("reference/labels_offences.csv")
S127 = "local:s127-communications-act-2003"
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
        "8Q - Sexual communication with a child",
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
    assert offence_class("subgroup:rape") is None and offence_class("group:theft") is None
    assert offence_group("group:theft") == "group:theft"
    assert offence_class("Unmapped") is None and offence_group("local:harassment") is None


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
    assert read_press_category("foo").status == "unmapped"
    assert read_press_category("").status == "unmapped"


@given(st.text(max_size=60))
def test_no_text_crashes(text: str) -> None:
    reading = read_offence(text)
    assert reading.label == text and reading.code in {*offences(), "Unmapped", "Conflict", "unknown"}
    assert (reading.level is None) == (reading.status != "mapped")


@given(st.sampled_from([r.label for r in offence_labels().rows]))
def test_case_and_blanks_change_nothing(label: str) -> None:
    assert read_offence(f" {label.upper()}\u00a0").code == read_offence(label).code
