"""The rules a source record is held to, by name.

A rule that rejects keeps the record out of every figure, whole and listed. Any other rule keeps the record, coded
Unmapped or Invalid where the value says nothing, and lists it: a crime with age -1 is still a crime.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Rule:
    """One rule: the canonical column it looks at, whether it rejects the record, what it expects and what to do."""

    name: str
    column: str
    rejects: bool
    expected: str
    remedy: str
    applied_by: Literal["reader", "schema"]


RECORD = "(record)"
"""Stands for the column where a rule looks at a record as a whole."""

_IN_TABLES = "give its code with `foi labels accept`, or leave it Unmapped"

RULES = (
    Rule("width", RECORD, True, "as many fields as the header has", "ask the force for the whole line", "reader"),
    Rule("quote", RECORD, True, "quotes around whole fields", "ask the force for the line as it should be", "reader"),
    Rule(
        "period",
        "period",
        True,
        "a period that can be read",
        "if it is one, give its first and last day under period_labels:; else ask the force",
        "schema",
    ),
    Rule(
        "period_covered",
        "period",
        False,
        "a period inside the one that the table covers",
        "mend covers:, or ask the force",
        "schema",
    ),
    Rule("platform", "platform", False, "a platform of reference/platform_labels.csv", _IN_TABLES, "schema"),
    Rule("offence", "offence", False, "an offence of the reference tables", _IN_TABLES, "schema"),
    Rule("outcome", "outcome", False, "an outcome of the reference tables", _IN_TABLES, "schema"),
    Rule("age", "age", False, "an age in years, an age band, or a word for unknown", "ask the force", "schema"),
    Rule(
        "reference_repeated",
        "reference",
        False,
        "a reference that stands on one record only",
        "see whether a record is a crime here, or a victim or suspect of one (record_is:)",
        "schema",
    ),
    Rule(
        "labels_repeated",
        RECORD,
        False,
        "labels that no other row of a table of counts has",
        "see whether one of them is mistyped: both are counted",
        "schema",
    ),
)
BY_NAME = {rule.name: rule for rule in RULES}
IMPLAUSIBLE = tuple(r.name for r in RULES if not r.rejects and r.name not in {"platform", "offence", "outcome"})
"""Rules whose records are kept for a person to look at; labels that are in no table are listed as labels."""
