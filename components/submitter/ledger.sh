# The ledger: a ConfigMap that says what should run. Pulumi owns its metadata, only the submission pods write its data.
# Every write names the resourceVersion that was read, so that two writers never undo each other's work.
#
#   revision, jobId   the job that runs, or was the last to run
#   definition        of that revision, what is not of the cluster: a change of the cluster alone starts nothing that has finished or was paused
#   phase             submitting, running, finished, failed; upgrading (being stopped for another), stopped (ended on purpose, its state is `savepoint`)
#   message           why, when it failed, or what became of the update that failed
#   savepoint         the state that a next start restores from: a savepoint or a retained checkpoint
#   atLeast           while that is a checkpoint that may not be there (see state.sh): what is tried then, a line each
#   jobManager        the JobManager's process that jobId was to be started on: another one without high availability knows nothing of it
#   checkpoint        newest complete checkpoint of the running job, as far as anybody noted it
#   restoredFrom      the state that jobId was started from (empty: from nothing)
#   restoreNonce      the nonce that was last acted on (none: there was none); empty until a first job ran
#   states            a line for each state that was made for this job: savepoint or checkpoint, epoch seconds, path
#   request           the run request of that revision, without job id and state; jarId, jarHash: its jar on the JobManager pod, and the SHA-256 of it
#   submission        UID of the Job object that wrote revision and jobId; deadline: when that one must be running (epoch seconds)
#   failedSubmission  UID of the Job object that came to a verdict; its later pods end at once
#   trigger, target   the savepoint being taken: noted before it is asked for, so that a lost answer is found again
#   stopAttempt       how often that was tried
#   paused            "true": a person paused the job; the same revision leaves it so, another one resumes it
#   recovered         when the guard brought the job back, lately (epoch seconds)
#   previous*         revision, request, jar and state of the job before, until this one runs: what a rollback starts again
#   rollback          UID of the Job object that puts the revision before back; its message says why
declare -A LEDGER=()
CREDENTIALS=${CREDENTIALS:-/var/run/secrets/kubernetes.io/serviceaccount}

# Finds the Kubernetes API, where every pod finds it.
kubernetes_find() {
  if [[ -z ${KUBERNETES_URL-} ]]; then
    local host=$KUBERNETES_SERVICE_HOST
    [[ $host == *:* ]] && host="[$host]"
    KUBERNETES_URL=https://$host:$KUBERNETES_SERVICE_PORT
  fi
  [[ -r $CREDENTIALS/token ]] || give_up "There is no service account token in $CREDENTIALS: the program needs one to read and write its ledger."
}

# kubernetes METHOD PATH [curl arguments]: asks the Kubernetes API. Sets STATUS (000: no whole answer); body in $WORK/api.
kubernetes() {
  local method=$1 path=$2
  shift 2
  # The token goes through standard input: a command line can be read by every process of the pod.
  STATUS=$(printf 'header = "Authorization: Bearer %s"\n' "$(<"$CREDENTIALS/token")" |
    curl --disable --config - --silent --show-error --noproxy '*' --connect-timeout 5 --max-time 15 --cacert "$CREDENTIALS/ca.crt" \
      --request "$method" --output "$WORK/api" --write-out '%{http_code}' "$@" \
      "$KUBERNETES_URL$path" 2>"$WORK/api.error") || STATUS=000
}

# api METHOD [curl arguments]: the same about the ledger.
api() {
  local method=$1
  shift
  kubernetes "$method" "/api/v1/namespaces/$NAMESPACE/configmaps/$LEDGER_NAME?fieldManager=flink-kubernetes-submitter" "$@"
}

api_problem() {
  local text=
  if [[ $STATUS == 000 ]]; then
    text=$(<"$WORK/api.error")
  elif json_read "$WORK/api"; then
    text=$(json_text message)
  fi
  printf '%s' "HTTP $STATUS${text:+: $text}"
}

ledger_parse() {
  local path text
  json_read "$WORK/api" || return 1
  LEDGER=()
  for path in "${!JSON[@]}"; do
    [[ $path == data.* ]] || continue
    json_into text "$path"
    LEDGER["${path#data.}"]=$text
  done
  LEDGER_VERSION=${JSON[metadata.resourceVersion]-}
  WANTED=$(json_text metadata.annotations.flink-kubernetes/revision)
  OWNER="$(json_text 'metadata.labels.app\.kubernetes\.io/instance')/$(json_text metadata.labels.flink-kubernetes/job)"
}

