import assert from "node:assert/strict";
import type { CrdSet } from "../support/crds";
import { dryRun } from "../support/dry-run";
import { helloWorld, kubeconfig, programOf, smallCluster } from "./support";

/** Arguments that make objects of another project's kinds, and the kinds that they make. One row an optional part. */
export const optionalObjects: {
  what: string;
  needs: CrdSet;
  kinds: string[];
  cluster: Record<string, unknown>;
}[] = [
  {
    what: "autoscaling by KEDA",
    needs: "keda",
    kinds: ["ScaledObject"],
    cluster: {
      // Without a number: that is KEDA's.
      taskManager: { memory: "1g", cpu: { limit: "1" } },
      autoscaling: {
        minReplicas: 1,
        maxReplicas: 4,
        keda: {
          triggers: [
            {
              type: "kafka",
              name: "lag",
              metadata: {
                bootstrapServers: "kafka:9092",
                consumerGroup: "orders",
                topic: "orders",
                lagThreshold: "100",
              },
              authenticationRef: { name: "kafka" },
            },
            { type: "cpu", metadata: { value: "80" }, metricType: "Utilization" },
          ],
          pollingInterval: 15,
          fallback: { failureThreshold: 3, replicas: 2 },
        },
      },
    },
  },
  {
    what: "metrics, alerts and a dashboard",
    needs: "prometheus-operator",
    kinds: ["PodMonitor", "PrometheusRule", "ConfigMap"],
    cluster: {
      monitoring: {
        prometheus: {},
        podMonitor: { labels: { release: "prometheus" }, interval: "15s" },
        alerts: { labels: { release: "prometheus" }, alertLabels: { team: "orders" } },
        dashboard: {},
      },
    },
  },
  {
    what: "certificates, each of an authority of its own",
    needs: "cert-manager",
    kinds: ["Certificate", "Issuer"],
    cluster: {
      tls: { internal: { certManager: {} }, rest: { certManager: {}, clientAuthentication: true } },
    },
  },
  {
    what: "a certificate of a shared issuer",
    needs: "cert-manager",
    kinds: ["Certificate"],
    cluster: {
      tls: {
        rest: {
          certManager: { issuer: { name: "company", kind: "ClusterIssuer" }, duration: "2160h" },
          dnsNames: ["flink.example.com"],
        },
      },
    },
  },
  {
    what: "a route, and how its Gateway verifies the REST API",
    needs: "gateway-api",
    kinds: ["HTTPRoute", "BackendTLSPolicy"],
    cluster: {
      tls: { rest: { secret: { name: "rest-stores" } } },
      exposure: {
        host: "flink.example.com",
        path: "/flink",
        httpRoute: {
          parents: [{ name: "public", namespace: "gateways", listener: "https" }],
          listenersUseTls: true,
          backendCaConfigMap: "rest-ca",
        },
        controller: { namespaceLabels: { "kubernetes.io/metadata.name": "gateways" } },
        authenticatedBy: "SecurityPolicy oidc",
      },
    },
  },
];

/** Has an API server check the objects of one row, strictly, and change nothing. */
export async function dryRunOptional(
  { cluster, kinds }: (typeof optionalObjects)[number],
  server = kubeconfig,
): Promise<void> {
  const values = { cluster: smallCluster("optional-objects", cluster), jobs: [helloWorld()] };
  const tried = new Set((await dryRun(programOf(values), server)).map(({ kind }) => kind));
  for (const kind of kinds) assert.ok(tried.has(kind), `no ${kind} was tried`);
}
