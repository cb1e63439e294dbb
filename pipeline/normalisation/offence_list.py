"""The Home Office list of notifiable offences with its supplement: codes, classes, sub groups and groups.

Here: what there is, and what a code rolls up to. Not here: what labels mean (offences).
Sources: ho_offences.csv (the list of April 2026, its blanks and dates cleaned, nothing else:
https://assets.publishing.service.gov.uk/media/69d4d50e5e0e8088a545b388/
notifiable-offence-and-notifiable-reported-incidents-april-2026.ods), offence_supplement.csv (ended,
non-notifiable and local ones).

Levels and codes: `008/72` code, `8L` class, `subgroup:<slug>`, `group:<slug>`, `arrest:<slug>`
arrest_wording, `local:<slug>` local.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from pipeline.normalisation.labels import numbered_rows, read_table
from pipeline.store.naming import slug
from pipeline.store.reference import ReferenceTableError, table_path

HOME_OFFICE_OFFENCES = "ho_offences.csv"
_SUPPLEMENT = "offence_supplement.csv"
_HOME_OFFICE_LIST = "Home Office list of notifiable offences, April 2026"
_CODE_IN_FULL = re.compile(r"\d{3}/\d{2}")


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


def is_offence(code: str) -> bool:
    """Return True for a code of any level, the supplementary list included."""
    return code in offences()


def listed(written: str, *, alone: bool) -> str | None:
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


def classes_of(code: str) -> frozenset[str]:
    """Return the classes that the offences of a code lie in; of a class itself, and none of wider or local codes."""
    offence = offences()[code]
    return frozenset({offence.offence_class}) if offence.offence_class else _classes_by_code()[code]


@cache
def offences() -> dict[str, Offence]:
    """Return every code of every level, the supplementary list included. Raises ReferenceTableError where that breaks
    its rules.
    """
    found: dict[str, Offence] = {}
    rows = read_table(HOME_OFFICE_OFFENCES)
    for code, its_rows in _grouped(rows, "code").items():
        found[code] = _rolled_up(its_rows, code, "code", _only(r["name"] for r in its_rows) or f"several ({code})")
    for code, its_rows in _grouped(rows, "class").items():
        found[code] = _rolled_up(its_rows, code, "class", its_rows[0]["class_name"])
    for name, its_rows in _grouped(rows, "subgroup").items():
        code = f"subgroup:{slug(name)}"
        found[code] = _rolled_up(its_rows, code, "subgroup", name)
    for name in _grouped(rows, "group"):
        code = f"group:{slug(name)}"
        found[code] = Offence(code, "group", name, group=code)
    return found | _supplement()


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
    return "code" if _CODE_IN_FULL.fullmatch(code) else "class"


@cache
def _classes_by_code() -> dict[str, frozenset[str]]:
    by_code: dict[str, frozenset[str]] = defaultdict(frozenset)
    for row in read_table(HOME_OFFICE_OFFENCES):
        by_code[row["code"]] |= {row["class"]} - {""}
    return by_code
