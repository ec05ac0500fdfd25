import { parse } from "yaml";
import { sqlDriver, sqlScriptClass } from "../../components/args/sql";
import { jobLabel, ledgerLabel, restartHashAnnotation } from "../../components/names";
import {
  at,
  type Change,
  isObject,
  type Json,
  type JsonObject,
  kindOf,
  listAt,
  objectAt,
  SECRET,
  textAt,
  withoutHash,
} from "../normal";

/** Facts about Flink from a stack's resources, on one side of the change. */
export interface Facts {
  clusters: Map<string, ClusterFacts>;
  jobs: Map<string, JobFacts>;
}

export interface ClusterFacts {
  urn: string;
  name: string;
  namespace: string;
  application: boolean;
  version: string;
  image: string;
  jobManager: ProcessFacts;
  taskManager: ProcessFacts;
  sqlGateway: ProcessFacts;
  slots: number | undefined;
  /** Options of config.yaml, of JobManager and TaskManagers together. */
  config: Map<string, string>;
  highAvailability: boolean;
  /** Without checkpoints, a restarted job starts without state. */
  checkpoints: boolean;
  /** Volumes with its jobs' state: `claim NAME at PATH`. */
  stateVolumes: string[];
  /**
   * Name of the prepare Job. Another name means that running jobs are stopped with their state before the
   * cluster changes.
   */
  preparation: string;
}

export interface ProcessFacts {
  exists: boolean;
  identity: string;
  /** Bounds of an autoscaler, or the fixed number twice. */
  least: number;
  most: number;
  /** The program sets no number: an update keeps the current one. */
  kept: boolean;
  cpu: string;
  memory: string;
  /** The pod template. If it differs, the processes restart. */
  template: Json;
  recreated: boolean;
}

export interface JobFacts {
  urn: string;
  name: string;
  namespace: string;
  cluster: string;
  revision: string;
  restartHash: string;
  upgradeMode: string;
  fallback: boolean;
  startTimeout: number;
  guarded: boolean;
  bounded: boolean;
  initialSavepoint: string;
  restoreNonce: string;
  savepointDirectory: string;
  checkpointDirectory: string;
  parallelism: number | undefined;
  jar: string;
  image: string;
  entryClass: string;
  arguments: string;
  /** Its SQL script, if it has one and it is not confidential. */
  script: string | undefined;
  config: Map<string, string>;
  allowNonRestoredState: boolean;
}

interface Resource {
  change: Change;
  kind: string;
  inputs: JsonObject;
}

const clusterTypes = ["flink-kubernetes:index:FlinkCluster", "flink-kubernetes:index:FlinkApplication"];
const componentLabel = "app.kubernetes.io/component";
const instanceLabel = "app.kubernetes.io/instance";

export function factsOf(changes: readonly Change[], side: "before" | "after"): Facts {
  const children = new Map<string, Resource[]>();
  const components: { change: Change; inputs: JsonObject }[] = [];
  for (const change of changes) {
    const inputs = change[side];
    if (!inputs) continue;
    if (change.type.startsWith("flink-kubernetes:index:")) components.push({ change, inputs });
    const kind = kindOf(change.type);
    if (kind === undefined) continue;
    const list = children.get(change.parent);
    if (list) list.push({ change, kind, inputs });
    else children.set(change.parent, [{ change, kind, inputs }]);
  }
  const facts: Facts = { clusters: new Map(), jobs: new Map() };
  for (const { change, inputs } of components) {
    const own = children.get(change.urn) ?? [];
    if (clusterTypes.includes(change.type)) {
      const cluster = clusterFacts(change, inputs, own);
      if (cluster) facts.clusters.set(change.urn, cluster);
    }
    const job = jobFacts(change, inputs, own);
    if (job) facts.jobs.set(change.urn, job);
  }
  return facts;
}

