"""Letters: the facts that a force's answer letter says, each with the line on which it stands.

Here: the facts in the lines of a letter (`read_letter`), for a first draft of a manifest.
Not here: its lines (intake/letter_text.py), the draft itself, what a label or a force means: the known names are given.

A letter is read in four parts: what the force says, the request as it repeats it, the closing part (rights of
review, the Commissioner, copyright) and page furniture. Only what the force says is a fact; what is asked for comes
from the request alone. Where two lines disagree, or a fact could be read in two ways, it is left out and said under
`unsure`.
"""

from __future__ import annotations

from pipeline.reception.letter.caveats import LetterCaveat
from pipeline.reception.letter.facts import LetterFacts, read_letter
from pipeline.reception.letter.passages import Fact

__all__ = ["Fact", "LetterCaveat", "LetterFacts", "read_letter"]
