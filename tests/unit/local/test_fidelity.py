"""The fidelity count: equal for every real export, and able to tell a loss."""

import json
from pathlib import Path

import pytest

from local.fidelity import compared, main, said

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
            },
        }
    }
}


def test_every_count_of_a_small_export_is_equal() -> None:
    counts = {what: (one, other) for what, one, other in compared(json.dumps(EXPORT).encode())}

    assert counts["columns"] == (3, 3)
    assert counts["measures"] == (1, 1)
    assert counts["aggregations"] == (1, 1)
    assert counts["currencies and units"] == (1, 1)
    assert all(one == other for one, other in counts.values())


def test_the_source_is_counted_over_the_export_alone() -> None:
    assert said(EXPORT)["keys"] == 1
    assert said({"definitions": {"C": {"kind": "context"}}})["tables"] == 0


def test_a_loss_is_told_and_ends_with_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lossy = json.loads(json.dumps(EXPORT))
    lossy["definitions"]["Orders"]["elements"]["Amount"]["@Aggregation.default"] = None
    path = tmp_path / "export.json"
    path.write_text(json.dumps(lossy))

    assert main([str(path)]) == 1
    assert "DIFFERS" in capsys.readouterr().out


def test_every_real_export_arrives_whole(real: Path) -> None:
    exports = sorted((real / "csn").glob("*.json"))

    assert exports
    for export in exports:
        assert [row for row in compared(export.read_bytes()) if row[1] != row[2]] == []
