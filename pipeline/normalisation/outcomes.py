"""Outcomes: what a label says of the end of an investigation, and apart from that of an arrest.

Here: Home Office outcome types (1 to 22 with 1A, 2A, 3A), their groups, plain statuses, and their flags.
Not here: rates (figures). Sources: reference/outcomes.csv (codes), outcome_labels.csv (labels, each with
where it was seen), outcome_words.csv (which phrases may stand beside which type).

A row of outcome_words.csv is a phrase: `says` are the types that it names, `fits` those that it may stand
beside without naming them, and every other type it contradicts. `any` marks words of grammar, which are left out
first, of phrases too. `counted` phrases may follow a count. In a phrase `a|b` is either word, `(a|b c)` may be missing.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import product
from typing import Literal, NamedTuple, cast

from pipeline.normalisation.canonical import canonical, words
from pipeline.normalisation.labels import LabelRow, LabelTable, load_labels, read_table, unknown_rule
from pipeline.normalisation.reading import CONFLICT, UNKNOWN, UNMAPPED, OutcomeReading
from pipeline.store.reference import ReferenceTableError

OUTCOME_LABELS = "outcome_labels.csv"
OUTCOME_WORDS = "outcome_words.csv"
FLAGS = (
    "charged",
    "formal_action",
    "evidential_difficulties",
    "no_victim_support",
    "open",
    "cancelled",
    "fraud",
)

_TYPE = r"0?(?P<number>[1-9]|1[0-9]|2[0-2])(?P<a>a|\sa(?!\s[a-z]))?"
_NAMED = r"(?P<named>(?:home office |ho )?(?:crime )?(?:outcome(?: type| code)?|type|oc))"
_WORDS = r"(?P<words>\D*[a-z]\D*)"
_ALONE = re.compile(rf"(?:{_NAMED}\s?[:#-]?\s?)?{_TYPE}")
_LEADING = re.compile(rf"(?:{_NAMED}\s?[:#-]?\s?)?{_TYPE}(?:(?P<parted>\s?[-:;,.)])|\s(?=[a-z(])){_WORDS}")
_TRAILING = re.compile(rf"(?:[a-z][.)]\s)?{_WORDS}\((?:{_NAMED}\s?)?{_TYPE}\)")
_COUNT = "the number may be a count"
_ANY = "any"
_SLOT = re.compile(r"\((?P<optional>[^)]*)\)|(?P<one>\S+)")


class Outcome(NamedTuple):
    """One code of reference/outcomes.csv. Only types have a group; `introduced` is a date, month or empty."""

    code: str
    name: str
    level: str
    group: str | None
    introduced: str
    flags: frozenset[str]


class _Phrase(NamedTuple):
    says: frozenset[str]
    fits: frozenset[str]
    counted: bool


class _Lexicon(NamedTuple):
    phrases: dict[tuple[str, ...], _Phrase]
    grammar: frozenset[str]
    longest: int


@cache
def outcomes() -> dict[str, Outcome]:
    """Return every outcome code with its official name, level (type, group, status), group and flags."""
    return {
        row["code"]: Outcome(
            row["code"],
            row["name"],
            row["level"],
            row["group"] or None,
            row["introduced"],
            frozenset(flag for flag in FLAGS if row[flag] == "yes"),
        )
        for row in read_table("outcomes.csv")
    }


@cache
def outcome_labels() -> LabelTable:
    """Return the table of labels; its own column `arrest` is yes, no or unknown."""
    return load_labels(OUTCOME_LABELS, is_outcome)


def is_outcome(code: str) -> bool:
    """Return True for a code of outcomes.csv, and for unknown."""
    return code in outcomes() or code == UNKNOWN


def outcome_group(code: str) -> str | None:
    """Return the Home Office group of an outcome type (`4` -> `group:taken-into-…`), else None."""
    outcome = outcomes().get(code)
    return outcome.group if outcome else None


def outcome_flags(code: str) -> frozenset[str]:
    """Return which of FLAGS hold for a code; empty for codes not in the table (`Unmapped`, `unknown`).

    charged: 1, 1A and their group. formal_action: those, cautions, penalty notices, taken into
    consideration. evidential_difficulties: 14, 15, 16. no_victim_support: 14, 16. open: not yet assigned,
    under investigation, on bail. cancelled: no crime and cancelled records. fraud: 19, which is reported
    apart. A code that covers types with and without a flag (`group:unable-to-prosecute-suspect`) does not
    bear it.
    """
    outcome = outcomes().get(code)
    return outcome.flags if outcome else frozenset()


def read_outcome(label: str, table: LabelTable | None = None) -> OutcomeReading:
    """Return what a label says of outcome and arrest.

    First its reference row; then blank and the words for unknown; then its structure: a type alone (`16`,
    `1a`, `OC16`, `Outcome 16`, `Type 16`), before words (`Type 16 - …`, `16: …`) or behind them (`…
    (OC15)`). With words, every one of them must lie in a phrase of reference/outcome_words.csv that fits the
    type, and one phrase must say it. A phrase that does not fit makes a Conflict. Words that are not known, a
    second number, and a number that may be a count (`4 TICs`) leave the label Unmapped. Words without a number
    are read by reference rows only. `arrest` is yes or no only where a row says so.
    """
    rows = table or outcome_labels()
    if row := rows.exactly(label):
        return _from_row(label, row)
    if rule := unknown_rule(label):
        return OutcomeReading(label, UNKNOWN, "unknown", "unknown", rule)
    read = _from_structure(label)
    if read.status == "unmapped" and _COUNT not in read.rule and (row := rows.loosely(label)):
        return _from_row(label, row)
    return read


def _from_row(label: str, row: LabelRow) -> OutcomeReading:
    arrest = cast(Literal["yes", "no", "unknown"], row.more.get("arrest", "unknown"))
    if row.code == UNMAPPED:
        rule = "reference row: argued Unmapped"
        return OutcomeReading(label, UNMAPPED, UNMAPPED, "unmapped", rule, None, row.source, arrest)
    if row.code == UNKNOWN:
        return OutcomeReading(label, UNKNOWN, "unknown", "unknown", "reference row", None, row.source, arrest)
    outcome = outcomes()[row.code]
    return OutcomeReading(
        label, outcome.code, outcome.name, "mapped", "reference row", outcome.level, row.source, arrest
    )


def _from_structure(label: str) -> OutcomeReading:
    text = canonical(label)
    if found := _ALONE.fullmatch(text):
        return _typed(label, _code(found), "structure: type alone")
    for rule, pattern in (("type before words", _LEADING), ("type behind words", _TRAILING)):
        if found := pattern.fullmatch(text):
            return _typed_with_words(label, _code(found), found, rule)
    return _unmapped(label, "no reference row")


def _code(found: re.Match[str]) -> str:
    return found["number"] + (found["a"] or "").strip().upper()


def _typed(label: str, code: str, rule: str) -> OutcomeReading:
    outcome = outcomes().get(code)
    if outcome is None:
        return _unmapped(label, f"{rule}: there is no outcome type {code}")
    return OutcomeReading(label, code, outcome.name, "mapped", rule, outcome.level)


def _typed_with_words(label: str, code: str, found: re.Match[str], where: str) -> OutcomeReading:
    rule = f"structure: {where}"
    if code not in outcomes():
        return _typed(label, code, rule)
    phrases, all_known = _phrases_of(words(found["words"]))
    if any(code not in phrase.says | phrase.fits for phrase in phrases):
        return OutcomeReading(label, CONFLICT, CONFLICT, "conflict", f"{rule}: the words fit another type")
    if not all_known:
        return _unmapped(label, f"{rule}: some of the words are not known")
    if not any(code in phrase.says for phrase in phrases):
        return _unmapped(label, f"{rule}: the words do not say type {code}")
    if any(phrase.counted for phrase in phrases) and _bare(found):
        return _unmapped(label, f"{rule}: {_COUNT}")
    return _typed(label, code, rule)


def _bare(found: re.Match[str]) -> bool:
    """Return whether nothing but a blank or brackets says that a number is a type: `4 TICs` is four of them."""
    return not any(found.groupdict().get(mark) for mark in ("named", "parted", "a"))


def _unmapped(label: str, rule: str) -> OutcomeReading:
    return OutcomeReading(label, UNMAPPED, UNMAPPED, "unmapped", rule)


@cache
def _lexicon() -> _Lexicon:
    """Return reference/outcome_words.csv. Raises ReferenceTableError where two rows differ on one phrase."""
    rows = read_table(OUTCOME_WORDS)
    grammar = {word for row in rows if row["fits"] == _ANY for wording in _wordings(row["words"]) for word in wording}
    phrases: dict[tuple[str, ...], _Phrase] = {}
    for row in rows:  # a row of grammar becomes the phrase of no words, which no text is asked for
        phrase = _Phrase(_codes(row["says"]), _codes(row["fits"]), row["counted"] == "yes")
        for wording in _wordings(row["words"]):
            told = tuple(word for word in wording if word not in grammar)
            if phrases.setdefault(told, phrase) != phrase:
                raise ReferenceTableError(f"{OUTCOME_WORDS}: two rows differ on {' '.join(told)!r}; keep one")
    return _Lexicon(phrases, frozenset(grammar), max(map(len, phrases)))


def _wordings(notation: str) -> list[list[str]]:
    """Return the wordings of one row: `a|b` is either word, `(a)` may be missing, so may `(a b|c)`."""
    slots = [
        ["", *slot["optional"].split("|")] if slot["optional"] else slot["one"].split("|")
        for slot in _SLOT.finditer(notation)
    ]
    return [" ".join(chosen).split() for chosen in product(*slots)]


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split("|")) if text else frozenset()


def _phrases_of(text: str) -> tuple[list[_Phrase], bool]:
    """Return the known phrases of a text that lie in no longer one, and whether every word lies in one."""
    lexicon = _lexicon()
    tokens = tuple(token for token in text.split() if token not in lexicon.grammar)
    phrases: list[_Phrase] = []
    reach = known = 0
    for start in range(len(tokens)):
        ends = range(start + 1, min(start + lexicon.longest, len(tokens)) + 1)
        end = max((end for end in ends if tokens[start:end] in lexicon.phrases), default=0)
        if end > reach:
            phrases.append(lexicon.phrases[tokens[start:end]])
            known += end - max(start, reach)
            reach = end
    return phrases, known == len(tokens)
