/**
 * The base of the policy packs, and of your own packs: pure functions without a cluster, an engine or the
 * Pulumi SDK. Only `./pack` and `./serve`, which turn rules into Pulumi policies, load the SDK.
 *
 * A RULE is one small file that exports `podRule({...})`, `containerRule({...})`, `resourceRule({...})` or
 * `stackRule({...})`. The file `<rule>.fixtures.ts` beside it has resources that fail and pass. They are the
 * rule's tests and the examples of its page.
 *
 *     export const noHostNetwork = podRule({
 *       name: "no-host-network",                         // the policy's name, for ever
 *       description: "Pods do not use the host's network.", // the demand, in one sentence
 *       why: "In the host's network a pod can reach the node's loopback interface.",
 *       level: "mandatory",                              // the default; users change it by the policy's name
 *       severity: "high",
 *       remediation: "Leave hostNetwork out.",           // optional, as are reference, controls and tags
 *       options: {
 *         allow: option<string[]>([], "Names of pods that may.", { type: "array", items: { type: "string" } }),
 *       },
 *       check(pod, run, resource) {
 *         const hostNetwork = pod.spec.get("hostNetwork");
 *         if (hostNetwork.boolean() === true && !run.config.allow.includes(resource.name))
 *           run.violation(hostNetwork, { expected: "false", fix: "Leave it out." });
 *       },
 *       fixes: (pod) => [{ at: pod.spec.get("hostNetwork"), value: false }], // optional: for level `remediate`
 *     });
 *
 * VALUES ({@link Value}) are places in a resource. `get("a", 0, "b")` goes to an inner place. `text()`,
 * `number()`, `boolean()`, `scalar()`, `list()` and `entries()` read. A value that is known only during the
 * update answers "no" to every question, and the reader notes it. The rule continues, finds other problems,
 * and its result names the values that it could not decide by. Three questions differ: `isAbsent` (no value),
 * `isMissing` (no value in a complete object: use it to demand a field; false in `*Patch` resources) and
 * `isUnknown`. `includes()` returns undefined if an unknown entry may match. Never let one field decide
 * whether another is checked, unless this is the rule.
 *
 * RESOURCES ({@link Resource}) have kind, group, metadata, spec and pods. Every kind that runs pods has
 * {@link Pod}s, also known kinds of others, kinds in `podTemplates` of `settings`, Patch resources, and the
 * Flink custom resources: their templates are merged as the operator does, with one pod for each role.
 *
 * STACK RULES get a {@link Stack}: resources by kind, name, type and parent. `selects()` and
 * `sameNamespace()` relate them, and return undefined if unknown. For large stacks, use `named()` and
 * `selecting()` instead of searching all objects for each one, and compute shared results with `once()`.
 *
 * MESSAGES come from `run.violation(place, { expected, fix, actual? })`: path, actual, expected, fix, link.
 * Pass `actual: false` if the value may be secret.
 *
 * OPTIONS: `option(default, about, schema)`. With `sharedOption` users can also set the option once for all
 * rules, in the policy `settings`. Every rule has the options `exemptions` and `onUnknown`. The annotation
 * `flink-kubernetes/exempt.<rule>: <last day>: <reason>` exempts a resource.
 *
 * A PACK: `servePack({ name, displayName, description, rules, pages })` from `./serve`, in its own index.ts.
 * Pulumi sees a policy for each rule, and each resource is read once for all rules. `packArgs()` from
 * `./pack` returns only the policies.
 *
 * TESTS: `evaluateResource(rule, new Resource(inputOf(fromManifest(manifest))), { own, settings })` returns
 * violations, exempted and undetermined, and `evaluateStack(rule, new Stack(tests.map(inputOf)))` the same
 * for stacks. Both helpers are in `../testing`, which also runs whole policies through Pulumi's own code.
 */
export * from "./addresses";
export * from "./analyzer";
export * from "./choice";
export * from "./evaluate";
export * from "./exemptions";
export * from "./flink-resources";
export * from "./frameworks";
export * from "./message";
export * from "./pods";
export * from "./quantities";
export * from "./reference";
export * from "./resource";
export * from "./rule";
export * from "./stack";
export * from "./telling";
export { isUnknown, UNKNOWN } from "./unknown";
export * from "./value";
