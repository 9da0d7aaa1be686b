"""Which field each annotation fills: the tables by which the reader reads and the docs list.

Sources: the vocabularies of CSN Interop Effective 1.2, those of CAP, the SAP vocabularies of OData
that old exports use, and what Datasphere was observed to write.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

LABELS: Final = ("EndUserText.label", "Common.Label")
DESCRIPTIONS: Final = ("EndUserText.quickInfo", "Common.QuickInfo", "Core.Description")
PATTERN: Final = "ObjectModel.modelingPattern"
CAPABILITIES: Final = "ObjectModel.supportedCapabilities"
HIERARCHY_ASSOCIATION: Final = "ObjectModel.hierarchy.association"
NAVIGATED: Final = "Analytics.navigationAttributeRef"
ACCESS_USAGE: Final = "DataWarehouse.dataAccessControl.usage"
EXCEPTION_STEPS: Final = "AnalyticsDetails.exceptionAggregationSteps"
STRUCTURE_MEMBER: Final = "AnalyticsDetails.query.onCharacteristicStructure"
FILTER: Final = "Consumption.filter."
VARIABLE: Final = "AnalyticsDetails.variable."
EXPOSED: Final = "DataWarehouse.consumption.external"
DELTA: Final = "DataWarehouse.delta."
ENCLOSING: Final = "DataWarehouse.enclosingObject"
VIEW_TYPE: Final = "Analytics.dbViewType"
SQL_TEXTS: Final = ("DataWarehouse.sqlEditor.query", "DataWarehouse.tableFunction.script")


class Form(StrEnum):
    """How the value of a term becomes the value of a field."""

    TEXT = "text"
    TRANSLATED = "text, or the key of a translation"
    WORD = "word of a fixed set"
    FLAG = "true or false"
    NAME = "name of a column or association"
    NAMES = "names"
    FURTHER = "names after the first"
    WORDS = "words of a fixed set"
    MARKS = "true for each term of the prefix"
    REFERENCE = "name of a column, or a literal"
    PAIR = "one member of an object"
    CODE = "read by code of its own"


@dataclass(frozen=True, slots=True)
class Term:
    """A field and the terms that fill it; a term with a dot at its end is a prefix.

    `field`: empty where the terms decide something else than a field.
    `terms`: the first that has a value counts.
    `word`: name of the member, for a pair; empty for the rest of the term after a prefix.
    `literal`: field of a literal, for a reference.
    `settled`: True for terms that never were custom. Rules with wildcards do not reach these,
        because they never did; they reach every other term (see `TermGlobs`).
    """

    field: str
    form: Form
    terms: tuple[str, ...]
    word: str = ""
    literal: str = ""
    settled: bool = False


@dataclass(frozen=True, slots=True)
class TermTable:
    """The terms of one sort of object. A field that several rows fill takes from each of them.

    `indexed`: the rows by the words that their terms begin with, with their places.
    """

    rows: tuple[Term, ...]
    indexed: Mapping[str, tuple[tuple[int, Term], ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Index the rows."""
        index: dict[str, dict[int, Term]] = {}
        for place, row in enumerate(self.rows):
            for term in row.terms:
                index.setdefault(term.partition(".")[0], {})[place] = row
        indexed = {head: tuple(rows.items()) for head, rows in index.items()}
        object.__setattr__(self, "indexed", indexed)

    def rows_of(self, terms: Iterable[str]) -> Iterator[Term]:
        """Yield the rows that can read some of these terms, in the order of the table."""
        heads = {term.partition(".")[0] for term in terms}
        rows: dict[int, Term] = {}
        for head in heads:
            rows.update(self.indexed.get(head, ()))
        return (rows[place] for place in sorted(rows))

    def rows_for(self, term: str) -> tuple[Term, ...]:
        """Return the rows that read one term; none where a term is custom."""
        rows = self.rows_of([term])
        return tuple(row for row in rows if any(_covers(name, term) for name in row.terms))


@dataclass(frozen=True, slots=True)
class Ignored:
    """A prefix of terms that do not describe the data, and why; `settled` as for `Term`."""

    prefix: str
    reason: str
    settled: bool = True


def _covers(name: str, term: str) -> bool:
    return term.startswith(name) if name.endswith(".") else term == name


RELEASE_STATE: Final = "state"
DECOMMISSIONING: Final = "decommissioning"
SEMANTICS: Final = frozenset({"entitySemantics", "fieldSemantics"})
"""Members of personal data with words of a fixed set, in either notation."""

