"""Matches the columns of a CSN definition with the properties of OData."""

from collections.abc import Collection, Iterable, Mapping

from datasphere_glue.model.element import Element
from datasphere_glue.model.odata_name import match_names


def match_columns(
    csn: Iterable[Element], odata: Iterable[Element], taken: Collection[str] = ()
) -> Mapping[str, Element]:
    """Return the CSN column of each OData name that has one.

    `taken`: names of other parts of the same object, such as associations.
    """
    columns = {element.name: element for element in csn}
    names = match_names(columns, (one.name for one in odata), taken).exact
    return {name: columns[exact] for name, exact in names.items()}
