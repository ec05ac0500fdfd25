export type {
  AutoscalingArgs,
  CpuArgs,
  FlinkClusterArgs,
  JobManagerArgs,
  NamespaceArgs,
  TaskManagerArgs,
} from "./args/cluster";
export type { FlinkConnection } from "./args/connection";
export { type FlinkJobArgs, UpgradeMode } from "./args/job";
export type { ApiServerArgs, EgressRuleArgs, NetworkArgs, PeerArgs, PrometheusArgs } from "./args/network";
export { FlinkCluster } from "./cluster";
export { FlinkJob } from "./job";
