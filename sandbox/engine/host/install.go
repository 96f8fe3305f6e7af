package main

import (
	"errors"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// InstallDependencies installs what a program, plugin or policy pack needs, and shows how it goes.
func (h *host) InstallDependencies(
	req *pulumirpc.InstallDependenciesRequest, stream grpc.ServerStreamingServer[pulumirpc.InstallDependenciesResponse],
) error {
	ctx, done := h.call(stream.Context())
	defer done()
	python, err := pythonFor(req.GetInfo())
	if err != nil {
		return err
	}
	replies := &oneAtATime[pulumirpc.InstallDependenciesResponse]{ServerStreamingServer: stream}
	closer, stdout, stderr, err := rpcutil.MakeInstallDependenciesStreams(replies, req.GetIsTerminal())
	if err != nil {
		return err
	}
	err = python.InstallDependencies(
		ctx, req.GetInfo().GetProgramDirectory(), req.GetUseLanguageVersionTools(), true, stdout, stderr)
	return errors.Join(err, closer.Close())
}
