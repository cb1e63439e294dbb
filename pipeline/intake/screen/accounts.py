"""E-mail addresses, and accounts on sites where persons have a page."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.intake.screen.finder import words

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
_PERSON_FOLLOWS = words("""
    add c channel in people profile pub u user users
""")
_NO_PERSON = words("""
    about ads business company discover download explore directory events gaming games groups hashtag hc help home i
    intent legal login marketplace news p policies pages policy privacy r reel reels safety search settings share shorts
    signup stories story support terms tos watch web
""")


def emails(text: str) -> Iterator[str]:
    """Yield a mask for each e-mail address."""
    for match in _EMAIL.finditer(text):
        yield f"{match['user'][0]}…@…"


def accounts(text: str) -> Iterator[str]:
    """Yield the site of each account, or that there is a handle."""
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
