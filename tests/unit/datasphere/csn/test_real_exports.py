"""Every real definition, checked against independent counts over the raw JSON."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from datasphere_glue.datasphere.csn.completion import complete_definition
from datasphere_glue.datasphere.csn.parser import entity_names, parse_definition
from datasphere_glue.datasphere.merge import merge_with_odata
from datasphere_glue.datasphere.odata.csdl import parse_metadata
from datasphere_glue.model.asset import Asset, Kind, Usage
from datasphere_glue.model.sap_type import SapType

FOLDERS = ("csn", "recorded/views", "recorded/localtables", "recorded/analyticmodels")
LINKS = ("cds.Association", "cds.Composition")


def documents(real: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for folder in FOLDERS:
        for path in sorted((real / folder).glob("*.json")):
            yield path, json.loads(path.read_text(encoding="utf-8"))


def counts_in_json(entity: dict[str, Any]) -> Counter[str]:
    """Count the metadata of one entity in the raw JSON."""
    counts: Counter[str] = Counter()
    elements = entity["elements"]
    for annotated in (entity, *elements.values()):
        counts["labels"] += bool(
            annotated.get("@EndUserText.label") or annotated.get("@Common.Label")
        )
    for element in elements.values():
        if element.get("type") in LINKS:
            counts["associations"] += 1
            counts["pairs"] += element["on"].count("=")
            continue
        counts["columns"] += 1
        counts["keys"] += element.get("key") is True
        counts["not null"] += element.get("notNull") is True
        counts["dimensions"] += element.get("@Analytics.dimension") is True
        counts["aggregated"] += "@Aggregation.default" in element
        counts["measures"] += bool(
            {"@Aggregation.default", "@AnalyticsDetails.measureType"} & set(element)
        )
        counts["texts"] += "@ObjectModel.text.element" in element
        counts["text associations"] += "@ObjectModel.text.association" in element
        counts["foreign keys"] += "@ObjectModel.foreignKey.association" in element
        counts["currencies"] += "@Semantics.amount.currencyCode" in element
        counts["units"] += "@Semantics.quantity.unitOfMeasure" in element
        counts["marks"] += sum(
            element.get(term) is True
            for term in ("@Semantics.text", "@Semantics.currencyCode", "@Semantics.unitOfMeasure")
        )
        counts["semantics"] += sum(
            key.startswith(("@Semantics.calendar.", "@Semantics.businessDate", "@Semantics.geo"))
            or key in ("@Semantics.date", "@Semantics.language")
            for key in element
        )
    levelled = entity.get("@Hierarchy.leveled", [])
    recursive = entity.get("@Hierarchy.parentChild", [])
    counts["hierarchies"] = len(levelled) + len(recursive)
    counts["levels"] = sum(len(record["levels"]) for record in levelled)
    counts["recursions"] = sum(len(record["recurse"]["parent"]) for record in recursive)
    return counts


def counts_in_asset(asset: Asset) -> Counter[str]:
    """Count the metadata of the asset that was read."""
    columns = asset.elements
    labels = (asset.label, *(c.label for c in columns), *(a.label for a in asset.associations))
    return Counter(
        {
            "labels": sum(label is not None for label in labels),
            "associations": len(asset.associations),
            "pairs": sum(len(a.pairs) for a in asset.associations),
            "columns": len(columns),
            "keys": sum(c.key for c in columns),
            "not null": sum(c.nullable is False for c in columns),
            "dimensions": sum(c.dimension for c in columns),
            "aggregated": sum(c.aggregation is not None for c in columns),
            "measures": sum(c.measure for c in columns),
            "texts": sum(c.text is not None for c in columns),
            "text associations": sum(c.text_association is not None for c in columns),
            "foreign keys": sum(c.association is not None for c in columns),
            "currencies": sum(c.currency is not None for c in columns),
            "units": sum(c.unit is not None for c in columns),
            "marks": sum(c.is_text + c.is_currency + c.is_unit for c in columns),
            "semantics": sum(len(c.semantics) for c in columns),
            "hierarchies": len(asset.hierarchies),
            "levels": sum(len(h.levels) for h in asset.hierarchies),
            "recursions": sum(len(h.parent) for h in asset.hierarchies),
        }
    )


def test_every_definition_has_the_counts_of_its_json(real: Path) -> None:
    total: Counter[str] = Counter()
    for path, csn in documents(real):
        entities = {k: v for k, v in csn["definitions"].items() if v["kind"] == "entity"}
        assert entity_names(csn) == tuple(entities)
        for name, entity in entities.items():
            counted = counts_in_json(entity)
            read = parse_definition(csn, name, space="DEMO")
            assert +counts_in_asset(read.asset) == +counted, f"{path.name} {name}"
            assert read.notes == ()
            total += counted
            total["definitions"] += 1
    # No count is zero, so each comparison covers real data.
    assert {what for what, count in total.items() if count == 0} == set()
    assert total["definitions"] > 100


def test_every_annotation_is_mapped_stored_or_ignored_by_rule(real: Path) -> None:
    for path, csn in documents(real):
        for name in entity_names(csn):
            entity = csn["definitions"][name]
            read = parse_definition(csn, name, space="DEMO")
            custom = {term for term, _ in read.asset.custom}
            for column in read.asset.elements:
                custom |= {term for term, _ in column.custom}
            unknown = {term for term, _ in read.unknown_terms}
            assert unknown <= custom, f"{path.name} {name}"
            written = {key[1:] for key in entity if key.startswith("@")}
            assert {t for t, _ in read.ignored_terms} <= written


def test_every_real_type_has_a_name_and_its_facets(real: Path) -> None:
    for _, csn in documents(real):
        for name in entity_names(csn):
            for column in parse_definition(csn, name, space="DEMO").asset.elements:
                written = csn["definitions"][name]["elements"][column.name]
                srid = written.get("srid")
                assert column.type == SapType(
                    name=written.get("type", ""),
                    length=written.get("length"),
                    precision=written.get("precision"),
                    scale=written.get("scale"),
                    srid=None if srid is None else str(srid),
                )


def test_the_sources_of_every_real_query_are_its_lineage(real: Path) -> None:
    def refs(node: Any) -> Iterator[str]:
        if "ref" in node:
            yield node["ref"][0]
        if "SELECT" in node:
            yield from refs(node["SELECT"]["from"])
        for inner in node.get("args", []):
            yield from refs(inner)

    queries = 0
    for _, csn in documents(real):
        for name in entity_names(csn):
            entity = csn["definitions"][name]
            read = parse_definition(csn, name, space="DEMO").asset
            if "query" not in entity or read.kind is Kind.ANALYTIC_MODEL:
                continue
            spaces = {k for k, v in csn["definitions"].items() if "@DataWarehouse.space.name" in v}
            expected = {
                ref if ref.partition(".")[0] in spaces else f"DEMO.{ref}"
                for ref in refs(entity["query"])
            }
            assert set(read.lineage) == expected
            assert read.kind is Kind.VIEW
            queries += 1
    assert queries > 50


def test_the_recorded_analytic_model_has_its_sources_and_the_types_of_its_fact(
    real: Path,
) -> None:
    text = (real / "recorded/analyticmodels/Test_Analytic_Model.json").read_bytes()
    model = parse_definition(text, "Test_Analytic_Model", space="TEAM")
    asset = model.asset
    layer = json.loads(text)["businessLayerDefinitions"]["Test_Analytic_Model"]
    assert (asset.kind, asset.usage) == (Kind.ANALYTIC_MODEL, Usage.CUBE)
    assert asset.lineage[0] == "FINANCE_DATA.SALES_ALL_GE"
    assert len(asset.lineage) == 3
    assert {e.name for e in asset.elements if e.measure} == set(layer["measures"])
    assert {e.name for e in asset.elements if e.attribute} == set(layer["attributes"])
    assert all(e.sources for e in asset.elements)
    fact = parse_definition(
        (real / "recorded/views/FINANCE_DATASALES_A.json").read_bytes(),
        "FINANCE_DATASALES_A",
        space="FINANCE_DATA",
    )
    typed = complete_definition(model, (), {"FINANCE_DATA.SALES_ALL_GE": fact})
    named = {e.name: e.type.name for e in typed.asset.elements}
    assert named["BW_ORDERVALUE"] == "cds.Decimal"
    untyped = [name for name, kind in named.items() if not kind]
    lost = ("FINANCE_DATA.BusinessPartner_DIM_GE", "FINANCE_DATA.Purchasing_Power_DIM_GE")
    assert typed.notes[0] == f"the definitions of these sources cannot be read: {', '.join(lost)}"
    assert typed.notes[1].startswith("these columns are not in their source: FINANCE_DATA.SALES")
    assert typed.notes[2:] == tuple(f"the type of column {name} is not known" for name in untyped)


def test_both_recorded_documents_of_the_time_dimension_are_merged(real: Path) -> None:
    name = "SAP.TIME.VIEW_DIMENSION_DAY"
    metadata = parse_metadata((real / f"recorded/edmx/{name}.xml").read_bytes(), name)
    csn = parse_definition((real / f"recorded/views/{name}.json").read_bytes(), name, space="DEMO")
    asset = merge_with_odata(csn, metadata).asset
    columns = {e.name: e for e in asset.elements}
    assert [e.name for e in asset.elements] == [e.name for e in metadata.elements]
    assert columns["DAY_INT"].type.name == "Edm.Byte"
    assert columns["DAY_INT"].modelled_type == SapType("cds.hana.TINYINT")
    assert columns["CALMONTH"].text_association == "_MONTH"
    assert columns["CALMONTH"].semantics == ("IsCalendarYearMonth",)
    assert len(asset.associations) == 3
    assert [h.name for h in asset.hierarchies] == [h.name for h in metadata.hierarchies]
    provenance = dict(asset.provenance)
    assert provenance["associations"] == "csn"
    assert provenance["elements.type"] == "odata"
    assert provenance["elements.text"] == "csn"


@pytest.mark.parametrize("name", ["SAP", "SAP.TIME"])
def test_a_context_is_not_an_asset(real: Path, name: str) -> None:
    csn = dict(documents(real))[real / "csn" / "ER_MCT_MEDIUM.json"]
    assert name not in entity_names(csn)