_RELEASED: Final = ("API.entity", "API.element", "API", "ObjectModel.lifecycle", "VDM.lifecycle")
_BOTH: Final = (
    Term("hint", Form.TRANSLATED, ("Consumption.AIHint",)),
    Term(
        "personal_data",
        Form.PAIR,
        ("PersonalData.entitySemantics", "PersonalData.EntitySemantics"),
        "entitySemantics",
    ),
    Term(
        "personal_data",
        Form.PAIR,
        ("PersonalData.fieldSemantics", "PersonalData.FieldSemantics"),
        "fieldSemantics",
    ),
    Term("personal_data", Form.PAIR, ("PersonalData.",)),
    Term(
        "release",
        Form.PAIR,
        (
            *(f"{holder}.releaseState" for holder in _RELEASED),
            *("API.state", "ObjectModel.lifecycle.status", "VDM.lifecycle.status"),
        ),
        RELEASE_STATE,
    ),
    Term("release", Form.PAIR, tuple(f"{one}.successor" for one in _RELEASED), "successor"),
    Term(
        "release",
        Form.PAIR,
        tuple(f"{holder}.decommissioningPlannedForYearMonth" for holder in _RELEASED),
        DECOMMISSIONING,
    ),
    Term("relationship", Form.PAIR, ("EntityRelationship.",)),
    Term("relationship", Form.PAIR, ("ODM.entityName",), "ODM.entityName"),
    Term("relationship", Form.PAIR, ("ODM.oid",), "ODM.oid"),
    Term("relationship", Form.PAIR, ("ODM.oidReference.entityName",), "ODM.oidReference"),
    Term("relationship", Form.PAIR, ("ORD.ordIds",), "ORD.ordIds"),
    Term("integration", Form.PAIR, ("DataIntegration.",)),
)

ASSET_TERMS: Final = TermTable(
    (
        Term("label", Form.TRANSLATED, LABELS, settled=True),
        Term("description", Form.TRANSLATED, DESCRIPTIONS, settled=True),
        Term("usage", Form.CODE, (PATTERN, CAPABILITIES), settled=True),
        Term("pattern", Form.WORD, (PATTERN,)),
        Term("capabilities", Form.WORDS, (CAPABILITIES,)),
        Term("dimension_type", Form.WORD, ("Analytics.dimensionType",)),
        Term("view_type", Form.WORD, (VIEW_TYPE,)),
        Term("representative_key", Form.NAME, ("ObjectModel.representativeKey",), settled=True),
        Term("semantic_key", Form.NAMES, ("ObjectModel.semanticKey",)),
        Term("key_sequence", Form.NAMES, ("DataWarehouse.compoundKeySequence",), settled=True),
        Term("remote_connection", Form.TEXT, ("DataWarehouse.remote.connection",), settled=True),
        Term("remote_entity", Form.TEXT, ("DataWarehouse.remote.entity",), settled=True),
        Term("origin", Form.PAIR, ("DataWarehouse.external.",)),
        Term("origin", Form.PAIR, ("DataWarehouse.dataSource.",)),
        Term("origin", Form.PAIR, ("DataWarehouse.remote.",)),
        Term("origin", Form.PAIR, ("remote.source",), "source"),
        Term("storage", Form.PAIR, ("DataWarehouse.persistence.",)),
        Term("storage", Form.PAIR, ("DataWarehouse.pinToMemory",), "pinToMemory"),
        Term("delta", Form.CODE, (DELTA, ENCLOSING), settled=True),
        Term("hidden", Form.FLAG, ("Analytics.hidden", "UI.hidden"), settled=True),
        Term("hidden", Form.FLAG, ("Internal.Entity.Hidden",), settled=True),
        Term("read_only", Form.FLAG, ("readonly",)),
        Term("composition_root", Form.FLAG, ("ObjectModel.compositionRoot",)),
        Term("usage_type", Form.PAIR, ("ObjectModel.usageType.",)),
        Term(
            "relationship", Form.PAIR, ("ObjectModel.tenantWideUniqueName",), "tenantWideUniqueName"
        ),
        Term(
            "relationship", Form.PAIR, ("ObjectModel.sapObjectNodeType.name",), "sapObjectNodeType"
        ),
        Term("", Form.CODE, (EXPOSED,), settled=True),
        Term("access_controls", Form.CODE, (ACCESS_USAGE,)),
        Term("sql", Form.CODE, SQL_TEXTS, settled=True),
        Term("hierarchies", Form.CODE, ("Hierarchy.", HIERARCHY_ASSOCIATION), settled=True),
        *_BOTH,
    )
)
"""The terms of entities."""

