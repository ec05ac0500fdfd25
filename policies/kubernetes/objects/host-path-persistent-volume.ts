import { kubernetesDocs, resourceRule } from "../../core";

export const hostPathPersistentVolume = resourceRule({
  name: "host-path-persistent-volume",
  description: "A PersistentVolume is not a path of a node.",
  remediation: "Use a storage class, or local with a nodeAffinity.",
  reference: kubernetesDocs("Volumes, hostPath", "concepts/storage/volumes/#hostpath"),
  controls: { cis: ["5.2.12"], "nsa-cisa": ["pod-security"] },
  why: "It is a different directory on every node, so a pod that moves does not find its files. Pods can also reach the node's files through a claim, which Pod Security Standards allow.",
  level: "advisory",
  severity: "medium",
  applies: (resource) => resource.is("/PersistentVolume"),
  check(resource, run) {
    const hostPath = resource.spec.get("hostPath");
    if (hostPath.isPresent)
      run.violation(hostPath, { expected: "storage of the cluster", fix: "Use a storage class." });
  },
});
