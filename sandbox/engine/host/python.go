package main

import (
	"errors"
	"fmt"
	"os/exec"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/cmdutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// pythonFor returns the tool chain that Pulumi.yaml, PulumiPlugin.yaml or PulumiPolicy.yaml asks for
// under `runtime: options:`.
//
// An option that this host does not know is refused: a type checker that silently never ran would be worse.
func pythonFor(program *pulumirpc.ProgramInfo) (toolchain.Toolchain, error) {
	options := toolchain.PythonOptions{
		Root:       program.GetRootDirectory(),
		ProgramDir: program.GetProgramDirectory(),
	}
	for name, value := range program.GetOptions().AsMap() {
		text, isText := value.(string)
		switch {
		case name == "virtualenv" && isText:
			options.Virtualenv = text
		case name == "toolchain" && text == "uv":
			options.Toolchain = toolchain.Uv
		case name == "toolchain" && text == "poetry":
			options.Toolchain = toolchain.Poetry
		case name == "toolchain" && text == "pip":
			options.Toolchain = toolchain.Pip
		default:
			return nil, fmt.Errorf("runtime option %s: %v is not known to this Python language host", name, value)
		}
	}
	return toolchain.ResolveToolchain(options)
}

// inOwnGroup lets cmd, when its context ends, take along every process it started itself.
//
// Left in the host's group, a program would instead get the interrupt that the engine means for the host,
// and report it to the user as its own failure.
func inOwnGroup(cmd *exec.Cmd) *exec.Cmd {
	cmdutil.RegisterProcessGroup(cmd)
	cmd.Cancel = func() error {
		return errors.Join(cmdutil.KillChildren(cmd.Process.Pid), cmd.Process.Kill())
	}
	return cmd
}
