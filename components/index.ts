export type { ArtifactHttpArgs, ArtifactStorageArgs } from "./args/artifact";
export type { AllPodsArgs, PodUserArgs } from "./args/all-pods";
export { FlinkApplication } from "./application";
export type { FlinkApplicationArgs } from "./args/application";
export type { AutoscalingArgs } from "./args/autoscaling";
export {
  type CheckpointingArgs,
  CheckpointingMode,
  CheckpointRetention,
  StateBackend,
} from "./args/checkpointing";
export type {
  CpuArgs,
  FlinkClusterArgs,
  JobManagerArgs,
  SecretKeyArgs,
  TaskManagerArgs,
} from "./args/cluster";
export type { FlinkConnection, StateStorage, StateStore } from "./args/connection";
export {
  type ExposedServiceArgs,
  ExposedServiceType,
  type ExposureArgs,
  type GatewayArgs,
  type HttpRouteArgs,
  type IngressArgs,
} from "./args/exposure";
export type { HighAvailabilityArgs } from "./args/high-availability";
export type { HistoryServerArgs } from "./args/history-server";
export { type FlinkJobArgs, UpgradeMode } from "./args/job";
export type { KedaArgs, KedaAuthenticationArgs, KedaFallbackArgs, KedaTriggerArgs } from "./args/keda";
export {
  type AlertArgs,
  type DashboardArgs,
  LogFormat,
  LogLevel,
  type MonitoringArgs,
  type OpenTelemetryArgs,
  OpenTelemetryProtocol,
  type PodMonitorArgs,
  type PrometheusReporterArgs,
} from "./args/monitoring";
export type { LimitRangeArgs, NamespaceArgs } from "./args/namespace";
export type {
  ApiServerArgs,
  EgressRuleArgs,
  IngressRuleArgs,
  NetworkArgs,
  PeerArgs,
  PrometheusArgs,
} from "./args/network";
export type { PrepareArgs } from "./args/prepare";
export type { PodArgs } from "./args/pods";
export type { PeriodicSavepointsArgs } from "./args/savepoints";
export type { PythonArgs } from "./args/python";
export type { SqlArgs } from "./args/sql";
export type { SqlGatewayArgs } from "./args/sql-gateway";
export {
  type AzureArgs,
  type GcsArgs,
  type S3Args,
  S3Plugin,
  type StorageArgs,
  type StorageVolumeArgs,
} from "./args/storage";
export type { EphemeralVolumeArgs, LocalRecoveryArgs } from "./args/task-managers";
export type {
  CertManagerArgs,
  InternalTlsArgs,
  IssuerArgs,
  KeyStoreSecretArgs,
  RestTlsArgs,
  TlsArgs,
} from "./args/tls";
export { FlinkCluster } from "./cluster";
export { FlinkJob } from "./job";
