"""A port that holds everything: one document with every kind of fact that the judge knows."""

from datetime import UTC, datetime
from typing import Any

from local.tenant.edmx import Form
from local.tenant.store import Entry, Space, SpaceStore, entry_of

MEASURE = "AnalyticModelMeasureType."
ATTRIBUTE = "AnalyticModelAttributeType."


def text(length: int, **annotations: Any) -> dict[str, Any]:
    return {"type": "cds.String", "length": length, **annotations}


def amount(**annotations: Any) -> dict[str, Any]:
    return {"type": "cds.Decimal", "precision": 15, "scale": 2, **annotations}


def labelled(label: str, **rest: Any) -> dict[str, Any]:
    return {"@EndUserText.label": label, **rest}


TYPES = {
    "port.State": {
        "kind": "type",
        "type": "cds.String",
        "length": 1,
        "@EndUserText.label": "{i18n>STATE}",
        "enum": {
            "FREE": {"val": "F", "@EndUserText": {"label": "Nobody there"}},
            "TAKEN": {"val": "T"},
        },
        "default": {"val": "F"},
    },
}
BERTHS = {
    "kind": "entity",
    "@EndUserText.label": "Berths",
    "@EndUserText.quickInfo": "Places where ships lie",
    "@ObjectModel": {
        "modelingPattern": "#ANALYTICAL_DIMENSION",
        "representativeKey": {"=": "ID"},
        "semanticKey": [{"=": "QUAY"}, {"=": "NAME"}],
    },
    "@DataWarehouse.compoundKeySequence": [{"=": "QUAY"}, {"=": "ID"}],
    "@DataWarehouse.delta": {
        "type": {"#": "UPSERT"},
        "dateTimeElement": {"=": "SEEN"},
        "modeElement": {"=": "MODE"},
    },
    "@DataWarehouse.dataSource.schema": "HARBOUR_DB",
    "@DataWarehouse.dataSource.entity": "T_BERTH",
    "@DataWarehouse.dataAccessControl.usage": [
        {
            "target": "PILOTS_ONLY",
            "on": [{"ref": ["QUAY"]}, "=", {"ref": ["PILOTS_ONLY", "QUAY"]}],
        }
    ],
    "@PersonalData.entitySemantics": "DataSubjectDetails",
    "@EntityRelationship.entityType": "port:Berth",
    "@API.element.releaseState": {"#": "DEPRECATED"},
    "@Analytics.hidden": True,
    "@harbour.master": "Ada",
    "@Analytics.dimensionType": {"#": "GEO"},
    "@ObjectModel.compositionRoot": True,
    "@ObjectModel.supportedCapabilities": [{"#": "EXTRACTION_DATA_SOURCE"}, {"#": "_DWC_X"}],
    "@ObjectModel.usageType.sizeCategory": {"#": "XXL"},
    "@DataWarehouse.persistence.hdlf.tableFormat": {"#": "DELTA_LAKE"},
    "@DataIntegration.dataUnavailable": True,
    "@Consumption.AIHint": "Ask for the quay",
    "@readonly": True,
    "@Hierarchy.leveled": [
        {
            "name": "H_QUAY",
            "label": "By quay",
            "levels": [{"element": {"=": "QUAY"}}, {"element": {"=": "ID"}}],
        }
    ],
    "@Hierarchy.parentChild": [
        {
            "name": "H_TREE",
            "label": "Tree",
            "recurse": {"parent": [{"=": "QUAY"}], "child": [{"=": "ID"}]},
            "directory": {"=": "_TEXTS"},
        }
    ],
    "elements": {
        "ID": text(
            10,
            key=True,
            notNull=True,
            **{
                "@EndUserText": {"label": "Berth", "quickInfo": "Painted on the quay"},
                "@Analytics.dimension": True,
                "@ObjectModel.text.element": [{"=": "NAME"}, {"=": "MODE"}],
                "@EndUserText.heading": "Place",
                "@Consumption.valueHelpDefinition": [{"entity": {"name": "QUAYS"}}],
                "@ObjectModel.text.association": {"=": "_TEXTS"},
                "@EntityRelationship.propertyType": "port:BerthId",
            },
        ),
        "QUAY": text(4, key=True, **{"@ObjectModel.foreignKey.association": {"=": "_QUAY"}}),
        "NAME": text(
            80,
            **{
                "@Semantics.text": True,
                "@PersonalData.fieldSemantics": {"#": "USER_ID"},
                "@DataWarehouse.native.dataType": "VARCHAR2(80)",
            },
        ),
        "STATE": {"type": "port.State"},
        "SEEN": {"type": "cds.Date", "@Semantics.calendar.yearMonth": True},
        "MODE": text(1, **{"@Analytics.hidden": True, "@API.element": {"successor": "STATE"}}),
        "FEE": amount(
            **{
                "@AnalyticsDetails.measureType": {"#": "BASE"},
                "@Aggregation.default": "#SUM",
                "@Semantics.amount.currencyCode": {"=": "CURR"},
                "@AnalyticsDetails.exceptionAggregationSteps": [
                    {
                        "exceptionAggregationBehavior": {"#": "LAST"},
                        "exceptionAggregationElements": ["SEEN"],
                    }
                ],
            }
        ),
        "CURR": text(5, **{"@Semantics.currencyCode": True}),
        "LOAD": amount(
            **{
                "@Aggregation": {"default": {"#": "MAX"}},
                "@Semantics": {"quantity": {"unitOfMeasure": {"=": "UNIT"}}},
            }
        ),
        "UNIT": text(3, **{"@Semantics.unitOfMeasure": True}),
        "SPOT": {"type": "cds.hana.ST_POINT", "@DataWarehouse.spatial.resultOnError": "NULL"},
        "LEVEL": {
            "type": "cds.Integer",
            "@Semantics.valueRange.maximum": "99",
            "@DataIntegration.technical": True,
            "@Consumption.AIHint": "Above the sea",
        },
        "TOLL": amount(**{"@Semantics.amount.currencyCode": "NOK"}),
        "DRAFT": amount(**{"@Semantics.quantity.unitOfMeasure": "MTR", "@harbour.depth": "low"}),
        "_TEXTS": {
            "type": "cds.Composition",
            "target": "BERTH_TEXTS",
            "cardinality": {"max": "*"},
            "@EndUserText.label": "Texts of the berth",
            "@harbour.loaded": "nightly",
            "on": [
                *({"ref": ["ID"]}, "=", {"ref": ["_TEXTS", "ID"]}, "and"),
                *({"ref": ["_TEXTS", "LANGU"]}, "=", {"val": "NO"}),
            ],
        },
        "_QUAY": {
            "type": "cds.Association",
            "target": "CITY.QUAYS",
            "on": [{"ref": ["QUAY"]}, "=", {"ref": ["_QUAY", "CODE"]}],
        },
    },
}
SHIPS = {
    "kind": "entity",
    "@DataWarehouse.remote.connection": "SHIP_DB",
    "@DataWarehouse.remote.entity": '"SEA"."SHIPS"',
    "elements": {"IMO": {"type": "cds.Integer64"}, "SHIP": text(40)},
}
ARRIVALS = {
    "kind": "entity",
    "@EndUserText.label": "Arrivals",
    "@ObjectModel.modelingPattern": {"#": "ANALYTICAL_FACT"},
    "@DataWarehouse.sqlEditor.query": 'SELECT "ID" FROM "BERTHS"',
    "params": {
        "P_QUAY": labelled("Quay", type="cds.String", length=4, default={"val": "N"}),
        "P_DAY": labelled("Day", type="cds.Date"),
    },
    "elements": {
        "ID": text(10),
        "SHIP_NAME": text(40),
        "PAID": amount(
            **{
                "@AnalyticsDetails.measureType": {"#": "BASE"},
                "@Aggregation.default": {"#": "SUM"},
            }
        ),
        "SIZE": text(5),
    },
    "query": {
        "SELECT": {
            "from": {
                "join": "inner",
                "args": [{"ref": ["BERTHS"], "as": "b"}, {"ref": ["SHIPS"], "as": "s"}],
                "on": [{"ref": ["b", "NAME"]}, "=", {"ref": ["s", "SHIP"]}],
            },
            "columns": [
                {"ref": ["b", "ID"]},
                {"ref": ["s", "SHIP"], "as": "SHIP_NAME"},
                {"func": "SUM", "args": [{"ref": ["b", "FEE"]}], "as": "PAID"},
                {
                    "xpr": [
                        *("case", "when", {"ref": ["b", "DRAFT"]}, ">", {"val": 9}),
                        *("then", {"val": "deep"}, "else", {"ref": ["b", "STATE"]}, "end"),
                    ],
                    "as": "SIZE",
                },
            ],
            "where": [{"ref": ["b", "STATE"]}, "=", {"val": "T"}],
        }
    },
}
QUEUES = {
    "kind": "entity",
    "@EndUserText.label": "Queues",
    "@Analytics.dbViewType": {"#": "TABLE_FUNCTION"},
    "elements": {"NUMBER": {"type": "cds.Integer64"}},
    "query": {"SELECT": {"from": {"ref": ["QUEUE"]}, "columns": [{"ref": ["NUMBER"]}]}},
}
LAYER = {
    "identifier": {"key": "TRAFFIC"},
    "text": "Traffic",
    "sourceModel": {
        "factSources": {
            "F": {
                "text": "The arrivals",
                "dataEntity": {"key": "ARRIVALS"},
                "parameterMappings": {
                    "P_QUAY": {"mappingType": "X.ConstantValue", "constantValue": "S"},
                    "P_DAY": {"mappingType": "X.MapToSourceParameter", "variableName": "V_DAY"},
                },
            }
        },
        "dimensionSources": {
            "_BERTH": {
                "text": "The berths",
                "dataEntity": {"key": "BERTHS"},
                "associationContexts": [{"sourceKey": "F", "associationSteps": ["_BERTH"]}],
                "technicalAffix": {"text": "_b", "type": "Affix.SUFFIX"},
            }
        },
    },
    "attributes": {
        "SHIP_NAME": {
            "attributeType": ATTRIBUTE + "FactSourceAttribute",
            "attributeMapping": {"F": {"key": "SHIP_NAME"}},
            "text": "Name of the ship",
        },
        "SEEN_b": {
            "attributeType": ATTRIBUTE + "DimensionSourceAttribute",
            "sourceKey": "_BERTH",
            "key": "SEEN",
        },
    },
    "measures": {
        "PAID": {
            "measureType": MEASURE + "FactSourceMeasure",
            "measureMapping": {"F": {"key": "PAID"}},
        },
        "PAID_NORTH": {
            "measureType": MEASURE + "RestrictedMeasure",
            "key": "PAID",
            "formulaRaw": "QUAY = 'N'",
            "constantSelectionType": "X.All",
        },
        "MEAN": {"measureType": MEASURE + "CalculatedMeasure", "formulaRaw": "PAID / SHIPS"},
        "SHIPS": {
            "measureType": MEASURE + "CountDistinct",
            "countDistinctAttributes": ["SHIP_NAME"],
        },
        "PAID_EUR": {
            "measureType": MEASURE + "CurrencyConversionMeasure",
            "key": "PAID",
            "targetCurrency": "EUR",
        },
        "LATE": {
            "measureType": MEASURE + "CalculatedMeasure",
            "formulaRaw": "PAID",
            "isNonAdditive": True,
        },
    },
    "variables": {
        "V_DAY": {"text": "Key day", "parameterType": "X.Input", "defaultValue": "2031-05-17"},
        "V_SHIP": {
            "text": "Ships",
            "parameterType": "X.Filter",
            "referenceAttribute": "SHIP_NAME",
            "selectionType": "X.RANGE",
            "multipleSelections": True,
            "mandatory": True,
            "prompt": "Which ships?",
        },
    },
    "crossCalculations": {
        "LAST": {
            "text": "Last year",
            "crossCalculationType": "X.RestrictedCrossCalculation",
            "formulaRaw": "SEEN = '2030'",
        }
    },
}
TRAFFIC = {
    "kind": "entity",
    "@EndUserText.label": "Traffic",
    "@DataWarehouse.editorType": {"#": "DWCQueryModelEditor"},
    "params": {
        "V_BEST": labelled(
            "Best ship",
            **{
                "@AnalyticsDetails.variable.usageType": {"#": "FORMULA"},
                "@AnalyticsDetails.variable.mandatory": False,
                "@Analytics.variable.hidden": True,
                "@Consumption.derivation": {
                    "lookupEntity": {"=": "BEST"},
                    "resultElement": {"=": "BEST_SHIP"},
                },
            },
        )
    },
    "elements": {
        "SHIP_NAME": {},
        "SEEN_b": {"@EndUserText.label": "Seen on"},
        "PAID": {"@AnalyticsDetails.measureType": {"#": "BASE"}},
        "PAID_NORTH": {"@AnalyticsDetails.measureType": {"#": "RESTRICTION"}},
        "MEAN": {"@AnalyticsDetails.measureType": {"#": "CALCULATION"}},
        "SHIPS": {},
        "PAID_EUR": {},
        "LATE": {},
    },
}
METADATA = """<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">
<edmx:Reference Uri="x"><edmx:Include Alias="va" Namespace="Org.OData.Validation.V1"/>
<edmx:Include Alias="Common" Namespace="com.sap.vocabularies.Common.v1"/>
<edmx:Include Alias="Measures" Namespace="Org.OData.Measures.V1"/>
<edmx:Include Alias="Analytics" Namespace="com.sap.vocabularies.Analytics.v1"/></edmx:Reference>
<edmx:DataServices><Schema Namespace="S" xmlns="http://docs.oasis-open.org/odata/ns/edm">
<EntityType Name="TIDES"><Key><PropertyRef Name="_0DAY"/></Key>
<Property Name="_0DAY" Type="Edm.Date" Nullable="false"/>
<Property Name="HIGH" Type="Edm.Decimal" Precision="5" Scale="1" DefaultValue="2.5"/>
<Property Name="PRICE" Type="Edm.Decimal" Precision="9" Scale="2"/>
<NavigationProperty Name="gauge" Type="S.GAUGE" Nullable="false" ContainsTarget="true">
<ReferentialConstraint Property="_0DAY" ReferencedProperty="DAY"/></NavigationProperty>
</EntityType>
<EntityType Name="GAUGE"><Property Name="DAY" Type="Edm.Date"/></EntityType>
<EntityType Name="TIDESParameters"><Key><PropertyRef Name="P_PORT"/></Key>
<Property Name="P_PORT" Type="Edm.String" MaxLength="4" Nullable="false"/>
<NavigationProperty Name="Set" Type="Collection(S.TIDES)"/></EntityType>
<EntityContainer Name="C"><EntitySet Name="TIDES" EntityType="S.TIDESParameters"/></EntityContainer>
<Annotations Target="S.TIDES"><Annotation Term="Common.Label" String="Tides"/></Annotations>
<Annotations Target="S.TIDES/_0DAY">
<Annotation Term="com.sap.vocabularies.DataIntegration.v1.OriginalName" String="0DAY"/>
<Annotation Term="Common.Label" String="Day"/><Annotation Term="Analytics.Dimension"/>
<Annotation Term="Common.IsCalendarDate" Bool="true"/></Annotations>
<Annotations Target="S.TIDES/HIGH"><Annotation Term="Analytics.measure" Bool="true"/>
<Annotation Term="Aggregation.default" String="MAX"/><Annotation Term="va.Minimum" Int="7"/>
<Annotation Term="Measures.Unit" String="MTR"/></Annotations>
<Annotations Target="S.TIDES/PRICE"><Annotation Term="Measures.ISOCurrency" Path="_0DAY"/>
</Annotations></Schema></edmx:DataServices></edmx:Edmx>"""


