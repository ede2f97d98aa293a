#!/bin/sh
# A stand-in for k6 that replays recorded output. The script's name says how it ends.
set -eu
command=$1
shift
out=
export=
script=
while [ $# -gt 0 ]; do
    case $1 in
    --out) out=${2#json=}; shift ;;
    --summary-export) export=$2; shift ;;
    -e | --env | --vus) shift ;;
    *) script=$1 ;;
    esac
    shift
done
name=$(basename "$script" .js)
# What the recorded script asked for.
if [ "$RELEASE" = v2025.10 ]; then limit=500; else limit=8; fi

if [ "$command" = inspect ]; then
    [ "$name" != broken ] || { echo 'SyntaxError' >&2; exit 107; }
    printf '%s\n' '{"scenarios":{"apiSmoke":{"executor":"constant-arrival-rate","rate":12,"timeUnit":null,"duration":"20s","env":{"T":"hunter2"}}},
        "thresholds":{"http_req_failed":["rate<0.02"],"http_req_duration{label:gateway-health}":["p(95)<'"$limit"'"]},
        "tlsAuth":[{"key":"hunter2"}]}'
    exit 0
fi

echo "k6 runs $name, vus ${VUS:-default}, token of ${#API_TOKEN} characters, results in $PERF_RESULTS_DIR"
stream=$SAMPLES/smoke/$RELEASE/api-smoke.ndjson.gz
half() { head -c 60000 "$stream" >"$out"; }
whole() { cp "$stream" "$out"; cp "$SAMPLES/smoke/$RELEASE/api-smoke.export.json" "$export"; }

case $name in
pass) whole ;;
summary) whole; cp "$SAMPLES/smoke/$RELEASE/api-smoke.json" "$PERF_RESULTS_DIR/summary.json" ;;
cross) whole; exit 99 ;;
crash) half; echo 'GoError: boom' >&2; exit 107 ;;
killed) half; kill -9 $$ ;;
broken) exit 107 ;;
slow)
    count=0
    trap 'count=$((count + 1))' INT
    half
    : >"$PERF_RESULTS_DIR/started"
    while [ $count -eq 0 ]; do sleep 0.1; done
    # A second signal would have come by now.
    sleep 0.3
    echo "k6 got $count signal"
    whole
    exit 105
    ;;
esac
