# Starting job $JOB_ID on the JobManager, from ${LEDGER[savepoint]}, and waiting until it is there to stay.

# One try to start the job. What Flink refuses for good is a verdict; after anything else the caller looks whether the job is there.
submit() {
  local jar problem i
  if jar=$(uploaded_jar); then
    say "The jar is already on the JobManager."
  else
    artifact_get
    say "Uploading $JAR."
    MAX_TIME=$START_TIMEOUT flink POST /jars/upload --form "jarfile=@\"$JAR_FILE\";filename=\"$JOB_ID.jar\";type=application/x-java-archive"
    case $STATUS in
      200) ;;
      404) verdict "The cluster takes no jars over its REST API. Set web.submit.enable: true in its configuration." ;;
      413) verdict "$JAR is larger than the cluster's REST API takes. Raise rest.server.max-content-length in its configuration (in bytes; Flink's default is 104857600)." ;;
      4*) verdict "The cluster did not take $JAR: $(flink_problem)." ;;
      *) return ;;
    esac
    json_read "$WORK/flink" || return
    jar=$(json_text filename)
    jar=${jar##*/}
  fi
  run_request "$(<"$HERE/request.json")"
  {
    printf '{"jobId":"%s",' "$JOB_ID"
    [[ -z ${LEDGER[savepoint]-} ]] || printf '"savepointPath":%s,"claimMode":"NO_CLAIM",' "$(json_quote "${LEDGER[savepoint]}")"
    printf '%s' "${REQUEST:1}"
  } >"$WORK/run"
  say "Starting job $JOB_ID${LEDGER[savepoint]:+ from ${LEDGER[savepoint]}}."
  SUBMITTED=1
  # The user's main() runs within this request: only the deadline bounds it.
  MAX_TIME=$((DEADLINE - $(now) > 5 ? DEADLINE - $(now) : 5)) flink POST "/jars/$jar/run" --header 'Content-Type: application/json' --data-binary "@$WORK/run"
  [[ $STATUS == 200 ]] && return
  problem=$(flink_problem)
  say "No job id in answer to the request: HTTP $STATUS, $problem."
  if [[ $STATUS == 000 ]]; then
    # The request may have arrived: main() may still be running.
    for ((i = 0; i < 10; i++)); do
      jobmanager_find
      job_state "$JOB_ID"
      [[ $STATE == NONE ]] || return
      sleep 0.5
    done
    return
  fi
  # A jar that went with its pod is uploaded again; an overloaded or changing JobManager is asked again.
  [[ $STATUS == 400 || $STATUS == 500 ]] && json_read "$WORK/flink" && [[ -n ${JSON[errors.0]-} ]] || return
  [[ $problem == *AskTimeoutException* || $problem == *RecipientUnreachable* || $problem == *FencingTokenException* || $problem == *LeaderUnavailable* || $problem == *"$jar does not exist"* ]] && return
  # The leader of Flink 2 may name itself by its pod's name, which only itself resolves: another pod may be the leader.
  if [[ $problem == *"UnknownHostException: $FLINK_CLUSTER-jobmanager-"* ]]; then
    delete_jars
    jobmanager_other
    return
  fi
  job_state "$JOB_ID"
  [[ $STATE == NONE ]] || return
  delete_jars
  if [[ $problem == *DuplicateJobSubmission* || $problem == *"already been submitted"* ]]; then
    verdict "Job $JOB_ID has already run to its end, and the cluster has forgotten how. Run the update again: it submits under a new id."
  fi
  verdict "The job could not be started: $problem."
}

# Until the job is there to stay: submits it when it is not on the cluster, waits for every subtask and for the first checkpoint.
follow() {
  local steady=0 state= cause
  while :; do
    job_state "$JOB_ID"
    [[ $STATE == "$state" || $STATE == NONE ]] || say "Job $JOB_ID is $STATE."
    state=$STATE
    case $STATE in
      FINISHED) return ;;
      FAILED)
        cause=$(job_failure "$JOB_ID")
        delete_jars
        verdict "The job failed: ${cause:-Flink names no cause}."
        ;;
      CANCELED)
        delete_jars
        verdict "The job was cancelled by somebody else before it ran."
        ;;
    esac
    if all_running; then
      ((++steady))
      if checkpointing; then
        checkpointed && return
      elif ((steady >= 2)); then
        # Seen twice, a second apart: a job that fails at its first record runs for a moment, too.
        return
      fi
    else
      steady=0
    fi
    if expired; then
      [[ $STATE == NONE ]] && verdict "The job did not start within $START_TIMEOUT s: $(flink_problem)."
      too_late "$steady"
    fi
    if [[ $STATE == NONE ]]; then
      submit
      sleep 0.2
    elif ((steady > 0)); then
      sleep 1
    else
      sleep 0.4
    fi
  done
}

# Whether the job takes checkpoints by itself. Without, Flink gives the largest number there is as the interval.
checkpointing() {
  local interval
  if [[ -z ${CHECKPOINTING-} ]]; then
    if flink_json GET "/jobs/$JOB_ID/checkpoints/config"; then
      number interval interval
      ((interval > 0)) && CHECKPOINTING=yes || CHECKPOINTING=no
    elif [[ $STATUS == 404 ]]; then
      CHECKPOINTING=no
    fi
  fi
  [[ ${CHECKPOINTING-} == yes ]]
}

# Whether the first checkpoint is complete. It is asked for: an interval may be long.
checkpointed() {
  local completed
  flink_json GET "/jobs/$JOB_ID/checkpoints" || return
  number completed counts.completed
  ((completed > 0)) && return
  CHECKPOINT_FAILURE=$(json_text latest.failed.failure_message | root_cause)
  if [[ -z ${CHECKPOINT_ASKED-} ]]; then
    say "Every subtask runs: waiting for the first checkpoint."
    flink POST "/jobs/$JOB_ID/checkpoints" --header 'Content-Type: application/json' --data-binary "{\"triggerId\":\"$(hash "$JOB_ID/first" 32)\"}"
    CHECKPOINT_ASKED=1
  fi
  return 1
}

# too_late STEADY: how often in a row, up to now, every subtask was seen running.
too_late() {
  local cause slots=
  if (($1 > 0)); then
    verdict "The job runs, but no checkpoint was complete within $START_TIMEOUT s${CHECKPOINT_FAILURE:+: $CHECKPOINT_FAILURE}. It was left running; look at its checkpoints in the web UI."
  fi
  cause=$(job_failure "$JOB_ID")
  flink_json GET /overview && slots="; the cluster has ${JSON[taskmanagers]-?} TaskManagers with ${JSON[slots-available]-?} free slots"
  verdict "Within $START_TIMEOUT s the job got no further than $STATE with $SUBTASKS running$slots${cause:+; its latest failure was $cause}. It was left on the cluster: the next update carries on with it."
}
