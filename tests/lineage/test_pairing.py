"""Pairing: every line of two answers is equal, revised, gone or new, and the parts add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.lineage.pairing import (
    CHANGED,
    NOT_KNOWN,
    NOT_THERE,
    PAIRED,
    REPEATS,
    Change,
    Pairing,
    Repeats,
    pair_all,
    pair_lines,
)
from pipeline.store.duck import insert, memory

COLUMNS = ("month", "outcome", "reference")
Line = tuple[str | None, str | None, str | None]
"""Month, outcome, reference."""

LINES = st.lists(
    st.tuples(st.sampled_from(["01", "02"]), st.sampled_from(["a", "b", None]), st.sampled_from([*"pqrstuv", None])),
    max_size=12,
)


def paired(before: Sequence[Line], after: Sequence[Line]) -> tuple[Pairing, list[tuple[Any, ...]]]:
    """Return how lines pair, and those that are not equal: kind, why, record before, record after."""
    with memory() as db:
        for name, lines in (("older", before), ("newer", after)):
            db.execute(
                f"create temp table {name} (extract_id varchar, record_no bigint, line_no bigint, "
                "source_column integer, part_no integer, month varchar, outcome varchar, reference varchar, "
                "known_by varchar)"
            )
            insert(db, name, [("x", n, n + 1, None, 1, *line, line[2]) for n, line in enumerate(lines, 1)])
        pairing = pair_lines(db, "older", "newer", COLUMNS)
        query = f"select kind, why, before.record_no, after.record_no from {CHANGED} order by all"
        return pairing, db.execute(query).fetchall()


def edited(lines: Sequence[Line], edits: Sequence[tuple[str, int]]) -> list[Line]:
    """Return lines with some taken out, doubled, or given another outcome."""
    result = list(lines)
    for kind, at in edits:
        if not result:
            break
        place = at % len(result)
        month, outcome, reference = result[place]
        if kind == "out":
            del result[place]
        elif kind == "twice":
            result.append(result[place])
        else:
            result[place] = (month, "b" if outcome == "a" else "a", reference)
    return result


EDITS = st.lists(st.tuples(st.sampled_from(["out", "twice", "outcome"]), st.integers(0, 50)), max_size=6)


@settings(max_examples=80, deadline=None)
@given(LINES, EDITS, st.randoms(use_true_random=False))
def test_the_parts_add_up_in_any_order_of_lines(before: list[Line], edits: list[tuple[str, int]], random: Any) -> None:
    after = edited(before, edits)
    random.shuffle(after)
    found, changed = paired(before, after)
    assert found.equal + found.revised + found.gone == found.before == len(before)
    assert found.equal + found.revised + found.new == found.after == len(after)
    assert found.equal == (Counter(before) & Counter(after)).total()
    assert (sum(found.why_gone.values()), sum(found.why_new.values())) == (found.gone, found.new)
    old, new = ([record for *_, record in changed if record] for changed in ([x[:3] for x in changed], changed))
    assert len(old) == len(set(old)) == found.revised + found.gone, "no line is in two classes"
    assert len(new) == len(set(new)) == found.revised + found.new, "no line is in two classes"
    other = list(before)
    random.shuffle(other)
    again, _ = paired(other, after)
    assert again == found


@settings(max_examples=80, deadline=None)
@given(LINES, LINES)
def test_only_what_stands_once_on_both_sides_is_revised(before: list[Line], after: list[Line]) -> None:
    found, changed = paired(before, after)
    times = [Counter(line[2] for line in lines if line[2] is not None) for lines in (before, after)]
    for kind, why, old, new in changed:
        assert (old is None, new is None) == {"revised": (False, False), "gone": (False, True), "new": (True, False)}[
            kind
        ]
        line = before[old - 1] if old is not None else after[new - 1]
        once = [side[line[2]] == 1 for side in times]
        if kind == "revised":
            assert before[old - 1][2] == after[new - 1][2] and before[old - 1] != after[new - 1] and all(once)
        else:
            there = times[1 if kind == "gone" else 0][line[2]]
            expected = NOT_KNOWN if line[2] is None else REPEATS if there else NOT_THERE
            assert why == expected and not all(once)
    shared = times[0].keys() & times[1].keys()
    assert found.joined_from == sum(times[0][r] for r in shared)
    assert found.joined == sum(times[0][r] * times[1][r] for r in shared)


def test_a_revised_line_says_which_values_became_which() -> None:
    before: list[Line] = [("01", "a", "p"), ("01", "a", "q"), ("02", "b", None)]
    found, _ = paired(before, [("01", "b", "p"), ("01", "b", "q"), ("02", "b", None)])
    assert (found.equal, found.revised, found.gone, found.new) == (1, 2, 0, 0)
    assert (found.columns, found.changes, found.nothing_else) == (
        {"outcome": 2},
        (Change("outcome", "a", "b", 2),),
        True,
    )


def test_a_line_that_went_is_something_else() -> None:
    found, _ = paired([("01", "a", "p"), ("01", "a", "q")], [("01", "b", "p")])
    assert (found.columns, found.gone, found.why_gone) == ({"outcome": 1}, 1, {NOT_THERE: 1})
    assert not found.nothing_else


def test_a_reference_on_two_lines_pairs_nothing_and_a_join_on_it_would_fan_out() -> None:
    before: list[Line] = [("01", "a", "p"), ("01", "b", "p"), ("01", "a", None)]
    found, changed = paired(before, [("01", "a", "p"), ("01", None, "p"), ("01", "a", None)])
    assert (found.equal, found.revised, found.gone, found.new) == (2, 0, 1, 1)
    assert changed == [("gone", REPEATS, 2, None), ("new", REPEATS, None, 2)]
    assert found.repeats == (Repeats(1, 1, 2), Repeats(1, 1, 2))
    assert (found.joined_from, found.joined) == (2, 4)


@pytest.mark.parametrize("empty", ["before", "after", "both"])
def test_an_answer_without_lines_is_all_new_or_all_gone(empty: str) -> None:
    lines: list[Line] = [("01", "a", "p")]
    found, _ = paired([] if empty != "after" else lines, [] if empty != "before" else lines)
    assert (found.equal, found.revised) == (0, 0)
    assert (found.gone, found.new) == (int(empty == "after"), int(empty == "before"))


def all_pairs(
    before: Sequence[tuple[str, str, str | None]], after: Sequence[tuple[str, str, str | None]], **sides: Any
) -> list[tuple[Any, ...]]:
    """Return the pairs (kind, record before, record after) of lines (extract, text, reference).

    `same_file` names extracts of one file, `elsewhere` references of lines that are not looked at.
    """
    with memory() as db:
        for name, lines in (("older", before), ("newer", after)):
            db.execute(
                f"create temp table {name} (line bigint, extract_id varchar, record_no bigint, line_no bigint, "
                "source_column integer, part_no integer, same_file boolean, scope varchar, text varchar[], "
                "known_by varchar)"
            )
            same = sides.get("same_file", ())
            insert(
                db,
                name,
                [(n, x, n, n + 1, None, 1, x in same, "t", [text], by) for n, (x, text, by) in enumerate(lines, 1)],
            )
        known = " union all ".join(f"select 't' as scope, '{by}' as known_by" for by in sides.get("elsewhere", ()))
        pair_all(db, "older", "newer", lambda: known or None)
        return db.execute(f"select kind, before, after from {PAIRED} order by before, after").fetchall()


def test_lines_of_one_file_pair_by_where_they_stand() -> None:
    before = [("x", "a", "p"), ("x", "b", "q")]
    after = [("x", "b", "p"), ("x", "a", "q"), ("x", "c", None)]
    assert all_pairs(before, after, same_file={"x"}) == [
        ("same_line", 1, 1),
        ("same_line", 2, 2),
        ("new_from_file", None, 3),
    ]
    assert all_pairs(after, before, same_file={"x"})[-1] == ("gone_from_file", 3, None)
    assert [kind for kind, *_ in all_pairs(before, after)] == ["equal", "equal", "new"]


def test_equal_lines_pair_within_their_extract_before_they_pair_across() -> None:
    before = [("x", "a", None), ("x", "a", None), ("y", "a", None), ("y", "a", None)]
    after = [("x", "a", None), ("y", "a", None), ("y", "a", None)]
    assert all_pairs(before, after) == [("equal", 1, 1), ("gone", 2, None), ("equal", 3, 2), ("equal", 4, 3)]
    assert all_pairs(before[:2], [("y", "a", None)]) == [("equal", 1, 1), ("gone", 2, None)]


def test_a_reference_that_stands_on_a_line_not_looked_at_pairs_nothing() -> None:
    before, after = [("x", "a", "p"), ("x", "a", "q")], [("x", "b", "p"), ("x", "b", "q")]
    assert all_pairs(before, after) == [("revised", 1, 1), ("revised", 2, 2)]
    assert all_pairs(before, after, elsewhere=["q"]) == [("revised", 1, 1), ("gone", 2, None), ("new", None, 2)]
