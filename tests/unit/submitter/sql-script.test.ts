import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { statements } from "../../../components/flink/sql-script";
import { findCommand, submitterDir } from "./awks";

/** Flink, as far as the class needs it: prints what it is told. */
const flink: Record<string, string> = {
  "configuration/Configuration": `public class Configuration {
    public void setString(String key, String value) { System.out.println("set " + key + "=" + value); } }`,
  "table/api/TableResult": "public interface TableResult {}",
  "table/api/TableConfig": `public class TableConfig {
    public TableConfig set(String key, String value) { System.out.println("later " + key + "=" + value); return this; } }`,
  "table/api/EnvironmentSettings": `public class EnvironmentSettings {
    public static Builder newInstance() { return new Builder(); }
    public static class Builder {
      public Builder withConfiguration(org.apache.flink.configuration.Configuration it) { return this; }
      public EnvironmentSettings build() { return new EnvironmentSettings(); } } }`,
  "table/api/TableEnvironment": `public interface TableEnvironment {
    TableConfig getConfig();
    TableResult executeSql(String statement);
    static TableEnvironment create(EnvironmentSettings settings) {
      return new TableEnvironment() {
        public TableConfig getConfig() { return new TableConfig(); }
        public TableResult executeSql(String it) { System.out.println("run " + it.replaceAll("\\\\s+", " ")); return null; } }; } }`,
};

describe("the class that runs a script in SQL on Flink 1", function () {
  this.timeout(120_000);
  let folder: string;
  before(function () {
    if (findCommand("javac") === undefined || findCommand("java") === undefined) {
      console.log("      skipped: there is no JDK");
      this.skip();
    }
    folder = mkdtempSync(path.join(tmpdir(), "sql-script-"));
    const sources = Object.entries(flink).map(([name, text]) => {
      const file = path.join(folder, `${name}.java`);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, `package org.apache.flink.${path.dirname(name).replace("/", ".")};\n${text}\n`);
      return file;
    });
    const source = path.join(submitterDir, "SqlScript.java");
    const options = ["-nowarn", "--release", "8", "-g:none", "-d", path.join(folder, "classes")];
    execFileSync("javac", [...options, ...sources, source], { stdio: "pipe" });
  });
  after(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  it("is what its source compiles to", function () {
    // Another compiler may write the same in another order.
    if (!/^javac 17\./.test(execFileSync("javac", ["-version"], { encoding: "utf8" }))) this.skip();
    const compiled = readFileSync(path.join(folder, "classes/flink/kubernetes/SqlScript.class"));
    assert.ok(compiled.equals(readFileSync(path.join(submitterDir, "SqlScript.class"))));
  });

  it("runs the statements that a preview has seen", () => {
    const script = `
      SET 'pipeline.name' = 'it''s; a name'; -- one; comment
      set execution.runtime-mode = batch;
      /* another; */
      CREATE TABLE a (n INT) WITH ('connector' = 'x;y', \`b;c\` = '--');
      SET 'table.exec.state.ttl' = '1 h';
      BEGIN STATEMENT SET;
        INSERT INTO a SELECT CASE n WHEN 1 THEN 2 END FROM b /*+ OPTIONS('k'='v;') */;
        INSERT INTO c SELECT 1;
      END`;
    // The committed class, beside the Flink that prints.
    const mine = path.join(folder, "mine/flink/kubernetes");
    mkdirSync(mine, { recursive: true });
    writeFileSync(
      path.join(mine, "SqlScript.class"),
      readFileSync(path.join(submitterDir, "SqlScript.class")),
    );
    const classPath = [path.join(folder, "mine"), path.join(folder, "classes")].join(path.delimiter);
    const java = ["-Xshare:auto", "-cp", classPath, "flink.kubernetes.SqlScript", "--script", script];
    const lines = execFileSync("java", java, { encoding: "utf8" }).trim().split("\n");
    assert.deepEqual(lines, [
      "set pipeline.name=it's; a name",
      "set execution.runtime-mode=batch",
      "run CREATE TABLE a (n INT) WITH ('connector' = 'x;y', `b;c` = '--')",
      "later table.exec.state.ttl=1 h",
      "run EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT CASE n WHEN 1 THEN 2 END FROM b /*+ OPTIONS('k'='v;') */; INSERT INTO c SELECT 1; END",
    ]);
    assert.equal(statements(script).length, lines.length);
  });
});
