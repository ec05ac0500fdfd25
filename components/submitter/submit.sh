#!/bin/bash
# Makes one Flink job run, once: what the pods of a submission Job execute. Every step first asks what is already done, so that
# a pod can be killed at any moment and the next one carries on. Settings come from the environment (see submission.ts).
HERE=${BASH_SOURCE[0]%/*}
# A signal is not a verdict: the Job's failure policy ignores this exit code and starts another pod.
trap 'exit 143' TERM

for part in common ledger flink s3 state artifact stop job; do
  . "$HERE/$part.sh"
done
DEADLINE=$(($(now) + START_TIMEOUT))
JOB_ID=
SUBMITTED=
STARTED=
CHECKPOINT_FAILURE=

preflight() {
  local command
  for command in curl awk sha256sum cut tail head tr od cat date id sleep; do
    type "$command" >/dev/null 2>&1 || give_up "The image has no \"$command\", which the submission needs. Use an image that has it (the official Flink images do), or name one for the submission alone with the argument \"image\"."
  done
  kubernetes_find
}

# Without high availability the old JobManager has to end before the new one is made, and it answers until then. Pulumi does not wait for that (its
# provider takes such an update for complete at once), and a job that is given to the old one ends with it.
jobmanager_rolled_out() {
  local generation observed updated waiting=
  [[ ${HIGH_AVAILABILITY-} != true ]] || return 0
  while :; do
    kubernetes GET "/apis/apps/v1/namespaces/$NAMESPACE/deployments/$JOBMANAGER_DEPLOYMENT"
    # A cluster that something else made, or rights that somebody took away.
    [[ $STATUS != 40[34] ]] || return 0
    if [[ $STATUS == 200 ]] && json_read "$WORK/api"; then
      number generation metadata.generation
      number observed status.observedGeneration
      number updated status.updatedReplicas
      ((observed < generation || updated == 0)) || return 0
    fi
    [[ -n $waiting ]] || say "Waiting for the new JobManager to take the place of the old one."
    waiting=1
    if expired; then
      [[ $STATUS == 200 ]] || verdict "The Kubernetes API did not say whether the JobManager is the new one: $(api_problem)."
      verdict "The new JobManager did not take the place of the old one within $START_TIMEOUT s. Look at the Deployment $JOBMANAGER_DEPLOYMENT and its pods."
    fi
    sleep 0.3
  done
}

# Settles which job is ours and says so in the ledger, after the predecessor was stopped. Fails when the ledger changed under us.
claim() {
  local on_cluster=
  JOB_ID=$JOB_ID_PREFIX$(hash "$SUBMISSION_UID" 16) STARTED=
  if rolling_back; then
    STARTED=1
    roll_back
    return
  fi
  STARTS_ANEW= AT_LEAST= FOUND=()
  [[ -z $RESTORE_NONCE || $RESTORE_NONCE == "${LEDGER[restoreNonce]-}" ]] || STARTS_ANEW=1
  if [[ ${LEDGER[phase]-} == stopped && ${LEDGER[paused]-} == true ]] && same_job; then
    take_over || return 1
    already "is paused"
    return 0
  elif [[ ${LEDGER[phase]-} == finished ]] && same_job; then
    take_over || return 1
    already "has finished"
    return 0
  fi
  STATE=NONE
  if [[ ${LEDGER[phase]-} == running ]]; then
    job_known "${LEDGER[jobId]}"
  elif [[ -n ${LEDGER[jobId]-} ]]; then
    job_state "${LEDGER[jobId]}"
  fi
  if [[ ${LEDGER[revision]-} == "$REVISION" && ${LEDGER[phase]-} != upgrading && ${LEDGER[phase]-} != stopped && -n ${LEDGER[jobId]-} ]]; then
    if [[ $STATE == NONE ]]; then
      # Perhaps the request of an attempt before us is still on its way: with the same id it cannot start a second job. One that may have run goes on
      # under another: see choose_state, or when it is ours, follow.
      if [[ ${LEDGER[phase]} == submitting ]] && { [[ ${LEDGER[submission]-} == "$SUBMISSION_UID" ]] || ! may_have_run; }; then
        JOB_ID=${LEDGER[jobId]}
      fi
    elif ! terminal "$STATE"; then
      if [[ ${LEDGER[phase]} == running ]]; then
        JOB_ID=${LEDGER[jobId]}
        # What a revision between failed of is no longer of interest.
        [[ -z ${LEDGER[message]-} ]] || ledger_write message= failedSubmission= || return 1
        already "already runs"
        tidy
        return 0
      fi
      # Unless it began with what is no longer wanted.
      if [[ -z $STARTS_ANEW && -n ${LEDGER[restoreNonce]-} || ${LEDGER[savepoint]-} == "$INITIAL_SAVEPOINT"${INITIAL_SAVEPOINT:+*} ]]; then
        JOB_ID=${LEDGER[jobId]} on_cluster=1
      fi
    elif [[ ${LEDGER[submission]-} == "$SUBMISSION_UID" ]]; then
      JOB_ID=${LEDGER[jobId]} on_cluster=1
    fi
    if [[ ${LEDGER[submission]-} == "$SUBMISSION_UID" && ${LEDGER[phase]} == submitting && ${LEDGER[jobId]} == "$JOB_ID" ]]; then
      [[ ${LEDGER[deadline]-} =~ ^[0-9]{1,12}$ ]] && DEADLINE=${LEDGER[deadline]}
      STARTED=1
      return 0
    fi
  fi
  if [[ -n $on_cluster ]]; then
    FROM=${LEDGER[savepoint]-} JAR_ID=${LEDGER[jarId]-} JAR_HASH=${LEDGER[jarHash]-} PREDECESSOR=()
  else
    # Before anything is stopped: without its jar and its main method the new revision cannot start.
    artifact_get
    JAR_HASH=${JAR_HASH:-$(sha256 "$JAR_FILE")}
    upload_jar
    check_program
    stop_others || return 1
    choose_state || return 1
    predecessor
  fi
  DEADLINE=$(($(now) + START_TIMEOUT))
  jobmanager_process
  ledger_write phase=submitting "revision=$REVISION" "definition=${DEFINITION-}" "jobId=$JOB_ID" "jobManager=$PROCESS" "submission=$SUBMISSION_UID" "deadline=$DEADLINE" \
    "savepoint=$FROM" "atLeast=$AT_LEAST" checkpoint= message= failedSubmission= trigger= target= stopAttempt= rollback= restart= paused= \
    "request=$(<"$HERE/request.json")" "jarId=${JAR_ID-}" "jarHash=${JAR_HASH-}" "${PREDECESSOR[@]}" "${FOUND[@]}" || return 1
  STARTED=1
  [[ -n $on_cluster ]] || AT_ONCE=${JAR_ID-}
}

# Whether the ledger's job is the one that this submission is for: the same, or the same but for the cluster, which has changed.
same_job() { [[ ${LEDGER[revision]-} == "$REVISION" || (-n ${DEFINITION-} && ${LEDGER[definition]-} == "$DEFINITION") ]]; }

# The job stays as it is, under the revision that it has now. Fails when the ledger changed under us.
take_over() {
  JOB_ID=${LEDGER[jobId]}
  [[ ${LEDGER[revision]} == "$REVISION" ]] || ledger_write "revision=$REVISION" "submission=$SUBMISSION_UID" message= failedSubmission=
}

# Lets Flink run the main method up to where it would submit, while the predecessor still runs: a class that is not in the jar, or an argument
# that the program does not take, is found out before anything is stopped.
check_program() {
  [[ -z ${CHECKED-} && ${CHECK_PROGRAM:-true} == true && -n ${JAR_ID-} && -n ${LEDGER[jobId]-} ]] || return 0
  local problem text
  job_state "${LEDGER[jobId]}"
  is_over && return
  say "Looking whether the program of the new revision comes to its job."
  run_request "$(<"$HERE/request.json")"
  python_request || return 0
  # What only a start takes.
  text=${REQUEST/'"allowNonRestoredState":true,'/}
  # A program in Python looks whether it is the one that it is meant to be.
  [[ -z ${PYTHON+python} ]] || text="{\"jobId\":\"$JOB_ID\",${text:1}"
  printf '%s' "$text" >"$WORK/plan"
  MAX_TIME=$((DEADLINE - $(now) > 5 ? DEADLINE - $(now) : 5)) flink POST "/jars/$JAR_ID/plan" --header 'Content-Type: application/json' --data-binary "@$WORK/plan"
  CHECKED=1
  problem=$(flink_problem)
  refused "$problem" || return 0
  verdict "The new revision was not started: $problem." "The revision before runs on."
}

# Sets FROM to what the job is started from, after its predecessor has ended in whatever way.
choose_state() {
  local phase=${LEDGER[phase]-} id=${LEDGER[jobId]-}
  FROM= HAS_STATE=
  if [[ -n $STARTS_ANEW || -z $id ]]; then
    initial_state
    return
  fi
  # What a job has completed before it came to run as it should counts, too.
  [[ -n ${LEDGER[restoreNonce]-} || $phase == running ]] || initial_state
  [[ $UPGRADE_MODE != stateless ]] || return 0
  case $phase in
    # A job that came to its end by itself left nothing to restore.
    finished) return ;;
    stopped)
      if [[ -n ${LEDGER[restoreNonce]-} ]] || made_here "${LEDGER[savepoint]-}"; then FROM=${LEDGER[savepoint]-}; fi
      # When it was removed, nobody could say what was there.
      [[ ${LEDGER[submission]-} != removal ]] || AT_LEAST=${LEDGER[atLeast]-}
      return
      ;;
  esac
  # It has ended, and not by us.
  job_known "$id"
  [[ $STATE == NONE ]] || wait_for_news
  if [[ $STATE == NONE ]]; then
    HAS_STATE=${LEDGER[checkpoint]-} FROM=${LEDGER[checkpoint]:-$FROM}
    [[ $id == "$JOB_ID" ]] || lost_state "$id"
  elif [[ -n ${LEDGER[atLeast]-} ]] && state_missing "$(job_failure "$id")"; then
    FROM=${LEDGER[savepoint]-} AT_LEAST=${LEDGER[atLeast]}
  elif ! left_state "$id" "$STATE"; then
    if [[ -n $NOT_KEPT ]]; then
      verdict "Job $id of the revision before is $STATE, and $NOT_KEPT. $(how_to_go_on)"
    fi
    expired && verdict "The JobManager did not say what state job $id, which is $STATE, has left: $(flink_problem)."
    return 1
  elif [[ $STATE == FINISHED ]]; then
    [[ -z $STATE_PATH && -z ${LEDGER[restoreNonce]-} ]] || FROM=$STATE_PATH
    HAS_STATE=1
    return
  elif [[ $STATE_KIND == checkpoint || -n ${LEDGER[restoreNonce]-} ]]; then
    FROM=${STATE_PATH:-$FROM}
    [[ $STATE_KIND != checkpoint ]] || HAS_STATE=1
  fi
  [[ -n $FROM ]] && return
  [[ -z ${LEDGER[restoreNonce]-} ]] || FROM=${LEDGER[savepoint]-}
  [[ -z $FROM && $phase == running && -n $SAVEPOINT_DIRECTORY ]] || return 0
  verdict "Job $id of the revision before is ${STATE/NONE/no longer on the cluster}, and no state of it is known: no savepoint, and no checkpoint that was kept. $(how_to_go_on)"
}

# The JobManager does not know job ID any more, so it may have completed checkpoints that nobody noted: sets FROM to the newest.
lost_state() {
  local id=$1 known=${LEDGER[checkpoint]-}
  stored_checkpoint "$id"
  case $? in
    0)
      HAS_STATE=1 FROM=$STORED
      FOUND=("$(made checkpoint "$STORED")")
      return
      ;;
    1) return ;;
  esac
  [[ ${HIGH_AVAILABILITY-} != true ]] || return
  if [[ ${LEDGER[phase]-} == running && $known == *"/$id/chk-"* ]]; then
    FROM=$(latest_possible "$known") AT_LEAST=$known
  elif [[ ${LEDGER[phase]-} == submitting || ${LEDGER[phase]-} == failed ]] && may_have_run; then
    [[ -z ${LEDGER[restoreNonce]-} ]] || FROM=${LEDGER[savepoint]-}
    first_possible "$id" "$FROM" || cannot_tell "$id"
    AT_LEAST=${FROM:-none}${LEDGER[atLeast]:+$'\n'${LEDGER[atLeast]}}
    HAS_STATE=1 FROM=$POSSIBLE
  fi
}

# Sets PREDECESSOR to what the ledger keeps of the revision before until this one runs. One that never came to run is none.
predecessor() {
  local state=
  PREDECESSOR=()
  case ${LEDGER[phase]-} in
    stopped)
      state=${LEDGER[savepoint]-}
      [[ $UPGRADE_MODE != stateless || ${LEDGER[checkpoint]-} != *"/${LEDGER[jobId]}/"* ]] || state=${LEDGER[checkpoint]}
      # A job that made no state before it was stopped did not come to run either.
      [[ -z ${LEDGER[previousRevision]-} || $state != "${LEDGER[previousSavepoint]-}" ]] || return
      [[ -z ${LEDGER[previousRevision]-} ]] || made_here "$state" || return
      ;;
    running) state=$FROM ;;
    submitting | failed) [[ -n $HAS_STATE ]] || return ;;
  esac
  if [[ (${LEDGER[phase]-} == stopped || ${LEDGER[phase]-} == running && $STATE == NONE) && -n ${LEDGER[request]-} && ${LEDGER[revision]} != "$REVISION" ]]; then
    PREDECESSOR=("previousRevision=${LEDGER[revision]}" "previousDefinition=${LEDGER[definition]-}" "previousRequest=${LEDGER[request]}" "previousJarId=${LEDGER[jarId]-}" "previousJarHash=${LEDGER[jarHash]-}" "previousSavepoint=$state")
  else
    PREDECESSOR=(previousRevision= previousDefinition= previousRequest= previousJarId= previousJarHash= previousSavepoint=)
  fi
}

# Whether a state was made by a job of ours, and is not only what one was started from.
made_here() { [[ $'\n'${LEDGER[states]-}$'\n' == *" $1"$'\n'* ]]; }

already() {
  say "Revision $REVISION $1 as job $JOB_ID."
  printf '%s' "Revision $REVISION $1 as job $JOB_ID." >"$TERMINATION_LOG"
  DONE=1
}

# verdict MESSAGE [LEFT]: ends the whole Job: this is how it is, another attempt would find the same. LEFT says what was left as it is, if it was.
verdict() {
  local why pairs
  advise "$1"
  if [[ -n $STARTED && -n ${ROLLING_BACK-} ]]; then
    why="${LEDGER[message]} Revision ${LEDGER[revision]}, the one before, could not be put back${LEDGER[savepoint]:+ from ${LEDGER[savepoint]}}: $ADVISED${2:+ $2}"
  elif [[ -n $STARTED && $ROLLBACK == true && -n ${LEDGER[previousRevision]-} ]]; then
    note_rollback "$ADVISED"
    roll_back
    follow || give_up "Somebody else has taken over. ${LEDGER[message]-}"
    finish
  else
    why=$ADVISED${2:+ $2}
  fi
  while :; do
    pairs=("message=${why:0:3000}" "failedSubmission=$SUBMISSION_UID" rollback=)
    if [[ -z ${LEDGER[revision]-} || ${LEDGER[revision]} == "$REVISION" || -n ${ROLLING_BACK-} ]]; then
      pairs+=(phase=failed "revision=${LEDGER[revision]:-$REVISION}")
      [[ -n ${ROLLING_BACK-} ]] || pairs+=(jarId= jarHash=)
      [[ -n ${CANNOT_TELL-} ]] || pairs+=(jobManager=)
    elif [[ ${LEDGER[phase]-} == upgrading && -z ${STOP_GOES_ON-} ]]; then
      # The predecessor was not stopped: it is what runs.
      pairs+=(phase=running trigger= target= stopAttempt=)
    fi
    ledger_write "${pairs[@]}" && break
  done
  # What is not said to be left must not go on trying.
  if [[ -n $STARTED && -z ${2-} ]]; then
    job_state "$JOB_ID"
    is_over || cancel_job "$JOB_ID"
  fi
  delete_jars
  give_up "$why"
}

# Sets ADVISED to the message with what to do about it, where that is known.
advise() {
  ADVISED=$1
  case $1 in
    *"Cannot map checkpoint/savepoint state"*)
      ADVISED+=" If that state is to be dropped, set allowNonRestoredState: true; if it is that of another job, set another initialSavepoint."
      ;;
    *StateMigrationException*) ADVISED+=" The program reads its state in another form than it was written in: give it a serializer that can evolve, or a new uid and allowNonRestoredState: true." ;;
    *ProgramAbortException* | *"Python process exits"*)
      ADVISED+=" Python's own words are in the JobManager's log. The image of the cluster needs the command \"python\" and the package apache-flink of its version."
      ;;
    *"Cannot find checkpoint or savepoint"* | *"Cannot find meta data file"*) ADVISED+=" $(how_to_go_on)" ;;
  esac
}

# Whether an attempt before us began to put the revision before back.
rolling_back() { [[ ${LEDGER[rollback]-} == "$SUBMISSION_UID" ]]; }

# note_rollback WHY: from here on that is what every attempt of this submission does.
note_rollback() {
  say "$1"
  until rolling_back || ledger_write "rollback=$SUBMISSION_UID" "message=Revision $REVISION did not start: ${1:0:2000}"; do
    [[ ${LEDGER[jobId]-} == "$JOB_ID" ]] || give_up "Somebody else has taken over. $1"
  done
}

# Ends the new job and says in the ledger that the one before is to be started again, from what it was stopped with. Fails when the ledger
# changed under us.
roll_back() {
  local new=${LEDGER[jobId]} id
  JOB_ID=$JOB_ID_PREFIX$(hash "$SUBMISSION_UID/rollback" 16)
  ROLLING_BACK=1 CHECKPOINTING= CHECKPOINT_ASKED= CHECKPOINT_FAILURE=
  DEADLINE=$(($(now) + START_TIMEOUT))
  # When it was lost on its way, it goes on under another id.
  [[ ${LEDGER[revision]} == "$REVISION" ]] || JOB_ID=${LEDGER[jobId]}
  if [[ ${LEDGER[jobId]} == "$JOB_ID" ]]; then
    [[ ${LEDGER[deadline]-} =~ ^[0-9]{1,12}$ ]] && DEADLINE=${LEDGER[deadline]}
    return 0
  fi
  active_jobs
  for id in "${ACTIVE[@]}"; do
    cancel_job "$id"
    wait_until_ended "$id"
  done
  job_state "$new"
  [[ $STATE == NONE ]] || wait_for_news
  if [[ $STATE != NONE ]] && left_state "$new" "$STATE" && [[ $STATE_KIND == checkpoint ]]; then
    # What the new revision has written out is final: going back behind it would count it twice.
    STARTED= ROLLING_BACK=
    JOB_ID=$new
    until ledger_write "checkpoint=$STATE_PATH" "$(made checkpoint "$STATE_PATH")" rollback=; do rolling_back || break; done
    verdict "${LEDGER[message]} It had completed a checkpoint before, $STATE_PATH, so the revision before was not put back: the next update starts from there."
  fi
  say "Putting revision ${LEDGER[previousRevision]} back."
  jobmanager_process
  until ledger_write phase=submitting "revision=${LEDGER[previousRevision]}" "definition=${LEDGER[previousDefinition]-}" "jobId=$JOB_ID" "jobManager=$PROCESS" "savepoint=${LEDGER[previousSavepoint]-}" atLeast= "deadline=$DEADLINE" \
    "request=${LEDGER[previousRequest]}" "jarId=${LEDGER[previousJarId]-}" "jarHash=${LEDGER[previousJarHash]-}"; do
    rolling_back || give_up "Somebody else has taken over. ${LEDGER[message]-}"
    [[ ${LEDGER[jobId]} != "$JOB_ID" ]] || break
  done
}

# Another revision is wanted. What this attempt started and nobody else will look after must not go on beside it.
superseded() {
  [[ -n $SUBMITTED && ${LEDGER[phase]-} != upgrading && ${LEDGER[jobId]-} != "$JOB_ID" ]] && cancel_job "$JOB_ID"
}

# Before each try to start the job: another attempt may have gone further meanwhile.
still_ours() {
  ledger_read
  [[ ${LEDGER[jobId]-} == "$JOB_ID" && (${LEDGER[phase]-} == submitting || ${LEDGER[phase]-} == running) ]]
}

finish() {
  local phase=running message= failed= newest= pairs
  [[ $STATE == FINISHED ]] && phase=finished
  newest_state "$JOB_ID" && [[ $STATE_KIND == checkpoint ]] && newest=$STATE_PATH
  while :; do
    if [[ -n ${ROLLING_BACK-} ]]; then
      failed=$SUBMISSION_UID
      message="${LEDGER[message]} Revision ${LEDGER[revision]}, the one before, was put back: job $JOB_ID runs, started from ${LEDGER[savepoint]:-nothing}."
      pairs=()
    else
      pairs=("revision=$REVISION" "restoreNonce=${RESTORE_NONCE:-${LEDGER[restoreNonce]:-none}}")
    fi
    ledger_write "phase=$phase" "jobId=$JOB_ID" "message=${message:0:3000}" "failedSubmission=$failed" deadline= rollback= jobManager= atLeast= \
      "restoredFrom=${LEDGER[savepoint]-}" "checkpoint=$newest" "jarId=${JAR_ID:-${LEDGER[jarId]-}}" "${pairs[@]}" \
      previousRevision= previousDefinition= previousRequest= previousJarId= previousJarHash= previousSavepoint= && break
    # Another attempt of the same Job may have been faster.
    [[ ${LEDGER[phase]-} == "$phase" && ${LEDGER[jobId]-} == "$JOB_ID" ]] && break
  done
  tidy
  [[ -z ${ROLLING_BACK-} ]] || give_up "$message"
  say "Revision $REVISION is $phase as job $JOB_ID."
  printf '%s' "Job $JOB_ID is $phase." >"$TERMINATION_LOG"
}

# What must not stay beside the job that runs.
tidy() {
  local id
  delete_jars
  active_jobs
  for id in "${ACTIVE[@]}"; do
    [[ $id == "$JOB_ID" ]] || cancel_job "$id"
  done
}

# One function, read as a whole before it runs.
main() {
  preflight
  ledger_read
  jobmanager_rolled_out
  jobmanager_find
  while :; do
    until claim; do
      expired && verdict "The ledger $NAMESPACE/$LEDGER_NAME kept changing for $START_TIMEOUT s: is something else writing it?"
    done
    [[ -z ${DONE-} ]] || return 0
    follow && break
  done
  finish
}

main
exit 0
