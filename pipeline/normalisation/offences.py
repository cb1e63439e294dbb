"""Offences: Home Office codes, classes, sub groups and groups, and what forces write for them.

Here: reading one label at its own level, and rolling a code upwards. Not here: counting by level (figures).
Sources: offence_labels.csv (labels, each with a source), offence_supplement.csv (ended, non-notifiable and
local ones), ho_offences.csv (the Home Office list of April 2026, its blanks and dates cleaned, nothing else:
https://assets.publishing.service.gov.uk/media/69d4d50e5e0e8088a545b388/
notifiable-offence-and-notifiable-reported-incidents-april-2026.ods).

Levels and codes: `008/72` code, `8L` class, `subgroup:<slug>`, `group:<slug>`, `arrest:<slug>`
arrest_wording, `local:<slug>` local. Two readings of a name, and what decides:

- a name equal to exactly one class name is that class; where a sub group bears the name too, it is the
  class only if the sub group holds nothing else (Shoplifting is 46), and otherwise `local:` with a presumed
  class (Other theft; Burglary business and community);
- a group without sub groups is the group (Robbery);
- the wording of a listed offence names its class, never its code, and only if all offences so worded lie in
  one class (Burglary lies in ten). Wordings of the catch-all classes (95, 99, NFIB) name nothing alone;
- the bare word Harassment is `local:harassment`, presumed 8L: forces use it for more than the class.

Words beside a code are held to the same names, whole: only filling words, a plural and the short forms listed
here may differ. `with` is not `without`, and a word left out makes another name or none. See `_agrees`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from pipeline.normalisation.canonical import canonical, words
from pipeline.normalisation.labels import (
    LabelRow,
    LabelTable,
    load_labels,
    numbered_rows,
    read_table,
    unknown_rule,
)
from pipeline.normalisation.reading import CONFLICT, UNKNOWN, UNMAPPED, OffenceReading
from pipeline.store.naming import slug
from pipeline.store.reference import ReferenceTableError, table_path

OFFENCE_LABELS = "offence_labels.csv"
PRESS_CATEGORIES = "press_categories.csv"
_SUPPLEMENT = "offence_supplement.csv"
_HOME_OFFICE_LIST = "Home Office list of notifiable offences, April 2026"

_CODE = r"(?P<code>nfib\s?\d{1,2}[a-z]?|\d{1,3}/\d{1,2}|\d{1,3}[a-z]|\d{1,3})"
_NAMED = r"(?:(?:home office|ho)\s)?(?:(?:(?:crime|offence)\s)?(?:code|class|classification)\s?:?\s?)?"
_ALONE = re.compile(rf"{_NAMED}(?P<open>\()?{_CODE}(?(open)\))")
# what parts a code from its words falls away with the punctuation of the words
_LEADING = re.compile(
    rf"(?:{_NAMED}{_CODE}(?P<mark>[-:.\s])|\({_CODE.replace('code', 'bracketed')}\))(?P<words>.*[a-z].*)"
)
_TRAILING = re.compile(rf"(?P<words>.*[a-z].*)\({_NAMED}{_CODE}\)")
_CATCH_ALL = re.compile(r"95|99|NFIB\w+|")
_CODE_IN_FULL = re.compile(r"\d{3}/\d{2}")
_FILLING = frozenset({"and", "or", "the", "of", "a", "an", "etc", "in", "to", "by"})
_SHORT_FORMS = {
    "agg": "aggravated",
    "comms": "communications",
    "inj": "injury",
    "misc": "miscellaneous",
    "poss": "possession",
    "rac": "racially",
    "relig": "religiously",
}
# parts of class names that forces write shorter, for words beside a code only; no two classes differ by nothing else
_ALSO_WRITTEN = (
    ("racially or religiously aggravated", "racially aggravated"),
    ("racially or religiously aggravated", "religiously aggravated"),
    ("emergency worker other than a constable", "emergency worker"),
    ("dwelling other than from automatic machine or meter", "dwelling"),
    ("conspiracy to commit murder", "conspiracy to murder"),
    ("threat or possession with intent to commit", "threat to commit"),
    ("theft or unauthorised taking of motor vehicle", "theft of vehicle"),
    ("concealing knowledge of the proceeds", "concealing proceeds"),
    ("for the purpose of prostitution", "for prostitution"),
    ("incest or familial sexual offences", "familial sexual offences"),
    ("firearms knives and offensive weapon offences", "firearms offences"),
    ("sexual grooming", "grooming"),
)
# a name that lost one of these, or had one cut, may be that of another class
_QUALIFIERS = frozenset(
    {
        *("not", "no", "non", "with", "without", "other", "than", "except", "excluding", "under", "over", "against"),
        *("attempt", "attempted", "conspiracy", "aggravated", "racially", "religiously"),
        *("aged", "male", "female", "child", "children", "adult"),
    }
)


class Offence(NamedTuple):
    """One code at one level, and what it rolls up to; None where the list does not say or says several."""

    code: str
    level: str
    name: str
    offence_class: str | None = None
    subgroup: str | None = None
    group: str | None = None
    notifiable: bool = True
    valid_from: str = ""
    valid_to: str = ""
    source: str = _HOME_OFFICE_LIST


class _Names(NamedTuple):
    classes: dict[str, frozenset[str]]
    subgroups: dict[str, str]
    groups: dict[str, str]
    wordings: dict[str, frozenset[str]]


class _NamesAlike(NamedTuple):
    """What the names of the list stand for, by the form that words beside a code are held to (`_alike`).

    `wider` holds the classes of a sub group or group, by its name in plain words.
    """

    classes: dict[str, frozenset[str]]
    codes: dict[str, frozenset[str]]
    classes_of_codes: dict[str, frozenset[str]]
    wider: dict[str, frozenset[str]]


def offence_class(code: str) -> str | None:
    """Return the class of an offence code or of a class itself; None for all wider or local codes.

    A code's digits are not its class: 005/28 and 138/52 lie in 8R. A code whose offences lie in several
    classes (028/03 in eight) has none.
    """
    offence = offences().get(code)
    return offence.offence_class if offence else None


def offence_subgroup(code: str) -> str | None:
    """Return the sub group (`subgroup:<slug>`) of a code, class or sub group; None where there is none."""
    offence = offences().get(code)
    return offence.subgroup if offence else None


def offence_group(code: str) -> str | None:
    """Return the group (`group:<slug>`) of a code, class, sub group or group; None where there is none."""
    offence = offences().get(code)
    return offence.group if offence else None


def is_notifiable(code: str) -> bool:
    """Return False for what the supplementary list marks as not notifiable (s127), else True."""
    offence = offences().get(code)
    return offence.notifiable if offence else True


@cache
def offence_labels() -> LabelTable:
    """Return the table of labels; its own column `presumed_class` is empty but for ambiguous local labels."""
    return load_labels(OFFENCE_LABELS, is_offence)


def is_offence(code: str) -> bool:
    """Return True for a code of any level, the supplementary list included."""
    return code in offences()


def read_offence(label: str, table: LabelTable | None = None) -> OffenceReading:
    """Return the offence that a label names, at the level that it states.

    First its reference row; then blank and the words for unknown; then a code or class alone (`08L`,
    `008/72`, `8/72`, `HO Crime Code 71/17`), with words (`8L - Harassment`, `(8L) Harassment`, `Harassment
    (8L)`); then a name of the Home Office list (see the module's docstring). Words beside a code must be a
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
    code = _listed(written, alone=True)
    return _mapped(label, code, rule) if code else _unmapped(label, f"{rule}: not in the Home Office list")


def _coded_with_words(label: str, found: dict[str, str | None], rule: str, table: LabelTable | None) -> OffenceReading:
    written, text = found["code"] or found["bracketed"] or "", found["words"] or ""
    code = _listed(written, alone=False)
    if code is None:
        return _unmapped(label, f"{rule}: not in the Home Office list")
    # `23 sexual offences`, `Sexual offences (23)` and `1. Homicide` are a count or a number in a list as well
    marked = bool(found.get("bracketed") or (found.get("mark") or "").strip() or text.startswith(("-", ":", ".")))
    may_count = written.isdigit() and (len(written) == 1 or not marked)
    agrees = _agrees(code, text, table or offence_labels(), may_count=may_count)
    if agrees is None:
        return _unmapped(label, f"{rule}: the words are no name of that class")
    if not agrees:
        return OffenceReading(label, CONFLICT, CONFLICT, "conflict", f"{rule}: the words name another offence")
    return _mapped(label, code, rule)


def _listed(written: str, *, alone: bool) -> str | None:
    """Return the code or class that a notation stands for, or None. One digit alone may be a count: None.

    The list writes a code with three digits and two (`004/10`) and eleven classes with a stroke and no zero
    (`4/10`, `37/1`). Only the full form is such a code; any other way to write those digits (`4/10`, `04/10`,
    `4/01`) is the class, which holds that code and so is right for whoever meant the code. Where the list has
    no such class, zeros left out are put back: `8/72`, `4/11`.
    """
    text = written.upper().replace(" ", "")
    if "/" not in text:
        name = text.lstrip("0")
        may_count = alone and len(text) < 2
        return name if name in offences() and not may_count else None
    first, second = (part.lstrip("0") for part in text.split("/"))
    as_class = f"{first}/{second}"
    if as_class in offences() and not _CODE_IN_FULL.fullmatch(text):
        return as_class
    code = text if text in offences() else f"{text:0>6}"
    return code if code in offences() else None


def _agrees(code: str, text: str, table: LabelTable, *, may_count: bool) -> bool | None:
    """Return whether words name a code (True) or another one (False); None where they are no name, or of either.

    A name is one of its class, of an offence (of the code itself, where it is no class), of a level above, or
    a label with a row. What names a level above, or an offence, and another class too (`28J Residential burglary
    of a home`) is neither; a number that may be a count needs the name of its class, since any count may stand
    before that of a group.
    """
    own, said, names = _classes_of(code), _alike(text), _names_alike()
    classes, codes = names.classes.get(said, frozenset()), names.codes.get(said, frozenset())
    if said == _alike(offences()[code].name) or own & classes:
        return True
    if codes and offences()[code].level == "code":
        return code in codes
    worded, wider = names.classes_of_codes.get(said, frozenset()) - {""}, names.wider.get(words(text), frozenset())
    if (wider and may_count) or (classes and own & (worded | wider)):
        return None
    if own & (worded | wider):
        return True
    if classes or worded or wider:
        return False
    if not may_count and _is_cut_name(said, own):
        return True
    # last, so that a row more changes no reading
    row = table.find(text)
    return _row_agrees(row, code) if row else None


def _row_agrees(row: LabelRow, code: str) -> bool | None:
    own, meant = _classes_of(code), offence_class(row.code)
    if row.code == code or row.more.get("presumed_class") in own:
        return True
    if meant is None:
        return None
    both_are_codes = offences()[row.code].level == offences()[code].level == "code"
    return meant in own and not both_are_codes


def _alike(text: str) -> str:
    """Return words without filling and plural `s`, short forms written out: what makes no other name of a name."""
    kept = (_SHORT_FORMS.get(word, word) for word in words(text).split() if word not in _FILLING)
    return " ".join(word.removesuffix("s") if len(word) > 3 else word for word in kept)


def _is_cut_name(said: str, own: frozenset[str]) -> bool:
    """Return whether words are a class name cut at its end, which no name of another class begins with.

    No qualifier is in what is missing, and none is what is cut: `with` is not the beginning of `without`. A word
    is cut to three letters or more.
    """
    names = _names_alike()
    wider = {_alike(name): classes for name, classes in names.wider.items()}
    named = [each for by_name in (names.classes, names.classes_of_codes, wider) for each in by_name.items()]
    begun = [(name, classes) for name, classes in named if said and name.startswith(said)]
    if any(classes - own for _, classes in begun):
        return False
    return any(name in names.classes and _lost_no_qualifier(said.split(), name.split()) for name, _ in begun)


def _lost_no_qualifier(said: list[str], name: list[str]) -> bool:
    last, whole, lost = said[-1], name[len(said) - 1], name[len(said) :]
    cut = last != whole
    if cut and (len(last) < 3 or not last.isalpha() or {last, whole} & _QUALIFIERS):
        return False
    return not any(word in _QUALIFIERS or word.isdigit() for word in lost)


def _classes_of(code: str) -> frozenset[str]:
    offence = offences()[code]
    return frozenset({offence.offence_class}) if offence.offence_class else _classes_by_code()[code]


def _named(label: str) -> OffenceReading:
    text, names = words(label), _names()
    if text in names.groups:
        return _mapped(label, names.groups[text], "name of one Home Office group")
    if len(named := names.classes.get(text, frozenset())) == 1:
        return _mapped(label, min(named), "name of one Home Office class")
    if text in names.subgroups:
        return _mapped(label, names.subgroups[text], "name of one Home Office sub group")
    worded = names.wordings.get(text, frozenset())
    if len(worded) == 1 and not _CATCH_ALL.fullmatch(min(worded)):
        return _mapped(label, min(worded), "wording of offences in one Home Office class")
    rule = "no reference row" if not worded and not named else "the words name several classes, or a catch-all class"
    return _unmapped(label, rule)


def _mapped(label: str, code: str, rule: str, source: str = "", presumed: str | None = None) -> OffenceReading:
    offence = offences()[code]
    return OffenceReading(label, code, offence.name, "mapped", rule, offence.level, source or offence.source, presumed)


def _unmapped(label: str, rule: str, source: str = "") -> OffenceReading:
    return OffenceReading(label, UNMAPPED, UNMAPPED, "unmapped", rule, None, source)


@cache
def offences() -> dict[str, Offence]:
    """Return every code of every level, the supplementary list included. Raises ReferenceTableError where that breaks
    its rules.
    """
    listed: dict[str, Offence] = {}
    rows = read_table("ho_offences.csv")
    for code, its_rows in _grouped(rows, "code").items():
        listed[code] = _rolled_up(its_rows, code, "code", _only(r["name"] for r in its_rows) or f"several ({code})")
    for code, its_rows in _grouped(rows, "class").items():
        listed[code] = _rolled_up(its_rows, code, "class", its_rows[0]["class_name"])
    for name, its_rows in _grouped(rows, "subgroup").items():
        code = f"subgroup:{slug(name)}"
        listed[code] = _rolled_up(its_rows, code, "subgroup", name)
    for name in _grouped(rows, "group"):
        code = f"group:{slug(name)}"
        listed[code] = Offence(code, "group", name, group=code)
    return listed | _supplement()


def _supplement() -> dict[str, Offence]:
    """Return the codes of the supplementary list.

    Raises ReferenceTableError where one stands twice, or is neither notifiable nor not: a rate leaves out what is not.
    """
    path = table_path(_SUPPLEMENT)
    found: dict[str, Offence] = {}
    lines: dict[str, int] = {}
    for line, row in numbered_rows(_SUPPLEMENT):
        code, notifiable = row["code"], row["notifiable"]
        if code in found:
            raise ReferenceTableError(
                f"{path}, line {line}: found {code!r}, which line {lines[code]} has; expected each code once; keep one"
            )
        if notifiable not in {"yes", "no"}:
            raise ReferenceTableError(
                f"{path}, line {line}: found notifiable {notifiable!r} for {code!r}; expected yes or no"
            )
        found[code], lines[code] = _supplementary(row), line
    return found


def _grouped(rows: Iterable[dict[str, str]], column: str) -> dict[str, list[dict[str, str]]]:
    grouped: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        if row[column]:
            grouped[row[column]].append(row)
    return grouped


def _rolled_up(rows: list[dict[str, str]], code: str, level: str, name: str) -> Offence:
    classes = _only(row["class"] for row in rows) if level in {"code", "class"} else None
    # the list leaves the subgroup of some offences out, never of a whole class that has one
    subgroup = _only(row["subgroup"] for row in rows if row["subgroup"])
    group = _only(row["group"] for row in rows)
    return Offence(
        code,
        level,
        name,
        classes,
        f"subgroup:{slug(subgroup)}" if subgroup else None,
        f"group:{slug(group)}" if group else None,
        valid_from=_only(row["valid_from"] for row in rows) or "" if level == "code" else "",
        valid_to=_only(row["valid_to"] for row in rows) or "" if level == "code" else "",
    )


def _only(values: Iterable[str]) -> str | None:
    distinct = set(values)
    return distinct.pop() or None if len(distinct) == 1 else None


def _supplementary(row: dict[str, str]) -> Offence:
    code = row["code"]
    level = _level(code)
    return Offence(
        code,
        level,
        row["name"],
        code if level == "class" else None,
        code if level == "subgroup" else None,
        code if level == "group" else f"group:{slug(row['group'])}" if row["group"] else None,
        row["notifiable"] == "yes",
        row["valid_from"],
        row["valid_to"],
        row["source"],
    )


def _level(code: str) -> str:
    kind, colon, _ = code.partition(":")
    if colon:
        return {"arrest": "arrest_wording"}.get(kind, kind)
    return "code" if re.fullmatch(r"\d{3}/\d{2}", code) else "class"


@cache
def _classes_by_code() -> dict[str, frozenset[str]]:
    by_code: dict[str, frozenset[str]] = defaultdict(frozenset)
    for row in read_table("ho_offences.csv"):
        by_code[row["code"]] |= {row["class"]} - {""}
    return by_code


@cache
def _names() -> _Names:
    names = _Names(defaultdict(frozenset), {}, {}, defaultdict(frozenset))
    for row in read_table("ho_offences.csv"):
        names.groups[words(row["group"])] = f"group:{slug(row['group'])}"
        names.wordings[words(row["name"])] |= {row["class"]}
        if row["class"]:
            names.classes[words(row["class_name"])] |= {row["class"]}
        if row["subgroup"]:
            names.subgroups[words(row["subgroup"])] = f"subgroup:{slug(row['subgroup'])}"
    return names


@cache
def _names_alike() -> _NamesAlike:
    names = _NamesAlike(defaultdict(frozenset), defaultdict(frozenset), defaultdict(frozenset), defaultdict(frozenset))
    subgroups: dict[str, Counter[str]] = defaultdict(Counter)
    for row in read_table("ho_offences.csv"):
        named, worded, in_class = _alike(row["name"]), row["code"], frozenset({row["class"]})
        names.codes[named] |= {worded}
        names.classes_of_codes[named] |= in_class
        if row["class"]:
            for name in _ways_to_write(row["class_name"]):
                names.classes[_alike(name)] |= in_class
            names.wider[words(row["group"])] |= in_class
            subgroups[row["class"]][row["subgroup"]] += 1
    for name, counted in subgroups.items():
        # one offence of 92D stands among the trafficking of drugs: a class has the sub group of most of its offences
        subgroup, most = counted.most_common(1)[0]
        if subgroup and 2 * most > counted.total():
            names.wider[words(subgroup)] |= {name}
    return names


def _ways_to_write(name: str) -> set[str]:
    return {words(name)} | {words(name).replace(whole, short) for whole, short in _ALSO_WRITTEN}
