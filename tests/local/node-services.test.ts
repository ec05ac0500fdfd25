import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { type LocalNode, runningNode } from "../../local/node";
import { waitFor } from "../../local/run";

/** What every Flink pod takes for granted, on the local node, in a namespace that enforces Pod Security "restricted". */
describe("local node: what pods and this machine see", function () {
  this.timeout(180_000);
  const namespace = "node-test";
  const image = process.env.FLINK_KUBERNETES_TEST_IMAGE;
  let node: LocalNode;

  const kubectl = (args: string[], input?: string) => {
    const env = { KUBECONFIG: node.kubeconfig };
    const result = spawnSync(node.kubectl, ["--namespace", namespace, ...args], {
      encoding: "utf8",
      env,
      input,
    });
    assert.equal(result.status, 0, `kubectl ${args.join(" ")}: ${result.stderr}`);
    return result.stdout;
  };
  const inPod = (script: string) => kubectl(["exec", "deployment/web", "--", "bash", "-c", script]);

  before(async function () {
    const running = await runningNode();
    const reason = !running
      ? "no local node runs (npm start)"
      : !image
        ? "FLINK_KUBERNETES_TEST_IMAGE names no image"
        : undefined;
    if (reason) {
      console.log(`      skipped: ${reason}`);
      this.skip();
    }
    node = running!;
    kubectl(
      ["apply", "--filename", "-"],
      JSON.stringify({ apiVersion: "v1", kind: "List", items: objects(namespace, image!) }),
    );
    kubectl(["wait", "--for=condition=available", "deployment/web", "--timeout=120s"]);
  });
  after(() => {
    if (node) kubectl(["delete", "namespace", namespace, "--wait=false", "--ignore-not-found"]);
  });

  it("a service's address answers on this machine", async () => {
    const address = kubectl(["get", "service", "web", "--output=jsonpath={.spec.clusterIP}"]);
    const response = await fetch(`http://${address}/`, { signal: AbortSignal.timeout(10_000) });
    assert.match(await response.text(), /^hello from web-/);
  });

  it("pods find services by name, and run as the user flink", () => {
    assert.match(inPod("curl -sS -m 10 http://web/"), /^hello from web-/);
    assert.match(inPod(`curl -sS -m 10 http://web.${namespace}.svc/`), /^hello from web-/);
    assert.match(inPod("id"), /uid=9999\(flink\)/);
  });

  it("nothing in a pod can reach beyond this machine, and it fails at once", () => {
    // An address of a network set aside for documentation: unreachable anywhere, but elsewhere only after a time-out.
    const answer = inPod("curl -sS -m 10 http://203.0.113.1/ 2>&1; echo code $?");
    assert.match(answer, /code 7\b/);
  });

  it("metrics-server knows what pods use", async () => {
    await waitFor(
      "figures for the pod",
      120_000,
      () => {
        const args = ["--namespace", namespace, "top", "pods", "--no-headers"];
        const top = spawnSync(node.kubectl, args, { encoding: "utf8", env: { KUBECONFIG: node.kubeconfig } });
        return /^web-\S+ +\d+m +\d+Mi/.test(top.stdout);
      },
      undefined,
      1000,
    );
  });
});

const answering = [
  "use Socket; socket(S, PF_INET, SOCK_STREAM, 6); setsockopt(S, SOL_SOCKET, SO_REUSEADDR, 1);",
  "bind(S, sockaddr_in(8080, INADDR_ANY)); listen(S, 5);",
  'while (accept(C, S)) { sysread(C, $b, 1000); syswrite C, "HTTP/1.0 200 OK\\r\\n\\r\\nhello from $ENV{HOSTNAME}\\n"; close C }',
].join(" ");

function objects(namespace: string, image: string): object[] {
  const labels = { app: "web" };
  return [
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: namespace, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", namespace },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            securityContext: {
              runAsNonRoot: true,
              runAsUser: 9999,
              seccompProfile: { type: "RuntimeDefault" },
            },
            terminationGracePeriodSeconds: 1,
            containers: [
              {
                name: "web",
                image,
                command: ["perl", "-e", answering],
                resources: {
                  requests: { cpu: "10m", memory: "16Mi" },
                  limits: { cpu: "500m", memory: "64Mi" },
                },
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ["ALL"] },
                },
                readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
              },
            ],
          },
        },
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web", namespace },
      spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
    },
  ];
}
