"""Limits that a workbook must keep, so that a hostile or broken one cannot fill the memory."""

from __future__ import annotations

MAX_FILE = 256 << 20
"""Bytes of a workbook as it stands on disk."""
MAX_UNPACKED = 1 << 30
"""Bytes of all parts of a zipped workbook, unpacked."""
MAX_RATIO = 200
"""Unpacked to packed, once more than `RATIO_FROM` bytes are unpacked; real sheets stay below 100."""
RATIO_FROM = 16 << 20
MAX_PARTS = 10_000
MAX_AREA = 20_000_000
"""Cells from A1 to the last one in use: calamine holds them all, empty ones too."""
MAX_STRINGS = 20_000_000
"""Strings that an xlsx may say it shares."""
