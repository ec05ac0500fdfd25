import type { Problem } from "../problems";
import { checkLabels } from "./check-pods";
import { parseQuantity } from "./quantity";
import { isLater, isPlainObject, joinPath } from "./shape";

type Fields = Readonly<Record<string, unknown>>;

interface Place {
  path: string;
  problems: Problem[];
  /** Whether the fields are a patch. Fields missing from a patch may exist already. */
  patch: boolean;
}

type Rule = (given: Fields, place: Place) => void;

const probeNumbers = [
  "initialDelaySeconds",
  "timeoutSeconds",
  "periodSeconds",
  "successThreshold",
  "failureThreshold",
];

/** Requirements of Kubernetes beyond field types (pkg/apis/core/validation and autoscaling/validation). */
export const rules: Readonly<Record<string, Rule>> = {
  Volume: all(named("name", "label"), atMostOne("a volume has one source", "name")),
  VolumeMount: all(named("name", "label"), checkSubPath),
  VolumeProjection: atMostOne("each entry has one source"),
  SecretVolumeSource: all(refersTo("secretName"), fileMode("defaultMode")),
  ConfigMapVolumeSource: all(refersTo("name"), fileMode("defaultMode")),
  ProjectedVolumeSource: fileMode("defaultMode"),
  DownwardAPIVolumeSource: fileMode("defaultMode"),
  KeyToPath: fileMode("mode"),
  PersistentVolumeClaimVolumeSource: refersTo("claimName"),
  EmptyDirVolumeSource: bytes("sizeLimit"),
  SecretProjection: refersTo("name"),
  ConfigMapProjection: refersTo("name"),
  LocalObjectReference: refersTo("name"),

  Container: named("name", "label"),
  ContainerPort: all(named("name", "port"), range("containerPort", 1, 65535), range("hostPort", 1, 65535)),
  EnvVar: checkVariable,
  EnvVarSource: exactlyOne("a variable has one source"),
  EnvFromSource: exactlyOne("each entry names one ConfigMap or one Secret", "prefix"),
  ConfigMapKeySelector: refersTo("name"),
  SecretKeySelector: refersTo("name"),
  ConfigMapEnvSource: refersTo("name"),
  SecretEnvSource: refersTo("name"),
  ResourceRequirements: checkResources,
  VolumeResourceRequirements: checkResources,

  Probe: all(oneHandler("a probe"), ...probeNumbers.map((field) => range(field, 0))),
  LifecycleHandler: oneHandler("a hook"),
  HTTPGetAction: portOf,
  TCPSocketAction: portOf,
  GRPCAction: portOf,

  ObjectMeta: checkMetadata,
  PodSpec: checkPod,
  Toleration: checkToleration,
  TopologySpreadConstraint: range("maxSkew", 1),
  LabelSelector: (given, { path, problems }) => labels(given.matchLabels, `${path}.matchLabels`, problems),
  LabelSelectorRequirement: checkRequirement,
  NodeSelectorRequirement: checkRequirement,
  PreferredSchedulingTerm: range("weight", 1, 100),
  WeightedPodAffinityTerm: range("weight", 1, 100),

  HPAScalingRules: range("stabilizationWindowSeconds", 0, 3600),
  HPAScalingPolicy: all(range("value", 1), range("periodSeconds", 1, 1800)),
  MetricTarget: checkTarget,
  MetricSpec: checkMetric,
};

function all(...parts: Rule[]): Rule {
  return (given, place) => parts.forEach((part) => part(given, place));
}

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const names = {
  label: {
    valid: (name: string) => /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name) && name.length <= 63,
    rule: "at most 63 lower-case letters, digits and dashes, with a letter or digit first and last",
  },
  object: {
    valid: (name: string) => subdomain.test(name) && name.length <= 253,
    rule: "lower-case letters, digits, dashes and dots, with a letter or digit first and last",
  },
  port: {
    valid: (name: string) => /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) && /[a-z]/.test(name) && name.length <= 15,
    rule: "at most 15 lower-case letters, digits and single dashes, with at least one letter",
  },
};

function named(field: string, kind: keyof typeof names): Rule {
  return (given, { path, problems }) => {
    const name = given[field];
    // An empty name is reported as missing.
    if (typeof name !== "string" || name === "" || names[kind].valid(name)) return;
    const reason = "Kubernetes refuses this name";
    problems.push({ path: joinPath(path, field), value: name, reason, fix: `use ${names[kind].rule}` });
  };
}

/** The name of another object. Kubernetes' schema calls it optional, but its validation requires it. */
function refersTo(field: string): Rule {
  return all(named(field, "object"), (given, { path, problems, patch }) => {
    if (given[field] !== "" && (patch || has(given, field))) return;
    const reason = "this reference to an object has no name";
    problems.push({ path: joinPath(path, field), reason, fix: "write the name of the object" });
  });
}

