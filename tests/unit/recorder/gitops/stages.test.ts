import assert from "node:assert/strict";
import fc from "fast-check";
import { stagesOf } from "../../../../recorder/gitops/stages";
import { pipeline, rendered, step, type Step, urnOf } from "./support";

function stages(steps: readonly Step[]): Record<string, number> {
  const found = stagesOf(rendered(steps));
  return Object.fromEntries(steps.map(({ name }) => [name, found.get(urnOf(name))!]));
}

describe("stages of a rendered stack", () => {
  it("what waits for a Job or a workload comes one later, and a claim or an immutable configuration with its first user", () => {
    assert.deepEqual(stages(pipeline), {
      ns: 0,
      prepare: 0,
      conf: 1,
      claim: 1,
      jobmanager: 1,
      ledger: 2,
      submission: 2,
      guard: 3,
    });
  });

  it("an immutable Secret stays with its first user, too", () => {
    const object = { apiVersion: "v1", kind: "Secret", immutable: true, data: { a: "Yg==" } };
    const made = [
      step("ns", "Namespace"),
      step("prepare", "Job", { dependsOn: ["ns"] }),
      step("program", "Secret", { dependsOn: ["ns"], object }),
      step("after", "Job", { dependsOn: ["prepare", "program"] }),
    ];
    assert.equal(stages(made).program, stages(made).after);
  });

  it("a claim that nobody mounts stays where its dependencies put it", () => {
    assert.equal(
      stages([step("claim", "PersistentVolumeClaim"), step("d", "Deployment", { dependsOn: ["claim"] })])
        .claim,
      0,
    );
  });

  it("in any program: never before what it depends on, later than what has to be ready, and no stage is empty", () => {
    const kinds = ["Job", "Deployment", "ConfigMap", "Service"];
    const graph = fc.array(
      fc.record({ kind: fc.constantFrom(...kinds), back: fc.array(fc.nat(30), { maxLength: 3 }) }),
      {
        maxLength: 30,
      },
    );
    fc.assert(
      fc.property(graph, (nodes) => {
        const steps = nodes.map(({ kind, back }, index) =>
          step(`o${index}`, kind, {
            dependsOn: back.filter((other) => other < index).map((other) => `o${other}`),
          }),
        );
        const found = stages(steps);
        for (const { name, dependsOn = [] } of steps) {
          for (const other of dependsOn) {
            const waits = ["Job", "Deployment"].includes(
              steps.find((it) => it.name === other)!.object.kind as string,
            );
            assert.ok(found[name]! >= found[other]! + (waits ? 1 : 0), `${name} after ${other}`);
          }
        }
        const used = [...new Set(Object.values(found))].sort((a, b) => a - b);
        assert.deepEqual(
          used,
          used.map((_, index) => index),
        );
      }),
    );
  });
});