# Reads the ledger, and ends this attempt when there is nothing left for it to do.
ledger_read() {
  local refused=0
  while :; do
    api GET
    case $STATUS in
      200) ledger_parse && break ;;
      # A Role that was made a moment ago may not be known everywhere yet.
      401 | 403 | 404) ((++refused > 40)) && give_up "The ledger ConfigMap $NAMESPACE/$LEDGER_NAME cannot be read: $(api_problem). Run the update again: it makes the ConfigMap, the Role and the RoleBinding." ;;
    esac
    expired && give_up "The Kubernetes API did not give the ledger ConfigMap $NAMESPACE/$LEDGER_NAME within $START_TIMEOUT s: $(api_problem)."
    sleep 0.5
  done
  # Cluster "a" with job "b-c" and cluster "a-b" with job "c" would have one ledger.
  [[ $OWNER == "$FLINK_CLUSTER/$FLINK_JOB" ]] || give_up "The ledger ConfigMap $NAMESPACE/$LEDGER_NAME belongs to another job (cluster/job \"$OWNER\"). Rename this job, or use another namespace."
  ledger_check
}

# What the program wants of every ledger that it read: of the submission this; other programs put their own in its place.
ledger_check() {
  if [[ -n $WANTED && $WANTED != "$REVISION" ]]; then
    superseded
    give_up "Revision $REVISION is no longer wanted: the ledger asks for $WANTED. Nothing was changed."
  fi
  if [[ ${LEDGER[failedSubmission]-} == "$SUBMISSION_UID" ]]; then
    give_up "${LEDGER[message]-}"
  fi
}

# ledger_patch KEY=VALUE...: one try to write these (an empty value removes the key). Fails with STATUS; the new ledger is in $WORK/api.
ledger_patch() {
  local pair value data=
  for pair; do
    value=${pair#*=}
    data+=${data:+,}"$(json_quote "${pair%%=*}"):"
    if [[ -n $value ]]; then data+=$(json_quote "$value"); else data+=null; fi
  done
  printf '{"metadata":{"resourceVersion":"%s"},"data":{%s}}' "$LEDGER_VERSION" "$data" >"$WORK/patch"
  api PATCH --header 'Content-Type: application/merge-patch+json' --data-binary "@$WORK/patch"
  [[ $STATUS == 200 ]]
}

# ledger_write KEY=VALUE...: the same, until it is written. Fails, with the ledger read again, when somebody else wrote in
# between: the caller then has to look again at what it is doing.
ledger_write() {
  local refused=0
  until ledger_patch "$@" && ledger_parse; do
    case $STATUS in
      409)
        say "Somebody else wrote the ledger: reading it again."
        ledger_read
        return 1
        ;;
      4*) ((++refused > 40)) && give_up "The ledger ConfigMap $NAMESPACE/$LEDGER_NAME cannot be written: $(api_problem)." ;;
    esac
    (($(now) > DEADLINE + 30)) && give_up "The ledger ConfigMap $NAMESPACE/$LEDGER_NAME could not be written: $(api_problem)."
    sleep 0.5
  done
}

# made KIND PATH: the entry `states` with one more state that was made for this job.
made() {
  local line states=${LEDGER[states]-}
  [[ $'\n'$states$'\n' != *" $2"$'\n'* ]] || { printf '%s' "states=$states"; return; }
  line="$1 $(now) $2"
  printf '%s' "states=${states:+$states$'\n'}$line"
}

# unmade PATH: the entry `states` without a state that was disposed of.
unmade() {
  local line states=
  while read -r line; do
    [[ -z $line || $line == *" $1" ]] || states+=${states:+$'\n'}$line
  done <<<"${LEDGER[states]-}"
  printf '%s' "states=$states"
}

# verdict MESSAGE [LEFT]: ends the whole Job: this is how it is, another attempt would find the same. LEFT says what was left as it is, if it was.
verdict() {
  local pairs why=$1${2:+ $2}
  while :; do
    pairs=("message=${why:0:3000}" "failedSubmission=$SUBMISSION_UID")
    if [[ -z ${LEDGER[revision]-} || ${LEDGER[revision]} == "$REVISION" ]]; then
      pairs+=(phase=failed "revision=$REVISION")
    elif [[ ${LEDGER[phase]-} == upgrading && -z ${STOP_GOES_ON-} ]]; then
      # The predecessor was not stopped: it is what runs.
      pairs+=(phase=running trigger= target= stopAttempt=)
    fi
    ledger_write "${pairs[@]}" && break
  done
  give_up "$why"
}
