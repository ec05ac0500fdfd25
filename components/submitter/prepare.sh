#!/bin/bash
# Before a change that loses the running jobs (the JobManager restarts without high availability, or cannot read what another version
# stored): stops them with their state, so that the submissions after the change start from there. What the pods of a cluster's prepare Job
# execute. A pod may be killed at any moment; the next one looks at everything again. Settings come from the environment (see prepare.ts).
#
# What it decides stands in the ledgers of what it stopped: `restart` is the restart hash of the cluster on which the job is to run next,
# `restartGeneration` the generation of the JobManager's Deployment when it was stopped. Usually a submission follows on the changed cluster. Where
# the change does not come about, none will: `restart` is then the hash of the cluster as it is, or a later generation has that hash again, and the
# job's guard starts it.
HERE=${BASH_SOURCE[0]%/*}
START_TIMEOUT=${REACH_TIMEOUT:-60}
# A signal is not a verdict: the Job's failure policy ignores this exit code and starts another pod.
trap 'exit 143' TERM

for part in common ledger flink s3 state stop; do
  . "$HERE/$part.sh"
done
END=$(($(now) + PREPARE_TIMEOUT))
DEADLINE=$END
JOB_ID=
CONFIGMAPS=/api/v1/namespaces/$NAMESPACE/configmaps

preflight() {
  local command
  for command in curl awk sha256sum cut cat date sleep; do
    type "$command" >/dev/null 2>&1 || give_up "The image has no \"$command\", which is needed to stop jobs before a change. Use an image that has it (the official Flink images do), or name one with the argument \"prepare.image\"."
  done
  kubernetes_find
}

# Ledgers of all revisions are wanted here.
ledger_check() { :; }

# Ends the work on one job: it runs on as it was, and the ledger says why.
verdict() {
  local pairs
  while :; do
    pairs=("message=${1:0:3000}")
    if [[ ${LEDGER[phase]-} == upgrading && -z ${STOP_GOES_ON-} ]]; then
      pairs+=(phase=running restart= restartGeneration= trigger= target= stopAttempt=)
    elif [[ ${LEDGER[phase]-} != stopped && ${LEDGER[phase]-} != upgrading ]]; then
      pairs+=(restart= restartGeneration=)
    fi
    ledger_write "${pairs[@]}" && break
  done
  give_up "$1"
}

# ask PATH: reads an object of the Kubernetes API into JSON; fails when there is none.
ask() {
  local refused=0
  while :; do
    kubernetes GET "$1"
    case $STATUS in
      200) json_read "$WORK/api" && return 0 ;;
      404) return 1 ;;
      # A Role that was made a moment ago may not be known everywhere yet.
      401 | 403) ((++refused > 40)) && give_up "The cluster cannot be prepared for the change: the Kubernetes API does not give $1: $(api_problem). Run the update again: it makes the Role and the RoleBinding." ;;
    esac
    expired && give_up "The cluster cannot be prepared for the change: the Kubernetes API did not give $1 within $PREPARE_TIMEOUT s: $(api_problem)."
    sleep 0.5
  done
}

# Looks at the JobManager that is there: sets LIVE to its restart hash, GENERATION, SCHEME, AVAILABLE and VOLUME_MOVED. Fails when there is none.
jobmanager_look() {
  ask "/apis/apps/v1/namespaces/$NAMESPACE/deployments/$JOBMANAGER_DEPLOYMENT" || return 1
  LIVE=$(json_text metadata.annotations.flink-kubernetes/restart-hash)
  SCHEME=$(json_text metadata.annotations.flink-kubernetes/rest-scheme)
  number GENERATION metadata.generation
  number AVAILABLE status.availableReplicas
  VOLUME_MOVED=1
  if [[ -z ${STORAGE_CLAIM-} ]] || has_volume; then VOLUME_MOVED=; fi
}

# Whether the JobManager that is there, whose Deployment is in JSON, has the volume of the jobs' state at the same path as the changed one.
has_volume() {
  local pod=spec.template.spec i j k volume container mount
  for ((i = 0; ; i++)); do
    volume=${JSON[$pod.volumes.$i.name]-}
    [[ -n $volume ]] || return 1
    [[ ${JSON[$pod.volumes.$i.persistentVolumeClaim.claimName]-} == "$STORAGE_CLAIM" ]] || continue
    for ((j = 0; ; j++)); do
      container=$pod.containers.$j
      [[ -n ${JSON[$container.name]-} ]] || break
      for ((k = 0; ; k++)); do
        mount=$container.volumeMounts.$k
        [[ -n ${JSON[$mount.name]-} ]] || break
        [[ ${JSON[$mount.name]} != "$volume" || $(json_text "$mount.mountPath") != "$STORAGE_PATH" ]] || return 0
      done
    done
  done
}

# The REST API speaks as the JobManager that is there has it, not as the changed one will.
speak() {
  [[ -n $SCHEME && $SCHEME != "${FLINK_URL%%:*}" ]] || return 0
  FLINK_URL=$SCHEME://$JOBMANAGER_HOST:$JOBMANAGER_PORT
  FLINK_CURL=(--disable --silent --show-error --noproxy '*' --globoff)
  # TLS is being turned off: nobody says any more with what to verify it, and from then on nothing is.
  [[ $SCHEME == http ]] || FLINK_CURL+=(--insecure)
}

# Lists the ledgers of this cluster: the names in LEDGERS, and by name JOB, PHASE, RESTART, MODE, SECONDS_FOR, FALLBACK_OF and GUARDED.
declare -A JOB=() PHASE=() RESTART=() MODE=() SECONDS_FOR=() FALLBACK_OF=() GUARDED=()
ledgers_list() {
  local i item name annotations seconds
  LEDGERS=()
  ask "$CONFIGMAPS?labelSelector=app.kubernetes.io/instance%3D$FLINK_CLUSTER,flink-kubernetes/ledger%3Dtrue" || return 0
  for ((i = 0; ; i++)); do
    item=items.$i
    name=$(json_text "$item.metadata.name")
    [[ -n $name ]] || return 0
    annotations=$item.metadata.annotations.flink-kubernetes
    LEDGERS+=("$name")
    JOB[$name]=$(json_text "$item.metadata.labels.flink-kubernetes/job")
    PHASE[$name]=$(json_text "$item.data.phase")
    RESTART[$name]=$(json_text "$item.data.restart")
    MODE[$name]=$(json_text "$annotations/upgrade-mode")
    GUARDED[$name]=$(json_text "$annotations/guard")
    FALLBACK_OF[$name]=$(json_text "$annotations/fallback")
    number seconds "$annotations/start-timeout"
    SECONDS_FOR[$name]=$((seconds > 0 ? seconds : 300))
  done
}

# with LEDGER_NAME COMMAND...: works on one job in a shell of its own. Whatever ends that leaves the reason in WHY.
with() {
  local name=$1 code
  shift
  : >"$WORK/why"
  (
    LEDGER_NAME=$name FLINK_JOB=${JOB[$name]} UPGRADE_MODE=${MODE[$name]:-savepoint} FALLBACK=${FALLBACK_OF[$name]:-true}
    START_TIMEOUT=${SECONDS_FOR[$name]} TERMINATION_LOG=$WORK/why
    JOB_ID_PREFIX=$(hash "$NAMESPACE/$FLINK_CLUSTER/$FLINK_JOB" 16)
    DEADLINE=$(($(now) + START_TIMEOUT < END ? $(now) + START_TIMEOUT : END))
    ledger_read
    "$@"
  )
  code=$?
  WHY=$(<"$WORK/why")
  # Killed: nothing was decided.
  ((code < 128)) || exit 143
  return "$code"
}

# Whether a JobManager answers, within a minute: sets JOBMANAGER, or else WHY, and DEAD when one answers that it can do nothing.
reach() {
  local code
  (
    verdict() {
      printf '%s' "$1" >"$WORK/why"
      [[ $STATUS == 000 ]] && exit 1
      exit 2
    }
    DEADLINE=$(($(now) + START_TIMEOUT))
    jobmanager_find
    printf '%s' "$JOBMANAGER" >"$WORK/jobmanager"
  )
  code=$?
  case $code in
    0) JOBMANAGER=$(<"$WORK/jobmanager") ;;
    1 | 2)
      WHY=$(<"$WORK/why")
      jobmanager_look || AVAILABLE=0
      ((code == 2 || AVAILABLE == 0)) && DEAD=1
      return 1
      ;;
    *) exit 143 ;;
  esac
}

# Whether every task of the job runs: then it can be stopped.
healthy() {
  [[ -n ${LEDGER[jobId]-} ]] || return 0
  job_state "${LEDGER[jobId]}"
  all_running
}

# Stops the job that the ledger names, and whatever else runs under its name.
prepare_job() {
  # A submission that was left behind comes to its end first: otherwise it would take a stopped job for a finished one.
  while [[ ${LEDGER[phase]-} == submitting && ${LEDGER[deadline]-} =~ ^[0-9]{1,12}$ ]] && (($(now) < LEDGER[deadline])) && ! expired; do
    sleep 1
    ledger_read
  done
  until stop_noted; do
    # As the loop's last word it must not be a failure, which would be the function's.
    if expired; then verdict "The ledger $NAMESPACE/$LEDGER_NAME kept changing for $START_TIMEOUT s: is something else writing it?"; fi
  done
}

stop_noted() {
  active_jobs
  if [[ ${#ACTIVE[@]} != 0 || ${LEDGER[phase]-} == upgrading ]]; then
    # Before anything is stopped it says where the job will go on.
    goes_on || return 1
    stop_others || return 1
  fi
  case ${LEDGER[phase]-} in
    stopped) goes_on ;;
    running | upgrading | submitting | failed) note_end ;;
  esac
}

# note_end: the job has ended, and not by us. What only this JobManager knows of that, it takes with it.
note_end() {
  local id=${LEDGER[jobId]-} pairs=() cause
  [[ -n $id ]] || return 0
  job_known "$id"
  if [[ $STATE == NONE ]]; then
    say "The JobManager does not know job $id any more: it goes on from ${LEDGER[checkpoint]:-${LEDGER[savepoint]:-what its submission finds}}."
    return 0
  elif [[ $STATE == FINISHED ]]; then
    ledger_write phase=finished restart= restartGeneration= trigger= target= stopAttempt=
    return
  elif [[ ${LEDGER[phase]} != failed && $STATE == FAILED ]]; then
    cause=$(job_failure "$id")
    pairs+=(phase=failed "message=The job failed: ${cause:-Flink names no cause}.")
  fi
  if left_state "$id" "$STATE" && [[ $STATE_KIND == checkpoint && $STATE_PATH != "${LEDGER[checkpoint]-}" ]]; then pairs+=("checkpoint=$STATE_PATH"); fi
  [[ ${#pairs[@]} == 0 ]] || ledger_write "${pairs[@]}"
}

# Notes where the job goes on that is being stopped, or that was stopped for a change that did not come about. One that a person paused does not.
goes_on() {
  [[ ${LEDGER[phase]-} == stopped && -z ${LEDGER[restart]-} ]] && return 0
  [[ ${LEDGER[restart]-} == "$RESTART_HASH" ]] || ledger_write "restart=$RESTART_HASH" "restartGeneration=$GENERATION"
}

# The JobManager is dead, and without it there is nothing to stop. What runs in the ledger is for its submission to start from what it finds.
lose_job() {
  while :; do
    case ${LEDGER[phase]-} in
      stopped) goes_on && return ;;
      running | upgrading | submitting) ledger_write "message=The JobManager was dead when the cluster was changed." && return ;;
      *) return ;;
    esac
  done
}

# Says where a stopped job goes on: on the cluster as it is.
hand_back() {
  while [[ ${LEDGER[phase]-} == stopped && -n ${LEDGER[restart]-} && ${LEDGER[restart]} != "$LIVE" ]]; do
    ledger_write "restart=$LIVE"
  done
}

# The change does not come about: what was stopped for it goes on here.
fail() {
  local name others=() alone=()
  ledgers_list
  for name in "${LEDGERS[@]}"; do
    [[ ${PHASE[$name]} == stopped && -n ${RESTART[$name]} ]] || continue
    with "$name" hand_back
    if [[ ${GUARDED[$name]} == false ]]; then alone+=("${JOB[$name]}"); else others+=("${JOB[$name]}"); fi
  done
  give_up "$1 Nothing of the cluster was changed.${others[*]:+ Stopped before it and started again by their guards, each from its state in the ledger: ${others[*]}.}${alone[*]:+ Stopped before it, and without a guard to start them again: ${alone[*]}. Start each with: npx flink-kubernetes jobs resume NAME.}"
}

# keep_state LEDGER_NAME...: what one of these jobs saves now, the changed cluster would not find. What a paused one has left a person can copy.
keep_state() {
  local name
  for name in "$@"; do
    [[ ${MODE[$name]} != stateless && ${PHASE[$name]} == @(running|upgrading|submitting) ]] || continue
    fail "The state of job \"${JOB[$name]}\" would be lost: the changed cluster looks for it on claim $STORAGE_CLAIM at $STORAGE_PATH, where the JobManager that runs does not have it. Leave storage as it was; or pause the jobs (npx flink-kubernetes jobs pause NAME), copy what is on the volume, run the update again, and resume them; where the path has changed, with initialSavepoint and another restoreNonce. $(way_out "$name")"
  done
}

main() {
  local name all=() sick=()
  preflight
  if ! jobmanager_look; then
    say "There is no JobManager yet: nothing to prepare."
    return
  fi
  ledgers_list
  for name in "${LEDGERS[@]}"; do
    # No restart is to come: only what was stopped for one that did not come about is of interest.
    if [[ $LIVE != "$RESTART_HASH" || (-n ${RESTART[$name]} && ${PHASE[$name]} == @(stopped|upgrading)) ]]; then all+=("$name"); fi
  done
  if [[ ${#all[@]} == 0 ]]; then
    say "No job has to be stopped."
    return
  fi
  [[ -z $VOLUME_MOVED ]] || keep_state "${all[@]}"
  speak
  if ! reach; then
    for name in "${all[@]}"; do
      [[ -n ${DEAD-} || ${MODE[$name]} == stateless ]] || fail "Job \"${JOB[$name]}\" could not be stopped with its state: $WHY $(way_out "$name")"
    done
    say "The JobManager is dead, and its jobs with it: they go on from what their ledgers know. $WHY"
    for name in "${all[@]}"; do
      with "$name" lose_job || fail "$WHY"
    done
    return
  fi
  # First those that may not let themselves be stopped, while nothing else is.
  for name in "${all[@]}"; do
    with "$name" healthy || sick+=("$name")
  done
  for name in "${sick[@]}" "${all[@]}"; do
    [[ -z ${DONE[$name]-} ]] || continue
    DONE[$name]=1
    say "Job \"${JOB[$name]}\" is ${PHASE[$name]:-not started}."
    with "$name" prepare_job || fail "$WHY $(way_out "$name")"
  done
  say "Ready for the change: no job runs."
}

# way_out LEDGER_NAME: what a person can do. The program's new arguments reach the ledger only after the change.
way_out() {
  printf '%s' "To change the cluster without the state of job \"${JOB[$1]}\": kubectl annotate configmap --namespace $NAMESPACE $1 flink-kubernetes/upgrade-mode=stateless --overwrite, and run the update again."
}

declare -A DONE=()
main
exit 0
