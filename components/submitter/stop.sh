# Stopping the job of an earlier revision, so that at most one job of this FlinkJob runs. UPGRADE_MODE says how; what is not asked for can be
# left undone: STARTS_ANEW says that no state of the job is wanted.

# Stops every active job of this FlinkJob but $JOB_ID. Fails when the ledger changed under us.
stop_others() {
  local id predecessor
  # An attempt before us asked for the savepoint and died: its result counts, also when the job has ended meanwhile.
  if [[ ${LEDGER[phase]-} == upgrading ]]; then
    if [[ -n ${LEDGER[trigger]-} && $UPGRADE_MODE != stateless ]]; then
      stop_with_savepoint "${LEDGER[jobId]}" || return 1
    else
      job_known "${LEDGER[jobId]}"
      if is_over; then
        note_left_state "${LEDGER[jobId]}" || return 1
      fi
    fi
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
    if [[ ${LEDGER[jobId]-} == "$predecessor" || -z ${LEDGER[jobId]-} ]]; then
      stop_as_asked "$predecessor" || return 1
    else
      cancel_job "$predecessor"
      wait_until_ended "$predecessor"
    fi
  done
}

# stop_as_asked ID: stops the job that the ledger names. Fails when the ledger changed under us.
stop_as_asked() {
  case $UPGRADE_MODE in
    savepoint) stop_with_savepoint "$1" ;;
    lastState) stop_with_checkpoint "$1" ;;
    *) end_job "$1" ;;
  esac
}

is_over() { terminal "$STATE" || [[ $STATE == NONE ]]; }
state_wanted() { [[ $UPGRADE_MODE != stateless && -z ${STARTS_ANEW-} ]]; }

# job_known ID: as job_state, and a job that the JobManager does not know is looked for again: a new leader may still be reading its jobs.
job_known() {
  local looks
  for ((looks = 0; looks < 6; looks++)); do
    job_state "$1"
    [[ $STATE == NONE ]] || return
    sleep 0.5
    jobmanager_find
  done
}

wait_until_ended() {
  local looks=0
  while :; do
    job_state "$1"
    is_over && return
    expired && verdict "Job $1 of the previous revision did not end within $START_TIMEOUT s: it is $STATE."
    # A JobManager that has changed meanwhile may not know of it.
    if ((++looks % 40 == 0)); then cancel_job "$1"; fi
    soon "$looks"
  done
}

# stop_with_savepoint ID: stops it, with its state in a savepoint that the ledger names. Each step asks first what was done.
stop_with_savepoint() {
  local id=$1 tries=0 asked
  [[ -n $SAVEPOINT_DIRECTORY ]] || verdict "Job $id of the previous revision runs, and upgradeMode is \"savepoint\", but the cluster has no durable storage to put a savepoint in. It was left running. Either give the cluster durable storage, or set upgradeMode: \"stateless\" to cancel it and start the new revision without its state."
  while :; do
    if [[ ${LEDGER[phase]-} != upgrading || ${LEDGER[jobId]-} != "$id" || -z ${LEDGER[trigger]-} ]]; then
      wait_until_stoppable "$id"
      case $? in
        1) return 0 ;;
        2)
          end_job "$id"
          return
          ;;
      esac
      note_savepoint "$id" || return 1
      asked=
    else
      asked=1
    fi
    savepoint_result "$id" "$asked"
    case $? in
      0)
        wait_until_ended "$id"
        say "Job $id is stopped; its state is in $LOCATION."
        ledger_write phase=stopped "savepoint=$LOCATION" "$(made savepoint "$LOCATION")" trigger= target= stopAttempt=
        return
        ;;
      2)
        note_left_state "$id"
        return
        ;;
      3)
        end_job "$id"
        return
        ;;
    esac
    if ((++tries >= 2)); then
      verdict "Job $id of the previous revision could not be stopped with a savepoint: $CAUSE. It was left running."
    fi
    say "The savepoint failed ($CAUSE): trying once more."
    ledger_write phase=running trigger= target= || return 1
  done
}

