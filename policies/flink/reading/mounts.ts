import type { Value } from "../../core";
import type { FlinkProcess } from "./processes";

/**
 * The innermost mount of a process that contains a path; undefined if the path is in the container itself.
 */
export function mountAt({ container, pod }: FlinkProcess, path: string): Value | "unknown" | undefined {
  const mounts = container.get("volumeMounts");
  if (mounts.isUnknown || pod.spec.get("volumes").isUnknown) return "unknown";
  const all = mounts.list();
  if (all.some((mount) => [mount, mount.get("mountPath")].some((it) => it.isUnknown))) return "unknown";
  return all
    .filter((mount) => {
      const at = mount.get("mountPath").text();
      return at !== undefined && (path === at || path.startsWith(at.endsWith("/") ? at : `${at}/`));
    })
    .sort((a, b) => lengthOf(b) - lengthOf(a))[0];
}

function lengthOf(mount: Value): number {
  return mount.get("mountPath").text()?.length ?? 0;
}

/** The volume of a process's path, if known. */
export function volumeAt(process: FlinkProcess, path: string): Value | undefined {
  const mount = mountAt(process, path);
  if (mount === undefined || mount === "unknown") return undefined;
  const name = mount.get("name").text();
  const volumes = process.pod.spec.get("volumes").list();
  return name === undefined ? undefined : volumes.find((volume) => volume.get("name").text() === name);
}
