import type { Problem } from "../problems";
import { checkKubernetes, checkKubernetesPatch } from "./check-kubernetes";
import { checkPodSecurity } from "./pod-security";
import { formatBytes, parseQuantity } from "./quantity";
import { isLater, isPlainObject, joinPath } from "./shape";

type Fields = Record<string, unknown>;

/** Parts of a pod that a patch must not change, because the cluster depends on them. */
export interface ProtectedPod {
  /** The role's argument, for the fix in messages: `taskManager`. */
  role: string;
  /** The container that runs Flink. */
  container: string;
  /** Other containers and init containers that the cluster needs. */
  otherContainers: readonly string[];
  /** Ports of the container that runs Flink. */
  ports: readonly { name: string; containerPort: number }[];
  env: readonly string[];
  mountPaths: readonly string[];
  /** Whether the cluster depends on the container's lifecycle hooks. */
  hooks: boolean;
  volumes: readonly string[];
  /** Whether other pods find this pod by its host name. */
  named: boolean;
  /** Flink's process size in bytes, which is the container's memory. Absent if the pod does not run Flink. */
  processSize?: number;
  /** Whether the namespace enforces the Pod Security Standard `restricted`. */
  restricted: boolean;
}

/** Protects everything in a pod template before the user's patch. */
export function protectedPod(
  template: { spec: object },
  rest: Pick<ProtectedPod, "role" | "processSize" | "restricted">,
): ProtectedPod {
  const spec = template.spec as Fields;
  const [main = {}, ...others] = entries(spec.containers);
  const strings = (list: unknown, field: string) => entries(list).map((entry) => String(entry[field]));
  return {
    ...rest,
    container: String(main.name),
    otherContainers: [...others, ...entries(spec.initContainers)].map(({ name }) => String(name)),
    ports: entries(main.ports) as unknown as ProtectedPod["ports"],
    env: strings(main.env, "name"),
    mountPaths: strings(main.volumeMounts, "mountPath"),
    hooks: main.lifecycle !== undefined,
    volumes: strings(spec.volumes, "name"),
    named: spec.hostname !== undefined,
  };
}

/**
 * Checks a strategic merge patch of a pod template: its form, the protected parts, and Pod Security. Without
 * `restricted`, Pod Security findings are warnings, because an existing namespace may be less strict.
 */
export function checkPatch(
  path: string,
  patch: unknown,
  pod: ProtectedPod,
  problems: Problem[],
  warnings: Problem[] = [],
): void {
  checkKubernetesPatch(path, patch, "PodTemplateSpec", problems);
  if (!isPlainObject(patch)) return;
  const check = new PatchCheck(pod, problems, warnings);
  check.keepWhole(path, patch);
  check.metadata(`${path}.metadata`, patch.metadata);
  check.spec(`${path}.spec`, patch.spec);
  if (isPlainObject(patch.spec)) {
    const existing = [pod.container, ...pod.otherContainers];
    checkPodSecurity(`${path}.spec`, patch.spec, existing, pod.restricted ? problems : warnings);
  }
}

/**
 * Checks a patched pod template for problems that only the combination shows: a volume with two sources, a
 * mount of a missing volume. Entries have other positions than in the patch, so messages refer to the patched
 * pod.
 */
export function checkPatched(path: string, template: unknown, problems: Problem[]): void {
  const found: Problem[] = [];
  checkKubernetes("", template, "PodTemplateSpec", found);
  for (const { path: place, reason, ...rest } of found) {
    problems.push({ ...rest, path, reason: `in the patched pod, ${place.replace(/^\./, "")}: ${reason}` });
  }
}

const ours = /^(app\.kubernetes\.io\/(name|instance|component|managed-by)|flink-kubernetes\/.*)$/;

class PatchCheck {
  constructor(
    readonly pod: ProtectedPod,
    readonly problems: Problem[],
    readonly warnings: Problem[],
  ) {}

  refuse(path: string, reason: string, fix: string, value?: unknown): void {
    // Never objects: they may contain secrets.
    const shown = typeof value === "object" && value !== null ? {} : value === undefined ? {} : { value };
    this.problems.push({ path, ...shown, reason, fix });
  }

  /** A part that may be changed but not removed or replaced. Returns whether it can be checked further. */
  keepWhole(path: string, given: unknown, what = "the pod of the cluster"): given is Fields {
    const fix = "write only what changes";
    if (given === null) this.refuse(path, `this would remove ${what}`, fix, null);
    if (!isPlainObject(given)) return false;
    if (given.$patch === undefined) return true;
    this.refuse(`${path}.$patch`, `this would remove ${what}`, fix, given.$patch);
    return false;
  }

