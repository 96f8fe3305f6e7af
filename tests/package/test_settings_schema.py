"""The JSON Schema that editors use, and what the settings say of themselves."""

from __future__ import annotations

import json
from typing import Any, get_origin

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from purview_ai.settings.explaining import UnknownFieldError, all_settings, explain
from purview_ai.settings.mistakes import model_in
from purview_ai.settings.schema import FILE, MODELINE, stack_file_schema
from purview_ai.settings.tenant import TenantSettings
from pydantic import BaseModel, ValidationError
from tenants import CHECKOUT

STACKS = CHECKOUT / "stacks"
SHOWN = [*STACKS.glob("Pulumi.*.yaml"), STACKS / "tenant.example.yaml"]
SCHEMA = Draft202012Validator(stack_file_schema())


def wrong(file: dict[str, Any]) -> list[str]:
    """Where the schema finds something wrong."""
    return [".".join(map(str, error.absolute_path)) for error in SCHEMA.iter_errors(file)]


def sandbox() -> dict[str, Any]:
    """The sandbox's stack file."""
    return yaml.safe_load((STACKS / "Pulumi.sandbox.yaml").read_text())


def changed(path: str, value: object) -> dict[str, Any]:
    """The sandbox's stack file with one setting of the tenant changed."""
    file = sandbox()
    at = file["config"]["purview-ai:tenant"]
    *above, last = path.split(".")
    for step in above:
        at = at.setdefault(step, {})
    at[last] = value
    return file


def test_the_file_beside_the_stacks_is_what_the_settings_say() -> None:
    kept = json.loads((STACKS / FILE).read_text())
    assert kept == stack_file_schema(), f"purview-ai settings schema > stacks/{FILE}"
    Draft202012Validator.check_schema(kept)


@pytest.mark.parametrize("file", SHOWN, ids=lambda file: file.name)
def test_every_stack_file_names_the_schema_and_is_right_by_it(file: Any) -> None:
    text = file.read_text()
    assert text.splitlines()[0] == MODELINE
    assert wrong(yaml.safe_load(text)) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("vault.netwrk", "public"),
        ("vault.network", "moon"),
        ("vault.name", "kv--contoso"),
        ("vault.soft_delete_days", 3),
        ("purview.collection", 4),
        ("sources.X_1", {}),
        ("sources.chatgpt.scan.every", "now and then"),
        ("sources.chatgpt.scan.days", ["Someday"]),
        ("sources.chatgpt.key", {}),
    ],
)
def test_an_editor_sees_what_is_wrong(path: str, value: object) -> None:
    told = wrong(changed(path, value))
    assert told
    assert all(f"config.purview-ai:tenant.{path}".startswith(place) for place in told)


def test_an_editor_sees_a_key_in_plain_text() -> None:
    file = sandbox()
    file["config"]["purview-ai:chatgpt-compliance-key"] = "sk-plain"
    assert wrong(file) == ["config.purview-ai:chatgpt-compliance-key"]


VALUES = st.one_of(
    st.booleans(),
    st.none(),
    st.integers(-5, 100),
    st.sampled_from(["public", "rbac", "1 day", "02:00", "Monday", "today", "2026-01-01", "a-name", "", "x" * 70]),
    st.lists(st.sampled_from(["02:00", "04:00", "Monday", "20.0.113.7/32", "chatgpt"]), max_size=2),
    st.dictionaries(st.sampled_from(["name", "create", "secret", "every", "scan"]), st.just("a-name"), max_size=2),
)
PATHS = sorted(
    {
        one.path.replace("<name>", "chatgpt")
        for one in all_settings()
        if not one.path.startswith(("azure-native:", "purview.collection.", "sources.<name>.adopt."))
    }
)


@given(st.sampled_from(PATHS), VALUES)
def test_what_a_deployment_takes_an_editor_takes(path: str, value: object) -> None:
    file = changed(path, value)
    try:
        TenantSettings.model_validate(file["config"]["purview-ai:tenant"])
    except ValidationError:
        return
    assert wrong(file) == []


def test_every_setting_says_what_it_is_for() -> None:
    told = all_settings()
    assert [one.path for one in told if not one.description.endswith((".", "false"))] == []
    assert {"purview.account", "sources.<name>.key.secret", "azure-native:location"} <= {one.path for one in told}


@pytest.mark.parametrize("path", ["sources.chatgpt.key.secret", "sources.key.secret", "sources.<name>.key.secret"])
def test_a_setting_is_found_whatever_its_source_is_called(path: str) -> None:
    assert explain(path).path == "sources.<name>.key.secret"


def test_a_setting_says_what_it_takes_and_where_to_find_it() -> None:
    assert explain("vault.soft_delete_days").takes == "a whole number from 7 to 90"
    assert explain("vault.network").takes == "one of public, trusted-services, private"
    assert explain("sources.chatgpt.workspace_id").found_at.startswith("ChatGPT >")
    assert explain("sources.chatgpt.capture_since").default == "today"
    assert "sources.<name>.scan.every" in explain("sources.chatgpt.scan").inner


@pytest.mark.parametrize(
    ("path", "meant"), [("vault.netwrk", "vault.network"), ("secret", "sources.<name>.key.secret")]
)
def test_a_setting_that_is_not_there_suggests_the_one_that_was_meant(path: str, meant: str) -> None:
    with pytest.raises(UnknownFieldError, match=meant):
        explain(path)


def test_every_setting_is_explained() -> None:
    known = {one.path for one in all_settings()}

    def below(path: str, model: type[BaseModel]) -> list[str]:
        found: list[str] = []
        for name, field in model.model_fields.items():
            here = f"{path}.{name}".lstrip(".")
            found.append(here)
            inner = model_in(field.annotation)
            if inner is not None:
                found += below(f"{here}.<name>" if get_origin(field.annotation) is dict else here, inner)
        return found

    assert set(below("", TenantSettings)) - known == set()
