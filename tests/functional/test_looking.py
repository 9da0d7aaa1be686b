"""Read-only actions write only what the review role allows."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from deploy.policy import Call, allows, statements_of
from deploy.stack import Stack, transformed
from tests.functional.conftest import World
from tests.template.conftest import TENANT


def stored_files(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file()
    }


@pytest.fixture(scope="module")
def may_keep() -> Callable[[str], bool]:
    stack = Stack(transformed(), TENANT | {"Review": "true"})
    statements = list(statements_of(stack, "ReviewRole"))
    return lambda key: allows(statements, Call("s3:PutObject", f"<ReportBucket.Arn>/reports/{key}"))


@pytest.mark.parametrize(
    "event",
    [
        {"action": "plan"},
        {"action": "plan", "run_id": "labels"},
        {"action": "plan", "rollback_of": "labels"},
        {"action": "verify"},
        {"action": "doctor"},
    ],
    ids=["plan", "a run id used again", "plan of a rollback", "verify", "doctor"],
)
def test_a_read_only_action_writes_only_what_its_role_allows(
    shop: World, may_keep: Callable[[str], bool], event: Mapping[str, Any]
) -> None:
    shop.synced()
    shop.tenant.spaces.set_label("SHOP", "V_00", "New")
    shop.sync({"run_id": "labels"})
    shop.tenant.spaces.set_label("SHOP", "V_01", "Newer")
    before = stored_files(shop.reports)

    shop.sync(event)

    after = stored_files(shop.reports)
    written = {key for key in after if after[key] != before.get(key)}
    assert written
    assert {key for key in written if not may_keep(key)} == set()
