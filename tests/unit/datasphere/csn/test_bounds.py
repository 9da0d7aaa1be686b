"""Any document gives an asset or an error with a path, in bounded time and memory."""

import json
from contextlib import suppress
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.datasphere.csn.document import MAX_COLUMNS, MAX_DOCUMENT
from datasphere_glue.datasphere.csn.parser import entity_names, parse_definition
from datasphere_glue.errors import DocumentError
from tests.effort import examples
from tests.unit.datasphere.csn.samples import document, entity, read

SECONDS = 20
SMALL: dict[str, Any] = {
    "definitions": {
        "V": {
            "kind": "entity",
            "@EndUserText.label": "View",
            "@ObjectModel.modelingPattern": {"#": "ANALYTICAL_FACT"},
            "@ObjectModel.supportedCapabilities": [{"#": "ANALYTICAL_FACT"}],
            "@Hierarchy.leveled": [{"name": "H", "levels": [{"element": {"=": "A"}}]}],
            "@Hierarchy.parentChild": [
                {"recurse": {"parent": [{"=": "A"}], "child": [{"=": "B"}]}}
            ],
            "@DataWarehouse.delta": {"type": {"#": "UPSERT"}, "modeElement": {"=": "A"}},
            "@DataWarehouse.sqlEditor.query": "SELECT * FROM (A), B",
            "params": {"P": {"type": "cds.String", "default": {"val": 1}}},
            "elements": {
                "A": {"type": "t", "key": True, "@ObjectModel.text.element": [{"=": "B"}]},
                "B": {"type": "cds.Decimal", "precision": 5, "scale": 2, "enum": {"X": {"val": 1}}},
                "C": {"items": {"elements": {"x": {"type": {"ref": ["V", "A"]}}}}},
                "_a": {
                    "type": "cds.Association",
                    "target": "HR.T",
                    "on": [{"ref": ["A"]}, "=", {"ref": ["_a", "K"]}],
                    "keys": [{"ref": ["K"], "as": "k"}],
                    "cardinality": {"max": "*"},
                },
            },
            "query": {
                "SELECT": {
                    "from": {"args": [{"ref": ["T"], "as": "t"}], "join": "left", "on": []},
                    "columns": [{"ref": ["_a", "K"]}],
                    "mixin": {"_a": {"target": "HR.T"}},
                }
            },
        },
        "t": {"kind": "type", "type": "cds.String", "length": 3, "@EndUserText.label": "{i18n>k}"},
        "HR": {"kind": "context", "@DataWarehouse.space.name": "HR"},
    },
    "i18n": {"en": {"k": "Key"}},
    "businessLayerDefinitions": {
        "V": {
            "sourceModel": {
                "factSources": {"0": {"dataEntity": {"key": "FIN.F"}}},
                "dimensionSources": {
                    "1": {
                        "dataEntity": {"key": "HR.D"},
                        "associationContexts": [{"associationSteps": ["_a"]}],
                    }
                },
            },
            "attributes": {
                "A": {"attributeMapping": {"0": {"key": "A"}}},
                "C": {"sourceKey": "1", "key": "C"},
            },
            "measures": {"B": {"measureType": "x.RestrictedMeasure", "key": "B", "formula": "1"}},
            "variables": {"W": {"referenceAttribute": "A", "defaultValue": [1]}},
        }
    },
}
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 2**40),
    st.floats(allow_nan=False),
    st.sampled_from(
        ["", "cds.String", "cds.Association", "t", "V", "_a", "A.B", "$self", "=", "(", "on"]
    ),
    st.text(max_size=5),
)
KEYS = st.sampled_from(
    ["type", "ref", "#", "=", "on", "xpr", "SELECT", "from", "args", "elements", "items", "enum",
     "key", "@Hierarchy", "@Semantics.date", "@a.b", "levels", "recurse", "id", "as", "0"]
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    paths = [path]
    if isinstance(value, dict):
        for key, inner in value.items():
            paths += places(inner, (*path, key))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            paths += places(inner, (*path, i))
    return paths


PLACES = places(SMALL)


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """Return the small document with some of its values replaced, added or removed."""
    csn = json.loads(json.dumps(SMALL))
    for path in draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=4)):
        if not path:
            csn = draw(VALUES) if draw(st.integers(0, 20)) == 0 else csn
            continue
        holder = csn
        with suppress(KeyError, IndexError, TypeError):
            for step in path[:-1]:
                holder = holder[step]
            action = draw(st.sampled_from(["replace", "add", "remove"]))
            if action == "remove":
                del holder[path[-1]]
            elif action == "add" and isinstance(holder, dict):
                holder[draw(KEYS)] = draw(VALUES)
            else:
                holder[path[-1]] = draw(VALUES)
    return csn