function has(given: Fields, field: string): boolean {
  return given[field] !== undefined && given[field] !== null;
}

/** The given fields among those that exclude each other. */
function sources(given: Fields, others: readonly string[]): string[] {
  return Object.keys(given).filter(
    (field) => has(given, field) && !others.includes(field) && !field.startsWith("$"),
  );
}

function atMostOne(reason: string, ...others: string[]): Rule {
  return (given, { path, problems }) => {
    const found = sources(given, others);
    if (found.length > 1) {
      problems.push({ path, reason: `${reason}, not ${found.join(" and ")}`, fix: "keep one of them" });
    }
  };
}

function exactlyOne(reason: string, ...others: string[]): Rule {
  return (given, place) => {
    const { path, problems, patch } = place;
    if (sources(given, others).length > 1) problems.push({ path, reason, fix: "keep one of them" });
    if (sources(given, others).length === 0 && !patch) {
      problems.push({ path, reason: `${reason}, but there is none here`, fix: "write one" });
    }
  };
}

const handlers = ["exec", "grpc", "httpGet", "sleep", "tcpSocket"];

function oneHandler(what: string): Rule {
  return (given, { path, problems, patch }) => {
    const found = handlers.filter((handler) => has(given, handler));
    if (found.length > 1 || (found.length === 0 && !patch)) {
      const reason = `${what} has exactly one action${found.length > 1 ? `, not ${found.join(" and ")}` : ", but there is none here"}`;
      problems.push({ path, reason, fix: `write one of: ${handlers.join(", ")}` });
    }
  };
}

function range(field: string, least: number, most = Infinity): Rule {
  return (given, { path, problems }) => {
    const value = given[field];
    if (!Number.isInteger(value) || (Number(value) >= least && Number(value) <= most)) return;
    const wanted = most === Infinity ? `${least} or more` : `${least} to ${most}`;
    const reason = `Kubernetes accepts ${wanted} here`;
    problems.push({ path: joinPath(path, field), value, reason, fix: `write ${wanted}` });
  };
}

function fileMode(field: string): Rule {
  return (given, { path, problems }) => {
    const mode = given[field];
    if (!Number.isInteger(mode) || (Number(mode) >= 0 && Number(mode) <= 0o777)) return;
    const octal = /^[0-7]{3}$/.test(String(mode))
      ? `0o${mode} (${parseInt(String(mode), 8)})`
      : "0o440 (288)";
    const reason = "these are file permissions: the largest value is octal 777, which is 511";
    problems.push({ path: joinPath(path, field), value: mode, reason, fix: `write it as octal: ${octal}` });
  };
}

function portOf(given: Fields, place: Place): void {
  const { port } = given;
  if (typeof port === "string" && /^\d+$/.test(port)) {
    const reason = "Kubernetes reads a value in quotes as the name of a port";
    place.problems.push({
      path: `${place.path}.port`,
      value: port,
      reason,
      fix: `write ${port}, without quotes`,
    });
    return;
  }
  range("port", 1, 65535)(given, place);
  named("port", "port")(given, place);
}

function checkSubPath(given: Fields, { path, problems }: Place): void {
  for (const field of ["subPath", "subPathExpr"]) {
    const value = given[field];
    if (typeof value !== "string" || (!value.startsWith("/") && !value.split("/").includes(".."))) continue;
    const reason = "this must be a relative path within the volume";
    problems.push({
      path: joinPath(path, field),
      value,
      reason,
      fix: 'write it without a leading "/" and without ".."',
    });
  }
  if (given.subPath && given.subPathExpr) {
    problems.push({ path, reason: "subPath and subPathExpr exclude each other", fix: "keep one of them" });
  }
}

function checkVariable(given: Fields, { path, problems }: Place): void {
  const { name } = given;
  // Characters that Kubernetes accepts since 1.34.
  if (typeof name === "string" && !/^[ -<>-~]*$/.test(name)) {
    const reason = "this is not a valid name of an environment variable";
    problems.push({ path: `${path}.name`, value: name, reason, fix: "use letters, digits and underscores" });
  }
  if (has(given, "valueFrom") && has(given, "value") && given.value !== "") {
    problems.push({ path, reason: "value and valueFrom exclude each other", fix: "keep one of them" });
  }
}

function bytes(field: string): Rule {
  return (given, { path, problems }) => checkBytes(joinPath(path, field), given[field], problems);
}

/**
 * Kubernetes accepts thousandths of a byte as a size and takes them literally: a pod with `512m` never
 * starts.
 */
