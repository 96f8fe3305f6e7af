"""Which stages of the pipelines run, what sets them off, and that no two runs deploy at once.

Each stage's result is given here. What becomes of one environment after another is in the story's own tests.
"""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from azure_pipelines import PIPELINES, command_of, stages_of, steps_of
from crons import DAYS, moments
from stage_wiring import CANCELED, FAILED, PIPELINE_FILES, SKIPPED, SUCCEEDED, play

A, B, C = "alpha", "beta", "gamma"
"""Tenants with identities of their own, of sandbox, pre-production and production."""
IDENTITIES: dict[str, list[str]] = {"sandbox": [A], "pre-production": [B], "production": [C]}
ENVIRONMENTS: dict[str, str] = dict(zip((A, B, C), IDENTITIES, strict=True))
READS = {
    does: {one: f"{does}_{where.replace('-', '_')}_{one}" for one, where in ENVIRONMENTS.items()}
    for does in ("preview", "drift", "scan")
}
"""The stages that sign in as those that read."""


def touched(*tenants: str) -> dict[str, str]:
    """What the stage scope says."""
    found = {"stacks": ",".join(tenants), "gone": ""}
    found |= {where: one if one in tenants else "" for one, where in ENVIRONMENTS.items()}
    return found | {f"{ENVIRONMENTS[one]}_{one}": one for one in tenants}


def played(
    pipeline: str, found: dict[str, str], ends: dict[str, str] | None = None, canceled_in: str = ""
) -> list[str]:
    """The stages that begin; they end well, but for those that are named."""
    known = {"scope": SUCCEEDED, **(ends or {})}
    outputs = found if known["scope"] == SUCCEEDED else {}
    run = play(pipeline, outputs, lambda one: known.get(one, SUCCEEDED), canceled_in=canceled_in, identities=IDENTITIES)
    return list(run)


ALL = ["scope", *READS["preview"].values()]


@pytest.mark.parametrize(
    ("tenants", "ends", "expected"),
    [
        ((A, B, C), {}, [*ALL, "gate", "sandbox", "pre_production", "production"]),
        ((), {}, ["scope"]),
        ((A, B, C), {"scope": FAILED}, ["scope"]),
        ((A, B, C), {READS["preview"][B]: FAILED}, [*ALL, "left"]),
        ((A, B, C), {"gate": FAILED}, [*ALL, "gate", "left"]),
        ((B, C), {}, ["scope", *ALL[2:], "gate", "pre_production", "production"]),
        ((A, C), {}, ["scope", ALL[1], ALL[3], "gate", "sandbox", "production"]),
        ((C,), {}, ["scope", ALL[3], "gate", "production"]),
        ((C,), {"gate": FAILED}, ["scope", ALL[3], "gate", "left"]),
        ((C,), {ALL[3]: FAILED}, ["scope", ALL[3], "left"]),
        ((A, B, C), {"sandbox": FAILED}, [*ALL, "gate", "sandbox", "left"]),
        ((A, C), {"sandbox": FAILED}, ["scope", ALL[1], ALL[3], "gate", "sandbox", "left"]),
        # However a stage ends whose check was rejected, or whose approval came too late.
        ((A, B, C), {"pre_production": FAILED}, [*ALL, "gate", "sandbox", "pre_production", "left"]),
        ((A, B, C), {"pre_production": SKIPPED}, [*ALL, "gate", "sandbox", "pre_production", "left"]),
        ((A, B, C), {"pre_production": CANCELED}, [*ALL, "gate", "sandbox", "pre_production", "left"]),
        ((A, B, C), {"production": SKIPPED}, [*ALL, "gate", "sandbox", "pre_production", "production", "left"]),
    ],
)
def test_an_environment_is_deployed_after_the_gate_and_after_each_one_before_it(
    tenants: tuple[str, ...], ends: dict[str, str], expected: list[str]
) -> None:
    assert played("deploy.yml", touched(*tenants), ends) == expected


def test_a_deployment_that_somebody_cancels_goes_no_further_and_says_what_is_left() -> None:
    assert played("deploy.yml", touched(A, B, C), canceled_in="gate") == [*ALL, "gate", "left"]
    assert played("deploy.yml", touched(A, B, C), canceled_in="sandbox") == [*ALL, "gate", "sandbox", "left"]