function clusterFacts(change: Change, inputs: JsonObject, own: Resource[]): ClusterFacts | undefined {
  const jobManager = workload(own, "jobmanager");
  const taskManager = workload(own, "taskmanager");
  // A component with mistakes has no children; the error says more.
  if (!jobManager && !taskManager) return undefined;
  const config = new Map([...configOf(own, "taskmanager"), ...configOf(own, "jobmanager")]);
  const scaling = objectAt(inputs, "autoscaling");
  const slots = Number(config.get("taskmanager.numberOfTaskSlots") ?? at(inputs, "taskManager", "slots"));
  return {
    urn: change.urn,
    name: change.name,
    namespace: textAt((jobManager ?? taskManager)!.inputs, "metadata", "namespace") ?? "",
    application: change.type.endsWith("FlinkApplication"),
    version: textAt(inputs, "flinkVersion") ?? "",
    image: textAt(inputs, "image") ?? imageOf(jobManager ?? taskManager, "jobmanager"),
    jobManager: processFacts(jobManager, {}),
    taskManager: {
      ...processFacts(taskManager, scaling),
      kept: inputs.replicas === undefined && inputs.autoscaling === undefined,
    },
    sqlGateway: processFacts(workload(own, "sql-gateway"), {}),
    slots: Number.isInteger(slots) ? slots : undefined,
    config,
    highAvailability: !["", "none"].includes(
      (config.get("high-availability.type") ?? config.get("high-availability") ?? "").toLowerCase(),
    ),
    checkpoints: config.has("execution.checkpointing.interval"),
    stateVolumes: stateVolumes(jobManager, config),
    preparation: textAt(named(own, "Job", "-prepare")?.inputs, "metadata", "name") ?? "",
  };
}

/** An update keeps such numbers, so they are the same before and after. */
export function withKeptNumbers(before: Facts, after: Facts): Facts {
  const clusters = [...after.clusters].map(([urn, is]): [string, ClusterFacts] => {
    const was = before.clusters.get(urn)?.taskManager;
    if (!is.taskManager.kept || !was?.exists || was.identity !== is.taskManager.identity) return [urn, is];
    return [urn, { ...is, taskManager: { ...is.taskManager, least: was.least, most: was.most } }];
  });
  return { ...after, clusters: new Map(clusters) };
}

function workload(own: Resource[], component: string): Resource | undefined {
  return own.find(
    ({ kind, inputs }) =>
      (kind === "Deployment" || kind === "StatefulSet") &&
      textAt(inputs, "metadata", "labels", componentLabel) === component,
  );
}

function named(own: Resource[], kind: string, suffix: string): Resource | undefined {
  return own.find((resource) => resource.kind === kind && withoutHash(resource.change.name).endsWith(suffix));
}

function processFacts(resource: Resource | undefined, scaling: JsonObject): ProcessFacts {
  const spec = objectAt(resource?.inputs, "spec");
  const template = at(spec, "template") ?? null;
  const main = listAt(template, "spec", "containers")[0];
  const replicas = resource === undefined ? 0 : Number(at(spec, "replicas") ?? 1);
  const requests = objectAt(main, "resources", "requests");
  const [least, most] = [Number(scaling.minReplicas), Number(scaling.maxReplicas)];
  return {
    exists: resource !== undefined,
    identity: resource === undefined ? "" : identityOf(resource),
    least: Number.isFinite(least) ? least : replicas,
    most: Number.isFinite(most) ? most : replicas,
    kept: false,
    cpu: textAt(requests, "cpu") ?? "",
    memory: textAt(requests, "memory") ?? "",
    template,
    recreated: textAt(spec, "strategy", "type") === "Recreate",
  };
}

function stateVolumes(jobManager: Resource | undefined, config: Map<string, string>): string[] {
  const directories = ["execution.checkpointing.dir", "execution.checkpointing.savepoint-dir"].flatMap(
    (option) => /^file:(?:\/\/)?(\/.*)$/.exec(config.get(option) ?? "")?.[1] ?? [],
  );
  const pod = objectAt(jobManager?.inputs, "spec", "template", "spec");
  const mounts = listAt(pod, "containers").flatMap((container) => listAt(container, "volumeMounts"));
  return listAt(pod, "volumes").flatMap((volume) => {
    const claim = textAt(volume, "persistentVolumeClaim", "claimName");
    if (claim === undefined) return [];
    return mounts
      .filter((mount) => textAt(mount, "name") === textAt(volume, "name"))
      .map((mount) => textAt(mount, "mountPath") ?? "")
      .filter((path) => directories.some((directory) => `${directory}/`.startsWith(`${path}/`)))
      .map((path) => `claim ${claim} at ${path}`);
  });
}

function identityOf({ kind, inputs }: Resource): string {
  return `${kind} ${textAt(inputs, "metadata", "namespace") ?? ""}/${textAt(inputs, "metadata", "name") ?? ""}`;
}

function imageOf(resource: Resource | undefined, name: string): string {
  const containers = listAt(resource?.inputs, "spec", "template", "spec", "containers");
  const own = containers.find((container) => textAt(container, "name") === name) ?? containers[0];
  return textAt(own, "image") ?? "";
}

