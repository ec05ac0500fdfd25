import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { parse, type YAMLParseError } from "yaml";
import { Misuse, UserError } from "../recorder/errors";
import { isObject } from "../recorder/json";
import { type Project, readProject } from "../recorder/project";

/** A stack's settings as Pulumi.yaml and Pulumi.<stack>.yaml give them. */
export interface StackSettings {
  projectDir: string;
  project: string;
  stack: string;
  /** Who owns the stack, where its name says so: ORGANIZATION/PROJECT/STACK. */
  organization?: string;
  /** Configuration as PULUMI_CONFIG wants it: every value a string, objects and lists as JSON. */
  config: Record<string, string>;
  /** Keys of `config` whose values came from `secure:` entries. Something only stands for them there: nothing may be deployed with it. */
  secretConfigKeys: string[];
  /** What of the configuration cannot be known here, a sentence each. */
  unknown: string[];
}

/** Stands for an encrypted value where nobody needs to know it. Another ciphertext has another one, so that a change of a secret is a change. */
export function standIn(ciphertext: string): string {
  return createHash("sha256").update(ciphertext).digest("hex").slice(0, 32);
}

/** The stacks that have a file. */
export function stackNames(projectDir: string): string[] {
  const folder = path.join(projectDir, readProject(projectDir).stackFolder);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => /^Pulumi\.(.+)\.ya?ml$/.exec(name)?.[1])
    .filter((name) => name !== undefined)
    .sort();
}

/** The stack that is meant where none is named: that of PULUMI_STACK, the only one that has a file, or dev. */
export function chosenStack(projectDir: string, given: string | undefined): string {
  const named = given ?? process.env.PULUMI_STACK;
  if (named !== undefined && named !== "") return named;
  const known = stackNames(projectDir);
  if (known.length === 1) return known[0]!;
  if (known.length === 0 || known.includes("dev")) return "dev";
  throw new Misuse("Which stack?", [`Name one with --stack: ${known.join(", ")}`]);
}

/** Where the settings of a stack are, or would be. */
export function stackFile(projectDir: string, stack: string): string {
  const folder = path.join(projectDir, readProject(projectDir).stackFolder);
  const [file, other] = ["yaml", "yml"].map((end) => path.join(folder, `Pulumi.${shortName(stack)}.${end}`));
  return !existsSync(file!) && existsSync(other!) ? other! : file!;
}

/** `dev` of `acme/shop/dev`. */
export function shortName(stack: string): string {
  return stack.split("/").at(-1)!;
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
  named: string,
  encrypted?: (ciphertext: string) => string,
): StackSettings {
  const project = readProject(projectDir);
  const stack = shortName(named);
  const organization = named.includes("/") ? named.split("/")[0] : undefined;
  const file = stackFile(projectDir, named);
  const known = stackNames(projectDir);
  // A stack needs no file; where others have one, most likely its name is misspelt.
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
  return settings ?? {};
}

/** What Pulumi.yaml says for all stacks: a plain value, or an object of Pulumi's with its `value` or its `default`. */
function defaultsOf({ config }: Project, qualified: (key: string) => string): [string, unknown][] {
  return Object.entries(config).flatMap(([key, given]) => {
    const value = isObject(given) ? (given.value ?? given.default) : given;
    return value === undefined || value === null ? [] : [[qualified(key), value] as [string, unknown]];
  });
}

/** What to say where the values themselves are needed and there is no engine to decrypt them. */
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
