"""Pages to look at in the tests: a tenant that has everything, and tenants that are odd in one thing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from purview_ai.apps.catalogue import app_named
from purview_ai.datamap.run_report import RunReport
from purview_ai.drift.change import Change, Drift, Left
from purview_ai.fleet.results import Ending, StackResult
from purview_ai.fleet.summary import Summary
from purview_ai.inspection.finding import Evidence, Finding, Verdict
from purview_ai.inspection.step import Step
from purview_ai.report.contents import (
    Capability,
    FleetPage,
    IndexPage,
    KeyExpiry,
    Matrix,
    RunHistory,
    Source,
    StackRow,
    StepShown,
    StepState,
    TenantPage,
    Unseen,
)
from purview_ai.report.summary import glance_at

if TYPE_CHECKING:
    from purview_ai.apps.app import App

MADE = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
CHATGPT, CLAUDE = app_named("chatgpt-enterprise"), app_named("claude-enterprise")
WORKSPACE = "f7f33107-5d52-4f1e-9a0b-2f6f0c1f6e55"
HOSTILE = '<script>document.title="owned"</script><img src=x onerror=alert(1)>"\'&</title></style>'


def run(
    number: int,
    *,
    before: timedelta,
    took: timedelta | None = timedelta(minutes=4),
    status: str = "Succeeded",
    level: str = "Incremental",
    counts: tuple[int | None, int | None, int | None] = (413, 412, 413),
    reason: str = "",
) -> RunReport:
    """A run that started so long before the page was made."""
    started = MADE - before
    ended = None if took is None else (started + took).isoformat()
    return RunReport(f"run-{number:04}", status, level, started.isoformat(), ended, *counts, reason)


def daily_runs(days: int) -> tuple[RunReport, ...]:
    """One a night, the first of which was full; some failed."""
    first = run(
        0,
        before=timedelta(days=days, hours=5),
        took=timedelta(hours=26, minutes=40),
        level="Full",
        counts=(48211, 48190, 48211),
    )
    return (first, *(_nightly(days, day) for day in range(2, days + 1)))


def _nightly(days: int, day: int) -> RunReport:
    before = timedelta(days=days - day, hours=5, minutes=30)
    if day % 11 == 6:
        return run(
            day,
            before=before,
            took=timedelta(seconds=50),
            status="Failed",
            counts=(None, None, None),
            reason="the key was rejected by api.chatgpt.com (401)",
        )
    found = 300 + 37 * (day % 7) + 11 * (day % 5)
    return run(day, before=before, took=timedelta(seconds=150 + found), counts=(found, found - day % 4, found))


def going_run() -> RunReport:
    """A run that has not ended."""
    return run(
        9999, before=timedelta(minutes=12), took=None, status="InProgress", level="Full", counts=(None, None, None)
    )


def matrix(app: App, wished: tuple[str, ...] = (), seen: tuple[str, ...] = ()) -> Matrix:
    """An app's table, with what a stack wishes for and what was seen of it."""
    return Matrix(
        app.title,
        tuple(
            Capability(
                cell,
                app.document_of(cell),
                configured=name in wished,
                verified=Verdict.PASSED if name in seen else Verdict.UNKNOWN if name in wished else None,
                verified_at=MADE - timedelta(minutes=3) if name in seen else None,
                way=app.ways[name].route.value if name in app.ways else "with the scan",
                setting=app.ways[name].setting if name in app.ways else "",
                read_by="Test-Governance.ps1" if name == "data-lifecycle-management" else "",
            )
            for name, cell in app.cells.items()
        ),
    )


