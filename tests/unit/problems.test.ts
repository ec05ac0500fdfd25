import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { describeProblem, describeReports, describeWarning } from "../../components/problems";
import { nearest } from "../../components/flink/nearest";

const problem = {
  path: "taskManager.slots",
  value: 0,
  reason: "a job needs slots to run in",
  fix: "write 1 or more",
};

describe("problems, as people read them", () => {
  it("say where, what, why, and what to write", () => {
    assert.equal(
      describeProblem(problem),
      "    - taskManager.slots = 0\n      a job needs slots to run in\n      Fix: write 1 or more",
    );
    assert.equal(
      describeWarning(problem),
      "taskManager.slots = 0: a job needs slots to run in; write 1 or more",
    );
  });

  it("are listed by component", () => {
    const text = describeReports([
      { kind: "FlinkCluster", name: "orders", problems: [problem] },
      { kind: "FlinkJob", name: "enrich", problems: [{ ...problem, path: "jar" }] },
    ]);
    assert.match(
      text,
      /^2 problems in the arguments of the program:\n {2}FlinkCluster "orders":\n {4}- taskManager/,
    );
    assert.match(text, /\n {2}FlinkJob "enrich":\n {4}- jar/);
  });

  it("name Outputs and functions, shorten what is long, and leave out what is not there", () => {
    assert.match(describeProblem({ ...problem, value: pulumi.output("x") }), /= \(an Output\)\n/);
    assert.match(describeProblem({ ...problem, value: () => 1 }), /= \(a function\)\n/);
    assert.ok(describeProblem({ ...problem, value: "x".repeat(1000) }).length < 300);
    assert.match(describeProblem({ ...problem, value: undefined }), /- taskManager\.slots\n/);
  });
});

describe("the nearest word", () => {
  it("is found for the usual slips, and not for anything else", () => {
    const words = ["jobManager", "taskManager", "autoscaling", "network"];
    assert.equal(nearest("taskManger", words), "taskManager");
    assert.equal(nearest("taskmanager", words), "taskManager");
    assert.equal(nearest("netwrok", words), "network");
    assert.equal(nearest("storage", words), undefined);
  });
});
