"""The rules a source record is held to, by name.

A rule that rejects keeps the record out of every figure, whole and listed. Any other rule keeps the record, coded
Unmapped or Invalid where the value says nothing, and lists it: a crime with age -1 is still a crime.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Rule:
    """One rule: the canonical column it looks at, what it expects, and whether it rejects the record."""

    name: str
    column: str
    rejects: bool
    expected: str
    applied_by: Literal["reader", "schema"]


RULES = (
    Rule("width", "(record)", True, "as many fields as the header has", "reader"),
    Rule("quote", "(record)", True, "quotes around whole fields", "reader"),
    Rule("period", "period", True, "a period that can be read", "schema"),
    Rule("period_covered", "period", False, "a period inside the one that the table covers", "schema"),
    Rule("platform", "platform", False, "a platform of reference/platform_labels.csv", "schema"),
    Rule("offence", "offence", False, "an offence of the reference tables", "schema"),
    Rule("outcome", "outcome", False, "an outcome of the reference tables", "schema"),
    Rule("age", "age", False, "an age in years, an age band, or a word for unknown", "schema"),
    Rule("reference_repeated", "reference", False, "a reference that stands on one record only", "schema"),
)
BY_NAME = {rule.name: rule for rule in RULES}
