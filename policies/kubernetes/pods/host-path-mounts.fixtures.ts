import type { Fixtures } from "../../core/fixtures";
import { container, pod } from "../manifests";

const config = { podSecurityLevel: "privileged" };
const mounting = (path: string, mount = {}) =>
  pod({
    containers: [container({ volumeMounts: [{ name: "logs", mountPath: "/logs", ...mount }] })],
    volumes: [{ name: "logs", hostPath: { path } }],
  });

const refused = (path: string) => ({
  manifests: [mounting(path, { readOnly: true })],
  config: { podSecurityLevel: "privileged" },
  at: ["spec.volumes[0].hostPath.path"],
});

export const fixtures: Fixtures = {
  fails: [
    {
      manifests: [mounting("/var/log/pods")],
      config,
      at: ["spec.containers[0].volumeMounts[0].readOnly"],
    },
    {
      manifests: [mounting("/var/log/pods", { readOnly: false })],
      config,
      at: ["spec.containers[0].volumeMounts[0].readOnly"],
    },
    { manifests: [mounting("/etc/", { readOnly: true })], config, at: ["spec.volumes[0].hostPath.path"] },
    {
      about: "all of it",
      manifests: [mounting("/", { readOnly: true })],
      config,
      at: ["spec.volumes[0].hostPath.path"],
    },
    {
      about: "a folder that holds one of the system",
      manifests: [mounting("/var/lib", { readOnly: true })],
      config,
      at: ["spec.volumes[0].hostPath.path"],
    },
    {
      about: "of one namespace",
      manifests: [mounting("/etc", { readOnly: true })],
      config: { podSecurityNamespaces: { shop: "privileged" } },
      at: ["spec.volumes[0].hostPath.path"],
    },
    ...[
      "/bin",
      "/boot",
      "/dev",
      "/home",
      "/lib",
      "/lib64",
      "/proc",
      "/root",
      "/run",
      "/sbin",
      "/sys",
      "/usr",
    ].map(refused),
    ...["containerd", "docker", "etcd", "kubelet"].map((name) => refused(`/var/lib/${name}`)),
    refused("/var/run"),
  ],
  passes: [
    { manifests: [mounting("/var/log/pods", { readOnly: true })], config },
    { about: "which Pod Security Standards refuse", manifests: [mounting("/etc")] },
    {
      about: "which they refuse, too",
      manifests: [mounting("/etc")],
      config: { podSecurityLevel: "baseline" },
    },
    {
      about: "no path of the node",
      manifests: [
        pod({
          containers: [container({ volumeMounts: [{ name: "tmp", mountPath: "/tmp" }] })],
          volumes: [{ name: "tmp", emptyDir: {} }],
        }),
      ],
      config,
    },
  ],
};
