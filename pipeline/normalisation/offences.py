"""Offences: what forces write for them.

Here: reading one label at its own level. Not here: the Home Office list and what rolls up to what (offence_list),
what words stand for (offence_names), counting by level (figures).
Source of labels: offence_labels.csv, each with its own source; press_categories.csv.
"""

from __future__ import annotations

import re
from functools import cache

from pipeline.normalisation.canonical import canonical
from pipeline.normalisation.labels import LabelRow, LabelTable, load_labels, unknown_rule
from pipeline.normalisation.offence_list import is_offence, listed, offences
from pipeline.normalisation.offence_names import code_of_name, words_agree
from pipeline.normalisation.reading import CONFLICT, UNKNOWN, UNMAPPED, OffenceReading

OFFENCE_LABELS = "offence_labels.csv"
PRESS_CATEGORIES = "press_categories.csv"

_CODE = r"(?P<code>nfib\s?\d{1,2}[a-z]?|\d{1,3}/\d{1,2}|\d{1,3}[a-z]|\d{1,3})"
_NAMED = r"(?:(?:home office|ho)\s)?(?:(?:(?:crime|offence)\s)?(?:code|class|classification)\s?:?\s?)?"
_ALONE = re.compile(rf"{_NAMED}(?P<open>\()?{_CODE}(?(open)\))")
# what parts a code from its words falls away with the punctuation of the words
_LEADING = re.compile(
    rf"(?:{_NAMED}{_CODE}(?P<mark>[-:.\s])|\({_CODE.replace('code', 'bracketed')}\))(?P<words>.*[a-z].*)"
)
_TRAILING = re.compile(rf"(?P<words>.*[a-z].*)\({_NAMED}{_CODE}\)")


@cache
def offence_labels() -> LabelTable:
    """Return the table of labels; its own column `presumed_class` is empty but for ambiguous local labels."""
    return load_labels(OFFENCE_LABELS, is_offence)


def read_offence(label: str, table: LabelTable | None = None) -> OffenceReading:
    """Return the offence that a label names, at the level that it states.

    First its reference row; then blank and the words for unknown; then a code or class alone (`08L`,
    `008/72`, `8/72`, `HO Crime Code 71/17`), with words (`8L - Harassment`, `(8L) Harassment`, `Harassment
    (8L)`); then a name of the Home Office list (see offence_names). Words beside a code must be a
    name of that class or of a level above it, a label with a row of that class, or such a name cut at its end.
    Names of another class or code make a Conflict; words that are no name leave the label Unmapped.
    """
    rows = table or offence_labels()
    if row := rows.exactly(label):
        return _from_row(label, row)
    if rule := unknown_rule(label):
        return OffenceReading(label, UNKNOWN, "unknown", "unknown", rule)
    read = _from_structure(label, table)
    if read is not None and read.status != "unmapped":
        return read
    if row := rows.loosely(label):
        return _from_row(label, row)
    return read or _named(label)


def _from_structure(label: str, table: LabelTable | None) -> OffenceReading | None:
    """Return what a code in a label says, alone or with words; None where there is none."""
    if found := _ALONE.fullmatch(canonical(label)):
        return _coded(label, found["code"], "structure: code alone")
    for rule, pattern in (("code before words", _LEADING), ("code behind words", _TRAILING)):
        if found := pattern.fullmatch(canonical(label)):
            return _coded_with_words(label, found.groupdict(), f"structure: {rule}", table)
    return None


@cache
def press_categories() -> LabelTable:
    """Return the table of categories that the press prints; its codes are `local:press-<slug>`."""
    return load_labels(PRESS_CATEGORIES, lambda code: code.startswith("local:press-"))


def read_press_category(label: str) -> OffenceReading:
    """Return the category of a printed claim (`sexual grooming`, `crimes against society`).

    A vocabulary of its own at the level local: the press words what it was told, and none of it is a class.
    """
    row = press_categories().find(label)
    if row is None:
        return _unmapped(label, "no reference row")
    return OffenceReading(label, row.code, row.label, "mapped", "reference row", "local", row.source)


def _from_row(label: str, row: LabelRow) -> OffenceReading:
    if row.code == UNMAPPED:
        return _unmapped(label, "reference row: argued Unmapped", row.source)
    presumed = row.more.get("presumed_class") or None
    return _mapped(label, row.code, "reference row", row.source, presumed)


def _coded(label: str, written: str, rule: str) -> OffenceReading:
    code = listed(written, alone=True)
    return _mapped(label, code, rule) if code else _unmapped(label, f"{rule}: not in the Home Office list")


def _coded_with_words(label: str, found: dict[str, str | None], rule: str, table: LabelTable | None) -> OffenceReading:
    written, text = found["code"] or found["bracketed"] or "", found["words"] or ""
    code = listed(written, alone=False)
    if code is None:
        return _unmapped(label, f"{rule}: not in the Home Office list")
    # `23 sexual offences`, `Sexual offences (23)` and `1. Homicide` are a count or a number in a list as well
    marked = bool(found.get("bracketed") or (found.get("mark") or "").strip() or text.startswith(("-", ":", ".")))
    may_count = written.isdigit() and (len(written) == 1 or not marked)
    agrees = words_agree(code, text, table or offence_labels(), may_count=may_count)
    if agrees is None:
        return _unmapped(label, f"{rule}: the words are no name of that class")
    if not agrees:
        return OffenceReading(label, CONFLICT, CONFLICT, "conflict", f"{rule}: the words name another offence")
    return _mapped(label, code, rule)


def _named(label: str) -> OffenceReading:
    code, rule = code_of_name(label)
    return _mapped(label, code, rule) if code else _unmapped(label, rule)


def _mapped(label: str, code: str, rule: str, source: str = "", presumed: str | None = None) -> OffenceReading:
    offence = offences()[code]
    return OffenceReading(label, code, offence.name, "mapped", rule, offence.level, source or offence.source, presumed)


def _unmapped(label: str, rule: str, source: str = "") -> OffenceReading:
    return OffenceReading(label, UNMAPPED, UNMAPPED, "unmapped", rule, None, source)
