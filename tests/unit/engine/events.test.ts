import assert from "node:assert/strict";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import type { RunEvent } from "../../../recorder/events";
import { EventTranslator } from "../../../local/engine/events";

const urn =
  "urn:pulumi:dev::p::flink-kubernetes:index:FlinkCluster$kubernetes:apps/v1:Deployment::hello-jobmanager";

function translate(...events: Partial<EngineEvent>[]) {
  const heard: RunEvent[] = [];
  const translator = new EventTranslator((event) => heard.push(event));
  events.forEach((event, sequence) => translator.handle({ sequence, timestamp: 0, ...event }));
  return { heard, errors: translator.errors };
}

function step(op: string, inputs: object) {
  const state = { inputs, outputs: {}, urn, type: "kubernetes:apps/v1:Deployment" };
  return {
    metadata: { op, urn, type: state.type, provider: "", new: state },
  } as unknown as EngineEvent["resourcePreEvent"];
}

describe("events of the engine, in few words", () => {
  it("names a Kubernetes object by its kind, namespace and name, and says how it goes", () => {
    const inputs = { metadata: { name: "hello-jobmanager", namespace: "flink-dev" } };
    const resource = {
      type: "resource",
      urn,
      kind: "Deployment",
      name: "hello-jobmanager",
      namespace: "flink-dev",
    };
    const { heard } = translate(
      { resourcePreEvent: step("create", inputs) },
      { resOutputsEvent: step("create", inputs) },
      { resOpFailedEvent: { ...step("delete-replaced", inputs)!, status: 1, steps: 1 } },
    );
    assert.deepEqual(heard, [
      { ...resource, op: "create", status: "start" },
      { ...resource, op: "create", status: "done" },
      { ...resource, op: "delete", status: "failed" },
    ]);
  });

  it("falls back to the resource's name where the object's is not known", () => {
    const { heard } = translate({ resourcePreEvent: step("create-replacement", { metadata: {} }) });
    assert.deepEqual(heard, [
      { type: "resource", urn, kind: "Deployment", name: "hello-jobmanager", op: "replace", status: "start" },
    ]);
  });

  it("passes messages on without their colours, and keeps the errors with the resource that they are about", () => {
    const message = "<{%fg 1%}>no luck<{%reset%}>\n";
    const diagnostic = (severity: "info#err" | "error", text: string) => ({
      severity,
      message: text,
      color: "raw",
      urn,
    });
    const { heard, errors } = translate(
      { diagnosticEvent: diagnostic("info#err", "[1/2] Waiting\n") },
      {
        diagnosticEvent: {
          ...diagnostic("error", "RegisterResource RPC prepared"),
          severity: "debug" as "info",
        },
      },
      { diagnosticEvent: diagnostic("error", message) },
      { diagnosticEvent: diagnostic("error", "<{%reset%}>\n") },
    );
    assert.deepEqual(heard, [
      { type: "log", severity: "info", message: "[1/2] Waiting", urn },
      { type: "log", severity: "error", message: "no luck", urn },
    ]);
    assert.deepEqual(errors, [`${urn}\nno luck`]);
  });

  it("shows a policy's finding, an error when it is mandatory", () => {
    const policy = {
      policyName: "no-root",
      policyPackName: "pack",
      message: "runs as root",
      resourceUrn: urn,
    };
    const { errors } = translate(
      { policyEvent: { ...policy, enforcementLevel: "mandatory" } as EngineEvent["policyEvent"] },
      { policyEvent: { ...policy, enforcementLevel: "advisory" } as unknown as EngineEvent["policyEvent"] },
    );
    assert.deepEqual(errors, [`${urn}\npack/no-root: runs as root`]);
  });
});
