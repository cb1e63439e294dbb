"""The screen for personal data: what stands in an extract that is about a person and should not be there.

Spreadsheets published as FOI answers have leaked names, numbers and addresses. An extract in which any is found is
held and read no further; what leaves here is the kind, the place and a mask, never the value.
Not here: what is done with a held extract, and ages or free descriptions, which name nobody by themselves.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.intake.rows import Row

WHOLE_LINE = "whole line"
"""The column of what is found in a row that has no fields."""


@dataclass(frozen=True)
class Found:
    """Personal data at one place: `column` is the header as printed or `column N`, `shown` a mask of the value."""

    kind: str
    line_no: int
    column: str
    shown: str


@dataclass(frozen=True)
class FoundValue:
    """Personal data in a value of one column: `index` is the 0-based place of the value among those given."""

    kind: str
    index: int
    column: str
    shown: str


def screen(header: Sequence[str] | None, rows: Iterable[Row], dates_of_birth: bool = True) -> Iterator[Found]:
    """Yield what is personal in the rows, in their order; memory does not grow with them.

    `header` says which columns hold names, dates of birth and so on; without one only what shows by itself is found.
    Titles and the header row are screened where they are among `rows`. `dates_of_birth`: whether those are looked for.
    """
    columns = [_column(name, position, dates_of_birth) for position, name in enumerate(header or ())]
    special = {position for position, column in enumerate(columns) if column.finders}
    clean: set[str] = set()
    for row in rows:
        if row.fields is None:
            line = _Column(WHOLE_LINE, None, (), dates_of_birth)
            yield from (Found(kind, row.line_no, line.name, shown) for kind, shown in _personal_in(row.text, line))
            continue
        fresh = [n for n, value in enumerate(row.fields) if value not in clean or n in special]
        for position in fresh:
            value = row.fields[position]
            column = columns[position] if position < len(columns) else _column(None, position, dates_of_birth)
            hits = _personal_in(value, column)
            yield from (Found(kind, row.line_no, column.name, shown) for kind, shown in hits)
            if not hits and position not in special and len(value) <= _REMEMBERED_LENGTH:
                if len(clean) >= _REMEMBERED:
                    clean.clear()
                clean.add(value)


def screen_values(column: str, values: Iterable[str], dates_of_birth: bool = True) -> Iterator[FoundValue]:
    """Yield what is personal among the values of one column, as `screen` finds it in a row: for distinct values."""
    judged = _column(column, 0, dates_of_birth)
    for index, value in enumerate(values):
        yield from (FoundValue(kind, index, judged.name, shown) for kind, shown in _personal_in(value, judged))


_REMEMBERED = 1 << 14
_REMEMBERED_LENGTH = 100
"""Values without a find are remembered, so that labels are looked at once; so many of them and no longer ones."""

Finder = Callable[[str], Iterator[str]]


@dataclass(frozen=True)
class _Column:
    """A column: `name` as it is shown, and what is looked for in it because of its header."""

    name: str
    header: str | None
    finders: tuple[tuple[str, Finder], ...]
    dates_of_birth: bool


def _column(header: str | None, position: int, dates_of_birth: bool) -> _Column:
    name = f"column {position + 1}"
    if header is None or not header.strip():
        return _Column(name, None, (), dates_of_birth)
    words = _header_words(header)
    finders = tuple(
        (kind, finder)
        for kind, says, finder in _BY_HEADER
        if says.search(words) and (dates_of_birth or kind != "date_of_birth")
    )
    # a header can itself be a person's name
    if not _personal_in(header, _Column(name, None, (), dates_of_birth)):
        name = header
    return _Column(name, header, finders, dates_of_birth)


def _header_words(header: str) -> str:
    """Return a header in lower case with single spaces: `victimSurname`, `Victim_Surname`, `VICTIM  SURNAME`."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)
    return " ".join(re.sub(r"[^a-z0-9]+", " ", re.sub(r"[.'’]", "", apart.lower())).split())


def _personal_in(value: str, column: _Column) -> list[tuple[str, str]]:
    """Return (kind, mask) of what is personal in one cell."""
    found: list[tuple[str, str]] = []
    if column.finders and value.strip() != (column.header or "").strip():
        for kind, finder in column.finders:
            found += [(kind, shown) for shown in finder(value)]
    if _HARMLESS.fullmatch(value):
        return found
    by_header = {kind for kind, _ in found}
    for may_hold, finders in _ANYWHERE:
        if may_hold(value):
            for kind, finder in finders:
                if kind not in by_header and (column.dates_of_birth or kind != "date_of_birth"):
                    found += [(kind, shown) for shown in finder(value)]
    return found


