"""The role with which plan and apply open what is secret in a state, and with which they do nothing else to its key."""

from __future__ import annotations

import json
import shutil
import uuid
from typing import TYPE_CHECKING

import pytest
from bootstrapped import GROUP, VAULT
from drift.sights import changed_by, purview_ai
from local_azure import seed
from people import ARM
from state_estate import CRYPTO_USER
from tenants import CHECKOUT, STACK
from whole_chain import ACCOUNT, SUBSCRIPTION, role_body, role_url

if TYPE_CHECKING:
    from bootstrapped import Bootstrap, Pipeline
    from drift.sights import Said
    from people import Person

OK, FORBIDDEN = 200, 403
PLACE = f"{SUBSCRIPTION}/resourceGroups/{GROUP}"
KEY = f"https://{VAULT}.vault.azure.net/keys/contoso"
DISABLED, ENABLED = ({"attributes": {"enabled": enabled}} for enabled in (False, True))
VERSION = {"api-version": "2022-04-01"}
WORD = ("team:word", "--stack", "contoso")


def definition_url(made: Bootstrap) -> str:
    """Where Azure keeps the role that the stack has made."""
    return ARM + str(made.stack.recorded("key-role")["id"])


def can_disable(pipeline: Pipeline, made: Bootstrap) -> bool:
    """Whether an identity can disable its tenant's key."""
    return pipeline.ask(made.stack.azure, "PATCH", KEY, DISABLED) == OK


@pytest.fixture
def contoso(bootstrap: Bootstrap) -> Bootstrap:
    """One tenant, with a secret in its stack file."""
    bootstrap.say(tenants={"contoso": {}}, grants=None)
    bootstrap.stack.up().must_succeed()
    apply = bootstrap.pipeline("contoso", "apply")
    apply.done("stack", "init", "contoso", "--secrets-provider", bootstrap.told("contoso")["SECRETS_PROVIDER"])
    apply.done("config", "set", "--secret", *WORD, said="the word of contoso")
    return bootstrap


def require_open(made: Bootstrap) -> None:
    """Both identities decrypt."""
    for job in ("plan", "apply"):
        assert made.pipeline("contoso", job).done("config", "get", *WORD).strip() == "the word of contoso"


def test_plan_and_apply_open_a_state_and_cannot_disable_its_key(contoso: Bootstrap) -> None:
    azure = contoso.stack.azure
    require_open(contoso)
    for job in ("plan", "apply"):
        pipeline = contoso.pipeline("contoso", job)
        assert not can_disable(pipeline, contoso)
        assert pipeline.ask(azure, "GET", KEY, {}) == FORBIDDEN
        assert pipeline.ask(azure, "POST", f"{KEY}/wrapkey", {"alg": "RSA-OAEP-256", "value": "YQ"}) == FORBIDDEN
        assert pipeline.ask(azure, "DELETE", definition_url(contoso), {}) == FORBIDDEN


def drift_of(made: Bootstrap) -> Said:
    """What ``purview-ai drift`` says in the folder of the program."""
    folder = made.folder / "looks"
    folder.mkdir()
    shutil.copy(CHECKOUT / "bootstrap" / "Pulumi.yaml", folder)
    shutil.copy(made.stack.file, folder / f"Pulumi.{STACK}.yaml")
    return purview_ai("drift", "--stack", STACK, "--json", env=made.stack.environment, cwd=folder)


def test_what_was_just_deployed_has_not_drifted(contoso: Bootstrap) -> None:
    said = drift_of(contoso)
    assert (said.code, said.changed, said.stack["unknown"]) == (0, set(), [])
    assert "key-role" in said.stack["covered"]
    # Azure names it by the subscription, wherever it was made.
    assert [one["field"] for one in said.stack["uncovered"] if one["resource"] == "key-role"] == ["scope"]


def test_a_role_that_somebody_widens_is_seen_and_put_back(contoso: Bootstrap) -> None:
    url, plan = definition_url(contoso), contoso.pipeline("contoso", "plan")
    role = contoso.operator.get(url, **VERSION)
    assert role["properties"]["assignableScopes"] == [PLACE.removeprefix(ARM)]
    role["properties"]["permissions"][0]["dataActions"].append("Microsoft.KeyVault/vaults/keys/update/action")
    contoso.operator.do("PUT", url, params=VERSION, json=role)
    assert can_disable(plan, contoso)
    assert plan.ask(contoso.stack.azure, "PATCH", KEY, ENABLED) == OK
    refresh = contoso.stack.refresh().must_fail()
    assert '+ [2]: "Microsoft.KeyVault/vaults/keys/update/action"' in refresh.words
    said = drift_of(contoso)
    assert said.changed == changed_by(refresh) == {("key-role", "permissions")}
    [found] = said.stack["changes"]
    assert (found["kind"], found["field"]) == ("role definition", "permissions[0].dataActions[2]")
    assert found["now"] == "Microsoft.KeyVault/vaults/keys/update/action"
    contoso.stack.up("--refresh").must_succeed()
    assert not can_disable(plan, contoso)
    require_open(contoso)


