import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { checkJob, jobModel, type ResolvedJobArgs } from "../../../components/args/check-job";
import type { FlinkJobArgs } from "../../../components/args/job";
import { connection, jobArgs } from "./connection";

const insert = "INSERT INTO sums SELECT n FROM numbers;";

const paths = (name: string, args: unknown) => checkJob(name, args as FlinkJobArgs).map(({ path }) => path);

/** A jar that is fetched. */
const fetched = { jar: "https://repo.example.com/a.jar", jarChecksum: "0".repeat(64) };

describe("FlinkJob: what its arguments may be", () => {
  it("takes the smallest and the fullest description", () => {
    assert.deepEqual(paths("count", jobArgs), []);
    const full = {
      cluster: pulumi.output(connection),
      jar: "local:///opt/flink/usrlib/count.jar",
      entryClass: "com.example.Count$Main",
      arguments: ["--x", "", pulumi.output("later")],
      parallelism: 4,
      config: { "execution.checkpointing.interval": "10 s", "metrics.latency.interval": "1 s" },
      upgradeMode: "lastState",
      fallback: false,
      rollback: false,
      initialSavepoint: "s3://bucket/savepoints/savepoint-1",
      restoreNonce: pulumi.output("2026-11-25"),
      allowNonRestoredState: true,
      bounded: false,
      startTimeout: 600,
      image: "registry.example/count:1",
      imagePullSecrets: ["registry"],
    };
    assert.deepEqual(paths("count", full), []);
  });

  it("takes whole numbers, true and false of YAML as texts, as an application does", () => {
    const given = { ...jobArgs, arguments: ["--port", 9092, "--dry", true], restoreNonce: 2 } as unknown;
    assert.deepEqual(paths("count", given), []);
    const { programArguments, restoreNonce } = jobModel("count", given as ResolvedJobArgs);
    assert.deepEqual([...programArguments, restoreNonce], ["--port", "9092", "--dry", "true", "2"]);
  });

  const wrong: [string, unknown, string, RegExp][] = [
    [
      "a jar over https without its checksum",
      { jar: "https://example.com/a.jar" },
      "jarChecksum",
      /checksum/,
    ],
    ["a jar over plain HTTP", { jar: "http://example.com/a.jar" }, "jar", /changed on its way/],
    ["a jar from another kind of store", { jar: "gs://bucket/a.jar" }, "jar", /https and from S3/],
    ["a bucket without a key", { jar: "s3://a.jar" }, "jar", /bucket or the key/],
    [
      "a password in the jar's URL",
      { jar: "https://me:pw@example.com/a.jar", jarChecksum: "0".repeat(64) },
      "jar",
      /password in a URL/,
    ],
    [
      "a checksum of another kind",
      { jarChecksum: "d41d8cd98f00b204e9800998ecf8427e" },
      "jarChecksum",
      /SHA-256/,
    ],
    [
      "a store for a jar that is in the image",
      { jarStorage: { region: "x" } },
      "jarStorage",
      /only for files in an S3-compatible store/,
    ],
    [
      "one of two keys",
      { jar: "s3://bucket/a.jar", jarStorage: { accessKey: { name: "s3", key: "a" } } },
      "jarStorage.secretKey",
      /both keys/,
    ],
    [
      "an endpoint that is none",
      { jar: "s3://bucket/a.jar", jarStorage: { endpoint: "s3.example.com" } },
      "jarStorage.endpoint",
      /URL of a server/,
    ],
    [
      "a login for a jar that is in the image",
      { jarHttp: { headers: { "PRIVATE-TOKEN": { name: "a", key: "b" } } } },
      "jarHttp",
      /only for files that are fetched over https/,
    ],
    [
      "a name without a password",
      { ...fetched, jarHttp: { username: { name: "a", key: "b" } } },
      "jarHttp.password",
      /a username and a password/,
    ],
    ["neither a login nor a header", { ...fetched, jarHttp: {} }, "jarHttp", /neither/],
    [
      "a header that is none",
      { ...fetched, jarHttp: { headers: { "TOKEN:": { name: "a", key: "b" } } } },
      'jarHttp.headers["TOKEN:"]',
      /not a valid name of a header/,
    ],
    [
      "a login twice",
      {
        ...fetched,
        jarHttp: {
          username: { name: "a", key: "b" },
          password: { name: "a", key: "c" },
          headers: { Authorization: { name: "a", key: "d" } },
        },
      },
      "jarHttp.headers.Authorization",
      /already set this header/,
    ],
    [
      "a Secret that could have no such name",
      { ...fetched, jarHttp: { headers: { T: { name: "A_b", key: "b" } } } },
      "jarHttp.headers.T.name",
      /name of a Secret/,
    ],
    [
      "a checksum of no jar",
      { jar: undefined, entryClass: "com.example.Totals", jarChecksum: "0".repeat(64) },
      "jarChecksum",
      /library directory/,
    ],
    ["a relative jar", { jar: "usrlib/a.jar" }, "jar", /absolute/],
    ["a jar of another kind", { jar: "/opt/a.zip" }, "jar", /\.jar/],
    ["no jar", { jar: undefined }, "jar", /needs a program/],
    ["a jar and a script", { sql: { script: insert } }, "jar", /`sql` is the program/],
    ["a jar and a program in Python", { python: { module: "a" } }, "jar", /`python` is the program/],
    ["a class that is none", { entryClass: "com.example.My-Job" }, "entryClass", /Java class/],
    ["parallelism 0", { parallelism: 0 }, "parallelism", /whole number/],
    ["half a parallelism", { parallelism: 1.5 }, "parallelism", /whole number/],
    [
      "parallelism above the maximum",
      { parallelism: 8, config: { "pipeline.max-parallelism": "4" } },
      "parallelism",
      /max-parallelism/,
    ],
    ["arguments in one text", { arguments: "--x 1" }, "arguments", /list/],
    ["an argument that lost its digits", { arguments: ["--x", 1.1] }, "arguments[1]", /string/],
    ["an argument that is a list", { arguments: ["--x", ["a"]] }, "arguments[1]", /string/],
    ["a nonce that lost its digits", { restoreNonce: 1.1 }, "restoreNonce", /non-empty string/],
    [
      "arguments too long for a Kubernetes object",
      { arguments: ["x".repeat(300_000)] },
      "arguments",
      /bytes/,
    ],
    [
      "a schedule of six fields",
      { savepoints: { schedule: "0 0 3 * * *" } },
      "savepoints.schedule",
      /five fields/,
    ],
    ["savepoints without a schedule", { savepoints: { keep: 3 } }, "savepoints.schedule", /five fields/],
    [
      "a time zone that is none",
      { savepoints: { schedule: "@daily", timeZone: "Mars/Olympus" } },
      "savepoints.timeZone",
      /no time zone of this name/,
    ],
    [
      "a minute that no hour has",
      { savepoints: { schedule: "60 * * * *" } },
      "savepoints.schedule",
      /0 to 59/,
    ],
    ["a weekday of another cron", { savepoints: { schedule: "0 0 * * 7" } }, "savepoints.schedule", /0 to 6/],
    ["a month that is none", { savepoints: { schedule: "0 0 1 13 *" } }, "savepoints.schedule", /1 to 12/],
    ["a day that never is", { savepoints: { schedule: "0 0 30 2 *" } }, "savepoints.schedule", /never/],
    ["a range backwards", { savepoints: { schedule: "0 5-3 * * *" } }, "savepoints.schedule", /begins after/],
    ["a step of nothing", { savepoints: { schedule: "*/0 * * * *" } }, "savepoints.schedule", /step of 0/],
    ["a word that is none", { savepoints: { schedule: "0 0 * * never" } }, "savepoints.schedule", /sun, mon/],
    ["every no time", { savepoints: { schedule: "@every often" } }, "savepoints.schedule", /five fields/],
    [
      "a zone in a schedule",
      { savepoints: { schedule: "TZ=UTC 0 0 * * *" } },
      "savepoints.schedule",
      /does not accept a time zone/,
    ],
    ["no savepoint kept", { savepoints: { schedule: "@daily", keep: 0 } }, "savepoints.keep", /from 1/],
    ["a mode that is none", { upgradeMode: "last-state" }, "upgradeMode", /no upgrade mode of this name/],
    ["a savepoint that is no URI", { initialSavepoint: "savepoints/savepoint-1" }, "initialSavepoint", /URI/],
    ["an empty nonce", { restoreNonce: " " }, "restoreNonce", /non-empty string/],
    ["a switch that is a text", { fallback: "yes" }, "fallback", /true or false/],
    ["a time that is too short", { startTimeout: 5 }, "startTimeout", /seconds/],
    ["a misspelt argument", { paralelism: 2 }, "paralelism", /no argument/],
    ["no cluster", { cluster: undefined }, "cluster", /cluster/],
    [
      "half a cluster",
      { cluster: { ...connection, namespace: "" } },
      "cluster.namespace",
      /non-empty string/,
    ],
    [
      "libraries that Flink would not read",
      { config: { "pipeline.jars": "file:///opt/flink/usrlib/dep.jar" } },
      'config["pipeline.jars"]',
      /would not read it/,
    ],
    [
      "an option of the processes",
      { config: { "taskmanager.numberOfTaskSlots": "4" } },
      'config["taskmanager.numberOfTaskSlots"]',
      /process/,
    ],
    [
      "the parallelism as an option",
      { config: { "parallelism.default": "4" } },
      'config["parallelism.default"]',
      /argument/,
    ],
  ];
  for (const [title, change, path, reason] of wrong) {
    it(`refuses ${title}`, () => {
      const problems = checkJob("count", { ...jobArgs, ...(change as object) });
      assert.deepEqual(
        problems.map((problem) => problem.path),
        [path],
      );
      assert.match(problems[0].reason, reason);
      assert.notEqual(problems[0].fix, "");
    });
  }

  const refusedScripts: [string, string, RegExp, RegExp][] = [
    [
      "that starts nothing",
      "CREATE TABLE a (n INT, m AS (n + 1)) WITH ('x'='INSERT INTO b;');",
      /no statement/,
      /STATEMENT SET/,
    ],
    [
      "that starts two jobs",
      `-- INSERT INTO c\n${insert}\nINSERT\n INTO \`a;b\`(n) /*+ OPTIONS('k'=';') */ SELECT 1;`,
      /each of 2 statements/,
      /^write them as one: EXECUTE STATEMENT SET BEGIN INSERT INTO sums …; INSERT INTO `a;b` …; END;$/,
    ],
    [
      "of an INSERT and a table made of a query",
      `CREATE TABLE a WITH ('k'='v') AS SELECT 1;${insert}`,
      /each of 2/,
      /FlinkJob/,
    ],
    ["whose result nobody sees", `SELECT 's3cret'; ${insert}`, /would go nowhere/, /INSERT INTO/],
    [
      "that sets the parallelism",
      `SET 'parallelism.default' = '2';${insert}`,
      /a script cannot set this option/,
      /`parallelism`/,
    ],
    [
      "with an open quote",
      `CREATE TABLE a WITH ('k'='s3cret);\n${insert}`,
      /quote \('\) .* line 1 /,
      /twice/,
    ],
    ["with an open name", `${insert}\nINSERT INTO \`a;b SELECT 1;`, /quote \(`\) .* line 2 /, /with `/],
    ["with a quote that ends in a pair", `SET 'a' = 'it''';\nSET 'b' = 'it'';`, /line 2 /, /with '/],
    ["with an open comment", `${insert} /* INSERT`, /comment \(\/\*\) .* line 1 /, /\*\//],
    [
      "with a statement set without its end",
      `EXECUTE STATEMENT SET BEGIN ${insert} INSERT INTO b SELECT 1;`,
      /has no END/,
      /END;/,
    ],
    ["with a NUL character", `${insert}\0`, /NUL/, /remove it/],
    ["that is too long", `/*${"x".repeat(200_000)}*/${insert}`, /bytes/, /file/],
    ["without text", " ", /non-empty string/, /semicolon/],
  ];
  for (const [title, script, reason, fix] of refusedScripts) {
    it(`refuses a script ${title}`, () => {
      const problems = checkJob("count", { cluster: connection, sql: { script } });
      assert.deepEqual(
        problems.map((problem) => problem.path),
        ["sql.script"],
      );
      assert.match(problems[0].reason, reason);
      assert.match(problems[0].fix, fix);
      assert.doesNotMatch(JSON.stringify(problems), /s3cret/);
    });
  }

  it("takes a class of the library directory, without a jar", () => {
    const args = { ...jobArgs, jar: undefined, entryClass: "com.example.Totals" };
    assert.deepEqual(paths("count", args), []);
    assert.equal(jobModel("count", args as unknown as ResolvedJobArgs).jar, "");
  });

  it("gives advice for a password in a URL that leads to a job", () => {
    const [problem] = checkJob("count", {
      ...jobArgs,
      jar: "https://user:pw@repo.example.com/a.jar",
      jarChecksum: "0".repeat(64),
    });
    assert.match(problem.fix, /jarHttp; or write s3:\/\/bucket\/key in `jar`, with the keys in jarStorage/);
    const login = { username: { name: "store", key: "user" }, password: { name: "store", key: "password" } };
    assert.deepEqual(paths("count", { ...jobArgs, ...fetched, jarHttp: login }), []);
    const key = { name: "store", key: "access" };
    const advised = { jar: "s3://bucket/key.jar", jarStorage: { accessKey: key, secretKey: key } };
    assert.deepEqual(paths("count", { ...jobArgs, ...advised }), []);
  });

  it("takes schedules as Kubernetes does", () => {
    for (const schedule of [
      "0 3 * * *",
      "*/15 9-17 ? JAN,jul Mon-Fri",
      "5/10 0 1,15,31 2 0",
      "0 0 31 1-3 *",
      "@hourly",
      "@every 1h30m",
    ])
      assert.deepEqual(paths("count", { ...jobArgs, savepoints: { schedule } }), [], schedule);
  });

  it("takes scripts that start one job", () => {
    const set =
      "STATEMENT SET BEGIN INSERT INTO a SELECT 1; INSERT INTO b SELECT CASE n WHEN 1 THEN 2 END FROM c; END";
    for (const script of [
      insert,
      insert.replace(";", ""),
      `SET 'pipeline.name' = 'it''s; INSERT';\n${insert}`,
      `EXECUTE ${set}`,
      `create table a (n int);\nexecute ${set};`,
      `-- it's a comment\n${insert}/* and so is it's */ SET 'a' = '''';`,
      "BEGIN STATEMENT SET; INSERT INTO a SELECT 1; INSERT INTO b SELECT 2; END;",
      "CREATE TABLE a AS SELECT n FROM b;",
      pulumi.secret("anything"),
    ]) {
      assert.deepEqual(paths("count", { cluster: connection, sql: { script } }), [], String(script));
    }
  });

  const checksum = "0".repeat(64);
  const refusedPrograms: [string, Record<string, unknown>, string, RegExp][] = [
    ["that is none", { python: {} }, "python", /the program is missing/],
    ["twice", { python: { script: "pass", file: "/opt/a.py" } }, "python", /this names 2/],
    ["that is empty", { python: { script: " " } }, "python.script", /non-empty string/],
    ["with a NUL character", { python: { script: "a\0" } }, "python.script", /NUL/],
    ["that is too long", { python: { script: "#".repeat(200_000) } }, "python.script", /bytes/],
    ["in a file of another kind", { python: { file: "/opt/a.zip" } }, "python.file", /\.py/],
    ["in a file without its folder", { python: { file: "a.py" } }, "python.file", /absolute/],
    [
      "over https without a checksum",
      { python: { file: "https://a.example/a.py" } },
      "jarChecksum",
      /tested/,
    ],
    [
      "with a checksum of nothing",
      { python: { module: "a" }, jarChecksum: checksum },
      "jarChecksum",
      /python\.file, which is missing/,
    ],
    ["that is a path and not a module", { python: { module: "a/b.py" } }, "python.module", /module/],
    [
      "with files somewhere",
      { python: { module: "a", pyFiles: ["a.zip"] } },
      "python.pyFiles[0]",
      /absolute/,
    ],
    ["with files in one text", { python: { module: "a", pyFiles: "/a.zip" } }, "python.pyFiles", /list/],
    [
      "with two files in one",
      { python: { module: "a", pyFiles: ["/a.zip,/b.zip"] } },
      "python.pyFiles[0]",
      /comma/,
    ],
    [
      "and a script in SQL",
      { python: { module: "a" }, sql: { script: insert } },
      "sql",
      /`python` is the program/,
    ],
    ["and a class", { python: { module: "a" }, entryClass: "a.B" }, "entryClass", /`python` is the program/],
    [
      "with files in an option",
      { python: { module: "a" }, config: { "python.files": "/a.zip" } },
      'config["python.files"]',
      /`python\.pyFiles` sets this option/,
    ],
    ["with a misspelt argument", { python: { module: "a", pyFile: [] } }, "python.pyFile", /./],
  ];
  for (const [title, given, path, reason] of refusedPrograms) {
    it(`refuses a program in Python ${title}`, () => {
      const problems = checkJob("count", { cluster: connection, ...given } as FlinkJobArgs);
      assert.deepEqual(
        problems.map((problem) => problem.path),
        [path],
      );
      assert.match(problems[0].reason, reason);
    });
  }

  it("takes programs in Python", () => {
    for (const given of [
      { python: { script: "print(1)\n" } },
      { python: { script: pulumi.secret("print(1)") } },
      { python: { file: "local:///opt/flink/usrlib/a.py" } },
      { python: { file: "https://a.example/a.py" }, jarChecksum: checksum },
      { python: { file: "s3://bucket/a.py" }, jarStorage: { region: "x" } },
      {
        python: { module: "shop.counts", pyFiles: ["/opt/shop.zip", "s3://bucket/b.py"] },
        arguments: ["--x"],
      },
    ]) {
      assert.deepEqual(paths("count", { cluster: connection, ...given }), [], JSON.stringify(given));
    }
  });

  it("refuses on Flink 1 what only the SQL client knows there", () => {
    const refused = (script: string) =>
      checkJob("count", { cluster: { ...connection, flinkVersion: "1.20.4" }, sql: { script } });
    assert.deepEqual(refused(`SET 'pipeline.name' = 'n';\nSET a.b=c;\n${insert}`), []);
    for (const statement of ["SET", "RESET", "RESET 'a.b'", "SET 'a.b'"]) {
      const [problem, ...more] = refused(`${statement};${insert}`);
      assert.deepEqual([problem.path, more], ["sql.script", []]);
      assert.match(problem.reason, /1\.20\.4 only the SQL client/);
    }
  });

  it("refuses names that do not fit into Kubernetes names", () => {
    for (const name of ["", "Count", "1count", "count_1", "x".repeat(46), "count-"]) {
      assert.deepEqual(paths(name, jobArgs), ["name"], name);
    }
  });

  it("tells everything that is wrong at once", () => {
    const args = { jar: "a.zip", parallelism: -1, startTimeout: 1, what: 1 };
    assert.deepEqual(paths("Bad", args).sort(), [
      "cluster",
      "jar",
      "name",
      "parallelism",
      "startTimeout",
      "what",
    ]);
  });

  it("never throws, whatever it is given", () => {
    fc.assert(
      fc.property(fc.string(), fc.anything(), fc.anything(), (name, anything, leaf) => {
        checkJob(name, anything as FlinkJobArgs);
        for (const key of [
          "jar",
          "arguments",
          "config",
          "cluster",
          "parallelism",
          "image",
          "entryClass",
          "startTimeout",
          "initialSavepoint",
          "restoreNonce",
          "bounded",
        ]) {
          checkJob("count", { ...jobArgs, [key]: leaf } as FlinkJobArgs);
        }
      }),
    );
  });
});
