/** An image reference in its parts. */
export interface ImageReference {
  registry: string;
  repository: string;
  tag: string | undefined;
  digest: string | undefined;
}

/** As container runtimes read it: without a registry it is docker.io, without a tag or digest latest. */
export function parseImage(text: string): ImageReference {
  const [beforeDigest = "", digest] = text.split("@");
  const slash = beforeDigest.indexOf("/");
  const first = slash === -1 ? "" : beforeDigest.slice(0, slash);
  const hasRegistry = first === "localhost" || /[.:]/.test(first);
  const rest = hasRegistry ? beforeDigest.slice(slash + 1) : beforeDigest;
  const colon = rest.lastIndexOf(":");
  const repository = colon === -1 ? rest : rest.slice(0, colon);
  return {
    registry: hasRegistry ? first : "docker.io",
    repository: hasRegistry || repository.includes("/") ? repository : `library/${repository}`,
    tag: colon === -1 ? undefined : rest.slice(colon + 1),
    digest,
  };
}
