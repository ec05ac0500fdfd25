import {
  type ConfigOf,
  type Fix,
  type Options,
  type Pod,
  type Resource,
  type ResourceRule,
  type RuleInfo,
  type Run,
  type Value,
  podRule,
  sharedOption,
} from "../../core";

/** The levels of the Pod Security Standards; `privileged` requires nothing. */
export const levels = ["privileged", "baseline", "restricted"] as const;
export type StandardLevel = (typeof levels)[number];

/**
 * The newest minor version whose standards are here. It also stands for later ones, as in the admission
 * controller.
 */
export const LATEST = 37;

export const standardOptions = {
  podSecurityLevel: sharedOption<StandardLevel>(
    "restricted",
    "The level of the Pod Security Standards that pods must meet. `privileged` requires nothing.",
    { type: "string", enum: [...levels] },
  ),
  podSecurityVersion: sharedOption<string>(
    "latest",
    "The Kubernetes version of the standard, as in the label `pod-security.kubernetes.io/enforce-version`: `latest` or `v1.34`.",
    { type: "string", pattern: "^(latest|v1\\.[0-9]+)$" },
  ),
  podSecurityNamespaces: sharedOption<Record<string, StandardLevel>>(
    {},
    "Other levels for single namespaces, by the namespace's name.",
    { type: "object", additionalProperties: { type: "string", enum: [...levels] } },
  ),
} satisfies Options;

type StandardRun = Run<typeof standardOptions>;

/** One control of the standards, as in the reference implementation (k8s.io/pod-security-admission). */
export interface Control extends Pick<RuleInfo<Options>, "remediation" | "controls"> {
  /** Its id in the reference implementation. */
  id: string;
  standard: "baseline" | "restricted";
  /** The first minor version of the standards that has it. Default: every version. */
  since?: number;
  /** At level restricted, from this minor version on a stricter control takes its place. */
  replacedSince?: number;
  name: string;
  description: string;
  why: string;
  severity: "medium" | "high" | "critical";
  check(pod: Pod, run: StandardRun, minor: number): void;
  fixes?(pod: Pod): Fix[];
}

/** The rule of a control, with data for the tests. */
export type ControlRule = ResourceRule & { control: Required<Pick<Control, "id" | "standard" | "since">> };

export function control(given: Control): ControlRule {
  const { id, standard, since = 0, replacedSince = Infinity, check, fixes, ...info } = given;
  const rule = podRule<typeof standardOptions>({
    ...info,
    description: `${info.description} (Pod Security Standard ${standard})`,
    level: "mandatory",
    options: standardOptions,
    reference: {
      title: `Kubernetes: Pod Security Standards, ${standard}`,
      url: `https://kubernetes.io/docs/concepts/security/pod-security-standards/#${standard}`,
    },
    check(pod, run, resource) {
      const level = levelFor(resource, run.config);
      const minor = minorOf(run.config.podSecurityVersion);
      if (level === "privileged" || minor < since) return;
      if (
        standard === "restricted" ? level !== "restricted" : level === "restricted" && minor >= replacedSince
      )
        return;
      check(pod, run, minor);
    },
    ...(fixes ? { fixes: (pod: Pod) => fixes(pod) } : {}),
  });
  return { ...rule, control: { id, standard, since } };
}

/** The level that the pods of a resource must meet. */
export function levelFor(
  resource: Resource,
  { podSecurityLevel, podSecurityNamespaces }: ConfigOf<typeof standardOptions>,
): StandardLevel {
  const isSplit = Object.keys(podSecurityNamespaces).length > 0;
  const namespace = (isSplit ? resource.namespace : undefined) ?? "";
  return Object.hasOwn(podSecurityNamespaces, namespace)
    ? podSecurityNamespaces[namespace]!
    : podSecurityLevel;
}

function minorOf(version: string): number {
  const minor = /^v1\.(\d+)$/.exec(version)?.[1];
  return minor === undefined ? LATEST : Math.min(Number(minor), LATEST);
}

/** The security contexts of the pod and of all its containers. */
export function contexts(pod: Pod): Value[] {
  return [pod.securityContext, ...pod.containers.map((container) => container.securityContext)];
}

/** Whether the pod is declared to run on Windows: undefined while that is unknown. */
export function isWindows(pod: Pod): boolean | undefined {
  const name = pod.spec.get("os", "name");
  return name.isUnknown ? undefined : name.text() === "windows";
}

/** Whether the pod has a user namespace, where root is not root outside: undefined while unknown. */
export function hasUserNamespace(pod: Pod): boolean | undefined {
  const hostUsers = pod.spec.get("hostUsers");
  return hostUsers.isUnknown ? undefined : hostUsers.boolean() === false;
}

/** For lists in messages: `"a", "b" or "c"`. */
export function oneOf(values: readonly string[]): string {
  const quoted = values.map((value) => JSON.stringify(value));
  return quoted.length < 2 ? quoted.join("") : `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}`;
}
