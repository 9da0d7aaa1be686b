"""What exported files say of an object: whose it is, and what its descriptor adds."""

import json
from typing import Any

import pytest

from datasphere_glue.datasphere.exports.files import ExportedFile
from datasphere_glue.datasphere.exports.library import Library, library_of, with_facts
from datasphere_glue.errors import Unavailable
from datasphere_glue.model.asset import Asset, Kind
from datasphere_glue.model.issue_codes import IssueCode

SPACES = ("SALES", "STOCK")
ENTITY = {"kind": "entity", "elements": {"ID": {"type": "cds.String"}}}
API = "acme:apiResource:Orders:v1"
BINS = "acme:apiResource:Bins:v1"


def csn(*names: str, **more: Any) -> dict[str, Any]:
    return {"definitions": dict.fromkeys(names, ENTITY), **more}


def library(**files: Any) -> Library:
    """Return the library of files, whose names have `__` for a slash."""
    bodies = ((f"{n.replace('__', '/')}.json", json.dumps(v).encode()) for n, v in files.items())
    return library_of((exported(*one) for one in bodies), SPACES)


def exported(name: str, body: bytes) -> ExportedFile:
    return ExportedFile(name, len(body), lambda: body)


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ({"SALES__models": csn("V_ORDERS")}, ("SALES", "V_ORDERS")),
        ({"SALES__deep__er": csn("SALES.V_ORDERS")}, ("SALES", "V_ORDERS")),
        ({"STOCK": csn("V_BINS")}, ("STOCK", "V_BINS")),
        ({"any": {"STOCK": csn("V_BINS"), "other": 1}}, ("STOCK", "V_BINS")),
        ({"SALES__x": csn("sap.acme.Orders", csnInteropEffective="1.2")}, ("SALES", "Orders")),
        ({"SALES__x": csn("SAP.TIME.D")}, ("SALES", "SAP.TIME.D")),
    ],
    ids=["folder", "folders", "name of the file", "export of spaces", "interop", "dotted name"],
)
def test_a_file_describes_the_objects_of_its_space(
    files: dict[str, Any], place: tuple[str, str]
) -> None:
    found = library(**files)

    assert found.find(*place) is not None
    assert (found.issues, found.notes) == ((), ())
    assert found.find("OTHER", place[1]) is None


def test_two_entities_behind_namespaces_share_no_name() -> None:
    found = library(SALES__x=csn("a.Orders", "b.Orders"))

    assert found.find("SALES", "Orders") is None
    assert found.find("SALES", "a.Orders") is not None


def test_the_only_space_of_a_tenant_needs_no_folder() -> None:
    body = json.dumps(csn("V_ORDERS")).encode()

    assert library_of([exported("models.json", body)], ("SALES",)).find("SALES", "V_ORDERS")
    assert library_of([exported("models.json", body)], SPACES).objects == {}


def test_a_file_without_a_space_is_a_note() -> None:
    (note,) = library(models=csn("V_ORDERS")).notes

    assert note.code == IssueCode.EXPORT_UNPLACED
    assert "models.json" in note.message


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b"\xff\x00", b'{"a": {"b": 1}}', b"{", b"[" * 9_000, b"null", b'"x"'],
    ids=repr,
)
def test_a_file_that_cannot_be_used_is_named_and_the_others_count(body: bytes) -> None:
    good = exported("SALES/b.json", json.dumps(csn("V_ORDERS")).encode())

    found = library_of([exported("SALES/a.json", body), good], SPACES)

    assert [issue.code for issue in found.issues] == [IssueCode.EXPORT_UNREADABLE]
    assert "SALES/a.json" in found.issues[0].message
    assert found.find("SALES", "V_ORDERS") is not None


def test_a_file_that_is_too_large_is_not_read() -> None:
    def read() -> bytes:
        raise AssertionError("it was read")

    (issue,) = library_of([ExportedFile("SALES/a.json", 10**9, read)], SPACES).issues

    assert "1000000000 bytes" in issue.message


def test_a_file_that_cannot_be_read_is_named() -> None:
    def read() -> bytes:
        raise Unavailable("AccessDenied")

    (issue,) = library_of([ExportedFile("SALES/a.json", 1, read)], SPACES).issues

    assert "SALES/a.json was left out: AccessDenied" in issue.message


