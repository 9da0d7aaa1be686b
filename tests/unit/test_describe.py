"""Describe: the business context comes back from Glue as Datasphere gave it."""

import json
from dataclasses import replace

import pytest

from datasphere_glue.mapping.context import column_context, table_context
from datasphere_glue.model.asset import Asset, Kind, ModelSource
from datasphere_glue.report.describe import described
from tests.golden.orders import LISTING, ORDERS
from tests.unit.words import asset, held, listing, synced

RICH = replace(
    ORDERS,
    key_sequence=("Order No",),
    delta=(("type", "active"),),
    model_sources=(ModelSource("fact", "F", "SALES", "T"),),
    representative_key="Order No",
    hidden=True,
)


def test_every_list_and_object_comes_back_as_a_list_or_object() -> None:
    """A list that the mapping writes and `show` does not know would come back as text."""
    shown = described(held(synced(listing(RICH)), "v_orders"))

    for key, value in table_context(RICH).items():
        if value[:1] in "[{":
            assert shown["context"][key] == json.loads(value), key
    for element, column in zip(RICH.elements, shown["columns"], strict=True):
        for key, value in column_context(element).items():
            assert column["context"][key] == (json.loads(value) if value[:1] in "[{" else value), (
                key
            )


def test_what_datasphere_said_is_what_glue_says() -> None:
    shown = described(held(synced(LISTING), "v_orders"))

    assert shown["context"]["tags"] == list(ORDERS.tags)
    assert shown["context"]["custom"] == dict(ORDERS.custom)
    assert shown["context"]["description"] == ORDERS.description
    assert shown["columns"][0]["context"]["name"] == "Order No"
    assert shown["columns"][2]["comment"] == "Net amount - Without tax"


@pytest.mark.parametrize("label", ["[2026]", "{}", '["a"]', "[draft] Orders", "{curly"])
def test_a_text_that_looks_like_json_stays_a_text(label: str) -> None:
    shown = described(held(synced(listing(asset("V", label=label))), "v"))

    assert shown["context"]["label"] == label


def test_a_list_that_somebody_broke_is_shown_as_it_is() -> None:
    table = held(synced(listing(asset("V"))), "v").with_parameters(tags="[half")

    assert described(table)["context"]["tags"] == "[half"


def test_bookkeeping_and_foreign_keys_are_no_context() -> None:
    shown = described(held(synced(listing(Asset("SALES", "V", Kind.VIEW))), "v"))

    assert set(shown["context"]) == {"kind", "managed_by", "name", "space", "status", "tenant"}
    assert (shown["database"], shown["table"]) == ("datasphere_sales", "v")
