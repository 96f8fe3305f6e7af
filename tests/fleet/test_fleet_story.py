"""A fleet is deployed on a bad day, with a kill in the middle and a wrong setting; then changed, and verified.

Its states are in Azure Storage, and by night once more in files.
"""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from drift.storage import LocalStorage
from fleet.fleets import LONG_S, NIGHTLY, SIZE, Fleet, all_gone, kill, vault_path
from leaks import leaks
from local_azure import seed
from operate.command_line import OPERATOR
from waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fleet.fleets import Told
    from local_azure.process import LocalAzure

STACKS = [f"tenant{number:02}" for number in range(SIZE)]
CANARY, FLAKY, SLOW, WRONG = "tenant00", "tenant02", "tenant04", "tenant05"
DONE = "succeeded"


@pytest.fixture(params=("azblob", "files") if NIGHTLY else ("azblob",))
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LocalStorage | None]:
    """Where the states are kept; None where they are files."""
    if request.param == "files":
        yield None
        return
    running = LocalStorage.start(tmp_path / "azurite")
    yield running
    running.stop()


@pytest.mark.long
@pytest.mark.timeout(4 * LONG_S)
def test_none_is_lost_and_none_is_done_twice(
    tmp_path: Path, azure: LocalAzure, pulumi_home: Path, storage: LocalStorage | None
) -> None:
    del pulumi_home
    fleet = Fleet.of(tmp_path, azure, SIZE, storage)
    with ThreadPoolExecutor(2) as pool:
        keys = list(pool.map(fleet.give_key, STACKS))
    fleet.change(WRONG, {"purview.collection": "nowhere"})
    _killed_in_the_middle(fleet)
    resumed = fleet.told("up", "--resume", "--yes")
    assert resumed.code == 1
    assert resumed.results == {stack: "failed" if stack == WRONG else DONE for stack in STACKS}
    _all_is_made_once(fleet)
    _what_was_done_is_not_begun_again(fleet)
    _the_failure_says_why(resumed)
    _what_was_killed_was_tried_again(resumed)
    _changed(fleet)
    _verified(fleet)
    _no_key_is_told(fleet, keys)


def _killed_in_the_middle(fleet: Fleet) -> None:
    # The clients of Azure do not repeat a refusal, so it is the fleet that tries again.
    fleet.azure.weather(effect="status", method="PUT", path=f"vaults/kv-{FLAKY}", status=400, code="BadDay")
    fleet.azure.weather(effect="latency", method="PUT", path=f"datasources/{SLOW}", seconds=6.0)
    run = fleet.start("up", "--all", "--yes", "--parallel", "2", "--canary", CANARY, "--wave-size", "8")
    until(lambda: fleet.asked("PUT", f"azureKeyVaults/{SLOW}-"), "the moment", LONG_S)
    left_behind = kill(run)
    assert left_behind
    all_gone(left_behind)
    # Who was at work has ended its steps, has kept what they made, and holds no lock any more.
    assert fleet.locks() == []
    assert "custody-connection" in fleet.resources(SLOW)
    assert f"{SLOW}-scan" not in fleet.resources(SLOW)
    assert not [left for stack in STACKS for left in fleet.resources(stack) if left.startswith("half done")]


def _all_is_made_once(fleet: Fleet) -> None:
    for stack in STACKS:
        made = Counter(fleet.writes(stack))
        # Of a vault that was waited for, its provider says at a kill that this was ended: it is put right, not made.
        assert made.pop(f"PUT {vault_path(stack)}") in (1, 2)
        assert set(made.values()) == {1}, made
        assert (f"POST /scan/datasources/{stack}/scans/{stack}-scan:run" in made) == (stack != WRONG)
        assert (f"{stack}-run" in fleet.resources(stack)) == (stack != WRONG)


def _what_was_done_is_not_begun_again(fleet: Fleet) -> None:
    """By what the run wrote down: the canary was done before the kill, and the slow one was cut off by it."""
    [journal] = fleet.folder.glob(".purview-ai/fleet/*-up/journal.jsonl")
    done, begun = set[str](), Counter[str]()
    for line in map(json.loads, journal.read_text().splitlines()):
        if stack := line.get("began"):
            assert stack not in done, stack
            begun[stack] += 1
        elif (ended := line.get("ended")) and ended["ending"] == DONE:
            done.add(ended["stack"])
    assert done == set(STACKS) - {WRONG}
    assert (begun[CANARY], begun[SLOW]) == (1, 2)


def _the_failure_says_why(resumed: Told) -> None:
    wrong = resumed.of(WRONG)
    assert wrong["reason"].startswith(f'{WRONG}: data source "{WRONG}" was not created\n')
    assert "404 ResourceNotFound (request " in wrong["reason"]
    assert "purview.collection" in wrong["reason"]
    assert wrong["attempts"] == 2
    assert "\x1b" not in wrong["reason"]
    assert seed.VENDOR_KEY not in str(resumed)
    assert resumed.summary["totals"] == {"failed": 1, DONE: SIZE - 1}


def _what_was_killed_was_tried_again(resumed: Told) -> None:
    # Where its second try was over before the kill, the summary has it from there.
    flaky = resumed.of(FLAKY)
    if flaky["attempts"] == 2:
        assert "BadDay" in flaky["first_reason"]
    assert resumed.of(SLOW)["changes"]["create"] > 0


def _changed(fleet: Fleet) -> None:
    """Every fifth tenant gets another tag; of all others nothing is changed, and the wrong setting is put right."""
    changed = STACKS[1::5]
    for stack in changed:
        fleet.change(stack, {"tags": {"wave": "main"}})
    fleet.change(WRONG, {"purview.collection": "ai-interactions"})
    fleet.azure.forget_requests()
    done = fleet.told("up", "--all", "--yes")
    assert (done.code, set(done.results.values())) == (0, {DONE})
    assert [stack for stack in STACKS if done.of(stack)["changes"].keys() == {"update"}] == changed
    assert [fleet.tags_of_vault(stack) for stack in changed] == [{"wave": "main"}] * len(changed)
    untouched = [stack for stack in STACKS if stack not in (*changed, WRONG)]
    assert [fleet.writes(stack) for stack in untouched] == [[]] * len(untouched)


def _verified(fleet: Fleet) -> None:
    """Each run of each tenant has read its key, opened its workspace and succeeded; records may take their time."""
    verified = fleet.told("verify", "--all", "--search", "0", **OPERATOR)
    assert verified.code in (0, 4), verified
    assert set(verified.results.values()) <= {DONE, "pending"}
    for stack in STACKS:
        found = {one["link"]: one["verdict"] for one in verified.of(stack)["findings"]}
        assert found[f"runs.{stack}"] == "passed"
    assert fleet.told("drift", "--all").code == 0


def _no_key_is_told(fleet: Fleet, keys: list[str]) -> None:
    written = [file.read_bytes() for file in (fleet.folder / ".purview-ai").rglob("*") if file.is_file()]
    assert len(written) > SIZE
    assert [key for key in keys for data in written if leaks(data, key)] == []
