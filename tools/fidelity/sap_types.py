"""Types of SAP as Glue must repeat them: the exact text, and the types that Athena can read."""

from collections.abc import Mapping
from typing import Any, Final

from tools.fidelity.expectations import UNJUDGED, Expectation, How

_DECIMALS: Final = frozenset({"cds.Decimal", "cds.DecimalFloat"})
_CDS_FACETS: Final = ("length", "precision", "scale", "srid")
_EDM_FACETS: Final = ("MaxLength", "Precision", "Scale", "SRID")
_PRECISE: Final = frozenset({"Edm.Decimal", "Edm.DateTimeOffset", "Edm.TimeOfDay", "Edm.Duration"})
_WORDS: Final = frozenset({"variable", "floating"})
_GLUE_TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    "boolean": ("Boolean",),
    "tinyint": ("SByte",),
    "smallint": ("Byte", "Int16", "UInt8", "TINYINT", "SMALLINT"),
    "int": ("Int32", "Integer"),
    "bigint": ("Int64", "Integer64"),
    "float": ("Single", "REAL"),
    "double": ("Double", "Float"),
    "date": ("Date",),
    "timestamp": ("DateTimeOffset", "DateTime", "Timestamp"),
    "binary": ("Binary", "Stream", "LargeBinary", "BINARY", "VARBINARY"),
    "decimal": ("Decimal", "DecimalFloat", "SMALLDECIMAL"),
    "string": (
        *("String", "LargeString", "Guid", "UUID", "TimeOfDay", "Time", "Duration"),
        *("CHAR", "NCHAR", "VARCHAR", "NVARCHAR", "CLOB", "NCLOB", "ST_POINT", "ST_GEOMETRY"),
    ),
}
"""The type in Glue, with the last parts of the names of SAP's types."""

_MOST_DIGITS: Final = 38
_LARGEST: Final = 2**31 - 1


def cds_expectation(
    element: Mapping[str, Any], named: Mapping[str, Any] | None
) -> Expectation | None:
    """Return the type of an element of CSN; `named` is the last type that it is defined by.

    The text of a structure, list or enumeration holds the text of its parts.
    """
    merged = {**(named or {}), **{k: v for k, v in element.items() if v is not None}}
    if named is not None and "type" in named:
        merged["type"] = named["type"]
    if "enum" in merged:
        base = cds_text({**merged, "type": merged.get("type", "cds.String")})
        return Expectation((base, *map(str, merged["enum"])), How.WITHIN)
    if "elements" in merged:
        return Expectation(tuple(map(str, merged["elements"])), How.WITHIN)
    if "items" in merged:
        inner = str(merged["items"].get("type", ""))
        built_in = (inner,) if inner.startswith("cds.") else ()
        return Expectation(("Collection", *built_in), How.WITHIN)
    kind = merged.get("type")
    if kind is None:
        return None
    if not isinstance(kind, str) or not _readable(merged):
        return UNJUDGED
    return Expectation((cds_text(merged),))


def cds_text(element: Mapping[str, Any]) -> str:
    """Return a built-in type with its facets: `cds.Decimal(17,2)`, `cds.String(10)`."""
    name = str(element["type"])
    facets = {facet: element[facet] for facet in _CDS_FACETS if element.get(facet) is not None}
    if not facets:
        return name
    positional = [["precision", "scale"], ["precision"]] if name in _DECIMALS else [["length"]]
    values = [f"{facet}={value}" for facet, value in facets.items()]
    if list(facets) in positional:
        values = [str(value) for value in facets.values()]
    return f"{name}({','.join(values)})"


def _readable(element: Mapping[str, Any]) -> bool:
    """Return whether all facets have their usual form."""
    scale = element.get("scale")
    numbers = [element.get("length"), element.get("precision"), None if scale in _WORDS else scale]
    return all(one is None or (type(one) is int and 0 <= one <= _LARGEST) for one in numbers)


def edm_expectation(attributes: Mapping[str, str]) -> Expectation:
    """Return the type of a property of OData; a scale that is left out is 0."""
    name = attributes.get("Type", "Edm.String")
    if not name.startswith("Edm."):
        return UNJUDGED
    facets = {facet: attributes[facet] for facet in _EDM_FACETS if facet in attributes}
    if name not in _PRECISE:
        facets.pop("Precision", None)
    if name != "Edm.Decimal":
        facets.pop("Scale", None)
    elif "Precision" in facets:
        facets.setdefault("Scale", "0")
    readable = (
        text in _WORDS or (text.isdigit() and int(text) <= _LARGEST) for text in facets.values()
    )
    if not all(readable):
        return UNJUDGED
    values = ",".join(f"{facet}={text}" for facet, text in facets.items())
    return Expectation((f"{name}({values})" if values else name,))


def glue_expectation(expectation: Expectation) -> Expectation:
    """Return the types in Glue that can hold a type of SAP.

    A decimal of more digits than Glue has is text. What is not a plain type is not judged.
    """
    texts = tuple(dict.fromkeys(glue for text in expectation.texts for glue in _glue_types(text)))
    return Expectation(texts, How.STARTS) if expectation.how is How.EQUAL and texts else UNJUDGED


def _glue_types(text: str) -> list[str]:
    name, _, facets = text.partition("(")
    last = name.rpartition(".")[2]
    found = [glue for glue, names in _GLUE_TYPES.items() if last in names]
    if "decimal" in found:
        return _decimals(facets.rstrip(")"))
    return [*found, "varchar"] if "string" in found else found


def _decimals(facets: str) -> list[str]:
    """Return the forms of a decimal: exact with its facets, else of any size."""
    digits = facets.replace("Precision=", "").replace("Scale=", "").split(",")
    if all(part.isdigit() for part in digits):
        precision, scale = int(digits[0]), int(digits[1]) if len(digits) > 1 else 0
        exact = f"decimal({precision},{scale})"
        return ["string", "decimal"] if precision > _MOST_DIGITS or scale > precision else [exact]
    return ["decimal", "double"]
