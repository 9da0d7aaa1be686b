"""The keys of a column in Glue: one row for each."""

from typing import Final

from datasphere_glue.model.key import ROW, Codec, Key, Owner

_TEXT: Final = Codec.TEXT
_MARK: Final = Codec.MARK
_FLAG: Final = Codec.FLAG
_WORD: Final = Codec.WORD
_TYPE: Final = Codec.TYPE
_NAMES: Final = Codec.NAMES
_TRIPLES: Final = Codec.TRIPLES
_OBJECT: Final = Codec.OBJECT
_EXACT: Final = Codec.EXACT
_SYNC: Final = Owner.SYNC

COLUMN_KEYS: Final = (
    Key(name="name", codec=_TEXT, meaning="exact technical name", shown=ROW, page=True),
    Key("type", _TYPE, "SAP type of what consumers read", ROW, page=True, structural=True),
    Key(
        "modelled_type",
        _TYPE,
        "SAP type that the modeller chose, where it differs",
        None,
        page=False,
        structural=True,
    ),
    Key(name="label", codec=_TEXT, meaning="full label", shown=ROW, page=True),
    Key(name="description", codec=_TEXT, meaning="full description", shown=None, page=True),
    Key(
        "role",
        _WORD,
        "main role: `key`, `measure`, `currency`, `unit`, `text`, `dimension` or `attribute`",
        ROW,
        page=True,
        derived=True,
    ),
    Key("roles", _NAMES, "all roles, where there are several", ROW, page=False, derived=True),
    Key(name="key", codec=_MARK, meaning="part of the key", shown="Keys", page=True),
    Key(name="nullable", codec=_FLAG, meaning="may be empty", shown=None, page=False),
    Key("hidden", _MARK, "hidden from consumers in Datasphere", ROW, page=False),
    Key("aggregation", _TEXT, "aggregation of a measure", "Measures", page=True),
    Key("measure_type", _TEXT, "`BASE`, `RESTRICTION` or `CALCULATION`", "Measures", page=True),
    Key("formula", _TEXT, "expression of a measure or computed column", "Measures", page=True),
    Key("currency", _TEXT, "column that holds the currency", "Measures", page=True),
    Key("unit", _TEXT, "column that holds the unit", "Measures", page=True),
    Key("currency_value", _TEXT, "currency of all rows", "Measures", page=True),
    Key("unit_value", _TEXT, "unit of all rows", "Measures", page=True),
    Key(
        "measure_kind",
        _TEXT,
        "SAP's word of the business layer for the kind of measure",
        "Measures",
        page=False,
    ),
    Key("exception_aggregation", _TEXT, "aggregation along some columns", "Measures", page=True),
    Key("exception_columns", _NAMES, "the columns of that aggregation", "Measures", page=True),
    Key(
        "distinct_columns",
        _NAMES,
        "columns whose distinct values a measure counts",
        "Measures",
        page=True,
    ),
    Key("conversion", _OBJECT, "conversion of a currency or unit", "Measures", page=True),
    Key("non_additive", _MARK, "values cannot be added up", "Measures", page=True),
    Key("text", _TEXT, "column that holds the text of a code", "Texts", page=False),
    Key(
        "text_association",
        _TEXT,
        "association that leads to the texts of a code",
        "Texts",
        page=False,
    ),
    Key("further_texts", _NAMES, "text columns after that one", "Texts", page=False),
    Key("heading", _TEXT, "text for the head of a column in a report", None, page=False),
    Key(
        "hint",
        _TEXT,
        "advice for programs that read the column on behalf of people",
        None,
        page=False,
    ),
    Key("association", _TEXT, "association that the column is a foreign key of", None, page=False),
    Key("semantics", _NAMES, "calendar and other semantics, as SAP's terms", None, page=False),
    Key("default", _TEXT, "default value", "Values", page=True),
    Key(
        "values",
        Codec.VALUES,
        "values of an enumeration: `name`, `value`, `label`, `description`",
        "Values",
        page=True,
    ),
    Key("value_range", _OBJECT, "bounds, such as `minimum`", None, page=False),
    Key("value_help", _OBJECT, "what lists the values, such as `entity.name`", None, page=False),
    Key("spatial", _OBJECT, "how coordinates are handled", None, page=False),
    Key("native_type", _TEXT, "type in the remote source", None, page=False),
    Key(
        "lineage",
        Codec.ORIGINS,
        "columns that it is made from: `object`, `column`, `how` (`direct`, `renamed`, `computed` "
        "or `aggregated`)",
        "Columns from",
        page=True,
    ),
    Key(
        "sources",
        _TRIPLES,
        "columns that it comes from: space, asset, column",
        "Columns from",
        page=True,
    ),
    Key(name="owner", codec=_TEXT, meaning="owner, from governance", shown=None, page=False),
    Key("steward", _TEXT, "data steward, from governance", None, page=False),
    Key("certification", _TEXT, "result of a review by people, from governance", None, page=False),
    Key(name="tags", codec=_NAMES, meaning="tags", shown=None, page=False),
    Key(name="terms", codec=_NAMES, meaning="glossary terms", shown=None, page=False),
    Key("personal_data", _OBJECT, "personal data by SAP's vocabulary", "Personal data", page=True),
    Key("release", _OBJECT, "`state`, `successor`, `decommissioning`", "Release", page=True),
    Key("integration", _OBJECT, "part in data integration, `technical`", None, page=False),
    Key("relationship", _OBJECT, "SAP's vocabulary of entity relationships", None, page=False),
    Key("custom", _OBJECT, "annotations that no other key holds, by term", None, page=False),
    Key(
        "pairs",
        _EXACT,
        "exact pairs of `custom`, where its names repeat or are not sorted",
        None,
        page=False,
        derived=True,
    ),
    Key(
        "loss",
        _TEXT,
        "what the Glue type cannot express ([Types](../types.md))",
        None,
        page=False,
        owner=_SYNC,
        structural=True,
    ),
    Key(
        "unread",
        _TEXT,
        "what of the column could not be read; `loss` repeats it",
        None,
        page=False,
        structural=True,
    ),
    Key(
        "position",
        _TEXT,
        "place among the columns of the asset, on a partition key",
        None,
        page=False,
        owner=_SYNC,
    ),
)
"""The keys of a column."""
