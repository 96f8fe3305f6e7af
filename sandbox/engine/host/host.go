package main

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/common/version"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
)

// host serves the engine's calls. It holds nothing between them: each names its program in full.
type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer

	life    context.Context // ends with the host
	stop    context.CancelFunc
	engine  string
	tracing string
}

func newHost(life context.Context, stop context.CancelFunc, engine, tracing string) *host {
	return &host{life: life, stop: stop, engine: engine, tracing: tracing}
}

// call returns the context of one call. It ends when the engine abandons the call or the host stops.
func (h *host) call(request context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(request)
	unhook := context.AfterFunc(h.life, cancel)
	return ctx, func() {
		unhook()
		cancel()
	}
}

// Cancel ends every running call, and then the host.
//
// The engine sends it on Ctrl-C and before it closes a host. A host that stays would be waited for,
// five seconds long, at the end of each operation whose program is still running or has failed.
func (h *host) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	h.stop()
	return &emptypb.Empty{}, nil
}

// GetPluginInfo tells the version, which is the SDK's: the host is built from it.
func (h *host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: version.Version}, nil
}
