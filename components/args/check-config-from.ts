import type { Context, Findings, RoleAdditions } from "./additions";
import { dnsName } from "../names";
import { joinPath } from "./shape";

/** `configFrom`: options whose values are in Secrets that this program does not read. */
export function checkConfigFrom({ args }: Context, { problems }: Findings): RoleAdditions {
  const sources = Object.entries(args.configFrom ?? {});
  for (const [option, source] of sources) {
    const path = joinPath("configFrom", option);
    if (!/^[A-Za-z0-9][-\w.]*$/.test(option)) {
      const reason = "this is not the name of a Flink option";
      problems.push({ path, reason, fix: "write it as in Flink's documentation, for example s3.secret-key" });
    }
    if (Object.hasOwn(args.config ?? {}, option)) {
      const reason = "config sets this option too";
      problems.push({ path, reason, fix: "leave one of the two out" });
    }
    for (const field of ["name", "key"] as const) {
      if (source[field] !== undefined && source[field] !== "") continue;
      const reason = `a reference to a Secret needs its name and a key, but ${field} is missing`;
      problems.push({ path: `${path}.${field}`, reason, fix: `write ${field}` });
    }
    if (source.name && !dnsName.test(source.name)) {
      const reason = "Kubernetes refuses this name";
      const fix = "write the name of a Secret in the cluster's namespace";
      problems.push({ path: `${path}.name`, value: source.name, reason, fix });
    }
    if (source.key && !/^[-._A-Za-z0-9]{1,253}$/.test(source.key)) {
      const reason = "keys of Secrets consist of letters, digits, dashes, dots and underscores";
      problems.push({ path: `${path}.key`, value: source.key, reason, fix: "write a key of the Secret" });
    }
    if (/^(jobmanager|taskmanager)\.memory\.|^taskmanager\.cpu\./.test(option)) {
      const reason =
        "the size of the container depends on this option, so its value must be known while the program runs";
      problems.push({ path, reason, fix: "put it into config" });
    }
  }
  return {
    optionsFrom: sources.map(([option, { name, key }]) => ({ option, secretName: name, key })),
  };
}
