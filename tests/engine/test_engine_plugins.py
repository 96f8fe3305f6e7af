"""Provider plugins and policy packs written in Python."""

from __future__ import annotations

import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto.language_pb2 import ProgramInfo, RunPluginRequest

from .conftest import RUNTIME
from .project import BLOCKED, VENV, Project, Pulse, host_for, interrupt, silent_engine

PROVIDER = """
import sys

from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.experimental.provider import CheckResponse, CreateResponse, Provider
from pulumi.provider.experimental.server import main

class Greeter(Provider):
    async def check(self, request):
        return CheckResponse(inputs=request.new_inputs)

    async def create(self, request):
        name = request.properties["name"].value
        return CreateResponse(
            resource_id=name,
            properties={**request.properties, "greeting": PropertyValue(f"hello, {name}")},
        )

main(sys.argv[1:], "1.0.0", Greeter())
"""

PACK = """
import pulumi
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

def judge(args, report):
    if args.props.get("text") == "forbidden":
        report(f"not in {pulumi.get_project()} on {pulumi.get_stack()}")

PolicyPack(
    "tiny-pack",
    policies=[
        ResourceValidationPolicy(
            name="no-forbidden-notes",
            description="No forbidden notes.",
            enforcement_level=EnforcementLevel.MANDATORY,
            validate=judge,
        )
    ],
)
"""


@pytest.fixture
def greeting(project: Project) -> Project:
    """A project with a provider of its own, which lies beside it as source code."""
    project.write("greeter/PulumiPlugin.yaml", RUNTIME)
    project.write("greeter/__main__.py", PROVIDER)
    project.write("Pulumi.yaml", f"name: tiny\n{RUNTIME}plugins: {{providers: [{{name: greeter, path: greeter}}]}}\n")
    project.write(
        "__main__.py",
        """
        import pulumi

        class Greeting(pulumi.CustomResource):
            greeting: pulumi.Output[str]

            def __init__(self, name):
                super().__init__("greeter:index:Greeting", name, {"name": name, "greeting": None})

        pulumi.export("greeting", Greeting("world").greeting)
        """,
    )
    return project


@pytest.fixture
def judged(project: Project) -> Project:
    """A project with a policy pack beside it."""
    project.write("pack/PulumiPolicy.yaml", RUNTIME)
    project.write("pack/__main__.py", PACK)
    return project


def test_a_provider_in_python_is_run_from_its_folder(greeting: Project) -> None:
    run = greeting.up()
    assert run.code == 0, run.output
    assert greeting.pulumi("stack", "output", "greeting").output.strip() == "hello, world"


def test_a_provider_that_fails_to_start_shows_why(greeting: Project) -> None:
    greeting.write("greeter/__main__.py", "raise SystemExit('no licence')\n")
    run = greeting.up()
    assert run.code != 0
    assert "no licence" in run.output


def test_a_provider_ends_with_the_operation(greeting: Project) -> None:
    pulse = Pulse(greeting.folder / "pulse")
    greeting.write("greeter/__main__.py", pulse.opening + PROVIDER)
    run = greeting.begin("up", "--yes", "--skip-preview")
    pulse.beats(run)
    run.communicate()
    assert run.returncode == 0
    assert pulse.stopped()


def test_cancel_alone_ends_a_plugin_and_its_host(project: Project) -> None:
    pulse = Pulse(project.folder / "pulse")
    project.write("__main__.py", pulse.opening + BLOCKED)
    program = ProgramInfo(root_directory=str(project.folder), program_directory=str(project.folder))
    program.options.update({"toolchain": "uv", "virtualenv": str(VENV)})
    with silent_engine() as engine, host_for(engine) as (host, language):
        run = language.RunPlugin(RunPluginRequest(info=program, pwd=str(project.folder)))
        pulse.beats(host)
        language.Cancel(Empty())
        assert pulse.stopped()
        assert [message.exitcode for message in run] == [-1]
        assert host.wait() == 0


def test_a_policy_pack_lets_pass_what_it_allows(judged: Project) -> None:
    run = judged.pulumi("up", "--yes", "--skip-preview", "--policy-pack", "pack")
    assert run.code == 0, run.output


def test_a_mandatory_violation_stops_the_command_and_names_project_and_stack(judged: Project) -> None:
    judged.pulumi("config", "set", "text", "forbidden")
    run = judged.pulumi("preview", "--policy-pack", "pack")
    assert run.code == 1
    assert "not in tiny on dev" in run.output


def test_a_policy_pack_that_fails_to_start_shows_why(judged: Project) -> None:
    judged.write("pack/__main__.py", "import pack_of_another_team\n")
    run = judged.pulumi("preview", "--policy-pack", "pack")
    assert run.code != 0
    assert "No module named 'pack_of_another_team'" in run.output


def test_ctrl_c_ends_a_policy_pack_too(judged: Project) -> None:
    pack = Pulse(judged.folder / "pack-pulse")
    program = Pulse(judged.folder / "pulse")
    judged.write("pack/__main__.py", pack.opening + PACK)
    judged.write("__main__.py", program.opening + "import signal\nsignal.pause()\n")
    run = judged.begin("preview", "--policy-pack", "pack")
    pack.beats(run)
    program.beats(run)
    assert interrupt(run).code != 0
    assert program.stopped()
    assert pack.stopped()
