import { control } from "./standard";

/** Safe sysctls, with the minor version of Kubernetes since which they count as safe. */
const safe: readonly (readonly [since: number, names: readonly string[]])[] = [
  [
    0,
    [
      "kernel.shm_rmid_forced",
      "net.ipv4.ip_local_port_range",
      "net.ipv4.tcp_syncookies",
      "net.ipv4.ping_group_range",
      "net.ipv4.ip_unprivileged_port_start",
    ],
  ],
  [27, ["net.ipv4.ip_local_reserved_ports"]],
  [
    29,
    [
      "net.ipv4.tcp_keepalive_time",
      "net.ipv4.tcp_fin_timeout",
      "net.ipv4.tcp_keepalive_intvl",
      "net.ipv4.tcp_keepalive_probes",
    ],
  ],
  [32, ["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"]],
  [37, ["net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat"]],
];

export const sysctls = control({
  id: "sysctls",
  standard: "baseline",
  name: "pss-sysctls",
  description: "Pods set only sysctls that affect the pod alone.",
  remediation: "Leave the sysctl out, and ask the administrators of the nodes to set it there.",
  controls: { "nsa-cisa": ["pod-security"] },
  why: "Other sysctls change the kernel for all pods of the node, or let one pod starve the others.",
  severity: "medium",
  check(pod, run, minor) {
    const allowed = safe.filter(([since]) => minor >= since).flatMap(([, names]) => names);
    for (const sysctl of pod.securityContext.get("sysctls").list()) {
      const name = sysctl.get("name");
      const text = name.isMissing ? "" : name.text();
      if (text === undefined || allowed.includes(text)) continue;
      run.violation(name, { expected: `one of ${allowed.join(", ")}`, fix: "Leave it out." });
    }
  },
});
