#!/bin/bash
# Runs before the JobManager of a new revision is made: stops the job that runs as the upgrade mode says, and notes in the ledger under which id
# and from which state the new JobManager starts it. Every step first asks what is already done.
HERE=${BASH_SOURCE[0]%/*}
# A signal is not a verdict: the Job's failure policy ignores this exit code and starts another pod.
trap 'exit 143' TERM

for part in common ledger flink s3 state stop job application; do
  . "$HERE/$part.sh"
done
DEADLINE=$(($(now) + START_TIMEOUT))

# Whether the JobManager of the revision before answers within SECONDS. It does not when there is none.
jobmanager_up() {
  local until=$(($(now) + $1))
  while :; do
    flink GET /overview
    [[ $STATUS == 200 ]] && return
    kubernetes GET "/apis/apps/v1/namespaces/$NAMESPACE/deployments/$FLINK_CLUSTER-jobmanager"
    [[ $STATUS == 404 ]] && return 1
    (($(now) >= until)) && return 1
    [[ -n ${WAITED-} ]] || say "Waiting for the JobManager of revision ${LEDGER[revision]}."
    WAITED=1
    sleep 0.5
  done
}

# Stops the job of the revision before. Fails when the ledger changed under us; else the state to go on from is in the ledger.
stop_predecessor() {
  local id=${LEDGER[jobId]} patience=$START_TIMEOUT
  # One that never ran may never do.
  [[ ${LEDGER[phase]} == submitting || ${LEDGER[phase]} == failed ]] && patience=15
  if jobmanager_up "$patience"; then
    stop_others || return 1
    [[ ${LEDGER[phase]} != stopped && ${LEDGER[phase]} != finished ]] && state_wanted || return 0
    # It came to its end by itself.
    job_state "$id"
    if [[ $STATE == FINISHED ]]; then
      ledger_write phase=finished
    elif terminal "$STATE" && left_state "$id" "$STATE" && [[ -n $STATE_PATH ]]; then
      ledger_write "checkpoint=$STATE_PATH"
    fi
    return
  fi
  if [[ ${LEDGER[phase]} == running || ${LEDGER[phase]} == upgrading ]]; then
    [[ $UPGRADE_MODE != savepoint || ${FALLBACK-} == true ]] || verdict "No JobManager of revision ${LEDGER[revision]} answered within $START_TIMEOUT s, so job $id cannot be stopped with a savepoint. Set fallback: true to go on from its latest checkpoint."
    say "No JobManager of revision ${LEDGER[revision]} answers: job $id goes on from its latest state known, ${LEDGER[checkpoint]:-${LEDGER[savepoint]:-none}}."
  fi
  abandon_job "$id"
}

# The launcher of the next JobManager sees to it that high availability does not bring job ID back. Fails when the ledger changed under us.
abandon_job() {
  [[ " ${LEDGER[abandoned]-} " == *" $1 "* ]] || ledger_write "abandoned=${LEDGER[abandoned]:+${LEDGER[abandoned]} }$1"
}

# Sets FROM to the state that the new revision starts from.
choose_state() {
  FROM=
  if [[ -n $STARTS_ANEW ]]; then
    initial_state
  elif [[ $UPGRADE_MODE == stateless || ${LEDGER[phase]-} == finished ]]; then
    FROM=
  elif [[ ${LEDGER[phase]-} == stopped ]]; then
    FROM=${LEDGER[savepoint]-}
  elif [[ -n ${LEDGER[previousRevision]-} ]]; then
    # It never came to run: what the one before it was stopped with still counts.
    FROM=${LEDGER[previousSavepoint]-}
  else
    FROM=${LEDGER[checkpoint]:-${LEDGER[savepoint]-}}
  fi
}

# Fails when the ledger changed under us.
claim() {
  local id=$JOB_ID_PREFIX$(hash "$SUBMISSION_UID" 16)
  JOB_ID=$id STARTS_ANEW=
  # No job has run yet, or the state of the one that did is not wanted.
  [[ -n ${LEDGER[restoreNonce]-} && (-z ${RESTORE_NONCE-} || $RESTORE_NONCE == "${LEDGER[restoreNonce]}") ]] || STARTS_ANEW=1
  if [[ ${LEDGER[revision]-} == "$REVISION" ]]; then
    [[ ${LEDGER[paused]-} != true ]] || done_for_now "Job ${LEDGER[jobId]-} is paused, and stays so."
    [[ ${LEDGER[phase]-} == upgrading || ${LEDGER[phase]-} == stopped ]] || done_for_now "Nothing is to be stopped: the ledger says that revision $REVISION is ${LEDGER[phase]-}."
  fi
  case ${LEDGER[phase]-} in
    submitting | running | failed | upgrading) [[ -z ${LEDGER[jobId]-} ]] || stop_predecessor || return 1 ;;
    # It may have been removed while its JobManager was dead: high availability would bring it back.
    stopped) [[ ${LEDGER[submission]-} != removal ]] || abandon_job "${LEDGER[jobId]-}" || return 1 ;;
  esac
  choose_state
  ledger_write phase=submitting "revision=$REVISION" "jobId=$id" "submission=$SUBMISSION_UID" "savepoint=$FROM" "restoredFrom=$FROM" \
    "previousRevision=${LEDGER[revision]:-none}" "previousSavepoint=$FROM" checkpoint= \
    message= failedSubmission= deadline= trigger= target= stopAttempt= paused= restart= recovered= launched= crashes= crash= || return 1
  done_for_now "Revision $REVISION is to start as job $id${FROM:+ from $FROM}."
}

main() {
  preflight
  ledger_read
  until claim; do
    expired && verdict "The ledger $NAMESPACE/$LEDGER_NAME kept changing for $START_TIMEOUT s: is something else writing it?"
  done
}

main
exit 0
