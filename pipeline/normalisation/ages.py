"""Ages: how many whole years a label allows, and the standard band that holds them.

Here: single ages, bands, open ends, units, words for unknown, spreadsheet damage. Not here: any figure by
exact age (there is none). Words are rows of reference/age_labels.csv; numbers are read by structure.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Literal

from pipeline.normalisation.canonical import canonical
from pipeline.normalisation.labels import LabelTable, load_labels, unknown_rule
from pipeline.normalisation.reading import INVALID, UNKNOWN, UNMAPPED, AgeReading

AGE_LABELS = "age_labels.csv"
BANDS: tuple[tuple[int, int | None], ...] = (
    (0, 11),
    (12, 15),
    (16, 17),
    (18, 24),
    (25, 34),
    (35, 44),
    (45, 54),
    (55, 64),
    (65, None),
)
OLDEST = 99
"""The highest age that is read. Cleaning code of the forces drops older ones, as default dates of birth."""
_HIGHEST_END = 120

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_AGED = r"(?:(?:aged?|ages)\s?:?\s)?"
_YEARS = r"(?:\s?-?\s?(?:years?|yrs?)(?:[\s-](?:of age|old))?|\s?y(?:[/.]?o)?)?"
_N = rf"(\d{{1,3}}){_YEARS}"
_NS = rf"(\d{{1,3}})s?{_YEARS}"


def band_of(age_min: int | None, age_max: int | None) -> str:
    """Return the standard band (`0-11` … `65+`) that holds a range of ages, or else the range itself.

    `age_max` None is an open end. Both None is `unknown`. Only containment decides: 16-20 straddles two
    bands and stays `16-20`; `60+` is not inside `65+` and stays `60+`.
    """
    if age_min is None:
        return UNKNOWN
    for low, high in BANDS:
        if low <= age_min and (high is None or (age_max is not None and age_max <= high)):
            return _written(low, high)
    return _written(age_min, age_max)


_CODE = re.compile(r"\d{1,3}(?:-\d{1,3}|\+)?")


@cache
def age_labels() -> LabelTable:
    """Return the table of words; its codes are ranges (`0-17`, `18+`), `unknown`, `Invalid` or `Unmapped`."""
    return load_labels(AGE_LABELS, is_age)


def is_age(code: str) -> bool:
    """Return True for years as a table of words says them (`12-15`, `16+`, `17`), for unknown and for Invalid."""
    return bool(_CODE.fullmatch(code)) or code in {UNKNOWN, INVALID}


def read_age(label: str, table: LabelTable | None = None) -> AgeReading:
    """Return the ages a label allows, in whole years, both ends inclusive.

    - `15`, `15.0`, `15 yrs`, `aged 15` are exact; `8 months`, `<1`, `under 1yr of age` are age 0
    - `12-15`, `12 to 15`, `aged between 12 and 15`, `17/18` are bands; so is what lies under an age (`under
      12`, `under-12s`, `<12`: to 11) or up to it with it (`11 and under`)
    - `16 and over`, `16+`, `>=16` are open from 16, `>16` from 17. `over 18` is unmapped: it may be from 18 or
      from 19 (docs/decisions/0021)
    - `15-Dec` is the band 12-15, which a spreadsheet took for a day; the lower number is the lower end,
      whichever way round it reads days. A day that no month has (`32-Dec`, `31-Nov`) no spreadsheet writes: it
      is unmapped, and so is `Dec-32`, which may be a month
    - negative ages, 100 and more, and bands with the ends changed over are invalid
    """
    rows = table or age_labels()
    if row := rows.exactly(label):
        return _from_code(label, row.code)
    if rule := unknown_rule(label):
        return AgeReading(label, None, None, "unknown", UNKNOWN, "unknown", rule)
    text = canonical(label)
    for rule, pattern, ends in _STRUCTURES:
        if (found := pattern.fullmatch(text)) and (range_ := ends(found)):
            return _checked(label, *range_, f"structure: {rule}")
    if row := rows.loosely(label):
        return _from_code(label, row.code)
    return _unmapped(label, _OVER_IS_OPEN if _OVER.fullmatch(text) else "no reference row")


def _from_code(label: str, code: str) -> AgeReading:
    if code == UNMAPPED:
        return _unmapped(label, "reference row: argued Unmapped")
    if code == UNKNOWN:
        return AgeReading(label, None, None, "unknown", UNKNOWN, "unknown", "reference row")
    if code == INVALID:
        return _invalid(label, "reference row")
    low, _, high = code.rstrip("+").partition("-")
    return _checked(label, int(low), int(high) if high else None, "reference row")


def _checked(label: str, low: int, high: int | None, rule: str) -> AgeReading:
    if not 0 <= low <= OLDEST or (high is not None and high > _HIGHEST_END):
        return _invalid(label, f"{rule}: no age from 0 to {OLDEST}")
    if high is None:
        return AgeReading(label, low, None, "open", band_of(low, None), "mapped", rule)
    if high < low:
        return _invalid(label, f"{rule}: the end is before the start")
    kind: Literal["exact", "band"] = "exact" if low == high else "band"
    return AgeReading(label, low, high, kind, band_of(low, high), "mapped", rule)


def _invalid(label: str, rule: str) -> AgeReading:
    return AgeReading(label, None, None, "invalid", INVALID, "invalid", rule)


def _unmapped(label: str, rule: str) -> AgeReading:
    return AgeReading(label, None, None, "unknown", UNMAPPED, "unmapped", rule)


def _written(low: int, high: int | None) -> str:
    return f"{low}+" if high is None else f"{low}-{high}"


_Range = tuple[int, int | None]


def _exact(found: re.Match[str]) -> _Range:
    return int(found[1]), int(found[1])


def _band(found: re.Match[str]) -> _Range:
    return int(found[1]), int(found[2])


def _neighbours(found: re.Match[str]) -> _Range | None:
    low, high = int(found[1]), int(found[2])
    return (low, high) if high == low + 1 else None


def _up_to(found: re.Match[str]) -> _Range:
    return 0, int(found[1])


def _under(found: re.Match[str]) -> _Range | None:
    return (0, int(found[1]) - 1) if int(found[1]) else None


def _from(found: re.Match[str]) -> _Range:
    return int(found[1]), None


def _above(found: re.Match[str]) -> _Range:
    return int(found[1]) + 1, None


def _damaged(found: re.Match[str]) -> _Range | None:
    day, month = int(found[1]), _MONTHS.index(found[2]) + 1
    low, high = sorted((day, month))
    return (low, high) if low < high and 1 <= day <= _LONGEST[month - 1] else None


def _months(found: re.Match[str]) -> _Range:
    return int(found[1]) // 12, int(found[1]) // 12


def _below_a_year(_: re.Match[str]) -> _Range:
    return 0, 0


_UNDER = r"(?:(?:under|below|less than|younger than)(?: the)?(?: age of)?[\s-]?|<\s?|u)"
_AND_UNDER = r"\s?(?:and|or|&) (?:under|below|younger|less)"
_AND_OVER = r"\s?(?:\+|plus|(?:and|or|&) (?:over|above|older|more|upwards?))"
_OVER = re.compile(rf"{_AGED}over(?: the age of)?[\s-]?{_NS}")
_OVER_IS_OPEN = "over an age may leave that age in or out"
_INCLUSIVE = r"(?:\s\(?inclusive\)?)?"
_STRUCTURES: tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str]], _Range | None]], ...] = (
    ("single age", re.compile(rf"{_AGED}(-?\d{{1,4}})(?:\.0+)?{_YEARS}"), _exact),
    ("band", re.compile(rf"{_AGED}{_N}\s?(?:-|to)\s?{_N}{_INCLUSIVE}"), _band),
    ("band", re.compile(rf"{_AGED}between {_N} and {_N}{_INCLUSIVE}"), _band),
    ("band of two years", re.compile(rf"{_AGED}{_N}/{_N}"), _neighbours),
    ("an age and under", re.compile(rf"{_AGED}{_NS}{_AND_UNDER}"), _up_to),
    ("an age and under", re.compile(rf"(?:<=|≤)\s?{_N}"), _up_to),
    ("under an age", re.compile(rf"{_AGED}{_UNDER}{_NS}"), _under),
    ("an age and over", re.compile(rf"{_AGED}{_NS}{_AND_OVER}{_YEARS}"), _from),
    ("an age and over", re.compile(rf"{_AGED}(?:>=|≥)\s?{_NS}"), _from),
    ("above an age", re.compile(rf">\s?{_N}"), _above),
    ("day of a spreadsheet", re.compile(rf"(\d{{1,2}})-({'|'.join(_MONTHS)})"), _damaged),
    ("months", re.compile(rf"{_AGED}(\d{{1,2}}) ?(?:months?|mths?)(?: old)?"), _months),
    ("days or weeks", re.compile(rf"{_AGED}(?:[1-4]?\d weeks?|[12]?\d?\d days?)(?: old)?"), _below_a_year),
)
