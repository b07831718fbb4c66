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
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$compiler" -shared -x c /dev/null -Wl,-soname,libtorch_cpu.so -o "$work/libtorch_cpu.so"
options="-std=c++17 -O3 -fPIC -Wall -Wextra -Wno-uninitialized -Wno-maybe-uninitialized
  -fvisibility=hidden -fno-math-errno -ffp-contract=off
  -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vnni -mfma -mf16c -mprfchw"
for source in "$here"/*.cpp; do
  name=$(basename -- "$source" .cpp)
  [ "$name" = attention ] || "$compiler" $options -c "$source" -o "$work/$name.o"
done
"$compiler" $options -DQWARK_VARIANT=without_bf16 -c "$here/attention.cpp" -o "$work/attention.o"
"$compiler" $options -DQWARK_VARIANT=with_bf16 -mavx512bf16 -c "$here/attention.cpp" \
  -o "$work/attention_with_bf16.o"
"$compiler" -shared "$work"/*.o -o "$output" -pthread -L"$work" \
  -Wl,--no-as-needed -ltorch_cpu -Wl,--as-needed -Wl,--build-id
