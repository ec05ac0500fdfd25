import { Writable } from "node:stream";
import { Exec, type V1Status } from "@kubernetes/client-node";
import { config, core, eventually } from "../cluster/support";
import { Output } from "./counted";
import type { Faulted } from "./faults";

/** The same job on the same cluster, upgraded as a person would: `flink stop` and `flink run` in a pod of the same image, by script. */
export class ByHand {
  readonly pod = "by-hand";
  readonly output: Output;
  private jobId = "";
  private label = 0;

  constructor(private readonly world: Faulted) {
    this.output = new Output(world.folderOf("by-hand"));
  }

  async start(): Promise<void> {
    const { namespace, image } = this.world;
    await core.createNamespacedPod({
      namespace,
      body: {
        metadata: { name: this.pod },
        spec: {
          terminationGracePeriodSeconds: 0,
          securityContext: { runAsUser: 9999, runAsGroup: 9999 },
          containers: [
            {
              name: "flink",
              image,
              command: ["sleep", "infinity"],
              env: [
                { name: "FLINK_LOG_DIR", value: "/tmp" },
                { name: "FLINK_CONF_DIR", value: "/tmp/conf" },
              ],
              resources: { requests: { memory: "256Mi", cpu: "100m" }, limits: { memory: "1Gi", cpu: "2" } },
            },
          ],
        },
      },
    });
    await eventually("the pod with the command line client", 60, async () => {
      const { status } = await core.readNamespacedPod({ namespace, name: this.pod });
      return status?.phase === "Running" ? true : undefined;
    });
    // What a job that a client submits is configured with comes from the client's own file.
    const checkpoints = "printf '\\nexecution.checkpointing.interval: 1 s\\n' >> /tmp/conf/config.yaml";
    await this.run(`cp -r /opt/flink/conf /tmp/conf; ${checkpoints}; ${this.launch("")}`);
    await this.seen();
  }

  /** Stops the job with a savepoint and runs it again from there. Gives its new label. */
  async upgrade(): Promise<void> {
    this.label++;
    const stop = `flink stop -m hello-rest:8081 -p ${this.world.uriOf("by-hand-savepoints")} ${this.jobId}`;
    await this.run(`savepoint=$(${stop} | sed -n 's/.*Path: //p'); ${this.launch('-s "$savepoint"')}`);
    await this.seen();
  }

  async stop(): Promise<void> {
    await this.run(`flink cancel -m hello-rest:8081 ${this.jobId}`);
    this.world.strangers.delete(this.jobId);
    await core.deleteNamespacedPod({ namespace: this.world.namespace, name: this.pod });
  }

  private launch(from: string): string {
    const jar = "-c flink.kubernetes.tests.Splits /opt/flink/usrlib/counting.jar";
    const program = `--output ${this.world.uriOf("by-hand")} --label ${this.label}`;
    return `flink run -d -m hello-rest:8081 ${from} -p 2 ${jar} ${program}`;
  }

  private async run(command: string): Promise<void> {
    const said = await execute(
      this.world.namespace,
      this.pod,
      `PATH=$PATH:/opt/flink/bin; set -e; ${command}`,
    );
    const id = /JobID ([0-9a-f]{32})/.exec(said)?.[1];
    if (!id) return;
    this.world.strangers.delete(this.jobId);
    this.world.strangers.add(id);
    this.jobId = id;
  }

  private async seen(): Promise<void> {
    await eventually("its output", 90, async () =>
      this.output.rows().some(({ label }) => label === String(this.label)) ? true : undefined,
    );
  }
}

/** Runs a command in a pod. Gives what it printed; fails when it fails. */
export async function execute(namespace: string, pod: string, command: string): Promise<string> {
  let said = "";
  const sink = () =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        said += chunk.toString();
        done();
      },
    });
  const status = await new Promise<V1Status>((resolve, reject) => {
    new Exec(config)
      .exec(namespace, pod, "flink", ["bash", "-c", command], sink(), sink(), null, false, resolve)
      .catch(reject);
  });
  if (status.status !== "Success") throw new Error(`${command}: ${status.message}\n${said}`);
  return said;
}
