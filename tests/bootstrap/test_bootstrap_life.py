"""The program in ``bootstrap/`` on the real engine: made, seen again without a change, and let go of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines import Bootstrap

if TYPE_CHECKING:
    pass


def test_it_is_made_and_a_second_preview_changes_nothing(bootstrap: Bootstrap) -> None:
    done = bootstrap.stack.up().must_succeed()
    print(done.steps)
    print(bootstrap.output("lines"), bootstrap.output("remaining"))
    assert bootstrap.stack.preview("--expect-no-changes").must_succeed().steps == {}
    assert bootstrap.stack.refresh().must_succeed().steps == {}
