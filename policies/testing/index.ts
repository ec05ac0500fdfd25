/**
 * A test harness for Pulumi policy packs, also for yours. It needs no engine, no cluster and no Pulumi
 * account.
 *
 * IN THE TEST'S PROCESS: `validateResource(policy, resource)`, `remediateResource(policy, resource)` and
 * `validateStack(policy, resources)` run one policy on the same data as the engine: secrets are plain, and a
 * proxy throws when the policy reads an unknown value. A `TestResource` is a type token with plain
 * properties, which may contain `unknown` and `secret(value)`. `fromManifest()` creates one from a Kubernetes
 * manifest. Stack policies get parents, dependencies and property dependencies as references. The result
 * separates violations, unknown values that stopped the policy, and "not applicable".
 *
 * IN ITS OWN PROCESS: `RunningPack.start(folder)` starts a compiled pack as the engine's language host does,
 * and uses the analyzer protocol: `configure()` (with the engine's defaults), `remediate()`, `analyze()`,
 * `analyzeStack()`, or all in the engine's order with `analyzeAll()`. Close it with `close()`.
 */
export * from "./driver";
export * from "./harness";
