import { groupBy, type Resource, sameNamespace, type Stack, type Value } from "../../core";
import { type FlinkCluster } from "./clusters";
import { type Setting, settingsIn, settingsOfFiles } from "./settings";

/** A job that the stack declares to run on a cluster. */
export interface DeclaredJob {
  /** Where it says so. */
  at: Value;
  /** It says that it may lose its state, or what it says is not known yet. */
  isStateless: boolean;
  /** It says that it comes to its end. */
  isBounded: boolean;
  /** Options of its own. */
  settings: readonly Setting[];
  /** Some of its options are not known yet, so nothing can be said to be left out. */
  isPartial: boolean;
  /** Something that is not written here makes checkpoints of it. */
  hasDefaultInterval: boolean;
  /** Undefined when it says nothing, or nothing that is known. */
  parallelism: number | undefined;
  /** Where it says so. */
  parallelismAt: Value | undefined;
  /** The words and texts that its program is given. */
  program: readonly Value[];
}

const upgradeMode = "flink-kubernetes/upgrade-mode";

/** The jobs of a cluster: an application's own, the component's submissions, and the session jobs of the operator. */
export function jobsOf(stack: Stack, cluster: FlinkCluster): DeclaredJob[] {
  if (!cluster.jobManager) return [];
  const submitted = submissions(stack, cluster);
  // Those of a FlinkApplication stand for the job that its JobManager carries.
  const carried = submitted.length > 0 ? [] : applicationJob(cluster);
  return [...carried, ...submitted, ...sessionJobs(stack, cluster)];
}

function applicationJob({ jobManager, configuration }: FlinkCluster): DeclaredJob[] {
  const { resource, pod, isCustom, isApplication } = jobManager!;
  if (isCustom) {
    const base =
      resource.kind === "FlinkBlueGreenDeployment" ? resource.spec.get("template", "spec") : resource.spec;
    const job = base.get("job");
    // With last-state the Flink operator makes a checkpoint every five minutes where nobody says otherwise.
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
 * The jobs of the components: the ledger says what is wanted, the Kubernetes Job what is sent, or of an application what its JobManager
 * carries. An application has two Kubernetes Jobs for one ledger.
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
  /** What says what becomes of the job's state. */
  mode: Value;
  variables: ReadonlyMap<string, Value>;
}

/** Key of what does not say to which cluster it is sent, or not yet. */
const ANY = "";

/** The Kubernetes Jobs of the components that send a job, by the cluster that they send it to. */
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

/** The parallelism that is sent with a job. */
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

/** Whether there are jobs of the operator of which it is not known yet to which cluster they go. */
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

/** An unknown may say anything, and is noted: it must not make a violation. */
function maySay(value: Value, text: string): boolean {
  return value.isUnknown || value.text() === text;
}

/** A batch job says so in its configuration. */
function isBatch(settings: readonly Setting[]): boolean {
  return settings.findLast(({ key }) => key === "execution.runtime-mode")?.text.toUpperCase() === "BATCH";
}

/** The jobs whose state must survive: streaming jobs that do not say that they may lose it. */
export function durableJobs(stack: Stack, cluster: FlinkCluster): DeclaredJob[] {
  return jobsOf(stack, cluster).filter(
    ({ isStateless, isBounded }) => !isStateless && !isBounded && !isBatch(cluster.configuration.settings),
  );
}
