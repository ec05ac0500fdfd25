import type { Problem } from "../problems";
import { isLater, isPlainObject, joinPath } from "./shape";

/**
 * Checks user-supplied parts of pods against the Pod Security Standard `restricted`, as Kubernetes' admission
 * controller does. The rest of the pod passes. A namespace that the cluster creates enforces this standard.
 */
export function checkPodSecurity(
  path: string,
  spec: Record<string, unknown>,
  /** Existing containers that pass. All others must set everything that is required of a container. */
  existing: readonly string[],
  problems: Problem[],
): void {
  for (const field of ["hostNetwork", "hostPID", "hostIPC"]) {
    if (spec[field] === true) refuse(joinPath(path, field), true, "leave it out", problems);
  }
  checkContext(`${path}.securityContext`, spec.securityContext, problems);
  for (const list of ["initContainers", "containers", "ephemeralContainers"]) {
    each(spec[list], (container, index) => {
      if (container.$patch !== undefined) return;
      const known = typeof container.name === "string" && existing.includes(container.name);
      checkContainerSecurity(`${path}.${list}[${index}]`, container, !known, problems);
    });
  }
  each(spec.volumes, (volume, index) => checkVolumeSecurity(`${path}.volumes[${index}]`, volume, problems));
}

/** A complete container must set everything that `restricted` requires; a partial one need not. */
export function checkContainerSecurity(
  path: string,
  container: Record<string, unknown>,
  complete: boolean,
  problems: Problem[],
): void {
  const at = `${path}.securityContext`;
  const { securityContext } = container;
  if (securityContext === null) {
    refuse(at, null, "leave it out", problems);
  } else if (!isLater(securityContext)) {
    const context = isPlainObject(securityContext) ? securityContext : {};
    checkContext(at, context, problems);
    checkPrivileges(at, context, complete, problems);
  }
  each(container.ports, ({ hostPort }, index) => {
    if (typeof hostPort === "number" && hostPort !== 0) {
      refuse(`${path}.ports[${index}].hostPort`, hostPort, "leave it out, and use a Service", problems);
    }
  });
  for (const owner of ["livenessProbe", "readinessProbe", "startupProbe", "lifecycle"]) {
    const given = container[owner];
    if (!isPlainObject(given)) continue;
    const hooks = owner === "lifecycle" ? ["postStart", "preStop"] : [undefined];
    for (const hook of hooks) {
      const handler = hook === undefined ? given : given[hook];
      if (!isPlainObject(handler)) continue;
      for (const action of ["httpGet", "tcpSocket"]) {
        const inner = handler[action];
        if (!isPlainObject(inner) || typeof inner.host !== "string" || inner.host === "") continue;
        const place = [path, owner, ...(hook === undefined ? [] : [hook]), action, "host"].join(".");
        refuse(place, inner.host, "leave it out: the pod itself is asked", problems);
      }
    }
  }
}

const allowedVolumes = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "image",
  "persistentVolumeClaim",
  "projected",
  "secret",
];

export function checkVolumeSecurity(
  path: string,
  volume: Record<string, unknown>,
  problems: Problem[],
): void {
  for (const [source, given] of Object.entries(volume)) {
    if (source === "name" || source.startsWith("$") || given === undefined || given === null) continue;
    if (allowedVolumes.includes(source)) continue;
    const fix =
      source === "hostPath"
        ? "use emptyDir, or a persistentVolumeClaim where data must stay"
        : "use a persistentVolumeClaim";
    refuse(joinPath(path, source), undefined, fix, problems);
  }
}

const allowedSysctls = [
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.ping_group_range",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_wmem",
];
const allowedSelinuxTypes = ["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"];

