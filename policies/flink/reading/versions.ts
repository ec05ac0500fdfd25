import { findRelease, type FlinkRelease, supportedVersions } from "../../../components/flink/versions";
import type { Resource, Value } from "../../core";
import type { FlinkProcess } from "./processes";

/** On a pod whose image does not say which Flink is in it. */
export const versionAnnotation = "flink-kubernetes/flink-version";

/** The version of Flink that a process runs, of three numbers, as far as its image's tag, an annotation or the custom resource tells. */
export function versionOf({ container, pod, resource, isCustom }: FlinkProcess): string | undefined {
  const tag = tagOf(container.get("image").text());
  if (tag?.version !== undefined) return tag.version;
  const said = pod.metadata.get("annotations", versionAnnotation).text();
  if (said !== undefined && /^\d+\.\d+\.\d+$/.test(said)) return said;
  const minor = isCustom ? minorOf(resource) : undefined;
  return minor && supportedVersions.findLast((version) => version.startsWith(`${minor.text}.`));
}

/** The minor version that a custom resource names. */
export function minorOf(resource: Resource): { at: Value; text: string } | undefined {
  const spec =
    resource.kind === "FlinkBlueGreenDeployment" ? resource.spec.get("template", "spec") : resource.spec;
  const at = spec.get("flinkVersion");
  const [, major, minor] = /^v(\d+)_(\d+)$/.exec(at.text() ?? "") ?? [];
  return major === undefined || minor === undefined ? undefined : { at, text: `${major}.${minor}` };
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
