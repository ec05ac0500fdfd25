import { podRule, type Options, option, kubernetesDocs } from "../../core";

const options = {
  smallest: option<number>(10000, "The smallest user number that may be used.", { type: "integer" }),
} satisfies Options;

export const highUser = podRule<typeof options>({
  name: "high-user",
  description: "Containers run as a user whose number no user of the node has.",
  remediation: "Write a runAsUser of at least the configured number.",
  reference: kubernetesDocs(
    "Configure a Security Context for a Pod or Container",
    "tasks/configure-pod-container/security-context/",
  ),
  controls: { cis: ["5.7.3"] },
  why: "Where isolation fails, the container has the rights of the node's user of the same number. It is off by default: many images, Flink's among them (9999), come with a user of their own.",
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
