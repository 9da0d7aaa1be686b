from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest

from datasphere_glue.datasphere.catalog import NEW_ROOT, OLD_ROOT
from datasphere_glue.datasphere.client import DatasphereClient
from datasphere_glue.datasphere.objects import ROOT
from datasphere_glue.datasphere.source import DatasphereSource
from datasphere_glue.datasphere.transport import RequestLimits
from datasphere_glue.errors import (
    CredentialsRejected,
    OutOfTime,
    PermissionDenied,
    SourceUnavailable,
    SyncError,
)
from datasphere_glue.model.asset import Asset, Kind, Usage
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.scope import Scope
from tests.unit.datasphere.fakes import TOKEN_PATH, URL, FakeTenant, Reply, client_of

LIMITS = RequestLimits(attempts=2)
SPACES = f"{NEW_ROOT}/spaces"
BAD_LOGIN = Reply({"error": "unauthorized", "error_description": "Bad credentials"}, 401)
HTML = Reply(b"<!DOCTYPE html><html>Sign in</html>")


def _assets_path(space: str) -> str:
    return f"{NEW_ROOT}/spaces('{space}')/assets"


def _metadata_path(space: str, name: str, service: str = "relational") -> str:
    return f"/api/v1/dwc/consumption/{service}/{space}/{name}/$metadata"


def _edmx(name: str, annotations: str = "") -> bytes:
    return (
        '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">'
        '<edmx:DataServices><Schema Namespace="S" xmlns="http://docs.oasis-open.org/odata/ns/edm">'
        f'<EntityType Name="{name}"><Property Name="ID" Type="Edm.Int32"/></EntityType>'
        f'<Annotations Target="S.{name}">{annotations}</Annotations>'
        "</Schema></edmx:DataServices></edmx:Edmx>"
    ).encode()


def _row(space: str, name: str, services: str, label: str | None) -> dict[str, Any]:
    urls = {
        f"asset{service.capitalize()}MetadataUrl": (
            f"{URL}{_metadata_path(space, name, service)}" if service[0] in services else None
        )
        for service in ("relational", "analytical")
    }
    return {"name": name, "label": label, "spaceName": space, **urls}


def _serve(
    tenant: FakeTenant, spaces: Mapping[str, list[str]], *, services: str = "r"
) -> DatasphereSource:
    """Add these assets by space to the tenant, in this order, and return their source."""
    listed = [{"name": space, "label": f"Label of {space}"} for space in spaces]
    tenant.on(SPACES, Reply({"@odata.count": len(listed), "value": listed}))
    for space, names in spaces.items():
        rows = [_row(space, name, services, f"Label of {name}") for name in names]
        tenant.on(_assets_path(space), Reply({"@odata.count": len(rows), "value": rows}))
        for name in names:
            for service in ("relational", "analytical"):
                tenant.on(_metadata_path(space, name, service), Reply(_edmx(name)))
    return DatasphereSource(client_of(tenant, limits=LIMITS), workers=3)


def _one(tenant: FakeTenant, services: str, annotations: str = "") -> Asset:
    source = _serve(tenant, {"S": ["V"]}, services=services)
    for service in ("relational", "analytical"):
        tenant.on(_metadata_path("S", "V", service), Reply(_edmx("V", annotations)))
    (listing,) = source.read(Scope())
    assert listing.unread == ()
    return listing.assets[0]


def _source(tenant: FakeTenant, client: DatasphereClient | None = None) -> DatasphereSource:
    return DatasphereSource(client or client_of(tenant, limits=LIMITS), workers=2)


# Reading


def test_spaces_and_assets_are_sorted_complete_and_labelled(tenant: FakeTenant) -> None:
    source = _serve(tenant, {"Z": ["B", "a", "A.B"], "A": ["X"], "M": []})
    listings = source.read(Scope())
    assert [one.space for one in listings] == ["A", "M", "Z"]
    assert [asset.name for asset in listings[2].assets] == ["A.B", "B", "a"]
    assert listings[2].listed == {"B", "a", "A.B"}
    assert listings[0].label == "Label of A"
    assert all(one.complete and one.unread == () for one in listings)


def test_reading_twice_gives_equal_results(tenant: FakeTenant) -> None:
    source = _serve(tenant, {"Z": ["B", "A"], "A": ["X"]})
    assert source.read(Scope()) == source.read(Scope())


@pytest.mark.parametrize(
    ("services", "kind", "usage"),
    [
        ("r", Kind.VIEW, None),
        ("a", Kind.ANALYTIC_MODEL, Usage.CUBE),
        ("ra", Kind.VIEW, Usage.FACT),
    ],
)
def test_the_kind_follows_from_the_services(
    tenant: FakeTenant, services: str, kind: Kind, usage: Usage | None
) -> None:
    asset = _one(tenant, services)
    assert (asset.kind, asset.usage) == (kind, usage)


