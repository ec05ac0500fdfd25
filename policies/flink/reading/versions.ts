import { findRelease, type FlinkRelease, supportedVersions } from "../../../components/flink/versions";
import type { Resource, Value } from "../../core";
import type { FlinkProcess } from "./processes";

/** Annotation of pods whose image does not show Flink's version. */
export const versionAnnotation = "flink-kubernetes/flink-version";

/**
 * Flink's version in a process, with three numbers, from its image's tag, an annotation or the custom
 * resource.
 */
export function versionOf({ container, pod, resource, isCustom }: FlinkProcess): string | undefined {
  const tag = tagOf(container.get("image").text());
  if (tag?.version !== undefined) return tag.version;
  const said = pod.metadata.get("annotations", versionAnnotation).text();
  if (said !== undefined && /^\d+\.\d+\.\d+$/.test(said)) return said;
  const minor = isCustom ? minorOf(resource) : undefined;
  return minor && supportedVersions.findLast((version) => version.startsWith(`${minor.text}.`));
}

/** The minor version in a custom resource. */
export function minorOf(resource: Resource): { at: Value; text: string } | undefined {
  const spec =
    resource.kind === "FlinkBlueGreenDeployment" ? resource.spec.get("template", "spec") : resource.spec;
  const at = spec.get("flinkVersion");
  const [, major, minor] = /^v(\d+)_(\d+)$/.exec(at.text() ?? "") ?? [];
  return major === undefined || minor === undefined ? undefined : { at, text: `${major}.${minor}` };
}

/**
 * Parses the tag of images with Flink in the repository's name, because other tags are versions of other
 * programs. A version has three numbers, and a tag with two numbers moves.
 */
export function tagOf(image: string | undefined): { tag: string; version: string | undefined } | undefined {
  const [name = ""] = (image ?? "").split("@");
  const [, repository, tag] = /([^/:]+)(?::([^/]+))?$/.exec(name) ?? [];
  if (repository === undefined || !/flink/i.test(repository)) return undefined;
  return { tag: tag ?? "latest", version: /^(\d+\.\d+\.\d+)(?![\d.])/.exec(tag ?? "")?.[1] };
}

/** The facts about a process's version, or about the newest known version. */
export function releaseOf(process: FlinkProcess): FlinkRelease {
  return findRelease(versionOf(process) ?? "") ?? findRelease(supportedVersions.at(-1)!)!;
}
