#!/usr/bin/env bash
# Checks the engine on this machine's NVIDIA card in one call: is it right, and how fast is it.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: bench/gpu/run.sh [--option value ...]

For a bare Linux machine with an NVIDIA card, a Python with PyTorch and Transformers, CMake and a C++ compiler. Neither
Java nor Maven nor a network is needed: bench/gpu/pack.sh has made bench/target/gpu elsewhere, which was copied here
with the project's files.

Builds the binding to that PyTorch, compares the engine on the card with itself on the CPU in float32 and with
Transformers in bfloat16, and measures tokens per second of a model with random weights, against Transformers'
continuous batching. Prints its tables last. The exit code is 0 if nothing failed. A part that fails leaves the others
alone; one for which there is no time is left out, and named.

  --device cuda:0           or cpu, to try this script itself
  --python python3          the Python with PyTorch
  --minutes 9               for everything
  --json FILE               writes all figures there, after each part
  --shape 4b                of the model whose throughput is measured: Qwen3-4B; also 0.6b, tiny
  --correctness-shape 0.6b  of the larger model whose tokens are compared with Transformers'
  --quantizations bfloat16,fp8,int8,int4
  --concurrency 1,8,64,256,512   samples at a time
  --input 128,1024 --output 1024 tokens of prompts, and to follow each
  --pack DIR                what pack.sh made (bench/target/gpu)
  --work DIR                for weights (10 GB) and what the parts print; kept. Default: a folder in TMPDIR or /tmp
                            which is removed
TEXT
}

fail() {
  printf 'bench/gpu/run.sh: %s\n' "$@" >&2
  exit 2
}

here=$(cd -P -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")" && pwd)
root=$(cd -- "$here/../.." && pwd)
pack=$root/bench/target/gpu work='' python=python3 options=()
while (($#)); do
  case $1 in
    -h | --help)
      usage
      exit 0
      ;;
    --*) (($# > 1)) || fail "$1 needs a value" ;;
    *) fail "unknown argument $1" "$(usage)" ;;
  esac
  case $1 in
    --pack) pack=$2 ;;
    --work) work=$2 ;;
    --python) python=$2 ;;
    --json) options+=(--json "$(readlink -m -- "$2")") ;;
    *) options+=("$1" "$2") ;;
  esac
  shift 2
done

java=$pack/jre/bin/java
[[ -x $java && -d $pack/lib ]] || fail "there is no Java runtime in $pack" \
  "Make it with bench/gpu/pack.sh on a machine with a JDK and Maven, and copy it here."
command -v "$python" >/dev/null || fail "there is no $python; name one with --python"
if [[ -z $work ]]; then
  work=$(mktemp -d "${TMPDIR:-/tmp}/qwark-gpu.XXXXXX")
  trap 'rm -rf "$work"' EXIT
fi

# As submit.sh sets them.
export MALLOC_ARENA_MAX=${MALLOC_ARENA_MAX-1}
export MALLOC_MMAP_MAX_=${MALLOC_MMAP_MAX_-0}
export MALLOC_TRIM_THRESHOLD_=${MALLOC_TRIM_THRESHOLD_-8000000000}
export MALLOC_TOP_PAD_=${MALLOC_TOP_PAD_-67108864}
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY-PASSIVE}
export CUDA_DEVICE_ORDER=${CUDA_DEVICE_ORDER-PCI_BUS_ID}
export DJL_OFFLINE=true OPT_OUT_TRACKING=true

cd "$root"
status=0
"$java" -Xmx1g -cp "$pack/lib/*" io.qwark.bench.gpu.GpuCheck \
  --work "$work" --python "$(command -v "$python")" "${options[@]}" || status=$?
exit "$status"
