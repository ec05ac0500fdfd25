/**
 * A test harness for Pulumi policy packs, yours too: it needs no engine, no cluster and no Pulumi account.
 *
 * IN THE PROCESS OF THE TEST: `validateResource(policy, resource)`, `remediateResource(policy, resource)` and `validateStack(policy, resources)` run one
 * policy on what it would receive from the engine: properties that went through the wire form, secrets opened, behind the proxy that throws when an
 * unknown is read. A `TestResource` is a type token and plain properties; put `unknown` and `secret(value)` anywhere into them, and `fromManifest()`
 * makes one of a Kubernetes manifest. Stack policies get parents, dependencies and property dependencies as references. The answer separates
 * violations, what stopped the policy because it was unknown, and "not applicable".
 *
 * IN A PROCESS OF ITS OWN: `RunningPack.start(folder)` starts a compiled pack as the engine's language host does and speaks the analyzer protocol with it:
 * `configure()` (with the defaults that the engine would fill in), `remediate()`, `analyze()`, `analyzeStack()`, or all in the engine's order with
 * `analyzeAll()`. Close it with `close()`.
 */
export * from "./driver";
export * from "./harness";
