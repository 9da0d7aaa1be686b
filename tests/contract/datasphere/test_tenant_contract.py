"""The reading edge against the embedded tenant: real sockets, every fault, recorded payloads."""

import gc
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element as Node

import pytest
from defusedxml.ElementTree import fromstring

from datasphere_glue.datasphere.auth import Credentials, TokenSource
from datasphere_glue.datasphere.budget import RateBudget
from datasphere_glue.datasphere.client import DatasphereClient
from datasphere_glue.datasphere.source import DatasphereSource
from datasphere_glue.datasphere.transport import RequestLimits, Runtime
from datasphere_glue.errors import (
    CredentialsRejected,
    PermissionDenied,
    SourceUnavailable,
    SyncError,
)
from datasphere_glue.model.asset import Asset, Kind, Usage
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.scope import Scope
from local.sample import sample_spaces
from local.tenant.catalog import Paging
from local.tenant.csn import Segment
from local.tenant.edmx import Form
from local.tenant.embedded import Behaviour, EmbeddedTenant
from local.tenant.faults import FaultKind
from local.tenant.files import load_recorded
from local.tenant.store import Space

ALL = Scope()
PATIENT = RequestLimits(attempts=2)
IMPATIENT = RequestLimits(read=0.12, attempts=2)
SPACES = re.compile(r"/catalog/spaces(\?|$)")
ASSETS = re.compile(r"/spaces\('B'\)/assets")
METADATA = re.compile(r"/relational/B/TWO/\$metadata")
NAMESPACE = "{http://docs.oasis-open.org/odata/ns/edm}"

