"""Maps SAP names to Glue names, and back.

Rule (design 1.6; Athena accepts `[a-z0-9_]` only, Glue folds to lower case): lower case, at most
255 characters, never empty, no leading digit. German umlauts are spelt out, other accents are
dropped, every other run of characters becomes one `_`. All names that collide get a suffix derived
from the exact SAP name, so that the result does not depend on order.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Final, NewType

GlueName = NewType("GlueName", str)
"""A name that `glue_name` or `glue_names` returned."""

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
    """Return the Glue name of one SAP name, regardless of collisions.

    `prefix` (`t_`, `c_`) precedes a leading digit, and the hash that replaces a name without
    letters and digits.
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
    """Return the Glue name of each SAP name; all are different.

    `held` maps exact SAP names to their current Glue names. These stay, so that a new name never
    renames an existing one. `taken` holds Glue names of other objects.

    Every other member of a colliding group gets `_` and 8 hex digits of the SHA-256 of its exact
    SAP name. The result depends neither on the order of the input nor on the age of a name.
    """
    requested = set(sap_names)
    names = sorted(requested)
    current = {name: GlueName(glue) for name, glue in (held or {}).items() if name in requested}
    new = {name: glue_name(name, prefix) for name in names if name not in current}
    blocked = {*taken, *current.values()}
    if new:
        blocked |= {glue_name(name, prefix) for name in current}
    length = _SUFFIX_HEX
    while colliding := _collisions(new, blocked):
        for name in colliding:
            new[name] = with_suffix(glue_name(name, prefix), name, length)
        length *= 2
    return {name: current.get(name) or new[name] for name in names}


def sap_names(names: Mapping[str, GlueName]) -> dict[GlueName, str]:
    """Return the exact SAP name of each Glue name."""
    return {glue: sap for sap, glue in names.items()}


def _collisions(new: Mapping[str, GlueName], blocked: set[str]) -> list[str]:
    count = Counter(new.values())
    return [name for name, glue in new.items() if count[glue] > 1 or glue in blocked]


def with_suffix(name: str, sap_name: str, length: int = _SUFFIX_HEX) -> GlueName:
    """Return the name with a suffix from its exact SAP name, at most MAX_LENGTH characters."""
    suffix = "_" + _hash(sap_name, length)
    return GlueName(name[: MAX_LENGTH - len(suffix)] + suffix)


def _hash(text: str, length: int) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:length]


def distinct_label(label: str, name: str) -> str:
    """Return a unique label for a space or asset whose configured label is also another's.

    `name` is its technical name. No technical name holds the NUL between the two.
    """
    return f"{label}\0{name}"
