import { sameNamespace, type Stack, type Value } from "../../core";
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
  /** Undefined when it says nothing, or nothing that is known. */
  parallelism: number | undefined;
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
    return base.get("job").isPresent ? [customJob(base.get("job"), [])] : [];
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
      parallelism: Number(configuration.text("parallelism.default") ?? "1") || undefined,
    },
  ];
}

/**
 * The jobs of the components: the ledger says what is wanted, the Kubernetes Job what is sent, or of an application what its JobManager
 * carries. An application has two Kubernetes Jobs for one ledger.
 */
function submissions(stack: Stack, { jobManager, configuration }: FlinkCluster): DeclaredJob[] {
  const { resource, pod } = jobManager!;
  const instance = pod.metadata.get("labels", "app.kubernetes.io/instance");
  const name = resource.objectName;
  const ledgers = new Set<string>();
  return stack.kinds("batch/Job").flatMap((job): DeclaredJob[] => {
    const container = job.pods[0]?.containers[0];
    if (!container || sameNamespace(job, resource) === false) return [];
    const variables = new Map(
      container
        .get("env")
        .list()
        .map((it): [string, Value] => [it.get("name").text() ?? "", it.get("value")]),
    );
    const mode = variables.get("UPGRADE_MODE");
    if (!mode) return [];
    const on = variables.get("FLINK_CLUSTER")?.text();
    if (on !== undefined && on !== instance.text() && `${on}-jobmanager` !== name) return [];
    const ledgerName = variables.get("LEDGER_NAME")?.text();
    if (ledgerName !== undefined && ledgers.has(ledgerName)) return [];
    if (ledgerName !== undefined) ledgers.add(ledgerName);
    const programs = job.pods[0]!.spec.get("volumes")
      .list()
      .map((volume) => volume.get("configMap", "name").text());
    const holders = stack
      .kinds("/ConfigMap")
      .filter((it) => it.objectName !== undefined && programs.includes(it.objectName));
    const settings = holders.flatMap(settingsOfFiles);
    const ledger = stack
      .kinds("/ConfigMap")
      .find((it) => it.objectName !== undefined && it.objectName === ledgerName);
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
        parallelism: undefined,
      },
    ];
  });
}

function sessionJobs(stack: Stack, { jobManager }: FlinkCluster): DeclaredJob[] {
  const { resource } = jobManager!;
  return stack
    .kinds("flink.apache.org/FlinkSessionJob")
    .filter(
      (job) =>
        job.spec.get("deploymentName").text() === resource.objectName &&
        sameNamespace(job, resource) !== false,
    )
    .map((job) => customJob(job.spec.get("job"), settingsIn(job), job.spec.get("flinkConfiguration")));
}

function customJob(job: Value, settings: Setting[], options?: Value): DeclaredJob {
  const mode = job.get("upgradeMode");
  return {
    at: mode.isPresent ? mode : job,
    isStateless: maySay(mode, "stateless"),
    isBounded: isBatch(settings),
    settings,
    isPartial: options !== undefined && hasUnknown(options),
    parallelism: job.get("parallelism").number(),
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
