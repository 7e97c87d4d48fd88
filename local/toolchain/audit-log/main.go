// Command audit-log prints the API server's audit log, line by line, as long as it runs.
//
// Rotation renames the file and starts another. Common tail libraries reopen the path as soon as they see that, and lose what
// was written just before; here the renamed file is read to its end first. What is printed is remembered, so that a restarted
// container goes on where the last one stopped, even when the log was rotated in between.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const interval = 250 * time.Millisecond

func main() {
	log := flag.String("log", "/var/log/kubernetes/audit.log", "audit log of the API server; rotated ones lie beside it")
	state := flag.String("state", "/var/lib/audit-log/position", "file that remembers how far the log is printed")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx, *log, *state); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run returns when ctx ends, and with an error when something can't be read or written.
func run(ctx context.Context, log, state string) error {
	reader := follower{log: log, out: os.Stdout}
	if err := reader.position.load(state); err != nil {
		return err
	}
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		before := reader.position
		err := reader.advance()
		if reader.position != before {
			if failed := reader.position.save(state); failed != nil {
				return failed
			}
		}
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}
