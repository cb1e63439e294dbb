"""Letters: the facts that a force's answer letter says, each with the line on which it stands.

Here: the text of a letter, line by line, from the forms in which letters arrive (`letter_text`), and the facts in
those lines (`read_letter`), for a first draft of a manifest.
Not here: the draft itself, the attachments of a mail, what a label or a force means: the known names are given.

A letter is read in four parts: what the force says, the request as it repeats it, the closing part (rights of
review, the Commissioner, copyright) and page furniture. Only what the force says is a fact; what is asked for comes
from the request alone. Where two lines disagree, or a fact could be read in two ways, it is left out and said under
`unsure`.
"""

from __future__ import annotations

from pipeline.intake.letter.caveats import LetterCaveat
from pipeline.intake.letter.facts import LetterFacts, read_letter
from pipeline.intake.letter.passages import Fact
from pipeline.intake.letter.text import NO_TEXT, Line, letter_text

__all__ = ["NO_TEXT", "Fact", "LetterCaveat", "LetterFacts", "Line", "letter_text", "read_letter"]
