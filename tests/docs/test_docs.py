"""The documentation matches the code: generated pages, links, commands, settings and codes."""

import ast
import json
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import click
import pytest
from ruamel.yaml import YAML

from datasphere_glue import errors
from datasphere_glue.cli import commands
from datasphere_glue.config.settings import SETTING_NAMES
from datasphere_glue.events import parsing
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.run_action import RunAction
from tests import test_fences as fences
from tools import config_schema, issue_index, reference, reference_shown, type_table

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = ROOT / "docs"
SOURCE: Final = ROOT / "src" / "datasphere_glue"
CATALOGUE: Final = SOURCE / "model" / "issue_codes.py"
REMEDIES: Final = SOURCE / "model" / "remedies.py"
PAGES: Final = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md")))
NAMES: Final = tuple(page.relative_to(ROOT).as_posix() for page in PAGES)
REFERENCE: Final = reference.pages()
GENERATED: Final = frozenset(
    {
        *(f"docs/reference/{page}" for page in (*REFERENCE, "shown.md")),
        *("docs/types.md", "docs/performance.md", "docs/errors/index.md"),
    }
)
FENCE: Final = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK: Final = re.compile(r"\]\(([^)\s]+)\)")
CODE: Final = re.compile(r"`([^`\n]+)`")
LINE: Final = re.compile(r"^\s*(?:\$ )?datasphere-glue ((?:.*\\\n)*.*)$", re.MULTILINE)
INLINE: Final = re.compile(r"`datasphere-glue(?:\s+([^`]+))?`")
SETTING: Final = re.compile(
    r"\b(?:(?:DATASPHERE|GLUE|SYNC|ORPHAN|MAX|REPORT|LINEAGE|NOTIFICATION)_[A-Z]+(?:_[A-Z]+)*)\b"
)
UPPER: Final = re.compile(r"[A-Z]+(?:_[A-Z]+)*")
# Upper-case words with the form of a setting that are none, each for its own reason.
OTHERS: Final = frozenset(
    {
        "DATASPHERE_GLUE_PROFILE",  # chooses where settings come from
        "GLUE_SYNC",  # a user's name in an example
    }
)
PARAMETER: Final = re.compile(r"([A-Z][a-z]+(?:[A-Z0-9][A-Za-z0-9]*)+)(?:=.*)?$")
# Words with the form of a parameter that are none.
OTHER_NAMES: Final = frozenset(
    {
        *("AssetsLeft", "AssetsRead", "AssetsReused", "OldestRead", "ClientDaysLeft"),  # metrics
        *("LagMinutes", "SpacesIncomplete", "DatabasesCreated", "TablesCreated", "RunSUCCESS"),
        "DatasphereGlue",  # the namespace of the metrics
        *("GetDatabase", "UpdateTable", "DeleteObject", "PutObject"),  # actions of AWS
        *("LayerVersionArn", "PassThrough"),  # words of AWS
        *("DatasetEvent", "JobEvent", "RunEvent"),  # of OpenLineage
        *("CalculatedMeasure", "StoryFilter"),  # of SAP's business layers
        *("ChangeAction", "CurrentTable", "RunContext", "TableChange"),  # classes
    }
)


def content(name: str) -> str:
    """Return the text of a page by its path in the project."""
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(REFERENCE))
def test_a_generated_page_matches_the_code(name: str) -> None:
    assert (reference.FOLDER / name).read_text("utf-8") == REFERENCE[name], (
        "make reference writes it anew"
    )


def test_the_other_generated_files_match_the_code() -> None:
    assert type_table.PAGE.read_text("utf-8") == type_table.page()
    assert config_schema.PAGE.read_text("utf-8") == config_schema.page()


@pytest.mark.ci_only
def test_every_shown_output_comes_from_a_run() -> None:
    outputs = reference_shown.outputs()
    stored = {path.name: path.read_text("utf-8") for path in reference_shown.SHOWN.iterdir()}
    assert stored == outputs, "make reference writes them anew"
    assert reference_shown.PAGE.read_text("utf-8") == reference_shown.page(outputs)


