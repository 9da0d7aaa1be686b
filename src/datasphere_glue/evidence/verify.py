"""Verifies the evidence: every link, every file that a link names, and every record in it.

Only hashes count as proof. Each line of an audit file must match its own hash, its number and the
hash of the line before; each file the link that names it; each link the one before. A file that no
link names is unchained: it is older than the chain, or its run could not append a link, or somebody
put it there.
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
    LineDigest,
    Link,
    key_of,
    map_concurrently,
    number_of,
    read_links,
)
from datasphere_glue.evidence.hashed_lines import ORIGIN, parse_hashed_line
from datasphere_glue.evidence.records import SCHEMA
from datasphere_glue.evidence.unrecorded import Unrecorded, unrecorded_runs
from datasphere_glue.storage.moments import moment_of
from datasphere_glue.storage.store import Store, whole_lines

VERDICT: Final = "datasphere-glue/audit-verify/1"
_MOST_FINDINGS: Final = 20
"""Most findings of one file; more of a replaced file add no information."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One deviation from the recorded evidence.

    - `file`: key of the file or link.
    - `what`: description.
    - `run`: run of the file.
    - `line`, `record`: numbers from 1.

    None stands for unknown.
    """

    file: str
    what: str
    run: str | None = None
    line: int | None = None
    record: int | None = None


@dataclass(frozen=True, slots=True)
class Unchained:
    """A file that no link names; `old` if its run is older than the chain."""

    file: str
    old: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """Result of a verification; the evidence is intact when there is no finding.

    - `links`, `files`, `records`: numbers of verified objects.
    - `gone`: number of missing files that are older than the retention time.
    - `head`: hash of the newest link.
    - `made`: times of the first and the newest link, ISO 8601.
    - `findings`: deviations.
    - `unchained`: files that no link names.
    - `unrecorded`: runs without a record: they still run, or they were cut off.
    """

    links: int = 0
    files: int = 0
    records: int = 0
    gone: int = 0
    head: str | None = None
    made: tuple[str, str] | None = None
    findings: tuple[Finding, ...] = ()
    unchained: tuple[Unchained, ...] = ()
    unrecorded: tuple[Unrecorded, ...] = ()

    @property
    def intact(self) -> bool:
        """True when nothing was changed, removed, reordered or inserted."""
        return not self.findings

    @property
    def complete(self) -> bool:
        """True when there is a link, and each file and each run that has ended is chained."""
        unchained = any(not one.old for one in self.unchained)
        cut_off = any(not one.alive for one in self.unrecorded)
        return self.links > 0 and not unchained and not cut_off


@dataclass(frozen=True, slots=True)
class _Checked:
    """Result of one link and its files."""

    link: Link | None
    files: int = 0
    records: int = 0
    gone: int = 0
    findings: tuple[Finding, ...] = ()


def verify(store: Store, head: str | None = None, kept_days: int | None = None) -> Verdict:
    """Return the result for the chain and every file that it names.

    - `head`: hash of a link that the chain must contain.
    - `kept_days`: retention time; files of older links may be missing.

    Raises:
        Unavailable: the evidence cannot be read.

    """
    # In this order, files of a concurrent run count as unchained, never as missing.
    keys = [stored.key for stored in store.find(FOLDER)]
    present = {
        stored.key: stored.size for stored in store.find("runs/") if EVIDENCE.search(stored.key)
    }
    numbers = sorted(number for number in map(number_of, keys) if number is not None)
    foreign = [Finding(key, "is no link of the chain") for key in keys if number_of(key) is None]
    since = datetime.now(UTC) - timedelta(days=kept_days) if kept_days is not None else None
    verifier = _Verifier(store, present, since)
    checked = list(map_concurrently(verifier.link, read_links(store, numbers)))
    links = [one.link for one in checked]
    valid = [link for link in links if link]
    named = {file.key for link in valid for file in link.files}
    unnamed = sorted(key for key, size in present.items() if size and key not in named)
    unchained = tuple(_unchained(store, unnamed))
    return Verdict(
        links=len(numbers),
        files=sum(one.files for one in checked),
        records=sum(one.records for one in checked),
        gone=sum(one.gone for one in checked),
        head=valid[-1].hash if valid and links[-1] else None,
        made=(valid[0].made, valid[-1].made) if valid else None,
        findings=(
            *foreign,
            *_gaps(numbers, links),
            *(finding for one in checked for finding in one.findings),
            *_cut_off(valid, head),
            *_removed(numbers, unchained),
        ),
        unchained=unchained,
        unrecorded=unrecorded_runs(store, present),
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
        "unrecorded": [run.document() for run in verdict.unrecorded],
    }


def _gaps(numbers: list[int], links: list[Link | None]) -> Iterator[Finding]:
    """Yield missing links, and links that do not follow the one before."""
    last, before = 0, None
    for number, link in zip(numbers, links, strict=True):
        if number > last + 1:
            yield Finding(key_of(last + 1), f"{_missing('link', last + 1, number)} in the chain")
        elif link and link.previous != (before.hash if before else ORIGIN) and (before or not last):
            text = f"link {last} is not the one that link {number} was made after"
            yield Finding(key_of(max(last, 1)), text, before.run if before else link.run)
        last, before = number, link


def _missing(what: str, first: int, end: int) -> str:
    """Return the text that the numbers from `first` up to `end`, exclusive, are missing."""
    if end == first + 1:
        return f"{what} {first} is missing"
    return f"{what}s {first} to {end - 1} are missing"


def _cut_off(links: list[Link], head: str | None) -> Iterator[Finding]:
    if head is None or any(link.hash == head.lower() for link in links):
        return
    last = f"after link {links[-1].number}" if links else "and is empty"
    yield Finding(FOLDER, f"no link has the hash {head[:12]}: the chain was cut off {last}")


def _removed(numbers: list[int], unchained: Iterable[Unchained]) -> Iterator[Finding]:
    if not numbers and any(not one.old and AUDIT.search(one.file) for one in unchained):
        yield Finding(FOLDER, "holds no link, though runs that make links have left their records")


def _unchained(store: Store, keys: Iterable[str]) -> Iterator[Unchained]:
    """Yield these files; images are as old as the audit records of the same run."""
    firsts = map_concurrently(lambda key: (key, next(whole_lines(store.pieces(key)), b"")), keys)
    predates_chain = {
        key: AUDIT.search(key) and SCHEMA.encode() not in first for key, first in firsts
    }
    old = {key.rpartition("/")[0] for key, predates in predates_chain.items() if predates}
    for key in predates_chain:
        yield Unchained(key, old=key.rpartition("/")[0] in old)


@dataclass(frozen=True, slots=True)
class _Verifier:
    store: Store
    present: Mapping[str, int]
    since: datetime | None

    def link(self, numbered: tuple[int, bytes]) -> _Checked:
        """Return the result of a link, given as number and body, and its files."""
        number, body = numbered
        link = Link.of(body)
        if link is None:
            finding = Finding(key_of(number), f"link {number} of the chain was changed")
            return _Checked(None, findings=(finding,))
        if link.number != number:
            text = f"holds link {link.number}, not link {number} of the chain"
            return _Checked(None, findings=(Finding(key_of(number), text, link.run),))
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
        digest, is_audit = LineDigest(), AUDIT.search(file.key) is not None
        pieces = self.store.pieces(file.key)
        findings: list[Finding] = []
        if is_audit:
            for finding in _records(link.run, file, digest.through(whole_lines(pieces))):
                findings += [finding] if len(findings) < _MOST_FINDINGS else []
        else:
            deque(digest.through(pieces), maxlen=0)
        actual = digest.file(file.key)
        if actual.sha256 != file.sha256 and not findings:
            text = f"was changed: it is not the file that link {link.number} names"
            findings = [Finding(file.key, text, link.run)]
        return _Checked(link, records=actual.lines if is_audit else 0, findings=tuple(findings))


def _records(run: str, file: File, lines: Iterable[bytes]) -> Iterator[Finding]:
    """Yield the lines of an audit file that differ from the records written to it."""
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
            text = _missing("record", last + 1, number)
            yield Finding(file.key, f"{text} before this line", run, at, last + 1)
        elif previous and record.values.get("previous") != previous:
            yield Finding(file.key, f"record {number} follows another one", run, at, number)
        last, previous = number, record.hash
    if last < file.lines:
        text = _missing("record", last + 1, file.lines + 1)
        yield Finding(file.key, f"{text} at the end", run, None, last + 1)
