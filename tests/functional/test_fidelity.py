"""`make fidelity`: what it prints and how it ends, for whole, lossy and broken documents."""

import json
from pathlib import Path
from typing import Any

import pytest

from local.catalog.embedded import EmbeddedCatalog
from local.tenant.files import load_space_from_csn
from tests.unit.tools.fidelity.port import port
from tools.fidelity.command import is_whole, main, report
from tools.fidelity.comparison import LOSSES, Verdict
from tools.fidelity.inputs import BrokenInputError, spaces_of
from tools.fidelity.synced import Judgement, carry_over, glue_tables, judge

Json = dict[str, Any]

MILLS: Json = {
    "kind": "entity",
    "@EndUserText": {"label": "Mills"},
    "elements": {
        "ID": {"type": "cds.String", "length": 4, "key": True, "notNull": True},
        "TOWN": {"type": "Town"},
        "FLOUR": {
            "type": "cds.Decimal",
            "precision": 9,
            "scale": 1,
            "@Aggregation": {"default": "#SUM"},
            "@Semantics.quantity.unitOfMeasure": {"=": "UNIT"},
        },
        "UNIT": {"type": "cds.String", "length": 3, "@Semantics.unitOfMeasure": True},
        "_texts": {
            "type": "cds.Association",
            "target": "MILL_TEXTS",
            "on": [
                *({"ref": ["ID"]}, "=", {"ref": ["_texts", "ID"]}),
                *("and", {"ref": ["_texts", "LANGU"]}, "=", {"val": "DE"}),
            ],
        },
    },
}
TEXTS: Json = {
    "kind": "entity",
    "@ObjectModel.modelingPattern": "#LANGUAGE_DEPENDENT_TEXT",
    "elements": {"ID": {"type": "cds.String", "length": 4}, "LANGU": {"type": "cds.String"}},
}
TOWN: Json = {"kind": "type", "type": "cds.String", "length": 40, "@EndUserText.label": "Town"}
EXPORT: Json = {"definitions": {"MILLS": MILLS, "MILL_TEXTS": TEXTS, "Town": TOWN}}
METADATA = """<?xml version="1.0"?>
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">
<edmx:DataServices><Schema Namespace="N" xmlns="http://docs.oasis-open.org/odata/ns/edm">
<EntityType Name="WINDS"><Key><PropertyRef Name="DAY"/></Key>
<Property Name="DAY" Type="Edm.Date" Nullable="false"/></EntityType>
<EntityType Name="STATION"><Key><PropertyRef Name="S"/></Key>
<Property Name="S" Type="Edm.String" MaxLength="3" Nullable="false"/></EntityType>
<EntityContainer Name="C"><EntitySet Name="WINDS" EntityType="N.WINDS"/></EntityContainer>
</Schema></edmx:DataServices></edmx:Edmx>"""


def written(folder: Path, content: Any, name: str = "export.json") -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return written(tmp_path, EXPORT)


