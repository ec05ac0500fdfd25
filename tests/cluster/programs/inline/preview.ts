import { LocalWorkspace } from "@pulumi/pulumi/automation";
import { FlinkCluster, FlinkJob } from "../../../../components/index";

/** As people embed Pulumi in a program of their own: the stack's program is a function of it. */
async function preview(workDir: string): Promise<void> {
  const program = () => {
    const cluster = new FlinkCluster("orders", {
      flinkVersion: "2.2.1",
      taskManager: { memory: "4g", slots: 2 },
      checkpointing: { interval: "30" },
    });
    const job = new FlinkJob("totals", { cluster: cluster.connection, jar: "/opt/flink/usrlib/totals.jar" });
    return Promise.resolve({ webUi: cluster.restUrl, phase: job.phase });
  };
  const stack = await LocalWorkspace.createStack(
    { stackName: "dev", projectName: "orders", program },
    { workDir },
  );
  await stack.preview();
}

preview(process.argv[2]!).catch((error: Error) => {
  console.log(error.message);
  process.exitCode = 3;
});