@examples(60)
@given(mutated())
def test_a_damaged_document_gives_a_result_or_a_document_error(csn: Any) -> None:
    with suppress(DocumentError):
        definition = parse_definition(json.dumps(csn).encode(), "V", space="SALES", spaces=("HR",))
        hash(definition)
        links = {link.name for link in definition.asset.associations}
        notes = " ".join(definition.notes)
        written = csn["definitions"]["V"].get("elements") or {}
        missing = [key for key in written if key.strip() and key not in links and key not in notes]
        assert set(missing) <= {element.name for element in definition.asset.elements}


def test_the_undamaged_document_is_valid() -> None:
    definition = parse_definition(json.dumps(SMALL).encode(), "V", space="SALES", spaces=("HR",))
    assert len(definition.asset.elements) == 3
    assert definition.asset.elements[0].label == "Key"


@examples(60)
@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_give_a_document_or_a_document_error(data: bytes) -> None:
    with suppress(DocumentError):
        parse_definition(data, "V", space="SALES")


@pytest.mark.parametrize(
    "data", [b"", b"null", b"[]", b"\xff\xfe", b"<html>", b'{"definitions":NaN}', b"1" * 5000]
)
def test_bytes_that_are_not_csn_are_rejected(data: bytes) -> None:
    with pytest.raises(DocumentError):
        parse_definition(data, "V", space="SALES")


def test_a_byte_order_mark_is_ignored() -> None:
    text = json.dumps(document({"C": {"type": "cds.Date"}})).encode("utf-8-sig")
    assert len(parse_definition(text, "V", space="SALES").asset.elements) == 1


DEEP = 10_000


@pytest.mark.parametrize(
    "deep",
    [
        '{"definitions":{"V":{"kind":"entity","@x":' + "[" * DEEP + "]" * DEEP + "}}}",
        '{"definitions":{"V":{"query":' + '{"SELECT":' * DEEP + "1" + "}" * DEEP + "}}}",
        '{"definitions":{"V":{"elements":{"C":' + '{"items":' * DEEP + "1" + "}" * DEEP + "}}}}",
        '{"editorSettings":' + "[" * 10 * DEEP + "]" * 10 * DEEP + "}",
    ],
)
def test_ten_thousand_levels_are_rejected_as_text(deep: str) -> None:
    with pytest.raises(DocumentError, match="nested"):
        parse_definition(deep.encode(), "V", space="SALES")


def nest(levels: int, key: str) -> Any:
    value: Any = {"type": "cds.String"}
    for _ in range(levels):
        value = {key: value}
    return value


@pytest.mark.parametrize(
    ("csn", "path"),
    [
        (document({"C": nest(DEEP, "items")}), "definitions/V/elements/C/items"),
        ({"definitions": {"V": entity({}, **{"@x": nest(DEEP, "a")})}}, "definitions/V/@x"),
        ({"definitions": {"V": entity({}, query=nest(DEEP, "SELECT"))}}, "definitions/V/query"),
    ],
)
def test_ten_thousand_levels_are_rejected_as_values_with_the_path(csn: Any, path: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read(csn)
    assert caught.value.path.startswith(path)


def test_ten_thousand_levels_beside_the_entity_cost_a_note() -> None:
    csn = document({"C": {"type": "t"}, "D": {"type": "cds.Date"}}, t=nest(DEEP, "items"))
    csn["businessLayerDefinitions"] = {"V": nest(DEEP, "measures")}
    definition = read(csn)
    assert [element.name for element in definition.asset.elements] == ["C", "D"]
    notes = "; ".join(definition.notes)
    assert "definitions/V/elements/C/items" in notes
    assert "businessLayerDefinitions/V/measures" in notes


def test_a_document_of_fifty_megabytes_is_read_in_bounded_time() -> None:
    csn = document({"C": {"type": "cds.Date"}})
    csn["editorSettings"] = "x" * (MAX_DOCUMENT - 1_000)
    text = json.dumps(csn).encode()
    start = process_time()
    assert len(parse_definition(text, "V", space="SALES").asset.elements) == 1
    assert process_time() - start < SECONDS


def test_a_document_with_too_many_bytes_or_values_is_rejected_before_it_is_read() -> None:
    start = process_time()
    with pytest.raises(DocumentError, match="at most"):
        parse_definition(b" " * (MAX_DOCUMENT + 1), "V", space="SALES")
    with pytest.raises(DocumentError, match="values"):
        parse_definition(b"[" + b"[]," * 15_000_000 + b"1]", "V", space="SALES")
    assert process_time() - start < 2
    with pytest.raises(DocumentError, match="at most 10"):
        entity_names(b"{              }", limit=10)


def test_too_many_columns_are_rejected() -> None:
    with pytest.raises(DocumentError, match="definitions/V/elements"):
        read(document({str(i): {} for i in range(MAX_COLUMNS + 1)}))


def test_a_wide_entity_is_read_in_linear_time() -> None:
    element = {"type": "t0", "@EndUserText.label": "L", "@Semantics.date": True}
    types = {f"t{i}": {"kind": "type", "type": f"t{i + 1}"} for i in range(30)}
    csn = document({f"C{i}": element for i in range(3_000)}, **types)
    start = process_time()
    assert len(read(csn).asset.elements) == 3_000
    assert process_time() - start < SECONDS
