"""The tables of single queries."""

import pytest

from tests.unit.datasphere.csn.sql.reading import doubted, tables


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("", ""),
        ("-- nothing\n", ""),
        ("select depth from lakes", "LAKES"),
        (
            'SELECT "a b", \'FROM x\' FROM "Lake 1" -- FROM no\n JOIN /* FROM no */ U ON 1=1',
            "Lake 1 U",
        ),
        ('SELECT * FROM "with ""quotes"""', 'with "quotes"'),
        ('SELECT * FROM "HARBOUR"."PIERS" P, town.streets', "HARBOUR.PIERS TOWN.STREETS"),
        (
            "SELECT * FROM A a, B AS b, LATERAL (SELECT 1 FROM C) c WHERE x IN (SELECT y FROM D)",
            "A B C D",
        ),
        ("SELECT * FROM (A INNER JOIN B ON A.x = B.x) LEFT JOIN C ON 1=1, D", "A B C D"),
        (
            "SELECT * FROM ((A)), (((SELECT * FROM B))), ((C JOIN D ON 1=1) JOIN E ON 1=1)",
            "A B C D E",
        ),
        ("SELECT * FROM (A) UNION (SELECT * FROM B) MINUS ((SELECT 1 FROM C))", "A B C"),
        ("(SELECT * FROM A) EXCEPT DISTINCT SELECT * FROM B ORDER BY 1", "A B"),
        (
            "SELECT 1 FROM A INTERSECT SELECT * FROM ((SELECT 1 FROM B) UNION (SELECT 1 FROM C)) u",
            "A B C",
        ),
        ("SELECT * FROM A LEFT OUTER MANY TO EXACT ONE JOIN B ON A.x = B.x CROSS JOIN C", "A B C"),
        ("SELECT (SELECT MAX(x) FROM A), SUM(y) OVER (PARTITION BY z ORDER BY q) FROM B", "A B"),
        (
            "SELECT 1 FROM A GROUP BY GROUPING SETS ((x), (y)) HAVING SUM(z) > (SELECT 1 FROM B)",
            "A B",
        ),
        ("SELECT 1 FROM A ORDER BY (SELECT 2 FROM B) NULLS LAST LIMIT 10 OFFSET 5", "A B"),
        ("SELECT a INTO v FROM A UNION ALL SELECT b FROM B", "A B"),
        (
            "SELECT TOP 5 DISTINCT x FROM A WHERE NOT EXISTS (SELECT 1 FROM B WHERE B.k = A.k)",
            "A B",
        ),
        (
            "SELECT * FROM A WHERE (x, y) IN (SELECT 1, 2 FROM B) AND z = ANY (SELECT 3 FROM C)",
            "A B C",
        ),
        (
            "SELECT CASE WHEN x IN (SELECT 1 FROM A) THEN 2 ELSE (SELECT 3 FROM B) END FROM C",
            "A B C",
        ),
        ("SELECT * FROM (VALUES (1), (2)) AS v", ""),
        ('SELECT * FROM A AS "x" ("p", "q"), B AS y (p, q)', "A B"),
        ("SELECT * FROM A JOIN B ON LEFT(A.x, 3) = B.y AND A.z BETWEEN 1 AND 2, C", "A B C"),
        ("SELECT * FROM A, A AS again", "A"),
    ],
)
def test_tables_are_read_at_any_place_of_a_query(sql: str, expected: str) -> None:
    assert tables(sql) == expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT EXTRACT(YEAR FROM d), TRIM(BOTH ' ' FROM n) FROM A", "A"),
        ("SELECT TRIM(LEADING '0' FROM (SELECT MIN(x) FROM A)), SUBSTRING(y FROM 2) FROM B", "A B"),
        ("SELECT x IS DISTINCT FROM y FROM A WHERE p IS NOT DISTINCT FROM q", "A"),
        ("SELECT * FROM A JOIN B ON A.x IS NOT DISTINCT FROM B.x, C", "A B C"),
        ("SELECT * FROM A FOR UPDATE OF (x) NOWAIT", "A"),
        ("SELECT (SELECT x FROM A FOR JSON ('format'='yes')) FROM B FOR XML", "A B"),
        ("SELECT * FROM A FOR SYSTEM_TIME FROM '1' TO '2' AS a, B", "A B"),
        ("SELECT * FROM A FOR APPLICATION_TIME AS OF '1' a JOIN B ON 1=1", "A B"),
        ("SELECT * FROM A PARTITION (1, 2) AS a TABLESAMPLE SYSTEM (10) JOIN B ON 1=1", "A B"),
        ("SELECT * FROM A a WITH HINT (NO_CS_JOIN, ROUTE_BY(B))", "A"),
        ("SELECT * FROM A WITH PARAMETERS ('PLACEHOLDER' = ('$$P$$', '1')) AS a, B", "A B"),
        ("SELECT * FROM A ORDER BY x WITH COLLATION ENGLISH", "A"),
        ("SELECT * FROM A WHERE x = 'it''s FROM B' /* FROM C; */ -- FROM D", "A"),
        ('SELECT "S".ST_AsText(), a.spot.ST_Within(b.spot) FROM A a, B b', "A B"),
    ],
)
def test_words_like_from_name_a_table_only_in_their_place(sql: str, expected: str) -> None:
    assert tables(sql) == expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (
            (
                "WITH w AS (SELECT * FROM A), z (p, q) AS (SELECT 1, 2 FROM w, B)"
                " SELECT * FROM w, z, C"
            ),
            "A B C",
        ),
        ('WITH Shore AS (SELECT * FROM A) SELECT * FROM SHORE, "SHORE", "Shore"', "A Shore"),
        ('WITH "Shore" AS (SELECT * FROM A) SELECT * FROM "Shore", Shore', "A SHORE"),
        ('WITH "A" AS (SELECT * FROM "A") SELECT * FROM "A"', "A"),
        ("WITH o AS (WITH i AS (SELECT * FROM A) SELECT * FROM i) SELECT * FROM o, i", "A I"),
        (
            (
                "WITH w AS (SELECT 1 FROM A) SELECT * FROM w WHERE x IN (SELECT y"
                " FROM w) UNION SELECT 2 FROM w"
            ),
            "A",
        ),
        ("SELECT * FROM (WITH w AS (SELECT 1 FROM A) SELECT * FROM w) x, w", "A W"),
        ("WITH w AS (SELECT 1 FROM A) SELECT * FROM HARBOUR.w, w", "A HARBOUR.W"),
        ("WITH b AS (SELECT * FROM a), a AS (SELECT * FROM b) SELECT * FROM a", "A"),
        ("WITH w AS ((SELECT 1 FROM A) UNION ALL (SELECT 2 FROM B)) (SELECT * FROM w)", "A B"),
        (
            (
                "WITH w AS (SELECT 1 FROM A) SELECT * FROM (WITH w AS (SELECT 2 FROM"
                " w) SELECT * FROM w) x"
            ),
            "A",
        ),
        ("WITH r AS (SELECT 1 FROM A UNION ALL SELECT 2 FROM r) SELECT * FROM r", "A R"),
        ("WITH RECURSIVE r AS (SELECT 1 FROM A UNION ALL SELECT 2 FROM r) SELECT * FROM r", "A"),
        ("WITH recursive AS (SELECT 1 FROM A) SELECT * FROM recursive", "A"),
        ("WITH w AS (SELECT 1 FROM A) SELECT * FROM w; SELECT * FROM w", "A W"),
    ],
)
def test_a_name_of_with_counts_in_its_scope_only(sql: str, expected: str) -> None:
    assert tables(sql) == expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT CURRENT_DATE FROM DUMMY", ""),
        ('SELECT 1 FROM SYS.DUMMY, "DUMMY", "dummy"', "dummy"),
        ("SELECT J.x FROM A R, JSON_TABLE(R.doc, '$' COLUMNS(x INT PATH '$.a')) AS J, B", "A B"),
        ("SELECT J.x FROM JSON_TABLE(LOGS.doc, '$' COLUMNS(x INT PATH '$.a')) AS J", "LOGS"),
        ("SELECT J.x FROM JSON_TABLE(:doc, '$' COLUMNS(x INT PATH '$.a')) AS J", ""),
        (
            "SELECT * FROM JSON_TABLE('{}', '$' COLUMNS(x INT PATH '$.a')), JSON_TABLE(\"D\", '$')",
            "",
        ),
        (
            "SELECT * FROM XMLTABLE('/a' PASSING HARBOUR.LOGS.xml COLUMNS x INT PATH 'i') AS t",
            "HARBOUR.LOGS",
        ),
        (
            (
                "SELECT * FROM XMLTABLE(XMLNAMESPACE('u' AS 'm'), '/m:a' PASSING"
                " A.xml COLUMNS n FOR ORDINALITY), A"
            ),
            "A",
        ),
        (
            (
                "WITH w AS (SELECT 1 FROM A) SELECT * FROM w v, JSON_TABLE(v.doc,"
                " '$'), JSON_TABLE(w.doc, '$')"
            ),
            "A",
        ),
        ("SELECT 1 FROM SERIES_GENERATE_TIMESTAMP('INTERVAL 1 DAY', :P1, :P2)", ""),
        (
            (
                "SELECT 1 FROM SERIES_DISAGGREGATE_DATE('INTERVAL 1 YEAR', 'INTERVAL"
                " 1 MONTH', '1', '2') s, A"
            ),
            "A",
        ),
        ('SELECT 1 FROM SERIES_DISAGGREGATE(SERIES TABLE "A", SERIES TABLE B)', "A B"),
        ("SELECT * FROM UNNEST(ARRAY(1, 2), :y) WITH ORDINALITY AS u (p, q), A", "A"),
        ('SELECT * FROM HIERARCHY(SOURCE "CREW" START WHERE "ID" = 1)', "CREW"),
        (
            (
                "SELECT * FROM HIERARCHY_SPANTREE(SOURCE (SELECT a AS node_id FROM"
                " A) SIBLING ORDER BY a) h"
            ),
            "A",
        ),
        (
            (
                "SELECT * FROM HIERARCHY_DESCENDANTS(SOURCE HIERARCHY(SOURCE A)"
                " START (SELECT 1 FROM B))"
            ),
            "A B",
        ),
        ("SELECT * FROM HIERARCHY_ANCESTORS(SOURCE :tree START WHERE x = 1), A", "A"),
        ("SELECT * FROM HIERARCHY_TEMPORAL(SOURCE A VALID FROM v UNTIL u START WHERE x = 1)", "A"),
        ('SELECT * FROM HIERARCHY_LEVELED(SOURCE "F"(1) LEVELS (x, y))', "F"),
        ("SELECT * FROM A, LATERAL (SELECT 1 FROM STRING_TOKENIZE(A.x, ',')) t", "A"),
    ],
)
def test_functions_of_hana_that_return_rows_are_no_objects(sql: str, expected: str) -> None:
    assert tables(sql) == expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ('SELECT * FROM "TIDES"(1, :x) t, moons()', "TIDES MOONS"),
        ('SELECT * FROM "HARBOUR"."TIDES"("P" => 1, Q => CURRENT_DATE)', "HARBOUR.TIDES"),
        ('SELECT * FROM "HIERARCHY"(1), "JSON_TABLE"(2)', "HIERARCHY JSON_TABLE"),
        ("SELECT * FROM F(1, (SELECT 2 FROM A)), G(SELECT 3 FROM B)", "F A G B"),
        ('SELECT * FROM "V"(PLACEHOLDER."$$P$$" => \'1\')', "V"),
        ("SELECT * FROM A a, LATERAL F(a.x, y)", "A F"),
    ],
)
def test_a_table_function_of_a_user_is_an_object(sql: str, expected: str) -> None:
    assert tables(sql) == expected