def port() -> Space:
    """Return the port as a space: TIDES in OData alone, QUEUES in both, the rest as definitions."""
    texts = {"": {"STATE": "State of the berth"}}

    def defined(
        name: str, definition: dict[str, Any], *, exposed: bool = False, **layers: Any
    ) -> Entry:
        document = {"definitions": {**TYPES, name: definition}, "i18n": texts, **layers}
        return entry_of("PORT", name, document, exposed=exposed, listing={})

    model = defined("TRAFFIC", TRAFFIC, businessLayerDefinitions={"TRAFFIC": LAYER})
    tides = Entry(
        "PORT",
        "TIDES",
        model.segment.VIEWS,
        "Tides",
        lambda: None,
        forms=frozenset({Form.RELATIONAL}),
        raw={Form.RELATIONAL: METADATA},
    )
    entries = (
        defined("BERTHS", BERTHS),
        defined("SHIPS", SHIPS),
        defined("ARRIVALS", ARRIVALS),
        model,
        tides,
        defined("QUEUES", QUEUES, exposed=True),
    )
    return Space("PORT", "Port", entries)


def served(*spaces: Space) -> SpaceStore:
    """Return spaces as a tenant serves them."""
    return SpaceStore(spaces, lambda: datetime(2031, 5, 17, tzinfo=UTC))
