import assert from "node:assert/strict";
import fc from "fast-check";
import { checkJob, type JobModel, jobModel, type ResolvedJobArgs } from "../../../components/args/check-job";
import {
  ledgerMetadata,
  programConfigMap,
  revisionOf,
  submissionJob,
  submitterRules,
} from "../../../components/kubernetes/submission";
import { connection, jobArgs } from "./connection";

function model(change: Partial<ResolvedJobArgs> = {}, name = "count"): JobModel {
  return jobModel(name, { cluster: connection, jar: "/opt/flink/usrlib/count.jar", ...change });
}

const request = (of: JobModel) =>
  JSON.parse(programConfigMap(of).data["request.json"]) as Record<string, unknown>;
const environment = (of: JobModel) =>
  new Map(submissionJob(of).spec.template.spec.containers[0].env.map(({ name, value }) => [name, value]));

describe("FlinkJob: the objects of a submission", () => {
  it("are named so that no other cluster of the namespace has a job of the same name", () => {
    const ledger = (clusterName: string, name: string) =>
      ledgerMetadata({ ...connection, clusterName }, name).name;
    assert.notEqual(ledger("a", "b-c"), ledger("a-b", "c"));
    for (const name of ["a--b", "a-", "-a"]) assert.match(checkJob(name, jobArgs)[0].reason, /single dashes/);
  });

  it("always sends the parallelism, which is all slots of the cluster if none is given", () => {
    assert.deepEqual(request(model()), { parallelism: 6 });
    assert.deepEqual(
      request(model({ parallelism: 2, arguments: ["--x", '"'], entryClass: "a.B", config: { k: "v" } })),
      {
        entryClass: "a.B",
        programArgsList: ["--x", '"'],
        flinkConfiguration: { k: "v" },
        parallelism: 2,
      },
    );
  });

  it("runs a script as the argument of Flink's own driver, with a jar that the submission makes", () => {
    const sql = (script: string) => model({ jar: undefined, sql: { script } });
    const script = "INSERT INTO a\n SELECT 'x';";
    assert.deepEqual(request(sql(script)), {
      entryClass: "org.apache.flink.table.runtime.application.SqlDriver",
      programArgsList: ["--script", script],
      parallelism: 6,
    });
    assert.equal(environment(sql(script)).get("JAR"), "");
    assert.notEqual(revisionOf(sql(script)), revisionOf(sql("INSERT INTO a SELECT 1;")));
  });

  it("sends what runs a script to Flink 1, which has nothing of its own", () => {
    const cluster = { ...connection, flinkVersion: "1.20.4" };
    const sql = model({ cluster, jar: undefined, sql: { script: "INSERT INTO a SELECT 1;" } });
    assert.deepEqual(request(sql), {
      entryClass: "flink.kubernetes.SqlScript",
      programArgsList: ["--script", "INSERT INTO a SELECT 1;"],
      parallelism: 6,
    });
    const { data, binaryData } = programConfigMap(sql);
    assert.ok("zip.sh" in data);
    const file = Buffer.from(binaryData!["SqlScript.class"], "base64");
    assert.equal(file.readUInt32BE(0), 0xcafebabe);
    assert.equal(programConfigMap(model()).binaryData, undefined);
  });

  it("runs a program in Python by Flink's own driver, from an archive that the submission makes", () => {
    const python = (more: object, args: Partial<ResolvedJobArgs> = {}) =>
      model({ jar: undefined, python: { ...more }, ...args });
    const script = "print('x')\n";
    const program = python(
      { script, pyFiles: ["/opt/a.zip"] },
      { arguments: ["--x", "1"], config: { k: "v" } },
    );
    assert.deepEqual(request(program), {
      entryClass: "org.apache.flink.client.python.PythonDriver",
      programArgsList: ["-pym", "flink_kubernetes_job", "$job$"],
      flinkConfiguration: { k: "v", "python.files": "$uploaded$,/opt/a.zip" },
      parallelism: 6,
    });
    const { data } = programConfigMap(program);
    assert.equal(data["main.py"], script);
    assert.deepEqual(JSON.parse(data["job.json"]), { module: "main", arguments: ["--x", "1"] });
    assert.ok("flink_kubernetes_job.py" in data && !("python.sh" in programConfigMap(model()).data));
    assert.deepEqual(
      [program, python({ file: "/opt/a.py" }), python({ module: "a" }, { image: "other" })].map((one) => [
        environment(one).get("JAR"),
        environment(one).get("PYTHON"),
      ]),
      [
        ["", "python"],
        ["/opt/a.py", "python"],
        ["", ""],
      ],
    );
    const others = [
      python({ script }),
      python({ script: "print('y')\n" }),
      python({ script }, { arguments: ["x"] }),
      python({ file: "/opt/a.py" }),
      python({ module: "a" }),
      python({ module: "a", pyFiles: ["/opt/a.zip"] }),
    ];
    assert.equal(new Set(others.map(revisionOf)).size, others.length);
  });

  it("keeps checkpoints of a cancelled job where there is a place for them, unless its state is of no interest", () => {
    const cluster = { ...connection, checkpointDirectory: "s3://state/checkpoints" };
    const key = "execution.checkpointing.externalized-checkpoint-retention";
    for (const upgradeMode of ["savepoint", "lastState"] as const) {
      const { flinkConfiguration } = request(model({ cluster, upgradeMode }));
      assert.deepEqual(flinkConfiguration, { [key]: "RETAIN_ON_CANCELLATION" });
    }
    assert.equal(request(model({ cluster, upgradeMode: "stateless" })).flinkConfiguration, undefined);
    assert.equal(request(model({ cluster, bounded: true })).flinkConfiguration, undefined);
    const own = { [key]: "DELETE_ON_CANCELLATION" };
    assert.deepEqual(request(model({ cluster, config: own })).flinkConfiguration, own);
  });

  it("lets Flink drop state that the job does not know only when told to", () => {
    assert.equal(request(model({ allowNonRestoredState: true })).allowNonRestoredState, true);
    assert.equal("allowNonRestoredState" in request(model()), false);
  });

  it("is a new revision when what runs changes, and only then", () => {
    const same = revisionOf(model());
    const others: Partial<ResolvedJobArgs>[] = [
      { jar: "/opt/other.jar" },
      { image: "other:1" },
      { entryClass: "a.B" },
      { arguments: ["x"] },
      { parallelism: 5 },
      { config: { k: "v" } },
      { cluster: { ...connection, restartHash: "ffffffff" } },
      { restoreNonce: "again" },
    ];
    const revisions = new Set([same, ...others.map((change) => revisionOf(model(change)))]);
    assert.equal(revisions.size, others.length + 1);
    const unchanging: Partial<ResolvedJobArgs>[] = [
      { upgradeMode: "stateless", startTimeout: 60, imagePullSecrets: ["x"] },
      { fallback: false, rollback: false, bounded: true, allowNonRestoredState: true },
      { initialSavepoint: "s3://bucket/savepoints/savepoint-1" },
    ];
    for (const change of unchanging) assert.equal(revisionOf(model(change)), same);
    assert.equal(revisionOf(model({ jar: "local:///opt/flink/usrlib/count.jar" })), same);
  });

  it("names the Job by the revision, and keeps every name within 63 letters, whatever the names are", () => {
    assert.equal(submissionJob(model()).metadata.name, `orders--count-${revisionOf(model())}`);
    const label = fc.stringMatching(/^[a-z]([-a-z0-9]{0,43}[a-z0-9])?$/);
    fc.assert(
      fc.property(label, label, (clusterName, name) => {
        const of = model({ cluster: { ...connection, clusterName } }, name);
        for (const { metadata } of [submissionJob(of), programConfigMap(of)]) {
          assert.match(metadata.name, /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/);
          for (const value of Object.values(metadata.labels)) assert.ok(value.length <= 63);
        }
      }),
    );
  });

  it("fails at once with a reason that Pulumi knows, and is not failed by a disruption", () => {
    const { spec, metadata } = submissionJob(model({ startTimeout: 100 }));
    assert.equal(spec.backoffLimit, 0);
    assert.ok(spec.activeDeadlineSeconds > 3 * 100, "the program comes to its verdict before");
    assert.deepEqual(
      spec.podFailurePolicy.rules.map(({ action }) => action),
      ["Ignore", "Ignore"],
    );
    assert.equal("ttlSecondsAfterFinished" in spec, false, "a Job that goes away would be submitted again");
    assert.equal(metadata.annotations["pulumi.com/replaceUnready"], "true");
  });

  it("runs under the restricted standard, with requests and limits, and the only token of the cluster", () => {
    const { spec } = submissionJob(model()).spec.template;
    const [container] = spec.containers;
    assert.equal(spec.automountServiceAccountToken, true);
    assert.equal(spec.securityContext.runAsNonRoot, true);
    assert.equal(container.securityContext.readOnlyRootFilesystem, true);
    assert.deepEqual(container.securityContext.capabilities, { drop: ["ALL"] });
    for (const resource of ["cpu", "memory"] as const) {
      assert.ok(container.resources.requests[resource] && container.resources.limits[resource]);
    }
  });

  it("may read and write its own ledger, see how far the JobManager's Deployment is, and nothing else", () => {
    assert.deepEqual(submitterRules(connection, "count"), [
      {
        apiGroups: [""],
        resources: ["configmaps"],
        resourceNames: ["orders--count-ledger"],
        verbs: ["get", "patch"],
      },
      {
        apiGroups: ["apps"],
        resources: ["deployments"],
        resourceNames: ["orders-jobmanager"],
        verbs: ["get"],
      },
    ]);
  });

  it("takes the cluster's image and its pull policy, or an image of its own without that", () => {
    const always = { ...connection, imagePullPolicy: "Never" };
    const container = (of: JobModel) => submissionJob(of).spec.template.spec.containers[0];
    assert.equal(container(model({ cluster: always })).image, "flink:2.2.1-java17");
    assert.equal(container(model({ cluster: always })).imagePullPolicy, "Never");
    assert.equal(container(model({ cluster: always, image: "job:1" })).image, "job:1");
    assert.equal(container(model({ cluster: always, image: "job:1" })).imagePullPolicy, undefined);
  });

  it("tells jobs of one name on other clusters apart", () => {
    const prefix = (change: object) =>
      environment(model({ cluster: { ...connection, ...change } })).get("JOB_ID_PREFIX");
    const prefixes = [prefix({}), prefix({ namespace: "other" }), prefix({ clusterName: "other" })];
    assert.equal(new Set(prefixes).size, 3);
    for (const one of prefixes) assert.match(String(one), /^[0-9a-f]{16}$/);
  });

  it("holds the program whole", () => {
    const { data, immutable } = programConfigMap(model());
    assert.equal(immutable, true);
    const sourced = [...data["submit.sh"].matchAll(/for part in (.*); do/g)].flatMap(([, parts]) =>
      parts.split(" "),
    );
    assert.ok(sourced.length >= 4);
    for (const part of sourced) assert.match(data[`${part}.sh`], /\w/);
    assert.match(data["json.awk"], /\w/);
  });
});
