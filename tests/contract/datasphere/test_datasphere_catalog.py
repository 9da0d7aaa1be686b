"""Lists are read to a proven end, or are told to be incomplete."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from datasphere_glue.datasphere.catalog import PAGE, TenantCatalog
from datasphere_glue.datasphere.client import Unreachable
from datasphere_glue.errors import CredentialsRejected, DocumentError, OutOfTime
from tests.contract.datasphere.fake_tenant import (
    OLD,
    SPACES,
    URL,
    Answer,
    Reader,
    Reply,
    Seen,
    assets_path,
    page,
)

ASSETS = assets_path("SALES")
NAMES = tuple(f"V_{number:04}" for number in range(1200))


def listed(*answers: Answer) -> tuple[tuple[str, ...], str | None, Reader]:
    reader = Reader()
    reader.tenant.on(ASSETS, *answers)
    assets, cause = TenantCatalog(reader.client).assets("SALES")
    return tuple(asset.name for asset in assets), cause and cause.message, reader


def served(
    *, size: int = 10_000, count: bool = True, links: bool = False, relative: bool = False
) -> Callable[[Seen], Reply]:
    """Return a server of NAMES that caps a page, and counts or links as told."""

    def answer(seen: Seen) -> Reply:
        query = seen.query
        start = int(query.get("$skip", 0)) + int(query.get("$skiptoken", 0))
        wanted = int(query.get("$top", 500))
        end = min(start + min(size, wanted), len(NAMES))
        controls: dict[str, Any] = {"count": len(NAMES)} if count else {}
        left = wanted - (end - start)
        if links and end < len(NAMES) and left > 0:
            done = int(query.get("$skiptoken", 0)) + end - start
            skip = query.get("$skip", "0")
            where = "assets" if relative else f"{URL}{ASSETS}"
            controls["nextLink"] = f"{where}?$top={left}&$skip={skip}&$skiptoken={done}"
        return page(*NAMES[start:end], **controls)

    return answer


@pytest.mark.parametrize("relative", [True, False])
@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("count", [True, False])
@pytest.mark.parametrize("size", [10, 499, 500, 10_000])
def test_every_way_of_paging_ends_with_every_name(
    *, size: int, count: bool, links: bool, relative: bool
) -> None:
    names, cause, _ = listed(served(size=size, count=count, links=links, relative=relative))

    assert names == NAMES
    assert cause is None


def test_the_first_request_asks_for_a_full_page_and_the_count() -> None:
    _, _, reader = listed(page("A", count=1))

    (asked,) = reader.tenant.data
    assert asked.query == {"$top": str(PAGE), "$skip": "0", "$count": "true"}


@pytest.mark.parametrize("body", [{"value": [{"name": "A"}]}, [{"name": "A"}]])
def test_an_object_and_a_bare_list_are_both_understood(body: Any) -> None:
    assert listed(Reply(200, body), page())[:2] == (("A",), None)


@pytest.mark.parametrize(
    ("answers", "names", "cause"),
    [
        ([page("A", count=3), page(count=3)], "A", "counts 3 entries and gave 1"),
        ([page("A", count=3), page("A", count=3)], "A", "counts 3 entries and gave 1"),
        ([page("A", "B", "A", count=3), page(count=3)], "AB", "a name twice"),
        ([page("A", nextLink="?p=2"), page("A", "B")], "AB", "a name twice"),
        ([page("A", nextLink="?p=2"), page("B", nextLink="?p=2")], "AB", "leads back"),
        ([page("A", nextLink=f"{URL}/x"), page("B")], "A", "page 2 was lost: /x: HTTP 404"),
        ([page("A", nextLink="?p=2"), Reply(403)], "A", "page 2 was lost"),
        ([page("A", nextLink="?p=2"), Reply(503)], "A", "page 2 was lost"),
        ([page("A", nextLink="?p=2"), requests.ReadTimeout()], "A", "page 2 was lost"),
        ([page("A", nextLink="?p=2"), Reply(200, b'{"val')], "A", "page 2 was lost"),
        ([page("A", nextLink="?p=2"), Reply(200, {"x": 1})], "A", "page 2 has no array"),
        ([page("A", nextLink="https://evil.example/")], "A", "leads to evil.example"),
        ([Reply(200, [{"name": "A"}, {"label": "B"}]), page()], "A", "without a name"),
        ([Reply(200, [{"name": "A"}, "B"]), page()], "A", "without a name"),
        ([Reply(200, [{"name": "A"}, {"name": ""}]), page()], "A", "without a name"),
        ([Reply(200, [{"name": 5}, {"name": "A"}]), page()], "A", "without a name"),
    ],
)
def test_a_list_without_a_proven_end_says_why_and_keeps_what_was_read(
    answers: list[Answer], names: str, cause: str
) -> None:
    found, told, _ = listed(*answers)

    assert "".join(found) == names
    assert told is not None
    assert cause in told


def test_a_server_that_ignores_skip_is_believed_only_below_a_full_page() -> None:
    assert listed(page("A", "B"))[:2] == (("A", "B"), None)
    names, cause, reader = listed(page(*NAMES[:PAGE]))
    assert len(names) == PAGE
    assert cause == "the server ignores $skip"
    assert len(reader.tenant.data) == 2


def test_where_options_are_refused_the_servers_own_paging_must_do() -> None:
    def answer(seen: Seen) -> Reply:
        if "$top" in seen.query:
            return Reply(400, {"error": {"message": "unknown option"}})
        return page("B") if "page" in seen.query else page("A", nextLink="?page=2")

    assert listed(answer)[:2] == (("A", "B"), None)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Reply(503), Unreachable),
        (Reply(200, {"x": 1}), DocumentError),
        (Reply(200, b"{"), DocumentError),
    ],
)
def test_a_first_page_that_cannot_be_read_is_an_error(
    answer: Answer, error: type[Exception]
) -> None:
    with pytest.raises(error):
        listed(answer)


def test_a_refused_identity_is_never_taken_for_a_lost_page() -> None:
    with pytest.raises(CredentialsRejected):
        listed(page("A", nextLink="?p=2"), Reply(401))


def test_a_list_cut_off_by_the_end_of_the_run_says_so() -> None:
    reader = Reader(until=1001.0)
    reader.tenant.on(ASSETS, page("A", nextLink="?p=2"), Reply(429, headers={"Retry-After": "9"}))

    assets, cause = TenantCatalog(reader.client).assets("SALES")

    assert [asset.name for asset in assets] == ["A"]
    assert isinstance(cause, OutOfTime)


def test_the_old_path_is_asked_where_the_new_one_is_unknown_and_is_remembered() -> None:
    reader = Reader()
    reader.tenant.on(f"{OLD}/spaces", page("SALES", count=1))
    reader.tenant.on(assets_path("SALES", OLD), page("A", count=1))
    catalog = TenantCatalog(reader.client)

    assert [space.name for space in catalog.spaces()] == ["SALES"]
    assert [asset.name for asset in catalog.assets("SALES")[0]] == ["A"]
    assert len(reader.tenant.asked(SPACES)) == 1
    assert [space.name for space in catalog.spaces()] == ["SALES"]
    assert len(reader.tenant.asked(SPACES)) == 1


def test_names_are_quoted_as_odata_keys() -> None:
    reader = Reader()
    reader.tenant.on(assets_path("O''B /%"), page("A", count=1))

    TenantCatalog(reader.client).assets("O'B /%")

    (asked,) = reader.tenant.data
    assert "/spaces('O''B%20%2F%25')/assets?" in asked.url


def test_urls_come_from_the_payload_and_are_built_only_where_it_has_none() -> None:
    reader = Reader()
    given = {"name": "A", "assetRelationalMetadataUrl": f"{URL}/r", "label": "The A"}
    bare = {"name": "B C", "supportsAnalyticalQueries": True, "assetRelationalMetadataUrl": None}
    reader.tenant.on(ASSETS, Reply(200, [given, bare]), page())

    (first, second), _ = TenantCatalog(reader.client).assets("SALES")

    assert (first.label, first.relational_url, first.analytical_url) == ("The A", f"{URL}/r", None)
    root = "/api/v1/datasphere/consumption"
    assert second.relational_url == f"{root}/relational/SALES/B%20C/$metadata"
    assert second.analytical_url == f"{root}/analytical/SALES/B%20C/$metadata"
