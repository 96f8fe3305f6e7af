"""Following a run: how long is waited between two looks, and how long for a run that is not listed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from inspection.estates import ago, azure_settings, run
from purview_ai.calls.patience import PROPAGATION_S
from purview_ai.objects.failures import RefusedError
from purview_ai.operate.stack_file import Tenant
from purview_ai.operate.watching import Sight, Watch
from purview_ai.settings.tenant import TenantSettings
from settings_blocks import block

if TYPE_CHECKING:
    from purview_ai.datamap.client import DataMap
    from purview_ai.datamap.run_report import RunReport

TENANT = Tenant("sandbox", TenantSettings.model_validate(block()), azure_settings())
ENDED = run(ago(hours=1))


class Time:
    """It passes while somebody waits, and knows for how long they did."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)

    def now(self) -> float:
        return sum(self.waits)


def seen(monkeypatch: pytest.MonkeyPatch, time: Time, answers: list[Any], run_id: str | None = None) -> list[Sight]:
    """What is seen of a scan that answers so, the last answer for ever."""

    def runs_of(*_: object) -> list[RunReport]:
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr("purview_ai.operate.watching.runs_of", runs_of)
    watch = Watch(TENANT, ["chatgpt"], 10.0, 30.0, run_id, time.wait, time.now)
    return list(watch.sights(cast("DataMap", None)))


@pytest.mark.parametrize(("asks_for", "waited"), [(0.0, 10.0), (300.0, 300.0), (86400.0, 900.0)])
def test_a_service_is_left_alone_for_as_long_as_it_asks_within_reason(
    asks_for: float, waited: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = Time()
    busy = [RefusedError("Purview", 429, "Busy", "later", request, asks_for) for request in ("one", "two")]
    sights = seen(monkeypatch, time, [*busy, [ENDED]])
    assert time.waits == [waited, waited]
    assert [bool(one.trouble) for one in sights] == [True, False], "the same trouble is told once"


def test_a_run_that_is_never_listed_is_not_waited_for_forever(monkeypatch: pytest.MonkeyPatch) -> None:
    time = Time()
    [last] = seen(monkeypatch, time, [[ENDED]], "another-run")
    assert last.run is None
    assert PROPAGATION_S <= time.now() <= PROPAGATION_S + 20.0
