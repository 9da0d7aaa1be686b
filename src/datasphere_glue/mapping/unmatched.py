"""Finds entries of a selection or a rule that match nothing, and selections that leave nothing.

Only names decide, as listings and the catalog give them. Where a listing is missing or incomplete,
an entry that may match there is not judged.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, assert_never

from datasphere_glue.errors import first_few
from datasphere_glue.mapping.entries import (
    Entry,
    Form,
    Names,
    Role,
    glob,
    is_exact,
    matches_any,
    matching,
    may_match_below,
)
from datasphere_glue.mapping.field_paths import field_paths
from datasphere_glue.mapping.near_entries import suggestion
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.rule_matches import RuleMatches
from datasphere_glue.model.scope import Scope

_MOST: Final = 20
"""Most entries of one place that get an issue each."""

_NAMED: Final = 3
"""Most entries that one message names."""

_Item = tuple[str, str | None]
"""An asset by space and name, or a whole space."""


@dataclass(frozen=True, slots=True)
class Unmatched:
    """What is wrong with the entries of a run.

    `issues`: what was asked for and is missing; they degrade the run.
    `notes`: filters, exclusions and rules that match nothing, and entries that exclude each other.
    """

    issues: tuple[Issue, ...] = ()
    notes: tuple[Issue, ...] = ()


def unmatched_entries(
    entries: Sequence[Entry], names: Names, scope: Scope, matches: RuleMatches | None = None
) -> Unmatched:
    """Return the issues of entries that match nothing.

    A narrow run without a request of its own, such as that of a change event, judges only whether
    the configured selection leaves anything.

    `matches`: what the assets show about rules for columns; None leaves these rules unjudged.
    An exact space that the tenant does not list is an issue of its listing, not of this function.
    """
    judge = _Judge(entries, names, scope, matches)
    if judge.narrow and not judge.asked:
        return Unmatched(() if judge.leaves_something() else (judge.empty(),))
    issues = [*judge.unmatched({Role.REQUEST, Role.SELECTION}), *judge.excluded({Role.REQUEST})]
    narrowed = [*judge.unmatched({Role.FILTER}), *judge.excluded({Role.SELECTION, Role.FILTER})]
    if not issues and not judge.reported and not judge.leaves_something():
        issues = [judge.as_empty(one) for one in narrowed] or [judge.empty()]
        narrowed = []
    notes = [*narrowed, *judge.unmatched({Role.EXCLUSION, Role.RULE})]
    return Unmatched(tuple(issues), tuple(notes))


def requested_at(space: str, entries: Iterable[Entry]) -> str:
    """Return the entries that name a space exactly, for a message."""
    asking = (one for one in entries if one.role in _ASKING)
    named = dict.fromkeys(str(one) for one in asking if one.exact_space == space)
    return first_few(list(named), _NAMED)


class _Judge:
    def __init__(
        self,
        entries: Sequence[Entry],
        names: Names,
        scope: Scope,
        matches: RuleMatches | None,
    ) -> None:
        self._names = names
        self._scope = scope
        self._assets_of = {space: names.of(space) for space in names.assets}
        self._configured = replace(scope, spaces=frozenset(), assets=frozenset(), slice=None)
        self.narrow = bool(scope.spaces or scope.assets)
        self.asked = any(entry.role is Role.REQUEST for entry in entries)
        unlisted = scope.named_spaces - names.spaces
        self.reported = frozenset(space for space in unlisted if scope.covers_space(space))
        self._entries = [one for one in entries if not self.narrow or one.role not in _SELECTING]
        self._filters = entries
        self._matches = matches
        self._settled = frozenset(matches.settled) if matches else frozenset[str]()

    def unmatched(self, roles: set[Role]) -> Iterator[Issue]:
        """Yield an issue for each entry of these roles that matches nothing."""
        left: dict[str, int] = {}
        for entry in self._entries:
            if entry.role not in roles or self._is_matched(entry):
                continue
            left[entry.section] = left.get(entry.section, 0) + 1
            if left[entry.section] <= _MOST:
                yield self._issue(entry)
        for section, count in left.items():
            if count > _MOST:
                message = f"{section}: {count - _MOST} more entries match nothing"
                yield Issue(_code(roles), message)

    def excluded(self, roles: set[Role]) -> Iterator[Issue]:
        """Yield an issue for each entry of these roles whose matches other entries exclude."""
        for entry in self._entries:
            items = self._items(entry) if entry.role in roles else []
            if items and not any(map(self._is_covered, items)):
                yield self._excluded(entry, first_few(self._excluding(entry, items), _NAMED))

    def leaves_something(self) -> bool:
        """Return whether the selection covers an asset, a space without any, or what may be."""
        if not self._names.spaces and self._names.stored:
            return True  # each space of the catalog that is no longer listed has its own issue
        scope = self._scope if self.asked or not self.narrow else self._configured
        spaces = self._names.spaces | self._names.gone
        return any(self._covers((space, None), scope) for space in spaces)

    def as_empty(self, issue: Issue) -> Issue:
        """Return the note of an entry as the issue of a selection that leaves nothing."""
        unmatched = issue.code is IssueCode.SELECTION_UNMATCHED
        return issue if unmatched else replace(issue, code=IssueCode.SELECTION_EMPTY)

    def empty(self) -> Issue:
        """Return the issue of a selection that leaves nothing, without a single entry at fault."""
        filters = [str(one) for one in self._filters if one.role in _FILTERING]
        count = len(self._names.spaces)
        if not count:
            return Issue(
                IssueCode.SELECTION_EMPTY,
                "the tenant lists no space to this technical user, so there is nothing to read",
                "make the technical user a member of the spaces, with a scoped DW Viewer role",
            )
        named = first_few(filters, _NAMED) or "the selection"
        verb = "leave" if len(filters) > 1 else "leaves"
        message = f"{named} {verb} nothing of the {count} spaces that the tenant lists"
        return Issue(IssueCode.SELECTION_EMPTY, message)

    def _is_matched(self, entry: Entry) -> bool:
        match entry.form:
            case Form.SPACE | Form.ASSET | Form.SCOPE:
                return entry.exact_space in self.reported or self._is_scope_matched(entry)
            case Form.NAME | Form.COLUMN:
                return self._is_rule_matched(entry)
            case Form.FIELD:
                return matches_any(entry.text, field_paths(entry.text))
            case Form.TYPE | Form.TERM:
                return self._matches is None or self.narrow or str(entry) in self._settled
            case _:
                assert_never(entry.form)

    def _is_scope_matched(self, entry: Entry) -> bool:
        space, asset = entry.parts
        every = self._names.known_spaces
        if entry.role is Role.RULE:  # an entry of `gone_spaces` does not match itself
            every = self._names.spaces | self._names.stored.keys()
        spaces = matching(space, every) if entry.form is Form.SCOPE else {space} & every
        if asset is None:
            return bool(spaces)
        return any(self._holds(one, entry, asset) for one in spaces)

    def _holds(self, space: str, entry: Entry, asset: str) -> bool:
        """Return whether a space has a matching asset, or may have one."""
        names = self._assets_of.get(space)
        if names is None:
            return True
        return asset in names if entry.form is Form.ASSET else matches_any(asset, names)

    def _is_rule_matched(self, entry: Entry) -> bool:
        if str(entry) in self._settled or self._may_match_elsewhere(entry):
            return True
        if not self._matches_an_asset(entry):
            return False
        return not entry.needs_columns or self._matches is None

    def _may_match_elsewhere(self, entry: Entry) -> bool:
        unread = self._names.spaces - self._names.assets.keys()
        return any(may_match_below(entry.text, f"{space}.") for space in unread)

    def _matches_an_asset(self, entry: Entry) -> bool:
        for space, names in self._names.assets.items():
            if not may_match_below(entry.text, f"{space}."):
                continue
            if entry.form is Form.COLUMN:
                if any(may_match_below(entry.text, f"{space}.{name}.") for name in names):
                    return True
            elif is_exact(entry.text):
                return entry.text.removeprefix(f"{space}.") in names
            elif any(map(glob(entry.text).match, (f"{space}.{name}" for name in names))):
                return True
        return False

    def _items(self, entry: Entry) -> list[_Item]:
        """Return what an entry matches by itself, in spaces that the tenant lists."""
        space, asset = entry.parts
        every = self._names.spaces
        spaces = matching(space, every) if entry.form is Form.SCOPE else {space} & every
        if asset is None:
            return [(one, None) for one in sorted(spaces)]
        if entry.form is Form.ASSET:
            return [(one, asset) for one in spaces]
        return [item for one in sorted(spaces) for item in self._assets(one, asset)]

    def _assets(self, space: str, pattern: str) -> list[_Item]:
        names = self._assets_of.get(space)
        return [(space, name) for name in matching(pattern, names)] if names else [(space, None)]

    def _is_covered(self, item: _Item) -> bool:
        return self._covers(item, self._scope)

    def _covers(self, item: _Item, scope: Scope) -> bool:
        space, asset = item
        if asset is not None:
            return scope.covers_asset(space, asset)
        names = self._assets_of.get(space)
        if not names:
            return scope.covers_space(space)
        return scope.covers_space(space) and any(scope.covers_asset(space, n) for n in names)

    def _excluding(self, entry: Entry, items: list[_Item]) -> list[str]:
        """Return the entries that exclude everything that an entry matches."""
        groups: dict[str, list[Entry]] = {}
        for one in self._filters:
            if one.role in _SELECTING:
                groups.setdefault(one.section, []).append(one)
        groups.pop(entry.section, None)
        blocking = [
            one
            for one in self._filters
            if one.role is Role.EXCLUSION and any(_touches(one, item) for item in items)
        ]
        for group in groups.values():
            if not any(_touches(one, item) for one in group for item in items):
                blocking += group
        return [str(one) for one in blocking]

    def _excluded(self, entry: Entry, others: str) -> Issue:
        by = f"{entry} and {others} exclude each other" if others else f"{entry} is excluded"
        asked = entry.role is Role.REQUEST
        return Issue(
            IssueCode.SELECTION_UNMATCHED if asked else IssueCode.RULE_UNMATCHED,
            f"{by}: nothing of it is read",
            "remove or correct one of the named entries",
        )

    def _issue(self, entry: Entry) -> Issue:
        near = dict(self._matches.near).get(str(entry)) if self._matches else None
        hint = suggestion(entry, self._names, near)
        return Issue(
            _code({entry.role}),
            f"{entry} matches nothing" + (f"; did you mean {hint}?" if hint else ""),
        )


_SELECTING: Final = frozenset({Role.SELECTION, Role.FILTER})
_ASKING: Final = frozenset({Role.REQUEST, Role.SELECTION})
_FILTERING: Final = frozenset({*_ASKING, Role.FILTER, Role.EXCLUSION})


def _touches(entry: Entry, item: _Item) -> bool:
    """Return whether an entry of a selection matches a part of an item."""
    space, asset = entry.parts
    if not matches_any(space, frozenset({item[0]})):
        return False
    return asset is None or item[1] is None or matches_any(asset, frozenset({item[1]}))


def _code(roles: set[Role]) -> IssueCode:
    if roles & {*_ASKING, Role.FILTER}:
        return IssueCode.SELECTION_UNMATCHED
    return IssueCode.RULE_UNMATCHED
