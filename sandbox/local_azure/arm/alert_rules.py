"""Log search alert rules (Microsoft.Insights/scheduledQueryRules), which nobody evaluates here."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from local_azure.arm.access import is_allowed, require
from local_azure.arm.log_analytics import LogWorkspace
from local_azure.arm.resources import group_of, subscription_of
from local_azure.call import Answer, Call, JsonObject, Operation, items, objects, part
from local_azure.errors import ServiceError
from local_azure.store import Document

_TYPE = "Microsoft.Insights/scheduledQueryRules"
_NAME = re.compile(r"^[^#<>%&:\?/{}*]{1,260}$")
_MINUTES = (5, 10, 15, 30, 45, 60, 120, 180, 240, 300, 360, 1440, 2880)
_LOOK_BACK_MINUTES = 48 * 60
_STATEFUL_MINUTES = 12 * 60
_DURATION = re.compile(r"^P(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?)?$")


class AlertRule(Document):
    """A log search alert rule."""

    group_id: str
    """Its resource group's ARM id."""
    name: str
    location: str
    tags: dict[str, str] = Field(default_factory=dict[str, str])
    properties: JsonObject
    etag: str
    created: str
    created_by: str
    modified: str
    modified_by: str

    @property
    def key(self) -> str:
        """The ARM id."""
        return f"{self.group_id}/providers/{_TYPE}/{self.name}"


class _Described(BaseModel):
    """What a client may send, as the service's description has it."""

    model_config = ConfigDict(extra="forbid", strict=True, alias_generator=to_camel, hide_input_in_errors=True)


class _Dimension(_Described):
    name: str
    operator: Literal["Include", "Exclude"]
    values: list[str]


class _FailingPeriods(_Described):
    number_of_evaluation_periods: int = Field(default=1, ge=1, le=6)
    min_failing_periods_to_alert: int = Field(default=1, ge=1, le=6)


class _Condition(_Described):
    """What is relevant for a rule of the kind LogAlert with a fixed threshold."""

    criterion_type: Literal["StaticThresholdCriterion"] | None = None
    query: str = Field(min_length=1)
    time_aggregation: Literal["Count", "Average", "Minimum", "Maximum", "Total"]
    metric_measure_column: str | None = None
    resource_id_column: str | None = None
    dimensions: list[_Dimension] | None = None
    operator: Literal["Equals", "GreaterThan", "GreaterThanOrEqual", "LessThan", "LessThanOrEqual"]
    threshold: float
    failing_periods: _FailingPeriods = Field(default_factory=_FailingPeriods)


class _Criteria(_Described):
    all_of: list[_Condition] = Field(min_length=1)


class _Actions(_Described):
    action_groups: list[str] | None = None
    custom_properties: dict[str, str] | None = None
    action_properties: dict[str, str] | None = None


class _Resolving(_Described):
    auto_resolved: bool | None = None
    time_to_resolve: str | None = None


class _Properties(_Described):
    """What is required of a rule of the kind LogAlert, and what may be said of it."""

    description: str | None = None
    display_name: str | None = None
    severity: Literal[0, 1, 2, 3, 4]
    enabled: bool
    scopes: list[str] = Field(min_length=1, max_length=1)
    evaluation_frequency: str
    window_size: str
    override_query_time_range: str | None = None
    target_resource_types: list[str] | None = None
    criteria: _Criteria
    mute_actions_duration: str | None = None
    actions: _Actions | None = None
    check_workspace_alerts_storage_configured: bool = False
    skip_query_validation: bool = False
    auto_mitigate: bool = True
    resolve_configuration: _Resolving | None = None


_READ_ONLY = ("createdWithApiVersion", "isLegacyLogAnalyticsRule", "isWorkspaceAlertsStorageConfigured")


def _minutes(written: object) -> int | None:
    """How long an ISO 8601 duration is; None where it is none."""
    found = _DURATION.match(str(written))
    if found is None or str(written) in ("P", "PT"):
        return None
    days, hours, minutes = (int(found[name] or 0) for name in ("days", "hours", "minutes"))
    return minutes + 60 * (hours + 24 * days)


