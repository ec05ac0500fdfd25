import assert from "node:assert/strict";
import fc from "fast-check";
import { fullOf } from "../../preview/markdown";
import type { JsonObject } from "../../preview/normal";
import { type Report, reportOf } from "../../preview/report";
import { terminalOf } from "../../preview/terminal";
import { changeOf } from "./support/change";

/** Where people write a password in clear, and what stands beside it. */
const places: Record<string, (password: string) => JsonObject> = {
  "a variable": (password) => ({
    spec: { template: { spec: { containers: [{ env: [{ name: "DB_PASSWORD", value: password }] }] } } },
  }),
  "an argument after its name": (password) => pod(["--db.password", password, "--rate", "2"]),
  "an argument with its name": (password) => pod([`--dbPassword=${password}`, "--rate", "2"]),
  "a property of Java": (password) => pod(["-Djavax.net.ssl.keyStorePassword=" + password]),
  "options of Java in one text": (password) => ({
    data: { OPTS: `-Xmx1g -Djavax.net.ssl.trustStorePassword=${password} -Dfoo=bar` },
  }),
  "the request of a job": (password) => ({
    data: { "request.json": JSON.stringify({ programArgsList: ["--api-key", password], parallelism: 2 }) },
  }),
  "an option of Flink": (password) => ({
    data: { "config.yaml": `parallelism.default: 2\ns3.secret-key: ${password}\nrest.port: 8081\n` },
  }),
  "an option of Flink in quotes": (password) => ({
    data: { "config.yaml": `s3.secret-key: "${password}"\n` },
  }),
  "a login of Java": (password) => ({
    data: { jaas: `org.apache.Login required username="a" password="${password}";` },
  }),
  "a table's option in SQL": (password) => ({
    data: { "a.sql": `CREATE TABLE t WITH (\n  'connector' = 'jdbc',\n  'password' = '${password}'\n);` },
  }),
  "a URL": (password) => ({ data: { url: `jdbc:postgresql://orders:${password}@db:5432/orders?ssl=true` } }),
  "a key of its own": (password) => ({ data: { "some-token": password } }),
};

function pod(args: string[]): JsonObject {
  return { spec: { template: { spec: { containers: [{ name: "own", args }] } } } };
}

const passwords = fc.stringMatching(/^[A-Za-z0-9+_.]{0,12}$/).map((text) => `s3cr3t${text}`);

function report(before: JsonObject | undefined, after: JsonObject | undefined): Report {
  const change = changeOf("kubernetes:apps/v1:Deployment", "own", before ?? {}, after ?? {});
  if (before === undefined) delete change.before;
  if (after === undefined) delete change.after;
  const preview = { source: "engine" as const, changes: [change], policies: [], messages: [], missing: [] };
  return reportOf(preview, { stack: "dev" });
}

const printed = (one: Report): string =>
  [fullOf(one), terminalOf(one, { width: 100, color: false }), JSON.stringify(one)].join("\n");

describe("a password that stands in clear is in no report", () => {
  for (const [where, inputs] of Object.entries(places)) {
    it(`in ${where}, when it changes, comes or goes`, () => {
      fc.assert(
        fc.property(passwords, passwords, (old, now) => {
          for (const [before, after] of [
            [inputs(old), inputs(now)],
            [undefined, inputs(now)],
            [inputs(old), undefined],
          ]) {
            assert.doesNotMatch(printed(report(before, after)), /s3cr3t/);
          }
        }),
        { numRuns: 50 },
      );
    });

    it(`in ${where}: that it is another one is seen`, () => {
      const text = fullOf(report(inputs("s3cr3t-a"), inputs("s3cr3t-b")));
      assert.match(text, /^-.*\(hidden, old\)/m);
      assert.match(text, /^\+.*\(hidden, new\)/m);
    });
  }

  it("what stands beside it is shown, and is no difference when it stays", () => {
    const before = pod(["--db.password", "s3cr3t", "--rate", "2", "--password-file", "/run/a"]);
    const after = pod(["--db.password", "s3cr3t", "--rate", "3", "--password-file", "/run/b"]);
    const text = fullOf(report(before, after));
    assert.deepEqual(
      text
        .split("\n")
        .filter((line) => /^[-+] /.test(line))
        .map((line) => line.replace(/ +/g, " ")),
      ['- - "2"', '+ - "3"', "- - /run/a", "+ - /run/b"],
    );
  });
});