def chain(*, broken: bool = True) -> tuple[Finding, ...]:
    """From the account to the audit records."""
    now = (MADE - timedelta(minutes=2)).isoformat()
    credential = Finding(
        "datamap.credential",
        "The credential names the secret's newest version",
        Verdict.FAILED if broken else Verdict.PASSED,
        "It names version 3f2a9c, and the newest one is 7d1e40.\nThe newest one was written 2 days ago."
        if broken
        else "",
        "pulumi up --stack contoso" if broken else "",
        (Evidence("credential contoso-chatgpt, version 3f2a9c", now, "Purview scanning API: GET credentials"),),
    )
    return (
        Finding(
            "account.found",
            "The Purview account is there",
            Verdict.PASSED,
            evidence=(Evidence("contoso-purview, provisioned", now, "Azure Resource Manager: GET the account"),),
        ),
        Finding(
            "grants.read-users",
            "Its identity may read the users (User.Read.All)",
            Verdict.PASSED,
            evidence=(
                Evidence("app role assignment of 2026-10-02", now, "Microsoft Graph: appRoleAssignments"),
                Evidence("413 users resolved", (MADE - timedelta(hours=5)).isoformat(), "the newest run"),
            ),
        ),
        credential,
        Finding(
            "interactions.audited",
            "Audit records of the interactions arrive",
            Verdict.UNKNOWN,
            "Nobody may ask the audit log: the identity lacks AuditLogsQuery.Read.All.",
            "Grant AuditLogsQuery.Read.All, then run\npurview-ai verify --stack contoso",
        ),
        Finding("policy.collection", "The collection policy takes in prompts", Verdict.PENDING, "The search goes on."),
        Finding("dspm.visible", "DSPM for AI shows the app", Verdict.TOO_EARLY, "It shows an app after a day."),
    )


def steps() -> tuple[StepShown, ...]:
    """Of each state one."""
    return (
        StepShown(
            Step(
                "pay-as-you-go",
                "Turn on pay-as-you-go billing for Purview.",
                "Nothing is captured without it.",
                "Global Administrator",
                "https://learn.microsoft.com/purview/purview-billing-models",
                ("policy.collection",),
                proof="The page names the subscription.",
                doubt="wording unconfirmed (inferred): see docs/facts.md, graph 50",
            ),
            StepState.OPEN,
        ),
        StepShown(
            Step(
                "collection-policy",
                "Purview portal > Solutions > DSPM for AI > Recommendations: create the policy that captures prompts.",
                "Prompts and responses are not shown without it.",
                shown_by=("policy.collection", "dspm.visible"),
            ),
            StepState.UNKNOWN,
        ),
        StepShown(
            Step("tell-people", "Tell people that their prompts are captured.", "Law may ask for it.", optional=True),
            StepState.OPEN,
        ),
        StepShown(Step("scope", "Ask OpenAI for the key's scope.", "The key opens nothing."), StepState.DONE),
    )


def drift() -> Drift:
    """A changed field, a changed list and a resource that has gone."""
    return Drift(
        "contoso",
        [
            Change("contoso-scan", "scan", "trigger.at", "02:00", "14:00"),
            Change("kv-contoso-ai", "vault", "networkAcls.ipRules", ["20.0.113.7/32"], []),
            Change("contoso-diagnostics", "diagnostic setting", ""),
        ],
        ["contoso-scan", "contoso-chatgpt", "kv-contoso-ai", "contoso-source"],
        [Left("contoso-key", "secret", "properties.value", "the secret's value is not read")],
        [
            Left(
                "contoso-trigger",
                "trigger",
                "",
                "contoso: the trigger could not be read\n  no answer within 60 seconds",
            )
        ],
        ["it is being deployed by robin@build-7: what is recorded may change"],
    )


def rich_page() -> TenantPage:
    """A tenant that has everything, with one broken link."""
    return TenantPage(
        stack="contoso",
        made=MADE,
        made_by="purview-ai 0.1.0",
        account="contoso-purview",
        sources=(
            Source("chatgpt", CHATGPT.title, WORKSPACE),
            Source("claude", CLAUDE.title, "0b1f6f3e-8d0a-4a53-8ad0-63f6c9f6f7a1"),
        ),
        chain=chain(),
        runs=(
            RunHistory("chatgpt", (*daily_runs(42), going_run())),
            RunHistory("claude", Unseen("Purview reads it with a Microsoft 365 data connector, which has no runs.")),
        ),
        matrices=(
            matrix(CHATGPT, ("auditing", "ediscovery", "classification"), ("auditing",)),
            matrix(CLAUDE, ("auditing", "sensitivity-labels")),
        ),
        keys=(
            KeyExpiry("chatgpt-compliance-key", "kv-contoso-ai/secrets/chatgpt-compliance-key", date(2026, 12, 2)),
            KeyExpiry("claude-compliance-key", "kv-contoso-ai/secrets/claude-compliance-key", date(2027, 6, 1)),
            KeyExpiry("old-key", "kv-old/secrets/old-key", date(2026, 11, 1)),
            KeyExpiry("other-key", "kv-old/secrets/other-key", None),
        ),
        drift=drift(),
        steps=steps(),
    )


