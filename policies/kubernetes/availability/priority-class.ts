import { kubernetesDocs, type Options, option, resourceRule } from "../../core";

const options = {
  required: option<boolean>(false, "Whether every pod has to name a class.", { type: "boolean" }),
  allow: option<string[]>([], "Classes that pods may name. Empty: any but those of Kubernetes' own parts.", {
    type: "array",
    items: { type: "string" },
  }),
} satisfies Options;

export const priorityClass = resourceRule<typeof options>({
  name: "priority-class",
  description: "Pods take no priority that is for the parts of Kubernetes, and no class becomes everybody's.",
  remediation: "Name a PriorityClass that is made for such programs, and leave globalDefault out.",
  reference: kubernetesDocs(
    "Pod Priority and Preemption",
    "concepts/scheduling-eviction/pod-priority-preemption/",
  ),
  controls: { "nsa-cisa": ["resource-policies"] },
  why: "A pod of system-node-critical or system-cluster-critical is started before all others and has them evicted. A class with globalDefault is that of every new pod in the cluster which names none, also of other teams.",
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
          allow.length > 0 ? `one of ${allow.join(", ")}` : "a class that is not for the parts of Kubernetes",
        fix: "Name another one.",
      });
    }
  },
});
