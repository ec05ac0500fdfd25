# Stopping the job of an earlier revision, so that at most one job of this FlinkJob runs.

# Stops every active job of this FlinkJob but $JOB_ID. Fails when the ledger changed under us.
stop_others() {
  local id predecessor
  # An attempt before us asked for the savepoint and died: its result counts, also when the job has ended meanwhile.
  if [[ ${LEDGER[phase]-} == upgrading && -n ${LEDGER[trigger]-} ]]; then
    stop_with_savepoint "${LEDGER[jobId]}" || return 1
  fi
  while :; do
    active_jobs
    predecessor=
    for id in "${ACTIVE[@]}"; do
      [[ $id == "$JOB_ID" ]] && continue
      predecessor=$id
      [[ $id == "${LEDGER[jobId]-}" ]] && break
    done
    [[ -n $predecessor ]] || return 0
    # A job that the ledger does not name may only be kept when there is no named one: the ledger itself was lost.
    if [[ $UPGRADE_MODE == savepoint && (${LEDGER[jobId]-} == "$predecessor" || -z ${LEDGER[jobId]-}) ]]; then
      stop_with_savepoint "$predecessor" || return 1
    else
      cancel_job "$predecessor"
      wait_until_ended "$predecessor"
    fi
  done
}

wait_until_ended() {
  while :; do
    job_state "$1"
    { terminal "$STATE" || [[ $STATE == NONE ]]; } && return
    expired && verdict "Job $1 of the previous revision did not end within $START_TIMEOUT s: it is $STATE."
    sleep 0.5
  done
}

# stop_with_savepoint ID: stops it, with its state in a savepoint that the ledger names. Each step asks first what was done.
stop_with_savepoint() {
  local id=$1 tries=0
  [[ -n $SAVEPOINT_DIRECTORY ]] || verdict "Job $id of the previous revision runs, and upgradeMode is \"savepoint\", but the cluster has no durable storage to put a savepoint in. It was left running. Either give the cluster durable storage, or set upgradeMode: \"stateless\" to cancel it and start the new revision without its state."
  while :; do
    if [[ ${LEDGER[phase]-} != upgrading || ${LEDGER[jobId]-} != "$id" || -z ${LEDGER[trigger]-} ]]; then
      wait_until_stoppable "$id" || return 0
      note_savepoint "$id" || return 1
    fi
    if savepoint_result "$id"; then
      [[ -n $LOCATION ]] || return 0
      wait_until_ended "$id"
      say "Job $id is stopped; its state is in $LOCATION."
      ledger_write phase=stopped "savepoint=$LOCATION" trigger= target= stopAttempt=
      return
    fi
    if ((++tries >= 2)); then
      verdict "Job $id of the previous revision could not be stopped with a savepoint: $CAUSE. It was left running."
    fi
    say "The savepoint failed ($CAUSE): trying once more."
    ledger_write phase=running trigger= target= || return 1
  done
}

# A job whose tasks do not all run cannot take a savepoint. Fails when it ends by itself.
wait_until_stoppable() {
  local cause
  while :; do
    job_state "$1"
    { terminal "$STATE" || [[ $STATE == NONE ]]; } && return 1
    all_running && return 0
    if expired; then
      cause=$(job_failure "$1")
      verdict "Job $1 of the previous revision could not be stopped with a savepoint: $SUBTASKS run${cause:+, its latest failure was $cause}. It was left as it is. Set upgradeMode: \"stateless\" to replace it without its state."
    fi
    sleep 0.5
  done
}

note_savepoint() {
  local attempt=1 trigger
  [[ ${LEDGER[stopAttempt]-} =~ ^[0-9]{1,5}$ ]] && attempt=$((LEDGER[stopAttempt] + 1))
  trigger=$(hash "$1/$SUBMISSION_UID/$attempt" 32)
  ledger_write phase=upgrading "revision=${LEDGER[revision]:-unknown}" "jobId=$1" "trigger=$trigger" "target=${SAVEPOINT_DIRECTORY%/}/$FLINK_JOB/$trigger" "stopAttempt=$attempt"
}

# Takes the noted savepoint, or finds what became of it. Sets LOCATION (empty: the job ended without one), else fails with CAUSE.
savepoint_result() {
  local id=$1 trigger=${LEDGER[trigger]} target=${LEDGER[target]}
  LOCATION= CAUSE=
  while :; do
    if flink_json GET "/jobs/$id/savepoints/$trigger"; then
      LOCATION=$(json_text operation.location)
      [[ -n $LOCATION ]] && return 0
      CAUSE=$(json_text operation.failure-cause.stack-trace | root_cause)
      [[ ${JSON[status.id]-} == COMPLETED ]] && return 1
    elif [[ $STATUS == 404 ]]; then
      # Not asked for yet, or the answer was kept for too short a time.
      job_state "$id"
      if terminal "$STATE"; then
        flink_json GET "/jobs/$id/checkpoints" && LOCATION=$(json_text latest.savepoint.external_path)
        [[ $LOCATION == *"$target"* ]] || LOCATION=
        [[ -n $LOCATION || $STATE != FINISHED ]] || forgotten_savepoint "$id" "$target"
        return 0
      elif [[ $STATE == NONE ]]; then
        forgotten_savepoint "$id" "$target"
      fi
      say "Stopping job $id with a savepoint in $target."
      flink POST "/jobs/$id/stop" --header 'Content-Type: application/json' \
        --data-binary "{\"targetDirectory\":$(json_quote "$target"),\"drain\":false,\"triggerId\":\"$trigger\"}"
      if [[ $STATUS == 4* && $STATUS != 404 && $STATUS != 409 ]]; then
        CAUSE=$(flink_problem)
        return 1
      fi
    elif [[ $STATUS == 000 ]]; then
      jobmanager_find
    fi
    if expired; then
      SAVEPOINT_GOES_ON=1
      verdict "The savepoint that stops job $id of the previous revision was not complete within $START_TIMEOUT s. It goes on in $target, and the next update looks for its result. Raise startTimeout if the state is large."
    fi
    sleep 0.3
  done
}

# Starting from an older state, or from none, without being told to, would lose records silently.
forgotten_savepoint() {
  verdict "Job $1 of the previous revision has ended and the JobManager no longer knows the savepoint it was stopped with; it must lie in $2. Set upgradeMode: \"stateless\" to start without it."
}
