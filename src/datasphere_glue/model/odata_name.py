"""The names that OData gives to SAP names, which may hold what an identifier cannot hold.

A character that is no letter, digit or `_` becomes `_`, and `_` precedes a leading digit:
`0CALMONTH` is `_0CALMONTH`, `/BIC/ZCUST` is `_BIC_ZCUST` (OData CSDL 4.01, 15.2). A name that is
taken gets a number: `_0CALDAY_1`. Several SAP names can therefore have one form, so that a form
alone never tells the SAP name.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, TypeVar

_FOREIGN: Final = (re.compile(r"\W"), re.compile(r"\W", re.ASCII))
_NUMBERED: Final = re.compile(r"(.+)_[0-9]+")
_Value = TypeVar("_Value", str, tuple[str, ...])


@dataclass(frozen=True, slots=True)
class NameMatches:
    """Which SAP name each OData name stands for.

    `exact`: SAP name by OData name.
    `doubtful`: SAP names that an OData name may stand for, where there are several.
    """

    exact: Mapping[str, str] = field(default_factory=dict)
    doubtful: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@lru_cache(maxsize=16_384)
def odata_forms(name: str) -> frozenset[str]:
    """Return the OData names that a SAP name can have without a number.

    Documents differ in whether letters outside ASCII stay, and older ones lack the leading `_`.
    """
    if name.isascii() and name.isidentifier():
        return frozenset({name})
    folded = {pattern.sub("_", name) for pattern in _FOREIGN}
    return frozenset(folded | {f"_{one}" for one in folded if one[:1].isdigit()})


def without_number(odata_name: str) -> str | None:
    """Return the name before the number of a name that was taken, None without a number."""
    numbered = _NUMBERED.fullmatch(odata_name)
    return numbered[1] if numbered else None


def match_names(
    sap_names: Iterable[str], odata_names: Iterable[str], taken: Collection[str] = ()
) -> NameMatches:
    """Return which SAP name each OData name stands for.

    A name matches exactly, or else by the form that one SAP name alone has, or else by that form
    with a number, if the name without it is in use. What two SAP names could be is neither.

    `taken`: names of other parts of the same object, such as associations.
    """
    sap, names = dict.fromkeys(sap_names), list(dict.fromkeys(odata_names))
    exact = {name: name for name in names if name in sap}
    plain = {name: name for name in names if name not in taken}
    first, doubtful = _matched(sap.keys() - exact.values(), _without(plain, exact))
    exact |= first
    in_use = {
        *names,
        *sap,
        *taken,
        *(form for name in exact.values() for form in odata_forms(name)),
    }
    numbered = {
        n: stem for n in names if (stem := without_number(n)) is not None and stem in in_use
    }
    second, more = _matched(sap.keys() - exact.values(), _without(numbered, exact))
    return NameMatches(exact | second, _without(doubtful | more, second))


def renamed(former: Iterable[str], new: Iterable[str], taken: Collection[str]) -> dict[str, str]:
    """Return the new name of each former one, where one of them is the OData form of the other.

    That is how a name changes when a definition can be read, or no longer. `taken`: names of other
    parts of the same object.
    """
    former, new = set(former), set(new)
    to_exact = match_names(new, former, set(taken) - former).exact
    to_odata = match_names(former, new, set(taken) - new).exact
    return {**{exact: name for name, exact in to_odata.items()}, **to_exact}


def callable_by(name: str, names: Collection[str]) -> tuple[str, ...]:
    """Return the names by which a rule can call a column: its own, and those that OData gives it.

    `names`: names of all columns, which belong to those columns alone.
    """
    forms = odata_forms(name)
    return (name, *sorted(form for form in forms if form != name and form not in names))


def _without(names: Mapping[str, _Value], known: Collection[str]) -> dict[str, _Value]:
    return {name: value for name, value in names.items() if name not in known}


def _matched(
    sap_names: Iterable[str], forms: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Return the SAP name of each OData name, and those of the names that may have several.

    `forms`: the form by which each OData name is looked for.
    """
    candidates = _candidates(sap_names)
    wanted = {name: candidates[form] for name, form in forms.items() if form in candidates}
    claims = Counter(name for found in wanted.values() for name in found)
    exact = {n: f[0] for n, f in wanted.items() if len(f) == 1 and claims[f[0]] == 1}
    return exact, {n: tuple(sorted(f)) for n, f in wanted.items() if n not in exact}


def _candidates(sap_names: Iterable[str]) -> dict[str, list[str]]:
    """Return the SAP names of each form; a name that OData allows has no other form."""
    by_form: dict[str, list[str]] = {}
    for name in sap_names:
        for form in odata_forms(name) - {name}:
            by_form.setdefault(form, []).append(name)
    return by_form
