"""Laws of reading SQL: total, nothing invented, everything named that a query names."""

import random
import re
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.datasphere.csn.sql.reader import read_sources
from datasphere_glue.datasphere.csn.sql.tokens import Unreadable, read_tokens
from datasphere_glue.datasphere.csn.sql.words import RESERVED, ROW_MAKERS
from tests.effort import examples

TABLES = ("LAKES", "RIVERS", "Ferries", "PIERS", "TIDES")
WORDS = (
    *sorted(RESERVED | ROW_MAKERS.keys()),
    *("SOURCE", "SERIES", "TABLE", "HINT", "SYSTEM_TIME", "OF", "BY", "PARTITION", "RECURSIVE"),
    *("APPLY_FILTER", "MAP_REDUCE", "CE_PROJECTION", "CALL", "EXECUTE", "IMMEDIATE", "THEN", "DO"),
    *("INSERT", "UPDATE", "DELETE", "MERGE", "CREATE", "HANDLER", "OUTER", "MANY", "ONE", "DUMMY"),
    *("lakes", "Rivers", '"Ferries"', '"a b"', "#t", "x", "lt", "1", "1..2", "'text'", "''", '""'),
    *("(", ")", "[", "]", ",", ".", ";", ":", "::", "=", ":=", "=>", "*", "?", "||", "-- c\n"),
)
SOUP = st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join)
BALANCED = st.recursive(
    SOUP.map(lambda text: re.sub(r"[()\[\]]", "", text)),
    lambda inner: st.tuples(inner, st.sampled_from(("()", "[]")), inner, inner).map(
        lambda parts: f"{parts[0]} {parts[1][0]} {parts[2]} {parts[1][1]} {parts[3]}"
    ),
    max_leaves=12,
)


@examples(600)
@given(st.one_of(SOUP, BALANCED, st.text(max_size=200)))
def test_any_text_is_read_and_only_names_in_it_are_claimed(sql: str) -> None:
    sources = read_sources(sql)
    try:
        names = set(read_tokens(sql).names)
    except Unreadable:
        names = set()
    assert {part for table in sources.tables for part in table} <= names
    assert len(set(sources.tables)) == len(sources.tables)


@examples(300)
@given(st.one_of(SOUP, BALANCED), st.sampled_from(("MARKER_7F3A", '"MARKER_7F3A"')))
def test_a_doubt_never_quotes_the_text(sql: str, marker: str) -> None:
    doubts = read_sources(re.sub(r"\b(lakes|x|lt)\b", marker, sql)).doubts
    assert all("MARKER" not in doubt for doubt in doubts)


