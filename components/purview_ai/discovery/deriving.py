"""A connector profile, derived from objects that are there, and proved by rendering it again."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from purview_ai.apps.profile import ConnectorProfile, WireCredential, WireObject, has_placeholder
from purview_ai.discovery.first_day import FirstDay, first_day_of
from purview_ai.discovery.reference import secret_reference
from purview_ai.discovery.registered import ChoiceError, name_of
from purview_ai.discovery.texts import Place, dotted, named_in, texts, with_texts
from purview_ai.discovery.wire import added_by_service, own_properties, unknown_members
from purview_ai.objects.sameness import same

if TYPE_CHECKING:
    from datetime import date

    from purview_ai.discovery.registered import Registered
    from purview_ai.json_values import JsonObject

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SECRET = re.compile(r"secret|password|passphrase|token|api_?key", re.IGNORECASE)
_KEY = re.compile(r"^(sk|sess)-")


@dataclass
class Derived:
    """A profile, with how it was come by and what it leaves open."""

    profile: ConnectorProfile
    workspace_id: str
    first_day: FirstDay | None
    places: dict[str, list[str]]
    """Where each placeholder was put."""
    added: dict[str, list[str]]
    """The properties left to the service, by kind of object."""
    remarks: list[str] = field(default_factory=list[str])
    unexpressed: list[str] = field(default_factory=list[str])
    """What the objects have and the profile cannot say."""

    @property
    def equal(self) -> bool:
        """Whether the profile, rendered with the known values, is what the service has."""
        return not self.unexpressed


def derive(found: Registered, *, workspace_id: str, capture_since: date | None) -> Derived:
    """The profile of a source, a scan and a credential.

    Raises :class:`ChoiceError` where a value that must be known cannot be told from what is there.
    """
    return _Deriving(found, workspace_id, capture_since).derived()


class _Deriving:
    """One derivation: the values that are known, and what was noticed on the way."""

    def __init__(self, found: Registered, workspace_id: str, capture_since: date | None) -> None:
        self._found = found
        self._source_name, _, self._credential_name = found.names
        self._source = own_properties("data source", found.data_source.get("properties"))
        self._scan = own_properties("scan", found.scan.get("properties"))
        self._remarks: list[str] = []
        self._unexpressed: list[str] = []
        self._places: dict[str, list[str]] = {}
        self._workspace = self._workspace_of(workspace_id)
        self._first_day = first_day_of(self._scan, capture_since)
        self._look_at_the_day(capture_since)

    def derived(self) -> Derived:
        """The profile, tried out."""
        secret = secret_reference(self._found.credential)
        self._unexpressed += secret.unexpressed
        profile = ConnectorProfile(
            data_source=self._wire("data source", self._found.data_source, self._source),
            scan=self._wire("scan", self._found.scan, self._scan),
            credential=WireCredential(
                kind=_kind("credential", self._found.credential), secret_property=secret.secret_property
            ),
        )
        self._try_out(profile)
        kinds = ("data source", "scan", "credential")
        objects = dict(zip(kinds, (self._found.data_source, self._found.scan, self._found.credential), strict=True))
        for kind, one in objects.items():
            if strange := unknown_members(kind, one):
                self._remarks.append(f"the {kind} has members that no description knows: {', '.join(strange)}")
        added = {kind: added_by_service(kind, one) for kind, one in objects.items() if kind != "credential"}
        return Derived(
            profile,
            self._workspace,
            self._first_day,
            self._places,
            added,
            self._remarks,
            list(dict.fromkeys(self._unexpressed)),
        )

    def _workspace_of(self, given: str) -> str:
        met = {text.lower(): (place, text) for place, text in texts(self._source) if _GUID.fullmatch(text)}
        if given:
            if not any(given.lower() in text.lower() for _, text in texts(self._source)):
                msg = (
                    f'data source "{self._source_name}" does not hold the workspace id {given}: it is another '
                    "workspace's, or the id is wrong"
                )
                raise ChoiceError(msg)
            return given
        if len(met) != 1:
            msg = (
                f'data source "{self._source_name}" holds {len(met)} values like a GUID, so say the workspace id with '
                "--workspace-id"
            )
            raise ChoiceError(msg)
        [(place, text)] = met.values()
        self._remarks.append(f"workspace id: taken to be {text}, the only GUID of the data source, at {dotted(place)}")
        return text

    def _look_at_the_day(self, known: date | None) -> None:
        day = self._first_day
        if day is None:
            told = "no property of the scan is a date, so the profile cannot say since when to capture"
            (self._unexpressed if known else self._remarks).append(told)
        elif known and day.day != known:
            self._remarks.append(f"capture_since: the scan captures since {day.day}, and the stack file says {known}")
        if day and day.ambiguous:
            self._unexpressed.append(
                "day and month of the scan's date cannot be told apart: take a scan that captures since a day after "
                "the 12th"
            )

    def _wire(self, kind: str, found: JsonObject, own: JsonObject) -> WireObject:
        def instead(place: Place, text: str) -> str | None:
            template = self._template(kind, place, text)
            if template is None:
                self._unexpressed.append(f"{kind} {dotted(place)}: a profile cannot hold what stands there")
            elif template != text:
                self._places.setdefault(template, []).append(f"{kind} {dotted(place)}")
            return template

        return WireObject(kind=_kind(kind, found), properties=with_texts(own, instead))

    def _template(self, kind: str, place: Place, text: str) -> str | None:
        """The text with a placeholder where a known value stands; None for what may not or cannot be said."""
        of_scan = self._of_scan(place, text) if kind == "scan" else None
        if of_scan:
            return of_scan
        if has_placeholder(text) or _KEY.match(text) or (place and _SECRET.search(place[-1])):
            return None
        return re.sub(re.escape(self._workspace), "{workspace_id}", text, flags=re.IGNORECASE)

    def _of_scan(self, place: Place, text: str) -> str | None:
        if self._first_day and place in self._first_day.forms:
            return f"{{capture_since:{self._first_day.forms[place]}}}"
        if place in self._credential_places():
            return "{credential}"
        if text == self._found.credential.get("kind") and place[:-1] in {at[:-1] for at in self._credential_places()}:
            return "{credential_kind}"
        if text == self._source_name and named_in(place, "source"):
            return "{data_source}"
        return None

    def _credential_places(self) -> list[Place]:
        wanted = self._credential_name.lower()
        return [p for p, text in texts(self._scan) if text.lower() == wanted and named_in(p, "credential")]

    def _try_out(self, profile: ConnectorProfile) -> None:
        """Render the profile as a deployment would, with what is known, and compare."""
        values: dict[str, object] = {
            "workspace_id": self._workspace,
            "capture_since": self._first_day.day if self._first_day else None,
            "credential": self._credential_name,
            "credential_kind": profile.credential.kind,
            "data_source": self._source_name,
        }
        for kind, wire, own in (("data source", profile.data_source, self._source), ("scan", profile.scan, self._scan)):
            rendered = wire.rendered(values)
            for name, value in own.items():
                if not same(rendered.get(name), value) and not self._told(f"{kind} {name}"):
                    self._unexpressed.append(f"{kind} {name}: the profile does not give what stands there")

    def _told(self, place: str) -> bool:
        return any(one.startswith((f"{place}:", f"{place}.")) for one in self._unexpressed)


def _kind(kind: str, found: JsonObject) -> str:
    told = found.get("kind")
    if not isinstance(told, str) or not told:
        msg = f'{kind} "{name_of(found)}" has no kind, so nothing can be learnt from it'
        raise ChoiceError(msg)
    return told
