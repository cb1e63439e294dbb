"""What the force decided, and the exemptions it relies on.

Here: the exemptions as printed (`exemptions_of`), the decision where the words say one (`decision_of`).
Not here: whether an exemption is rightly claimed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipeline.intake.manifest import Decision
from pipeline.reception.letter.parts import LetterRow
from pipeline.reception.letter.passages import Fact, fact_on, place_of, sentences_in
from pipeline.reception.letter.wording import words

_EXEMPTIONS = frozenset({12, 14, *range(21, 45)})
"""Sections by which a request may be refused: cost, vexatious, and Part II of the Act. Sections 1, 10, 16, 17, 45, 50
and the like are duties and procedure. The Scottish Act's are among these numbers."""

_NUMBER = r"\d{1,3}[A-Z]?(?:\s?\(\w{1,4}\))*"
_SECTION = re.compile(
    rf"\b(?:sections?|s\.?)\s*{_NUMBER}(?:(?:\s*(?:,|&|/|\band\b|\bor\b))+\s*(?:sections?\s*|s\.?\s*)?{_NUMBER})*",
    re.IGNORECASE,
)
_ONE_SECTION = re.compile(rf"(?P<word>\b(?:section\b|s(?=[.\d\s]))\.?\s*)?(?P<number>{_NUMBER})", re.IGNORECASE)
_NAME_OF_ACT = re.compile(r"^[\s,]*(?P<name>(?:(?:[A-Z(][\w')(-]*|and|of|the|&)[\s,]+){0,10})Act\b")
_EXEMPTING = words(
    r"\bexempt|\bfreedom of information\b|\bfoia?\b|\bthe act\b|\bwithh|\brefus|\bengaged\b|\bappl(?:y|ies|ied)\b|"
    r"\bby virtue\b|\bcost\b|\bpersonal (?:information|data)\b|\blaw enforcement\b|\binvestigations?\b|"
    r"\bnational security\b|\bsecurity (?:bodies|matters)\b|\bhealth and safety\b|\bprejudice\b|\bvexatious\b|"
    r"\breasonably accessible\b|\bcommercial interests\b|\blegal professional\b|\bfuture publication\b"
)


def exemptions_of(rows: Sequence[LetterRow], unsure: list[str]) -> tuple[Fact[str], ...]:
    """Return the exemptions that the force relies on, as printed, each once, in order.

    Section 17, which letters name beside them and some manifests list under `exemptions`, is none of them: it is the
    notice that a refusal has to give (subsection 1 for an exemption, 5 for sections 12 and 14). It says that and why
    a request is refused, and is no ground to refuse it.
    """
    found: dict[str, Fact[str]] = {}
    doubtful: dict[str, Fact[str]] = {}
    for sentence in sentences_in(rows, "said"):
        into = found if _EXEMPTING.search(sentence.text) else doubtful
        for match in _SECTION.finditer(sentence.text):
            if _of_another_act(sentence.text[match.end() :]):
                continue
            for value, offset in _sections(match):
                number = re.sub(r"^\D+|\s", "", value).lower()
                into.setdefault(number, fact_on(value, sentence.line_at(offset)))
    for key, fact in doubtful.items():
        if key not in found:
            unsure.append(f"{fact.value} ({place_of(fact)}): an exemption or another Act? Not taken")
    return tuple(found.values())


def _of_another_act(after: str) -> bool:
    """Return whether the words after a section name an Act that is not the Freedom of Information Act."""
    match = _NAME_OF_ACT.search(after)
    return (
        match is not None
        and re.search("[A-Z]", match["name"]) is not None
        and not re.search("Freedom|FOI", match["name"])
    )


def _sections(match: re.Match[str]) -> Iterator[tuple[str, int]]:
    """Yield the exemptions of a mention as printed, with their places; each of `Sections 30 and 31` as `Section`."""
    for one in _ONE_SECTION.finditer(match[0]):
        digits = re.match(r"\d+(?![\dA-Z])", one["number"], re.IGNORECASE)
        if digits and int(digits[0]) in _EXEMPTIONS:
            yield " ".join(((one["word"] or "Section ") + one["number"]).split()), match.start() + one.start("number")