class Writer:
    """Writes queries over `TABLES` by chance, with the tables that each of them names."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.named: set[str] = set()

    def query(self, depth: int, known: frozenset[str] = frozenset()) -> str:
        """Return a query in which the names that WITH defines are known."""
        if depth and self._often(0.3):
            name = self._pick((*TABLES, "Deep", "SHORE"))
            body = self.query(depth - 1, known)
            rest = self.query(depth - 1, known | {name.upper()})
            return f"WITH {self._cased(name)} AS ({body}) {self._without_with(rest)}"
        if depth and self._often(0.3):
            text = self._select(depth, known)
            other = self._bracketed(self.query(depth - 1, known))
            return f"{text} {self._pick(('UNION ALL', 'EXCEPT', 'INTERSECT DISTINCT'))} {other}"
        return self._select(depth, known)

    def _without_with(self, query: str) -> str:
        return f"({query})" if query.startswith("WITH") else query

    def _select(self, depth: int, known: frozenset[str]) -> str:
        items = [self._pick(("*", "x", "EXTRACT(YEAR FROM d)", "'FROM no'", "COUNT(*)"))]
        if depth and self._often(0.2):
            items.append(f"({self.query(depth - 1, known)}) AS y")
        tables = [self._table(depth, known) for _ in range(self._chance.randint(1, 3))]
        parts = ["SELECT", ", ".join(items), self._pick(("", "/* FROM no */")), "FROM"]
        parts.append(self._joined(tables))
        if depth and self._often(0.4):
            inner = self.query(depth - 1, known)
            parts.append(f"WHERE x IN ({inner}) AND p IS DISTINCT FROM q")
        return " ".join((*parts, self._pick(("", "GROUP BY x", "ORDER BY 1"))))

    def _joined(self, tables: Iterable[str]) -> str:
        first, *rest = tables
        joins = (", {}", " LEFT OUTER JOIN {} ON 1=1", " CROSS JOIN {}")
        return first + "".join(self._pick(joins).format(one) for one in rest)

    def _table(self, depth: int, known: frozenset[str]) -> str:
        if depth and self._often(0.3):
            return self._bracketed(self.query(depth - 1, known), always=True) + " AS t"
        if depth and self._often(0.2):
            return f"HIERARCHY(SOURCE {self._table(0, known)} START WHERE x = 1)"
        name = self._pick((*TABLES, *sorted(known)))
        if self._often(0.2):
            self.named.add(f"HARBOUR.{name}")
            return f'"HARBOUR"."{name}" AS {self._pick("abc")}'
        # A name in mixed case is quoted, and WITH defines folded names only.
        if name not in known:
            self.named.add(name)
        return f"{self._cased(name) if name.isupper() else self._quoted(name)} {self._pick('abc')}"

    def _bracketed(self, query: str, *, always: bool = False) -> str:
        times = self._chance.randint(int(always or query.startswith("WITH")), 3)
        return "(" * times + query + ")" * times

    def _cased(self, name: str) -> str:
        return self._pick((name.lower(), name.title(), name.upper(), self._quoted(name.upper())))

    def _quoted(self, name: str) -> str:
        return f'"{name}"'

    def _often(self, share: float) -> bool:
        return self._chance.random() < share

    def _pick(self, options: Iterable[str]) -> str:
        return self._chance.choice(list(options))


@examples(600)
@given(st.randoms(use_true_random=False))
def test_a_query_over_known_tables_names_exactly_these(chance: random.Random) -> None:
    writer = Writer(chance)
    sources = read_sources("; ".join((f"lt = {writer.query(4)}", "RETURN SELECT * FROM :lt")))
    assert sources.doubts == ()
    assert {".".join(name) for name in sources.tables} == writer.named


@pytest.mark.parametrize(
    ("before", "opening", "core", "closing"),
    [
        ("", "SELECT * FROM (", "SELECT * FROM LAKES", ")"),
        ("SELECT * FROM ", "(", "LAKES", ")"),
        ("", "WITH w AS (", "SELECT * FROM LAKES", ") SELECT * FROM w"),
        ("", "SELECT f(", "SELECT 1 FROM LAKES", ") FROM LAKES"),
        ("SELECT * FROM ", "HIERARCHY(SOURCE ", "LAKES", " START WHERE x = 1)"),
        ("", "SELECT 1 FROM LAKES WHERE x IN (", "SELECT 1 FROM LAKES", ")"),
    ],
)
def test_depth_costs_no_recursion(before: str, opening: str, core: str, closing: str) -> None:
    deep = 3_000
    assert read_sources(f"{before}{opening * deep}{core}{closing * deep}").tables == (("LAKES",),)


@pytest.mark.parametrize(
    "part",
    [
        *('"', "'", "/*", "(", "--", '""', "/* *", "a.", "A,", "WITH a AS (SELECT 1), ", "a AS ("),
        *(
            "CASE ",
            "IF ",
            "BEGIN ",
            ";",
            ":a ",
            "FROM ",
            "JOIN ",
            "UNION ",
            "SELECT ",
            "[x]",
            "f()",
        ),
        *("MAP_MERGE(", "a.b.", "lt = ", "x, ", "FOR SYSTEM_TIME FROM ", "END ", "RETURN "),
    ],
)
def test_hostile_text_is_read_in_linear_time(part: str) -> None:
    for before in ("SELECT * FROM A ", "lt = MAP_MERGE(a", "WITH "):
        sql = (before + part * 30_000)[:300_000]
        read_sources(sql)
        read_sources(sql + ")" * (sql.count("(") - sql.count(")")))
