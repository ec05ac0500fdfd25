import { kubernetesDocs, type Resource, stackRule } from "../../core";
import { isMissing } from "./seen";

export const claimExists = stackRule({
  name: "claim-exists",
  description: "Pods in a namespace of the stack mount only claims of the stack.",
  remediation: "Add the PersistentVolumeClaim to the stack, or correct its name.",
  reference: kubernetesDocs("Persistent Volumes", "concepts/storage/persistent-volumes/"),
  why: "A pod whose claim does not exist waits for ever (Pending). The rule checks only namespaces that the stack creates, where nothing can exist already. It skips namespaces with a Helm release or a custom resource that could create the claim.",
  level: "advisory",
  severity: "medium",
  applies: (stack) => stack.kinds("/Namespace").length > 0 && stack.pods.length > 0,
  check(stack, run) {
    for (const { pod, resource } of stack.pods) {
      for (const volume of pod.spec.get("volumes").list()) {
        const claim = volume.get("persistentVolumeClaim", "claimName");
        const name = claim.text();
        if (name === undefined || resource.isPatch) continue;
        if (!isMissing(stack, "/PersistentVolumeClaim", name, resource)) continue;
        if (stack.kinds("apps/StatefulSet").some((set) => makes(set, name) !== false)) continue;
        run.violation(claim, {
          expected: "a PersistentVolumeClaim of the stack, in the same namespace",
          fix: "Add it, or correct the name.",
        });
      }
    }
  },
});

/** Whether a StatefulSet creates a claim of this name, such as `data-web-0`: undefined while unknown. */
function makes(set: Resource, claim: string): boolean | undefined {
  const templates = set.spec.get("volumeClaimTemplates");
  const names = templates.list().map((template) => template.get("metadata", "name"));
  const own = set.metadata.get("name");
  if ([set.spec, templates, own, ...names].some((value) => value.isUnknown)) return undefined;
  return names.some((name) => {
    const start = `${name.text()}-${own.text()}-`;
    return claim.startsWith(start) && /^\d+$/.test(claim.slice(start.length));
  });
}
