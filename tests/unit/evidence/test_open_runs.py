"""Open runs in a link: images open a run, its record closes it, and the list may be forged."""

import json
from dataclasses import replace
from typing import Any

import pytest

from datasphere_glue.evidence.open_runs import ImageFile, OpenRun, open_after, open_runs_of

BEFORE = ("runs/night-1/before.jsonl", "ab" * 32, 3)
SECOND = ("runs/night-1/before.2.jsonl", "cd" * 32, 2)
AUDIT = ("runs/night-1/audit.jsonl", "ef" * 32, 4)
NIGHT = OpenRun("night-1", "machine/7/a", started="2026-11-23T01:00:00+00:00", tenant="acme")
OTHER = OpenRun("night-2", "machine/8/b", (ImageFile(*BEFORE),))


def test_a_run_is_open_from_its_first_images_to_its_record() -> None:
    opened = open_after((OTHER,), NIGHT, [BEFORE])
    again = open_after(opened, NIGHT, [SECOND])

    assert opened == (OTHER, replace(NIGHT, images=(ImageFile(*BEFORE),)))
    assert (again[1].changes, len(again[1].images)) == (5, 2)
    assert "5 changes" in again[1].unknown
    assert open_after(again, NIGHT, [AUDIT]) == (OTHER,)


def test_a_run_without_changes_opens_and_closes_nothing() -> None:
    assert open_after((OTHER,), NIGHT, [AUDIT]) == (OTHER,)
    assert open_after((OTHER,), NIGHT, []) == (OTHER,)


@pytest.mark.parametrize(
    ("process", "closed"), [("machine/7/a", True), ("machine/9/c", False), ("", True)]
)
def test_a_second_attempt_does_not_close_the_first(process: str, *, closed: bool) -> None:
    opened = open_after((), NIGHT, [BEFORE])

    assert (open_after(opened, replace(NIGHT, process=process), [AUDIT]) == ()) is closed


def test_open_runs_return_from_their_json_values() -> None:
    opened = open_after((OTHER,), NIGHT, [BEFORE])
    values = json.loads(json.dumps([run.value() for run in opened]))

    assert open_runs_of(values) == opened
    assert open_runs_of([{**values[0], "later": 1}, values[1]]) == opened
    assert open_runs_of([]) == ()


VALID = OTHER.value()


@pytest.mark.parametrize(
    "values",
    [
        None,
        {},
        "night-1",
        [None],
        [{}],
        [VALID | {"place": 1}],
        [VALID | {"place": ""}],
        [VALID | {"started": 1e999}],
        [VALID | {"until": "soon"}],
        [VALID | {"images": None}],
        [VALID | {"images": [{"key": "x", "sha256": "", "changes": 1}]}],
        [VALID | {"images": [{"key": BEFORE[0], "sha256": "", "changes": 1e9}]}],
        [VALID | {"images": [{"key": BEFORE[0], "sha256": 1, "changes": 1}]}],
    ],
)
def test_a_malformed_list_counts_as_none(values: Any) -> None:
    assert open_runs_of(values) is None


def test_the_context_of_a_part_names_its_run_and_its_place() -> None:
    context = OpenRun("night-1/parts/SALES", step="work").context

    assert (context.run_id, context.folder) == ("night-1", "night-1/parts/SALES")
    assert NIGHT.context.folder == "night-1"
    assert OpenRun("x").unknown == "the outcome is unknown"
