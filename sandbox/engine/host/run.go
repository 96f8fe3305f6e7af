package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// executor is the SDK's own script that runs a program; it lies beside the host.
const executor = "pulumi-language-python-exec"

// userWasTold is the exit code with which the executor says that it has reported the failure itself.
const userWasTold = 32

// Run runs a program to its end and tells the engine how it ended.
func (h *host) Run(request context.Context, req *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	ctx, done := h.call(request)
	defer done()
	cmd, err := h.program(ctx, req)
	if err != nil {
		return nil, err
	}
	// The engine shows what comes out of the host, line by line; so the program's output needs no relay.
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	err = cmd.Run()
	if ctx.Err() != nil {
		return nil, status.Error(codes.Canceled, "the program was cancelled")
	}
	return ending(err)
}

// ending translates the end of a program into the engine's terms.
func ending(err error) (*pulumirpc.RunResponse, error) {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return &pulumirpc.RunResponse{}, nil
	case !errors.As(err, &exit):
		return nil, fmt.Errorf("start Python: %w", err)
	case exit.ExitCode() == userWasTold:
		return &pulumirpc.RunResponse{Bail: true}, nil
	default:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("the program ended with %s", exit)}, nil
	}
}

// program is the command that runs the program under the executor.
func (h *host) program(ctx context.Context, req *pulumirpc.RunRequest) (*exec.Cmd, error) {
	script, err := beside(executor)
	if err != nil {
		return nil, err
	}
	python, err := pythonFor(req.GetInfo())
	if err != nil {
		return nil, err
	}
	cmd, err := python.Command(ctx, append([]string{"-u", script}, h.arguments(req)...)...)
	if err != nil {
		return nil, err
	}
	config, err := configuration(req.GetConfig(), req.GetConfigSecretKeys())
	if err != nil {
		return nil, err
	}
	cmd.Env = append(cmd.Env, config...)
	return inOwnGroup(cmd), nil
}

// arguments are the executor's: the engine's addresses and what the program may ask about its stack.
func (h *host) arguments(req *pulumirpc.RunRequest) []string {
	var args []string
	for _, option := range [][2]string{
		{"--monitor", req.GetMonitorAddress()},
		{"--engine", h.engine},
		{"--project", req.GetProject()},
		{"--stack", req.GetStack()},
		{"--organization", req.GetOrganization()},
		{"--root_directory", req.GetInfo().GetRootDirectory()},
		{"--pwd", req.GetPwd()},
		{"--dry_run", strconv.FormatBool(req.GetDryRun())},
		{"--parallel", strconv.Itoa(int(req.GetParallel()))},
		{"--tracing", h.tracing},
	} {
		if option[1] != "" {
			args = append(args, option[0], option[1])
		}
	}
	return append(append(args, req.GetInfo().GetEntryPoint()), req.GetArgs()...)
}

// configuration hands the stack's settings over in the environment.
//
// The SDK wants an object and a list; it fails on the `null` that Go makes of what is empty.
func configuration(config map[string]string, secretKeys []string) ([]string, error) {
	if config == nil {
		config = map[string]string{}
	}
	if secretKeys == nil {
		secretKeys = []string{}
	}
	values, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	keys, err := json.Marshal(secretKeys)
	if err != nil {
		return nil, err
	}
	return []string{"PULUMI_CONFIG=" + string(values), "PULUMI_CONFIG_SECRET_KEYS=" + string(keys)}, nil
}

// beside returns the path of a file in the host's own folder.
func beside(name string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	return filepath.Join(filepath.Dir(self), name), nil
}
