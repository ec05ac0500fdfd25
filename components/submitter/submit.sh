#!/bin/bash
# Makes one Flink job run, once: what the pods of a submission Job execute. Every step first asks what is already done, so that
# a pod can be killed at any moment and the next one carries on. Settings come from the environment (see submission.ts).
set -u
export LC_ALL=C
HERE=${BASH_SOURCE[0]%/*}
CREDENTIALS=${CREDENTIALS:-/var/run/secrets/kubernetes.io/serviceaccount}
TERMINATION_LOG=${TERMINATION_LOG:-/dev/termination-log}
WORK=${TMPDIR:-/tmp}
# A signal is not a verdict: the Job's failure policy ignores this exit code and starts another pod.
trap 'exit 143' TERM

for part in common ledger flink artifact stop job; do
  . "$HERE/$part.sh"
done
DEADLINE=$(($(now) + START_TIMEOUT))
JOB_ID=
SUBMITTED=
CHECKPOINT_FAILURE=

preflight() {
  local command
  for command in curl awk sha256sum cut tail head tr od cat date id sleep; do
    type "$command" >/dev/null 2>&1 || give_up "The image has no \"$command\", which the submission needs. Use an image that has it (the official Flink images do), or name one for the submission alone with the argument \"image\"."
  done
  kubernetes_find
}

# Settles which job is ours and says so in the ledger, after the predecessor was stopped. Fails when the ledger changed under us.
claim() {
  local on_cluster= fresh=
  JOB_ID=$JOB_ID_PREFIX$(hash "$SUBMISSION_UID" 16)
  STATE=NONE
  [[ -n ${LEDGER[jobId]-} ]] && job_state "${LEDGER[jobId]}"
  # A job that came to its end by itself left nothing to restore.
  [[ ${LEDGER[phase]-} == finished || (${LEDGER[phase]-} == running && $STATE == FINISHED) ]] && fresh=1
  if [[ ${LEDGER[revision]-} == "$REVISION" && ${LEDGER[phase]-} != upgrading && -n ${LEDGER[jobId]-} ]]; then
    if [[ ${LEDGER[phase]} == finished && ${LEDGER[submission]-} == "$SUBMISSION_UID" ]]; then
      already "has finished"
      return 0
    elif [[ $STATE == NONE ]]; then
      # Perhaps the request of an attempt before us is still on its way: with the same id it cannot start a second job.
      [[ ${LEDGER[phase]} == submitting ]] && JOB_ID=${LEDGER[jobId]}
    elif ! terminal "$STATE"; then
      JOB_ID=${LEDGER[jobId]} on_cluster=1
      if [[ ${LEDGER[phase]} == running ]]; then
        # What a revision between failed of is no longer of interest.
        [[ -z ${LEDGER[message]-} ]] || ledger_write message= failedSubmission= || return 1
        already "already runs"
        return 0
      fi
    elif [[ ${LEDGER[submission]-} == "$SUBMISSION_UID" ]]; then
      JOB_ID=${LEDGER[jobId]} on_cluster=1
    fi
    if [[ ${LEDGER[submission]-} == "$SUBMISSION_UID" && ${LEDGER[phase]} == submitting && ${LEDGER[jobId]} == "$JOB_ID" ]]; then
      [[ ${LEDGER[deadline]-} =~ ^[0-9]{1,12}$ ]] && DEADLINE=${LEDGER[deadline]}
      return 0
    fi
  fi
  if [[ -z $on_cluster ]]; then
    # Before anything is stopped: without its jar the new revision cannot start.
    artifact_get
    stop_others || return 1
  fi
  local savepoint=${LEDGER[savepoint]-}
  [[ $UPGRADE_MODE == savepoint && -z $fresh ]] || savepoint=
  DEADLINE=$(($(now) + START_TIMEOUT))
  ledger_write phase=submitting "revision=$REVISION" "jobId=$JOB_ID" "submission=$SUBMISSION_UID" "deadline=$DEADLINE" \
    "savepoint=$savepoint" message= failedSubmission= trigger= target= stopAttempt=
}

already() {
  say "Revision $REVISION $1 as job $JOB_ID."
  printf '%s' "Revision $REVISION $1 as job $JOB_ID." >"$TERMINATION_LOG"
  DONE=1
}

# Another revision is wanted. What this attempt started and nobody else will look after must not go on beside it.
superseded() {
  [[ -n $SUBMITTED && ${LEDGER[phase]-} != upgrading && ${LEDGER[jobId]-} != "$JOB_ID" ]] && cancel_job "$JOB_ID"
}

finish() {
  local phase=running id
  [[ $STATE == FINISHED ]] && phase=finished
  until ledger_write "phase=$phase" "revision=$REVISION" "jobId=$JOB_ID" message= failedSubmission= deadline=; do
    # Another attempt of the same Job may have been faster.
    [[ ${LEDGER[phase]-} == "$phase" && ${LEDGER[jobId]-} == "$JOB_ID" ]] && break
  done
  delete_jars
  active_jobs
  for id in "${ACTIVE[@]}"; do
    [[ $id == "$JOB_ID" ]] || cancel_job "$id"
  done
  say "Revision $REVISION is $phase as job $JOB_ID."
  printf '%s' "Job $JOB_ID is $phase." >"$TERMINATION_LOG"
}

# One function, read as a whole before it runs.
main() {
  preflight
  ledger_read
  jobmanager_find
  until claim; do
    expired && verdict "The ledger $NAMESPACE/$LEDGER_NAME kept changing for $START_TIMEOUT s: is something else writing it?"
  done
  if [[ -z ${DONE-} ]]; then
    follow
    finish
  fi
}

main
exit 0
