"""A small world on the eve of a run in which every kind of write occurs, and what must hold then.

The catalog was synced, then people worked in it and the tenant changed: one asset is new, two are
changed (one of them was edited in Glue, too), one is gone, one is gone for long; the space has
another label, and there is a new one. The catalog also holds foreign databases and tables.
"""

import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from datasphere_glue import bootstrap
from datasphere_glue.events.parsing import parse
from datasphere_glue.outcome.run import result_value
from datasphere_glue.runs import lifecycle
from datasphere_glue.runs.ports import Caller
from local.catalog.embedded import EmbeddedCatalog
from local.catalog.faults import Call
from local.catalog.store import Snapshot
from local.tenant.embedded import Clockwork, EmbeddedTenant, RecordedRequest
from local.tenant.store import Space
from tests.functional import unhurried
from tests.functional.aged import aged
from tests.functional.before import age, change, first_spaces, work_in_glue
from tests.functional.content import (
    Content,
    asset_of,
    change_of,
    content_of,
    differing,
    own,
    strays,
)

TOKEN = "embedded-token"
"""How every token of the embedded tenant begins."""

FOREIGN = (
    *("analytics", "analytics.clicks", "datasphere_sales.handmade"),
    "datasphere_sales.a_backup_of_v_edited",
)
EDITED = "datasphere_sales.v_edited"
LOADED = "datasphere_sales.t_rates"
"""The table that a data flow loads. Flows are optional, so it may keep what it held of them."""

RECORD = "runs/long-ago/audit.jsonl"
"""The audit file of the run that deprecated a table long ago."""

_RAW_TYPE = ".parameters.datasphere.type"

GOOD = {"SUCCESS", "NO_CHANGES"}
KINDS = {
    "token": r"/oauth/token",
    "spaces": r".*/catalog/spaces",
    "assets": r".*/catalog/spaces\('\w+'\)/assets",
    "metadata": r".*/\$metadata",
    "list of tables": r"/dwaas-core/api/v1/spaces/\w+/(localtables|remotetables)",
    "list of models": r"/dwaas-core/api/v1/spaces/\w+/(views|analyticmodels)",
    "list of flows": r"/dwaas-core/api/v1/spaces/\w+/(\w+flows|taskchains|dataaccesscontrols)",
    "flow": r"/dwaas-core/api/v1/spaces/\w+/dataflows/\w+",
    "definition": r"/dwaas-core/api/v1/spaces/\w+/\w+/\w+",
}
SEGMENTS = (
    *("localtables", "remotetables", "views", "analyticmodels"),
    *("dataflows", "replicationflows", "transformationflows"),
    *("taskchains", "dataaccesscontrols"),
)
PARTS = ("first", "middle and last")
"""Which calls of a kind go wrong in one run."""


@dataclass(frozen=True)
class Place:
    """One call of the undisturbed run: its kind, what identifies it, and what it is about."""

    kind: str
    target: str
    about: tuple[str, ...] = ()

    @property
    def pattern(self) -> re.Pattern[str]:
        """Match exactly this request to the tenant."""
        return re.compile(re.escape(self.target) + "$")


class Patience:
    """How the tenant waits before an answer that is late: in real time, or by calling `instead`."""

    def __init__(self) -> None:
        self.instead: Callable[[float], object] | None = None
        self.over = Event()

    def __call__(self, seconds: float) -> None:
        """Return when that time is over, or the whole world is."""
        (self.instead or self.over.wait)(seconds)


