from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.datasphere.answer import NotFound
from datasphere_glue.datasphere.catalog import NEW_ROOT, OLD_ROOT, PAGE, ListedAsset, TenantCatalog
from datasphere_glue.datasphere.client import Unreachable
from datasphere_glue.errors import (
    CredentialsRejected,
    DocumentError,
    ListingIncomplete,
    OutOfTime,
    SpaceForbidden,
)
from tests.unit.datasphere.fakes import URL, FakeTenant, Reply, Seen, World, client_of

ASSETS = f"{NEW_ROOT}/spaces('S')/assets"
SPACES = f"{NEW_ROOT}/spaces"


@dataclass(frozen=True)
class Server:
    """A paged list; `size`: rows of a page at most; `link`: absolute, relative or none."""

    names: tuple[str, ...]
    size: int = 500
    link: str = "none"
    counts: bool = False
    skips: bool = True

    def __call__(self, seen: Seen) -> Reply:
        skip = int(seen.query.get("$skip", 0)) if self.skips else 0
        start = skip + int(seen.query.get("$skiptoken", 0))
        end = min(start + min(self.size, int(seen.query.get("$top", self.size))), len(self.names))
        page: dict[str, Any] = {"value": [{"name": name} for name in self.names[start:end]]}
        if self.counts and seen.query.get("$count") == "true":
            page["@odata.count"] = len(self.names)
        if end < len(self.names) and self.link != "none":
            query = urlencode(seen.query | {"$skiptoken": str(end - skip)})
            full = f"{seen.url.partition('?')[0]}?{query}"
            page["@odata.nextLink"] = full if self.link == "absolute" else f"assets?{query}"
        return Reply(page)


def _names(count: int) -> tuple[str, ...]:
    return tuple(f"A{number:04}" for number in range(count))


def _read(tenant: FakeTenant) -> tuple[tuple[str, ...], str | None]:
    assets, cause = TenantCatalog(client_of(tenant)).assets("S")
    return tuple(asset.name for asset in assets), None if cause is None else cause.message


def _page(*names: str, **controls: Any) -> Reply:
    annotations = {f"@odata.{name}": value for name, value in controls.items()}
    return Reply({"value": [{"name": name} for name in names], **annotations})


@given(
    count=st.integers(0, 40),
    size=st.sampled_from([1, 2, 3, 7, 10, 40, 500]),
    link=st.sampled_from(["none", "absolute", "relative"]),
    counts=st.booleans(),
)
def test_every_correct_kind_of_paging_gives_the_complete_list(
    count: int, size: int, link: str, *, counts: bool
) -> None:
    tenant = FakeTenant(World())
    tenant.on(ASSETS, Server(_names(count), size, link, counts))
    assert _read(tenant) == (_names(count), None)


@given(
    count=st.integers(0, 40), size=st.sampled_from([1, 7, 10, 39, 500]), link=st.sampled_from("nr")
)
def test_a_list_is_complete_only_with_all_counted_entries(count: int, size: int, link: str) -> None:
    tenant = FakeTenant(World())
    kind = {"n": "none", "r": "relative"}[link]
    tenant.on(ASSETS, Server(_names(count), size, kind, counts=True, skips=False))
    names, reason = _read(tenant)
    assert (reason is None) == (names == _names(count))


def test_several_pages_are_read_without_links_or_count(tenant: FakeTenant) -> None:
    tenant.on(ASSETS, Server(_names(2 * PAGE + 1)))
    assert _read(tenant) == (_names(2 * PAGE + 1), None)


def test_the_request_asks_for_full_pages_and_the_count(tenant: FakeTenant) -> None:
    tenant.on(ASSETS, Server(_names(3), counts=True))
    _read(tenant)
    assert tenant.seen[-1].query == {"$top": "500", "$skip": "0", "$count": "true"}
    assert len(tenant.paths()) == 1


