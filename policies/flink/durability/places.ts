import { fileSystemOf, isWithin, schemeOf } from "../../../components/flink/file-systems";
import { sameNamespace, type Stack, type Value } from "../../core";
import type { FlinkCluster } from "../reading/clusters";
import type { FlinkProcess } from "../reading/processes";

/** File systems of plugins that the components do not set up. They outlive pods too. */
const others = ["oss", "cosn", "obs", "viewfs", "maprfs", "gs", "wasb", "wasbs"];

/**
 * Why the files of a directory do not outlive the pods of a cluster; undefined if they do, or while unknown.
 */
export function whyLost(stack: Stack, cluster: FlinkCluster, directory: string): string | undefined {
  const scheme = schemeOf(directory);
  if (scheme !== undefined && scheme !== "file") {
    if (fileSystemOf(directory) !== undefined || others.includes(scheme)) return undefined;
    return `${scheme} is not a file system for state`;
  }
  const path = directory.replace(/^file:\/*/i, "/");
  for (const process of cluster.all) {
    const lost = lostIn(stack, process, path);
    if (lost !== undefined) return lost;
  }
  return undefined;
}

/** A directory of a pod is kept only by a claim that all pods share. */
function lostIn(
  stack: Stack,
  { pod, container, role, resource }: FlinkProcess,
  path: string,
): string | undefined {
  const mounts = container.get("volumeMounts");
  if (mounts.isUnknown || pod.spec.get("volumes").isUnknown) return undefined;
  const all = mounts.list();
  if (all.some((mount) => [mount, mount.get("mountPath"), mount.get("name")].some((it) => it.isUnknown)))
    return undefined;
  const within = all
    .filter((mount) => isWithin(path, mount.get("mountPath").text() ?? "/"))
    .sort((a, b) => lengthOf(b) - lengthOf(a))[0];
  if (!within) return `in the ${role} ${path} is in the container, and is lost with it`;
  const volumes = pod.spec.get("volumes").list();
  if (volumes.some((it) => [it, it.get("name")].some((value) => value.isUnknown))) return undefined;
  const volume = volumes.find((it) => it.get("name").text() === within.get("name").text());
  if (!volume) return undefined;
  for (const kind of ["emptyDir", "hostPath", "ephemeral"]) {
    if (volume.get(kind).isPresent)
      return `in the ${role} ${path} is on a volume of type ${kind}, which belongs to one pod or one node`;
  }
  const name = volume.get("persistentVolumeClaim", "claimName");
  const claim = stack
    .named("/PersistentVolumeClaim", name.text())
    .find((it) => sameNamespace(it, resource) !== false);
  const modes = claim?.spec.get("accessModes");
  if (modes?.isPresent !== true || modes.includes("ReadWriteMany") !== false) return undefined;
  return `the claim ${name.text()} can be mounted on one node only`;
}

function lengthOf(mount: Value): number {
  return mount.get("mountPath").text()?.length ?? 0;
}
