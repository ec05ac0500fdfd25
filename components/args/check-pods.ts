import type { core } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { isWithin } from "../flink/file-systems";
import { containerSecurityContext } from "../kubernetes/pod";
import type { Problem } from "../problems";
import type { Findings, RoleAdditions } from "./additions";
import type { AllPodsArgs, PodUserArgs } from "./all-pods";
import { checkKubernetes, withTexts } from "./check-kubernetes";
import type { PodModel } from "./model";
import { isMasked } from "../flink/sensitive";
import { checkContainerSecurity, checkPodSecurity } from "./pod-security";
import type { PodArgs, ServiceAccountArgs } from "./pods";
import { isLater, joinPath } from "./shape";

/** Fixed parts of a role's pod that arguments must not change. */
export interface OwnPod {
  /** The role's argument, for messages: `taskManager`. */
  role: string;
  container: string;
  volumes: readonly string[];
  mountPaths: readonly string[];
  ports: readonly number[];
  /** Name of the service account that is created for the role. */
  serviceAccountName: string;
  /** Labels that select the role's pods. */
  labels: Record<string, string>;
  /** Whether values that are not plain text can go into a Secret of the component. */
  secretEnv: boolean;
  /** Whether the namespace enforces the Pod Security Standard `restricted`. */
  restricted: boolean;
  /** Settings that the pods inherit. */
  follows: AllPodsArgs;
}

/**
 * Environment variables that the container sets itself, or that have no effect because the image's entrypoint
 * does not run.
 */
const takenVariables: Record<string, { reason: string; fix: string }> = {
  POD_IP: { reason: "the component sets this variable to the pod's own address", fix: "leave it out" },
  POD_NAME: { reason: "this variable holds the pod's own name", fix: "leave it out" },
  HOSTNAME: { reason: "this variable holds the pod's own name", fix: "leave it out" },
  FLINK_CONF_DIR: {
    reason: "the component's launcher decides where the configuration is",
    fix: "leave it out",
  },
  FLINK_PROPERTIES: { reason: notRun("entrypoint"), fix: "put the options into config" },
  ENABLE_BUILT_IN_PLUGINS: {
    reason: notRun("entrypoint"),
    fix: "leave it out: storage.directory enables the plugin of its file system",
  },
  JOB_MANAGER_RPC_ADDRESS: {
    reason: notRun("entrypoint"),
    fix: "leave it out: the component configures the address of the JobManager",
  },
  TASK_MANAGER_NUMBER_OF_TASK_SLOTS: { reason: notRun("entrypoint"), fix: "set taskManager.slots" },
  FLINK_JM_HEAP: { reason: notRun("scripts"), fix: "set jobManager.memory" },
  FLINK_TM_HEAP: { reason: notRun("scripts"), fix: "set taskManager.memory" },
  STD_REDIRECT_TO_FILE: { reason: notRun("scripts"), fix: "set env.stdout-err.redirect-to-file in config" },
  FLINK_ENV_JAVA_OPTS: {
    reason: "it would replace flags that Flink needs to start",
    fix: "put your flags into config, as env.java.opts.all",
  },
};

function notRun(what: string): string {
  return `only the image's ${what} would read it, but here the component's launcher starts Flink`;
}

/**
 * Key of a label or annotation: an optional DNS prefix, then at most 63 letters, digits, dashes, dots and
 * underscores.
 */
