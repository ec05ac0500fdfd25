import { type Resource, sameNamespace, type Stack, type Value } from "../../core";
import { type FlinkProcess, mayRunFlink, processesOf } from "./processes";
import { containerSettings, type Setting, settingsIn, settingsOfFiles, settingsOfText } from "./settings";

/** The options of a process or a cluster, as far as the stack tells. */
export class Configuration {
  constructor(
    readonly settings: readonly Setting[],
    /** Some of it is elsewhere or not known yet, so nothing can be said to be left out. */
    readonly isPartial: boolean,
    /** What to point at when an option is left out. */
    readonly home: Value,
  ) {}

  /** The setting that counts, by the newest name: the last one. */
  get(key: string): Setting | undefined {
    return this.settings.findLast((setting) => setting.key === key);
  }

  text(key: string): string | undefined {
    return this.get(key)?.text;
  }

  isOn(key: string): boolean {
    return this.text(key)?.toLowerCase() === "true";
  }

  startingWith(prefix: string): Setting[] {
    return this.settings.filter(({ key }) => key.startsWith(prefix));
  }
}

/** JobManager and TaskManagers that belong together. */
export interface FlinkCluster {
  jobManager: FlinkProcess | undefined;
  taskManagers: readonly FlinkProcess[];
  all: readonly FlinkProcess[];
  configuration: Configuration;
}

/** Whether there may be anything of Flink in a stack. */
export function mayHaveFlink(stack: Stack): boolean {
  return stack.resources.some((resource) => mayRunFlink(resource) || resource.group === "flink.apache.org");
}

/** Every cluster of a stack. Reads everything anew, so that each rule notes the unknowns that it depends on. */
export function clustersOf(stack: Stack): FlinkCluster[] {
  const processes = stack.resources.filter(({ isPatch }) => !isPatch).flatMap(processesOf);
  const taken = new Set<FlinkProcess>();
  const jobManagers = processes.filter(({ role }) => role === "jobmanager");
  const clusters = jobManagers.map((jobManager) => {
    const own = processes.filter(
      (other) => other.role === "taskmanager" && belongs(other, jobManager, jobManagers),
    );
    own.forEach((process) => taken.add(process));
    return cluster(stack, jobManager, own);
  });
  const alone = processes.filter((process) => process.role === "taskmanager" && !taken.has(process));
  return [...clusters, ...alone.map((process) => cluster(stack, undefined, [process]))];
}

function cluster(
  stack: Stack,
  jobManager: FlinkProcess | undefined,
  taskManagers: readonly FlinkProcess[],
): FlinkCluster {
  const all = [...(jobManager ? [jobManager] : []), ...taskManagers];
  return { jobManager, taskManagers, all, configuration: configurationOf(stack, all[0]!) };
}

const clusterLabels = ["app.kubernetes.io/instance", "app", "cluster", "app.kubernetes.io/name"];

/** By the labels that people tell clusters apart with; where these tell nothing, the only JobManager of the namespace. */
function belongs(process: FlinkProcess, jobManager: FlinkProcess, others: readonly FlinkProcess[]): boolean {
  if (process.resource === jobManager.resource) return true;
  if (process.isCustom || jobManager.isCustom) return false;
  if (sameNamespace(process.resource, jobManager.resource) === false) return false;
  for (const key of clusterLabels) {
    const [mine, its] = [process, jobManager].map(({ pod }) => pod.metadata.get("labels", key));
    if ([mine!.isUnknown, its!.isUnknown].includes(true)) return true;
    if (mine!.text() !== undefined && its!.text() !== undefined) return mine!.text() === its!.text();
  }
  return others.length === 1;
}

/** What a process is configured with: files, then FLINK_PROPERTIES and arguments, which win. */
export function configurationOf(stack: Stack, process: FlinkProcess): Configuration {
  const { resource, pod, container } = process;
  const own = containerSettings(container);
  if (process.isCustom)
    return new Configuration(
      [...settingsIn(resource), ...own],
      isHidden(process),
      resource.spec.get("flinkConfiguration"),
    );
  const named = pod.spec.get("volumes").list().flatMap(referencesOf);
  for (const variable of container.get("env").list()) {
    if (variable.get("name").text() !== "FLINK_PROPERTIES") continue;
    const from = variable.get("valueFrom");
    for (const [kind, field] of sources) named.push([kind, from.get(field, "name"), from.get(field, "key")]);
  }
  const settings: Setting[] = [];
  let isPartial = isHidden(process);
  for (const [kind, name, key] of named) {
    if (name.isAbsent) continue;
    const found = stack
      .kinds(kind)
      .filter((it) => it.objectName === name.text() && sameNamespace(it, resource) !== false);
    // Certificates and credentials are often made elsewhere; a ConfigMap that is may hold the configuration.
    if (found.length === 0 && (kind === "/ConfigMap" || key !== undefined)) isPartial = true;
    for (const holder of found) {
      const text = key?.text();
      settings.push(...(text === undefined ? settingsOfFiles(holder) : settingsOfKey(holder, text)));
      isPartial ||= hasUnknownFile(holder);
    }
  }
  return new Configuration([...settings, ...own], isPartial, container.value);
}

const sources = [
  ["/ConfigMap", "configMapKeyRef"],
  ["/Secret", "secretKeyRef"],
] as const;

type Reference = [kind: "/ConfigMap" | "/Secret", name: Value, key: Value | undefined];

function referencesOf(volume: Value): Reference[] {
  const direct: Reference[] = [
    ["/ConfigMap", volume.get("configMap", "name"), undefined],
    ["/Secret", volume.get("secret", "secretName"), undefined],
  ];
  const projected = volume
    .get("projected", "sources")
    .list()
    .flatMap((source): Reference[] => [
      ["/ConfigMap", source.get("configMap", "name"), undefined],
      ["/Secret", source.get("secret", "name"), undefined],
    ]);
  return [...direct, ...projected];
}

function settingsOfKey(holder: Resource, key: string): Setting[] {
  return [
    ...settingsOfText(holder.props.get("data", key), holder.is("/Secret")),
    ...settingsOfText(holder.props.get("stringData", key)),
  ];
}

function hasUnknownFile(holder: Resource): boolean {
  const data = holder.props.get("data");
  return [data, ...["config.yaml", "flink-conf.yaml"].map((file) => data.get(file))].some(
    (value) => value.isUnknown,
  );
}

/** Whether arguments or variables that may hold options are not known yet. */
function hiddenPlaces({ container, pod, resource, isCustom }: FlinkProcess): Value[] {
  const words = ["command", "args"].flatMap((field) => [
    container.get(field),
    ...container.get(field).list(),
  ]);
  const env = container.get("env");
  const variables = env.list().flatMap((it) => [it, it.get("name"), it.get("value")]);
  const volumes = pod.spec.get("volumes");
  const names = volumes
    .list()
    .flatMap((it) => [it, it.get("configMap"), it.get("configMap", "name"), it.get("secret")]);
  const custom = isCustom ? resource.spec.get("flinkConfiguration") : undefined;
  const options = custom ? [custom, ...custom.entries().map(([, value]) => value)] : [];
  return [container.value, ...words, env, ...variables, volumes, ...names, ...options];
}

function isHidden(process: FlinkProcess): boolean {
  const found = hiddenPlaces(process).map((value) => value.isUnknown);
  return found.includes(true) || process.container.get("envFrom").isPresent;
}
