import { findRelease, type FlinkRelease } from "../flink/versions";
import { dnsName } from "../names";
import type { Problem } from "../problems";
import type { FlinkClusterArgs } from "./cluster";

const pathPart = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const reference = new RegExp(
  `^(?:(?<host>[A-Za-z0-9.-]+(?::\\d+)?)/)?(?<path>${pathPart}(?:/${pathPart})*)(?::(?<tag>\\w[\\w.-]{0,127}))?(?:@\\w+:[0-9a-f]{32,})?$`,
);

const pullPolicies = ["Always", "IfNotPresent", "Never"];

export function checkImage(args: FlinkClusterArgs): Problem[] {
  const { image, imagePullPolicy, imagePullSecrets = [], flinkVersion } = args;
  const problems: Problem[] = [];
  imagePullSecrets.forEach((name, index) => {
    if (dnsName.test(name)) return;
    const reason = "Kubernetes takes no such name";
    const fix = "write the name of a Secret in the cluster's namespace";
    problems.push({ path: `imagePullSecrets[${index}]`, value: name, reason, fix });
  });
  if (image !== undefined) problems.push(...checkReference(image, flinkVersion));
  if (imagePullPolicy !== undefined && !pullPolicies.includes(imagePullPolicy)) {
    const reason = "Kubernetes knows no such pull policy";
    const fix = `use one of: ${pullPolicies.join(", ")}`;
    problems.push({ path: "imagePullPolicy", value: imagePullPolicy, reason, fix });
  }
  return problems;
}

function checkReference(image: string, flinkVersion: string | undefined): Problem[] {
  const parts = reference.exec(image)?.groups;
  if (!parts) {
    const reason = "this is not a name of a container image";
    return [
      { path: "image", value: image, reason, fix: "write registry/repository:tag, such as flink:2.2.1" },
    ];
  }
  // Only of the official images the tag is known to begin with the version of Flink.
  const whole = parts.host ? `${parts.host}/${parts.path}` : parts.path;
  const official = /^(docker\.io\/(library\/)?)?(apache\/)?flink$/.test(whole);
  const version = /^\d+\.\d+(\.\d+)?/.exec(parts.tag ?? "")?.[0];
  if (!official || version === undefined || flinkVersion === undefined) return [];
  if (flinkVersion === version || flinkVersion.startsWith(`${version}.`)) {
    return checkJavaTag(image, parts.tag, findRelease(flinkVersion));
  }
  return [
    {
      path: "image",
      value: image,
      reason: `the image holds Flink ${version}, and flinkVersion says ${flinkVersion}: memory and options would be computed for another Flink`,
      fix: `change one of the two, or leave image out to use the official image of flinkVersion`,
    },
  ];
}

/** The official images name their Java at the end of the tag, and no image of a Java that Flink does not run on exists. */
function checkJavaTag(image: string, tag: string, release: FlinkRelease | undefined): Problem[] {
  const java = /-java(\d+)$/.exec(tag)?.[1];
  if (java === undefined || !release || release.javaVersions.includes(Number(java))) return [];
  const versions = release.javaVersions.join(", ");
  const reason = `there is no official image of Flink ${release.version} with Java ${java}`;
  return [{ path: "image", value: image, reason, fix: `take one with Java ${versions}` }];
}

/** The official image of a version, on its own Java version or a chosen one. */
export function officialImage(release: FlinkRelease, java = release.java): string {
  return `flink:${release.version}-java${java}`;
}

/** There are official images for some Java versions only, and in another image the choice is made already. */
export function checkJavaVersion(
  { image, javaVersion }: FlinkClusterArgs,
  release: FlinkRelease | undefined,
): Problem[] {
  if (javaVersion === undefined) return [];
  const path = "javaVersion";
  if (image !== undefined) {
    const reason = "this chooses among the official images, and the Java of the given image is what it is";
    return [{ path, value: javaVersion, reason, fix: "leave javaVersion or image out" }];
  }
  if (!release || release.javaVersions.includes(javaVersion)) return [];
  const versions = release.javaVersions.join(", ");
  const reason = `there is no official image of Flink ${release.version} with this Java`;
  return [
    { path, value: javaVersion, reason, fix: `write one of ${versions}, or give an image of your own` },
  ];
}
