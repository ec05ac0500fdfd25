import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import Ajv from "ajv";
import { parse } from "yaml";
import { readConfig } from "../../config";
import { projectDir } from "../support/project";

const schemaFile = "docs/reference/stack-file.schema.json";
const schema = JSON.parse(readFileSync(path.join(projectDir, schemaFile), "utf8")) as object;
const validate = new Ajv({ allErrors: true }).compile(schema);

/** What an editor would underline: where, and why. */
function complaints(file: unknown): string[] {
  validate(file);
  return (validate.errors ?? []).map(({ dataPath, message, params }) =>
    [dataPath, message, ...Object.values(params).map(String)].join(" "),
  );
}

/** As the engine hands an encrypted value over. */
function decrypted(_key: string, value: unknown): unknown {
  return typeof value === "object" && value !== null && "secure" in value ? value.secure : value;
}

/** What the program says of the same. */
function problems(config: Record<string, unknown>): string[] {
  const all = Object.fromEntries(
    Object.entries(config)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value, decrypted)]),
  );
  return readConfig("flink-kubernetes", all, () => false).problems.map(
    ({ path: at, reason }) => `${at}: ${reason}`,
  );
}

const stacks = readdirSync(projectDir).filter((name) => /^Pulumi\..+\.yaml$/.test(name));
const textOf = (file: string) => readFileSync(path.join(projectDir, file), "utf8");

const cluster = { name: "orders", flinkVersion: "2.2.1" };
const ours = (config: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(config).map(([key, value]) => [`flink-kubernetes:${key}`, value]));

describe("the JSON Schema of stack files", () => {
  for (const file of stacks) {
    it(`finds nothing in ${file}, which names it on its first line`, () => {
      assert.equal(textOf(file).split("\n")[0], `# yaml-language-server: $schema=${schemaFile}`);
      assert.deepEqual(complaints(parse(textOf(file))), []);
    });
  }

  const shown = readdirSync(path.join(projectDir, "docs"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .flatMap((file) =>
      [...textOf(`docs/${file}`).matchAll(/^```yaml\n([^]*?)^```/gm)]
        .map(([, block]) => block!)
        .filter((block) => /^config:\n {2}flink-kubernetes:/m.test(block))
        .map(
          (block, index) =>
            [`block ${index + 1} of docs/${file}`, parse(block) as { config: object }] as const,
        ),
    );

  it("sees the stack files that the documentation shows", () => {
    assert.ok(shown.length >= 10, String(shown.length));
  });

  for (const [where, file] of shown) {
    it(`finds nothing in ${where}, and neither does the program`, () => {
      assert.deepEqual(complaints(file), []);
      // Some blocks are a part of a stack file.
      const config = { "flink-kubernetes:cluster": cluster, ...file.config };
      const application = "flink-kubernetes:application" in config;
      assert.deepEqual(
        problems(application ? { ...config, "flink-kubernetes:cluster": undefined } : config),
        [],
      );
    });
  }

  for (const [what, config, where] of [
    [
      "a key that nobody reads",
      { cluster: { ...cluster, taskManger: { slots: 2 } } },
      /cluster.* taskManger$/,
    ],
    [
      "a key deep inside",
      { cluster: { ...cluster, taskManager: { cpu: { reqest: "1" } } } },
      /taskManager\.cpu.* reqest$/,
    ],
    [
      "a number in quotes",
      { cluster: { ...cluster, taskManager: { slots: "4" } } },
      /taskManager\.slots.*number/,
    ],
    [
      "a word that is none of its enumeration",
      { cluster: { ...cluster, checkpointing: { mode: "SOMETIMES" } } },
      /checkpointing\.mode/,
    ],
    ["no version", { cluster: { name: "orders" } }, /flinkVersion/],
    ["a job without a name", { cluster, jobs: [{ jar: "/opt/a.jar" }] }, /jobs.*\[0\].*name/],
    [
      "a job with a cluster of its own",
      { cluster, jobs: [{ name: "a", jar: "/opt/a.jar", cluster: "b" }] },
      /jobs.*cluster$/,
    ],
    ["a key with nothing behind it", { cluster: { ...cluster, highAvailability: null } }, /highAvailability/],
    [
      "a number in a label that lost a zero",
      { cluster: { ...cluster, jobManager: { podLabels: { v: 1.1 } } } },
      /podLabels\[.v.\]/,
    ],
    [
      "a policy that the pack does not have",
      { cluster, policyPacks: [{ pack: "flink", config: { "flink-imge": "advisory" } }] },
      /flink-imge/,
    ],
    [
      "a level that there is not",
      { cluster, policyPacks: [{ pack: "kubernetes", config: { "image-tag": "sometimes" } }] },
      /image-tag/,
    ],
    [
      "an option that the policy does not have",
      { cluster, policyPacks: [{ pack: "kubernetes", config: { "image-tag": { levl: 1 } } }] },
      /image-tag/,
    ],
  ] as const) {
    it(`finds ${what}, as the program does`, () => {
      const found = complaints({ config: ours(config) });
      assert.ok(
        found.some((text) => where.test(text)),
        found.join("\n"),
      );
      assert.notDeepEqual(problems(ours(config)), []);
    });
  }

  it("takes what the program takes: texts that YAML made numbers, encrypted options, packs and providers of others", () => {
    const config = {
      ...ours({
        cluster: {
          ...cluster,
          config: { "heartbeat.interval": 10000 },
          taskManager: { memory: "4g", podLabels: { team: 7 } },
        },
        jobs: [
          { name: "totals", jar: "/opt/flink/usrlib/totals.jar", arguments: ["--rate", 2], parallelism: 2 },
        ],
        secretConfig: { "s3.secret-key": { secure: "AAAB" } },
        policyPacks: [
          { pack: "./tests/policies", config: { ours: { enforcementLevel: "advisory", anything: 1 } } },
        ],
      }),
      "kubernetes:context": "prod",
    };
    assert.deepEqual(complaints({ config, encryptionsalt: "v1:abc" }), []);
  });

  it("finds what stands beside config:", () => {
    assert.match(
      complaints({ config: {}, "flink-kubernetes:cluster": cluster }).join(),
      /flink-kubernetes:cluster/,
    );
  });

  it("says what every argument is", () => {
    const silent: string[] = [];
    const visit = (at: string, value: unknown): void => {
      // Of an exemption the option says what it is.
      if (typeof value !== "object" || value === null || at === "/definitions/exemptions") return;
      for (const [name, property] of Object.entries((value as { properties?: object }).properties ?? {})) {
        const known = /^#\/definitions\//.test(String((property as { $ref?: string }).$ref));
        const own = (property as { description?: string }).description;
        if (!known && own === undefined && name !== "enforcementLevel") silent.push(`${at}.${name}`);
      }
      for (const [name, inner] of Object.entries(value))
        if (name !== "if" && name !== "then") visit(`${at}/${name}`, inner);
    };
    visit("", {
      ...schema,
      properties: { config: (schema as { properties: { config: object } }).properties.config },
    });
    assert.deepEqual(silent, []);
  });
});