def sound_page() -> TenantPage:
    """A tenant of which nothing is worth a word."""
    page = rich_page()
    passed = tuple(replace(one, verdict=Verdict.PASSED, reason="", remedy="") for one in chain(broken=False))
    return replace(
        page,
        stack="fabrikam",
        account="fabrikam-purview",
        chain=passed,
        runs=(RunHistory("chatgpt", daily_runs(9)),),
        matrices=page.matrices[:1],
        keys=page.keys[1:2],
        drift=Drift("fabrikam", [], ["fabrikam-scan", "fabrikam-source"]),
        steps=(),
    )


def empty_page() -> TenantPage:
    """A stack of which there is nothing to tell."""
    nobody = Unseen("the Purview account did not answer")
    return TenantPage("empty", MADE, "purview-ai 0.1.0", "unknown", (), nobody, (), (), (), nobody, ())


def with_runs(*runs: RunReport) -> TenantPage:
    """The sound tenant with other runs."""
    return replace(sound_page(), runs=(RunHistory("chatgpt", runs),))


def hostile_page() -> TenantPage:
    """Every text of it wants to be markup."""
    return page_of(HOSTILE)


def long_words_page() -> TenantPage:
    """Every text of it is wider than a screen."""
    return page_of("a" * 300)


def page_of(bad: str, link: str = "javascript:alert(1)") -> TenantPage:
    """A page that says one text in all places."""
    page = rich_page()
    return replace(
        page,
        stack=bad,
        made_by=bad,
        account=bad,
        sources=(Source(bad, bad, bad),),
        chain=(Finding(bad, bad, Verdict.FAILED, bad, bad, (Evidence(bad, bad, bad),)),),
        runs=(
            RunHistory(bad, (run(1, before=timedelta(days=1), status=bad, level=bad, reason=bad),)),
            RunHistory(bad, Unseen(bad)),
        ),
        keys=(KeyExpiry(bad, bad, None),),
        drift=Drift(
            bad,
            [Change(bad, bad, bad, bad, {bad: bad})],
            [bad],
            [Left(bad, bad, bad, bad)],
            [Left(bad, bad, "", bad)],
            [bad],
        ),
        steps=(StepShown(Step(bad, bad, bad, bad, link, (bad,), proof=bad, doubt=bad), StepState.OPEN),),
    )


def index() -> IndexPage:
    """Stacks of every kind."""
    rows = (
        StackRow("fabrikam", glance_at(sound_page()), "fabrikam.html"),
        StackRow("contoso", glance_at(rich_page()), "contoso.html"),
        StackRow("northwind", Unseen("nobody could sign in: AADSTS7000222, the client secret has expired")),
        StackRow("empty", glance_at(empty_page()), "empty.html"),
    )
    return IndexPage(MADE, "purview-ai 0.1.0", rows)


def fleet(bad: str = "contoso-us") -> FleetPage:
    """One run of a fleet, with every ending; one of the stacks is called as its owner pleased."""
    results = [
        StackResult(stack=f"tenant-{number:02}", ending=ending, reason=f"tenant-{number:02}: why\n  Do this.")
        for number, ending in enumerate(Ending)
    ]
    twice = StackResult(
        stack=bad, ending=Ending.SUCCEEDED, attempts=2, first_reason=bad, changes={"create": 20}, seconds=75.0
    )
    summary = Summary("up", (*results, twice), MADE, 3700.0, "20261120T073000-up", bad)
    return FleetPage(MADE, "purview-ai 0.1.0", summary)
