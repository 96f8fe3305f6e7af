"""The rules by themselves: what they are told is data, and what they say holds no secret."""

from __future__ import annotations

import base64
import json
import re
from inspect import signature
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

import pulumi_azure_native
import pulumi_azuread
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from pulumi_policy import proxy
from purview_ai.drift.azure_types import VAULT
from purview_ai.identity import SIGN_IN_SECRETS
from purview_ai.settings.mistakes import field_at
from purview_ai.settings.source import SourceSettings
from purview_policy.conditional_access import EXCLUSIONS, POLICY
from purview_policy.configuration import mistakes
from purview_policy.judged import UNKNOWN, Judged, known, without_version
from purview_policy.rules import RULES
from purview_policy.secrets import OUTPUTS, PLAIN_SECRETS, places
from purview_policy.service_principals import FIRST_PARTY, SERVICE_PRINCIPAL
from purview_policy.vaults import FIREWALL
from pydantic.alias_generators import to_camel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from purview_policy.rule import Rule

SECRET = "Gr33n-owls/at+noon"
SPELLINGS = {
    "in base64": lambda raw: base64.b64encode(raw).decode(),
    "in base64 for addresses": lambda raw: base64.urlsafe_b64encode(raw).decode(),
    "in base64 of mail": lambda raw: base64.encodebytes(raw).decode(),
    "in hexadecimal digits": bytes.hex,
    "in hexadecimal digits, large": lambda raw: raw.hex().upper(),
    "in hexadecimal digits, in groups": lambda raw: raw.hex(" ", 4),
}
WRAPPINGS = {
    "in an address": lambda text: quote(text, safe=""),
    "in a form": quote_plus,
    "in an address, every letter": lambda text: "".join(f"%{one:02x}" for one in text.encode()),
    "in JSON": json.dumps,
    "in JSON, every letter": lambda text: "".join(f"\\u{one:04X}" for one in utf_16(text)),
    "in JSON of a page": lambda text: json.dumps(text).replace("/", "\\/"),
}
UNKNOWN_WORDS = [value for name, value in vars(proxy).items() if name.startswith("UNKNOWN_")]
WORDS = st.text(alphabet="abc xyz-./0", max_size=12)
LEAVES = st.none() | st.booleans() | st.integers() | WORDS
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3))
OBJECTS = st.dictionaries(WORDS, JSON, max_size=4)
LOOKED_AT = (
    "properties",
    "networkAcls",
    "ipRules",
    "value",
    "bypass",
    "publicNetworkAccess",
    "accessPolicies",
    "tags",
    "owner",
    "state",
    "conditions",
    "users",
    "excludedUsers",
    "excludedGroups",
    "includedUsers",
    "includedGroups",
    "clientId",
    "useExisting",
    "app_role_id",
    "appRoleId",
    "role",
    "expected",
    "vaultName",
    "ruleName",
    "name",
)
INPUTS = st.recursive(
    st.dictionaries(st.sampled_from(LOOKED_AT), JSON | st.just(UNKNOWN), max_size=6),
    lambda inner: st.dictionaries(st.sampled_from(LOOKED_AT), JSON | inner | st.lists(inner, max_size=2), max_size=6),
)
"""Anything where rules look."""
by_name = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


@given(values=OBJECTS, place=st.lists(st.sampled_from(["one", 0]), min_size=1, max_size=5), around=WORDS)
def test_a_secret_is_found_wherever_it_stands_and_not_repeated(
    values: dict[str, Any], place: list[str | int], around: str
) -> None:
    secrets = {"purview-ai:spare": SECRET}
    assert list(places(values, secrets)) == []
    planted: Any = f"{around}{SECRET}{around}"
    for step in reversed(place):
        planted = [planted] if step == 0 else {step: planted}
    found = list(places({**values, "planted": planted}, secrets))
    path = "planted" + "".join(f"[{step}]" if step == 0 else f".{step}" for step in place)
    assert found == [f"{path} holds the secret setting purview-ai:spare"]


