package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
	"google.golang.org/grpc"
)

// outputGrace is how long the output of an ended plugin may stay open in a process it left behind.
const outputGrace = time.Second

// RunPlugin runs a plugin written in Python until it ends or the engine drops the call.
//
// The engine reads the plugin's port from the first line of its output and then speaks to it directly.
func (h *host) RunPlugin(
	req *pulumirpc.RunPluginRequest, stream grpc.ServerStreamingServer[pulumirpc.RunPluginResponse],
) error {
	ctx, done := h.call(stream.Context())
	defer done()
	replies := &oneAtATime[pulumirpc.RunPluginResponse]{ServerStreamingServer: stream}
	_, stdout, stderr, err := rpcutil.MakeRunPluginStreams(replies, false)
	if err != nil {
		return err
	}
	if req.GetKind() == string(apitype.AnalyzerPlugin) {
		err = runPolicyPack(ctx, req, stdout, stderr)
	} else {
		err = runPlugin(ctx, req, stdout, stderr)
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return err
	}
	return replies.Send(exitCode(exit))
}

// runPlugin runs the folder of a provider, a component or a tool: its __main__.py.
func runPlugin(ctx context.Context, req *pulumirpc.RunPluginRequest, stdout, stderr io.Writer) error {
	args := append([]string{"-u", req.GetInfo().GetProgramDirectory()}, req.GetArgs()...)
	cmd, err := pluginCommand(ctx, req, args...)
	if err != nil {
		return err
	}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	return cmd.Run()
}

// pluginCommand runs Python with the plugin's packages, in the folder and environment the engine names.
func pluginCommand(ctx context.Context, req *pulumirpc.RunPluginRequest, args ...string) (*exec.Cmd, error) {
	python, err := pythonFor(req.GetInfo())
	if err != nil {
		return nil, err
	}
	cmd, err := python.Command(ctx, args...)
	if err != nil {
		return nil, err
	}
	folder, err := python.VirtualEnvPath(ctx)
	if err != nil {
		return nil, fmt.Errorf("find the plugin's virtual environment: %w", err)
	}
	cmd.Dir, cmd.Env = req.GetPwd(), req.GetEnv()
	if folder != "" {
		cmd.Env = toolchain.ActivateVirtualEnv(cmd.Env, folder)
	}
	cmd.WaitDelay = outputGrace
	return inOwnGroup(cmd), nil
}

func exitCode(exit *exec.ExitError) *pulumirpc.RunPluginResponse {
	code := 0
	if exit != nil {
		code = exit.ExitCode()
	}
	return &pulumirpc.RunPluginResponse{Output: &pulumirpc.RunPluginResponse_Exitcode{Exitcode: int32(code)}}
}

// oneAtATime guards a stream that standard output and standard error are both written to:
// gRPC does not allow two Sends at once.
type oneAtATime[T any] struct {
	grpc.ServerStreamingServer[T]
	turn sync.Mutex
}

// Send sends one message after the other.
func (s *oneAtATime[T]) Send(message *T) error {
	s.turn.Lock()
	defer s.turn.Unlock()
	return s.ServerStreamingServer.Send(message)
}
