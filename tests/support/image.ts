import * as fs from "node:fs";
import * as path from "node:path";
import { cached, contentKey } from "../../local/cache";
import {
  buildFlinkImage,
  exampleLayers,
  type FlinkImage,
  jobLayer,
  pythonLayer,
  saveLayer,
  savedLayer,
  writeOnce,
} from "../../local/image";
import { importImage, runningNode } from "../../local/node";
import { run } from "../../local/run";
import { buildContext } from "./build";

/** For each Flink line, of the releases that Maven Central has, the nearest to the line's last one. */
const published: Record<string, string> = { "1.20": "1.20.1", "2.1": "2.1.0", "2.2": "2.2.0" };

/** A job that counts and notices itself when its state is not what it was; see its Counting.java. */
const countingJob = path.join(__dirname, "../jobs/counting");

/** Bump when the code below changes what the layer holds. */
const recipe = 1;

/** The image of the local node's cluster, with the job hello-world, for tests. */
export function helloWorldTestImage(flinkVersion: string): Promise<string> {
  return onNode("test-hello-world", () => exampleLayers({ flinkVersion }, buildContext));
}

/**
 * An image of that Flink version, for pods of the running local node, that has what the official ones have and tests need
 * beside the distribution: the S3 file system (no plugin until it is linked there) and the SQL gateway in /opt/flink/opt, and the jobs
 * hello-world and counting in /opt/flink/usrlib. Built on first use. Gives the image's name.
 */
export function testImage(flinkVersion: string): Promise<string> {
  return onNode("test", async () => {
    const example = await exampleLayers({ flinkVersion }, buildContext);
    const counting = await jobLayer({ flinkVersion, exampleDir: countingJob }, buildContext);
    return withLayers(example, counting, await s3Layer(flinkVersion), await gatewayLayer(flinkVersion));
  });
}

/** The same with Kafka's connector for SQL in /opt/flink/lib. */
export function kafkaTestImage(flinkVersion: string): Promise<string> {
  return onNode("test-kafka", async () => {
    const flink = await buildFlinkImage({ flinkVersion }, buildContext);
    const connector = await jarLayer("lib", "kafka", "flink-sql-connector-kafka", "5.0.0-2.2");
    return withLayers(flink, await gatewayLayer(flinkVersion), connector);
  });
}

/** The image of that Flink version for jobs in Python. */
export function pythonTestImage(flinkVersion: string): Promise<string> {
  return onNode("test-python", async () =>
    withLayers(
      await buildFlinkImage({ flinkVersion }, buildContext),
      await pythonLayer(flinkVersion, buildContext),
    ),
  );
}

function withLayers(image: FlinkImage, ...folders: string[]): FlinkImage {
  return { ...image, layers: [...image.layers, ...folders.map(savedLayer)] };
}

/**
 * Builds an image and gives it to the local node. `npm test` sets FLINK_KUBERNETES_TEST_JVM_ARGS. Without it,
 * JVMs run as a user's do, which is what benches measure.
 */
async function onNode(name: string, build: () => Promise<FlinkImage>): Promise<string> {
  const node = await neededNode();
  const jvmArgs = process.env.FLINK_KUBERNETES_TEST_JVM_ARGS;
  const env = jvmArgs === undefined ? [] : [`JVM_ARGS=${jvmArgs}`];
  const { tar, ref } = await writeOnce(name, { ...(await build()), env }, buildContext);
  await importImage(node, tar, ref);
  return ref;
}

async function neededNode() {
  const node = await runningNode();
  if (!node) throw new Error("no local node runs that the test image could be loaded into (npm start)");
  return node;
}

/** Name of the S3 plugin's jar in a test image. */
export function s3PluginJar(flinkVersion: string): string {
  return `flink-s3-fs-hadoop-${publishedVersion(flinkVersion)}.jar`;
}

function publishedVersion(flinkVersion: string): string {
  const line = flinkVersion.split(".").slice(0, 2).join(".");
  const version = published[line];
  if (!version) throw new Error(`no test image for Flink ${line}: only ${Object.keys(published).join(", ")}`);
  return version;
}

function s3Layer(flinkVersion: string): Promise<string> {
  return jarLayer("opt", "s3", "flink-s3-fs-hadoop", publishedVersion(flinkVersion));
}

/** What the SQL driver of Flink 2 looks for. */
function gatewayLayer(flinkVersion: string): Promise<string> {
  return jarLayer("opt", "gateway", "flink-sql-gateway", publishedVersion(flinkVersion));
}

/** A layer with one jar of Maven Central in a folder of /opt/flink. */
function jarLayer(folder: "lib" | "opt", name: string, artifact: string, version: string): Promise<string> {
  return cached(
    `layer-${name}-${version}`,
    contentKey({ version, recipe }),
    buildContext,
    async (building) => {
      const target = path.join(building, "root/opt/flink", folder);
      fs.mkdirSync(target, { recursive: true });
      await run(buildContext, "mvn", [
        ...["-q", "-B", "-ntp", "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"],
        ...[`-Dartifact=org.apache.flink:${artifact}:${version}`, `-DoutputDirectory=${target}`],
      ]);
      const root = path.join(building, "root");
      const part = `opt/flink/${folder}/${artifact}-${version}.jar`;
      await saveLayer(buildContext, root, building, { part, owner: 9999 });
      fs.rmSync(root, { recursive: true });
    },
  );
}
