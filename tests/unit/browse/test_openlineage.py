"""Events of assets and runs, checked against the classes of the OpenLineage client."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import attr
import pytest
from openlineage.client import event_v2, facet_v2

from datasphere_glue.browse.describe import Entry
from datasphere_glue.browse.openlineage import PRODUCER, Events, LineageNaming
from datasphere_glue.mapping.from_table import asset_from_table
from datasphere_glue.model.asset import Asset, Kind
from datasphere_glue.model.asset_parts import Load, ModelSource
from datasphere_glue.model.element import Element, Origin
from datasphere_glue.model.sap_type import SapType
from tests.unit.samples import TENANT, listing, synced, table_in

MOMENT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
SPAN = MOMENT, datetime(2026, 11, 23, 1, 0, 1, 234_000, tzinfo=UTC)
EVENTS = Events(LineageNaming(TENANT, "eu-central-1", "123456789012"))
SAP, GLUE = f"sapdatasphere://{TENANT}", "arn:aws:glue:eu-central-1:123456789012"

AMOUNT = Element(
    "Net Amount", SapType("Edm.Decimal", precision=17, scale=2), label="Net", measure=True
)
CUSTOMER = Element("CUSTOMER", SapType("Edm.String", length=10), description="Who buys")
VIEW = Asset(
    "SALES",
    "V_ORDERS",
    Kind.VIEW,
    label="Orders",
    description="All orders",
    elements=(AMOUNT, CUSTOMER),
    lineage=("SALES.T_ORDERS", "MASTER.T_CUSTOMER"),
    owner="K.SCHMIDT",
    steward="F.WEBER",
    tags=("gold",),
)
TABLE = Asset("SALES", "T_ORDERS", Kind.LOCAL_TABLE, label="Raw orders", elements=(CUSTOMER,))
MODEL = Asset(
    "SALES",
    "AM_ORDERS",
    Kind.ANALYTIC_MODEL,
    elements=(
        replace(AMOUNT, aggregation="SUM", sources=(("SALES", "V_ORDERS", "Net Amount"),)),
        replace(AMOUNT, name="Share", formula="a / b", sources=(("SALES", "V_ORDERS", "A"),)),
        replace(CUSTOMER, sources=(("SALES", "V_ORDERS", "CUSTOMER"),)),
    ),
    model_sources=(ModelSource("fact", "0", "SALES", "V_ORDERS"),),
)


def entry_of(asset: Asset) -> Entry:
    """Return the entry of the asset as read back from its Glue table."""
    table = table_in(synced(listing(asset)), asset.name.lower())
    return Entry(table, asset_from_table(table).asset)


def events_of(*assets: Asset) -> list[dict[str, Any]]:
    events = [json.loads(line) for line in EVENTS.of_assets(map(entry_of, assets), MOMENT)]
    for event in events:
        check_against_client(event)
    return events


def classes() -> dict[str, type]:
    """Return every class of the client by its schema URL."""
    rooms = [event_v2, *(m for m in vars(facet_v2).values() if isinstance(m, ModuleType))]
    candidates = [one for room in rooms for one in vars(room).values() if attr.has(one)]
    return {one._get_schema(): one for one in candidates if hasattr(one, "_get_schema")}


def facets(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield every facet inside an event, at any depth."""
    if isinstance(value, dict):
        if "_schemaURL" in value:
            yield value
        for inner in value.values():
            yield from facets(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from facets(inner)


def check_against_client(event: Mapping[str, Any]) -> None:
    """Fail if an event or a facet has other fields than its class, or values that it rejects."""
    classes_by_url = classes()
    for part, url in [(event, event["schemaURL"])] + [(f, f["_schemaURL"]) for f in facets(event)]:
        fields = attr.fields_dict(classes_by_url[url])
        needed = {name for name, field in fields.items() if field.default is attr.NOTHING}
        assert needed <= set(part) <= set(fields), url
        assert part.get("producer", part.get("_producer")) == PRODUCER
        arguments = {k: v for k, v in part.items() if k not in {"schemaURL", "_schemaURL"}}
        classes_by_url[url](**{name.lstrip("_"): value for name, value in arguments.items()})


def test_a_view_is_a_job_whose_inputs_are_its_sources() -> None:
    event, _ = events_of(VIEW)

    assert event["schemaURL"].endswith("/JobEvent")
    assert event["eventTime"] == "2026-11-23T01:00:00+00:00"
    assert (event["job"]["namespace"], event["job"]["name"]) == (SAP, "SALES.V_ORDERS")
    assert event["job"]["facets"]["jobType"]["jobType"] == "VIEW"
    assert event["inputs"] == [
        {"namespace": SAP, "name": "SALES.T_ORDERS"},
        {"namespace": SAP, "name": "MASTER.T_CUSTOMER"},
    ]
    (output,) = event["outputs"]
    assert (output["namespace"], output["name"]) == (SAP, "SALES.V_ORDERS")
    assert output["facets"]["schema"]["fields"] == [
        {
            "name": "Net Amount",
            "type": "Edm.Decimal(Precision=17,Scale=2)",
            "description": "Net",
            "ordinal_position": 1,
        },
        {
            "name": "CUSTOMER",
            "type": "Edm.String(MaxLength=10)",
            "description": "Who buys",
            "ordinal_position": 2,
        },
    ]
    assert output["facets"]["documentation"]["description"] == "All orders"
    assert output["facets"]["ownership"]["owners"] == [
        {"name": "K.SCHMIDT", "type": "OWNER"},
        {"name": "F.WEBER", "type": "STEWARD"},
    ]
    assert [tag["key"] for tag in output["facets"]["tags"]["tags"]] == ["gold"]
    assert output["facets"]["dataSource"]["uri"] == f"https://{TENANT}"
    assert "columnLineage" not in output["facets"]


def test_a_glue_table_and_its_sap_object_are_linked_column_by_column() -> None:
    _, event = events_of(VIEW)

    dataset = event["dataset"]
    assert event["schemaURL"].endswith("/DatasetEvent")
    assert (dataset["namespace"], dataset["name"]) == (GLUE, "table/datasphere_sales/v_orders")
    assert dataset["facets"]["symlinks"]["identifiers"] == [
        {"namespace": SAP, "name": "SALES.V_ORDERS", "type": "VIEW"}
    ]
    columns = [field["name"] for field in dataset["facets"]["schema"]["fields"]]
    assert columns == ["net_amount", "customer"]
    types = [field["type"] for field in dataset["facets"]["schema"]["fields"]]
    assert types == ["decimal(17,2)", "varchar(10)"]
    origin = dataset["facets"]["columnLineage"]["fields"]
    assert set(origin) == set(columns)
    assert origin["net_amount"]["inputFields"] == [
        {
            "namespace": SAP,
            "name": "SALES.V_ORDERS",
            "field": "Net Amount",
            "transformations": [{"type": "DIRECT", "subtype": "IDENTITY"}],
        }
    ]


def test_a_table_is_a_dataset_without_a_job() -> None:
    event, _ = events_of(TABLE)

    assert event["schemaURL"].endswith("/DatasetEvent")
    assert (event["dataset"]["namespace"], event["dataset"]["name"]) == (SAP, "SALES.T_ORDERS")
    assert event["dataset"]["facets"]["datasetType"]["datasetType"] == "TABLE"
    assert "ownership" not in event["dataset"]["facets"]


def test_a_table_that_flows_load_is_a_job_with_their_sources() -> None:
    flow = Load("data_flow", "SALES.DF", ("SALES.RAW",), connection="ERP")
    replication = Load("replication_flow", "SALES.RF", ("ERP:I_Order",))
    chain = Load("task_chain", "SALES.NIGHT")
    column = replace(CUSTOMER, lineage=(Origin("ERP:I_Order", "Buyer", "renamed"),))
    table = replace(
        TABLE, loads=(flow, replication, chain), lineage=("SALES.RAW",), elements=(column,)
    )

    event, _ = events_of(table)

    assert event["job"]["name"] == "SALES.T_ORDERS"
    facets_of_job = event["job"]["facets"]
    assert facets_of_job["jobType"]["jobType"] == "DATA_FLOW_AND_REPLICATION_FLOW"
    assert facets_of_job["documentation"]["description"] == (
        "Loaded by data flow SALES.DF, replication flow SALES.RF"
    )
    assert [one["name"] for one in event["inputs"]] == ["SALES.RAW", "ERP:I_Order"]
    (output,) = event["outputs"]
    fields = output["facets"]["columnLineage"]["fields"]
    (origin,) = fields["CUSTOMER"]["inputFields"]
    assert (origin["name"], origin["field"]) == ("ERP:I_Order", "Buyer")


@pytest.mark.parametrize(
    "load", [Load("task_chain", "SALES.NIGHT"), Load("replication_flow", "SALES.RF", target="L:/x")]
)
def test_a_table_whose_sources_are_unknown_is_a_dataset(load: Load) -> None:
    event, _ = events_of(replace(TABLE, loads=(load,)))
    assert event["schemaURL"].endswith("/DatasetEvent")


def test_a_model_has_the_source_and_transformation_of_each_column() -> None:
    event, _ = events_of(MODEL)

    assert [one["name"] for one in event["inputs"]] == ["SALES.V_ORDERS"]
    (output,) = event["outputs"]
    fields = output["facets"]["columnLineage"]["fields"]
    how = {
        name: (one["field"], one["transformations"][0]["subtype"])
        for name, field in fields.items()
        for one in field["inputFields"]
    }
    assert how == {
        "Net Amount": ("Net Amount", "AGGREGATION"),
        "Share": ("A", "TRANSFORMATION"),
        "CUSTOMER": ("CUSTOMER", "IDENTITY"),
    }


def test_a_view_has_the_origin_of_each_column_and_of_its_conditions() -> None:
    raw = "SALES.T_ORDERS"
    view = replace(
        VIEW,
        elements=(
            replace(
                AMOUNT, lineage=(Origin(raw, "NET", "aggregated"), Origin(raw, "X", "computed"))
            ),
            replace(CUSTOMER, lineage=(Origin("MASTER.T_CUSTOMER", "ID", "renamed"),)),
        ),
        indirect_lineage=(Origin(raw, "STATE", "filter"), Origin(raw, "ID", "join")),
    )

    (output,) = events_of(view)[0]["outputs"]

    facet = output["facets"]["columnLineage"]
    how = [
        (name, one["name"], one["field"], one["transformations"][0]["subtype"])
        for name, field in sorted(facet["fields"].items())
        for one in field["inputFields"]
    ]
    assert how == [
        ("CUSTOMER", "MASTER.T_CUSTOMER", "ID", "IDENTITY"),
        ("Net Amount", raw, "NET", "AGGREGATION"),
        ("Net Amount", raw, "X", "TRANSFORMATION"),
    ]
    conditions = [
        (one["field"], one["transformations"][0]["type"], one["transformations"][0]["subtype"])
        for one in facet["dataset"]
    ]
    assert conditions == [("STATE", "INDIRECT", "FILTER"), ("ID", "INDIRECT", "JOIN")]


def test_the_same_tables_and_time_give_the_same_bytes() -> None:
    first = [*EVENTS.of_assets(map(entry_of, (VIEW, TABLE, MODEL)), MOMENT)]
    again = [*EVENTS.of_assets(map(entry_of, (VIEW, TABLE, MODEL)), MOMENT)]

    assert first == again
    assert len(first) == 6
    assert all(line.endswith(b"\n") and line.count(b"\n") == 1 for line in first)


def test_a_nested_catalog_is_part_of_the_name() -> None:
    inside = LineageNaming(TENANT, "eu-central-1", "123456789012", "s3tablescatalog/lake")

    named = inside.glue("sales", "orders")

    assert named.get_name() == "table/s3tablescatalog/lake/sales/orders"


@pytest.mark.parametrize("failed", [None, "a guard refused"])
def test_a_run_event_has_its_end_and_its_datasets(failed: str | None) -> None:
    carried = (("SALES.V_ORDERS", "datasphere_sales", "v_orders"),)
    lines = [*EVENTS.of_run("night-1", SPAN, carried, failed)]
    start, end = map(json.loads, lines)

    check_against_client(start)
    check_against_client(end | {"eventType": None})
    assert lines == [*EVENTS.of_run("night-1", SPAN, carried, failed)]
    assert start["run"]["runId"] == end["run"]["runId"]
    assert (start["eventType"], start["eventTime"]) == ("START", "2026-11-23T01:00:00+00:00")
    assert end["eventTime"] == "2026-11-23T01:00:01.234000+00:00"
    assert end["eventType"] == ("COMPLETE" if failed is None else "FAIL")
    assert end["inputs"] == [{"namespace": SAP, "name": "SALES.V_ORDERS"}]
    assert end["outputs"] == [{"namespace": GLUE, "name": "table/datasphere_sales/v_orders"}]
    message = end["run"].get("facets", {}).get("errorMessage", {}).get("message")
    assert message == failed


def test_two_runs_have_different_run_ids() -> None:
    one, _ = EVENTS.of_run("night-1", SPAN, ())
    other, _ = EVENTS.of_run("night-2", SPAN, ())

    assert json.loads(one)["run"] != json.loads(other)["run"]