def descriptor(**more: Any) -> dict[str, Any]:
    definition = {"type": "sap-csn-interop-effective-v1", "url": "/ord/v1/csn/orders.json?x=1"}
    orders = {"ordId": API, "title": "Orders API", "resourceDefinitions": [definition]}
    bins = {"ordId": BINS, "resourceDefinitions": [{**definition, "url": "csn/bins.json"}]}
    product = {
        "ordId": "acme:dataProduct:Orders:v1",
        "responsible": "acme:ach:ORDERS",
        "releaseStatus": "deprecated",
        "successors": ["acme:dataProduct:Orders:v2"],
        "sunsetDate": "2027-06-30",
        "shortDescription": "All orders",
        "tags": ["core"],
        "outputPorts": [{"ordId": API}],
        "inputPorts": [{"ordId": "acme:integrationDependency:In:v1"}],
    }
    dependency = {
        "ordId": "acme:integrationDependency:In:v1",
        "aspects": [{"apiResources": [{"ordId": BINS}, {"ordId": "other:apiResource:X:v1"}]}],
    }
    return {
        "openResourceDiscovery": "1.16",
        "apiResources": [orders, bins],
        "dataProducts": [product | more],
        "integrationDependencies": [dependency],
    }


def orders_of(document: dict[str, Any], asset: Asset) -> Asset:
    found = library(
        SALES__csn__orders=csn("acme.Orders"),
        STOCK__csn__bins=csn("acme.Bins"),
        SALES__ord=document,
    ).find("SALES", "Orders")
    assert found is not None
    return with_facts(asset, found)


ORDERS = Asset("SALES", "Orders", Kind.VIEW)


def test_a_data_product_describes_the_objects_behind_its_ports() -> None:
    asset = orders_of(descriptor(), ORDERS)

    assert (asset.owner, asset.label) == ("acme:ach:ORDERS", "Orders API")
    assert asset.description == "All orders"
    assert asset.tags == ("core",)
    assert asset.release == (
        ("state", "DEPRECATED"),
        ("successor", "acme:dataProduct:Orders:v2"),
        ("decommissioning", "2027-06-30"),
    )
    assert asset.lineage == ("STOCK.Bins",)
    assert asset.custom == (("ord.inputPorts", '["other:apiResource:X:v1"]'),)
    assert dict(asset.provenance)["owner"] == "ord"


def test_what_the_definition_says_comes_first() -> None:
    known = Asset(
        "SALES",
        "Orders",
        Kind.VIEW,
        label="Orders",
        owner="Jane Doe",
        release=(("state", "ACTIVE"),),
        lineage=("SALES.T",),
        provenance=(("lineage", "csn"),),
    )

    asset = orders_of(descriptor(), known)

    assert (asset.owner, asset.label) == ("Jane Doe", "Orders")
    assert asset.release == (("state", "ACTIVE"),)
    assert asset.lineage == ("SALES.T", "STOCK.Bins")
    assert dict(asset.provenance)["lineage"] == "csn+ord"


@pytest.mark.parametrize("visibility", ["internal", "private"])
def test_resources_that_are_not_public_say_nothing(visibility: str) -> None:
    asset = orders_of(descriptor(visibility=visibility), ORDERS)

    assert asset.owner is None
    assert asset.release == ()


@pytest.mark.parametrize(
    "broken",
    [
        {"dataProducts": "x"},
        {"dataProducts": [1, None, {"ordId": 7}]},
        {"apiResources": {"a": 1}},
        {"integrationDependencies": [{"ordId": "i", "aspects": [{"apiResources": 3}]}]},
    ],
)
def test_odd_descriptors_say_less(broken: dict[str, Any]) -> None:
    asset = orders_of(descriptor() | broken, ORDERS)

    assert asset.exported is not None


@pytest.mark.parametrize(
    "changed",
    [
        {"i18n": {"en": {"orders": "Orders"}}},
        {"definitions": {"V": ENTITY, "STATE": {"kind": "type", "type": "cds.String"}}},
    ],
    ids=["a text", "a type"],
)
def test_the_digest_follows_what_all_objects_of_a_file_use(changed: dict[str, Any]) -> None:
    before, after = (
        library(SALES__m=document).find("SALES", "V") for document in (csn("V"), csn("V") | changed)
    )

    assert before is not None
    assert after is not None
    assert before.digest != after.digest


def test_the_title_of_a_resource_of_several_objects_is_the_label_of_none() -> None:
    found = library(SALES__csn__orders=csn("acme.Orders", "acme.Items"), SALES__ord=descriptor())
    orders = found.find("SALES", "Orders")

    assert orders is not None
    asset = with_facts(ORDERS, orders)
    assert (asset.label, asset.description) == (None, None)
    assert asset.owner == "acme:ach:ORDERS"


def test_the_digest_follows_definition_layer_and_facts() -> None:
    layered = csn("V", businessLayerDefinitions={"V": {"text": "a"}})
    other = csn("V", businessLayerDefinitions={"V": {"text": "b"}})
    digests = {
        found.digest
        for document in (csn("V"), layered, other, {"definitions": {"V": {**ENTITY, "x": 1}}})
        if (found := library(SALES__m=document).find("SALES", "V"))
    }

    assert len(digests) == 4
