/**
 * The program that starts JobManager, TaskManager, History Server or SQL Gateway. Flink's scripts start a
 * second JVM to compute memory and read config.yaml. Both are known here, so this launcher only detects the
 * image's class path, Java version and jemalloc. tests/unit/flink/launcher-oracle.test.ts compares the
 * command lines.
 */
import { type FileSystemPlugin, linkPlugins } from "./file-systems";
import { type ApplicationLaunch, applicationProcess } from "./launcher-application";
import { asScriptsRead } from "./java";
import type { Entries, ProcessMemory } from "./memory";
import { quote, word } from "./shell";
import type { FlinkRelease } from "./versions";

export type Role = "jobmanager" | "taskmanager";

/** Processes that the launcher can start: the roles of a cluster and auxiliary processes. */
export type Process = Role | "historyserver" | "sql-gateway";

/** The memory model's arguments for a JVM. */
type JvmArguments = Pick<ProcessMemory, "jvmArguments" | "dynamicProperties">;

const SERVICE = {
  jobmanager: "standalonesession",
  taskmanager: "taskexecutor",
  historyserver: "historyserver",
  "sql-gateway": "sql-gateway",
};
const OPTIONS_VARIABLE = {
  jobmanager: "FLINK_ENV_JAVA_OPTS_JM",
  taskmanager: "FLINK_ENV_JAVA_OPTS_TM",
  historyserver: "FLINK_ENV_JAVA_OPTS_HS",
  "sql-gateway": "FLINK_ENV_JAVA_OPTS_SQL_GATEWAY",
};
const CLASS = {
  jobmanager: "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
  taskmanager: "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
  historyserver: "org.apache.flink.runtime.webmonitor.history.HistoryServer",
  "sql-gateway": "org.apache.flink.table.gateway.SqlGateway",
};

/**
 * launch.sh, to be mounted beside config.yaml and log4j-console.properties and run as
 * `/bin/bash <that directory>/launch.sh`.
 *
 * Besides its own directory it reads `secret/config.yaml`, if present, and the files in `options`: each
 * file's name is an option, its content the value. It writes `run/conf`, which becomes FLINK_CONF_DIR.
 *
 * Environment variables that it uses:
 * - FLINK_HOME (default /opt/flink);
 * - POD_IP and POD_NAME: the address that a JobManager with high availability announces; address and id of a
 *   TaskManager;
 * - DISABLE_JEMALLOC, MALLOC_CONF;
 * - as in Flink's scripts: JAVA_HOME, JVM_ARGS, FLINK_ENV_JAVA_OPTS, FLINK_ENV_JAVA_OPTS_JM, _TM, _HS and
 *   _SQL_GATEWAY, FLINK_LIB_DIR, FLINK_PLUGINS_DIR, FLINK_OPT_DIR, FLINK_LOG_DIR, FLINK_IDENT_STRING,
 *   ROOT_LOG_LEVEL, MAX_LOG_FILE_NUMBER, and those of Hadoop, YARN and HBase.
 *
 * @param extraJars jars for the class path in addition to those of the library directory.
 * @param plugins file systems whose jars become plugins.
 * @param application the job of an application: application-launch.sh is beside the launcher. The pod has a
 * token for the Kubernetes API and its revision in FLINK_KUBERNETES_REVISION.
 * @param config the content of config.yaml. Only `env.*`, `high-availability.type`, `taskmanager.host` and
 * `taskmanager.resource-id` are used, and must be plain text here. Without `env.java.opts.all` the release's
 * own list is used.
 */