@pytest.mark.parametrize(
    ("replies", "names", "reason"),
    [
        ((_page("A", nextLink=f"{URL}{ASSETS}?$top=500&$skip=0&$count=true"),), "A", "leads back"),
        ((_page("A", nextLink="?p=2"), _page("B", nextLink="?p=2")), "AB", "leads back"),
        ((_page("A", count=3), _page(count=3)), "A", "counts 3 entries and gave 1"),
        ((_page(count=2),), "", "counts 2 entries and gave 0"),
        ((_page(count="2"),), "", "counts 2 entries and gave 0"),
        ((_page("A", nextLink="?p=2"), Reply({}, 503)), "A", "page 2 was lost"),
        ((_page("A", nextLink="?p=2"), Reply({}, 403)), "A", "page 2 was lost"),
        ((_page("A", nextLink="?p=2"), Reply({}, 404)), "A", "page 2 was lost"),
        ((_page("A", nextLink="?p=2"), Reply({}, 400)), "A", "page 2 was lost"),
        ((_page("A", nextLink="?p=2"), Reply(b"<html>")), "A", "page 2 was lost"),
        ((_page("A", nextLink="?p=2"), Reply(b'{"value": [')), "A", "page 2 was lost"),
        ((_page("A", nextLink="?p=2"), Reply({"value": None})), "A", "page 2 has no array"),
        ((_page("A", nextLink="//evil.example/x"),), "A", "leads to evil.example"),
        ((_page("A", nextLink=f"{URL}:1/x"),), "A", "not to the tenant"),
        ((Reply({"value": [{"name": "A"}, {}]}), _page()), "A", "without a name"),
        ((Reply({"value": [{"name": "A"}, {"name": ""}]}), _page()), "A", "without a name"),
        ((Reply({"value": [{"name": "A"}, {"name": 7}]}), _page()), "A", "without a name"),
        ((Reply({"value": [{"name": "A"}, "B", None]}), _page()), "A", "without a name"),
        ((_page("A", "A"), _page()), "A", "lists a name twice"),
        ((_page("A", "B"), _page("B", "C"), _page()), "ABC", "lists a name twice"),
    ],
)
def test_an_incomplete_list_has_its_entries_and_the_reason(
    tenant: FakeTenant, replies: tuple[Reply, ...], names: str, reason: str
) -> None:
    tenant.on(ASSETS, *replies)
    entries, message = _read(tenant)
    assert "".join(entries) == names
    assert message is not None
    assert reason in message


@pytest.mark.parametrize("shown", [PAGE, 10])
def test_a_repeated_page_of_a_documented_size_is_an_incomplete_list(
    tenant: FakeTenant, shown: int
) -> None:
    tenant.on(ASSETS, Server(_names(2 * shown), shown, skips=False))
    assert _read(tenant) == (_names(shown), "the server ignores $skip")


def test_a_short_list_of_a_server_without_skip_is_complete(tenant: FakeTenant) -> None:
    tenant.on(ASSETS, Server(_names(7), skips=False))
    assert _read(tenant) == (_names(7), None)


def test_reading_a_list_of_nameless_entries_ends_early(tenant: FakeTenant) -> None:
    tenant.on(ASSETS, Reply({"value": [{"label": "nameless"}]}))
    assert _read(tenant) == ((), "the server lists an entry without a name")
    assert len(tenant.paths()) == 2


def test_an_empty_page_with_a_link_is_not_the_end(tenant: FakeTenant) -> None:
    tenant.on(ASSETS, _page(nextLink="?p=2"), _page("A"), _page())
    assert _read(tenant) == (("A",), None)


def test_a_link_without_the_odata_prefix_is_followed(tenant: FakeTenant) -> None:
    first = Reply({"@nextLink": "?p=2", "@count": 2, "value": [{"name": "A"}]})
    tenant.on(ASSETS, first, _page("B"))
    assert _read(tenant) == (("A", "B"), None)


def test_a_bare_array_is_a_list(tenant: FakeTenant) -> None:
    tenant.on(ASSETS, Reply([{"name": "B"}, {"name": "A"}]), Reply([]))
    assert _read(tenant) == (("A", "B"), None)


def test_a_server_that_rejects_options_is_read_by_its_own_paging(tenant: FakeTenant) -> None:
    def without_options(seen: Seen) -> Reply:
        if "$top" in seen.query:
            return Reply({"error": {"message": "$top is not supported"}}, 400)
        return Server(_names(25), 10, "relative")(seen)

    tenant.on(ASSETS, without_options)
    assert _read(tenant) == (_names(25), None)


def test_a_list_that_is_rejected_with_and_without_options_is_an_error(tenant: FakeTenant) -> None:
    tenant.on(ASSETS, Reply({}, 400))
    with pytest.raises(Exception, match="HTTP 400"):
        _read(tenant)
    assert len(tenant.paths()) == 2


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply({}, 403), SpaceForbidden),
        (Reply({}, 404), NotFound),
        (Reply({}, 503), Unreachable),
        (Reply({"value": "none"}), DocumentError),
        (Reply({"other": []}), DocumentError),
        (Reply({}, 401), CredentialsRejected),
    ],
)
def test_a_first_page_that_cannot_be_read_is_an_error(
    tenant: FakeTenant, reply: Reply, error: type[Exception]
) -> None:
    tenant.on(ASSETS, reply)
    with pytest.raises(error):
        _read(tenant)


