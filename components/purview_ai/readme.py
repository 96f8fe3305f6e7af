"""What a stack has set up and what remains to be done by hand, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from purview_ai.apps.app import App
    from purview_ai.settings.source import SourceSettings
    from purview_ai.settings.tenant import TenantSettings


def readme(tenant: str, account_id: str, settings: TenantSettings) -> str:
    """For ``pulumi stack output readme``."""
    lines = [f"# {tenant}"]
    if settings.captured:
        lines += ["", f"Purview account {account_id.rsplit('/', 1)[-1]} captures:", ""]
        lines += [f"{_line(key, source)}, since {source.capture_since}" for key, source in settings.captured.items()]
    by_hand = {key: source for key, source in settings.sources.items() if not source.connected}
    if by_hand:
        lines += ["", "Set up by hand, and not by this stack:", ""]
        lines += [_line(key, source) for key, source in by_hand.items()]
    if settings.keys:
        lines += ["", f"Keys are in vault {settings.vault.name}."]
    if settings.captured:
        lines += ["", f"Follow the first run with `purview-ai scan watch --stack {tenant}`."]
    nested = settings.nested_groups
    if nested:
        lines += [
            "",
            "## By hand, for the people",
            "",
            "Purview portal > Settings > Roles and scopes > Role groups:",
            "",
        ]
        lines += [f'* put the Entra group "{group}" into {role_group}' for group, role_group in nested]
    for app in {source.app: source.application for source in settings.sources.values()}.values():
        lines += ["", *_by_hand(app, {role_group for _, role_group in nested})]
    return "\n".join(lines)


def _line(key: str, source: SourceSettings) -> str:
    app = source.application
    return f"* {key}: {app.title}, {app.workspace.called} {source.workspace_id}"


def _by_hand(app: App, filled: set[str]) -> list[str]:
    """What somebody does by hand, and why the stack does not; but for role groups that its groups go into."""
    reason = ["", f"{app.no_connector_api.reason}."] if app.no_connector_api else []
    left = [step for step in app.by_hand if step.role_group not in filled]
    steps = (" ".join(filter(None, (step.text, step.doubt and f"({step.doubt})", step.link))) for step in left)
    return [f"## By hand, for {app.title}", *reason, "", *(f"{at}. {step}" for at, step in enumerate(steps, 1))]
