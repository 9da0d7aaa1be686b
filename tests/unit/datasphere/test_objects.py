"""The object API: complete lists, and definitions in the deployed version."""

from collections.abc import Callable
from typing import Any

import pytest

from datasphere_glue.datasphere.answer import BadRequest, NotFound
from datasphere_glue.datasphere.objects import PAGE, ROOT, SELECTED, SMALL_PAGE, ObjectApi
from datasphere_glue.datasphere.transport import RequestLimits
from datasphere_glue.errors import DocumentError, SpaceForbidden
from datasphere_glue.model.asset import Kind
from tests.unit.datasphere.fakes import FakeTenant, Reply, Seen, client_of

VIEWS = f"{ROOT}/S/views"
CSN = {"definitions": {"V": {"kind": "entity", "elements": {"A": {"type": "cds.String"}}}}}
EMPTY: dict[str, Any] = {"definitions": {}}


def api_of(tenant: FakeTenant) -> ObjectApi:
    return ObjectApi(client_of(tenant, limits=RequestLimits(attempts=1)))


def names(count: int) -> list[dict[str, Any]]:
    return [{"technicalName": f"V{number:04}"} for number in range(count)]


def paged(rows: list[dict[str, Any]], page: int) -> Callable[[Seen], Reply]:
    """Answer like a server whose page may be smaller than the requested page."""

    def answer(seen: Seen) -> Reply:
        start, top = int(seen.query["skip"]), int(seen.query["top"])
        return Reply(rows[start : start + min(top, page)])

    return answer


