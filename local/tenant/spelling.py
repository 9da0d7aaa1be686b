"""One spelling for the annotations of CSN, which documents may write in several.

A term is flat (`@Aggregation.default`) or nested (`@Aggregation: {default: ...}`), a word is
`{"#": "SUM"}` or `"#SUM"`, and a text may be the key of a translation (`{i18n>TITLE}`).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from local.tenant.edmx import Definition

_MARKS = frozenset({"#", "="})
_KEY = re.compile(r"\{i18n>(.+)\}")
_PREFERRED = ("", "en")


def respelt(definition: Definition, texts: Mapping[str, Mapping[str, str]]) -> Definition:
    """Return an entity whose annotations are flat, with words as objects and translated texts."""
    inner = {
        group: {name: _annotated(one, texts) for name, one in definition[group].items()}
        for group in ("elements", "params")
        if isinstance(definition.get(group), Mapping)
    }
    return {**_annotated(definition, texts), **inner}


def _annotated(holder: Definition, texts: Mapping[str, Mapping[str, str]]) -> Definition:
    plain = {key: value for key, value in holder.items() if not key.startswith("@")}
    for key, value in holder.items():
        if key.startswith("@"):
            plain |= {term: _spelt(one, texts) for term, one in _flat(key, value)}
    return plain


def _flat(term: str, value: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, Mapping) or not value or _MARKS & set(value):
        if value is not None:
            yield term, value
        return
    for key, inner in value.items():
        yield from _flat(f"{term}.{key}", inner)


def _spelt(value: Any, texts: Mapping[str, Mapping[str, str]]) -> Any:
    if not isinstance(value, str):
        return value
    if value.startswith("#"):
        return {"#": value[1:]}
    key = _KEY.fullmatch(value)
    languages = (*_PREFERRED, *sorted(texts))
    found = [texts[lang][key[1]] for lang in languages if key and key[1] in texts.get(lang, {})]
    return found[0] if found else value
