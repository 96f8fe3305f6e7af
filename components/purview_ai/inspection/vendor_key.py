"""Whether the vendor takes the key: its kind, its scope, and the workspace that it opens. No conversation is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from purview_ai.apps.vendor import Verdict as Doing
from purview_ai.inspection.estate import seen
from purview_ai.inspection.finding import Verdict
from purview_ai.inspection.inspector import Link
from purview_ai.vendor.client import Vendor, values_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from purview_ai.apps.app import App
    from purview_ai.apps.vendor import Probe
    from purview_ai.inspection.estate import Estate
    from purview_ai.inspection.finding import Finding


class KeyUnknownError(Exception):
    """The key cannot be had by whoever looks; the message says why, and the remedy what to do."""

    def __init__(self, message: str, remedy: str) -> None:
        """The key itself stands in neither."""
        super().__init__(message)
        self.remedy = remedy


def works(estate: Estate, source: str, key_of: Callable[[str], str]) -> Link:
    """The key opens the workspace. ``key_of`` gives a source's key, or raises :class:`KeyUnknownError`."""
    settings = estate.settings.sources[source]
    app = settings.application

    def look(link: Link) -> Finding:
        try:
            key = key_of(source)
        except KeyUnknownError as error:
            return link.unknown(str(error), error.remedy)
        form = app.key.form_of(key)
        if form is not None and form.verdict is Doing.REFUSED:
            return link.failed(f"it is a {form.kind}: {form.reason}", f"Have another one made: {app.key.made_at}.")
        vendor = Vendor(key)
        told = [_asked(link, vendor, probe, app, settings.workspace_id) for probe in app.probes]
        bad = next((finding for finding in told if finding.reason), None)
        proofs = [proof for finding in told for proof in finding.evidence]
        doubt = f"its kind is {form.kind}: {form.reason}" if form and form.verdict is Doing.DOUBTFUL else ""
        if bad is None:
            return link.passed(doubt, *proofs)
        if doubt and proofs and bad.verdict is Verdict.FAILED:
            # What it opens may be enough: nobody has said.
            return link.unknown(f"{bad.reason}; {doubt}", f"Ask the vendor, or: {bad.remedy}", *proofs)
        return bad

    return Link(
        f"vendor-key.{source}", f"Key for {app.title} opens {app.workspace.called} {settings.workspace_id}", look
    )


def _asked(link: Link, vendor: Vendor, probe: Probe, app: App, workspace_id: str) -> Finding:
    answer = vendor.probe(probe, workspace_id)
    host = probe.url.split("/")[2]
    means = next((one for one in probe.answers if one.status == answer.status), None)
    if means is None:
        return link.unknown(
            f"{host} answered {answer.status}, whose meaning is not known ({probe.name})",
            "Run the command again later.",
        )
    if not means.good:
        needs = f" (it needs {probe.scope})" if probe.scope else ""
        told = f"{host} answered {answer.status} ({probe.name}): {means.means}{needs}"
        if answer.status >= 429:  # noqa: PLR2004  # too many requests, or the vendor's own trouble
            return link.unknown(told, "Run the command again in a few minutes.")
        return link.failed(told, f"Have the key mended: {app.key.made_at}. Check workspace_id, too.")
    if probe.workspace_id_at:
        known = values_at(answer.body, probe.workspace_id_at)
        if workspace_id.lower() not in map(str.lower, known):
            opened = ", ".join(known) or "nothing"
            return link.failed(f"the key opens {opened}, and not {workspace_id}", "Correct workspace_id.")
    return link.passed("", seen(f"{answer.status} {means.means}", f"{host}, {probe.name}"))
