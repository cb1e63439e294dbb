"""What is looked for where: under which header, and in every cell.

Here: the tables from a header or a quick test to the finders.
Not here: how each finder finds.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from pipeline.intake.screen.accounts import accounts, emails
from pipeline.intake.screen.births import birth_dates, birth_dates_in_column
from pipeline.intake.screen.finder import GAP, Finder
from pipeline.intake.screen.names import (
    CIVIL,
    PARTY,
    PERSON,
    ROLE,
    names_in_bare_column,
    names_in_name_column,
    names_in_person_column,
    names_in_role,
    titled_names,
    user_names,
)
from pipeline.intake.screen.numbers import (
    cards,
    nhs_numbers,
    nhs_numbers_in_column,
    ni_numbers,
    ni_numbers_in_column,
    phones,
    phones_in_column,
)
from pipeline.intake.screen.places import houses_in_column, ip_addresses, postcodes, postcodes_in_column, registrations

_NAMED = r"\b(?:sur|fore|first|last|given|family|middle|maiden|full|nick|christian)\s?names?\b"
BY_HEADER: tuple[tuple[str, re.Pattern[str], Finder], ...] = (
    (
        "name",
        re.compile(rf"{_NAMED}|\b{PERSON} (?:s )?(?:full )?names?\b|\bnames? of (?:the )?{PERSON}\b"),
        names_in_name_column,
    ),
    (
        "name",
        re.compile(
            rf"^(?:(?:the )?{PARTY}(?: details| \d)?|oic|officer in (?:the )?(?:case|charge)"
            r"|(?:investigating|reporting|arresting|attending|recording|dealing|supervising|disclosure|allocated|assigned)"
            r" officer)$"
        ),
        names_in_person_column,
    ),
    (
        "name",
        re.compile(r"^(?:the )?(?:names?|contact|contact names?|(?:reported|prepared) by(?: names?)?)$"),
        names_in_bare_column,
    ),
    (
        "account",
        re.compile(r"\b(?:user ?names?|screen names?|account names?|profile names?|gamer ?tags?)\b|^handles?$"),
        user_names,
    ),
    ("phone", re.compile(r"\b(?:tele)?phone\b|\bmobile\b|\btel\b|\bcontact (?:no|number)\b"), phones_in_column),
    ("ni_number", re.compile(r"\b(?:ni|national insurance)\b|\bnino\b|\bninumber\b"), ni_numbers_in_column),
    ("nhs_number", re.compile(r"\bnhs\b"), nhs_numbers_in_column),
    ("postcode", re.compile(r"\bp(?:ost)? ?codes?\b|\baddress\b"), postcodes_in_column),
    ("address", re.compile(r"(?<!\bip )(?<!mail )(?<!\bweb )\baddress\b"), houses_in_column),
    (
        "date_of_birth",
        re.compile(r"\b(?:v|vic|vict|ip|sus|off)?dob\b|\bd o b\b|\bbirth(?:date|day)?\b|\bborn\b"),
        birth_dates_in_column,
    ),
    (
        "vehicle_registration",
        re.compile(
            r"\bvr[mn]s?\b|\bvehicle reg(?:istration)?\b|\breg(?:istration)? (?:plate|mark)\b|\bnumber plates?\b"
        ),
        registrations,
    ),
)


def _speaks_of_accounts(value: str) -> bool:
    if "@" in value or _SPELLED_DOT.search(value) is not None:
        return True
    return _WRITTEN_AT.search(value) is not None or ("/" in value and _SITE.search(value) is not None)


def _has_number(value: str) -> bool:
    return _NUMBER.search(value) is not None


def _has_address_marks(value: str) -> bool:
    return value.count(".") >= 3 or value.count(":") >= 2


def _has_word(value: str) -> bool:
    return not _WORDS.isdisjoint(value.lower().translate(_APART).split())


_WRITTEN_AT = re.compile(r"[\[(]at[\])]", re.IGNORECASE)
_SPELLED_DOT = re.compile(r"\sdot\s|[\[(]dot[\])]", re.IGNORECASE)
_SITE = re.compile(r"\.[A-Za-z]{2,3}/")
# nine digits with gaps, or the end of an NI number, or of a postcode; begins with a digit, which is quick to find
_NUMBER = re.compile(
    rf"[0-9](?:(?:{GAP}{{0,3}}[0-9]){{8}}|[0-9][\s.-]{{0,2}}[A-Da-d](?!\w)|[A-Za-z]{{2}}(?!\w))",
)
_WORDS = frozenset(
    f"{CIVIL}|{ROLE}|{ROLE.replace('|', 's|')}s|party|parties|by|name|author|contact|signed|pc|wpc|dc|wdc|ps|ds|di|dci"
    "|pcso|sgt|dsgt|insp|supt|dsupt|det|detective|constable|sergeant|dob|born|birth|birthdate|birthday|o".split("|")
)
"""One of them is in every name and every date of birth that is found anywhere; `o` for d.o.b."""
_APART = str.maketrans(dict.fromkeys("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~‘’“”–", " "))

ANYWHERE: tuple[tuple[Callable[[str], bool], tuple[tuple[str, Finder], ...]], ...] = (
    (_speaks_of_accounts, (("email", emails), ("account", accounts))),
    (
        _has_number,
        (
            ("phone", phones),
            ("ni_number", ni_numbers),
            ("nhs_number", nhs_numbers),
            ("card", cards),
            ("postcode", postcodes),
        ),
    ),
    (_has_address_marks, (("ip_address", ip_addresses),)),
    (_has_word, (("date_of_birth", birth_dates), ("name", titled_names), ("name", names_in_role))),
)
"""What is looked for in every cell, each lot behind a quick test that all its finds pass."""

# What cannot be personal by itself, and makes up most of a large file: counts, coordinates, hashes, a single word,
# references such as 22000123456, CRI00012345 and 01/FOI/24/006272.
HARMLESS = re.compile(
    r"(?!447)[1-9][0-9]{0,11}|-?(?:0|[1-9][0-9]{0,2})\.[0-9]{1,15}|[0-9a-f]{32,128}|[A-Z]?[a-z]*"
    r"|(?!DOB)[A-Z]{0,3}[0-9]{0,8}(?:/(?!DOB)[A-Z]{0,3}[0-9]{0,8})*"
)
