"""Data flows and transformation flows: real shapes, and what broken ones still give."""

from itertools import pairwise
from typing import Any

import pytest

from datasphere_glue.datasphere.flows.document import FlowFacts
from datasphere_glue.model.auxiliary import AuxiliaryKind
from tests.unit.datasphere.flows.documents import (
    STAMP,
    consumer,
    flow,
    load_of,
    origins,
    parse,
    process,
    producer,
    projection,
)

SCRIPT = process(
    "com.sap.dataflow.sandboxPythonOperator", script="def transform(data): return data"
)
JOIN = process("com.sap.dataflow.join", joins=[])


def data_flow(body: Any, **root: Any) -> FlowFacts:
    return parse(AuxiliaryKind.DATA_FLOW, "DF", body, **root)


def transformation(body: Any, **root: Any) -> FlowFacts:
    return parse(AuxiliaryKind.TRANSFORMATION_FLOW, "TF", body, **root)


def query_flow(query: Any, target: str = "T_STOCK", **config: Any) -> dict[str, Any]:
    """Return a transformation flow of one query and one target."""
    definition = {"kind": "entity", "elements": {"ID": {"type": "cds.String"}}, "query": query}
    mappings = [{"source": "ID", "target": "ID"}]
    return flow(
        {
            "viewtransform1": process("com.sap.dwc.viewtransform", definition=definition),
            "target1": process(
                "com.sap.dwc.target", name=target, attributeMappings=mappings, **config
            ),
        },
        ("viewtransform1", "target1"),
        metadata={"loadType": "INITIAL_AND_DELTA"},
    )


def select(source: str) -> dict[str, Any]:
    return {"SELECT": {"from": {"ref": [source]}, "columns": [{"ref": ["ID"]}]}}


def test_a_target_names_its_flow_source_mode_and_stamp() -> None:
    facts = data_flow(
        flow(
            {"in": consumer("R_PARTS"), "out": producer("T_PARTS", mode="append")},
            ("in", "out"),
        )
    )
    load = load_of(facts, "T_PARTS")
    assert (load.kind, load.name) == ("data_flow", "DEPOT.DF")
    assert (load.sources, load.mode, load.changed_on) == (("DEPOT.R_PARTS",), "append", STAMP)
    assert (load.connection, load.schedule, load.target) == (None, None, None)
    assert facts.notes == ()


def test_columns_go_through_projections_by_their_expressions() -> None:
    facts = data_flow(
        flow(
            {
                "in": consumer("R_PARTS"),
                "cut": projection(("NO", '"NO"'), ("VALID", 'TO_DATE("FROM")'), ("Q", '"QTY"')),
                "out": producer(
                    "T_PARTS",
                    ("NO", '"NO"'),
                    ("SINCE", '"VALID"'),
                    ("QUANTITY", ' "Q" '),
                    ("NOTE", "'\"QTY\"'"),
                    ("ALL", 'CONCAT("NO", "VALID")'),
                ),
            },
            ("in", "cut"),
            ("cut", "out"),
        )
    )
    part = "DEPOT.R_PARTS"
    assert origins(facts, "T_PARTS") == {
        "NO": [(part, "NO", "direct")],
        "SINCE": [(part, "FROM", "computed")],
        "QUANTITY": [(part, "QTY", "renamed")],
        "ALL": [(part, "NO", "computed"), (part, "FROM", "computed")],
    }


def test_a_projection_without_mappings_passes_its_columns() -> None:
    cut = process("com.sap.dataflow.projection", filter="x")
    graph = {"in": consumer("A"), "cut": cut, "out": producer("T", ("X", '"X"'))}
    facts = data_flow(flow(graph, ("in", "cut"), ("cut", "out")))
    assert origins(facts, "T") == {"X": [("DEPOT.A", "X", "direct")]}


