#!/bin/bash
# Runs when the JobManager of a new revision has been made: waits until every task of its job runs and, with checkpointing, the first checkpoint is
# complete, and notes that in the ledger; or comes to a verdict.
HERE=${BASH_SOURCE[0]%/*}
trap 'exit 143' TERM

for part in common ledger flink s3 state stop job application; do
  . "$HERE/$part.sh"
done
DEADLINE=$(($(now) + START_TIMEOUT))
CHECKPOINT_FAILURE=

# Looks what the JobManager says of the job: sets STATE, NONE when it does not know it, GONE when it does not answer.
look() {
  flink GET "/jobs/$JOB_ID"
  if [[ $STATUS == 200 ]] && json_read "$WORK/flink" && [[ -n ${JSON[state]-} ]]; then
    STATE=${JSON[state]}
  elif [[ $STATUS == 404 ]]; then
    STATE=NONE
  elif [[ $STATUS == 500 ]] && failed_before_it_began "$JOB_ID"; then
    return
  else
    STATE=GONE
  fi
}

# What the launcher noted of processes that ended before the job ran.
check_crashes() {
  local count=${LEDGER[crashes]-}
  [[ $count =~ ^[0-9]{1,4}$ ]] || return 0
  # The first may have been an accident; what the program lacks, the next process lacks too.
  ((count >= 2)) || [[ ${LEDGER[crash]-} == *"Could not find"* || ${LEDGER[crash]-} == *ClassNotFoundException* || ${LEDGER[crash]-} == *FileNotFoundException* || ${LEDGER[crash]-} == *ProgramInvocationException* ]] || return 0
  verdict "The JobManager ended before the job ran: ${LEDGER[crash]-}."
}

# A JobManager whose own job has ended does not start another: its process has to. It is still there when an update was taken back half-way.
restart_stale() {
  local i id
  (($(now) >= ${RESTARTED:-0} + 15)) && flink_json GET /jobs || return 0
  for ((i = 0; ; i++)); do
    id=${JSON[jobs.$i.id]-}
    [[ -n $id ]] || return 0
    [[ $id == "$JOB_ID_PREFIX"* && $id != "$JOB_ID" ]] && terminal "${JSON[jobs.$i.status]}" && break
  done
  say "The JobManager still shows job $id, which has ended: it is told to begin anew."
  flink DELETE /cluster
  RESTARTED=$(now)
}

follow_start() {
  local steady=0 state= cause
  while :; do
    JOB_ID=${LEDGER[jobId]}
    look
    [[ $STATE == "$state" || $STATE == NONE || $STATE == GONE ]] || say "Job $JOB_ID is $STATE."
    state=$STATE
    case $STATE in
      FINISHED) return ;;
      FAILED)
        cause=$(job_failure "$JOB_ID")
        verdict "The job failed: ${cause:-Flink names no cause}."
        ;;
      CANCELED) verdict "The job was cancelled by somebody else before it ran." ;;
    esac
    if all_running; then
      ((++steady))
      [[ ${BOUNDED-} != true ]] || return 0
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
      [[ $STATE == NONE ]] && verdict "The job did not start within $START_TIMEOUT s: the JobManager does not know job $JOB_ID. Look at the JobManager's log."
      [[ $STATE == GONE ]] && verdict "No JobManager answered at $JOBMANAGER_HOST:$JOBMANAGER_PORT within $START_TIMEOUT s: $(flink_problem). Look at the JobManager's log."
      too_late "$steady"
    fi
    if [[ $STATE == NONE || $STATE == GONE ]]; then
      ledger_read
      check_crashes
      [[ $STATE == GONE ]] || restart_stale
    fi
    if ((steady > 0)); then sleep 1; else sleep 0.4; fi
  done
}

finish() {
  local phase=running
  [[ $STATE == FINISHED ]] && phase=finished
  until ledger_write "phase=$phase" "restoreNonce=${RESTORE_NONCE:-${LEDGER[restoreNonce]:-none}}" message= failedSubmission= crashes= crash= previousRevision= previousSavepoint=; do
    [[ ${LEDGER[revision]-} == "$REVISION" ]] || give_up "Revision $REVISION is no longer wanted: the ledger says ${LEDGER[revision]-}."
  done
  done_for_now "Job ${LEDGER[jobId]} is $phase."
}

main() {
  preflight
  ledger_read
  [[ ${LEDGER[revision]-} == "$REVISION" ]] || verdict "The ledger says that revision ${LEDGER[revision]:-none} is to run, and not $REVISION, which this update made a JobManager for. Run the update again."
  [[ ${LEDGER[paused]-} != true ]] || done_for_now "Job ${LEDGER[jobId]-} is paused, and stays so."
  [[ ${LEDGER[phase]-} != finished ]] || done_for_now "Job ${LEDGER[jobId]-} has finished."
  follow_start
  finish
}

main
exit 0
