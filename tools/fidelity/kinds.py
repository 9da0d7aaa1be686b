"""The kinds of facts that the judge knows."""

from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """One kind of fact, by the name in the report."""

    TABLE = "tables"
    SORT = "sorts of objects"
    USAGE = "semantic usages"
    COLUMN = "columns"
    ORDER = "orders of columns"
    LABEL = "labels"
    COMMENT = "visible labels"
    DESCRIPTION = "descriptions"
    TYPE = "types"
    MODELLED_TYPE = "modelled types"
    GLUE_TYPE = "types in Glue"
    NULLABLE = "nullable marks"
    KEY = "keys"
    KEY_LIST = "lists of keys"
    REPRESENTATIVE_KEY = "representative keys"
    KEY_SEQUENCE = "key sequences"
    SEMANTIC_KEY = "semantic keys"
    MEASURE = "measures"
    MEASURE_LIST = "lists of measures"
    MEASURE_TYPE = "measure types"
    MEASURE_KIND = "kinds of measures"
    DIMENSION = "dimensions"
    DIMENSION_LIST = "lists of dimensions"
    AGGREGATION = "aggregations"
    EXCEPTION_AGGREGATION = "exception aggregations"
    EXCEPTION_COLUMN = "columns of exception aggregations"
    DISTINCT_COLUMN = "columns of distinct counts"
    CONVERSION = "conversions"
    NON_ADDITIVE = "non-additive marks"
    FORMULA = "formulas"
    CURRENCY = "currency columns"
    UNIT = "unit columns"
    CURRENCY_VALUE = "fixed currencies"
    UNIT_VALUE = "fixed units"
    TEXT = "text columns"
    TEXT_ASSOCIATION = "text associations"
    FOREIGN_KEY = "foreign keys"
    ROLE = "text, currency and unit marks"
    SEMANTICS = "semantics"
    HIDDEN = "hidden marks"
    DEFAULT = "default values"
    ENUM_VALUE = "enum values"
    ENUM_LABEL = "labels of enum values"
    NATIVE_TYPE = "native types"
    ASSOCIATION = "associations"
    ASSOCIATION_LABEL = "labels of associations"
    TARGET = "targets of associations"
    PAIR = "column pairs"
    CONDITION = "further conditions of associations"
    CARDINALITY = "cardinalities"
    COMPOSITION = "compositions"
    HIERARCHY = "hierarchies"
    HIERARCHY_LABEL = "labels of hierarchies"
    HIERARCHY_COLUMNS = "columns of hierarchies"
    DIRECTORY = "associations of hierarchies"
    VARIABLE = "variables"
    VARIABLE_LABEL = "labels of variables"
    VARIABLE_TYPE = "types of variables"
    MANDATORY = "mandatory marks"
    VARIABLE_DEFAULT = "defaults of variables"
    VARIABLE_HIDDEN = "hidden variables"
    VARIABLE_USAGE = "usages of variables"
    VARIABLE_COLUMN = "columns of variables"
    VARIABLE_SELECTION = "selections of variables"
    VARIABLE_MULTIPLE = "multiple variables"
    DERIVATION = "derivations of variables"
    CROSS_CALCULATION = "cross calculations"
    CROSS_LABEL = "labels of cross calculations"
    CROSS_KIND = "kinds of cross calculations"
    CROSS_FORMULA = "formulas of cross calculations"
    SOURCE = "model sources"
    SOURCE_LABEL = "labels of model sources"
    SOURCE_PATH = "associations to model sources"
    SOURCE_PARAMETER = "parameters of model sources"
    SOURCE_AFFIX = "affixes of model sources"
    OBJECT_LINEAGE = "object lineage"
    COLUMN_LINEAGE = "column lineage"
    CONDITION_LINEAGE = "columns of conditions"
    FILTER = "filters"
    SQL = "SQL texts"
    PERSONAL_DATA = "personal data"
    RELEASE = "releases"
    RELATIONSHIP = "entity relationships"
    ORIGIN = "origins"
    REMOTE = "remote sources"
    ACCESS_CONTROL = "access controls"
    ACCESS_COLUMNS = "columns of access controls"
    DELTA = "delta captures"
    LAYER = "rest of the business layer"
    ANNOTATION = "custom annotations"


KEPT: Final = frozenset({Kind.TABLE, Kind.COLUMN, Kind.ORDER, Kind.GLUE_TYPE, Kind.COMMENT})
"""Kinds that no table loses, however wide it is."""

OPEN: Final = frozenset(
    {
        Kind.ANNOTATION,
        Kind.LAYER,
        Kind.COMMENT,
        Kind.CONDITION,
        Kind.CONDITION_LINEAGE,
        Kind.MODELLED_TYPE,
        Kind.SOURCE_PATH,
        Kind.GLUE_TYPE,
        Kind.RELEASE,
        Kind.ORIGIN,
    }
)
"""Kinds of which Glue may hold more than the judge can derive."""