  /** The same for a list that must keep some entries. */
  keepList(path: string, given: unknown, owned: boolean, what: string): Fields[] {
    if (owned && given === null) this.keepWhole(path, null, what);
    const list = Array.isArray(given) ? (given as unknown[]) : [];
    list.forEach((entry, index) => {
      if (owned && isPlainObject(entry) && entry.$patch === "replace") {
        this.keepWhole(`${path}[${index}]`, entry, what);
      }
    });
    return list.map((entry) => (isPlainObject(entry) ? entry : {}));
  }

  metadata(path: string, given: unknown): void {
    if (given === undefined || !this.keepWhole(path, given, "the labels that select the pods")) return;
    const { labels, annotations } = given;
    if (labels !== undefined && this.keepWhole(`${path}.labels`, labels, "the labels of the cluster")) {
      for (const key of Object.keys(labels).filter((label) => ours.test(label))) {
        const reason = "Services, NetworkPolicies and the Deployment find the pods by this label";
        this.refuse(joinPath(`${path}.labels`, key), reason, "use another label", labels[key]);
      }
    }
    const what = "the annotations that restart the pods when their configuration changes";
    if (annotations !== undefined && this.keepWhole(`${path}.annotations`, annotations, what)) {
      for (const key of Object.keys(annotations).filter((annotation) => ours.test(annotation))) {
        const reason = "the component sets this annotation";
        this.refuse(joinPath(`${path}.annotations`, key), reason, "use another annotation", annotations[key]);
      }
    }
  }

  spec(path: string, given: unknown): void {
    if (given === undefined || !this.keepWhole(path, given)) return;
    const { role, named } = this.pod;
    const name: [reason: string, fix: string] = [
      "TaskManagers find the JobManager by this name",
      "leave it out",
    ];
    const owned: Record<string, [reason: string, fix: string]> = {
      ...(named ? { hostname: name, subdomain: name } : {}),
      serviceAccountName: [
        "the component grants the rights of the pods to their own ServiceAccount",
        `use the argument ${role}.serviceAccount`,
      ],
      serviceAccount: [
        "this is the old name of serviceAccountName",
        `use the argument ${role}.serviceAccount`,
      ],
      restartPolicy: ["the controller of the pods decides this", "leave it out"],
    };
    for (const [field, [reason, fix]] of Object.entries(owned)) {
      if (given[field] !== undefined) this.refuse(joinPath(path, field), reason, fix, given[field]);
    }
    this.hostNetwork(path, given);
    if (given.resources !== undefined) this.memory(`${path}.resources`, given.resources, false);
    this.containers(`${path}.containers`, given.containers, true);
    this.containers(`${path}.initContainers`, given.initContainers, this.pod.otherContainers.length > 0);
    const volumes = this.keepList(
      `${path}.volumes`,
      given.volumes,
      this.pod.volumes.length > 0,
      "its volumes",
    );
    volumes.forEach(({ name }, index) => {
      if (typeof name !== "string" || !this.pod.volumes.includes(name)) return;
      const reason = "the component has a volume of this name, and Flink depends on it";
      this.refuse(`${path}.volumes[${index}]`, reason, "add a volume of another name", name);
    });
  }

  hostNetwork(path: string, { hostNetwork, dnsPolicy }: Fields): void {
    if (hostNetwork !== true || isLater(dnsPolicy)) return;
    if (dnsPolicy === "ClusterFirstWithHostNet" || dnsPolicy === "None") return;
    const reason =
      "in the node's network a pod asks the node's DNS servers, which do not know the Services by which it finds the JobManager";
    const fix = "write dnsPolicy: ClusterFirstWithHostNet too";
    this.warnings.push({ path: `${path}.hostNetwork`, value: true, reason, fix });
  }

  containers(path: string, given: unknown, owned: boolean): void {
    this.keepList(path, given, owned, "the containers of the cluster").forEach((container, index) => {
      const at = `${path}[${index}]`;
      const { name, $patch } = container;
      if (name === this.pod.container) {
        if ($patch === undefined) this.mainContainer(at, container);
        else if ($patch === "delete") this.keepWhole(at, container, "Flink itself");
      } else if (typeof name === "string" && this.pod.otherContainers.includes(name)) {
        const reason = "the component has a container of this name, and the cluster depends on it";
        this.refuse(at, reason, "change it with the argument that sets it", name);
      }
    });
  }

