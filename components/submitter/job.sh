# Starting job $JOB_ID on the JobManager, from ${LEDGER[savepoint]}, and waiting until it is there to stay.

# What a program in Python says that cannot be started beside another one: see flink_kubernetes_job.py.
MEANWHILE="Another job is being started at this moment"

# Sees to it that the jar is on the JobManager pod, as JAR_ID. Fails when another try may do better.
upload_jar() {
  [[ -z ${AT_ONCE-} ]] || return 0
  if uploaded_jar; then
    say "The jar is on the JobManager."
    return
  fi
  kept_jar && return
  artifact_get
  say "Uploading $ARTIFACT."
  MAX_TIME=$START_TIMEOUT flink POST /jars/upload --form "jarfile=@\"$JAR_FILE\";filename=\"$JOB_ID.jar\";type=application/x-java-archive"
  case $STATUS in
    200) ;;
    404) verdict "The cluster takes no jars over its REST API. Set web.submit.enable: true in its configuration." ;;
    413) verdict "$ARTIFACT is larger than the cluster's REST API takes. Raise rest.server.max-content-length in its configuration (in bytes; Flink's default is 104857600)." ;;
    4*) verdict "The cluster did not take $ARTIFACT: $(flink_problem)." ;;
    *) return 1 ;;
  esac
  json_read "$WORK/flink" || return 1
  json_into JAR_ID filename
  JAR_ID=${JAR_ID##*/}
}

# Of a revision that is put back the jar is on some JobManager pod, or is the same as that of the new one, or is gone.
kept_jar() {
  [[ -n ${ROLLING_BACK-} ]] || return 1
  local here=$JOBMANAGER
  for JOBMANAGER in $(jobmanagers); do
    uploaded_jar && return
  done
  JOBMANAGER=$here
  artifact_get
  [[ $(sha256 "$JAR_FILE") == "${LEDGER[jarHash]-}" ]] ||
    verdict "Its jar is no longer on the JobManager, whose pod has changed since, and $ARTIFACT is another one. Run the update with the arguments of that revision to start it."
  return 1
}

sha256() {
  local sum
  sum=$(sha256sum <"$1")
  printf '%s' "${sum%% *}"
}

# Of a program in Python the request says where the JobManager has put its archive, and the job's id. Fails when the JobManager does not say where.
python_request() {
  local i folder=
  [[ $REQUEST == *'"python.files":"$uploaded$'* ]] || return 0
  flink_json GET /jobmanager/config || return
  for ((i = 0; ; i++)); do
    [[ -n ${JSON[$i.key]-} ]] || break
    case ${JSON[$i.key]} in
      web.upload.dir) json_into folder "$i.value" && break ;;
      web.tmpdir) json_into folder "$i.value" ;;
    esac
  done
  [[ -n $folder ]] || return
  folder=$(json_quote "${folder%/}/flink-web-upload/$JAR_ID")
  REQUEST=${REQUEST/'"python.files":"$uploaded$'/"\"python.files\":${folder%'"'}"}
  REQUEST=${REQUEST/'"$job$"'/"\"$JOB_ID\""}
}

# Whether what Flink answered, $1, says that the request itself is at fault: an overloaded or changing JobManager is asked again.
refused() {
  [[ $STATUS == 400 || $STATUS == 500 ]] && json_read "$WORK/flink" && [[ -n ${JSON[errors.0]-} ]] || return 1
  [[ $1 != *AskTimeoutException* && $1 != *RecipientUnreachable* && $1 != *FencingTokenException* && $1 != *LeaderUnavailable* && $1 != *UnknownHostException* && $1 != *"$JAR_ID does not exist"* && $1 != *"$MEANWHILE"* ]]
}

