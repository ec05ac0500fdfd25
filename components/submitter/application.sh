# What stopping the job of an application and following its next one have in common.

preflight() {
  local command
  for command in curl awk sha256sum cut date tail sleep; do
    type "$command" >/dev/null 2>&1 || give_up "The image has no \"$command\", which starting and stopping a job needs. Use an image that has it; the official Flink images do."
  done
  kubernetes_find
}

# The JobManager, under the one name that it has.
JOBMANAGER=$JOBMANAGER_HOST:$JOBMANAGER_PORT

done_for_now() {
  say "$1"
  printf '%s' "$1" >"$TERMINATION_LOG"
  exit 0
}

# What somebody else has to be told to stop of an attempt that is no longer wanted: nothing, the JobManager carries the job.
superseded() { :; }
