"""Random wishes, outside changes, bad weather and crashes: after each recovery the service is what was wished.

The small size runs with all tests; ``make nightly`` runs the large one.
"""

from __future__ import annotations

import contextlib
import itertools
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from estate import collection, connection, credential, role, run, scan, source, trigger
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from local_azure import seed
from local_azure.process import LocalAzure
from people import PURVIEW, Person
from purview_ai.objects.failures import ObjectError
from small_engine import CheckError, SmallEngine, Wishes

if TYPE_CHECKING:
    from collections.abc import Callable

_NUMBERS = itertools.count()
_AZURE: list[LocalAzure] = []
MEMBERS = ("00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b")
FOREIGN_MEMBER = "00000000-0000-4000-8000-0000000000ff"
STORE = {"api-version": "2021-07-01"}
COLLECTIONS = (seed.COLLECTION, seed.ACCOUNT)
PIECES: list[dict[str, Any]] = [
    {"effect": "status", "status": 503, "times": 1},
    {"effect": "status", "status": 429, "retry_after": 0, "times": 2},
    {"effect": "cut-before", "times": 1},
    {"effect": "cut-after", "times": 1},
    {"effect": "cut-middle", "times": 1},
    {"effect": "status", "status": 400, "code": "BadDay", "times": 1},
]


class CrashError(Exception):
    """The process ended here."""


class CrashingEngine(SmallEngine):
    """An engine that may be killed after a call was answered and before that was written down."""

    crash_in: int | None = None

    def _survive(self) -> None:
        if self.crash_in is not None:
            self.crash_in -= 1
            if self.crash_in < 0:
                raise CrashError

    def _create(self, name: str, inputs: dict[str, Any]) -> None:
        before = dict(self.state)
        super()._create(name, inputs)
        self._unless_it_crashes(before)

    def _update(self, name: str, inputs: dict[str, Any]) -> None:
        before = dict(self.state)
        super()._update(name, inputs)
        self._unless_it_crashes(before)

    def _delete(self, name: str) -> None:
        before = dict(self.state)
        super()._delete(name)
        self._unless_it_crashes(before)

    def _unless_it_crashes(self, before: dict[str, Any]) -> None:
        try:
            self._survive()
        except CrashError:
            self.state = before
            raise


def azure() -> LocalAzure:
    """One local Azure for all examples; each has names of its own in it."""
    if not _AZURE:
        _AZURE.append(LocalAzure.start(Path(tempfile.mkdtemp(prefix="purview-ai-")) / "azure", pace=0.005, warm=True))
    return _AZURE[0]


def teardown_module() -> None:
    """End it."""
    while _AZURE:
        _AZURE.pop().kill()