# One try to start the job. What Flink refuses for good is a verdict; after anything else the caller looks whether the job is there.
submit() {
  local problem i
  upload_jar || return
  run_request "${LEDGER[request]:-$(<"$HERE/request.json")}"
  python_request || return
  {
    printf '{"jobId":"%s",' "$JOB_ID"
    [[ -z ${LEDGER[savepoint]-} ]] || printf '"savepointPath":%s,"claimMode":"NO_CLAIM",' "$(json_quote "${LEDGER[savepoint]}")"
    printf '%s' "${REQUEST:1}"
  } >"$WORK/run"
  say "Starting job $JOB_ID${LEDGER[savepoint]:+ from ${LEDGER[savepoint]}}."
  SUBMITTED=1
  # The user's main() runs within this request: only the deadline bounds it.
  MAX_TIME=$((DEADLINE - $(now) > 5 ? DEADLINE - $(now) : 5)) flink POST "/jars/$JAR_ID/run" --header 'Content-Type: application/json' --data-binary "@$WORK/run"
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
  # The leader of Flink 2 may name itself by its pod's name, which only itself resolves: another pod may be the leader.
  if [[ $problem == *"UnknownHostException: $FLINK_CLUSTER-jobmanager-"* ]]; then
    flink DELETE "/jars/$JAR_ID"
    jobmanager_other
    return
  fi
  # Whom it was in the way of must not be in its way again.
  [[ $problem != *"$MEANWHILE"* ]] || sleep $((RANDOM % 5 + 1))
  refused "$problem" || [[ $problem == *UnknownHostException* ]] || return
  job_state "$JOB_ID"
  [[ $STATE == NONE ]] || return
  if [[ $problem == *DuplicateJobSubmission* || $problem == *"already been submitted"* ]]; then
    verdict "Job $JOB_ID has already run to its end, and the cluster has forgotten how. Run the update again: it submits under a new id."
  fi
  verdict "The job could not be started: $problem."
}

# What a job restarts for in vain, again and again: its state does not fit.
hopeless() { [[ $1 == *StateMigrationException* || $1 == *"Cannot map checkpoint/savepoint state"* ]]; }

# Whether the ledger still says that this job is to be started: asked before each try. Programs other than the submission may say so.
still_ours() { :; }

# Sets PROCESS to what tells one process of the JobManager from the next: each makes a folder of its own. Empty when it does not say.
jobmanager_process() {
  local i
  PROCESS=
  flink_json GET /jobmanager/config || return 0
  for ((i = 0; ; i++)); do
    [[ -n ${JSON[$i.key]-} ]] || return 0
    [[ ${JSON[$i.key]} != web.tmpdir ]] || json_into PROCESS "$i.value"
  done
}

# Whether the job that the ledger says is to be started, and that is not on the cluster, may have run: the JobManager that it was to be started on has gone, and what
# it knew of jobs with it. As long as that one lives, the job has not begun yet. Sets PROCESS.
may_have_run() {
  [[ ${HIGH_AVAILABILITY-} != true && $UPGRADE_MODE != stateless && -n ${CHECKPOINT_DIRECTORY-} && -n ${LEDGER[jobManager]-} ]] || return 1
  jobmanager_process
  [[ -n $PROCESS && $PROCESS != "${LEDGER[jobManager]}" ]]
}

