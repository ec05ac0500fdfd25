import * as fs from "node:fs";
import * as path from "node:path";
import { cached, contentKey } from "../../local/cache";
import { exampleLayers, jobLayer, saveLayer, savedLayer, writeOnce } from "../../local/image";
import { importImage, runningNode } from "../../local/node";
import { run } from "../../local/run";
import { buildContext } from "./build";

/** The S3 file system for each Flink line, of the releases that Maven Central has: nearest to the line's last one. */
const s3Plugin: Record<string, string> = { "1.20": "1.20.1", "2.1": "2.1.0", "2.2": "2.2.0" };

/** A job that counts and notices itself when its state is not what it was; see its Counting.java. */
const countingJob = path.join(__dirname, "../jobs/counting");

/** Bump when the code below changes what the layer holds. */
const recipe = 1;

/**
 * An image of that Flink version, for pods of the running local node, that has what the official ones have and tests need
 * beside the distribution: the S3 file system in /opt/flink/opt (no plugin until it is linked there), and the jobs
 * hello-world and counting in /opt/flink/usrlib. Built on first use. Gives the image's name.
 */
export async function testImage(flinkVersion: string): Promise<string> {
  const node = await runningNode();
  if (!node) throw new Error("no local node runs that the test image could be loaded into (npm start)");
  const example = await exampleLayers({ flinkVersion }, buildContext);
  const counting = await jobLayer({ flinkVersion, exampleDir: countingJob }, buildContext);
  const added = [counting, await s3Layer(flinkVersion)].map(savedLayer);
  const image = await writeOnce("test", { ...example, layers: [...example.layers, ...added] }, buildContext);
  await importImage(node, image.tar, image.ref);
  return image.ref;
}

/** Name of the S3 plugin's jar in a test image. */
export function s3PluginJar(flinkVersion: string): string {
  const line = flinkVersion.split(".").slice(0, 2).join(".");
  const version = s3Plugin[line];
  if (!version) throw new Error(`no test image for Flink ${line}: only ${Object.keys(s3Plugin).join(", ")}`);
  return `flink-s3-fs-hadoop-${version}.jar`;
}

async function s3Layer(flinkVersion: string): Promise<string> {
  const jar = s3PluginJar(flinkVersion);
  const version = /([\d.]+)\.jar$/.exec(jar)![1];
  return cached(`layer-s3-${version}`, contentKey({ version, recipe }), buildContext, async (building) => {
    const opt = path.join(building, "root/opt/flink/opt");
    fs.mkdirSync(opt, { recursive: true });
    await run(buildContext, "mvn", [
      ...["-q", "-B", "-ntp", "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"],
      ...[`-Dartifact=org.apache.flink:flink-s3-fs-hadoop:${version}`, `-DoutputDirectory=${opt}`],
    ]);
    const root = path.join(building, "root");
    await saveLayer(buildContext, root, building, { part: `opt/flink/opt/${jar}`, owner: 9999 });
    fs.rmSync(root, { recursive: true });
  });
}
