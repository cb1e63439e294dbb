"""The shape of the project: who may import whom, what no file may say, and links that lead somewhere."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.store.digests import ROOT

ROOMS = (
    "store",
    "intake",
    "schemas",
    "normalisation",
    "validation",
    "figures",
    "lineage",
    "publication",
    "reception",
    "desk",
    "orchestration",
    "cli",
)
"""From the ground floor up; a module imports from its own room and from those before it."""

BUILT = {
    ".git",
    ".venv",
    ".hypothesis",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    "__pycache__",
    "warehouse",
    "build",
}
CODE = sorted([*(ROOT / "pipeline").rglob("*.py"), *(ROOT / "schemas").glob("*.py")])


def _kept_files() -> Iterator[Path]:
    """Yield every text file of the project that is kept: no environment, no cache, nothing built."""
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        if path.is_file() and not BUILT.intersection(parts) and not any(p.endswith(".egg-info") for p in parts):
            yield path
    yield from (ROOT / "warehouse" / name for name in ("README.md", "dagster/dagster.yaml"))


def _room(module: str) -> str | None:
    """Return the room that a dotted name belongs to, or None for the outside and for the bare package."""
    package, *inside = module.split(".")
    if package == "schemas":
        return "schemas"
    if package != "pipeline" or not inside:
        return None
    # definitions.py is the door of orchestration
    return "orchestration" if inside[0] == "definitions" else inside[0]


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield str(node.module)
            yield from (f"{node.module}.{name.name}" for name in node.names)


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def test_every_folder_of_the_pipeline_is_a_room_with_a_place() -> None:
    folders = {p.parent.name for p in (ROOT / "pipeline").glob("*/__init__.py")}
    assert folders == set(ROOMS) - {"schemas"}


@pytest.mark.parametrize("path", CODE, ids=_module)
def test_imports_go_downwards_only(path: Path) -> None:
    room = _room(_module(path))
    if room in {None, "__init__"}:
        return
    for name in _imports(_tree(path)):
        other = _room(name)
        if other is not None:
            assert other in ROOMS, f"{name} is in no room"
            assert ROOMS.index(other) <= ROOMS.index(str(room)), f"{room} imports {name}, which is above it"


@pytest.mark.parametrize("path", CODE, ids=_module)
def test_only_orchestration_knows_dagster(path: Path) -> None:
    if _room(_module(path)) != "orchestration":
        assert not [n for n in _imports(_tree(path)) if n.split(".")[0].startswith("dagster")]


@pytest.mark.parametrize("path", sorted((ROOT / "pipeline" / "cli").glob("*.py")), ids=_module)
def test_the_cli_imports_rooms_inside_its_verbs_only(path: Path) -> None:
    top = [node for node in _tree(path).body if isinstance(node, ast.Import | ast.ImportFrom)]
    rooms = {_room(name) for node in top for name in _imports(node)}
    assert rooms <= {None, "store", "cli"}, "only the ground floor may be imported before a verb is known"


def test_the_recount_is_independent() -> None:
    for name in _imports(_tree(ROOT / "pipeline" / "lineage" / "recount.py")):
        assert name.split(".")[0] in sys.stdlib_module_names, name


# put together here, so that this file does not say them
FORBIDDEN = {
    "a path of one machine": re.compile(r"(?<![\w.~-])/(?:wor" + r"k|roo" + r"t|home/\w+|Users/\w+)/\w"),
    "an index address": re.compile(r"(?<!emit-)index" + r"-url"),
    "a package mirror": re.compile(r"--(?:extra-index|find-links|trusted-host)\b"),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_speaks_of_one_machine(what: str) -> None:
    found = []
    for path in _kept_files():
        if path == Path(__file__):
            continue
        text = path.read_bytes().decode("utf-8", errors="replace")
        found += [f"{path.relative_to(ROOT)}: {m[0]}" for m in FORBIDDEN[what].finditer(text)]
    assert not found


DOCUMENTS = [p for p in _kept_files() if p.suffix == ".md" and p.is_file()]
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


def _anchors(text: str) -> set[str]:
    """Return the anchors of a document's headings, made as code hosts make them."""
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    for target in _LINK.findall(_FENCE.sub("", path.read_text("utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (path.parent / name).resolve() if name else path
        assert file.exists(), f"{path.name} links to {target}"
        if anchor and file.suffix == ".md":
            assert anchor in _anchors(file.read_text("utf-8")), f"{path.name} links to {target}"


def test_the_documents_that_the_project_promises_are_there() -> None:
    names = {p.relative_to(ROOT).as_posix() for p in DOCUMENTS}
    assert {"README.md", "CHANGELOG.md", "docs/method.md", "docs/how-it-works.md", "docs/cli.md"} <= names
    decisions = sorted(p.name for p in (ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(name[:4]) for name in decisions] == list(range(1, len(decisions) + 1))


def test_the_command_reference_has_every_verb() -> None:
    from pipeline.cli import main

    text = (ROOT / "docs" / "cli.md").read_text("utf-8")
    assert set(re.findall(r"^## foi (\w+)", text, re.MULTILINE)) == set(main.commands)
