"""What a text reads, in the short form in which the tests write it."""

from datasphere_glue.datasphere.csn.sql.reader import read_sources


def tables(sql: str) -> str:
    """Return the tables of a text that is understood, by a blank, in the order of the text."""
    sources = read_sources(sql)
    assert sources.doubts == ()
    return " ".join(".".join(name) for name in sources.tables)


def doubted(sql: str) -> tuple[str, str]:
    """Return the tables of a text that is not understood in full, and why."""
    sources = read_sources(sql)
    assert sources.doubts
    return " ".join(".".join(name) for name in sources.tables), "; ".join(sources.doubts)