def as_before(made: Bootstrap) -> None:
    """The stack and Azure as they were when plan and apply had the role of Azure's own."""
    operator, key_role = made.operator, made.stack.recorded("key-role")
    state, resources = made.stack.state(), []
    for one in state["checkpoint"]["latest"]["resources"]:
        if one["urn"] == key_role["urn"]:
            continue
        if "dependencies" in one:
            one["dependencies"] = [urn for urn in one["dependencies"] if urn != key_role["urn"]]
        if "-state-key-user-" in one["urn"]:
            given = one["inputs"]
            name = str(uuid.uuid4())
            body = role_body(CRYPTO_USER, one["outputs"]["principalId"])
            operator.do("PUT", role_url(ARM + given["scope"], name), json=body)
            operator.do("DELETE", ARM + one["id"])
            text = json.dumps(one).replace(given["roleAssignmentName"], name)
            text = text.replace(key_role["inputs"]["roleDefinitionId"], CRYPTO_USER)
            one = json.loads(text.replace("-state-key-user-", "-key-vault-crypto-user-"))  # noqa: PLW2901  # rewritten
        resources.append(one)
    operator.do("DELETE", ARM + key_role["id"], params=VERSION)
    state["checkpoint"]["latest"]["resources"] = resources
    made.stack.state_file.write_text(json.dumps(state))
    require_open(made)
    assert can_disable(made.pipeline("contoso", "plan"), made)
    assert made.pipeline("contoso", "plan").ask(made.stack.azure, "PATCH", KEY, ENABLED) == OK


NEW = {"key-role", *(f"contoso-{job}-state-key-user-keys-contoso" for job in ("plan", "apply"))}
OLD = {f"contoso-{job}-key-vault-crypto-user-keys-contoso" for job in ("plan", "apply")}


def test_the_name_of_the_role_is_taken_by_another_one(bootstrap: Bootstrap) -> None:
    bootstrap.operator.do("PUT", PLACE, params={"api-version": "2024-03-01"}, json={"location": seed.LOCATION})
    other = f"{PLACE}/providers/Microsoft.Authorization/roleDefinitions/{uuid.uuid4()}"
    properties = {
        "roleName": f"Pulumi state key user of {VAULT}",
        "assignableScopes": [PLACE.removeprefix(ARM)],
        "permissions": [{"actions": ["*/read"]}],
    }
    bootstrap.operator.do("PUT", other, params=VERSION, json={"properties": properties})
    bootstrap.say(create_resource_group=None)
    words = bootstrap.stack.up().must_fail().words
    assert f"role Pulumi state key user of {VAULT} was not made The directory has a role of this name already" in words


def test_an_older_stack_gives_the_new_role_before_it_takes_the_old_one(contoso: Bootstrap) -> None:
    as_before(contoso)
    expected = dict.fromkeys(NEW, "create") | dict.fromkeys(OLD, "delete")
    assert contoso.stack.preview().must_succeed().steps == expected
    contoso.stack.azure.forget_requests()
    assert contoso.stack.up().must_succeed().steps == expected
    done = [one["method"] for one in contoso.stack.azure.requests() if "/roleAssignments/" in one["path"]]
    assert [method for method in done if method in ("PUT", "DELETE")] == ["PUT", "PUT", "DELETE", "DELETE"]
    require_open(contoso)
    assert not can_disable(contoso.pipeline("contoso", "plan"), contoso)


def test_the_old_role_can_stay_until_azure_knows_the_new_one_everywhere(contoso: Bootstrap) -> None:
    as_before(contoso)
    without = contoso.stack.up("--exclude", "**-key-vault-crypto-user-**").must_succeed()
    assert without.steps == dict.fromkeys(NEW, "create")
    assert can_disable(contoso.pipeline("contoso", "plan"), contoso)
    contoso.pipeline("contoso", "plan").ask(contoso.stack.azure, "PATCH", KEY, ENABLED)
    assert contoso.stack.up().must_succeed().steps == dict.fromkeys(OLD, "delete")
    require_open(contoso)


def test_a_new_role_that_is_not_known_everywhere_yet_takes_no_role_from_anybody(contoso: Bootstrap) -> None:
    as_before(contoso)
    contoso.stack.azure.weather(effect="slow-propagation", checks=1, times=1)
    words = contoso.stack.up().must_fail().words
    assert "State Key User on contoso was not given to id-contoso-" in words
    assert "Azure does not know a new role everywhere at once. Deploy again in some minutes." in words
    require_open(contoso)
    contoso.stack.up().must_succeed()
    assert contoso.stack.preview("--expect-no-changes").must_succeed().steps == {}


def test_rights_on_the_group_and_a_look_at_the_subscription_make_the_role_and_do_not_delete_it(
    bootstrap: Bootstrap, deployer: Person
) -> None:
    operator, stack = bootstrap.operator, bootstrap.stack
    bootstrap.say(create_resource_group=None, give_app_roles=None, tenants={"contoso": {}}, grants=None, protect=False)
    operator.do("PUT", PLACE, params={"api-version": "2024-03-01"}, json={"location": seed.LOCATION})
    reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
    for scope, role in (
        (PLACE, seed.CONTRIBUTOR),
        (PLACE, seed.ACCESS_ADMIN),
        (ACCOUNT, seed.ACCESS_ADMIN),
        (SUBSCRIPTION, reader),
    ):
        operator.do("PUT", role_url(scope), json=role_body(role, seed.DEPLOYER_ID))
    stack.environment |= {"ARM_CLIENT_ID": seed.DEPLOYER_APP, "ARM_CLIENT_SECRET": seed.DEPLOYER_SECRET}
    stack.up().must_succeed()
    assert stack.refresh().must_succeed().steps == {}
    words = stack.destroy().must_fail().words
    assert "'Microsoft.Authorization/roleDefinitions/delete'" in words
    by_the_group = definition_url(bootstrap).replace(SUBSCRIPTION, PLACE)
    deployer.do("DELETE", by_the_group, params=VERSION)
    stack.run("destroy", "--yes", "--skip-preview", "--refresh").must_succeed()
