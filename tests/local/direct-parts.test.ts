import assert from "node:assert/strict";
import fc from "fast-check";
import { inventoryName } from "../../local/direct/inventory";
import { comparable, deleteCommand, ignoreChanges } from "../../local/direct/live";
import { podTroubles } from "../../local/direct/pods";
import { generate } from "../../local/direct/random";
import { holds, readiness } from "../../local/direct/readiness";
import type { JsonObject } from "../../local/json";
import type { Cluster, KubernetesObject } from "../../local/kubernetes";
import type { Registration } from "../../local/record/registration";
import { signal } from "./direct-support";

function object(kind: string, more: JsonObject, apiVersion = "v1"): KubernetesObject {
  return {
    apiVersion,
    kind,
    metadata: { name: "x", namespace: "n", generation: 2 },
    ...more,
  } as KubernetesObject;
}

/** Answers look-ups with the given objects. */
function clusterWith(objects: KubernetesObject[]): Cluster {
  return { list: async () => objects, get: async () => objects[0] } as unknown as Cluster;
}

async function ready(live: KubernetesObject, others: KubernetesObject[] = []): Promise<string> {
  return (await readiness(live, clusterWith(others), signal)).state;
}

const condition = (type: string, status = "True", reason = "") => ({ type, status, reason });

