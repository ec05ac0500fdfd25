import assert from "node:assert/strict";
import { TestStack, needsNode, smallCluster } from "./support";

describe("exposure on a real Kubernetes", function () {
  this.timeout(120_000);
  before(function () {
    needsNode(this);
  });

  it("makes an Ingress that passes the strict server-side dry run", async () => {
    const stack = new TestStack("exposure-dry-run");
    const { changes } = await stack.preview({
      cluster: smallCluster(stack.namespace, {
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
    assert.ok(changes.some(({ kind }) => kind === "Ingress"));
  });
});
