import assert from "node:assert/strict";
import fc from "fast-check";
import { readConfig } from "../../config";
import { type FlinkApplicationArgs, applicationShape } from "../../components/args/application";
import { checkJob, jobShape } from "../../components/args/check-job";
import { type FlinkClusterArgs, clusterShape } from "../../components/args/cluster";
import type { FlinkJobArgs } from "../../components/args/job";
import { normaliseCluster } from "../../components/args/normalise";
import { normaliseApplication } from "../../components/args/normalise-application";
import type { Field, Shape } from "../../components/args/shape";
import { describeProblem, describeWarning, type Problem } from "../../components/problems";

/** Where a secret is put, from the arguments down, and what it is put there as. */
interface Place {
  path: (string | number)[];
  put(secret: string): unknown;
}

const asItIs = (secret: string) => secret;

/**
 * Every place of a shape whose value may not be shown: what is hidden, what stands where an object, a list or a map belongs, and entries with a name that Flink
 * masks. Made from the shape, so that an argument that is added is covered.
 */
function placesOf(shape: Shape, path: Place["path"] = []): Place[] {
  return Object.entries(shape).flatMap(([key, field]) => placesOfField(field, [...path, key]));
}

function placesOfField(field: Field, path: Place["path"]): Place[] {
  const here: Place = { path, put: asItIs };
  const masked = ["s3.secret-key", "DB_PASSWORD", "some.token"];
  if (typeof field === "object") {
    if ("hidden" in field) {
      return [here, { path: [...path, 0], put: asItIs }, { path: [...path, "any"], put: asItIs }];
    }
    if ("object" in field) return [here, ...placesOf(field.object, path)];
    if ("list" in field)
      return [here, { path: [...path, 0], put: asItIs }, ...placesOf(field.list, [...path, 0])];
    return [here, { path: [...path, "some"], put: asItIs }, ...placesOf(field.map, [...path, "some"])];
  }
  switch (field) {
    case "kubernetes":
      return [
        { path: [...path, 0], put: asItIs },
        { path: [...path, 0, "env"], put: (secret) => [{ name: "KEY", value: [secret] }, secret] },
        { path: [...path, 0, "args"], put: (secret) => [secret] },
        // Where Kubernetes' own types have an object, a list or a map: one of these is a field of each of them.
        ...["csi", "secret", "valueFrom", "securityContext", "labels", "env", "resources"].map((key) => ({
          path: [...path, 0, key],
          put: asItIs,
        })),
      ];
    case "textList":
    case "numberList":
      return [here, { path, put: (secret) => [[secret], { of: secret }] }];
    case "textMap":
    case "inputMap":
      return [here, ...masked.map((key) => ({ path: [...path, key], put: (secret: string) => [secret] }))];
    case "number":
    case "boolean":
      return [
        { path, put: (secret) => [secret] },
        { path, put: (secret) => ({ of: secret }) },
      ];
    case "text":
      return [
        { path, put: (secret) => [secret] },
        { path, put: (secret) => ({ of: secret }) },
      ];
    default:
      return [];
  }
}

/** The arguments with the secret in its place. */
function withSecret(base: object, { path, put }: Place, secret: string): object {
  const args = structuredClone(base) as Record<string | number, unknown>;
  let at = args;
  path.slice(0, -1).forEach((segment, index) => {
    const isList = typeof path[index + 1] === "number";
    const found = at[segment];
    if (typeof found !== "object" || found === null) at[segment] = isList ? [] : {};
    at = at[segment] as typeof at;
  });
  at[path.at(-1)!] = put(secret);
  return args;
}

const said = (problems: Problem[], warnings: Problem[] = []): string =>
  [...problems.map(describeProblem), ...warnings.map(describeWarning)].join("\n");

const cluster = { flinkVersion: "2.2.1", taskManager: { memory: "1g" } };
const application = { ...cluster, jar: "/opt/flink/usrlib/a.jar" };
const job = { cluster: {}, jar: "/opt/flink/usrlib/a.jar" };

