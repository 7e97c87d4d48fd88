package main

import (
	"fmt"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/cloudnativelabs/kube-router/v2/pkg/utils"
	v1 "k8s.io/api/core/v1"
	"k8s.io/klog/v2"
)

const forwardChain = "KUBE-ROUTER-FORWARD"

// guarded is a rule that leads what a pod sends into the pod's own chain.
var guarded = regexp.MustCompile(`^-A ` + forwardChain + ` -s ([0-9.]+)/32 .*-j KUBE-POD-FW-`)

// enforcedSet is the nftables set of the addresses of the pods whose rules are in force.
//
// A pod's address is known only once it runs, and its rules some hundred milliseconds later. The node's firewall drops
// what pods send and receive that are not in the set, so that nothing passes in between.
type enforcedSet struct {
	name      string // family, table and name
	tables    map[v1.IPFamily]utils.IPTablesHandler
	published atomic.Bool
}

// publish replaces the set by what the kernel's rules say now, whatever the sync before it came to.
func (e *enforcedSet) publish() {
	err := e.replace()
	if err != nil {
		klog.Errorf("the set of guarded pods was not renewed: %v", err)
	}
	e.published.Store(err == nil)
}

func (e *enforcedSet) replace() error {
	rules, err := e.tables[v1.IPv4Protocol].List("filter", forwardChain)
	if err != nil {
		return err
	}
	script := fmt.Sprintf("flush set %s\n", e.name)
	if addresses := guardedAddresses(rules); len(addresses) > 0 {
		script += fmt.Sprintf("add element %s { %s }\n", e.name, strings.Join(addresses, ", "))
	}
	command := exec.Command("nft", "-f", "-")
	command.Stdin = strings.NewReader(script)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("nft: %w: %s", err, output)
	}
	return nil
}

func guardedAddresses(rules []string) []string {
	var addresses []string
	for _, rule := range rules {
		if match := guarded.FindStringSubmatch(rule); match != nil {
			addresses = append(addresses, match[1])
		}
	}
	slices.Sort(addresses)
	return slices.Compact(addresses)
}

// handler answers 200 when the set says what the rules of the last sync say.
func (e *enforcedSet) handler(answer http.ResponseWriter, _ *http.Request) {
	if !e.published.Load() {
		http.Error(answer, "the pods' rules are not in force yet", http.StatusServiceUnavailable)
	}
}
