import { isWithin, parseLocation } from "../flink/file-systems";
import type { Findings } from "./additions";
import type { FlinkClusterArgs } from "./cluster";
import { joinPath } from "./shape";

const keytabOption = "security.kerberos.login.keytab";
const principalOption = "security.kerberos.login.principal";

/** A process that cannot read its keytab, or has no principal for it, does not start. */
export function checkKerberos(args: FlinkClusterArgs, { problems, warnings }: Findings): void {
  const { config = {}, configFrom = {} } = args;
  const keytab: unknown = config[keytabOption];
  if (keytab === undefined) return;
  const path = joinPath("config", keytabOption);
  if (config[principalOption] === undefined && configFrom[principalOption] === undefined) {
    const reason = `a keytab may hold several principals, and Flink does not start without ${principalOption}`;
    problems.push({ path, reason, fix: `write "${principalOption}" too` });
  }
  if (typeof keytab !== "string") return;
  if (!keytab.startsWith("/")) {
    const reason = "Flink opens this as a file of the container, and nothing copies it there";
    const fix =
      "put it into a Secret, mount that with volumes and volumeMounts of jobManager and taskManager, and write the path";
    problems.push({ path, value: keytab, reason, fix });
    return;
  }
  // Another image may have the file, an injector may put it there, and storage mounts a volume itself.
  const storage = parseLocation(String(args.storage?.directory ?? ""));
  const stored = "path" in storage && storage.fileSystem === "file" && isWithin(keytab, storage.path);
  if (args.image !== undefined || args.pods?.podAnnotations !== undefined || stored) return;
  for (const role of ["jobManager", "taskManager"] as const) {
    const { volumeMounts, podPatch, podAnnotations, initContainers } = args[role] ?? {};
    const unseen = [podPatch, podAnnotations, initContainers].some((one) => one !== undefined);
    if (unseen || (volumeMounts !== undefined && !Array.isArray(volumeMounts))) continue;
    const mounted = (volumeMounts ?? []).some(
      (mount) => typeof mount?.mountPath !== "string" || isWithin(keytab, mount.mountPath),
    );
    if (mounted) continue;
    const reason = `${role} does not start without this file: the official image does not have it, and no argument mounts a volume there`;
    const fix = `put it into a Secret, and mount that with ${role}.volumes and volumeMounts`;
    warnings.push({ path, value: keytab, reason, fix });
  }
}
