"""The tables of scripts."""

import pytest

from tests.unit.datasphere.csn.sql.reading import doubted, tables


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("lt = SELECT * FROM A; RETURN SELECT * FROM :lt", "A"),
        ('"Lt" = SELECT * FROM A; x = SELECT * FROM :"Lt" a JOIN B ON 1=1; RETURN :x;', "A B"),
        (
            "lt = SELECT 1 FROM A; lt = SELECT 1 FROM :lt UNION ALL SELECT 2 FROM B; RETURN :lt",
            "A B",
        ),
        ('"CAKES" = SELECT * FROM "CAKES"; RETURN SELECT * FROM :"CAKES", CAKES', "CAKES"),
        ("lt = WITH w AS (SELECT 1 FROM A) SELECT * FROM w; RETURN SELECT * FROM w", "A W"),
        ('DECLARE lt TABLE ("X" INT, y DECIMAL(5, 2)); lt = (SELECT 1 FROM A); RETURN :lt', "A"),
        ("DECLARE a, b INT = 5; DECLARE c INT := (SELECT MAX(x) FROM A); DECLARE d LIKE :e;", "A"),
        ("DECLARE lt TABLE (x INT) = UNNEST(:y); RETURN SELECT * FROM :lt", ""),
        (
            (
                "SELECT MAX(x) INTO v FROM A; v = :v + 1; w := 'a'; RETURN SELECT *"
                " FROM B WHERE x = :v"
            ),
            "A B",
        ),
        ("v = ABS(:x); (p, q) = F(:v); lt[1] = 2; lt.x[:i] = 3; RETURN SELECT :v FROM V", "V"),
        (":lt.INSERT((1, 2), 1); :lt.DELETE(1); v = :lt.SEARCH(x, 1); RETURN SELECT * FROM A", "A"),
        (
            (
                "USING SQLSCRIPT_STRING AS lib; lt = lib:SPLIT_TO_TABLE(:x, ',');"
                " RETURN SELECT * FROM :lt"
            ),
            "",
        ),
        ("SELECT * FROM SQLSCRIPT_STRING:SPLIT_TO_TABLE(:x, ','), A", "A"),
        ('RETURN SELECT * FROM #SCRATCH, "#also", A', "A"),
    ],
)
def test_variables_are_no_tables(sql: str, expected: str) -> None:
    assert tables(sql) == expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (
            (
                "IF :x = 1 THEN lt = SELECT * FROM A; ELSEIF EXISTS (SELECT 1 FROM B) THEN"
                " lt = SELECT * FROM C; ELSE IF :y = 1 THEN lt = SELECT * FROM D; END IF; END IF;"
            ),
            "A B C D",
        ),
        (
            (
                "WHILE :i < (SELECT 1 FROM A) DO lt = SELECT * FROM B; i = :i + 1; END WHILE;"
                " FOR i IN REVERSE 1..10 DO x = SELECT * FROM C; END FOR; LOOP BREAK; END LOOP;"
            ),
            "A B C",
        ),
        (
            (
                "DECLARE CURSOR c (p INT) FOR SELECT * FROM A WHERE x = :p;"
                ' FOR r AS "C"(1) DO lt = SELECT * FROM B WHERE y = :r.x; END FOR;'
            ),
            "A B",
        ),
        ("CURSOR c FOR WITH w AS (SELECT 1 FROM A) SELECT * FROM w; OPEN c; FETCH c INTO v;", "A"),
        (
            (
                "DECLARE EXIT HANDLER FOR SQLEXCEPTION, SQL_ERROR_CODE 1299 lt = SELECT * FROM A;"
                " DECLARE c CONDITION FOR SQL_ERROR_CODE 10001; SIGNAL c SET MESSAGE_TEXT = 'no';"
            ),
            "A",
        ),
        ("DECLARE CONTINUE HANDLER FOR SQLWARNING BEGIN x = SELECT * FROM A; END; y = :x;", "A"),
        (
            (
                "BEGIN BEGIN SEQUENTIAL EXECUTION a = SELECT CASE WHEN 1=1 THEN 2 ELSE 3 END"
                " FROM A; END; BEGIN PARALLEL EXECUTION b = SELECT * FROM B; END;"
                " RETURN SELECT 1 FROM :a; END"
            ),
            "A B",
        ),
        (
            "v = CASE WHEN :x = 1 THEN (SELECT 1 FROM A) ELSE 2 END; RETURN SELECT * FROM B END;",
            "A B",
        ),
        (
            (
                'CREATE OR REPLACE FUNCTION F(IN x INT) RETURNS TABLE ("X" INT) LANGUAGE SQLSCRIPT'
                " READS SQL DATA AS BEGIN RETURN SELECT * FROM A; END;"
            ),
            "A",
        ),
        ('FUNCTION "F"() RETURNS TABLE (x INT) AS BEGIN RETURN SELECT * FROM A; END;', "A"),
        (
            (
                "DECLARE FUNCTION inner_f(x INT) RETURNS TABLE (y INT) AS BEGIN RETURN SELECT y"
                " FROM A; END; RETURN SELECT * FROM inner_f(1)"
            ),
            "A",
        ),
        ("DECLARE PROCEDURE p() AS BEGIN x = SELECT * FROM A; END; CALL p();", "A"),
        ("open = SELECT * FROM A; RETURN :open", "A"),
    ],
)
def test_blocks_loops_and_cursors_are_followed(sql: str, expected: str) -> None:
    assert tables(sql) == expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ('lt = APPLY_FILTER("A", :f); RETURN SELECT * FROM :lt', "A"),
        ("lt = APPLY_FILTER(HARBOUR.A, :f); x = APPLY_FILTER(:lt, :f); RETURN :x", "HARBOUR.A"),
        ("SELECT * FROM APPLY_FILTER(A, :f)", "A"),
        ('lt = CE_COLUMN_TABLE("A", ["X", "Y"]); x = CE_PROJECTION(:lt, ["X"]); RETURN :x', "A"),
        (
            (
                'x = CE_OLAP_VIEW("V", [sum("Y")]); y = CE_JOIN(:x, :z, [k], [k,'
                " CE_CALC('1', INT)]);"
            ),
            "V",
        ),
        ('lt = MAP_MERGE(:t, "F"(:t."X", :t."Y")); RETURN :lt', "F"),
        ("lt = MAP_REDUCE(A, M(A.x, A.y) GROUP BY z AS G, R(G.z, G)); RETURN :lt", "A M R"),
        ("lt = MAP_MERGE(A, HARBOUR.F(A.x)); RETURN :lt", "A HARBOUR.F"),
    ],
)
def test_operators_of_sqlscript_read_their_arguments(sql: str, expected: str) -> None:
    assert tables(sql) == expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (
            (
                'INSERT INTO T ("x", "y") SELECT 1, 2 FROM A; INSERT INTO T VALUES'
                " ((SELECT 1 FROM B), 2)"
            ),
            "A B",
        ),
        (
            "INSERT INTO T (SELECT * FROM A); UPSERT T WITH w AS (SELECT 1 FROM B) SELECT * FROM w",
            "A B",
        ),
        ("REPLACE T (x) VALUES (1) WHERE x = 2; UPSERT T SELECT * FROM A WITH PRIMARY KEY", "A"),
        ("UPDATE TOP 5 T SET x = A.x, y = (SELECT 1 FROM B) FROM T, A WHERE T.k = A.k", "B A"),
        ("UPDATE T SET x = 1 WHERE y IN (SELECT 2 FROM A)", "A"),
        ("DELETE FROM T WHERE x IN (SELECT 1 FROM A); DELETE HISTORY FROM HARBOUR.T", "A"),
        (
            (
                "MERGE INTO T AS t USING A AS a ON t.x = a.x WHEN MATCHED THEN UPDATE"
                ' SET t.y = a.y, t.z = 1 WHEN NOT MATCHED THEN INSERT ("x", "y") VALUES (a.x, a.y)'
            ),
            "A",
        ),
        ("MERGE INTO T USING (SELECT * FROM A) AS a ON 1=1 WHEN MATCHED THEN DELETE", "A"),
        (
            "CREATE LOCAL TEMPORARY TABLE #S AS (SELECT * FROM A); TRUNCATE TABLE T; DROP TABLE #S",
            "A",
        ),
        ("CREATE VIEW V AS SELECT * FROM A; COMMIT", "A"),
    ],
)
def test_a_table_that_is_only_written_is_no_source(sql: str, expected: str) -> None:
    assert tables(sql) == expected


