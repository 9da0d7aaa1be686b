"""The unit tests mirror the source: each file sits in its room and names its module."""

from pathlib import Path

UNIT = Path(__file__).parent
TOP = UNIT.parents[1]
ROOTS = (TOP / "src" / "datasphere_glue", TOP)
"""Where a room may lie: the package itself, or `local`, `tools`, `benchmarks`."""

ASPECTS = {
    "benchmarks/test_benchmarks.py": "the scenarios and bounds of all benchmarks together",
    "datasphere/csn/query/test_column_lineage.py": "lineage, for every form of a query",
    "datasphere/csn/query/test_conditions.py": "the conditions of a query",
    "datasphere/csn/query/test_lineage_sources.py": "the definitions that a query needs",
    "datasphere/csn/query/test_query_forms.py": "the names inside a query",
    "datasphere/csn/query/test_query_laws.py": "what holds for every query",
    "datasphere/csn/test_bounds.py": "what hostile documents may cost any reader of CSN",
    "datasphere/csn/test_columns.py": "the columns of a definition, from all modules of the room",
    "datasphere/csn/test_in_glue.py": "what is read of CSN, as the mapping writes it",
    "datasphere/csn/test_real_exports.py": "all readers of CSN on real exports",
    "datasphere/odata/test_recorded.py": "all readers of OData on recorded documents",
    "datasphere/test_even_budget.py": "the budgets of workers that follow each other",
    "datasphere/test_attempts.py": "what `client` reports of each request",
    "glue/test_client_errors.py": "the errors of `client`",
    "mapping/test_key_surfaces.py": "every surface of a Glue key",
    "report/test_do_next.py": "what a person must do, on terminal, message and page alike",
    "report/test_page_types.py": "the types of the page's scripts",
    "test_mirror.py": "this file",
    "tools/fidelity/edmx/test_defined_types.py": "the types that a document defines",
    "tools/fidelity/test_apart.py": "that the judge uses nothing of the product",
}
"""Files that hold one aspect of several modules, or one of several aspects, and which."""


def has_a_subject(test: Path) -> bool:
    place = test.parent / test.stem.removeprefix("test_")
    return any((root / place).is_dir() or (root / f"{place}.py").is_file() for root in ROOTS)


def test_every_file_names_its_module_or_is_listed_with_a_reason() -> None:
    tests = {path.relative_to(UNIT) for path in UNIT.rglob("test_*.py")}
    assert {str(test) for test in tests if not has_a_subject(test)} == set(ASPECTS)
