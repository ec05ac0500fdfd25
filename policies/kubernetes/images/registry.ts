import { globMatches, type Options, option, kubernetesDocs } from "../../core";
import { imageRule, parseImage } from "./reference";

const options = {
  registries: option<string[]>(
    [],
    "Allowed sources of images: registries, or registries with a prefix of a repository, such as `registry.example/shop`, `registry.example/shop/*` or `*.registry.example`. `*` stands for any text without a slash. Empty: any source.",
    { type: "array", items: { type: "string" } },
  ),
} satisfies Options;

export const imageRegistry = imageRule<typeof options>({
  name: "image-registry",
  description: "Images come from the configured registries.",
  remediation: "Copy the image into one of the configured registries and name it there.",
  reference: kubernetesDocs("Images", "concepts/containers/images/"),
  controls: { "nsa-cisa": ["secure-images"] },
  why: "Nobody has reviewed images from elsewhere, and they may disappear. The rule has no effect until registries are configured.",
  level: "mandatory",
  severity: "high",
  options,
  check({ at, text }, run) {
    const { registries } = run.config;
    if (registries.length === 0) return;
    const { registry, repository } = parseImage(text);
    if (registries.some((allowed) => isWithin(`${registry}/${repository}`, allowed))) return;
    run.violation(at, {
      expected: `an image from ${registries.join(" or ")}`,
      fix: "Copy the image there, and name the copy.",
    });
  },
});

/**
 * Compares part by part from the left, so that a registry's pattern never matches the name of a repository.
 */
function isWithin(place: string, allowed: string): boolean {
  const parts = place.split("/");
  const wanted = allowed.replace(/\/+$/, "").split("/");
  return wanted.length <= parts.length && wanted.every((part, index) => globMatches(part, parts[index]!));
}
