"""Lets the record of runs lie further back, with hashes that match."""

import json
from datetime import datetime, timedelta
from pathlib import Path

from datasphere_glue.evidence.hashed_lines import chain_records

_MADE_ANEW = ("number", "previous", "hash")


def age_record(reports: Path, days: int) -> None:
    """Let every run on record have begun so many days earlier."""
    for path in reports.rglob("audit.jsonl"):
        path.write_bytes(aged(path.read_bytes(), days))


def aged(audit: bytes, days: int) -> bytes:
    """Return an audit file as a run that many days earlier had written it."""
    records = [json.loads(line) for line in audit.splitlines()]
    for record in records:
        started = datetime.fromisoformat(record["started"]) - timedelta(days)
        record["started"] = started.isoformat()
        for name in _MADE_ANEW:
            del record[name]
    return b"".join(chain_records(records))