def utf_16(text: str) -> Iterator[int]:
    """The numbers that JSON writes for a text's letters."""
    raw = text.encode("utf-16-be")
    return (int.from_bytes(raw[at : at + 2]) for at in range(0, len(raw), 2))


@pytest.mark.parametrize("secret", [SECRET, 'owls "at" noon\\7', "gr\u00fcne Eulen \U0001f989", "100%41 owls\\u0041"])
@given(
    before=st.text(max_size=90),
    spelt=st.none() | st.sampled_from(sorted(SPELLINGS)),
    wrapped=st.lists(st.sampled_from(sorted(WRAPPINGS)), max_size=3),
)
def test_a_secret_is_found_however_it_is_encoded(
    secret: str, before: str, spelt: str | None, wrapped: list[str]
) -> None:
    text = f"{before}{secret} and so on"
    if spelt:
        text = SPELLINGS[spelt](text.encode())
    for wrapping in wrapped:
        text = WRAPPINGS[wrapping](text)
    assert list(places({"note": text}, {"purview-ai:spare": secret})) == [
        "note holds the secret setting purview-ai:spare"
    ]


@pytest.mark.parametrize(("layers", "told"), [(3, ["note holds the secret setting purview-ai:spare"]), (4, [])])
def test_three_encodings_around_each_other_are_undone_and_no_more(layers: int, told: list[str]) -> None:
    text = SECRET
    for _ in range(layers):
        text = quote(text, safe="")
    assert list(places({"note": text}, {"purview-ai:spare": SECRET})) == told


@given(rest=st.text(alphabet="abcXYZ012-_", min_size=17, max_size=60))
def test_what_looks_like_a_vendors_key_is_found_and_not_repeated(rest: str) -> None:
    assert list(places({"note": f"sk-{rest}"}, {})) == ["note holds what looks like a vendor's key"]
    assert list(places({"note": f"%73k%2D{rest}"}, {})) == ["note holds what looks like a vendor's key"]
    assert list(places({"note": f"task-{rest}"}, {})) == []


@pytest.mark.parametrize(
    "name",
    [
        "azure-native:clientSecret",
        "azure-native:clientCertificatePassword",
        "azure-native:oidcToken",
        "azure-native:oidcRequestToken",
        "azuread:clientSecret",
        "azuread:clientCertificate",
        "azuread:clientCertificatePassword",
        "azuread:certificatePassword",
        "azuread:oidcToken",
        "azuread:oidcRequestToken",
    ],
)
def test_what_a_provider_signs_in_with_is_a_secret_in_plain_and_in_outputs(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    told = Judged("pulumi:pulumi:Stack", "one", "urn", "", True, {"note": f"it is {SECRET}"}, "contoso")
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({name: SECRET, "azuread:clientId": SECRET}))
    monkeypatch.setenv("PULUMI_CONFIG_SECRET_KEYS", json.dumps([name, "azuread:clientId"]))
    [held] = OUTPUTS.violations(told, {})
    assert f"note holds the secret setting {name}" in held
    monkeypatch.setenv("PULUMI_CONFIG_SECRET_KEYS", "[]")
    [plain] = PLAIN_SECRETS.violations(told, {})
    assert f"the setting {name} stands in the stack file in plain" in plain
    assert SECRET not in held + plain


def test_every_setting_of_the_providers_that_can_be_a_secret_is_one() -> None:
    words = re.compile(r"secret|password|token|certificate", re.IGNORECASE)
    for module in (pulumi_azure_native, pulumi_azuread):
        names = {to_camel(name) for name in signature(module.ProviderArgs.__init__).parameters}
        suspect = {name for name in names if words.search(name) and not name.endswith(("Path", "Url"))}
        assert suspect
        assert suspect <= SIGN_IN_SECRETS


