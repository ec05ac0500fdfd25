#!/bin/bash
# Runs the program $1 of the agent with the image's Java and Flink's libraries.
program=$1 lib=${FLINK_LIB_DIR:-${FLINK_HOME:-/opt/flink}/lib}
if [[ -d ${JAVA_HOME:-} ]]; then java=$JAVA_HOME/bin/java; else java=java; fi
lacks() {
  local message="The image has no $1, which \"$program\" needs. Use an image that has it, as the official Flink images do, or name one with the argument \"$program.image\"."
  echo "$message" >&2
  printf '%s' "$message" >"${TERMINATION_LOG:-/dev/termination-log}"
  exit 1
}
type "$java" >/dev/null 2>&1 || lacks "Java (11 or newer)"
binary=$(readlink -f "$(command -v "$java")")
if [[ -r ${binary%/bin/java}/release ]] && grep -q '^JAVA_VERSION="1\.' "${binary%/bin/java}/release"; then lacks "Java of 11 or newer (it has Java 8)"; fi
compgen -G "$lib/flink-dist*.jar" >/dev/null || lacks "flink-dist*.jar in $lib"
# HttpURLConnection does not know the method PATCH without the last of these flags.
exec "$java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xss256k -XX:ReservedCodeCacheSize=12m -Xmx48m \
  --add-opens=java.base/java.net=ALL-UNNAMED -cp "${BASH_SOURCE[0]%/*}/agent.jar:$lib/*" flink.kubernetes.agent.Main "$program"
