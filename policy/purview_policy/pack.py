"""The rules as a policy pack of Pulumi's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_policy import (
    Policy,
    PolicyConfigSchema,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from purview_policy.configuration import NAME, checked_from_now_on
from purview_policy.judged import Judged
from purview_policy.rules import RULES

if TYPE_CHECKING:
    from purview_policy.rule import Rule

PAGE = "docs/policy.md"


def serve() -> None:
    """Answer the engine until it is done."""
    checked_from_now_on()
    PolicyPack(NAME, [policy_of(rule) for rule in RULES])


def policy_of(rule: Rule[Any]) -> Policy:
    """A rule in the SDK's words."""
    about: dict[str, Any] = {
        "enforcement_level": rule.level,
        "config_schema": _schema(rule),
        "remediation_steps": rule.remedy,
        "url": PAGE,
    }
    if rule.of_outputs:
        return StackValidationPolicy(rule.name, rule.says, _of_stack(rule), **about)
    return ResourceValidationPolicy(rule.name, rule.says, _of_resource(rule), **about)


def _of_resource(rule: Rule[Any]) -> Any:
    def validate(resource: ResourceValidationArgs, report: ReportViolation) -> None:
        for told in rule.violations(Judged.of(resource), dict(resource.get_config())):
            report(told, None)

    return validate


def _of_stack(rule: Rule[Any]) -> Any:
    def validate(stack: StackValidationArgs, report: ReportViolation) -> None:
        for resource in stack.resources:
            for told in rule.violations(Judged.of(resource), dict(stack.get_config())):
                report(told, resource.urn)

    return validate


def _schema(rule: Rule[Any]) -> PolicyConfigSchema | None:
    """What can be set, as JSON Schema, which the engine holds the settings to and fills up by its defaults."""
    properties: dict[str, Any] = rule.parameters.model_json_schema().get("properties", {})
    return PolicyConfigSchema(properties) if properties else None
