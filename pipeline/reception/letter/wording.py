"""How the wording of letters is matched: patterns over any white space, and sentences."""

from __future__ import annotations

import re
from itertools import pairwise


def words(pattern: str, flags: re.RegexFlag = re.IGNORECASE) -> re.Pattern[str]:
    """Compile a pattern in which a blank stands for any run of white space, line ends included; ` ?` may be none."""
    return re.compile(pattern.replace(" ?", r"\s*").replace(" ", r"\s+"), flags)


_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[\"'“‘(]?[A-Z])")
LONGEST = 1500
"""Characters that are read as one sentence, so that no text takes for ever."""


def sentences(text: str) -> list[tuple[int, str]]:
    """Return (offset, sentence) of a text; what is longer than any sentence in pieces."""
    starts = [0, *(m.end() for m in _SENTENCE_END.finditer(text))]
    return [
        (start, text[start : min(end, start + LONGEST)].strip())
        for begin, end in pairwise([*starts, len(text)])
        for start in range(begin, max(end, begin + 1), LONGEST)
    ]
