import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalJson, contentHash, dnsLabel, jobManagerHost, objectName } from "../../../components/names";
import { clusterNames } from "./arguments";

describe("names of Kubernetes objects", () => {
  const suffixes = fc.constantFrom(
    ["jobmanager"],
    ["taskmanager", "conf", "0123abcd"],
    ["a-job-whose-name-is-very-long-indeed", "submitter-0123abcd"],
    ["rest"],
  );

  it("are DNS labels of at most 63 letters, whatever the cluster's name", () => {
    fc.assert(
      fc.property(clusterNames, suffixes, (name, parts) => {
        const full = objectName(name, ...parts);
        assert.ok(full.length <= 63 && dnsLabel.test(full), full);
      }),
    );
  });

  it("differ when their parts differ, also where they are shortened", () => {
    fc.assert(
      fc.property(clusterNames, clusterNames, suffixes, (a, b, parts) => {
        fc.pre(a !== b);
        assert.notEqual(objectName(a, ...parts), objectName(b, ...parts));
      }),
    );
    const long = "x".repeat(45);
    assert.notEqual(
      objectName(long, "taskmanager-conf", "aaaaaaaa"),
      objectName(long, "taskmanager-conf", "aaaaaaab"),
    );
  });

  it("are left as they are when they fit", () => {
    assert.equal(objectName("orders", "jobmanager"), "orders-jobmanager");
    assert.equal(jobManagerHost("orders", "prod"), "orders-jobmanager.prod.svc");
  });
});

describe("content hash", () => {
  it("does not depend on the order of keys, and on nothing else than content", () => {
    assert.equal(
      contentHash({ a: 1, b: { c: [1, 2], d: "x" } }),
      contentHash({ b: { d: "x", c: [1, 2] }, a: 1 }),
    );
    assert.notEqual(contentHash({ a: [1, 2] }), contentHash({ a: [2, 1] }));
    assert.equal(canonicalJson({ b: 1, a: undefined }), '{"b":1}');
  });
});