@pytest.mark.parametrize("services", ["r", "ra"])
def test_a_dimension_type_takes_precedence_over_the_services(
    tenant: FakeTenant, services: str
) -> None:
    annotation = '<Annotation Term="Analytics.dimensionType" String="#TIME"/>'
    assert _one(tenant, services, annotation).usage is Usage.DIMENSION


def test_the_label_of_the_list_takes_precedence_over_that_of_the_document(
    tenant: FakeTenant,
) -> None:
    annotation = '<Annotation Term="Common.Label" String="of the document"/>'
    assert _one(tenant, "r", annotation).label == "Label of V"
    rows = [_row("S", "V", "r", None)]
    tenant.on(_assets_path("S"), Reply({"@odata.count": 1, "value": rows}))
    (listing,) = _source(tenant).read(Scope())
    assert listing.assets[0].label == "of the document"


def test_provenance_names_exactly_the_filled_fields(tenant: FakeTenant) -> None:
    annotation = '<Annotation Term="Core.Description" String="D"/>'
    assert dict(_one(tenant, "r", annotation).provenance) == {
        "label": "odata",
        "description": "odata",
        "elements": "odata",
    }


def test_a_survey_reads_no_metadata(tenant: FakeTenant) -> None:
    source = _serve(tenant, {"S": ["A", "B"]})
    (listing,) = source.survey(Scope())
    assert listing.listed == {"A", "B"}
    assert (listing.assets, listing.unread, listing.complete) == ((), (), True)
    assert not [path for path in tenant.paths() if "$metadata" in path]


def test_a_scope_limits_the_read_assets_but_not_the_listed_assets(tenant: FakeTenant) -> None:
    source = _serve(tenant, {"S": ["A", "B", "C"], "T": ["X"], "U": ["Y"]})
    scope = Scope(include=("S.A", "S.B", "T"), exclude=("S.B",))
    listings = source.read(scope)
    assert [one.space for one in listings] == ["S", "T"]
    assert [asset.name for asset in listings[0].assets] == ["A"]
    assert listings[0].listed == {"A", "B", "C"}
    read = sorted(path for path in tenant.paths() if "$metadata" in path)
    assert read == [_metadata_path("S", "A"), _metadata_path("T", "X")]
    assert _assets_path("U") not in tenant.paths()


def test_an_event_for_one_asset_costs_one_metadata_call(tenant: FakeTenant) -> None:
    source = _serve(tenant, {"S": ["A", "B"], "T": ["X"]})
    (listing,) = source.read(Scope(assets=frozenset({("S", "B")})))
    assert [asset.name for asset in listing.assets] == ["B"]
    metadata = [path for path in tenant.paths() if not path.startswith(ROOT)]
    assert metadata == [SPACES, _assets_path("S"), _metadata_path("S", "B")]


def test_connections_are_closed_after_each_read_also_after_a_failure(tenant: FakeTenant) -> None:
    _serve(tenant, {"S": ["A"]}).read(Scope())
    closed = tenant.closed
    assert closed > 0
    tenant.on(SPACES, Reply({}, 403))
    with suppress(PermissionDenied):
        _source(tenant).read(Scope())
    assert tenant.closed > closed


# Unreadable spaces and assets


def test_a_forbidden_space_has_a_remedy_and_the_others_are_read(
    tenant: FakeTenant,
) -> None:
    source = _serve(tenant, {"HR": ["A"], "S": ["B"]})
    tenant.on(_assets_path("HR"), Reply({"message": "no role"}, 403))
    hr, sales = source.read(Scope())
    assert hr.incomplete is not None
    assert hr.incomplete.subject == "HR"
    assert hr.incomplete.code == "SPACE_FORBIDDEN"
    assert "no role" in hr.incomplete.message
    assert "member of space HR" in hr.incomplete.remedy
    assert (hr.listed, hr.assets) == (frozenset(), ())
    assert sales.complete
    assert [asset.name for asset in sales.assets] == ["B"]