@pytest.mark.parametrize(
    ("sql", "expected", "cause"),
    [
        ('CALL "FILL"(:x, lt); RETURN SELECT * FROM :lt, A', "A", "procedure"),
        ("CALL HARBOUR.FILL((SELECT 1 FROM A))", "A", "procedure"),
        ("EXEC 'SELECT * FROM A'; RETURN SELECT * FROM B", "B", "run time"),
        ("EXECUTE IMMEDIATE :x INTO y USING (SELECT 1 FROM A)", "A", "run time"),
        ("lt = F(:x); RETURN SELECT * FROM :lt", "", "function"),
        ('lt = "F"(:x); RETURN :lt', "", "function"),
        ("lt = F(:x); RETURN :lt", "", "function"),
        ("RETURN F(:x)", "", "function"),
        ("x = MYLIB:F(1)", "", "function"),
        ("lt = CE_CONVERSION(:a, [family = 'currency'], [x])", "", "function"),
        ("lt = SELECT * FROM A; RETURN SELECT * FROM lt", "A", "variable"),
        ("DECLARE lt TABLE (x INT); RETURN SELECT * FROM lt", "", "variable"),
        ("lt = CE_PROJECTION(A, [x])", "", "variable"),
        ("RETURN A", "", "function"),
        ("please read the table lakes", "", "not understood"),
        ("F(:x);", "", "not understood"),
    ],
)
def test_what_is_not_followed_is_said(sql: str, expected: str, cause: str) -> None:
    found, why = doubted(sql)
    assert found == expected
    assert cause in why
