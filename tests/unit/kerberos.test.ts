import assert from "node:assert/strict";
import type { FlinkClusterArgs } from "../../components/args/cluster";
import { normaliseCluster } from "../../components/args/normalise";

const keytab = "security.kerberos.login.keytab";
const principal = { "security.kerberos.login.principal": "flink@EXAMPLE.COM" };
const mounted = {
  volumes: [{ name: "keytab", secret: { secretName: "keytab" } }],
  volumeMounts: [{ name: "keytab", mountPath: "/etc/keytab", readOnly: true }],
};

function problemsOf(args: Partial<FlinkClusterArgs>): string[] {
  const { problems } = normaliseCluster("orders", { flinkVersion: "2.2.1", ...args });
  return problems.map(({ path, reason, fix }) => `${path}: ${reason}; ${fix}`);
}

function warningsOf(args: Partial<FlinkClusterArgs>): string[] {
  const { warnings } = normaliseCluster("orders", { flinkVersion: "2.2.1", ...args });
  return warnings
    .map(({ path, reason, fix }) => `${path}: ${reason}; ${fix}`)
    .filter((text) => /keytab/.test(text));
}

describe("a keytab for Kerberos", () => {
  const config = { [keytab]: "/etc/keytab/flink.keytab", ...principal };

  it("is a file on a volume of both roles", () => {
    const both = { config, jobManager: mounted, taskManager: mounted };
    assert.deepEqual([...problemsOf(both), ...warningsOf(both)], []);
    const [jobManager, ...more] = warningsOf({ config, taskManager: mounted });
    assert.match(
      jobManager!,
      /keytab"\]: jobManager does not start without this file: .*jobManager\.volumes/,
    );
    assert.deepEqual(more, []);
  });

  it("may be in an image of one's own, on the volume of the state, or come by an injector", () => {
    const annotated = { podAnnotations: { "vault.hashicorp.com/agent-inject": "true" } };
    const stored = { [keytab]: "/data/krb/flink.keytab", ...principal };
    for (const args of [
      { config, image: "registry.example.com/orders:7" },
      { config, pods: annotated },
      { config, jobManager: annotated, taskManager: annotated },
      { config: stored, storage: { directory: "file:///data", volume: { claimName: "state" } } },
    ] as Partial<FlinkClusterArgs>[]) {
      assert.deepEqual(warningsOf(args), []);
    }
  });

  it("is told of a mount that is not a mount, too, with everything else", () => {
    const odd = { volumeMounts: [null] } as never;
    assert.doesNotThrow(() => problemsOf({ config, jobManager: odd, taskManager: mounted }));
  });

  it("comes from no other place: Flink copies nothing", () => {
    const elsewhere = { config: { ...config, [keytab]: "s3://acme/flink.keytab" } };
    const [problem] = problemsOf({ ...elsewhere, jobManager: mounted, taskManager: mounted });
    assert.match(problem!, /opens this as a file of the container/);
  });

  it("needs a principal, which may be in a Secret", () => {
    const alone = { [keytab]: "/etc/keytab/flink.keytab" };
    const roles = { jobManager: mounted, taskManager: mounted };
    assert.match(problemsOf({ config: alone, ...roles })[0]!, /write "security\.kerberos\.login\.principal"/);
    const configFrom = { "security.kerberos.login.principal": { name: "kerberos", key: "principal" } };
    assert.deepEqual(problemsOf({ config: alone, configFrom, ...roles }), []);
  });
});