# A job whose tasks do not all run cannot take a savepoint. Fails with 1 when it ends by itself, with 2 when it is to be cancelled instead.
wait_until_stoppable() {
  local cause patience=$(($(now) + START_TIMEOUT / 4)) said= fresh=
  # A first job that has never run as it should has nothing to lose. One that no ledger knew is not that: high availability
  # may have brought it back just now.
  if [[ -z ${LEDGER[restoreNonce]-} && ${LEDGER[revision]:-unknown} != unknown ]]; then patience=0 fresh=1; fi
  while :; do
    job_state "$1"
    is_over && return 1
    all_running && return 0
    [[ -n $said ]] || say "Job $1 cannot take a savepoint yet: $SUBTASKS run."
    said=1
    if [[ ${FALLBACK-} == true ]] && (($(now) >= patience)) && left_state "$1" CANCELED && [[ -n $STATE_PATH || -n $fresh ]]; then
      say "Only $SUBTASKS of job $1 run: it is cancelled, and what it last completed counts."
      return 2
    fi
    if expired; then
      cause=$(job_failure "$1")
      verdict "Job $1 of the previous revision could not be stopped with a savepoint: $SUBTASKS run${cause:+, its latest failure was $cause}. It was left as it is.$(without_savepoint)"
    fi
    sleep 0.5
  done
}

# What a person can do about a job that cannot be stopped with a savepoint.
without_savepoint() {
  if [[ ${FALLBACK-} == true ]]; then
    printf ' %s' "It has kept no checkpoint either that the new revision could start from. Set upgradeMode: \"stateless\" to replace it without its state."
  else
    printf ' %s' "Set fallback: true to cancel it and go on from its last complete checkpoint, or upgradeMode: \"stateless\" to replace it without its state."
  fi
}

# savepoint_folder TRIGGER: what the folder of one savepoint of this job is called. Whoever finds it sees when it was made and of which revision, without a ledger.
savepoint_folder() { printf '%s-%s-%s' "$(date -u +%Y%m%dT%H%M%SZ)" "${LEDGER[revision]:-unknown}" "$1"; }

note_savepoint() {
  local attempt=1 trigger
  [[ ${LEDGER[stopAttempt]-} =~ ^[0-9]{1,5}$ ]] && attempt=$((LEDGER[stopAttempt] + 1))
  trigger=$(hash "$1/$SUBMISSION_UID/$attempt" 32)
  ledger_write phase=upgrading "revision=${LEDGER[revision]:-unknown}" "jobId=$1" "trigger=$trigger" "target=${SAVEPOINT_DIRECTORY%/}/$FLINK_JOB/$(savepoint_folder "$trigger")" "stopAttempt=$attempt"
}

# savepoint_result ID ASKED: takes the noted savepoint, or finds what became of it; ASKED: it may have been asked for before, so that the storage is worth a look.
# Sets LOCATION. Fails with 1 and CAUSE when there is none and the job goes on, with 2
# when the job has ended without one, with 3 when it is to be cancelled instead.
savepoint_result() {
  local id=$1 asked=$2 trigger=${LEDGER[trigger]} target=${LEDGER[target]} looks=0
  LOCATION= CAUSE=
  while :; do
    if flink_json GET "/jobs/$id/savepoints/$trigger"; then
      json_into LOCATION operation.location
      [[ -n $LOCATION ]] && return 0
      if [[ ${JSON[status.id]-} == COMPLETED ]]; then
        CAUSE=$(json_text operation.failure-cause.stack-trace)
        LOCATION=$(created_all_the_same "$CAUSE" "$target")
        CAUSE=$(root_cause <<<"$CAUSE")
        job_state "$id"
        if is_over; then
          [[ $STATE == FAILED && -n $LOCATION ]] && return 0
          return 2
        fi
        return 1
      fi
    elif [[ $STATUS == 404 ]]; then
      # Not asked for yet, or the answer was kept for too short a time.
      job_known "$id"
      if is_over; then
        if [[ $STATE != NONE ]] && newest_state "$id" && [[ $STATE_KIND == savepoint ]]; then
          LOCATION=$STATE_PATH
          return 0
        elif { [[ $STATE == NONE ]] || started_afresh "$id"; } && stored_savepoint "$target"; then
          # It was complete, and the JobManager that knew of it has gone.
          LOCATION=$STORED
          return 0
        fi
        return 2
      fi
      if [[ -n $asked ]] && stored_savepoint "$target" && started_afresh "$id"; then
        say "Job $id was started again from before the savepoint in $target, which is complete: what that has committed would be committed again."
        cancel_job "$id"
        wait_until_ended "$id"
        continue
      fi
      # The JobManager may be another one now, that has started the job again from its last checkpoint.
      wait_until_stoppable "$id"
      case $? in
        1) continue ;;
        2) return 3 ;;
      esac
      say "Stopping job $id with a savepoint in $target."
      asked=1
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
      STOP_GOES_ON=1
      verdict "The savepoint that stops job $id of the previous revision was not complete within $START_TIMEOUT s. It goes on in $target, and the next update looks for its result. Raise startTimeout if the state is large."
    fi
    soon "$((looks++))"
  done
}

