import { kubernetesDocs } from "../../core";
import { imageRule, parseImage } from "./reference";

export const imagePullPolicy = imageRule({
  name: "image-pull-policy",
  description: "Images with a moving tag are pulled again at each start.",
  remediation: "Name a version instead of a moving tag, or set imagePullPolicy: Always.",
  reference: kubernetesDocs("Images, image pull policy", "concepts/containers/images/#image-pull-policy"),
  why: "A tag without a number, such as stable or main, may be another image tomorrow. A node with a cached image keeps it, so pods of one Deployment may run different programs. A version or a digest is better still.",
  level: "advisory",
  severity: "low",
  check({ text, pullPolicy: policy }, run) {
    const { tag = "latest", digest } = parseImage(text);
    if (digest !== undefined || /\d/.test(tag)) return;
    // Kubernetes' defaults: Always for latest, otherwise IfNotPresent.
    if (policy.isAbsent ? !policy.isMissing || tag === "latest" : policy.text() === "Always") return;
    if (policy.isUnknown) return;
    run.violation(policy, {
      expected: `Always, because ${tag} may be another image tomorrow`,
      fix: "Name a version or a digest, or write Always.",
    });
  },
});