def test_aggregates_are_marked() -> None:
    mappings = [
        {"target": "REGION", "expression": '"REGION"', "aggregation": "GROUP_BY"},
        {"target": "NET", "expression": '"NET"', "aggregation": "SUM"},
        {"target": "MOST", "expression": 'MAX("NET")'},
    ]
    total = process("com.sap.dataflow.aggregation", attributeMappings=mappings)
    out = producer("T", ("REGION", '"REGION"'), ("NET", '"NET"'), ("MOST", '"MOST"'))
    facts = data_flow(
        flow({"in": consumer("A"), "sum": total, "out": out}, ("in", "sum"), ("sum", "out"))
    )
    assert {column: found[0][2] for column, found in origins(facts, "T").items()} == {
        "REGION": "direct",
        "NET": "aggregated",
        "MOST": "aggregated",
    }


@pytest.mark.parametrize("between", [SCRIPT, JOIN, process("com.acme.unknown")])
def test_an_opaque_operator_leaves_the_lineage_of_objects(between: dict[str, Any]) -> None:
    graph = {"in": consumer("A"), "x": between, "out": producer("T", ("X", '"X"'))}
    facts = data_flow(flow(graph, ("in", "x"), ("x", "out")))
    assert load_of(facts, "T").sources == ("DEPOT.A",)
    assert origins(facts, "T") == {}


def test_two_inputs_give_no_columns() -> None:
    graph = {"a": consumer("A"), "b": consumer("B"), "j": JOIN, "out": producer("T", ("X", '"X"'))}
    facts = data_flow(flow(graph, ("a", "j"), ("b", "j"), ("j", "out")))
    assert load_of(facts, "T").sources == ("DEPOT.A", "DEPOT.B")
    assert origins(facts, "T") == {}


def test_each_target_reads_what_leads_to_it() -> None:
    graph = {
        "a": consumer("A"),
        "b": consumer("B"),
        "one": producer("T1", ("X", '"X"')),
        "two": producer("T2", ("X", '"X"')),
    }
    facts = data_flow(flow(graph, ("a", "one"), ("b", "two")))
    assert load_of(facts, "T1").sources == ("DEPOT.A",)
    assert load_of(facts, "T2").sources == ("DEPOT.B",)
    assert origins(facts, "T2") == {"X": [("DEPOT.B", "X", "direct")]}


@pytest.mark.parametrize("connections", [None, "x", [], [1], [{"src": {}}], [{"src": 1, "tgt": 2}]])
def test_without_connections_a_single_input_feeds_the_target(connections: Any) -> None:
    body = flow({"in": consumer("A", None), "out": producer("T", ("X", '"Y"'))})
    body["contents"]["connections"] = connections
    facts = data_flow(body)
    assert load_of(facts, "T").sources == ("DEPOT.A",)
    assert origins(facts, "T") == {"X": [("DEPOT.A", "Y", "renamed")]}


def test_a_graph_in_a_circle_ends() -> None:
    graph = {
        "p": projection(("X", '"X"')),
        "q": projection(("X", '"X"')),
        "out": producer("T", ("X", '"X"')),
    }
    facts = data_flow(flow(graph, ("p", "q"), ("q", "p"), ("q", "out")))
    assert load_of(facts, "T").sources == ()
    assert origins(facts, "T") == {}


def test_a_chain_of_many_operators_ends() -> None:
    names = [f"p{number}" for number in range(3_000)]
    graph = {name: projection() for name in names}
    ends = {"in": consumer("A"), "out": producer("T", ("X", '"X"'))}
    pairs = [*pairwise(names), ("in", names[0]), (names[-1], "out")]
    facts = data_flow(flow({**graph, **ends}, *pairs))
    assert load_of(facts, "T").sources == ("DEPOT.A",)
    assert origins(facts, "T") == {}


def test_a_source_in_another_system_bears_its_connection() -> None:
    graph = {"in": consumer("/LIB/PARTS", "ERP"), "out": producer("T", ("X", '"Y"'))}
    load = load_of(facts := data_flow(flow(graph, ("in", "out"))), "T")
    assert (load.sources, load.connection) == (("ERP:/LIB/PARTS",), "ERP")
    assert origins(facts, "T") == {"X": [("ERP:/LIB/PARTS", "Y", "renamed")]}


