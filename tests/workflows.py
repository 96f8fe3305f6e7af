"""A small runner of GitHub workflows: the files' own steps, in order, with the environment that each job gives them.

Actions are the few that the workflows use: a check-out, artifacts, and installations, which are there already. Every
``run`` is run as it stands, by the shell that GitHub uses.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import yaml
from pipeline_hosts import commands_in
from tenants import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from local_azure.process import LocalAzure

WORKFLOWS = CHECKOUT / "pipelines" / "github"
LIMIT_S = 240
_INSTALLED = ("astral-sh/setup-uv", "pulumi/actions")
_AUDIENCE = "api://AzureADTokenExchange"
_WORD = re.compile(r"'[^']*'|[A-Za-z_][\w-]*(?:\.[\w-]+)*|==|!=|&&|\|\||!|[()]")
_UV = f"""#!/bin/sh
# What is installed in a checkout is the tests' own.
if [ "$1" = sync ]; then ln -sfn {CHECKOUT}/.venv .venv; exec ln -sfn {CHECKOUT}/policy policy; fi
if [ "$1" != run ]; then exec {CHECKOUT}/.tools/uv/bin/uv "$@"; fi
shift
if [ "$1" = --project ]; then shift 2; fi
# As the genuine one: a folder of that name comes first.
if [ -f "$1/__main__.py" ]; then exec python "$@"; fi
exec "$@"
"""


@dataclass
class Ran:
    """How a job ended."""

    succeeded: bool
    said: str
    outputs: dict[str, str]
    environment: str
    """The one that it was in; empty for none."""
    folder: Path


@dataclass
class Runner:
    """Runs jobs of one workflow run."""

    folder: Path
    origin: Path
    """The repository that is checked out."""
    machine: dict[str, str]
    """What every step of every job has."""
    identities: dict[str, dict[str, str]]
    """What signs in, by the environment of a job: its variables of ``vars``, and ``secret``, which stands for its
    federated token."""
    context: dict[str, Any]
    """What expressions may ask for, such as ``github.sha``."""
    permissions: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    """Those that the token of each job had."""
    on_token: Any = None
    """Told of the permissions of each job before it runs."""
    azure: LocalAzure | None = None
    """Where jobs sign in with what GitHub says of them; None: a secret stands for it."""
    subject: str = ""
    """Whose jobs GitHub says they are, such as ``repo:contoso/purview``."""
    ran: int = 0

    def job(self, workflow: str, name: str, **more: Any) -> Ran:
        """One job of a workflow, with these things in its context, too."""
        job = yaml.safe_load((WORKFLOWS / workflow).read_text())["jobs"][name]
        self.permissions[name] = job.get("permissions", {})
        if self.on_token:
            self.on_token(self.permissions[name])
        context = {**self.context, **more}
        environment = environment_in(workflow, name, **context)
        identity = self.identities.get(environment, {})
        context |= {f"vars.{key}": value for key, value in identity.items()}
        # Without id-token: write no job has a federated token.
        signs_in = self.permissions[name].get("id-token") == "write"
        secret = {"ARM_CLIENT_SECRET": identity["secret"]} if signs_in and "secret" in identity else {}
        self.ran += 1
        place = self.folder / f"job-{self.ran}"
        place.mkdir(parents=True)
        environ = {**self.machine, **_env(job, context), **secret}
        if signs_in and self.azure:
            environ |= self.azure.github_job(f"{self.subject}:environment:{environment}")
        outputs, said, good = self._steps(job["steps"], place, environ, context)
        told = {key: str(filled(value, {**context, **outputs})) for key, value in job.get("outputs", {}).items()}
        return Ran(good, said, told, environment, place)

    def _logged_in(
        self, given: Mapping[str, str], environ: Mapping[str, str], context: Mapping[str, Any]
    ) -> dict[str, str]:
        """What azure/login leaves for those that open the state: it asks GitHub, as the job itself would."""
        if self.azure is None:
            return {}
        with self.azure.client() as client:
            answer = client.get(
                f"{environ['ACTIONS_ID_TOKEN_REQUEST_URL']}&{urlencode({'audience': _AUDIENCE})}",
                headers={"authorization": f"Bearer {environ['ACTIONS_ID_TOKEN_REQUEST_TOKEN']}"},
            )
        file = self.folder / f"token-{self.ran}"
        file.write_text(answer.raise_for_status().json()["value"])
        return {
            "AZURE_CLIENT_ID": str(filled(given["client-id"], context)),
            "AZURE_TENANT_ID": str(filled(given["tenant-id"], context)),
            "AZURE_FEDERATED_TOKEN_FILE": str(file),
            "AZURE_TOKEN_CREDENTIALS": "WorkloadIdentityCredential",
        }

    def _steps(
        self, steps: list[dict[str, Any]], place: Path, environ: dict[str, str], context: dict[str, Any]
    ) -> tuple[dict[str, str], str, bool]:
        outputs, said, good = dict[str, str](), "", True
        for step in steps:
            condition = str(step.get("if", ""))
            goes_on = good or "cancelled()" in condition or "always()" in condition
            if not goes_on or (condition and not holds(condition, context)):
                continue
            if step.get("uses", "").startswith("azure/login@"):
                environ = {**environ, **self._logged_in(step["with"], environ, context)}
                continue
            if "uses" in step:
                if not self._use(step, place, context):
                    return outputs, f"{said}{step['uses']}: there is an artifact of that name\n", False
                continue
            file = place / ".output"
            file.write_text("")
            inside = {**environ, **_env(step, context), "GITHUB_OUTPUT": str(file), "GITHUB_WORKSPACE": str(place)}
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
                cwd=place / step.get("working-directory", "."),
                env=inside,
                capture_output=True,
                text=True,
                timeout=LIMIT_S,
                check=False,
            )
            assert "Traceback" not in done.stderr, done.stderr
            assert commands_in(done.stdout + done.stderr) == []
            said += f"$ {step['run']}\n{done.stdout}{done.stderr}"
            for line in file.read_text().splitlines():
                key, _, value = line.partition("=")
                outputs[f"steps.{step['id']}.outputs.{key}"] = value
            good = good and (done.returncode == 0 or step.get("continue-on-error", False))
        return outputs, said, good

    def _use(self, step: dict[str, Any], place: Path, context: Mapping[str, Any]) -> bool:
        """Whether an action succeeds. A name is uploaded twice where that is asked for (docs/facts.md, graph 162)."""
        action, given = step["uses"].partition("@")[0], step.get("with", {})
        if action == "actions/checkout":
            target = place / given.get("path", ".")
            ref = str(filled(given.get("ref", "${{ github.sha }}"), context))
            target.mkdir(exist_ok=True)
            for words in (("init", "-q"), ("fetch", "-q", str(self.origin), "+refs/heads/*:refs/remotes/origin/*")):
                subprocess.run(["git", *words], cwd=target, check=True, capture_output=True)
            subprocess.run(["git", "checkout", "-q", ref], cwd=target, check=True, capture_output=True)
            if given.get("fetch-depth") != 0:
                # As the genuine one: without the whole history no branch is known.
                shutil.rmtree(target / ".git" / "refs" / "remotes")
        elif action == "actions/upload-artifact":
            kept = self.folder / "artifacts" / str(filled(given["name"], context))
            if kept.exists() and not given.get("overwrite"):
                return False
            shutil.rmtree(kept, ignore_errors=True)
            if (place / given["path"]).is_dir():
                shutil.copytree(place / given["path"], kept, dirs_exist_ok=True)
            else:
                kept.mkdir(parents=True, exist_ok=True)
                shutil.copy(place / given["path"], kept)
        elif action == "actions/download-artifact":
            for kept in sorted((self.folder / "artifacts").glob(given.get("pattern") or given["name"])):
                apart = "pattern" in given and not given.get("merge-multiple")
                shutil.copytree(kept, place / given["path"] / (kept.name if apart else "."), dirs_exist_ok=True)
        else:
            assert action in _INSTALLED, action
        return True


def with_uv(folder: Path, path: str) -> str:
    """A search path whose ``uv`` installs nothing."""
    folder.mkdir(exist_ok=True)
    (folder / "uv").write_text(_UV)
    (folder / "uv").chmod(0o755)
    return f"{folder}{os.pathsep}{path}"


def _env(block: dict[str, Any], context: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(filled(value, context)) for name, value in block.get("env", {}).items()}


def filled(text: Any, context: Mapping[str, Any]) -> Any:
    """A text with its expressions put in; what the context does not know is a mistake of the test or the workflow."""
    if not isinstance(text, str):
        return text
    return re.sub(r"\$\{\{(.*?)\}\}", lambda found: str(evaluated(found[1], context)), text)


def holds(condition: str, context: Mapping[str, Any]) -> bool:
    """Whether a job or a step runs."""
    return bool(evaluated(condition.strip().removeprefix("${{").removesuffix("}}"), context))


def evaluated(expression: str, context: Mapping[str, Any]) -> Any:
    """The value of an expression, as far as the workflows use them."""
    words: list[str] = []
    for word in _WORD.findall(expression):
        known = {"&&": "and", "||": "or", "!": "not"}.get(word)
        if known or word in ("==", "!=", "(", ")") or word.startswith("'"):
            words.append(known or word)
        elif word == "always":
            words.append("(lambda: True)")
        elif word in ("cancelled", "failure", "success"):
            words.append(f"(lambda: {context.get(word, False)})")
        else:
            words.append(repr(context[word]))
    return eval(" ".join(words))  # noqa: S307  # the project's own files


def environment_in(workflow: str, name: str, **context: Any) -> str:
    """The environment of a job; empty for none."""
    job = yaml.safe_load((WORKFLOWS / workflow).read_text())["jobs"][name]
    return str(filled(job["environment"]["name"], context)) if "environment" in job else ""


def matrix_of(text: str) -> list[dict[str, Any]]:
    """The jobs of a matrix."""
    return json.loads(text)["include"] if text else []