/** Fields that the security contexts of pods and containers share. */
function checkContext(path: string, given: unknown, problems: Problem[]): void {
  if (given === null) refuse(path, null, "leave it out", problems);
  if (!isPlainObject(given)) return;
  if (given.$patch !== undefined) refuse(`${path}.$patch`, given.$patch, "leave it out to merge", problems);
  if (given.runAsNonRoot === false || given.runAsNonRoot === null) {
    refuse(`${path}.runAsNonRoot`, given.runAsNonRoot, "leave it out", problems);
  }
  if (given.runAsUser === 0) {
    refuse(`${path}.runAsUser`, 0, "use another user than root, by its number", problems);
  }
  for (const [field, allowed] of [
    ["seccompProfile", ["RuntimeDefault", "Localhost"]],
    ["appArmorProfile", ["RuntimeDefault", "Localhost"]],
  ] as const) {
    const profile = given[field];
    if (profile === null && field === "seccompProfile") {
      refuse(`${path}.${field}`, null, "leave it out", problems);
    } else if (isPlainObject(profile) && typeof profile.type === "string") {
      if ((allowed as readonly string[]).includes(profile.type)) continue;
      refuse(`${path}.${field}.type`, profile.type, `use one of: ${allowed.join(", ")}`, problems);
    }
  }
  const { seLinuxOptions, sysctls, windowsOptions } = given;
  if (isPlainObject(seLinuxOptions)) {
    const { type } = seLinuxOptions;
    if (typeof type === "string" && !allowedSelinuxTypes.includes(type)) {
      const fix = `use one of: ${allowedSelinuxTypes.slice(1).join(", ")}`;
      refuse(`${path}.seLinuxOptions.type`, type, fix, problems);
    }
    for (const field of ["user", "role"]) {
      if (typeof seLinuxOptions[field] !== "string" || seLinuxOptions[field] === "") continue;
      refuse(`${path}.seLinuxOptions.${field}`, seLinuxOptions[field], "leave it out", problems);
    }
  }
  if (isPlainObject(windowsOptions) && windowsOptions.hostProcess === true) {
    refuse(`${path}.windowsOptions.hostProcess`, true, "leave it out", problems);
  }
  each(sysctls, ({ name }, index) => {
    if (typeof name !== "string" || allowedSysctls.includes(name)) return;
    refuse(`${path}.sysctls[${index}].name`, name, `use only: ${allowedSysctls.join(", ")}`, problems);
  });
}

/** Fields that only a container's security context has. */
function checkPrivileges(
  path: string,
  context: Record<string, unknown>,
  complete: boolean,
  problems: Problem[],
): void {
  if (context.privileged === true) refuse(`${path}.privileged`, true, "leave it out", problems);
  if (typeof context.procMount === "string" && !["", "Default"].includes(context.procMount)) {
    refuse(`${path}.procMount`, context.procMount, "leave it out", problems);
  }
  const { allowPrivilegeEscalation: escalation } = context;
  if (escalation === true || escalation === null || (complete && escalation === undefined)) {
    refuse(`${path}.allowPrivilegeEscalation`, escalation ?? undefined, "write false", problems);
  }
  const { capabilities } = context;
  if (isLater(capabilities)) return;
  const { add, drop } = isPlainObject(capabilities) ? capabilities : {};
  if (Array.isArray(add)) {
    add.forEach((name: unknown, index) => {
      if (isLater(name) || name === "NET_BIND_SERVICE") return;
      refuse(`${path}.capabilities.add[${index}]`, name, "leave it out", problems);
    });
  }
  const dropsAll =
    isLater(drop) || (Array.isArray(drop) && drop.some((name) => isLater(name) || name === "ALL"));
  if (!dropsAll && (complete || capabilities === null || drop !== undefined)) {
    refuse(`${path}.capabilities.drop`, undefined, 'write ["ALL"]', problems);
  }
}

function refuse(path: string, value: unknown, fix: string, problems: Problem[]): void {
  const reason =
    value === undefined && /(drop|allowPrivilegeEscalation)$/.test(path)
      ? 'the Pod Security Standard "restricted" refuses a pod without this'
      : 'the Pod Security Standard "restricted" refuses a pod with this';
  problems.push({ path, ...(value === undefined ? {} : { value }), reason, fix });
}

function each(list: unknown, visit: (entry: Record<string, unknown>, index: number) => void): void {
  if (!Array.isArray(list)) return;
  list.forEach((entry: unknown, index) => {
    if (isPlainObject(entry)) visit(entry, index);
  });
}
