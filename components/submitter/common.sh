# What every part needs: messages, time, JSON. Needs bash 4.3, awk, curl and coreutils, nothing else.
set -u
export LC_ALL=C
TERMINATION_LOG=${TERMINATION_LOG:-/dev/termination-log}
WORK=${TMPDIR:-/tmp}

say() { printf '%(%H:%M:%S)T %s\n' -1 "$*"; }

now() { printf '%(%s)T' -1; }

expired() { (($(now) >= DEADLINE)); }

# Ends this attempt with one sentence where a person looks for it: the pod's termination message and its log.
give_up() {
  say "$1"
  printf '%s' "$1" >"$TERMINATION_LOG"
  exit 1
}

hash() { printf '%s' "$1" | sha256sum | cut -c "1-$2"; }

# json_read FILE: puts every scalar of a JSON text into JSON[path], still escaped as json.awk prints it. Fails on half an answer.
declare -A JSON=()
json_read() {
  local lines path value
  JSON=()
  lines=$(awk -f "$HERE/json.awk" "$1" 2>/dev/null) || return 1
  while IFS=$'\t' read -r path value; do
    # bash takes [@] and [*] for all elements.
    [[ -z $path || $path == [@*] ]] || JSON["$path"]=$value
  done <<<"$lines"
}

# json_text PATH: the value as it was meant.
json_text() { printf '%b' "${JSON["$1"]-}"; }

# json_into NAME PATH: the same, into a variable.
json_into() { printf -v "$1" '%b' "${JSON["$2"]-}"; }

# number NAME PATH: sets the variable to a whole number, 0 when there is none. Never hand a foreign value to (( )) as it is.
number() {
  local value=${JSON["$2"]-}
  [[ $value =~ ^[0-9]{1,15}$ ]] || value=0
  printf -v "$1" '%d' "$((10#$value))"
}

# json_quote TEXT: a JSON string.
json_quote() {
  local text=$1 backslash='\' quote='"' control
  text=${text//"$backslash"/"$backslash$backslash"}
  text=${text//"$quote"/"$backslash$quote"}
  text=${text//$'\n'/"${backslash}n"}
  text=${text//$'\t'/"${backslash}t"}
  while [[ $text =~ [[:cntrl:]] ]]; do
    control=${BASH_REMATCH[0]}
    printf -v control '%s%s' "$control" "$(printf '\\u%04x' "'$control")"
    text=${text//"${control:0:1}"/"${control:1}"}
  done
  printf '"%s"' "$text"
}

# root_cause < Java stack trace: the innermost "Caused by", or else the first line, without its stack.
root_cause() {
  awk '
    { sub(/\r$/, "") }
    /^<?Exception on server side:$/ || /^End of exception on server side/ || /^Internal server error\.?$/ { next }
    /^[ \t]+(at |\.\.\. |Suppressed: |Caused by: )/ || /^[ \t]*\[CIRCULAR/ { taking = 0; next }
    /^Caused by: / { sub(/^Caused by: /, ""); cause = $0; taking = 1; next }
    cause == "" && $0 != "" { sub(/^<Exception on server side:/, ""); cause = $0; taking = 1; next }
    taking && $0 != "" { cause = cause " " $0 }
    END {
      sub(/^(org\.apache\.flink\.util\.SerializedThrowable: )+/, "", cause)
      if (length(cause) > 1000) cause = substr(cause, 1, 1000) "..."
      else sub(/[. ]+$/, "", cause)
      printf "%s", cause
    }'
}

# soon LOOKS: the pause after so many looks at what mostly comes within a second, while the job counts nothing. Each look costs CPU.
soon() { if (($1 < 15)); then sleep 0.1; else sleep 0.3; fi; }
