import { kubernetesDocs, podRule } from "../../core";

export const volumeMounts = podRule({
  name: "volume-mounts",
  description: "Containers mount only volumes of their pod.",
  remediation: "Add the volume to the pod, or correct the name of the mount.",
  reference: kubernetesDocs("Volumes", "concepts/storage/volumes/"),
  why: "During the update the API server refuses a pod that mounts a missing volume. It accepts a Deployment with such a template, but then no pod starts.",
  level: "mandatory",
  severity: "medium",
  check(pod, run, resource) {
    // Flink adds volumes to the pods of its custom resources, and a patch is only a part of a pod.
    if (resource.isPatch || pod.role !== undefined) return;
    const lists = [pod.spec.get("volumes"), resource.spec.get("volumeClaimTemplates")];
    const names = [
      ...lists[0]!.list().map((volume) => volume.get("name")),
      ...lists[1]!.list().map((claim) => claim.get("metadata", "name")),
    ];
    for (const container of pod.containers) {
      for (const mount of ["volumeMounts", "volumeDevices"].flatMap((field) => container.get(field).list())) {
        const at = mount.get("name");
        const name = at.text();
        if (name === undefined || names.some((own) => own.text() === name)) continue;
        if ([...lists, ...names].some((value) => value.isUnknown)) continue;
        run.violation(at, {
          expected: "the name of a volume of the pod",
          fix: "Add the volume, or correct the name.",
        });
      }
    }
  },
});
