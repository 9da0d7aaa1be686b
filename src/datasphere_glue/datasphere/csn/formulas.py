"""Formulas of analytic models: their text, the columns in them, and the type of their result."""

import re
from collections.abc import Container, Iterable, Mapping
from typing import Any, Final

from datasphere_glue.datasphere.csn.layer_values import name_of, names_of
from datasphere_glue.datasphere.values import as_text, text_at
from datasphere_glue.model.sap_type import SapType

_PLACE: Final = re.compile(r"\[(\d+)\]")
_TOKEN: Final = re.compile(
    r"""
      (?P<text> '[^']*(?:''[^']*)*' )
    | "(?P<quoted> [^"]*(?:""[^"]*)*)"
    | \[(?P<bracketed> [^\]]+)\]
    | (?P<number> \d+(?P<fraction>\.\d+)?(?:[eE][+-]?\d+)? )
    | (?P<word> [^\W\d][\w.∞$\#/]* )
    | (?P<mark> \*\*|[-+*/%()^] )
    | (?P<other> \S )
    """,
    re.VERBOSE,
)
_KEYWORDS: Final = frozenset(
    {
        *("AND", "OR", "NOT", "IN", "IS", "LIKE", "BETWEEN", "NULL", "TRUE", "FALSE"),
        *("CASE", "WHEN", "THEN", "ELSE", "END", "MOD"),
    }
)
INTEGER: Final = SapType("cds.Integer64")
DOUBLE: Final = SapType("cds.Double")
_WHOLE: Final = frozenset(
    {
        *("cds.Integer", "cds.Integer64", "cds.Int16", "cds.Int32", "cds.Int64", "cds.UInt8"),
        *("cds.hana.TINYINT", "cds.hana.SMALLINT"),
        *("Edm.Byte", "Edm.SByte", "Edm.Int16", "Edm.Int32", "Edm.Int64"),
    }
)
_DECIMALS: Final = frozenset({"cds.Decimal", "Edm.Decimal"})
_OTHER_NUMBERS: Final = frozenset(
    {
        *("cds.Double", "cds.DecimalFloat", "cds.hana.SMALLDECIMAL", "cds.hana.REAL"),
        *("Edm.Double", "Edm.Single", "Edm.Float"),
    }
)
_DIGITS: Final = 38
_DIGITS_OF_WHOLE: Final = 19


def formula_of(part: Mapping[str, Any]) -> str | None:
    """Return the formula of a measure or calculation, as the modeller wrote it if that is known.

    `formula` has numbers in place of columns (`[0] / [1]`), which `elements` names.
    """
    raw = text_at(part, "formulaRaw")
    if raw is not None:
        return raw
    written = part.get("formula")
    if not isinstance(written, str):
        return as_text(written) if written else None
    operands = part.get("elements")
    if not isinstance(operands, Mapping):
        return written or None

    def named(match: re.Match[str]) -> str:
        return name_of(operands.get(match[1])) or match[0]

    return _PLACE.sub(named, written) or None


def operands_of(part: Mapping[str, Any], names: Container[str]) -> tuple[str, ...]:
    """Return the columns of a model that a formula names, each once; `names` are all columns."""
    listed = [name for name in names_of(part.get("elements")) if name in names]
    formula = formula_of(part) or ""
    written = (_name(match) for match in _TOKEN.finditer(formula))
    return tuple(dict.fromkeys((*listed, *(name for name in written if name and name in names))))


def _name(match: re.Match[str]) -> str | None:
    quoted = match["quoted"]
    return quoted.replace('""', '"') if quoted is not None else match["bracketed"] or match["word"]


def free_names(formula: str, operands: Container[str]) -> tuple[str, ...]:
    """Return the names in a formula that are no operand, no function and no word of SQL."""
    tokens = list(_TOKEN.finditer(formula))
    following = [token[0] for token in tokens[1:]] + [""]
    return tuple(
        name
        for token, next_one in zip(tokens, following, strict=True)
        if (name := _name(token)) and name not in operands
        if next_one != "(" and name.upper() not in _KEYWORDS
    )


def result_type(formula: str, operands: Iterable[SapType]) -> SapType:
    """Return a number type that holds the result of a formula over numbers of these types.

    Whole numbers stay whole, and decimals stay decimals of enough digits, where a formula only
    adds, subtracts and, for whole numbers, multiplies. Anything else is a floating-point number.
    """
    types = list(operands)
    marks, words, exact = _anatomy(formula)
    if words > len(types) or not exact or marks & {"/", "%", "**", "^"}:
        return DOUBLE
    if all(kind.name in _WHOLE for kind in types):
        return INTEGER
    decimals = [kind for kind in types if kind.name in _DECIMALS]
    sizes = [(kind.precision, kind.scale) for kind in decimals]
    fixed = all(isinstance(p, int) and isinstance(s, int) for p, s in sizes)
    plain = all(kind.name in _WHOLE or kind.name in _DECIMALS for kind in types)
    if not plain or not fixed or "*" in marks:
        return DOUBLE
    scale = max(s for _, s in sizes if isinstance(s, int))
    heads = [p - s for p, s in sizes if isinstance(p, int) and isinstance(s, int)]
    head = max(*heads, _DIGITS_OF_WHOLE if len(decimals) < len(types) else 0) + 1
    return SapType(decimals[0].name, precision=min(head + scale, _DIGITS), scale=scale)


def is_number(kind: SapType) -> bool:
    """Return whether a type is a number."""
    return kind.name in _WHOLE | _DECIMALS | _OTHER_NUMBERS


def _anatomy(formula: str) -> tuple[frozenset[str], int, bool]:
    """Return the operators of a formula, its number of different names, and whether it is exact.

    It is not where it holds a fraction, a text or a mark that is no operator.
    """
    marks, names, exact = set(), set(), True
    for match in _TOKEN.finditer(formula):
        name = _name(match)
        if name:
            names.add(name)
        elif match["mark"]:
            marks.add(match["mark"])
        exact = exact and not (match["fraction"] or match["text"] or match["other"])
    return frozenset(marks), len(names), exact
