import * as pulumi from "@pulumi/pulumi";
import { checkJobOn, type KnownCluster, knownCluster } from "./components/args/known-cluster";
import type { FlinkApplicationArgs } from "./components/args/application";
import type { FlinkClusterArgs } from "./components/args/cluster";
import type { FlinkConnection } from "./components/args/connection";
import type { FlinkJobArgs } from "./components/args/job";
import { nearest } from "./components/flink/nearest";
import { normaliseCluster } from "./components/args/normalise";
import { normaliseApplication } from "./components/args/normalise-application";
import { hidden } from "./components/args/secrecy";
import { isPlainObject, joinPath } from "./components/args/shape";
import { describeProblem, notShown, type Problem } from "./components/problems";
import { readPolicyPacks } from "./policy-packs";

/** Stands for the connection to the cluster, which exists only when the program has made it; what is known of it before is given beside it. */
const clusterToCome = pulumi.output(undefined) as unknown as pulumi.Output<FlinkConnection>;

/** What a stack's configuration (Pulumi.<stack>.yaml) says, checked: a cluster with its jobs, or an application. */
export type StackConfig = ClusterConfig | ApplicationConfig;

export interface ClusterConfig {
  cluster: { name: string; args: FlinkClusterArgs };
  jobs: { name: string; args: Omit<FlinkJobArgs, "cluster"> }[];
}

export interface ApplicationConfig {
  application: { name: string; args: FlinkApplicationArgs };
}

/** The keys of the project's configuration namespace, and what they are for. */
export const configKeys = {
  cluster: "the cluster: its name and the arguments of FlinkCluster",
  jobs: "a list of jobs: each with its name and the arguments of FlinkJob",
  application:
    "in place of cluster and jobs, one job with a cluster of its own: its name and the arguments of FlinkApplication",
  secretConfig: "Flink options whose values are secret, a map",
  policyPacks: "a list of policy packs that look at the stack before it is deployed",
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
    if (namespace === project && !Object.hasOwn(configKeys, name))
      problems.push(unknownConfigKey(key, project, name));
    if (isMisspelt(namespace, name, project)) {
      const reason = `only keys that begin with ${project}: are this program's, so it would have no effect`;
      const meant = nearest(name, Object.keys(configKeys)) ?? name;
      problems.push({ path: key, reason, fix: `write ${project}:${meant}` });
    }
  }
  const read = (name: keyof typeof configKeys): unknown => {
    const key = `${project}:${name}`;
    if (name !== "secretConfig" && isSecret(key)) {
      problems.push({
        path: key,
        reason:
          "a value in it is encrypted, and then all of it is secret, also names that everybody must see",
        fix: `move the secret Flink option to ${project}:secretConfig`,
      });
    }
    const value = parse(all[key]);
    if (name !== "secretConfig") problems.push(...withoutValue(key, value));
    return value ?? undefined;
  };
  const given = { cluster: read("cluster"), application: read("application"), jobs: read("jobs") };
  checkChoice(project, given, problems);
  const own =
    given.application === undefined
      ? undefined
      : readApplication(`${project}:application`, given.application, problems);
  const cluster =
    given.cluster === undefined ? undefined : readCluster(`${project}:cluster`, given.cluster, problems);
  readSecrets(`${project}:secretConfig`, read("secretConfig"), (own ?? cluster)?.args, problems);
  const jobs = readJobs(`${project}:jobs`, given.jobs, cluster?.known, problems);
  // The commands pass the packs on to what deploys; the program only says what is wrong with the list.
  readPolicyPacks(`${project}:policyPacks`, read("policyPacks"), __dirname, problems);
  if (problems.length > 0)
    return { problems: problems.map((problem) => withoutEncrypted(problem, isSecret)) };
  if (own) return { config: { application: own }, problems };
  const { name, args } = cluster!;
  return { config: { cluster: { name, args }, jobs }, problems };
}

/** Two slips in the name of the project, or a part of it before a key of ours; the names of Pulumi's own packages are further away. */
function isMisspelt(namespace: string, name: string, project: string): boolean {
  if (namespace === project) return false;
  const shortened = /^flink/i.test(namespace) && Object.hasOwn(configKeys, name);
  return shortened || nearest(namespace, [project], 2) !== undefined;
}

/** Keys with nothing behind them: who writes `highAvailability:` means to turn it on. In a patch that is how something is taken out. */
function withoutValue(path: string, value: unknown): Problem[] {
  if (value === null) {
    const reason = "there is nothing behind this key, so it would have no effect";
    return [
      { path, reason, fix: "write its value ({} where all of it may be left out), or take the key out" },
    ];
  }
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => (item === null ? [] : withoutValue(`${path}[${index}]`, item)));
  }
  if (!isPlainObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key.endsWith("Patch") ? [] : withoutValue(joinPath(path, key), inner),
  );
}