def _formed(call: Call, given: JsonObject) -> JsonObject:
    """The properties with the description's defaults."""
    sent = {name: value for name, value in given.items() if name not in _READ_ONLY}
    try:
        return _Properties.model_validate(sent).model_dump(by_alias=True, exclude_none=True)
    except ValidationError as error:
        if not call.azure.rules.on("alert-rule-form"):
            return sent
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        raise ServiceError(
            400, "BadRequest", f"The value of 'properties.{place}' is not valid: {first['msg']}."
        ) from None


def _require_times(call: Call, properties: JsonObject) -> None:
    """Times are those that Azure knows, and fit each other (docs/facts.md, graph 16)."""
    window, frequency = (_minutes(properties.get(name)) for name in ("windowSize", "evaluationFrequency"))
    override = properties.get("overrideQueryTimeRange")
    named = [window, frequency, *([_minutes(override)] if override else [])]
    rules = call.azure.rules
    if rules.on("alert-rule-times") and any(minutes not in _MINUTES for minutes in named):
        supported = ", ".join(map(str, _MINUTES))
        raise ServiceError(
            400, "BadRequest", f"The rule's times are not supported. Supported granularities are: {supported}."
        )
    periods = [part(one, "failingPeriods") for one in objects(part(properties, "criteria"), "allOf")]
    look_back = (window or 0) * max([one.get("numberOfEvaluationPeriods", 1) for one in periods], default=1)
    if rules.on("alert-rule-look-back") and not (frequency or 0) <= look_back <= _LOOK_BACK_MINUTES:
        says = "The query's look-back must not be shorter than EvaluationFrequency, nor longer than 48 hours."
        raise ServiceError(400, "BadRequest", says)
    stateful = properties.get("autoMitigate", True)
    if rules.on("alert-rule-stateful") and stateful and (frequency or 0) > _STATEFUL_MINUTES:
        raise ServiceError(
            400, "BadRequest", "A rule that resolves its alerts must be evaluated at least every 12 hours."
        )


def _require_what_it_names(call: Call, properties: JsonObject) -> None:
    """The workspace exists, and the caller may read it and the action groups (docs/facts.md, graph 16)."""
    scopes: list[str] = properties.get("scopes") or []
    groups: list[str] = part(properties, "actions").get("actionGroups") or []
    named = [(scope, "Microsoft.OperationalInsights/workspaces/read") for scope in scopes]
    named += [(group, "Microsoft.Insights/actionGroups/read") for group in groups]
    for scope, action in named if call.azure.rules.on("alert-rule-reads") else ():
        if not is_allowed(call.azure, call.caller.object_id, scope, action):
            says = (
                f"The client '{call.caller.app_id}' with object id '{call.caller.object_id}' has permission to perform "
                f"action '{_TYPE}/write' on scope '{_scope(call)}'; however, it does not have permission to perform "
                f"action '{action}' on the linked scope(s) '{scope}' or the linked scope(s) are invalid."
            )
            raise ServiceError(403, "LinkedAuthorizationFailed", says)
    missing = [scope for scope in scopes if call.azure.store.get(LogWorkspace, scope) is None]
    if missing and call.azure.rules.on("alert-rule-scope-must-exist"):
        raise ServiceError(404, "ResourceNotFound", f"The Resource '{missing[0]}' was not found.")


def _scope(call: Call) -> str:
    return f"{group_of(call).key}/providers/{_TYPE}/{call.params['rule']}"


def _found(call: Call) -> AlertRule | None:
    return call.azure.store.get(AlertRule, _scope(call))


def _existing(call: Call) -> AlertRule:
    found = _found(call)
    if found is None:
        says = (
            f"The Resource '{_TYPE}/{call.params['rule']}' under resource group '{call.params['group']}' was not found."
        )
        raise ServiceError(404, "ResourceNotFound", says)
    return found