export function renderLauncher(
  role: Process,
  release: FlinkRelease,
  memory: JvmArguments,
  config: Entries = {},
  extraJars: readonly string[] = [],
  plugins: readonly FileSystemPlugin[] = [],
  application?: ApplicationLaunch,
): string {
  const option = (key: string): string | undefined =>
    config instanceof Map ? config.get(key) : (config as Record<string, string>)[key];
  const setting = (key: string) => asScriptsRead(option(key) ?? "");
  const javaOptions = (name: string, fallback = "") =>
    `${setting(`env.java.default-opts.${name}`)} ${setting(`env.java.opts.${name}`) || fallback}`.trim();
  const everyOptions = javaOptions("all", setting("env.java.opts") || release.jvmOptions.join(" "));
  const toFiles = option("env.stdout-err.redirect-to-file") === "true";
  const home = option("env.java.home");
  const logDirectory = setting("env.log.dir");
  const given = processArguments(role, release, memory, option);
  const process = given === "" ? CLASS[role] : `${CLASS[role]} \\\n${given}`;
  const carried = application
    ? applicationProcess(
        application,
        release,
        derivedArguments(memory),
        announcedAddress(release, option),
        process,
      )
    : "";

  return `#!/bin/bash
# Becomes Flink's ${role}, with the command line that bin/${application ? "standalone-job" : role}.sh would give it.
set -euo pipefail
memory='${memory.jvmArguments.join(" ")}'
java_options=${quote(everyOptions)}
role_options=${quote(javaOptions(role))}
: "\${FLINK_HOME:=/opt/flink}" "\${ROOT_LOG_LEVEL:=${setting("env.log.level") || "INFO"}}" "\${MAX_LOG_FILE_NUMBER:=${option("env.log.max") ?? 10}}"
: "\${FLINK_LIB_DIR:=$FLINK_HOME/lib}" "\${FLINK_PLUGINS_DIR:=$FLINK_HOME/plugins}" "\${FLINK_OPT_DIR:=$FLINK_HOME/opt}"
here=$(cd "\${BASH_SOURCE[0]%/*}" && pwd) FLINK_BIN_DIR=$FLINK_HOME/bin
FLINK_CONF_DIR=\${here%/*}/run/conf
export FLINK_HOME FLINK_BIN_DIR FLINK_CONF_DIR FLINK_LIB_DIR FLINK_PLUGINS_DIR FLINK_OPT_DIR ROOT_LOG_LEVEL MAX_LOG_FILE_NUMBER

# The configuration: what is plain, then what is secret.
mkdir -p "$FLINK_CONF_DIR" && chmod 700 "$FLINK_CONF_DIR"
cp -fL --no-preserve=mode "$here"/*.* "$FLINK_CONF_DIR"
if [[ -f \${here%/*}/secret/config.yaml ]]; then cat "\${here%/*}/secret/config.yaml" >>"$FLINK_CONF_DIR/config.yaml"; fi

quote="'"
for file in "\${here%/*}"/options/*; do
  if [[ -f $file ]]; then value=$(<"$file") && printf "%s: '%s'\\n" "\${file##*/}" "\${value//$quote/$quote$quote}" >>"$FLINK_CONF_DIR/config.yaml"; fi
done
${role === "jobmanager" && !release.legacyEntrypointArguments && isHighlyAvailable(option) ? bindHost : ""}${linkPlugins(plugins, quote)}
# The class path: lib in the order of the names, flink-dist last, then what the image has of Hadoop, YARN and HBase.
classpath='' dist=''
while read -r -d '' jar; do
  if [[ $jar =~ /flink-dist[^/]*\\.jar$ ]]; then dist+=:$jar; else classpath+=:$jar; fi
done < <(find "$FLINK_LIB_DIR" ! -type d -name '*.jar' -print0 | sort -z)
${extraJars.length === 0 ? "" : addJars(extraJars)}[[ $dist =~ ^:[^:]+$ ]] || { echo "Need exactly one flink-dist*.jar in $FLINK_LIB_DIR, found: \${dist:-none}. Is this a Flink image?" >&2; exit 1; }
first() { for directory; do if [[ -d $directory ]]; then echo "$directory"; break; fi; done; }
hadoop=\${HADOOP_CONF_DIR:-${quote(setting("env.hadoop.conf.dir"))}}
[[ $hadoop ]] || hadoop=$(first "\${HADOOP_HOME:-/none}/etc/hadoop" "\${HADOOP_HOME:-/none}/conf")
[[ $hadoop\${HADOOP_CLASSPATH:-} ]] || hadoop=$(first /etc/hadoop/conf)
yarn=\${YARN_CONF_DIR:-${quote(setting("env.yarn.conf.dir"))}}
hbase=\${HBASE_CONF_DIR:-${quote(setting("env.hbase.conf.dir"))}}
[[ $hbase ]] || hbase=$(first "\${HBASE_HOME:-/none}/conf" /etc/hbase/conf)
${role === "sql-gateway" ? gatewayJars : ""}classpath=\${classpath#:}$dist:${role === "sql-gateway" ? "$gateway:$python" : ""}:\${HADOOP_CLASSPATH:-}:$hadoop:$yarn\${hbase:+:$hbase}

# Java. Above version 17 it needs one more flag; its release file tells the version without starting it.
${home === undefined ? "" : `JAVA_HOME=${quote(home)}\n`}if [[ -d \${JAVA_HOME:-} ]]; then java=$JAVA_HOME/bin/java; else java=java; fi
if [[ -z \${FLINK_ENV_JAVA_OPTS:-} ]]; then
  FLINK_ENV_JAVA_OPTS="-XX:+IgnoreUnrecognizedVMOptions $java_options"
  binary=$(readlink -f "$(command -v "$java")")
  version=$(sed -n 's/^JAVA_VERSION="\\([0-9]*\\).*/\\1/p' "\${binary%/bin/java}/release" 2>/dev/null || true)
  [[ $version ]] || version=$("$java" -XshowSettings:properties -version 2>&1 | sed -n 's/.*java.specification.version = \\([0-9]*\\).*/\\1/p')
  if ((version > 17)); then FLINK_ENV_JAVA_OPTS+=' -Djava.security.manager=allow'; fi
fi
# An option may name a variable of the pod, such as $HOSTNAME in the path of a heap dump.
java_options=$(set +u; eval echo "$FLINK_ENV_JAVA_OPTS \${${OPTIONS_VARIABLE[role]}:-$role_options}")

# The memory allocator of the official images, against fragmentation by native code such as RocksDB. By itself it has arenas for all CPUs
# of the node, and each keeps memory back: here by its own formula for those of the container, as in the images.
for library in /usr/lib/"$(uname -m)"-linux-gnu/libjemalloc.so{,.2}; do
  [[ \${DISABLE_JEMALLOC:-false} == false && -f $library ]] || continue
  export LD_PRELOAD=\${LD_PRELOAD:-}:$library
  read -r quota period < <(cat /sys/fs/cgroup/cpu{.max,/cpu.cfs_quota_us,/cpu.cfs_period_us} 2>/dev/null | tr '\\n' ' ') || true
  [[ $quota == [1-9]* ]] && cpus=$(((quota + period - 1) / period)) && export MALLOC_CONF="narenas:$((cpus > 1 ? 4 * cpus : 1))\${MALLOC_CONF:+,$MALLOC_CONF}"
  break
done

log=\${FLINK_LOG_DIR:-${logDirectory ? quote(logDirectory) : "$FLINK_HOME/log"}}/flink-\${FLINK_IDENT_STRING:-\${USER:-}}-${application ? "standalonejob" : SERVICE[role]}-0-$HOSTNAME
${carried}${toFiles ? 'exec 1>"$log.out" 2>"$log.err"\n' : ""}# shellcheck disable=SC2086 # the options are words to be split
exec "$java" \${JVM_ARGS:-} $memory $java_options ${toFiles ? "-Dconsole.log.level=OFF " : ""}-Dlog.file="$log.log" \\
  -Dlog4j.configuration="file:$FLINK_CONF_DIR/log4j-console.properties" \\
  -Dlog4j.configurationFile="file:$FLINK_CONF_DIR/log4j-console.properties" \\
  -Dlogback.configurationFile="file:$FLINK_CONF_DIR/logback-console.xml" \\
  -classpath "$classpath" ${application ? '"${process[@]}"' : process}
`;
}

