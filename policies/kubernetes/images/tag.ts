import { containerRule, type Options, option } from "../../core";
import { parseImage } from "./reference";

const options = {
  forbidden: option<string[]>(["latest"], "Tags that say nothing.", {
    type: "array",
    items: { type: "string" },
  }),
} satisfies Options;

export const imageTag = containerRule<typeof options>({
  name: "image-tag",
  description: "Images name a version.",
  why: "Without a tag, or with latest, every node runs what was newest when it pulled, and nobody can go back.",
  level: "mandatory",
  severity: "medium",
  options,
  check(container, run) {
    const image = container.get("image");
    const text = image.text();
    if (text === undefined) return;
    const { tag, digest } = parseImage(text);
    if (digest !== undefined || (tag !== undefined && !run.config.forbidden.includes(tag))) return;
    run.violation(image, { expected: "a tag with a version, or a digest", fix: "Name the version." });
  },
});
