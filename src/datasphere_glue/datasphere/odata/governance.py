"""Reads what annotations of OData say of personal data, semantic keys and sorts of dimensions."""

import re
from collections.abc import Iterator
from typing import Any, Final

from datasphere_glue.datasphere.odata.expressions import Path, paths_of
from datasphere_glue.datasphere.odata.property_names import PropertyNames
from datasphere_glue.datasphere.odata.vocabulary import ODataAnnotations
from datasphere_glue.datasphere.values import as_text, upper_snake

_PERSONAL: Final = "personaldata."
_SEMANTICS: Final = frozenset({"entitySemantics", "fieldSemantics"})
_KEY: Final = "common.semantickey"
_DIMENSION: Final = "analytics.dimensiontype"
_MEMBER: Final = re.compile(r"[\w.]+/(\w+)")


def personal_data(annotations: ODataAnnotations) -> tuple[tuple[str, str], ...]:
    """Return the terms of SAP's vocabulary of personal data, named and valued as in CSN."""
    return tuple(sorted(_personal_data(annotations)))


def _personal_data(annotations: ODataAnnotations) -> Iterator[tuple[str, str]]:
    for term, one in annotations.by_term.items():
        if not term.startswith(_PERSONAL) or "#" in term or isinstance(one.value, Path):
            continue
        written = one.term.rpartition(".")[2]
        name = written[:1].lower() + written[1:]
        text = as_text(_word(one.value))
        if text:
            annotations.used.add(term)
            yield name, upper_snake(text) if name in _SEMANTICS else text


def semantic_key(annotations: ODataAnnotations, names: PropertyNames) -> tuple[str, ...]:
    """Return the columns that identify a row for people, empty where one of them is unknown."""
    columns = [names.find(path) for path in paths_of(annotations.value(_KEY))]
    known = tuple(name for name in columns if name is not None)
    if not known or len(known) < len(columns):
        return ()
    annotations.used.add(_KEY)
    return known


def dimension_type(annotations: ODataAnnotations) -> str | None:
    """Return SAP's word for the sort of a dimension."""
    text = annotations.text(_DIMENSION)
    return str(_word(text)) if text else None


def _word(value: Any) -> Any:
    """Return an enum member without its type, and anything else as it is."""
    if not isinstance(value, str):
        return value
    member = _MEMBER.fullmatch(value)
    return member[1] if member else value.removeprefix("#")
