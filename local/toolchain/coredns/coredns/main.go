// Command coredns is CoreDNS with the few plugins that the local node's Corefile uses.
//
// The default set brings the clients of several clouds with it and costs minutes to compile; this one takes seconds.
package main

import (
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"

	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/health"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/metrics"
	_ "github.com/coredns/coredns/plugin/ready"
	_ "github.com/coredns/coredns/plugin/reload"
	_ "github.com/coredns/coredns/plugin/template"
)

// directives is the order in which plugins handle a query: as in CoreDNS's own plugin.cfg, but with template last, so that it
// answers for what is not the cluster's.
var directives = []string{
	"reload", "ready", "health", "prometheus", "errors", "cache", "kubernetes", "template",
}

func main() {
	if err := dnsserver.SetDirectives(directives); err != nil {
		panic(err)
	}
	coremain.Run()
}
