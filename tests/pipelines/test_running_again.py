"""A run that is run again: what it left before is in nobody's way, and what it finds now is what counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from azure_pipelines import command_of, every_step_of, filled, stages_of, variables_of
from pipeline_teams import commit_on_branch, merge_branch
from pipelines.test_azure_devops_story import IDENTITIES, OF_ITS_OWN, Agent, agent
from pipelines.test_github_story import STACK, Team, needing, of_matrix, team
from whole_chain import TRIGGER

if TYPE_CHECKING:
    from people import Person
    from repositories import Repository

__all__ = ["agent", "team"]
NOT_SHOWN = f"{STACK}: there was something to do that its preview did not show"


def change_a_tag(repository: Repository) -> None:
    """On a branch."""
    repository.change({"vault.tags": {"owner": "security"}})
    commit_on_branch(repository, "A tag")


def take_the_trigger_away(repository: Repository, operator: Person) -> None:
    """By hand, and a refresh records it."""
    operator.do("DELETE", TRIGGER)
    repository.run("refresh", "--yes", "--skip-preview").must_succeed()


def test_a_deployment_that_its_preview_did_not_show_is_run_again_from_there(team: Team) -> None:
    change_a_tag(team.repository)
    before, commit = team.repository.git("rev-parse", "main"), team.merge()
    context = {"github.sha": commit, "github.event.before": before, "inputs.stacks": ""}
    run = team.runner("deploy", context, on_pull_request=False, commit=commit)

    def planned() -> dict[str, str]:
        scope = run.job("deploy.yml", "scope")
        for name in ("plan", "gate"):
            ran = run.job("deploy.yml", name, **needing(scope), **of_matrix(scope))
            assert ran.succeeded, ran.said
        return {"inputs.environment": "production", **of_matrix(scope, "production")}

    chosen = planned()
    take_the_trigger_away(team.repository, team.operator)
    for _ in ("the first time", "its failed job alone"):
        stopped = run.job("apply.yml", "apply", **chosen)
        assert (stopped.succeeded, NOT_SHOWN in stopped.said) == (False, True), stopped.said
    applied = run.job("apply.yml", "apply", **planned())
    assert applied.succeeded, applied.said
    assert team.operator.ask("GET", TRIGGER).is_success


def test_so_it_is_on_azure_devops(agent: Agent) -> None:
    change_a_tag(agent.repository)
    agent.hosted.merge(merge_branch(agent.repository))
    agent.repository.git("update-ref", "refs/remotes/origin/main", "main")

    def ran(*stages: str) -> None:
        for stage in stages:
            good, said = agent.run("deploy.yml", stage, on_pull_request=False)
            assert good, said

    ran("scope", f"preview_{OF_ITS_OWN}", "gate")
    take_the_trigger_away(agent.repository, agent.operator)
    stopped, said = agent.run("deploy.yml", "production", on_pull_request=False)
    assert (stopped, NOT_SHOWN in said) == (False, True), said
    ran(f"preview_{OF_ITS_OWN}", "gate", "production")
    assert agent.operator.ask("GET", TRIGGER).is_success


def test_a_night_that_is_run_again_tells_what_there_is_then(team: Team) -> None:
    commit = team.repository.git("rev-parse", "main")
    run = team.runner("night", {"github.sha": commit}, on_pull_request=False, commit=commit)
    scope = run.job("drift.yml", "scope")

    def told() -> str:
        found = run.job("drift.yml", "drift", **of_matrix(scope, "identities"))
        assert found.succeeded, found.said
        return run.job("drift.yml", "tell").said

    told()
    team.operator.do("DELETE", TRIGGER)
    assert "opened" in told()


def test_so_does_one_on_azure_devops(agent: Agent) -> None:
    def told(*stages: str) -> str:
        for stage in stages:
            good, said = agent.run("drift.yml", stage, on_pull_request=False)
            assert good, said
        return agent.run("drift.yml", "tell", on_pull_request=False)[1]

    told("scope", f"drift_{OF_ITS_OWN}")
    agent.operator.do("DELETE", TRIGGER)
    assert "opened" in told(f"drift_{OF_ITS_OWN}")


def test_whoever_downloads_asks_for_the_name_that_an_attempt_has_told() -> None:
    for pipeline in ("pull-request.yml", "deploy.yml", "drift.yml", "grants.yml"):
        given = {"stack": "contoso"} if pipeline == "grants.yml" else {"identities": IDENTITIES}
        stages = stages_of(pipeline, **given)
        told: dict[str, str] = {}
        for name, stage in stages.items():
            for step, job in every_step_of(stage):
                if "publish" in step:
                    told[f"{name}.{job['job']}.left.artifact"] = step["artifact"]
        assert told, pipeline
        assert all(artifact.endswith("-$(System.JobId)") for artifact in told.values()), told
        echoed = [
            command_of(step).partition("isOutput=true]")[2].rstrip('"')
            for stage in stages.values()
            for step, _ in every_step_of(stage)
            if step.get("name") == "left"
        ]
        assert echoed == list(told.values())
        asked = {
            filled(step["inputs"]["artifactName"], variables_of(job, told))
            for stage in stages.values()
            for step, job in every_step_of(stage)
            if step.get("task") == "DownloadPipelineArtifact@2"
        }
        assert asked == set(told.values()), pipeline
