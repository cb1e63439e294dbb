"""Numbers that belong to a person: telephone, National Insurance, NHS and payment card."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.intake.screen.finder import GAP, all_masked, digits

_PHONE = re.compile(
    rf"""(?<![\w+])(?<!\d[.:-])
    (?:
        (?P<uk>0(?=[1-9])(?:{GAP}{{0,3}}\d){{10}})
      | (?P<short>0(?:1\d{{3}}{GAP}{{1,3}}\d{{5}}|1\d{{4}}{GAP}{{1,3}}\d{{4}}))
      | (?P<from_abroad>(?:\+\s?|00\s?)44(?:{GAP}{{0,3}}0)?{GAP}{{0,3}}[1235789](?:{GAP}{{0,3}}\d){{8,9}})
      | (?P<no_plus>44{GAP}{{0,2}}7[1-9](?:{GAP}{{0,2}}\d){{8}})
      | (?P<foreign>\+(?!\s?44)[1-9]\d{{0,2}}(?:[\s-]?\d){{8,12}})
    )(?!\w)""",
    re.VERBOSE,
)
# free to call (0800, 0808), and of public bodies and charities (0300): help lines, switchboards
_NO_PERSONS = re.compile(r"(?:(?:00)?44)?0?(?:80[08]|300)")
# the codes in use (Ofcom, National Telephone Numbering Plan); 06 and most of 02 and 05 are not given out
_CODE = re.compile(r"01[1-9]|020[3-8]|02[3489]|03[0347]|05[056]|07|08|09")


def phones(text: str) -> Iterator[str]:
    """Yield a mask for each telephone number that shows by itself."""
    for match in _PHONE.finditer(text):
        if _NO_PERSONS.match(digits(match[0])):
            continue
        if match["uk"] is None or _is_uk_phone(match["uk"]):
            yield f"{match[0][0]}… ({len(digits(match[0]))} digits)"


def _is_uk_phone(text: str) -> bool:
    """Return True for 11 digits in the groups of a telephone number: no date, no crime reference."""
    groups = re.findall(r"\d+", text)
    if not _CODE.match("".join(groups)):
        return False
    if len(groups) == 1:
        # 07001234567 is the reference of a crime of 2007 (year, then a counter of nine) sooner than a telephone
        return text[2:4] != "00"
    # a date begins with a group of two, a code has three to six
    return 3 <= len(groups[0]) <= 6 and min(map(len, groups)) >= 2


_PHONE_IN_COLUMN = re.compile(rf"(?<![\w+])\(?0?{GAP}{{0,2}}[1-357-9](?:{GAP}{{0,3}}\d){{8,9}}(?!\w)")


def phones_in_column(text: str) -> Iterator[str]:
    """Yield also numbers that have lost their first 0 in a spreadsheet, and those that may elsewhere be references."""
    for match in _PHONE_IN_COLUMN.finditer(text):
        number = digits(match[0])
        if not _NO_PERSONS.match(number):
            yield f"{number[0]}… ({len(number)} digits)"


_NI_CORE = r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?:[\s.-]{0,2}\d\d){3}"
# HMRC, National Insurance Manual, NIM39110
_NI = re.compile(rf"(?<!\w){_NI_CORE}[\s.-]{{0,2}}[A-D](?!\w)", re.IGNORECASE)
_NI_IN_COLUMN = re.compile(rf"(?<!\w){_NI_CORE}(?:[\s.-]{{0,2}}[A-D])?(?!\w)", re.IGNORECASE)
_NHS = re.compile(r"(?<![\w.])(?<!\d-)\d{3}[\s-]?\d{3}[\s-]?\d{4}(?!\w)(?!-\d)(?!\.\d)")
_SAYS_NHS = re.compile(r"(?<!\w)N\.?H\.?S(?!\w)", re.IGNORECASE)
_CARD = re.compile(r"(?<![\w.])(?<!\d-)\d{4}([\s-]?)\d{4}\1\d{4}\1\d{4}(?!\w)(?!-\d)(?!\.\d)")
# first digits of the card schemes: the years 19.. and 20.. and counters with leading zeros are none
_ISSUER = re.compile(r"4|5[0-8]|6|35|22[2-9]|2[3-6]|27[01]|2720")


def ni_numbers(text: str) -> Iterator[str]:
    """Yield a mask for each whole National Insurance number."""
    yield from all_masked(_NI, text)


def ni_numbers_in_column(text: str) -> Iterator[str]:
    """Yield also those without their last letter."""
    yield from all_masked(_NI_IN_COLUMN, text)


def nhs_numbers(text: str) -> Iterator[str]:
    """Yield a mask for each NHS number, where the text speaks of the NHS."""
    if _SAYS_NHS.search(text):
        yield from nhs_numbers_in_column(text)


def nhs_numbers_in_column(text: str) -> Iterator[str]:
    """Yield a mask for each number of ten digits whose check digit is that of an NHS number."""
    for match in _NHS.finditer(text):
        *body, check = map(int, digits(match[0]))
        if (11 - sum(digit * weight for digit, weight in zip(body, range(10, 1, -1), strict=True)) % 11) % 11 == check:
            yield "… (10 digits)"


def cards(text: str) -> Iterator[str]:
    """Yield a mask for each number of a payment card."""
    for match in _CARD.finditer(text):
        number = digits(match[0])
        if _ISSUER.match(number) and _luhn(number):
            yield "… (16 digits)"


def _luhn(number: str) -> bool:
    doubled = (int(digit) * 2 for digit in number[-2::-2])
    return (sum(map(int, number[-1::-2])) + sum(n - 9 if n > 9 else n for n in doubled)) % 10 == 0
