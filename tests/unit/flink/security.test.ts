import assert from "node:assert/strict";
import { normaliseCluster } from "../../../components/args/normalise";
import { knownVulnerabilities } from "../../../components/flink/security";
import { supportedVersions } from "../../../components/flink/versions";

describe("security floor", () => {
  it("lies at the version that closed the last hole of each line", () => {
    for (const [version, cves] of [
      ["1.20.3", ["CVE-2026-35194"]],
      ["1.20.10", []],
      ["2.0.1", ["CVE-2026-35194"]],
      ["2.1.1", ["CVE-2026-35194"]],
      ["2.2.0", ["CVE-2026-35194"]],
      ["2.3.0", []],
      ["1.11.2", ["CVE-2021-44228", "CVE-2020-17519", "CVE-2020-17518"]],
      ["1.9.2", ["CVE-2020-17518", "CVE-2020-1960"]],
    ] as const) {
      assert.deepEqual(
        knownVulnerabilities(version).map(({ cve }) => cve),
        cves,
        version,
      );
    }
  });

  it("every version that this package was compared with is above it", () => {
    for (const version of supportedVersions) assert.deepEqual(knownVulnerabilities(version), [], version);
  });

  it("a cluster below it is made, with a warning that names the hole and the cure", () => {
    const { model, warnings } = normaliseCluster("orders", { flinkVersion: "2.2.0" });
    assert.ok(model);
    assert.deepEqual(warnings, [
      {
        path: "flinkVersion",
        value: "2.2.0",
        reason: "CVE-2026-35194: whoever may only write SQL can run code on the TaskManagers",
        fix: "use 2.2.1 or later",
      },
    ]);
    assert.deepEqual(normaliseCluster("orders", { flinkVersion: "2.2.1" }).warnings, []);
  });
});

describe("Java version", () => {
  const imageOf = (flinkVersion: string, javaVersion?: number) =>
    normaliseCluster("orders", { flinkVersion, javaVersion }).model?.image;

  it("chooses the official image; without it, the one that Flink recommends", () => {
    assert.equal(imageOf("2.2.1"), "flink:2.2.1-java17");
    assert.equal(imageOf("2.2.1", 21), "flink:2.2.1-java21");
    assert.equal(imageOf("1.20.4"), "flink:1.20.4-java11");
    assert.equal(imageOf("1.20.4", 17), "flink:1.20.4-java17");
  });

  it("that no official image has is refused, and so is one beside an image", () => {
    const problemsOf = (args: object) =>
      normaliseCluster("orders", { flinkVersion: "1.20.4", ...args }).problems;
    assert.deepEqual(problemsOf({ javaVersion: 21 }), [
      {
        path: "javaVersion",
        value: 21,
        reason: "there is no official image of Flink 1.20.4 with this version of Java",
        fix: "write one of 8, 11, 17, or set image to an image of your own",
      },
    ]);
    const [problem, ...others] = problemsOf({ javaVersion: 17, image: "registry.example.com/flink:1" });
    assert.equal(problem.path, "javaVersion");
    assert.match(problem.reason, /image names another, which has its own Java/);
    assert.deepEqual(others, []);
  });
});
