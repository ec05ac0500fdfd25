import { containerRule } from "../../core";
import { parseImage } from "./reference";

export const imageDigest = containerRule({
  name: "image-digest",
  description: "Images are pinned by their digest.",
  why: "A tag can be moved to another image; a digest cannot. It is off by default: it asks for a tool that updates digests.",
  level: "disabled",
  severity: "medium",
  check(container, run) {
    const image = container.get("image");
    const text = image.text();
    if (text === undefined || /^sha256:[0-9a-f]{64}$/.test(parseImage(text).digest ?? "")) return;
    run.violation(image, { expected: "an image with @sha256:…", fix: "Add the digest behind the tag." });
  },
});
