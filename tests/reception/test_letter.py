"""The facts of an answer letter. The letters here are invented; the real one is read where the shared data are."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake.letter_text import NO_TEXT, Line, letter_text
from pipeline.intake.problem import Refused
from pipeline.reception.letter import LetterFacts, read_letter

FORCES = {
    "derbyshire": "Derbyshire Constabulary",
    "dorset": "Dorset Police",
    "exampleshire": "Exampleshire Police (synthetic)",
    "devon-and-cornwall": "Devon & Cornwall Police",
    "hampshire": "Hampshire & Isle of Wight Constabulary",
    "psni": "Police Service of Northern Ireland",
}
LABELS = {
    "Roblox": "roblox",
    "TikTok": "tiktok",
    "Tik Tok": "tiktok",
    "OnlyFans": "onlyfans",
    "Facebook": "facebook",
    "Facebook Messenger": "facebook-messenger",
    "Instagram": "instagram",
    "Twitter/X": "twitter-x",
    "Twitter": "twitter-x",
    "X": "twitter-x",
    "Snapchat": "snapchat",
    "WhatsApp": "whatsapp",
    "LinkedIn": "linkedin",
    "YouTube": "youtube",
    "Signal": "signal",
    "eBay": "ebay",
}

HEAD = """Exampleshire Police
Information Access Team
Our reference: EX/24/0101
Date: 14 November 2024

Thank you for your request, which we received on 17th October 2024.

You asked:
{asked}

Our response:
"""
ASKED = "How many crimes recorded in 2023 name TikTok, Snapchat or eBay?"
RIGHTS = """
Yours sincerely
Information Access Team

