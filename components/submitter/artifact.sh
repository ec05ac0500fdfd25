# The job's jar: a file of this pod (from the image, or on a volume), or one that is fetched over https or from an S3-compatible store. JAR says where it is,
# (empty: the program needs none), JAR_CHECKSUM what it must be (SHA-256), JAR_FILE, once artifact_get was called, where it lies here. With PYTHON set (also to
# nothing) it is a file in Python, of which an archive is made.

[[ ! -e $HERE/zip.sh ]] || . "$HERE/zip.sh"
[[ ! -e $HERE/http.sh ]] || . "$HERE/http.sh"
[[ -z ${PYTHON+python} ]] || . "$HERE/python.sh"

# What is sent, and the argument that says what it is, for people.
ARTIFACT=${JAR:-an empty jar} ARTIFACT_ARGUMENT=jar
[[ -z ${PYTHON+python} ]] || ARTIFACT=${JAR:-the program} ARTIFACT_ARGUMENT=python.file

# Where it is, for people.
artifact_place() {
  if [[ -z $JAR ]]; then printf '%s' "$ARTIFACT"; elif [[ $JAR == /* ]]; then printf 'the file %s in the image %s' "$JAR" "$IMAGE"; else printf '%s' "$JAR"; fi
}

# Sets JAR_FILE. What cannot be got is a verdict; a store that is busy is asked again.
artifact_get() {
  [[ -z ${JAR_FILE-} ]] || return 0
  if [[ -n ${PYTHON+python} ]]; then
    [[ -z $JAR ]] || artifact_find
    python_archive
  else
    artifact_find
  fi
}

artifact_find() {
  if [[ -z $JAR && -e $HERE/SqlScript.class ]]; then
    JAR_FILE=$WORK/sql.jar
    zip "$JAR_FILE" flink/kubernetes/SqlScript.class "$HERE/SqlScript.class"
    return 0
  elif [[ -z $JAR ]]; then
    # The program comes with Flink, which runs none without a jar: one with nothing in it.
    printf 'PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' >"$WORK/empty.jar"
    JAR_FILE=$WORK/empty.jar
    return 0
  fi
  if [[ $JAR == /* ]]; then
    [[ -f $JAR ]] || verdict "There is no file $JAR in the image $IMAGE (or on a volume of its pod). Write in \"$ARTIFACT_ARGUMENT\" where it is."
    [[ -r $JAR ]] || verdict "The file $JAR in the image $IMAGE cannot be read by user $(id -u). Make it readable for everybody when the image is built."
    artifact_check "$JAR"
    JAR_FILE=$JAR
    return 0
  fi
  local file=$WORK/artifact.jar
  say "Fetching $JAR."
  while :; do
    artifact_fetch "$file"
    case $STATUS in
      200) break ;;
      401 | 403) verdict "$JAR may not be read: HTTP $STATUS. Check the credentials (jarStorage), and that they may read this one object." ;;
      404 | 410) verdict "There is nothing at $JAR: HTTP $STATUS. Check \"$ARTIFACT_ARGUMENT\", and that it was uploaded." ;;
      301 | 400) [[ $JAR != s3://* ]] || verdict "The store did not give $JAR: HTTP $STATUS $(artifact_problem). Check jarStorage.region and jarStorage.endpoint." ;;
    esac
    expired && verdict "$JAR could not be fetched within $START_TIMEOUT s: HTTP $STATUS $(artifact_problem)."
    sleep 1
  done
  artifact_check "$file"
  JAR_FILE=$file
}

artifact_check() {
  local sum
  [[ -n ${JAR_CHECKSUM-} ]] || return 0
  sum=$(sha256sum <"$1")
  sum=${sum%% *}
  [[ $sum == "$JAR_CHECKSUM" ]] || verdict "$(artifact_place) is not what jarChecksum says: its SHA-256 is $sum, not $JAR_CHECKSUM. It was changed since, or the checksum is that of another file."
}

artifact_problem() {
  if [[ $STATUS == 000 ]]; then printf '%s' "$(<"$WORK/artifact.error")"; else head -c 300 "$WORK/artifact.jar" 2>/dev/null | tr -c '[:print:]' ' '; fi
}

# artifact_fetch FILE: one try. Sets STATUS (000: no whole answer).
artifact_fetch() {
  local left=$((DEADLINE - $(now)))
  local options=(--disable --config - --silent --show-error --globoff --connect-timeout 10 --max-time $((left > 10 ? left : 10))
    --output "$1" --write-out '%{http_code}')
  if [[ $JAR == s3://* ]]; then
    STATUS=$(s3_request | curl "${options[@]}" 2>"$WORK/artifact.error") || STATUS=000
  elif [[ -e $HERE/http.sh ]]; then
    http_fetch "$1"
  else
    # To another place only over https, too.
    STATUS=$(curl "${options[@]}" --proto '=https' --location --max-redirs 5 "$JAR" </dev/null 2>"$WORK/artifact.error") || STATUS=000
  fi
}

# The request for the object, as curl's configuration.
s3_request() {
  local bucket=${JAR#s3://} path_style=
  [[ -z ${S3_ENDPOINT-} ]] || path_style=true
  s3_signed "${S3_ENDPOINT-}" "${S3_REGION-}" "$path_style" "${bucket%%/*}" "${bucket#*/}" '' "${S3_ACCESS_KEY-}" "${S3_SECRET_KEY-}"
}

# Sets REQUEST to the run request with its secrets, which the ConfigMap's text names only: {"$secret":"NAME"} stands for the text of that file, or, when it is called
# NAME.json, for the JSON in it.
run_request() {
  local text=$1 file name
  for file in "${SECRETS_DIR:-/opt/flink-kubernetes/secrets}"/*; do
    [[ -f $file ]] || continue
    name=${file##*/}
    text=${text//"{\"\$secret\":\"$name\"}"/"$(secret_text "$file")"}
  done
  [[ $text != *'{"$secret":"'* ]] || verdict "An argument of the job stands in a Secret that does not have it. Run the update again: it writes the Secret."
  REQUEST=$text
}

# A file as a JSON string, its line breaks at the end too.
secret_text() {
  local text
  if [[ $1 == *.json ]]; then cat "$1" && return; fi
  text=$(cat "$1" && printf x)
  json_quote "${text%x}"
}
