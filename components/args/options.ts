import type * as pulumi from "@pulumi/pulumi";
import { baseConfig, PORTS } from "../flink/defaults";
import type { FlinkRelease } from "../flink/versions";
import { canonicalOption } from "../flink/configuration";
import { fileSystemOption } from "../flink/file-systems";
import { isMasked } from "../flink/sensitive";
import type { Problem } from "../problems";
import type { Additions, RoleAdditions } from "./additions";
import type { FlinkClusterArgs } from "./cluster";
import { isLater, joinPath } from "./shape";

/** The `config` argument, split into public and confidential options. */
export interface SplitOptions {
  plain: Record<string, string>;
  secret: Record<string, pulumi.Input<string>>;
}

export function splitOptions(config: Record<string, pulumi.Input<string>>): SplitOptions {
  const plain: Record<string, string> = {};
  const secret: Record<string, pulumi.Input<string>> = {};
  for (const [option, value] of Object.entries(config)) {
    // "true" and "false" are not secrets: security.delegation.tokens.enabled and similar options stay
    // readable.
    const open = typeof value === "string" && (!isMasked(option) || /^(true|false)$/.test(value));
    if (open) plain[option] = value as string;
    else secret[option] = value;
  }
  return { plain, secret };
}

/** Options that an argument owns, with the argument. */
const ownedByArguments: Record<string, string> = {
  "jobmanager.memory.process.size": "jobManager.memory",
  "taskmanager.memory.process.size": "taskManager.memory",
  "taskmanager.numberOfTaskSlots": "taskManager.slots",
};

/**
 * Prefixes of options that replace each other: if the user sets one of a family, the component sets no
 * default in it.
 */
const openFamilies = [
  "jobmanager.scheduler",
  "restart-strategy",
  "jobmanager.adaptive-scheduler",
  "env.java.opts",
];

function family(option: string): string | undefined {
  return openFamilies.find((beginning) => option === beginning || option.startsWith(`${beginning}.`));
}

const forbidden: { matches: RegExp; reason: string; fix: string }[] = [
  {
    matches: /^high-availability(?!\.kubernetes\.leader-election\.)(\..*)?$/,
    reason: "high availability needs ids, rights and storage, which the argument highAvailability sets up",
    fix: "leave the option out, and set highAvailability",
  },
  {
    matches: /^kubernetes\.(cluster-id|namespace)$/,
    reason: "the component sets the cluster's name and namespace",
    fix: "leave the option out",
  },
  {
    matches: /^(jobmanager|taskmanager)\.heap\.(size|mb)$/,
    reason:
      "this set the heap before Flink had a memory model, and the component derives the container's size from the model",
    fix: "leave it out, and set the memory of the role, or jobmanager.memory.heap.size and taskmanager.memory.task.heap.size",
  },
  {
    matches:
      /^security\.ssl\.((internal|rest)\.)?(enabled|keystore.*|truststore.*|key-password|authentication-enabled|cert\.fingerprint)$/,
    reason: "probes, Services and submissions depend on TLS, and the pods need its files",
    fix: "leave the option out, and set tls",
  },
  {
    matches: /^env\.java\.opts$/,
    reason: "env.java.opts.all begins with this old name, and Flink cannot read both",
    fix: 'write it as "env.java.opts.all"; the component adds the flags that Flink needs',
  },
  {
    matches:
      /^(rest\.(address|bind-address)|(jobmanager|taskmanager)\.bind-host|taskmanager\.(host|bind-port)|jobmanager\.rpc\.bind-port)$/,
    reason:
      "the component sets addresses and ports, so that Services, probes and NetworkPolicies use the same ones",
    fix: "leave the option out",
  },
];

