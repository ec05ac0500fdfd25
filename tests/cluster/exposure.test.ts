import assert from "node:assert/strict";
import { dryRun } from "../support/dry-run";
import { kubeconfig, needsNode, programOf, smallCluster } from "./support";

describe("exposure on a real Kubernetes", function () {
  this.timeout(120_000);
  before(function () {
    needsNode(this);
  });

  it("makes an Ingress that passes the strict server-side dry run", async () => {
    const program = programOf({
      cluster: smallCluster("exposure-dry-run", {
        exposure: {
          host: "flink.example.com",
          path: "/flink",
          controller: { namespaceLabels: { "kubernetes.io/metadata.name": "ingress-nginx" } },
          ingress: {
            className: "nginx",
            tlsSecret: "flink-example-com",
            annotations: { "nginx.ingress.kubernetes.io/auth-url": "https://login.example.com/auth" },
          },
        },
      }),
    });
    assert.ok((await dryRun(program, kubeconfig)).some(({ kind }) => kind === "Ingress"));
  });
});