@dataclass
class Eve:
    """The world before the run, how it must be afterwards, and what the run requests."""

    tenant: EmbeddedTenant
    catalog: EmbeddedCatalog
    reports: Path
    patience: Patience
    state: Snapshot = field(default_factory=dict)
    spaces: tuple[Space, ...] = ()
    before: Content = field(default_factory=dict)
    end: Content = field(default_factory=dict)
    places: dict[str, list[Place]] = field(default_factory=dict)
    proven: set[str] = field(default_factory=set)
    writes: int = 0
    record: bytes = b""
    seen: dict[Any, Any] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)
    clients: dict[str, Any] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """Return the day that deprecations of this run bear."""
        return datetime.now(UTC).date()

    def aws(self, service: str) -> Any:
        """Return the one client of a service that this world uses for itself."""
        if service not in self.clients:
            self.clients[service] = self.catalog.client(service)
        return self.clients[service]

    def keep_secret(self, name: str) -> None:
        """Keep the tenant's OAuth client in Secrets Manager."""
        client = {"client_id": self.tenant.client_id, "client_secret": self.tenant.client_secret}
        self.aws("secretsmanager").create_secret(Name=name, SecretString=json.dumps(client))

    @property
    def environment(self) -> dict[str, str]:
        """Return settings that lead to both sides, with the OAuth client itself."""
        return {
            **self.catalog.environment,
            "DATASPHERE_URL": self.tenant.url,
            "DATASPHERE_TOKEN_URL": self.tenant.token_url,
            "DATASPHERE_CLIENT_ID": self.tenant.client_id,
            "DATASPHERE_CLIENT_SECRET": self.tenant.client_secret,
            "DATASPHERE_REQUESTS_PER_MINUTE": "100000",
            "ORPHAN_POLICY": "delete",
            "REPORT_URI": str(self._new_reports()),
        }

    def _new_reports(self) -> Path:
        """Return a folder for reports, with the record of the deprecation of long ago."""
        folder = self.reports / str(next(self.numbers))
        if self.record:
            path = folder / RECORD
            path.parent.mkdir(parents=True)
            path.write_bytes(self.record)
        return folder

    def reset(self) -> None:
        """Restore the catalog of the eve and remove all faults."""
        self.patience.instead = None
        self.tenant.faults.clear()
        self.tenant.requests.clear()
        self.catalog.latency = 0.0
        self.catalog.reset()
        self.catalog.restore(self.state)

    def rewind(self) -> None:
        """Restore the tenant of the eve."""
        for space in self.spaces:
            self.tenant.spaces.add_space(space)
        self.reset()

    def run(self, seconds: float | None = None, **settings: str) -> dict[str, Any]:
        """Carry out one run that never waits between tries and ends after so many seconds."""
        until = float("inf") if seconds is None else time.monotonic() + seconds
        caller = Caller(until=until, sleep=lambda _: None)
        environment = self.environment | settings
        answer = result_value(
            lifecycle.execute_run(lambda: parse({}), environment, caller, bootstrap)
        )
        self.assert_no_secret(answer, environment["REPORT_URI"])
        return answer

    def assert_no_secret(self, answer: Mapping[str, Any], reports: str = "") -> None:
        """Assert that the result and the files of a run hold no secret."""
        files = Path(reports).rglob("*") if reports and not reports.startswith("s3:") else ()
        texts = [json.dumps(answer), *(f.read_text() for f in files if f.is_file())]
        for text in texts:
            assert self.tenant.client_secret not in text
            assert TOKEN not in text
            assert "Bearer" not in text

    def content(self) -> Content:
        """Return every database and table as it is now, without what Glue sets by itself."""
        return {name: own(value) for name, value in self.raw().items()}

    def raw(self) -> Content:
        """Return every database and every table as it is now."""
        return content_of(self.catalog.snapshot())

    def at(self, kind: str, part: str) -> tuple[Place, ...]:
        """Return the first call of a kind, or its middle and its last one."""
        places = self.places[kind]
        chosen = (0,) if part == "first" else (len(places) // 2, len(places) - 1)
        return tuple(dict.fromkeys(places[number] for number in chosen))

    def ends(self, kind: str) -> tuple[Place, ...]:
        """Return the first, the middle and the last call of a kind."""
        return tuple(dict.fromkeys(place for part in PARTS for place in self.at(kind, part)))

    def was_requested(self, place: Place) -> bool:
        """Return whether the tenant received a request at a place."""
        return any(place.pattern.fullmatch(_target(one)) for one in self.tenant.requests)

    def once(self, key: Any, act: Callable[[], Any]) -> Any:
        """Return the result of an act, from the cache if it ran before with the same key."""
        if key not in self.seen:
            self.seen[key] = act()
        return self.seen[key]

    def judge(
        self, answer: Mapping[str, Any], about: Iterable[Sequence[str]] = (), *, whole: bool = True
    ) -> None:
        """Assert everything that must hold after any run.

        Of the word lists of `about`, an error of a run that did not succeed holds one whole list.
        Unless `whole`, not all was read of some assets: each fact of their tables is as before or
        as it shall be, and a new table may lack some.
        """
        content = self.content()
        self._truthful(answer, content, about)
        self._counted(answer, content)
        self.unharmed(whole=whole)

    def unharmed(self, *, whole: bool = True) -> None:
        """Assert that the catalog is in a valid state, and that the next run completes it."""
        content = self.content()
        self._nothing_else(content, whole=whole)
        self._others_untouched(content)
        self._healed(content)

    def _nothing_else(self, content: Content, *, whole: bool) -> None:
        for name in {*self.before, *self.end, *content}:
            was, shall, now = (one.get(name) for one in (self.before, self.end, content))
            if now in (was, shall):
                continue
            assert now is not None, f"{name} is gone"
            astray = strays(now, was or {}, shall or {})
            if was is None and not whole:  # the definition alone names types in its own terms
                astray = [fact for fact in astray if not fact.endswith(_RAW_TYPE)]
            message = f"{name} is neither as before nor as it shall be: {astray}"
            assert not whole, message
            assert not astray, message
        assets = Counter(asset_of(value) for name, value in content.items() if name not in FOREIGN)
        assert not [asset for asset, number in assets.items() if asset and number > 1]

    def _others_untouched(self, content: Content) -> None:
        raw, original = self.raw(), content_of(self.state)
        for name in FOREIGN:
            assert raw.get(name) == original[name], f"{name} belongs to others"
        table = content[EDITED]
        first = table["StorageDescriptor"]["Columns"][0]
        assert table["Description"] == "What analysts call it"
        assert table["Parameters"]["team"] == "sales ops"
        assert table["Retention"] == 30
        assert (first["Comment"], first["Parameters"]["pii"]) == ("Explained by a person", "no")
        sales = content["datasphere_sales"]
        assert (sales["LocationUri"], sales["Parameters"]["team"]) == ("s3://lake/sales", "ops")

    def _truthful(
        self, answer: Mapping[str, Any], content: Content, about: Iterable[Sequence[str]]
    ) -> None:
        if answer["status"] in GOOD:
            apart = differing(content, self.end)
            if LOADED in apart and self._flows_refused(answer):
                apart.remove(LOADED)
            if apart:
                claim = f"{answer['status']}, but {apart} differ"
                assert not set(apart) & set(self.before), claim
                assert self._not_offered(answer), claim
            return
        errors = answer["errors"]
        assert errors, f"{answer['status']} without a word"
        assert all(e["message"] and e["remedy"] and e["asset"] and e["code"] for e in errors)
        messages = [f"{e['asset']} {e['message']}" for e in errors]
        lists = tuple(about) or ((),)
        assert any(all(word in text for word in words) for text in messages for words in lists), (
            messages
        )

    def _flows_refused(self, answer: Mapping[str, Any]) -> bool:
        """Return whether a run notes that the tenant gives no flows, or none that it can read."""
        notes = json.loads(Path(answer["report"]).read_text())["notes"]
        return any(note["code"] in {"OBJECTS_REFUSED", "OBJECT_IN_PART"} for note in notes)

    def _not_offered(self, answer: Mapping[str, Any]) -> bool:
        """Return whether a run reports that the tenant offers one source alone of new objects.

        That is no failure while definitions are optional, or where they replace `$metadata`.
        """
        notes = json.loads(Path(answer["report"]).read_text())["notes"]
        words = ("DEFINITIONS_UNAVAILABLE", "DEFINITION_MISSING", "METADATA_UNREADABLE")
        return any(note["code"] in words or "HTTP 404" in note["message"] for note in notes)

    def _counted(self, answer: Mapping[str, Any], content: Content) -> None:
        """Assert that the counts are true: each change counts as done or as failed."""
        done: Counter[str] = Counter(
            change_of(self.before.get(name, {}), content.get(name, {}))
            for name in {*self.before, *content}
            if "." in name and self.before.get(name) != content.get(name)
        )
        kinds = ("created", "updated", "deprecated", "restored", "deleted")
        reported = {kind: answer["counts"][kind] for kind in kinds}
        real = {kind: done[kind] for kind in kinds}
        assert all(reported[kind] <= real[kind] for kind in kinds), (reported, real)
        assert sum(real.values()) - sum(reported.values()) <= answer["counts"]["failed"], (
            reported,
            real,
        )

    def _healed(self, content: Content) -> None:
        """Assert that the next run, without faults, reaches the expected state.

        It does again nothing that is done.
        """
        key = json.dumps(content, sort_keys=True, default=str)
        if key in self.proven:
            return
        self.tenant.faults.clear()
        self.catalog.faults.clear()
        self.catalog.calls.clear()
        answer = self.run()
        assert answer["status"] == ("NO_CHANGES" if content == self.end else "SUCCESS")
        assert self.content() == self.end
        done = {name for name, value in content.items() if value == self.end.get(name)}
        assert not done & {_written(call) for call in self.catalog.calls.writes}
        self.proven.add(key)


@contextmanager
def eve_of(catalog: EmbeddedCatalog, reports: Path) -> Iterator[Eve]:
    """Give the world, in which boto3's own chain leads to the catalog only while it is prepared."""
    patience = Patience()
    clock = Clockwork(now=lambda: datetime(2026, 6, 1, tzinfo=UTC), sleep=patience)
    with EmbeddedTenant(first_spaces(), clockwork=clock) as tenant:
        eve = Eve(tenant, catalog, reports, patience)
        with pytest.MonkeyPatch.context() as patch:
            for name, value in {**catalog.environment, **unhurried.VARIABLES}.items():
                patch.setenv(name, value)
            for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
                patch.setenv(name, os.devnull)
            patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
            catalog.reset()
            _prepare(eve)
        yield eve
        patience.over.set()
        catalog.reset()


def _prepare(eve: Eve) -> None:
    assert eve.run()["status"] == "SUCCESS"
    store = eve.tenant.spaces
    store.remove("SALES", "V_OLD")
    deprecation = eve.run()
    assert deprecation["counts"]["deprecated"] == 1
    eve.record = aged(Path(deprecation["report"]).with_name("audit.jsonl").read_bytes(), 365)
    work_in_glue(eve.aws("glue"))
    assert eve.run()["status"] == "NO_CHANGES"
    age(eve.aws("glue"))
    eve.state = eve.catalog.snapshot()
    change(store)
    eve.spaces = tuple(
        replace(one, entries=tuple(store.entries(one.name))) for one in store.spaces()
    )
    eve.reset()
    eve.before = eve.content()
    answer = eve.run()
    assert answer["status"] == "SUCCESS", answer["errors"]
    eve.end = eve.content()
    eve.places = _places_by_kind(eve)
    eve.writes = len(eve.catalog.calls.writes)
    assert eve.run()["status"] == "NO_CHANGES"


def _places_by_kind(eve: Eve) -> dict[str, list[Place]]:
    """Return the calls of a run by kind, in a stable order."""
    places: dict[str, set[Place]] = {}
    for request in eve.tenant.requests:
        target = _target(request)
        kind = next(k for k, pattern in KINDS.items() if re.fullmatch(pattern, request.path))
        places.setdefault(kind, set()).add(Place(kind, target, _about(kind, request.path)))
    for call in eve.catalog.calls:
        name = _written(call).rpartition(".")[2]
        about = (f"glue:{call.operation}", name)
        places.setdefault(call.operation, set()).add(Place(call.operation, name, about))
    return {kind: sorted(listed, key=_order) for kind, listed in places.items()}


def _order(place: Place) -> tuple[str, int, str]:
    """Sort lists of objects as they are read: space by space, then kind by kind."""
    head, _, tail = place.target.rpartition("/")
    segment = tail.partition("?")[0]
    return head, SEGMENTS.index(segment) if segment in SEGMENTS else 0, tail


def _written(call: Call) -> str:
    """Return the database or `database.table` that a call to Glue is about."""
    request = call.request
    body = request.get("TableInput") or request.get("DatabaseInput") or request
    names = (request.get("DatabaseName"), body.get("Name"))
    return ".".join(name for name in names if name)


def _target(request: RecordedRequest) -> str:
    options = "&".join(f"{name}={value}" for name, value in request.query.items())
    return f"{request.path}?{options}" if options else request.path


def _about(kind: str, path: str) -> tuple[str, ...]:
    if kind in {"token", "spaces"}:
        return (kind,)
    return tuple(re.findall(r"\b(?:SALES|STOCK|[VT]_[A-Z]+)\b", path))
