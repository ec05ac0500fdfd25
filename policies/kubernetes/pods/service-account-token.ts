import { accountOf, podRule, type Options, option, type Resource, kubernetesDocs } from "../../core";

const options = {
  allow: option<string[]>(
    [],
    "Names of service accounts whose pods use the Kubernetes API, and so may have a token.",
    { type: "array", items: { type: "string" } },
  ),
} satisfies Options;

export const serviceAccountToken = podRule<typeof options>({
  name: "service-account-token",
  description: "Pods without their own service account get no token for the Kubernetes API.",
  remediation:
    "Set automountServiceAccountToken: false. If a pod needs the API, give it its own service account.",
  reference: kubernetesDocs(
    "Configure Service Accounts for Pods",
    "tasks/configure-pod-container/configure-service-account/",
  ),
  controls: { cis: ["5.1.5", "5.1.6"], "nsa-cisa": ["service-account-tokens"] },
  why: "Kubernetes mounts a token into every pod by default. An attacker in the pod can use it.",
  level: "advisory",
  severity: "medium",
  options,
  check(pod, run, resource) {
    if (isFlinkResource(resource)) return;
    const automount = pod.spec.get("automountServiceAccountToken");
    const account = accountOf(pod);
    const name = account.text();
    // A pod with its own service account probably needs it. The RBAC rules check the account's rights.
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

/** Flink's native Kubernetes integration creates pods through the API, so these pods need the token. */
function isFlinkResource(resource: Resource): boolean {
  return resource.group === "flink.apache.org";
}
