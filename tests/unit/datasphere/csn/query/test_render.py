"""Queries and expressions as SQL."""

from typing import Any

import pytest

from datasphere_glue.datasphere.csn.query.render import to_sql
from tests.unit.datasphere.csn.query.queries import func, join, named, ref, select, union, val, xpr

WINDOW = xpr("partition", "by", ref("B"), "order", "by", ref("C"), "desc")
INFIX = {"id": "_b", "args": {"P": val(1)}, "where": [ref("X"), "=", val(2)]}

EXPRESSIONS: dict[str, tuple[Any, str]] = {
    "name": (ref("A"), '"A"'),
    "path": (ref("Filter 1", "A"), '"Filter 1"."A"'),
    "name with quotes": (ref('A"B'), '"A""B"'),
    "name with dots": (ref("SAP.TIME.DAYS", "DATE"), '"SAP.TIME.DAYS"."DATE"'),
    "own column": (ref("$self", "A"), '"A"'),
    "path with filter": (ref(INFIX, "C"), '"_b"("P" => 1)["X" = 2]."C"'),
    "parameter": (ref("P", param=True), ":P"),
    "parameter with colon": (ref(":P"), ":P"),
    "parameter by name": (ref("$parameters", "P"), ":P"),
    "session": (ref("$user", "id"), "$user.id"),
    "text": (val("it's"), "'it''s'"),
    "text with a line break": (val("a\nb"), "'a b'"),
    "number": (val(12.5), "12.5"),
    "number as text": (val("1.50", literal="number"), "1.50"),
    "date": (val("2024-01-31", literal="date"), "DATE'2024-01-31'"),
    "true": ({"val": True}, "TRUE"),
    "null": (val(None), "NULL"),
    "enum": ({"#": "open"}, "#open"),
    "tokens": ([ref("A"), "is not null", "and", ref("B"), "<=", val(3)],
               '"A" IS NOT NULL AND "B" <= 3'),
    "brackets": (xpr(xpr(ref("A"), "+", ref("B")), "*", val(2)), '("A" + "B") * 2'),
    "written brackets": (xpr("(", ref("A"), ")"), '( "A" )'),
    "case": (
        xpr("case", "when", ref("A"), "=", val(1), "then", val("x"), "else", ref("B"), "end"),
        "CASE WHEN \"A\" = 1 THEN 'x' ELSE \"B\" END",
    ),
    "between": ([ref("A"), "between", val(1), "and", val(9)], '"A" BETWEEN 1 AND 9'),
    "list": ([ref("A"), "in", {"list": [val("x"), val("y")]}], "\"A\" IN ('x', 'y')"),
    "function": (func("IFNULL", ref("A"), val(0)), 'IFNULL("A", 0)'),
    "function of an expression": (func("ABS", xpr(ref("A"), "-", ref("B"))), 'ABS("A" - "B")'),
    "function without brackets": ({"func": "CURRENT_DATE"}, "CURRENT_DATE"),
    "function with brackets": (func("RANK"), "RANK()"),
    "named arguments": ({"func": "F", "args": {"X": ref("A")}}, 'F("X" => "A")'),
    "count": (func("count", "*"), "count(*)"),
    "distinct": (func("COUNT", xpr("distinct", ref("A"))), 'COUNT(DISTINCT "A")'),
    "distinct as a word": (func("COUNT", "distinct", ref("A")), 'COUNT(DISTINCT "A")'),
    "window": (func("SUM", ref("A"), xpr=["over", WINDOW]),
               'SUM("A") OVER (PARTITION BY "B" ORDER BY "C" DESC)'),
    "cast": (ref("A", cast={"type": "cds.Decimal", "precision": 9, "scale": 2}),
             'CAST("A" AS DECIMAL(9, 2))'),
    "cast of an expression": (
        {**xpr(ref("A"), "+", ref("B")), "cast": {"type": "cds.String", "length": 5}},
        'CAST("A" + "B" AS NVARCHAR(5))',
    ),
    "cast to a type of HANA": (ref("A", cast={"type": "cds.hana.SMALLINT"}),
                               'CAST("A" AS SMALLINT)'),
    "cast to a named type": (ref("A", cast={"type": "my.Type"}), 'CAST("A" AS "my.Type")'),
    "redirected association": (ref("_a", cast={"type": "cds.Association", "target": "X"}), '"_a"'),
    "unknown": ({"strange": 1}, "?"),
    "unknown part": ([ref("A"), "=", {"strange": 1}], '"A" = ?'),
    "no node": (None, "?"),
}  # fmt: skip


