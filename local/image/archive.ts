import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { pipeline } from "node:stream/promises";
import type { BuildContext } from "../cache";
import { run } from "../run";

/** One layer of an image: an uncompressed tar. */
export interface Layer {
  tar: string;
  /** SHA-256 of the tar, in hex. */
  digest: string;
}

export interface LayerOptions {
  /** Which part of the folder is packed; default all. Folders above it keep the owner that lower layers gave them. */
  part?: string;
  /** User and group id of every file; left out, as in the folder. */
  owner?: number;
  /** Gives every file the same time, so that the same content makes the same layer. Off for files whose times matter. */
  sameTime?: boolean;
}

/** Packs a folder, which becomes the layer's "/". */
export async function createLayer(
  ctx: BuildContext,
  root: string,
  tar: string,
  options: LayerOptions = {},
): Promise<Layer> {
  const flags = ["--sort=name", "--format=gnu", "--numeric-owner"];
  if (options.owner !== undefined) flags.push(`--owner=${options.owner}`, `--group=${options.owner}`);
  if (options.sameTime !== false) flags.push("--mtime=@0");
  await run(ctx, "tar", [...flags, "--create", "--file", tar, "--directory", root, options.part ?? "."]);
  return { tar, digest: await digestOf(tar) };
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(fs.createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest("hex");
}

/** The container configuration of an image, with Docker's field names. */
export interface ImageConfig {
  Entrypoint?: string[];
  Env?: string[];
  User?: string;
  WorkingDir?: string;
  Labels?: Record<string, string>;
}

const architecture = process.arch === "x64" ? "amd64" : process.arch;

/** Writes a docker-archive tar, which containerd, Docker, Podman and kind can import. The same layers give the same bytes. */
export async function writeImage(
  file: string,
  ref: string,
  layers: Layer[],
  config: ImageConfig,
): Promise<void> {
  const diffIds = layers.map(({ digest }) => `sha256:${digest}`);
  const image = JSON.stringify({
    architecture,
    os: "linux",
    config,
    rootfs: { type: "layers", diff_ids: diffIds },
  });
  const imageName = `${createHash("sha256").update(image).digest("hex")}.json`;
  const layerName = (layer: Layer) => `${layer.digest}/layer.tar`;
  const manifest = JSON.stringify([{ Config: imageName, RepoTags: [ref], Layers: layers.map(layerName) }]);

  const out = fs.createWriteStream(file);
  const texts: [string, string][] = [
    ["manifest.json", manifest],
    [imageName, image],
  ];
  for (const [name, text] of texts) {
    out.write(tarHeader(name, Buffer.byteLength(text)));
    out.write(text);
    out.write(padding(Buffer.byteLength(text)));
  }
  for (const layer of layers) {
    const { size } = fs.statSync(layer.tar);
    out.write(tarHeader(layerName(layer), size));
    await pipeline(fs.createReadStream(layer.tar, { highWaterMark: 1 << 20 }), out, { end: false });
    out.write(padding(size));
  }
  await new Promise<void>((resolve, reject) => {
    out.once("error", reject);
    out.end(Buffer.alloc(1024), resolve);
  });
}

/** A tag that changes whenever a layer or the configuration does. */
export function imageHash(layers: Layer[], config: ImageConfig): string {
  const hash = createHash("sha256");
  for (const layer of layers) hash.update(layer.digest);
  return hash.update(JSON.stringify(config)).digest("hex").slice(0, 8);
}

const padding = (size: number) => Buffer.alloc((512 - (size % 512)) % 512);

/** A ustar header of a plain file owned by root. */
function tarHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(512);
  const octal = (value: number, at: number, length: number) =>
    header.write(value.toString(8).padStart(length - 1, "0") + "\0", at, "latin1");
  header.write(name, 0, 100, "latin1");
  octal(0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  header.write("        0", 148, "latin1");
  header.write("ustar\x0000", 257, "latin1");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(sum.toString(8).padStart(6, "0") + "\0 ", 148, "latin1");
  return header;
}

/** A layer that was packed earlier into `folder`, see saveLayer. */
export function savedLayer(folder: string): Layer {
  const digest = fs.readFileSync(path.join(folder, "layer.sha256"), "utf8");
  return { tar: path.join(folder, "layer.tar"), digest };
}

/** Packs a folder into `folder`/layer.tar, to be read back with savedLayer. */
export async function saveLayer(
  ctx: BuildContext,
  root: string,
  folder: string,
  options?: LayerOptions,
): Promise<void> {
  const layer = await createLayer(ctx, root, path.join(folder, "layer.tar"), options);
  fs.writeFileSync(path.join(folder, "layer.sha256"), layer.digest);
}
