#!/usr/bin/env bash
# Makes the folder that bench/gpu/run.sh needs beside this project's files: a Java runtime and the jars.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: bench/gpu/pack.sh [OUT_DIR]

Writes OUT_DIR (default: bench/target/gpu, anew each time), for Linux on x86_64:
  jre/   a Java runtime with what the engine needs of it, and jni.h
  lib/   the engine, the benchmarks and their jars, without libtorch

Needs a JDK 17 with jlink, and Maven. Fails if the folder is larger than 60 MiB.
TEXT
}

fail() {
  printf 'pack.sh: %s\n' "$@" >&2
  exit 2
}

most_mib=60
here=$(cd -P -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")" && pwd)
root=$(cd -- "$here/../.." && pwd)
case ${1:-} in
  -h | --help)
    usage
    exit 0
    ;;
  -*) fail "unknown option $1" "$(usage)" ;;
esac
out=$(readlink -m -- "${1:-$root/bench/target/gpu}")

bin=''
[[ -z ${JAVA_HOME:-} ]] || bin=$JAVA_HOME/bin/
for tool in "${bin}jlink" "${bin}jar" mvn; do
  command -v "$tool" >/dev/null || fail "there is no $tool"
done

echo "Building the benchmarks ..." >&2
# Arguments for Maven, such as -o, come from MAVEN_ARGS.
(cd "$root" && mvn -q -B -ntp -pl bench -am package -DskipTests -Dspotless.check.skip) >&2

# Copies a jar without some of its folders: native libraries for other machines.
without() {
  local jar=$1 files
  files=$(mktemp -d)
  (cd "$files" && "${bin}jar" --extract --file "$jar" && rm -rf "${@:2}" &&
    "${bin}jar" --create --file "$out/lib/${jar##*/}" --manifest META-INF/MANIFEST.MF ./*)
  rm -rf "$files"
}

rm -rf "$out"
mkdir -p "$out/lib"
cp "$root/bench/target/benchmarks.jar" "$out/lib/bench.jar"
for jar in "$root"/bench/target/lib/*.jar; do
  case ${jar##*/} in
    # libtorch is the card's machine's own; JMH measures Java alone.
    pytorch-native-* | jmh-* | jopt-simple-* | commons-math3-*) ;;
    # So is the binding, but the engine reads which DJL this is.
    pytorch-jni-*) without "$jar" jnilib/{linux,osx,win}-* ;;
    tokenizers-*) without "$jar" native/lib/{linux-aarch64,osx-aarch64,win-x86_64} ;;
    *) cp "$jar" "$out/lib/" ;;
  esac
done

# Where one is missing, the dry run on a CPU finds it.
modules=java.base,java.logging,java.management,java.net.http,java.xml,jdk.crypto.ec,jdk.unsupported
strip=(--strip-debug)
command -v objcopy >/dev/null || strip=(--strip-java-debug-attributes)
"${bin}jlink" --add-modules "$modules" "${strip[@]}" --no-man-pages --compress=2 --output "$out/jre"
[[ -e $out/jre/include/jni.h ]] || fail "jlink left out include/jni.h"

kib=$(du -sk --apparent-size "$out" | cut -f 1)
echo "$out: $(((kib + 1023) / 1024)) MiB"
((kib <= most_mib * 1024)) || fail "it is larger than $most_mib MiB" "$(du -ak "$out" | sort -rn | head -n 12)"