Your right to a review
If you are unhappy with this answer, ask us to look at it again under section 45 within two months.
The Commissioner may then be asked for a decision under section 50. Section 40(2) letters go to the same address.
Copyright
The material stays the property of Exampleshire Police and may be reused as section 21 allows.
"""


def read(text: str) -> LetterFacts:
    lines = [Line(None, number, line) for number, line in enumerate(text.split("\n"), 1)]
    return read_letter(lines, FORCES, LABELS)


def letter(answer: str, asked: str = ASKED) -> LetterFacts:
    return read(HEAD.format(asked=asked) + answer + RIGHTS)


def said(facts: LetterFacts, words: str) -> bool:
    return any(words in line for line in facts.unsure)


# --- whole letters


def test_a_letter_that_gives_everything() -> None:
    facts = letter("We enclose the table and release the information in full. It was extracted on 4 November 2024.")
    assert facts.reference and (facts.reference.value, facts.reference.line_no) == ("EX/24/0101", 3)
    assert facts.reference.text == "Our reference: EX/24/0101"
    assert facts.force and (facts.force.value, facts.force.line_no) == ("exampleshire", 1)
    assert facts.received and (facts.received.value, facts.received.line_no) == (date(2024, 10, 17), 6)
    assert facts.responded and (facts.responded.value, facts.responded.line_no) == (date(2024, 11, 14), 4)
    assert facts.decision and (facts.decision.value, facts.decision.line_no) == ("full", 12)
    assert facts.as_at and facts.as_at.value == date(2024, 11, 4)
    assert [f.value for f in facts.as_at_words] == ["It was extracted on 4 November 2024."]
    assert [f.value for f in facts.questions] == [ASKED]
    assert [f.value for f in facts.platforms] == ["TikTok", "Snapchat", "eBay"]
    assert facts.exemptions == () and facts.caveats == () and facts.unsure == ()


def test_a_letter_that_withholds_a_part() -> None:
    facts = letter(
        "We can partially disclose what was found.\n"
        "The ages are exempt under Section 40(2) of the Act, personal information.\n\n"
        "s.40 (2) is absolute, so no test of the public interest applies. Section 17 asks us to give reasons."
    )
    assert facts.decision and facts.decision.value == "partial"
    assert [f.value for f in facts.exemptions] == ["Section 40(2)"]
    assert facts.exemptions[0].line_no == 13


def test_a_letter_that_refuses_for_cost() -> None:
    facts = letter(
        "No system field holds the name of an app. Reading 2,000 records would exceed the appropriate limit of 18\n"
        "hours. The information is not held in a format that can be searched, and section 12(1) applies."
    )
    assert facts.decision and facts.decision.value == "refused"
    assert [f.value for f in facts.exemptions] == ["section 12(1)"]


def test_cost_alone_refuses() -> None:
    facts = letter("Section 12 of the Freedom of Information Act applies to your request.")
    assert facts.decision and (facts.decision.value, facts.decision.line_no) == ("refused", 12)


def test_a_letter_that_neither_confirms_nor_denies() -> None:
    facts = letter(
        "Exampleshire Police neither confirms nor denies that it holds what you ask for, by virtue of\n"
        "Sections 23(5), 30(3) and 31(3) of the Freedom of Information Act. Your request is refused."
    )
    assert facts.decision and facts.decision.value == "neither_confirm_nor_deny"
    assert [f.value for f in facts.exemptions] == ["Section 23(5)", "Section 30(3)", "Section 31(3)"]
    assert facts.exemptions[0].line_no == 13


def test_anything_else_neither_confirmed_nor_denied_is_beside_the_decision() -> None:
    facts = letter(
        "The table is released in full. The force neither confirms nor denies holding any other information, as\n"
        "section 31(3) is engaged."
    )
    assert facts.decision and facts.decision.value == "full"
    assert said(facts, "neither confirms nor denies holding anything else (line 12)")
    assert said(facts, "disclosed in full (line 12), and yet section 31(3) is named (line 13)")


def test_a_letter_of_a_force_that_holds_nothing() -> None:
    facts = letter("Exampleshire Police does not hold the information that you ask for.")
    assert facts.decision and facts.decision.value == "not_held"


@pytest.mark.parametrize(
    "answer",
    [
        "Question 1 is answered in full. For question 2 no information is held.",
        "The table is released in full. We are unable to provide the ages.",
    ],
)
def test_words_that_say_two_decisions_decide_nothing(answer: str) -> None:
    facts = letter(answer)
    assert facts.decision is None
    assert said(facts, "the words say more than one thing: full (line 12); ")


def test_words_that_say_no_decision_are_said_to() -> None:
    assert letter("The table is below.").decision is None
    assert said(letter("The table is below."), "no words say how the request was decided")
    only = letter("Names are exempt, section 40(2).")
    assert only.decision is None and said(only, "exemptions are named, and no words say")


@pytest.mark.parametrize(
    "answer",
    [
        "A public authority is not obliged to provide information if the cost exceeds the limit.",
        "We could not answer in full.",
        "Section 1 of the Act places a duty on us to say whether information is held.",
        "Section 17 requires us, when refusing to provide information, to give reasons.",
    ],
)
def test_what_explains_the_law_or_denies_it_is_no_decision(answer: str) -> None:
    assert letter(answer).decision is None


# --- reference


def test_no_reference_is_said() -> None:
    facts = read("Dorset Police\n\nThe table is released in full.")
    assert facts.reference is None
    assert said(facts, "no reference is printed")


def test_two_references_are_both_unsure() -> None:
    facts = read("Our reference: EX/24/0101\n\nRequest reference number EX/24/0102")
    assert facts.reference is None
    assert said(facts, "two references: EX/24/0101 (line 1); EX/24/0102 (line 3)")


def test_one_reference_in_two_spellings_is_one() -> None:
    facts = read(
        "Our Ref: 01/FIN/24/2153\nYour ref: ABC-1\nFreedom of Information Request Reference No: 01.fin.24.2153"
    )
    assert facts.reference and facts.reference.value == "01/FIN/24/2153"


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("FOI Reference: 828/2023", "828/2023"),
        ("Reference Number: 16040 (PUB 1254)", "16040 (PUB 1254)"),
        ("Ref: FOI 1306/25", "FOI 1306/25"),
        ("FOI Ref. No. 4116_17", "4116_17"),
        ("Reference: 0149-2024/25.", "0149-2024/25"),
        ("**Our reference:** 62A/23", "62A/23"),
        ("Our reference:\n\n1148A/20", "1148A/20"),
    ],
)
def test_references_as_forces_print_them(line: str, value: str) -> None:
    facts = read(line)
    assert facts.reference and facts.reference.value == value


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("Freedom of Information Request 395-2025", "395-2025"),
        ("FOI/14904", "14904"),
        ("Facebook - 222/12", "222/12"),
    ],
)
def test_a_reference_of_a_title_is_unsure(line: str, value: str) -> None:
    facts = read(line)
    assert facts.reference and facts.reference.value == value
    assert said(facts, f"{value} (line 1) stands in a title")


@pytest.mark.parametrize(
    "line",
    [
        "Your reference: 12/34",
        "Quote the reference number above",
        "Reference: 12/03/2024",
        "Crimes of 2019/20 - 2020/21",
        "Freedom of Information Act 2000",
    ],
)
def test_what_is_no_reference(line: str) -> None:
    assert read(line).reference is None


# --- force


@pytest.mark.parametrize(
    ("line", "force"),
    [
        ("DORSET POLICE", "dorset"),
        ("Derbyshire Police Headquarters", "derbyshire"),
        ("Devon and Cornwall Police", "devon-and-cornwall"),
        ("Hampshire Constabulary", "hampshire"),
        ("the PSNI holds", "psni"),
        ("The Police Service of\tNorthern Ireland", "psni"),
    ],
)
def test_forces_are_known_by_their_names(line: str, force: str) -> None:
    facts = read(line)
    assert facts.force and facts.force.value == force
    assert not said(facts, "force")


def test_two_forces_are_unsure() -> None:
    facts = read("Dorset Police\n\nSome of this is held by Derbyshire Constabulary.")
    assert facts.force is None
    assert said(facts, "several forces: dorset (line 1); derbyshire (line 3)")


def test_a_force_named_in_the_request_only_is_not_the_one_that_answers() -> None:
    facts = letter("Released in full.", asked="How many crimes did Dorset Police pass to you?")
    assert facts.force and facts.force.value == "exampleshire"


def test_an_address_names_the_force_where_nothing_else_does() -> None:
    facts = read("Write to foi@devonandcornwall.police.uk")
    assert facts.force and facts.force.value == "devon-and-cornwall"
    assert said(facts, "is read from an address (line 1)")


def test_an_unknown_force_is_said() -> None:
    facts = read("Northshire Police")
    assert facts.force is None and said(facts, "no known force is named")


# --- dates

MONTHS = list(calendar.month_name)[1:]
WEEKDAYS = list(calendar.day_name)


def ordinal(number: int) -> str:
    suffix = "th" if number in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


NOTATIONS: dict[str, Callable[[date], str]] = {
    "17/10/2024": lambda d: f"{d:%d/%m/%Y}",
    "7/1/2024": lambda d: f"{d.day}/{d.month}/{d.year}",
    "17/10/24": lambda d: f"{d:%d/%m/%y}",
    "17.10.2024": lambda d: f"{d:%d.%m.%Y}",
    "17-10-2024": lambda d: f"{d:%d-%m-%Y}",
    "17 October 2024": lambda d: f"{d.day} {MONTHS[d.month - 1]} {d.year}",
    "17th October 2024": lambda d: f"{ordinal(d.day)} {MONTHS[d.month - 1]} {d.year}",
    "17th of October, 2024": lambda d: f"{ordinal(d.day)} of {MONTHS[d.month - 1]}, {d.year}",
    "Thursday 17 October 2024": lambda d: f"{WEEKDAYS[d.weekday()]} {d.day} {MONTHS[d.month - 1]} {d.year}",
    "17-Oct-24": lambda d: f"{d.day}-{MONTHS[d.month - 1][:3]}-{d:%y}",
    "17 OCT 2024": lambda d: f"{d.day} {MONTHS[d.month - 1][:3].upper()} {d.year}",
    "October 17, 2024": lambda d: f"{MONTHS[d.month - 1]} {d.day}, {d.year}",
    "2024-10-17": lambda d: d.isoformat(),
}
DAYS = st.dates(date(2005, 1, 1), date(2099, 12, 31))


@given(DAYS, st.sampled_from(sorted(NOTATIONS)), DAYS, st.sampled_from(sorted(NOTATIONS)))
def test_a_date_in_any_notation_comes_back(one: date, how: str, other: date, how_other: str) -> None:
    facts = read(
        f"Date: {NOTATIONS[how](one)}\n\nThank you for your request received on {NOTATIONS[how_other](other)}."
    )
    assert facts.responded and (facts.responded.value, facts.responded.line_no) == (one, 1)
    assert facts.received and (facts.received.value, facts.received.line_no) == (other, 3)


@given(DAYS.filter(lambda d: d.day > 12))
def test_a_date_that_can_only_be_month_first_is_never_taken(day: date) -> None:
    facts = read(f"Date: {day:%m/%d/%Y}")
    assert facts.responded is None
    assert said(facts, f"{day:%m/%d/%Y} (line 1) is no date with the day first")


@given(DAYS, st.sampled_from(WEEKDAYS), st.sampled_from(sorted(set(NOTATIONS) - {"Thursday 17 October 2024"})))
def test_a_date_is_taken_only_with_its_own_weekday(day: date, weekday: str, how: str) -> None:
    printed = NOTATIONS[how](day)
    facts = read(
        f"Date: {weekday} {printed}\n\nYour request was received on {weekday[:3]}, {printed}.\n\n"
        f"The figures are correct as at {weekday.upper()}, {printed}."
    )
    days = [fact and fact.value for fact in (facts.responded, facts.received, facts.as_at)]
    right = WEEKDAYS[day.weekday()]
    assert days == ([day] * 3 if weekday == right else [None] * 3)
    for place, beside in ((1, weekday), (3, weekday[:3]), (5, weekday.upper())):
        doubt = f"{printed} (line {place}) is a {right}, and {beside} is printed beside it; not taken"
        assert said(facts, doubt) == (weekday != right)


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("Your request was received on Wednesday, the 1st of May 2024.", True),
        ("Your request was received on Tuesday, the 1st of May 2024.", False),
        ("Your request was received on 1 May 2024 (Tues.) by mail.", False),
        ("Your request was received on Tuesday\n1 May 2024.", False),
        ("Your request was received on 1 May 2024, Thursday being a holiday.", True),
        ("Your request, on which the panel sat, was received, as the panel sat 1 May 2024.", True),
        ("We open Monday to Friday. Your request was received on 1 May 2024.", True),
    ],
)
def test_a_weekday_beside_a_date_is_held_to_it(text: str, taken: bool) -> None:
    facts = read(text)
    assert (facts.received and facts.received.value) == (date(2024, 5, 1) if taken else None)
    assert said(facts, "1st of May 2024 (line" if "1st" in text else "1 May 2024 (line") == (not taken)


def test_a_letter_with_a_month_first_date_gives_no_date_that_could_be_one() -> None:
    facts = read("Date: 10/28/2024\n\nYour request was received on 03/04/2024.")
    assert facts.responded is None and facts.received is None
    assert said(facts, "10/28/2024 (line 1) is no date with the day first; not taken")
    assert said(facts, "03/04/2024 (line 3) could be month first, as 10/28/2024 (line 1) in this letter is; not taken")


def test_a_missing_day_of_the_request_is_said() -> None:
    facts = read("Date: 28/10/2024\n\nThank you for your request.")
    assert facts.received is None and said(facts, "no day on which the request was received is printed")


def test_the_day_that_a_request_bears_is_not_the_day_it_came() -> None:
    facts = read("We received your email dated 22 February 2012 in which you asked for figures.")
    assert facts.received and facts.received.value == date(2012, 2, 22)
    assert said(facts, "when it was received is not said")


@pytest.mark.parametrize(
    ("text", "received", "responded"),
    [
        ("Date of request:   22/02/2012\nDate of response:   13/03/2012", date(2012, 2, 22), date(2012, 3, 13)),
        ("Date Responded 22 March 2018", None, date(2018, 3, 22)),
        ("Date received\t01/02/2023\nDate:\n05/02/2023", date(2023, 2, 1), date(2023, 2, 5)),
        ("Your request was received by the\nforce on 1 May 2024.", date(2024, 5, 1), None),
        ("Your clarification of the request was received on 1 May 2024.", None, None),
        ("Your letter of 30 April 2024 was received on Wednesday 1 May 2024.", date(2024, 5, 1), None),
        ("Complaints received between 1 May 2023 and 1 May 2024.", None, None),
        ("Friday 1 March 2024\n\nDear requester", None, date(2024, 3, 1)),
        ("Date: 31/02/2024", None, None),
        ("Date: 17/10/1024", None, None),
    ],
)
def test_days_as_forces_print_them(text: str, received: date | None, responded: date | None) -> None:
    facts = read(text)
    assert (facts.received and facts.received.value) == received
    assert (facts.responded and facts.responded.value) == responded


def test_two_days_of_one_thing_are_both_unsure() -> None:
    facts = read("Your request was received on 1 May 2024.\n\nWe received your request on 2 May 2024.")
    assert facts.received is None
    assert said(facts, "2024-05-01 (line 1); 2024-05-02 (line 3)")


def test_an_answer_before_its_request_is_said() -> None:
    assert said(read("Date: 1 May 2024\n\nYour request was received on 2 May 2024."), "is before the request of")


def test_a_date_of_the_request_is_no_date_of_the_answer() -> None:
    facts = letter("Released in full.", asked="Date: 01/01/2020\nPlease send a list of complaints received.")
    assert facts.responded and facts.responded.value == date(2024, 11, 14)


# --- exemptions


@pytest.mark.parametrize(
    ("answer", "exemptions"),
    [
        ("Withheld under Section 31(1)(a)(b), law enforcement.", ["Section 31(1)(a)(b)"]),
        ("Exempt by s12 and S.40(2).", ["s12", "S.40(2)"]),
        ("Sections 30(1)(a), 31(1) & 40(2) are engaged.", ["Section 30(1)(a)", "Section 31(1)", "Section 40(2)"]),
        ("Exempt: Section 40(2). Also exempt: Section 40(5).", ["Section 40(2)", "Section 40(5)"]),
        ("Offences under section 33 of the Criminal Justice and Courts Act 2015 are refused.", []),
        ("Offences under section 127 Communications Act 2003 and s15A are refused.", []),
        ("Under section 1 and section 17 of the Act we refuse. Section 10 applies.", []),
        ("This is a refusal notice under section 17(5) of the Act, as s.12(1) applies.", ["s.12(1)"]),
        ("Section 16 of the Act asks us to help with your request, refused as it is.", []),
    ],
)
def test_exemptions_as_printed(answer: str, exemptions: list[str]) -> None:
    assert [f.value for f in letter(answer).exemptions] == exemptions


def test_a_section_of_nobody_knows_which_act_is_unsure() -> None:
    facts = letter("The table is released in full. It counts section 39 assaults.")
    assert facts.exemptions == ()
    assert said(facts, "section 39 (line 12): an exemption or another Act?")


def test_exemptions_that_the_request_asks_about_are_not_relied_on() -> None:
    facts = letter("Released in full.", asked="How often did you rely on section 23(5) exemptions?")
    assert facts.exemptions == ()


def test_an_annex_after_the_signature_is_read() -> None:
    facts = read(HEAD.format(asked=ASKED) + RIGHTS + "\nAppendix A\nExempt under Section 38(1)(a) of the Act.")
    assert [f.value for f in facts.exemptions] == ["Section 38(1)(a)"]


# --- as at, caveats


def test_an_unprinted_day_of_extraction_is_unsure() -> None:
    facts = letter("Released in full. Figures hold for the date of extraction.")
    assert facts.as_at is None
    assert [f.line_no for f in facts.as_at_words] == [12]
    assert said(facts, "not printed (but see line 12); it lies between the request of 2024-10-17 and the answer")


def test_a_day_that_the_request_names_is_not_the_day_of_extraction() -> None:
    facts = letter("Released in full.", asked="Please give the status as of 1 October 2024.")
    assert facts.as_at is None and len(facts.as_at_words) == 1


def test_caveats_of_a_list_and_of_a_sentence() -> None:
    facts = letter(
        "Released in full.\n\nPlease note the following about the figures:\n"
        "- The system is a live system and\n  changes daily.\n"
        "- An offence may name more than one app.\n\n"
        "Please note that reports were counted by keyword. The table follows.\n\n"
        "Please note that calls may be monitored."
    )
    assert [(c.id, c.said.value, c.said.line_no) for c in facts.caveats] == [
        ("living-system", "The system is a live system and changes daily.", 15),
        ("offence-name-more-than", "An offence may name more than one app.", 17),
        ("keyword-search", "Please note that reports were counted by keyword.", 19),
    ]


def test_a_caveat_that_a_page_break_cuts_is_read_on_and_said() -> None:
    facts = letter(
        "Please note the following:\n\n- Systems differ, so this answer is\n\nExampleshire Police, Hill Road\n\n"
        "not to be compared with another's.\n\nThe table is released in full."
    )
    assert [c.said.value for c in facts.caveats] == [
        "Systems differ, so this answer is not to be compared with another's."
    ]
    assert said(facts, "a sentence breaks off (line 14) and is read on at line 18")


def test_caveats_of_one_id_are_told_apart() -> None:
    facts = letter("Please note:\n- Do not compare forces.\n- Do not compare years.")
    assert [c.id for c in facts.caveats] == ["not-comparable", "not-comparable-2"]


# --- what was asked for


def test_platforms_are_each_named_once_and_listed_as_printed() -> None:
    facts = letter("Released in full.", asked="Count crimes on: TikTok, Twitter/X, Facebook Messenger, Tik Tok and X.")
    assert [f.value for f in facts.platforms] == ["TikTok", "Twitter/X", "Facebook Messenger"]
    assert [f.value for f in facts.platforms_listed] == ["TikTok", "Twitter/X", "Facebook Messenger", "Tik Tok", "X"]
    assert said(facts, "'X' (line 9) is 'Twitter/X' again (line 9)")


def test_an_unknown_name_in_a_list_is_listed_and_said() -> None:
    facts = letter("Released in full.", asked="Count crimes on TikTok, Blorbo, Snapchat and Second Life.")
    assert [f.value for f in facts.platforms] == ["TikTok", "Snapchat"]
    assert [f.value for f in facts.platforms_listed] == ["TikTok", "Blorbo", "Snapchat", "Second Life"]
    assert said(facts, "'Blorbo' (line 9) stands in the list and is no known label")


def test_a_label_written_small_is_unsure() -> None:
    facts = letter("Released in full.", asked="Did the signal of the phone show TikTok?")
    assert [f.value for f in facts.platforms] == ["TikTok"]
    assert said(facts, "'signal' (line 9) is written small")


def test_a_list_with_one_name_a_line() -> None:
    facts = letter("Released in full.", asked="Crimes that name:\n\n- TikTok\n- Snapchat\n- YouTube")
    assert [(f.value, f.line_no) for f in facts.platforms] == [("TikTok", 11), ("Snapchat", 12), ("YouTube", 13)]
    assert len(facts.questions) == 4


def test_a_question_about_outcomes_does_not_end_the_request() -> None:
    facts = letter("Released in full.", asked="Per crime on TikTok:\n- Outcome\n- Complaints on Snapchat refused")
    assert len(facts.questions) == 3 and len(facts.platforms) == 2
    assert facts.decision and facts.decision.value == "full"


def test_a_request_without_an_end_is_said() -> None:
    facts = read("You asked:\nHow many?\n\nThe table is released in full.")
    assert [f.value for f in facts.questions] == ["How many?"]
    assert said(facts, "no line says where the request ends")
    assert facts.decision and facts.decision.value == "full"


def test_a_request_quoted_in_a_mail() -> None:
    facts = read("The table is released in full.\n\n> Count crimes on TikTok. Section 40(2) is exempt.")
    assert [f.value for f in facts.platforms] == ["TikTok"] and facts.exemptions == ()


def test_no_lines_give_no_facts() -> None:
    facts = read_letter([], FORCES, LABELS)
    assert facts.reference is None and said(facts, "no reference is printed")


BOILERPLATE = (
    "",
    "Yours sincerely",
    "We are glad of your interest.",
    "Calls may be recorded and monitored.",
    "You have the right to ask for an internal review within 40 working days.",
    "If you are dissatisfied, write to the address above.",
    "The Commissioner can be reached at Wycliffe House, SK9 5AF, telephone 0303 000 0000.",
    "The Commissioner decides on complaints under section 50.",
    "Section 17 requires an authority that refuses to say why.",
    "Section 1 of the Act places two duties on a public authority.",
    "The Freedom of Information Act 2000 gives a right of access.",
    "Copyright in what is enclosed is kept by its owner.",
    "Please quote the reference number in any letter.",
    "Please note that this letter may be published on our website.",
    "Your reference:",
    "Information Access Team",
    "# Complaints",
    "The Act is published at www.legislation.gov.uk",
)


@given(st.lists(st.sampled_from(BOILERPLATE), max_size=25))
def test_boilerplate_in_any_order_gives_no_facts(lines: list[str]) -> None:
    facts = read("\n".join(lines))
    assert (facts.reference, facts.force, facts.received, facts.responded, facts.decision, facts.as_at) == (None,) * 6
    assert not (facts.exemptions or facts.as_at_words or facts.caveats or facts.platforms or facts.questions)


@given(st.text(max_size=400))
def test_any_text_is_read_and_every_fact_has_its_line(text: str) -> None:
    lines = [Line(None, number, line) for number, line in enumerate(text.split("\n"), 1)]
    facts = read_letter(lines, FORCES, LABELS)
    for fact in (facts.reference, facts.force, *facts.exemptions, *facts.questions, *facts.platforms):
        assert fact is None or lines[fact.line_no - 1].text.strip() == fact.text


# --- the text of a letter


def lines_of(folder: Path, name: str, data: bytes) -> tuple[Line, ...]:
    path = folder / name
    path.write_bytes(data)
    return letter_text(path, name)


def refusal(folder: Path, name: str, data: bytes) -> str:
    with pytest.raises(Refused) as caught:
        lines_of(folder, name, data)
    assert caught.value.problems[0].file == name
    return str(caught.value)


@pytest.mark.parametrize(
    "data", ["£5 – é".encode(), "£5 – é".encode("utf-8-sig"), "£5 – é".encode("utf-16"), b"\xa35 \x96 \xe9"]
)
def test_text_in_any_of_the_encodings(tmp_path: Path, data: bytes) -> None:
    assert lines_of(tmp_path, "letter.txt", data) == (Line(None, 1, "£5 – é"),)


def test_lines_of_text_are_physical_lines(tmp_path: Path) -> None:
    lines = lines_of(tmp_path, "letter.md", b"one\r\n\r\ntwo\x0bthree\rfour\n")
    assert [(x.line_no, x.text) for x in lines] == [(1, "one"), (2, ""), (3, "two\x0bthree"), (4, "four")]


def test_bytes_of_no_encoding_are_refused(tmp_path: Path) -> None:
    assert "letter.txt:2: found byte 0x81" in refusal(tmp_path, "letter.txt", b"one\n\x81\xe9")
    assert "a NUL character" in refusal(tmp_path, "letter.txt", b"a\0b")


def test_a_letter_without_text_or_of_another_form_is_refused(tmp_path: Path) -> None:
    assert "a letter without text" in refusal(tmp_path, "letter.txt", b" \n")
    assert "a letter of the form .docx" in refusal(tmp_path, "letter.docx", b"PK")


def test_html_gives_its_text_with_the_lines_of_the_source(tmp_path: Path) -> None:
    page = (
        b"<html><head><title>No</title><style>p {}</style></head>\n<body><script>var x = 'Ref: 1/2';</script>\n"
        b"<p>Our <b>reference</b>:\n 12/24</p>\n<table><tr><th>Date</th>\n<td>1 May&nbsp;2024</td></tr></table>"
        b"<ul><li>one &amp; two</ul></body></html>"
    )
    lines = [x for x in lines_of(tmp_path, "letter.html", page) if x.text]
    assert [(x.line_no, x.text) for x in lines] == [
        (3, "Our reference: 12/24"),
        (5, "Date 1 May 2024"),
        (6, "• one & two"),
    ]
    facts = read_letter(lines, FORCES, LABELS)
    assert facts.reference and facts.reference.value == "12/24"
    assert facts.responded and facts.responded.value == date(2024, 5, 1)


def test_a_mail_gives_its_text_body_and_not_its_attachments(tmp_path: Path) -> None:
    mail = EmailMessage()
    mail["Subject"] = "FOI"
    mail.set_content("Our reference: 12/24 – £\n\nReleased in full.\n", charset="utf-8")
    mail.add_alternative("<p>other</p>", subtype="html")
    mail.add_attachment("a,b\n", filename="table.csv", subtype="csv")
    assert [x.text for x in lines_of(tmp_path, "letter.eml", mail.as_bytes())] == [
        "Our reference: 12/24 – £",
        "",
        "Released in full.",
    ]


def test_a_mail_in_html_alone_and_one_without_a_body(tmp_path: Path) -> None:
    mail = EmailMessage()
    mail.set_content("<p>Our reference: 12/24</p>", subtype="html")
    assert lines_of(tmp_path, "one.eml", mail.as_bytes())[0].text == "Our reference: 12/24"
    empty = EmailMessage()
    empty.add_attachment(b"x", maintype="application", subtype="pdf", filename="letter.pdf")
    assert "a mail without a text body" in refusal(tmp_path, "two.eml", empty.as_bytes())


def test_a_mail_whose_charset_is_wrong_is_refused(tmp_path: Path) -> None:
    mail = b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nfive \xa3\n"
    assert "byte 0xa3, which is not utf-8" in refusal(tmp_path, "letter.eml", mail)


def pdf(*pages: list[str | None], extra: str = "") -> bytes:
    """Return a PDF of pages of lines, None a gap, in the plainest form there is."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for page in pages:
        shown = " ".join("T*" if line is None else f"({line}) Tj T*" for line in page)
        stream = f"BT /F1 11 Tf 13 TL 50 780 Td {shown} ET" if page else ""
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {len(objects) + 2} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    text, places = "%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(text))
        text += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    trailer = f"trailer\n<< /Size {size} /Root 1 0 R {extra} >>\nstartxref\n{len(text)}\n%%EOF\n"
    return (text + f"xref\n0 {size}\n0000000000 65535 f \n" + table + trailer).encode("latin-1")