/**
 * A standby JobManager of Flink 2 sends a submitted job's jar to the leader's blob server, at the address
 * where the leader listens. If that means all addresses, Flink sends it to the pod's name, which no other pod
 * resolves.
 */
const bindHost = `
printf "jobmanager.bind-host: '%s'\\n" "\${POD_IP:?must hold the address of the pod, from its status}" >>"$FLINK_CONF_DIR/config.yaml"
`;

/** The jars of the SQL Gateway and of Python functions are not in the library directory. */
const gatewayJars = `gateway=$(find "$FLINK_OPT_DIR" -name 'flink-sql-gateway*.jar') python=$(find "$FLINK_OPT_DIR" -name 'flink-python*.jar')
[[ $gateway == *.jar && $gateway != *$'\\n'* ]] || { echo "Need exactly one flink-sql-gateway*.jar in $FLINK_OPT_DIR, found: \${gateway:-none}. The official images have it." >&2; exit 1; }
`;

/**
 * Jars outside the library directory. Without this check, a missing jar would only show when a class is
 * missing.
 */
function addJars(jars: readonly string[]): string {
  return `for jar in ${jars.map(quote).join(" ")}; do
  [[ -r $jar ]] || { echo "There is no jar $jar in the container, and extraJars names it. Is it in the image, or in a volume that is mounted?" >&2; exit 1; }
  classpath+=:$jar
done
`;
}

