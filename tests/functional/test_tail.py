"""tail: the log of the deployed function, read from CloudWatch and described in text."""

import json
from time import time
from typing import Any

import pytest

from datasphere_glue.aws import logs
from datasphere_glue.cli import main
from datasphere_glue.commands.tail import line
from datasphere_glue.errors import Unavailable
from local.catalog.embedded import EmbeddedCatalog

GROUP = "/aws/lambda/tailed"
AT = 1_700_000_000_000
RUN = {
    "level": "WARNING",
    "message": {
        "event": "run",
        "result": {
            "run_id": "night-1",
            "action": "sync",
            "status": "DEGRADED",
            "counts": {"created": 2, "updated": 0},
        },
    },
}
CHANGE = {
    "level": "INFO",
    "message": {
        "event": "change",
        "audit": {
            "action": "create",
            "database": "sales",
            "table": "orders",
            "reason": "new in Datasphere",
            "outcome": "done",
        },
    },
}


class Log:
    """A log group of a function."""

    def __init__(self, catalog: EmbeddedCatalog, group: str = GROUP) -> None:
        self.client = catalog.client("logs")
        self.group = group
        self.client.create_log_group(logGroupName=group)
        self.client.create_log_stream(logGroupName=group, logStreamName="one")

    def write(self, at: int, *records: Any) -> None:
        events = [
            {"timestamp": at, "message": one if isinstance(one, str) else json.dumps(one)}
            for one in records
        ]
        self.client.put_log_events(logGroupName=self.group, logStreamName="one", logEvents=events)


@pytest.fixture
def now() -> int:
    """Return a moment that CloudWatch still takes lines of."""
    return int(time() * 1000)


@pytest.mark.ci_only
def test_new_log_lines_are_printed_once(catalog: EmbeddedCatalog, now: int) -> None:
    log = Log(catalog)
    log.write(now, "first")
    waited: list[float] = []

    def pause(seconds: float) -> bool:
        waited.append(seconds)
        if len(waited) == 1:
            log.write(now + 5, "second")
        return len(waited) < 3

    texts = [text for _, text in logs.lines("tailed", now - 1000, pause=pause)]

    assert texts == ["first", "second"]
    assert waited == [logs.PAUSE_S] * 3


def test_tail_describes_changes_and_runs(
    catalog: EmbeddedCatalog, now: int, capsys: pytest.CaptureFixture[str]
) -> None:
    Log(catalog).write(now, "START RequestId: 1", CHANGE, RUN)

    assert main(["tail", "tailed", "--no-follow", "--since", "1h"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [one[10:] for one in lines] == [
        "INFO     change create sales.orders new in Datasphere done",
        "WARNING  run night-1 sync: DEGRADED (2 created)",
    ]

    assert main(["tail", GROUP, "--no-follow", "--level", "warning"]) == 0
    assert "change" not in capsys.readouterr().out


def test_a_missing_log_group_is_an_error_with_a_remedy(
    catalog: EmbeddedCatalog, capsys: pytest.CaptureFixture[str]
) -> None:
    assert catalog
    assert main(["tail", "nobody", "--no-follow"]) == 1
    assert "logs:FilterLogEvents" in capsys.readouterr().err
    with pytest.raises(Unavailable):
        list(logs.lines("nobody", 0, pause=lambda _: False))


@pytest.mark.parametrize(
    ("text", "least", "expected"),
    [
        ("REPORT RequestId", "INFO", None),
        ("REPORT RequestId", "DEBUG", "22:13:20  REPORT RequestId"),
        ("... Task timed out after 900 s", "ERROR", "22:13:20  ... Task timed out after 900 s"),
        ('{"level": "INFO", "message": "a\\u001b[2J b"}', "INFO", "22:13:20  INFO     a�[2J b"),
        (
            '{"level": "ERROR", "message": {"event": "error"}}',
            "INFO",
            "22:13:20  ERROR    event=error",
        ),
        ('{"_aws": {}}', "INFO", None),
    ],
)
def test_lines_of_all_kinds(text: str, least: str, expected: str | None) -> None:
    assert line(AT, text, least) == expected


@pytest.mark.parametrize("wrong", ["yesterday", "10x"])
def test_an_invalid_time_is_rejected(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tail", "tailed", "--since", wrong]) == 1
    assert "neither" in capsys.readouterr().err
