"""How far a new version of the reader has read the assets again."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from datasphere_glue.model.reader_version import FIRST, READER_VERSION

AssetName = tuple[str, str]
"""Exact names of a space and of an asset."""

_WHOLE: Final = 1 - 1e-9


@dataclass(frozen=True, slots=True)
class ReaderProgress:
    """Which version read the assets, and how much the present one has read since.

    `version`: every asset was read by this version.
    `dated`, `undated`: shares of the assets with and without a date of change that the present
        version has read.
    `owed`: assets that it could not read, or whose tables it could not write.
    `held`: assets whose tables lack what it reads, because the configuration holds that back.
    """

    version: int = FIRST
    dated: float = 0.0
    undated: float = 0.0
    owed: frozenset[AssetName] = frozenset()
    held: frozenset[AssetName] = frozenset()

    @property
    def finished(self) -> bool:
        """Return True when the present version has read every asset."""
        return self.version >= READER_VERSION

    def lacks(self, asset: AssetName) -> bool:
        """Return whether the table of an asset may lack what the present version reads."""
        return not self.finished or asset in self.owed or asset in self.held

    def after(
        self,
        dated: float,
        undated: float,
        failed: Iterable[AssetName],
        held: Iterable[AssetName],
    ) -> "ReaderProgress":
        """Return the progress after a run that read these shares of the assets.

        `failed`: assets that it could not read or write; they have one more try before their turn.
        `held`: assets that it held back.
        """
        owed = frozenset(a for a in failed if self.lacks(a) and a not in self.owed)
        progress = replace(
            self,
            dated=min(1.0, self.dated + dated),
            undated=min(1.0, self.undated + undated),
            owed=owed,
            held=frozenset(held),
        )
        if not self.finished and min(progress.dated, progress.undated) < _WHOLE:
            return progress
        # Also after a later version: this one has read the assets that changed meanwhile.
        return ReaderProgress(READER_VERSION, owed=progress.owed, held=progress.held)


def progress_value(progress: ReaderProgress) -> dict[str, Any]:
    """Return the progress as JSON."""
    return {
        "version": progress.version,
        "toward": READER_VERSION,
        "dated": progress.dated,
        "undated": progress.undated,
        "owed": sorted(map(list, progress.owed)),
        "held": sorted(map(list, progress.held)),
    }


def progress_of(value: Any) -> ReaderProgress:
    """Return the progress in a record of state; none in one of a version that recorded none.

    Raises one of UNUSABLE for a value that no run stored.
    """
    if value is None:
        return ReaderProgress()
    version, toward = value["version"], value["toward"]
    if type(version) is not int or type(toward) is not int:
        raise TypeError("a version of the reader is no number")
    names = frozenset(map(_name, value["owed"])), frozenset(map(_name, value["held"]))
    shares = (float(value["dated"]), float(value["undated"]))
    if not all(0 <= share <= 1 for share in shares):
        raise ValueError("a share of the assets is out of range")
    if toward != READER_VERSION:
        return ReaderProgress(version, 0.0, 0.0, *names)
    return ReaderProgress(version, *shares, *names)


def _name(value: Any) -> AssetName:
    space, asset = value
    if not isinstance(space, str) or not isinstance(asset, str):
        raise TypeError("the name of an asset is no text")
    return space, asset