def test_a_document_that_lands_whole_ends_with_0(
    export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(export)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "export.json: SUCCESS, tables: 2 created, 0 failed, 0 skipped"
    assert lines[1].split() == [
        *("equal", "missing", "wrong", "custom", "only", "shortened", "not", "judged"),
    ]
    assert lines[-1].split()[0] == "all"
    assert not any(line.startswith(("  missing", "  wrong")) for line in lines)


def test_several_files_are_judged_one_after_the_other(
    export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    winds = written(tmp_path, METADATA, "winds.xml")
    assert main([str(export), str(winds)]) == 0
    out = capsys.readouterr().out
    assert "export.json: SUCCESS" in out
    assert "winds.xml: SUCCESS" in out


def test_a_key_that_is_gone_from_the_catalog_is_named(
    export: Path, catalog: EmbeddedCatalog
) -> None:
    spaces = (load_space_from_csn(export, "EXPORT"),)
    carried = carry_over(spaces, catalog)
    tables = glue_tables(catalog)
    mills = next(one for one in tables if one["Name"] == "mills")
    [flour] = [c for c in mills["StorageDescriptor"]["Columns"] if c["Name"] == "flour"]
    assert is_whole(carried.judgement(tables))

    del flour["Parameters"]["datasphere.aggregation"]
    flour["Parameters"]["datasphere.unit"] = "TOWN"
    judgement = carried.judgement(tables)

    assert not is_whole(judgement)
    lines = report("export.json", judgement)
    assert "  missing: EXPORT.MILLS.FLOUR: aggregations: source: SUM" in lines
    assert "  wrong: EXPORT.MILLS.FLOUR: unit columns: source: UNIT; Glue: TOWN" in lines


def test_a_space_with_every_kind_of_fact_lands_whole(catalog: EmbeddedCatalog) -> None:
    judgement = judge([port()], catalog)
    alarms = [one.line for one in judgement.findings if one.verdict in LOSSES]
    assert alarms == []
    assert is_whole(judgement)


def test_an_object_that_failed_is_no_whole_carry_over(
    export: Path, catalog: EmbeddedCatalog
) -> None:
    judgement = judge(spaces_of(export), catalog)
    failed = {**judgement.run, "counts": {**judgement.run["counts"], "failed": 1}}
    assert is_whole(judgement)
    assert not is_whole(Judgement(judgement.findings, failed))


def test_nothing_to_compare_is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "FILE=" in capsys.readouterr().out


BROKEN = {
    "nothing": "",
    "text": "no json",
    "list": [],
    "no definitions": {"definitions": None},
    "no entity": {"definitions": {"T": TOWN}},
    "definition": {"definitions": {"E": []}},
    "elements": {"definitions": {"E": {"kind": "entity", "elements": []}}},
    "element": {"definitions": {"E": {"kind": "entity", "elements": {"C": None}}}},
    "condition": {
        "definitions": {
            "E": {
                "kind": "entity",
                "elements": {"_l": {"type": "cds.Association", "target": "E", "on": 7}},
                "query": {"SELECT": {"from": {"ref": 1}}},
            }
        }
    },
    "layers": {
        "definitions": {"E": {"kind": "entity", "elements": {}}},
        "businessLayerDefinitions": {"E": {"measures": ["M"], "sourceModel": 3}},
    },
    "xml": "<a/>",
    "half xml": METADATA[:300],
    "html": "<!doctype html><html></html>",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_broken_file_ends_with_2_and_a_sentence(
    content: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, content)
    assert main([str(path)]) == 2
    [line] = capsys.readouterr().out.splitlines()
    assert str(path) in line or "EXPORT.E" in line
    assert line.endswith(".")


def test_a_file_that_is_not_there_or_no_text_ends_with_2(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "folder").mkdir()
    assert [main([str(tmp_path / name)]) for name in ("none", "bytes", "folder")] == [2, 2, 2]


def test_a_broken_file_does_not_hide_the_others(
    export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = written(tmp_path, "{", "broken.json")
    assert main([str(broken), str(export)]) == 2
    assert "export.json: SUCCESS" in capsys.readouterr().out


def interop(**rest: Any) -> Json:
    return {
        "csnInteropEffective": "1.0",
        "$version": "2.0",
        "meta": {"creator": "x", "document": {"name": "mills", "version": "1.0.0"}},
        "i18n": {"de": {"M": "Mühlen"}, "en": {"M": "Mills"}},
        "__private": 1,
        **rest,
    }


LEGAL = {
    "no label": {"definitions": {"E": {"kind": "entity", "elements": {"A": {}}}}},
    "no elements": {"definitions": {"E": {"kind": "entity"}, "M": MILLS, "Town": TOWN}},
    "condition only": {
        "definitions": {
            "E": {
                "kind": "entity",
                "elements": {
                    "A": {"type": "cds.String", "length": 1},
                    "_a": {
                        "type": "cds.Association",
                        "target": "E",
                        "on": [{"ref": ["_a", "A"]}, "=", {"val": "x"}],
                    },
                },
            }
        }
    },
    "old kind": {"definitions": {"E": {"kind": "view", "elements": {"A": {"type": "cds.Date"}}}}},
    "contexts": {
        "definitions": {
            "acme": {"kind": "context"},
            "acme.E": {"kind": "entity", "elements": {"A": {"type": "cds.UUID"}}},
        }
    },
    "unlabelled words": {
        "definitions": {
            "E": {
                "kind": "entity",
                "@ObjectModel": {"modelingPattern": {"#": "ANALYTICAL_FACT"}},
                "@Analytics.hidden": False,
                "elements": {"A": {"type": "cds.Integer", "@Aggregation.default": "NONE"}},
            }
        }
    },
    "interop": interop(
        definitions={"M": {**MILLS, "@EndUserText.label": "{i18n>M}"}, "Town": TOWN}
    ),
    "byte order mark": "\ufeff" + json.dumps(EXPORT),
    "several entity types": METADATA,
}


@pytest.mark.parametrize("content", LEGAL.values(), ids=LEGAL)
def test_a_legal_document_causes_no_alarm(
    content: Any, tmp_path: Path, catalog: EmbeddedCatalog
) -> None:
    judgement = judge(spaces_of(written(tmp_path, content)), catalog)
    alarms = [one.line for one in judgement.findings if one.verdict in LOSSES]
    assert alarms == []
    assert judgement.findings


def test_a_broken_input_names_the_place(tmp_path: Path) -> None:
    path = written(tmp_path, {"definitions": {"E": {"kind": "entity", "elements": {"C": 1}}}})
    with pytest.raises(BrokenInputError, match=r"the element E\.C is no object"):
        spaces_of(path)


@pytest.mark.ci_only
def test_every_real_document_is_carried_over_whole(real: Path, catalog: EmbeddedCatalog) -> None:
    paths = [*sorted((real / "csn").glob("*.json")), real / "recorded"]
    assert len(paths) > 1
    for path in paths:
        catalog.reset()
        judgement = judge(spaces_of(path), catalog)
        assert is_whole(judgement), report(path.name, judgement)
        assert judgement.run["status"] == "SUCCESS"
        equal = [one for one in judgement.findings if one.verdict is Verdict.EQUAL]
        assert len(equal) > 300, path.name
