"""Faults of the source never remove anything, and the status reports them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from local.tenant.catalog import Paging
from local.tenant.faults import FaultKind
from tests.functional.conftest import World

SPACES = "/catalog/spaces?"
ASSETS = "spaces('SHOP')/assets"
METADATA = "SHOP/V_03/$metadata"


@dataclass(frozen=True)
class Case:
    """A fault, and how the run must end: status and code of its first error."""

    path: str
    kind: FaultKind
    status: str
    code: str
    details: tuple[tuple[str, Any], ...] = ()


HTTP = FaultKind.STATUS
CASES = {
    "space forbidden": Case(ASSETS, HTTP, "DEGRADED", "SPACE_FORBIDDEN", (("status", 403),)),
    "listing down": Case(ASSETS, HTTP, "DEGRADED", "LISTING_INCOMPLETE", (("status", 503),)),
    "listing reset": Case(ASSETS, FaultKind.RESET, "DEGRADED", "LISTING_INCOMPLETE"),
    "listing cut off": Case(ASSETS, FaultKind.CUT, "DEGRADED", "LISTING_INCOMPLETE"),
    "listing truncated": Case(ASSETS, FaultKind.TRUNCATED, "DEGRADED", "LISTING_INCOMPLETE"),
    "listing as login page": Case(ASSETS, FaultKind.HTML, "DEGRADED", "LISTING_INCOMPLETE"),
    "listing badly encoded": Case(ASSETS, FaultKind.ENCODING, "DEGRADED", "LISTING_INCOMPLETE"),
    "metadata gone": Case(METADATA, HTTP, "DEGRADED", "ASSET_UNREADABLE", (("status", 404),)),
    "metadata refused": Case(METADATA, HTTP, "DEGRADED", "ASSET_UNREADABLE", (("status", 403),)),
    "metadata down": Case(METADATA, HTTP, "DEGRADED", "ASSET_UNREADABLE", (("status", 500),)),
    "metadata as login page": Case(METADATA, FaultKind.HTML, "DEGRADED", "ASSET_UNREADABLE"),
    "metadata truncated": Case(METADATA, FaultKind.TRUNCATED, "DEGRADED", "DOCUMENT_INVALID"),
    "metadata cut off": Case(METADATA, FaultKind.CUT, "DEGRADED", "ASSET_UNREADABLE"),
    "tenant down": Case("/api/", HTTP, "FAILED", "SOURCE_UNAVAILABLE", (("status", 503),)),
    "tenant resets": Case("/", FaultKind.RESET, "FAILED", "SOURCE_UNAVAILABLE"),
    "login page": Case(SPACES, FaultKind.HTML, "HALTED", "CREDENTIALS_REJECTED"),
    "unknown user": Case(SPACES, FaultKind.NO_ACCOUNT, "HALTED", "CREDENTIALS_REJECTED"),
    "catalog refused": Case(SPACES, HTTP, "HALTED", "PERMISSION_DENIED", (("status", 403),)),
    "token refused": Case("/oauth/", HTTP, "HALTED", "CREDENTIALS_REJECTED", (("status", 401),)),
    "token for nothing": Case("/api/", HTTP, "HALTED", "CREDENTIALS_REJECTED", (("status", 401),)),
}


@pytest.mark.parametrize("name", CASES)
def test_a_failed_read_never_removes_and_the_status_is_true(shop: World, name: str) -> None:
    case = CASES[name]
    shop.synced()
    before = shop.everything()
    shop.tenant.faults.add(case.path, case.kind, times=None, **dict(case.details))

    answer = shop.sync(ORPHAN_POLICY="delete", ORPHAN_GRACE_DAYS="0", MAX_REMOVAL_PERCENT="100")

    assert answer["status"] == case.status
    assert answer["errors"][0]["code"] == case.code
    assert answer["errors"][0]["remedy"]
    assert not shop.catalog.calls.writes
    assert shop.everything() == before


@pytest.mark.parametrize(
    "lose",
    [
        lambda shop: shop.tenant.faults.add(ASSETS, FaultKind.STATUS, after=1, times=None),
        lambda shop: shop.tenant.faults.add(ASSETS, FaultKind.DROP_PAGE, after=1),
        lambda shop: shop.tenant.faults.add(ASSETS, FaultKind.IGNORE_SKIP, times=None),
    ],
    ids=["answers 503", "comes empty", "is the first one again"],
)
def test_a_lost_second_page_is_an_incomplete_listing(
    shop: World, lose: Callable[[World], None]
) -> None:
    shop.synced()
    before = shop.everything()
    shop.tenant.behave(paging=Paging(size=4))
    lose(shop)

    answer = shop.sync(MAX_REMOVAL_PERCENT="100")

    assert answer["status"] == "DEGRADED"
    assert answer["errors"][0]["code"] == "LISTING_INCOMPLETE"
    assert answer["counts"]["deprecated"] == 0
    assert shop.everything() == before


@pytest.mark.parametrize("paging", [Paging(size=4), Paging(size=3, absolute_links=True)])
def test_every_page_is_read(shop: World, paging: Paging) -> None:
    shop.tenant.behave(paging=paging)

    answer = shop.sync()

    assert answer["status"] == "SUCCESS"
    assert answer["counts"]["created"] == 12


def test_an_empty_listing_is_stopped_by_the_guard(shop: World) -> None:
    shop.synced()
    shop.tenant.faults.add(ASSETS, FaultKind.EMPTY, times=None)

    answer = shop.sync()

    assert answer["status"] in {"HALTED", "DEGRADED"}
    assert answer["counts"]["deprecated"] == 0
    assert not shop.catalog.calls.writes


@pytest.mark.parametrize("retry_after", [{"Retry-After": "1"}, {}])
def test_a_throttling_tenant_is_read_completely(shop: World, retry_after: dict[str, str]) -> None:
    shop.tenant.faults.add("/api/", status=429, headers=retry_after, times=3)

    assert shop.sync()["status"] == "SUCCESS"


def test_the_old_catalog_path_is_read_where_the_new_one_is_missing(shop: World) -> None:
    shop.tenant.faults.add("/api/v1/datasphere/consumption/catalog", status=404, times=None)

    answer = shop.sync()

    assert answer["status"] == "SUCCESS"
    assert answer["counts"]["created"] == 12


def test_throttling_by_glue_is_retried(shop: World) -> None:
    shop.catalog.faults.add(operation="CreateTable", error="ThrottlingException", times=2)

    assert shop.sync()["status"] == "SUCCESS"


def test_a_write_that_is_acknowledged_but_lost_is_detected_by_reading_back(shop: World) -> None:
    shop.catalog.faults.add(operation="CreateTable", error="LostWrite", match="v_02")

    answer = shop.sync({"spaces": ["SHOP"]})

    assert answer["status"] == "DEGRADED"
    assert answer["counts"]["created"] == 9
    assert answer["errors"][0]["asset"] == "SHOP.V_02"
    assert answer["errors"][0]["code"] == "VERIFICATION_FAILED"


def test_a_run_interrupted_while_writing_is_completed_by_the_next(shop: World) -> None:
    shop.catalog.faults.add(
        operation="CreateTable",
        error="ResourceNumberLimitExceededException",
        times=1000,
        match="v_0",
    )
    broken = shop.sync()
    shop.catalog.faults.clear()

    assert broken["status"] == "DEGRADED"
    assert shop.sync()["status"] == "SUCCESS"
    assert shop.sync()["status"] == "NO_CHANGES"
