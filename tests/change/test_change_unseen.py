"""What weakens a tenant without a word in the preview is stopped, on the real engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from change.test_change_on_the_engine import FROM, actions, shown, stopped_in
from local_azure import seed
from whole_chain import ACCOUNT, ACTION_GROUP_ID, LOG_WORKSPACE_ID, role_body, role_url

if TYPE_CHECKING:
    from people import Person
    from repositories import Repository

HIDDEN = """
import pulumi


def hide(args):
    name = {"custody-vault": "properties", "chatgpt-trigger": "enabled"}.get(args.name)
    if name is None:
        return None
    hidden = {**args.props, name: pulumi.Output.secret(args.props[name])}
    return pulumi.ResourceTransformationResult(hidden, args.opts)


pulumi.runtime.register_stack_transformation(hide)
"""


def test_what_is_turned_off_within_a_secret_is_stopped(repository: Repository) -> None:
    program = repository.clone / "__main__.py"
    first, rest = program.read_text().split("\n", 1)
    program.write_text(f"{first}\n{HIDDEN}\n{rest}")
    repository.up().must_succeed()
    repository.change({"vault.network": "public", "vault.allow_from": None, "sources.chatgpt.scan.enabled": False})
    told = repository.previewed()
    assert "`properties.networkAcls`: changes, and is not shown" in told.out, told.words
    found = [(one["rule"], one["what"]) for one in stopped_in(repository)]
    assert sorted(found) == [
        ("hidden-change", "The key vault custody-vault would be changed where nobody sees it: properties.networkAcls."),
        ("hidden-change", "The trigger chatgpt-trigger would be changed where nobody sees it: enabled."),
    ]


def test_what_ingests_everything_again_is_stopped(deployed: Repository) -> None:
    deployed.change({"sources.chatgpt.scan.generation": 9})
    assert actions(shown(deployed.previewed("--json"))) == {"chatgpt-run": "change"}
    [stop] = stopped_in(deployed)
    assert (stop["rule"], "generation 9" in stop["what"]) == ("full-run", True)
    deployed.change({"sources.chatgpt.scan.generation": None, "sources.chatgpt.scan.level": "full"})
    assert actions(shown(deployed.previewed("--json"))) == {"chatgpt-trigger": "change"}
    assert [one["rule"] for one in stopped_in(deployed)] == ["full-run"]
    deployed.change({"sources.chatgpt.scan": {"every": "1 hour", "level": "full"}})
    assert deployed.previewed().code == 0
    assert [one["approval"] for one in stopped_in(deployed)] == ["full-run sandbox"]
    assert deployed.change_command("gate", *FROM, "--approved", "full-run sandbox").code == 0


def test_a_tenant_that_is_deployed_again_ingests_nothing_again(repository: Repository) -> None:
    repository.change({"sources.chatgpt.scan.generation": 9})
    found = actions(shown(repository.previewed("--json")))
    assert (found["chatgpt-scan"], found["chatgpt-run"]) == ("create", "create")
    assert stopped_in(repository) == []


def test_runs_that_leave_a_longer_pause_in_another_unit_are_stopped(repository: Repository) -> None:
    repository.change({"sources.chatgpt.scan.every": "3 days"})
    repository.up().must_succeed()
    days = ["Monday", "Tuesday", "Wednesday"]
    repository.change({"sources.chatgpt.scan.every": "1 week", "sources.chatgpt.scan.days": days})
    assert repository.previewed().code == 0
    assert [one["rule"] for one in stopped_in(repository)] == ["slow-trigger"]
    repository.change({"sources.chatgpt.scan.days": ["Monday", "Wednesday", "Friday"]})
    assert repository.previewed().code == 0
    assert stopped_in(repository) == []


def test_another_last_day_for_the_same_key_is_stopped_and_for_another_key_it_is_not(
    repository: Repository, operator: Person
) -> None:
    operator.do("PUT", role_url(ACCOUNT), json=role_body(seed.CONTRIBUTOR, seed.DEPLOYER_ID))
    repository.change(
        {
            "alerts": {"action_groups": [ACTION_GROUP_ID], "key_expires_within_days": 14},
            "diagnostics": {"workspace": LOG_WORKSPACE_ID, "category_group": "allLogs"},
            "sources.chatgpt.key.expires": "2027-06-30",
        }
    )
    repository.up().must_succeed()
    for day in ("2099-01-01", "2026-01-02"):
        repository.change({"sources.chatgpt.key.expires": day})
        assert repository.previewed().code == 0
        assert [one["rule"] for one in stopped_in(repository)] == ["move-expiry"]
    repository.change({"sources.chatgpt.key.expires": "2028-06-30"})
    repository.set_key(seed.ROTATED_VENDOR_KEY)
    assert set(actions(shown(repository.previewed("--json"))).values()) == {"change"}
    assert stopped_in(repository) == []