/** What came encrypted is not told in clear, whatever is wrong with it. */
function withoutEncrypted(problem: Problem, isSecret: (key: string) => boolean): Problem {
  const [key] = problem.path.split(/[.[]/, 1);
  return isSecret(key!) ? hidden(problem) : problem;
}

/** A stack has a cluster or an application. */
function checkChoice(project: string, given: Record<string, unknown>, problems: Problem[]): void {
  if (given.application === undefined) {
    if (given.cluster !== undefined) return;
    const reason = "there is no cluster to deploy";
    const fix = `write an object with name and flinkVersion; Pulumi.dev.yaml is an example. For one job with a cluster of its own write ${project}:application`;
    problems.push({ path: `${project}:cluster`, reason, fix });
    return;
  }
  for (const key of ["cluster", "jobs"]) {
    if (given[key] === undefined) continue;
    const reason = "this stack has an application, which is one job with a cluster of its own";
    const fix = `leave it out, or leave ${project}:application out; another stack can have the other`;
    problems.push({ path: `${project}:${key}`, reason, fix });
  }
}

/** Text of the error: in the words of the stack's file, with the commands that change it. */
export function describeConfigProblems(project: string, stack: string, problems: Problem[]): string {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const commands = commandsFor(project, problems);
  return [
    `${count} in the configuration of stack "${stack}" (Pulumi.${stack}.yaml):`,
    ...problems.map(describeProblem),
    "",
    `Edit Pulumi.${stack}.yaml${commands.length > 0 ? ", or use for example:" : "."}`,
    ...commands.map((command) => `  ${command}`),
  ].join("\n");
}

/** Commands that put one of the problems right: the first for which there are any. One sets single values only, and not what is encrypted without a word. */
function commandsFor(project: string, problems: readonly Problem[]): string[] {
  const set = (path: string) => `pulumi config set --path ${quoted(path)} VALUE`;
  const remove = (path: string) => `pulumi config rm --path ${quoted(path)}`;
  for (const { path, value, meant } of problems) {
    // A whole cluster, list or map is not written on a command line.
    if (!/[.[]/.test(path)) continue;
    if (path.startsWith(`${project}:secretConfig`))
      return [`pulumi config set --secret --path ${quoted(path)} VALUE`, remove(path)];
    if (meant !== undefined) return [set(meant), remove(path)];
    if (value === undefined) return [remove(path)];
    if (value !== notShown) return [set(path), remove(path)];
  }
  return [];
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}

function readCluster(
  path: string,
  given: unknown,
  problems: Problem[],
): (ClusterConfig["cluster"] & { known: KnownCluster }) | undefined {
  const named = readNamed<FlinkClusterArgs>(path, given, "cluster", problems);
  if (!named) return undefined;
  const found = normaliseCluster(named.name ?? "unnamed", named.args);
  problems.push(...found.problems.map((problem) => below(path, problem)));
  return { name: String(named.name), args: named.args, known: knownCluster(named.args, found.model) };
}

function readApplication(
  path: string,
  given: unknown,
  problems: Problem[],
): ApplicationConfig["application"] | undefined {
  const named = readNamed<FlinkApplicationArgs>(path, given, "application", problems);
  if (!named) return undefined;
  const found = normaliseApplication(named.name ?? "unnamed", named.args);
  problems.push(...found.problems.map((problem) => below(path, problem)));
  return { name: String(named.name), args: named.args };
}

/** An object with a name and the arguments of a component. */
function readNamed<Args>(
  path: string,
  given: unknown,
  what: string,
  problems: Problem[],
): { name?: string; args: Args } | undefined {
  if (!isPlainObject(given)) {
    problems.push({
      path,
      value: notShown,
      reason: "this must be an object",
      fix: "write name, flinkVersion, …",
    });
    return undefined;
  }
  const { name, ...rest } = given;
  const args = rest as unknown as Args;
  if (typeof name === "string") return { name, args };
  const reason = `the names of all Kubernetes objects begin with the ${what}'s name`;
  problems.push({ path: `${path}.name`, value: name, reason, fix: "write a name, such as orders" });
  return { args };
}

function readJobs(
  path: string,
  given: unknown,
  cluster: KnownCluster | undefined,
  problems: Problem[],
): ClusterConfig["jobs"] {
  if (given === undefined) return [];
  if (!Array.isArray(given)) {
    problems.push({
      path,
      value: notShown,
      reason: "this must be a list",
      fix: "write a list, also for one job",
    });
    return [];
  }
  const names: unknown[] = given.map((job: unknown) => (isPlainObject(job) ? job.name : undefined));
  return given.flatMap((job: unknown, index) => {
    const at = `${path}[${index}]`;
    if (!isPlainObject(job)) {
      problems.push({
        path: at,
        value: notShown,
        reason: "this must be an object",
        fix: "write name, jar, …",
      });
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
    const found = checkJobOn(cluster, String(name ?? ""), { ...args, cluster: clusterToCome });
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
  const meant = nearest(name, Object.keys(configKeys));
  return {
    path,
    reason: "the program reads no such key, so it would have no effect",
    fix: meant
      ? `write ${project}:${meant}`
      : `use one of: ${Object.entries(configKeys)
          .map(([key, purpose]) => `${project}:${key} (${purpose})`)
          .join("; ")}`,
  };
}

/** The problem's path as a path into the stack's configuration. */
function below(path: string, problem: Problem): Problem {
  const at = problem.path === "" ? path : `${path}${problem.path.startsWith("[") ? "" : "."}${problem.path}`;
  const meant = problem.meant === undefined ? {} : { meant: `${path}.${problem.meant}` };
  return { ...problem, ...meant, path: at };
}
