import type { ProcessMemory } from "../flink/memory";
import { combine, type Context, type Findings, type RoleAdditions } from "./additions";
import { checkHeapMemory, heapOptions } from "./check-heap-memory";
import type { RoleModel } from "./model";
import { commonRole } from "./roles";
import { joinPath } from "./shape";

/** A SQL Gateway, after validation. Its options are those that it has besides the cluster's. */
export type SqlGatewayModel = RoleModel<ProcessMemory>;

/** Where it listens, and by which protocol. */
const own = /^sql-gateway\.endpoint\.(type|rest\.(address|bind-address|port|bind-port))$/;

/**
 * What became of `sqlGateway`; its mistakes go to the findings. It adds nothing to the cluster's pods.
 *
 * @param shared what its pod needs of what the cluster's pods are given: the way to the storage.
 * @param rest what it needs to open the REST API, and to speak as it does.
 * @param application whether the JobManager carries a job.
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
    const reason = "there is no SQL Gateway that they could reach";
    warnings.push({ path: "network.sqlGateway", reason, fix: "add sqlGateway: {}, or leave this out" });
    return undefined;
  }
  if (application) {
    const reason = "an application runs its one job, and a SQL Gateway would start others beside it";
    problems.push({ path: "sqlGateway", reason, fix: "leave it out, and give it to a FlinkCluster" });
  }
  for (const [argument, given] of Object.entries({ config, configFrom })) {
    for (const option of Object.keys(given).filter((key) => own.test(key))) {
      const reason =
        "this option is set by the component, so that Service, probes and NetworkPolicy name the same port";
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
