"""The sources of a view, from its query tree or, without a tree, from its SQL text."""

from typing import Any

import pytest

from datasphere_glue.datasphere.csn.sql import read_tables
from tests.unit.datasphere.csn.samples import entity, read


def lineage(**more: Any) -> tuple[str, ...]:
    return read({"definitions": {"V": entity({}, **more)}}).asset.lineage


def query(**select: Any) -> dict[str, Any]:
    return {"query": {"SELECT": select}}


def ref(*steps: Any, **more: Any) -> dict[str, Any]:
    return {"ref": list(steps), **more}


def test_joins_sets_and_subqueries_are_followed_in_order() -> None:
    join = {"join": "left", "args": [ref("A"), ref("HR.B", **{"as": "b"})], "on": [ref("b", "x")]}
    union = {
        "SET": {
            "op": "union",
            "args": [
                {"SELECT": {"from": join}},
                {"SELECT": {"from": {"SELECT": {"from": ref("C")}, "as": "c"}}},
                {
                    "SELECT": {
                        "from": ref("A"),
                        "where": [ref("x"), "in", {"SELECT": {"from": ref("D")}}],
                    }
                },
            ],
        }
    }
    assert lineage(query=union) == ("SALES.A", "HR.B", "SALES.C", "SALES.D")


def test_a_mixin_is_a_source_only_if_the_query_uses_it() -> None:
    mixin = {"_used": {"target": "HR.U"}, "_shown": {"target": "HR.S"}}
    columns = [ref("_shown"), ref("$projection", "_used", "NAME"), ref("a", "x")]
    view = query(**{"from": ref("A", **{"as": "a"})}, columns=columns, mixin=mixin)
    assert lineage(**view) == ("SALES.A", "HR.U")


def test_parameterised_sources_projections_and_self_references_are_read() -> None:
    assert lineage(**query(**{"from": ref({"id": "P", "args": {"X": {"val": 1}}})})) == ("SALES.P",)
    assert lineage(projection={"from": ref("A")}) == ("SALES.A",)
    assert lineage(**query(**{"from": {"args": [ref("A"), ref("V")]}})) == ("SALES.A",)


def test_the_query_tree_takes_precedence_over_the_sql_text() -> None:
    view = query(**{"from": ref("A")})
    assert lineage(**view, **{"@DataWarehouse.sqlEditor.query": "SELECT * FROM B"}) == ("SALES.A",)


def test_without_a_tree_the_sql_text_is_read_with_a_note() -> None:
    definition = read(
        {
            "definitions": {
                "V": entity(
                    {},
                    **{
                        "@DataWarehouse.tableFunction.script": (
                            'RETURN SELECT * FROM "orders" JOIN "HR"."PEOPLE" ON 1=1, "FIN.RATES";'
                        )
                    },
                )
            }
        }
    )
    assert definition.asset.lineage == ("SALES.orders", "HR.PEOPLE", "FIN.RATES")
    assert definition.notes == ("lineage is read from SQL text",)


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("select a from t", ["t"]),
        (
            'SELECT "a b", \'FROM x\' FROM "T 1" -- FROM no\n JOIN /* FROM no */ U ON 1=1',
            ["T 1", "U"],
        ),
        (
            "SELECT * FROM A a, B AS b, LATERAL (SELECT 1 FROM C) WHERE x IN (SELECT y FROM D)",
            "ABCD",
        ),
        ("SELECT * FROM (A INNER JOIN B ON A.x = B.x) LEFT JOIN C ON 1=1, D", "ABCD"),
        ("SELECT EXTRACT(YEAR FROM d), TRIM(BOTH ' ' FROM n) FROM A", "A"),
        (
            "SELECT CASE WHEN 1=1 THEN 2 END, STRING_AGG(x) WITHIN GROUP (ORDER BY y) FROM A",
            "A",
        ),
        ("SELECT a INTO v FROM A UNION ALL SELECT b FROM B", "AB"),
        (
            "WITH w AS (SELECT * FROM A), z (p, q) AS (SELECT 1, 2 FROM B) SELECT * FROM w, z, C",
            "ABC",
        ),
        ("lt = SELECT * FROM A; RETURN SELECT * FROM :lt JOIN lt ON 1=1", "A"),
        ('SELECT * FROM "P"(X => 1) AS p JOIN Q(1, (SELECT 2 FROM R)) ON 1=1', "PQR"),
        ("SELECT CURRENT_DATE FROM DUMMY", ""),
        ("SELECT * FROM A; DELETE FROM B", "AB"),
        ('SELECT * FROM "with ""quotes"""', ['with "quotes"']),
        ("", ""),
    ],
)
def test_the_tables_of_an_sql_text_are_read(sql: str, tables: list[str] | str) -> None:
    sources, doubt = read_tables(sql)
    assert [".".join(part for part, _ in table) for table in sources] == list(tables)
    assert doubt is None


@pytest.mark.parametrize(
    ("sql", "doubt"),
    [
        ("SELECT * FROM (A", "brackets"),
        ("EXEC 'SELECT * FROM A'", "run time"),
        ("SELECT * FROM A " * 200_000, "longer"),
    ],
)
def test_unsupported_sql_is_noted(sql: str, doubt: str) -> None:
    assert doubt in (read_tables(sql)[1] or "")


@pytest.mark.parametrize("mark", ['"', "'", "/*", "(", "--", '""', "/* *"])
def test_hostile_sql_is_read_in_linear_time(mark: str) -> None:
    read_tables("SELECT * FROM A " + mark * 100_000)
