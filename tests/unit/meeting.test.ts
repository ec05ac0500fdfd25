import assert from "node:assert/strict";
import fc from "fast-check";
import type { FlinkClusterArgs } from "../../components/args/cluster";
import { jobManagerService } from "../../components/kubernetes/services";
import { clusterArguments, deploymentsOf, modelOf } from "./kubernetes/arguments";

const address = "jobmanager.rpc.address";

function templatesOf(args: Partial<FlinkClusterArgs>) {
  const [jobManager, taskManager] = deploymentsOf(modelOf(args)).map(
    ({ deployment }) => deployment.spec.template,
  );
  return { jobManager: jobManager!, taskManager: taskManager! };
}

describe("the JobManager and the TaskManagers of one change", () => {
  const model = modelOf({ namespace: { name: "prod" } });
  const nameOf = (args: Partial<FlinkClusterArgs>) => modelOf(args).jobManager.hostname;

  it("know each other by a name that the JobManager's pod has in its Service", () => {
    const [{ deployment }] = deploymentsOf(model);
    const { hostname, subdomain } = deployment.spec.template.spec as {
      hostname?: string;
      subdomain?: string;
    };
    const { metadata, spec } = jobManagerService(model);
    assert.equal(subdomain, metadata.name, "without that Kubernetes makes no name");
    assert.equal(spec.clusterIP, "None");
    assert.equal(model.jobManager.options[address], `${hostname}.${subdomain}.prod.svc`);
    assert.equal(model.taskManager.options[address], model.jobManager.options[address]);
  });

  it("keep the pod's own name for files that are named by it", () => {
    const [{ deployment }] = deploymentsOf(model);
    const variables = deployment.spec.template.spec.containers[0].env as {
      name: string;
      valueFrom: object;
    }[];
    assert.deepEqual(
      variables.find(({ name }) => name === "HOSTNAME")?.valueFrom,
      variables.find(({ name }) => name === "POD_NAME")?.valueFrom,
    );
  });

  const base: Partial<FlinkClusterArgs> = { flinkVersion: "2.2.0" };
  const ofBoth: Record<string, Partial<FlinkClusterArgs>> = {
    "a release of Flink": { flinkVersion: "2.2.1" },
    "another minor version": { flinkVersion: "2.1.2" },
    "an image": { ...base, image: "registry.example.com/flink:2" },
    "an option": { ...base, config: { "metrics.fetcher.update-interval": "5 s" } },
    checkpoints: { ...base, checkpointing: { interval: "10 s" } },
    "the form of the log": { ...base, monitoring: { logs: "json" } },
  };
  for (const [what, change] of Object.entries(ofBoth)) {
    it(`have another name after a change of ${what}`, () => assert.notEqual(nameOf(change), nameOf(base)));
  }

  it("have the same name as long as only one of them changes, which does not restart the other", () => {
    const changes = fc
      .constantFrom("2g", "3g")
      .map((memory) => ({ memory, env: [{ name: "A", value: "b" }] }));
    fc.assert(
      fc.property(clusterArguments, changes, (args, change) => {
        const before = templatesOf(args);
        const jobManager = templatesOf({ ...args, jobManager: { ...args.jobManager, ...change } });
        assert.deepEqual(jobManager.taskManager, before.taskManager);
        const taskManager = templatesOf({ ...args, taskManager: { ...args.taskManager, ...change } });
        assert.deepEqual(taskManager.jobManager, before.jobManager);
      }),
    );
  });

  it("need none with high availability, where a leader has an id", () => {
    const available = modelOf({ storage: { directory: "s3://bucket/flink" }, highAvailability: {} });
    assert.equal(available.jobManager.hostname, undefined);
    assert.equal(available.jobManager.options[address], "orders-jobmanager.orders.svc");
    const [{ deployment }] = deploymentsOf(available);
    assert.ok(!("hostname" in deployment.spec.template.spec));
  });
});
