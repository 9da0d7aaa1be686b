"""The exact names of the properties of one entity type, and what a reference to one means."""

from collections import Counter
from collections.abc import Iterable, Mapping

from datasphere_glue.model.odata_name import odata_forms


class PropertyNames:
    """The exact name of each property.

    `names`: (OData name, exact name) of each property; the first of equal OData names counts.
    """

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        self._exact: dict[str, str] = {}
        for written, exact in names:
            self._exact.setdefault(written, exact)
        self._uses: Mapping[str, int] = Counter(self._exact.values())

    def find(self, reference: str) -> str | None:
        """Return the exact name of the property that a reference means, None where that is open.

        Tenants refer to a property by its OData name or by its original one: the OData name comes
        first, then the original one, then the only form that OData can give the reference.
        """
        if reference in self._exact:
            return self._exact[reference]
        if self._uses.get(reference) == 1:
            return reference
        forms = [n for n in odata_forms(reference) if self._exact.get(n) == n]
        return forms[0] if len(forms) == 1 else None
