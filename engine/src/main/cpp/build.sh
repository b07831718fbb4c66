#!/bin/sh
# Builds the operators: build.sh COMPILER OUTPUT. libtorch itself is not needed: the library asks for it by
# name, and finds the one that the process has loaded.
set -eu
compiler=$1
output=$2
here=$(dirname -- "$0")
folder=$(dirname -- "$output")
if [ -e "$output" ] && [ -z "$(find "$here" -newer "$output")" ]; then
  exit 0
fi
mkdir -p "$folder"
stand_in=$(mktemp -d)
trap 'rm -rf "$stand_in"' EXIT
"$compiler" -shared -x c /dev/null -Wl,-soname,libtorch_cpu.so -o "$stand_in/libtorch_cpu.so"
"$compiler" -std=c++17 -O3 -fPIC -shared -Wall -Wextra -Wno-uninitialized -Wno-maybe-uninitialized -fvisibility=hidden -fno-math-errno -ffp-contract=off \
  -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vnni -mfma -mf16c \
  "$here"/*.cpp -o "$output" -pthread -L"$stand_in" -Wl,--no-as-needed -ltorch_cpu -Wl,--as-needed \
  -Wl,--build-id
