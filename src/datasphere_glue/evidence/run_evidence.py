"""Proves the record of a run by the links that hold the SHA-256 of each of its files."""

import re
from collections.abc import Mapping
from typing import Final

from datasphere_glue.errors import EvidenceAltered
from datasphere_glue.evidence.before_images import read_changes
from datasphere_glue.evidence.chain import FOLDER, Link, number_of, read_links
from datasphere_glue.plan.change import Change
from datasphere_glue.storage.store import Store

_IMAGES: Final = re.compile(r"(parts/[^/]+/)?(before|applied)(\.\d+)?\.jsonl")
"""Files of a run that a rollback reads, below its folder."""


def evidence_of(store: Store, run_id: str) -> tuple[tuple[Change, ...], bool]:
    """Return every change that a run made or may have made, and whether the chain proves them.

    Runs older than the chain are not proven.

    Raises:
        EventError: no before-image of the run is stored.
        EvidenceAltered: the record does not match the chain, or the chain itself is broken.
        Unavailable: the record or the chain cannot be read.

    """
    recorded = read_changes(store, run_id)
    evidence = _Evidence(store, f"runs/{run_id}/", recorded.files)
    return recorded.changes, evidence.proven()


class _Evidence:
    """The files that record the changes of a run, by key with the SHA-256 of each."""

    def __init__(self, store: Store, folder: str, files: Mapping[str, str]) -> None:
        self._store = store
        self._folder = folder
        self._files = files
        self._present = {stored.key for stored in store.find(folder) if stored.size}

    def proven(self) -> bool:
        """Return whether links name all of these files.

        The chain must be sound from its newest link to the oldest one that names a file. The links
        before it are checked as well: an added link may contradict an earlier one.
        """
        numbers = (number_of(stored.key) for stored in self._store.find(FOLDER))
        waiting = set(self._files)
        expected: tuple[int, str] | None = None
        for number, body in read_links(self._store, sorted(filter(None, numbers), reverse=True)):
            link = Link.of(body)
            sound = link and link.number == number and expected in {None, (number, link.hash)}
            if waiting and not sound:
                raise EvidenceAltered(f"the audit chain is broken at link {number}")
            if link:
                self._check(link)
                waiting -= {file.key for file in link.files}
                expected = (number - 1, link.previous)
        return not waiting

    def _check(self, link: Link) -> None:
        """Raise EvidenceAltered if a file of the run differs from a link, or is missing."""
        for file in link.files:
            problem = None
            image = _IMAGES.fullmatch(file.key.removeprefix(self._folder))
            if self._files.get(file.key, file.sha256) != file.sha256:
                problem = "is not what it was"
            elif image and file.key not in self._present:
                problem = "is missing, but existed"
            if problem:
                place = self._store.location(file.key)
                when = f"when link {link.number} of the audit chain was made"
                raise EvidenceAltered(f"{place} {problem} {when}")