def test_two_systems_name_no_single_connection() -> None:
    graph = {"a": consumer("A", "ERP"), "b": consumer("B", "CRM"), "out": producer("T")}
    assert load_of(data_flow(flow(graph, ("a", "out"), ("b", "out"))), "T").connection is None


def test_an_object_of_another_space_keeps_its_space() -> None:
    graph = {"in": consumer("PLANT.SITES"), "out": producer("T"), "far": producer("PLANT.X")}
    facts = data_flow(flow(graph, ("in", "out"), ("in", "far")))
    assert [one.asset for one in facts.writings] == ["T"]
    assert load_of(facts, "T").sources == ("PLANT.SITES",)


def test_a_dotted_name_without_a_space_is_local() -> None:
    graph = {"in": consumer("SAP.TIME.DAYS"), "out": producer("Lower.Part")}
    facts = data_flow(flow(graph, ("in", "out")))
    assert load_of(facts, "Lower.Part").sources == ("DEPOT.SAP.TIME.DAYS",)


def test_a_bare_name_is_a_column_only_where_the_input_lists_it() -> None:
    graph = {"in": consumer("A"), "out": producer("T", ("X", "QTY"), ("D", "CURRENT_DATE"))}
    body = flow(graph, ("in", "out"))
    assert origins(data_flow(body), "T") == {}
    body["sources"] = {"A": {"elements": {"QTY": {}}}}
    assert origins(data_flow(body), "T") == {"X": [("DEPOT.A", "QTY", "renamed")]}


@pytest.mark.parametrize(
    ("query", "sources"),
    [
        (select("R_STOCK"), ("DEPOT.R_STOCK",)),
        (select("PLANT.SITES"), ("PLANT.SITES",)),
        (
            {
                "SELECT": {
                    "from": {
                        "join": "inner",
                        "args": [{"ref": ["A"], "as": "a"}, {"ref": ["B"], "as": "b"}],
                        "on": [{"ref": ["a", "ID"]}, "=", {"ref": ["b", "ID"]}],
                    },
                    "columns": [{"ref": ["a", "ID"]}],
                }
            },
            ("DEPOT.A", "DEPOT.B"),
        ),
        ({"SET": {"op": "union", "args": [select("A"), select("B")]}}, ("DEPOT.A", "DEPOT.B")),
    ],
)
def test_a_transformation_reads_the_sources_of_its_query(
    query: Any, sources: tuple[str, ...]
) -> None:
    load = load_of(transformation(query_flow(query, truncate=False)), "T_STOCK")
    assert load.kind == "transformation_flow"
    assert (load.sources, load.mode) == (sources, "INITIAL_AND_DELTA")


def test_the_table_of_changes_stands_for_its_table() -> None:
    definitions = {
        "T_STOCK_Delta": {"@DataWarehouse.enclosingObject": "T_STOCK"},
        "Odd_Changes": {"@DataWarehouse.enclosingObject": "R_STOCK"},
    }
    body = query_flow(select("Odd_Changes"), "T_STOCK_Delta")
    facts = transformation(body, definitions=definitions)
    assert load_of(facts, "T_STOCK").sources == ("DEPOT.R_STOCK",)


def test_a_name_that_only_ends_like_a_table_of_changes_stays() -> None:
    facts = transformation(query_flow(select("River_Delta"), "Nile_Delta"))
    assert load_of(facts, "Nile_Delta").sources == ("DEPOT.River_Delta",)


def test_an_sql_transformation_is_read_by_its_text() -> None:
    definition = {"kind": "entity", "@DataWarehouse.sqlEditor.query": 'SELECT "ID" FROM "A"'}
    graph = {
        "sqltransform1": process("com.sap.dwc.sqltransform", definition=definition),
        "target1": process("com.sap.dwc.target", name="T", truncate=True),
    }
    load = load_of(transformation(flow(graph, ("sqltransform1", "target1"))), "T")
    assert (load.sources, load.mode) == (("DEPOT.A",), "truncate")