# Says in the ledger how the job that may have run goes on: what it has completed a checkpoint of has been given out, and must not be given out again. Fails when the
# ledger changed under us.
go_on_from_newest() {
  local id=${LEDGER[jobId]} pairs=("jobManager=$PROCESS")
  say "The JobManager has restarted: looking how far job $id came."
  stored_checkpoint "$id"
  case $? in
    0) pairs+=("jobId=$(next_id)" "savepoint=$STORED" atLeast= "$(made checkpoint "$STORED")") ;;
    1) say "It has completed no checkpoint." ;;
    *)
      first_possible "$id" "${LEDGER[savepoint]-}" || cannot_tell "$id"
      pairs+=("jobId=$(next_id)" "savepoint=$POSSIBLE" "atLeast=${LEDGER[savepoint]:-none}${LEDGER[atLeast]:+$'\n'${LEDGER[atLeast]}}")
      ;;
  esac
  # Going back behind that, to what the revision before was stopped with, would be wrong, too.
  ((${#pairs[@]} == 1)) || pairs+=(previousRevision= previousDefinition= previousRequest= previousJarId= previousJarHash= previousSavepoint=)
  ledger_write "${pairs[@]}"
}

# What the job wrote may be final, so nothing older is started by itself, least of all the revision before.
cannot_tell() {
  ROLLBACK=false CANNOT_TELL=1
  verdict "The JobManager restarted while job $1 was being started from ${LEDGER[savepoint]}, and its storage cannot be looked at from here. If there is a complete checkpoint in $CHECKPOINTS (a folder chk-<number> with the file _metadata), what it wrote is final up to the newest; if there is none, it goes on from ${LEDGER[savepoint]}. $(how_to_go_on)"
}

# Turns to the state before one that is not there. Fails when there is none, or when the ledger changed under us.
go_back() {
  local pairs=() tried=${LEDGER[savepoint]-}
  earlier || return 1
  say "There is no ${tried##*/}: trying ${EARLIER:-to start from nothing}."
  [[ -z ${LEDGER[previousSavepoint]-} || ${LEDGER[previousSavepoint]} != "$tried" ]] || pairs=("previousSavepoint=$EARLIER")
  ledger_write "jobId=$(next_id)" "savepoint=$EARLIER" "atLeast=$AT_LEAST" "${pairs[@]}"
}

# Turns to the job that the ledger names by now.
follow_another() { JOB_ID=${LEDGER[jobId]} CHECKPOINTING= CHECKPOINT_ASKED= CHECKPOINT_FAILURE=; }

# Until the job is there to stay: submits it when it is not on the cluster, waits for every subtask and for the first checkpoint. Fails when
# it is no longer to be started. AT_ONCE: the jar that was seen on the JobManager just before the ledger was written. Then it is not asked again what is there, as
# nothing is counted meanwhile: Flink refuses a job that it knows, or a jar that it does not know any more.
follow() {
  local steady=0 state= cause looks=0
  if [[ -n ${AT_ONCE-} ]]; then
    submit
    AT_ONCE=
  fi
  while :; do
    job_state "$JOB_ID"
    [[ $STATE == "$state" || $STATE == NONE ]] || say "Job $JOB_ID is $STATE."
    state=$STATE
    case $STATE in
      FINISHED) return ;;
      FAILED)
        cause=$(job_failure "$JOB_ID")
        if [[ -n ${LEDGER[atLeast]-} ]] && state_missing "$cause"; then
          go_back || return 1
          follow_another
          continue
        fi
        verdict "The job failed: ${cause:-Flink names no cause}."
        ;;
      CANCELED) verdict "The job was cancelled by somebody else before it ran." ;;
    esac
    if all_running || { [[ ${BOUNDED-} == true && $STATE == RUNNING ]] && ((LIVE > 0)); }; then
      ((++steady))
      # A bounded job may be at its end before a checkpoint is, and in batch mode there is none.
      if [[ ${BOUNDED-} != true ]] && checkpointing; then
        checkpointed && return
      elif ((steady >= 2)); then
        # Seen twice, a second apart: a job that fails at its first record runs for a moment, too.
        return
      fi
    else
      steady=0
      if [[ -n ${LEDGER[savepoint]-} && $STATE != NONE ]] && ((++looks % 5 == 0)); then
        cause=$(job_failure "$JOB_ID")
        hopeless "$cause" && verdict "The job cannot start from ${LEDGER[savepoint]}: $cause."
      fi
    fi
    if expired; then
      [[ $STATE == NONE ]] && verdict "The job did not start within $START_TIMEOUT s: $(flink_problem)."
      too_late "$steady"
    fi
    if [[ $STATE == NONE ]]; then
      still_ours || return 1
      if may_have_run; then
        go_on_from_newest || return 1
        follow_another
        continue
      fi
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
    verdict "The job runs, but no checkpoint was complete within $START_TIMEOUT s${CHECKPOINT_FAILURE:+: $CHECKPOINT_FAILURE}." "It was left running; look at its checkpoints in the web UI."
  fi
  cause=$(job_failure "$JOB_ID")
  flink_json GET /overview && slots="; the cluster has ${JSON[taskmanagers]-?} TaskManagers with ${JSON[slots-available]-?} free slots"
  verdict "Within $START_TIMEOUT s the job got no further than $STATE with $SUBTASKS running$slots${cause:+; its latest failure was $cause}." "It was left on the cluster: the next update carries on with it."
}
