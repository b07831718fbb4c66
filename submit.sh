#!/usr/bin/env bash
# Starts a Qwark job on Spark: ./submit.sh [spark-submit options] JOB [job options]
set -euo pipefail

synopsis='Usage: ./submit.sh [spark-submit options] JOB [job options]'

usage() {
  echo "$synopsis"
  cat <<'TEXT'

Jobs:
  evaluate   run a benchmark: prompts, n samples each, scores, report
  generate   prompts in, completions out
  enrich     a table in, the same table with generated columns out
  doctor     check Java, Spark, devices, native libraries, memory and the model
  model      inspect a model, fetch it or convert its weights

First run:        ./submit.sh evaluate --config conf/quickstart.yaml
A job's options:  ./submit.sh evaluate --help
On a cluster:     ./submit.sh --master spark://host:7077 --executor-memory 16g evaluate --config my.yaml

Spark's options (--master, --conf, --driver-memory, ...) go before the job, the job's own after it.

Environment:
  SPARK_HOME         the Spark to use; without it, the one that Maven resolved
  JAVA_HOME          a JDK 17 or newer; without it, the java on the PATH
  QWARK_NATIVES      libtorch for the executors: a jar (default: the one for CPUs), or "none" where the cluster
                     brings its own and PYTORCH_LIBRARY_PATH names its folder
  QWARK_BUILD=never  do not look whether the application has to be built
  MALLOC_*, OMP_WAIT_POLICY, CUDA_DEVICE_ORDER, DJL_CACHE_DIR  are kept as they are set
TEXT
}

fail() {
  printf '%s\n' "submit.sh: $1" "${@:2}" >&2
  exit 2
}

here=$(cd -P -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")" && pwd)
jar=$here/jobs/target/qwark.jar
spark=$here/spark-runtime/target/spark
log=$here/target/build.log

# What spark-submit knows, each with a value.
valued="--archives --conf -c --deploy-mode --driver-class-path --driver-cores --driver-default-class-path \
--driver-java-options --driver-library-path --driver-memory --exclude-packages --executor-cores --executor-memory \
--extra-properties-file --files --jars --keytab --master --name --num-executors --packages --principal \
--properties-file --proxy-user --queue --remote --repositories --total-executor-cores"

# Splits the command line: spark-submit's options, the job, the job's options.
spark_options=()
job=
master=
driver_memory=${SPARK_DRIVER_MEMORY:-}
defaults=${SPARK_CONF_DIR:-${SPARK_HOME:+$SPARK_HOME/conf}}/spark-defaults.conf
extra_jars=
split() {
  local value
  while (($#)); do
    case $1 in
      -h | --help)
        usage
        exit 0
        ;;
      # spark-submit's options that take no value
      -v | --verbose | --supervise | --load-spark-defaults)
        spark_options+=("$1")
        shift
        ;;
      --version | --kill | --status | --kill=* | --status=*)
        fail "$1 is spark-submit's own: call spark-submit for it."
        ;;
      --class | --class=*)
        fail "$1 is not for you to give: submit.sh names the class."
        ;;
      -*)
        if [[ $1 == --*=* ]]; then
          value=${1#*=}
          set -- "${1%%=*}" "$value" "${@:2}"
        fi
        [[ " $valued " == *" $1 "* ]] || fail "spark-submit has no option $1." "$synopsis" \
          "The job's own options go after the job, Spark's before it."
        (($# > 1)) || fail "$1 lacks its value." "$synopsis"
        note_option "$1" "$2"
        shift 2
        ;;
      *)
        job=$1
        shift
        job_options=("$@")
        return
        ;;
    esac
  done
}

# Remembers what decides the defaults below; all else is spark-submit's to judge.
note_option() {
  case $1 in
    --master) master=$2 ;;
    --driver-memory) driver_memory=$2 ;;
    --properties-file) defaults=$2 ;;
    --jars)
      extra_jars=$2
      return
      ;;
    -c | --conf)
      case $2 in
        spark.master=*) master=${2#*=} ;;
        spark.driver.memory=*) driver_memory=${2#*=} ;;
        spark.jars=*)
          extra_jars=${2#*=}
          return
          ;;
      esac
      ;;
  esac
  spark_options+=("$1" "$2")
}

