"""Stand-ins for the compliance cmdlets: they keep what they are told, and refuse what Microsoft does not document."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from cmdlets import CHANGING, KNOWN
from powershell import PowerShellError, Thing

APPS = {"Entrabased3PAIApps", "ChatGPTEnterprise", "AzureAIServices"}


@dataclass
class ComplianceCentre:
    """A tenant of Microsoft 365, as far as scripts reach."""

    auditing: bool = False
    policies: dict[str, dict[str, Any]] = field(default_factory=dict)
    rules: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By their policies."""
    collections: dict[str, dict[str, Any]] = field(default_factory=dict)
    applications: dict[str, dict[str, Any]] = field(default_factory=dict)
    managers: list[str] = field(default_factory=list)
    administrators: list[str] = field(default_factory=list)
    policies_by: str = "Guid"
    """The property by which a rule names its policy; nobody has said which it is (graph 40)."""
    listed_by: str = "ObjectId"
    """The property by which members are listed; nobody has said which it is (graph 45)."""
    hidden: tuple[str, ...] = ()
    """Properties that are not returned."""
    broken: tuple[str, ...] = ()
    """Cmdlets that fail."""
    called: list[str] = field(default_factory=list)
    sessions: set[str] = field(default_factory=set)

    @property
    def changes(self) -> list[str]:
        """The cmdlets that changed something, in their order."""
        return [name for name in self.called if name in CHANGING]

    def __call__(self, name: str, given: dict[str, Any]) -> list[Any]:
        """One cmdlet."""
        if unknown := set(given) - KNOWN[name]:
            msg = f"A parameter cannot be found that matches parameter name '{unknown.pop()}'."
            raise PowerShellError(msg)
        assert given.get("ErrorAction") == "Stop"
        self._in_its_session(name)
        if name in self.broken:
            msg = f"{name} failed"
            raise PowerShellError(msg)
        told = {key: value for key, value in given.items() if key not in ("ErrorAction", "Confirm")}
        found = getattr(self, "_" + name.replace("-", "_").lower())(**told)
        self.called.append(name)
        return found or []

    def _in_its_session(self, name: str) -> None:
        if name.startswith("Connect-"):
            return
        needed = {"Connect-ExchangeOnline"} if "AdminAudit" in name else {"Connect-IPPSSession"}
        in_both = name in ("Get-AdminAuditLogConfig", "Get-ServicePrincipal")
        if not (needed & self.sessions or (in_both and self.sessions)):
            msg = f"The term '{name}' is not recognized as a name of a cmdlet"
            raise PowerShellError(msg)

    def _shown(self, **properties: Any) -> Thing:
        return Thing(**{name: value for name, value in properties.items() if name not in self.hidden})

    # Sessions and auditing

    def _connect_ippssession(self, UserPrincipalName: str = "") -> None:  # noqa: ARG002, N803  # Microsoft's name
        self.sessions.add("Connect-IPPSSession")

    def _connect_exchangeonline(self, ShowBanner: bool, UserPrincipalName: str = "") -> None:  # noqa: ARG002, FBT001, N803
        self.sessions.add("Connect-ExchangeOnline")

    def _get_adminauditlogconfig(self) -> list[Thing]:
        """In a Security & Compliance session always False (graph 44)."""
        says = self.auditing and "Connect-IPPSSession" not in self.sessions
        return [self._shown(UnifiedAuditLogIngestionEnabled=says)]

    def _set_adminauditlogconfig(self, UnifiedAuditLogIngestionEnabled: bool) -> None:  # noqa: FBT001, N803
        self.auditing = UnifiedAuditLogIngestionEnabled

    # Retention

    def _get_appretentioncompliancepolicy(self, Identity: str = "", DistributionDetail: object = None) -> list[Thing]:  # noqa: ARG002, N803
        """A name that is not there returns everything (graph 40)."""
        named = {Identity: self.policies[Identity]} if Identity in self.policies else self.policies
        return [self._shown(**self._identity(name), **policy) for name, policy in named.items()]

    def _identity(self, policy: str) -> dict[str, str]:
        return {"Name": policy, "Guid": f"guid of {policy}"}

    def _new_appretentioncompliancepolicy(self, Name: str, Applications: str, ExchangeLocation: str) -> list[Thing]:  # noqa: N803
        _fits(Name, self.policies)
        _all_three(Applications)
        self.policies[Name] = {
            "Applications": [f"User:{one}" for one in Applications.removeprefix("User:").split(",")],
            "ExchangeLocation": ExchangeLocation,
            "ExchangeLocationException": [],
            "Enabled": True,
            "RestrictiveRetention": False,
        }
        return [Thing(Name=Name)]

    def _set_appretentioncompliancepolicy(self, Identity: str, **told: Any) -> None:  # noqa: N803
        if "Applications" in told:
            _all_three(told["Applications"])
            told["Applications"] = told["Applications"].split(",")
        _there(Identity, self.policies).update(told)

    def _get_appretentioncompliancerule(self, Policy: str = "") -> list[Thing]:  # noqa: N803
        """Of a policy that is not there, or was made just now, it returns the rules of all (graph 40)."""
        known = Policy in self.policies and "New-AppRetentionCompliancePolicy" not in self.called
        return [
            self._shown(**rule, Policy=self._identity(policy)[self.policies_by])
            for policy, rule in self.rules.items()
            if policy == Policy or not known
        ]

    def _new_appretentioncompliancerule(self, Name: str, Policy: str, **told: Any) -> list[Thing]:  # noqa: N803
        _fits(Name, {})
        _there(Policy, self.policies)
        if Policy in self.rules:
            _fail("The policy has a rule")
        self.rules[Policy] = {"Name": Name, **told}
        return [Thing(Name=Name)]

    def _set_appretentioncompliancerule(self, Identity: str, **told: Any) -> None:  # noqa: N803
        next(rule for rule in self.rules.values() if rule["Name"] == Identity).update(told)

    # Collection policies

    def _get_featureconfiguration(self, FeatureScenario: str) -> list[Thing]:  # noqa: N803
        assert FeatureScenario == "KnowYourData"
        return [self._shown(Name=name, **one) for name, one in self.collections.items()]

    def _new_featureconfiguration(self, Name: str, FeatureScenario: str, Mode: str, **told: Any) -> list[Thing]:  # noqa: N803
        assert (FeatureScenario, Mode in ("Enable", "Disable")) == ("KnowYourData", True)
        _fits(Name, self.collections)
        for value in told.values():
            json.loads(value)
        self.collections[Name] = {"Mode": Mode, **told}
        return [Thing(Name=Name)]

    def _set_featureconfiguration(self, Identity: str, **told: Any) -> None:  # noqa: N803
        assert "Locations" not in told
        _there(Identity, self.collections).update(told)

    # eDiscovery

    def _get_serviceprincipal(self) -> list[Thing]:
        return [self._shown(**one) for one in self.applications.values()]

    def _new_serviceprincipal(self, AppId: str, ObjectId: str, DisplayName: str) -> list[Thing]:  # noqa: N803
        if AppId in self.applications:
            _fail("The service principal is there already")
        self.applications[AppId] = {
            "AppId": AppId,
            "ObjectId": ObjectId,
            "DisplayName": DisplayName,
            "Guid": "its-guid",
        }
        return [Thing(AppId=AppId)]

    def _get_rolegroupmember(self, Identity: str) -> list[Thing]:  # noqa: N803
        assert Identity == "eDiscoveryManager"
        return [self._listed(member) for member in self.managers]

    def _add_rolegroupmember(self, Identity: str, Member: str) -> None:  # noqa: N803
        assert Identity == "eDiscoveryManager"
        self._known(Member)
        if Member in self.managers:
            _fail(f"The member {Member} is already a member of the group")
        self.managers.append(Member)

    def _get_ediscoverycaseadmin(self) -> list[Thing]:
        return [self._listed(member) for member in self.administrators]

    def _add_ediscoverycaseadmin(self, User: str) -> None:  # noqa: N803
        if User not in self.managers:
            _fail("The user must have the role Case Management")
        if User in self.administrators:
            _fail("The user is already an eDiscovery Administrator")
        self.administrators.append(User)

    def _known(self, object_id: str) -> None:
        if object_id not in [one["ObjectId"] for one in self.applications.values()]:
            _fail(f"Couldn't find object {object_id}")

    def _listed(self, object_id: str) -> Thing:
        one = next((one for one in self.applications.values() if one["ObjectId"] == object_id), None)
        if one is None:
            return Thing(Name="somebody", Guid="another-guid")
        return Thing(
            **{self.listed_by: one["Guid"] if self.listed_by == "Guid" else object_id, "Name": one["DisplayName"]}
        )


def _fail(why: str) -> None:
    raise PowerShellError(why)


def _fits(name: str, there: dict[str, Any]) -> None:
    if len(name) > 64 or name in there:
        _fail(f"{name} is too long, or already there")


def _there(name: str, there: dict[str, dict[str, Any]]) -> dict[str, Any]:
    if name not in there:
        _fail(f"There is no {name}")
    return there[name]


def _all_three(applications: str) -> None:
    """They only work together (graph 41)."""
    if set(applications.removeprefix("User:").split(",")) != APPS:
        _fail("These applications are not supported")
