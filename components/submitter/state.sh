# Which states there are, for when the JobManager that made them has forgotten. Where the cluster's storage is a volume (STATE_VOLUME: where it is mounted) or an
# S3-compatible store with keys (STATE_S3_KEYS: the folder with the files access-key and secret-key), it is looked at; of others, and without the right
# to list, nothing is known.

# folders_in URI: sets FOLDERS to the names of the folders that lie right there. Fails when that cannot be said.
folders_in() {
  local path
  FOLDERS=()
  case $1 in
    file:*)
      on_volume "$1" || return 1
      [[ -d $VOLUME_PATH ]] || return 0
      [[ -r $VOLUME_PATH && -x $VOLUME_PATH ]] || return 1
      for path in "$VOLUME_PATH"/*/; do
        [[ ! -d $path ]] || { path=${path%/} && FOLDERS+=("${path##*/}"); }
      done
      ;;
    *) s3_list "$1/" %2F ;;
  esac
}

# metadata_in URI: whether the checkpoint or savepoint there is complete: Flink writes that file last. Fails with 1 when it is not, with 2 when that cannot be said.
metadata_in() {
  local key
  case $1 in
    file:*)
      on_volume "$1" && [[ -x $VOLUME_PATH ]] || return 2
      [[ -s $VOLUME_PATH/_metadata ]]
      ;;
    *)
      s3_list "$1/_metadata" || return 2
      for key in "${KEYS[@]}"; do [[ $key != _metadata ]] || return 0; done
      return 1
      ;;
  esac
}

