# The job's jar: a file of this pod (from the image, or on a volume), or one that is fetched over https or from an S3-compatible store. JAR says where it is,
# (empty: the program needs none), JAR_CHECKSUM what it must be (SHA-256), JAR_FILE, once artifact_get was called, where it lies here.

# Where it is, for people.
artifact_place() {
  if [[ -z $JAR ]]; then printf 'an empty jar'; elif [[ $JAR == /* ]]; then printf 'the file %s in the image %s' "$JAR" "$IMAGE"; else printf '%s' "$JAR"; fi
}

# Sets JAR_FILE. What cannot be got is a verdict; a store that is busy is asked again.
artifact_get() {
  [[ -z ${JAR_FILE-} ]] || return 0
  if [[ -z $JAR ]]; then
    # The program comes with Flink, which runs none without a jar: one with nothing in it.
    printf 'PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' >"$WORK/empty.jar"
    JAR_FILE=$WORK/empty.jar
    return 0
  fi
  if [[ $JAR == /* ]]; then
    [[ -f $JAR ]] || verdict "There is no file $JAR in the image $IMAGE (or on a volume of its pod). Write in \"jar\" where it is."
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
      404 | 410) verdict "There is nothing at $JAR: HTTP $STATUS. Check \"jar\", and that it was uploaded." ;;
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
  else
    # To another place only over https, too.
    STATUS=$(curl "${options[@]}" --proto '=https' --location --max-redirs 5 "$JAR" </dev/null 2>"$WORK/artifact.error") || STATUS=000
  fi
}

# The request for an object as curl's configuration: keys on a command line can be read by every process of the pod. Signed here (AWS
# Signature Version 4): curl itself signs what S3 wants only since 7.86, and images have older ones.
s3_request() {
  local bucket=${JAR#s3://} key host path scheme=https region=${S3_REGION:-us-east-1} date empty
  key=${bucket#*/} bucket=${bucket%%/*}
  if [[ -n ${S3_ENDPOINT-} ]]; then
    scheme=${S3_ENDPOINT%%://*} host=${S3_ENDPOINT#*://}
    host=${host%/} path=/$(uri_encode "$bucket/$key")
  else
    host=$bucket.s3.$region.amazonaws.com path=/$(uri_encode "$key")
  fi
  printf 'url = "%s"\n' "$scheme://$host$path"
  [[ -n ${S3_ACCESS_KEY-} && -n ${S3_SECRET_KEY-} ]] || return 0
  date=$(date -u +%Y%m%dT%H%M%SZ)
  empty=$(printf '' | sha256_hex)
  local headers="host;x-amz-content-sha256;x-amz-date" scope=${date%%T*}/$region/s3/aws4_request canonical signature secret=$S3_SECRET_KEY
  canonical=$(printf '%s\n' GET "$path" '' "host:$host" "x-amz-content-sha256:$empty" "x-amz-date:$date" '' "$headers" "$empty")
  signature=$(printf 'AWS4%s' "$secret" | to_hex)
  local part
  for part in "${date%%T*}" "$region" s3 aws4_request; do signature=$(hmac "$signature" "$part"); done
  signature=$(hmac "$signature" "$(printf '%s\n' AWS4-HMAC-SHA256 "$date" "$scope" "$(printf '%s' "$canonical" | sha256_hex)")")
  printf 'header = "%s"\n' "x-amz-date: $date" "x-amz-content-sha256: $empty" \
    "Authorization: AWS4-HMAC-SHA256 Credential=$S3_ACCESS_KEY/$scope, SignedHeaders=$headers, Signature=$signature"
}

sha256_hex() {
  local sum
  sum=$(sha256sum)
  printf '%s' "${sum%% *}"
}

# Standard input as hex digits.
to_hex() { od -An -v -tx1 | tr -d ' \n'; }

# Hex digits as an argument of printf %b.
from_hex() {
  local hex=$1 text= i
  for ((i = 0; i < ${#hex}; i += 2)); do text+="\\x${hex:i:2}"; done
  printf '%s' "$text"
}

# hmac KEY TEXT: HMAC-SHA256; the key and the result in hex digits.
hmac() {
  local key=$1 inner= outer= i byte hash
  ((${#key} <= 128)) || key=$(printf '%b' "$(from_hex "$key")" | sha256_hex)
  for ((i = 0; i < 128; i += 2)); do
    byte=0x${key:i:2}
    [[ $byte != 0x ]] || byte=0
    printf -v inner '%s\\x%02x' "$inner" $((byte ^ 0x36))
    printf -v outer '%s\\x%02x' "$outer" $((byte ^ 0x5c))
  done
  hash=$({ printf '%b' "$inner" && printf '%s' "$2"; } | sha256_hex)
  { printf '%b' "$outer" && printf '%b' "$(from_hex "$hash")"; } | sha256_hex
}

# Everything but letters, digits, - . _ ~ and slashes, byte by byte.
uri_encode() {
  local text=$1 i char
  for ((i = 0; i < ${#text}; i++)); do
    char=${text:i:1}
    if [[ $char == [A-Za-z0-9._~/-] ]]; then printf '%s' "$char"; else printf '%%%02X' "'$char"; fi
  done
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
