"""Laws over random histories of changes in a tenant, edits in the console and runs."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from pydantic import TypeAdapter

from datasphere_glue.mapping.tables import to_tables
from datasphere_glue.model.applied import applied_digests, digest
from datasphere_glue.model.asset import Asset, Kind
from datasphere_glue.model.element import Element
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.sap_type import SapType
from datasphere_glue.model.scope import Scope
from datasphere_glue.model.table import Catalog, CurrentTable, Table, parameters
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import Plan
from datasphere_glue.plan.diff import diff
from datasphere_glue.plan.guard import GuardLimits, allowance, objections
from datasphere_glue.plan.merge import fields
from datasphere_glue.plan.policy import (
    FieldPolicy,
    OrphanPolicy,
    Policy,
    RenamePolicy,
    SchemaChange,
    SchemaPolicy,
)
from tests.effort import examples
from tests.laws.catalog import applied
from tests.unit.samples import POLICY, RULES, TENANT

PLANS = TypeAdapter(Plan)
NAMES = st.sampled_from([f"V_{letter}" for letter in "ABCDEFGH"])
COLUMNS = st.sampled_from(["Net Amount", "Gross", "Day", "Region", "Customer"])
TEXTS = st.sampled_from(["Orders", "Invoices", "Net", "by hand", "explained", ""])
TYPES = st.sampled_from(
    [
        SapType("cds.Integer"),
        SapType("cds.Integer64"),
        SapType("cds.String", length=10),
        SapType("cds.String", length=20),
        SapType("cds.Decimal", precision=17, scale=2),
        SapType("cds.Date"),
    ]
)
ELEMENTS = st.lists(
    st.builds(Element, name=COLUMNS, type=TYPES, label=TEXTS),
    min_size=1,
    max_size=4,
    unique_by=lambda element: element.name,
).map(tuple)
FIELD_POLICIES = st.sampled_from(
    [
        (),
        (("description", FieldPolicy.SOURCE),),
        (("columns.*.comment", FieldPolicy.CATALOG),),
        (("parameters.datasphere.label", FieldPolicy.MERGE),),
        (("columns.*.parameters.datasphere.label", FieldPolicy.MERGE),),
        (("description", FieldPolicy.FAIL),),
    ]
)
SCHEMA_POLICIES = st.lists(
    st.tuples(st.sampled_from(SchemaChange), st.sampled_from(SchemaPolicy)),
    max_size=2,
    unique_by=lambda pair: pair[0],
).map(tuple)
POLICIES = st.builds(
    replace,
    st.just(POLICY),
    orphans=st.sampled_from(OrphanPolicy),
    renames=st.sampled_from(RenamePolicy),
    fields=FIELD_POLICIES,
    schema=SCHEMA_POLICIES,
)


def is_foreign(key: str) -> bool:
    return key.startswith("human.")


class History(RuleBasedStateMachine):
    """One space of a tenant and its database, through any sequence of events."""

    def __init__(self) -> None:
        super().__init__()
        self.assets: dict[str, Asset] = {}
        self.catalog = Catalog()
        self.today = POLICY.today
        self.stamps = Counter[str]()

    @initialize(names=st.sets(NAMES, min_size=3, max_size=6), data=st.data())
    def begin(self, names: set[str], data: st.DataObject) -> None:
        """Start from a catalog that was synced once; an empty one exercises few paths."""
        for name in sorted(names):
            elements = data.draw(ELEMENTS)
            self.assets[name] = Asset("SALES", name, Kind.VIEW, label=name, elements=elements)
        self.policy = POLICY
        self.catalog = applied(self._planned(self._listing("whole"), self.catalog), self.catalog)

    @rule(name=NAMES, elements=ELEMENTS, label=TEXTS)
    def deploy(self, name: str, elements: tuple[Element, ...], label: str) -> None:
        self.assets[name] = Asset("SALES", name, Kind.VIEW, label=label, elements=elements)

    @precondition(lambda self: self.assets)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        del self.assets[self._asset(data)]

    @precondition(lambda self: self.assets)
    @rule(data=st.data(), name=NAMES)
    def rename(self, data: st.DataObject, name: str) -> None:
        asset = self.assets.pop(self._asset(data))
        self.assets[name] = replace(asset, name=name)

    @precondition(lambda self: self.assets)
    @rule(data=st.data(), label=TEXTS)
    def relabel(self, data: st.DataObject, label: str) -> None:
        name = self._asset(data)
        self.assets[name] = replace(self.assets[name], label=label)

    @precondition(lambda self: any(asset.elements for asset in self.assets.values()))
    @rule(data=st.data(), column=COLUMNS, kind=TYPES, label=TEXTS)
    def change_a_column(self, data: st.DataObject, column: str, kind: SapType, label: str) -> None:
        name = data.draw(st.sampled_from(sorted(n for n, a in self.assets.items() if a.elements)))
        first, *others = self.assets[name].elements
        aspect = data.draw(st.sampled_from(["name", "type", "label", "order"]))
        if aspect == "name" and column not in {element.name for element in others}:
            first = replace(first, name=column)
        elif aspect == "type":
            first = replace(first, type=kind)
        elif aspect == "label":
            first = replace(first, label=label)
        changed = (*others, first) if aspect == "order" else (first, *others)
        self.assets[name] = replace(self.assets[name], elements=changed)

    @precondition(lambda self: self.catalog.tables)
    @rule(data=st.data(), text=TEXTS)
    def a_person_edits_a_text(self, data: st.DataObject, text: str) -> None:
        table = self._table(data)
        column = data.draw(st.integers(-1, len(table.columns) - 1))
        if column < 0:
            self._put(replace(table, description=text))
        else:
            columns = list(table.columns)
            columns[column] = replace(columns[column], comment=text)
            self._put(replace(table, columns=tuple(columns)))

    @precondition(lambda self: self.catalog.tables)
    @rule(data=st.data(), what=st.sampled_from(["key", "column key", "retention", "label"]))
    def a_person_adds_something(self, data: st.DataObject, what: str) -> None:
        table = self._table(data)
        self.stamps["all"] += 1
        stamp = {f"human.{self.stamps['all']}": "yes"}
        if what == "key":
            table = replace(table, parameters=parameters(dict(table.parameters) | stamp))
        elif what == "retention":
            table = replace(table, rest=f'{{"Owner":"jane","Retention":{self.stamps["all"]}}}')
        elif what == "label":
            table = table.with_parameters(label="typed over")
        elif table.columns:
            first, *others = table.columns
            first = replace(first, parameters=parameters(dict(first.parameters) | stamp))
            table = replace(table, columns=(first, *others))
        self._put(table)

    @rule(days=st.sampled_from([1, 20, 31]))
    def time_passes(self, days: int) -> None:
        self.today += timedelta(days)

    @rule(
        policy=POLICIES,
        reading=st.sampled_from(["whole", "whole", "cut off", "unproven", "unread"]),
        percent=st.sampled_from([10, 100, 100]),
        chance=st.randoms(use_true_random=False),
        confirmed=st.booleans(),
    )
    def sync(
        self, *, policy: Policy, reading: str, percent: int, chance: Random, confirmed: bool
    ) -> None:
        self.policy = replace(
            policy,
            today=self.today,
            gone_spaces=frozenset({"SALES"} if confirmed and not self.assets else ()),
        )
        listing = self._listing(reading)
        before, limits = self.catalog, GuardLimits(percent)
        plan = self._planned(listing, before)
        against = objections(plan, before, tenant=TENANT, limits=limits)
        self._check_digest(plan, listing, chance)
        self._check_removals(plan, reading, objected=bool(against), limits=limits)
        if against:
            return
        self.catalog = applied(plan, before)
        self._check_people(plan, before)
        self._check_conflicts(plan)
        again = self._planned(listing, self.catalog)
        assert again.empty, again.changes
        assert len(again.skipped) == len(plan.skipped)

    @invariant()
    def no_database_is_ever_lost(self) -> None:
        if self.catalog.tables:
            assert [database.name for database in self.catalog.databases] == ["datasphere_sales"]

    @invariant()
    def what_glue_would_refuse_is_never_written(self) -> None:
        for current in self.catalog.tables:
            names = [column.name for column in current.table.columns]
            assert len(names) == len(set(names))

    def _asset(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(sorted(self.assets)))

    def _table(self, data: st.DataObject) -> Table:
        return data.draw(st.sampled_from([current.table for current in self.catalog.tables]))

    def _put(self, table: Table) -> None:
        self.catalog = replace(
            self.catalog,
            tables=tuple(
                replace(c, table=table, version_id=str(int(c.version_id or 0) + 1))
                if c.table.name == table.name
                else c
                for c in self.catalog.tables
            ),
        )

    def _listing(self, reading: str) -> SpaceListing:
        assets = tuple(self.assets[name] for name in sorted(self.assets))
        whole = SpaceListing("SALES", "Sales", assets, frozenset(self.assets))
        lost = Issue(IssueCode.LISTING_INCOMPLETE, "page 2 lost", "none", space="SALES")
        if reading == "cut off":
            return replace(whole, assets=assets[:1], listed=frozenset(), incomplete=lost)
        if reading == "unproven":
            return replace(whole, unproven=frozenset({Kind.VIEW}))
        if reading == "unread":
            return replace(whole, assets=assets[1:])
        return whole

    def _planned(self, listing: SpaceListing, catalog: Catalog) -> Plan:
        self.desired = to_tables([listing], RULES, catalog)
        return diff(self.desired, catalog, scope=Scope(), policy=self.policy)

    def _check_digest(self, plan: Plan, listing: SpaceListing, chance: Random) -> None:
        assert PLANS.validate_json(PLANS.dump_json(plan)).digest == plan.digest
        tables, assets = list(self.catalog.tables), list(listing.assets)
        chance.shuffle(tables)
        chance.shuffle(assets)
        mixed = replace(self.catalog, tables=tuple(tables))
        other = replace(listing, assets=tuple(assets))
        assert self._planned(other, mixed).digest == plan.digest

    def _check_removals(
        self, plan: Plan, reading: str, *, objected: bool, limits: GuardLimits
    ) -> None:
        removals = [
            c for c in plan.tables if c.action in {ChangeAction.DEPRECATE, ChangeAction.DELETE}
        ]
        assert not (removals and reading in {"cut off", "unproven"})
        assert not [c for c in removals if c.asset in self.assets]
        owned = [current.table for current in self.catalog.tables]
        active = [table for table in owned if not table.deprecated]
        for action, of in ((ChangeAction.DEPRECATE, active), (ChangeAction.DELETE, owned)):
            going = sum(change.action is action for change in removals)
            if going and not objected and "SALES" not in self.policy.gone_spaces:
                assert going <= allowance(len(of), limits)
                assert going < len(of)
        for change in removals:
            if change.action is ChangeAction.DELETE:
                assert self.policy.orphans is OrphanPolicy.DELETE
                assert change.before is not None
                since = change.before.parameter("datasphere.deprecated_on") or "9999"
                assert since <= (self.today - timedelta(self.policy.grace)).isoformat()

    def _check_people(self, plan: Plan, before: Catalog) -> None:
        now = {current.table.name: current.table for current in self.catalog.tables}
        heirs = {
            change.renamed.before: now[change.table]
            for change in plan.tables
            if change.action is ChangeAction.CREATE and change.renamed and change.renamed.followed
        }
        for current in before.tables:
            for later in (now.get(current.table.name), heirs.get(current.table.asset[1])):
                if later is not None:
                    self._check_additions(current, later)

    def _check_additions(self, current: CurrentTable, later: Table) -> None:
        was = current.table
        human = {pair for pair in was.parameters if is_foreign(pair[0])}
        assert human <= set(later.parameters)
        assert later.rest == was.rest
        columns = {column.name: column for column in later.columns}
        for column in was.columns:
            if column.name in columns:
                keys = {pair for pair in column.parameters if is_foreign(pair[0])}
                assert keys <= set(columns[column.name].parameters)

        if self.policy.fields == () and later.name == was.name:
            self._check_texts(was, later)

    def _check_texts(self, was: Table, later: Table) -> None:
        """Check that texts that a person edited stay as edited, whatever the source holds."""
        applied_before, now = applied_digests(was), fields(later)
        for path, text in fields(was).items():
            is_text = path == "description" or path.endswith(".comment")
            edited = path in applied_before and digest(text) != applied_before[path]
            if is_text and edited and path in now:
                assert (now[path] or "") == (text or "")

    def _check_conflicts(self, plan: Plan) -> None:
        now = {current.table.name: fields(current.table) for current in self.catalog.tables}
        for conflict in plan.conflicts:
            stands = now[conflict.table or ""].get(conflict.field)
            assert (stands or "") == (
                (conflict.catalog if conflict.kept else conflict.source) or ""
            )
            assert (conflict.catalog or "") != (conflict.source or "")


TestHistory = History.TestCase
TestHistory.settings = examples(35, stateful_step_count=25, deadline=None)
