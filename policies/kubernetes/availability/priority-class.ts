import { kubernetesDocs, type Options, option, resourceRule } from "../../core";

const options = {
  required: option<boolean>(false, "Whether every pod must name a class.", { type: "boolean" }),
  allow: option<string[]>(
    [],
    "Classes that pods may name. Empty: any except those of Kubernetes' own components.",
    {
      type: "array",
      items: { type: "string" },
    },
  ),
} satisfies Options;

export const priorityClass = resourceRule<typeof options>({
  name: "priority-class",
  description:
    "Pods do not use the priority classes of Kubernetes' own components, and no class is the cluster's default.",
  remediation: "Name a PriorityClass for such programs, and leave globalDefault out.",
  reference: kubernetesDocs(
    "Pod Priority and Preemption",
    "concepts/scheduling-eviction/pod-priority-preemption/",
  ),
  controls: { "nsa-cisa": ["resource-policies"] },
  why: "Pods of system-node-critical or system-cluster-critical start before all others, and can evict them. A class with globalDefault applies to every new pod in the cluster without a class, also to those of other teams.",
  level: "advisory",
  severity: "low",
  options,
  applies: (resource) => resource.is("scheduling.k8s.io/PriorityClass") || resource.pods.length > 0,
  check(resource, run) {
    const isDefault = resource.props.get("globalDefault");
    if (resource.is("scheduling.k8s.io/PriorityClass") && isDefault.boolean() === true)
      run.violation(isDefault, { expected: "false", fix: "Leave it out, and name the class in pods." });
    const { required, allow } = run.config;
    for (const { spec } of resource.pods) {
      const at = spec.get("priorityClassName");
      const name = at.text();
      if (name === undefined) {
        if (required && at.isMissing)
          run.violation(at, { expected: allow.join(", ") || "a PriorityClass", fix: "Name one." });
        continue;
      }
      const isOfKubernetes = /^system-(node|cluster)-critical$/.test(name);
      const isAllowed = allow.length > 0 ? allow.includes(name) : !isOfKubernetes;
      if (isAllowed || resource.namespace === "kube-system" || resource.metadata.get("namespace").isUnknown)
        continue;
      run.violation(at, {
        expected:
          allow.length > 0
            ? `one of ${allow.join(", ")}`
            : "a class that is not for Kubernetes' own components",
        fix: "Name another class.",
      });
    }
  },
});