# Sets VOLUME_PATH to where a file:/… URI lies here. Fails when it is not on the volume.
on_volume() {
  VOLUME_PATH=${1#file:}
  while [[ $VOLUME_PATH == //* ]]; do VOLUME_PATH=${VOLUME_PATH#/}; done
  [[ -n ${STATE_VOLUME-} && $VOLUME_PATH == "${STATE_VOLUME%/}"/* && -d $STATE_VOLUME && -r $STATE_VOLUME && -x $STATE_VOLUME ]]
}

# s3_list URI [DELIMITER]: sets FOLDERS and KEYS to what begins with this, by the last part of their names. Fails when the store does not say all of it.
s3_list() {
  local bucket=${1#*://} key query tries kind name end= all= style=${STATE_S3_PATH_STYLE-}
  FOLDERS=() KEYS=()
  [[ -n ${STATE_S3_KEYS-} && $1 =~ ^s3[ap]?://[^/]+/. ]] || return 1
  key=${bucket#*/} bucket=${bucket%%/*}
  # No certificate is for a name with such a bucket before it.
  [[ $bucket != *.* ]] || style=true
  key=$(uri_encode "$key")
  query="${2:+delimiter=$2&}list-type=2&prefix=${key//\//%2F}"
  for ((tries = 0; tries < 5; tries++)); do
    STATUS=$(s3_signed "${STATE_S3_ENDPOINT-}" "${STATE_S3_REGION-}" "$style" "$bucket" '' "$query" "$(<"$STATE_S3_KEYS/access-key")" "$(<"$STATE_S3_KEYS/secret-key")" |
      curl --disable --config - --silent --show-error --globoff --connect-timeout 5 --max-time 15 \
        --output "$WORK/list" --write-out '%{http_code}' 2>"$WORK/list.error") || STATUS=000
    [[ $STATUS == 000 || $STATUS == 5* ]] || break
    sleep 1
  done
  if [[ $STATUS != 200 ]]; then
    say "The store did not list $1: HTTP $STATUS $(if [[ $STATUS == 000 ]]; then cat "$WORK/list.error"; else head -c 300 "$WORK/list" | tr -c '[:print:]' ' '; fi)"
    return 1
  fi
  while IFS=$'\t' read -r kind name; do
    case $kind in
      folder) FOLDERS+=("$name") ;;
      key) KEYS+=("$name") ;;
      all) all=$name ;;
      end) end=1 ;;
    esac
  done < <(awk '
    BEGIN { RS = "<" }
    { tag = $0; sub(/[ >\/].*/, "", tag); text = $0; sub(/^[^>]*>/, "", text); gsub(/[\r\n\t]/, "", text) }
    tag == "" { tag = "/" substr($0, 2); sub(/[ >].*/, "", tag) }
    tag == "CommonPrefixes" { folders = 1 }
    tag == "/CommonPrefixes" { folders = 0 }
    tag == "Prefix" && folders { sub(/\/$/, "", text); sub(/.*\//, "", text); print "folder\t" text }
    tag == "Key" { sub(/.*\//, "", text); print "key\t" text }
    tag == "IsTruncated" { print "all\t" text }
    tag == "/ListBucketResult" { print "end\t" }
  ' "$WORK/list")
  [[ -n $end && $all == false ]]
}

# stored_savepoint DIRECTORY: sets STORED to the one complete savepoint in the directory of one stop. Fails with 1 when there is none, with 2 when that cannot be said.
stored_savepoint() {
  local name found=()
  STORED=
  folders_in "${1%/}" || return 2
  for name in "${FOLDERS[@]}"; do [[ $name != savepoint-* ]] || found+=("$name"); done
  ((${#found[@]} > 0)) || return 1
  ((${#found[@]} == 1)) || return 2
  metadata_in "${1%/}/${found[0]}" || return
  STORED=${1%/}/${found[0]}
}

# newest_savepoint DIRECTORY: sets STORED to the newest complete savepoint in a job's directory for savepoints (see savepoint_folder). Fails as stored_savepoint does.
newest_savepoint() {
  local name time newest found tried=' '
  folders_in "${1%/}" || return 2
  local names=("${FOLDERS[@]}")
  while :; do
    newest= found=
    for name in "${names[@]}"; do
      [[ $name =~ (^|-)([0-9]{8}T[0-9]{6}Z)- && $tried != *" $name "* ]] || continue
      time=${BASH_REMATCH[2]}
      [[ $time < $newest ]] || newest=$time found=$name
    done
    [[ -n $found ]] || return 1
    stored_savepoint "${1%/}/$found"
    case $? in
      0) return 0 ;;
      2) return 2 ;;
    esac
    tried+="$found "
  done
}

# Sets FROM to INITIAL_SAVEPOINT or, when that is a job's directory for savepoints, to the newest there.
initial_state() {
  FROM=${INITIAL_SAVEPOINT-}
  [[ -n $FROM ]] && newest_savepoint "$FROM" || return 0
  FROM=$STORED
  say "The newest savepoint in $INITIAL_SAVEPOINT is $FROM."
}

# stored_checkpoint ID: sets STORED to the newest complete checkpoint of a job that there is. Fails as stored_savepoint does.
stored_checkpoint() {
  local directory name number newest
  STORED=
  checkpoints_of "$1" || return 2
  directory=$CHECKPOINTS
  folders_in "$directory" || return 2
  local names=("${FOLDERS[@]}") tried=' '
  while :; do
    newest=-1
    for name in "${names[@]}"; do
      [[ $name =~ ^chk-([0-9]{1,15})$ && $tried != *" $name "* ]] || continue
      number=$((10#${BASH_REMATCH[1]}))
      ((number <= newest)) || newest=$number
    done
    ((newest >= 0)) || return 1
    metadata_in "$directory/chk-$newest"
    case $? in
      0)
        STORED=$directory/chk-$newest
        return 0
        ;;
      2) return 2 ;;
    esac
    tried+="chk-$newest "
  done
}

# Sets CHECKPOINTS to the directory of a job's checkpoints. Fails when it has none.
checkpoints_of() {
  CHECKPOINTS=${LEDGER[checkpoint]-}
  if [[ $CHECKPOINTS == *"/$1/chk-"* ]]; then CHECKPOINTS=${CHECKPOINTS%/chk-*}; else CHECKPOINTS=${CHECKPOINT_DIRECTORY:+${CHECKPOINT_DIRECTORY%/}/$1}; fi
  [[ -n $CHECKPOINTS ]]
}

# Where the store cannot be looked at, starting a job from a state shows whether it is there. The ledger then has the newest that there may be in `savepoint`, and in
# `atLeast` what is tried when there is nothing before it, a line each: `none` is to start from nothing.

# latest_possible PATH: the newest checkpoint that may be complete when this was the last that was seen. Going back further than needed would give
# out again what has been given out, so each is tried, the newest first.
latest_possible() {
  # A guard that has just come knows nothing of the times.
  local number=${1##*/chk-} more=4
  [[ $number =~ ^[0-9]{1,15}$ ]] || { printf '%s' "$1"; return; }
  # The job was gone when it was missed first.
  if ((${INTERVAL:-0} > 0 && ${TRIGGERED:-0} > 0)); then more=$(((${GONE:-$(now)} * 1000 - TRIGGERED) / INTERVAL + 1)); fi
  ((more >= 1)) || more=1
  ((more <= 10)) || more=10
  printf '%s' "${1%/chk-*}/chk-$((number + more))"
}

# first_possible ID FROM: of a job that was started from there a short time ago, and none of whose checkpoints was seen: sets POSSIBLE to the newest that there may
# be. Flink counts on from the checkpoint that a job starts from; what number a savepoint has does not stand in its name: then it fails.
first_possible() {
  local number=0
  checkpoints_of "$1" || return 1
  if [[ -n $2 ]]; then
    number=${2##*/chk-}
    [[ $number =~ ^[0-9]{1,15}$ ]] || return 1
  fi
  POSSIBLE=$CHECKPOINTS/chk-$((10#$number + 10))
}

# Sets EARLIER to what comes before the state that was tried, and AT_LEAST to what comes before that. Fails when it was none of these guesses.
earlier() {
  local tried=${LEDGER[savepoint]-} number next
  AT_LEAST=${LEDGER[atLeast]-}
  [[ -n $AT_LEAST ]] || return 1
  next=${AT_LEAST%%$'\n'*}
  number=${tried##*/chk-}
  if [[ $number =~ ^[0-9]{1,15}$ && $((10#$number)) -gt 1 ]]; then
    EARLIER=${tried%/chk-*}/chk-$((10#$number - 1))
    # A job's own numbers begin after the one that it was started from.
    [[ ${EARLIER##*/chk-} == "${next##*/chk-}" ]] || return 0
  fi
  EARLIER=${next/#none/}
  AT_LEAST=${AT_LEAST#"$next"}
  AT_LEAST=${AT_LEAST#$'\n'}
}

state_missing() {
  [[ $1 == *"Cannot find checkpoint or savepoint"* || $1 == *"Cannot find meta data file"* || $1 == *FileNotFoundException* || $1 == *NoSuchFileException* ]]
}

# No id is used for two states.
next_id() { printf '%s' "$JOB_ID_PREFIX$(hash "${LEDGER[jobId]}/again" 16)"; }