@pytest.mark.parametrize("count", [0, 1, 24, 25, 26, 199, 200, 201, 450])
@pytest.mark.parametrize("page", [10, 25, 200])
def test_a_list_is_read_until_an_empty_page(tenant: FakeTenant, count: int, page: int) -> None:
    tenant.on(VIEWS, paged(names(count), page))

    listing = api_of(tenant).objects("S", Kind.VIEW)

    assert [entry.name for entry in listing.entries] == [
        row["technicalName"] for row in names(count)
    ]
    assert listing.incomplete is None
    assert len(tenant.paths()) == -(-count // page) + 1


def test_options_have_no_dollar_sign_like_those_of_the_command_line(tenant: FakeTenant) -> None:
    tenant.on(VIEWS, Reply([]))
    api_of(tenant).objects("S", Kind.VIEW)
    sent = tenant.seen[-1]
    assert sent.query == {"top": "200", "skip": "0", "select": SELECTED}
    assert sent.request.headers["Accept"] == "application/json"


def test_selected_fields_are_read(tenant: FakeTenant) -> None:
    row = {
        "technicalName": "V",
        "businessName": "Orders",
        "status": "Deployed",
        "changedOn": "2026-05-01T10:00:00Z",
        "deployedOn": "2026-05-02",
        "createdBy": "ANNA",
        "changedBy": "BEN",
        "surprise": 1,
    }
    tenant.on(VIEWS, Reply({"value": [row]}), Reply({"value": []}))
    (entry,) = api_of(tenant).objects("S", Kind.VIEW).entries
    assert (entry.label, entry.status, entry.created_by, entry.changed_by) == (
        "Orders",
        "Deployed",
        "ANNA",
        "BEN",
    )
    assert (entry.changed_on, entry.deployed_on) == ("2026-05-01T10:00:00Z", "2026-05-02")


def test_a_server_without_select_gives_a_plain_list(tenant: FakeTenant) -> None:
    def answer(seen: Seen) -> Reply:
        if "select" in seen.query:
            return Reply({"message": "Unknown query parameter select"}, 400)
        return paged(names(3), PAGE)(seen)

    tenant.on(VIEWS, answer)
    listing = api_of(tenant).objects("S", Kind.VIEW)
    assert [entry.label for entry in listing.entries] == [None, None, None]
    assert listing.incomplete is None


def test_a_server_that_rejects_large_pages_is_read_in_small_pages(tenant: FakeTenant) -> None:
    def answer(seen: Seen) -> Reply:
        if int(seen.query["top"]) > SMALL_PAGE:
            return Reply({"message": "top is too large"}, 400)
        return paged(names(60), SMALL_PAGE)(seen)

    tenant.on(VIEWS, answer)
    listing = api_of(tenant).objects("S", Kind.VIEW)
    assert len(listing.entries) == 60
    assert listing.incomplete is None


def test_a_list_that_is_rejected_in_every_form_is_an_error(tenant: FakeTenant) -> None:
    tenant.on(VIEWS, Reply({"message": "no"}, 400))
    with pytest.raises(BadRequest, match="no"):
        api_of(tenant).objects("S", Kind.VIEW)


@pytest.mark.parametrize(("count", "whole"), [(3, True), (24, True), (25, False), (200, False)])
def test_a_server_that_ignores_skip_is_detected(
    tenant: FakeTenant, count: int, *, whole: bool
) -> None:
    tenant.on(VIEWS, Reply(names(count)))
    listing = api_of(tenant).objects("S", Kind.VIEW)
    assert len(listing.entries) == count
    assert (listing.incomplete is None) is whole
    if listing.incomplete is not None:
        assert "ignores `skip`" in listing.incomplete.message


def test_a_lost_page_makes_the_list_incomplete(tenant: FakeTenant) -> None:
    tenant.on(VIEWS, Reply(names(200)), Reply({"message": "busy"}, 503))
    listing = api_of(tenant).objects("S", Kind.VIEW)
    assert len(listing.entries) == 200
    assert listing.incomplete is not None
    assert "page 2 was lost" in listing.incomplete.message


def test_a_lost_first_page_is_an_error(tenant: FakeTenant) -> None:
    tenant.on(VIEWS, Reply({"message": "no role"}, 403))
    with pytest.raises(SpaceForbidden):
        api_of(tenant).objects("S", Kind.VIEW)


@pytest.mark.parametrize("rows", [[{"name": "V"}], ["V"], [{"technicalName": ""}], [None]])
def test_an_entry_without_a_name_is_an_error(tenant: FakeTenant, rows: list[Any]) -> None:
    tenant.on(VIEWS, Reply(rows))
    with pytest.raises(DocumentError, match="without a name"):
        api_of(tenant).objects("S", Kind.VIEW)


def test_the_deployed_version_is_read_first(tenant: FakeTenant) -> None:
    tenant.on(f"{VIEWS}/V", Reply(CSN))
    kind, _ = api_of(tenant).definition("S", (Kind.VIEW,), "V")
    accepts = [seen.request.headers["Accept"] for seen in tenant.seen[1:]]
    assert kind is Kind.VIEW
    assert accepts == ["application/vnd.sap.datasphere.object.content.run-time+json"]


@pytest.mark.parametrize("empty", [b"", b"{}", b"null", b'{"definitions": {}}'])
def test_an_undeployed_object_is_read_in_its_saved_version(
    tenant: FakeTenant, empty: bytes
) -> None:
    tenant.on(f"{VIEWS}/V", Reply(empty), Reply(CSN))
    _, document = api_of(tenant).definition("S", (Kind.VIEW,), "V")
    assert b'"cds.String"' in document
    accepts = [seen.request.headers["Accept"] for seen in tenant.seen[1:]]
    assert accepts[-1] == "application/vnd.sap.datasphere.object.content+json"


def test_after_a_rejected_version_the_next_version_is_read(tenant: FakeTenant) -> None:
    tenant.on(f"{VIEWS}/V", Reply({}, 406), Reply({"message": "delta"}, 400), Reply(CSN))
    _, document = api_of(tenant).definition("S", (Kind.VIEW,), "V")
    assert b'"cds.String"' in document
    assert tenant.seen[-1].request.headers["Accept"].endswith("content.design-time+json")


def test_a_view_that_is_a_model_is_read_from_the_sibling_list(tenant: FakeTenant) -> None:
    tenant.on(f"{ROOT}/S/analyticmodels/V", Reply(CSN))
    kind, _ = api_of(tenant).definition("S", (Kind.VIEW, Kind.ANALYTIC_MODEL), "V")
    assert kind is Kind.ANALYTIC_MODEL


def test_an_object_in_no_list_is_not_found(tenant: FakeTenant) -> None:
    with pytest.raises(NotFound):
        api_of(tenant).definition("S", (Kind.VIEW, Kind.ANALYTIC_MODEL), "V")


def test_names_are_percent_encoded(tenant: FakeTenant) -> None:
    tenant.on(f"{ROOT}/S P/localtables//BIC/A ?#", Reply(CSN))
    api_of(tenant).definition("S P", (Kind.LOCAL_TABLE,), "/BIC/A ?#")
    assert "%2FBIC%2FA%20%3F%23" in tenant.seen[-1].url
