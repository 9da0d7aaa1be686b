"""Laws of damaged documents: all columns land, or one error names the asset."""

import json
import re
from collections.abc import Iterable
from xml.etree.ElementTree import Element as Node
from xml.etree.ElementTree import tostring

from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.datasphere.csn.parser import Definition, parse_definition
from datasphere_glue.datasphere.merge import merge_with_odata
from datasphere_glue.datasphere.odata.csdl import parse_metadata
from datasphere_glue.datasphere.odata.metadata import EntityMetadata
from datasphere_glue.errors import DocumentError
from datasphere_glue.mapping.rules import Rules
from datasphere_glue.mapping.tables import to_tables
from datasphere_glue.model.asset import Asset, Kind
from datasphere_glue.model.element import Element
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.table import Catalog, Table
from local.tenant.edmx import Form, render
from tests.effort import examples

NAME = "V"
ENTITY = {
    "kind": "entity",
    "@EndUserText.label": "View",
    "elements": {
        "ID": {"type": "cds.Integer", "key": True, "notNull": True},
        "NET": {"type": "cds.Decimal", "precision": 17, "scale": 2},
        "TEXT": {"type": "cds.String", "length": 40, "@EndUserText.label": "Text"},
        "DAY": {"type": "cds.Timestamp"},
    },
}
COLUMNS = list(ENTITY["elements"])
TYPE = re.compile(
    r"(string|binary|boolean|int|bigint|smallint|tinyint|float|double|date|timestamp"
    r"|varchar\([1-9][0-9]{0,4}\)|decimal\(([1-9]|[12][0-9]|3[0-8]),([0-9]|[12][0-9]|3[0-8])\))"
)
ODD = st.sampled_from(
    ["max", "1e3", "-1", "", " ", "0", "39", "999999999999", "9" * 400, "ten", "variable",
     "Floating", "1,5", "TRUE", "maybe", "Edm.Nothing", "Collection(", "ü", "Edm.String"]
)  # fmt: skip
ATTRIBUTES = st.sampled_from(
    ["Name", "Type", "MaxLength", "Precision", "Scale", "Nullable", "SRID", "Unicode", "Colour"]
)
NOISE = st.sampled_from([b"\x00", b"\x1b", b"\xff", b"\xed\xa0\x80", b"&nope;", b"&#0;", b"&", b""])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**40) | ODD | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(ODD, inner, max_size=2),
    max_leaves=4,
)


def properties(root: Node) -> list[Node]:
    return [node for node in root.iter() if node.tag.endswith("}Property")]


@st.composite
def metadata_documents(draw: st.DrawFn) -> tuple[bytes, int]:
    """Return a damaged `$metadata` and the number of its columns."""
    root = fromstring(render(NAME, ENTITY, Form.RELATIONAL))
    (entity,) = (node for node in root.iter() if node.tag.endswith("}EntityType"))
    for node in draw(st.lists(st.sampled_from(properties(root)), max_size=3)):
        attribute = draw(ATTRIBUTES)
        match draw(st.sampled_from(["change", "remove", "double"])):
            case "change":
                node.set(attribute, draw(ODD))
            case "remove":
                node.attrib.pop(attribute, None)
            case "double":
                entity.append(node)
    body = tostring(root, encoding="utf-8")
    place = draw(st.integers(0, len(body)))
    noisy = body[:place] + draw(NOISE) + body[place:] if draw(st.booleans()) else body
    return noisy, len(properties(root))


@st.composite
def definitions(draw: st.DrawFn) -> tuple[bytes, list[str]]:
    """Return a damaged definition and the keys of its elements."""
    csn = json.loads(json.dumps({"definitions": {NAME: ENTITY}}))
    elements = csn["definitions"][NAME]["elements"]
    for name in draw(st.lists(st.sampled_from([*COLUMNS, "", "net", "\ud800"]), max_size=3)):
        if draw(st.booleans()):
            elements[name] = draw(VALUES)
        else:
            facets = ["type", "length", "precision", "scale", "key", "notNull", "enum", "@x"]
            element = elements.get(name)
            if isinstance(element, dict):
                element[draw(st.sampled_from(facets))] = draw(VALUES)
    return json.dumps(csn).encode(), list(elements)


def table_of(asset: Asset) -> Table:
    listing = SpaceListing(space="S", assets=(asset,))
    (desired,) = to_tables([listing], Rules(tenant="host"), Catalog())
    (table,) = desired.tables
    return table


def assert_valid(table: Table) -> None:
    names = [column.name for column in table.columns]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch("[a-z0-9_]{1,255}", name) for name in names)
    for column in table.columns:
        plain = re.sub(r"array<|struct<[^<>]*|>", "", column.type)
        assert not plain or TYPE.fullmatch(plain), column.type


def of_odata(metadata: EntityMetadata) -> Asset:
    return Asset("S", NAME, Kind.VIEW, elements=metadata.elements)


def exact(elements: Iterable[Element]) -> set[str]:
    return {element.name for element in elements}


@examples(150)
@given(metadata_documents())
def test_odata_alone_gives_all_columns_or_one_error(damaged: tuple[bytes, int]) -> None:
    document, count = damaged
    try:
        metadata = parse_metadata(document, NAME)
    except DocumentError:
        return
    table = table_of(of_odata(metadata))

    assert len(table.columns) == count
    assert_valid(table)


@examples(150)
@given(definitions())
def test_a_definition_alone_gives_all_columns(damaged: tuple[bytes, list[str]]) -> None:
    document, keys = damaged
    definition = parse_definition(document, NAME, space="S")
    links = len(definition.asset.associations)

    table = table_of(definition.asset)

    assert len(table.columns) + links == len(keys)
    assert_valid(table)


@examples(150)
@given(metadata_documents(), definitions())
def test_both_give_each_column_that_the_good_documents_have(
    odata: tuple[bytes, int], csn: tuple[bytes, list[str]]
) -> None:
    definition: Definition = parse_definition(csn[0], NAME, space="S")
    try:
        definition = merge_with_odata(definition, parse_metadata(odata[0], NAME))
    except DocumentError:
        assert exact(definition.asset.elements) >= set(COLUMNS)
    table = table_of(definition.asset)

    assert len(table.columns) >= len(COLUMNS)
    assert_valid(table)
