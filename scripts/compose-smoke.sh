#!/bin/bash
# Tests a stack that `docker compose up` has started: pushes with a token, and reads the pushed samples from the exposition,
# from the history (JSON and PromQL) and from Prometheus. The counter http_responses_total{app="compose-smoke"} remains.
#
#   scripts/compose-smoke.sh [--restart]
#
# --restart   also stops the stack, keeps its volumes, starts it again, and checks that the data still exists
#
# The script needs curl and docker compose. URL and PROMETHEUS_URL are the addresses of the stack, if it does not use the
# default ports.
set -euo pipefail
cd "$(dirname "$0")/.."

URL=${URL:-http://127.0.0.1:3000}
PROMETHEUS_URL=${PROMETHEUS_URL:-http://127.0.0.1:9090}
PROMETHEUS_WAIT_S=90

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# page_value: prints the value of the counter in the exposition, or 0 if it does not exist.
page_value() {
  curl -fsS "$URL/metrics" | awk -v OFMT=%.15g '/^http_responses_total\{.*app="compose-smoke"/ { value = $2 } END { print value + 0 }'
}

# expect_value WANTED: fails unless the exposition shows this value.
expect_value() {
  local found
  found=$(page_value)
  [ "$found" = "$1" ] || fail "/metrics shows $found, not $1"
  echo "ok: /metrics shows $1"
}

cli() {
  docker compose exec -T app node dist/server/cli.js "$@"
}

answer=$(cli tokens create --name compose-smoke --scope ingest --scope read)
token=$(tail -n 1 <<<"$answer")
token_id=$(sed -n 's/^Token \([0-9]*\) .*/\1/p' <<<"$answer")
trap 'cli tokens revoke "$token_id"' EXIT

# push JSON: prints the status, then the body.
push() {
  curl -sS -X POST "$URL/api/client/metrics/custom" -w '\n%{http_code}' \
    -H "Authorization: $token" -H 'Content-Type: application/json' -d "$1" | tac
}

# 0.5 is exact in binary, so the sum must be exact as well.
before=$(page_value)
expected=$(awk -v OFMT=%.15g -v before="$before" 'BEGIN { print before + 2.5 }')
sample='"name":"http_responses_total","labels":{"app":"compose-smoke","status":"200"}'

[ "$(push "{\"metrics\":[{$sample,\"value\":2},{$sample,\"value\":0.5}]}" | head -n 1)" = 202 ] || fail 'the push was not accepted'
echo 'ok: pushed'
expect_value "$expected"

push "{\"metrics\":[{$sample,\"value\":-1}]}" | grep '"rejected":\[{"index":0' >/dev/null || fail 'a negative delta was not refused'
expect_value "$expected"

status=$(curl -sS -o /dev/null -w '%{http_code}' -X POST "$URL/api/client/metrics/custom" \
  -H 'Content-Type: application/json' -d "{\"metrics\":[{$sample,\"value\":1}]}")
[ "$status" = 401 ] || fail "a push without a token was answered $status"
echo 'ok: a push without a token is refused'

check_history() {
  curl -fsS -H "Authorization: $token" "$URL/api/history/samples?metric=http_responses_total" |
    grep 'compose-smoke' >/dev/null || fail 'the history lacks the samples'
  curl -fsS -G -H "Authorization: $token" "$URL/api/v1/query" --data-urlencode 'query=http_responses_total{app="compose-smoke"}' |
    grep "\"$expected\"" >/dev/null || fail 'PromQL over the history has another total'
  echo 'ok: the history has the samples, as JSON and in PromQL'
}
check_history

# A rate needs two scrapes.
query="sum(rate(http_responses_total{app=\"compose-smoke\"}[1m]))"
for ((second = 0; ; second++)); do
  curl -fsS -G "$PROMETHEUS_URL/api/v1/query" --data-urlencode "query=$query" | grep '"value":\[' >/dev/null && break
  [ "$second" -lt "$PROMETHEUS_WAIT_S" ] || fail 'Prometheus does not have the counter'
  sleep 1
done
echo "ok: Prometheus has the counter"

if [ "${1:-}" = --restart ]; then
  docker compose down
  docker compose up --detach --wait --no-build
  expect_value "$expected"
  check_history
fi
