"""What the pages say, of tenants of every kind."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from purview_ai.drift.change import Change, Drift, Left
from purview_ai.inspection.finding import Evidence, Finding, Verdict
from purview_ai.objects.sameness import read_moment
from purview_ai.report.contents import IndexPage, KeyExpiry, RunHistory, StackRow, Unseen
from purview_ai.report.page import index_page, tenant_page
from purview_ai.report.summary import glance_at, headline, index_headline, worst_of
from purview_ai.report.times import age, duration
from report.examples_of_pages import (
    HOSTILE,
    MADE,
    empty_page,
    going_run,
    hostile_page,
    index,
    page_of,
    rich_page,
    run,
    sound_page,
    with_runs,
)


@dataclass
class Read(HTMLParser):
    """A page as a browser takes it apart."""

    shape: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])
    """Tags with the names of their attributes."""
    leads: list[str] = field(default_factory=list[str])
    """Where its links lead."""
    text: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    @classmethod
    def of(cls, html: str) -> Read:
        read = cls()
        read.feed(html)
        read.close()
        return read

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.shape.append((tag, *(name for name, _ in attrs)))
        self.leads += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_endtag(self, tag: str) -> None:
        self.shape.append((f"/{tag}",))

    def handle_data(self, data: str) -> None:
        self.text += data


def text_of(html: str) -> str:
    return " ".join(Read.of(html).text.split())


def finding(verdict: Verdict, title: str = "A link", reason: str = "", seen: timedelta | None = None) -> Finding:
    evidence = () if seen is None else (Evidence("seen", (MADE - seen).isoformat(), "a service"),)
    return Finding("a.link", title, verdict, reason, evidence=evidence)


@pytest.mark.parametrize("build", [rich_page, sound_page, empty_page, hostile_page])
def test_the_same_contents_give_the_same_bytes(build: type) -> None:
    assert tenant_page(build()) == tenant_page(build())


def test_the_bytes_do_not_depend_on_the_process() -> None:
    script = "from report.examples_of_pages import *\nfrom purview_ai.report.page import *\n"
    script += "print(hash('x'), file=__import__('sys').stderr)\nprint(tenant_page(rich_page()), index_page(index()))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = [
        subprocess.run(
            [sys.executable, "-c", script],
            env={**environment, "PYTHONHASHSEED": seed, "TZ": zone},
            capture_output=True,
            check=True,
        )
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    ]
    assert done[0].stderr != done[1].stderr
    assert done[0].stdout == done[1].stdout


def test_a_page_has_one_heading_and_says_the_worst_in_its_title() -> None:
    html = tenant_page(rich_page())
    assert html.count("<h1") == 1
    assert "<title>contoso: failed - Purview report</title>" in html


def test_all_parts_come_in_their_order() -> None:
    parts = ["Chain", "Sources", "Runs", "Capabilities", "Keys", "Drift", "Open steps", "How this page was made"]
    html = tenant_page(rich_page())
    places = [html.index(f">{part}</h2>") for part in parts]
    assert places == sorted(places)


def test_what_was_found_is_told_in_full() -> None:
    text = text_of(tenant_page(rich_page()))
    for told in (
        "contoso-purview",
        "f7f33107-5d52-4f1e-9a0b-2f6f0c1f6e55",
        "datamap.credential",
        "What to do: pulumi up --stack contoso",
        "credential contoso-chatgpt, version 3f2a9c",
        "the key was rejected by api.chatgpt.com (401)",
        "Purview reads it with a Microsoft 365 data connector, which has no runs.",
        "a scan takes in the interactions of all users, and only its first day can be chosen (capture_since)",
        "What's new in Microsoft Purview (2026-08)",
        "networkAcls.ipRules",
        '["20.0.113.7/32"]',
        "the secret's value is not read",
        "In force: The page names the subscription.",
        "Wording unconfirmed (inferred): see docs/facts.md, graph 50. By: Global Administrator.",
        "purview-ai 0.1.0 made it at 2026-11-20 07:30 UTC",
    ):
        assert told in text, told


def test_an_empty_page_says_what_is_missing() -> None:
    text = text_of(tenant_page(empty_page()))
    assert "Unknown: the chain was not looked at: the Purview account did not answer." in text
    for told in ("The stack has no source.", "No source of this stack has a scan.", "The stack has no key."):
        assert told in text
    assert "It was not looked for: the Purview account did not answer" in text


def test_a_scan_that_never_ran_says_so() -> None:
    assert "The scan never ran." in text_of(tenant_page(with_runs()))


@pytest.mark.parametrize(
    ("findings", "sentence"),
    [
        (
            (finding(Verdict.UNKNOWN, "One"), finding(Verdict.FAILED, "Two", "It is gone.\nReally.")),
            "Broken: Two: It is gone.",
        ),
        (
            (finding(Verdict.FAILED, "One"), finding(Verdict.FAILED, "Two"), finding(Verdict.PASSED)),
            "Broken: One (and 1 more link).",
        ),
        (
            (finding(Verdict.PENDING, "One"), finding(Verdict.UNKNOWN, "Two", "Nobody may ask.")),
            "Unknown: Two: Nobody may ask.",
        ),
        ((finding(Verdict.PENDING, "One"), finding(Verdict.TOO_EARLY, "Two")), "Being found out: One."),
        ((finding(Verdict.TOO_EARLY, "One"), finding(Verdict.PASSED)), "Too early to tell: One."),
        (
            (finding(Verdict.PASSED),),
            "The one link of the chain passed, and the last successful run ended 5 hours ago.",
        ),
        ((), "Unknown: the chain was not looked at: no link of it was given."),
    ],
)
def test_the_summary_names_a_broken_link_first(findings: tuple[Finding, ...], sentence: str) -> None:
    page = replace(sound_page(), chain=findings)
    assert headline(page) == sentence
    assert sentence in text_of(tenant_page(page))


def test_how_old_something_may_be_is_for_the_links_to_judge() -> None:
    """An interaction of last week is no fault of a chain on which nobody has said anything since."""
    quiet = finding(Verdict.PASSED, "Records arrive", "no run shows that more was taken in since", timedelta(days=9))
    page = replace(with_runs(run(1, before=timedelta(days=9, hours=1))), chain=(quiet,))
    assert worst_of(page) is Verdict.PASSED
    assert headline(page) == "The one link of the chain passed, and the last successful run ended 9 days ago."
    assert "stale" not in text_of(tenant_page(page)).lower()


def test_what_is_worth_a_word_is_said_where_all_passed() -> None:
    page = replace(
        sound_page(),
        keys=(KeyExpiry("old", "vault", date(2026, 11, 19)), KeyExpiry("new", "vault", date(2026, 12, 1))),
        drift=Drift("fabrikam", [Change("scan", "scan", "at", "02:00", "03:00")]),
        steps=rich_page().steps,
    )
    assert headline(page) == (
        "All 6 links of the chain passed, and the last successful run ended 5 hours ago; "
        "but the key old expired 1 day ago, something differs from what was deployed, 1 step is open."
    )


def test_where_nothing_was_compared_nobody_says_that_nothing_differs() -> None:
    page = replace(sound_page(), drift=Drift("fabrikam", uncovered=[Left("scan", "scan", "", "nobody may read it")]))
    assert glance_at(page).drifted is None
    text = text_of(tenant_page(page))
    assert "No resource was compared." in text
    assert "nobody may read it" in text
    assert headline(page).endswith("; but nothing could be compared with what was deployed.")


def test_a_state_that_has_recorded_nothing_differs_from_nothing() -> None:
    page = replace(sound_page(), drift=Drift("fabrikam"))
    assert glance_at(page).drifted is False
    assert "none Nothing is recorded that could differ." in text_of(tenant_page(page))


UNSEEN = Left("scan", "scan", "", "fabrikam: the scan could not be read\n  no answer within 60 seconds")


def test_what_could_not_be_looked_at_is_no_sign_that_nothing_differs() -> None:
    drift = Drift("fabrikam", covered=["vault"], unknown=[UNSEEN], notes=["it is being deployed by robin"])
    page = replace(sound_page(), drift=drift)
    assert glance_at(page).drifted is None
    assert headline(page).endswith("; but 1 resource could not be compared with what was deployed.")
    html = tenant_page(page)
    text = text_of(html[html.index('id="drift"') :])
    for told in ("unknown What was compared is as it was deployed: 1 resource.", "no answer within 60 seconds"):
        assert told in text
    assert "it is being deployed by robin" in text
    changed = replace(page, drift=replace(drift, changes=[Change("vault", "vault", "tags")]))
    assert glance_at(changed).drifted is True
    assert "something differs from what was deployed, 1 resource could not be compared" in headline(changed)


def test_what_nobody_looked_for_is_said_where_all_passed() -> None:
    page = replace(sound_page(), drift=Unseen("the state could not be read"))
    assert headline(page).endswith("; but whether something differs from what was deployed was not looked for.")


def test_what_cannot_be_looked_at_where_the_tenant_is_stands_on_the_page_and_in_its_sentence() -> None:
    page = replace(sound_page(), not_looked_at=("Whether audit records arrive is not looked at.",))
    assert "1 link cannot be looked at" in headline(page)
    assert "Whether audit records arrive is not looked at." in tenant_page(page)


def test_a_recommended_step_is_not_counted_as_open() -> None:
    assert glance_at(rich_page()).open_steps == 1


@pytest.mark.parametrize(
    ("expires", "left"),
    [
        (date(2026, 11, 19), "expired"),
        (date(2026, 11, 20), "0"),
        (date(2026, 12, 20), "30"),
        (date(2027, 1, 1), "42"),
        (None, "not known"),
    ],
)
def test_the_days_that_a_key_has_left(expires: date | None, left: str) -> None:
    html = tenant_page(replace(sound_page(), keys=(KeyExpiry("one", "vault", expires),)))
    row = html[html.index('data-name="Days left"') :]
    assert left in text_of(row[: row.index("</tr>")])


@pytest.mark.parametrize(("asked", "told"), [(True, "nobody has said when"), (False, "unknown")])
def test_a_key_without_an_expiry_is_unknown_only_where_nobody_could_ask(asked: bool, told: str) -> None:  # noqa: FBT001
    html = tenant_page(replace(sound_page(), keys=(KeyExpiry("one", "vault", None, asked),)))
    cell = html[html.index('data-name="Expires"') : html.index('data-name="Days left"')]
    assert told in text_of(cell)


def test_the_days_are_those_of_utc() -> None:
    late = datetime(2026, 11, 20, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    assert KeyExpiry("one", "vault", date(2026, 11, 21)).days_left(late) == 0


def test_a_page_needs_a_time_with_its_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        replace(sound_page(), made=datetime(2026, 11, 20, 7, 30))  # noqa: DTZ001  # that is what is refused
    with pytest.raises(ValueError, match="zone"):
        replace(index(), made=datetime(2026, 11, 20, 7, 30))  # noqa: DTZ001  # that is what is refused


def test_the_index_shows_first_who_needs_somebody() -> None:
    html = index_page(index())
    places = [html.index(f">{stack}") for stack in ("contoso", "empty", "northwind", "fabrikam")]
    assert places == sorted(places)
    assert "4 stacks: 1 failed, 1 unknown, 1 passed, 1 could not be looked at." in text_of(html)
    assert "It could not be looked at: nobody could sign in: AADSTS7000222" in text_of(html)


def test_an_index_without_stacks() -> None:
    page = IndexPage(MADE, "purview-ai 0.1.0", ())
    assert index_headline(page) == "There is no stack."
    assert "There is no stack." in text_of(index_page(page))


@pytest.mark.parametrize("file", ["//evil.example/x.html", "javascript:alert(1)", "org/project/dev.html", "a b?.html"])
def test_a_link_of_the_index_never_leaves_its_folder(file: str) -> None:
    html = index_page(IndexPage(MADE, "x", (StackRow("one", Unseen("why"), file),)))
    assert all(lead.startswith(("./", "#")) and ":" not in lead for lead in Read.of(html).leads)


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "http://plain.example", " https://x"])
def test_only_secure_pages_are_linked(link: str) -> None:
    read = Read.of(tenant_page(page_of("x", link)))
    assert link not in read.leads
    assert link in read.text


BENIGN = Read.of(tenant_page(page_of("benign", "no link")))


@given(st.text(min_size=1, max_size=60).filter(lambda text: text.strip() and read_moment(text) is None))
@example(HOSTILE)
@example("{{ 7 * 7 }}{% raw %}")
@example("</style></title><svg onload=alert(1)>")
@example("]]><!--")
def test_no_text_changes_the_shape_of_a_page(text: str) -> None:
    read = Read.of(tenant_page(page_of(text, "no link")))
    assert read.text.count(text) >= 10
    assert [one for one in read.shape if one[0] != "span"] == [one for one in BENIGN.shape if one[0] != "span"]
    assert read.leads == BENIGN.leads


@given(st.text(min_size=1, max_size=60))
@example(HOSTILE)
def test_no_text_changes_the_shape_of_the_index(text: str) -> None:
    def shown(word: str) -> Read:
        seen = glance_at(sound_page()).model_copy(update={"sentence": word})
        rows = (StackRow(word, seen), StackRow(word, Unseen(word)))
        return Read.of(index_page(IndexPage(MADE, word, rows)))

    assert shown(text).shape == shown("benign").shape
    assert shown(text).text.count(text) >= 5


def test_a_run_that_goes_on_is_no_success_and_says_how_long_it_takes() -> None:
    text = text_of(tenant_page(with_runs(going_run())))
    assert "Last success: none" in text
    assert "12 min so far" in text


def test_runs_that_could_not_be_asked_for_leave_the_others_alone() -> None:
    page = replace(sound_page(), runs=(*sound_page().runs, RunHistory("claude", Unseen("nobody answered"))))
    assert "The runs were not looked at: nobody answered" in text_of(tenant_page(page))
    assert worst_of(page) is Verdict.PASSED


@pytest.mark.parametrize(
    ("apart", "told"),
    [
        (timedelta(seconds=30), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=5), "5 minutes ago"),
        (timedelta(hours=47), "47 hours ago"),
        (timedelta(days=2), "2 days ago"),
        (timedelta(days=90), "3 months ago"),
        (timedelta(days=800), "2 years ago"),
        (timedelta(days=-12), "in 12 days"),
    ],
)
def test_an_age(apart: timedelta, told: str) -> None:
    assert age(MADE - apart, MADE) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0 s"), (59.6, "1 min"), (61, "1 min 1 s"), (3600, "1 h"), (93784, "1 d 2 h"), (86401, "1 d")],
)
def test_a_duration(seconds: float, told: str) -> None:
    assert duration(seconds) == told


def test_the_templates_are_part_of_the_package() -> None:
    from importlib.resources import files

    held = {file.name for file in files("purview_ai.report").joinpath("templates").iterdir()}
    assert held == {"base.html", "fleet.html", "index.html", "parts.html", "style.css", "tenant.html"}
