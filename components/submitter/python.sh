# The archive of a program in Python, which is sent to the JobManager as a jar is (a jar is a zip archive, and Python imports from one): what runs the program, its arguments,
# and the program itself where it is a script or a file. PYTHON is the command that runs it there, or empty when the image here is another one than there.

# Sets JAR_FILE to the archive; when there is a JAR_FILE, that is the program.
python_archive() {
  local files secret=${SECRETS_DIR:-/opt/flink-kubernetes/secrets}/main.py
  if [[ -n $PYTHON ]] && ! "$PYTHON" -c 'import pyflink' >"$WORK/python" 2>&1; then
    verdict "The image $IMAGE cannot run a program in Python: $(tail -n 1 "$WORK/python"). Use an image with the command \"$PYTHON\" and the package apache-flink of the cluster's version."
  fi
  run_request "$(<"$HERE/job.json")"
  printf '%s' "$REQUEST" >"$WORK/job.json"
  files=(flink_kubernetes_job.py "$HERE/flink_kubernetes_job.py" job.json "$WORK/job.json")
  if [[ -n ${JAR_FILE-} ]]; then
    files+=(main.py "$JAR_FILE")
  elif [[ -e $HERE/main.py ]]; then
    files+=(main.py "$HERE/main.py")
  elif [[ -e $secret ]]; then
    files+=(main.py "$secret")
  fi
  zip "$WORK/program.zip" "${files[@]}"
  JAR_FILE=$WORK/program.zip
}
