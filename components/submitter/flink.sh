# Flink's REST API, of one JobManager pod: an uploaded jar lives on the pod that received it.

# Where it is: under the name of all JobManager pods, which is also the one that its certificate is verified against. FLINK_TLS is a
# folder with the authority's ca.crt and, where clients need a certificate, tls.crt and tls.key.
FLINK_URL=http${FLINK_TLS:+s}://$JOBMANAGER_HOST:$JOBMANAGER_PORT
FLINK_CURL=(--disable --silent --show-error --noproxy '*' --globoff)
[[ -z ${FLINK_TLS-} ]] || FLINK_CURL+=(--cacert "$FLINK_TLS/ca.crt")
[[ -z ${FLINK_TLS-} || ! -e $FLINK_TLS/tls.key ]] || FLINK_CURL+=(--cert "$FLINK_TLS/tls.crt" --key "$FLINK_TLS/tls.key")

# flink METHOD PATH [curl arguments]: sets STATUS (000: no whole answer); body in $WORK/flink. MAX_TIME bounds it.
flink() {
  local method=$1 path=$2
  shift 2
  # Without "Expect:" curl waits a second for a permission to send that Flink never gives.
  STATUS=$(curl "${FLINK_CURL[@]}" --connect-to "::$JOBMANAGER" --connect-timeout 3 --max-time "${MAX_TIME:-15}" --keepalive-time 10 \
    --header 'Expect:' --request "$method" --output "$WORK/flink" --write-out '%{http_code}' "$@" "$FLINK_URL$path" 2>"$WORK/flink.error") || STATUS=000
}

flink_json() { flink "$@" && [[ $STATUS == 2* ]] && json_read "$WORK/flink"; }

# What Flink says is wrong, as one sentence.
flink_problem() {
  local cause= i
  if [[ $STATUS == 000 ]]; then
    cause=$(<"$WORK/flink.error")
  elif json_read "$WORK/flink"; then
    for ((i = 0; i < 9; i++)); do
      [[ -n ${JSON[errors.$i]-} ]] && cause=$(json_text "errors.$i" | root_cause)
    done
  fi
  printf '%s' "${cause:-HTTP $STATUS}"
}

