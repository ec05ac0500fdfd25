import * as pulumi from "@pulumi/pulumi";
import { checkJob } from "./components/args/check-job";
import type { FlinkClusterArgs } from "./components/args/cluster";
import type { FlinkConnection } from "./components/args/connection";
import type { FlinkJobArgs } from "./components/args/job";
import { nearest } from "./components/flink/nearest";
import { normaliseCluster } from "./components/args/normalise";
import { isPlainObject, joinPath } from "./components/args/shape";
import { describeProblem, type Problem } from "./components/problems";

/** Stands for the connection to the cluster, which exists only when the program has made it. */
const clusterToCome = pulumi.output(undefined) as unknown as pulumi.Output<FlinkConnection>;

/** What a stack's configuration (Pulumi.<stack>.yaml) says, checked. */
export interface StackConfig {
  cluster: { name: string; args: FlinkClusterArgs };
  jobs: { name: string; args: Omit<FlinkJobArgs, "cluster"> }[];
}

/** The keys of the project's configuration namespace, and what they are for. */
const keys = {
  cluster: "the cluster: its name and the arguments of FlinkCluster",
  jobs: "a list of jobs: each with its name and the arguments of FlinkJob",
  secretConfig: "Flink options whose values are secret, a map",
};

/** Reads the configuration of the stack that is being run. Ends the program with one error that lists every mistake. */
export function stackConfig(): StackConfig {
  const project = pulumi.getProject();
  const { config, problems } = readConfig(project, pulumi.runtime.allConfig(), isSecretKey);
  if (config) return config;
  throw new pulumi.RunError(describeConfigProblems(project, pulumi.getStack(), problems));
}

/** Whether the value of a key came encrypted. The SDK knows, but does not tell; it learns it from this variable. */
function isSecretKey(key: string): boolean {
  const secret: unknown = JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS || "[]");
  return Array.isArray(secret) && secret.includes(key);
}

/** The same, of any configuration: raw texts by full key, as the engine hands them to a program. */
export function readConfig(
  project: string,
  all: Record<string, string>,
  isSecret: (key: string) => boolean,
): { config?: StackConfig; problems: Problem[] } {
  const problems: Problem[] = [];
  for (const key of Object.keys(all)) {
    const [namespace, name] = [key.slice(0, key.indexOf(":")), key.slice(key.indexOf(":") + 1)];
    if (namespace === project && !Object.hasOwn(keys, name))
      problems.push(unknownConfigKey(key, project, name));
  }
  const read = (name: keyof typeof keys): unknown => {
    const key = `${project}:${name}`;
    if (name !== "secretConfig" && isSecret(key)) {
      problems.push({
        path: key,
        reason:
          "a value in it is encrypted, and then all of it is secret, also names that everybody must see",
        fix: `move the secret Flink option to ${project}:secretConfig`,
      });
    }
    return parse(all[key]);
  };
  const cluster = readCluster(`${project}:cluster`, read("cluster"), problems);
  readSecrets(`${project}:secretConfig`, read("secretConfig"), cluster?.args, problems);
  const jobs = readJobs(`${project}:jobs`, read("jobs"), problems);
  return cluster && problems.length === 0 ? { config: { cluster, jobs }, problems } : { problems };
}

/** Text of the error: in the words of the stack's file, with the commands that change it. */
export function describeConfigProblems(project: string, stack: string, problems: Problem[]): string {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return [
    `${count} in the configuration of stack "${stack}" (Pulumi.${stack}.yaml):`,
    ...problems.map(describeProblem),
    "",
    `Edit Pulumi.${stack}.yaml, or use for example:`,
    `  pulumi config set --path '${problems[0]?.path ?? `${project}:cluster`}' VALUE`,
    `  pulumi config rm --path '${problems[0]?.path ?? `${project}:cluster`}'`,
  ].join("\n");
}

