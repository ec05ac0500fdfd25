import { nearest } from "../flink/nearest";
import { findRelease, type FlinkRelease } from "../flink/versions";
import { dnsName } from "../names";
import type { Problem } from "../problems";
import type { Findings } from "./additions";
import type { FlinkClusterArgs } from "./cluster";

const pathPart = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const reference = new RegExp(
  `^(?:(?<host>[A-Za-z0-9.-]+(?::\\d+)?)/)?(?<path>${pathPart}(?:/${pathPart})*)(?::(?<tag>\\w[\\w.-]{0,127}))?(?:@\\w+:[0-9a-f]{32,})?$`,
);

const pullPolicies = ["Always", "IfNotPresent", "Never"];

export function checkImage(args: FlinkClusterArgs, { problems, warnings }: Findings): void {
  const { image, imagePullPolicy, imagePullSecrets = [], flinkVersion } = args;
  imagePullSecrets.forEach((name, index) => {
    if (dnsName.test(name)) return;
    const reason = "Kubernetes refuses this name";
    const fix = "write the name of a Secret in the cluster's namespace";
    problems.push({ path: `imagePullSecrets[${index}]`, value: name, reason, fix });
  });
  if (image !== undefined) checkReference(image, findRelease(flinkVersion ?? ""), { problems, warnings });
  if (imagePullPolicy !== undefined && !pullPolicies.includes(imagePullPolicy)) {
    const reason = "Kubernetes has no pull policy of this name";
    const meant = nearest(imagePullPolicy, pullPolicies);
    const fix = meant ? `write ${meant}` : `use one of: ${pullPolicies.join(", ")}`;
    problems.push({ path: "imagePullPolicy", value: imagePullPolicy, reason, fix });
  }
}

function checkReference(
  image: string,
  release: FlinkRelease | undefined,
  { problems, warnings }: Findings,
): void {
  const parts = reference.exec(image)?.groups;
  if (!parts) {
    const reason = "this is not a valid name of a container image";
    const fix = "write registry/repository:tag, such as flink:2.2.1";
    problems.push({ path: "image", value: image, reason, fix });
    return;
  }
  if (/(^|\/)bitnami(legacy|secure)?\/flink$/.test([parts.host, parts.path].join("/"))) {
    const reason = "Bitnami's image has Flink in /opt/bitnami/flink, and the pods look for it in /opt/flink";
    warnings.push({
      path: "image",
      value: image,
      reason,
      fix: "use an image that is made from the official one",
    });
  }
  const held = flinkIn(parts.path, parts.tag ?? "");
  if (held === undefined || release === undefined) return;
  const { version, certain } = held;
  if (`${release.version}.`.startsWith(`${version}.`)) {
    if (isOfficial(parts)) problems.push(...checkJavaTag(image, parts.tag, release));
    return;
  }
  const others = "memory and options would be computed for the wrong version";
  const reason = certain
    ? `the image contains Flink ${version}, but flinkVersion is ${release.version}: ${others}`
    : `the tag looks like Flink ${version}, but flinkVersion is ${release.version}: if the tag is Flink's version, ${others}`;
  const fix = isOfficial(parts)
    ? "change one of the two, or leave image out to use the official image of flinkVersion"
    : "change one of the two";
  (certain ? problems : warnings).push({ path: "image", value: image, reason, fix });
}

function isOfficial({ host, path }: Record<string, string | undefined>): boolean {
  return /^(docker\.io\/(library\/)?)?(apache\/)?flink$/.test(host ? `${host}/${path}` : path!);
}

/**
 * The Flink version that an image's name shows. It is certain if the name says so (`flink:2.2.1`, in any
 * registry, `orders:7-flink1.20`). Otherwise the tag may be a build on that version (`orders:2.2.1-7`). Most
 * tags are the program's own version.
 */
function flinkIn(path: string, tag: string): { version: string; certain: boolean } | undefined {
  const repository = path.split("/").at(-1)!;
  const named = /(?:^|[-_.])flink[-_.]?v?(\d+\.\d+(?:\.\d+)?)/;
  const said = named.exec(tag)?.[1] ?? named.exec(repository)?.[1];
  if (said !== undefined) return { version: said, certain: true };
  if (repository === "flink") {
    const version = /^v?(\d+\.\d+(?:\.\d+)?)(?=-|_|$)/.exec(tag)?.[1];
    return version === undefined ? undefined : { version, certain: true };
  }
  const version = /^v?(\d+\.\d+\.\d+)-/.exec(tag)?.[1];
  return version !== undefined && findRelease(version) ? { version, certain: false } : undefined;
}

/**
 * The official images name their Java version at the end of the tag. There is none with a Java version that
 * Flink does not support.
 */
function checkJavaTag(image: string, tag: string, release: FlinkRelease | undefined): Problem[] {
  const java = /-java(\d+)$/.exec(tag)?.[1];
  if (java === undefined || !release || release.javaVersions.includes(Number(java))) return [];
  const versions = release.javaVersions.join(", ");
  const reason = `there is no official image of Flink ${release.version} with Java ${java}`;
  return [{ path: "image", value: image, reason, fix: `use an image with Java ${versions}` }];
}

/** The official image of a version, with its default Java version or a given one. */
export function officialImage(release: FlinkRelease, java = release.java): string {
  return `flink:${release.version}-java${java}`;
}

/** Official images exist for some Java versions only. Any other image already has its Java version. */
export function checkJavaVersion(
  { image, javaVersion }: FlinkClusterArgs,
  release: FlinkRelease | undefined,
): Problem[] {
  if (javaVersion === undefined) return [];
  const path = "javaVersion";
  if (image !== undefined) {
    const reason = "this selects an official image, but image names another, which has its own Java";
    return [{ path, value: javaVersion, reason, fix: "leave javaVersion or image out" }];
  }
  if (!release || release.javaVersions.includes(javaVersion)) return [];
  const versions = release.javaVersions.join(", ");
  const reason = `there is no official image of Flink ${release.version} with this version of Java`;
  return [
    {
      path,
      value: javaVersion,
      reason,
      fix: `write one of ${versions}, or set image to an image of your own`,
    },
  ];
}