def test_a_rejected_identity_ends_the_listing(tenant: FakeTenant) -> None:
    tenant.on(ASSETS, _page("A", nextLink="?p=2"), Reply({}, 401))
    with pytest.raises(CredentialsRejected):
        _read(tenant)


def test_a_list_cut_off_by_the_deadline_has_the_entries_read_so_far(tenant: FakeTenant) -> None:
    rate_limited = Reply({}, 429, {"Retry-After": "50"})
    tenant.on(ASSETS, _page("A", nextLink="?p=2"), rate_limited)
    client = client_of(tenant, until=tenant.world.time + 30.0)
    assets, cause = TenantCatalog(client).assets("S")
    assert [asset.name for asset in assets] == ["A"]
    assert isinstance(cause, OutOfTime)


# Spaces


def test_spaces_are_sorted_and_have_labels(tenant: FakeTenant) -> None:
    rows = [{"name": "B", "label": "Vertrieb & Süd"}, {"name": "A", "label": ""}, {"name": "_"}]
    tenant.on(SPACES, Reply({"value": rows}), Reply({"value": []}))
    spaces = TenantCatalog(client_of(tenant)).spaces()
    assert [(s.name, s.label) for s in spaces] == [
        ("A", None),
        ("B", "Vertrieb & Süd"),
        ("_", None),
    ]


def test_a_tenant_without_the_new_path_is_read_through_the_old_path(tenant: FakeTenant) -> None:
    tenant.on(f"{OLD_ROOT}/spaces", _page("S", count=1))
    tenant.on(f"{OLD_ROOT}/spaces('S')/assets", _page("A", count=1))
    catalog = TenantCatalog(client_of(tenant))
    assert [space.name for space in catalog.spaces()] == ["S"]
    assert [asset.name for asset in catalog.assets("S")[0]] == ["A"]
    assert tenant.paths() == [SPACES, f"{OLD_ROOT}/spaces", f"{OLD_ROOT}/spaces('S')/assets"]


def test_a_tenant_without_either_path_is_an_error(tenant: FakeTenant) -> None:
    with pytest.raises(NotFound):
        TenantCatalog(client_of(tenant)).spaces()


@pytest.mark.parametrize(
    "replies", [(_page(count=1),), (_page("A", nextLink="?p=2"), Reply({}, 503))]
)
def test_an_incomplete_list_of_spaces_is_an_error(
    tenant: FakeTenant, replies: tuple[Reply, ...]
) -> None:
    tenant.on(SPACES, *replies)
    with pytest.raises(ListingIncomplete):
        TenantCatalog(client_of(tenant)).spaces()


# Names and addresses


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_any_name_of_a_space_reaches_the_tenant_as_an_odata_key(name: str) -> None:
    tenant = FakeTenant(World())
    path = f"{NEW_ROOT}/spaces('{name.replace(chr(39), chr(39) * 2)}')/assets"
    tenant.on(path, _page("A", count=1))
    assets, cause = TenantCatalog(client_of(tenant)).assets(name)
    assert ([asset.name for asset in assets], cause) == (["A"], None)


def _only(tenant: FakeTenant, **row: Any) -> ListedAsset:
    tenant.on(ASSETS, Reply({"@odata.count": 1, "value": [{"name": "A.B C/ü", **row}]}))
    return TenantCatalog(client_of(tenant)).assets("S")[0][0]


def test_addresses_are_read_from_the_payload_under_either_prefix(tenant: FakeTenant) -> None:
    listed = _only(
        tenant,
        label="L",
        assetRelationalMetadataUrl=f"{URL}/api/v1/dwc/r/$metadata",
        assetAnalyticalMetadataUrl=f"{URL}/api/v1/datasphere/a/$metadata",
    )
    assert listed == ListedAsset(
        "S",
        "A.B C/ü",
        "L",
        f"{URL}/api/v1/dwc/r/$metadata",
        f"{URL}/api/v1/datasphere/a/$metadata",
    )


def test_a_missing_service_remains_missing(tenant: FakeTenant) -> None:
    listed = _only(
        tenant, assetRelationalMetadataUrl=None, assetAnalyticalMetadataUrl="/a/$metadata"
    )
    assert (listed.relational_url, listed.analytical_url) == (None, "/a/$metadata")
    assert not listed.guessed


@pytest.mark.parametrize("analytical", [True, False])
def test_missing_addresses_are_built(tenant: FakeTenant, *, analytical: bool) -> None:
    listed = _only(tenant, supportsAnalyticalQueries=analytical)
    tail = "S/A.B%20C%2F%C3%BC/$metadata"
    root = "/api/v1/datasphere/consumption"
    assert listed.guessed
    assert listed.relational_url == f"{root}/relational/{tail}"
    assert listed.analytical_url == (f"{root}/analytical/{tail}" if analytical else None)