@pytest.mark.parametrize(
    ("sql", "expected", "cause"),
    [
        ("SELECT * FROM A B C", "A", "not understood"),
        ("SELECT * FROM", "", "not understood"),
        ("SELECT * FROM A,", "A", "not understood"),
        ("SELECT * FROM A UNION", "A", "not understood"),
        ("SELECT * FROM A WHERE x FROM B", "A", "not understood"),
        ("SELECT * FROM A, 3M_LAKES", "A", "not understood"),
        ("WITH w (SELECT 1 FROM A) SELECT * FROM B", "A B", "not understood"),
        ("SELECT * FROM A a, a.members", "A", "not understood"),
        (
            "SELECT * FROM A MANY TO ONE CASE JOIN WHEN x = 1 THEN RETURN (y) FROM B ON 1=1 END",
            "A",
            "not understood",
        ),
        ("SELECT * FROM SERIES_NEW(1), A", "A", "not understood"),
        ("SELECT * FROM OPENCYPHER_TABLE(GRAPH WORKSPACE G QUERY 'MATCH')", "", "not understood"),
        ("SELECT * FROM TABLE(F(1))", "", "not understood"),
        ("SELECT * FROM A:crew AS c", "A", "association"),
        ("SELECT * FROM A[x = (SELECT 1 FROM B)]:crew.boat", "A B", "association"),
        ('SELECT "HARBOUR"."RATE"(x) FROM A', "A", "function"),
        ('SELECT "RATE"(x) FROM A', "A", "function"),
        ("SELECT * FROM MYLIB:F(1)", "", "function"),
        ('SELECT * FROM F("A")', "F", "argument"),
        ("SELECT * FROM F(HARBOUR.A, 1)", "F", "argument"),
        ("SELECT * FROM HIERARCHY_DESCENDANTS(SOURCE A START roots)", "A", "argument"),
        ("SELECT * FROM (A", "", "brackets"),
    ],
)
def test_what_is_not_understood_claims_nothing(sql: str, expected: str, cause: str) -> None:
    found, why = doubted(sql)
    assert found == expected
    assert cause in why