const qualifiedName = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/;
const labelValue = /^([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?$/;

/** Kubernetes types of the arguments that have the form of the Kubernetes API. */
const kubernetesTypes = {
  env: "Container.env",
  envFrom: "Container.envFrom",
  volumes: "PodSpec.volumes",
  volumeMounts: "Container.volumeMounts",
  initContainers: "PodSpec.initContainers",
  sidecars: "PodSpec.containers",
  tolerations: "PodSpec.tolerations",
  affinity: "PodSpec.affinity",
  topologySpreadConstraints: "PodSpec.topologySpreadConstraints",
} as const;

/** The pods of a role: settings from the arguments and the features. */
export function podModel(
  given: PodArgs,
  additions: Required<RoleAdditions>,
  own: OwnPod,
  findings: Findings,
): PodModel {
  const { problems } = findings;
  const { role, follows } = own;
  const args = inKubernetesTexts(given);
  const formed = wellFormed(args, role, problems);
  problems.push(...checkEnv(formed.env, own));
  problems.push(...checkVolumes(formed, additions, own));
  problems.push(...checkMounts(formed, args, additions, own));
  problems.push(...checkContainers(formed, additions, own));
  checkSharedPods(args, role, problems);
  problems.push(...checkServiceAccount(`${role}.serviceAccount`, args.serviceAccount ?? {}));
  problems.push(...checkJars(`${role}.extraJars`, args.extraJars ?? []));
  findings.warnings.push(...pluginJars(`${role}.extraJars`, args.extraJars ?? []));
  const { volumes } = formed;
  const secured = (container: core.v1.Container) => withSecurity(container, follows.securityContext);
  const initContainers = formed.initContainers.map(secured);
  const sidecars = formed.sidecars.map(secured);
  // An existing namespace may be less strict.
  const found: Problem[] = [];
  checkPodSecurity(role, { volumes }, [], found);
  for (const [field, list] of Object.entries({ initContainers, sidecars })) {
    list.forEach((container, index) =>
      checkContainerSecurity(`${role}.${field}[${index}]`, { ...container }, true, found),
    );
  }
  // Fields that Kubernetes does not know are already reported.
  const known = new Set(problems.map(({ path }) => path));
  const refused = found.filter(({ path }) => !known.has(path));
  (own.restricted ? problems : findings.warnings).push(...refused);

  const secretEnv: PodModel["secretEnv"] = {};
  const env = formed.env.map((variable) => {
    if (!isHidden(variable)) return variable;
    secretEnv[variable.name as string] = variable.value as pulumi.Input<string>;
    return { name: variable.name };
  });
  const { tolerations, affinity, priorityClassName, nodeSelector } = placement(
    args,
    formed.tolerations,
    follows,
  );
  return {
    labels: { ...follows.podLabels, ...args.podLabels },
    annotations: { ...follows.podAnnotations, ...args.podAnnotations, ...additions.annotations },
    env: [...additions.env, ...env],
    secretEnv,
    envFrom: formed.envFrom,
    ports: additions.ports,
    volumes: [...additions.volumes, ...volumes],
    volumeMounts: [...additions.volumeMounts, ...formed.volumeMounts],
    initContainers: [...additions.initContainers, ...initContainers],
    sidecars: [...additions.sidecars, ...sidecars],
    extraJars: args.extraJars ?? [],
    scheduling: {
      ...(nodeSelector ? { nodeSelector } : {}),
      ...(tolerations.length > 0 ? { tolerations } : {}),
      ...(affinity === undefined ? {} : { affinity }),
      ...(formed.topologySpreadConstraints.length > 0
        ? {
            topologySpreadConstraints: formed.topologySpreadConstraints.map((one) => spread(one, own.labels)),
          }
        : {}),
      ...(priorityClassName ? { priorityClassName } : {}),
    },
    serviceAccount: {
      name: args.serviceAccount?.name ?? own.serviceAccountName,
      create: args.serviceAccount?.name === undefined,
      annotations: args.serviceAccount?.annotations ?? {},
    },
    usesApiServer: additions.usesApiServer,
    ...(args.podPatch === undefined ? {} : { patch: args.podPatch as object }),
  };
}

/** Converts values that YAML has read as numbers or booleans to the text that Kubernetes expects. */
export function inKubernetesTexts<Args extends PodArgs>(args: Args): Args {
  const formed = Object.entries({ ...kubernetesTypes, podPatch: "PodTemplateSpec" }).map(([field, type]) => {
    const given: unknown = args[field as keyof Args];
    return [field, withTexts(given, type)] as const;
  });
  return { ...args, ...Object.fromEntries(formed.filter(([, value]) => value !== undefined)) };
}

/** Checks the settings that `pods` can make for all pods. Reports malformed lists and objects. */
export function checkSharedPods(args: AllPodsArgs, path: string, problems: Problem[]): void {
  for (const field of ["tolerations", "affinity"] as const) {
    checkKubernetes(`${path}.${field}`, args[field], kubernetesTypes[field], problems);
  }
  problems.push(
    ...checkMetadata(args, path),
    ...checkLabels(`${path}.nodeSelector`, args.nodeSelector ?? {}),
  );
  const value = args.priorityClassName;
  if (value === undefined || /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(value)) return;
  const reason = "this is not a valid name of a PriorityClass";
  problems.push({
    path: `${path}.priorityClassName`,
    value,
    reason,
    fix: "write a name that `kubectl get priorityclass` shows",
  });
}

/** Scheduling of the pods. An empty value means that nothing is inherited. */
function placement(args: PodArgs, tolerations: core.v1.Toleration[], follows: AllPodsArgs) {
  return {
    nodeSelector: args.nodeSelector ?? follows.nodeSelector,
    tolerations: args.tolerations === undefined ? (follows.tolerations ?? []) : tolerations,
    affinity: args.affinity ?? follows.affinity,
    priorityClassName: args.priorityClassName ?? follows.priorityClassName,
  };
}

/** Checks the arguments against Kubernetes' types. Values that should be lists and are not are left out. */
function wellFormed(args: PodArgs, role: string, problems: Problem[]) {
  const list = <T>(field: keyof typeof kubernetesTypes): T[] => {
    const value: unknown = args[field];
    checkKubernetes(`${role}.${field}`, value, kubernetesTypes[field], problems);
    return Array.isArray(value) ? value.filter((entry) => typeof entry === "object" && entry !== null) : [];
  };
  const given = args.tolerations as unknown;
  return {
    env: list<core.v1.EnvVar>("env"),
    envFrom: list<core.v1.EnvFromSource>("envFrom"),
    volumes: list<core.v1.Volume>("volumes"),
    volumeMounts: list<core.v1.VolumeMount>("volumeMounts"),
    initContainers: list<core.v1.Container>("initContainers"),
    sidecars: list<core.v1.Container>("sidecars"),
    tolerations: (Array.isArray(given) ? given : []) as core.v1.Toleration[],
    topologySpreadConstraints: list<core.v1.TopologySpreadConstraint>("topologySpreadConstraints"),
  };
}

/** Whether a variable's value belongs in a Secret: it is an Output, or its name suggests a secret. */
function isHidden({ name, value }: core.v1.EnvVar): boolean {
  return (
    isLater(value) ||
    (typeof value === "string" && typeof name === "string" && isMasked(name.replaceAll("_", "-")))
  );
}

function checkEnv(env: core.v1.EnvVar[], { role, secretEnv }: OwnPod): Problem[] {
  return env.flatMap(({ name, value }, index): Problem[] => {
    const path = `${role}.env[${index}]`;
    if (isLater(name)) {
      const reason = "the name of a variable must be known while the program runs";
      return [{ path: `${path}.name`, reason, fix: "pass a plain string" }];
    }
    if (typeof name === "string" && Object.hasOwn(takenVariables, name)) {
      return [{ path: `${path}.name`, value: name, ...takenVariables[name] }];
    }
    if (isLater(value) && !secretEnv) {
      const reason = "everybody who can read the pods could read the value of the Output";
      return [{ path: `${path}.value`, reason, fix: "put it into a Secret, and use valueFrom.secretKeyRef" }];
    }
    return [];
  });
}

/** Directories of the image that a mount over them would hide from Flink. */
const hiddenDirectories = [
  "/opt/flink",
  "/opt/flink/lib",
  "/opt/flink/opt",
  "/opt/flink/bin",
  "/opt/flink/plugins",
  "/opt",
  "/",
];

type Given = ReturnType<typeof wellFormed>;

function checkVolumes(
  { volumes, volumeMounts }: Given,
  additions: Required<RoleAdditions>,
  own: OwnPod,
): Problem[] {
  const problems: Problem[] = [];
  const taken = new Set([...own.volumes, ...additions.volumes.map(({ name }) => name as string)]);
  volumes.forEach(({ name }, index) => {
    if (typeof name !== "string" || !taken.has(name)) return;
    const reason = "the component already has a volume of this name";
    problems.push({
      path: `${own.role}.volumes[${index}].name`,
      value: name,
      reason,
      fix: "use another name",
    });
  });
  const paths = new Set([
    ...own.mountPaths,
    ...additions.volumeMounts.map(({ mountPath }) => mountPath as string),
  ]);
  volumeMounts.forEach(({ mountPath, subPath }, index) => {
    const path = `${own.role}.volumeMounts[${index}]`;
    if (typeof mountPath !== "string") return;
    const clean = mountPath.replace(/(.)\/+$/, "$1");
    if (paths.has(clean)) {
      const reason = "the component already mounts a volume here";
      const fix = (/^(job|task)Manager$/.test(own.role) && ownDirectories[clean]) || "use another directory";
      problems.push({ path: `${path}.mountPath`, value: mountPath, reason, fix });
    } else if (hiddenDirectories.includes(clean) && subPath === undefined) {
      const reason = "this would hide files of the image that Flink needs";
      const fix =
        "mount it elsewhere; name jars in extraJars, and mount a plugin in its own directory below /opt/flink/plugins";
      problems.push({ path: `${path}.mountPath`, value: mountPath, reason, fix });
    } else if (isWithin(clean, "/opt/flink/conf")) {
      const reason =
        "Flink does not read this directory here: the component renders config.yaml, for this version of Flink";
      const fix = clean.endsWith("-site.xml")
        ? "mount it into its own directory, and name this as env.hadoop.conf.dir in config"
        : "put options into config, log levels into monitoring.logLevels, and a whole logging configuration into monitoring.log4j";
      problems.push({ path: `${path}.mountPath`, value: mountPath, reason, fix });
    }
  });
  return problems;
}

/** What a mount over a directory that the cluster mounts itself is usually meant for. */
const ownDirectories: Record<string, string> = {
  "/opt/flink/log":
    "use another directory, and name it as env.log.dir in config; a sidecar reads the log from the volume log",
  "/tmp":
    "leave it out: ephemeralStorage makes the volume there larger, taskManager.ephemeralVolume puts it on a disk of its own",
};

/** Every mount needs its volume, also those of the user's other containers. */
function checkMounts(
  given: Given,
  { volumes, podPatch }: PodArgs,
  additions: Required<RoleAdditions>,
  own: OwnPod,
): Problem[] {
  // The name of such a volume is known later.
  const hidden = Array.isArray(volumes) && volumes.some((one) => isLater(one) || isLater(one?.name));
  if (isLater(volumes) || hidden) return [];
  const named = (list: unknown): string[] =>
    (Array.isArray(list) ? list : []).flatMap((entry: { name?: unknown } | null) =>
      typeof entry?.name === "string" ? [entry.name] : [],
    );
  const { spec } = (podPatch ?? {}) as { spec?: { volumes?: unknown } };
  const theirs = named(given.volumes);
  const known = new Set([
    ...own.volumes,
    ...named(additions.volumes),
    ...named(additions.volumeMounts),
    ...theirs,
    ...named(spec?.volumes),
  ]);
  const missing = (path: string, mounts: unknown): Problem[] =>
    (Array.isArray(mounts) ? mounts : []).flatMap((mount: { name?: unknown } | null, index) => {
      const name = mount?.name;
      if (typeof name !== "string" || known.has(name)) return [];
      const reason = "the pod has no volume of this name";
      const fix = theirs.length > 0 ? `use one of: ${theirs.join(", ")}` : `add it to ${own.role}.volumes`;
      return [{ path: `${path}.volumeMounts[${index}].name`, value: name, reason, fix }];
    });
  return [
    ...missing(own.role, given.volumeMounts),
    ...(["initContainers", "sidecars"] as const).flatMap((field) =>
      given[field].flatMap((container, index) =>
        missing(`${own.role}.${field}[${index}]`, container.volumeMounts),
      ),
    ),
  ];
}

/** Port names must be unique within a container. */
function checkPortName(path: string, name: unknown, names: Set<string>): Problem[] {
  if (typeof name !== "string") return [];
  if (!names.has(name)) {
    names.add(name);
    return [];
  }
  const reason = "the container already has a port of this name";
  return [{ path, value: name, reason, fix: "use another name, or none" }];
}

function checkContainers(
  { initContainers, sidecars }: Given,
  additions: Required<RoleAdditions>,
  own: OwnPod,
): Problem[] {
  const problems: Problem[] = [];
  const taken = new Set([
    own.container,
    ...[...additions.initContainers, ...additions.sidecars].map(({ name }) => name as string),
  ]);
  const ports = new Set([...own.ports, ...additions.ports.map(({ containerPort }) => containerPort)]);
  for (const [field, list] of [
    ["initContainers", initContainers],
    ["sidecars", sidecars],
  ] as const) {
    list.forEach((container, index) => {
      const path = `${own.role}.${field}[${index}]`;
      if (typeof container.name === "string") {
        if (taken.has(container.name)) {
          const reason = "the pod already has a container of this name";
          problems.push({ path: `${path}.name`, value: container.name, reason, fix: "use another name" });
        }
        taken.add(container.name);
      }
      if (!Array.isArray(container.ports)) return;
      const names = new Set<string>();
      (container.ports as unknown as { containerPort?: unknown; name?: unknown }[]).forEach((port, at) => {
        const place = `${path}.ports[${at}]`;
        problems.push(...checkPortName(`${place}.name`, port?.name, names));
        if (typeof port?.containerPort !== "number") return;
        if (ports.has(port.containerPort)) {
          const reason =
            "another container of the pod listens on this port, and all containers share the pod's address";
          const value = port.containerPort;
          problems.push({ path: `${place}.containerPort`, value, reason, fix: "use another port" });
        }
        // Other init containers end before the rest starts, so their ports cannot collide.
        const stays = field === "sidecars" || container.restartPolicy === "Always";
        if (stays) ports.add(port.containerPort);
      });
    });
  }
  return problems;
}

/** A user's container with the security context that `restricted` requires, unless it sets its own. */
function withSecurity(container: core.v1.Container, user: PodUserArgs | undefined): core.v1.Container {
  if (isLater(container.securityContext)) return container;
  const given = container.securityContext as object | undefined;
  return { ...container, securityContext: { ...containerSecurityContext(user), ...given } };
}

/** Adds the role's labels as selector: without a selector a constraint would count no pod. */
function spread(constraint: core.v1.TopologySpreadConstraint, matchLabels: Record<string, string>) {
  return constraint.labelSelector === undefined
    ? { ...constraint, labelSelector: { matchLabels } }
    : constraint;
}

function checkServiceAccount(path: string, { name, annotations }: ServiceAccountArgs): Problem[] {
  const problems: Problem[] = [];
  if (name !== undefined && !/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(name)) {
    const reason = "this is not a valid name of a ServiceAccount";
    problems.push({
      path: `${path}.name`,
      value: name,
      reason,
      fix: "use lower-case letters, digits, dashes and dots",
    });
  }
  if (name !== undefined && annotations !== undefined) {
    const reason = "the component does not change an existing ServiceAccount";
    problems.push({
      path: `${path}.annotations`,
      reason,
      fix: "annotate it where it is created, or leave name out",
    });
  }
  problems.push(...checkAnnotations(`${path}.annotations`, annotations ?? {}));
  return problems;
}

function checkJars(path: string, jars: string[]): Problem[] {
  return jars.flatMap((jar, index): Problem[] => {
    if (/^\/[^\s'":]+\.jar$/.test(jar)) return [];
    const reason = "this must be the absolute path of a jar in the container";
    return [
      { path: `${path}[${index}]`, value: jar, reason, fix: "write an absolute path that ends in .jar" },
    ];
  });
}

/** Flink's S3 file systems contain libraries under their own names, which meet those of jobs. */
function pluginJars(path: string, jars: string[]): Problem[] {
  return jars.flatMap((jar, index): Problem[] => {
    if (!/\/flink-s3-fs-(hadoop|presto)-[^/]*$/.test(jar)) return [];
    const reason =
      "Flink has this file system only as a plugin: on the class path its libraries get in the way of Flink's and the jobs'";
    const fix =
      "leave it out: storage.directory makes it a plugin; beside another file system, mount it into a directory of its own below /opt/flink/plugins";
    return [{ path: `${path}[${index}]`, value: jar, reason, fix }];
  });
}

function checkMetadata(args: Pick<PodArgs, "podLabels" | "podAnnotations">, role: string): Problem[] {
  const problems = checkLabels(`${role}.podLabels`, args.podLabels ?? {});
  for (const name of Object.keys(args.podLabels ?? {}).filter(isOurs)) {
    problems.push({
      path: joinPath(`${role}.podLabels`, name),
      value: args.podLabels![name],
      reason: "Services, NetworkPolicies and the Deployment find the pods by this label",
      fix: "use another label",
    });
  }
  return [...problems, ...checkAnnotations(`${role}.podAnnotations`, args.podAnnotations ?? {})];
}

function checkAnnotations(path: string, annotations: Record<string, string>): Problem[] {
  return Object.keys(annotations)
    .filter((name) => !qualifiedName.test(name) || isOurs(name))
    .map((name) => {
      const reason = isOurs(name)
        ? "the component sets this annotation"
        : "this is not a valid name of an annotation";
      return { path: joinPath(path, name), reason, fix: "use another name, such as example.com/purpose" };
    });
}

export function checkLabels(path: string, labels: Record<string, string>): Problem[] {
  return Object.entries(labels)
    .filter(([name, value]) => !qualifiedName.test(name) || !labelValue.test(value))
    .map(([name, value]) => ({
      path: joinPath(path, name),
      value,
      reason: "Kubernetes refuses this label",
      fix: "use at most 63 letters, digits, dashes, dots and underscores, with a letter or digit first and last",
    }));
}

function isOurs(key: string): boolean {
  return /^(app\.kubernetes\.io\/(name|instance|component|managed-by)|flink-kubernetes\/.*)$/.test(key);
}
