"""Where a person can be found: postcodes, houses in a street, IP addresses and the registrations of vehicles."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from pipeline.intake.screen.finder import all_masked, masked

_AREAS = (
    "AB|AL|B|BA|BB|BD|BF|BH|BL|BN|BR|BS|BT|BX|CA|CB|CF|CH|CM|CO|CR|CT|CV|CW|DA|DD|DE|DG|DH|DL|DN|DT|DY|E|EC|EH|EN|EX|"
    "FK|FY|G|GL|GU|GY|HA|HD|HG|HP|HR|HS|HU|HX|IG|IM|IP|IV|JE|KA|KT|KW|KY|L|LA|LD|LE|LL|LN|LS|LU|M|ME|MK|ML|N|NE|NG|NN|"
    "NP|NR|NW|OL|OX|PA|PE|PH|PL|PO|PR|RG|RH|RM|S|SA|SE|SG|SK|SL|SM|SN|SO|SP|SR|SS|ST|SW|SY|TA|TD|TF|TN|TQ|TR|TS|TW|UB|W|"
    "WA|WC|WD|WF|WN|WR|WS|WV|YO|ZE"
)
# the pattern of BS 7666, with the areas that there are: that is what tells a postcode from a code
_POSTCODE = re.compile(
    rf"(?<!\w)(?:GIR\s{{0,2}}0AA|(?:{_AREAS})[0-9](?:[0-9]|[A-HJKMNPR-Y])?(?P<gap>\s{{0,2}})"
    r"(?P<unit>[0-9][ABD-HJLNP-UW-Z]{2}))(?!\w)",
    re.IGNORECASE,
)
_ORDINAL = re.compile(r"1st|2nd|3rd|[04-9]th")
_HOUSE = re.compile(
    r"""(?<![\w./-])\d{1,4}[a-z]?(?:\s?[-/]\s?\d{1,4}[a-z]?)?,?\s{1,2}
    (?:[^\W\d_][\w'’.-]{0,30}\s{1,2}){1,4}?
    (?:street|st|road|rd|avenue|ave|lane|ln|close|drive|way|crescent|cres|court|terrace|gardens|gdns|grove|place|walk
      |row|mews|square|hill|rise|green|view|parade|croft|villas|mount|fold|gate|park|broadway|yard)(?![\w'’])""",
    re.IGNORECASE | re.VERBOSE,
)
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IP4 = re.compile(rf"(?<![\w.])(?:{_OCTET}\.){{3}}{_OCTET}(?![\w-])(?!\.\d)")
_IP6 = re.compile(r"(?<![\w:.])(?:[0-9a-f]{1,4}:|::)[0-9a-f:]{3,34}(?!\w)", re.IGNORECASE)


def postcodes(text: str) -> Iterator[str]:
    """Yield a mask for each postcode that shows by itself."""
    for match in _POSTCODE.finditer(text):
        unit, whole = match["unit"] or "0AA", match[0]
        # `M1 1st` is a count of motorway exits; a run of small letters and digits may be any short key
        if unit[1:].isupper() or (whole.islower() and match["gap"] and not _ORDINAL.fullmatch(unit)):
            yield masked(whole)


def postcodes_in_column(text: str) -> Iterator[str]:
    """Yield also those that elsewhere may be codes."""
    yield from all_masked(_POSTCODE, text)


def houses_in_column(text: str) -> Iterator[str]:
    """Yield a mask for each house number with its street."""
    yield from all_masked(_HOUSE, text)


def ip_addresses(text: str) -> Iterator[str]:
    """Yield a mask for each IP address."""
    for match in _IP4.finditer(text):
        yield f"… (IPv4, {len(match[0])} characters)"
    for match in _IP6.finditer(text):
        # a colon behind it belongs to the sentence
        address = match[0] if match[0].endswith("::") else match[0].rstrip(":")
        if _is_ip6(address):
            yield f"… (IPv6, {len(address)} characters)"


def _is_ip6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    # `1::2` is a range or a slip sooner than an address
    return len(text.partition(":")[0]) >= 3 or text.count(":") >= 4


_REGISTRATION = re.compile(
    r"""(?<!\w)(?:
        [A-Z]{2}\d{2}[\s-]?[A-Z]{3}          # since 2001
      | [A-Z]\d{1,3}[\s-]?[A-Z]{3}           # 1983 to 2001
      | [A-Z]{3}[\s-]?\d{1,3}[A-Z]           # 1963 to 1983
      | [A-Z]{1,3}[\s-]?\d{1,4}              # before, Northern Ireland, personal plates
      | \d{1,4}[\s-]?[A-Z]{1,3}
    )(?!\w)""",
    re.IGNORECASE | re.VERBOSE,
)


def registrations(text: str) -> Iterator[str]:
    """Yield a mask where the whole text is the registration of a vehicle."""
    match = _REGISTRATION.fullmatch(text.strip())
    if match:
        yield masked(match[0])
