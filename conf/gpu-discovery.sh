#!/usr/bin/env bash
# Tells Spark which NVIDIA cards a worker, executor or driver may use, as its discoveryScript: prints for example
#   {"name": "gpu", "addresses": ["0", "1"]}
# Addresses are nvidia-smi's indices, or the UUIDs of parts of cards (MIG). Where CUDA_VISIBLE_DEVICES is set it names
# the cards, as it does for CUDA: so two workers of a host, started with different ones, share no card.
set -euo pipefail

fail() {
  echo "gpu-discovery.sh: $1" >&2
  exit 1
}

command -v nvidia-smi >/dev/null ||
  fail "there is no nvidia-smi on the PATH ($PATH): install the driver, or hand it to the container"
cards=$(nvidia-smi --query-gpu=index,uuid --format=csv,noheader 2>&1) || fail "nvidia-smi failed: $cards"

addresses=$(awk -F ', *' -v is_set="${CUDA_VISIBLE_DEVICES+yes}" -v visible="${CUDA_VISIBLE_DEVICES-}" '
  BEGIN { count = 0 }
  function add(address) { list = list (list == "" ? "" : ", ") "\"" address "\"" }
  /^ *[0-9]+, *GPU-/ { sub(/^ */, ""); number[count] = $1; uuid[count] = $2; count++ }
  END {
    if (!is_set) {
      for (i = 0; i < count; i++) add(number[i])
    } else {
      entries = split(visible, entry, ",")
      for (e = 1; e <= entries; e++) {
        name = entry[e]
        gsub(/[ \t]/, "", name)
        found = ""
        if (name ~ /^[0-9]+$/) {
          if (name + 0 < count) found = number[name + 0]
        } else if (name ~ /^GPU-/) {
          for (i = 0; i < count; i++) if (index(uuid[i], name) == 1) found = number[i]
        } else if (name ~ /^MIG-[A-Za-z0-9\/-]+$/) {
          found = name
        }
        # CUDA, too, looks at nothing behind an entry that names no card.
        if (found == "") break
        add(found)
      }
    }
    print list
  }' <<<"$cards")

[[ -n $addresses ]] || fail "there is no card to use: CUDA_VISIBLE_DEVICES is ${CUDA_VISIBLE_DEVICES-not set}, and \
nvidia-smi lists: ${cards:-nothing}"
echo "{\"name\": \"gpu\", \"addresses\": [$addresses]}"
