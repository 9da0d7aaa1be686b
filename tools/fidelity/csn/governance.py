"""Personal data, releases and relationships of entities and elements."""

from collections.abc import Iterator
from typing import Final

from tools.fidelity.csn.annotations import Annotations, leaf_texts
from tools.fidelity.expectations import Expectation, How
from tools.fidelity.kinds import Kind

_RELEASES: Final = (
    "API.element.",
    "API.entity.",
    "API.releaseState",
    "API.state",
    "API.successor",
    "API.decommissioning",
    "ObjectModel.lifecycle.",
    "ObjectModel.releaseState",
    "VDM.lifecycle.",
    "DataWarehouse.release",
)
"""Beginnings of the terms of a release: CSN Interop 1.2 and what exports were seen to hold."""

Facts = Iterator[tuple[tuple[Kind, str], Expectation]]


def governance(annotations: Annotations) -> Facts:
    """Yield the facts of the annotations of an entity or element."""
    yield from _personal_data(annotations)
    yield from _relationships(annotations)
    yield from _releases(annotations)


def _personal_data(annotations: Annotations) -> Facts:
    """Yield each word; CSN Interop 1.2 writes `{"#": "USER_ID"}`, earlier versions `UserId`."""
    for word, value in annotations.below("PersonalData.").items():
        texts = tuple(text.removeprefix("#") for text in leaf_texts(value))
        terms = (f"PersonalData.{word}",)
        yield (Kind.PERSONAL_DATA, word.casefold()), Expectation(texts, How.FOLDED, terms=terms)


def _relationships(annotations: Annotations) -> Facts:
    for word, value in annotations.below("EntityRelationship.").items():
        texts = tuple(text.removeprefix("#") for text in leaf_texts(value))
        terms = (f"EntityRelationship.{word}",)
        yield (Kind.RELATIONSHIP, word), Expectation(texts, How.WITHIN, terms=terms)


def _releases(annotations: Annotations) -> Facts:
    released = {t: v for t, v in annotations.values.items() if t.startswith(_RELEASES)}
    annotations.used.update(released)
    texts = tuple(t.removeprefix("#") for value in released.values() for t in leaf_texts(value))
    if texts:
        yield (Kind.RELEASE, ""), Expectation(texts, How.WITHIN, terms=tuple(released))
