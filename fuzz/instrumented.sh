#!/bin/sh
# The compiler as `cargo xtask fuzz` has it called for our own rooms: coverage in the form that libFuzzer
# reads, and code that is fast enough to be run a million times. What the rooms depend on is built as ever,
# and so is there already.
exec "$@" \
    -Copt-level=1 \
    -Ccodegen-units=1 \
    -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares
