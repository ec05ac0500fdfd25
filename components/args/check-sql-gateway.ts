import type { ProcessMemory } from "../flink/memory";
import { combine, type Context, type Findings, type RoleAdditions } from "./additions";
import { checkHeapMemory, heapOptions } from "./check-heap-memory";
import type { RoleModel } from "./model";
import { commonRole } from "./roles";
import { joinPath } from "./shape";

/** A SQL Gateway, after validation. Its options are those on top of the cluster's. */
export type SqlGatewayModel = RoleModel<ProcessMemory>;

/** The gateway's address and protocol. */
const own = /^sql-gateway\.endpoint\.(type|rest\.(address|bind-address|port|bind-port))$/;

/**
 * Checks `sqlGateway`. It adds nothing to the cluster's pods.
 *
 * @param shared additions of the cluster's pods that its pod needs to reach the storage.
 * @param rest additions for using the REST API and its TLS.
 * @param application whether the cluster is an application.
 */
export function checkSqlGateway(
  context: Context,
  findings: Findings,
  shared: RoleAdditions[],
  rest: RoleAdditions,
  application: boolean,
): SqlGatewayModel | undefined {
  const { sqlGateway: args, config = {}, configFrom = {}, network } = context.args;
  const { problems, warnings } = findings;
  if (!args) {
    if (network?.sqlGateway === undefined) return undefined;
    const reason = "the cluster has no SQL Gateway, so this rule has no effect";
    warnings.push({ path: "network.sqlGateway", reason, fix: "write sqlGateway: {}, or leave this out" });
    return undefined;
  }
  if (application) {
    const reason = "an application runs exactly one job, and a SQL Gateway would start others";
    problems.push({ path: "sqlGateway", reason, fix: "leave it out, and set it on a FlinkCluster" });
  }
  for (const [argument, given] of Object.entries({ config, configFrom })) {
    for (const option of Object.keys(given).filter((key) => own.test(key))) {
      const reason =
        "the component sets this option, so that Service, probes and NetworkPolicy use the same port";
      problems.push({ path: joinPath(argument, option), reason, fix: "leave the option out" });
    }
  }
  const memory = checkHeapMemory("sqlGateway.memory", args.memory ?? "1g", problems);
  const role = commonRole(context, "sqlGateway", combine([...shared, rest]), 1000, "1Gi", findings);
  if (!memory) return undefined;
  const javaOptions = "env.java.opts.sql-gateway";
  return {
    ...role,
    memory,
    options: { ...rest.options, [javaOptions]: heapOptions(memory, config[javaOptions]) },
  };
}