@pytest.mark.parametrize("called", [f"vault-{SECRET}", "sk-0123456789abcdefghij"])
def test_a_name_that_is_a_secret_is_found_and_not_repeated(monkeypatch: pytest.MonkeyPatch, called: str) -> None:
    urn = f"urn:pulumi:contoso::onboarding::azure-native:keyvault:Vault::{called}"
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"azuread:clientSecret": SECRET}))
    monkeypatch.setenv("PULUMI_CONFIG_SECRET_KEYS", '["azuread:clientSecret"]')
    for kind in (VAULT, "pulumi:providers:azuread"):
        [told] = PLAIN_SECRETS.violations(Judged(kind, called, urn, "", True, {}, "contoso"), {})
        assert told.startswith("its name holds ")
        assert called.removeprefix("vault-") not in told


def test_a_type_that_holds_a_secret_is_found_in_the_urn(monkeypatch: pytest.MonkeyPatch) -> None:
    urn = f"urn:pulumi:contoso::onboarding::contoso:{SECRET}:Whole::whole"
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"contoso:spare": SECRET}))
    monkeypatch.setenv("PULUMI_CONFIG_SECRET_KEYS", '["contoso:spare"]')
    [told] = PLAIN_SECRETS.violations(Judged("contoso:index:Whole", "whole", urn, "", True, {}, "contoso"), {})
    assert told.startswith("its URN holds the secret setting contoso:spare")


@given(values=OBJECTS, word=st.sampled_from(UNKNOWN_WORDS))
def test_what_a_preview_does_not_know_is_marked_and_all_else_stays(values: dict[str, Any], word: str) -> None:
    assert known(values) == values
    assert known({**values, "planted": [{"inner": word}]})["planted"] == [{"inner": UNKNOWN}]


@given(
    module=st.from_regex(r"[a-z]+", fullmatch=True),
    name=st.from_regex(r"[A-Z][A-Za-z]+", fullmatch=True),
    version=st.from_regex(r"v20\d{6}(preview)?", fullmatch=True),
)
def test_every_api_version_of_a_type_is_the_same_type(module: str, name: str, version: str) -> None:
    plain = f"azure-native:{module}:{name}"
    assert without_version(plain) == plain
    assert without_version(f"azure-native:{module}/{version}:{name}") == plain
    assert without_version(f"azure-native_{module}_{version}:{module}:{name}") == plain
    assert without_version(f"azuread:index/{module}:{name}") == f"azuread:index/{module}:{name}"


@given(who=st.uuids())
def test_an_emergency_account_is_left_out_in_whichever_letters(who: UUID) -> None:
    users = {"excludedUsers": [str(who)]}
    policy = Judged(POLICY, "one", "urn", "", True, {"state": "enabled", "conditions": {"users": users}}, "contoso")
    assert EXCLUSIONS.violations(policy, {"emergency_access": [str(who).upper()]}) == []
    [told] = EXCLUSIONS.violations(policy, {"emergency_access": [str(who).replace("-", "0")]})
    assert "governance.conditional_access.break_glass" in told


@pytest.mark.parametrize("who", ["includedGroups", "includedRoles", "includedGuestsOrExternalUsers"])
@pytest.mark.parametrize("met", [[{"guestOrExternalUserTypes": ["internalGuest"]}], ["one"], UNKNOWN])
def test_a_policy_that_meets_somebody_beside_no_user_leaves_somebody_out(who: str, met: Any) -> None:
    nobody = {"includedUsers": ["None"], "includedGroups": [], "includedRoles": None}
    for users, wrong in ((nobody, 0), (nobody | {who: met}, 1)):
        policy = Judged(POLICY, "one", "urn", "", True, {"state": "enabled", "conditions": {"users": users}}, "contoso")
        assert len(EXCLUSIONS.violations(policy, {})) == wrong