function checkBytes(path: string, value: unknown, problems: Problem[]): void {
  if (typeof value !== "string" || parseQuantity(value) === undefined || !/[num]$/.test(value)) return;
  problems.push({
    path,
    value,
    reason: `Kubernetes reads the unit "${value.slice(-1)}" as a fraction of a byte`,
    fix: value.endsWith("m") ? `write "${value.slice(0, -1)}Mi"` : 'write it with "Mi" or "Gi"',
  });
}

/** GPUs and other resources of device plugins. */
export function isDevice(resource: string): boolean {
  return resource.includes("/") && !resource.includes("kubernetes.io/");
}

/** GPUs and other devices are counted in whole pieces, and a container gets what it requests. */
function checkDevices(
  requests: Record<string, unknown>,
  limits: Record<string, unknown>,
  { path, problems, patch }: Place,
): void {
  for (const [kind, resources] of Object.entries({ requests, limits })) {
    for (const [resource, value] of Object.entries(resources)) {
      if (!isDevice(resource) || isLater(value)) continue;
      const amount = parseQuantity(String(value));
      if (amount === undefined || Number.isInteger(amount)) continue;
      const reason = "Kubernetes gives a container whole devices only";
      problems.push({
        path: joinPath(`${path}.${kind}`, resource),
        value,
        reason,
        fix: "write a whole number",
      });
    }
  }
  for (const [resource, value] of Object.entries(requests)) {
    // Nodes may promise all other resources more than once.
    if (!isDevice(resource) && !resource.startsWith("hugepages-")) continue;
    if (value === null || isLater(value) || isLater(limits[resource])) continue;
    const [request, limit] = [value, limits[resource]].map((one) => parseQuantity(String(one)));
    if (request === undefined || request === limit || (limit === undefined && patch)) continue;
    const at = joinPath(`${path}.requests`, resource);
    // A request above the limit is reported for every resource.
    if (limit !== undefined && request > limit) continue;
    const reason =
      limit === undefined
        ? "Kubernetes takes a request for this only with a limit"
        : `Kubernetes wants the request to be the limit, here ${String(limits[resource])}`;
    problems.push({ path: at, value, reason, fix: "write it under limits alone" });
  }
}

function checkResources(given: Fields, place: Place): void {
  const { path, problems } = place;
  const amount = (value: unknown) =>
    typeof value === "string" || typeof value === "number" ? parseQuantity(String(value)) : undefined;
  const requests = isPlainObject(given.requests) ? given.requests : {};
  const limits = isPlainObject(given.limits) ? given.limits : {};
  checkDevices(requests, limits, place);
  for (const [kind, resources] of Object.entries({ requests, limits })) {
    for (const [resource, value] of Object.entries(resources)) {
      const at = joinPath(`${path}.${kind}`, resource);
      if (/^(memory|storage|ephemeral-storage|hugepages-.*)$/.test(resource)) checkBytes(at, value, problems);
      if ((amount(value) ?? 0) < 0) {
        problems.push({ path: at, value, reason: "an amount cannot be negative", fix: "write 0 or more" });
      }
    }
  }
  for (const [resource, value] of Object.entries(requests)) {
    const [request, limit] = [amount(value), amount(limits[resource])];
    if (request === undefined || limit === undefined || request <= limit) continue;
    problems.push({
      path: joinPath(`${path}.requests`, resource),
      value,
      reason: `Kubernetes refuses a request above the limit, here ${String(limits[resource])}`,
      fix: "write at most the limit, or raise the limit",
    });
  }
}

function checkMetadata({ labels: given, annotations }: Fields, { path, problems }: Place): void {
  labels(given, `${path}.labels`, problems);
  if (!isPlainObject(annotations)) return;
  const keys = Object.keys(annotations).filter((key) => !key.startsWith("$"));
  labels(Object.fromEntries(keys.map((key) => [key, ""])), `${path}.annotations`, problems);
}

function labels(given: unknown, path: string, problems: Problem[]): void {
  if (!isPlainObject(given)) return;
  const known = Object.entries(given).map(([key, value]) => [key, typeof value === "string" ? value : ""]);
  problems.push(...checkLabels(path, Object.fromEntries(known.filter(([key]) => !key!.startsWith("$")))));
}

function checkToleration(given: Fields, { path, problems, patch }: Place): void {
  const { key, operator, value, effect } = given;
  if (isLater(operator) || isLater(key) || patch) return;
  if (!key && operator !== "Exists") {
    const reason =
      "a toleration without a key is for every taint, and Kubernetes wants this written as operator Exists";
    problems.push({ path, reason, fix: "write key, or operator: Exists" });
  }
  if (operator === "Exists" && value) {
    const reason = "the operator Exists does not compare a value";
    problems.push({ path: `${path}.value`, value, reason, fix: "leave it out, or use the operator Equal" });
  }
  if (has(given, "tolerationSeconds") && effect !== "NoExecute" && !isLater(effect)) {
    const reason = "this delays an eviction, and only the effect NoExecute evicts pods";
    problems.push({
      path: `${path}.tolerationSeconds`,
      reason,
      fix: "write effect: NoExecute, or leave it out",
    });
  }
}

