import type { Findings } from "./additions";
import { checkSharedPods } from "./check-pods";
import type { FlinkClusterArgs } from "./cluster";
import { holdsLater } from "./shape";

/** Checks `pods`, and the JobManager's settings that other pods cannot inherit. */
export function checkAllPods(
  { pods: args = {}, jobManager = {} }: Pick<FlinkClusterArgs, "pods" | "jobManager">,
  { problems, warnings }: Findings,
): void {
  checkSharedPods(args, "pods", problems);
  for (const field of ["affinity", "tolerations"] as const) {
    const reason = "the pods of jobs cannot use a value that is not known while the program runs";
    if (holdsLater(args[field])) problems.push({ path: `pods.${field}`, reason, fix: "pass plain values" });
    if (!holdsLater(jobManager[field])) continue;
    const fix = `pass plain values, or set ${field} of submitter, prepare and the others, too`;
    const why = `${reason}, so they do not inherit this`;
    warnings.push({ path: `jobManager.${field}`, reason: why, fix });
  }
  const { assigned, ...numbers } = args.securityContext ?? {};
  for (const [field, value] of Object.entries(numbers)) {
    const path = `pods.securityContext.${field}`;
    if (assigned) {
      const reason = "with securityContext.assigned the platform chooses the user and the groups";
      problems.push({ path, value, reason, fix: "leave out this or securityContext.assigned" });
      continue;
    }
    for (const number of [value].flat()) {
      if (
        Number.isInteger(number) &&
        number >= 0 &&
        number < 2 ** 31 &&
        (number > 0 || field !== "runAsUser")
      )
        continue;
      const root = number === 0;
      const reason = root ? "this is the root user" : "Linux has no user or group with this number";
      problems.push({ path, value: number, reason, fix: "write a whole number above 0, such as 9999" });
    }
  }
}
