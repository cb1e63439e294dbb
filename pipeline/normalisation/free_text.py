"""Platforms out of a free text: the label that an observation gets instead of the text, and what it means.

The text itself never becomes a label. Its label is the words that name a platform, as they stand there, each platform
once, in order: `snap chat; TikTok`. The names are mentions.py's.
"""

from __future__ import annotations

from pipeline.normalisation.mentions import Mention, read_mentions
from pipeline.normalisation.platforms import platforms
from pipeline.normalisation.reading import NONE_NAMED, UNMAPPED, PlatformReading

SEPARATOR = "; "
RULE = "named in free text"


def label_of(text: str) -> tuple[str, list[str]]:
    """Return the label of a text, empty where no platform is named, and where each part of it stands: `start-end`."""
    first: dict[str, Mention] = {}
    for mention in read_mentions(text):
        first.setdefault(mention.code, mention)
    found = first.values()
    return SEPARATOR.join(m.text for m in found), [f"{m.start}-{m.end}" for m in found]


def read_label(label: str) -> PlatformReading:
    """Return the platforms of a label that `label_of` made; Unmapped where a name in it does not count any more."""
    if not label:
        return PlatformReading(label, (NONE_NAMED,), ("none named",), "unknown", "no platform named in free text")
    found = [read_mentions(part) for part in label.split(SEPARATOR)]
    if not all(len(mentions) == 1 for mentions in found):
        return PlatformReading(label, (UNMAPPED,), (UNMAPPED,), "unmapped", "no name that counts in free text")
    codes = tuple(dict.fromkeys(mention.code for (mention,) in found))
    sources = "; ".join(dict.fromkeys(mention.source for (mention,) in found))
    return PlatformReading(label, codes, tuple(platforms()[code].name for code in codes), "mapped", RULE, sources)
