import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { parse, type YAMLParseError } from "yaml";
import { Misuse, UserError } from "../recorder/errors";
import { isObject } from "../recorder/json";
import { type Project, readProject } from "../recorder/project";

/** A stack's settings from Pulumi.yaml and Pulumi.<stack>.yaml. */
export interface StackSettings {
  projectDir: string;
  project: string;
  stack: string;
  /** The organization, if it is in the stack's name: ORGANIZATION/PROJECT/STACK. */
  organization?: string;
  /** Configuration in the form of PULUMI_CONFIG: string values, with objects and lists as JSON. */
  config: Record<string, string>;
  /** Keys of `config` from `secure:` entries. Their values are placeholders, and must not be deployed. */
  secretConfigKeys: string[];
  /** One sentence for each unknown part of the configuration. */
  unknown: string[];
}

/**
 * Placeholder for an encrypted value. It depends on the ciphertext, so that changes of secrets are visible.
 */
export function standIn(ciphertext: string): string {
  return createHash("sha256").update(ciphertext).digest("hex").slice(0, 32);
}

/** The stacks with a file. */
export function stackNames(projectDir: string): string[] {
  const folder = path.join(projectDir, readProject(projectDir).stackFolder);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => /^Pulumi\.(.+)\.ya?ml$/.exec(name)?.[1])
    .filter((name) => name !== undefined)
    .sort();
}

/** The default stack: PULUMI_STACK, the only stack with a file, or dev. */
export function chosenStack(projectDir: string, given: string | undefined): string {
  const named = given ?? process.env.PULUMI_STACK;
  if (named !== undefined && named !== "") return named;
  const known = stackNames(projectDir);
  if (known.length === 1) return known[0]!;
  if (known.length === 0 || known.includes("dev")) return "dev";
  throw new Misuse("Which stack?", [`Name one with --stack: ${known.join(", ")}`]);
}

/** The path of a stack's settings, which need not exist. */
export function stackFile(projectDir: string, stack: string): string {
  const folder = path.join(projectDir, readProject(projectDir).stackFolder);
  const [file, other] = ["yaml", "yml"].map((end) => path.join(folder, `Pulumi.${shortName(stack)}.${end}`));
  return !existsSync(file!) && existsSync(other!) ? other! : file!;
}

/** `dev` of `acme/shop/dev`. */
export function shortName(stack: string): string {
  return stack.split("/").at(-1)!;
}

/** The keys in Pulumi's stack files. */
const TOP_LEVEL = ["config", "environment", "secretsprovider", "encryptedkey", "encryptionsalt"];

/**
 * Reads a stack's file. Throws a UserError with the existing stacks if it is missing.
 *
 * @param encrypted placeholder for encrypted values. Default: a stack with such values is refused
 */
export function readStack(
  projectDir: string,
  named: string,
  encrypted?: (ciphertext: string) => string,
): StackSettings {
  const project = readProject(projectDir);
  const stack = shortName(named);
  const organization = named.includes("/") ? named.split("/")[0] : undefined;
  const file = stackFile(projectDir, named);
  const known = stackNames(projectDir);
  // A stack needs no file, but if others have one, its name probably is misspelt.
  if (!existsSync(file) && known.length > 0) {
    throw new UserError(`There is no stack "${stack}": ${path.basename(file)} does not exist.`, [
      `Use one of: ${known.join(", ")}`,
      `or write ${path.basename(file)}, starting from a copy of one of them.`,
    ]);
  }
  const settings = existsSync(file) ? readStackFile(file) : {};
  const qualified = (key: string) => (key.includes(":") ? key : `${project.name}:${key}`);
  const own = Object.entries(settings.config ?? {}).map(([key, value]) => [qualified(key), value] as const);
  const entries = new Map([...defaultsOf(project, qualified), ...own]);
  const secure = [...entries].filter(([, value]) => isSecure(value)).map(([key]) => key);
  if (secure.length > 0 && encrypted === undefined) throw undecrypted(stack, secure);
  const config = Object.fromEntries(
    [...entries].map(([key, value]) => {
      const plain = withoutSecure(value, encrypted);
      return [key, typeof plain === "string" ? plain : JSON.stringify(plain)];
    }),
  );
  const unknown =
    settings.environment === undefined
      ? []
      : [
          `${path.basename(file)} names environments of Pulumi ESC: what they give is known only to the engine`,
        ];
  return {
    projectDir,
    project: project.name,
    stack,
    ...(organization === undefined ? {} : { organization }),
    config,
    secretConfigKeys: secure,
    unknown,
  };
}

interface StackFile {
  config?: Record<string, unknown>;
  environment?: unknown;
}

function readStackFile(file: string): StackFile {
  let settings: StackFile | null;
  try {
    settings = parse(readFileSync(file, "utf8"), { logLevel: "error" }) as typeof settings;
  } catch (error) {
    // The parser's message quotes the file, which may contain secrets, so only the place and the code are
    // shown.
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
  return settings ?? {};
}

/** A setting for all stacks in Pulumi.yaml: a plain value, or Pulumi's object with `value` or `default`. */
function defaultsOf({ config }: Project, qualified: (key: string) => string): [string, unknown][] {
  return Object.entries(config).flatMap(([key, given]) => {
    const value = isObject(given) ? (given.value ?? given.default) : given;
    return value === undefined || value === null ? [] : [[qualified(key), value] as [string, unknown]];
  });
}

/** The message if encrypted values are necessary and there is no engine to decrypt them. */
function undecrypted(stack: string, keys: readonly string[]): UserError {
  return new UserError(
    `Pulumi.${stack}.yaml has encrypted values (${keys.join(", ")}), which only the Pulumi engine can decrypt.`,
    [
      "pulumi up decrypts them, and npm start in a clone of flink-kubernetes.",
      `As YAML without secrets: render --stack ${stack} --out FOLDER, with --secret-ref for each Secret that it then names.`,
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
