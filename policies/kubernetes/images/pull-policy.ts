import { kubernetesDocs } from "../../core";
import { imageRule, parseImage } from "./reference";

export const imagePullPolicy = imageRule({
  name: "image-pull-policy",
  description: "Images whose tag moves are pulled again.",
  remediation: "Name a version in place of a tag that moves, or set imagePullPolicy: Always.",
  reference: kubernetesDocs("Images, image pull policy", "concepts/containers/images/#image-pull-policy"),
  why: "A tag without a number, such as stable or main, is another image tomorrow. A node that has it keeps the old one, so that pods of one Deployment run different programs. A version or a digest is better still.",
  level: "advisory",
  severity: "low",
  check({ text, pullPolicy: policy }, run) {
    const { tag = "latest", digest } = parseImage(text);
    if (digest !== undefined || /\d/.test(tag)) return;
    // What Kubernetes fills in: Always for latest, for all else IfNotPresent.
    if (policy.isAbsent ? !policy.isMissing || tag === "latest" : policy.text() === "Always") return;
    if (policy.isUnknown) return;
    run.violation(policy, {
      expected: `Always, as ${tag} is another image tomorrow`,
      fix: "Name a version or a digest, or write Always.",
    });
  },
});
