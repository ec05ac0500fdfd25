import * as fs from "node:fs";
import * as path from "node:path";
import { cached, contentKey, sources, type BuildContext } from "../cache";
import { output, run } from "../run";
import { saveLayer, savedLayer } from "./archive";
import { ownLayer } from "./own";
import { buildFlinkImage, writeOnce, type FlinkImage, type ImageTar } from "./flink";

const name = "hello-world";
/** Increase it when the code below changes the layer's content. */
const recipe = 1;

export interface ExampleOptions {
  flinkVersion: string;
  /**
   * Folder of the Maven project, whose jar has the folder's name. Default: examples/hello-world of this
   * repository.
   */
  exampleDir?: string;
}

function projectOf({ exampleDir = path.join(__dirname, "../../examples", name) }: ExampleOptions): string {
  return exampleDir;
}

/** Compiles the hello-world job with Maven, in a copy of its folder. Returns the path of its jar. */
export async function buildExampleJar(options: ExampleOptions, ctx: BuildContext): Promise<string> {
  const { flinkVersion } = options;
  const project = projectOf(options);
  const job = path.basename(project);
  const java = (await output("javac", ["-version"])).trim();
  const key = contentKey({
    pom: fs.readFileSync(path.join(project, "pom.xml"), "utf8"),
    sources: sources(path.join(project, "src")),
    flinkVersion,
    java,
  });
  const folder = await cached(`jar-${job}-${flinkVersion}`, key, ctx, async (building) => {
    ctx.report(`compiling the ${job} job`);
    const work = path.join(building, "work");
    for (const part of ["pom.xml", "src"])
      fs.cpSync(path.join(project, part), path.join(work, part), { recursive: true });
    await run(
      ctx,
      "mvn",
      ["-q", "-B", "-ntp", "package", "-Dmaven.test.skip=true", `-Dflink.version=${flinkVersion}`],
      { cwd: work },
    );
    fs.renameSync(path.join(work, "target", `${job}.jar`), path.join(building, `${job}.jar`));
    fs.rmSync(work, { recursive: true });
  });
  return path.join(folder, `${job}.jar`);
}

/** The Flink image with the hello-world job's jar in /opt/flink/usrlib, and the user's own files. */
export async function buildExampleImage(options: ExampleOptions, ctx: BuildContext): Promise<ImageTar> {
  const [image, own] = await Promise.all([exampleLayers(options, ctx), ownLayer(ctx)]);
  return writeOnce(name, own ? { ...image, layers: [...image.layers, own] } : image, ctx);
}

/** The parts of that image. */
export async function exampleLayers(options: ExampleOptions, ctx: BuildContext): Promise<FlinkImage> {
  const [image, job] = await Promise.all([buildFlinkImage(options, ctx), jobLayer(options, ctx)]);
  return { ...image, layers: [...image.layers, savedLayer(job)] };
}

/** The layer with a job's jar in /opt/flink/usrlib. Returns its folder. */
export async function jobLayer(options: ExampleOptions, ctx: BuildContext): Promise<string> {
  const jar = await buildExampleJar(options, ctx);
  const job = path.basename(jar, ".jar");
  const key = contentKey({ jar: path.basename(path.dirname(jar)), recipe });
  return cached(`layer-${job}-${options.flinkVersion}`, key, ctx, async (building) => {
    const root = path.join(building, "root");
    const library = path.join(root, "opt/flink/usrlib");
    fs.mkdirSync(library, { recursive: true });
    fs.copyFileSync(jar, path.join(library, `${job}.jar`));
    await saveLayer(ctx, root, building, { part: "opt/flink/usrlib", owner: 9999 });
    fs.rmSync(root, { recursive: true });
  });
}
