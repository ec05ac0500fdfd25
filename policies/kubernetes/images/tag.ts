import { type Options, option, kubernetesDocs } from "../../core";
import { imageRule, parseImage } from "./reference";

const options = {
  forbidden: option<string[]>(["latest"], "Tags that do not name a version.", {
    type: "array",
    items: { type: "string" },
  }),
} satisfies Options;

export const imageTag = imageRule<typeof options>({
  name: "image-tag",
  description: "Images name a version.",
  remediation: "Name the version of the image, or its digest.",
  reference: kubernetesDocs("Images", "concepts/containers/images/"),
  why: "Without a tag, or with latest, every node runs the newest image at the time of its pull, and nobody can go back.",
  level: "mandatory",
  severity: "medium",
  options,
  check({ at, text }, run) {
    const { tag, digest } = parseImage(text);
    if (digest !== undefined || (tag !== undefined && !run.config.forbidden.includes(tag))) return;
    run.violation(at, { expected: "a tag with a version, or a digest", fix: "Name the version." });
  },
});
