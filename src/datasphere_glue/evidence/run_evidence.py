"""What proves the record of a run: the link that holds the SHA-256 of each of its files."""

import re
from collections.abc import Mapping
from typing import Final

from datasphere_glue.errors import EvidenceAltered
from datasphere_glue.evidence.before_images import made_by
from datasphere_glue.evidence.chain import FOLDER, Link, bodies, number_of
from datasphere_glue.plan.change import Change
from datasphere_glue.storage.store import Store

_IMAGES: Final = re.compile(r"(parts/[^/]+/)?(before|applied)(\.\d+)?\.jsonl")
"""What is read of a run, below its folder."""


def evidence_of(store: Store, run_id: str) -> tuple[tuple[Change, ...], bool]:
    """Return every change that a run made or may have made, and whether the chain holds all of it.

    It does not for runs from before there was a chain.

    Raises:
        EventError: nothing is recorded of that run.
        EvidenceAltered: the record is not what the chain says, or the chain itself is broken.
        Unavailable: the record or the chain cannot be read.

    """
    made = made_by(store, run_id)
    evidence = _Evidence(store, f"runs/{run_id}/", made.files)
    return made.changes, evidence.proven()


class _Evidence:
    """The files that tell what a run made, by key with the SHA-256 of each."""

    def __init__(self, store: Store, folder: str, files: Mapping[str, str]) -> None:
        self._store = store
        self._folder = folder
        self._files = files
        self._kept = {kept.key for kept in store.find(folder) if kept.size}

    def proven(self) -> bool:
        """Tell whether links name all of these files.

        The chain must be sound from its newest link to the last one that this needs. All links
        before it are asked as well, for one that was added later may say what an earlier one
        contradicts.
        """
        numbers = (number_of(kept.key) for kept in self._store.find(FOLDER))
        waiting = set(self._files)
        expected: tuple[int, str] | None = None
        for number, body in bodies(self._store, sorted(filter(None, numbers), reverse=True)):
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
        """Raise EvidenceAltered where a file of the run is not what a link says, or is gone."""
        for file in link.files:
            told = None
            image = _IMAGES.fullmatch(file.key.removeprefix(self._folder))
            if self._files.get(file.key, file.sha256) != file.sha256:
                told = "is not what it was"
            elif image and file.key not in self._kept:
                told = "is missing, which was there"
            if told:
                place = self._store.location(file.key)
                when = f"when link {link.number} of the audit chain was made"
                raise EvidenceAltered(f"{place} {told} {when}")
