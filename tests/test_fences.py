"""The architecture as rules that a machine runs: who imports whom, what is pure, what is small."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from datasphere_glue import errors
from datasphere_glue.config.settings import SETTING_NAMES

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "datasphere_glue"
MODULES = sorted(PACKAGE.rglob("*.py"))

# A word names a room with all its modules; a dotted word names one module of it, or a part of a
# large room. A room's own modules may always import each other.
MAY_IMPORT = {
    "__init__": set(),
    "__main__": {"cli"},
    "handler": {"bootstrap", "runs", "events", "outcome", "secrecy", "errors"},
    "cli": {"commands", "outcome", "secrecy", "errors"},
    "commands": {
        "runs",
        "bootstrap",
        "aws",
        "browse",
        "report",
        "evidence",
        "outcome",
        "storage",
        "events",
        "config",
        "mapping",
        "plan",
        "model",
        "text_layout",
        "secrecy",
        "errors",
    },
    "runs": {
        "browse",
        "report",
        "evidence",
        "outcome",
        "storage",
        "events",
        "config",
        "mapping",
        "plan",
        "model",
        "secrecy",
        "errors",
    },
    "bootstrap": {
        "runs.observer",
        "runs.ports",
        "datasphere",
        "glue",
        "aws",
        "outcome",
        "config",
        "model",
        "errors",
    },
    "aws": {"config", "datasphere", "storage", "secrecy", "errors"},
    "browse": {"mapping", "model", "text_layout", "errors"},
    "report": {
        "evidence",
        "outcome",
        "storage",
        "plan",
        "model",
        "text_layout",
        "secrecy",
        "errors",
    },
    "evidence": {"outcome", "storage", "plan", "model", "secrecy", "errors"},
    "outcome": {"storage", "plan", "model", "text_layout", "errors"},
    "storage": {"plan", "model", "secrecy", "errors"},
    "events": {"model", "errors"},
    "config": {"mapping", "plan", "model", "errors"},
    "datasphere": {
        "model.asset",
        "model.asset_parts",
        "model.auxiliary",
        "model.element",
        "model.listing",
        "model.sap_type",
        "model.issue_codes",
        "model.issues",
        "model.near_names",
        "model.odata_name",
        "model.scope",
        "model.term_globs",
        "model.wanted",
        "secrecy",
        "errors",
    },
    "glue": {
        "aws",
        "model.table",
        "model.glue_keys",
        "model.packed_names",
        "model.request_body",
        "model.issue_codes",
        "model.issues",
        "plan.actions",
        "plan.change",
        "plan.stages",
        "errors",
    },
    "mapping": {"model", "errors"},
    "plan": {"model", "errors"},
    "model": set(),
    "text_layout": set(),
    "errors": {"model.issue_codes", "secrecy"},
    "secrecy": set(),
}
MAY_USE = {
    "boto3": {"aws", "bootstrap"},
    "botocore": {"glue", "aws", "bootstrap"},
    "mypy_boto3_glue": {"glue", "aws"},
    "mypy_boto3_s3": {"aws"},
    "mypy_boto3_sts": {"aws"},
    "requests": {"datasphere"},
    "urllib3": {"datasphere"},
    "defusedxml": {"datasphere"},
    "xml": {"datasphere"},
    "pydantic": {"config", "events", "plan"},
    "pydantic_core": {"plan"},
    "ruamel": {"config"},
    "rich": {"commands"},
    "openlineage": {"browse"},
    "aws_lambda_powertools": {"handler", "runs", "aws"},
}
PURE = ("model", "mapping", "plan")
PARSERS = ("datasphere/csn", "datasphere/odata", "datasphere/flows", "datasphere/exports")
"""Parts of a room that are pure: they import nothing that does I/O, and none imports another, but
that flows and exported files hold CSN."""
USED_PARSERS = {
    "datasphere/flows": ("datasphere.csn.",),
    "datasphere/exports": ("datasphere.csn.", "datasphere.issues.", "model.issues."),
}
OUTSIDE_WORLD = {
    "asyncio",
    "http",
    "io",
    "logging",
    "os",
    "pathlib",
    "random",
    "secrets",
    "shutil",
    "socket",
    "subprocess",
    "sys",
    "tempfile",
    "threading",
    "time",
    "uuid",
}
MATCHED_ENUMS = {
    *("AuxiliaryKind", "ChangeAction", "ChangeKind", "Kind", "OutcomeStatus", "RunAction"),
    *("RunStep", "Severity", "Status"),
}
"""Enums that are mapped by `match` with `assert_never`, so that mypy names a missing member."""

LONGEST_MODULE = 400
LONGEST_FUNCTION = 60


def name_of(path: Path) -> str:
    return str(path.relative_to(PACKAGE)).removesuffix(".py")


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """Return all nodes of a module's syntax tree, read once for all rules."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))))


def imports(path: Path) -> Iterator[str]:
    """Yield the dotted name of everything that a module imports, wherever in it."""
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}:{node.lineno} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own_imports(path: Path) -> Iterator[str]:
    for name in imports(path):
        head, _, rest = name.partition(".")
        if head == "datasphere_glue":
            yield rest


