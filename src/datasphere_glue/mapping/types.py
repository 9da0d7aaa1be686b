"""Maps SAP types to Glue types, and describes every loss.

The table follows the OData CSDL 4.01 primitive types, the CDS and HANA types of SAP's compiler, and
the type grammar of Athena DDL: `int` not `integer`, `decimal(p,s)` with p up to 38, no time type,
signed `tinyint`, no blanks. A type string that Athena cannot parse breaks the whole table, so
an unknown SAP type becomes `string` with a loss.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from datasphere_glue.mapping.names import glue_names
from datasphere_glue.mapping.raw_types import raw_type
from datasphere_glue.model.sap_type import SapType

MAX_PRECISION: Final = 38
MAX_VARCHAR: Final = 65535
FLOATING: Final = "decimal(34,4)"
"""SAP's mapping of decimals without a fixed scale (CSN interop, Apache Spark mapping)."""

_MILLISECONDS: Final = 3
_NESTING: Final = 8


@dataclass(frozen=True, slots=True)
class GlueType:
    """A type that is valid in Athena.

    `name`: text of the type.
    `loss`: what the type cannot express; None when nothing is lost.
    """

    name: str
    loss: str | None = None


def _plain(name: str, loss: str | None = None) -> Callable[[SapType], GlueType]:
    return lambda _: GlueType(name, loss)


def _text(sap: SapType) -> GlueType:
    if isinstance(sap.length, int) and 0 < sap.length <= MAX_VARCHAR:
        return GlueType(f"varchar({sap.length})")
    return GlueType("string")


def _decimal(sap: SapType) -> GlueType:
    if isinstance(sap.scale, str) or (sap.precision is None and sap.scale is None):
        return GlueType(FLOATING, f"{raw_type(sap)} has a floating scale; 4 digits are kept")
    scale = max(sap.scale or 0, 0)
    precision = max(_number(sap.precision) or MAX_PRECISION, scale, 1)
    if precision > MAX_PRECISION:
        return GlueType("string", f"precision {precision} is above {MAX_PRECISION}; kept as text")
    return GlueType(f"decimal({precision},{scale})")


def _timestamp(sap: SapType) -> GlueType:
    if _number(sap.precision) > _MILLISECONDS:
        return GlueType("timestamp", f"{sap.precision} digits of a second; Athena keeps 3")
    return GlueType("timestamp")


def _number(facet: int | str | None) -> int:
    return facet if isinstance(facet, int) else 0


def _fixed_timestamp(_: SapType) -> GlueType:
    return GlueType("timestamp", "7 digits of a second; Athena keeps 3")


def _geometry(sap: SapType) -> GlueType:
    srid = f" with SRID {sap.srid}" if sap.srid else ""
    return GlueType("string", f"geometry{srid} kept as text")


_UUID = _plain("string", "UUID kept as text")
_TIME = _plain("string", "time of day kept as text")
_UNSIGNED = _plain("smallint", "unsigned 0 to 255; Glue's tinyint is signed")