/** Checks which options are allowed. Flink's catalogue checks their values. */
export function checkOptions(
  { config = {}, configFrom = {} }: Pick<FlinkClusterArgs, "config" | "configFrom">,
  release: FlinkRelease | undefined,
  additions: Additions[],
): Problem[] {
  const problems: Problem[] = [];
  const owners = ownersOf(additions);
  const base = release ? baseConfig(release, { rpcAddress: "", slots: 1 }) : {};
  const refuse = (option: string): { reason: string; fix: string } | undefined => {
    // An old name may stand for two new ones.
    const names = release ? canonicalOption(option, release).split(" or ") : [option];
    const argument = names.map((name) => owners.get(name)).find((owner) => owner !== undefined);
    if (argument !== undefined) {
      return { reason: `the argument ${argument} sets this option`, fix: `set ${argument} instead` };
    }
    if (Object.hasOwn(base, option) && !family(option)) {
      const reason = "the component sets this option, because the cluster's objects depend on it";
      return { reason, fix: "leave the option out" };
    }
    return forbidden.find(({ matches }) => matches.test(option));
  };
  const readEarly = /^(jobmanager|taskmanager)\.memory\.|^taskmanager\.cpu\./;
  for (const [option, value] of Object.entries(config)) {
    const path = joinPath("config", option);
    const refused = refuse(option);
    if (refused) {
      const shown = isLater(value) || isMasked(option) ? undefined : value;
      problems.push({ path, value: shown, reason: refused.reason, fix: refused.fix });
    } else if (isLater(value) && readEarly.test(option)) {
      const reason =
        "the size of the container depends on this option, so its value must be known while the program runs";
      problems.push({ path, reason, fix: "pass a plain string" });
    } else if (isLater(value) && launcherReads.test(option)) {
      const reason = "the launcher depends on this option, so its value must be known while the program runs";
      problems.push({ path, reason, fix: "pass a plain string" });
    }
  }
  for (const option of Object.keys(configFrom)) {
    const path = joinPath("configFrom", option);
    const refused = refuse(option);
    if (refused) {
      problems.push({ path, reason: refused.reason, fix: refused.fix });
    } else if (launcherReads.test(option)) {
      const reason = "the launcher depends on this option, so its value must be known while the program runs";
      problems.push({ path, reason, fix: "put it into config" });
    }
  }
  for (const [option, value] of Object.entries(config)) {
    if (
      !/^metrics\.reporter\.[^.]+\.port$/.test(option) ||
      !Object.values<unknown>(PORTS).includes(Number(value))
    )
      continue;
    if (problems.some(({ path }) => path === joinPath("config", option))) continue;
    const reason = "Flink itself listens on this port, so the reporter would not start";
    problems.push({
      path: joinPath("config", option),
      value,
      reason,
      fix: "write another port, such as 9250",
    });
  }
  problems.push(...checkPrefixes(config, configFrom, [...owners.keys(), ...Object.keys(base)]));
  // An application brings its program, so no jar needs to be uploaded.
  const takesNoJars = additions.some(
    ({ jobManager }) => jobManager.defaults?.["web.submit.enable"] === "false",
  );
  if (!takesNoJars && /^false$/i.test(String(config["web.submit.enable"]))) {
    const reason = "jobs are submitted through the REST API, and this option turns submission off";
    problems.push({
      path: 'config["web.submit.enable"]',
      value: config["web.submit.enable"],
      reason,
      fix: "leave the option out",
    });
  }
  return problems;
}

/** Options for the launcher and not for Flink's processes. */
const launcherReads = /^env\./;

/** The argument that owns an option, by the option's newest name. */
function ownersOf(additions: Additions[]): Map<string, string> {
  const owners = new Map(Object.entries(ownedByArguments));
  for (const { argument, jobManager, taskManager } of additions) {
    if (argument === "configFrom") continue;
    for (const { options, optionsFrom } of [jobManager, taskManager]) {
      for (const option of Object.keys(options ?? {})) owners.set(option, argument);
      for (const { option } of optionsFrom ?? []) owners.set(option, argument);
    }
  }
  return owners;
}

/**
 * A role's options. The user's options override the features' defaults, but not the features' own options.
 *
 * @param elsewhere the user's options whose values are not among the common ones, because they are secret.
 */
export function withAdditions(
  common: Record<string, string>,
  { defaults, options }: Required<RoleAdditions>,
  release: FlinkRelease,
  elsewhere: readonly string[] = [],
): Record<string, string> {
  const plainName = (option: string) => fileSystemOption(canonicalOption(option, release));
  const given = new Set([...Object.keys(common), ...elsewhere].map(plainName));
  const open = Object.entries(defaults).filter(([option]) => !given.has(plainName(option)));
  return { ...Object.fromEntries(open), ...common, ...options };
}

/**
 * Flink's tools read the configuration as a tree, so no option may be a prefix of another. The catalogue
 * checks the plain options of `config`. This check compares options with values elsewhere to all others, and
 * all of them to the component's own.
 */
function checkPrefixes(
  config: Record<string, pulumi.Input<string>>,
  configFrom: Record<string, unknown>,
  own: string[],
): Problem[] {
  const { plain } = splitOptions(config);
  const given = [...Object.keys(config), ...Object.keys(configFrom)];
  const fix = "leave one of the two out";
  return given.flatMap((key) => {
    const path = joinPath(key in config ? "config" : "configFrom", key);
    const reason = (other: string) =>
      `the option "${other}" begins with this name, and Flink cannot read both: its configuration is a tree`;
    const longer = [...given, ...own].find((other) => other.startsWith(`${key}.`));
    if (longer !== undefined && !(key in plain && (longer in plain || own.includes(longer)))) {
      return [{ path, reason: reason(longer), fix }];
    }
    const shorter = own.find((other) => key.startsWith(`${other}.`));
    if (shorter === undefined) return [];
    const why = `this begins with "${shorter}", which the component sets, and Flink cannot read both: its configuration is a tree`;
    return [{ path, reason: why, fix: "leave the option out" }];
  });
}

/**
 * The options of both roles: the user's, those that hold the cluster together, and defaults.
 *
 * @param inSecrets names of options whose values are in Secrets.
 */
export function commonOptions(
  options: SplitOptions,
  release: FlinkRelease,
  rpcAddress: string,
  slots: number,
  inSecrets: readonly string[] = [],
): Record<string, string> {
  const { plain } = options;
  const given = new Set([...Object.keys(plain), ...Object.keys(options.secret), ...inSecrets].map(family));
  const flags = (plain["env.java.opts.all"] ?? "")
    .split(/\s+/)
    .filter((flag) => !release.jvmOptions.includes(flag));
  const base = Object.entries(baseConfig(release, { rpcAddress, slots, javaOptions: flags.join(" ") }));
  const defaults = base.filter(
    ([option]) => option === "env.java.opts.all" || !family(option) || !given.has(family(option)),
  );
  return { ...plain, ...Object.fromEntries(defaults) };
}
