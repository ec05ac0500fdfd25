#!/bin/bash
# Looks after one Flink job as long as it is in the program: what the guard Deployment runs. It brings back a job that the JobManager has lost,
# notes the job's newest checkpoint, shows whether the job is well by being ready, and stops it when the guard itself is removed.
# It acts only for the job and the revision that the ledger names. Settings come from the environment (see guard.ts).
# Being told to stop means little by itself: nodes are drained and pods replaced. See depart.
LEAVING=
trap 'LEAVING=1' TERM INT
# bash 5.2 loses a trap that comes while it reads a command substitution ("unexpected EOF"). So the pod's preStop hook writes a file before, too.
leaving() { [[ -n $LEAVING || -e $WORK/leaving ]]; }
HERE=${BASH_SOURCE[0]%/*}

for part in common ledger flink s3 state artifact stop job; do
  . "$HERE/$part.sh"
done
DEADLINE=$(($(now) + START_TIMEOUT))
JOB_ID=
SUBMITTED=
CHECKPOINT_FAILURE=
# Always by its name: the JobManager that answers may be another one each time.
JOBMANAGER=$JOBMANAGER_HOST:$JOBMANAGER_PORT

# Who starts a job, in the ledger's `submission`; and who has stopped it because the guard was removed.
BY_GUARD=guard
BY_REMOVAL=removal

# The job is looked at this often; also the least time between two notes of checkpoints. CPU is what it costs.
EVERY=5
# A ledger that asks nothing of the guard is looked at this often.
SELDOM=15
# A job that the JobManager does not know is looked for this often, a second apart, before it counts as lost.
LOOKS=3
[[ ${HIGH_AVAILABILITY-} != true ]] || LOOKS=15
# A JobManager that does not answer for so many seconds is trouble.
PATIENCE=60
# So often within so many seconds a job is brought back.
MOST=5
WITHIN=600

# What the parts say when they come to an end ends here only the subshell in which they ran (see try).
give_up() {
  printf '%s' "$1" >"$WORK/problem"
  exit 1
}
verdict() { give_up "$1"; }
ledger_check() { :; }
superseded() { :; }

# try COMMAND...: runs it in a subshell, also when this process is told to stop meanwhile. Fails with why in PROBLEM.
try() {
  local pid code
  : >"$WORK/problem"
  ("$@") &
  pid=$!
  while :; do
    wait "$pid"
    code=$?
    # 128 and more: a signal came while we waited.
    ((code > 128)) && kill -0 "$pid" 2>/dev/null || break
    [[ -z ${UNLESS_LEAVING-} ]] || { kill "$pid" 2>/dev/null; break; }
  done
  ((code == 0)) && return
  read -rd '' PROBLEM <"$WORK/problem"
  return 1
}

# rest SECONDS: unless there is something to do before.
rest() {
  local pid
  ! leaving || return
  sleep "$1" &
  pid=$!
  wait "$pid"
  kill "$pid" 2>/dev/null
}

# The readiness probe is asked as soon as the startup probe sees this file, and then not for a while: so it is written after the first verdict.
started() { [[ -s $WORK/started ]] || printf started >"$WORK/started"; }

# The readiness probe looks whether this file has something in it.
ready() {
  [[ ${TOLD-} == "$1" ]] || say "$1"
  [[ ${WELL-} == yes ]] || printf ready >"$WORK/ready"
  started
  TOLD=$1 WELL=yes
}

unready() {
  [[ ${TOLD-} == "$1" ]] || say "$1"
  : >"$WORK/ready"
  started
  TOLD=$1 WELL=no
}

# Reads the ledger once. Fails when there is no answer.
ledger_look() {
  api GET
  if [[ $STATUS != 200 ]] || ! ledger_parse; then
    unready "The ledger ConfigMap $NAMESPACE/$LEDGER_NAME cannot be read: $(api_problem)."
    return 1
  fi
  if [[ $OWNER != "$FLINK_CLUSTER/$FLINK_JOB" ]]; then
    unready "The ledger ConfigMap $NAMESPACE/$LEDGER_NAME belongs to another job (cluster/job \"$OWNER\")."
    return 1
  fi
}

# note KEY=VALUE...: writes the ledger once. Fails when somebody was faster or nobody answers: the next look begins anew.
note() {
  LEDGER_TOLD=
  ledger_patch "$@" && ledger_parse && return
  say "The ledger could not be written: $(api_problem)."
  return 1
}

ours() { [[ ${LEDGER[revision]-} == "$REVISION" ]]; }
beginning() { [[ ${LEDGER[phase]-} == submitting && ${LEDGER[submission]-} == "$BY_GUARD" ]]; }

# One look at everything. Sets PAUSE: until the next one.
look() {
  local phase
  PAUSE=$EVERY
  if [[ -z ${LEDGER_TOLD-} ]]; then
    ledger_look || return
  fi
  phase=${LEDGER[phase]-}
  # A ledger that names a job of ours is not read again before something is to be done.
  LEDGER_TOLD=
  if wanted_again; then
    start_again
  elif ! ours; then
    ready "The ledger names another revision (${LEDGER[revision]:-none}): nothing to do."
    PAUSE=$SELDOM
  elif [[ $phase == running ]]; then
    LEDGER_TOLD=1
    look_at_job "${LEDGER[jobId]}"
  elif [[ ${CARRIED-} != true ]] && { beginning || [[ $phase == stopped && ${LEDGER[submission]-} == "$BY_REMOVAL" && -z ${LEDGER[paused]-} ]]; }; then
    # A guard before us began this, or stopped the job when it was removed; now there is one again.
    bring_back
  elif [[ $phase == stopped && -n ${LEDGER[restart]-} && -z ${LEDGER[paused]-} ]] && restart_is_off; then
    bring_back
  elif [[ $phase == failed ]]; then
    unready "${LEDGER[message]:-The job has failed.}"
    PAUSE=$SELDOM
  else
    ready "The job is ${phase:-not submitted}: nothing to do."
    PAUSE=$SELDOM
  fi
}

# Whether an update to another revision has failed and left this one without its job, and now this one is wanted again: its submission Job is complete from
# its first time, and comes no more.
wanted_again() {
  [[ $WANTED == "$REVISION" && ${CARRIED-} != true && -z ${LEDGER[paused]-} && -z ${LEDGER[restart]-} ]] || return 1
  case ${LEDGER[phase]-} in
    failed) ! ours && [[ -n ${LEDGER[failedSubmission]-} ]] ;;
    stopped | upgrading) [[ -n ${LEDGER[failedSubmission]-} && ${LEDGER[submission]-} != "$BY_REMOVAL" ]] ;;
    # A guard before us began it.
    submitting) ours && [[ ${LEDGER[submission]-} == again-* ]] ;;
    *) return 1 ;;
  esac
}

# Submits this revision as a Job of its own would.
start_again() {
  unready "Revision $REVISION is wanted again: it is being started."
  if ! UNLESS_LEAVING=1 try submission; then
    leaving || unready "Revision $REVISION is wanted again, and could not be started: $PROBLEM"
    PAUSE=$SELDOM
  fi
  LEDGER_TOLD=
}

# Every try after one failure is the same submission.
submission() {
  local uid=again-${LEDGER[failedSubmission]-}
  [[ ${LEDGER[phase]} != submitting ]] || uid=${LEDGER[submission]}
  SUBMISSION_UID=$uid ROLLBACK=false TERMINATION_LOG=$WORK/problem exec /bin/bash "$HERE/submit.sh"
}

# Whether the job was stopped for a change of the cluster that has not come about (see prepare.sh): that was said, or the JobManager's Deployment has
# been changed since and is again what this revision is for. Else its next revision starts it.
restart_is_off() {
  local generation since=${LEDGER[restartGeneration]-}
  kubernetes GET "/apis/apps/v1/namespaces/$NAMESPACE/deployments/$JOBMANAGER_DEPLOYMENT"
  [[ $STATUS == 200 ]] && json_read "$WORK/api" || return 1
  [[ $(json_text metadata.annotations.flink-kubernetes/restart-hash) == "$RESTART_HASH" ]] || return 1
  number generation metadata.generation
  [[ ${LEDGER[restart]} == "$RESTART_HASH" ]] || { [[ $since =~ ^[0-9]{1,12}$ ]] && ((generation > since)); }
}

# look_at_job ID: how the job is, and what its checkpoints are, in one process.
look_at_job() {
  local id=$1 codes body=
  codes=$(curl "${FLINK_CURL[@]}" --connect-timeout 3 --max-time 15 --write-out '%{http_code} ' \
    --output "$WORK/flink" "$FLINK_URL/jobs/$id/status" --output "$WORK/checkpoints" "$FLINK_URL/jobs/$id/checkpoints" 2>"$WORK/flink.error")
  STATUS=${codes%% *}
  [[ $STATUS != 200 && $STATUS != 500 ]] || read -rd '' body <"$WORK/flink"
  if [[ $STATUS == 200 && $body =~ \"status\":\ *\"([A-Z]+)\" ]]; then
    STATE=${BASH_REMATCH[1]}
  elif [[ $STATUS == 404 || $body == *FlinkJobNotFoundException* ]]; then
    # Which of the two depends on the request.
    STATE=NONE
  else
    absent
    return
  fi
  if [[ $STATE == NONE && ${CARRIED-} == true ]]; then
    # The JobManager starts it itself, and says under which id.
    LEDGER_TOLD=
    absent
    return
  fi
  DOWN_SINCE=
  if [[ $STATE == NONE ]]; then
    : "${GONE:=$(now)}"
    PAUSE=1
    ((++MISSED < LOOKS)) && return
    say "The JobManager does not know job $id."
    ledger_look && ours && [[ ${LEDGER[phase]-} == running && ${LEDGER[jobId]-} == "$id" ]] && bring_back
    return
  fi
  MISSED=0
  if terminal "$STATE"; then
    ended "$id"
    return
  fi
  GONE=
  ready "Job $id is $STATE."
  [[ $codes != *" 200 "* ]] || look_at_checkpoints "$id"
}

# The JobManager does not say how the job is.
absent() {
  local time
  printf -v time '%(%s)T' -1
  : "${DOWN_SINCE:=$time}" "${GONE:=$time}"
  PAUSE=1
  ((time - DOWN_SINCE < PATIENCE)) && return
  unready "The JobManager at $JOBMANAGER does not say how job ${LEDGER[jobId]} is: $(flink_problem)."
}

# Notes the newest complete checkpoint when it is another one. Reading the answer costs more than all else, so only the part that matters is, and only
# when the counts changed.
look_at_checkpoints() {
  local body= counts path latest
  read -rd '' body <"$WORK/checkpoints"
  counts=$1${body%%\"summary\"*}
  [[ $counts != "${COUNTS-}" ]] || return
  latest=${body#*\"latest\":}
  printf '{"latest":%s}' "${latest%%,\"history\":*}" >"$WORK/latest"
  json_read "$WORK/latest" || json_read "$WORK/checkpoints" || return
  path=$(json_text latest.completed.external_path)
  number TRIGGERED latest.completed.trigger_timestamp
  if [[ $path == *:/* && $path != "${LEDGER[checkpoint]-}" ]]; then
    note_checkpoint "$path" || return
  fi
  COUNTS=$counts
  [[ ${INTERVAL_OF-} != "$1" ]] || return
  flink_json GET "/jobs/$1/checkpoints/config" || return
  number INTERVAL interval
  INTERVAL_OF=$1
}

# The answer is what was known and what was written, or the version would be another one.
note_checkpoint() {
  local body=
  LEDGER_TOLD=
  if ! ledger_patch "checkpoint=$1"; then
    say "The ledger could not be written: $(api_problem)."
    return 1
  fi
  read -rd '' body <"$WORK/api"
  [[ $body =~ \"resourceVersion\":\ *\"([0-9]+)\" ]] || return
  LEDGER_VERSION=${BASH_REMATCH[1]} LEDGER[checkpoint]=$1 LEDGER_TOLD=1
}

# ended ID: writes down how, unless somebody stopped it on purpose, who then says so in the ledger first.
ended() {
  local id=$1 message= path=
  ledger_look || return
  ours && [[ ${LEDGER[phase]-} == running && ${LEDGER[jobId]-} == "$id" ]] || return
  if [[ $STATE == FINISHED ]]; then
    note phase=finished message= && say "Job $id has finished."
    return
  fi
  if [[ $STATE == FAILED ]]; then
    message=$(job_failure "$id")
    json_read "$WORK/checkpoints" && path=$(json_text latest.completed.external_path)
    [[ $path == *:/* ]] || path=${LEDGER[checkpoint]-}
    message="Job $id has failed: ${message:-Flink names no cause}. Change what made it fail and run the update, or let it start again with another restoreNonce."
  else
    path=${LEDGER[checkpoint]-}
    message="Job $id was cancelled, and not by its update. Run an update with another restoreNonce to start it again."
  fi
  unready "$message"
  note phase=failed "message=${message:0:3000}" "checkpoint=$path"
}

# Starts the job again where its JobManager has lost it.
bring_back() {
  unready "Job ${LEDGER[jobId]} is being started again."
  DEADLINE=$(($(now) + START_TIMEOUT))
  MISSED=0
  if ! UNLESS_LEAVING=1 try restore; then
    leaving || unready "The job is lost, and could not be started again: $PROBLEM"
    PAUSE=$SELDOM
  fi
  LEDGER_TOLD=
}

# The whole of it, each step such that a guard after us, or one beside us, can go on from there: what is to be started stands in the
# ledger before it is, and no id is used for two states.
restore() {
  local cause
  ledger_read
  if ! beginning; then begin || return 0; fi
  jobmanager_find
  if [[ ${HIGH_AVAILABILITY-} != true && -z ${LEDGER[jobManager]-} ]]; then
    jobmanager_process
    ledger_write "jobManager=$PROCESS"
  fi
  while :; do
    ours && beginning || return 0
    JOB_ID=${LEDGER[jobId]}
    (start) && break
    read -rd '' cause <"$WORK/problem"
    expired && give_up "$cause"
    if state_missing "$cause" && earlier; then
      say "There is no ${LEDGER[savepoint]##*/}: trying ${EARLIER:-to start from nothing}."
      ledger_write "jobId=$(next_id)" "savepoint=$EARLIER" "atLeast=$AT_LEAST"
    elif recently; ((${#RECENTLY[@]} >= MOST)); then
      ledger_write phase=failed "message=The JobManager lost the job, and it could not be started again: ${cause:0:2500}" submission= && give_up "$cause"
    else
      say "$cause Trying again."
      sleep 10
      ledger_write "jobId=$(next_id)" "recovered=${RECENTLY[*]} $(now)"
    fi
  done
  # The jar stays there for a rollback.
  uploaded_jar || JAR_ID=
  until ledger_write phase=running jobManager= atLeast= "restoredFrom=${LEDGER[savepoint]-}" checkpoint= message= submission= deadline= "jarId=$JAR_ID"; do
    [[ ${LEDGER[jobId]-} == "$JOB_ID" ]] || cancel_job "$JOB_ID"
    beginning && [[ ${LEDGER[jobId]-} == "$JOB_ID" ]] || break
  done
  delete_jars
  # It may be large, and was fetched for this once.
  [[ ! -e $WORK/artifact.jar ]] || : >"$WORK/artifact.jar"
}

# Sets RECENTLY to the times of the latest starts.
recently() {
  local time since=$(($(now) - WITHIN))
  RECENTLY=()
  for time in ${LEDGER[recovered]-}; do
    [[ $time =~ ^[0-9]{1,12}$ ]] && ((time > since)) && RECENTLY+=("$time")
  done
}

# Says in the ledger what is to be started, and from what. Fails when somebody was faster.
begin() {
  local why="The JobManager lost job ${LEDGER[jobId]}" from=${LEDGER[savepoint]-} lost=${LEDGER[jobId]} checkpoint=${LEDGER[checkpoint]-} least= states=${LEDGER[states]-} checkpoints=
  [[ ${LEDGER[phase]} != stopped ]] || why="Job $lost was stopped"
  recently
  ((${#RECENTLY[@]} < MOST)) || give_up "It was started again $MOST times within $((WITHIN / 60)) minutes. The next time is when that is over; look why the JobManager restarts."
  # Of another job it says nothing; and what a job was stopped with is newer.
  [[ $checkpoint == *"/$lost/"* && ${LEDGER[phase]} != stopped ]] || checkpoint=
  [[ ${LEDGER[phase]} != stopped || ${LEDGER[submission]-} != "$BY_REMOVAL" ]] || least=${LEDGER[atLeast]-}
  if [[ ${LEDGER[phase]} == running && $UPGRADE_MODE != stateless ]] && stored_checkpoint "$lost"; then
    checkpoint=$STORED from=$STORED
    states+=${states:+$'\n'}"checkpoint $(now) $checkpoint"
  elif [[ -n $checkpoint ]]; then
    states+=${states:+$'\n'}"checkpoint $(now) $checkpoint"
    from=$(latest_possible "$checkpoint") least=$checkpoint
  elif [[ ${BOUNDED-} == true && ${LEDGER[phase]} == running ]]; then
    ledger_write phase=failed "message=The JobManager lost the bounded job $lost before a checkpoint of it was known, so it may have come to its end. Run an update with another restoreNonce to start it again." || return
    give_up "${LEDGER[message]}"
  elif [[ ${LEDGER[phase]} == running && $UPGRADE_MODE != stateless && -n $from ]] && first_possible "$lost" "$from"; then
    # The guard that would have noted its first checkpoint was gone.
    least=${from:-none} from=$POSSIBLE
  fi
  ledger_write phase=submitting "jobId=$(next_id)" "submission=$BY_GUARD" "savepoint=$from" "atLeast=$least" jobManager= "checkpoint=$checkpoint" "states=$states" \
    "recovered=${RECENTLY[*]} $(now)" restart= restartGeneration= "message=$why: it is started again."
}

# Sees to it that job $JOB_ID is on the cluster and has found its state, which it looks for when it has its slots. Whether it then runs as it should is seen
# by looking.
start() {
  local cause
  while :; do
    job_state "$JOB_ID"
    case $STATE in
      NONE)
        expired && verdict "The job did not start within $START_TIMEOUT s: $(flink_problem)."
        if may_have_run; then
          go_on_from_newest
          give_up "The JobManager has restarted again."
        fi
        submit
        ;;
      INITIALIZING | CREATED) expired && verdict "The job did not start within $START_TIMEOUT s: it is $STATE." ;;
      FAILED)
        cause=$(job_failure "$JOB_ID")
        verdict "The job failed: ${cause:-Flink names no cause}."
        ;;
      *) return 0 ;;
    esac
    sleep 0.3
  done
}

# Whether this guard's own Deployment is being deleted, or has been. Any other answer means that the job is to be left alone.
removed() {
  local i
  for ((i = 0; i < 20; i++)); do
    kubernetes GET "/apis/apps/v1/namespaces/$NAMESPACE/deployments/$GUARD_NAME"
    case $STATUS in
      404) return 0 ;;
      200)
        if json_read "$WORK/api"; then
          [[ -n ${JSON[metadata.deletionTimestamp]-} ]]
          return
        fi
        ;;
      4*) return 1 ;;
    esac
    sleep 0.5
  done
  return 1
}

