"""Lineage events of the tables that a run wrote, and of a whole catalog."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Final

from datasphere_glue.browse.describe import Entry
from datasphere_glue.config.settings import Settings
from datasphere_glue.errors import LineageUnavailable
from datasphere_glue.mapping.from_table import asset_from_table
from datasphere_glue.outcome.run import Result, Status, as_issue
from datasphere_glue.plan.change import Outcome, OutcomeStatus, TableChange
from datasphere_glue.storage.store import Store

if TYPE_CHECKING:
    from datasphere_glue.browse.openlineage import Events

FILE: Final = "lineage.jsonl"

_ENDED_BADLY: Final = frozenset({Status.FAILED, Status.HALTED})
_REPORT_WAITS_S: Final = 8.0
"""Seconds after the end of a run within which its events may be built; its report follows."""

_ACCOUNT: Final = 4
"""Position of the account in an ARN."""


def with_lineage(
    result: Result,
    settings: Settings,
    store: Store,
    own_region: Callable[[], str | None],
    until: float = float("inf"),
) -> Result:
    """Store the lineage events of a run if LINEAGE_EXPORT is on, and return its result.

    A run that wrote no table has no events. A failure degrades the run and undoes nothing. So does
    a monotonic `until` that has passed for longer than the report can wait.
    """
    outcomes = result.outcomes if result.context.place is None else result.unrecorded
    if settings.lineage_export == "off" or not any(_written(outcomes)):
        return result
    try:
        events = lineage_events(settings, lambda: result.actor, own_region)
        body = _in_time(_body(result, events), until + _REPORT_WAITS_S)
        store.put(f"runs/{result.context.folder}/{FILE}", body)
    except Exception as err:  # noqa: BLE001 - what the run wrote stands without its lineage
        return replace(result, report_error=result.report_error or as_issue(err))
    return result


def lineage_events(
    settings: Settings,
    identity: Callable[[], str | None],
    own_region: Callable[[], str | None],
) -> "Events":
    """Return the builder of lineage events; `identity` returns an ARN of the catalog's account.

    Raises:
        LineageUnavailable: the library is not installed, or account or Region are unknown.

    """
    try:
        from datasphere_glue.browse import openlineage  # noqa: PLC0415 - its library is optional
    except ModuleNotFoundError as err:
        raise LineageUnavailable(f"lineage events need {err.name}: it is not installed") from err
    account, _, inside = (settings.catalog_id or "").partition(":")
    if not account:
        arn = (settings.role_arn or identity() or "").split(":")
        account = arn[_ACCOUNT] if len(arn) > _ACCOUNT else ""
    region = settings.region or own_region()
    if not account or not region:
        raise LineageUnavailable(
            "lineage events name the account and the Region of the catalog: they are unknown",
            remedy="set GLUE_CATALOG_ID and GLUE_REGION",
        )
    return openlineage.Events(openlineage.LineageNaming(settings.tenant, region, account, inside))


def _body(result: Result, events: "Events") -> Iterator[bytes]:
    started = datetime.fromisoformat(result.context.started or "")
    tables = (change.after for change in _written(result.unrecorded) if change.after)
    entries = (Entry(table, asset_from_table(table).asset) for table in tables)
    lines = events.of_assets(entries, started)
    if result.context.place is not None:
        return lines
    names = ((f"{c.space}.{c.asset}", c.database, c.table) for c in _written(result.outcomes))
    failed = result.issues[0].message if result.status in _ENDED_BADLY else None
    span = started, started + timedelta(milliseconds=result.costs.duration_ms)
    return chain(lines, events.of_run(result.context.run_id, span, tuple(names), failed))


def _in_time(lines: Iterator[bytes], end: float) -> Iterator[bytes]:
    for line in lines:
        if time.monotonic() > end:
            raise LineageUnavailable(
                "the time of the run was over before all lineage events were built",
                remedy="run `datasphere-glue lineage export`, which covers the whole catalog",
            )
        yield line


def _written(outcomes: Iterable[Outcome]) -> Iterator[TableChange]:
    """Yield the changes that left a table in the catalog."""
    for outcome in outcomes:
        change = outcome.change
        done = outcome.result is OutcomeStatus.DONE and not change.action.removes
        if done and isinstance(change, TableChange):
            yield change
