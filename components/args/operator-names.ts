/**
 * Names in the resources of the Flink operators (FlinkDeployment, FlinkSessionJob, Spotify's FlinkCluster),
 * each with the argument that says the same.
 */
const sameHere: Record<string, string> = {
  flinkConfiguration: "config",
  flinkProperties: "config",
  envVars: "env",
  ingress: "exposure",
  jarURI: "jar",
  jarFile: "jar",
  pyFile: "python",
  args: "arguments",
  className: "entryClass",
  initialSavepointPath: "initialSavepoint",
  fromSavepoint: "initialSavepoint",
  savepointRedeployNonce: "restoreNonce",
};

/** Names without such an argument, where they stand beside one of these arguments. */
const otherwise: Record<string, { beside: string[]; fix: string }> = {
  job: {
    beside: ["jobManager"],
    fix: "give it as a FlinkJob of this cluster; or make this a FlinkApplication, which has the arguments of one job",
  },
  podTemplate: {
    beside: ["jobManager", "podPatch"],
    fix: "write env, volumes, sidecars, tolerations, … of jobManager and taskManager, and podPatch for the rest",
  },
  logConfiguration: {
    beside: ["monitoring"],
    fix: "write the whole file as monitoring.log4j or monitoring.logback, or only levels as monitoring.logLevels",
  },
  mode: {
    beside: ["jobManager"],
    fix: "leave it out: Kubernetes makes the pods, as in the operator's mode standalone",
  },
  serviceAccount: {
    beside: ["jobManager"],
    fix: "leave it out, and one is made for each role; or name your own as serviceAccount.name of jobManager and taskManager",
  },
  resource: { beside: ["memory"], fix: "write its fields here: memory: 2g and cpu: { limit: 1 }" },
  resources: { beside: ["memory"], fix: "write its fields here: memory: 2g and cpu: { limit: 1 }" },
  state: {
    beside: ["upgradeMode"],
    fix: "leave it out: `npx flink-kubernetes jobs pause JOB` suspends a job, and `resume` lets it go on",
  },
  savepointTriggerNonce: {
    beside: ["upgradeMode"],
    fix: "leave it out: `npx flink-kubernetes jobs savepoint JOB` takes a savepoint, and the argument savepoints takes them on a schedule",
  },
  restartNonce: {
    beside: ["jobManager", "upgradeMode"],
    fix: "leave it out: `npx flink-kubernetes jobs pause JOB` and then `resume JOB` restart a job with its state",
  },
};

/** What to write instead of a name of the operators, among the arguments that are known at this place. */
export function operatorName(
  key: string,
  known: readonly string[],
): { fix: string; meant?: string } | undefined {
  if (Object.hasOwn(sameHere, key)) {
    const meant = sameHere[key]!;
    return known.includes(meant) ? { fix: `write "${meant}"`, meant } : undefined;
  }
  // An application has the arguments of its job.
  if (key === "job" && known.includes("entryClass")) {
    return { fix: "write its fields here: jar, entryClass, arguments, parallelism, upgradeMode, …" };
  }
  const { beside = [], fix = "" } = Object.hasOwn(otherwise, key) ? otherwise[key]! : {};
  return beside.some((one) => known.includes(one)) ? { fix } : undefined;
}
