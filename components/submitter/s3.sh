# Requests to an S3-compatible store. Signed here (AWS Signature Version 4): curl itself signs what S3 wants only since 7.86, and images have older ones.

# s3_signed ENDPOINT REGION PATH_STYLE BUCKET KEY QUERY ACCESS_KEY SECRET_KEY: a GET request as curl's configuration: keys on a command line can be read by
# every process of the pod. Without ENDPOINT the store is Amazon's; QUERY is encoded, and sorted by name; without keys the request is not signed.
s3_signed() {
  local endpoint=${1%/} region=${2:-us-east-1} bucket=$4 key=$5 query=$6 access=$7 secret=$8 scheme=https host path date empty
  if [[ -n $endpoint ]]; then
    scheme=${endpoint%%://*} host=${endpoint#*://}
  else
    host=s3.$region.amazonaws.com
  fi
  if [[ $3 == true ]]; then
    path=/$(uri_encode "$bucket${key:+/$key}")
  else
    host=$bucket.$host path=/$(uri_encode "$key")
  fi
  printf 'url = "%s"\n' "$scheme://$host$path${query:+?$query}"
  [[ -n $access && -n $secret ]] || return 0
  date=$(date -u +%Y%m%dT%H%M%SZ)
  empty=$(printf '' | sha256_hex)
  local headers="host;x-amz-content-sha256;x-amz-date" scope=${date%%T*}/$region/s3/aws4_request canonical signature
  canonical=$(printf '%s\n' GET "$path" "$query" "host:$host" "x-amz-content-sha256:$empty" "x-amz-date:$date" '' "$headers" "$empty")
  signature=$(printf 'AWS4%s' "$secret" | to_hex)
  local part
  for part in "${date%%T*}" "$region" s3 aws4_request; do signature=$(hmac "$signature" "$part"); done
  signature=$(hmac "$signature" "$(printf '%s\n' AWS4-HMAC-SHA256 "$date" "$scope" "$(printf '%s' "$canonical" | sha256_hex)")")
  printf 'header = "%s"\n' "x-amz-date: $date" "x-amz-content-sha256: $empty" \
    "Authorization: AWS4-HMAC-SHA256 Credential=$access/$scope, SignedHeaders=$headers, Signature=$signature"
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
