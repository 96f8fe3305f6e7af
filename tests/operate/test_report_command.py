"""``purview-ai report``: pages that tell what the other commands tell, for one stack and for all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from command_line import said
from local_azure import seed
from purview_ai.operate import report_command
from purview_ai.operate.reporting import page_of
from whole_chain import SCAN_API

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from people import Person
    from purview_ai.inspection.estate import Estate
    from purview_ai.report.contents import TenantPage
    from tenants import Tenant

GOOD, USAGE, UNKNOWN = 0, 2, 3


def test_a_page_and_an_index_are_written(deployed: tuple[Tenant, Person], tmp_path: Path) -> None:
    told = said(deployed[0], "report", "--out", str(tmp_path), "--json")
    assert (told.code, told.json) == (
        GOOD,
        {"index": str(tmp_path / "index.html"), "pages": {"sandbox": str(tmp_path / "sandbox.html")}},
    )
    page = (tmp_path / "sandbox.html").read_text()
    assert "Runs of scan chatgpt-scan succeed" in page
    assert f">{seed.INTERACTIONS}<" in page
    assert "Turn on pay-as-you-go billing" in page
    assert "Sensitivity labels" in page
    assert seed.VENDOR_KEY not in page
    assert re.search(r'href="(./)?sandbox.html', (tmp_path / "index.html").read_text())


def test_what_is_broken_or_has_drifted_stands_on_the_page(deployed: tuple[Tenant, Person], tmp_path: Path) -> None:
    tenant, operator = deployed
    trigger = f"{SCAN_API}/datasources/chatgpt/scans/chatgpt-scan/triggers/default"
    operator.do("POST", f"{trigger}:disable")
    told = said(tenant, "report", "--out", str(tmp_path))
    operator.do("POST", f"{trigger}:enable")
    assert told.code == GOOD
    assert "Trigger of scan chatgpt-scan" in told.err
    page = (tmp_path / "sandbox.html").read_text()
    assert "enabled is False and not True" in page
    assert "pulumi refresh --stack sandbox, then pulumi up --stack sandbox" in page, "what verify says"
    assert "chatgpt-trigger" in page, "the state's own name of what has drifted"


def test_a_stack_file_that_is_wrong_stands_in_the_index(deployed: tuple[Tenant, Person], tmp_path: Path) -> None:
    tenant, _ = deployed
    (tenant.folder / "Pulumi.broken.yaml").write_text("config:\n  purview-ai:tenant: {purview: {}}\n")
    told = said(tenant, "report", "--stack", "broken", "--out", str(tmp_path), "--no-drift")
    (tenant.folder / "Pulumi.broken.yaml").unlink()
    assert told.code == USAGE
    assert "1 of 2 pages written" in told.out
    assert "purview.account" in (tmp_path / "index.html").read_text()
    assert not (tmp_path / "broken.html").exists()
    assert "nobody asked for it" in (tmp_path / "sandbox.html").read_text()


def test_a_fault_that_nobody_foresaw_costs_one_page_alone(
    deployed: tuple[Tenant, Person], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant, _ = deployed
    (tenant.folder / "Pulumi.odd.yaml").write_text(tenant.file.read_text())

    async def page(estate: Estate, *rest: Any) -> TenantPage:
        if estate.stack == "odd":
            raise LookupError(seed.VENDOR_KEY)
        return await page_of(estate, *rest)

    monkeypatch.setattr(report_command, "page_of", page)
    told = said(tenant, "report", "--stack", "odd", "--out", str(tmp_path), "--no-drift", "--search", "0")
    (tenant.folder / "Pulumi.odd.yaml").unlink()
    assert (told.code, "1 of 2 pages written" in told.out) == (UNKNOWN, True)
    assert "odd: looking at it failed unexpectedly (LookupError)" in (tmp_path / "index.html").read_text()
    assert (tmp_path / "sandbox.html").exists()


def test_what_no_run_did_is_not_called_verified(deployed: tuple[Tenant, Person], tmp_path: Path) -> None:
    """The first run was a full one, and it classified something."""
    assert said(deployed[0], "report", "--out", str(tmp_path), "--no-drift").code == GOOD
    page = (tmp_path / "sandbox.html").read_text()
    rows = dict(re.findall(r"<div>([^<]*)</div></th>(.*?)</tr>", page, re.DOTALL))
    assert "nothing shows it" not in rows["Full scan"]
    assert "nothing shows it" in rows["Incremental scan"]
    assert "nothing shows it" in rows["Metadata extraction"]


def test_people_see_why_a_link_of_the_chain_passed(deployed: tuple[Tenant, Person]) -> None:
    reason = said(deployed[0], "verify", "--json").finding("key-expiry.chatgpt")["reason"]
    assert reason
    assert reason in said(deployed[0], "verify").out


def test_offline_there_is_a_page_that_says_so(deployed: tuple[Tenant, Person], tmp_path: Path) -> None:
    nobody = {"HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    told = said(deployed[0], "report", "--out", str(tmp_path), "--search", "0", **nobody)
    assert told.code == GOOD
    assert "unknown" in (tmp_path / "index.html").read_text()
