import { execFile } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import { renderConfig } from "../../../components/flink/configuration";
import type { ApplicationLaunch } from "../../../components/flink/launcher-application";
import { type Process, renderLauncher } from "../../../components/flink/launcher";
import { renderLog4j } from "../../../components/flink/logging";
import { jobManagerMemory, type ProcessMemory, taskManagerMemory } from "../../../components/flink/memory";
import type { FlinkRelease } from "../../../components/flink/versions";

const run = promisify(execFile);

export interface Launch {
  role: Process;
  release: FlinkRelease;
  config: Record<string, string>;
  env: Record<string, string>;
  /** Names of jars and folders in lib. */
  jars: string[];
  java: number;
  /** Whether the image sets JAVA_HOME; else java is only on the PATH. */
  javaHome: boolean;
  /** The job that the JobManager carries. */
  application?: ApplicationLaunch;
}

/** What the ledger says in these tests: the id of the job, and the state that it starts from. */
export const carried = { id: "00112233aabbccdd00112233aabbccdd", state: "s3://bucket/a savepoint/1" };

/** What Java was started with: its arguments and the environment that Flink reads. */
export interface Started {
  args: string[];
  env: string[];
}

/** An image's file system, as far as the launcher and the scripts look at it. */
export class Image {
  readonly root = fs.mkdtempSync(path.join(os.tmpdir(), "flink-launch-"));
  private readonly home = path.join(this.root, "flink");
  private readonly mounts = path.join(this.root, "flink-kubernetes");

  constructor(
    private readonly launch: Launch,
    scripts?: string,
  ) {
    const java = path.join(this.root, "java");
    for (const folder of [
      `${this.home}/lib`,
      `${this.home}/log`,
      `${this.mounts}/conf`,
      `${java}/bin`,
      `${this.root}/hadoop/etc/hadoop`,
    ]) {
      fs.mkdirSync(folder, { recursive: true });
    }
    for (const jar of launch.jars) {
      fs.mkdirSync(path.dirname(path.join(this.home, "lib", jar)), { recursive: true });
      fs.writeFileSync(path.join(this.home, "lib", jar), "");
    }
    // Where the SQL Gateway is.
    for (const jar of ["flink-sql-gateway-9.9.9.jar", "flink-python-9.9.9.jar", "flink-cep-9.9.9.jar"]) {
      fs.mkdirSync(path.join(this.home, "opt"), { recursive: true });
      fs.writeFileSync(path.join(this.home, "opt", jar), "");
    }
    if (scripts) {
      fs.cpSync(path.join(scripts, "bin"), path.join(this.home, "bin"), { recursive: true });
    }
    fs.writeFileSync(`${java}/bin/java`, STUB, { mode: 0o755 });
    fs.writeFileSync(
      `${java}/release`,
      `IMPLEMENTOR="x"\nJAVA_VERSION="${launch.java === 8 ? "1.8.0_392" : `${launch.java}.0.15`}"\n`,
    );
    const memory = memoryOf(launch);
    this.mount("conf/config.yaml", renderConfig(launch.config));
    this.mount("conf/log4j-console.properties", renderLog4j());
    const { role, release, config, application } = launch;
    this.mount("conf/launch.sh", renderLauncher(role, release, memory, config, [], [], application));
    this.ledgerSays("job", carried.id, carried.state);
  }

  mount(name: string, text: string): void {
    const file = path.join(this.mounts, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text, { mode: 0o444 }); // as a kubelet may mount it
  }

  read(name: string): string {
    return fs.readFileSync(path.join(this.mounts, name), "utf8");
  }

  /** What application-launch.sh finds in the ledger. */
  ledgerSays(...lines: string[]): void {
    const text = lines.map((line) => `'${line}'`).join(" ");
    fs.rmSync(path.join(this.mounts, "conf/application-launch.sh"), { force: true });
    this.mount("conf/application-launch.sh", `printf '%s\\n' ${text} >"$1"\n`);
  }

  /** Changes what is mounted. */
  edit(file: string, change: (text: string) => string): void {
    const at = path.join(this.mounts, file);
    fs.writeFileSync(at, change(fs.readFileSync(at, "utf8")));
  }

  /** Runs launch.sh as a container would. */
  async runLauncher(env: Record<string, string> = {}, args: string[] = []): Promise<Started> {
    return this.start(["/bin/bash", path.join(this.mounts, "conf/launch.sh"), ...args], env);
  }