function configOf(own: Resource[], component: string): Map<string, string> {
  const found = own.find(
    ({ kind, inputs }) =>
      kind === "ConfigMap" &&
      textAt(inputs, "metadata", "labels", componentLabel) === component &&
      at(inputs, "data", "config.yaml") !== undefined,
  );
  return readConfig(textAt(found?.inputs, "data", "config.yaml") ?? "");
}

/** Options of a config.yaml. This package writes it flat, but a user's own may be nested. */
function readConfig(text: string): Map<string, string> {
  const options = new Map<string, string>();
  const add = (prefix: string, value: unknown): void => {
    if (isObject(value)) {
      for (const [key, item] of Object.entries(value)) add(prefix === "" ? key : `${prefix}.${key}`, item);
    } else if (value !== null && value !== undefined) {
      options.set(prefix, Array.isArray(value) ? value.join(";") : String(value as string));
    }
  };
  try {
    add("", parse(text, { schema: "failsafe" }));
  } catch {
    return options; // invalid YAML is shown in the object's own difference
  }
  options.delete("");
  return options;
}

function jobFacts(change: Change, inputs: JsonObject, own: Resource[]): JobFacts | undefined {
  const ledger = own.find(
    ({ kind, inputs: object }) =>
      kind === "ConfigMap" && textAt(object, "metadata", "labels", ledgerLabel) === "true",
  );
  if (!ledger) return undefined;
  const metadata = objectAt(ledger.inputs, "metadata");
  const annotation = (name: string) => textAt(metadata, "annotations", `flink-kubernetes/${name}`) ?? "";
  const submission = named(own, "Job", "-submission") ?? named(own, "Job", "-start");
  const env = environment(submission);
  const program = named(own, "ConfigMap", "-program");
  const request = readRequest(textAt(program?.inputs, "data", "request.json"));
  const guard = own.find(
    ({ kind, inputs: object }) =>
      kind === "Deployment" && textAt(object, "metadata", "labels", componentLabel) === "guard",
  );
  return {
    urn: change.urn,
    name: textAt(metadata, "labels", jobLabel) ?? change.name,
    namespace: textAt(metadata, "namespace") ?? "",
    cluster: textAt(metadata, "labels", instanceLabel) ?? "",
    revision: annotation("revision"),
    restartHash: textAt(metadata, "annotations", restartHashAnnotation) ?? "",
    upgradeMode: annotation("upgrade-mode"),
    fallback: annotation("fallback") !== "false",
    startTimeout: Number(annotation("start-timeout")) || 300,
    guarded: guard !== undefined,
    bounded: env("BOUNDED") === "true",
    initialSavepoint: env("INITIAL_SAVEPOINT"),
    restoreNonce: env("RESTORE_NONCE"),
    savepointDirectory: env("SAVEPOINT_DIRECTORY"),
    checkpointDirectory: env("CHECKPOINT_DIRECTORY"),
    parallelism: numberOf(at(request, "parallelism") ?? at(inputs, "parallelism")),
    jar: env("JAR"),
    image: env("IMAGE"),
    entryClass: textAt(request, "entryClass") ?? textAt(inputs, "entryClass") ?? "",
    arguments: JSON.stringify(at(request, "programArgsList") ?? []),
    script: scriptOf(request),
    config: new Map(
      Object.entries(objectAt(request, "flinkConfiguration")).map(([key, value]) => [
        key,
        // Values in the job's Secret appear here only as references.
        typeof value === "object" ? SECRET : String(value),
      ]),
    ),
    allowNonRestoredState: at(request, "allowNonRestoredState") === true,
  };
}

function environment(job: Resource | undefined): (name: string) => string {
  const containers = listAt(job?.inputs, "spec", "template", "spec", "containers");
  const own = containers.find((container) => textAt(container, "name") === "submitter") ?? null;
  const variables = new Map(
    listAt(own, "env").map((variable) => [textAt(variable, "name") ?? "", textAt(variable, "value") ?? ""]),
  );
  return (name) => variables.get(name) ?? "";
}

function readRequest(text: string | undefined): Json {
  try {
    return text === undefined ? null : (JSON.parse(text) as Json);
  } catch {
    return null;
  }
}

function scriptOf(request: Json): string | undefined {
  const sql = [sqlDriver, sqlScriptClass].includes(textAt(request, "entryClass") ?? "");
  const [flag, script] = listAt(request, "programArgsList");
  return sql && flag === "--script" && typeof script === "string" ? script : undefined;
}

function numberOf(value: Json | undefined): number | undefined {
  const number = Number(value ?? Number.NaN);
  return Number.isFinite(number) ? number : undefined;
}
