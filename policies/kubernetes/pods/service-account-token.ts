import { accountOf, podRule, type Options, option, type Resource, kubernetesDocs } from "../../core";

const options = {
  allow: option<string[]>(
    [],
    "Names of service accounts whose pods talk to the Kubernetes API, and so may have a token.",
    { type: "array", items: { type: "string" } },
  ),
} satisfies Options;

export const serviceAccountToken = podRule<typeof options>({
  name: "service-account-token",
  description:
    "Pods that do not say so by a service account of their own get no token for the Kubernetes API.",
  remediation:
    "Set automountServiceAccountToken: false; where a pod needs the API, name a service account of its own.",
  reference: kubernetesDocs(
    "Configure Service Accounts for Pods",
    "tasks/configure-pod-container/configure-service-account/",
  ),
  controls: { cis: ["5.1.5", "5.1.6"], "nsa-cisa": ["service-account-tokens"] },
  why: "Kubernetes mounts a token into every pod unless told not to. Whoever gets into the pod can use it.",
  level: "advisory",
  severity: "medium",
  options,
  check(pod, run, resource) {
    if (isFlinkResource(resource)) return;
    const automount = pod.spec.get("automountServiceAccountToken");
    const account = accountOf(pod);
    const name = account.text();
    // A pod with its own service account is taken to need it: what that account may do, the RBAC rules look at.
    if (name !== undefined && name !== "default") {
      return;
    }
    const isBad = automount.isAbsent ? automount.isMissing : automount.boolean() === true;
    if (!isBad || account.isUnknown || run.config.allow.includes(name ?? "default")) return;
    run.violation(automount, { expected: "false", fix: "Set it to false, or name a service account." });
  },
  fixes(pod) {
    const automount = pod.spec.get("automountServiceAccountToken");
    const account = accountOf(pod);
    return automount.isMissing && account.isMissing ? [{ at: automount, value: false }] : [];
  },
});

/** Flink's own Kubernetes integration makes pods through the API: they cannot do without. */
function isFlinkResource(resource: Resource): boolean {
  return resource.group === "flink.apache.org";
}
