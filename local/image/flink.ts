import * as path from "node:path";
import { cached, contentKey, type BuildContext } from "../cache";
import { imageHash, writeImage, type ImageConfig, type Layer } from "./archive";
import { flinkHome } from "./flink-home";
import { rootFileSystem } from "./root-file-system";

/** An image as a tar, OCI layout and docker-archive at once. */
export interface ImageTar {
  tar: string;
  /** Its name, with a tag that depends on the content. */
  ref: string;
}

/** The parts of a Flink image, before it is written as a tar. */
export interface FlinkImage {
  flinkVersion: string;
  layers: Layer[];
  /** Variables in addition to those of every image, as NAME=value. */
  env?: string[];
}

const registry = "flink-kubernetes.local";

// As in the official images.
const config: ImageConfig = {
  Env: [
    "PATH=/opt/flink/bin:/opt/java/openjdk/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "JAVA_HOME=/opt/java/openjdk",
    "FLINK_HOME=/opt/flink",
    "LANG=C.UTF-8",
  ],
  User: "9999:9999",
  WorkingDir: "/opt/flink",
};

/** Builds the layers of a Flink image in parallel: Debian with Java, and Flink's distribution. */
export async function buildFlinkImage(
  options: { flinkVersion: string },
  ctx: BuildContext,
): Promise<FlinkImage> {
  const { flinkVersion } = options;
  const layers = await Promise.all([rootFileSystem(ctx), flinkHome(flinkVersion, ctx)]);
  return { flinkVersion, layers };
}

/** Writes the tar of an image, unless it is cached. */
export async function writeOnce(name: string, image: FlinkImage, ctx: BuildContext): Promise<ImageTar> {
  const { flinkVersion, layers, env = [] } = image;
  const own = { ...config, Env: [...(config.Env ?? []), ...env] };
  const ref = `${registry}/${name}:${flinkVersion}-${imageHash(layers, own)}`;
  const write = async (building: string) => {
    ctx.report(`writing ${ref}`);
    await writeImage(path.join(building, "image.tar"), ref, layers, own);
  };
  // Every change of a job needs a new large tar, which takes seconds, so old ones are removed after an hour.
  const folder = await cached(`image-${name}`, contentKey({ ref, format: "oci" }), ctx, write, 1 / 24);
  return { tar: path.join(folder, "image.tar"), ref };
}
