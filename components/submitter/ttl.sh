#!/bin/bash
# What the guard's container runs where ttlSecondsAfterFinished is set: the guard, and beside it a look now and then at whether the job has finished long ago.
# Then the pods of JobManager and TaskManagers go, and come back when the ledger wants another job. Besides the guard's own settings it knows TTL_SECONDS
# and TASKMANAGER_WORKLOAD (deployments/NAME or statefulsets/NAME). It has two entries in the ledger:
#
#   finishedAt   id of the finished job, and when it was seen first (epoch seconds)
#   asleep       how many JobManagers and TaskManagers there were
HERE=${BASH_SOURCE[0]%/*}

if [[ ${1-} != look ]]; then
  # As long as there is the guard, which takes this process's place.
  while kill -0 $$ 2>/dev/null; do
    /bin/bash "$HERE/ttl.sh" look
    sleep 10
  done &
  exec /bin/bash "$HERE/guard.sh"
fi

for part in common ledger; do
  . "$HERE/$part.sh"
done
# The guard's own files have these names, too.
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
WORKLOADS=("deployments/$JOBMANAGER_DEPLOYMENT" "$TASKMANAGER_WORKLOAD")

give_up() { exit 0; }

# scale METHOD WORKLOAD [curl arguments]: asks for the number of a workload's pods, or sets it. Sets REPLICAS.
scale() {
  local method=$1 workload=$2
  shift 2
  kubernetes "$method" "/apis/apps/v1/namespaces/$NAMESPACE/$workload/scale?fieldManager=flink-kubernetes-guard" "$@"
  [[ $STATUS == 200 ]] && json_read "$WORK/api" && number REPLICAS spec.replicas && return
  say "The number of pods of $workload is not known or cannot be set: $(api_problem)."
  return 1
}

set_scale() {
  scale PATCH "$1" --header 'Content-Type: application/merge-patch+json' --data-binary "{\"spec\":{\"replicas\":$2}}"
}

# Whoever changes a number meanwhile (an update, a person) is noted, and the pods go again.
put_to_sleep() {
  local i noted numbers=() awake=
  read -ra noted <<<"${LEDGER[asleep]-}"
  for i in 0 1; do
    scale GET "${WORKLOADS[i]}" || return
    if ((REPLICAS > 0)); then awake=1; else REPLICAS=${noted[i]-0}; fi
    numbers[i]=$REPLICAS
  done
  [[ -n $awake ]] || return 0
  # Before they go: who comes after us has to know how many there were.
  [[ ${LEDGER[asleep]-} == "${numbers[*]}" ]] || ledger_patch "asleep=${numbers[*]}" || return
  say "Job ${LEDGER[jobId]} has finished ${TTL_SECONDS} s ago: its JobManager and TaskManagers end."
  set_scale "${WORKLOADS[1]}" 0 && set_scale "${WORKLOADS[0]}" 0
}

wake() {
  local i numbers
  read -ra numbers <<<"${LEDGER[asleep]}"
  say "The ledger is ${LEDGER[phase]-}: JobManager and TaskManagers come back."
  for i in 0 1; do
    [[ ${numbers[i]-} =~ ^[0-9]{1,6}$ ]] || continue
    scale GET "${WORKLOADS[i]}" || return
    ((REPLICAS > 0)) || set_scale "${WORKLOADS[i]}" "${numbers[i]}" || return
  done
  ledger_patch asleep= finishedAt=
}

main() {
  local id since
  kubernetes_find
  api GET
  [[ $STATUS == 200 ]] && ledger_parse && [[ $OWNER == "$FLINK_CLUSTER/$FLINK_JOB" ]] || return
  if [[ ${LEDGER[phase]-} != finished ]]; then
    [[ -z ${LEDGER[asleep]-} ]] || wake
    return
  fi
  read -r id since <<<"${LEDGER[finishedAt]-}"
  if [[ $id != "${LEDGER[jobId]-}" || ! $since =~ ^[0-9]{1,12}$ ]]; then
    since=$(now)
    ledger_patch "finishedAt=${LEDGER[jobId]-} $since" && ledger_parse || return
  fi
  (($(now) - since < TTL_SECONDS)) || put_to_sleep
}

main
exit 0
