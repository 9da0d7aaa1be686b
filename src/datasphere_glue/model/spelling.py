"""Names that differ in case or Unicode form alone."""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import lru_cache


@lru_cache(maxsize=16_384)
def spelling(name: str) -> str:
    """Return what names that differ in case or Unicode form alone have in common."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def same_spelling(one: str, other: str) -> bool:
    """Return True when two names differ in case or Unicode form alone."""
    return one == other or spelling(one) == spelling(other)


def respelled(former: Iterable[str], new: Iterable[str]) -> dict[str, str]:
    """Return the new name of each former one that now has another case or Unicode form.

    Only names that have a single counterpart on the other side are paired. A name in another
    Unicode form is closer than one in another case.
    """
    formers, news = set(former), set(new)
    pairs: dict[str, str] = {}
    for key in (_composed, spelling):
        pairs |= _single_pairs(formers - pairs.keys(), news - {*pairs.values()}, key)
    return pairs


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _single_pairs(
    formers: Iterable[str], news: Iterable[str], key: Callable[[str], str]
) -> dict[str, str]:
    names_by_key: defaultdict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for side, names in enumerate((formers, news)):
        for name in names:
            names_by_key[key(name)][side].append(name)
    return {old[0]: new[0] for old, new in names_by_key.values() if len(old) == 1 and len(new) == 1}
