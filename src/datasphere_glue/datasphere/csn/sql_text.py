"""Reads the text that the modeller of a SQL view or table function wrote."""

from typing import Final

from datasphere_glue.datasphere.csn.annotations import CsnAnnotations
from datasphere_glue.datasphere.csn.document import Document
from datasphere_glue.datasphere.csn.terms import SQL_TEXTS

MAX_SQL: Final = 100_000
"""Most characters of a text that are kept: a fourth of what a table may hold."""


def read_sql(document: Document, annotations: CsnAnnotations) -> tuple[str | None, tuple[str, ...]]:
    """Return the text unchanged, None where none is kept, and a note where it is cut."""
    texts = {term: annotations.values.get(term) for term in SQL_TEXTS}
    written = {term: text for term, text in texts.items() if isinstance(text, str)}
    annotations.used.update(written)
    text = next((one for one in written.values() if one.strip()), None)
    if text is None or not document.keeps_sql:
        return None, ()
    if len(text) <= MAX_SQL:
        return text, ()
    return text[:MAX_SQL], (f"its SQL text of {len(text)} characters was cut at {MAX_SQL}",)
