import { readdirSync, realpathSync, writeFileSync } from "node:fs";
import * as os from "node:os";
import path from "node:path";
import { execa } from "execa";
import { cached, contentKey } from "../../../local/cache";
import { findCommand } from "./awks";

/** Set to a version of Flink, the agent runs in place of the shell programs, with that version's libraries. */
const version = process.env.FLINK_KUBERNETES_TEST_AGENT ?? "";

export const agentRuns = version !== "";

const jar = path.resolve(__dirname, "../../../agent/agent.jar");

/** What the agent is called where the shell program has this name. */
const programs: Record<string, string> = {
  "submit.sh": "submit",
  "prepare.sh": "prepare",
  "guard.sh": "guard",
  "savepoint.sh": "savepoint",
  "ttl.sh": "guard",
  "application-prepare.sh": "application-prepare",
  "application-start.sh": "application-start",
  "application-launch.sh": "application-launch",
};

/** As small as a guard can be: see agent/README.md. */
export const javaFlags = [
  ...["-XX:+UseSerialGC", "-Xmx16m", "-XX:TieredStopAtLevel=1", "-Xss256k", "-XX:ReservedCodeCacheSize=8m"],
  "--add-opens=java.base/java.net=ALL-UNNAMED",
];

/** The jars that `flink-dist` of a version is made of, from Maven Central, which does not have that itself. */
export async function flinkLibraries(of: string): Promise<string> {
  const context = { log: path.join(os.tmpdir(), "flink-kubernetes-tests.log"), report: () => undefined };
  const folder = await cached(
    `flink-libraries-${of}`,
    contentKey({ of }),
    { ...context, signal: new AbortController().signal },
    async (building) => {
      const plugin = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1";
      const dependencies = ["flink-clients", "flink-runtime"].map(
        (artifact) =>
          `<dependency><groupId>org.apache.flink</groupId><artifactId>${artifact}</artifactId><version>${of}</version></dependency>`,
      );
      const pom = `<project><modelVersion>4.0.0</modelVersion><groupId>x</groupId><artifactId>x</artifactId><version>1</version><dependencies>${dependencies.join("")}</dependencies></project>`;
      const file = path.join(building, "pom.xml");
      writeFileSync(file, pom);
      await execa("mvn", [
        ...["-q", "-B", "-ntp", "-f", file],
        ...[`${plugin}:copy-dependencies`, `-DoutputDirectory=${building}`],
      ]);
    },
  );
  // Most programs need nothing but this one.
  const json = readdirSync(folder).find((name) => name.startsWith("flink-shaded-jackson"));
  return `${path.join(folder, json ?? "")}:${path.join(folder, "*")}`;
}

let libraries = "";

/** Before the first program is started. */
export async function prepareAgent(): Promise<void> {
  if (agentRuns && libraries === "") libraries = await flinkLibraries(version);
}

/** The command that runs the agent in place of a shell program. */
export function agentCommand(script: string, classPath = libraries): string[] {
  const program = programs[path.basename(script)];
  if (program === undefined) throw new Error(`The agent has no program for ${script}`);
  const java = findCommand("java");
  if (java === undefined) throw new Error("there is no java on the PATH");
  const home = path.dirname(path.dirname(realpathSync(java)));
  return [
    path.join(home, "bin/java"),
    ...javaFlags,
    ...["-cp", `${jar}:${classPath}`, "flink.kubernetes.agent.Main", program],
  ];
}

/** What the agent's pods are told besides, with the fakes of the tests. */
export function agentSettings(folder: string): Record<string, string> {
  return { PROGRAM_DIR: path.join(folder, "program"), RESTART_HASH: "here", POD_NAME: "jobmanager-1" };
}

/** The JobManager's pods, as the Kubernetes API lists them. */
export function jobManagerPods(...names: string[]): object {
  return {
    kind: "PodList",
    items: names.map((name) => ({
      metadata: { name },
      spec: { nodeName: "node" },
      status: {
        phase: "Running",
        podIP: "127.0.0.1",
        containerStatuses: [{ name: "jobmanager", state: { running: {} } }],
      },
    })),
  };
}
