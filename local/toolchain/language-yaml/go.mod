module local/toolchain/language-yaml

go 1.26

require github.com/pulumi/pulumi-yaml v1.21.2
require github.com/pulumi/pulumi/sdk/v3 v3.187.0
require github.com/pulumi/pulumi/pkg/v3 v3.187.0
