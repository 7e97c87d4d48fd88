module local/toolchain/language-python

go 1.26

require github.com/pulumi/pulumi/sdk/python/cmd/pulumi-language-python/v3 v3.0.0-20250806165243-bee5e4fa4815

require github.com/pulumi/pulumi/sdk/v3 v3.187.0
require github.com/pulumi/pulumi/pkg/v3 v3.187.0
