"""The mapping configuration: valid documents, errors with their line, and the command."""

import json
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.cli import main
from datasphere_glue.config import (
    NONE,
    MappingConfig,
    effective_document,
    parse,
    schema,
    to_yaml,
    with_context,
)
from datasphere_glue.errors import ConfigError
from datasphere_glue.model.asset import Kind
from datasphere_glue.model.auxiliary import AuxiliaryKind
from datasphere_glue.plan.policy import FieldPolicy
from tests.effort import examples
from tools.config_schema import PAGE, page

EXAMPLE = Path(__file__).parents[3] / "docs" / "configuration.example.yaml"
TEXT = EXAMPLE.read_bytes()
SECRET = "hunter2-hunter2"


def error_of(text: str | bytes) -> str:
    """Return the message of the error for an invalid text."""
    with pytest.raises(ConfigError) as caught:
        parse(text.encode() if isinstance(text, str) else text)
    return caught.value.message


def problem(body: str) -> str:
    """Return the one problem of a document with this body, without the headline."""
    (_, line) = error_of(f"version: 1\n{body}\n").splitlines()
    return line.strip()


def test_the_published_example_is_valid_and_uses_every_section() -> None:
    chosen = parse(TEXT)

    unused = set(MappingConfig.model_fields) - chosen.mapping.model_fields_set
    assert unused == {"context_uri"}
    assert b"# context_uri:" in TEXT
    assert chosen.digest == sha256(TEXT).hexdigest()
    assert chosen.mapping.conflicts["description"] is FieldPolicy.CATALOG
    assert chosen.mapping.bindings[0].s3 is not None


def test_the_published_schema_equals_the_schema_of_the_code() -> None:
    """`make reference` generates the file."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_the_schema_has_a_title_and_rejects_unknown_keys() -> None:
    document = schema()

    assert document["$schema"].startswith("https://json-schema.org/")
    assert document["title"] == "datasphere-glue mapping configuration"
    assert set(document["properties"]) == set(MappingConfig.model_fields)
    sections = [document, *document["$defs"].values()]
    assert {one["additionalProperties"] for one in sections if one["type"] == "object"} == {False}


def test_a_document_with_only_a_version_equals_the_defaults() -> None:
    assert parse(b"version: 1").mapping == NONE.mapping
    assert NONE.digest is None


def test_json_and_yaml_are_equivalent() -> None:
    text = json.dumps({"version": 1, "selection": {"exclude": ["HR"]}}, indent=1)

    assert parse(text.encode()).mapping == parse(b"version: 1\nselection: {exclude: [HR]}").mapping


def test_a_byte_order_mark_is_ignored() -> None:
    assert parse(b"\xef\xbb\xbfversion: 1").mapping == NONE.mapping


def test_dates_are_read_as_text() -> None:
    chosen = parse(b"version: 1\ncontext: [{asset: '*', custom: {since: 2026-01-31}}]")

    assert chosen.mapping.context[0].custom == {"since": "2026-01-31"}


@pytest.mark.parametrize("switch", ["off", '"off"', "false", "False"])
def test_a_kind_of_object_is_switched_off_in_any_spelling(switch: str) -> None:
    chosen = parse(f"version: 1\nobjects: {{data_flow: {switch}, task_chain: on}}".encode())
    assert chosen.mapping.objects == {
        AuxiliaryKind.DATA_FLOW: "off",
        AuxiliaryKind.TASK_CHAIN: "on",
    }


@pytest.mark.parametrize("objects", ["{dataflow: off}", "{data_flow: 2}", "[data_flow]"])
def test_an_unknown_kind_or_switch_is_an_error(objects: str) -> None:
    assert "objects" in problem(f"objects: {objects}")


def test_anchors_are_resolved() -> None:
    chosen = parse(
        b"version: 1\ncontext:\n- &a {asset: A, owner: o, tags: [t]}\n- {<<: *a, asset: B}\n"
    )

    assert [(one.asset, one.owner, one.tags) for one in chosen.mapping.context] == [
        ("A", "o", ("t",)),
        ("B", "o", ("t",)),
    ]


def test_all_errors_are_reported_together_with_their_lines() -> None:
    message = error_of(
        """version: 1
naming:
  databases: {SALES: Sales}
types:
  cds.UUID: uuid
selection:
  unexposed: [local_table, veiw]
limits:
  unreadable_percent: 101
bindings:
  - asset: "*"