@pytest.mark.ci_only
def test_the_picture_of_the_demo_comes_from_a_run() -> None:
    assert reference_shown.PICTURE.read_text("utf-8") == reference_shown.picture(), (
        "make reference writes it anew"
    )


def documented_commands(text: str) -> Iterator[str]:
    """Yield the arguments of each `datasphere-glue` command on a page."""
    for block in FENCE.findall(text):
        for line in LINE.findall(block):
            yield line.replace("\\\n", " ")
    for line in INLINE.findall(FENCE.sub("", text).replace("\n", " ")):
        yield line


def problem(line: str) -> str | None:
    """Return what is wrong with a command line, without carrying it out."""
    plain = re.split(r" (?:>>?|\|) |;", line.replace("<", "").replace(">", " > "))[0]
    words = shlex.split(plain, comments=True)
    here: click.Command = commands
    while isinstance(here, click.Group) and words and not words[0].startswith("-"):
        name = words.pop(0)
        if "|" in name:
            unknown = [one for one in name.split("|") if one not in here.commands]
            return f"no command {', '.join(unknown)}" if unknown else None
        if name.isupper():
            return None
        if name not in here.commands:
            return f"no command {name}"
        here = here.commands[name]
    accepted = {flag for one in here.params for flag in (*one.opts, *one.secondary_opts)}
    accepted |= {"-h", "--help"}
    flags = [word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)]
    unknown = [flag for flag in flags if flag not in accepted]
    return f"no option {', '.join(unknown)}" if unknown else None


@pytest.mark.parametrize("name", NAMES)
def test_every_documented_command_exists_with_its_options(name: str) -> None:
    wrong = [
        (line, why)
        for line in documented_commands(content(name))
        if (why := problem(line)) is not None
    ]
    assert not wrong


@pytest.mark.parametrize(
    "line",
    ["sink", "sync --spcae SALES", "config chekc mapping.yaml", "audit verfy", "config a|check"],
)
def test_a_mistyped_command_is_detected(line: str) -> None:
    assert problem(line)


def plain_text(page: str) -> str:
    """Return the prose of a page: without blocks, code and links' targets."""
    return LINK.sub("]", CODE.sub("", FENCE.sub("", page)))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in GENERATED])
def test_a_page_uses_standard_words(name: str) -> None:
    text = plain_text(content(name))
    assert re.findall(r"\b(?:tells?|told|says?|said|whoever|be it|come to an end)\b", text) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_documented_setting_exists(name: str) -> None:
    mentioned = {word for code in CODE.findall(content(name)) for word in SETTING.findall(code)}
    assert mentioned - OTHERS - set(IssueCode) <= set(SETTING_NAMES)


