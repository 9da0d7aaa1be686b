"""Is the evidence what it was? Every link, every file that a link names, every record in it.

Nothing is taken for granted that is not covered by a hash: each line of an audit file is held
against its own hash, its number and the hash of the line before, each file against the link that
names it, each link against the one before. What no link names is called unchained: it is from
before there was a chain, or was left by a run that could not chain it, or was put there.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from datasphere_glue.evidence.audit_files import AUDIT, EVIDENCE
from datasphere_glue.evidence.chain import (
    FOLDER,
    File,
    Link,
    Traced,
    at_once,
    bodies,
    key_of,
    number_of,
)
from datasphere_glue.evidence.hashed_lines import ORIGIN, parse_hashed_line
from datasphere_glue.evidence.records import SCHEMA
from datasphere_glue.storage.moments import moment_of
from datasphere_glue.storage.store import Store, whole_lines

VERDICT: Final = "datasphere-glue/audit-verify/1"
_TOLD: Final = 20
"""Findings of one file that are told: the rest of one that was replaced says nothing new."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was: the file, the line in it and the record, where known."""

    file: str
    what: str
    run: str | None = None
    line: int | None = None
    record: int | None = None


@dataclass(frozen=True, slots=True)
class Unchained:
    """A file that no link names; `old` when its run is from before there was a chain."""

    file: str
    old: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying came to; the chain is intact when there is no finding.

    `head` is the hash of the newest link, `made` when the first and the newest one were made,
    `gone` counts files that are no longer kept, as it was said that they need not be.
    """

    links: int = 0
    files: int = 0
    records: int = 0
    gone: int = 0
    head: str | None = None
    made: tuple[str, str] | None = None
    findings: tuple[Finding, ...] = ()
    unchained: tuple[Unchained, ...] = ()

    @property
    def intact(self) -> bool:
        """True when nothing was changed, removed, reordered or inserted."""
        return not self.findings


@dataclass(frozen=True, slots=True)
class _Checked:
    """What one link and its files came to."""

    link: Link | None
    files: int = 0
    records: int = 0
    gone: int = 0
    findings: tuple[Finding, ...] = ()


def verify(store: Store, head: str | None = None, kept_days: int | None = None) -> Verdict:
    """Return what the chain and everything that it names come to now.

    `head` is the hash of a link that is known to have been there. `kept_days` says that files of
    links which are older need not be there any more.

    Raises:
        Unavailable: the evidence cannot be read.

    """
    # In this order, so that what a run writes meanwhile is unchained yet, and never missing.
    keys = [kept.key for kept in store.find(FOLDER)]
    present = {kept.key: kept.size for kept in store.find("runs/") if EVIDENCE.search(kept.key)}
    numbers = sorted(number for number in map(number_of, keys) if number is not None)
    strangers = [Finding(key, "is no link of the chain") for key in keys if number_of(key) is None]
    since = datetime.now(UTC) - timedelta(days=kept_days) if kept_days is not None else None
    checking = _Checking(store, present, since)
    checked = list(at_once(checking.link, bodies(store, numbers)))
    links = [one.link for one in checked]
    whole = [link for link in links if link]
    named = {file.key for link in whole for file in link.files}
    nameless = sorted(key for key, size in present.items() if size and key not in named)
    unchained = tuple(_unchained(store, nameless))
    return Verdict(
        links=len(numbers),
        files=sum(one.files for one in checked),
        records=sum(one.records for one in checked),
        gone=sum(one.gone for one in checked),
        head=whole[-1].hash if whole and links[-1] else None,
        made=(whole[0].made, whole[-1].made) if whole else None,
        findings=(
            *strangers,
            *_in_a_chain(numbers, links),
            *(finding for one in checked for finding in one.findings),
            *_ends(whole, head),
            *_removed(numbers, unchained),
        ),
        unchained=unchained,
    )


def document(verdict: Verdict) -> dict[str, Any]:
    """Return the verdict as JSON values."""
    made = verdict.made or (None, None)
    return {
        "schema": VERDICT,
        "intact": verdict.intact,
        "links": verdict.links,
        "files": verdict.files,
        "records": verdict.records,
        "gone": verdict.gone,
        "head": verdict.head,
        "first_made": made[0],
        "last_made": made[1],
        "findings": [asdict(finding) for finding in verdict.findings],
        "unchained": [asdict(file) for file in verdict.unchained],
    }


def _in_a_chain(numbers: list[int], links: list[Link | None]) -> Iterator[Finding]:
    """Yield where links are missing, or do not follow the one before."""
    last, before = 0, None
    for number, link in zip(numbers, links, strict=True):
        if number > last + 1:
            yield Finding(key_of(last + 1), f"{_missing('link', last + 1, number)} in the chain")
        elif link and link.previous != (before.hash if before else ORIGIN) and (before or not last):
            told = f"link {last} is not the one that link {number} was made after"
            yield Finding(key_of(max(last, 1)), told, before.run if before else link.run)
        last, before = number, link


def _missing(what: str, first: int, end: int) -> str:
    """Return that everything from the first up to the end, which is there, is not."""
    if end == first + 1:
        return f"{what} {first} is missing"
    return f"{what}s {first} to {end - 1} are missing"


def _ends(links: list[Link], head: str | None) -> Iterator[Finding]:
    if head is None or any(link.hash == head.lower() for link in links):
        return
    last = f"after link {links[-1].number}" if links else "and is empty"
    yield Finding(FOLDER, f"no link has the hash {head[:12]}: the chain was cut off {last}")


def _removed(numbers: list[int], unchained: Iterable[Unchained]) -> Iterator[Finding]:
    if not numbers and any(not one.old and AUDIT.search(one.file) for one in unchained):
        yield Finding(FOLDER, "holds no link, though runs that make links have left their records")


def _unchained(store: Store, keys: Iterable[str]) -> Iterator[Unchained]:
    """Yield these files; images are as old as the audit records beside them."""
    firsts = at_once(lambda key: (key, next(whole_lines(store.pieces(key)), b"")), keys)
    told = {key: AUDIT.search(key) and SCHEMA.encode() not in first for key, first in firsts}
    old = {key.rpartition("/")[0] for key, from_before in told.items() if from_before}
    for key in told:
        yield Unchained(key, old=key.rpartition("/")[0] in old)


@dataclass(frozen=True, slots=True)
class _Checking:
    store: Store
    present: Mapping[str, int]
    since: datetime | None

    def link(self, numbered: tuple[int, bytes]) -> _Checked:
        """Return what a link and its files come to."""
        number, body = numbered
        link = Link.of(body)
        if link is None:
            finding = Finding(key_of(number), f"link {number} of the chain was changed")
            return _Checked(None, findings=(finding,))
        if link.number != number:
            told = f"holds link {link.number}, not link {number} of the chain"
            return _Checked(None, findings=(Finding(key_of(number), told, link.run),))
        checked = [self._file(link, file) for file in link.files]
        return _Checked(
            link,
            files=len(checked),
            records=sum(one.records for one in checked),
            gone=sum(one.gone for one in checked),
            findings=tuple(finding for one in checked for finding in one.findings),
        )

    def _file(self, link: Link, file: File) -> _Checked:
        if file.key not in self.present:
            if self.since and moment_of(link.made) < self.since:
                return _Checked(link, gone=1)
            missing = Finding(file.key, f"is missing, link {link.number} names it", link.run)
            return _Checked(link, findings=(missing,))
        traced, audits = Traced(), AUDIT.search(file.key) is not None
        pieces = self.store.pieces(file.key)
        findings: list[Finding] = []
        if audits:
            for finding in _records(link.run, file, traced.through(whole_lines(pieces))):
                findings += [finding] if len(findings) < _TOLD else []
        else:
            deque(traced.through(pieces), maxlen=0)
        now = traced.file(file.key)
        if now.sha256 != file.sha256 and not findings:
            told = f"was changed: it is not the file that link {link.number} names"
            findings = [Finding(file.key, told, link.run)]
        return _Checked(link, records=now.lines if audits else 0, findings=tuple(findings))


def _records(run: str, file: File, lines: Iterable[bytes]) -> Iterator[Finding]:
    """Yield which lines of an audit file are not the records that were written there."""
    last, previous = 0, ORIGIN
    for at, line in enumerate(lines, start=1):
        record = parse_hashed_line(line)
        if record is None:
            last, previous = last + 1, ""
            yield Finding(file.key, f"record {last} was changed", run, at, last)
            continue
        number = record.values.get("number")
        if type(number) is not int or number <= last:
            yield Finding(file.key, f"record {number} was inserted or moved", run, at, number)
            continue
        if number > last + 1:
            told = _missing("record", last + 1, number)
            yield Finding(file.key, f"{told} before this line", run, at, last + 1)
        elif previous and record.values.get("previous") != previous:
            yield Finding(file.key, f"record {number} follows another one", run, at, number)
        last, previous = number, record.hash
    if last < file.lines:
        told = _missing("record", last + 1, file.lines + 1)
        yield Finding(file.key, f"{told} at the end", run, None, last + 1)
