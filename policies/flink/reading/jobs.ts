import { groupBy, type Resource, sameNamespace, type Stack, type Value } from "../../core";
import { type FlinkCluster } from "./clusters";
import { type Setting, settingsIn, settingsOfFiles } from "./settings";

/** A job of the stack on a cluster. */
export interface DeclaredJob {
  /** The place of the declaration. */
  at: Value;
  /** Whether it may lose its state, by its declaration or because this is unknown. */
  isStateless: boolean;
  /** Whether it is a batch job. */
  isBounded: boolean;
  /** The job's own options. */
  settings: readonly Setting[];
  /** Whether some of its options are unknown, so that no option counts as missing. */
  isPartial: boolean;
  /** Whether it takes checkpoints without a setting for it. */
  hasDefaultInterval: boolean;
  /** Undefined if not set or unknown. */
  parallelism: number | undefined;
  /** The place of the setting. */
  parallelismAt: Value | undefined;
  /** The arguments and scripts of its program. */
  program: readonly Value[];
}

const upgradeMode = "flink-kubernetes/upgrade-mode";

/**
 * The jobs of a cluster: the application's job, the component's submissions, and the operator's session jobs.
 */
export function jobsOf(stack: Stack, cluster: FlinkCluster): DeclaredJob[] {
  if (!cluster.jobManager) return [];
  const submitted = submissions(stack, cluster);
  // The Jobs of a FlinkApplication represent the job in its JobManager.
  const carried = submitted.length > 0 ? [] : applicationJob(cluster);
  return [...carried, ...submitted, ...sessionJobs(stack, cluster)];
}

function applicationJob({ jobManager, configuration }: FlinkCluster): DeclaredJob[] {
  const { resource, pod, isCustom, isApplication } = jobManager!;
  if (isCustom) {
    const base =
      resource.kind === "FlinkBlueGreenDeployment" ? resource.spec.get("template", "spec") : resource.spec;
    const job = base.get("job");
    // With last-state the Flink operator takes a checkpoint every five minutes by default.
    const hasDefaultInterval = job.get("upgradeMode").text() === "last-state";
    return job.isPresent ? [{ ...customJob(job, []), hasDefaultInterval }] : [];
  }
  if (!isApplication) return [];
  const modes = [resource.annotation(upgradeMode), pod.metadata.get("annotations", upgradeMode)];
  return [
    {
      at: jobManager!.container.value,
      isStateless: modes.some((mode) => maySay(mode, "stateless")),
      isBounded: isBatch(configuration.settings),
      settings: [],
      isPartial: false,
      hasDefaultInterval: false,
      parallelism: Number(configuration.text("parallelism.default") ?? "1") || undefined,
      parallelismAt: configuration.get("parallelism.default")?.at,
      program: ["command", "args"].flatMap((field) => jobManager!.container.get(field).list()),
    },
  ];
}

/**
 * The jobs of the components. The ledger has the declaration, and the Kubernetes Job has the request, or the
 * JobManager of an application. An application has two Kubernetes Jobs for one ledger.
 */
function submissions(stack: Stack, { jobManager, configuration }: FlinkCluster): DeclaredJob[] {
  const { resource, pod } = jobManager!;
  const instance = pod.metadata.get("labels", "app.kubernetes.io/instance").text();
  const ofName = /^(.*)-jobmanager$/.exec(resource.objectName ?? "")?.[1];
  const sent = stack.once("submissions", () => sentJobs(stack));
  const names = new Set([ANY, ...[instance ?? []].flat(), ...[ofName ?? []].flat()]);
  const ledgers = new Set<string>();
  return [...names]
    .flatMap((name) => sent.get(name) ?? [])
    .flatMap(({ job, mode, variables }): DeclaredJob[] => {
      if (sameNamespace(job, resource) === false) return [];
      const ledgerName = variables.get("LEDGER_NAME")?.text();
      if (ledgerName !== undefined && ledgers.has(ledgerName)) return [];
      if (ledgerName !== undefined) ledgers.add(ledgerName);
      const holders = job.pods[0]!.spec.get("volumes")
        .list()
        .flatMap((volume) => stack.named("/ConfigMap", volume.get("configMap", "name").text()));
      const settings = holders.flatMap(settingsOfFiles);
      const [ledger] = stack.named("/ConfigMap", ledgerName);
      const says = [mode, ...(ledger ? [ledger.annotation(upgradeMode)] : [])];
      const bounded = variables.get("BOUNDED");
      return [
        {
          at: mode,
          isStateless: says.some((value) => maySay(value, "stateless")),
          isBounded:
            (bounded !== undefined && maySay(bounded, "true")) ||
            isBatch([...configuration.settings, ...settings]),
          settings,
          isPartial: holders
            .flatMap(({ props }) => [props.get("data"), props.get("data", "request.json")])
            .map((value) => value.isUnknown)
            .includes(true),
          hasDefaultInterval: false,
          ...requested(holders),
          program: holders.flatMap(({ props }) =>
            props
              .get("data")
              .entries()
              .map(([, value]) => value),
          ),
        },
      ];
    });
}

