#!/usr/bin/env bash
# Measures the engine on random weights: bench/run.sh [SHAPE [QUANTIZATION [THREADS]]] [--option value ...]
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: bench/run.sh [SHAPE [QUANTIZATION [THREADS]]] [--option value ...]

  SHAPE         tiny, 0.6b (default; 1.2 GB on disk) or 4b (8 GB)
  QUANTIZATION  int8 (default) or float32
  THREADS       of tensor operations; default: the processors there are

Options are those of EngineThroughput: --concurrency 1,8,32 --input 128 --output 64 --prefill 512 --repeats 3
--json FILE.

The checkpoint is written once, to CHECKPOINTS/SHAPE, and stays there; CHECKPOINTS is bench/target/checkpoints unless
QWARK_CHECKPOINTS names another folder. Other programs of the module:
  bench/run.sh quantization-error                  int8 against float32 on the models of this repository
  bench/run.sh profile SHAPE [QUANTIZATION [THREADS]] [--batch 32] [--context 160]
                                                   where a decode step's time goes
  java -jar bench/target/benchmarks.jar            the JMH benchmarks of the Java parts
TEXT
}

here=$(cd -P -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")" && pwd)
root=$here/..
jar=$here/target/benchmarks.jar
checkpoints=${QWARK_CHECKPOINTS:-$here/target/checkpoints}

if [[ ${1:-} == -h || ${1:-} == --help ]]; then
  usage
  exit 0
fi

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

program() {
  "$java" -Xmx1g -XX:+IgnoreUnrecognizedVMOptions --enable-native-access=ALL-UNNAMED \
    -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$jar" "io.qwark.bench.$@"
}

cd "$root"
main=EngineThroughput
case ${1:-} in
  quantization-error)
    shift
    program QuantizationError "$@"
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
