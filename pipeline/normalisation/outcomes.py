"""Outcomes: what a label says of the end of an investigation, and apart from that of an arrest.

Here: Home Office outcome types (1 to 22 with 1A, 2A, 3A), their groups, plain statuses, and their flags.
Not here: rates (figures). Sources: reference/outcomes.csv (codes), outcome_labels.csv (labels, each with
where it was seen), outcome_words.csv (which words fit which type).
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal, NamedTuple, cast

from pipeline.normalisation.canonical import canonical, words
from pipeline.normalisation.labels import LabelRow, LabelTable, load_labels, read_table, unknown_rule
from pipeline.normalisation.reading import CONFLICT, UNKNOWN, UNMAPPED, OutcomeReading

OUTCOME_LABELS = "outcome_labels.csv"
FLAGS = (
    "charged",
    "formal_action",
    "evidential_difficulties",
    "no_victim_support",
    "open",
    "cancelled",
    "fraud",
)

_TYPE = r"0?(?P<number>[1-9]|1[0-9]|2[0-2])\s?(?P<a>a?)"
_NAMED = r"(?:home office |ho )?(?:crime )?(?:outcome(?: type| code)?|type|oc)"
_WORDS = r"(?P<words>\D*[a-z]\D*)"
_ALONE = re.compile(rf"(?:{_NAMED}\s?[:#-]?\s?)?{_TYPE}")
_LEADING = re.compile(rf"(?:{_NAMED}\s?[:#-]?\s?)?{_TYPE}(?:\s?[-:;,.)]|\s(?=[a-z(])){_WORDS}")
_TRAILING = re.compile(rf"{_WORDS}\((?:{_NAMED}\s?)?{_TYPE}\)")
_NEGATIONS = frozenset({"not", "no", "non", "never", "without", "nor", "neither"})


class Outcome(NamedTuple):
    """One code of reference/outcomes.csv. Only types have a group; `introduced` is a date, month or empty."""

    code: str
    name: str
    level: str
    group: str | None
    introduced: str
    flags: frozenset[str]


class _Fit(NamedTuple):
    supports: frozenset[str]
    excludes: frozenset[str]


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
    (OC15)`). With words, at least one of them must fit the type by reference/outcome_words.csv; words that
    fit other types only make a Conflict, and words that say nothing known, or hold a second number, leave
    the label Unmapped. Words without a number are read by reference rows only. `arrest` is yes or no only
    where a row says so.
    """
    rows = table or outcome_labels()
    if row := rows.exactly(label):
        return _from_row(label, row)
    if rule := unknown_rule(label):
        return OutcomeReading(label, UNKNOWN, "unknown", "unknown", rule)
    read = _from_structure(label)
    if read.status == "unmapped" and (row := rows.loosely(label)):
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
            return _typed_with_words(label, _code(found), found["words"], rule)
    return _unmapped(label, "no reference row")


def _code(found: re.Match[str]) -> str:
    return found["number"] + found["a"].upper()


def _typed(label: str, code: str, rule: str) -> OutcomeReading:
    outcome = outcomes().get(code)
    if outcome is None:
        return _unmapped(label, f"{rule}: there is no outcome type {code}")
    return OutcomeReading(label, code, outcome.name, "mapped", rule, outcome.level)


def _typed_with_words(label: str, code: str, text: str, where: str) -> OutcomeReading:
    fits, negated = _fits_of(words(text))
    excluding = any(code in fit.excludes for fit in fits)
    supporting = any(code in fit.supports for fit in fits)
    if excluding:
        return OutcomeReading(label, CONFLICT, CONFLICT, "conflict", f"structure: {where}: the words fit another type")
    if negated or not supporting:
        return _unmapped(label, f"structure: {where}: the words do not say type {code}")
    return _typed(label, code, f"structure: {where}")


def _unmapped(label: str, rule: str) -> OutcomeReading:
    return OutcomeReading(label, UNMAPPED, UNMAPPED, "unmapped", rule)


@cache
def _lexicon() -> dict[tuple[str, ...], _Fit]:
    return {
        tuple(row["words"].split()): _Fit(_codes(row["supports"]), _codes(row["excludes"]))
        for row in read_table("outcome_words.csv")
    }


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split("|")) if text else frozenset()


def _fits_of(text: str) -> tuple[list[_Fit], bool]:
    """Return what the known phrases of a text say (longest first), and whether a `not` is left over."""
    tokens, lexicon = text.split(), _lexicon()
    longest = max(map(len, lexicon))
    fits: list[_Fit] = []
    negated = False
    at = 0
    while at < len(tokens):
        for length in range(longest, 0, -1):
            if fit := lexicon.get(tuple(tokens[at : at + length])):
                fits.append(fit)
                at += length
                break
        else:
            negated = negated or tokens[at] in _NEGATIONS
            at += 1
    return fits, negated
