"""The screen streams, in bounded memory and in time that follows the length."""

from __future__ import annotations

import tracemalloc
from itertools import count, islice

from pipeline.intake.rows import Row
from pipeline.intake.screen import screen
from tests.intake.screen.tables import rows


def test_it_streams() -> None:
    endless = (Row(n, 1, "x", (f"EX/{n}", "a@b.uk" if n % 7 == 0 else "")) for n in count(1))
    assert [f.line_no for f in islice(screen(None, endless), 3)] == [7, 14, 21]


def peak_memory(n: int) -> int:
    endless = (Row(i, 1, "", (f"Crime number {i} of this year", f"{i:064x}")) for i in range(n))
    tracemalloc.start()
    assert not list(screen(None, endless))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_memory_does_not_grow_with_the_rows() -> None:
    assert peak_memory(60_000) < 1.3 * peak_memory(20_000)


def test_a_find_is_reported_each_time_and_a_remembered_value_only_where_it_is_harmless() -> None:
    # `Smith` is remembered as harmless under Month and is still a name under Surname
    table = rows(["Smith", "Smith"], ["a@b.uk", ""], ["a@b.uk", "Smith"])
    found = [(f.kind, f.line_no, f.column) for f in screen(["Month", "Surname"], table)]
    assert found == [("name", 2, "Surname"), ("email", 3, "Month"), ("email", 4, "Month"), ("name", 4, "Surname")]


def test_long_cells_take_time_in_proportion() -> None:
    # patterns that go back over what they read would not end here
    for piece in ("a", "1 ", "0", "a.", "@", "mr ", "12:", "1.", "dob "):
        list(screen(["Note"], rows([piece * 20_000])))
