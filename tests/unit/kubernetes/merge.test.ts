import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { strategicMerge } from "../../../components/kubernetes/merge";

const later = pulumi.output("later");

/** Like what kubectl makes of it (tests/local/merge.test.ts holds the two together), but for the order of new entries. */
const cases: [what: string, type: string, base: unknown, patch: unknown, merged: unknown][] = [
  ["a field is set", "PodSpec", { hostname: "a" }, { hostname: "b" }, { hostname: "b" }],
  ["a field is added", "PodSpec", { hostname: "a" }, { priority: 1 }, { hostname: "a", priority: 1 }],
  [
    "null takes a field away",
    "PodSpec",
    { hostname: "a", priority: 1 },
    { priority: null },
    { hostname: "a" },
  ],
  [
    "null for nothing does nothing",
    "PodSpec",
    {},
    { priority: null, affinity: { podAffinity: null } },
    { affinity: {} },
  ],
  [
    "maps merge",
    "PodSpec",
    { nodeSelector: { a: "1", b: "2" } },
    { nodeSelector: { b: "3", c: "4" } },
    { nodeSelector: { a: "1", b: "3", c: "4" } },
  ],
  [
    "objects merge, at any depth",
    "Container",
    { livenessProbe: { httpGet: { path: "/", port: 1 }, periodSeconds: 5 } },
    { livenessProbe: { httpGet: { path: "/live" } } },
    { livenessProbe: { httpGet: { path: "/live", port: 1 }, periodSeconds: 5 } },
  ],
  [
    "lists with a key merge by it, in the order of the base, and new entries follow",
    "PodSpec",
    { containers: [{ name: "a", image: "1" }, { name: "b" }] },
    { containers: [{ name: "c" }, { name: "b", image: "2" }] },
    { containers: [{ name: "a", image: "1" }, { name: "b", image: "2" }, { name: "c" }] },
  ],
  [
    "mounts merge by their path",
    "Container",
    { volumeMounts: [{ name: "a", mountPath: "/x" }] },
    {
      volumeMounts: [
        { name: "b", mountPath: "/x" },
        { name: "a", mountPath: "/y" },
      ],
    },
    {
      volumeMounts: [
        { name: "b", mountPath: "/x" },
        { name: "a", mountPath: "/y" },
      ],
    },
  ],
  ["lists without a key are replaced", "Container", { args: ["a", "b"] }, { args: ["c"] }, { args: ["c"] }],
  [
    "tolerations are replaced",
    "PodSpec",
    { tolerations: [{ key: "a", operator: "Exists" }] },
    { tolerations: [{ key: "b", operator: "Exists" }] },
    { tolerations: [{ key: "b", operator: "Exists" }] },
  ],
  [
    "sets are united",
    "ObjectMeta",
    { finalizers: ["a", "b"] },
    { finalizers: ["b", "c"] },
    { finalizers: ["a", "b", "c"] },
  ],
  [
    "$patch: delete takes an entry away",
    "PodSpec",
    { volumes: [{ name: "a" }, { name: "b" }] },
    {
      volumes: [
        { name: "a", $patch: "delete" },
        { name: "c", $patch: "delete" },
      ],
    },
    { volumes: [{ name: "b" }] },
  ],
  [
    "$patch: replace in a list leaves the patch's entries",
    "PodSpec",
    { volumes: [{ name: "a" }, { name: "b" }] },
    { volumes: [{ $patch: "replace" }, { name: "c" }] },
    { volumes: [{ name: "c" }] },
  ],
  [
    "$patch: replace in an object leaves the patch's fields",
    "PodSpec",
    { securityContext: { runAsUser: 1, fsGroup: 2 } },
    { securityContext: { $patch: "replace", runAsUser: 3 } },
    { securityContext: { runAsUser: 3 } },
  ],
  [
    "$patch: delete in an object empties it",
    "PodSpec",
    { nodeSelector: { a: "1" } },
    { nodeSelector: { $patch: "delete" }, affinity: { $patch: "delete" } },
    { nodeSelector: {} },
  ],
  [
    "what is new is taken without nulls and directives",
    "PodSpec",
    {},
    {
      containers: [
        {
          name: "a",
          image: null,
          env: [
            { name: "A", $patch: "delete" },
            { name: "B", value: null },
          ],
        },
      ],
    },
    { containers: [{ name: "a", env: [{ name: "B" }] }] },
  ],
  [
    "an Output replaces what was there, and stays when something else is patched",
    "Container",
    { image: later, env: [{ name: "A", value: "1" }] },
    { env: [{ name: "A", value: later }] },
    { image: later, env: [{ name: "A", value: later }] },
  ],
];

describe("strategic merge patch", () => {
  for (const [what, type, base, patch, merged] of cases) {
    it(what, () => assert.deepEqual(strategicMerge(base, patch, type), merged));
  }

  it("changes neither the base nor the patch", () => {
    for (const [, type, base, patch] of cases.slice(0, -1)) {
      const before = JSON.stringify([base, patch]);
      strategicMerge(base, patch, type);
      assert.equal(JSON.stringify([base, patch]), before);
    }
  });
});