requirements:
  - require: [label]
"""
    )

    first, *problems = [line.strip() for line in message.splitlines()]
    assert first == "invalid mapping configuration:"
    assert [line.partition(":")[0] for line in problems] == [
        "line 3",
        "line 5",
        "line 7",
        "line 9",
        "line 11",
        "line 13",
    ]
    assert "types.cds.UUID: is not a plain type" in message
    assert "selection.unexposed.1: " in message
    assert "did you mean view?" in message
    assert "bindings.0: needs `s3` or `connection`" in message
    assert "requirements.0.asset: " in message


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("nameing: {}", "line 2: nameing: is not a known key; did you mean naming?"),
        (
            "naming:\n  table_prefx: {}",
            "line 3: naming.table_prefx: is not a known key; did you mean table_prefix?",
        ),
        ("zzzzzz: 1", "line 2: zzzzzz: is not a known key"),
        ("naming: {database_template: fixed}", "line 2: naming.database_template: "),
        ("naming: {database_template: '{tenant}'}", "must hold {space}"),
        ("naming: {databases: {A: x, B: x}}", "line 2: naming.databases: several spaces share x"),
        ("naming: {table_prefix: {view: V-}}", "line 2: naming.table_prefix.view: "),
        ("naming: {table_prefix: {vew: v_}}", "did you mean view?"),
        ("types: {a: 'decimal(10,11)'}", "is not a plain type"),
        ("types: {a: 'varchar(70000)'}", "is not a plain type"),
        ("columns: {'a.b.c': 'array<int>'}", "line 2: columns.a.b.c: is not a plain type"),
        ("conflicts: {x: mine}", "line 2: conflicts.x: "),
        ("schema_changes: {removed: hold}", "did you mean removal?"),
        ("renames: of", "did you mean off?"),
        ("annotations: {a: ower}", "did you mean owner?"),
        ("context: [{owner: x}]", "line 2: context.0.asset: "),
        ("context: [{asset: ''}]", "line 2: context.0.asset: "),
        ("context: [{asset: a, tags: [1]}]", "line 2: context.0.tags.0: "),
        ("context: {asset: a}", "line 2: context: "),
        ("limits: {unreadable_percent: -1}", "line 2: limits.unreadable_percent: "),
        ("bindings: [{asset: a, s3: {location: 's3://b/{x}'}}]", "may hold only {space}"),
        ("bindings: [{asset: a, s3: {location: 's3://b/{space'}}]", "may hold only {space}"),
        ("bindings: [{asset: a, s3: {location: 's3://{space}/x'}}]", "after the bucket"),
        ("bindings: [{asset: a, s3: {location: 's3://a{space}b/x'}}]", "after the bucket"),
        (
            "bindings: [{asset: a, s3: {location: 's3://abc', partitions: [{name: d},{name: D}]}}]",
            "bindings.0.s3.partitions: several partition keys are called d",
        ),
        ("bindings: [{asset: a, s3: {location: /tmp/x}}]", "must be s3://bucket/prefix"),
        ("bindings: [{asset: a, s3: {location: 's3://lake/', format: parket}}]", "did you mean pa"),
    ],
)
def test_each_mistake_is_reported_with_its_place(body: str, expected: str) -> None:
    assert expected in problem(body)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("version: 1\nversion: 1\n", 'line 2: found duplicate key "version"'),
        ("version: 1\ntypes:\n  a: int\n  a: date\n", 'line 4: found duplicate key "a"'),
        ('{"version": 1, "version": 1}', 'duplicate key "version"'),
        ("version: 1\ntypes:\n\ta: int\n", "neither YAML nor JSON: line 3"),
        ("version: [1\n", "neither YAML nor JSON: line "),
        (b"\xff\xfe\x00\x01", "neither YAML nor JSON"),
        (b"version: 1\n\x00", "neither YAML nor JSON"),
        ("", "must be an object with `version: 1`"),
        ("- version: 1\n", "must be an object with `version: 1`"),
        ("just text", "must be an object with `version: 1`"),
        ("naming: {}\n", "version: Field required"),
        ("version: 2\n", "line 1: version: "),
        ("version: 1\n---\nversion: 1\n", "neither YAML nor JSON"),
        ("version: 1\n? [a, b]\n: c\n", "JSON lacks"),
        ("version: 1\nadopt: &a [*a]\n", "line 2: adopt.0: "),
        ("version: 1\ntypes: *missing\n", "neither YAML nor JSON"),
        ("version: !!python/object:os.system 1\n", "version"),
    ],
)
def test_a_text_that_is_not_a_document_is_an_error(text: str | bytes, expected: str) -> None:
    assert expected in error_of(text)


@pytest.mark.parametrize(
    "body",
    [
        f"naming: {{databases: {{A: {SECRET}}}}}",
        f"types: {{a: {SECRET}}}",
        f"renames: {SECRET}",
        f"context: [{{asset: a, tags: {SECRET}}}]",
        f"context: {SECRET}",
        f"limits: {{unreadable_percent: {SECRET}}}",
        f"bindings: [{{asset: a, s3: {{location: {SECRET}}}}}]",
        f"types: {{a: int, a: {SECRET}}}",
    ],
)
def test_no_message_repeats_a_value(body: str) -> None:
    assert SECRET not in error_of(f"version: 1\n{body}\n")


@given(st.binary(max_size=60))
@examples(25)
def test_any_bytes_are_valid_or_a_configuration_error(text: bytes) -> None:
    try:
        chosen = parse(text)
    except ConfigError as error:
        assert error.message  # noqa: PT017 - success and this error are both valid outcomes
    else:
        assert chosen.mapping.version == 1


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8), lambda inner: (
    st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from([*MappingConfig.model_fields, "asset", "s3", "x"]), inner, max_size=3
    )
), max_leaves=8))  # fmt: skip
@examples(25)
def test_any_json_is_valid_or_a_configuration_error(value: object) -> None:
    body = value if isinstance(value, dict) else {"context": value}
    text = json.dumps({"version": 1} | body).encode()
    try:
        chosen = parse(text)
    except ConfigError as error:
        assert error.message  # noqa: PT017 - success and this error are both valid outcomes
    else:
        assert parse(to_yaml(chosen.mapping).encode()).mapping == chosen.mapping.model_copy(
            update={"context_uri": None}
        )


def test_only_equal_texts_have_equal_digests() -> None:
    assert parse(TEXT).digest == parse(TEXT).digest
    assert parse(TEXT).digest != parse(TEXT + b"\n").digest


@pytest.mark.parametrize(
    "text",
    [
        "- {asset: B, owner: b}\n",
        "context: [{asset: B, owner: b}]\n",
        '[{"asset":"B","owner":"b"}]',
    ],
)
def test_a_second_text_is_appended_and_is_part_of_the_digest(text: str) -> None:
    first = parse(b"version: 1\ncontext: [{asset: A}]\ncontext_uri: more.yaml\nadopt: [X]")

    both = with_context(first, text.encode())

    assert [entry.asset for entry in both.mapping.context] == ["A", "B"]
    assert both.mapping.adopt == ("X",)
    assert both.digest not in {None, first.digest}
    assert both.digest == with_context(first, text.encode()).digest
    assert both.digest != with_context(first, text.encode() + b" ").digest


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("version: 1\ncontext: []\n", "must be a list of entries"),
        ("text", "must be a list of entries"),
        ("- {asset: A}\n- {asset: A, ownr: x}\n", "line 2: 1.ownr: is not a known key; did you"),
        ("- {asset: A, owner: x, owner: y}\n", 'line 1: found duplicate key "owner"'),
        ("[", "neither YAML nor JSON"),
    ],
)
def test_an_error_in_the_second_text_is_reported_with_its_place(text: str, expected: str) -> None:
    first = parse(b"version: 1\ncontext_uri: more.yaml")

    with pytest.raises(ConfigError) as caught:
        with_context(first, text.encode())

    assert expected in caught.value.message
    assert "context at more.yaml" in caught.value.message


def test_the_shown_document_is_equivalent() -> None:
    chosen = parse(TEXT)

    assert parse(to_yaml(chosen.mapping).encode()).mapping == chosen.mapping
    assert parse(json.dumps(effective_document(chosen.mapping)).encode()).mapping == chosen.mapping


def test_the_shown_document_has_the_defaults_and_the_original_order() -> None:
    text = to_yaml(parse(b"version: 1\ncolumns: {'z.*': int, 'a.*': date}").mapping)

    assert text.index("z.*") < text.index("a.*")
    assert "renames: follow" in text
    assert f"- {Kind.ANALYTIC_MODEL}" in text


def test_check_reports_a_valid_document_without_any_setting(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["config", "check", str(EXAMPLE)]) == 0

    output = capsys.readouterr().out
    assert output.startswith(f"{EXAMPLE}: valid, 3 context entries, 2 requirements, 3 bindings, ")
    assert output.endswith(f"sha256:{sha256(TEXT).hexdigest()}\n")


def test_check_reports_every_error_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text("version: 1\nnameing: {}\nrenames: of\n")

    assert main(["config", "check", str(path)]) == 1

    output = capsys.readouterr().err
    assert "line 2: nameing" in output
    assert "line 3: renames" in output
    assert "->" in output


def test_check_without_a_file_reads_the_configured_uri(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["config", "check"]) == 1
    assert "SYNC_CONFIG_URI" in capsys.readouterr().err

    assert main(["config", "check", "--sync-config-uri", str(EXAMPLE)]) == 0
    monkeypatch.setenv("SYNC_CONFIG_URI", str(EXAMPLE))
    assert main(["config", "check"]) == 0
    assert capsys.readouterr().out.count("valid") == 2


def test_check_of_a_file_does_not_call_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")

    assert main(["config", "check", str(EXAMPLE)]) == 0


def test_check_reads_the_context_from_its_own_uri(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = tmp_path / "context.yaml"
    path = tmp_path / "mapping.yaml"
    path.write_text(f"version: 1\ncontext_uri: {more}\n")
    assert main(["config", "check", str(path)]) == 1
    assert f"context {more} could not be read" in capsys.readouterr().err

    more.write_text("- {asset: A}\n")

    assert main(["config", "check", str(path)]) == 0
    assert "1 context entries" in capsys.readouterr().out
    assert main(["config", "show", str(path), "--json"]) == 0
    assert [entry["asset"] for entry in json.loads(capsys.readouterr().out)["context"]] == ["A"]


@pytest.mark.parametrize("uri", ["appconfig:one", "no/such/file", "."])
def test_an_unreadable_document_is_reported_with_a_remedy(
    uri: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["config", "check", uri]) == 1

    output = capsys.readouterr().err
    assert f"mapping configuration {uri} could not be read" in output
    assert "check SYNC_CONFIG_URI" in output


def test_show_prints_a_valid_yaml_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "show", str(EXAMPLE)]) == 0

    assert parse(capsys.readouterr().out.encode()).mapping == parse(TEXT).mapping


def test_schema_prints_the_published_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "schema"]) == 0

    assert capsys.readouterr().out == PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("column: {}", "column: is not a known key; did you mean columns?"),
        ("naming: {types: {}}", "naming.types: is not a known key"),
        ("context: [{asset: a, colum: b}]", "colum: is not a known key; did you mean column?"),
        ("bindings: [{asset: a, S3: {}}]", "S3: is not a known key"),
    ],
)
def test_only_keys_of_the_same_section_are_suggested(body: str, expected: str) -> None:
    message = error_of(f"version: 1\n{body}\n")

    assert any(line.endswith(expected) for line in message.splitlines())


def test_an_empty_section_equals_the_default() -> None:
    assert parse(b"version: 1\nselection:\ncontext:\n").mapping == NONE.mapping


def test_aliases_that_expand_to_billions_of_values_are_rejected_at_once() -> None:
    lines = ["version: 1", "a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(ConfigError, match="more than 2,000,000 values"):
        parse("\n".join(lines).encode())


def test_a_moderate_number_of_aliases_is_accepted() -> None:
    text = b"""version: 1
context:
  - {asset: "SALES.A", tags: &tags [gold]}
  - {asset: "SALES.B", tags: *tags}
"""
    assert [entry.tags for entry in parse(text).mapping.context] == [("gold",), ("gold",)]


@pytest.mark.parametrize(
    "text",
    ["acme.eu10.hcs.cloud.sap", "https://ACME.eu10.hcs.cloud.sap/", " acme.eu10.hcs.cloud.sap"],
)
def test_a_former_tenant_is_a_host_or_its_url(text: str) -> None:
    chosen = parse(f"version: 1\nformer_tenants: ['{text}']\n".encode())

    assert chosen.mapping.former_tenants == ("acme.eu10.hcs.cloud.sap",)


@pytest.mark.parametrize("text", ["''", "http://x/y", "a b", "'*.sap'", "acme.sap:8080", "-acme"])
def test_a_former_tenant_that_is_no_host_is_refused(text: str) -> None:
    assert "former_tenants.0" in problem(f"former_tenants: [{text}]")
