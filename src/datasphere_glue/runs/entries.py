"""Collects the entries of a run's selection and rules, each with its place."""

from collections.abc import Iterable, Iterator

from datasphere_glue.config import MappingConfig
from datasphere_glue.config.settings import Settings
from datasphere_glue.events.request import Request, Trigger
from datasphere_glue.mapping.entries import Entry, Form, Role
from datasphere_glue.model.scope import patterns


def entries_of(request: Request, settings: Settings, mapping: MappingConfig) -> tuple[Entry, ...]:
    """Return what people wrote about names: in the request, the settings and the configuration.

    What a change event names is no entry: an asset that is not there is the news itself.
    """
    asked = () if request.trigger is Trigger.CHANGE else _requested(request)
    return (*asked, *_selection(settings, mapping), *_rules(mapping))


def _requested(request: Request) -> Iterator[Entry]:
    for space in sorted(request.spaces):
        yield Entry("spaces", space, Role.REQUEST, Form.SPACE)
    for space, asset in sorted(request.assets):
        yield Entry("assets", f"{space}.{asset}", Role.REQUEST, Form.ASSET)


def _selection(settings: Settings, mapping: MappingConfig) -> Iterator[Entry]:
    for place, setting, role in (
        ("SYNC_SPACES", settings.spaces, Role.SELECTION),
        ("SYNC_EXCLUDE", settings.exclude, Role.EXCLUSION),
    ):
        yield from (Entry(place, text, role, Form.SCOPE) for text in patterns(setting))
    selection = mapping.selection
    yield from _numbered("selection.include", selection.include, Role.FILTER, Form.SCOPE)
    yield from _numbered("selection.exclude", selection.exclude, Role.EXCLUSION, Form.SCOPE)


def _rules(mapping: MappingConfig) -> Iterator[Entry]:
    for place, texts, form in (
        ("naming.databases", mapping.naming.databases, Form.SPACE),
        ("types", mapping.types, Form.TYPE),
        ("columns", mapping.columns, Form.COLUMN),
        ("annotations", mapping.annotations, Form.TERM),
        ("conflicts", mapping.conflicts, Form.FIELD),
    ):
        yield from (Entry(place, text, Role.RULE, form) for text in texts)
    for number, context in enumerate(mapping.context):
        place = f"context[{number}]"
        yield Entry(place, context.asset, Role.RULE, Form.NAME, context.column)
    yield from _numbered("adopt", mapping.adopt, Role.RULE, Form.SCOPE)
    yield from _numbered("gone_spaces", mapping.gone_spaces, Role.RULE, Form.SPACE)
    for place, rules in (("requirements", mapping.requirements), ("bindings", mapping.bindings)):
        yield from _numbered(place, [rule.asset for rule in rules], Role.RULE, Form.NAME)


def _numbered(place: str, texts: Iterable[str], role: Role, form: Form) -> Iterator[Entry]:
    for number, text in enumerate(texts):
        yield Entry(f"{place}[{number}]", text, role, form)
