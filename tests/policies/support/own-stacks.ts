import {
  FlinkApplication,
  type FlinkApplicationArgs,
  FlinkCluster,
  FlinkJob,
} from "../../../components/index";
import { readConfig } from "../../../config";
import { readStack } from "../../../cli/stack";
import {
  evaluateResource,
  evaluateStack,
  type Outcome,
  Resource,
  type Rule,
  Stack,
} from "../../../policies/core";
import { inputOf, type TestResource } from "../../../policies/testing";
import { productionArgs } from "../../support/production";
import { projectDir } from "../../support/project";
import { record } from "../../unit/kubernetes/recorder";

/** What a program registers, as resources for the rules. */
export async function registered(program: () => unknown): Promise<TestResource[]> {
  const { recorded } = await record(program);
  return recorded.map(({ type, name, inputs, protect }) => ({
    type,
    name,
    props: inputs,
    urn: `urn:${type}::${name}`,
    opts: { protect },
  }));
}

/** What rules say of a stack, a line each. */
export function findings(rules: readonly Rule[], tests: readonly TestResource[]): string[] {
  return rules.flatMap((rule) =>
    outcomes(rule, tests).flatMap((outcome) => {
      if (outcome?.error) throw new Error(`${rule.name}: ${outcome.error.stack}`);
      return (outcome?.violations ?? []).map(
        ({ urn, path, actual, expected }) =>
          `${rule.name}: ${urn} ${path} is ${actual}: expected ${expected}`,
      );
    }),
  );
}

function outcomes(rule: Rule, tests: readonly TestResource[]): (Outcome | undefined)[] {
  if (rule.kind === "stack") return [evaluateStack(rule, new Stack(tests.map(inputOf)))];
  return tests.map((test) => evaluateResource(rule, new Resource(inputOf(test))));
}

/** What index.ts registers for a stack's file. */
function fileOf(stack: string): () => unknown {
  return () => {
    const { project, config: all } = readStack(projectDir, stack);
    const { config, problems } = readConfig(project, all, () => false);
    if (!config) throw new Error(JSON.stringify(problems));
    if ("application" in config)
      return new FlinkApplication(config.application.name, config.application.args);
    const { connection } = new FlinkCluster(config.cluster.name, config.cluster.args);
    return config.jobs.map(({ name, args }) => new FlinkJob(name, { ...args, cluster: connection }));
  };
}

const quota = { namespace: { quota: { pods: "30" } } };
const stored = { storage: { directory: "s3://state/flink" }, checkpointing: { interval: "1 min" } };
const jar = "/opt/flink/usrlib/totals.jar";

/** The application that docs/application.md shows. */
export const applicationArgs: FlinkApplicationArgs = {
  flinkVersion: "2.2.1",
  image: "registry.example.com/orders:17",
  jar: "/opt/flink/usrlib/orders.jar",
  arguments: ["--topic", "orders"],
  taskManager: { slots: 2 },
  autoscaling: { minReplicas: 1, maxReplicas: 8 },
  ...stored,
  ...quota,
};

/** The stacks of this repository, and programs as its pages show them: each with a quota, which a namespace has to have. */
export const ownStacks: Readonly<Record<string, () => unknown>> = {
  "Pulumi.dev.yaml": fileOf("dev"),
  "Pulumi.autoscaled.yaml": fileOf("autoscaled"),
  "Pulumi.prod.yaml": fileOf("prod"),
  "a cluster at its defaults": () => new FlinkCluster("orders", { flinkVersion: "2.2.1", ...quota }),
  "a cluster with a SQL Gateway": () =>
    new FlinkCluster("orders", { flinkVersion: "2.2.1", sqlGateway: {}, ...quota }),
  "the program of the README": () => {
    const { connection } = new FlinkCluster("orders", {
      flinkVersion: "2.2.1",
      taskManager: { memory: "4g", slots: 2 },
      autoscaling: { minReplicas: 1, maxReplicas: 8 },
      storage: { directory: "s3://orders/flink" },
      checkpointing: { interval: "30 s" },
      ...quota,
    });
    return new FlinkJob("totals", { cluster: connection, jar });
  },
  "a cluster with storage and a job that keeps its state": () => {
    const { connection } = new FlinkCluster("orders", { flinkVersion: "2.2.1", ...stored, ...quota });
    return new FlinkJob("enrich", { cluster: connection, jar, savepoints: { schedule: "0 * * * *" } });
  },
  "a cluster with everything, and a job": () => {
    const { connection } = new FlinkCluster("orders", productionArgs());
    return new FlinkJob("enrich", { cluster: connection, jar });
  },
  "an application": () => new FlinkApplication("orders", applicationArgs),
  "an application with high availability": () =>
    new FlinkApplication("orders", { ...applicationArgs, highAvailability: {} }),
  "an application with everything": () => new FlinkApplication("orders", { ...productionArgs(), jar }),
  "an application that may lose its state": () => {
    const { storage, checkpointing, autoscaling, ...rest } = applicationArgs;
    void [storage, checkpointing, autoscaling];
    return new FlinkApplication("orders", { ...rest, upgradeMode: "stateless" });
  },
};
