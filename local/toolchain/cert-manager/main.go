// Command cert-manager is cert-manager's controller with the parts that the local node uses: self-signed and CA issuers.
//
// Upstream's own main lies in a module that no proxy serves, and brings ACME and the clients of several clouds with it. There is
// no webhook: the API server validates against the CRDs' schemas alone. There is no leader election: there is one replica.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/cert-manager/cert-manager/pkg/controller"
	"github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/approver"
	"github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/ca"
	"github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/selfsigned"
	"github.com/cert-manager/cert-manager/pkg/controller/certificates/issuing"
	"github.com/cert-manager/cert-manager/pkg/controller/certificates/keymanager"
	"github.com/cert-manager/cert-manager/pkg/controller/certificates/readiness"
	"github.com/cert-manager/cert-manager/pkg/controller/certificates/requestmanager"
	"github.com/cert-manager/cert-manager/pkg/controller/certificates/revisionmanager"
	"github.com/cert-manager/cert-manager/pkg/controller/certificates/trigger"
	"github.com/cert-manager/cert-manager/pkg/controller/clusterissuers"
	"github.com/cert-manager/cert-manager/pkg/controller/issuers"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/ca"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/selfsigned"
	logf "github.com/cert-manager/cert-manager/pkg/logs"
	"golang.org/x/sync/errgroup"
)

const (
	workers        = 5 // a controller, as upstream
	metricsAddress = ":9402"
	healthAddress  = ":9403"
	shutdown       = 5 * time.Second
)

var enabled = []string{
	issuers.ControllerName,
	clusterissuers.ControllerName,
	approver.ControllerName,
	selfsigned.CRControllerName,
	ca.CRControllerName,
	trigger.ControllerName,
	keymanager.ControllerName,
	requestmanager.ControllerName,
	issuing.ControllerName,
	readiness.ControllerName,
	revisionmanager.ControllerName,
}

func main() {
	kubeconfig := flag.String("kubeconfig", "", "kubeconfig file; empty inside a cluster")
	namespace := flag.String("cluster-resource-namespace", "cert-manager", "namespace of the Secrets that ClusterIssuers name")
	flag.Parse()
	logf.InitLogs()
	defer logf.FlushLogs()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(logf.NewContext(ctx, logf.Log, "controller"), *kubeconfig, *namespace); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run returns when ctx ends or a part fails. The options that are set here have upstream's defaults, except that the Secret of
// a Certificate goes when the Certificate goes.
func run(ctx context.Context, kubeconfig, namespace string) error {
	factory, err := controller.NewContextFactory(ctx, controller.ContextOptions{
		Kubeconfig:         kubeconfig,
		KubernetesAPIQPS:   20,
		KubernetesAPIBurst: 50,
		IssuerOptions:      controller.IssuerOptions{ClusterResourceNamespace: namespace},
		CertificateOptions: controller.CertificateOptions{
			EnableOwnerRef:                           true,
			CopiedAnnotationPrefixes:                 []string{"*", "-kubectl.kubernetes.io/"},
			CertificateRequestMinimumBackoffDuration: time.Hour,
			CertificateRequestMaximumBackoffDuration: 32 * time.Hour,
		},
	})
	if err != nil {
		return err
	}
	root, err := factory.Build()
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, name := range enabled {
		part, err := controller.Known()[name](factory)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		group.Go(func() error { return part.Run(workers, ctx) })
	}
	if err := serve(ctx, group, root); err != nil {
		return err
	}
	root.SharedInformerFactory.Start(ctx.Done())
	root.KubeSharedInformerFactory.Start(ctx.Done())
	return group.Wait()
}

// serve offers metrics and health; /readyz answers once the caches of the cluster's objects are filled.
func serve(ctx context.Context, group *errgroup.Group, root *controller.Context) error {
	certificates := root.SharedInformerFactory.Certmanager().V1().Certificates()
	root.Metrics.SetupCertificateCollector(certificates.Lister())
	certificatesSynced := certificates.Informer().HasSynced
	secretsSynced := root.KubeSharedInformerFactory.Secrets().Informer().HasSynced
	health := http.NewServeMux()
	health.HandleFunc("/livez", func(http.ResponseWriter, *http.Request) {})
	health.HandleFunc("/readyz", func(writer http.ResponseWriter, _ *http.Request) {
		if !certificatesSynced() || !secretsSynced() {
			writer.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	listener, err := net.Listen("tcp", metricsAddress)
	if err != nil {
		return err
	}
	start(ctx, group, root.Metrics.NewServer(listener), listener)
	if listener, err = net.Listen("tcp", healthAddress); err != nil {
		return err
	}
	start(ctx, group, &http.Server{Handler: health, ReadHeaderTimeout: shutdown}, listener)
	return nil
}

// start serves until ctx ends.
func start(ctx context.Context, group *errgroup.Group, server *http.Server, listener net.Listener) {
	group.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		within, cancel := context.WithTimeout(context.Background(), shutdown)
		defer cancel()
		return server.Shutdown(within)
	})
}
