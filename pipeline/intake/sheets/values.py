"""Values: numbers and switches as XML writes them, and every stored value as the text of a field."""

from __future__ import annotations

import datetime
import math
from typing import Any

DATES = (datetime.date, datetime.time, datetime.timedelta)


def text_of(value: Any) -> str:
    """Return a stored value as the text of a field; `sheet_rows` says how."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat() if value.time() != datetime.time() else value.date().isoformat()
    if isinstance(value, datetime.timedelta):
        minutes, seconds = divmod(value.days * 86_400 + value.seconds, 60)
        part = f".{value.microseconds:06}" if value.microseconds else ""
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}{part}"
    return str(value.isoformat())


def number_text(value: float) -> str:
    """Return a number as text, whole ones below 2 to the 53rd without a point."""
    # beyond 2**53 a double no longer holds every whole number: digits would be made up
    whole = isinstance(value, int) or (value.is_integer() and abs(value) < 2**53)
    return str(int(value)) if whole else repr(value)


def true(value: str | None) -> bool:
    """Return whether a switch is on."""
    return value in ("1", "true", "on")


def finite(text: str) -> float:
    """Return the number that a text is; raise ValueError where it is none, or not a finite one."""
    value = float(text)
    if not math.isfinite(value) or "_" in text:
        raise ValueError(f"no number: {text!r}")
    return value