# Finds a JobManager pod that answers and stays with it. Its host name stands for all of them.
jobmanager_find() {
  local address waiting=
  while :; do
    address=$(curl "${FLINK_CURL[@]}" --connect-timeout 2 --max-time 5 --output "$WORK/flink" \
      --write-out '%{http_code} %{remote_ip}' "$FLINK_URL/overview" 2>"$WORK/flink.error") || address="000 "
    STATUS=${address%% *} address=${address#* }
    if [[ $STATUS == 200 && -n $address ]]; then
      [[ $address == *:* ]] && address="[$address]"
      JOBMANAGER=$address:$JOBMANAGER_PORT
      return
    fi
    [[ -n $waiting ]] || say "Waiting for the JobManager at $JOBMANAGER_HOST:$JOBMANAGER_PORT."
    waiting=1
    expired && verdict "No JobManager answered at $JOBMANAGER_HOST:$JOBMANAGER_PORT within $START_TIMEOUT s: $(flink_problem). Look at the JobManager's log."
    sleep 0.3
  done
}

# The JobManager pods, as far as the image can tell (getent).
jobmanagers() {
  local address seen=' '
  while read -r address _; do
    [[ $address == *:* ]] && address="[$address]"
    [[ $seen != *" $address "* ]] || continue
    seen+="$address "
    printf '%s\n' "$address:$JOBMANAGER_PORT"
  done < <(getent ahosts "$JOBMANAGER_HOST" 2>/dev/null)
}

# Turns to another JobManager pod that answers, if there is one.
jobmanager_other() {
  local address
  for address in $(jobmanagers); do
    [[ $address != "$JOBMANAGER" ]] || continue
    STATUS=$(curl "${FLINK_CURL[@]}" --connect-to "::$address" --connect-timeout 2 --max-time 5 --output "$WORK/flink" \
      --write-out '%{http_code}' "$FLINK_URL/overview" 2>"$WORK/flink.error") || continue
    [[ $STATUS == 200 ]] || continue
    JOBMANAGER=$address
    return
  done
}

# job_state ID: sets STATE to Flink's word for it, or NONE when this JobManager does not know the job. The job's details are in JSON.
job_state() {
  while :; do
    flink GET "/jobs/$1"
    if [[ $STATUS == 200 ]] && json_read "$WORK/flink" && [[ -n ${JSON[state]-} ]]; then
      STATE=${JSON[state]}
      return
    elif [[ $STATUS == 404 ]]; then
      STATE=NONE
      return
    elif [[ $STATUS == 500 ]] && failed_before_it_began "$1"; then
      return
    fi
    expired && verdict "The JobManager did not say how job $1 is within $START_TIMEOUT s: $(flink_problem)."
    sleep 0.5
    jobmanager_find
  done
}

# Flink cannot show the details of a job that an application's program has failed to make; how it is it can say.
failed_before_it_began() {
  flink_json GET "/jobs/$1/status" && terminal "${JSON[status]-}" && STATE=${JSON[status]}
}

terminal() { [[ $1 == FINISHED || $1 == FAILED || $1 == CANCELED ]]; }

# Whether every subtask runs (or has done its part), by the details that job_state got. Sets SUBTASKS, for messages, and LIVE: how many run now.
all_running() {
  local i running=0 wanted=0 live=0 tasks alive finished
  for ((i = 0; ; i++)); do
    [[ -n ${JSON[vertices.$i.parallelism]-} ]] || break
    number tasks "vertices.$i.parallelism"
    number alive "vertices.$i.tasks.RUNNING"
    number finished "vertices.$i.tasks.FINISHED"
    ((wanted += tasks, live += alive, running += alive + finished))
  done
  SUBTASKS="$running of $wanted subtasks" LIVE=$live
  [[ $STATE == RUNNING ]] && ((wanted > 0 && running == wanted && live > 0))
}

# job_failure ID: the root cause of a job's latest failure and the task that it struck, empty when there is none.
job_failure() {
  local cause= task
  if flink_json GET "/jobs/$1/exceptions"; then
    cause=$(json_text exceptionHistory.entries.0.stacktrace | root_cause)
    task=$(json_text exceptionHistory.entries.0.taskName)
    [[ -n $cause ]] || cause=$(json_text root-exception | root_cause)
    # As JSON says that there was none.
    [[ $cause != null ]] || cause=
    # A job that ends before it has a graph, for example because there is no such state, has its failure only there.
    if [[ -z $cause ]] && flink_json GET "/jobs/$1/execution-result"; then
      cause=$(json_text job-execution-result.failure-cause.stack-trace | root_cause)
    fi
    [[ -z $cause || -z $task || $cause == *"$task"* ]] || cause+=" (in task \"${task%% - execution #*}\")"
  fi
  printf '%s' "$cause"
}

# Sets ACTIVE to the jobs of this FlinkJob that have not ended. Ours are known by the first half of their id, never by
# their name, which the user's program chooses.
active_jobs() {
  local i id
  until flink_json GET /jobs; do
    expired && verdict "The JobManager did not list its jobs within $START_TIMEOUT s: $(flink_problem)."
    sleep 0.5
    jobmanager_find
  done
  ACTIVE=()
  for ((i = 0; ; i++)); do
    id=${JSON[jobs.$i.id]-}
    [[ -n $id ]] || break
    [[ $id == "$JOB_ID_PREFIX"* ]] && ! terminal "${JSON[jobs.$i.status]}" && ACTIVE+=("$id")
  done
}

# Sets JAR_ID to the jar of $JOB_ID on the JobManager pod: the one that the ledger names, or one that an earlier attempt put there. Fails when there is none.
uploaded_jar() {
  local i id found= named=
  [[ ${LEDGER[jobId]-} != "$JOB_ID" ]] || named=${LEDGER[jarId]-}
  flink_json GET /jars || return 1
  for ((i = 0; ; i++)); do
    id=${JSON[files.$i.id]-}
    [[ -n $id ]] || break
    [[ $id == "$named" || $id == *"_$JOB_ID.jar" ]] && found=$id
    [[ $id != "$named" ]] || break
  done
  [[ -n $found ]] || return 1
  JAR_ID=$found
}

# Deletes the jars of this FlinkJob on every JobManager pod but those that the ledger names: they stay for a rollback.
delete_jars() {
  local here=${JOBMANAGER-}
  # None was found: there is nothing on it either.
  [[ -n $here ]] || return 0
  delete_jars_here
  for JOBMANAGER in $(jobmanagers); do
    [[ $JOBMANAGER == "$here" ]] || delete_jars_here
  done
  JOBMANAGER=$here
}

delete_jars_here() {
  local i id ids=()
  flink_json GET /jars || return
  for ((i = 0; ; i++)); do
    id=${JSON[files.$i.id]-}
    [[ -n $id ]] || break
    [[ $id == *"_$JOB_ID_PREFIX"????????????????.jar && $id != "${LEDGER[jarId]-}" && $id != "${LEDGER[previousJarId]-}" ]] && ids+=("$id")
  done
  for id in "${ids[@]}"; do flink DELETE "/jars/$id"; done
}

cancel_job() {
  local i
  say "Cancelling job $1."
  for ((i = 0; i < 5; i++)); do
    flink PATCH "/jobs/$1?mode=cancel"
    [[ $STATUS == 202 || $STATUS == 200 || $STATUS == 404 || $STATUS == 409 ]] && return
    sleep 1
  done
}