const components: [name: string, shape: Shape, base: object, say: (args: object) => string][] = [
  [
    "FlinkCluster",
    clusterShape,
    cluster,
    (args) => {
      const { problems, warnings } = normaliseCluster("orders", args as FlinkClusterArgs);
      return said(problems, warnings);
    },
  ],
  [
    "FlinkApplication",
    applicationShape,
    application,
    (args) => {
      const { problems, warnings } = normaliseApplication("orders", args as FlinkApplicationArgs);
      return said(problems, warnings);
    },
  ],
  ["FlinkJob", jobShape, job, (args) => said(checkJob("orders", args as FlinkJobArgs))],
];

/** Nothing else in a message looks like it. */
const secrets = fc.stringMatching(/^[A-Za-z0-9/+_$.:-]{0,12}$/).map((text) => `s3cr3t${text}`);

describe("a secret where its reference belongs is never shown", function () {
  this.timeout(120_000);

  for (const [name, shape, base, say] of components) {
    const places = placesOf(shape);

    it(`in any argument of ${name}, one at a time`, () => {
      assert.ok(places.length > 20, `${places.length} places`);
      const shown = places.filter((place) =>
        say(withSecret(base, place, "s3cr3t-value")).includes("s3cr3t-value"),
      );
      assert.deepEqual(
        shown.map(({ path }) => path.join(".")),
        [],
      );
    });

    it(`in several arguments of ${name} at once, whatever it looks like`, () => {
      fc.assert(
        fc.property(
          fc.uniqueArray(fc.constantFrom(...places), { minLength: 1, maxLength: 5 }),
          secrets,
          (some, secret) => {
            const args = some.reduce<object>((made, place) => {
              try {
                return withSecret(made, place, secret);
              } catch {
                return made; // something else stands on the way already
              }
            }, base);
            assert.ok(!say(args).includes(secret));
          },
        ),
        { numRuns: 200 },
      );
    });
  }

  it("nor in the stack's file, in the place of what belongs there", () => {
    for (const key of ["cluster", "application", "jobs"]) {
      for (const text of ["s3cr3t-value", '["s3cr3t-value"]', '{"name": ["s3cr3t-value"]}']) {
        const { problems } = readConfig("p", { [`p:${key}`]: text }, () => false);
        if (key === "jobs" || !text.startsWith("{"))
          assert.doesNotMatch(said(problems), /s3cr3t/, `${key}: ${text}`);
      }
    }
  });

  it("nor when all of an argument came encrypted", () => {
    const text = JSON.stringify({ name: "orders", ...cluster, flinkVersion: "s3cr3t-value" });
    const { problems } = readConfig("p", { "p:cluster": text }, (key) => key === "p:cluster");
    assert.match(said(problems), /encrypted/);
    assert.doesNotMatch(said(problems), /s3cr3t/);
  });

  it("but what is open is: a person has to see what is wrong", () => {
    const { problems } = normaliseCluster("orders", { ...cluster, flinkVersion: "1.9.0" });
    assert.match(said(problems), /flinkVersion = "1\.9\.0"/);
  });
});

describe("a password in a program's arguments", () => {
  const warned = (...list: string[]) => {
    const { warnings } = normaliseApplication("orders", {
      ...application,
      arguments: list,
    } as FlinkApplicationArgs);
    return said(
      [],
      warnings.filter(({ path }) => path.startsWith("arguments")),
    );
  };

  for (const list of [
    ["--db.password", "hunter2hunter2"],
    ["--password=hunter2hunter2"],
    ["-Dapi-key=hunter2hunter2"],
    ["DB_PASSWORD=hunter2hunter2"],
    ["--url", "jdbc:postgresql://me:hunter2hunter2@db/orders"],
  ]) {
    it(`is warned of and not shown: ${list[0]!.split("=")[0]}`, () => {
      assert.match(warned(...list), /looks like a password/);
      assert.doesNotMatch(warned(...list), /hunter2/);
    });
  }

  for (const list of [
    ["--password-file", "/etc/db/password"],
    ["--token-type", "bearer"],
    ["--secret", "$DB_SECRET"],
    ["--password", "--verbose"],
    ["--topic", "passwords"],
  ]) {
    it(`is not seen in ${list.join(" ")}`, () => assert.equal(warned(...list), ""));
  }
});
