import assert from "node:assert/strict";
import { disruptionBudget } from "../../../components/kubernetes/scaling";
import { serviceAccount } from "../../../components/kubernetes/access";
import { clusterNamespace } from "../../../components/kubernetes/namespace";
import { jobManagerService, restService, restUrl } from "../../../components/kubernetes/services";
import { deploymentsOf, modelOf } from "./arguments";

describe("the other objects of a cluster", () => {
  const model = modelOf({ namespace: { name: "prod" } });

  it("a created namespace enforces restricted", () => {
    const { labels } = clusterNamespace(model).metadata;
    assert.equal(labels["pod-security.kubernetes.io/enforce"], "restricted");
  });

  it("every role has a service account of its own, without a token", () => {
    const accounts = [
      serviceAccount(model, "jobmanager", model.jobManager.pod),
      serviceAccount(model, "taskmanager", model.taskManager.pod),
    ];
    assert.deepEqual(
      accounts.map(({ metadata }) => metadata.name),
      deploymentsOf(model).map(({ deployment }) => deployment.spec.template.spec.serviceAccountName),
    );
    assert.ok(accounts.every(({ automountServiceAccountToken }) => !automountServiceAccountToken));
  });

  it("the JobManager's Service is headless and has addresses before the pod is ready", () => {
    const { spec } = jobManagerService(model);
    assert.equal(spec.clusterIP, "None");
    assert.equal(spec.publishNotReadyAddresses, true);
    assert.deepEqual(
      spec.ports.map(({ port }) => port),
      [6123, 6124, 8081],
    );
  });

  it("the REST Service costs no waiting and is where restUrl points", () => {
    const { metadata, spec } = restService(model);
    assert.equal(metadata.annotations["pulumi.com/skipAwait"], "true");
    assert.equal(
      restUrl("orders", "prod"),
      `http://${metadata.name}.${metadata.namespace}.svc:${spec.ports[0].port}`,
    );
  });

  it("both Services, both budgets and the Deployments select the same pods", () => {
    const [jobManager, taskManager] = deploymentsOf(model).map(
      ({ deployment }) => deployment.spec.selector.matchLabels,
    );
    assert.deepEqual(jobManagerService(model).spec.selector, jobManager);
    assert.deepEqual(restService(model).spec.selector, jobManager);
    assert.deepEqual(disruptionBudget(model, "jobmanager").spec.selector.matchLabels, jobManager);
    assert.deepEqual(disruptionBudget(model, "taskmanager").spec.selector.matchLabels, taskManager);
  });

  it("disruption budgets always allow one eviction, so a drain never blocks", () => {
    for (const role of ["jobmanager", "taskmanager"] as const) {
      const { spec } = disruptionBudget(model, role);
      assert.equal(spec.maxUnavailable, 1);
      assert.ok(!("minAvailable" in spec));
      assert.equal(spec.unhealthyPodEvictionPolicy, "AlwaysAllow");
    }
  });

  it("one JobManager at a time; TaskManagers one after another", () => {
    const [jobManager, taskManager] = deploymentsOf(model).map(({ deployment }) => deployment.spec);
    assert.equal(jobManager.replicas, 1);
    assert.deepEqual(jobManager.strategy, { type: "Recreate" });
    assert.equal(taskManager.strategy.type, "RollingUpdate");
  });
});