function checkRequirement(given: Fields, { path, problems }: Place): void {
  const { operator, values } = given;
  if (typeof operator !== "string" || isLater(values)) return;
  const count = Array.isArray(values) ? values.length : 0;
  const wanted: Record<string, [boolean, string]> = {
    In: [count > 0, "one value or more"],
    NotIn: [count > 0, "one value or more"],
    Exists: [count === 0, "no values"],
    DoesNotExist: [count === 0, "no values"],
    Gt: [count === 1, "one value, a whole number"],
    Lt: [count === 1, "one value, a whole number"],
  };
  const [right, what] = wanted[operator] ?? [true, ""];
  if (!right) {
    const reason = `the operator ${operator} takes ${what}`;
    problems.push({ path: joinPath(path, "values"), reason, fix: `write ${what}, or change the operator` });
  }
}

/** Checks how the parts of a pod refer to each other. */
function checkPod(given: Fields, { path, problems, patch }: Place): void {
  for (const [field, kind] of [
    ["serviceAccountName", "object"],
    ["priorityClassName", "object"],
    ["runtimeClassName", "object"],
    ["hostname", "label"],
    ["subdomain", "label"],
  ] as const) {
    named(field, kind)(given, { path, problems, patch });
  }
  labels(given.nodeSelector, `${path}.nodeSelector`, problems);
  if (patch) return;
  if (Array.isArray(given.containers) && given.containers.length === 0) {
    const reason = "Kubernetes refuses a pod without containers";
    problems.push({ path: `${path}.containers`, reason, fix: "write one" });
  }
  const volumes = entries(given.volumes);
  const complete = volumes.every(({ name }) => typeof name === "string") && !isLater(given.volumes);
  const known = new Set(volumes.map(({ name }) => name));
  const seen = new Map<unknown, string>();
  for (const field of ["initContainers", "containers"]) {
    entries(given[field]).forEach(({ name, volumeMounts }, index) => {
      const at = `${path}.${field}[${index}]`;
      const first = seen.get(name);
      // Within one list it is already reported as a duplicate.
      if (typeof name === "string" && first !== undefined && !first.startsWith(`${path}.${field}`)) {
        const reason = `${first} has this name, and each container of a pod needs its own`;
        problems.push({ path: `${at}.name`, value: name, reason, fix: "give it another name" });
      }
      seen.set(name, at);
      entries(volumeMounts).forEach((mount, position) => {
        if (!complete || typeof mount.name !== "string" || known.has(mount.name)) return;
        problems.push({
          path: `${at}.volumeMounts[${position}].name`,
          value: mount.name,
          reason: "the pod has no volume of this name",
          fix: `use one of: ${[...known].join(", ")}; or add it to volumes`,
        });
      });
    });
  }
}

function entries(list: unknown): Record<string, unknown>[] {
  return Array.isArray(list) ? list.filter(isPlainObject) : [];
}

const targets: Record<string, string> = {
  Utilization: "averageUtilization",
  AverageValue: "averageValue",
  Value: "value",
};

function checkTarget(given: Fields, place: Place): void {
  const { path, problems } = place;
  range("averageUtilization", 1)(given, place);
  const field = typeof given.type === "string" ? targets[given.type] : undefined;
  if (field === undefined || has(given, field)) return;
  const reason = `a target of type ${String(given.type)} needs ${field}`;
  problems.push({ path: joinPath(path, field), reason, fix: `write ${field}, or change the type` });
}

const metricTypes = ["Resource", "ContainerResource", "Pods", "Object", "External"];

function checkMetric(given: Fields, { path, problems }: Place): void {
  // Other types are already reported.
  if (typeof given.type !== "string" || !metricTypes.includes(given.type)) return;
  const field = given.type[0]!.toLowerCase() + given.type.slice(1);
  const others = sources(given, ["type", field]);
  if (!has(given, field)) {
    const reason = `a metric of type ${given.type} needs ${field}`;
    problems.push({ path: joinPath(path, field), reason, fix: `write ${field}, or change the type` });
  } else if (others.length > 0) {
    const reason = `a metric of type ${given.type} may have ${field} only`;
    problems.push({
      path: joinPath(path, others[0]!),
      reason,
      fix: "leave it out, or put it into a metric of its own",
    });
  }
}
