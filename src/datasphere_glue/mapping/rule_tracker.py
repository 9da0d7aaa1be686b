"""Follows which rules for columns, types and annotations the assets of a run match."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Final, assert_never

from datasphere_glue.mapping.entries import Entry, Form, glob, matches_any, may_match_below
from datasphere_glue.mapping.raw_types import raw_type
from datasphere_glue.model.asset import Asset
from datasphere_glue.model.near_names import near_name
from datasphere_glue.model.odata_name import callable_by
from datasphere_glue.model.rule_matches import RuleMatches

_MOST_CANDIDATES: Final = 300
"""Most names that are kept for a suggestion, for each rule."""


class RuleTracker:
    """Compares assets with the rules that depend on columns; a rule that matched is dropped."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._open = {str(entry): entry for entry in entries if entry.needs_columns}
        self._settled: set[str] = set()
        self._candidates: dict[str, set[str]] = {}

    def see(self, assets: Iterable[Asset], unseen: Iterable[tuple[str, str]]) -> None:
        """Compare assets with the rules; `unseen` assets, by space and name, may match any."""
        for asset in assets:
            if not self._open:
                return
            self._settle(partial(self._matches, asset))
        for space, name in unseen if self._open else ():
            self._settle(partial(_reaches, space, name))

    def matches(self) -> RuleMatches:
        """Return what the assets so far show."""
        near = {
            key: near_name(_last_part(entry), self._candidates.get(key, ()))
            for key, entry in self._open.items()
        }
        return RuleMatches(
            tuple(sorted(self._settled)),
            tuple(sorted((key, name) for key, name in near.items() if name)),
        )

    def _settle(self, applies: Callable[[Entry], bool]) -> None:
        done = [key for key, entry in self._open.items() if applies(entry)]
        self._settled.update(done)
        for key in done:
            del self._open[key]

    def _matches(self, asset: Asset, entry: Entry) -> bool:
        if not _reaches(asset.space, asset.name, entry):
            return False
        names = _names(entry, asset)
        if _matches_one(entry, asset, names):
            return True
        candidates = self._candidates.setdefault(str(entry), set())
        if len(candidates) < _MOST_CANDIDATES:
            candidates.update(names)
        return False


def _matches_one(entry: Entry, asset: Asset, names: Iterable[str]) -> bool:
    """Return whether an entry matches one of the names that it is compared with in an asset."""
    match entry.form:
        case Form.TYPE:
            return entry.text in names
        case Form.TERM:
            match = glob(entry.text.lower().removeprefix("@")).match
            return any(match(name.lower()) for name in names)
        case Form.COLUMN:
            match = glob(entry.text).match
            return any(match(f"{asset.space}.{asset.name}.{name}") for name in names)
        case Form.NAME | Form.SCOPE | Form.ASSET | Form.SPACE | Form.FIELD:
            match = glob(entry.column or "*").match
            return any(match(name) for name in names)
        case _:
            assert_never(entry.form)


def _names(entry: Entry, asset: Asset) -> set[str]:
    match entry.form:
        case Form.TYPE:
            types = {element.type for element in asset.elements}
            return {raw_type(one) for one in types} | {one.name for one in types}
        case Form.TERM:
            columns = {term for element in asset.elements for term, _ in element.custom}
            return columns | {term for term, _ in asset.custom}
        case Form.COLUMN | Form.NAME | Form.SCOPE | Form.ASSET | Form.SPACE | Form.FIELD:
            names = {element.name for element in asset.elements}
            return {called for name in names for called in callable_by(name, names)}
        case _:
            assert_never(entry.form)


def _reaches(space: str, name: str, entry: Entry) -> bool:
    """Return whether an entry may match a column of an asset."""
    match entry.form:
        case Form.TYPE | Form.TERM:
            return True
        case Form.COLUMN:
            return may_match_below(entry.text, f"{space}.{name}.")
        case Form.NAME | Form.SCOPE | Form.ASSET | Form.SPACE | Form.FIELD:
            return matches_any(entry.text, frozenset({f"{space}.{name}"}))
        case _:
            assert_never(entry.form)


def _last_part(entry: Entry) -> str:
    if entry.form is Form.COLUMN:
        return entry.text.rpartition(".")[2]
    return entry.column or entry.text
