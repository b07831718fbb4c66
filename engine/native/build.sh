#!/usr/bin/env bash
# Builds DJL's native library for a PyTorch that is installed here.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: build.sh [--python PYTHON | --torch DIR] [--java-home DIR] OUT_DIR

Writes into OUT_DIR what PYTORCH_LIBRARY_PATH is to name:
  libdjl_torch.so  the binding between DJL and that PyTorch
  libtorch.so      a link to PyTorch's own

  --python PYTHON  whose PyTorch to take (default: python3)
  --torch DIR      the folder with PyTorch's include and lib: a package's torch folder, or an unpacked libtorch
  --java-home DIR  a JDK, for include/jni.h (default: JAVA_HOME, then the javac on the PATH)

Needs CMake and a C++20 compiler; PyTorch 2.7 or newer, for CPUs or CUDA; no CUDA toolkit.
TEXT
}

fail() {
  printf 'build.sh: %s\n' "$@" >&2
  exit 2
}

python=python3 torch='' java=${JAVA_HOME:-} out=''
while (($#)); do
  case $1 in
    --python | --torch | --java-home)
      (($# > 1)) || fail "$1 needs a value"
      case $1 in --python) python=$2 ;; --torch) torch=$2 ;; *) java=$2 ;; esac
      shift 2
      ;;
    -h | --help)
      usage
      exit 0
      ;;
    -*) fail "unknown option $1" "$(usage)" ;;
    *)
      [[ -z $out ]] || fail "two output folders: $out and $1"
      out=$1
      shift
      ;;
  esac
done
[[ -n $out ]] || fail "the output folder is missing" "$(usage)"
here=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)

for tool in cmake c++; do
  command -v "$tool" >/dev/null || fail "there is no $tool on the PATH"
done

# Found, not imported: an import wants all that PyTorch depends on.
if [[ -z $torch ]]; then
  command -v "$python" >/dev/null || fail "there is no $python; name one with --python, or PyTorch's folder with --torch"
  torch=$("$python" -c '
import importlib.util, sys
spec = importlib.util.find_spec("torch")
sys.exit("no torch") if spec is None else print(spec.submodule_search_locations[0])' 2>/dev/null) ||
    fail "$python has no PyTorch; name another with --python, or PyTorch's folder with --torch"
fi
for file in lib/libtorch.so lib/libtorch_cpu.so lib/libc10.so; do
  [[ -e $torch/$file ]] || fail "$torch holds no PyTorch: $file is missing"
done
[[ -e $torch/include/ATen/core/ivalue.h ]] ||
  fail "the PyTorch in $torch came without its headers (include/ATen): install PyTorch's own wheel"
torch=$(cd -P -- "$torch" && pwd)

# As io.qwark.engine.torch.LibtorchFolder reads it.
version=''
if [[ -e $torch/version.py ]]; then
  version=$(sed -n "s/^__version__[^=]*= *['\"]\([^'\"]*\)['\"].*/\1/p" "$torch/version.py" | head -n 1)
elif [[ -e $torch/build-version ]]; then
  version=$(tr -d '[:space:]' <"$torch/build-version")
fi
[[ $version =~ ^([0-9]+)\.([0-9]+)\.[0-9A-Za-z.+-]+$ ]] ||
  fail "cannot read PyTorch's version from version.py or build-version in $torch"
((BASH_REMATCH[1] > 2 || (BASH_REMATCH[1] == 2 && BASH_REMATCH[2] >= 7))) ||
  fail "PyTorch $version is too old: 2.7 is the first that this binding is written for"

if [[ -z $java ]] && command -v javac >/dev/null; then
  java=$(dirname -- "$(dirname -- "$(readlink -f -- "$(command -v javac)")")")
fi
[[ -e $java/include/jni.h && -e $java/include/linux/jni_md.h ]] ||
  fail "there is no include/jni.h in ${java:-a JDK}: name a JDK with --java-home or JAVA_HOME"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake -S "$here" -B "$work" -DCMAKE_BUILD_TYPE=None -DCMAKE_MESSAGE_LOG_LEVEL=WARNING \
  -DTORCH_DIR="$torch" -DTORCH_VERSION="$version" -DJAVA_INCLUDE="$java/include" >"$work/log" 2>&1 ||
  fail "CMake failed" "$(tail -n 30 "$work/log")"
cmake --build "$work" --parallel "$(nproc)" >"$work/log" 2>&1 ||
  fail "the compiler failed" "$(grep -m 20 -A 5 -E 'error|undefined' "$work/log" || tail -n 30 "$work/log")"

mkdir -p "$out"
mv -f "$work/libdjl_torch.so" "$out/libdjl_torch.so"
ln -sfn "$torch/lib/libtorch.so" "$out/libtorch.so"
echo "Built the binding for PyTorch $version ($torch)."
echo "Use it with PYTORCH_LIBRARY_PATH=$(cd -- "$out" && pwd)"
