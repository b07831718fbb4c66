#!/usr/bin/env bash
# Measures the engine on random weights, against llama.cpp or by itself.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: bench/run.sh [--option value ...]                            against llama.cpp
       bench/run.sh SHAPE [QUANTIZATION [THREADS]] [--option value ...]   the engine's throughput alone
       bench/run.sh profile SHAPE [QUANTIZATION [THREADS]] [--batch 32] [--context 160]
                                                                    where a decode step's time goes
       bench/run.sh quantization-error [--quantization int8] [--lm-head-quantization auto] [--kv-cache-dtype auto]
                                                                    against float32
       bench/run.sh perplexity --model PATH --text FILE [--tokens 8192] [--window 512] [--against int8/int8,int4,...]
                                              of ways to hold a model (quantization/KV cache/output layer, such as
                                              int4/auto/int4) against float32
       bench/run.sh soak [MINUTES] [--option value ...]             a long run of requests of all kinds
       java -jar bench/target/benchmarks.jar                        the JMH benchmarks of the Java parts

Against llama.cpp. Writes random models of the shapes 0.6b and 4b, runs the engine and llama.cpp (its libraries
are those in the npm package @node-llama-cpp/linux-x64) in turns, and prints tokens per second, our ratio to the better
of llama.cpp's formats, and the share of what the processor and its memory can do, measured in the same run. Some two
hours and 22 GB of disk for everything. Needs npm and a C compiler (CC, or else gcc).

  --shapes 0.6b,4b        also: tiny
  --rows ROW,ROW,...      decode_1, decode_8, decode_32: so many samples at a time, each from 236 tokens to 276
                          prefill_512: one prompt
                          mixed: 64 requests at once, prompts of 16 to 512 and outputs of 16 to 256 tokens
                          prefix: 64 prompts with a common beginning of 1,000 tokens, ours alone
                          (all of them without this option)
  --formats q4_0,q8_0     llama.cpp's
  --peer none             the engine alone; npm is not needed, and without a C compiler only the roofline is missing
  --threads N             of each side; default: the processors there are
  --repeats 3             of each row, after one to warm up; what is shown are medians
  --mixed-repeats 1       of the row `mixed`
  --quantization int8     the engine's; also: int4
  --lm-head-quantization auto   its output layer's: int8, or, beside int4, int4 as in llama.cpp's q4_0
  --kernels auto, --kv-cache-dtype auto   its settings of these names
  --json FILE             writes all figures there as well

How both sides are measured: greedily sampled tokens, the same requests, the same number of threads, a process each,
one computing at a time. decode: from the first token to the last. prefill: from the beginning to the first token.
mixed: from the beginning to the last token. llama.cpp's weights are converted from the engine's; it runs with its own
pool of threads, and for each row with or without flash attention and with one cache or one for each sequence, whichever
is faster in a trial. In `mixed` it is driven as its server would do it, but told beforehand which requests are the
longest. A format that takes longer there than the one before it is stopped, and its figure starts with `<`.

The engine's throughput alone:
  SHAPE         tiny, 0.6b (1.2 GB on disk) or 4b (8 GB)
  QUANTIZATION  int8 (default), float32 or int4
  THREADS       of tensor operations; default: the processors there are
  Options are those of EngineThroughput: --concurrency 1,8,32 --input 128 --output 64 --prefill 512 --repeats 3
  --decode-steps-ahead 1 --lm-head-quantization auto --kv-cache-dtype auto --json FILE. `profile` takes the
  same two of how the model is held.

The soak keeps the quickstart model (--model FOLDER) busy for 30 minutes with cancellations, errors and a cache that is
too small, prints a line every 10 seconds, and ends with a verdict, which is also its exit code: no stall, no growth,
nothing lost, and requests that come again get what they got the first time. Its options:
  --quantization int8 --kernels auto --threads N --concurrency 48 --max-num-seqs 24 --kv-cache-tokens 3000
  --prefix-caching on --speculative on --seed 1 --max-gap SECONDS (30) --max-growth MIB (64)

Models are written once, to bench/target/checkpoints unless QWARK_CHECKPOINTS names another folder, and stay there.
TEXT
}

fail() {
  printf '%s\n' "bench/run.sh: $1" "${@:2}" >&2
  exit 2
}

here=$(cd -P -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")" && pwd)
root=$here/..
jar=$here/target/benchmarks.jar
native=$here/target/native
checkpoints=${QWARK_CHECKPOINTS:-$here/target/checkpoints}
llama_package=@node-llama-cpp/linux-x64
llama_version=3.22.1
compiler=${CC:-gcc}

if [[ ${1:-} == -h || ${1:-} == --help ]]; then
  usage
  exit 0
fi

