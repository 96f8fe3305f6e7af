"""What a run has done is known from its journal, wherever it was cut off; and its waves hold every stack once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from purview_ai.fleet.journal import FILE, KEPT, Journal, Line, Past, RunError, past_of
from purview_ai.fleet.order import Operation, Order, waves_of
from purview_ai.fleet.results import Ending, StackResult

STACKS = ("a", "b", "c", "d")
ORDER = Order(operation=Operation.UP, waves=(("a",), ("b", "c", "d")), canary=True)
NOW = datetime(2026, 11, 27, tzinfo=UTC)
NAMES = st.lists(st.text("abcdef", min_size=1, max_size=3), unique=True, max_size=12)
LINES = st.lists(
    st.builds(lambda stack: Line(at=NOW, began=stack), st.sampled_from(STACKS))
    | st.builds(
        lambda stack, ending: Line(at=NOW, ended=StackResult(stack=stack, ending=ending, reason="é\n…")),
        st.sampled_from(STACKS),
        st.sampled_from(list(Ending)),
    ),
    max_size=12,
)


def _written(lines: list[Line]) -> list[bytes]:
    return [line.model_dump_json(exclude_defaults=True).encode() + b"\n" for line in lines]


@given(NAMES, st.sets(st.text("abcdef", min_size=1, max_size=3)), st.integers(0, 5))
def test_waves_hold_every_stack_once_and_canaries_come_alone(names: list[str], canaries: set[str], size: int) -> None:
    waves = waves_of(names, canaries, size)
    alone = [name for name in names if name in canaries]
    others = [name for name in names if name not in canaries]
    assert [name for wave in waves for name in wave] == alone + others
    assert all(waves)
    if alone:
        assert list(waves[0]) == alone
    if size:
        assert all(len(wave) <= size for wave in waves[bool(alone) :])
    else:
        assert len(waves) == bool(alone) + bool(others)


@given(LINES, st.data())
def test_a_line_that_was_cut_off_did_not_happen_and_no_other_is_lost(lines: list[Line], data: st.DataObject) -> None:
    written = _written([Line(at=NOW, order=ORDER), *lines])
    kept = data.draw(st.integers(1, len(written)))
    cut = written[kept][: data.draw(st.integers(0, len(written[kept]) - 2))] if kept < len(written) else b""
    past = past_of((b"".join(written[:kept]) + cut).splitlines())
    assert past is not None
    assert past.order == ORDER
    results: dict[str, Ending] = {}
    at_work: set[str] = set()
    for line in lines[: kept - 1]:
        if line.ended:
            results[line.ended.stack] = line.ended.ending
            at_work.discard(line.ended.stack)
        else:
            at_work.add(line.began)
    assert {stack: result.ending for stack, result in past.results.items()} == results
    assert past.cut_off == at_work
    done = {stack for stack, ending in results.items() if ending in (Ending.SUCCEEDED, Ending.DIFFERS)}
    assert set(past.left) == set(STACKS) - done


def test_a_run_goes_on_after_half_a_line_and_for_one_process_at_a_time(tmp_path: Path) -> None:
    first = Journal.begin(tmp_path, ORDER)
    first.began("a")
    first.ended(StackResult(stack="a", ending=Ending.SUCCEEDED))
    first.began("b")
    with pytest.raises(RunError, match="goes on in another process"):
        Journal.resume(tmp_path, Operation.UP)
    first.close()
    with (first.folder / FILE).open("ab") as file:
        file.write(b'{"at":"2026-11-27T00:00:00Z","ended":{"sta')
    again = Journal.resume(tmp_path, Operation.UP)
    assert (again.run, again.past.left, again.past.cut_off) == (first.run, ("b", "c", "d"), {"b"})
    again.ended(StackResult(stack="b", ending=Ending.FAILED, reason="why"))
    again.close()
    third = Journal.resume(tmp_path, Operation.UP)
    assert (third.past.results["b"].reason, third.past.cut_off) == ("why", set())
    third.close()
    assert (tmp_path / ".purview-ai" / ".gitignore").read_text() == "*\n"


def test_a_line_without_its_end_did_not_happen_now_or_later(tmp_path: Path) -> None:
    first = Journal.begin(tmp_path, ORDER)
    first.began("a")
    first.ended(StackResult(stack="a", ending=Ending.SUCCEEDED))
    first.close()
    file = first.folder / FILE
    file.write_bytes(file.read_bytes()[:-1])
    for _ in range(2):
        again = Journal.resume(tmp_path, Operation.UP)
        assert (again.past.left[0], again.past.cut_off) == ("a", {"a"})
        again.close()


def test_without_a_run_there_is_nothing_to_go_on_with(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="there is no run of fleet refresh"):
        Journal.resume(tmp_path, Operation.REFRESH)


def test_the_newest_run_is_gone_on_with(tmp_path: Path) -> None:
    for waves in ((("a",),), (("b",),)):
        Journal.begin(tmp_path, Order(operation=Operation.UP, waves=waves)).close()
    Journal.begin(tmp_path, Order(operation=Operation.PREVIEW, waves=(("c",),))).close()
    newest = Journal.resume(tmp_path, Operation.UP)
    assert newest.past.order.stacks == ("b",)
    newest.close()


def test_the_newest_runs_of_each_command_are_kept_and_one_that_goes_on(tmp_path: Path) -> None:
    oldest = Journal.begin(tmp_path, ORDER)
    preview = Journal.begin(tmp_path, ORDER.model_copy(update={"operation": Operation.PREVIEW}))
    preview.close()
    for _ in range(KEPT + 2):
        Journal.begin(tmp_path, ORDER).close()
    newest = Journal.begin(tmp_path, ORDER)
    newest.close()
    left = {one.name for one in (tmp_path / ".purview-ai" / "fleet").iterdir()}
    assert len(left) == KEPT + 2
    assert {oldest.run, preview.run, newest.run} <= left
    oldest.close()
    Journal.begin(tmp_path, ORDER).close()
    assert len(list((tmp_path / ".purview-ai" / "fleet").glob("*-up"))) == KEPT


def test_a_full_disk_ends_a_change_and_no_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    look = Order(operation=Operation.DRIFT, waves=(("a",),))
    with Path("/dev/full").open("ab") as full:
        journal = Journal(tmp_path, Past(look, NOW), full)
        journal.began("a")
        journal.ended(StackResult(stack="a", ending=Ending.DIFFERS))
        journal.close()
    assert journal.past.results["a"].ending is Ending.DIFFERS
    with Path("/dev/full").open("ab", buffering=0) as full, pytest.raises(OSError, match="No space left"):
        Journal(tmp_path, Past(ORDER, NOW), full).began("a")
    monkeypatch.setattr("purview_ai.fleet.journal.FILE", "/dev/full")
    with pytest.raises(OSError, match="No space left"):
        Journal.begin(tmp_path, look)
