// Command pulumi-language-python lets the Pulumi engine run programs, plugins and policy packs
// written in Python.
//
// The genuine host is a Go module of its own that cannot be had everywhere. All that it is made
// of is in the SDK module, though: the tool chains (uv, poetry, pip), the service and its
// helpers. This host ties them together, for what `pulumi up`, `preview`, `refresh`, `destroy`,
// `install` and `about` ask for. Code generation, type checkers and debuggers are not served.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/cmdutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/logging"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// engineCheckInterval bounds how long a host outlives an engine that was killed.
const engineCheckInterval = time.Second

func main() {
	tracing := flag.String("tracing", "", "where programs send their traces")
	flag.Parse()
	logging.InitLogging(false, 0, false)
	if err := serve(flag.Arg(0), *tracing); err != nil {
		cmdutil.Exit(err)
	}
}

// serve answers the engine at the given address until it cancels, interrupts or is gone.
//
// Whichever comes first ends the running programs, and with them the calls that the server waits for
// before it stops. The engine counts on that: it gives an interrupted host five seconds and then kills it.
func serve(engine, tracing string) error {
	if engine == "" {
		return errors.New("the address of the engine is missing: this program is started by pulumi")
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go stopOnSignal(stop)
	if err := rpcutil.Healthcheck(ctx, engine, engineCheckInterval, stop); err != nil {
		return fmt.Errorf("watch the engine: %w", err)
	}
	finished := make(chan bool)
	context.AfterFunc(ctx, func() { close(finished) })

	server, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel:  finished,
		Options: rpcutil.TracingServerInterceptorOptions(nil),
		Init: func(registrar *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(registrar, newHost(ctx, stop, engine, tracing))
			return nil
		},
	})
	if err != nil {
		return fmt.Errorf("listen for the engine: %w", err)
	}
	fmt.Println(server.Port) // The engine reads the first line and dials this port.
	return <-server.Done
}

// stopOnSignal calls stop when the engine interrupts the host.
//
// The signals stay caught after that: the engine's interrupt may follow its Cancel at once, and must not
// take the host away before it has ended the program.
func stopOnSignal(stop context.CancelFunc) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	for range signals {
		stop()
	}
}