describe("direct: when an object is ready", () => {
  const deployment = (status: JsonObject, replicas = 2) =>
    object("Deployment", { spec: { replicas }, status }, "apps/v1");
  const up = {
    observedGeneration: 2,
    replicas: 2,
    updatedReplicas: 2,
    availableReplicas: 2,
    conditions: [condition("Available")],
  };

  it("Deployment", async () => {
    assert.equal(await ready(deployment(up)), "ready");
    assert.equal(await ready(deployment({ ...up, observedGeneration: 1 })), "waiting");
    assert.equal(await ready(deployment({ ...up, updatedReplicas: 1 })), "waiting");
    assert.equal(await ready(deployment({ ...up, replicas: 3 })), "waiting");
    assert.equal(await ready(deployment({ ...up, availableReplicas: 1 })), "waiting");
    assert.equal(await ready(deployment({ observedGeneration: 2 }, 0)), "ready");
  });

  it("StatefulSet and DaemonSet", async () => {
    const set = (status: JsonObject) => object("StatefulSet", { spec: { replicas: 2 }, status }, "apps/v1");
    const revisions = { observedGeneration: 2, currentRevision: "a", updateRevision: "a" };
    assert.equal(await ready(set({ ...revisions, readyReplicas: 2 })), "ready");
    assert.equal(await ready(set({ ...revisions, readyReplicas: 1 })), "waiting");
    assert.equal(
      await ready(set({ ...revisions, readyReplicas: 2, updateRevision: "b", updatedReplicas: 1 })),
      "waiting",
    );
    const daemons = (status: JsonObject) =>
      object(
        "DaemonSet",
        {
          status: { observedGeneration: 2, desiredNumberScheduled: 3, updatedNumberScheduled: 3, ...status },
        },
        "apps/v1",
      );
    assert.equal(await ready(daemons({ numberReady: 3 })), "ready");
    assert.equal(await ready(daemons({ numberReady: 2 })), "waiting");
  });

  it("Job", async () => {
    const job = (...conditions: JsonObject[]) => object("Job", { status: { conditions } }, "batch/v1");
    assert.equal(await ready(job()), "waiting");
    assert.equal(await ready(job(condition("SuccessCriteriaMet"), condition("Complete"))), "ready");
    assert.equal(await ready(job(condition("Failed", "True", "BackoffLimitExceeded"))), "failed");
  });

  it("Service: headless at once, load balancer with an address, others when their pods are", async () => {
    const slice = (value: boolean) =>
      object("EndpointSlice", { endpoints: [{ conditions: { ready: value } }] });
    const service = (spec: JsonObject, status: JsonObject = {}) =>
      object("Service", { spec: { selector: { a: "b" }, ...spec }, status });
    assert.equal(await ready(service({ clusterIP: "None" }), [slice(false)]), "ready");
    assert.equal(await ready(service({ clusterIP: "10.0.0.1" })), "ready");
    assert.equal(await ready(service({ clusterIP: "10.0.0.1" }), [slice(false)]), "waiting");
    assert.equal(await ready(service({ clusterIP: "10.0.0.1" }), [slice(true)]), "ready");
    assert.equal(
      await ready(service({ clusterIP: "10.0.0.1", publishNotReadyAddresses: true }), [slice(false)]),
      "ready",
    );
    assert.equal(await ready(service({ type: "LoadBalancer" })), "waiting");
    assert.equal(
      await ready(service({ type: "LoadBalancer" }, { loadBalancer: { ingress: [{ ip: "1.2.3.4" }] } })),
      "ready",
    );
  });

  it("PersistentVolumeClaim: bound, or of a class that binds with its first consumer", async () => {
    const claim = (phase: string) =>
      object("PersistentVolumeClaim", { spec: { storageClassName: "c" }, status: { phase } });
    assert.equal(await ready(claim("Bound")), "ready");
    assert.equal(
      await ready(claim("Pending"), [object("StorageClass", { volumeBindingMode: "Immediate" })]),
      "waiting",
    );
    assert.equal(
      await ready(claim("Pending"), [object("StorageClass", { volumeBindingMode: "WaitForFirstConsumer" })]),
      "ready",
    );
  });

  it("Namespace, Pod, Ingress, CustomResourceDefinition; kinds without a notion of it at once", async () => {
    assert.equal(await ready(object("Namespace", { status: { phase: "Terminating" } })), "waiting");
    assert.equal(await ready(object("Namespace", { status: { phase: "Active" } })), "ready");
    assert.equal(await ready(object("Pod", { status: { phase: "Running" } })), "waiting");
    assert.equal(
      await ready(object("Pod", { status: { phase: "Running", conditions: [condition("Ready")] } })),
      "ready",
    );
    assert.equal(await ready(object("Pod", { status: { phase: "Failed" } })), "failed");
    assert.equal(await ready(object("Ingress", {}, "networking.k8s.io/v1")), "waiting");
    assert.equal(await ready(object("CustomResourceDefinition", {}, "apiextensions.k8s.io/v1")), "waiting");
    assert.equal(await ready(object("ServiceAccount", {})), "ready");
    assert.equal(await ready(object("HorizontalPodAutoscaler", {}, "autoscaling/v2")), "ready");
  });

  it("pulumi.com/waitFor: conditions and JSON paths", () => {
    const live = object("Job", {
      status: { phase: "Done", n: 3, conditions: [condition("Failed"), condition("Other", "False")] },
    });
    const cases: [string, boolean][] = [
      ["condition=Failed", true],
      ["condition=Other", false],
      ["condition=Other=False", true],
      ["jsonpath={.status.phase}", true],
      ["jsonpath={.status.phase}=Done", true],
      ["jsonpath={.status.phase}=Running", false],
      ["jsonpath={.status.n}=3", true],
      ["jsonpath={.status.missing}", false],
      ["jsonpath={.status.conditions[?(@.type=='Failed'||@.type=='Complete')].status}=True", true],
      ["jsonpath={.status.conditions[?(@.type=='Complete')].status}=True", false],
    ];
    for (const [expression, expected] of cases) {
      assert.equal(holds(live, expression), expected, expression);
    }
    assert.throws(() => holds(live, "Complete"), /neither condition=Type/);
  });

  it("a pod's troubles: what it waits for, how it ended, why it has no node", () => {
    const status = (name: string, state: JsonObject, lastState: JsonObject = {}) => ({
      name,
      state,
      lastState,
    });
    const pod = object("Pod", {
      status: {
        initContainerStatuses: [status("init", { terminated: { exitCode: 0, reason: "Completed" } })],
        containerStatuses: [
          status(
            "a",
            { waiting: { reason: "CrashLoopBackOff", message: "back-off" } },
            { terminated: { exitCode: 3, reason: "Error", message: "no luck\n" } },
          ),
          status("b", { waiting: { reason: "ContainerCreating" } }),
          status("c", { terminated: { exitCode: 137, reason: "OOMKilled" } }),
        ],
        conditions: [
          { type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/1 nodes" },
        ],
      },
    });
    assert.deepEqual(podTroubles(pod), [
      "container a waits: CrashLoopBackOff: back-off: [Error] no luck (exit code 3)",
      "container c: [OOMKilled] no termination message (exit code 137)",
      "Unschedulable: 0/1 nodes",
    ]);
  });
});

describe("direct: small parts", () => {
  it("ignoreChanges re-sends what is live, also where the program has nothing, and removes what is not there", () => {
    const wanted = object("D", { spec: { replicas: 1, list: [{ p: 1 }, { p: 2 }] } });
    const live = object("D", { spec: { replicas: 5, extra: { a: 1 }, list: [{ p: 8 }, { p: 9 }] } });
    const result = ignoreChanges(
      wanted,
      ["spec.replicas", "spec.extra.a", "spec.list[*].p", "spec.gone"],
      live,
    );
    assert.deepEqual(result.spec, { replicas: 5, extra: { a: 1 }, list: [{ p: 8 }, { p: 9 }] });
    assert.deepEqual(ignoreChanges(wanted, ["spec.replicas"], undefined).spec, {
      list: [{ p: 1 }, { p: 2 }],
    });
    assert.equal(ignoreChanges(wanted, ["spec.replicas"], "keep"), wanted);
    assert.deepEqual((wanted.spec as JsonObject).replicas, 1);
  });

  it("status, versions and field owners are no difference; everything else is", () => {
    const one = object("D", { spec: { a: 1 }, status: { x: 1 } });
    const two = object("D", { status: { x: 2 }, spec: { a: 1 } });
    two.metadata = { ...two.metadata, resourceVersion: "7", managedFields: [], generation: 9 };
    assert.equal(comparable(one), comparable(two));
    assert.notEqual(comparable(one), comparable({ ...one, spec: { a: 2 } }));
  });

  it("names: of the inventory, of the command that deletes", () => {
    assert.equal(inventoryName("flink-kubernetes", "dev"), "flink-kubernetes-flink-kubernetes-dev");
    assert.match(inventoryName("P", "dev_1"), /^flink-kubernetes-p-dev-1-[0-9a-f]{8}$/);
    assert.notEqual(inventoryName("P", "x"), inventoryName("p", "x"));
    const widget = { apiVersion: "a.example.com/v1", kind: "Widget", namespace: "n", name: "w" };
    assert.equal(
      deleteCommand(widget, "c"),
      "kubectl --context c --namespace n delete widget.a.example.com w",
    );
  });

  it("generated passwords have what they are asked for", () => {
    const length = fc.integer({ min: 8, max: 64 });
    const minimum = fc.integer({ min: 0, max: 2 });
    fc.assert(
      fc.property(length, minimum, minimum, fc.boolean(), (length, minUpper, minNumeric, special) => {
        const inputs = { length, minUpper, minNumeric, special, overrideSpecial: "_" };
        const value = generate({
          type: "random:index/randomPassword:RandomPassword",
          inputs,
        } as unknown as Registration);
        const result = String((value.outputs as JsonObject).result);
        assert.equal(result.length, length);
        assert.ok(result.replace(/[^A-Z]/g, "").length >= minUpper);
        assert.ok(result.replace(/[^0-9]/g, "").length >= minNumeric);
        assert.match(result, special ? /^[A-Za-z0-9_]*$/ : /^[A-Za-z0-9]*$/);
      }),
    );
  });
});
