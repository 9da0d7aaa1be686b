"""The fidelity count: equal for every real document, and able to detect a loss."""

import json
from pathlib import Path

import pytest

from local.catalog.embedded import EmbeddedCatalog
from tools.fidelity import Comparison, compared, facts_of, main
from tools.fidelity_facts import of_csn

EXPORT = {
    "definitions": {
        "Orders": {
            "kind": "entity",
            "@EndUserText.label": "Orders",
            "elements": {
                "ID": {"type": "cds.Integer", "key": True, "@EndUserText.label": "Id"},
                "Amount": {
                    "type": "cds.Decimal",
                    "@AnalyticsDetails.measureType": {"#": "BASE"},
                    "@Aggregation.default": {"#": "SUM"},
                    "@Semantics.amount.currencyCode": {"=": "Currency"},
                },
                "Currency": {"type": "cds.String", "length": 5},
                "_customer": {
                    "type": "cds.Association",
                    "target": "Customers",
                    "on": [{"ref": ["ID"]}, "=", {"ref": ["_customer", "KEY"]}],
                },
            },
        }
    }
}


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "export.json"
    path.write_text(json.dumps(EXPORT))
    return path


def test_every_count_of_a_small_export_is_equal(export: Path, catalog: EmbeddedCatalog) -> None:
    comparison = compared(export, catalog)
    counts = {what: (one, other) for what, one, other in comparison.rows}

    assert counts["columns"] == (3, 3)
    assert counts["measures"] == (1, 1)
    assert counts["aggregations"] == (1, 1)
    assert counts["currencies"] == (1, 1)
    assert counts["column pairs"] == (1, 1)
    assert comparison.lost == []


def test_the_source_is_counted_over_the_export_alone(export: Path) -> None:
    assert ("keys", "Orders", "ID") in facts_of(export)
    assert list(of_csn({"definitions": {"C": {"kind": "context"}}})) == []


def test_a_lost_fact_is_reported_by_name() -> None:
    source = frozenset({("keys", "Orders", "ID"), ("columns", "Orders", "ID")})
    comparison = Comparison(source, frozenset({("columns", "Orders", "ID")}), {})
    assert comparison.rows == [("columns", 1, 1), ("keys", 1, 0)]
    assert comparison.lost == [("keys", "Orders", "ID")]


def test_nothing_to_compare_is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "FILE=" in capsys.readouterr().out


@pytest.mark.ci_only
def test_every_real_document_is_carried_over_completely(
    real: Path, catalog: EmbeddedCatalog
) -> None:
    paths = [*sorted((real / "csn").glob("*.json")), real / "recorded"]
    assert len(paths) > 1
    for path in paths:
        catalog.reset()
        comparison = compared(path, catalog)
        assert comparison.lost == [], path.name
        assert comparison.run["status"] == "SUCCESS"
        assert (comparison.run["counts"]["failed"], comparison.run["counts"]["skipped"]) == (0, 0)
        assert len(comparison.source) > 100
