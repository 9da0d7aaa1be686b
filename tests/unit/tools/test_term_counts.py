"""What is counted in documents, where it lands, and how much of it ends in `datasphere.custom`."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from datasphere_glue.datasphere.csn.terms import ASSET_TERMS, ELEMENT_TERMS, Form
from tests.unit.datasphere.csn.samples import entity
from tools.term_counts import count, exports_of, is_declared, keys_of, measure, occurrences, stored
from tools.term_page import nowhere, terms_page

MOST_CUSTOM = 2.0
"""The most annotations in percent that may end in `datasphere.custom`."""

VALUES: dict[Form, Any] = {
    Form.FLAG: True,
    Form.MARKS: True,
    Form.NAME: {"=": "ID"},
    Form.NAMES: [{"=": "ID"}],
    Form.FURTHER: [{"=": "ID"}, {"=": "TOWN"}],
    Form.WORD: {"#": "A_WORD"},
    Form.WORDS: [{"#": "ONE"}, {"#": "TWO"}],
    Form.REFERENCE: "EUR",
}


def document(**annotations: Any) -> dict[str, Any]:
    """Return a document with all structures of a column, and these annotations on column TOWN."""
    columns = {
        "ID": {"type": "cds.String", "length": 8, "key": True, "notNull": True},
        "TOWN": {"type": "acme.Town", "default": {"val": "A"}, **annotations},
        "_t": {
            "type": "cds.Association",
            "target": "T",
            "cardinality": {"max": "*"},
            "on": [{"ref": ["ID"]}, "=", {"ref": ["_t", "ID"]}],
        },
    }
    town = {
        "kind": "type",
        "type": "cds.String",
        "@EndUserText": {"label": "Town", "heading": None},
        "enum": {"A": {"val": "a", "@EndUserText.label": "Aachen"}},
    }
    whole = {"@readonly": False, "_meta": {"dependencies": {"folderAssignment": None}}}
    return {"definitions": {"V": entity(columns, **whole), "acme.Town": town}}


def everything() -> dict[str, Any]:
    """Return a document with a column for each row of the table of columns, and likewise views."""
    columns: dict[str, Any] = {"ID": {"type": "cds.String"}}
    for place, row in enumerate(ELEMENT_TERMS.rows):
        if row.form is not Form.CODE:
            term = f"{row.terms[0]}x" if row.terms[0].endswith(".") else row.terms[0]
            columns[f"C{place}"] = {f"@{term}": VALUES.get(row.form, "text")}
    views = {"V": entity(columns)}
    for place, row in enumerate(ASSET_TERMS.rows):
        if row.form is not Form.CODE:
            term = f"{row.terms[0]}x" if row.terms[0].endswith(".") else row.terms[0]
            views[f"V{place}"] = entity({}, **{f"@{term}": VALUES.get(row.form, "text")})
    return {"definitions": views}


def counted(csn: dict[str, Any]) -> list[str]:
    return sorted(one.kind for one in occurrences(csn))


def test_annotations_and_properties_with_a_value_are_counted() -> None:
    assert counted(document()) == [
        "association cardinality",
        "association on",
        "association target",
        "association type",
        "column default",
        "column key",
        "column length",
        "column notNull",
        "column type",
        "column type",
        "entity @readonly",
        "type @EndUserText.label",
        "type type",
        "value @EndUserText.label",
        "value val",
    ]


def test_queries_and_business_layers_are_counted_by_their_words() -> None:
    query = {"SELECT": {"from": {"ref": ["T"]}, "mixin": {"_t": {"target": "T", "@x": 1}}}}
    layer = {
        "measures": {"NET": {"key": "NET", "isAuxiliary": False}},
        "variables": {"P": {"ranges": [{"low": "1"}]}},
    }
    csn = {
        "definitions": {"V": entity({}, query=query, params={"P": {"type": "cds.Date"}})},
        "businessLayerDefinitions": {"V": layer},
    }
    assert counted(csn) == [
        "layer measures.*.key",
        "layer variables.*.ranges.low",
        "parameter type",
        "query SELECT",
        "query from",
        "query mixin",
        "query ref",
        "query target",
    ]


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        ("column length", {"column datasphere.type"}),
        ("column default", {"column datasphere.default"}),
        ("value val", {"column datasphere.values"}),
        ("association cardinality", {"datasphere.associations"}),
        ("type @EndUserText.label", {"column datasphere.label"}),
        ("column nothing", set()),
    ],
)
def test_a_structure_lands_in_the_keys_that_change_without_it(kind: str, keys: set[str]) -> None:
    assert keys_of(document(), kind) == keys


def test_every_row_of_the_tables_keeps_annotations_out_of_custom() -> None:
    counts = measure([everything()])
    assert counts.annotations > len(ELEMENT_TERMS.rows)
    assert (counts.custom, nowhere(counts)) == (0, [])


def test_an_annotation_that_nothing_reads_counts_as_custom() -> None:
    counts = measure([document(**{"@acme.owner": "x", "@acme.team": {"name": "y"}})])
    assert (counts.annotations, counts.custom) == (5, 2)
    assert counts.share == pytest.approx(40)


def many(name: str, count: int) -> dict[str, Any]:
    """Return a document in which a number of columns have one more property or annotation."""
    columns = {f"C{place}": {"type": "cds.Date", name: "x"} for place in range(count)}
    return {"definitions": {"V": entity(columns)}}


@pytest.mark.parametrize(
    ("name", "kind"), [("@acme.owner", "column @acme.owner"), ("sibling", "column sibling")]
)
def test_a_frequent_kind_that_lands_nowhere_is_named(name: str, kind: str) -> None:
    assert nowhere(measure([many(name, 21)])) == [kind]
    assert nowhere(measure([many(name, 20)])) == []


@pytest.mark.parametrize("name", ["@DataWarehouse.capabilities.filter.enabled", "length", "key"])
def test_a_frequent_kind_with_a_key_or_a_reason_is_not(name: str) -> None:
    assert nowhere(measure([many(name, 21)])) == []


def test_no_frequent_kind_of_the_kept_counts_lands_nowhere() -> None:
    counts = stored()
    assert counts.documents > 0
    assert nowhere(counts) == []
    assert counts.share < MOST_CUSTOM


def test_the_exports_at_hand_land_but_for_a_small_share(real: Path) -> None:
    counts = count(exports_of(real))
    assert counts.annotations > 3000
    assert counts.share < MOST_CUSTOM
    assert [kind for kind in nowhere(counts) if is_declared(kind)] == []


def test_the_kept_counts_are_those_of_the_exports_at_hand(real: Path) -> None:
    found = Counter(one.kind for csn in exports_of(real) for one in occurrences(csn))
    assert {kind: count for kind, (count, _) in stored().kinds.items()} == found


def test_the_page_says_where_each_term_lands() -> None:
    page = terms_page()
    assert "| `@Semantics.amount.currencyCode`, `@Measures.ISOCurrency` | 2 |" in page
    assert "`datasphere.currency`, `datasphere.currency_value` |" in page
    for row in (*ASSET_TERMS.rows, *ELEMENT_TERMS.rows):
        assert f"`@{row.terms[0]}" in page
