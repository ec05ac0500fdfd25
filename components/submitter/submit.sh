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

for part in common ledger flink stop; do
  . "$HERE/$part.sh"
done
DEADLINE=$(($(now) + START_TIMEOUT))
JOB_ID=
SUBMITTED=
CHECKPOINT_FAILURE=

preflight() {
  local command
  for command in curl awk sha256sum cut tail id sleep; do
    type "$command" >/dev/null 2>&1 || give_up "The image has no \"$command\", which the submission needs. Use an image that has it (the official Flink images do), or name one for the submission alone with the argument \"image\"."
  done
  if [[ -z ${KUBERNETES_URL-} ]]; then
    local host=$KUBERNETES_SERVICE_HOST
    [[ $host == *:* ]] && host="[$host]"
    KUBERNETES_URL=https://$host:$KUBERNETES_SERVICE_PORT
  fi
  [[ -r $CREDENTIALS/token ]] || give_up "There is no service account token in $CREDENTIALS: the submission needs one to read and write its ledger."
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
    check_jar
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

check_jar() {
  [[ -f $JAR ]] || verdict "There is no file $JAR in the image $IMAGE. Write in \"jar\" where the image has it."
  [[ -r $JAR ]] || verdict "The file $JAR in the image $IMAGE cannot be read by user $(id -u). Make it readable for everybody when the image is built."
}

# One try to start the job. What Flink refuses for good is a verdict; after anything else the caller looks whether the job is there.
submit() {
  local jar problem i
  if jar=$(uploaded_jar); then
    say "The jar is already on the JobManager."
  else
    check_jar
    say "Uploading $JAR."
    MAX_TIME=$START_TIMEOUT flink POST /jars/upload --form "jarfile=@\"$JAR\";filename=\"$JOB_ID.jar\";type=application/x-java-archive"
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
  {
    printf '{"jobId":"%s",' "$JOB_ID"
    [[ -z ${LEDGER[savepoint]-} ]] || printf '"savepointPath":%s,"claimMode":"NO_CLAIM",' "$(json_quote "${LEDGER[savepoint]}")"
    tail -c +2 "$HERE/request.json"
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
