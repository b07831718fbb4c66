#!/usr/bin/env bash
# Runs the engine's tests on a PyTorch that is installed here, bound by this folder's library.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: test.sh [--python PYTHON | --torch DIR] [--java-home DIR] [Maven's arguments]

Builds the binding (see build.sh) and runs those tests of the engine that compute with libtorch. Maven's
arguments choose others: -Dtest=TransformersParityTest, or '-Dtest=*' for all. Where neither --python nor
--torch is given and python3 has no PyTorch with headers, it says so and ends with 0.
TEXT
}

build=() maven=() named=false chosen=false
while (($#)); do
  case $1 in
    --python | --torch | --java-home)
      (($# > 1)) || { echo "test.sh: $1 needs a value" >&2 && exit 2; }
      [[ $1 == --java-home ]] || named=true
      build+=("$1" "$2")
      shift 2
      ;;
    -h | --help)
      usage
      exit 0
      ;;
    *)
      [[ $1 != -Dtest=* ]] || chosen=true
      maven+=("$1")
      shift
      ;;
  esac
done
here=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$(cd -- "$here/../.." && pwd)

if ! $named && ! python3 -c '
import importlib.util, pathlib, sys
spec = importlib.util.find_spec("torch")
sys.exit(spec is None or not pathlib.Path(spec.submodule_search_locations[0], "include/ATen").is_dir())' 2>/dev/null; then
  echo "Skipped: python3 has no PyTorch with headers here. Name one with --python or --torch."
  exit 0
fi

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
"$here/build.sh" "${build[@]}" "$out"

$chosen || maven+=('-Dtest=io/qwark/engine/*Test,io/qwark/engine/torch/**/*Test')
report=$root/engine/target/surefire-reports/TEST-io.qwark.engine.torch.OwnBindingTest.xml
rm -f "$report"
cd "$root"
PYTORCH_LIBRARY_PATH=$out mvn -B -ntp -pl engine -am test -Dsurefire.failIfNoSpecifiedTests=false "${maven[@]}"
# Its tests run with this binding only.
if ! $chosen && ! grep -q '<testsuite [^>]*tests="[1-9]' "$report"; then
  echo "test.sh: the tests did not run on this binding, see $report" >&2
  exit 1
fi
