"""The recount: it agrees with every figure, names what was falsified or damaged, and shares no code with us."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from functools import partial
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.figures.catalogue import TABLES
from pipeline.lineage import recount
from pipeline.publication.build import Build
from pipeline.publication.pack.writing import Asked, write_pack
from pipeline.publication.release import publish
from pipeline.store.places import Places
from pipeline.store.releases import current_release
from tests.disclosures import Raw, counts_table, records_table

SEARCH = {"terms": [{"text": "TikTok", "platform": "TikTok"}]}
RECOUNT = Path(recount.__file__)


def packed(places: Places, folder: Path, asked: Asked) -> Path:
    release = current_release(places)
    assert release is not None
    folder.mkdir(parents=True)
    write_pack(places, release, folder, asked)
    return folder


def differences(folder: Path) -> list[str]:
    """Return what the recount finds in a pack whose checksums somebody made again."""
    again(folder)
    pack = recount.Pack(folder)
    return [*pack.check_digests(), *pack.check_figures()]


def again(folder: Path) -> None:
    """Make the checksums of a pack again, as whoever tampers with it can."""
    listed = {name: (folder / name).read_bytes() for name in files(folder) if name != "SHA256SUMS"}
    put(folder, "SHA256SUMS", "".join(f"{sha256(content).hexdigest()}  {n}\n" for n, content in listed.items()))


def put(folder: Path, name: str, text: str) -> None:
    """Write a file of a pack anew; the one that is there may be a link."""
    (folder / name).unlink()
    (folder / name).write_text(text, "utf-8")


@pytest.fixture(scope="module")
def whole(shipped: Build, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the pack for inside of the project's own extracts."""
    return packed(shipped.places, tmp_path_factory.mktemp("packs") / "whole", Asked(local=True))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a pack of records of two platforms and a table of counts with totals and a suppressed cell."""
    scratch = tmp_path_factory.mktemp("small")
    raw = Raw.at(scratch)
    add_small(raw)
    assert publish(raw.build()).published
    return packed(raw.places, scratch / "pack", Asked(local=True))


def add_small(raw: Raw) -> None:
    markers = {"<5": {"kind": "suppressed", "min": 1, "max": 4}, "Total": {"kind": "total"}}
    raw.add(
        [
            records_table({"period": "Month", "platform": "Platform"}, search=SEARCH),
            counts_table({"period": "Year", "count": "Count"}, markers=markers),
        ],
        {
            "records.csv": 'Month,Platform\n2020-05,"TikTok, Facebook"\n2020-06,TikTok\nsome day,TikTok\n\nbroken\n',
            "counts.csv": 'Year,Count\n2020,1\n2021,<5\n2022,"1,030"\n2023,\nTotal,1031\n',
        },
    )


def copied(folder: Path, target: Path) -> Path:
    shutil.copytree(folder, target, copy_function=os.link)
    return target


def rewrite(folder: Path, name: str, change: Callable[[list[dict[str, Any]]], Any]) -> None:
    """Change the rows of a table of a pack."""
    path = folder / "tables" / f"{name}.jsonl"
    columns, *lines = (json.loads(line) for line in path.read_text("utf-8").splitlines())
    rows = [dict(zip(columns, line, strict=True)) for line in lines]
    change(rows)
    path.unlink()  # it may be a link
    path.write_text("".join(json.dumps(line) + "\n" for line in (columns, *([r[c] for c in columns] for r in rows))))


def test_it_agrees_with_every_figure_of_the_shipped_extracts(whole: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-I", "-S", str(whole / "recount.py"), str(whole)], capture_output=True, text=True
    )
    assert (run.returncode, run.stdout.splitlines()[-1]) == (0, "OK"), run.stdout + run.stderr


def test_a_wrong_number_in_any_figure_table_is_named(whole: Path, tmp_path: Path) -> None:
    """Two figures of every table are falsified, one in its number of lines, one in what it says."""
    pack = copied(whole, tmp_path / "pack")
    named: list[tuple[str, str]] = []

    def falsify(column: str, rows: list[dict[str, Any]]) -> None:
        row = next(r for r in rows if r[column] is not None and (r["id"], "value_min") not in named)
        row[column] = 10**6
        named.append((row["id"], column))

    for table in TABLES:
        columns = {"forces_platform_year": ["n"], "printed": ["value_min"], "coverage": ["value"]}
        for column in columns.get(table, ["value_min", "n", "numerator"]):
            if column != "numerator" or table in {"year_change", "charge_rate", "platform_share"}:
                rewrite(pack, table, partial(falsify, column))
    found = differences(pack)
    assert {f"tables/{table}.jsonl: not of the digest in the release" for table in TABLES} <= set(found)
    for figure, column in named:
        assert any(w.startswith(f"{figure}: ") and f"{column} is 1000000" in w for w in found), (figure, column)


def test_a_missing_and_an_invented_figure_are_named(small: Path, tmp_path: Path) -> None:
    pack = copied(small, tmp_path / "pack")
    rewrite(pack, "crimes_year", lambda rows: rows.pop(0))
    invented = {"platform": "snapchat", "id": "invented"}
    rewrite(pack, "platform_month", lambda rows: rows.append({**next(r for r in rows if r["n"]), **invented}))
    found = differences(pack)
    assert any(words.startswith("no figure for ('dorset/test-1',") for words in found)
    assert any(words.startswith("invented: value is 1, again 0") for words in found), found


def test_a_zero_stands_only_where_nothing_is_missing(small: Path, tmp_path: Path) -> None:
    """A table of counts has no zeros by absence: an invented one is as wrong as any other figure."""
    pack = copied(small, tmp_path / "pack")
    zero = {"value": 0, "value_min": 0, "value_max": 0, "n": 0, "observations": 0, "year": "2019", "id": "zero"}
    rewrite(pack, "crimes_year", lambda rows: rows.append({**next(r for r in rows if r["table_id"] == "q1"), **zero}))
    assert "zero: nothing makes it" in differences(pack)


@pytest.mark.parametrize(
    ("table", "change", "words"),
    [
        ("label", lambda rows: rows.pop(0), "is not in tables/label.jsonl"),
        ("label", lambda rows: rows[0].update(n=99), "99, again"),
        ("ledger_rule", lambda rows: rows[0].update(lines=99), "99, again"),
        ("ledger_cell", lambda rows: rows[0].update(cells=99), "99, again"),
        ("rejected", lambda rows: rows.clear(), "not among the rejected"),
        (
            "rejected",
            lambda rows: rows.append({**rows[0], "record_no": 1, "rule": "period"}),
            "nothing is wrong with it",
        ),
        (
            "rejected",
            lambda rows: rows.append({**rows[0], "record_no": 77}),
            "record 77: rejected, and not in the file",
        ),
        ("extract", lambda rows: [r.update(sha256="0" * 64) for r in rows], "not of the sha256 that the release has"),
        ("bucket", lambda rows: [r.update(code="1999") for r in rows], "nothing makes it"),
    ],
)
def test_what_figures_rest_on_is_checked(
    small: Path, tmp_path: Path, table: str, change: Callable[[list[dict[str, Any]]], Any], words: str
) -> None:
    pack = copied(small, tmp_path / "pack")
    rewrite(pack, table, change)
    assert any(words in found for found in differences(pack)), differences(pack)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("2020,1\n", "2020,9\n", "value is 1, again 9"),
        ("2020,1\n", "2020\n", "not of 2 fields, and not among the rejected"),
        ("2020,1\n", "2020,many\n", "nothing says what 'many' counts"),
        ("2020,1\n", "1999,1\n", "period '1999' is not in tables/label.jsonl"),
        ("2020,1\n", "2020,1\n\n", "('set_aside', 'blank')"),
        ("Year,Count", "Years,Count", "another header"),
    ],
)
def test_a_changed_line_is_named(small: Path, tmp_path: Path, old: str, new: str, words: str) -> None:
    pack = copied(small, tmp_path / "pack")
    path = pack / "extracts/dorset/test-1/counts.csv"
    text = path.read_text("utf-8")
    assert old in text
    path.unlink()
    path.write_text(text.replace(old, new), "utf-8")
    found = differences(pack)
    assert any(words in difference for difference in found), found
    assert any(d.startswith("dorset/test-1/counts: its file is not of the sha256") for d in found)


def said_of(folder: Path) -> tuple[int, str]:
    with redirect_stdout(StringIO()) as out:
        code = recount.main(str(folder))
    return code, out.getvalue()


def test_a_pack_that_holds_says_so(small: Path) -> None:
    code, out = said_of(small)
    assert (code, out.splitlines()[-1]) == (0, "OK")
    assert "2 of 2 extracts read again, line by line" in out


def files(folder: Path) -> Iterator[str]:
    yield from sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(choice=st.data())
def test_any_damage_is_named_and_never_a_traceback(
    small: Path, tmp_path_factory: pytest.TempPathFactory, choice: Any
) -> None:
    """One file of a pack is cut, gone, empty, or has another byte somewhere."""
    pack = copied(small, tmp_path_factory.mktemp("damaged") / "pack")
    name = choice.draw(st.sampled_from(list(files(small))))
    content = (pack / name).read_bytes()
    at = choice.draw(st.integers(0, len(content) - 1))
    how = choice.draw(st.sampled_from(["flip", "cut", "empty", "gone"]))
    (pack / name).unlink()
    if how != "gone":
        flipped = content[:at] + bytes([content[at] ^ (1 << choice.draw(st.integers(0, 7)))]) + content[at + 1 :]
        (pack / name).write_bytes({"flip": flipped, "cut": content[:at], "empty": b""}[how])
    code, out = said_of(pack)
    assert code == 1
    assert name in out or name == "SHA256SUMS", out
    assert not out.splitlines()[-1].startswith("OK")


def test_a_file_that_was_put_in_is_named(small: Path, tmp_path: Path) -> None:
    pack = copied(small, tmp_path / "pack")
    (pack / "tables" / "more.jsonl").write_text("[]\n")
    assert "tables/more.jsonl: not in SHA256SUMS" in said_of(pack)[1]


def test_a_log_that_is_no_chain_or_lacks_the_release_is_named(small: Path, tmp_path: Path) -> None:
    pack = copied(small, tmp_path / "pack")
    log = (pack / "releases.jsonl").read_bytes()
    (pack / "releases.jsonl").unlink()
    (pack / "releases.jsonl").write_bytes(b'{"previous": null}\n' + log)
    assert "releases.jsonl: line 2 does not follow from the line before" in differences(pack)
    (pack / "releases.jsonl").write_bytes(b'{"previous": null}\n')
    assert "releases.jsonl: not of the digest in the release" in differences(pack)


def edited_log(folder: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """Edit the last line of the log of a pack."""
    *before, last = (folder / "releases.jsonl").read_text("utf-8").splitlines()
    entry = json.loads(last)
    change(entry)
    put(folder, "releases.jsonl", "".join(f"{line}\n" for line in (*before, json.dumps(entry, sort_keys=True))))


def substituted(name: str, old: str, new: str) -> Callable[[Path], None]:
    """Return what replaces a text in a file of a pack."""

    def substitute(folder: Path) -> None:
        text = (folder / name).read_text("utf-8")
        assert old in text
        put(folder, name, text.replace(old, new))

    return substitute


def without_a_table(folder: Path) -> None:
    catalogue = json.loads((folder / "catalogue.json").read_text("utf-8"))
    put(folder, "catalogue.json", json.dumps([table for table in catalogue if table["name"] != "coverage"]))


@pytest.mark.parametrize(
    ("tamper", "name"),
    [
        (substituted("reference/platform_labels.csv", "tiktok", "facebook"), "reference/platform_labels.csv"),
        (lambda pack: (pack / "reference/forces.csv").unlink(), "reference/forces.csv"),
        (lambda pack: (pack / "reference/more.csv").write_text("a\n1\n"), "reference/more.csv"),
        (
            substituted("manifests/dorset/test-1.json", '"blank": "unknown"', '"blank": "zero"'),
            "manifest of dorset/test-1/counts",
        ),
        (
            substituted("manifests/dorset/test-1.json", '"decision": "full"', '"decision": "part"'),
            "manifest of dorset/test-1/records",
        ),
        (lambda pack: edited_log(pack, lambda entry: entry.update(dirty="no")), "releases.jsonl"),
        (lambda pack: edited_log(pack, lambda entry: entry.update(commit="1234")), "releases.jsonl"),
        (
            lambda pack: edited_log(pack, lambda entry: entry["reference"].update({"forces.csv": "0" * 64})),
            "reference/forces.csv",
        ),
        (without_a_table, "catalogue.json"),
    ],
)
def test_what_was_tampered_with_is_named_though_the_checksums_were_made_again(
    small: Path, tmp_path: Path, tamper: Callable[[Path], Any], name: str
) -> None:
    pack = copied(small, tmp_path / "pack")
    assert differences(pack) == []
    tamper(pack)
    assert any(words.startswith(f"{name}: ") for words in differences(pack)), differences(pack)


def test_a_table_that_is_said_to_be_cut_is_told(small: Path, tmp_path: Path) -> None:
    pack = copied(small, tmp_path / "pack")
    release = json.loads((pack / "release.json").read_text("utf-8"))
    release["tables"]["label"]["cut"] = "what nobody wants to be looked at"
    put(pack, "release.json", json.dumps(release))
    again(pack)
    assert "tables/label.jsonl: cut here, no digest compared" in said_of(pack)[1]


def test_it_says_where_the_log_ends_for_whoever_was_told_elsewhere(small: Path) -> None:
    head = sha256((small / "releases.jsonl").read_bytes().splitlines()[-1]).hexdigest()
    assert f"sha256 of the end of the log: {head}" in said_of(small)[1].splitlines()


@pytest.mark.parametrize(("where", "folder"), [(".", "pack"), ("pack", "."), ("pack/tables", "..")])
def test_a_pack_may_be_named_by_a_relative_path(small: Path, tmp_path: Path, where: str, folder: str) -> None:
    copied(small, tmp_path / "pack")
    command = [sys.executable, "-I", str(RECOUNT), folder]
    run = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path / where)
    assert (run.returncode, run.stdout.splitlines()[-1]) == (0, "OK"), run.stdout


def test_it_is_written_for_pythons_from_3_9_on() -> None:
    ast.parse(RECOUNT.read_text("utf-8"), feature_version=(3, 9))


def interpreters() -> list[str]:
    """Return this Python and what others there are that run."""
    named = (shutil.which(f"python3.{minor}") for minor in range(9, 20))
    version = ["-I", "-S", "-c", "import sys; print(sys.version_info >= (3, 9))"]
    others = [path for path in named if path and subprocess.run([path, *version], capture_output=True).stdout]
    return [sys.executable, *others]


@pytest.mark.parametrize("interpreter", interpreters())
def test_it_runs_on_every_python_that_is_here(small: Path, interpreter: str) -> None:
    run = subprocess.run([interpreter, "-I", "-S", str(RECOUNT), str(small)], capture_output=True, text=True)
    assert (run.returncode, run.stdout.splitlines()[-1]) == (0, "OK"), run.stdout + run.stderr


def test_where_there_is_no_pack_it_says_so(tmp_path: Path) -> None:
    code, out = said_of(tmp_path / "nothing")
    assert code == 1 and "cannot be checked to the end" in out


@pytest.mark.parametrize(
    ("part", "whole", "percent"), [(1, 8, 12.5), (1, 16, 6.3), (-1, 16, -6.3), (103, 865, 11.9), (0, 7, 0.0)]
)
def test_percent_rounds_halves_away_from_zero(part: int, whole: int, percent: float) -> None:
    assert recount.percent(part, whole) == percent


def test_it_can_be_read_in_one_sitting_and_runs_on_an_old_python() -> None:
    text = RECOUNT.read_text("utf-8")
    assert len(text.splitlines()) < 400
    ast.parse(text, feature_version=(3, 9))


def test_it_imports_the_standard_library_alone() -> None:
    tree = ast.parse(RECOUNT.read_text("utf-8"))
    names = {
        alias.name if isinstance(node, ast.Import) else str(node.module)
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert {n.split(".")[0] for n in names} <= sys.stdlib_module_names