def allowed(target: str, room: str) -> bool:
    """Tell whether a room may import a name such as `model.asset.Kind`."""
    parts = target.split(".")
    if parts[0] in {room, "__version__"}:
        return True
    return parts[0] in MAY_IMPORT[room] or ".".join(parts[:2]) in MAY_IMPORT[room]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in nodes_of(path):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of a function without its docstring."""
    lines = (function.end_lineno or 0) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is None:
        return lines
    return lines - ((first.end_lineno or 0) - first.lineno + 1)


def every_error() -> list[type[errors.SyncError]]:
    found, waiting = [], [errors.SyncError]
    while waiting:
        kind = waiting.pop()
        if kind.__module__ == errors.__name__:
            found.append(kind)
        waiting += kind.__subclasses__()
    return sorted(found, key=lambda kind: kind.__name__)


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_every_room_of_the_design_exists(room: str) -> None:
    assert (PACKAGE / room).is_dir() or (PACKAGE / f"{room}.py").is_file()


def test_no_room_is_unknown_to_the_table_of_directions() -> None:
    assert {room_of(path) for path in MODULES} == set(MAY_IMPORT)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_go_in_the_allowed_direction(path: Path) -> None:
    room = room_of(path)
    assert [name for name in own_imports(path) if not allowed(name, room)] == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_libraries_stay_at_the_edge_that_needs_them(path: Path) -> None:
    used = {name.split(".")[0] for name in imports(path)}
    room = room_of(path)
    assert sorted(lib for lib in used & set(MAY_USE) if room not in MAY_USE[lib]) == []


def parser_of(path: Path) -> str | None:
    """Return the parser that a module is part of, None for all other modules."""
    return next((part for part in PARSERS if name_of(path).startswith(part + "/")), None)


@pytest.mark.parametrize("path", [p for p in MODULES if parser_of(p)], ids=name_of)
def test_a_parser_imports_only_itself_values_and_the_model(path: Path) -> None:
    part = str(parser_of(path)).replace("/", ".")
    shared = ("datasphere.values.", "datasphere.column_names.", "datasphere.readable.")
    names = (
        *("asset", "asset_parts", "auxiliary", "element"),
        *("odata_name", "sap_type", "term_globs"),
    )
    values = tuple(f"model.{name}." for name in names)
    used = USED_PARSERS.get(str(parser_of(path)), ())
    may = (f"{part}.", *shared, *values, *used, "errors.")
    assert [name for name in own_imports(path) if not name.startswith(may)] == []


@pytest.mark.parametrize(
    "path", [p for p in MODULES if room_of(p) in PURE or parser_of(p)], ids=name_of
)
def test_a_pure_room_knows_no_clock_no_chance_and_no_outside_world(path: Path) -> None:
    assert {name.split(".")[0] for name in imports(path)} & OUTSIDE_WORLD == set()
    calls = [node.func for node in nodes_of(path) if isinstance(node, ast.Call)]
    assert [
        c.attr
        for c in calls
        if isinstance(c, ast.Attribute) and c.attr in {"now", "utcnow", "today"}
    ] == []
    assert [c.id for c in calls if isinstance(c, ast.Name) and c.id in {"open", "input"}] == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_the_human_door_and_the_report_print(path: Path) -> None:
    prints = [
        node.lineno
        for node in nodes_of(path)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]
    assert room_of(path) in {"cli", "report"} or prints == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_dict_is_keyed_by_members_of_an_enum_that_is_matched(path: Path) -> None:
    keys = (key for node in nodes_of(path) if isinstance(node, ast.Dict) for key in node.keys)
    owners = (key.value for key in keys if isinstance(key, ast.Attribute))
    assert [
        one.lineno for one in owners if isinstance(one, ast.Name) and one.id in MATCHED_ENUMS
    ] == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_and_functions_stay_small_enough_to_read(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE
    assert {f.name: length(f) for f in functions(path) if length(f) > LONGEST_FUNCTION} == {}


def test_the_tree_in_the_docstring_of_errors_is_the_tree_of_classes() -> None:
    drawn = re.findall(r"^( {4}[ |`-]*)([A-Z]\w+)(?:  |$)", errors.__doc__ or "", re.MULTILINE)
    parents: dict[str, str | None] = {}
    above: list[tuple[int, str]] = []
    for branch, name in drawn:
        depth = len(branch)
        above = [entry for entry in above if entry[0] < depth]
        parents[name] = above[-1][1] if above else None
        above.append((depth, name))
    real = {
        kind.__name__: None if kind is errors.SyncError else kind.__bases__[0].__name__
        for kind in every_error()
    }
    assert parents == real


@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.__name__)
def test_every_error_has_a_code_of_its_own_and_a_remedy(kind: type[errors.SyncError]) -> None:
    assert re.fullmatch(r"[A-Z][A-Z_]+", kind.code)
    assert [k.__name__ for k in every_error() if k.code == kind.code] == [kind.__name__]
    assert kind.code.remedy


def test_the_docs_name_every_setting_and_every_error_code() -> None:
    words = {
        page: set(re.findall(r"[A-Z][A-Z_]+", (ROOT / "docs" / page).read_text(encoding="utf-8")))
        for page in ("reference/settings.md", "errors/index.md")
    }
    assert set(SETTING_NAMES) - words["reference/settings.md"] == set()
    assert {kind.code for kind in every_error()} - words["errors/index.md"] == set()
