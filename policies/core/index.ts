/**
 * The base of the policy packs, and of packs of your own: pure functions, no cluster, no engine, no Pulumi SDK (only `./pack` and `./serve`, which
 * make Pulumi policies of rules, load it).
 *
 * A RULE is one small file that exports `podRule({...})`, `containerRule({...})`, `resourceRule({...})` or `stackRule({...})`; beside it stands
 * `<rule>.fixtures.ts` with resources that fail and pass, which are its tests and the examples of its page.
 *
 *     export const noHostNetwork = podRule({
 *       name: "no-host-network",                         // the policy's name, for ever
 *       description: "Pods have a network of their own.", // the demand, in one sentence
 *       why: "In the host's network a pod reaches what listens on loopback only.",
 *       level: "mandatory",                              // default; users change it by the policy's name
 *       severity: "high",
 *       remediation: "Leave hostNetwork out.",            // optional, as are reference, controls (of frameworks) and tags: for who chooses
 *       options: { allow: option<string[]>([], "Names of pods that may.", { type: "array", items: { type: "string" } }) },
 *       check(pod, run, resource) {
 *         const hostNetwork = pod.spec.get("hostNetwork");
 *         if (hostNetwork.boolean() === true && !run.config.allow.includes(resource.name))
 *           run.violation(hostNetwork, { expected: "false", fix: "Leave it out." });
 *       },
 *       fixes: (pod) => [{ at: pod.spec.get("hostNetwork"), value: false }], // optional: for level `remediate`
 *     });
 *
 * VALUES ({@link Value}) are places in a resource. `get("a", 0, "b")` goes in, `text()`, `number()`, `boolean()`, `scalar()`, `list()`, `entries()` read.
 * A value that is known only during the update answers "no" to everything and is noted: the rule goes on, finds what else is wrong, and its
 * result says which values it could not decide by. Three questions differ: `isAbsent` (nothing is here), `isMissing` (nothing is here and
 * the object is complete: use this to demand a field; it is false in `*Patch` resources), `isUnknown`. `includes()` answers undefined
 * when an unknown entry may be the one. Never let one field decide whether another is looked at, unless that is the rule.
 *
 * RESOURCES ({@link Resource}) have kind, group, metadata, spec, pods. {@link Pod}s come out of every kind that runs pods (also those of others that are known or that `podTemplates` at `settings` names), their Patch
 * resources, and the Flink custom resources (templates merged as the operator does, one pod for each role). STACK RULES get a
 * {@link Stack}: resources by kind, name, type, parent; `selects()` and `sameNamespace()` join them, answering undefined where unknown. So that a
 * rule costs no more in a large stack, ask `named()` and `selecting()` rather than look at all objects for each, and make what all need `once()`.
 *
 * MESSAGES are made from `run.violation(place, { expected, fix, actual? })`: path, actual, expected, fix, link. Give `actual: false` where
 * the value may be secret.
 *
 * OPTIONS: `option(default, about, schema)`; `sharedOption` also lets users set it once for all rules, at the policy `settings`. Every rule has
 * `exemptions` and `onUnknown` by itself, and is exempted by the annotation `flink-kubernetes/exempt.<rule>: <last day>: <reason>`.
 *
 * A PACK: `servePack({ name, displayName, description, rules, pages })` in an index.ts of its own, from `./serve`: Pulumi sees a policy for each rule,
 * and a resource is read once for all of them. `packArgs()`, from `./pack`, makes the policies alone.
 *
 * TESTS: `evaluateResource(rule, new Resource(inputOf(fromManifest(manifest))), { own, settings })` gives violations, exempted, undetermined,
 * `evaluateStack(rule, new Stack(tests.map(inputOf)))` the same for stacks; both helpers are in `../testing`, which also runs whole policies
 * through Pulumi's own code.
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
