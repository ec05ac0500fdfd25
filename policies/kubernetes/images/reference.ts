import {
  podRule,
  type Options,
  type Pod,
  type ResourceRule,
  type RuleInfo,
  type Run,
  type Value,
} from "../../core";

/** The parts of an image reference. */
export interface ImageReference {
  registry: string;
  repository: string;
  tag: string | undefined;
  digest: string | undefined;
}

/** As container runtimes read it: the default registry is docker.io, the default tag latest. */
export function parseImage(text: string): ImageReference {
  const [beforeDigest = "", digest] = text.split("@");
  const slash = beforeDigest.indexOf("/");
  const first = slash === -1 ? "" : beforeDigest.slice(0, slash);
  const hasRegistry = first === "localhost" || /[.:]/.test(first) || first !== first.toLowerCase();
  const rest = hasRegistry ? beforeDigest.slice(slash + 1) : beforeDigest;
  const colon = rest.lastIndexOf(":");
  const repository = colon === -1 ? rest : rest.slice(0, colon);
  const registry = hasRegistry ? first.toLowerCase() : "docker.io";
  const isHub = registry === "docker.io" || registry === "index.docker.io";
  return {
    registry: isHub ? "docker.io" : registry,
    repository: isHub && !repository.includes("/") ? `library/${repository}` : repository,
    tag: colon === -1 ? undefined : rest.slice(colon + 1),
    digest,
  };
}

/** An image that a pod uses: of a container, or of a volume. */
export interface UsedImage {
  at: Value;
  pullPolicy: Value;
}

function imagesOf(pod: Pod): UsedImage[] {
  const ofContainers = pod.containers.map((container) => ({
    at: container.get("image"),
    pullPolicy: container.get("imagePullPolicy"),
  }));
  const ofVolumes = pod.spec
    .get("volumes")
    .list()
    .map((volume) => ({
      at: volume.get("image", "reference"),
      pullPolicy: volume.get("image", "pullPolicy"),
    }));
  return [...ofContainers, ...ofVolumes];
}

/** A rule for every image of a pod, if it is set and known. */
export function imageRule<const O extends Options>(
  rule: RuleInfo<O> & { check(image: UsedImage & { text: string }, run: Run<O>): void },
): ResourceRule {
  const { check, ...info } = rule;
  return podRule<O>({
    ...info,
    check(pod, run) {
      for (const image of imagesOf(pod)) {
        const text = image.at.text();
        if (text !== undefined) check({ ...image, text }, run);
      }
    },
  });
}
