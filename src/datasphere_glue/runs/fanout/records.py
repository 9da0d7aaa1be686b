"""The stored records of a divided run: how it was divided, and the result of each part.

    runs/<run id>/split/manifest.json         how the run was divided
    runs/<run id>/parts/<part>/part.1.json    the result of a worker; part.2.json: continued
    runs/<run id>/parts/<part>/atlas.1.jsonl  the assets that it evaluated (see `asset_index`)
    runs/<run id>/parts/<part>/...            its before-images, audit records and report

Tables are stored by name alone: the before-images hold their content, and the results of all parts
must fit into the memory of the last step.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final, TypeVar
from urllib.parse import quote

from datasphere_glue.errors import EventError, Halt, Unavailable, excerpt
from datasphere_glue.model.completeness import Completeness
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.rule_matches import RuleMatches
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.model.scope import Part
from datasphere_glue.model.table import Table
from datasphere_glue.outcome.asset_index import PackedSpace, keep_packed_spaces
from datasphere_glue.outcome.call_stats import CallStats
from datasphere_glue.outcome.context import Costs
from datasphere_glue.outcome.run import Result, as_issue
from datasphere_glue.plan.change import DatabaseChange, Outcome, OutcomeStatus, Plan, TableChange
from datasphere_glue.plan.serial import decode, to_text
from datasphere_glue.runs.fanout.merge_resumed import merge_resumed
from datasphere_glue.storage.state import UNUSABLE, bounded_json
from datasphere_glue.storage.store import Store

SCHEMA: Final = "datasphere-glue/part/1"
MANIFEST: Final = "datasphere-glue/split/1"

_LARGEST: Final = 256_000_000
"""Bytes of a record: it names each change, but holds no table."""

_Stored = TypeVar("_Stored")


@dataclass(frozen=True, slots=True)
class Manifest:
    """How a run was divided, with what its request defines for all parts.

    `spaces`: the requested spaces; empty for all.
    `databases`: each space with its Glue database; a choice that depends on all spaces.
    `undated`, `dated`: numbers of assets without and with a date of change, in all spaces.
    `calls`: calls of the division itself by side; `health`: their statistics.
    """

    started: str
    trigger: str
    cause: str | None
    spaces: tuple[str, ...]
    full: bool
    parts: tuple[Part, ...]
    databases: tuple[tuple[str, str], ...]
    undated: int = 0
    dated: int = 0
    calls: tuple[tuple[str, int], ...] = ()
    health: CallStats = field(default_factory=CallStats)


@dataclass(frozen=True, slots=True)
class PartRun:
    """The result of one part; `result` is None if its worker was lost, or its record is unusable.

    `error`: what ended the part early.
    `halted`: whether that error forbids every further write of the run.
    `asset_index_keys`: keys under which its packed assets may be stored.
    `unusable`: why its record cannot be used.
    """

    part: Part
    result: Result | None = None
    error: Issue | None = None
    halted: bool = False
    costs: Costs = field(default_factory=Costs)
    asset_index_keys: tuple[str, ...] = ()
    unusable: str | None = None

    @property
    def missing(self) -> Mapping[str, Issue]:
        """Return why spaces of this part were not read completely, by space."""
        if self.result is None:
            return {space: _lost(space, self) for space in self.part.spaces}
        if self.error is not None and not self.halted:
            return {
                space: replace(self.error, space=space, asset=None) for space in self.part.spaces
            }
        return {one.space: one.incomplete for one in self.result.listings if one.incomplete}


@dataclass(frozen=True, slots=True)
class _Listing:
    """A listing without the names of its assets."""

    space: str
    label: str | None
    incomplete: Issue | None
    unread: tuple[Issue, ...]
    degraded: tuple[Issue, ...]
    notes: tuple[Issue, ...]
    read: int
    reused: int
    left: int


@dataclass(frozen=True, slots=True)
class _Wrote:
    """The outcome of a change to a table or else to a database."""

    table: TableChange | None
    database: DatabaseChange | None
    result: OutcomeStatus
    verified: bool
    attempts: int
    error: Issue | None
    halts: bool


@dataclass(frozen=True, slots=True)
class _Record:
    """A part as it is stored; `plan` lists its changes only if none was tried."""

    listings: tuple[_Listing, ...]
    plan: Plan
    wrote: tuple[_Wrote, ...]
    objections: tuple[Issue, ...]
    error: Issue | None
    halted: bool
    calls: tuple[tuple[str, int], ...]
    completeness: tuple[Completeness, ...] = ()
    health: CallStats = field(default_factory=CallStats)
    rule_matches: RuleMatches | None = None


def place_of(run_id: str, part: Part) -> str:
    """Return the folder of the records of a part, below `runs/`."""
    name = quote(part.spaces[0], safe="")
    if part.slice is not None:
        name += f".{part.slice.number}-of-{part.slice.of}"
    elif len(part.spaces) > 1:
        name += f".and-{len(part.spaces) - 1}-more"
    return f"{run_id}/parts/{name}"


def keep_manifest(store: Store, run_id: str, manifest: Manifest) -> None:
    """Store the manifest of a run.

    Raises:
        ReportUnwritable: it cannot be stored.

    """
    content = {name.name: getattr(manifest, name.name) for name in fields(manifest)}
    if not manifest.dated:
        # Earlier versions did not count them, and refuse a field that they do not know.
        del content["dated"]
    store.put(_manifest_key(run_id), _body(MANIFEST, content))


def manifest_of(store: Store, run_id: str) -> Manifest:
    """Return the manifest of a run.

    Raises:
        EventError: the store has no manifest of that run.
        Unavailable: the manifest cannot be read.

    """
    key = _manifest_key(run_id)
    body = store.get(key)
    if body is None:
        raise EventError(
            f"run_id: run {run_id} was not split, there is no {store.location(key)}",
            remedy="begin with the step split, and give the run_id that it returned",
        )
    return _read(Manifest, MANIFEST, body, store.location(key))


def keep_part(
    store: Store, place: str, result: Result, costs: Costs, assets: Iterable[PackedSpace] = ()
) -> None:
    """Store the result of a part, the costs of this invocation, and the evaluated assets.

    Raises:
        ReportUnwritable: they cannot be stored.

    """
    number = len(store.find(f"runs/{place}/part.")) + 1
    key = f"runs/{place}/part.{number}.json"
    keep_packed_spaces(store, _asset_index_key(key), assets)
    store.put(key, _body(SCHEMA, _content(_record(result, costs))))


def parts_of(store: Store, run_id: str, manifest: Manifest) -> Iterator[PartRun]:
    """Yield the result of each part of a run, in the order of the manifest.

    A part with a record that cannot be used counts as lost.

    Raises:
        Unavailable: the records cannot be listed.

    """
    keys_by_place: dict[str, list[str]] = {}
    for entry in store.find(f"runs/{run_id}/parts/"):
        folder, _, name = entry.key.rpartition("/")
        if name.startswith("part."):
            keys_by_place.setdefault(folder.removeprefix("runs/"), []).append(entry.key)
    for part in manifest.parts:
        keys = keys_by_place.get(place_of(run_id, part), ())
        keys = sorted(keys, key=lambda key: (len(key), key))
        try:
            records = [_stored(store, key) for key in keys]
            yield _part(part, records, tuple(map(_asset_index_key, keys)))
        except Unavailable as err:
            yield PartRun(part, unusable=err.message)


def _manifest_key(run_id: str) -> str:
    return f"runs/{run_id}/split/manifest.json"


def _asset_index_key(key: str) -> str:
    """Return the key of the packed assets that belong to the record of a part."""
    folder, _, name = key.rpartition("/")
    return f"{folder}/{name.replace('part', 'atlas')}l"


def _lost(space: str, lost: PartRun) -> Issue:
    cause = lost.unusable or f"the worker of {lost.part} did not finish"
    return Issue(IssueCode.WORKER_LOST, f"{cause}; what it read is unknown", space=space)


def _record(result: Result, costs: Costs) -> _Record:
    tried = bool(result.outcomes)
    plan = replace(
        result.plan,
        databases=() if tried else result.plan.databases,
        tables=() if tried else tuple(_outlined(change) for change in result.plan.tables),
    )
    return _Record(
        listings=tuple(_outline(result, listing) for listing in result.listings),
        plan=plan,
        wrote=tuple(_wrote(outcome) for outcome in result.outcomes),
        objections=result.objections,
        error=as_issue(result.error) if result.error else None,
        halted=isinstance(result.error, Halt),
        calls=tuple(sorted(costs.calls.items())),
        completeness=result.completeness,
        health=costs.call_stats,
        rule_matches=result.rule_matches,
    )


def _outline(result: Result, listing: SpaceListing) -> _Listing:
    # The last step reads the assets that are left to it once more, and counts them.
    again = sum(space == listing.space for space, _ in result.plan.left)
    return _Listing(
        listing.space,
        listing.label,
        listing.incomplete,
        listing.unread,
        listing.degraded,
        listing.notes,
        max(0, listing.read - again),
        listing.reused,
        listing.left,
    )


def _wrote(outcome: Outcome) -> _Wrote:
    change = outcome.change
    table = _outlined(change) if isinstance(change, TableChange) else None
    return _Wrote(
        table,
        change if isinstance(change, DatabaseChange) else None,
        outcome.result,
        outcome.verified,
        outcome.attempts,
        outcome.error,
        outcome.halts,
    )


def _outlined(change: TableChange) -> TableChange:
    name = Table(change.database, change.table)
    return replace(change, before=None, after=name, version_id=None)


def _part(part: Part, records: list[_Record], asset_index_keys: tuple[str, ...]) -> PartRun:
    result: Result | None = None
    for record in records:
        one = _result(record)
        result = one if result is None else merge_resumed(result, one)
    last = records[-1] if records else None
    return PartRun(
        part,
        result,
        last.error if last else None,
        last.halted if last else False,
        sum((Costs(0, dict(one.calls), one.health) for one in records), start=Costs()),
        asset_index_keys,
    )


def _result(record: _Record) -> Result:
    outcomes = tuple(_outcome(wrote) for wrote in record.wrote)
    plan = record.plan
    if outcomes:
        changes = [outcome.change for outcome in outcomes]
        plan = replace(
            plan,
            databases=tuple(c for c in changes if isinstance(c, DatabaseChange)),
            tables=tuple(c for c in changes if isinstance(c, TableChange)),
        )
    listings = tuple(
        SpaceListing(
            one.space,
            one.label,
            incomplete=one.incomplete,
            unread=one.unread,
            degraded=one.degraded,
            notes=one.notes,
            read=one.read,
            reused=one.reused,
            left=one.left,
        )
        for one in record.listings
    )
    return Result(
        RunAction.SYNC,
        listings,
        plan=plan,
        objections=record.objections,
        outcomes=outcomes,
        completeness=record.completeness,
        rule_matches=record.rule_matches,
    )


def _outcome(wrote: _Wrote) -> Outcome:
    change = wrote.table or wrote.database
    if change is None:
        raise ValueError("an outcome needs a change")
    return Outcome(change, wrote.result, wrote.verified, wrote.attempts, wrote.error, wrote.halts)


def _content(record: _Record) -> dict[str, Any]:
    """Return the fields of a record; without rules it has the form of earlier versions."""
    values = {one.name: getattr(record, one.name) for one in fields(record)}
    return {name: value for name, value in values.items() if name != "rule_matches" or value}


def _body(schema: str, value: Any) -> bytes:
    return to_text({"schema": schema, "content": value}).encode() + b"\n"


def _stored(store: Store, key: str) -> _Record:
    return _read(_Record, SCHEMA, b"\n".join(store.lines(key)), store.location(key))


def _read(kind: type[_Stored], schema: str, body: bytes, place: str) -> _Stored:
    try:
        return _value(kind, schema, bounded_json(body, _LARGEST))
    except UNUSABLE as err:
        raise Unavailable(
            f"{place} is no record of a divided run: {excerpt(str(err))}",
            remedy="start the run over; what its workers wrote stands and is not done again",
        ) from err


def _value(kind: type[_Stored], schema: str, document: Mapping[str, Any]) -> _Stored:
    if document["schema"] != schema:
        raise ValueError(f"its schema is not {schema}")
    return decode(kind, document["content"])