Serve = Callable[..., EmbeddedTenant]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Return `serve(spaces, **behaviour)`, which starts a tenant that ends with the test."""
    running: list[EmbeddedTenant] = []

    def start(spaces: tuple[Space, ...], **behaviour: Any) -> EmbeddedTenant:
        tenant = EmbeddedTenant(spaces, behaviour=Behaviour(**behaviour))
        tenant.__enter__()
        running.append(tenant)
        return tenant

    yield start
    for tenant in running:
        tenant.__exit__()


def client_of(
    tenant: EmbeddedTenant, secrets: list[str] | None = None, limits: RequestLimits = PATIENT
) -> DatasphereClient:
    """Return a client that does not wait; each fresh reading gives the next of the secrets."""
    stored = list(secrets or [tenant.client_secret])

    def read(fresh: bool) -> Credentials:  # noqa: FBT001 - the shape of the seam
        if fresh and len(stored) > 1:
            stored.pop(0)
        return Credentials(tenant.client_id, stored[0])

    return DatasphereClient(
        tenant.url,
        TokenSource(tenant.token_url, read),
        RateBudget(60_000, sleep=lambda _: None),
        limits=limits,
        runtime=Runtime(sleep=lambda _: None),
    )


def read(tenant: EmbeddedTenant, fault: str = "") -> tuple[SpaceListing, ...]:
    """Return the reading of a tenant, with a short timeout."""
    limits = IMPATIENT if fault == "delay" else PATIENT
    return DatasphereSource(client_of(tenant, limits=limits), workers=4).read(ALL)


@cache
def small() -> tuple[Space, ...]:
    """Return two spaces with two views each."""
    views = [entry for entry in sample_spaces()[-1].entries if entry.forms == {Form.RELATIONAL}]
    return tuple(
        Space(
            space,
            f"Space {space}",
            tuple(
                replace(view, space=space, name=name, raw={Form.RELATIONAL: _view(name)})
                for name, view in zip(("ONE", "TWO"), views, strict=False)
            ),
        )
        for space in ("A", "B")
    )


def _view(name: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">'
        '<edmx:DataServices><Schema Namespace="S" xmlns="http://docs.oasis-open.org/odata/ns/edm">'
        f'<EntityType Name="{name}"><Property Name="ID" Type="Edm.Int32"/></EntityType>'
        "</Schema></edmx:DataServices></edmx:Edmx>"
    )


def names(listing: SpaceListing) -> list[str]:
    return [asset.name for asset in listing.assets]


def whole(listings: tuple[SpaceListing, ...]) -> bool:
    return [names(one) for one in listings] == [["ONE", "TWO"]] * 2 and all(
        one.complete and not one.unread for one in listings
    )


# One table of faults, for each of the three kinds of call

PASSING: list[tuple[str, dict[str, Any]]] = [
    ("delay", {"seconds": 5.0}),
    ("reset", {}),
    ("cut", {}),
    ("status", {"status": 401}),
    ("status", {"status": 429}),
    ("status", {"status": 429, "headers": {"Retry-After": "7"}}),
    ("status", {"status": 429, "headers": {"Retry-After": "Mon, 04 May 2026 12:00:00 GMT"}}),
    ("status", {"status": 500}),
    ("status", {"status": 503}),
]
LASTING: list[tuple[str, dict[str, Any], str]] = [
    ("delay", {"seconds": 5.0}, "timed out|cut off"),
    ("reset", {}, "connection failed"),
    ("cut", {}, "cut off"),
    ("status", {"status": 404}, "HTTP 404"),
    ("status", {"status": 429}, "HTTP 429"),
    ("status", {"status": 429, "headers": {"Retry-After": "7"}}, "HTTP 429"),
    ("status", {"status": 500}, "HTTP 500"),
    ("status", {"status": 503, "body": "<html>maintenance</html>"}, "HTTP 503: an HTML page"),
    ("truncated", {}, "not whole"),
    ("encoding", {}, "not UTF-8|not whole XML"),
]


@pytest.mark.parametrize("path", [SPACES, ASSETS, METADATA], ids=["spaces", "assets", "metadata"])
@pytest.mark.parametrize(("kind", "details"), PASSING)
def test_a_transient_fault_does_not_affect_the_result(
    serve: Serve, path: re.Pattern[str], kind: str, details: dict[str, Any]
) -> None:
    tenant = serve(small())
    tenant.faults.add(path, kind, times=1, **details)
    assert whole(read(tenant, kind))


@pytest.mark.parametrize(("kind", "details", "cause"), LASTING)
def test_without_the_list_of_spaces_the_reading_fails(
    serve: Serve, kind: str, details: dict[str, Any], cause: str
) -> None:
    tenant = serve(small())
    tenant.faults.add(SPACES, kind, times=None, **details)
    with pytest.raises(SourceUnavailable, match=cause):
        read(tenant, kind)


@pytest.mark.parametrize(
    ("kind", "details", "error"),
    [
        ("status", {"status": 401}, CredentialsRejected),
        ("status", {"status": 403}, PermissionDenied),
        ("html", {}, CredentialsRejected),
        ("no_account", {}, CredentialsRejected),
        ("empty", {}, SourceUnavailable),
        ("drop_page", {}, SourceUnavailable),
    ],
)
def test_a_refusal_of_the_list_of_spaces_halts(
    serve: Serve, kind: str, details: dict[str, Any], error: type[SyncError]
) -> None:
    tenant = serve(small())
    tenant.faults.add(SPACES, kind, times=None, **details)
    with pytest.raises(error):
        read(tenant, kind)


@pytest.mark.parametrize(
    ("kind", "details", "cause"),
    [
        *LASTING,
        ("status", {"status": 403}, "may not be read"),
        ("html", {}, "HTML page"),
        ("no_account", {}, "HTML page"),
        ("empty", {}, "counts 2 entries and gave 0"),
    ],
)
def test_a_failed_asset_list_makes_only_its_space_incomplete(
    serve: Serve, kind: str, details: dict[str, Any], cause: str
) -> None:
    tenant = serve(small())
    tenant.faults.add(ASSETS, kind, times=None, **details)
    first, second = read(tenant, kind)
    assert names(first) == ["ONE", "TWO"]
    assert first.complete
    assert second.incomplete is not None
    assert second.incomplete.subject == "B"
    assert re.search(cause, second.incomplete.message)
    assert second.incomplete.remedy


@pytest.mark.parametrize(
    ("kind", "details", "cause"),
    [
        *LASTING,
        ("status", {"status": 403}, "HTTP 403"),
        ("status", {"status": 500, "body": b"Result cannot be empty"}, "cannot be empty"),
        ("html", {}, "HTML page"),
        ("no_account", {}, "HTML page"),
    ],
)
def test_failed_metadata_is_an_issue_of_that_asset_only(
    serve: Serve, kind: str, details: dict[str, Any], cause: str
) -> None:
    tenant = serve(small())
    tenant.faults.add(METADATA, kind, times=None, **details)
    first, second = read(tenant, kind)
    assert names(first) == ["ONE", "TWO"]
    assert names(second) == ["ONE"]
    assert second.complete
    assert second.listed == {"ONE", "TWO"}
    (issue,) = second.unread
    assert issue.subject == "B.TWO"
    assert re.search(cause, issue.message)
    assert issue.remedy


@pytest.mark.parametrize("path", [ASSETS, METADATA], ids=["assets", "metadata"])
def test_a_token_refused_for_good_halts_wherever_it_happens(
    serve: Serve, path: re.Pattern[str]
) -> None:
    tenant = serve(small())
    tenant.faults.add(path, "status", status=401, times=None)
    with pytest.raises(CredentialsRejected):
        read(tenant)


@pytest.mark.parametrize("path", [SPACES, ASSETS, METADATA], ids=["spaces", "assets", "metadata"])
@pytest.mark.parametrize("announced", ["text/plain", "text/html", "application/json"])
def test_the_announced_type_alone_decides_nothing(
    serve: Serve, path: re.Pattern[str], announced: str
) -> None:
    tenant = serve(small())
    tenant.faults.add(path, "content_type", times=None, body=announced)
    assert whole(read(tenant))


# The identity


@pytest.mark.parametrize(
    ("kind", "details", "error"),
    [
        ("html", {}, SourceUnavailable),
        ("status", {"status": 503}, SourceUnavailable),
        ("status", {"status": 500, "body": "<html>down</html>"}, SourceUnavailable),
        ("status", {"status": 429}, SourceUnavailable),
        ("reset", {}, SourceUnavailable),
        ("truncated", {}, SourceUnavailable),
        ("delay", {"seconds": 5.0}, SourceUnavailable),
        ("status", {"status": 401}, CredentialsRejected),
    ],
)
def test_without_a_token_no_request_is_sent(
    serve: Serve, kind: str, details: dict[str, Any], error: type[SyncError]
) -> None:
    tenant = serve(small())
    tenant.faults.add("/oauth/token", kind, times=None, **details)
    with pytest.raises(error, match="token"):
        read(tenant, kind)
    assert tenant.requests_to("/catalog") == []


def test_a_secret_rotated_during_the_run_is_read_again(serve: Serve) -> None:
    tenant = serve(small())
    client = client_of(tenant, [tenant.client_secret, "rotated"])
    client.get_json("/api/v1/datasphere/consumption/catalog/spaces")
    tenant.rotate_secret("rotated")
    assert whole(DatasphereSource(client).read(ALL))
    assert tenant.tokens.issued == 2


def test_a_wrong_secret_is_a_rejection_that_shows_no_secret(serve: Serve) -> None:
    tenant = serve(small())
    with pytest.raises(CredentialsRejected, match="invalid_client: Bad credentials") as caught:
        DatasphereSource(client_of(tenant, ["wrong-secret"])).read(ALL)
    assert "wrong-secret" not in f"{caught.value!r} {caught.value.remedy}"
    assert len(tenant.requests) == 2


def test_one_token_serves_all_threads(serve: Serve) -> None:
    tenant = serve(small())
    read(tenant)
    assert tenant.tokens.issued == 1


# Paging, order, connections


@pytest.mark.parametrize("size", [1, 2, 500])
@pytest.mark.parametrize("absolute_links", [True, False])
@pytest.mark.parametrize("silent_cap", [True, False])
def test_every_form_of_paging_is_read_completely(
    serve: Serve, size: int, *, absolute_links: bool, silent_cap: bool
) -> None:
    paging = Paging(size, absolute_links=absolute_links, silent_cap=silent_cap)
    assert whole(read(serve(small(), paging=paging)))


def test_a_server_that_ignores_skip_gives_an_incomplete_listing(serve: Serve) -> None:
    tenant = serve(small(), paging=Paging(1, silent_cap=True))
    tenant.faults.add(ASSETS, FaultKind.IGNORE_SKIP, times=None)
    first, second = read(tenant)
    assert first.complete
    assert names(second) == ["ONE"]
    assert second.incomplete is not None
    assert "counts 2 entries and gave 1" in second.incomplete.message


def test_the_sample_tenant_is_read_except_forbidden_parts(serve: Serve) -> None:
    tenant = serve(sample_spaces())
    tenant.faults.add("$metadata", "delay", seconds=0.02, times=9)
    listings = read(tenant)
    again = read(tenant)
    assert listings == again
    incomplete = {one.space for one in listings if not one.complete}
    unread = {issue.subject for one in listings for issue in one.unread}
    tables = (Segment.LOCAL_TABLES, Segment.REMOTE_TABLES)
    expected = {
        space.name: {e.name for e in space.entries if e.forms or e.segment in tables}
        for space in sample_spaces()
    }
    forbidden = {space.name for space in sample_spaces() if space.forbidden}
    broken = {f"{e.space}.{e.name}" for s in sample_spaces() for e in s.entries if e.unreadable}
    assert incomplete == forbidden
    assert unread == broken
    assert {one.space: set(one.listed) for one in listings if one.complete} == {
        space: names for space, names in expected.items() if space not in forbidden
    }
    assert sum(len(one.assets) for one in listings) >= 60


def test_no_connection_outlives_a_read(serve: Serve) -> None:
    tenant = serve(small())
    client = client_of(tenant)
    assert whole(DatasphereSource(client).read(ALL))
    assert client._idle == []
    assert client.requests_made == len(tenant.requests)
    del client
    gc.collect()  # a socket left open would warn here, and warnings are errors


# Recorded payloads, compared with a walk of the same XML that shares no code with the reader


def _texts(root: Node, target: str) -> dict[str, str]:
    """Return the simple annotations of a target, by term in lower case."""
    return {
        note.attrib["Term"].lower(): next(v for k, v in note.attrib.items() if k != "Term")
        for block in root.iter(f"{NAMESPACE}Annotations")
        if block.attrib["Target"] == target
        for note in block
        if len(note.attrib) > 1
    }


def _same_as_document(asset: Asset, root: Node, schema: str, *, types: bool = True) -> None:
    kind = next(root.iter(f"{NAMESPACE}EntityType"))
    keys = {ref.attrib["Name"] for ref in kind.iter(f"{NAMESPACE}PropertyRef")}
    elements = {element.name: element for element in asset.elements}
    columns = list(kind.iter(f"{NAMESPACE}Property"))
    assert sorted(elements) == sorted(column.attrib["Name"] for column in columns)
    for column in columns:
        element = elements[column.attrib["Name"]]
        texts = _texts(root, f"{schema}.{kind.attrib['Name']}/{element.name}")
        assert element.label == texts.get("common.label")
        assert element.type.name == column.attrib["Type"]
        assert element.type.length == _number(column.get("MaxLength"))
        assert element.type.precision == _number(column.get("Precision"))
        if "Precision" in column.attrib:
            assert element.type.scale == int(column.get("Scale", "0"))
        if types:
            assert element.key == (element.name in keys)
            assert element.nullable == (column.get("Nullable") != "false")
        if "analytics.dimension" in texts:
            assert element.dimension
        if "analytics.measure" in texts:
            assert element.measure
        calendar = {
            term.partition(".")[2] for term in texts if ".iscal" in term or ".isday" in term
        }
        assert calendar == {word.lower() for word in element.semantics}


def _number(written: str | None) -> int | None:
    return None if written is None else int(written)


def _document(real: Path, name: str) -> Node:
    document: Node = fromstring((real / "recorded" / "edmx" / f"{name}.xml").read_bytes())
    return document


@pytest.fixture
def recorded(real: Path, serve: Serve) -> dict[str, Asset]:
    """Return the assets of the recorded tenant by name, read over HTTP."""
    (listing,) = read(serve(load_recorded(real / "recorded")))
    assert listing.complete
    return {asset.name: asset for asset in listing.assets}


@pytest.mark.parametrize("period", ["DAY", "MONTH", "QUARTER", "YEAR"])
def test_a_recorded_time_dimension_arrives_without_loss(
    real: Path, recorded: dict[str, Asset], period: str
) -> None:
    name = f"SAP.TIME.VIEW_DIMENSION_{period}"
    asset, root = recorded[name], _document(real, name)
    _same_as_document(asset, root, "StandaloneService")
    assert (asset.kind, asset.usage) == (Kind.VIEW, Usage.DIMENSION)
    texts = _texts(root, f"StandaloneService.{name.replace('.', '_')}")
    assert asset.label == texts["common.label"]
    blocks = root.iter(f"{NAMESPACE}Annotation")
    leveled = [block for block in blocks if block.attrib["Term"] == "Hierarchy.leveled"]
    expected = [
        (
            *(v.attrib["String"] for v in record if "String" in v.attrib),
            tuple(path.attrib["Path"] for path in record.iter() if "Path" in path.attrib),
        )
        for block in leveled
        for record in block[0]
    ]
    assert [(h.name, h.label, h.levels) for h in asset.hierarchies] == expected
    assert bool(expected) == bool(leveled)


def test_both_recorded_forms_of_order_lines_become_one_without_loss(
    real: Path, recorded: dict[str, Asset]
) -> None:
    asset = recorded["ORDER_LINES"]
    relational = _document(real, "relational_ORDER_LINES")
    analytical = _document(real, "analytical_ORDER_LINES")
    _same_as_document(asset, relational, "StandaloneService")
    _same_as_document(asset, analytical, "InaApplicationService", types=False)
    assert (asset.kind, asset.usage) == (Kind.VIEW, Usage.FACT)
    order = [column.attrib["Name"] for column in relational.iter(f"{NAMESPACE}Property")]
    assert [element.name for element in asset.elements] == order
    measures = {
        block.attrib["Target"].rpartition("/")[2]
        for block in analytical.iter(f"{NAMESPACE}Annotations")
        if any(note.attrib["Term"].lower() == "analytics.measure" for note in block)
    }
    assert measures
    assert {element.name for element in asset.elements if element.measure} == measures
    dimensions = {element.name for element in asset.elements if element.dimension}
    assert dimensions == {element.name for element in asset.elements} - measures