function readCluster(path: string, given: unknown, problems: Problem[]): StackConfig["cluster"] | undefined {
  if (given === undefined) {
    const reason = "there is no cluster to deploy";
    const fix = "write an object with name and flinkVersion; Pulumi.dev.yaml is an example";
    problems.push({ path, reason, fix });
    return undefined;
  }
  if (!isPlainObject(given)) {
    problems.push({
      path,
      value: given,
      reason: "this must be an object",
      fix: "write name, flinkVersion, …",
    });
    return undefined;
  }
  const { name, ...rest } = given;
  const args = rest as unknown as FlinkClusterArgs;
  if (typeof name !== "string") {
    const reason = "the names of all Kubernetes objects begin with the cluster's name";
    problems.push({ path: `${path}.name`, value: name, reason, fix: "write a name, such as orders" });
  }
  const found = normaliseCluster(typeof name === "string" ? name : "unnamed", args);
  problems.push(...found.problems.map((problem) => below(path, problem)));
  return { name: String(name), args };
}

function readJobs(path: string, given: unknown, problems: Problem[]): StackConfig["jobs"] {
  if (given === undefined) return [];
  if (!Array.isArray(given)) {
    problems.push({
      path,
      value: given,
      reason: "this must be a list",
      fix: "write a list, also for one job",
    });
    return [];
  }
  const names: unknown[] = given.map((job: unknown) => (isPlainObject(job) ? job.name : undefined));
  return given.flatMap((job: unknown, index) => {
    const at = `${path}[${index}]`;
    if (!isPlainObject(job)) {
      problems.push({ path: at, value: job, reason: "this must be an object", fix: "write name, jar, …" });
      return [];
    }
    const { name, ...rest } = job;
    const args = rest as unknown as FlinkJobArgs;
    if (names.indexOf(name) < index) {
      const reason = "another job has this name, and a job goes by its name";
      problems.push({ path: `${at}.name`, value: name, reason, fix: "name it differently" });
    }
    if ("cluster" in rest) {
      const reason = "the jobs of a stack run on its cluster";
      problems.push({ path: `${at}.cluster`, reason, fix: "leave it out" });
    }
    const found = checkJob(String(name ?? ""), { ...args, cluster: clusterToCome });
    problems.push(...found.map((problem) => below(at, problem)));
    return [{ name: String(name), args }];
  });
}

/** Adds the secret options to the cluster's `config`, as secrets: they are rendered into a Secret and masked in previews. */
function readSecrets(
  path: string,
  given: unknown,
  cluster: FlinkClusterArgs | undefined,
  problems: Problem[],
): void {
  if (given === undefined) return;
  if (!isPlainObject(given) || Object.values(given).some((value) => typeof value !== "string")) {
    const reason = "this must be a map from Flink options to strings";
    const fix = `set each with: pulumi config set --secret --path '${path}["OPTION"]' VALUE`;
    problems.push({ path, reason, fix });
    return;
  }
  for (const [option, value] of Object.entries(given)) {
    if (cluster?.config?.[option] !== undefined) {
      const reason = "the same option is in the cluster's config";
      problems.push({ path: joinPath(path, option), reason, fix: "leave one of the two out" });
    }
    if (cluster) cluster.config = { ...cluster.config, [option]: pulumi.secret(value as string) };
  }
}

/** Objects and lists arrive as JSON; anything else is left as text for its reader to refuse. */
function parse(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return text;
  }
}

function unknownConfigKey(path: string, project: string, name: string): Problem {
  const meant = nearest(name, Object.keys(keys));
  return {
    path,
    reason: "the program reads no such key, so it would have no effect",
    fix: meant
      ? `write ${project}:${meant}`
      : `use one of: ${Object.entries(keys)
          .map(([key, purpose]) => `${project}:${key} (${purpose})`)
          .join("; ")}`,
  };
}

/** The problem's path as a path into the stack's configuration. */
function below(path: string, problem: Problem): Problem {
  const at = problem.path === "" ? path : `${path}${problem.path.startsWith("[") ? "" : "."}${problem.path}`;
  return { ...problem, path: at };
}