def _masked(value: str) -> str:
    """Return the first character and the length: enough to recognise the place, not the person."""
    return f"{value[:1]}… ({len(value)} characters)"


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_GAP = r"[\s.()\u2010-\u2013-]"
"""What may stand between the groups of a number."""


# -- e-mail addresses and accounts -------------------------------------------------------------------------------

_EMAIL = re.compile(
    r"(?P<user>[^\s@,;:<>\"“”()\[\]]{1,64})(?:@|\s?[\[(]at[\])]\s?)"
    r"(?:[\w-]{1,63}\.)+(?:xn--[\w-]{2,59}|[^\W\d_]{2,24})(?![\w-])",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"(?<![^\s,;:<>\"“”‘’'()\[\]|])@(?=[\d_.]{0,29}[A-Za-z])[A-Za-z0-9_.]{2,30}(?![\w(@])")
_PROFILE = re.compile(
    r"""(?<![\w.-])(?:https?://)?(?:[\w-]{1,30}\.){0,3}?
    (?P<site>
        (?:facebook|fb|instagram|twitter|x|onlyfans|pinterest|twitch|threads|patreon|ask|kik|bsky|wa|t|vk|snapchat
          |linkedin|youtube|reddit|roblox|tiktok|tumblr|fansly|spotify|discord|discordapp)
        \.(?:com|net|me|tv|fm|app|co\.uk))
    /(?P<path>[^\s,;"'<>]{1,200})""",
    re.IGNORECASE | re.VERBOSE,
)
_PROFILE_BY_PATH = re.compile(r"(?<![\w.-])(?:https?://)?(?P<site>[\w-]{1,63}(?:\.[\w-]{1,63}){1,5})/@[\w.-]{2,}")
# pages of these sites that are nobody's; after a word such as `user` the next step names the person
_PERSON_FOLLOWS = _words("""
    add c channel in people profile pub u user users
""")
_NO_PERSON = _words("""
    about ads business company discover download explore directory events gaming games groups hashtag hc help home i
    intent legal login marketplace news p policies pages policy privacy r reel reels safety search settings share shorts
    signup stories story support terms tos watch web
""")


def _emails(text: str) -> Iterator[str]:
    for match in _EMAIL.finditer(text):
        yield f"{match['user'][0]}…@…"


def _accounts(text: str) -> Iterator[str]:
    for match in _PROFILE.finditer(text):
        if _names_a_profile(match["path"]):
            yield f"{match['site'].lower()}/…"
    for match in _PROFILE_BY_PATH.finditer(text):
        if not _PROFILE.match(text, match.start()):
            yield f"{match['site'].lower()}/@…"
    for _ in _HANDLE.finditer(text):
        yield "@…"


def _names_a_profile(path: str) -> bool:
    """Return True where what follows a site's name is somebody's page, not one of the site's own."""
    steps = [step for step in path.split("?")[0].split("/") if step]
    if not steps:
        return False
    if steps[0].startswith("@"):
        return True
    word = "".join(re.findall(r"[\w.%-]+", steps[0])[:1]).lower()
    if word == "profile.php":
        return "id=" in path
    if word in _PERSON_FOLLOWS:
        return len(steps) > 1
    return word != "" and word not in _NO_PERSON


# -- telephone numbers -------------------------------------------------------------------------------------------

_PHONE = re.compile(
    rf"""(?<![\w+])(?<!\d[.:-])
    (?:
        (?P<uk>0(?=[1-9])(?:{_GAP}{{0,3}}\d){{10}})
      | (?P<short>0(?:1\d{{3}}{_GAP}{{1,3}}\d{{5}}|1\d{{4}}{_GAP}{{1,3}}\d{{4}}|800{_GAP}{{1,3}}\d{{3}}{_GAP}?\d{{3}}))
      | (?P<from_abroad>(?:\+\s?|00\s?)44(?:{_GAP}{{0,3}}0)?{_GAP}{{0,3}}[1235789](?:{_GAP}{{0,3}}\d){{8,9}})
      | (?P<no_plus>44{_GAP}{{0,2}}7[1-9](?:{_GAP}{{0,2}}\d){{8}})
      | (?P<foreign>\+(?!\s?44)[1-9]\d{{0,2}}(?:[\s-]?\d){{8,12}})
    )(?!\w)""",
    re.VERBOSE,
)
# the codes in use (Ofcom, National Telephone Numbering Plan); 06 and most of 02 and 05 are not given out
_CODE = re.compile(r"01[1-9]|020[3-8]|02[3489]|03[0347]|05[056]|07|08|09")


