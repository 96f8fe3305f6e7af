"""The text for reviewers: what matters first, within a limit, and with nothing in it that does something."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from change.test_change_gate import change
from purview_ai.change.drift_text import drift_told, drift_told_in
from purview_ai.change.gate import stops
from purview_ai.change.preview import Action, Change, Preview, Violation
from purview_ai.change.rules import RULES
from purview_ai.change.text import markdown
from purview_ai.drift.azure_types import VAULT
from purview_ai.drift.change import NOT_RECORDED, Drift, Left
from purview_ai.drift.change import Change as Moved

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = 65536
TITLE = 255
"""Of an issue on GitHub and of a work item on Azure DevOps, in characters."""


def text_of(*previews: Preview, limit: int = LIMIT) -> str:
    """The text of previews, with what the gate stops."""
    found = [stop for preview in previews for stop in stops(preview, RULES)]
    return markdown(list(previews), found, "Somebody else says yes.", limit)


def shown(*changes: Change, **more: Any) -> Preview:
    """The preview of one tenant."""
    return Preview(stack="contoso", changes=list(changes), **{"failed": False, **more})


def test_a_tenant_without_changes_is_one_line() -> None:
    told = text_of(shown())
    assert "| contoso |  |  |  |  |  |  | good |" in told
    assert "no tenant changes" in told
    assert "###" not in told


def test_counts_and_stops_stand_before_details() -> None:
    told = text_of(shown(change("scan", Action.REPLACE, ("capture_since", "2026-01-01", "2026-02-01"))))
    places = [told.index(words) for words in ("| contoso |", "`replace-scan`", "Somebody else", "**Next:**", "### ")]
    assert places == sorted(places)
    assert "To let it pass: `allow: replace-scan contoso`" in told
    assert "* **replace** scan `it`\n  * `capture_since`: `2026-01-01` → `2026-02-01`" in told


def test_what_lets_several_pass_stands_together_to_be_copied() -> None:
    gone = shown(change("scan", Action.DELETE), change("trigger", Action.DELETE), change("trigger", Action.DELETE))
    told = text_of(gone, gone.model_copy(update={"stack": "fabrikam"}))
    assert "```text\nallow: delete-scan contoso, fabrikam\nallow: delete-trigger contoso, fabrikam\n```" in told
    twice = text_of(shown(change("scan", Action.DELETE), change("scan", Action.DELETE)))
    assert "\nallow: " not in twice, "one stands behind what it lets pass"


def test_a_long_text_is_cut_within_the_limit_and_says_so() -> None:
    many = shown(*(change(VAULT, Action.CHANGE, (f"tags.{n}", "old", "new")) for n in range(500)))
    stop = change("scan", Action.DELETE)
    told = text_of(many, shown(stop), limit=2000)
    assert len(told) <= 2000
    assert "`delete-scan`" in told
    left = int(told.split("Cut here, ")[1].split()[0])
    whole = text_of(many, shown(stop))
    assert left == len(whole.split("\n")) - len(told.split("\n\n_Cut here")[0].split("\n"))


def test_values_and_names_do_nothing() -> None:
    hostile = "x`](https://evil.example) @everybody <img src=x> &commat;ada <!-- purview-ai: change -->"
    named = change(VAULT, Action.CHANGE, ("tags.owner", None, hostile)).model_copy(update={"resource": "a`b"})
    wrong = Violation(policy="names` @everybody", mandatory=True, resource=hostile, message=f"{hostile}\n```")
    told = text_of(shown(named, violations=[wrong], errors=["it broke ``` @everybody"]))
    assert "nothing → `` x`](https://evil.example) @everybody" in told, "in code, where it is text"
    assert "`` a`b ``" in told
    assert "x\\`\\](https://evil.example) @\u200beverybody \\<img" in told
    assert "\\&commat;ada" in told, "and is not read as an @"
    assert "policy `` names` @everybody `` (mandatory)" in told
    assert "```text\nit broke ''' @everybody\n```" in told


def test_a_long_value_shows_what_differs() -> None:
    group = "/subscriptions/6f0c9f0e-7d0e-4f0b-8f57-3a9a4f4a0b02/resourceGroups/rg-ai-governance"
    scope = f"{group}/providers/Microsoft.KeyVault/vaults/kv"
    told = text_of(shown(change(VAULT, Action.CHANGE, ("scope", f"{scope}-contoso-old", f"{scope}-contoso-new"))))
    assert "-contoso-old` → `…" in told
    assert "-contoso-new`" in told
    cut = text_of(shown(change(VAULT, Action.CHANGE, ("tags.note", None, "y" * 5000))))
    assert "y" * 120 + "…`" in cut


def test_a_failed_preview_says_why_and_what_is_next() -> None:
    told = text_of(shown(failed=True, errors=["the scan was not replaced"]))
    assert "| **failed** |" in told
    assert "put right what the failed previews say" in told
    assert "the scan was not replaced" in told


def test_the_title_of_an_issue_is_short_however_many_tenants_differ() -> None:
    one = {"changes": [{"kind": "scan", "resource": "it", "field": "", "was": None, "now": None}], "unknown": []}
    told = drift_told(json.dumps([{**one, "stack": f"{'n' * 90}{n}", "problem": ""} for n in range(300)]))
    assert len(told.title) < TITLE
    assert told.title.endswith(" and 295 more")
    emptied = [Drift(f"{'n' * 90}{n}") for n in range(300)]
    told = drift_told(json.dumps([one.as_json() for one in emptied])).after(told.markdown(10**6))
    assert (len(told.title) < TITLE, len(told.emptied)) == (True, 300)


def test_an_issue_that_is_cut_still_says_what_nobody_knows_and_where_the_rest_is() -> None:
    left = [Left("readers", "collection role", "", "it takes more rights")]
    many = [Moved("vault", "key vault", f"tags.{n}", "old", "new") for n in range(2000)]
    found = [
        Drift("a", many, covered=["vault"], left_out=left),
        Drift("b", unknown=[Left("scan", "scan", "", "no")]),
        Drift("c"),
    ]
    told = drift_told(json.dumps([one.as_json() for one in found]))
    text = told.markdown(65536)
    assert 60000 < len(text) <= 65536
    assert text.startswith("What is there differs from what was deployed.")
    for words in (
        "\n**1 of 3 could not wholly be looked at: b.**\n",
        "\n**Nothing is recorded as deployed of c.**\n",
        "\n**1 object of a left out: collection role.** Whether what was left out differs, nobody knows",
    ):
        assert words in text
    last = text.splitlines()[-1]
    assert last.startswith("_Cut here, ")
    assert "what `purview-ai drift --json` said has them, which `drift.yml` keeps as artifacts `drift-…`" in last
    assert told.line == (
        "Drift: a; 1 of 3 could not wholly be looked at: b; 1 object of a left out: collection role; "
        "nothing is recorded as deployed of c"
    )


def test_of_which_tenants_nothing_is_recorded_any_more_is_told_by_what_an_issue_says() -> None:
    found = [Drift("a", [Moved("it", "scan", "kind")], covered=["it"]), Drift("a-b", covered=["it"])]
    issue = drift_told(json.dumps([one.as_json() for one in found])).markdown(10_000)
    now = drift_told(json.dumps([Drift(one).as_json() for one in ("a", "a-b", "b")]))
    assert now.line == "no drift; nothing is recorded as deployed of a, a-b, b"
    after = now.after(issue)
    assert after.emptied == ["a"]
    assert after.line == "nothing is recorded any more: a; nothing is recorded as deployed of a-b, b"
    assert now.after(after.markdown(10_000)).emptied == ["a"], "and it is told of again the night after"
    assert now.after(issue.replace("\n", "\r\n")).emptied == ["a"], "as browsers save it"
    several = Drift("z", [Moved("it", "scan", f"{n}") for n in range(99)], covered=["it"])
    cut = drift_told(json.dumps([several.as_json()])).markdown(2000)
    assert now.after(cut).emptied == ["a", "a-b", "b"], "what was cut may have told of each"


def told_of(stack: str, **more: Any) -> dict[str, Any]:
    """What ``purview-ai drift --json`` says of a stack without drift."""
    return {"stack": stack, "changes": [], "unknown": [], "problem": "", "deployed": True, **more}


def test_of_a_tenant_of_whom_no_file_speaks_nobody_knows(tmp_path: Path) -> None:
    gone = {"kind": "scan", "resource": "it", "field": "", "was": None, "now": None}
    for job, text in enumerate((json.dumps([told_of("a"), told_of("b", changes=[gone])]), "", '{"x": 1}')):
        (tmp_path / f"drift-{job}").mkdir()
        (tmp_path / f"drift-{job}" / "drift.json").write_text(text)
    told = drift_told_in(tmp_path, ["a", "b", "c"])
    assert told.title == "Drift: b"
    assert [one["stack"] for one in told.unknown] == ["c"]
    assert "the log of the job that looks at it says why" in told.markdown(10_000)
    nobody = drift_told_in(tmp_path / "none", ["a"])
    assert nobody.line == "nobody knows whether there is drift, 1 of 1 could not wholly be looked at: a"


def test_what_was_left_out_or_is_not_there_is_told_where_nothing_differs() -> None:
    why = "to look at it takes Collection Administrator on the collection"
    left = [Left(name, "collection role", "", why) for name in ("readers", "curators")]
    whole, partly, empty = Drift("a", covered=["it"]), Drift("b", covered=["it"], left_out=left), Drift("c")
    told = drift_told(json.dumps([one.as_json() for one in (whole, partly, empty)]))
    clauses = "2 objects of b left out: collection role; nothing is recorded as deployed of c"
    assert (told.unknown, told.line) == ([], f"no drift; {clauses}")
    assert told.over.startswith(f"Nothing differs any more; {clauses}.\n")
    assert "`purview-ai drift --stack b`" in told.over
    assert why in told.over
    assert drift_told(json.dumps([whole.as_json()])).over == "Nothing differs any more."
    partly.changes.append(Moved("it", "key vault", "tags"))
    told = drift_told(json.dumps([one.as_json() for one in (whole, partly)]))
    assert told.title == "Drift: b"
    assert "**2 objects of b left out: collection role.**" in told.markdown(10_000)


def test_a_tenant_of_which_nothing_could_be_compared_is_one_of_which_nobody_knows() -> None:
    partly = Drift("a", [Moved("it", "scan", "kind")], covered=["it"], unknown=[Left("other", "trigger", "", "no")])
    nothing = Drift("b", left_out=[Left("it", "scan", "", "so")])
    told = drift_told(json.dumps([nothing.as_json()]))
    assert [one["stack"] for one in told.unknown] == ["b"]
    page = drift_told(json.dumps([partly.as_json(), nothing.as_json()])).markdown(10_000)
    assert "### b, of which nobody knows\n\n* nothing of it could be compared" in page
    assert page.count("### a") == 1, "also where something of it could not be looked at"
    later = drift_told(json.dumps([Drift("a").as_json(), Drift("b").as_json()])).after(page)
    assert later.emptied == ["a"], "of b nobody ever said that it had a state"


def test_a_scan_that_nobody_recorded_is_not_to_be_put_into_a_stack_file() -> None:
    moved = Moved("chatgpt", "data source", "scan x", None, NOT_RECORDED)
    page = drift_told(json.dumps([Drift("a", [moved]).as_json()])).markdown(10_000)
    assert "* data source `chatgpt`: `scan x` is there, and not recorded. Have it removed in the" in page


def test_what_was_never_deployed_is_no_news_unless_nothing_was(tmp_path: Path) -> None:
    never = told_of("new", deployed=False, problem="there is no state of it in the backend")
    (tmp_path / "drift.json").write_text(json.dumps([told_of("a"), never]))
    told = drift_told_in(tmp_path, ["a", "new"])
    assert (told.unknown, told.line, told.after("### b").emptied) == ([], "no drift", [])
    assert told.after("### new").emptied == ["new"], "it had a state when an issue told of it"
    # One job may have asked in the wrong place, whatever the others found.
    (tmp_path / "another.json").write_text(json.dumps([{**never, "stack": "b"}]))
    assert [one["stack"] for one in drift_told_in(tmp_path, ["a", "b", "new"]).unknown] == ["b"]
    # A stack that was made and holds nothing yet is where it was looked for.
    (tmp_path / "another.json").write_text(json.dumps([Drift("b").as_json()]))
    told = drift_told_in(tmp_path, ["a", "b", "new"])
    assert (told.unknown, told.line) == ([], "no drift; nothing is recorded as deployed of b")
