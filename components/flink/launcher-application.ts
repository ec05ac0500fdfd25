import { loadCatalogue } from "./catalogue";
import { quote, word } from "./shell";
import type { FlinkRelease } from "./versions";

/** Data for the launcher of an application's JobManager. */
export interface ApplicationLaunch {
  /** Path of the jar; without it Flink searches usrlib and the library directory. */
  jar?: string;
  entryClass?: string;
  arguments: readonly string[];
  reactive: boolean;
  allowNonRestoredState: boolean;
  /** With high availability: where the results of starts are stored. Every start gets a subdirectory. */
  resultDirectory?: string;
  /** Variables for application-launch.sh: the ledger and its owner. */
  settings: Readonly<Record<string, string>>;
}

const CLASS = "org.apache.flink.container.entrypoint.StandaloneApplicationClusterEntryPoint";

/**
 * Bash that reads from the ledger what to start, and sets `process` to Flink's class and arguments. A
 * finished job does not start again: the JobManager then runs without a job, for the web UI and for probes.
 *
 * @param derived arguments of the memory model, each on a line with a continuation.
 * @param announced the argument with the pod's own address, if needed.
 * @param session class and arguments of a JobManager without a job.
 */
export function applicationProcess(
  application: ApplicationLaunch,
  release: FlinkRelease,
  derived: string,
  announced: string,
  session: string,
): string {
  const { jar, entryClass, reactive, allowNonRestoredState, settings } = application;
  const own = [
    ...(reactive ? ["-D scheduler-mode=reactive"] : []),
    ...resultPaths(application, release).map((path) => `-D ${path}`),
    '--job-id "$job" ${restore:+--fromSavepoint} ${restore:+"$restore"}',
    ...(allowNonRestoredState ? ["--allowNonRestoredState"] : []),
    ...(entryClass === undefined ? [] : [`--job-classname ${word(entryClass)}`]),
    // With this scheme Flink uses the file in place; otherwise it would make a copy.
    ...(jar === undefined ? [] : [`--jars ${word(`local://${jar}`)}`]),
    // Flink reads its own arguments up to the first unknown one, and the program's may have the same names.
    ...(application.arguments.length === 0 ? [] : [["--", ...application.arguments.map(word)].join(" ")]),
  ];
  const environment = Object.entries(settings).map(([name, value]) => `${name}=${quote(value)}`);
  return `
# What the job starts from, which the ledger knows.
start=\${here%/*}/run/start
${environment.join(" ")} \\
  /bin/bash "$here/application-launch.sh" "$start" "$log.log" &
# It may take long, and the first process of a container hears no signal that it does not ask for.
trap 'exit 143' TERM
wait $!
trap - TERM
{ read -r mode; read -r job; read -r restore; } <"$start"
if [[ $mode == job ]]; then
  process=(${CLASS} --configDir "$FLINK_CONF_DIR" \\
${derived}
  "$@"${announced} \\
${own.map((line) => `  ${line}`).join(" \\\n")})
else
  process=(${session} -D web.submit.enable=false)
fi

`;
}

/** The result of an earlier start must not be mistaken for this one's. */
function resultPaths({ resultDirectory }: ApplicationLaunch, release: FlinkRelease): string[] {
  if (resultDirectory === undefined) return [];
  const { types } = loadCatalogue(release.minor);
  return ["job-result-store", "application-result-store"]
    .map((store) => `${store}.storage-path`)
    .filter((option) => types.has(option))
    .map((option) => `${option}=${word(resultDirectory)}/"$job"`);
}
