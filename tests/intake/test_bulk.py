"""The fast path gives what the exact reader gives, or leaves the file to it. Never anything else."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.intake import bulk, source
from pipeline.intake.source import Source
from pipeline.publication.build import Build
from pipeline.store.places import Places
from tests.disclosures import Raw, records_table

COLUMNS = {"period": "Month", "platform": "Platform"}
HEADER = "Month,Platform\n"


def built(raw: Raw, content: bytes, **terms: Any) -> Source:
    raw.add([records_table(COLUMNS, **terms)], {"records.csv": content})
    (found,) = Build.of(raw.places).sources
    assert isinstance(found, Source), found
    return found


def records(found: Source) -> list[tuple[Any, ...]]:
    return [row for batch in found.batches() for row in zip(*(c.to_pylist() for c in batch.columns), strict=True)]


def in_bulk(found: Source) -> bool:
    return found.account["lines_above"] is not None


def without_path(account: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in account.items() if name != "lines_above"}


def both(folder: Path, content: bytes) -> tuple[Source | None, Source | None]:
    """Return what each path makes of a file, None where it refuses it."""
    found: list[Source | None] = []
    for name, smallest in (("bulk", 0), ("exact", 1 << 60)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(bulk, "SMALLEST", smallest)
            raw = Raw(Places.of(folder / name / "raw", folder / name / "warehouse"))
            raw.add([records_table(COLUMNS)], {"records.csv": content})
            (one,) = Build.of(raw.places).sources
            found.append(one if isinstance(one, Source) else None)
    return found[0], found[1]


def agree(folder: Path, content: bytes) -> bool:
    """Assert that both paths agree; return whether the fast one was taken."""
    fast, exact = both(folder, content)
    if fast is None or exact is None:
        assert fast is None and exact is None
        return False
    assert records(fast) == records(exact)
    assert without_path(fast.account) == without_path(exact.account)
    assert not in_bulk(exact)
    return in_bulk(fast)


@pytest.mark.parametrize(
    "content",
    [
        "Jan-20,TikTok\nFeb-20,Snapchat\n",
        "Jan-20,TikTok\nFeb-20,Snapchat",
        'Jan-20,"TikTok, Snapchat"\n"Feb-20",X\n',
        "NULL,\\N\nN/A,#x\n  a ,b \n00000001,1E5\n",
        "Größe,£\n\u2028,\u200b\n",
        ",TikTok\nJan-20,\n",
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_clean_file_is_read_in_bulk_and_the_same(tmp_path: Path, content: str, end: str, mark: bytes) -> None:
    assert agree(tmp_path, mark + (HEADER + content).replace("\n", end).encode())


@pytest.mark.parametrize(
    "content",
    [
        "Jan-20,TikTok,\n",
        "Jan-20,TikTok\n\nFeb-20,X\n",
        "Jan-20,TikTok\n,\n",
        "Jan-20,TikTok\n \u2003, \n",
        "Jan-20,TikTok\nFeb-20\n",
        "Jan-20,TikTok,x\n",
        'Jan-20,"Tik\nTok"\n',
        'Jan-20,"Tik""Tok"\n',
        'Jan-20,Tik"Tok\n',
        'Jan-20,"TikTok" \n',
        'Jan-20, "TikTok"\n',
        'Jan-20,"TikTok"x\n',
        "Jan-20,Tik\rTok\n",
        "Jan-20,TikTok\r\nFeb-20,X\n",
        "Jan-20,TikTok\n\x1a",
        "Jan-20,Tik\0Tok\n",
        'Jan-20,"TikTok\n',
        "\n\nJan-20,TikTok\n",
    ],
)
def test_what_is_not_plain_is_left_to_the_exact_reader(tmp_path: Path, content: str) -> None:
    assert not agree(tmp_path, (HEADER + content).encode())


FIELDS = st.text(st.sampled_from("ab, ;\"'\t\\\x0b\x1a\u00a0\u2028é#\ufeff"), max_size=4)
ROWS = st.lists(st.tuples(FIELDS, FIELDS), min_size=1, max_size=5)


@settings(max_examples=60, deadline=None)
@given(ROWS, st.sampled_from(["\n", "\r\n"]), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_any_table_that_a_writer_wrote_is_the_same_on_both_paths(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], end: str, quoting: int
) -> None:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator=end, quoting=quoting).writerows([("Month", "Platform"), *rows])  # type: ignore[arg-type]
    agree(tmp_path_factory.mktemp("bulk"), stream.getvalue().encode())


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from('ab,"\n\r \t\0\x1a\u00a0é'), max_size=24))
@example('"a",b\n"a","b" \n')
def test_any_text_at_all_is_the_same_on_both_paths(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    agree(tmp_path_factory.mktemp("bulk"), (HEADER + text).encode())


def test_numbers_and_lines_run_on_over_row_groups_and_titles(raw: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "SMALLEST", 0)
    n = 300_000
    content = "A title\n" + HEADER + "".join(f"Jan-20,P{i % 7}\n" for i in range(1, n + 1))
    found = built(raw, content.encode(), header_line=2)
    assert in_bulk(found)
    numbers = [(r[0], r[1]) for r in records(found)]
    assert numbers == [(i, i + 2) for i in range(1, n + 1)]
    assert source.pieces(found.path).__next__().num_rows < n, "more than one piece"
