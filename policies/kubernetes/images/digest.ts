import { kubernetesDocs } from "../../core";
import { imageRule, parseImage } from "./reference";

export const imageDigest = imageRule({
  name: "image-digest",
  description: "Images are pinned by their digest.",
  remediation: "Write the image with its digest: name:version@sha256:…",
  reference: kubernetesDocs("Images", "concepts/containers/images/"),
  controls: { "nsa-cisa": ["secure-images"] },
  why: "A tag can be moved to another image; a digest cannot. It is off by default: it asks for a tool that updates digests.",
  level: "disabled",
  severity: "medium",
  check({ at, text }, run) {
    if (/^sha256:[0-9a-f]{64}$/.test(parseImage(text).digest ?? "")) return;
    run.violation(at, { expected: "an image with @sha256:…", fix: "Add the digest behind the tag." });
  },
});
