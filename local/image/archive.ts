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
  /** The part of the folder to pack. Default: all. Folders above it keep their owner from lower layers. */
  part?: string;
  /** User and group id of every file. Default: as in the folder. */
  owner?: number;
  /** Packs only files that have changed since the creation of this file. */
  since?: string;
  /** Sets the same time for every file, so that the same content results in the same layer. */
  sameTime?: boolean;
}

/** Packs a folder as the layer's "/". */
export async function createLayer(
  ctx: BuildContext,
  root: string,
  tar: string,
  options: LayerOptions = {},
): Promise<Layer> {
  const flags = ["--sort=name", "--format=gnu", "--numeric-owner"];
  if (options.owner !== undefined) flags.push(`--owner=${options.owner}`, `--group=${options.owner}`);
  if (options.sameTime !== false) flags.push("--mtime=@0");
  if (options.since !== undefined) flags.push(`--newer=${options.since}`);
  await run(ctx, "tar", [...flags, "--create", "--file", tar, "--directory", root, options.part ?? "."]);
  return { tar, digest: await digestOf(tar) };
}

export async function digestOf(file: string): Promise<string> {
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

interface Blob {
  digest: string;
  size: number;
  content: string | { file: string };
}

const textBlob = (value: object): Blob => {
  const content = JSON.stringify(value);
  const digest = createHash("sha256").update(content).digest("hex");
  return { digest, size: Buffer.byteLength(content), content };
};
const blobPath = (blob: { digest: string }) => `blobs/sha256/${blob.digest}`;

/**
 * Writes a tar that is both an OCI layout and a docker-archive, so that containerd, Docker, Podman and kind
 * can import it. The same layers result in the same bytes.
 */
export async function writeImage(
  file: string,
  ref: string,
  layers: Layer[],
  config: ImageConfig,
): Promise<void> {
  const layerBlobs: Blob[] = layers.map(({ tar, digest }) => ({
    digest,
    size: fs.statSync(tar).size,
    content: { file: tar },
  }));
  const diffIds = layers.map(({ digest }) => `sha256:${digest}`);
  const image = textBlob({
    architecture,
    os: "linux",
    config,
    rootfs: { type: "layers", diff_ids: diffIds },
  });
  const descriptor = (kind: string, blob: Blob) => ({
    mediaType: `application/vnd.oci.image.${kind}`,
    digest: `sha256:${blob.digest}`,
    size: blob.size,
  });
  const manifest = textBlob({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: descriptor("config.v1+json", image),
    layers: layerBlobs.map((blob) => descriptor("layer.v1.tar", blob)),
  });
  const tag = ref.slice(ref.lastIndexOf(":") + 1);
  const named = { "io.containerd.image.name": ref, "org.opencontainers.image.ref.name": tag };
  const index = {
    schemaVersion: 2,
    manifests: [{ ...descriptor("manifest.v1+json", manifest), annotations: named }],
  };
  const docker = [{ Config: blobPath(image), RepoTags: [ref], Layers: layerBlobs.map(blobPath) }];

  const out = fs.createWriteStream(file);
  const write = async (name: string, { size, content }: Omit<Blob, "digest">) => {
    out.write(tarHeader(name, size));
    if (typeof content === "string") out.write(content);
    else await pipeline(fs.createReadStream(content.file, { highWaterMark: 1 << 20 }), out, { end: false });
    out.write(padding(size));
  };
  await write("oci-layout", textBlob({ imageLayoutVersion: "1.0.0" }));
  await write("index.json", textBlob(index));
  await write("manifest.json", textBlob(docker));
  // An image may have a layer twice, but the tar must not.
  const blobs = new Map([image, manifest, ...layerBlobs].map((blob) => [blob.digest, blob]));
  for (const blob of blobs.values()) await write(blobPath(blob), blob);
  await new Promise<void>((resolve, reject) => {
    out.once("error", reject);
    out.end(Buffer.alloc(1024), resolve);
  });
}

/** A tag that is a hash of the layers and the configuration. */
export function imageHash(layers: Layer[], config: ImageConfig): string {
  const hash = createHash("sha256");
  for (const layer of layers) hash.update(layer.digest);
  return hash.update(JSON.stringify(config)).digest("hex").slice(0, 8);
}

const padding = (size: number) => Buffer.alloc(padded(size) - size);
const padded = (size: number) => Math.ceil(size / 512) * 512;

/**
 * The tar without the blobs whose digests (sha256:...) are in `known`, for an importer that already has
 * these. Other files stay unchanged.
 */
export async function* withoutBlobs(file: string, known: ReadonlySet<string>): AsyncGenerator<Buffer> {
  const handle = await fs.promises.open(file);
  try {
    const header = Buffer.alloc(512);
    for (let at = 0; ;) {
      const { bytesRead } = await handle.read(header, 0, 512, at);
      if (bytesRead < 512 || header[0] === 0) break;
      const name = header.toString("latin1", 0, 100).replace(/\0.*$/, "");
      const end = at + 512 + padded(parseInt(header.toString("latin1", 124, 135), 8));
      const digest = name.startsWith("blobs/sha256/") && `sha256:${path.basename(name)}`;
      if (!digest || !known.has(digest)) {
        yield* fs.createReadStream(file, { start: at, end: end - 1, highWaterMark: 1 << 20 });
      }
      at = end;
    }
    yield Buffer.alloc(1024);
  } finally {
    await handle.close();
  }
}

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

/** A layer that saveLayer packed into `folder` earlier. */
export function savedLayer(folder: string): Layer {
  const digest = fs.readFileSync(path.join(folder, "layer.sha256"), "utf8");
  return { tar: path.join(folder, "layer.tar"), digest };
}

/** Packs a folder into `folder`/layer.tar, for savedLayer. */
export async function saveLayer(
  ctx: BuildContext,
  root: string,
  folder: string,
  options?: LayerOptions,
): Promise<void> {
  const layer = await createLayer(ctx, root, path.join(folder, "layer.tar"), options);
  fs.writeFileSync(path.join(folder, "layer.sha256"), layer.digest);
}