@pytest.mark.parametrize(
    ("reply", "code", "cause", "remedy"),
    [
        (Reply({}, 403), "ASSET_UNREADABLE", "HTTP 403", "read access to S.B"),
        (Reply({}, 404), "ASSET_UNREADABLE", "HTTP 404", "deployed and exposed"),
        (Reply({}, 400), "ASSET_UNREADABLE", "HTTP 400", "redeploy"),
        (Reply({}, 302, {"Location": "/login"}), "ASSET_UNREADABLE", "redirects", "redeploy"),
        (Reply(b"Result cannot be empty", 500), "ASSET_UNREADABLE", "cannot be empty", "redeploy"),
        (Reply({}, 500), "ASSET_UNREADABLE", "HTTP 500", "next run"),
        (Reply({}, 503), "ASSET_UNREADABLE", "HTTP 503", "next run"),
        (HTML, "ASSET_UNREADABLE", "HTML page", "DATASPHERE_URL"),
        (Reply(_edmx("B")[:100]), "DOCUMENT_INVALID", "not whole XML", "redeploy"),
        (Reply(b""), "DOCUMENT_INVALID", "not whole XML", "redeploy"),
        (Reply({"value": []}), "DOCUMENT_INVALID", "not whole XML", "redeploy"),
        (Reply(_edmx("B").replace(b"Edm", b"Xyz")), "DOCUMENT_INVALID", "edmx:Edmx", "redeploy"),
        (Reply(_edmx("B").replace(b"<Prop", b"<!-- ")), "DOCUMENT_INVALID", "XML", "redeploy"),
    ],
)
def test_an_unreadable_asset_is_an_issue_and_still_listed(
    tenant: FakeTenant, reply: Reply, code: str, cause: str, remedy: str
) -> None:
    source = _serve(tenant, {"S": ["A", "B", "C"]})
    tenant.on(_metadata_path("S", "B"), reply)
    (listing,) = source.read(Scope())
    (issue,) = listing.unread
    assert (issue.subject, issue.code) == ("S.B", code)
    assert issue.message.startswith("S.B: ")
    assert cause in issue.message
    assert remedy in issue.remedy
    assert listing.listed == {"A", "B", "C"}
    assert listing.complete
    assert [asset.name for asset in listing.assets] == ["A", "C"]


def test_an_asset_with_one_unreadable_form_is_unread(tenant: FakeTenant) -> None:
    source = _serve(tenant, {"S": ["V"]}, services="ra")
    tenant.on(_metadata_path("S", "V", "analytical"), Reply({}, 404))
    (listing,) = source.read(Scope())
    assert listing.assets == ()
    assert [issue.subject for issue in listing.unread] == ["S.V"]


def test_a_metadata_address_of_another_host_is_an_issue_of_the_asset(tenant: FakeTenant) -> None:
    source = _serve(tenant, {"S": ["A"]})
    row = _row("S", "A", "r", "L") | {"assetRelationalMetadataUrl": "https://evil.example/m"}
    tenant.on(_assets_path("S"), Reply({"@odata.count": 1, "value": [row]}))
    (listing,) = source.read(Scope())
    assert "evil.example" in listing.unread[0].message
    assert {seen.url.split("/")[2] for seen in tenant.seen[1:]} == {URL.split("/")[2]}


def test_a_model_without_addresses_is_read_through_its_service(tenant: FakeTenant) -> None:
    row = {"name": "M", "label": "L", "supportsAnalyticalQueries": True}
    source = _serve(tenant, {"S": []})
    tenant.on(_assets_path("S"), Reply({"@odata.count": 1, "value": [row]}))
    root = "/api/v1/datasphere/consumption"
    tenant.on(f"{root}/analytical/S/M/$metadata", Reply(_edmx("M")))
    (listing,) = source.read(Scope())
    assert [asset.kind for asset in listing.assets] == [Kind.ANALYTIC_MODEL]


def test_the_assets_of_an_incomplete_list_are_read(tenant: FakeTenant) -> None:
    source = _serve(tenant, {"S": ["A"]})
    rows = [_row("S", "A", "r", "L")]
    more = {"@odata.nextLink": "?page=2", "@odata.count": 2}
    tenant.on(_assets_path("S"), Reply({"value": rows, **more}), Reply({}, 503))
    (listing,) = source.read(Scope())
    assert not listing.complete
    assert listing.incomplete is not None
    assert listing.incomplete.code == "LISTING_INCOMPLETE"
    assert "page 2 was lost" in listing.incomplete.message
    assert [asset.name for asset in listing.assets] == ["A"]


def test_assets_unread_at_the_deadline_are_counted(tenant: FakeTenant) -> None:
    _serve(tenant, {"S": ["A"]})
    tenant.on(_metadata_path("S", "A"), Reply({}, 429, {"Retry-After": "50"}))
    client = client_of(tenant, until=tenant.world.time + 30.0)
    (listing,) = _source(tenant, client).read(Scope())
    assert (listing.left, listing.unread) == (1, ())
    assert listing.listed == {"A"}


# Errors that end the run


