import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { parse, type YAMLParseError } from "yaml";
import { UserError } from "../recorder/errors";

/** A stack's settings as Pulumi.yaml and Pulumi.<stack>.yaml give them. */
export interface StackSettings {
  projectDir: string;
  project: string;
  stack: string;
  /** Configuration as PULUMI_CONFIG wants it: every value a string, objects and lists as JSON. */
  config: Record<string, string>;
  /** Keys of `config` whose values came from `secure:` entries. Something only stands for them there: nothing may be deployed with it. */
  secretConfigKeys: string[];
}

/** Stands for an encrypted value where nobody needs to know it. Another ciphertext has another one, so that a change of a secret is a change. */
export function standIn(ciphertext: string): string {
  return createHash("sha256").update(ciphertext).digest("hex").slice(0, 32);
}

/** The stacks that have a file. */
export function stackNames(projectDir: string): string[] {
  return readdirSync(projectDir)
    .map((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1])
    .filter((name) => name !== undefined)
    .sort();
}

/** What Pulumi has in a stack's file. */
const TOP_LEVEL = ["config", "environment", "secretsprovider", "encryptedkey", "encryptionsalt"];

/**
 * Reads a stack's file; throws a UserError that lists the stacks there are.
 *
 * @param encrypted what stands for an encrypted value, where nobody needs to know it. Default: a stack with such values is refused
 */
export function readStack(
  projectDir: string,
  stack: string,
  encrypted?: (ciphertext: string) => string,
): StackSettings {
  const project = parse(readFileSync(path.join(projectDir, "Pulumi.yaml"), "utf8")) as { name: string };
  const file = path.join(projectDir, `Pulumi.${stack}.yaml`);
  if (!existsSync(file)) {
    throw new UserError(`There is no stack "${stack}": ${path.basename(file)} does not exist.`, [
      `Use one of: ${stackNames(projectDir).join(", ")}`,
      `or write ${path.basename(file)}, starting from a copy of one of them.`,
    ]);
  }
  let settings: { config?: Record<string, unknown> } | null;
  try {
    settings = parse(readFileSync(file, "utf8"), { logLevel: "error" }) as typeof settings;
  } catch (error) {
    // What the parser says quotes the file, which may hold secrets: only where it stopped is told, and its word for why.
    const { code, linePos: [at] = [] } = error as Partial<YAMLParseError>;
    const why =
      at === undefined
        ? "an alias has no anchor; a text that begins with * needs quotes"
        : `line ${at.line}, column ${at.col} cannot be read (${code})`;
    throw new UserError(`${path.basename(file)} is not YAML: ${why}`, [
      `Correct ${path.basename(file)}; nothing was changed.`,
    ]);
  }
  if (settings !== null && (typeof settings !== "object" || Array.isArray(settings))) {
    throw new UserError(`${path.basename(file)} is no map with config: at its beginning.`);
  }
  const stray = Object.keys(settings ?? {}).filter((key) => !TOP_LEVEL.includes(key));
  if (stray.length > 0) {
    throw new UserError(`${path.basename(file)} has what nobody reads: ${stray.join(", ")}.`, [
      "What the program is to read stands below config:, indented.",
    ]);
  }
  const entries = Object.entries(settings?.config ?? {});
  const secure = entries.filter(([, value]) => isSecure(value)).map(([key]) => key);
  if (secure.length > 0 && encrypted === undefined) throw undecrypted(stack, secure);
  const qualified = (key: string) => (key.includes(":") ? key : `${project.name}:${key}`);
  const config = Object.fromEntries(
    entries.map(([key, value]) => {
      const known = withoutSecure(value, encrypted);
      return [qualified(key), typeof known === "string" ? known : JSON.stringify(known)];
    }),
  );
  return { projectDir, project: project.name, stack, config, secretConfigKeys: secure.map(qualified) };
}

/** The configuration for the engine, which reads what is encrypted from the stack's own file. */
export function engineConfig({ config, secretConfigKeys }: StackSettings): Record<string, string> {
  return Object.fromEntries(Object.entries(config).filter(([key]) => !secretConfigKeys.includes(key)));
}

/** What to say where the values themselves are needed and there is no engine to decrypt them. */
function undecrypted(stack: string, keys: readonly string[]): UserError {
  return new UserError(
    `Pulumi.${stack}.yaml has encrypted values (${keys.join(", ")}), which only the Pulumi engine can decrypt.`,
    [
      "npm start and pulumi up decrypt them.",
      `As YAML without secrets: npm run render -- --stack ${stack} --out FOLDER, with --secret-ref for each Secret that it then names.`,
    ],
  );
}

function withoutSecure(value: unknown, encrypted: ((ciphertext: string) => string) | undefined): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("secure" in value) return encrypted?.(String(value.secure));
  if (Array.isArray(value)) return value.map((item) => withoutSecure(item, encrypted));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withoutSecure(item, encrypted)]),
  );
}

function isSecure(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return "secure" in value || Object.values(value).some(isSecure);
}

/** What the commands need to know of a stack's cluster before the program runs; the program itself checks everything. */
export interface StackCluster {
  name: string;
  namespace: string;
  flinkVersion: string;
  image: string | undefined;
}

/** Reads the cluster of a stack that has been checked. */
export function clusterOf(settings: StackSettings): StackCluster {
  const cluster = JSON.parse(settings.config[`${settings.project}:cluster`] ?? "{}") as {
    name: string;
    namespace?: { name?: string };
    flinkVersion: string;
    image?: string;
  };
  return {
    name: cluster.name,
    namespace: cluster.namespace?.name ?? cluster.name,
    flinkVersion: cluster.flinkVersion,
    image: cluster.image,
  };
}

/** Images of this registry are built by the local node; no other cluster can pull them. */
const LOCAL_REGISTRY = "flink-kubernetes.local/";

export function usesLocalImage(settings: StackSettings): boolean {
  return Object.values(settings.config).some((value) => value.includes(LOCAL_REGISTRY));
}

/**
 * The same stack with the tag of a local image replaced by that of the image just built, which changes with its content: a
 * changed jar then restarts what runs it.
 */
export function withBuiltImage(settings: StackSettings, ref: string): StackSettings {
  const repository = ref.slice(0, ref.lastIndexOf(":"));
  const config = Object.fromEntries(
    Object.entries(settings.config).map(([key, value]) => [
      key,
      value.replaceAll(new RegExp(`${repository.replaceAll(".", "\\.")}:[\\w.-]+`, "g"), ref),
    ]),
  );
  return { ...settings, config };
}
