"""The screen for personal data: what stands in an extract that is about a person and should not be there.

Spreadsheets published as FOI answers have leaked names, numbers and addresses. An extract in which any is found is
held and read no further; what leaves here is the kind, the place and a mask, never the value.
Here: `screen_values` for the values of one column.
Not here: what is done with a held extract, and ages or free descriptions, which name nobody by themselves.
"""

from __future__ import annotations

from pipeline.intake.screen.cells import WHOLE_LINE, FoundValue, screen_values

__all__ = ["WHOLE_LINE", "FoundValue", "screen_values"]