@pytest.mark.parametrize(
    ("reply", "error", "message"),
    [
        (Reply({}, 403), PermissionDenied, "list of spaces was refused"),
        (HTML, CredentialsRejected, "does not know this identity"),
        (
            Reply(b"Please contact your system administrator and ensure you have an account"),
            CredentialsRejected,
            "does not know this identity",
        ),
        (Reply({}, 401), CredentialsRejected, "refused a fresh token"),
        (Reply({}, 404), SourceUnavailable, "cannot be read"),
        (Reply({}, 400), SourceUnavailable, "cannot be read"),
        (Reply({}, 503), SourceUnavailable, "HTTP 503"),
        (Reply({}, 429), SourceUnavailable, "HTTP 429"),
        (Reply(b"{"), SourceUnavailable, "not whole JSON"),
        (Reply(b"garbage"), SourceUnavailable, "not whole JSON"),
        (Reply({"value": 7}), SourceUnavailable, "no array"),
        (Reply({"value": [{"label": "nameless"}]}), SourceUnavailable, "without a name"),
        (Reply({"value": [], "@odata.count": 3}), SourceUnavailable, "counts 3 entries"),
    ],
)
def test_without_the_list_of_spaces_the_run_ends(
    tenant: FakeTenant, reply: Reply, error: type[SyncError], message: str
) -> None:
    tenant.on(SPACES, reply)
    tenant.on(f"{OLD_ROOT}/spaces", Reply({}, 404))
    for ask in (_source(tenant).read, _source(tenant).survey):
        with pytest.raises(error, match=message):
            ask(Scope())


def test_a_rejected_client_ends_the_run(tenant: FakeTenant) -> None:
    source = _serve(tenant, {"S": ["A"]})
    tenant.on(TOKEN_PATH, BAD_LOGIN)
    with pytest.raises(CredentialsRejected, match="Bad credentials"):
        source.read(Scope())


def test_a_token_rejected_midway_ends_the_run(tenant: FakeTenant) -> None:
    names = [f"V{number:03}" for number in range(300)]
    source = _serve(tenant, {"S": names})
    for name in names:
        tenant.on(_metadata_path("S", name), Reply({}, 401))
    with pytest.raises(CredentialsRejected):
        source.read(Scope())
    assert len(tenant.paths()) < 20


def test_a_run_that_starts_after_its_deadline_raises(tenant: FakeTenant) -> None:
    _serve(tenant, {"S": ["A"]})
    with pytest.raises(OutOfTime):
        _source(tenant, client_of(tenant, until=tenant.world.time)).read(Scope())


# Spaces and assets requested by name


@pytest.mark.parametrize(
    ("requested", "hint"),
    [
        ("SALE", "did you mean SALES?"),
        ("sales", "did you mean SALES?"),
        ("XQZ", "does not list it"),
    ],
)
def test_the_issue_of_an_unlisted_space_suggests_the_closest_name(
    tenant: FakeTenant, requested: str, hint: str
) -> None:
    source = _serve(tenant, {"SALES": ["A"], "HR": []})
    listings = source.read(Scope(spaces=frozenset([requested, "HR"])))
    missing = next(one for one in listings if one.space == requested)
    assert missing.incomplete is not None
    assert missing.incomplete.code == "SPACE_NOT_LISTED"
    assert missing.incomplete.message.endswith(hint)
    assert ("did you mean" in missing.incomplete.message) == ("mean" in hint)
    assert [one.space for one in listings] == sorted([requested, "HR"])


def test_a_pattern_without_a_match_is_not_an_issue(tenant: FakeTenant) -> None:
    source = _serve(tenant, {"SALES": ["A"]})
    assert source.read(Scope(include=("X*",))) == ()


def test_a_tenant_without_spaces_is_valid(tenant: FakeTenant) -> None:
    assert _serve(tenant, {}).read(Scope()) == ()


def test_issues_and_listings_are_plain_values(tenant: FakeTenant) -> None:
    source = _serve(tenant, {"S": ["A"]})
    tenant.on(_assets_path("S"), Reply({}, 503))
    (listing,) = source.read(Scope())
    assert isinstance(listing, SpaceListing)
    assert isinstance(listing.incomplete, Issue)
    assert hash(listing)


def test_a_tenant_that_denies_every_space_ends_the_run(tenant: FakeTenant) -> None:
    source = _serve(tenant, {"S": ["A"], "T": ["X"]})
    for space in ("S", "T"):
        tenant.on(_assets_path(space), Reply({"message": "Forbidden"}, 403))
    with pytest.raises(PermissionDenied, match="2 spaces") as caught:
        source.read(Scope())
    assert "scoped role" in caught.value.remedy


def test_one_denied_space_does_not_end_the_run(tenant: FakeTenant) -> None:
    source = _serve(tenant, {"S": ["A"]})
    tenant.on(_assets_path("S"), Reply({"message": "Forbidden"}, 403))
    (listing,) = source.read(Scope())
    assert listing.incomplete is not None
    assert listing.incomplete.code == "SPACE_FORBIDDEN"