# What the comparison needs beside Java, asked for before anything takes its time.
check_tools() {
  local missing=() list
  if [[ " $* " == *" --peer none "* ]]; then
    command -v "$compiler" >/dev/null ||
      echo "There is no C compiler ($compiler): the share of the roofline will be missing." >&2
    return
  fi
  command -v npm >/dev/null || missing+=("npm")
  command -v "$compiler" >/dev/null || missing+=("C compiler ($compiler)")
  if ((${#missing[@]})); then
    list=$(printf ' and no %s' "${missing[@]}")
    fail "llama.cpp cannot be run: there is${list# and}." \
      "Install what is missing, or measure the engine alone: bench/run.sh --peer none"
  fi
}
case ${1:-} in
  '' | --*) check_tools "$@" ;;
esac

java=java
[[ -z ${JAVA_HOME:-} ]] || java=$JAVA_HOME/bin/java

if [[ ! -e $jar || -n $(find "$root"/pom.xml "$root"/{engine,bench}/{pom.xml,src/main} -newer "$jar" -print -quit) ]]; then
  echo "Building the benchmarks ..." >&2
  (cd "$root" && mvn -q -B -ntp -pl bench -am package -DskipTests -Dspotless.check.skip) >&2
  touch "$jar"
fi

# As submit.sh sets them.
export MALLOC_ARENA_MAX=${MALLOC_ARENA_MAX-1}
export MALLOC_MMAP_MAX_=${MALLOC_MMAP_MAX_-0}
export MALLOC_TRIM_THRESHOLD_=${MALLOC_TRIM_THRESHOLD_-8000000000}
export MALLOC_TOP_PAD_=${MALLOC_TOP_PAD_-67108864}
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY-PASSIVE}
export DJL_OFFLINE=${DJL_OFFLINE-true}
export OPT_OUT_TRACKING=${OPT_OUT_TRACKING-true}

heap=(-Xmx1g)
program() {
  "$java" "${heap[@]}" -XX:+IgnoreUnrecognizedVMOptions --enable-native-access=ALL-UNNAMED \
    -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$jar" "io.qwark.bench.$@"
}

# Builds TARGET unless it is newer than all of the C sources: compile TARGET SOURCE|OPTION...
compile() {
  local target=$1
  shift
  if [[ ! -e $target || -n $(find "$here/src/main/c" -newer "$target" -print -quit) ]]; then
    # For this very processor.
    (cd "$here/src/main/c" && "$compiler" -std=gnu11 -O3 -march=native -Wall -Wextra -o "$target" "$@")
  fi
}

# Fetches llama.cpp and builds what drives it.
prepare_peer() {
  local libraries=$native/node_modules/$llama_package/bins/linux-x64
  if [[ ! -e $libraries || $(<"$native/version") != "$llama_version" ]]; then
    echo "Installing $llama_package $llama_version ..." >&2
    rm -f "$native/llama_bench"
    npm install --silent --no-audit --no-fund --no-save --prefix "$native" "$llama_package@$llama_version" >&2 ||
      fail "npm cannot install $llama_package $llama_version."
    echo "$llama_version" >"$native/version"
  fi
  compile "$native/llama_bench" llama_bench.c llama_engine.c llama_rows.c \
    "$libraries"/libllama.*so "$libraries"/libggml.*so "$libraries"/libggml-base.so "-Wl,-rpath,$libraries"
}

compare() {
  mkdir -p "$native"
  [[ " $* " == *" --peer none "* ]] || prepare_peer
  if command -v "$compiler" >/dev/null; then
    compile "$native/roofline" roofline.c -pthread
  else
    rm -f "$native/roofline"
  fi
  program PeerComparison --checkpoints "$checkpoints" --native "$native" \
    --commit "$(git -C "$root" describe --always --dirty 2>/dev/null || echo unknown)" "$@"
}

cd "$root"
main=EngineThroughput
case ${1:-} in
  '' | --*)
    compare "$@"
    exit
    ;;
  quantization-error)
    shift
    program QuantizationError "$@"
    exit
    ;;
  perplexity)
    shift
    heap=(-Xmx4g)
    program Perplexity "$@"
    exit
    ;;
  soak)
    shift
    minutes=()
    if (($#)) && [[ $1 != --* ]]; then
      minutes=(--minutes "$1")
      shift
    fi
    # A heap that is there from the beginning, so that its filling is not taken for growth.
    heap=(-Xms1g -Xmx1g -XX:+AlwaysPreTouch)
    program Soak "${minutes[@]}" "$@"
    exit
    ;;
  profile)
    shift
    main=StepProfile
    ;;
esac

# Up to three words, then options.
words=()
while (($#)) && [[ $1 != --* ]]; do
  words+=("$1")
  shift
done
if ((${#words[@]} > 3)); then
  usage >&2
  exit 2
fi
shape=${words[0]:-0.6b}
options=(--model "$checkpoints/$shape" --quantization "${words[1]:-int8}")
[[ -z ${words[2]:-} ]] || options+=(--threads "${words[2]}")

if [[ ! -e $checkpoints/$shape ]]; then
  echo "Writing a random checkpoint to $checkpoints/$shape ..." >&2
  mkdir -p "$checkpoints"
  # Under another name until it is whole.
  rm -rf "$checkpoints/$shape.part"
  program RandomCheckpoint --shape "$shape" --to "$checkpoints/$shape.part"
  mv "$checkpoints/$shape.part" "$checkpoints/$shape"
fi
program "$main" "${options[@]}" "$@"