def test_a_pdf_is_read_page_by_page(tmp_path: Path) -> None:
    pages = (
        [
            "Dorset Police",
            "Our reference: 12/24",
            None,
            "Please note:",
            "- Systems differ, so the figures are",
            "Dorset 1",
        ],
        ["Dorset Police", "not to be compared.", None, "The table is released in full.", None, "Dorset 2"],
    )
    lines = lines_of(tmp_path, "letter.pdf", pdf(*pages))
    assert [(x.page, x.line_no, x.text) for x in lines if x.text][:2] == [
        (1, 1, "Dorset Police"),
        (1, 2, "Our reference: 12/24"),
    ]
    facts = read_letter(lines, FORCES, LABELS)
    assert facts.reference and (facts.reference.page, facts.reference.line_no) == (1, 2)
    assert facts.decision and (facts.decision.page, facts.decision.line_no) == (2, 3)
    assert [c.said.value for c in facts.caveats] == ["Systems differ, so the figures are not to be compared."]
    assert said(facts, "breaks off (page 1, line 4) and is read on at page 2, line 2")


def test_a_page_without_text_is_said(tmp_path: Path) -> None:
    lines = lines_of(tmp_path, "letter.pdf", pdf(["Dorset Police"], []))
    assert lines == (Line(1, 1, "Dorset Police"), Line(2, NO_TEXT, ""))
    assert said(read_letter(lines, FORCES, LABELS), "page 2 has no text: a scan")


