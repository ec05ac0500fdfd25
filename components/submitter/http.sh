# How a file is fetched whose place asks for a login or for headers (the argument jarHttp). HTTP_USERNAME and HTTP_PASSWORD are the login, HTTP_HEADERS the names
# of headers, HTTP_HEADER_0 … their values.

# http_fetch FILE: one try, as artifact_fetch. Who is redirected elsewhere shows nothing there: such a place has been told already, in its address.
http_fetch() {
  local left options answer next authority url=$JAR origin i
  origin=$(http_origin "$JAR")
  for ((i = 0; i <= 5; i++)); do
    left=$((DEADLINE - $(now)))
    options=(--disable --config - --silent --show-error --globoff --connect-timeout 10 --max-time $((left > 10 ? left : 10))
      --output "$1" --write-out '%{http_code} %{redirect_url}' --proto '=https')
    answer=$(http_credentials "$url" "$origin" | curl "${options[@]}" "$url" 2>"$WORK/artifact.error") || answer=000
    STATUS=${answer%% *} next=${answer#* }
    [[ $STATUS == 30[12378] && $next == *://* ]] || break
    if [[ ${next,,} != https://* ]]; then
      STATUS=000
      printf 'it is redirected to a place without TLS' >"$WORK/artifact.error"
      return
    fi
    # curl puts the login into where it is redirected to on the same host.
    next=${next#*://} authority=${next%%[/?#]*}
    url=https://${authority##*@}${next#"$authority"}
  done
  [[ $STATUS != 401 && $STATUS != 403 ]] ||
    verdict "$JAR may not be read: HTTP $STATUS. Check the login and the headers (jarHttp), and that they may read this one file."
}

# Scheme, host and port of a URL.
http_origin() {
  local text=${1#*://}
  text=${text%%[/?#]*}
  printf '%s' "${text,,}"
}

# http_credentials URL ORIGIN: as curl's configuration, which no command line shows.
http_credentials() {
  local names name value i=0
  [[ $(http_origin "$1") == "$2" ]] || return 0
  [[ -z ${HTTP_USERNAME+login} ]] || printf 'user = %s\n' "$(http_quote "$HTTP_USERNAME:${HTTP_PASSWORD-}")"
  read -ra names <<<"${HTTP_HEADERS-}"
  for name in "${names[@]}"; do
    value=HTTP_HEADER_$i
    printf 'header = %s\n' "$(http_quote "$name: ${!value-}")"
    ((++i))
  done
}

# As curl's configuration has it, in quotes. A line break at the end is an editor's; one within would begin another header.
http_quote() {
  local text=$1 backslash='\' quote='"'
  text=${text%$'\n'} text=${text%$'\r'}
  text=${text//[$'\r\n']/ }
  text=${text//"$backslash"/"$backslash$backslash"}
  printf '"%s"' "${text//"$quote"/"$backslash$quote"}"
}
