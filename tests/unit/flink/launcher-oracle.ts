import assert from "node:assert/strict";
import fc from "fast-check";
import { baseConfig } from "../../../components/flink/defaults";
import type { Process } from "../../../components/flink/launcher";
import { jobManagerMemory, taskManagerMemory } from "../../../components/flink/memory";
import { findRelease, type FlinkRelease, supportedVersions } from "../../../components/flink/versions";
import { seed } from "../../support/seed";
import { jobManagerConfig, taskManagerConfig, taskManagerResources } from "./arbitraries";
import { flinkHome, flinkScripts, versionsWithJars } from "./home";
import { Image, type Launch } from "./launch";
import { askFlink, type Question } from "./oracle";

/** JVM options as people write them: variables, quotes, characters with a meaning in YAML. */
const javaOption = fc.constantFrom(
  "-Da=b",
  "-XX:+UseZGC",
  "-XX:HeapDumpPath=/dumps/$POD_NAME.hprof",
  "-Dwhere=${HOSTNAME}/x",
  "-Dq='a b'",
  '-Dw="c d" -Dx=y',
  "-javaagent:/opt/agent.jar=9404:/opt/agent.yaml",
  "-Dlist=a,b,[c]",
  "-Dmap=a: b",
  "-Dhash=a#b",
  "-Dcomment #c",
  "-Dmissing=$NO_SUCH_VARIABLE",
  "--add-opens=java.base/java.util=ALL-UNNAMED",
);
const javaOptions = fc.array(javaOption, { minLength: 1, maxLength: 4 }).map((options) => options.join(" "));

const maybe = (chance: number, key: string, value: fc.Arbitrary<string>) =>
  fc
    .tuple(fc.integer({ min: 1, max: 100 }), value)
    .map(([n, v]): Record<string, string> => (n > chance ? {} : { [key]: v }));
const merge = (...parts: fc.Arbitrary<Record<string, string>>[]) =>
  fc.tuple(...parts).map((all): Record<string, string> => Object.assign({}, ...all));

const extraConfig = merge(
  maybe(40, "env.java.opts.jobmanager", javaOptions),
  maybe(40, "env.java.opts.taskmanager", javaOptions),
  maybe(40, "env.java.opts.historyserver", javaOptions),
  maybe(40, "env.java.opts.sql-gateway", javaOptions),
  maybe(20, "env.java.default-opts.all", javaOptions),
  maybe(20, "env.java.default-opts.taskmanager", javaOptions),
  maybe(20, "env.log.max", fc.constantFrom("3", "20")),
  maybe(20, "env.log.level", fc.constantFrom("DEBUG", "WARN")),
  maybe(20, "env.log.dir", fc.constantFrom("/var/log/flink", "/data/logs")),
  maybe(20, "env.hadoop.conf.dir", fc.constant("/etc/my-hadoop")),
  maybe(20, "env.yarn.conf.dir", fc.constant("/etc/my-yarn")),
  maybe(20, "env.hbase.conf.dir", fc.constant("/etc/my-hbase")),
  maybe(40, "high-availability.type", fc.constantFrom("kubernetes", "none")),
  maybe(20, "taskmanager.host", fc.constant("my-host")),
  maybe(20, "taskmanager.resource-id", fc.constant("my-id")),
);

/** "@" stands for the root of the image. */
const environment = merge(
  fc.constant({ POD_NAME: "hello-taskmanager-7d9f-x2x", POD_IP: "198.18.3.4", DISABLE_JEMALLOC: "true" }),
  maybe(20, "JVM_ARGS", fc.constant("-Xlog:gc -Dv=1")),
  maybe(10, "FLINK_ENV_JAVA_OPTS", javaOptions),
  maybe(15, "FLINK_ENV_JAVA_OPTS_JM", javaOptions),
  maybe(15, "FLINK_ENV_JAVA_OPTS_TM", javaOptions),
  maybe(15, "FLINK_ENV_JAVA_OPTS_HS", javaOptions),
  maybe(15, "FLINK_ENV_JAVA_OPTS_SQL_GATEWAY", javaOptions),
  maybe(20, "HADOOP_CLASSPATH", fc.constant("/opt/hadoop/*:/opt/hadoop/lib/a.jar")),
  maybe(20, "HADOOP_CONF_DIR", fc.constant("/opt/hadoop/conf")),
  maybe(20, "HADOOP_HOME", fc.constant("@/hadoop")),
  maybe(20, "YARN_CONF_DIR", fc.constant("/opt/yarn/conf")),
  maybe(20, "HBASE_CONF_DIR", fc.constant("/opt/hbase/conf")),
  maybe(20, "FLINK_LOG_DIR", fc.constant("@/logs")),
  maybe(20, "FLINK_IDENT_STRING", fc.constant("ident")),
  maybe(20, "USER", fc.constant("flink")),
  maybe(20, "ROOT_LOG_LEVEL", fc.constant("ERROR")),
  maybe(20, "MAX_LOG_FILE_NUMBER", fc.constant("7")),
  maybe(20, "FLINK_PLUGINS_DIR", fc.constant("@/plugins")),
);