def test_a_scan_a_damaged_and_a_locked_pdf_are_refused(tmp_path: Path) -> None:
    assert "pages without text: a scan" in refusal(tmp_path, "scan.pdf", pdf([]))
    assert "a damaged PDF" in refusal(tmp_path, "damaged.pdf", b"%PDF-1.4\nnothing")
    key = "<" + "00" * 32 + ">"
    lock = f"/ID [<00> <00>] /Encrypt << /Filter /Standard /V 1 /R 2 /O {key} /U {key} /P -4 >>"
    assert "a PDF that takes a password" in refusal(tmp_path, "locked.pdf", pdf(["secret"], extra=lock))


# --- the real letter


@pytest.fixture(scope="module")
def derbyshire_lines(data: Path) -> tuple[Line, ...]:
    path = data.parent / "seeds" / "derbyshire-foi-letter.txt"
    if not path.is_file():
        pytest.skip("the letter is not beside the shared data")
    return letter_text(path, path.name)


@pytest.fixture(scope="module")
def derbyshire(derbyshire_lines: tuple[Line, ...]) -> LetterFacts:
    return read_letter(derbyshire_lines, FORCES, LABELS)


def test_the_real_letter_gives_its_facts(derbyshire: LetterFacts) -> None:
    facts = derbyshire
    assert facts.reference and (facts.reference.value, facts.reference.line_no) == ("01/FOI/24/006272/O", 7)
    assert facts.force and facts.force.value == "derbyshire"
    assert facts.received and (facts.received.value, facts.received.line_no) == (date(2024, 10, 17), 13)
    assert facts.responded and (facts.responded.value, facts.responded.line_no) == (date(2024, 10, 28), 9)
    assert facts.decision and (facts.decision.value, facts.decision.line_no) == ("full", 25)
    assert facts.exemptions == ()
    assert [f.line_no for f in facts.questions] == [15, 17]


