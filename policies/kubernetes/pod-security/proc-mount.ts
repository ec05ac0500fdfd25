import type { Pod, Run } from "../../core";
import { control, hasUserNamespace, type standardOptions } from "./standard";

const about = {
  why: "An unmasked /proc exposes settings of the node's kernel, and allows changing them.",
  severity: "medium",
} as const;

export const procMountBaseline = control({
  id: "procMount",
  standard: "baseline",
  replacedSince: 35,
  name: "pss-proc-mount",
  description: "Containers use the default masked /proc, unless the pod has a user namespace.",
  remediation: "Leave procMount out.",
  controls: { "nsa-cisa": ["pod-security"] },
  ...about,
  check(pod, run, minor) {
    if (minor < 35 || hasUserNamespace(pod) === false) checkProcMount(pod, run);
  },
});

export const procMountRestricted = control({
  id: "procMount_restricted",
  standard: "restricted",
  since: 35,
  name: "pss-proc-mount-restricted",
  description: "Containers use the default masked /proc.",
  remediation: "Leave procMount out.",
  controls: { "nsa-cisa": ["pod-security"] },
  ...about,
  check: (pod, run) => checkProcMount(pod, run),
});

function checkProcMount(pod: Pod, run: Run<typeof standardOptions>): void {
  for (const container of pod.containers) {
    const value = container.securityContext.get("procMount");
    const text = value.text();
    if (text === undefined || text === "Default") continue;
    run.violation(value, { expected: '"Default"', fix: "Leave it out." });
  }
}