# Told to stop: if that is because the job is no longer in the program, stops it.
depart() {
  if ! removed; then
    say "This pod is told to stop, and the guard is not being removed: the job is left alone."
    return
  fi
  say "The guard is being removed."
  DEADLINE=$(($(now) + START_TIMEOUT))
  JOB_ID=none
  api GET
  if [[ $STATUS == 200 ]] && json_read "$WORK/api" && [[ $(json_text metadata.annotations.flink-kubernetes/guard) == false ]]; then
    say "From now on the job runs without a guard: it is left alone."
    return
  fi
  if [[ $STATUS == 404 ]]; then
    # With the whole namespace, that is: the JobManager is being deleted too.
    [[ ${LEDGER[phase]-} == running ]] || return
    DEADLINE=$(($(now) + (START_TIMEOUT < 20 ? START_TIMEOUT : 20)))
    without_ledger
  fi
  if try stop_job; then
    say "Nothing of this job runs any more."
    return
  fi
  say "No savepoint: $PROBLEM"
  try end_without_savepoint || say "$PROBLEM"
}

without_ledger() {
  ledger_read() { :; }
  ledger_write() {
    local pair
    for pair; do LEDGER["${pair%%=*}"]=${pair#*=}; done
  }
}

settled() { [[ ${LEDGER[phase]-} != running && ${LEDGER[phase]-} != submitting && ${LEDGER[phase]-} != upgrading ]]; }

# Stops every job of this FlinkJob as its upgrade mode says, and writes down what came of it.
stop_job() {
  local id
  ledger_read
  # What has ended needs nothing more, least of all a JobManager to answer.
  if settled && [[ ${LEDGER[phase]-} != failed ]]; then
    # Should the ledger outlive it, it tells a later stack that this is not to be done again.
    [[ ${LEDGER[phase]-} != finished ]] || until ledger_write "submission=$BY_REMOVAL"; do :; done
    return
  fi
  jobmanager_find
  until stop_others; do
    expired && verdict "The ledger $NAMESPACE/$LEDGER_NAME kept changing."
  done
  until settled; do
    id=${LEDGER[jobId]-}
    job_state "$id"
    if [[ $STATE == FINISHED && $UPGRADE_MODE != stateless ]]; then
      ledger_write phase=finished "submission=$BY_REMOVAL" message=
    else
      ledger_write phase=stopped "submission=$BY_REMOVAL" "savepoint=$(known_state)" message=
    fi
  done
  [[ ${LEDGER[phase]} != stopped ]] || until ledger_write "submission=$BY_REMOVAL" atLeast=; do :; done
}

# The newest state that the ledger knows of.
known_state() {
  [[ $UPGRADE_MODE != stateless ]] || return
  if [[ -n ${LEDGER[checkpoint]-} && ${LEDGER[checkpoint]} == *"/${LEDGER[jobId]-}/"* ]]; then
    printf '%s' "${LEDGER[checkpoint]}"
  else
    printf '%s' "${LEDGER[savepoint]-}"
  fi
}

# A job that cannot be stopped with a savepoint must not be left behind either: it goes on from its last checkpoint, if there is one.
end_without_savepoint() {
  local why=$PROBLEM id path state guess= known
  DEADLINE=$(($(now) + 20))
  ledger_read
  id=${LEDGER[jobId]-}
  path=$(known_state)
  if (jobmanager_find && active_jobs); then
    jobmanager_find
    active_jobs
    for id in "${ACTIVE[@]}"; do cancel_job "$id"; done
    for id in "${ACTIVE[@]}"; do (wait_until_ended "$id"); done
    # Of the job that the ledger names: it may have made another one since.
    (job_state "${LEDGER[jobId]-}" && wait_for_news)
    if flink_json GET "/jobs/${LEDGER[jobId]-}/checkpoints"; then
      state=$(json_text latest.completed.external_path)
      [[ $state != *:/* ]] || path=$state
    fi
    why="No savepoint could be taken when the job was removed, so it was cancelled: $why"
  else
    why="No savepoint could be taken when the job was removed: $why"
    known=$path
    left_behind "$id"
  fi
  why+=" Its newest known state is ${known:-${path:-nothing}}."
  say "$why"
  printf '%s' "$why" >"$TERMINATION_LOG"
  until ledger_write phase=stopped "submission=$BY_REMOVAL" "savepoint=$path" "atLeast=$guess" "message=${why:0:3000}" trigger= target= stopAttempt=; do :; done
}

# No JobManager says what job ID has left: sets `path` to the newest state that there is or, where that cannot be seen, to what is tried first; `guess` to what then.
left_behind() {
  [[ $UPGRADE_MODE != stateless ]] || return
  if [[ -n ${LEDGER[target]-} ]] && stored_savepoint "${LEDGER[target]}" || stored_checkpoint "$1"; then
    path=$STORED known=$STORED
  elif [[ $path == *"/$1/chk-"* && ${CARRIED-} != true ]]; then
    guess=$path
    path=$(latest_possible "$path")
  fi
}

main() {
  # Those of a container before this one, in the same pod.
  rm -f "$WORK/leaving" "$WORK/ready" "$WORK/started"
  kubernetes_find
  MISSED=0
  while ! leaving; do
    look
    started
    rest "$PAUSE"
  done
  depart
}

main
exit 0
