"""Names that differ in case or Unicode form alone."""

import unicodedata
from functools import lru_cache


@lru_cache(maxsize=16_384)
def spelling(name: str) -> str:
    """Return what names that differ in case or Unicode form alone have in common."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def same_spelling(one: str, other: str) -> bool:
    """Return True when two names differ in case or Unicode form alone."""
    return one == other or spelling(one) == spelling(other)
