# Sourced by ./test: reads numbers of tests out of a step's log.

# Prints "passed failed skipped" of a log, from cargo's result lines
# ("test result: ok. 3 passed; 0 failed; 0 ignored; ...") and from the summary
# of node's TAP reporter ("# pass 3").
count_tests() {
  awk '
    /^test result: / {
      for (i = 2; i <= NF; i++) {
        if ($i ~ /^passed;?$/) passed += $(i - 1)
        if ($i ~ /^failed;?$/) failed += $(i - 1)
        if ($i ~ /^ignored;?$/) skipped += $(i - 1)
      }
    }
    /^# pass [0-9]+$/ { passed += $3 }
    /^# (fail|cancelled) [0-9]+$/ { failed += $3 }
    /^# (skipped|todo) [0-9]+$/ { skipped += $3 }
    END { print passed + 0, failed + 0, skipped + 0 }
  ' "$1"
}

# The integration tests say how many tests touched data on each engine. A line
# that is absent, zero or unequal means a database without its tests.
check_engines() {
  local line sqlite postgres
  line=$(grep -oE 'data tests: sqlite [0-9]+, postgres [0-9]+' "$1" | tail -1)
  [ -n "$line" ] || { echo "the line 'data tests: sqlite N, postgres N' is missing"; return 1; }
  sqlite=$(sed -E 's/.*sqlite ([0-9]+).*/\1/' <<<"$line")
  postgres=$(sed -E 's/.*postgres ([0-9]+).*/\1/' <<<"$line")
  echo "$line"
  if [ "$sqlite" -eq 0 ] || [ "$sqlite" -ne "$postgres" ]; then
    echo "both engines must run the same data tests"
    return 1
  fi
}
