"""Names the filters of an export that no record of the audit trail matches."""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Final

from datasphere_glue.evidence.audit_files import Record
from datasphere_glue.evidence.export import ExportFilter
from datasphere_glue.model.near_names import near_name

_MOST: Final = 10_000
"""Most names of a kind that are kept for a suggestion."""


def unmatched_filters(records: Iterable[Record], selected: ExportFilter) -> Iterator[str]:
    """Yield a message for each filter by name that matches no record of the trail, with a near one.

    `records`: every record of the trail.
    """
    names: dict[str, set[str]] = {"space": set(), "asset": set(), "action": set(), "actor": set()}
    runs: set[str] = set()
    for record in records:
        runs.add(str(record.get("run_id")))
        for kind, seen in names.items():
            if record.get(kind) and len(seen) < _MOST:
                seen.add(str(record[kind]))
        if record.get("asset"):
            names["asset"].add(f"{record.get('space')}.{record['asset']}")
    wanted = [("--run", selected.run, runs), ("--asset", selected.asset, names["asset"])]
    wanted += [("--space", space, names["space"]) for space in sorted(selected.spaces)]
    wanted += [("--action", action, names["action"]) for action in sorted(selected.actions)]
    wanted += [("--actor", selected.actor, names["actor"])]
    for flag, text, known in wanted:
        if text is not None and not any(fnmatchcase(name, text) for name in known):
            near = near_name(text, known)
            hint = f"; did you mean {near}?" if near else ""
            yield f"{flag} {text} matches no record{hint}"
