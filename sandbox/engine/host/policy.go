package main

import (
	"context"
	"fmt"
	"io"
	"strconv"

	sdk "github.com/pulumi/pulumi/sdk/v3"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// runPolicyPack runs a policy pack behind a proxy, which the engine takes for the pack.
//
// pulumi-policy learns project, stack and configuration from its environment at start, but the
// engine tells them only once the pack answers: without the proxy every policy sees a project
// called "project" and a stack called "stack". The proxy answers first, waits for the engine's
// word, and hands all later calls to the pack, started with what the engine said.
func runPolicyPack(ctx context.Context, req *pulumirpc.RunPluginRequest, stdout, stderr io.Writer) error {
	args := append([]string{"-u", "-m", "pulumi.policy"}, req.GetArgs()...)
	// Made before the engine waits for the proxy, so that a faulty set-up is reported and not waited for.
	cmd, err := pluginCommand(ctx, req, append(args, req.GetInfo().GetProgramDirectory())...)
	if err != nil {
		return err
	}
	proxy, packOutput, err := sdk.NewPolicyProxy(ctx, stdout)
	if err != nil {
		return fmt.Errorf("start the policy proxy: %w", err)
	}
	stack, err := proxy.AwaitConfiguration(ctx)
	if err != nil {
		return fmt.Errorf("wait for the stack's configuration: %w", err)
	}
	about, err := stackEnvironment(stack)
	if err != nil {
		return err
	}
	cmd.Env = append(cmd.Env, about...)
	cmd.Stdout, cmd.Stderr = packOutput, stderr
	if err := cmd.Start(); err != nil {
		// Attach, below, notices and tells the engine, which waits for the pack.
		fmt.Fprintf(stderr, "start the policy pack: %v\n", err)
	}
	return proxy.Attach(ctx, cmd)
}

// stackEnvironment says in environment variables which stack a pack judges. There is none
// when a pack is only asked what it contains.
func stackEnvironment(stack *pulumirpc.AnalyzerStackConfigureRequest) ([]string, error) {
	if stack == nil {
		return nil, nil
	}
	config, err := configuration(stack.GetConfig(), stack.GetConfigSecretKeys())
	if err != nil {
		return nil, err
	}
	return append(
		config,
		"PULUMI_ORGANIZATION="+stack.GetOrganization(),
		"PULUMI_PROJECT="+stack.GetProject(),
		"PULUMI_STACK="+stack.GetStack(),
		"PULUMI_DRY_RUN="+strconv.FormatBool(stack.GetDryRun()),
	), nil
}