def _phones(text: str) -> Iterator[str]:
    for match in _PHONE.finditer(text):
        if match["uk"] is None or _is_uk_phone(match["uk"]):
            yield f"{match[0][0]}… ({len(_digits(match[0]))} digits)"


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


_PHONE_IN_COLUMN = re.compile(rf"(?<![\w+])\(?0?{_GAP}{{0,2}}[1-357-9](?:{_GAP}{{0,3}}\d){{8,9}}(?!\w)")


def _phones_in_column(text: str) -> Iterator[str]:
    """Yield also numbers that have lost their first 0 in a spreadsheet, and those that may elsewhere be references."""
    for match in _PHONE_IN_COLUMN.finditer(text):
        digits = _digits(match[0])
        yield f"{digits[0]}… ({len(digits)} digits)"


# -- numbers of official lists and of cards ----------------------------------------------------------------------

_NI_CORE = r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?:[\s.-]{0,2}\d\d){3}"
# HMRC, National Insurance Manual, NIM39110
_NI = re.compile(rf"(?<!\w){_NI_CORE}[\s.-]{{0,2}}[A-D](?!\w)", re.IGNORECASE)
_NI_IN_COLUMN = re.compile(rf"(?<!\w){_NI_CORE}(?:[\s.-]{{0,2}}[A-D])?(?!\w)", re.IGNORECASE)
_NHS = re.compile(r"(?<![\w.])(?<!\d-)\d{3}[\s-]?\d{3}[\s-]?\d{4}(?!\w)(?!-\d)(?!\.\d)")
_SAYS_NHS = re.compile(r"(?<!\w)N\.?H\.?S(?!\w)", re.IGNORECASE)
_CARD = re.compile(r"(?<![\w.])(?<!\d-)\d{4}([\s-]?)\d{4}\1\d{4}\1\d{4}(?!\w)(?!-\d)(?!\.\d)")
# first digits of the card schemes: the years 19.. and 20.. and counters with leading zeros are none
_ISSUER = re.compile(r"4|5[0-8]|6|35|22[2-9]|2[3-6]|27[01]|2720")


def _ni_numbers(text: str) -> Iterator[str]:
    yield from (_masked(match[0]) for match in _NI.finditer(text))


def _ni_numbers_in_column(text: str) -> Iterator[str]:
    yield from (_masked(match[0]) for match in _NI_IN_COLUMN.finditer(text))


def _nhs_numbers(text: str) -> Iterator[str]:
    if _SAYS_NHS.search(text):
        yield from _nhs_numbers_in_column(text)


def _nhs_numbers_in_column(text: str) -> Iterator[str]:
    for match in _NHS.finditer(text):
        *body, check = map(int, _digits(match[0]))
        if (11 - sum(digit * weight for digit, weight in zip(body, range(10, 1, -1), strict=True)) % 11) % 11 == check:
            yield "… (10 digits)"


def _cards(text: str) -> Iterator[str]:
    for match in _CARD.finditer(text):
        digits = _digits(match[0])
        if _ISSUER.match(digits) and _luhn(digits):
            yield "… (16 digits)"


def _luhn(digits: str) -> bool:
    doubled = (int(digit) * 2 for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(n - 9 if n > 9 else n for n in doubled)) % 10 == 0


# -- places ------------------------------------------------------------------------------------------------------

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
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IP4 = re.compile(rf"(?<![\w.])(?:{_OCTET}\.){{3}}{_OCTET}(?![\w-])(?!\.\d)")
_IP6 = re.compile(r"(?<![\w:.])(?:[0-9a-f]{1,4}:|::)[0-9a-f:]{3,34}(?!\w)", re.IGNORECASE)