RULES: Final[Mapping[str, Callable[[SapType], GlueType]]] = MappingProxyType(
    {
        "Edm.Boolean": _plain("boolean"),
        "Edm.Byte": _UNSIGNED,
        "Edm.SByte": _plain("tinyint"),
        "Edm.Int16": _plain("smallint"),
        "Edm.Int32": _plain("int"),
        "Edm.Int64": _plain("bigint"),
        "Edm.Single": _plain("float"),
        "Edm.Double": _plain("double"),
        "Edm.Float": _plain("double"),
        "Edm.Decimal": _decimal,
        "Edm.String": _text,
        "Edm.Guid": _UUID,
        "Edm.Date": _plain("date"),
        "Edm.TimeOfDay": _TIME,
        "Edm.Time": _TIME,
        "Edm.Duration": _plain("string", "duration kept as text"),
        "Edm.DateTimeOffset": _timestamp,
        "Edm.DateTime": _timestamp,
        "Edm.Binary": _plain("binary"),
        "Edm.Stream": _plain("binary"),
        "cds.Boolean": _plain("boolean"),
        "cds.UInt8": _UNSIGNED,
        "cds.hana.TINYINT": _UNSIGNED,
        "cds.Int16": _plain("smallint"),
        "cds.hana.SMALLINT": _plain("smallint"),
        "cds.Int32": _plain("int"),
        "cds.Integer": _plain("int"),
        "cds.Int64": _plain("bigint"),
        "cds.Integer64": _plain("bigint"),
        "cds.Double": _plain("double"),
        "cds.hana.REAL": _plain("float"),
        "cds.Decimal": _decimal,
        "cds.DecimalFloat": _decimal,
        "cds.hana.SMALLDECIMAL": _plain(FLOATING, "floating scale; 4 digits are kept"),
        "cds.String": _text,
        "cds.hana.VARCHAR": _text,
        "cds.hana.NVARCHAR": _text,
        "cds.hana.CHAR": _text,
        "cds.hana.NCHAR": _text,
        "cds.LargeString": _plain("string"),
        "cds.hana.CLOB": _plain("string"),
        "cds.hana.NCLOB": _plain("string"),
        "cds.UUID": _UUID,
        "cds.Date": _plain("date"),
        "cds.Time": _TIME,
        "cds.DateTime": _plain("timestamp"),
        "cds.Timestamp": _fixed_timestamp,
        "cds.Binary": _plain("binary"),
        "cds.LargeBinary": _plain("binary"),
        "cds.hana.BINARY": _plain("binary"),
        "cds.hana.VARBINARY": _plain("binary"),
        "cds.hana.BLOB": _plain("binary"),
        "cds.hana.ST_POINT": _geometry,
        "cds.hana.ST_GEOMETRY": _geometry,
        "cds.Vector": _plain("array<float>"),
        "cds.Map": _plain("string", "map kept as JSON text"),
    }
)


def glue_type(sap: SapType) -> GlueType:
    """Return the Glue type of any SAP type, always valid in Athena."""
    return _glue_type(sap, _NESTING) if sap.fields or sap.items else _simple_type(sap)


@lru_cache(maxsize=4096)
def _simple_type(sap: SapType) -> GlueType:
    return _glue_type(sap, _NESTING)


def _glue_type(sap: SapType, depth: int) -> GlueType:
    if depth == 0:
        return GlueType("string", f"{raw_type(sap)} is nested too deeply; kept as text")
    if sap.fields:
        return _structure(sap, depth)
    if sap.items is not None:
        inner = _glue_type(sap.items, depth - 1)
        if sap.values:
            return GlueType(inner.name, inner.loss)
        return GlueType(f"array<{inner.name}>", inner.loss)
    if sap.name.startswith(("Edm.Geography", "Edm.Geometry")):
        return _geometry(sap)
    rule = RULES.get(sap.name, _unknown)
    return _with_odd_facets(sap, rule) if sap.odd_facets else rule(sap)


def _unknown(sap: SapType) -> GlueType:
    return GlueType("string", f"unknown type {sap.name}; kept as text")


def _with_odd_facets(sap: SapType, rule: Callable[[SapType], GlueType]) -> GlueType:
    """Return the type without the facets that cannot be read, each of which is a loss.

    A decimal of unknown size is text: any size would be a guess that cuts values.
    """
    left_out = ", ".join(f"{facet} {value!r}" for facet, value in sap.odd_facets.items())
    loss = f"{left_out} cannot be read and was left out"
    if rule is _decimal:
        return GlueType("string", f"{loss}; kept as text")
    readable: dict[str, None] = dict.fromkeys(sap.odd_facets)
    kind = rule(replace(sap, **readable))  # type: ignore[arg-type]
    return GlueType(kind.name, f"{loss}; {kind.loss}" if kind.loss else loss)


def _structure(sap: SapType, depth: int) -> GlueType:
    names = glue_names([name for name, _ in sap.fields], "c_")
    inner = [(names[name], _glue_type(field, depth - 1)) for name, field in sap.fields]
    losses = [f"{name}: {kind.loss}" for name, kind in inner if kind.loss]
    text = ",".join(f"{name}:{kind.name}" for name, kind in inner)
    return GlueType(f"struct<{text}>", "; ".join(losses) or None)
