#!/bin/bash
# Runs in the container of a JobManager that carries a job, each time before Flink starts: settles with the ledger under which id the job starts
# and from which state, and writes it to a file of three lines: "job" or "none", the id, the state.
# application-launch.sh FILE FLINK'S_LOG
HERE=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
. "$HERE/common.sh"
. "$HERE/ledger.sh"
RESULT=$1 FLINK_LOG=$2 REVISION=${FLINK_KUBERNETES_REVISION:?}
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
trap 'exit 143' TERM

# The startup probe ends this container when it has waited for too long.
START_TIMEOUT=600
DEADLINE=$(($(now) + START_TIMEOUT))
ledger_check() { :; }

# Says why there is nothing to start yet, once, and looks again a little later.
wait_for() {
  [[ ${WAITING-} == "$1" ]] || say "$1"
  WAITING=$1
  # Asleep in the background: a signal is heard at once.
  sleep 1 &
  wait $!
}

# The newest state that job $1 can go on from: without high availability nobody else tells.
newest_state() {
  local folder metadata number newest=-1
  folder=${CHECKPOINT_DIRECTORY-}
  folder=${folder#file:}
  folder=/${folder##+(/)}
  if [[ ${CHECKPOINT_DIRECTORY-} =~ ^(file:)?/ ]]; then
    # Flink gives the file its name when it is complete.
    for metadata in "$folder/$1"/chk-*/_metadata; do
      number=${metadata%/_metadata} number=${number##*/chk-}
      [[ -s $metadata && $number =~ ^[0-9]{1,15}$ ]] && ((number > newest)) && newest=$number
    done
    ((newest >= 0)) && printf 'file://%s' "$folder/$1/chk-$newest" && return
  fi
  printf '%s' "${LEDGER[checkpoint]:-${LEDGER[savepoint]-}}"
}

# Jobs that an earlier revision's JobManager left behind as it died: with high availability the next one would take them up.
abandon() {
  local id patch
  [[ -n ${HIGH_AVAILABILITY_ID-} ]] || return 0
  for id in ${LEDGER[abandoned]-}; do
    patch="{\"data\":{\"jobGraph-$id\":null,\"executionPlan-$id\":null}}"
    while :; do
      kubernetes PATCH "/api/v1/namespaces/$NAMESPACE/configmaps/$HIGH_AVAILABILITY_ID-cluster-config-map" \
        --header 'Content-Type: application/merge-patch+json' --data-binary "$patch"
      [[ $STATUS == 200 || $STATUS == 404 ]] && break
      wait_for "Job $id of an earlier revision cannot be given up: $(api_problem)."
    done
    kubernetes DELETE "/api/v1/namespaces/$NAMESPACE/configmaps/$HIGH_AVAILABILITY_ID-$id-config-map"
  done
}

# Why the process before in this pod ended, by the last error in its log; empty when it says none.
last_words() {
  [[ -r $FLINK_LOG ]] || return
  tail -c 200000 "$FLINK_LOG" | awk '
    /^[0-9]+-[0-9]+-[0-9]+ [0-9:,]+ / { taking = ($3 == "ERROR" || $3 == "FATAL"); if (taking) text = ""; sub(/^[^ ]+ [^ ]+ [^ ]+ +[^ ]+ +(\[\] )?- /, "") }
    taking { text = text $0 "\n" }
    END { printf "%s", text }' | root_cause
}

# A process of this pod that was to start the job is gone: the start Job tells people.
note_crash() {
  local count=0 cause
  [[ -e ${RESULT%/*}/started && ${LEDGER[phase]} == submitting ]] || return 0
  [[ ${LEDGER[crashes]-} =~ ^[0-9]{1,4}$ ]] && count=${LEDGER[crashes]}
  cause=$(last_words)
  CRASH=("crashes=$((count + 1))" "crash=${cause:-its log names no error}")
}

# Fails when the ledger changed under us.
start() {
  local id=${LEDGER[jobId]} state=${LEDGER[savepoint]-}
  CRASH=()
  note_crash
  if [[ -z ${HIGH_AVAILABILITY_ID-} && ${LEDGER[launched]-} == "$id" ]]; then
    # A process has run under this id: another one would find its checkpoints in its way.
    state=$(newest_state "$id")
    id=$JOB_ID_PREFIX$(hash "$id/again" 16)
    CRASH+=("savepoint=$state" "restoredFrom=$state" checkpoint=)
    # What was under way with the job of before went with it.
    [[ ${LEDGER[phase]} != upgrading ]] || CRASH+=(phase=running trigger= target= stopAttempt=)
  fi
  if [[ ${LEDGER[launched]-} != "$id" || ${#CRASH[@]} -gt 0 ]]; then
    ledger_write "jobId=$id" "launched=$id" "${CRASH[@]}" || return 1
  fi
  abandon
  : >"${RESULT%/*}/started"
  say "Starting job $id${state:+ from $state}."
  printf '%s\n' job "$id" "$state" >"$RESULT"
}

idle() {
  say "Job ${LEDGER[jobId]-} $1: starting without a job."
  printf '%s\n' none '' '' >"$RESULT"
}

main() {
  shopt -s extglob
  kubernetes_find
  while :; do
    api GET
    if [[ $STATUS != 200 ]] || ! ledger_parse; then
      wait_for "The ledger ConfigMap $NAMESPACE/$LEDGER_NAME cannot be read: $(api_problem)."
      continue
    fi
    if [[ ${LEDGER[revision]-} != "$REVISION" ]]; then
      wait_for "This is revision $REVISION, and the ledger says that ${LEDGER[revision]:-none} is to run."
      continue
    fi
    case ${LEDGER[phase]-} in
      finished) idle "has finished" && return ;;
      stopped)
        [[ ${LEDGER[paused]-} == true ]] && idle "is paused" && return
        wait_for "Job ${LEDGER[jobId]-} is stopped: waiting for what comes next."
        ;;
      *) start && return ;;
    esac
  done
}

main
exit 0