  mainContainer(path: string, given: Fields): void {
    const { role, hooks } = this.pod;
    const owned: Record<string, [reason: string, fix: string]> = {
      image: ["memory, options and the start of Flink depend on the image", "use the argument image"],
      command: ["the component starts Flink, with the memory settings that it derives", "leave it out"],
      args: ["the component starts Flink, with the memory settings that it derives", "leave it out"],
      ...(hooks ? { lifecycle: ["the component uses the hooks of this container", "leave it out"] } : {}),
    };
    for (const [field, [reason, fix]] of Object.entries(owned)) {
      if (given[field] !== undefined) this.refuse(joinPath(path, field), reason, fix, given[field]);
    }
    if (given.resources !== undefined) this.memory(`${path}.resources`, given.resources, true);
    this.ports(`${path}.ports`, given.ports);
    this.keepList(`${path}.env`, given.env, this.pod.env.length > 0, "its variables").forEach(
      ({ name }, index) => {
        if (typeof name !== "string" || !this.pod.env.includes(name)) return;
        const reason = "the component sets this variable";
        const fix = `use another name, or change it in ${role}.env if it is set there`;
        this.refuse(`${path}.env[${index}]`, reason, fix, name);
      },
    );
    const mounts = this.keepList(`${path}.volumeMounts`, given.volumeMounts, true, "its volumes");
    mounts.forEach((mount, index) =>
      checkMount(`${path}.volumeMounts[${index}]`, mount, this.pod, this.problems),
    );
  }

  ports(path: string, given: unknown): void {
    const known = this.pod.ports;
    this.keepList(path, given, known.length > 0, "its ports").forEach((port, index) => {
      const taken = known.find(
        ({ name, containerPort }) => port.name === name || port.containerPort === containerPort,
      );
      if (!taken) return;
      const reason = `the container already has port ${taken.containerPort} "${taken.name}", which Services, probes and NetworkPolicies use`;
      this.refuse(`${path}[${index}]`, reason, "add a port with another name and number");
    });
  }

  /** The memory of Flink's container, or of the whole pod. */
  memory(path: string, given: unknown, container: boolean): void {
    const { role, processSize } = this.pod;
    if (processSize === undefined) return;
    const what = "the memory that Flink needs";
    if (container && !this.keepWhole(path, given, what)) return;
    if (!isPlainObject(given)) return;
    for (const kind of ["requests", "limits"]) {
      const resources = given[kind];
      if (resources === undefined) continue;
      if (container && !this.keepWhole(`${path}.${kind}`, resources, what)) continue;
      if (!isPlainObject(resources)) continue;
      const { memory } = resources;
      const at = `${path}.${kind}.memory`;
      if (memory === null && container) this.keepWhole(at, null, what);
      if (isLater(memory)) {
        const reason = "the component compares this with Flink's process size while the program runs";
        this.refuse(at, reason, "pass the plain value, not an Output");
      }
      const text = typeof memory === "number" ? String(memory) : memory;
      // Fractions of a byte are already reported.
      if (typeof text !== "string" || /[num]$/.test(text)) continue;
      const bytes = parseQuantity(text);
      if (bytes === undefined || bytes >= processSize) continue;
      const least = formatBytes(processSize);
      if (kind === "requests") {
        const why = `the Flink process uses up to ${least}: on a node that runs out of memory, Kubernetes evicts this pod before others`;
        const said = /^(job|task)Manager$/.test(role) ? `, or set ${role}.memoryRequest` : "";
        const fix = `leave it out${said}`;
        this.warnings.push({ path: at, value: memory, reason: why, fix });
        continue;
      }
      const reason = `the Flink process uses up to ${least}, so Kubernetes would kill it at this limit`;
      this.refuse(at, reason, `write "${least}" or more, or lower ${role}.memory`, memory);
    }
  }
}

/** Directories of the image that contain Flink. A volume at one of these hides the image's files. */
const flinkDirectories = [
  "/",
  "/opt",
  "/opt/flink",
  "/opt/flink/bin",
  "/opt/flink/lib",
  "/opt/flink/plugins",
];

/** Checks a mount into the container that runs Flink, from a patch or an argument. */
export function checkMount(
  path: string,
  mount: { mountPath?: unknown },
  pod: Pick<ProtectedPod, "mountPaths">,
  problems: Problem[],
): void {
  const { mountPath } = mount;
  if (typeof mountPath !== "string" || mountPath === "") return;
  const place = mountPath.replace(/(.)\/+$/, "$1");
  if (pod.mountPaths.includes(place)) {
    const reason = "the component already mounts a volume here";
    problems.push({ path: `${path}.mountPath`, value: mountPath, reason, fix: "use another directory" });
  } else if (flinkDirectories.includes(place)) {
    problems.push({
      path: `${path}.mountPath`,
      value: mountPath,
      reason: "the volume would hide the files of the image in this directory",
      fix:
        place === "/opt/flink/plugins"
          ? "mount it one level deeper, such as /opt/flink/plugins/my-plugin"
          : "mount single files with subPath, or use a directory of your own",
    });
  }
}

function entries(list: unknown): Fields[] {
  return Array.isArray(list) ? list.filter(isPlainObject) : [];
}