  /** Runs Flink's own script with the configuration directory that the launcher made; BashJavaUtils answers `answers`. */
  async runScript(answers: Record<string, string[]>): Promise<Started> {
    for (const [command, lines] of Object.entries(answers)) {
      const text = lines.map((line) => `BASH_JAVA_UTILS_EXEC_RESULT:${line}\n`).join("");
      fs.writeFileSync(path.join(this.root, command), text);
    }
    const { role, env, config, application } = this.launch;
    const highlyAvailable = (config["high-availability.type"] ?? "none") !== "none";
    const own = [
      ["taskmanager.resource-id", env.POD_NAME],
      ["taskmanager.host", env.POD_IP],
    ].filter(([key, value]) => value !== undefined && config[key!] === undefined);
    const args =
      role === "jobmanager"
        ? highlyAvailable
          ? [env.POD_IP]
          : []
        : role === "taskmanager"
          ? own.flatMap(([key, value]) => ["-D", `${key}=${value}`])
          : [];
    const script = application ? "standalone-job" : role;
    const given = application
      ? applicationArguments(application, highlyAvailable ? env.POD_IP : undefined)
      : args;
    return this.start([path.join(this.home, "bin", `${script}.sh`), "start-foreground", ...given], {
      FLINK_CONF_DIR: path.join(this.mounts, "run/conf"),
      FLINK_PID_DIR: path.join(this.root, "pid"),
    });
  }

  private async start([command, ...args]: string[], env: Record<string, string>): Promise<Started> {
    const out = path.join(this.root, "started");
    fs.rmSync(out, { force: true });
    const java = path.join(this.root, "java");
    await run(command, args, {
      cwd: this.root,
      env: {
        PATH: `${java}/bin:${process.env.PATH}`,
        ...(this.launch.javaHome ? { JAVA_HOME: java } : {}),
        FLINK_HOME: this.home,
        STUB: this.root,
        STUB_JAVA: String(this.launch.java === 8 ? "1.8" : this.launch.java),
        ...Object.fromEntries(
          Object.entries(this.launch.env).map(([k, v]) => [k, v.replaceAll("@", this.root)]),
        ),
        ...env,
      },
    });
    const [argText, envText] = fs.readFileSync(out, "utf8").split("\0\0");
    return { args: argText.split("\0").slice(1), env: envText.trim().split("\n").sort() };
  }

  remove(): void {
    fs.rmSync(this.root, { recursive: true });
  }
}

/** The arguments that a person would give to standalone-job.sh for the same. */
function applicationArguments(application: ApplicationLaunch, address: string | undefined): string[] {
  const { jar, entryClass, reactive, allowNonRestoredState, resultDirectory } = application;
  return [
    ...(address === undefined ? [] : ["-D", `jobmanager.rpc.address=${address}`]),
    ...(reactive ? ["-D", "scheduler-mode=reactive"] : []),
    ...(resultDirectory ? ["-D", `job-result-store.storage-path=${resultDirectory}/${carried.id}`] : []),
    ...["--job-id", carried.id, "--fromSavepoint", carried.state],
    ...(allowNonRestoredState ? ["--allowNonRestoredState"] : []),
    ...(entryClass === undefined ? [] : ["--job-classname", entryClass]),
    ...(jar === undefined ? [] : ["--jars", `local://${jar}`]),
    ...(application.arguments.length === 0 ? [] : ["--", ...application.arguments]),
  ];
}

/** The memory that is derived for a launch; beside the roles of a cluster there is none to derive. */
function memoryOf({
  role,
  config,
  release,
}: Launch): Pick<ProcessMemory, "jvmArguments" | "dynamicProperties"> {
  if (role !== "jobmanager" && role !== "taskmanager") return { jvmArguments: [], dynamicProperties: [] };
  const result = (role === "jobmanager" ? jobManagerMemory : taskManagerMemory)(config, release);
  if ("error" in result) throw new Error(result.error);
  return result.memory;
}

/** Stands for java: answers the questions that the scripts ask, and writes down how the process itself was started. */
const STUB = `#!/bin/bash
case "$*" in
  *-XshowSettings:properties*) echo "    java.specification.version = $STUB_JAVA" >&2 ;;
  *BashJavaUtils\\ UPDATE_AND_GET*) cat "$STUB/UPDATE_AND_GET_FLINK_CONFIGURATION" ;;
  *BashJavaUtils\\ GET_JM*) cat "$STUB/GET_JM_RESOURCE_PARAMS" ;;
  *BashJavaUtils\\ GET_TM*) cat "$STUB/GET_TM_RESOURCE_PARAMS" ;;
  *)
    { printf '\\0%s' "$@"; printf '\\0\\0'
      env | grep -E '^(FLINK_(CONF|BIN|LIB|PLUGINS|OPT)_DIR|ROOT_LOG_LEVEL|MAX_LOG_FILE_NUMBER)='
      env | grep -E '^(LD_PRELOAD|MALLOC_CONF)=' ; true
    } >"$STUB/started" ;;
esac
`;