const jars = fc
  .uniqueArray(
    fc.constantFrom(
      ...[
        "a.jar",
        "Z.jar",
        "flink-cep-1.jar",
        "log4j-core-2.jar",
        "user_lib.jar",
        "sub/b.jar",
        "notes.txt",
        "zz.jar",
        "flink-table.jar",
      ],
    ),
  )
  .map((names) => [...names, "flink-dist-9.9.9.jar"]);

/** What a JobManager carries: programs' arguments may be anything, also Flink's own. */
const application = fc.record(
  {
    jar: fc.constant("/opt/flink/usrlib/my job.jar"),
    entryClass: fc.constant("com.example.Job$Main"),
    arguments: fc.array(
      fc.constantFrom("--rate", "5", "-s", "--jars", "it's", 'a "b" $HOME `id`', "", "--", "x\ny", "*"),
      { maxLength: 4 },
    ),
    reactive: fc.boolean(),
    allowNonRestoredState: fc.boolean(),
    settings: fc.constant({ LEDGER_NAME: "a ledger's" }),
  },
  { requiredKeys: ["arguments", "reactive", "allowNonRestoredState", "settings"] },
);

function launches(role: Process, release: FlinkRelease): fc.Arbitrary<Launch> {
  const base = baseConfig(release, { rpcAddress: "hello-jobmanager.flink.svc", slots: 2 });
  const memory = role === "jobmanager" ? jobManagerConfig : merge(taskManagerConfig, taskManagerResources);
  const derive = role === "jobmanager" ? jobManagerMemory : taskManagerMemory;
  return fc
    .record({
      config: fc.tuple(memory, extraConfig).map(([a, b]) => ({ ...base, ...a, ...b })),
      env: environment,
      jars,
      java: fc.constantFrom(8, 11, 17, 21),
      javaHome: fc.boolean(),
      ...(role === "jobmanager" ? { application: fc.option(application, { nil: undefined }) } : {}),
    })
    .map((rest) => ({ role, release, ...rest }))
    .filter(({ config }) => "memory" in derive(config, release));
}

/** @param runs Launches of each role and version. Each runs some hundreds of small processes, most of them in Flink's scripts. */
export function describeLauncherOracle(runs: number): void {
  describe("launcher against Flink's start scripts", function () {
    this.timeout(900_000);

    for (const [index, version] of supportedVersions.entries()) {
      it(`gives the command line of ${version}'s scripts`, async () => {
        const release = findRelease(version)!;
        const scripts = await flinkScripts(version);
        // Where the jars of a version are not at hand, those of another answer: the arithmetic is the same in all.
        const home = await flinkHome(versionsWithJars.includes(version) ? version : versionsWithJars[0]);
        const all = (["jobmanager", "taskmanager", "historyserver", "sql-gateway"] as const).flatMap((role) =>
          fc.sample(launches(role, release), {
            // The scripts of the SQL gateway do what those of the History Server do, but for the class path.
            numRuns: role === "sql-gateway" ? Math.ceil(runs / 3) : runs,
            // Other launches for each version: their scripts differ little.
            seed: seed + index,
          }),
        );
        const answers = await askFlink(home, all.flatMap(questions));
        for (const [i, launch] of all.entries()) {
          const image = new Image(launch, scripts);
          try {
            const launched = await image.runLauncher();
            const [flattened, parameters] = answers.slice(2 * i, 2 * i + 2).map((answer) => {
              assert.ok("lines" in answer, JSON.stringify([launch.config, answer]));
              return answer.lines;
            });
            const scripted = await image.runScript({
              UPDATE_AND_GET_FLINK_CONFIGURATION: flattened,
              [questions(launch)[1].command]: parameters,
            });
            assert.deepEqual(launched, scripted, JSON.stringify(launch));
          } finally {
            image.remove();
          }
        }
      });
    }
  });
}

function questions({ role, config }: Launch): [Question, Question] {
  return [
    { command: "UPDATE_AND_GET_FLINK_CONFIGURATION", config },
    { command: role === "jobmanager" ? "GET_JM_RESOURCE_PARAMS" : "GET_TM_RESOURCE_PARAMS", config },
  ];
}