@pytest.mark.parametrize(
    "contents",
    [
        {},
        {"processes": []},
        {"processes": {"a": 1, "b": {"component": 2}}},
        {"processes": {"p": process("com.acme.new.kind", table="T")}},
        {"processes": {"out": process("com.sap.database.table.producer")}},
    ],
)
def test_an_unknown_grammar_leaves_the_names_and_a_note(contents: Any) -> None:
    body = {"contents": contents, "sources": {"A": {}, "PLANT.B": {}}, "targets": {"T": {}}}
    facts = data_flow(body)
    assert load_of(facts, "T").sources == ("DEPOT.A", "PLANT.B")
    assert any("no target" in note for note in facts.notes)


def test_nothing_at_all_is_no_error() -> None:
    facts = data_flow({"contents": {}})
    assert facts.writings == ()
    assert facts.notes


@pytest.mark.parametrize("schedule", ["0 5 * * *", {"cron": "0 5 * * *"}])
def test_a_schedule_in_the_document_is_kept(schedule: Any) -> None:
    body = flow({"in": consumer("A"), "out": producer("T")}, ("in", "out"))
    assert load_of(data_flow(body | {"schedule": schedule}), "T").schedule == "0 5 * * *"


def test_columns_of_a_transformation_come_from_its_query() -> None:
    query = {
        "SELECT": {
            "from": {
                "join": "left",
                "args": [{"ref": ["A"], "as": "a"}, {"ref": ["PLANT.B"], "as": "b"}],
                "on": [{"ref": ["a", "ID"]}, "=", {"ref": ["b", "ID"]}],
            },
            "columns": [
                {"ref": ["a", "ID"]},
                {"ref": ["b", "NAME"], "as": "TITLE"},
                {"func": "SUM", "args": [{"ref": ["a", "QTY"]}], "as": "TOTAL"},
                {"xpr": [{"ref": ["a", "X"]}, "+", {"ref": ["b", "Y"]}], "as": "BOTH"},
            ],
        }
    }
    definition = {"kind": "entity", "query": query}
    pairs = (("ID", "NO"), ("TITLE", "TITLE"), ("TOTAL", "TOTAL"), ("BOTH", "BOTH"))
    mappings = [{"source": source, "target": target} for source, target in pairs]
    graph = {
        "q": process("com.sap.dwc.viewtransform", definition=definition),
        "t": process("com.sap.dwc.target", name="T", attributeMappings=mappings),
    }
    found = origins(transformation(flow(graph, ("q", "t"))), "T")
    assert found == {
        "NO": [("DEPOT.A", "ID", "renamed")],
        "TITLE": [("PLANT.B", "NAME", "renamed")],
        "TOTAL": [("DEPOT.A", "QTY", "aggregated")],
        "BOTH": [("DEPOT.A", "X", "computed"), ("PLANT.B", "Y", "computed")],
    }


def test_columns_of_a_table_of_changes_are_those_of_its_table() -> None:
    definitions = {"SRC_Delta": {"@DataWarehouse.enclosingObject": "SRC"}}
    facts = transformation(query_flow(select("SRC_Delta")), definitions=definitions)
    assert origins(facts, "T_STOCK") == {"ID": [("DEPOT.SRC", "ID", "direct")]}


def test_a_query_that_names_no_columns_leaves_the_lineage_of_objects_and_a_note() -> None:
    query = {"SELECT": {"from": {"join": "inner", "args": [{"ref": ["A"]}, {"ref": ["B"]}]}}}
    facts = transformation(query_flow(query))
    assert load_of(facts, "T_STOCK").sources == ("DEPOT.A", "DEPOT.B")
    assert origins(facts, "T_STOCK") == {}
    assert any("column lineage" in note for note in facts.notes)