ELEMENT_TERMS: Final = TermTable(
    (
        Term("label", Form.TRANSLATED, LABELS, settled=True),
        Term("description", Form.TRANSLATED, DESCRIPTIONS, settled=True),
        Term("heading", Form.TRANSLATED, ("EndUserText.heading", "Common.Heading")),
        Term("dimension", Form.FLAG, ("Analytics.dimension", "Analytics.Dimension"), settled=True),
        Term("measure", Form.FLAG, ("Analytics.measure", "Analytics.Measure"), settled=True),
        Term("is_text", Form.FLAG, ("Semantics.text",), settled=True),
        Term("is_currency", Form.FLAG, ("Semantics.currencyCode",), settled=True),
        Term("is_unit", Form.FLAG, ("Semantics.unitOfMeasure",), settled=True),
        Term("aggregation", Form.WORD, ("Aggregation.default", "DefaultAggregation"), settled=True),
        Term("measure_type", Form.WORD, ("AnalyticsDetails.measureType",), settled=True),
        Term("exception_aggregation", Form.CODE, (EXCEPTION_STEPS,)),
        Term("distinct_columns", Form.NAMES, ("Aggregation.referenceElement",)),
        Term(
            "non_additive",
            Form.FLAG,
            (
                *("AnalyticsDetails.nonAdditive", "AnalyticsDetails.nonCumulative"),
                *("Analytics.nonAdditive", "Analytics.nonCumulative", "Aggregation.nonAdditive"),
            ),
        ),
        Term("cross_calculations", Form.CODE, (STRUCTURE_MEMBER,)),
        Term(
            "currency",
            Form.REFERENCE,
            ("Semantics.amount.currencyCode", "Measures.ISOCurrency"),
            literal="currency_value",
            settled=True,
        ),
        Term(
            "unit",
            Form.REFERENCE,
            ("Semantics.quantity.unitOfMeasure", "Measures.Unit"),
            literal="unit_value",
            settled=True,
        ),
        Term("text", Form.NAME, ("ObjectModel.text.element", "Common.Text"), settled=True),
        Term("further_texts", Form.FURTHER, ("ObjectModel.text.element", "Common.Text")),
        Term("text_association", Form.NAME, ("ObjectModel.text.association",), settled=True),
        Term("association", Form.NAME, ("ObjectModel.foreignKey.association",), settled=True),
        Term("hidden", Form.FLAG, ("Analytics.hidden", "UI.hidden", "UI.Hidden"), settled=True),
        Term("hidden", Form.FLAG, ("Consumption.hidden",)),
        Term("native_type", Form.TEXT, ("DataWarehouse.native.dataType",)),
        Term("value_range", Form.PAIR, ("Semantics.valueRange.",)),
        Term("value_help", Form.CODE, ("Consumption.valueHelpDefinition",)),
        Term("spatial", Form.PAIR, ("DataWarehouse.spatial.",)),
        Term("sources", Form.CODE, (NAVIGATED,), settled=True),
        Term("hierarchies", Form.CODE, (HIERARCHY_ASSOCIATION,), settled=True),
        *_BOTH,
        # Last, because it takes what nothing above has used.
        Term("semantics", Form.MARKS, ("Semantics.",), settled=True),
    )
)
"""The terms of columns."""

VARIABLE_TERMS: Final = TermTable(
    (
        Term("label", Form.TRANSLATED, LABELS, settled=True),
        Term("description", Form.TRANSLATED, DESCRIPTIONS, settled=True),
        Term("usage", Form.WORD, (VARIABLE + "usageType",)),
        Term("selection", Form.WORD, (VARIABLE + "selectionType", FILTER + "selectionType")),
        Term(
            "multiple",
            Form.FLAG,
            (VARIABLE + "multipleSelections", FILTER + "multipleSelections"),
        ),
        Term("column", Form.NAME, (VARIABLE + "referenceElement",)),
        Term("derived_from", Form.NAME, ("Consumption.derivation.lookupEntity",)),
        Term("derived_column", Form.NAME, ("Consumption.derivation.resultElement",)),
        Term("mandatory", Form.CODE, (VARIABLE + "mandatory", FILTER + "mandatory")),
        Term(
            "default",
            Form.CODE,
            (
                *("Consumption.defaultValue", FILTER + "defaultValue", VARIABLE + "defaultValue"),
                *(FILTER + "defaultRanges", VARIABLE + "defaultRanges"),
            ),
        ),
        Term(
            "hidden",
            Form.CODE,
            (
                *("Analytics.variable.hidden", VARIABLE + "hidden", "Consumption.hidden"),
                *(FILTER + "hidden", "Analytics.hidden", "UI.hidden", "UI.Hidden"),
            ),
        ),
    )
)
"""The terms of input parameters, and those by which a column declares a filter variable."""

IGNORED: Final = (
    Ignored("DataWarehouse.querybuilder.", "drawing of the graphical view editor"),
    Ignored("DataWarehouse.editorType", "which editor opens the object"),
    Ignored("DataWarehouse.hanaCatalog.", "which sort of runtime object is generated"),
    Ignored("DataWarehouse.sqlEditor.", "how the SQL editor opens the query, besides its text"),
    Ignored("DataWarehouse.space.", "name of the space, which is part of every name"),
    Ignored("cds.autoexpose", "instruction to the compiler"),
    Ignored("cds.persistence.", "instruction to the compiler"),
    Ignored("cds.odata.", "instruction to the compiler"),
    Ignored("odata.", "instruction to the compiler"),
    Ignored(
        "DataWarehouse.capabilities.",
        "which filters the source of a remote table evaluates itself",
        settled=False,
    ),
    Ignored("Capabilities.", "what a service lets its callers do", settled=False),
)
"""Terms that do not describe the data: counted, not kept."""

KNOWN: Final = {
    "DataWarehouse.dataAccessControl.": "row-level security",
    "Semantics.interval": "columns between which a row is valid",
    "Semantics.largeObject.": "media type and file name of a document",
}
"""Prefixes of documented terms without a field of their own: kept, not counted as unknown."""
