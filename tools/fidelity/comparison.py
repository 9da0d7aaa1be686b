"""Compares the content of documents with that of Glue."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from tools.fidelity.expectations import Expectation, How, Place, folded, plain
from tools.fidelity.glue_tables import Stored
from tools.fidelity.kinds import KEPT, OPEN, Kind


class Verdict(StrEnum):
    """What became of one fact."""

    EQUAL = "equal"
    MISSING = "missing"
    WRONG = "wrong"
    CUSTOM = "custom only"
    SHORTENED = "shortened"
    UNJUDGED = "not judged"


LOSSES = frozenset({Verdict.MISSING, Verdict.WRONG})


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact with its verdict; texts are empty where a side has none."""

    place: Place
    verdict: Verdict
    source: str = ""
    glue: str = ""

    @property
    def line(self) -> str:
        """The finding in one line that names object and column."""
        place = self.place
        where = place.asset + (f".{place.column}" if place.column else "")
        detail = f" [{place.detail}]" if place.detail else ""
        texts = {"source": self.source, "Glue": self.glue}
        both = "; ".join(f"{side}: {text}" for side, text in texts.items() if text)
        return f"{self.verdict}: {where}: {place.kind}{detail}" + (f": {both}" if both else "")


def compare(
    expected: Mapping[Place, Expectation], stored: Stored, shortened: Collection[str] = ()
) -> list[Finding]:
    """Return a finding for each fact of either side, in the order of the kinds.

    A table or column that Glue lacks counts once, without its facts.

    `shortened`: assets whose tables were too large for a request to Glue, as the run reports.
    """
    absent = _absent(expected, stored)
    judged = (
        _judged(p, expectation, stored)
        for p, expectation in expected.items()
        if not _below(p, absent)
    )
    findings = [finding for finding in judged if finding] + list(_invented(expected, stored))
    findings = [
        _left_out(finding) if finding.place.asset in shortened else finding for finding in findings
    ]
    order = {kind: number for number, kind in enumerate(Kind)}
    return sorted(findings, key=lambda finding: (order[finding.place.kind], finding.place))


def _left_out(finding: Finding) -> Finding:
    """Return a finding about a shortened table, whose columns, types and comments must stay."""
    stays = finding.place.kind in KEPT or finding.verdict is not Verdict.MISSING
    return finding if stays else replace(finding, verdict=Verdict.SHORTENED)


def counts(findings: Iterable[Finding]) -> dict[Kind, Counter[Verdict]]:
    """Return how many facts of each kind have each verdict."""
    result: dict[Kind, Counter[Verdict]] = {}
    for finding in findings:
        result.setdefault(finding.place.kind, Counter())[finding.verdict] += 1
    return result


def _judged(place: Place, expectation: Expectation, stored: Stored) -> Finding | None:
    """Return the finding of one expectation, None where Glue leaves out what it may leave out."""
    text = stored.facts.get(place)
    if expectation.how is How.ANY:
        return Finding(place, Verdict.UNJUDGED)
    if place.kind in {Kind.ANNOTATION, Kind.LAYER}:
        return _kept(place, expectation, stored)
    if text is not None:
        verdict = Verdict.EQUAL if expectation.accepts(text) else Verdict.WRONG
        return Finding(place, verdict, expectation.shown, text)
    if not expectation.required:
        return None
    verdict = Verdict.CUSTOM if _in_custom(place, expectation, stored) else Verdict.MISSING
    return Finding(place, verdict, expectation.shown)


def _kept(place: Place, expectation: Expectation, stored: Stored) -> Finding | None:
    """Return the finding of an annotation: in `custom` under its term, or in any other key."""
    custom = stored.custom.get((place.asset, place.column), {})
    term = next((term for term in custom if term.casefold() == place.detail.casefold()), None)
    if term is not None:
        verdict = Verdict.EQUAL if expectation.accepts(custom[term]) else Verdict.WRONG
        return Finding(place, verdict, expectation.shown, custom[term])
    texts = stored.texts.get((place.asset, place.column), "")
    verdict = Verdict.EQUAL if _held(place, expectation, texts) else Verdict.MISSING
    return Finding(place, verdict, expectation.shown) if expectation.required else None


def _held(place: Place, expectation: Expectation, texts: str) -> bool:
    """Return whether some key holds an annotation: its value, or the name of a mark."""
    if expectation.texts[:1] == ("true",):
        mark = re.escape(folded(place.detail.rpartition(".")[2])) + r"[^a-z0-9]+true"
        return re.search(mark, folded(texts)) is not None
    together = all if expectation.how is How.WITHIN else any
    return together(plain(text) and plain(text) in plain(texts) for text in expectation.texts)


def _in_custom(place: Place, expectation: Expectation, stored: Stored) -> bool:
    custom = stored.custom.get((place.asset, place.column), {})
    return any(term in custom for term in expectation.terms)


def _absent(expected: Iterable[Place], stored: Stored) -> set[tuple[str, str]]:
    return {
        (place.asset, place.column)
        for place in expected
        if place.kind in {Kind.TABLE, Kind.COLUMN} and place not in stored.facts
    }


def _below(place: Place, absent: set[tuple[str, str]]) -> bool:
    if place.kind is Kind.TABLE:
        return False
    if (place.asset, "") in absent:
        return True
    return place.kind is not Kind.COLUMN and (place.asset, place.column) in absent


def _invented(expected: Mapping[Place, Expectation], stored: Stored) -> Iterator[Finding]:
    """Yield the facts of Glue that no document has."""
    known = {(place.asset, place.column) for place in expected}
    open_places = {place for place, expectation in expected.items() if expectation.how is How.ANY}
    for place, text in stored.facts.items():
        whole = place._replace(detail="")
        if place in expected or place.kind in OPEN or whole in open_places:
            continue
        if (place.asset, place.column) in known or place.kind in {Kind.TABLE, Kind.COLUMN}:
            yield Finding(place, Verdict.WRONG, glue=text or "true")
