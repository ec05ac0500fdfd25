import { findRelease, type FlinkRelease, supportedVersions } from "../../../components/flink/versions";
import type { FlinkProcess } from "./processes";

/** The version of Flink that a process runs, of three numbers, as far as its image's tag or the custom resource tells. */
export function versionOf({ container, resource, isCustom }: FlinkProcess): string | undefined {
  const tag = tagOf(container.get("image").text());
  if (tag?.version !== undefined) return tag.version;
  const spec =
    resource.kind === "FlinkBlueGreenDeployment" ? resource.spec.get("template", "spec") : resource.spec;
  const minor = isCustom ? /^v(\d+)_(\d+)$/.exec(spec.get("flinkVersion").text() ?? "") : undefined;
  if (!minor) return undefined;
  return supportedVersions.findLast((version) => version.startsWith(`${minor[1]}.${minor[2]}.`));
}

/**
 * What a tag says, of images whose repository is called after Flink: tags of others are versions of something else. A version is three
 * numbers; a tag with two is one that moves.
 */
export function tagOf(image: string | undefined): { tag: string; version: string | undefined } | undefined {
  const [name = ""] = (image ?? "").split("@");
  const [, repository, tag] = /([^/:]+)(?::([^/]+))?$/.exec(name) ?? [];
  if (repository === undefined || !/flink/i.test(repository)) return undefined;
  return { tag: tag ?? "latest", version: /^(\d+\.\d+\.\d+)(?![\d.])/.exec(tag ?? "")?.[1] };
}

/** The facts to judge a process by: of its version, else of the newest that is known. */
export function releaseOf(process: FlinkProcess): FlinkRelease {
  return findRelease(versionOf(process) ?? "") ?? findRelease(supportedVersions.at(-1)!)!;
}