class Life(RuleBasedStateMachine):
    """A stack, its operator, and a world that does not stand still."""

    @initialize()
    def begin(self) -> None:
        """Nothing is wished but a key; a foreign workspace and a foreign reader are there."""
        self.key = f"m{next(_NUMBERS):04}"
        self.azure = azure()
        self.azure.fine_weather()
        self.client = self.azure.client()
        self.operator = Person(self.azure, self.client, seed.OPERATOR_APP, seed.OPERATOR_SECRET)
        self.stack = CrashingEngine.of(self.azure)
        self.calm = True
        self.made: dict[str, str] = {}
        self.portal: dict[str, str] = {}
        self.program: Wishes = {
            "connection": connection(name=f"{self.key}-kv"),
            "credential": credential(name=f"{self.key}-key", connection=f"{self.key}-kv"),
        }
        self.foreign = source(f"foreign-{self.key}", name=f"{self.key}-foreign")
        SmallEngine.of(self.azure).up({"foreign": self.foreign, "reader": role(principal_id=FOREIGN_MEMBER)})
        self.recover()

    @rule(number=st.integers(0, 1), place=st.sampled_from(COLLECTIONS))
    def wish_for_a_source(self, number: int, place: str) -> None:
        """A workspace with its scan, trigger and run."""
        name = f"{self.key}-s{number}"
        of_scan = {"data_source": name, "scan": f"{name}-scan"}
        reference = {"referenceName": f"{self.key}-key", "credentialType": "TalonKey"}
        properties = {"firstLight": "2026-01-01T00:00:00Z", "perch": {"credentialReference": reference}}
        self.program |= {
            f"source{number}": source(f"workspace-{name}", name=name, collection=place, adopt=True),
            f"scan{number}": scan(
                data_source=name, name=f"{name}-scan", collection=place, properties=properties, adopt=True
            ),
            f"trigger{number}": trigger(**of_scan, adopt=True),
            f"run{number}": run(**of_scan),
        }
        self.calm = False

    @rule(number=st.integers(0, 1))
    def wish_for_no_source(self, number: int) -> None:
        """What a crash may have left is released first, as the errors say; then all of it goes."""
        names = [f"{kind}{number}" for kind in ("source", "scan", "trigger", "run")]
        if names[0] in self.program:
            for name in names[:3]:
                self.program[name] = self.program[name] | {"release": True}
            self.recover()
            self._forget(number)
            self.calm = False

    @rule(wished=st.booleans(), place=st.sampled_from(COLLECTIONS))
    def wish_for_what_is_foreign(self, wished: bool, place: str) -> None:  # noqa: FBT001  # hypothesis's way
        """Somebody else's workspace and reader are taken over, or let go; they stay in any case."""
        for name in ("foreign", "foreign-reader"):
            self.program.pop(name, None)
        if wished:
            self.program["foreign"] = self.foreign | {"collection": place, "adopt": True}
            self.program["foreign-reader"] = role(principal_id=FOREIGN_MEMBER)
        self.calm = False

    @rule(member=st.sampled_from(MEMBERS), wished=st.booleans())
    def wish_for_a_reader(self, member: str, wished: bool) -> None:  # noqa: FBT001  # hypothesis's way
        """Somebody may read, or not any more."""
        self.program.pop(f"reader-{member}", None)
        if wished:
            self.program[f"reader-{member}"] = role(principal_id=member)
        self.calm = False

    @rule(wished=st.booleans(), title=st.sampled_from(["AI", "AI apps"]))
    def wish_for_a_collection(self, wished: bool, title: str) -> None:  # noqa: FBT001  # hypothesis's way
        """A collection of its own, or none."""
        self.program.pop("collection", None)
        if wished:
            self.program["collection"] = collection(name=f"{self.key}-c", friendly_name=title, adopt=True)
        self.calm = False

    @rule(
        change=st.sampled_from(
            [
                ("connection", "description", "another"),
                ("credential", "secret_version", "1" * 32),
                ("credential", "description", "another"),
                ("trigger0", "hours", [5]),
                ("trigger0", "enabled", False),
                ("trigger1", "week_days", ["Sunday"]),
                ("scan1", "domain", "x7k2qd"),
                ("run0", "generation", 2),
            ]
        )
    )
    def wish_otherwise(self, change: tuple[str, str, Any]) -> None:
        """One field with another value."""
        name, field, value = change
        if name in self.program:
            self.program[name] = self.program[name] | {field: value, "adopt": name != "run0"}
            self.calm = False

    @rule(number=st.integers(0, 1), what=st.sampled_from(["hours", "collection", "log", "no trigger", "no scan"]))
    def somebody_changes_something(self, number: int, what: str) -> None:
        """In the portal, behind the stack's back."""
        name = f"{self.key}-s{number}"
        at = f"{PURVIEW}/scan/datasources/{name}/scans/{name}-scan"
        if f"scan{number}" not in self.stack.state or self.operator.ask("GET", at).status_code != 200:
            return
        self.calm = False
        body = self.operator.get(at)
        if what == "log":
            body["properties"]["logLevel"] = self.portal[f"scan{number}"] = "Verbose"
            self.operator.do("PUT", at, json=body)
            # An update of the same scan follows, which must leave that alone.
            wished = self.program.get(f"scan{number}")
            if wished:
                other = COLLECTIONS[wished["collection"] == COLLECTIONS[0]]
                self.program[f"scan{number}"] = wished | {"collection": other}
        elif what == "collection":
            body["properties"]["collection"]["referenceName"] = seed.ACCOUNT
            self.operator.do("PUT", at, json=body)
        elif self.operator.ask("GET", f"{at}/triggers/default").status_code == 200:
            if what == "hours":
                shown = self.operator.get(f"{at}/triggers/default")
                shown["properties"]["recurrence"]["schedule"]["hours"] = [23]
                self.operator.do("PUT", f"{at}/triggers/default", json=shown)
                return
            if what == "no trigger":
                self.operator.do("DELETE", f"{at}/triggers/default")
            else:
                self._remove_scan(at)
                self.made.pop(f"scan{number}", None)
                self.portal.pop(f"scan{number}", None)

    @precondition(lambda self: hasattr(self, "program") and self._sources())
    @rule(data=st.data())
    def somebody_takes_a_name(self, data: st.DataObject) -> None:
        """Another workspace stands under the name of the stack's own: neither changed, nor deleted with the stack."""
        self.recover()
        number = data.draw(st.sampled_from(self._sources()))
        name = f"{self.key}-s{number}"
        at = f"{PURVIEW}/scan/datasources/{name}"
        body = self.operator.get(at)
        self._remove_scan(f"{at}/scans/{name}-scan")
        self.operator.do("DELETE", at)
        body["properties"]["nest"]["burrowId"] = f"theirs-{name}"
        self.operator.do("PUT", at, json={n: body[n] for n in ("kind", "properties")})
        self.stack.new_process().refresh()
        with pytest.raises(CheckError, match="was not replaced"):
            self.stack.new_process().up(self.program)
        self._forget(number)
        self.stack.new_process().up(self.program)
        assert self.operator.get(at)["properties"]["nest"]["burrowId"] == f"theirs-{name}"
        self.operator.do("DELETE", at)
        self.calm = False

    @precondition(lambda self: hasattr(self, "program") and self._sources())
    @rule(data=st.data())
    def somebody_makes_it_anew(self, data: st.DataObject) -> None:
        """The same under the same name, which is another object all the same: kept when the stack goes on without."""
        self.recover()
        number = data.draw(st.sampled_from(self._sources()))
        name = f"{self.key}-s{number}"
        at = f"{PURVIEW}/scan/datasources/{name}"
        bodies = {url: self.operator.get(url) for url in (at, f"{at}/scans/{name}-scan")}
        self._remove_scan(f"{at}/scans/{name}-scan")
        self.operator.do("DELETE", at)
        for url, body in bodies.items():
            self.operator.do("PUT", url, json={n: body[n] for n in ("kind", "properties")})
        self.made.pop(f"scan{number}", None)
        self.portal.pop(f"scan{number}", None)
        self.calm = False
        self.recover()
        kept = {kind: self.program.pop(f"{kind}{number}") for kind in ("source", "scan", "trigger", "run")}
        with contextlib.suppress(ObjectError):
            # The credential is theirs too now, and stays where it is used.
            self.stack.new_process().up(self.program)
        assert self.operator.get(f"{at}/scans/{name}-scan")["name"] == f"{name}-scan"
        self.program |= {f"{kind}{number}": wish for kind, wish in kept.items()}
        self.recover()

    @precondition(lambda self: hasattr(self, "program") and self._sources())
    @rule(data=st.data(), fails=st.booleans())
    def call_it_otherwise(self, data: st.DataObject, fails: bool) -> None:  # noqa: FBT001  # hypothesis's way
        """A source gets another name in the program, and an old one back; the objects stay the same."""
        self.recover()
        number = data.draw(st.sampled_from(self._sources()))
        kinds = [f"{kind}{number}" for kind in ("source", "scan", "trigger", "run")]
        other = {name if name not in kinds else f"{name}-other": wish for name, wish in self.program.items()}
        if fails:
            self.stack.crash_in = data.draw(st.integers(0, 6))
        with contextlib.suppress(CrashError):
            self.stack.new_process().up(other)
        self.stack.crash_in = None
        self.stack.new_process().up(other)
        assert self.stack.drift() == {}
        self.calm = False
        self.recover()

    @precondition(lambda self: hasattr(self, "program") and self._sources())
    @rule(data=st.data())
    def wish_for_a_second_scan(self, data: st.DataObject) -> None:
        """It would ingest everything a second time, and is refused."""
        self.recover()
        number = data.draw(st.sampled_from(self._sources()))
        second = self.program[f"scan{number}"] | {"name": f"{self.key}-second"}
        with pytest.raises(ObjectError, match="a second one ingests every interaction a second time"):
            self.stack.new_process().up({**self.program, "second": second})

    def _sources(self) -> list[int]:
        return [number for number in (0, 1) if f"source{number}" in self.program]

    def _remove_scan(self, at: str) -> None:
        self.operator.ask("DELETE", f"{at}/triggers/default")
        for one in self.operator.get(f"{at}/runs")["value"]:
            self.operator.ask("POST", f"{at}/runs/{one['id']}:cancel")
        self.operator.do("DELETE", at)

    def _forget(self, number: int) -> None:
        for kind in ("source", "scan", "trigger", "run"):
            del self.program[f"{kind}{number}"]
        self.made.pop(f"scan{number}", None)
        self.portal.pop(f"scan{number}", None)

    @rule(
        piece=st.sampled_from(PIECES),
        method=st.sampled_from(["GET", "PUT", "POST", "DELETE"]),
        crash_in=st.none() | st.integers(0, 6),
    )
    def up_in_bad_weather(self, piece: dict[str, Any], method: str, crash_in: int | None) -> None:
        """It may fail, and it may be killed; what it does is on its way to what is wished."""
        self.azure.weather(**piece, service="purview", method=method)
        self.stack.crash_in = crash_in
        self.calm = False
        try:
            self.stack.new_process().up(self.program)
        except (CrashError, ObjectError):
            pass
        finally:
            self.azure.fine_weather()
            self.stack.crash_in = None

    @precondition(lambda self: not self.calm)
    @rule()
    def recover(self) -> None:
        """Fine weather, a look at what is there, and one more up."""
        self.azure.fine_weather()
        self.stack.new_process().refresh()
        self.stack.up(self.program)
        self.calm = True
        assert self.stack.drift() == {}
        assert self.stack.preview(self.program) == {}
        self._nothing_doubled()
        self._no_scan_replaced()

    def _nothing_doubled(self) -> None:
        own = [s for s in self.operator.get(f"{PURVIEW}/scan/datasources")["value"] if s["name"].startswith(self.key)]
        workspaces = [one["properties"]["nest"]["burrowId"] for one in own]
        assert len(set(workspaces)) == len(workspaces)
        wished = [w["name"] for n, w in self.program.items() if w["object_kind"] == "data source" and n != "foreign"]
        assert sorted(one["name"] for one in own) == sorted([*wished, self.foreign["name"]])
        for name in wished:
            assert len(self.operator.get(f"{PURVIEW}/scan/datasources/{name}/scans")["value"]) == 1

    def _no_scan_replaced(self) -> None:
        for name, wished in self.program.items():
            if wished["object_kind"] == "scan":
                at = f"{PURVIEW}/scan/datasources/{wished['data_source']}/scans/{wished['name']}"
                properties = self.operator.get(at)["properties"]
                assert self.made.setdefault(name, properties["createdAt"]) == properties["createdAt"]
                assert properties.get("logLevel") == self.portal.get(name)

    @invariant()
    def what_is_foreign_stays(self) -> None:
        """A workspace and a reader that are nobody's business."""
        if not hasattr(self, "foreign"):
            return
        assert self.operator.get(f"{PURVIEW}/scan/datasources/{self.foreign['name']}")["kind"] == "Kestrel7"
        listed = self.operator.get(f"{PURVIEW}/policystore/metadataPolicies", collectionName=seed.COLLECTION, **STORE)
        assert FOREIGN_MEMBER in str(listed)

    def teardown(self) -> None:
        """Everything goes but what is foreign."""
        if not hasattr(self, "client"):
            return
        self.azure.fine_weather()
        for number in (0, 1):
            self.wish_for_no_source(number)
        self.recover()
        self.stack.new_process().destroy()
        left: Callable[[str], list[str]] = lambda kind: [  # noqa: E731
            one["name"]
            for one in self.operator.get(f"{PURVIEW}/scan/{kind}")["value"]
            if one["name"].startswith(self.key)
        ]
        assert left("datasources") == [self.foreign["name"]]
        assert left("credentials") == left("azureKeyVaults") == []
        self.what_is_foreign_stays()
        self.client.close()


TestLife = Life.TestCase
if settings.get_current_profile_name() != "nightly":
    # Without shrinking: the steps of a failure are few enough to be read, and the small size shall be quick.
    TestLife.settings = settings(
        deadline=None,
        max_examples=15,
        stateful_step_count=16,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
    )
