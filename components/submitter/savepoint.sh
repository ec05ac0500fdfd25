#!/bin/bash
# What a person, or a clock, does with the savepoints of one job: VERB is take (a savepoint, the job runs on; the oldest of its KIND but KEEP are disposed
# of), pause (stop the job with its state, and leave it so) or dispose (of the states in DISPOSE, a line each). Runs in the pods of a Job that is made from the
# submission's, with its settings; killed and started again, it carries on.
HERE=${BASH_SOURCE[0]%/*}
trap 'exit 143' TERM

for part in common ledger flink s3 state artifact stop job; do
  . "$HERE/$part.sh"
done
DEADLINE=$(($(now) + START_TIMEOUT))
JOB_ID=
KIND=${KIND:-manual}

# Whatever revision is wanted: this is about the job that runs.
ledger_check() { :; }

# The job goes on as it was; only a stop that was begun is taken back.
verdict() {
  while [[ ${LEDGER[phase]-} == upgrading && -n ${PAUSING-} && -z ${STOP_GOES_ON-} ]]; do
    ledger_write phase=running trigger= target= stopAttempt= paused= && break
  done
  give_up "$1"
}

conclude() {
  say "$1"
  printf '%s' "$1" >"$TERMINATION_LOG"
}

# Fails, with the reason in NOT_RUNNING, when there is no job to take a savepoint of.
needs_running_job() {
  NOT_RUNNING=
  case ${LEDGER[phase]-} in
    running) ;;
    '') NOT_RUNNING="it was never started" ;;
    stopped) NOT_RUNNING="it is stopped${LEDGER[paused]:+ (paused by a person)}, its state is in ${LEDGER[savepoint]:-nothing}" ;;
    *) NOT_RUNNING="it is ${LEDGER[phase]}${LEDGER[message]:+: ${LEDGER[message]}}" ;;
  esac
  [[ -z $NOT_RUNNING ]] || return 1
  job_state "${LEDGER[jobId]}"
  if [[ $STATE == NONE ]]; then
    NOT_RUNNING="the cluster does not know job ${LEDGER[jobId]}"
  elif ! all_running; then
    NOT_RUNNING="job ${LEDGER[jobId]} is $STATE with $SUBTASKS running"
  fi
  [[ -z $NOT_RUNNING ]]
}

take() {
  local id trigger target cause
  if ! needs_running_job; then
    # A clock will come again; a person wants to know.
    [[ $KIND == periodic ]] || verdict "There is no savepoint to take of job $FLINK_JOB: $NOT_RUNNING."
    conclude "No savepoint was taken of job $FLINK_JOB: $NOT_RUNNING."
    return
  fi
  [[ -n $SAVEPOINT_DIRECTORY ]] || verdict "The cluster has no durable storage to put a savepoint in. Give the FlinkCluster \`storage\`."
  id=${LEDGER[jobId]}
  trigger=$(hash "$id/$SUBMISSION_UID/$KIND" 32)
  target=${SAVEPOINT_DIRECTORY%/}/$FLINK_JOB/$KIND-$(savepoint_folder "$trigger")
  while :; do
    if flink_json GET "/jobs/$id/savepoints/$trigger"; then
      LOCATION=$(json_text operation.location)
      [[ -z $LOCATION ]] || break
      if [[ ${JSON[status.id]-} == COMPLETED ]]; then
        cause=$(json_text operation.failure-cause.stack-trace | root_cause)
        verdict "The savepoint of job $FLINK_JOB failed: ${cause:-Flink names no cause}. The job runs on."
      fi
    elif [[ $STATUS == 404 ]]; then
      say "Taking a savepoint of job $id in $target."
      flink POST "/jobs/$id/savepoints" --header 'Content-Type: application/json' \
        --data-binary "{\"target-directory\":$(json_quote "$target"),\"cancel-job\":false,\"triggerId\":\"$trigger\"}"
      [[ $STATUS != 4* || $STATUS == 404 || $STATUS == 409 ]] || verdict "The savepoint of job $FLINK_JOB was refused: $(flink_problem)."
    else
      jobmanager_find
    fi
    expired && verdict "The savepoint of job $FLINK_JOB was not complete within $START_TIMEOUT s; it goes on in $target. Raise startTimeout if the state is large."
    sleep 0.5
  done
  until ledger_write "$(made savepoint "$LOCATION")"; do
    expired && verdict "The savepoint is in $LOCATION, and could not be noted in the ledger."
  done
  retain
  conclude "$LOCATION"
}

# Whether a start, a rollback or the running job needs a state.
needed() {
  local key
  for key in savepoint checkpoint restoredFrom previousSavepoint target; do
    [[ ${LEDGER[$key]-} != "$1" ]] || return 0
  done
  return 1
}

# Disposes of the oldest savepoints of this kind, all but KEEP.
retain() {
  local line path list=() count
  [[ -n ${KEEP-} ]] || return 0
  while read -r line; do
    path=${line#savepoint * }
    [[ $line != "savepoint "* || $path != "${SAVEPOINT_DIRECTORY%/}/$FLINK_JOB/$KIND-"* ]] || list+=("$path")
  done <<<"${LEDGER[states]-}"
  count=$((${#list[@]} - KEEP))
  for path in "${list[@]}"; do
    ((count-- > 0)) || break
    needed "$path" || dispose "$path"
  done
}

# dispose PATH: through Flink, which knows every file system that it writes to. What is gone already is taken for disposed of.
dispose() {
  local path=$1 request cause=
  if needed "$path"; then
    say "$path is needed: it stays."
    return
  fi
  request=
  while :; do
    if [[ -z $request ]]; then
      flink_json POST /savepoint-disposal --header 'Content-Type: application/json' --data-binary "{\"savepoint-path\":$(json_quote "$path")}" &&
        request=$(json_text request-id)
    elif flink_json GET "/savepoint-disposal/$request"; then
      if [[ ${JSON[status.id]-} == COMPLETED ]]; then
        cause=$(json_text operation.failure-cause.stack-trace | root_cause)
        break
      fi
    elif [[ $STATUS == 404 ]]; then
      request=
    else
      jobmanager_find
    fi
    expired && verdict "$path could not be disposed of within $START_TIMEOUT s: $(flink_problem)."
    sleep 0.3
  done
  if [[ -n $cause && $cause != *FileNotFound* && $cause != *"annot find"* && $cause != *"not exist"* ]]; then
    FAILED+="${FAILED:+; }$path: $cause"
    say "$path could not be disposed of: $cause."
    return
  fi
  say "Disposed of $path."
  until ledger_write "$(unmade "$path")"; do
    expired && verdict "$path is disposed of, and that could not be noted in the ledger."
  done
}

dispose_all() {
  local path
  while read -r path; do
    [[ -z $path ]] || dispose "$path"
  done <<<"${DISPOSE-}"
  [[ -z $FAILED ]] || verdict "Not disposed of: $FAILED."
  conclude "Disposed of what nothing needs."
}

pause() {
  local id=${LEDGER[jobId]-}
  if [[ ${LEDGER[phase]-} == stopped ]]; then
    until ledger_write paused=true; do :; done
    conclude "Job $FLINK_JOB is paused${LEDGER[savepoint]:+; its state is in ${LEDGER[savepoint]}}."
    return
  fi
  if [[ ${LEDGER[phase]-} != upgrading || ${LEDGER[paused]-} != true ]]; then
    needs_running_job || verdict "There is no running job $FLINK_JOB to pause: $NOT_RUNNING."
    ledger_write paused=true || return 1
  fi
  PAUSING=1
  if [[ $UPGRADE_MODE == stateless ]]; then
    cancel_job "$id"
    wait_until_ended "$id"
    until ledger_write phase=stopped savepoint= paused=true; do :; done
  else
    stop_with_savepoint "$id" || return 1
    [[ ${LEDGER[phase]-} == stopped ]] || verdict "Job $id ended before it could be stopped with a savepoint: it is $STATE."
  fi
  conclude "Job $FLINK_JOB is paused${LEDGER[savepoint]:+; its state is in ${LEDGER[savepoint]}}."
}

main() {
  FAILED=
  kubernetes_find
  ledger_read
  jobmanager_find
  case $VERB in
    take) take ;;
    dispose) dispose_all ;;
    pause) until pause; do expired && verdict "The ledger $NAMESPACE/$LEDGER_NAME kept changing for $START_TIMEOUT s."; done ;;
    *) give_up "There is no verb \"$VERB\"." ;;
  esac
}

main
exit 0
