"""E-mail addresses, and accounts on sites where persons have a page."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.intake.screen.finder import words

_EMAIL = re.compile(
    r"(?P<user>[^\s@,;:<>\"“”()\[\]]{1,64})(?:@|\s?[\[(]at[\])]\s?)"
    r"(?P<host>(?:[\w-]{1,63}\.)+(?:xn--[\w-]{2,59}|[^\W\d_]{2,24}))(?![\w-])",
    re.IGNORECASE,
)
_DOT = r"(?:\s{1,2}dot\s{1,2}|\s?[\[(]dot[\])]\s?)"
_SPELLED_EMAIL = re.compile(
    rf"(?P<user>[\w.+-]{{1,64}})(?:\s{{1,2}}at\s{{1,2}}|\s?[\[(]at[\])]\s?|@)"
    rf"[\w.-]{{1,63}}(?:{_DOT}[\w-]{{1,63}}){{0,3}}?{_DOT}(?:com|net|org|uk|info|me|io|eu|ie|pl|de|fr)(?!\w)",
    re.IGNORECASE,
)
# a mailbox at the police whose name is made of these is an office's, printed on each of its answers
_OFFICE = words("""
    access admin and complaint complaints contact contactus control data disclosure disclosures enquiries enquiry
    feedback firearms foi foia freedom freedomofinformation hq info information informationaccess
    informationmanagement informationrights management media office of police press protection dataprotection dpo
    publicaccess records request requests response rights sar standards statistics subject team the unit
""")
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
_PERSON_FOLLOWS = words("""
    add c channel in people profile pub u user users
""")
# the platforms' own accounts, as in `X (formerly @Twitter)`
_PLATFORMS = words("""
    bluesky bumble discord facebook fb grindr hinge instagram kik linkedin messenger meta onlyfans pinterest reddit
    roblox skype snap snapchat telegram threads tiktok tinder tumblr twitch twitter viber vinted wechat whatsapp xbox
    youtube
""")
_NO_PERSON = words("""
    about ads business company discover download explore directory events gaming games groups hashtag hc help home i
    intent legal login marketplace news p policies pages policy privacy r reel reels safety search settings share shorts
    signup stories story support terms tos watch web
""")


def emails(text: str) -> Iterator[str]:
    """Yield a mask for each e-mail address."""
    for match in _EMAIL.finditer(text):
        if not _is_office(match["user"], match["host"]):
            yield f"{match['user'][0]}…@…"
    for match in _SPELLED_EMAIL.finditer(text):
        yield f"{match['user'][0]}…@…"


def accounts(text: str) -> Iterator[str]:
    """Yield the site of each account, or that there is a handle."""
    for match in _PROFILE.finditer(text):
        if _names_a_profile(match["path"]):
            yield f"{match['site'].lower()}/…"
    for match in _PROFILE_BY_PATH.finditer(text):
        if not _PROFILE.match(text, match.start()):
            yield f"{match['site'].lower()}/@…"
    for match in _HANDLE.finditer(text):
        if match[0][1:].rstrip(".").lower() not in _PLATFORMS:
            yield "@…"


def _is_office(user: str, host: str) -> bool:
    """Return True for the mailbox of an office of a police force: `information.access@` and the like."""
    at_police = host.lower() == "police.uk" or host.lower().endswith(".police.uk")
    return at_police and all(part in _OFFICE for part in re.split(r"[._-]", user.lower()))


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