@pytest.mark.parametrize("case", EXPRESSIONS)
def test_an_expression_is_written_as_sql(case: str) -> None:
    node, sql = EXPRESSIONS[case]
    assert to_sql(node) == sql


QUERIES: dict[str, tuple[Any, str]] = {
    "all columns": (select(ref("A")), 'SELECT * FROM "A"'),
    "parts": (
        select(
            ref("HR.PEOPLE", alias="p"),
            ref("p", "NAME", alias="N"),
            func("COUNT", "*"),
            distinct=True,
            where=[ref("AGE"), ">", val(18)],
            groupBy=[ref("NAME")],
            having=[func("COUNT", "*"), ">", val(1)],
            orderBy=[ref("NAME", sort="desc", nulls="last"), ref("AGE")],
            limit={"rows": val(10), "offset": val(5)},
        ),
        ('SELECT DISTINCT "p"."NAME" AS "N", COUNT(*) FROM "HR.PEOPLE" AS "p" WHERE "AGE" > 18 '
        'GROUP BY "NAME" HAVING COUNT(*) > 1 ORDER BY "NAME" DESC NULLS LAST, "AGE" '
        "LIMIT 10 OFFSET 5"),
    ),
    "join": (
        select(
            join(ref("A", alias="a"), select(ref("B"), alias="b"), ref("a", "X"), "=",
                 ref("b", "X"), kind="left"),
            ref("a", inline=["*"]),
        ),
        ('SELECT "a".* FROM ("A" AS "a" LEFT JOIN (SELECT * FROM "B") AS "b" '
        'ON "a"."X" = "b"."X")'),
    ),
    "cross join": (select(join(ref("A"), ref("B"), kind="cross")),
                   'SELECT * FROM ("A" CROSS JOIN "B")'),
    "list of sources": (select([ref("A"), ref("B", alias="b")]), 'SELECT * FROM "A", "B" AS "b"'),
    "path": (select(ref("A", {"id": "_b", "where": [ref("X"), "=", val(1)]}, alias="b")),
             'SELECT * FROM "A"."_b"["X" = 1] AS "b"'),
    "set": (union(select(ref("A")), select(ref("B")), all=True),
            '(SELECT * FROM "A") UNION ALL (SELECT * FROM "B")'),
    "other set": (union(select(ref("A")), select(ref("B")), op="except", orderBy=[ref("X")]),
                  '(SELECT * FROM "A") EXCEPT (SELECT * FROM "B") ORDER BY "X"'),
    "no source": ({"SELECT": {"columns": [val(1)]}}, "SELECT 1"),
    "unknown source": ({"SELECT": {"from": {"odd": 1}, "columns": [5]}}, "SELECT ? FROM ?"),
}  # fmt: skip


@pytest.mark.parametrize("case", QUERIES)
def test_a_query_is_written_in_brackets(case: str) -> None:
    node, sql = QUERIES[case]
    assert to_sql(node) == f"({sql})"


def test_a_query_may_be_an_operand() -> None:
    node = xpr(ref("A"), "in", select(ref("B"), ref("X")))
    assert to_sql(node) == '"A" IN (SELECT "X" FROM "B")'


def test_an_alias_is_part_of_the_column_not_of_the_expression() -> None:
    assert to_sql(named(val(1), "X")) == "1"