def anchors(text: str) -> set[str]:
    """Return the anchors of the headings of a page, as a code host and the site make them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.strip().replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("name", NAMES)
def test_every_relative_link_leads_somewhere(name: str) -> None:
    wrong = []
    for link in LINK.findall(FENCE.sub("", content(name))):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = link.partition("#")
        path = (ROOT / name).parent / file if file else ROOT / name
        deep = bool(anchor) and path.suffix == ".md" and path.exists()
        if not path.exists() or (deep and anchor not in anchors(path.read_text("utf-8"))):
            wrong.append(link)
    assert not wrong


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    pages = {page.stem for page in (DOCS / "errors").glob("*.md")} - {"index"}
    assert pages == set(IssueCode)


def test_every_code_of_the_catalogue_is_used() -> None:
    text = "".join(path.read_text("utf-8") for path in SOURCE.rglob("*.py"))
    used = set(re.findall(r"IssueCode\.([A-Z_]+)", text.replace(CATALOGUE.read_text("utf-8"), "")))
    assert used == set(IssueCode)


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: path.stem)
def test_no_code_is_written_as_text(path: Path) -> None:
    if path in {CATALOGUE, REMEDIES}:
        return
    texts = {node.value for node in fences.nodes_of(path) if isinstance(node, ast.Constant)}
    assert texts & set(IssueCode) <= {"HALTED"}, "a status has this name, too"


@pytest.mark.parametrize("code", IssueCode)
def test_a_page_begins_with_the_meaning_of_its_code(code: IssueCode) -> None:
    assert issue_index.headline(code).endswith(f": {code.meaning}.*")


def test_the_architecture_names_every_package() -> None:
    page = content("docs/guide/architecture.md").partition("\n## Rooms\n")[2].partition("\n## ")[0]
    rooms = set(fences.MAY_IMPORT) - {"__init__", "__main__"}
    assert {
        name for code in CODE.findall(page) for name in [re.sub(r"(\.py|/)$", "", code)]
    } >= rooms


def test_the_guide_to_the_command_line_shows_every_command() -> None:
    guide = content("docs/guide/command-line.md")
    leaves = [
        path for path, command in reference.every_command() if not isinstance(command, click.Group)
    ]
    assert len(leaves) > 15
    assert [path for path in leaves if path not in guide] == []


def test_pictures_need_no_network() -> None:
    for picture in DOCS.rglob("*.svg"):
        assert not re.search(r"url\(\s*[\"']?https?:|@import", picture.read_text("utf-8"))


@cache
def named(stack: str, *parts: str) -> set[str]:
    """Return the names that these parts of a template define."""
    reader = YAML(typ="safe")
    reader.constructor.add_multi_constructor("!", lambda *_: None)
    template = reader.load(content(stack))
    return {name for part in parts for name in template.get(part, ())}


@pytest.mark.parametrize("name", NAMES)
def test_every_documented_parameter_exists(name: str) -> None:
    mentioned = {
        match[1] for code in CODE.findall(content(name)) if (match := PARAMETER.match(code))
    }
    parts = ("Parameters", "Outputs", "Resources")
    declared = named("template.yaml", *parts) | named("catalog-role.yaml", *parts)
    assert mentioned - OTHER_NAMES <= declared


def test_every_parameter_of_the_other_account_is_documented() -> None:
    parameters = named("catalog-role.yaml", "Parameters")
    assert parameters
    assert not [name for name in parameters if name not in content("docs/cross-account.md")]


def words(text: str) -> set[str]:
    """Return the words of a text that carry its meaning."""
    return set(re.findall(r"[a-z_:]{4,}", re.sub(r"\(see .*?\)", "", text.lower())))


@pytest.mark.parametrize("code", sorted(kind.code for kind in fences.every_error()))
def test_an_error_page_contains_the_remedy(code: IssueCode) -> None:
    page = content(code.page)
    documented = words(page.partition("**What to do.**")[2].partition("**How to check.**")[0])
    expected = words(code.remedy)
    assert len(expected - documented) <= len(expected) // 4, sorted(expected - documented)


def test_what_the_readme_shows_of_a_table_comes_from_a_run() -> None:
    lines = content("docs/shown/show.txt").splitlines()
    columns, _, table = re.findall(
        r"^```text\n(.*?)^```$", content("README.md"), re.MULTILINE | re.DOTALL
    )
    assert set(table.splitlines()) <= set(lines)
    for name, kind, label in (re.split(r"\s{2,}", line) for line in columns.splitlines()):
        (row,) = (line for line in lines if f" {name} " in line and kind in line)
        assert row.endswith(f"  {label}")


def test_the_page_of_events_describes_every_field() -> None:
    page = content("docs/guide/events.md")
    with pytest.raises(errors.EventError) as refusal:
        parsing.parse({"nobody": "knows this"})
    fields = refusal.value.message.partition(" has ")[2].split(", ")
    assert "rollback_of" in fields
    assert not [field for field in fields if f"| `{field}` |" not in page]
    assert not [action for action in RunAction if f"`{action}`" not in page]


def test_the_documented_events_are_valid() -> None:
    blocks = re.findall(
        r"^```json\n(.*?)^```$", content("docs/guide/events.md"), re.MULTILINE | re.DOTALL
    )
    requests = [parsing.parse(json.loads(block)) for block in blocks]
    assert [(str(one.action), str(one.trigger)) for one in requests] == [
        ("plan", "manual"),
        ("sync", "change"),
    ]


def test_the_page_of_events_describes_every_key_of_a_result() -> None:
    table = content("docs/guide/events.md").partition("\n## The result\n")[2]
    documented = {
        code
        for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
        for code in CODE.findall(row)
    }
    result = json.loads(content("docs/shown/result.txt").partition("\n")[2])
    assert set(result) == documented
