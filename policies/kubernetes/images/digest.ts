import { kubernetesDocs } from "../../core";
import { imageRule, parseImage } from "./reference";

export const imageDigest = imageRule({
  name: "image-digest",
  description: "Images are pinned by their digest.",
  remediation: "Write the image with its digest: name:version@sha256:…",
  reference: kubernetesDocs("Images", "concepts/containers/images/"),
  controls: { "nsa-cisa": ["secure-images"] },
  why: "A tag can move to another image; a digest cannot. The rule is off by default, because digests need a tool that updates them.",
  level: "disabled",
  severity: "medium",
  check({ at, text }, run) {
    if (/^sha256:[0-9a-f]{64}$/.test(parseImage(text).digest ?? "")) return;
    run.violation(at, { expected: "an image with @sha256:…", fix: "Add the digest after the tag." });
  },
});