/** Arguments of the Flink process, one argument group per line, in the order of the scripts. */
function processArguments(
  role: Process,
  release: FlinkRelease,
  memory: JvmArguments,
  option: (key: string) => string | undefined,
): string {
  const derived = derivedArguments(memory);
  const configDirectory = `  --configDir "$FLINK_CONF_DIR"`;
  if (role === "historyserver") return configDirectory;
  if (role === "sql-gateway") return ""; // finds the directory through FLINK_CONF_DIR
  if (role === "jobmanager") {
    const mode = release.legacyEntrypointArguments ? " --executionMode cluster" : "";
    return `${derived}\n${configDirectory}${mode} "$@"${announcedAddress(release, option, true)}`;
  }
  const own = [
    ["taskmanager.resource-id", "POD_NAME"], // the same name in the web UI, in kubectl and in the logs
    ["taskmanager.host", "POD_IP"], // otherwise a TaskManager waits for the JobManager to detect its own address
  ]
    .filter(([key]) => option(key) === undefined)
    .map(([key, variable]) => ` \${${variable}:+-D} \${${variable}:+"${key}=$${variable}"}`);
  return `${configDirectory} \\\n${derived}\n  "$@"${own.join("")}`;
}

function derivedArguments(memory: JvmArguments): string {
  return memory.dynamicProperties.map(([key, value]) => `  -D ${key}=${word(value)} \\`).join("\n");
}

/**
 * The pod's own address, for a JobManager with high availability. Without high availability TaskManagers use
 * the configured name, so the JobManager must announce that name.
 */
function announcedAddress(
  release: FlinkRelease,
  option: (key: string) => string | undefined,
  session = false,
): string {
  if (!isHighlyAvailable(option)) return "";
  const address = "${POD_IP:?must hold the address of the pod, from its status}";
  return session && release.legacyEntrypointArguments
    ? ` --host "${address}"`
    : ` -D jobmanager.rpc.address="${address}"`;
}

function isHighlyAvailable(option: (key: string) => string | undefined): boolean {
  const type = (option("high-availability.type") ?? option("high-availability") ?? "none")
    .trim()
    .toLowerCase();
  return type !== "none" && type !== "";
}