def _postcodes(text: str) -> Iterator[str]:
    for match in _POSTCODE.finditer(text):
        unit, whole = match["unit"] or "0AA", match[0]
        # `M1 1st` is a count of motorway exits; a run of small letters and digits may be any short key
        if unit[1:].isupper() or (whole.islower() and match["gap"] and not _ORDINAL.fullmatch(unit)):
            yield _masked(whole)


def _postcodes_in_column(text: str) -> Iterator[str]:
    yield from (_masked(match[0]) for match in _POSTCODE.finditer(text))


def _ip_addresses(text: str) -> Iterator[str]:
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


def _registrations(text: str) -> Iterator[str]:
    match = _REGISTRATION.fullmatch(text.strip())
    if match:
        yield _masked(match[0])


# -- dates of birth ----------------------------------------------------------------------------------------------

_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6}"
_DATE = (
    r"(?:(?:0?[1-9]|[12]\d|3[01])\s?[./-]\s?(?:0?[1-9]|1[0-2])\s?[./-]\s?(?:(?:18|19|20)\d\d|\d\d)"
    r"|(?:18|19|20)\d\d[./-](?:0?[1-9]|1[0-2])[./-](?:0?[1-9]|[12]\d|3[01])"
    rf"|(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?:\sof)?[\s./-]{{0,2}}{_MONTH}[\s.,/-]{{0,2}}(?:(?:18|19|20)\d\d|\d\d)"
    rf"|{_MONTH}[\s.-]{{1,2}}(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?[\s,-]{{1,2}}(?:18|19|20)\d\d)"
)
_FULL_DATE = re.compile(rf"(?<![\w./-]){_DATE}(?![\w/])", re.IGNORECASE)
# how a date looks without its marks, and as a spreadsheet's day number (1900 to 2036)
_BARE_DATE = re.compile(
    r"(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    r"|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:18|19|20)\d\d|[1-4]\d{4}(?:\.0)?"
)
_BORN = r"(?<!\w)(?:d\.?\s?o\.?\s?b\.?|born|birth\s?da(?:te|y)|date\s+of\s+birth)(?!\w)"
_BORN_THEN_DATE = re.compile(
    # "born after 1 January 2012" says who is counted, not who was born
    rf"{_BORN}(?!\s+(?:on\s+or\s+)?(?:after|before|between|since|from|until))[^\d\w]{{0,6}}(?:on|is|was|the|\W){{0,6}}"
    rf"(?<!\d){_DATE}(?![\w/])",
    re.IGNORECASE,
)
_DATE_THEN_BORN = re.compile(rf"(?<![\w./-]){_DATE}\W{{0,6}}{_BORN}", re.IGNORECASE)


def _birth_dates(text: str) -> Iterator[str]:
    places = {match.start() for match in _BORN_THEN_DATE.finditer(text)}
    places |= {match.start() for match in _DATE_THEN_BORN.finditer(text)}
    yield from ("… (a full date)" for _ in places)


def _birth_dates_in_column(text: str) -> Iterator[str]:
    dates = [match[0] for match in _FULL_DATE.finditer(text)]
    if not dates and _BARE_DATE.fullmatch(text.strip()):
        dates = [text]
    yield from ("… (a full date)" for _ in dates)


# -- names -------------------------------------------------------------------------------------------------------

# Sir, Lord and Lady are not here: streets, public houses and hospitals bear them. Constable and Sergeant in full
# stand in offences ("assault a constable in the execution of his duty"): they need a number or Detective before them.
_CIVIL = "mr|mrs|ms|miss|mx|dr|prof|professor|rev|reverend|cllr|councillor"
_RANK = "w?pc|w?dc|ps|ds|di|dci|pcso|d?sgt|insp|d?supt|det(?:ective)?\\s(?:con(?:stable)?|sergeant|sgt|insp(?:ector)?)"
_WORD = r"[^\W\d_](?:[^\W\d_]|['’-](?=[^\W\d_]))*"
_TITLED = re.compile(
    rf"""(?<![\w'’&-])(?P<title>{_CIVIL}|{_RANK}|(?:constable|sergeant|officer)(?=\s\d))
    (?:\.\s{{0,2}}|\s{{1,3}})
    (?:(?P<number>\d{{2,6}})[A-Z]{{0,2}}\s{{1,2}})?
    (?P<initials>(?:[^\W\d_](?:\.\s{{0,2}}|\s{{1,2}})){{0,3}})
    (?:(?:de|da|di|du|la|le|van|von|der|den|el|al|bin|ap|st)\.?\s{{1,2}}){{0,3}}
    (?P<surname>{_WORD})""",
    re.IGNORECASE | re.VERBOSE,
)
# what follows a title or a rank and is no name: small words, programs and games, words of offences
_NO_SURNAME = _words("""
    a an and are as at but by for from had has have he her his if in into is it its no not of off on or our out over she
    so that the their then they this to under unknown up was were when while who with without you beast bean men whippy
    kipling porter robot tumble teams office word excel windows outlook access paint paintings dos project publisher
    edge store use used uses using selling sold ing called placed led read understanding fit universe world selfridge
    martens pepper disrespect dre strange seuss gaming game games gamer plus vita network now remote lite comics comic
    online console computer components user users app apps device devices repair virus hardware software version mag
    tower monitor laptop screen tablet desktop assault assaulted execution duty
    injury number numbers total officer officers police staff only record records
    recorded offence offences crime crimes exercise acting aware custody service arrested attended
""")