def test_a_pull_request_is_told_whatever_becomes_of_its_previews() -> None:
    one = READS["preview"][A]
    for found, ends, expected in (
        (touched(A), {}, ["scope", one, "tell"]),
        (touched(A), {one: FAILED}, ["scope", one, "tell"]),
        (touched(A), {one: SKIPPED}, ["scope", one, "tell"]),
        (touched(), {}, ["scope", "tell"]),
        (touched(A), {"scope": FAILED}, ["scope", "unknown"]),
    ):
        assert played("pull-request.yml", found, ends) == expected
    assert played("pull-request.yml", touched(A), canceled_in="scope") == ["scope"]
    [(step, _)] = steps_of(stages_of("pull-request.yml", identities=IDENTITIES)["unknown"])
    assert command_of(step) == "uv run purview-ai change comment --instead unknown"


def test_a_night_is_told_whichever_of_its_stages_was_let_in() -> None:
    looks = [READS["drift"][A], READS["drift"][C]]
    for ends, expected in (
        ({}, ["scope", *looks, "tell"]),
        ({looks[0]: FAILED}, ["scope", *looks, "tell"]),
        ({looks[0]: SKIPPED}, ["scope", *looks, "tell"]),
        ({"scope": FAILED}, ["scope", "tell"]),
    ):
        assert played("drift.yml", touched(A, C), ends) == expected
    assert played("drift.yml", touched(A, C), canceled_in="scope") == ["scope"]


def test_scans_are_started_for_whoever_is_meant_and_without_each_other() -> None:
    scans = list(READS["scan"].values())
    assert played("scans.yml", touched(A, B, C)) == ["scope", *scans]
    assert played("scans.yml", touched(A, B, C), {scans[0]: FAILED}) == ["scope", *scans]
    assert played("scans.yml", touched(B)) == ["scope", scans[1]]
    assert played("scans.yml", touched(B), {"scope": FAILED}) == ["scope"]


def test_grants_are_given_after_their_gate() -> None:
    for end, expected in ((SUCCEEDED, ["plan", "apply"]), (FAILED, ["plan"]), (CANCELED, ["plan"])):
        run = play("grants.yml", {}, {"plan": end, "apply": SUCCEEDED}.__getitem__, stack="contoso")
        assert list(run) == expected


def read(pipeline: str) -> dict[str, Any]:
    """A pipeline as it stands there."""
    return yaml.safe_load((PIPELINES / pipeline).read_text())


def test_a_merge_sets_off_the_deployment_alone_and_each_merge_its_own() -> None:
    set_off = {one: read(one).get("trigger", "every push") for one in PIPELINE_FILES}
    assert set_off.pop("deploy.yml") == {"batch": "false", "branches": {"include": ["main"]}}
    assert set(set_off.values()) == {"none"}
    # That of a pull request is set off by a policy of its branch, and the file says nothing of it.
    ours = {one: read(one).get("pr", "every pull request") for one in PIPELINE_FILES if one != "pull-request.yml"}
    assert set(ours.values()) == {"none"}


def test_drift_is_looked_for_each_night_and_scans_are_started_each_week() -> None:
    come_up = {}
    for one in PIPELINE_FILES:
        schedules = read(one).get("schedules", [])
        come_up[one] = moments(each["cron"] for each in schedules)
        # Also where nothing was merged since the last time, and of what is merged alone.
        assert all(str(each.get("always")) == "true" for each in schedules)
        assert all(each["branches"] == {"include": ["main"]} for each in schedules)
    nights, weeks = come_up.pop("drift.yml"), come_up.pop("scans.yml")
    assert nights == {(day, 2): 1 for day in DAYS}
    assert weeks == {("Mon", 4): 1}
    assert not any(come_up.values())


def test_every_stage_that_deploys_waits_for_its_turn() -> None:
    deploying = {
        f"{pipeline} {name}": stage.get("lockBehavior")
        for pipeline, given in (("deploy.yml", {"identities": IDENTITIES}), ("grants.yml", {"stack": "contoso"}))
        for name, stage in stages_of(pipeline, **given).items()
        if any("deployment" in job for job in stage["jobs"])
    }
    stages = ("deploy.yml sandbox", "deploy.yml pre_production", "deploy.yml production", "grants.yml apply")
    assert deploying == dict.fromkeys(stages, "sequential")
