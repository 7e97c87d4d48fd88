// Command kube-router is kube-router's network policy controller alone, as a process of a node.
//
// Upstream's program serves its health on every address, and watches what only its router and its service proxy need. This
// one listens where it is told to, and says which pods' rules are in force, so that the node can keep the others' packets back.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/cloudnativelabs/kube-router/v2/pkg/healthcheck"
	"github.com/cloudnativelabs/kube-router/v2/pkg/metrics"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
)

func main() {
	kubeconfig := flag.String("kubeconfig", "", "who this is towards the API server")
	node := flag.String("node", "", "name of the node whose pods are guarded")
	serviceRange := flag.String("service-cluster-ip-range", "", "addresses of Services")
	set := flag.String("enforced-set", "", "nftables set (family, table, name) of the pods whose rules are in force")
	listen := flag.String("listen-address", "", "where /healthz, /readyz and /metrics are served")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *kubeconfig, *node, *serviceRange, *set, *listen); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, kubeconfig, node, serviceRange, set, listen string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	enforced := &enforcedSet{name: set}
	health, err := startController(ctx, client, node, serviceRange, enforced)
	if err != nil {
		return err
	}
	return serve(ctx, listen, health, enforced)
}

// serve answers until the context ends; who scrapes and probes is on this machine.
func serve(ctx context.Context, listen string, health *healthcheck.HealthController, enforced *enforcedSet) error {
	handlers := http.NewServeMux()
	handlers.HandleFunc("/healthz", health.Handler)
	handlers.HandleFunc("/readyz", enforced.handler)
	handlers.Handle("/metrics", metrics.Handler())
	server := &http.Server{Addr: listen, Handler: handlers, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		klog.Info("ending; the rules stay in force")
		server.Close()
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
