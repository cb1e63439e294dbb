"""Where the collected labels and extracts lie: FOI_DATA, or ../shared/data beside the project."""

import csv
import os
from pathlib import Path

import pytest

DATA = Path(os.environ.get("FOI_DATA", Path(__file__).parents[2].parent / "shared" / "data"))
REFERENCE = DATA / "reference"

needs_data = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason=f"the collected labels are not here ({REFERENCE}); set FOI_DATA"
)


def rows(path: str) -> list[dict[str, str]]:
    """Return the rows of a CSV below DATA as text; none where the folder is absent (the test then skips)."""
    if not (DATA / path).is_file():
        return []
    with (DATA / path).open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def distinct(path: str, column: str) -> list[str]:
    return sorted({row[column] for row in rows(path)})
