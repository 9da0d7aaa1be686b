"""Finds the name that a mistyped one most likely stands for."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from fnmatch import translate
from typing import Final

_MOST: Final = 5_000
"""Most names that are compared letter by letter, which takes about 10 microseconds each."""

_NOISE: Final = "\"'`[](){}<> \t\r\n"
"""Characters around a name that another notation leaves, such as a JSON list."""

_SEPARATORS: Final = re.compile(r"[,;|\s]+")


def near_name(text: str, names: Iterable[str]) -> str | None:
    """Return the name that is closest to a text, None without a close one.

    A name that differs in case alone comes first. Then one that the text matches as a glob without
    regard to case, then one that is spelt similarly. A list of names stands for its first name.
    """
    by_fold = {name.casefold(): name for name in sorted(names, reverse=True)}
    words = dict.fromkeys(word for word in _SEPARATORS.split(text.casefold()) if word)
    for find in (_equal, _spelt_alike):
        for word in (text.casefold(), *words):
            if fold := find(word, by_fold):
                return by_fold[fold]
    return None


def _equal(pattern: str, folds: Mapping[str, str]) -> str | None:
    """Return the name that a text equals, or else the first that it matches as a glob."""
    bare = pattern.strip(_NOISE)
    if bare in folds:
        return bare
    match = re.compile(translate(pattern)).match
    return next((fold for fold in sorted(folds) if match(fold)), None)


def _spelt_alike(pattern: str, folds: Mapping[str, str]) -> str | None:
    bare, candidates = pattern.strip(_NOISE), list(folds)
    if len(candidates) > _MOST:
        candidates = [fold for fold in candidates if fold[:2] == bare[:2]][:_MOST]
    close = get_close_matches(bare, candidates, n=1) if bare else []
    return close[0] if close else None
