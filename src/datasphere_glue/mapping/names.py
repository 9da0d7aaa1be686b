"""SAP names in, Glue names out, and the way back.

Rule (design 1.6; Athena accepts `[a-z0-9_]` only, Glue folds to lower case): lower case, at most
255 characters, never empty, never starting with a digit; German umlauts spelt out, other accents
dropped, every other run of characters one `_`. Names that collide all get a suffix made from the
exact SAP name, so order never matters.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Final, NewType

GlueName = NewType("GlueName", str)
"""A name that `glue_name` or `glue_names` made."""

MAX_LENGTH: Final = 255
_SUFFIX_HEX: Final = 8
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_OTHER: Final = re.compile(r"[^a-z0-9_]+")


def fold_name(sap_name: str) -> str:
    """Return the name in the alphabet `[a-z0-9_]`, of any length, possibly empty."""
    lower = unicodedata.normalize("NFC", sap_name.strip()).lower().translate(_UMLAUTS)
    plain = "".join(c for c in unicodedata.normalize("NFKD", lower) if not unicodedata.combining(c))
    return _OTHER.sub("_", plain.lower())


@lru_cache(maxsize=16_384)
def glue_name(sap_name: str, prefix: str) -> GlueName:
    """Return the Glue name of one SAP name, collisions aside.

    `prefix` (`t_`, `c_`) goes before a leading digit, and before the hash that stands for a name
    without any letter or digit.
    """
    name = fold_name(sap_name)
    if not name.strip("_"):
        return GlueName(prefix + _hash(sap_name, _SUFFIX_HEX))
    if name[0].isdigit():
        name = prefix + name
    if len(name) > MAX_LENGTH:
        return with_suffix(name, sap_name, _SUFFIX_HEX)
    return GlueName(name)


def glue_names(
    sap_names: Iterable[str],
    prefix: str,
    held: Mapping[str, str] | None = None,
    taken: Iterable[str] = (),
) -> dict[str, GlueName]:
    """Return the Glue name of each SAP name; no two are equal.

    `held` maps exact SAP names to the Glue names they already have in the catalog: those are kept,
    so a newcomer never renames a neighbour. `taken` are Glue names that belong to something else.
    Every other member of a colliding group gets `_` and 8 hex digits of the SHA-256 of its exact
    SAP name, so that neither the order of the input matters nor which of a group came first.
    """
    wanted = set(sap_names)
    names = sorted(wanted)
    kept = {name: GlueName(glue) for name, glue in (held or {}).items() if name in wanted}
    given = {name: glue_name(name, prefix) for name in names if name not in kept}
    blocked = {*taken, *kept.values()}
    if given:
        blocked |= {glue_name(name, prefix) for name in kept}
    length = _SUFFIX_HEX
    while clashing := _clashing(given, blocked):
        for name in clashing:
            given[name] = with_suffix(glue_name(name, prefix), name, length)
        length *= 2
    return {name: kept.get(name) or given[name] for name in names}


def sap_names(names: Mapping[str, GlueName]) -> dict[GlueName, str]:
    """Return the way back: the exact SAP name of each Glue name."""
    return {glue: sap for sap, glue in names.items()}


def _clashing(given: Mapping[str, GlueName], blocked: set[str]) -> list[str]:
    count = Counter(given.values())
    return [name for name, glue in given.items() if count[glue] > 1 or glue in blocked]


def with_suffix(name: str, sap_name: str, length: int = _SUFFIX_HEX) -> GlueName:
    """Return the name with the suffix that tells members of a colliding group apart."""
    suffix = "_" + _hash(sap_name, length)
    return GlueName(name[: MAX_LENGTH - len(suffix)] + suffix)


def _hash(text: str, length: int) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:length]


def distinct_label(label: str, own: str) -> str:
    """Return the label of a space or asset whose own is another's, too: one was configured so.

    No technical name holds the character between the two, so that this label is unique.
    """
    return f"{label}\0{own}"
