#!/bin/bash
# Runs in a TaskManager's container before it is told to stop: makes a checkpoint of the jobs that it works for, so that they go on from
# here and not from their last one. Never fails, and takes no longer than it may.
# pre-stop.sh SECONDS JOBMANAGER_HOST JOBMANAGER_PORT [FOLDER OF TLS FILES]
set -uo pipefail

# The time is kept from outside: whatever hangs in here, the container is told to stop in time.
if [[ ! ${PRE_STOP_BOUNDED-} ]]; then
  # What it says is to be found where people look: in the container's log.
  [[ -w /proc/1/fd/1 ]] && exec >/proc/1/fd/1 2>&1
  PRE_STOP_BOUNDED=1 timeout --kill-after=1 "$1" /bin/bash "${BASH_SOURCE[0]}" "$@"
  exit 0
fi

HERE=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
JOBMANAGER_HOST=$2 JOBMANAGER_PORT=$3 FLINK_TLS=${4-}
JOBMANAGER=$JOBMANAGER_HOST:$JOBMANAGER_PORT
MAX_TIME=3
source "$HERE/common.sh"
source "$HERE/flink.sh"
WORK=$(mktemp -d) || exit 0
trap 'rm -rf "$WORK"' EXIT

# A checkpoint that was begun this many milliseconds ago is as good as a new one.
RECENT=5000

# counts JOB: sets COMPLETED, FAILED, IN_PROGRESS and LATEST, the time when the last completed one began. Fails for a job without checkpoints.
counts() {
  flink_json GET "/jobs/$1/checkpoints" || return 1
  number COMPLETED counts.completed
  number FAILED counts.failed
  number IN_PROGRESS counts.in_progress
  number LATEST latest.completed.trigger_timestamp
}

# Without a JobManager that knows this TaskManager, no job runs here.
flink_json GET "/taskmanagers/$POD_NAME" || exit 0
declare -A jobs=()
for ((i = 0; ; i++)); do
  job=${JSON[allocatedSlots.$i.jobId]-}
  [[ $job =~ ^[0-9a-f]{32}$ ]] || break
  jobs[$job]=
done

# begin JOB: sees to it that a checkpoint is under way. Fails where there is nothing to wait for.
begin() {
  local interval now
  # Without checkpoints of its own, Flink gives the largest number there is as the interval: too long to be read as one.
  flink_json GET "/jobs/$1/checkpoints/config" || return
  number interval interval
  ((interval > 0)) || return
  # The JobManager's clock is the one that checkpoints are dated by.
  flink_json GET "/jobs/$1" && [[ ${JSON[state]-} == RUNNING ]] || return
  number now now
  counts "$1" && ((now - LATEST > RECENT)) || return
  ((IN_PROGRESS == 0)) || return 0
  # When many stop at once, all ask for the same one: to Flink, requests of one id are one.
  local id
  id=$(hash "$1/$COMPLETED/$FAILED" 32)
  flink POST "/jobs/$1/checkpoints" --header 'Content-Type: application/json' --data "{\"checkpointType\":\"CONFIGURED\",\"triggerId\":\"$id\"}"
  [[ $STATUS == 2* ]] && return
  say "Before this TaskManager stops: no checkpoint of job $1: $(flink_problem)."
  return 1
}

for job in "${!jobs[@]}"; do
  if begin "$job"; then jobs[$job]="$COMPLETED $FAILED"; else unset "jobs[$job]"; fi
done

while ((${#jobs[@]} > 0)); do
  for job in "${!jobs[@]}"; do
    if ! counts "$job"; then
      unset "jobs[$job]"
    elif [[ "$COMPLETED $FAILED" != "${jobs[$job]}" ]]; then
      say "Before this TaskManager stops: job $job has made a checkpoint ($COMPLETED completed, $FAILED failed)."
      unset "jobs[$job]"
    fi
  done
  ((${#jobs[@]} == 0)) || sleep 0.2
done
exit 0