@pytest.mark.parametrize(("given", "wrong"), [(None, 0), (False, 0), (True, 1), (UNKNOWN, 1)])
def test_a_service_principal_of_whichever_application_is_not_taken_over(given: Any, wrong: int) -> None:
    values = {"clientId": UNKNOWN, "useExisting": given}
    told = FIRST_PARTY.violations(Judged(SERVICE_PRINCIPAL, "one", "urn", "", True, values, "contoso"), {})
    assert len(told) == wrong


def vault(**acls: Any) -> Judged:
    """A vault with a firewall."""
    closed = {"bypass": "AzureServices", "defaultAction": "Deny"}
    return Judged(VAULT, "one", "urn", "", True, {"properties": {"networkAcls": {**closed, **acls}}}, "contoso")


@given(
    networks=st.lists(st.builds(IPv4Network, st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 32)), st.just(False)))
)
def test_a_firewall_with_a_large_part_of_the_internet_in_it_is_none(networks: list[IPv4Network]) -> None:
    rules = [{"value": str(network)} for network in networks]
    ends = sorted((int(one.network_address), int(one.broadcast_address) + 1) for one in networks)
    count = reached = 0
    for first, behind in ends:
        count += max(0, behind - max(first, reached))
        reached = max(reached, behind)
    assert len(FIREWALL.violations(vault(ipRules=rules), {})) == (count > 2**24)
    for most, wrong in ((max(count, 1), False), (max(count - 1, 1), count > 1)):
        assert len(FIREWALL.violations(vault(ipRules=rules), {"most_addresses": most})) == wrong


def test_a_firewall_of_many_networks_is_told_of_with_their_sum() -> None:
    [told] = FIREWALL.violations(vault(ipRules=[{"value": f"{first}.0.0.0/8"} for first in range(1, 224)]), {})
    assert "lets 3,741,319,168 addresses in, 64.0.0.0/2 the largest block of them, where 16,777,216 may be" in told


@pytest.mark.parametrize(
    "rules", [None, UNKNOWN, [UNKNOWN], [{"value": UNKNOWN}], [{}], [{"value": "here"}], [{"value": "::/0"}]]
)
def test_a_firewall_that_is_not_known_in_full_lets_no_rule_stumble(rules: Any) -> None:
    assert FIREWALL.violations(vault(ipRules=rules), {}) == []


@by_name
@given(values=INPUTS, protected=st.booleans())
def test_a_rule_says_something_of_any_resource_or_nothing(
    rule: Rule[Any], values: dict[str, Any], *, protected: bool
) -> None:
    for kind in rule.about or {VAULT, "pulumi:pulumi:Stack"}:
        for told in rule.violations(Judged(kind, "one", "urn", "", protected, values, "contoso"), {}):
            assert re.fullmatch(r"\S.*\nTo put it right: .*\.", told)


@by_name
def test_a_rule_has_a_remedy_whose_settings_there_are(rule: Rule[Any]) -> None:
    for setting in rule.settings:
        assert setting in rule.remedy
        of_source = setting.removeprefix("sources.<name>.")
        found = field_at(setting.split(".")) if of_source == setting else field_at(of_source.split("."), SourceSettings)
        assert found is not None, setting


@by_name
def test_a_rules_defaults_are_what_its_schema_takes(rule: Rule[Any]) -> None:
    properties = rule.parameters.model_json_schema().get("properties", {})
    Draft7Validator.check_schema({"properties": properties})
    defaults = {name: one["default"] for name, one in properties.items()}
    Draft7Validator({"properties": properties}).validate(defaults)
    assert mistakes({rule.name: defaults, "all": {}}) == []


@by_name
@given(
    other=st.text(alphabet="abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=30),
)
def test_no_name_but_a_rules_and_a_parameters_own_is_taken(rule: Rule[Any], other: str) -> None:
    assume(other not in {"all", *(one.name for one in RULES), *rule.parameters.model_fields})
    assert [line.split(";")[0] for line in mistakes({other: {}})] == [f"{other}: there is no such rule"]
    (line,) = mistakes({rule.name: {other: True}})
    assert line.startswith(f"{rule.name}: there is no parameter {other}; ")