def _titled_names(text: str) -> Iterator[str]:
    for match in _TITLED.finditer(text):
        surname, title = match["surname"], match["title"]
        if len(surname) < 2 or surname.lower() in _NO_SURNAME:
            continue
        capitals = surname[0].isupper() and title[0].isupper()
        # mr and mrs are titles in small letters too; ms, ps or di are other words then; `mr x said` names nobody
        small = title in {"mr", "mrs"} and not match["initials"]
        # `PS 4 stolen` is a console, three digits are an officer's number
        numbered = title[0].isupper() and len(match["number"] or "") >= 3
        if capitals or small or numbered:
            yield _masked(match[0])


_PERSON = (
    "(?:victim|suspect|offender|officer|complainant|witness|defendant|accused|perpetrator|aggrieved|informant|nominal"
    "|person|child|parent|guardian|applicant|requester|employee|staff|client|customer|caller|reporter|arrestee|detainee"
    "|individual|patient|driver|owner|next of kin)s?"
)
# headers that by themselves, without "name", stand over persons
_PARTY = (
    "(?:victim|suspect|offender|officer|complainant|witness|defendant|accused|perpetrator|aggrieved|informant|nominal"
    "|applicant|requester|arrestee|detainee)s?"
)
_NAME_PART = re.compile(rf"{_WORD}\.?")
# what stands in columns about persons and is no name
_NO_NAME = _words("""
    unknown none nil na n/a nk null blank redacted withheld removed anonymous anonymised confidential exempt refused not
    no yes recorded stated given known available applicable provided held identified unidentified named unnamed tbc tba
    pending other others various multiple several all total crown regina state society male female man woman boy girl
    adult youth juvenile child children minor elderly person persons people member public business company organisation
    organization corporate ltd limited plc charity school college university hospital council nhs trust service services
    force police officer officers constable sergeant inspector superintendent chief special detective pc dc ps ds di
    pcso staff emergency worker nurse doctor teacher student prisoner driver customer employee security guard civilian
    victim suspect offender complainant witness defendant accused perpetrator stranger partner ex ex-partner husband
    wife spouse boyfriend girlfriend friend family parent mother father son daughter brother sister relative
    acquaintance neighbour colleague carer former current white black asian british irish mixed chinese indian pakistani
    bangladeshi african caribbean european arab north south east west northern southern eastern western english welsh
    scottish gypsy traveller arrested charged released bailed cautioned summonsed interviewed convicted deceased closed
    open active filed nfa investigation under outcome type offence crime department unit team division station custody
    response facebook instagram snapchat tiktok whatsapp twitter youtube roblox onlyfans linkedin telegram discord
    messenger online dating app apps site sites website social media meta x kik skype tinder grindr road street lane
    avenue close drive way place court house park centre town city village
    county domestic abuse violence hate vulnerable repeat theft sexual harassment stalking fraud burglary assault
""")
_ALSO_SURNAMES = _words("""
    white black english friend parent nurse driver lane park street close way place court house north south east west
    young
""")
# forenames that are not at the same time towns or platforms: in a column that says only "Name" one of them must stand
_FORENAMES = _words("""
    aaron abdul abigail adam adrian agnieszka ahmed aidan aisha alan alastair albert alex alexander alexandra alfie ali
    alice alison amanda amelia amy andrea andrew angela anita ann anna anne annette anthony antony archie arthur asif
    barbara barry ben benjamin bernard beth bethany beverley bradley brenda brian bridget callum cameron carl carol
    caroline catherine charles charlie charlotte cheryl chloe chris christina christine christopher claire clare clive
    colin connor craig daisy damian daniel danielle darren dave david dawn dean deborah debbie denise dennis derek diana
    diane dominic donna dorothy douglas duncan dylan edward eileen elaine eleanor elizabeth ellie emily emma eric ethan
    eva evie fatima fiona frances francis frank fred frederick freya gareth gary gavin gemma geoffrey george gerald
    gillian glen gordon graeme graham grant greg gwen hannah harriet harry hassan hayley heather helen henry holly
    howard hussain ian imran isaac isabella isla jack jackie jacob jacqueline jake james jamie jane janet janice jasmine
    jason jayne jean jeffrey jennifer jenny jeremy jessica jill jim joan joanna joanne joe joel john jonathan joseph
    joshua joyce judith julia julian julie june karen karl kate katherine kathleen kathryn katie kayleigh keith kelly
    ken kenneth kerry kevin kieran kim kimberley kirsty krzysztof kyle laura lauren leah leanne lee leo leon lesley
    leslie lewis liam lily linda lindsey lisa louise luca lucas lucy luke lynda lynn lynne maciej malcolm mandy marcus
    margaret maria marie marilyn marion mark martin martyn mary matthew maureen max megan melanie melissa mia michael
    michelle mike mohamed mohammad mohammed molly muhammad natalie natasha nathan neil niamh nicholas nicola nicole
    nigel noah norman oliver olivia oscar owen pamela patricia patrick paul paula pauline pawel peter philip phillip
    phoebe piotr poppy priya rachael rachel raymond rebecca rhys richard robert robin rosemary ross russell ruth ryan
    sadie sally sam samantha samuel sandra sara sarah scott sean shane sharon sheila shirley simon sophia sophie stacey
    stephanie stephen steve steven stuart susan suzanne tania tara teresa terence theo theresa thomas tina toby tom
    tomasz tony tracey tracy trevor usman valerie vanessa veronica vincent vivien wayne wendy william yasmin yvonne
    zachary zara zoe
""")