def test_the_real_letter_gives_two_caveats(derbyshire: LetterFacts, derbyshire_lines: tuple[Line, ...]) -> None:
    assert [(c.id, c.said.line_no) for c in derbyshire.caveats] == [("living-system", 31), ("not-comparable", 32)]
    assert derbyshire.caveats[1].said.value.endswith(derbyshire_lines[42].text)
    assert said(derbyshire, "breaks off (line 32) and is read on at line 43")


def test_the_real_letter_does_not_say_when_the_data_were_taken(derbyshire: LetterFacts) -> None:
    assert derbyshire.as_at is None
    assert [f.line_no for f in derbyshire.as_at_words] == [17, 31]
    assert said(derbyshire, "it lies between the request of 2024-10-17 and the answer of 2024-10-28")


def test_the_real_letter_asks_for_ten_platforms_and_names_one_twice(derbyshire: LetterFacts) -> None:
    assert len(derbyshire.platforms) == 10 and len(derbyshire.platforms_listed) == 11
    assert [f.value for f in derbyshire.platforms][5:8] == ["Twitter/X", "Snapchat", "Whatsapp"]
    assert said(derbyshire, "'WhatsApp' (line 15) is 'Whatsapp' again (line 15)")
    assert len(derbyshire.unsure) == 3
