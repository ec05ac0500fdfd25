import { kubernetesDocs, type Resource, stackRule } from "../../core";
import { isMissing } from "./seen";

export const claimExists = stackRule({
  name: "claim-exists",
  description: "A pod in a namespace that the stack makes mounts claims that the stack makes, too.",
  remediation: "Add the PersistentVolumeClaim to the stack, or correct its name.",
  reference: kubernetesDocs("Persistent Volumes", "concepts/storage/persistent-volumes/"),
  why: "A pod whose claim there is not waits for ever (Pending). Only namespaces that the stack makes itself are looked at, where nothing can be there already, and which hold no Helm release and no custom resource that could make it.",
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

/** Whether a StatefulSet makes a claim of this name, as `data-web-0`: undefined while that is unknown. */
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