def _name_parts(text: str) -> list[str]:
    """Return the words of a cell that may be one person's name, none where it cannot be: digits, marks, other words."""
    parts = text.replace(",", " ").split()
    if not 1 <= len(parts) <= 5 or not all(_NAME_PART.fullmatch(part) for part in parts):
        return []
    words = {part.lower().rstrip(".") for part in parts}
    return parts if words.isdisjoint(_NO_NAME - _ALSO_SURNAMES) else []


def _names_in_name_column(text: str) -> Iterator[str]:
    if any(len(part) > 1 for part in _name_parts(text)):
        yield _masked(text.strip())


def _names_in_person_column(text: str) -> Iterator[str]:
    parts = _name_parts(text)
    words = {part.lower() for part in parts}
    capitals = len(parts) > 1 and all(part[0].isupper() for part in parts) and words.isdisjoint(_ALSO_SURNAMES)
    if not words.isdisjoint(_FORENAMES) or (capitals and any(len(part.rstrip(".")) > 1 for part in parts)):
        yield _masked(text.strip())


def _names_in_bare_column(text: str) -> Iterator[str]:
    # the forename is first, or first after "SURNAME,": `St Mary` is no person
    parts = _name_parts(text.rpartition(",")[2])
    if parts and _name_parts(text) and parts[0].lower() in _FORENAMES:
        yield _masked(text.strip())


_USER_NAME = re.compile(r"@?(?=[\w.-]*[^\W\d_])[\w.-]{3,40}")


def _user_names(text: str) -> Iterator[str]:
    value = text.strip()
    if _USER_NAME.fullmatch(value) and value.lower() not in _NO_NAME:
        yield f"{value[0]}…"


# -- what is looked for where ------------------------------------------------------------------------------------

