/**
 * The exports for other packs and their tests. The packs themselves are folders for `--policy-pack`:
 * `bin/kubernetes`, `bin/flink`.
 */
export * as core from "./core";
export { packArgs } from "./core/pack";
export { servePack } from "./core/serve";
export * as testing from "./testing";
export { rules as kubernetesRules } from "./kubernetes/rules";
export { rules as flinkRules } from "./flink/rules";
