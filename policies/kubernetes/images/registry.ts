import { containerRule, globMatches, type Options, option } from "../../core";
import { parseImage } from "./reference";

const options = {
  registries: option<string[]>(
    [],
    "Where images may come from: registries, or registries with the beginning of a repository (`*` stands for any text), such as `registry.example/shop/*`. Empty: anywhere.",
    { type: "array", items: { type: "string" } },
  ),
} satisfies Options;

export const imageRegistry = containerRule<typeof options>({
  name: "image-registry",
  description: "Images come from the configured registries.",
  why: "What is pulled from elsewhere nobody has looked at, and nobody keeps. It does nothing until registries are configured.",
  level: "mandatory",
  severity: "high",
  options,
  check(container, run) {
    const { registries } = run.config;
    const image = container.get("image");
    const text = image.text();
    if (registries.length === 0 || text === undefined) return;
    const { registry, repository } = parseImage(text);
    const place = `${registry}/${repository}`;
    const isAllowed = registries.some(
      (allowed) =>
        globMatches(allowed, registry) || globMatches(allowed, place) || place.startsWith(`${allowed}/`),
    );
    if (isAllowed) return;
    run.violation(image, {
      expected: `an image from ${registries.join(" or ")}`,
      fix: "Copy the image there, and name that copy.",
    });
  },
});
