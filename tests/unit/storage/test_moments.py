"""Parsing of the moments in records and commands."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from datasphere_glue.storage.moments import moment_of


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-23", datetime(2026, 11, 23, tzinfo=UTC)),
        ("2026-11-23T06:00", datetime(2026, 11, 23, 6, tzinfo=UTC)),
        ("2026-11-23T06:00+01:00", datetime(2026, 11, 23, 6, tzinfo=timezone(timedelta(hours=1)))),
    ],
)
def test_a_moment_without_a_zone_is_in_utc(text: str, moment: datetime) -> None:
    assert moment_of(text) == moment


def test_what_is_no_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="isoformat"):
        moment_of("tomorrow")