interface Sent {
  job: Resource;
  /** The place that declares what happens to the job's state. */
  mode: Value;
  variables: ReadonlyMap<string, Value>;
}

/** Key for jobs with a missing or unknown cluster. */
const ANY = "";

/** The components' submission Jobs, by the cluster of the job. */
function sentJobs(stack: Stack): Map<string, Sent[]> {
  const all = stack.kinds("batch/Job").flatMap((job): Sent[] => {
    const env = job.pods[0]?.containers[0]?.get("env").list() ?? [];
    const variables = new Map(
      env.map((it): [string, Value] => [it.get("name").text() ?? "", it.get("value")]),
    );
    const mode = variables.get("UPGRADE_MODE");
    return mode ? [{ job, mode, variables }] : [];
  });
  return groupBy(all, ({ variables }) => [variables.get("FLINK_CLUSTER")?.text() ?? ANY]);
}

/** The parallelism in a job's request. */
function requested(holders: readonly Resource[]): Pick<DeclaredJob, "parallelism" | "parallelismAt"> {
  for (const { props } of holders) {
    const at = props.get("data", "request.json");
    const [, number] = /"parallelism":\s*(\d+)/.exec(at.text() ?? "") ?? [];
    if (number !== undefined) return { parallelism: Number(number), parallelismAt: at };
  }
  return { parallelism: undefined, parallelismAt: undefined };
}

function sessionJobs(stack: Stack, { jobManager }: FlinkCluster): DeclaredJob[] {
  const { resource } = jobManager!;
  const byCluster = stack.once("session jobs", () =>
    groupBy(stack.kinds("flink.apache.org/FlinkSessionJob"), (job) => {
      const name = job.spec.get("deploymentName").text();
      return name === undefined ? [] : [name];
    }),
  );
  return (byCluster.get(resource.objectName ?? "") ?? [])
    .filter((job) => sameNamespace(job, resource) !== false)
    .map((job) => customJob(job.spec.get("job"), settingsIn(job), job.spec.get("flinkConfiguration")));
}

/** Whether the operator has jobs with an unknown cluster. */
export function mayHaveMoreJobs(stack: Stack, { jobManager }: FlinkCluster): boolean {
  const jobs = stack.kinds("flink.apache.org/FlinkSessionJob");
  const isHidden = jobs.map((job) => job.spec.get("deploymentName").isUnknown).includes(true);
  return isHidden || (jobs.length > 0 && jobManager?.resource.metadata.get("name").isUnknown === true);
}

function customJob(job: Value, settings: Setting[], options?: Value): DeclaredJob {
  const mode = job.get("upgradeMode");
  return {
    at: mode.isPresent ? mode : job,
    isStateless: maySay(mode, "stateless"),
    isBounded: isBatch(settings),
    settings,
    isPartial: options !== undefined && hasUnknown(options),
    hasDefaultInterval: false,
    parallelism: job.get("parallelism").number(),
    parallelismAt: job.get("parallelism"),
    program: job.get("args").list(),
  };
}

function hasUnknown(options: Value): boolean {
  const inner = options.entries().map(([, value]) => hasUnknown(value));
  return options.isUnknown || inner.includes(true);
}

/** An unknown value may be anything, and is noted. It must not cause a violation. */
function maySay(value: Value, text: string): boolean {
  return value.isUnknown || value.text() === text;
}

/** Whether the configuration declares a batch job. */
function isBatch(settings: readonly Setting[]): boolean {
  return settings.findLast(({ key }) => key === "execution.runtime-mode")?.text.toUpperCase() === "BATCH";
}

/** The jobs whose state must survive: streaming jobs without a declaration that they may lose it. */
export function durableJobs(stack: Stack, cluster: FlinkCluster): DeclaredJob[] {
  return jobsOf(stack, cluster).filter(
    ({ isStateless, isBounded }) => !isStateless && !isBounded && !isBatch(cluster.configuration.settings),
  );
}
