"""Filters of an export that match nothing are named, with what they may have meant."""

from typing import Any

import pytest

from datasphere_glue.evidence.export import ExportFilter
from datasphere_glue.evidence.unmatched_filters import unmatched_filters

RECORDS: list[dict[str, Any]] = [
    {"run_id": "night-1", "space": None, "asset": None, "actor": "arn:aws:sts::1:user/jane"},
    {"run_id": "night-2", "space": "SALES", "asset": "V_ORDERS", "action": "create"},
]


@pytest.mark.parametrize(
    ("selected", "messages"),
    [
        (ExportFilter(), []),
        (ExportFilter(spaces=frozenset({"SALES"}), asset="V_*", run="night-1"), []),
        (ExportFilter(asset="SALES.V_*", actor="*jane*"), []),
        (
            ExportFilter(spaces=frozenset({"sales"})),
            ["--space sales matches no record; did you mean SALES?"],
        ),
        (
            ExportFilter(asset="V_ORDER", actions=frozenset({"creat"})),
            [
                "--asset V_ORDER matches no record; did you mean V_ORDERS?",
                "--action creat matches no record; did you mean create?",
            ],
        ),
        (ExportFilter(run="Night-1"), ["--run Night-1 matches no record; did you mean night-1?"]),
        (ExportFilter(actor="bob"), ["--actor bob matches no record"]),
    ],
)
def test_a_filter_that_matches_no_record_is_named(
    selected: ExportFilter, messages: list[str]
) -> None:
    assert list(unmatched_filters(RECORDS, selected)) == messages
