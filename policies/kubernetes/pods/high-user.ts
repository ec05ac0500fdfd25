import { podRule, type Options, option, kubernetesDocs } from "../../core";

const options = {
  smallest: option<number>(10000, "The smallest allowed user number.", { type: "integer" }),
} satisfies Options;

export const highUser = podRule<typeof options>({
  name: "high-user",
  description: "Containers run as a user with a number that no user of the node has.",
  remediation: "Write a runAsUser of at least the configured number.",
  reference: kubernetesDocs(
    "Configure a Security Context for a Pod or Container",
    "tasks/configure-pod-container/security-context/",
  ),
  controls: { cis: ["5.7.3"] },
  why: "If the isolation fails, the container has the rights of the node's user with the same number. The rule is off by default, because many images, such as Flink's (9999), have their own user.",
  level: "disabled",
  severity: "low",
  options,
  check(pod, run) {
    const ofPod = pod.securityContext.get("runAsUser");
    const places = pod.containers.map((container) => {
      const own = container.securityContext.get("runAsUser");
      return own.isAbsent ? ofPod : own;
    });
    const { smallest } = run.config;
    for (const value of new Set(places)) {
      const user = value.number();
      if (value.isAbsent ? !value.isMissing : user === undefined || user >= smallest) continue;
      run.violation(value, { expected: `${smallest} or more`, fix: "Set runAsUser of the pod." });
    }
  },
});