def _shown(rule: AlertRule) -> dict[str, Any]:
    told = {
        "createdWithApiVersion": "2025-01-01-preview",
        "isLegacyLogAnalyticsRule": False,
        "isWorkspaceAlertsStorageConfigured": False,
    }
    return {
        "id": rule.key,
        "name": rule.name,
        "type": _TYPE,
        "location": rule.location,
        "kind": "LogAlert",
        "etag": rule.etag,
        "tags": rule.tags,
        "systemData": {
            "createdAt": rule.created,
            "createdBy": rule.created_by,
            "createdByType": "Application",
            "lastModifiedAt": rule.modified,
            "lastModifiedBy": rule.modified_by,
            "lastModifiedByType": "Application",
        },
        "properties": told | rule.properties,
    }


def get_rule(call: Call) -> Answer:
    """``GET`` of one rule."""
    require(call, _scope(call), f"{_TYPE}/read")
    return Answer(200, _shown(_existing(call)))


def list_rules(call: Call) -> Answer:
    """``GET`` of all rules of a subscription or resource group."""
    scope = group_of(call).key if "group" in call.params else f"/subscriptions/{subscription_of(call).id}"
    require(call, scope, f"{_TYPE}/read")
    found = [rule for rule in call.azure.store.all(AlertRule) if rule.key.lower().startswith(f"{scope}/".lower())]
    return items([_shown(rule) for rule in found])


def _kept(call: Call, properties: JsonObject, tags: dict[str, str], location: str) -> AlertRule:
    """The rule as it is from now on, once all of it is right."""
    formed = _formed(call, properties)
    _require_times(call, formed)
    _require_what_it_names(call, formed)
    before, now, who = _found(call), call.azure.now(), call.caller.app_id
    made = AlertRule(
        group_id=group_of(call).key,
        name=before.name if before else call.params["rule"],
        location=location,
        tags=tags,
        properties=formed,
        etag=f'"{call.azure.new_id()}"',
        created=before.created if before else now,
        created_by=before.created_by if before else who,
        modified=now,
        modified_by=who,
    )
    call.azure.store.put(made)
    return made


def put_rule(call: Call) -> Answer:
    """``PUT``: create or replace."""
    require(call, _scope(call), f"{_TYPE}/write")
    existed = _found(call) is not None
    if not _NAME.match(call.params["rule"]):
        raise ServiceError(400, "BadRequest", f"The rule name '{call.params['rule']}' is invalid.")
    if not call.body.get("location"):
        raise ServiceError(400, "LocationRequired", "The location property is required for this definition.")
    if call.body.get("kind", "LogAlert") != "LogAlert":
        raise ServiceError(400, "BadRequest", "The sandbox knows rules of the kind LogAlert alone.")
    location = str(call.body["location"]).replace(" ", "").lower()
    made = _kept(call, part(call.body, "properties"), call.body.get("tags") or {}, location)
    return Answer(200 if existed else 201, _shown(made))


def update_rule(call: Call) -> Answer:
    """``PATCH``: what is sent takes the place of what is there; the rest stays."""
    require(call, _scope(call), f"{_TYPE}/write")
    rule = _existing(call)
    tags = call.body.get("tags", rule.tags)
    return Answer(200, _shown(_kept(call, rule.properties | part(call.body, "properties"), tags, rule.location)))


def delete_rule(call: Call) -> Answer:
    """``DELETE``: 200, or 204 where there was none."""
    require(call, _scope(call), f"{_TYPE}/delete")
    rule = _found(call)
    if rule is None:
        return Answer(204)
    call.azure.store.delete(rule)
    return Answer(200)


_RULES = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Insights/scheduledQueryRules"
OPERATIONS = [
    Operation("GET", "/subscriptions/{subscription}/providers/Microsoft.Insights/scheduledQueryRules", list_rules),
    Operation("GET", _RULES, list_rules),
    Operation("GET", _RULES + "/{rule}", get_rule),
    Operation("PUT", _RULES + "/{rule}", put_rule),
    Operation("PATCH", _RULES + "/{rule}", update_rule),
    Operation("DELETE", _RULES + "/{rule}", delete_rule),
]
