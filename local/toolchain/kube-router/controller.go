package main

import (
	"context"
	"sync"
	"time"

	"github.com/cloudnativelabs/kube-router/v2/pkg/controllers/netpol"
	"github.com/cloudnativelabs/kube-router/v2/pkg/healthcheck"
	"github.com/cloudnativelabs/kube-router/v2/pkg/metrics"
	"github.com/cloudnativelabs/kube-router/v2/pkg/options"
	"github.com/prometheus/client_golang/prometheus"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
)

const (
	syncPeriod      = time.Minute // rules that somebody else removed are back after this at the latest
	heartbeats      = 10
	nodeRetryPeriod = 200 * time.Millisecond
	nodePortRange   = "30000-32767"
)

// afterEach is a metric of how long something takes that calls then whenever it has been done once more.
type afterEach struct {
	prometheus.Histogram
	then func()
}

func (a afterEach) Observe(seconds float64) {
	a.Histogram.Observe(seconds)
	a.then()
}

// startController keeps the node's rules as the cluster's policies say, until the context ends.
func startController(
	ctx context.Context, client kubernetes.Interface, node, serviceRange string, enforced *enforcedSet,
) (*healthcheck.HealthController, error) {
	settings := &options.KubeRouterConfig{
		EnableIPv4:         true,
		RunFirewall:        true,
		MetricsEnabled:     true,
		HostnameOverride:   node,
		ClusterIPCIDRs:     []string{serviceRange},
		NodePortRange:      nodePortRange,
		IPTablesSyncPeriod: syncPeriod,
	}
	awaitNode(ctx, client, node)
	factory := informers.NewSharedInformerFactory(client, 0)
	pods := factory.Core().V1().Pods().Informer()
	namespaces := factory.Core().V1().Namespaces().Informer()
	policies := factory.Networking().V1().NetworkPolicies().Informer()
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())

	tables, sets, err := netpol.NewIPTablesHandlers(settings)
	if err != nil {
		return nil, err
	}
	enforced.tables = tables
	metrics.ControllerIptablesSyncTime = afterEach{metrics.ControllerIptablesSyncTime, enforced.publish}
	controller, err := netpol.NewNetworkPolicyController(
		client, settings, pods, policies, namespaces, &sync.Mutex{}, nil, tables, sets)
	if err != nil {
		return nil, err
	}
	for informer, handler := range map[cache.SharedIndexInformer]cache.ResourceEventHandler{
		pods:       controller.PodEventHandler,
		namespaces: controller.NamespaceEventHandler,
		policies:   controller.NetworkPolicyEventHandler,
	} {
		if _, err := informer.AddEventHandler(handler); err != nil {
			return nil, err
		}
	}
	return startWatched(ctx, controller)
}

// startWatched runs the controller, and what hears that it lives.
func startWatched(ctx context.Context, controller *netpol.NetworkPolicyController) (*healthcheck.HealthController, error) {
	health, err := healthcheck.NewHealthController(
		&options.KubeRouterConfig{RunFirewall: true, IPTablesSyncPeriod: syncPeriod})
	if err != nil {
		return nil, err
	}
	health.SetAlive()
	beats := make(chan *healthcheck.ControllerHeartbeat, heartbeats)
	running := &sync.WaitGroup{}
	running.Add(2)
	go health.RunCheck(beats, ctx.Done(), running)
	go controller.Run(beats, ctx.Done(), running)
	return health, nil
}

// awaitNode returns when the node has been registered, or the context has ended.
func awaitNode(ctx context.Context, client kubernetes.Interface, name string) {
	for ctx.Err() == nil {
		_, err := client.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{})
		if err == nil {
			return
		}
		klog.V(1).Infof("the node %s is not there yet: %v", name, err)
		time.Sleep(nodeRetryPeriod)
	}
}