_GIVE = r"\b(?:disclos|provid|releas|suppl|answer)\w*\b"
_NEGATED = words(r"\b(?:not|cannot|unable|neither|nor|refus\w*|partial\w*|never|if|whether|unless|would)\b|n't\b")
_LAW = words(
    r"\b(?:a|any|all|each|every|public) (?:public )?authorit|\bthe act (?:requires|provides|places|allows|gives)|"
    r"\b(?:section|s\.?) ?(?:1|16|17|10)\b(?! ?\d).*\b(?:requires?|places|duty|duties|oblig)|\bwhen refusing\b|"
    r"\bany (?:disclosure|release)\b"
)
_LABELLED = r"^(?:decision|outcome|result|response type|disclosure type)\s*:\s*"
_PARTIALLY = r"\b(?:partial(?:ly)?|in part)\b"
_KINDS: tuple[tuple[Decision, re.Pattern[str]], ...] = (
    (
        "full",
        words(
            rf"{_GIVE}.*\bin full\b|\bin full\b.*{_GIVE}|\bfull(?:y)? (?:disclos|releas|answer)\w*|"
            rf"{_LABELLED}full\b(?! refus)|"
            r"\bdisclos\w* (?:to you )?all (?:of )?the (?:requested |located |relevant )?information",
            re.IGNORECASE | re.DOTALL,
        ),
    ),
    (
        "partial",
        words(
            rf"{_PARTIALLY}[^.]{{0,60}}\b(?:disclos|refus|exempt|releas|respon|provid|withh)|"
            rf"\b(?:disclos|releas|provid|refus|exempt|withh|uph)\w*[^.]{{0,60}}{_PARTIALLY}|{_LABELLED}partial|"
            r"\b(?:part|parts|some|elements?) of (?:the|your) (?:requested |located )?(?:information|data|request)"
            r"\b[^.]{0,80}\b(?:exempt|withh|refus|not held|cannot|not be|not being)"
        ),
    ),
    (
        "refused",
        words(
            r"\bfull refusal\b|\brefus(?:e|ed|ing) (?:your|this|the request|to (?:disclose|provide|comply|release))|"
            r"\brequest\b[^.]{0,40}\b(?:is|been|be|was) (?:therefore )?(?:refused|rejected|declined)|"
            r"\b(?:unable|not able|not required|not obliged|not (?:going|willing)|decided not) to (?:\w+ )?"
            r"(?:disclose|provide|release|supply|comply|answer)|"
            r"\b(?:cannot|not) be(?:ing)? (?:disclosed|provided|released|supplied)|"
            r"\bcannot (?:disclose|provide|release|supply|comply)\b|\bvexatious\b|"
            rf"\bexceeds?\b[^.]{{0,60}}\b(?:limit|threshold|18 hours|cost|£450)|{_LABELLED}(?:refus|exempt|full refus)"
        ),
    ),
    (
        "not_held",
        words(
            r"\b(?:does|do|did) (?:not|n't) (?:\w+ )?hold\b|\b(?:is|are|was|were) not (?:\w+ )?held\b|"
            r"\bno (?:relevant |recorded |such )?(?:information|data|records?) "
            rf"(?:(?:is|are|was|were|has been|have been) )?(?:held|located|found)|{_LABELLED}(?:information )?not held|"
            r"^(?:information )?not held\.?$"
        ),
    ),
    ("neither_confirm_nor_deny", words(r"\bneither confirms?,? (?:n?or|not) (?:to )?den(?:y|ies)\b|\bNCND\b")),
)
_HELD_OTHERWISE = words(
    r"\b(?:in|within) (?:an?|the|such an?) (?:\w+ ){0,2}(?:format|way|manner|form)\b|\bwhether\b|\bif\b"
)
_ANYTHING_ELSE = words(r"\b(?:other|further|additional|else)\b")


def decision_of(rows: Sequence[LetterRow], exemptions: Sequence[Fact[str]], unsure: list[str]) -> Fact[Decision] | None:
    """Return what the force decided, where its words say one thing."""
    said: dict[Decision, Fact[Decision]] = {}
    beside: Fact[Decision] | None = None
    for sentence in sentences_in(rows, "said"):
        for kind, offset in _kinds_of(sentence.text):
            fact: Fact[Decision] = fact_on(kind, sentence.line_at(offset))
            if kind == "neither_confirm_nor_deny" and _ANYTHING_ELSE.search(sentence.text):
                beside = beside or fact
            else:
                said.setdefault(kind, fact)
    cost = next((f for f in exemptions if re.search(r"\b12\b|[sS]\.?12\b", f.value)), None)
    if cost is not None:
        said.setdefault("refused", Fact("refused", cost.line_no, cost.text, cost.page))
    if beside is not None and said:
        unsure.append(
            f"decision: beside it the force neither confirms nor denies holding anything else ({place_of(beside)})"
        )
    elif beside is not None:
        said["neither_confirm_nor_deny"] = beside
    kinds = set(said)
    if kinds == {"partial", "refused"}:
        return said["partial"]
    if kinds == {"neither_confirm_nor_deny", "refused"}:
        return said["neither_confirm_nor_deny"]
    if len(kinds) > 1:
        places = "; ".join(f"{f.value} ({place_of(f)})" for f in said.values())
        unsure.append(f"decision: the words say more than one thing: {places}")
        return None
    if not kinds:
        unsure.append(
            "decision: exemptions are named, and no words say how the request was decided"
            if exemptions
            else "no words say how the request was decided"
        )
        return None
    decision = next(iter(said.values()))
    if decision.value == "full" and exemptions:
        unsure.append(
            f"decision: disclosed in full ({place_of(decision)}), and yet {exemptions[0].value} is named "
            f"({place_of(exemptions[0])})"
        )
    return decision


def _kinds_of(sentence: str) -> Iterator[tuple[Decision, int]]:
    """Yield (decision, offset) for each that a sentence speaks of, leaving out what explains the law."""
    if _LAW.search(sentence):
        return
    for kind, pattern in _KINDS:
        match = pattern.search(sentence)
        if match is None:
            continue
        if kind == "full" and _NEGATED.search(sentence):
            continue
        if kind == "not_held" and _HELD_OTHERWISE.search(sentence):
            continue
        yield kind, match.start()
