"""What ``make up`` closes with is true of this very time."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from workbench.engine import Tally
from workbench.summary import summary

BEGUN = datetime(2026, 11, 25, 12, tzinfo=UTC)
NOTHING = Tally()
CHANGED = Tally(azure=Counter(update=1), data_map=Counter(update=1), seconds=3.0)
MADE = Tally(azure=Counter(create=6), data_map=Counter(create=6), seconds=5.0)


def source(status: str, started: str, level: str = "Full", reason: str = "") -> dict[str, Any]:
    """What scan watch tells of a source."""
    counts = {"discovered": 3, "classified": 2, "ingested": 3}
    run = {"status": status, "started": started, "level": level, "reason": reason, **counts}
    return {"source": "chatgpt", "scan": "chatgpt-scan", "run": run}


def told(tally: Tally, *watched: dict[str, Any]) -> str:
    """The closing words."""
    return "\n".join(summary("sandbox", tally, list(watched), BEGUN))


def test_a_new_run_that_succeeded_connects_the_tenant() -> None:
    words = told(MADE, source("Succeeded", "2026-11-25T12:00:04Z"))
    assert "sandbox is connected." in words
    assert "chatgpt: full run Succeeded   3 discovered, 2 classified, 3 ingested" in words
    assert "generation" not in words


def test_an_old_run_says_nothing_of_a_change() -> None:
    words = told(CHANGED, source("Succeeded", "2026-11-25T11:00:00Z", level="Incremental"))
    assert "is connected" not in words
    assert "no run has tried the change yet" in words
    assert "no new run; the last one: incremental run Succeeded" in words
    assert "raise sources.chatgpt.scan.generation in stacks/Pulumi.sandbox.yaml" in words


def test_an_old_run_still_counts_where_nothing_was_changed() -> None:
    words = told(NOTHING, source("Succeeded", "2026-11-25T11:00:00Z"))
    assert "sandbox is connected." in words


def test_a_run_that_failed_says_why_and_what_to_do() -> None:
    words = told(MADE, source("Failed", "2026-11-25T12:00:04Z", reason="the key was rejected"))
    assert "not every run succeeded" in words
    assert "full run Failed   the key was rejected" in words
    assert "scan.generation" in words


def test_a_scan_that_never_ran_is_no_success() -> None:
    words = told(NOTHING, {"source": "chatgpt", "scan": "chatgpt-scan", "run": None})
    assert "not every run succeeded" in words
    assert "scan chatgpt-scan never ran" in words


def test_nothing_is_claimed_where_nobody_could_be_asked() -> None:
    words = told(MADE)
    assert "how its runs go could not be asked" in words
    assert "connected" not in words