# Sets $java and $java_version, or says what is missing.
find_java() {
  if [[ -n ${JAVA_HOME:-} ]]; then
    java=$JAVA_HOME/bin/java
    [[ -x $java ]] || fail "JAVA_HOME is $JAVA_HOME, which holds no bin/java." "Set it to a JDK 17 or newer."
  else
    java=$(command -v java) || fail "No java on the PATH." "Install a JDK 17 or newer, or set JAVA_HOME to one."
  fi
  java_version=$("$java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -n 1)
  ((${java_version:-0} >= 17)) || fail "Qwark needs Java 17 or newer; $java is Java ${java_version:-unknown}." \
    "Set JAVA_HOME to a JDK 17 or newer."
}

# What the application is made of, newer than the jar?
outdated() {
  [[ ! -e $jar || ! -d $here/jobs/target/natives ]] && return 0
  [[ -z ${SPARK_HOME:-} && ! -d $spark/jars ]] && return 0
  [[ -n $(find "$here"/pom.xml "$here"/{spark-runtime,engine,udf,jobs}/pom.xml "$here"/{engine,udf,jobs}/src/main \
    -newer "$jar" -print -quit 2>/dev/null) ]]
}

build() {
  local started=$here/target/build.started
  mkdir -p "$here/target"
  # One build at a time: whoever waited finds the work done.
  exec 9>"$here/target/build.lock"
  ! command -v flock >/dev/null || flock 9
  if outdated; then
    command -v mvn >/dev/null || fail "Qwark has to be built, and there is no mvn on the PATH." \
      "Install Maven 3.8 or newer."
    [[ -x ${java%/*}/javac || -n $(command -v javac) ]] || fail "Qwark has to be built, and $java has no compiler." \
      "Install a JDK (not a JRE) 17 or newer, or set JAVA_HOME to one."
    if [[ -e $jar ]]; then
      echo "Building Qwark (its sources have changed) ..." >&2
    else
      echo "Building Qwark (first start, a few minutes where nothing is downloaded yet) ..." >&2
    fi
    touch "$started"
    if ! (cd "$here" && mvn -B -ntp -pl jobs -am package -DskipTests -Dspotless.check.skip) </dev/null >"$log" 2>&1 9>&-; then
      grep -E '^\[ERROR\]' "$log" | head -n 8 >&2 || tail -n 20 "$log" >&2
      fail "The build failed; its whole log is $log"
    fi
    # A source saved while Maven ran is newer than this, and so is built by the next start.
    touch -r "$started" "$jar"
  fi
  exec 9>&-
}

# Half of the machine's memory, at most 4 GiB: for a driver that runs its tasks itself.
local_memory() {
  local kib
  kib=$(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo 2>/dev/null) || true
  kib=$((${kib:-8388608} / 2))
  echo "$((kib < 4194304 ? kib / 1024 : 4096))m"
}

in_defaults() {
  [[ -r $defaults ]] && grep -Eq "^[[:space:]]*${1//./\\.}[[:space:]=]" "$defaults"
}

trap 'exit 130' INT
trap 'exit 143' TERM

job_options=()
split "$@"
case $job in
  evaluate | generate | enrich | doctor | model) ;;
  '')
    (($# > 0)) || {
      usage
      exit 0
    }
    fail "No job is named; there are evaluate, generate, enrich, doctor and model." "$synopsis"
    ;;
  *) fail "There is no job '$job'; there are evaluate, generate, enrich, doctor and model." "$synopsis" ;;
esac

find_java
if [[ -n ${SPARK_HOME:-} && ! -x $SPARK_HOME/bin/spark-submit ]]; then
  fail "SPARK_HOME is $SPARK_HOME, which holds no bin/spark-submit." "Unset it to use the Spark that Maven resolved."
fi
[[ ${QWARK_BUILD:-} == never ]] || ! outdated || build
[[ -e $jar ]] || fail "$jar is not there." "Unset QWARK_BUILD, or build it: mvn package"

# Defaults come first, so that what the caller gave wins.
options=(--class io.qwark.jobs.Main)
master_given=true
if [[ -z $master ]] && ! in_defaults spark.master; then
  # Without --master the job's own configuration may name one.
  master='local[*]'
  master_given=false
  options+=(--master "$master")
fi
options+=(--conf "spark.qwark.masterGiven=$master_given")
if [[ -z $driver_memory ]] && ! in_defaults spark.driver.memory; then
  options+=(--driver-memory "$(local_memory)")
fi

# libtorch: a local driver reads it where it lies, executors elsewhere get it shipped.
natives=${QWARK_NATIVES:-$(printf '%s\n' "$here"/jobs/target/natives/*.jar | head -n 1)}
jars=$extra_jars
if [[ $natives != none ]]; then
  [[ -e $natives ]] || fail "QWARK_NATIVES is $natives, which is not there."
  jars=$natives${jars:+,$jars}
fi
[[ -z $jars ]] || options+=(--jars "$jars")

# glibc gives large temporaries back to the system after each use and maps them anew at the next: prefill then takes
# three times as long. These make it keep them.
export MALLOC_ARENA_MAX=${MALLOC_ARENA_MAX-1}
export MALLOC_MMAP_MAX_=${MALLOC_MMAP_MAX_-0}
export MALLOC_TRIM_THRESHOLD_=${MALLOC_TRIM_THRESHOLD_-8000000000}
export MALLOC_TOP_PAD_=${MALLOC_TOP_PAD_-67108864}
# Threads of a tensor operation that wait for each other sleep instead of spinning: where processors are shared, with
# Spark or anyone else, spinning makes each operation wait for a turn of the scheduler.
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY-PASSIVE}
# CUDA numbers cards as nvidia-smi does, whose numbers Spark hands out; else it puts the fastest first.
export CUDA_DEVICE_ORDER=${CUDA_DEVICE_ORDER-PCI_BUS_ID}
# DJL neither downloads anything nor reports its use.
export DJL_OFFLINE=${DJL_OFFLINE-true}
export OPT_OUT_TRACKING=${OPT_OUT_TRACKING-true}
for name in OMP_WAIT_POLICY CUDA_DEVICE_ORDER MALLOC_ARENA_MAX MALLOC_MMAP_MAX_ MALLOC_TRIM_THRESHOLD_ MALLOC_TOP_PAD_ DJL_OFFLINE OPT_OUT_TRACKING; do
  options+=(--conf "spark.executorEnv.$name=${!name}")
done
# Where models come from is the same for all; tokens are not handed on, since command lines can be read by others.
for name in HF_ENDPOINT HF_HUB_OFFLINE MODELSCOPE_ENDPOINT; do
  [[ -z ${!name:-} ]] || options+=(--conf "spark.executorEnv.$name=${!name}")
done

# Ours first: of two -D the later one, the caller's, holds.
export SPARK_SUBMIT_OPTS="\"-Dlog4j2.configurationFile=$here/conf/log4j2.properties\" ${SPARK_SUBMIT_OPTS:-}"

set -- "${options[@]}" "${spark_options[@]}" "$jar" "$job" "${job_options[@]}"
if [[ -n ${SPARK_HOME:-} ]]; then
  exec "$SPARK_HOME/bin/spark-submit" "$@"
fi

# The folder that Maven filled has no scripts; Spark's launcher, which they would call, turns the arguments into the
# java command: a NUL and a line's end, then the words, each ended by a NUL.
export SPARK_HOME=$spark SPARK_SCALA_VERSION=2.13
command=()
while IFS= read -r -d '' word; do
  case $word in
    # Words that only make the JVM print a warning: a module for MLlib, and a package that newer JDKs do not have.
    --add-modules=jdk.incubator.vector) continue ;;
    --add-opens=java.base/sun.security.action=*) ((java_version < 24)) || continue ;;
  esac
  command+=("${word#$'\n'}")
done < <("$java" -Xmx128m -XX:TieredStopAtLevel=1 -cp "$spark/jars/*" org.apache.spark.launcher.Main \
  org.apache.spark.deploy.SparkSubmit "$@" && printf 'end\0')
((${#command[@]} > 2)) && [[ ${command[-1]} == end ]] || fail "Spark's launcher failed; see above."
exec "${command[@]:1:${#command[@]}-2}"