_NAMED = r"\b(?:sur|fore|first|last|given|family|middle|maiden|full|nick|christian)\s?names?\b"
_BY_HEADER: tuple[tuple[str, re.Pattern[str], Finder], ...] = (
    (
        "name",
        re.compile(rf"{_NAMED}|\b{_PERSON} (?:s )?(?:full )?names?\b|\bnames? of (?:the )?{_PERSON}\b"),
        _names_in_name_column,
    ),
    (
        "name",
        re.compile(
            rf"^(?:(?:the )?{_PARTY}(?: details| \d)?|oic|(?:investigating|reporting|arresting|attending|recording)"
            r" officer|officer in (?:the )?(?:case|charge))$"
        ),
        _names_in_person_column,
    ),
    ("name", re.compile(r"^(?:the )?(?:names?|contact|contact names?|reported by names?)$"), _names_in_bare_column),
    (
        "account",
        re.compile(r"\b(?:user ?names?|screen names?|account names?|profile names?|gamer ?tags?)\b|^handles?$"),
        _user_names,
    ),
    ("phone", re.compile(r"\b(?:tele)?phone\b|\bmobile\b|\btel\b|\bcontact (?:no|number)\b"), _phones_in_column),
    ("ni_number", re.compile(r"\b(?:ni|national insurance)\b|\bnino\b"), _ni_numbers_in_column),
    ("nhs_number", re.compile(r"\bnhs\b"), _nhs_numbers_in_column),
    ("postcode", re.compile(r"\bpost ?code\b|\baddress\b"), _postcodes_in_column),
    ("date_of_birth", re.compile(r"\bdob\b|\bd o b\b|\bbirth(?:date|day)?\b|\bborn\b"), _birth_dates_in_column),
    (
        "vehicle_registration",
        re.compile(
            r"\bvr[mn]s?\b|\bvehicle reg(?:istration)?\b|\breg(?:istration)? (?:plate|mark)\b|\bnumber plates?\b"
        ),
        _registrations,
    ),
)


def _speaks_of_accounts(value: str) -> bool:
    return "@" in value or _WRITTEN_AT.search(value) is not None or ("/" in value and _SITE.search(value) is not None)


def _has_number(value: str) -> bool:
    return _NUMBER.search(value) is not None


def _has_address_marks(value: str) -> bool:
    return value.count(".") >= 3 or value.count(":") >= 2


def _has_word(value: str) -> bool:
    return not _WORDS.isdisjoint(value.lower().translate(_APART).split())


_WRITTEN_AT = re.compile(r"[\[(]at[\])]", re.IGNORECASE)
_SITE = re.compile(r"\.[A-Za-z]{2,3}/")
# nine digits with gaps, or the end of an NI number, or of a postcode; begins with a digit, which is quick to find
_NUMBER = re.compile(
    rf"[0-9](?:(?:{_GAP}{{0,3}}[0-9]){{8}}|[0-9][\s.-]{{0,2}}[A-Da-d](?!\w)|[A-Za-z]{{2}}(?!\w))",
)
_WORDS = frozenset(
    f"{_CIVIL}|pc|wpc|dc|wdc|ps|ds|di|dci|pcso|sgt|dsgt|insp|supt|dsupt|det|detective|constable|sergeant|officer"
    "|dob|born|birth|birthdate|birthday|o".split("|")
)
"""One of them is in every name and every date of birth that is found anywhere; `o` for d.o.b."""
_APART = str.maketrans(dict.fromkeys("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~‘’“”–", " "))

_ANYWHERE: tuple[tuple[Callable[[str], bool], tuple[tuple[str, Finder], ...]], ...] = (
    (_speaks_of_accounts, (("email", _emails), ("account", _accounts))),
    (
        _has_number,
        (
            ("phone", _phones),
            ("ni_number", _ni_numbers),
            ("nhs_number", _nhs_numbers),
            ("card", _cards),
            ("postcode", _postcodes),
        ),
    ),
    (_has_address_marks, (("ip_address", _ip_addresses),)),
    (_has_word, (("date_of_birth", _birth_dates), ("name", _titled_names))),
)
"""What is looked for in every cell, each lot behind a quick test that all its finds pass."""

# What cannot be personal by itself, and makes up most of a large file: counts, coordinates, hashes, a single word,
# references such as 22000123456, CRI00012345 and 01/FOI/24/006272.
_HARMLESS = re.compile(
    r"(?!447)[1-9][0-9]{0,11}|-?(?:0|[1-9][0-9]{0,2})\.[0-9]{1,15}|[0-9a-f]{32,128}|[A-Z]?[a-z]*"
    r"|(?!DOB)[A-Z]{0,3}[0-9]{0,8}(?:/(?!DOB)[A-Z]{0,3}[0-9]{0,8})*"
)
