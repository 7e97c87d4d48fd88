module local/toolchain/audit-log

go 1.26
