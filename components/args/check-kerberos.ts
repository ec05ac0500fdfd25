import { isWithin } from "../flink/file-systems";
import type { Findings } from "./additions";
import type { FlinkClusterArgs } from "./cluster";
import { joinPath } from "./shape";

const keytabOption = "security.kerberos.login.keytab";
const principalOption = "security.kerberos.login.principal";

/** A process that cannot read its keytab, or has no principal for it, does not start. */
export function checkKerberos(args: FlinkClusterArgs, { problems }: Findings): void {
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
  // Another image may have the file.
  if (args.image !== undefined) return;
  for (const role of ["jobManager", "taskManager"] as const) {
    const { volumeMounts, podPatch } = args[role] ?? {};
    if (podPatch !== undefined || (volumeMounts !== undefined && !Array.isArray(volumeMounts))) continue;
    const mounted = (volumeMounts ?? []).some(
      ({ mountPath }) => typeof mountPath !== "string" || isWithin(keytab, mountPath),
    );
    if (mounted) continue;
    const reason = `${role} does not start without this file: the official image does not have it, and no volume is mounted there`;
    const fix = `put it into a Secret, and mount that with ${role}.volumes and volumeMounts`;
    problems.push({ path, value: keytab, reason, fix });
  }
}
