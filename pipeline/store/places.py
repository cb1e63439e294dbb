"""Places: where raw/ and warehouse/ are, and the layout below the warehouse."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from pipeline.store.digests import ROOT


@dataclass(frozen=True)
class Places:
    """The two folders everything is read from and built into, as absolute paths."""

    raw: Path
    warehouse: Path

    @classmethod
    def of(cls, raw: str | Path | None = None, warehouse: str | Path | None = None) -> Places:
        """Return the places given, else those of FOI_RAW and FOI_WAREHOUSE, else the project's own."""
        return cls(
            raw=Path(raw or os.environ.get("FOI_RAW") or ROOT / "raw").resolve(),
            warehouse=Path(warehouse or os.environ.get("FOI_WAREHOUSE") or ROOT / "warehouse").resolve(),
        )

    def store(self, layer: str, name: str, digest: str, suffix: str = ".parquet") -> Path:
        """Return the path of an immutable store file: a pure function of what it is built from."""
        return self.warehouse / "store" / layer / name.replace("#", "@") / f"{digest[:32]}{suffix}"

    def relative(self, path: Path) -> str:
        """Return a store path relative to the warehouse, as releases list it."""
        return path.relative_to(self.warehouse).as_posix()

    def shown(self, path: Path) -> str:
        """Return a raw path as people are told of it: below the folder that holds raw/."""
        try:
            return path.relative_to(self.raw.parent).as_posix()
        except ValueError:
            return str(path)

    @property
    def releases(self) -> Path:
        """The folder of numbered releases."""
        return self.warehouse / "releases"

    @property
    def published(self) -> Path:
        """The hard link to the release in force, for outside tools."""
        return self.warehouse / "foi.duckdb"

    @property
    def release_log(self) -> Path:
        """One JSON line a release, chained by hashes."""
        return self.warehouse / "releases.jsonl"

    @property
    def hold(self) -> Path:
        """Exists while a rollback holds publication."""
        return self.warehouse / "hold.json"

    @property
    def damage(self) -> Path:
        """Exists from when a store file was found damaged until what was built since then is removed."""
        return self.warehouse / "damaged.json"

    @property
    def lock(self) -> Path:
        """The file that one refresh at a time locks."""
        return self.warehouse / "refresh.lock"

    @property
    def dagster_home(self) -> Path:
        """The Dagster instance that `foi refresh` and the UI share."""
        return self.warehouse / "dagster"