# started_afresh ID: whether a job that the JobManager knows has completed no checkpoint since it was started there. A leader that ends when the savepoint is
# complete, and before that is known, has let the sinks commit; the next leader starts the job from the checkpoint before, as it knows of no other.
started_afresh() {
  until flink_json GET "/jobs/$1/checkpoints"; do
    # A job that is being started does not tell yet. Of one that had ended by then, the next leader knows nothing but how.
    job_state "$1"
    ! is_over || { [[ $STATE == FINISHED ]]; return; }
    ! expired || return 1
    sleep 0.2
  done
  [[ ${JSON[counts.completed]-} == 0 ]]
}

# created_all_the_same TEXT TARGET: the savepoint that Flink says it has made although the job then failed.
created_all_the_same() {
  local path=${1#*savepoint has been created at: }
  [[ $path != "$1" ]] || return 0
  path=${path%%[, $'\n']*}
  [[ $path == *"${2##*/}"* ]] && printf '%s' "$path"
}

# stop_with_checkpoint ID: cancels it, so that its last checkpoint is its state.
stop_with_checkpoint() {
  local id=$1 asked=
  while :; do
    job_known "$id"
    is_over && return 0
    if left_state "$id" CANCELED; then
      [[ -z $STATE_PATH ]] || break
      # It began with nothing and has no checkpoint yet.
      if [[ -z $asked ]]; then
        flink POST "/jobs/$id/checkpoints" --header 'Content-Type: application/json' --data-binary "{\"triggerId\":\"$(hash "$id/$SUBMISSION_UID/checkpoint" 32)\"}"
        [[ $STATUS == 2* ]] && asked=1
      fi
    elif [[ -n $NOT_KEPT ]]; then
      verdict "Job $id of the previous revision cannot go on from its last checkpoint: $NOT_KEPT. It was left running. Set upgradeMode: \"savepoint\" for this update."
    fi
    expired && verdict "Job $id of the previous revision has no complete checkpoint, and completed none within $START_TIMEOUT s. It was left running. Set upgradeMode: \"stateless\" to replace it without its state."
    sleep 0.5
  done
  end_job "$id"
}

# end_job ID: cancels it and notes what state it leaves. That this was our doing stands in the ledger before.
end_job() {
  local id=$1 known=${LEDGER[checkpoint]-}
  left_state "$id" CANCELED && [[ $STATE_KIND == checkpoint ]] && known=$STATE_PATH
  ledger_write phase=upgrading "revision=${LEDGER[revision]:-unknown}" "jobId=$id" "checkpoint=$known" trigger= target= stopAttempt= || return 1
  STOP_GOES_ON=1
  cancel_job "$id"
  wait_until_ended "$id"
  note_left_state "$id" || return 1
  STOP_GOES_ON=
}

# note_left_state ID: the job was stopped by us and has ended: writes down what it has left. Starting from an older state, or from none,
# without being told to, would lose records or count them twice, silently.
note_left_state() {
  local id=$1 tries=0
  [[ $STATE == NONE ]] || wait_for_news
  while [[ $STATE != NONE ]]; do
    left_state "$id" "$STATE" && break
    [[ -z $NOT_KEPT ]] || ! state_wanted || verdict "Job $id of the previous revision has ended, and $NOT_KEPT. $(how_to_go_on)"
    ((++tries < 40)) && state_wanted || break
    sleep 0.25
    job_state "$id"
  done
  if [[ $STATE == NONE || -z ${STATE_KNOWN-} ]]; then
    STATE_PATH= STATE_KIND=
    if state_wanted; then
      left_in_storage "$id" || forgotten_state "$id"
      STATE_PATH=$STORED STATE_KIND=checkpoint
    fi
  fi
  if [[ $STATE == FINISHED && -z $STATE_PATH ]]; then
    say "Job $id has come to its end by itself."
    ledger_write phase=finished trigger= target= stopAttempt=
    return
  fi
  say "Job $id is stopped; its state is ${STATE_PATH:-nothing}."
  local from=$STATE_PATH pairs=(trigger= target= stopAttempt=)
  # Only a rollback starts a stateless job from what it has left.
  [[ $UPGRADE_MODE != stateless ]] || from=
  [[ -z $STATE_PATH || $STATE_PATH != *"/$id/"* ]] || pairs+=("checkpoint=$STATE_PATH" "$(made "$STATE_KIND" "$STATE_PATH")")
  ledger_write phase=stopped "savepoint=$from" "${pairs[@]}"
}

# Of a job that the JobManager does not know: whether its storage says for sure that the savepoint was not completed, and which checkpoint is the newest.
left_in_storage() {
  [[ $STATE == NONE ]] || return 1
  if [[ -n ${LEDGER[target]-} ]]; then
    stored_savepoint "${LEDGER[target]}"
    (($? == 1)) || return 1
  fi
  stored_checkpoint "$1"
}

forgotten_state() {
  local id=$1 places=
  if [[ -n ${LEDGER[target]-} ]]; then
    places="If there is a complete savepoint in ${LEDGER[target]} (a folder with the file _metadata), that is its state"
    [[ -z ${LEDGER[checkpoint]-} ]] || places+="; if there is none, its newest checkpoint is: ${LEDGER[checkpoint]}, or one beside it with a higher number"
  else
    places="Its state is its newest checkpoint: ${LEDGER[checkpoint]:-a folder chk-<number> in ${CHECKPOINT_DIRECTORY:-the directory for checkpoints}/$id}, or one beside it with a higher number"
  fi
  STOP_GOES_ON=1
  verdict "Job $id of the previous revision was stopped, and the JobManager has forgotten where its state is (it has restarted just then). $places. $(how_to_go_on)"
}

how_to_go_on() {
  printf '%s' "To go on, set initialSavepoint to the state to start from, or leave it out to start from nothing, and give restoreNonce another value."
}

# Flink answers from what it knew some time ago (web.refresh-interval, 3 s): a checkpoint that was completed just before the job ended may not be in
# it, and going back behind it would count twice what it made final. Waits that long, unless the job, which job_state has looked at, ended before.
wait_for_news() {
  local ended time age=3000
  number ended end-time
  number time now
  if flink_json GET /config && [[ ${JSON[refresh-interval]-} =~ ^[0-9]{1,9}$ ]]; then age=$((10#${JSON[refresh-interval]})); fi
  ((ended > 0 && time - ended > age + 2000)) && return
  ((age += 300))
  sleep "$((age / 1000)).$(((age % 1000) / 100))"
}

# newest_state ID: sets STATE_PATH to the newest state of a job, running or ended, as Flink knows it, and STATE_KIND: savepoint (one that stopped it),
# checkpoint (its own), restored (it has completed none, and was started from this). Empty: it has completed none and was started from nothing, or
# has come to its end. Fails when Flink does not say.
newest_state() {
  local kind path id newest=-1
  STATE_PATH= STATE_KIND= STATE_KNOWN=
  flink_json GET "/jobs/$1/checkpoints" || return 1
  for kind in restored completed savepoint; do
    json_into path "latest.$kind.external_path"
    [[ $path == *:/* || $path == /* ]] || continue
    # Of the other savepoints nothing was made final: what is written out goes by the checkpoints.
    [[ $kind != savepoint || ${JSON[latest.savepoint.checkpoint_type]-} == SYNC_SAVEPOINT || (-n ${LEDGER[target]-} && $path == *"${LEDGER[target]##*/}"*) ]] || continue
    number id "latest.$kind.id"
    ((id > newest)) || continue
    newest=$id STATE_PATH=$path STATE_KIND=$kind
  done
  [[ $STATE_KIND != completed && $STATE_PATH != *"/$1/"* ]] || STATE_KIND=checkpoint
  STATE_KNOWN=1
}

# left_state ID STATE: the same of a job that has ended like this, or would: what is still there then. Fails, with why in NOT_KEPT, when it is gone.
left_state() {
  NOT_KEPT=
  newest_state "$1" || return 1
  if [[ $2 == FINISHED ]]; then
    [[ $STATE_KIND == savepoint ]] || STATE_PATH= STATE_KIND=
    return 0
  fi
  [[ $STATE_KIND == checkpoint ]] || return 0
  STATE_KNOWN=
  flink_json GET "/jobs/$1/checkpoints/config" || return 1
  if [[ ${JSON[externalization.enabled]-} == true && (${JSON[externalization.delete_on_cancellation]-} != true || $2 == FAILED) ]]; then
    STATE_KNOWN=1
    return 0
  fi
  NOT_KEPT="its checkpoints are deleted with it (execution.checkpointing.externalized-checkpoint-retention)"
  STATE_PATH= STATE_KIND=
  return 1
}
