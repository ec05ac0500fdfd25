import type * as pulumi from "@pulumi/pulumi";
import { isOpenSet, kindOf, optionSet, statements, target, unclosed } from "../flink/sql-script";
import type { Problem } from "../problems";
import { type ShapeOf, isLater } from "./shape";

/** A job written in SQL: it needs no compiled program, neither in a jar nor in the image. */
export interface SqlArgs {
  /**
   * The script: SET, CREATE … and the one statement that starts the job. That is an INSERT or, to write
   * several tables, `EXECUTE STATEMENT SET BEGIN … END;`. The image of the cluster (or `extraJars`) must
   * contain the connectors and formats that the script uses. Flink 2 also needs `flink-sql-gateway-*.jar` in
   * the image's `opt` folder, as in the official images.
   *
   * Everybody who may read ConfigMaps in the namespace can read a plain string. An Output (with a password of
   * the stack, for example) goes into a Secret, as for `arguments`. At most 128 KiB. A change creates a new
   * revision.
   */
  script: pulumi.Input<string>;
}

export const sqlShape: ShapeOf<SqlArgs> = { script: { hidden: "any" } };

/** Runs a script as a program. It is part of Flink from 2.0 on. */
export const sqlDriver = "org.apache.flink.table.runtime.application.SqlDriver";

/** The same for Flink 1, which has no such class: the submission sends it. See submitter/SqlScript.java. */
export const sqlScriptClass = "flink.kubernetes.SqlScript";

/** Secret entry for a script that is an Output. */
export const scriptEntry = "sql-script";

export function isFlink1(flinkVersion: unknown): boolean {
  return typeof flinkVersion === "string" && /^1\./.test(flinkVersion);
}

/** Options that determine how the job is started. A script must not set them. */
const ownOptions: Record<string, string> = {
  "parallelism.default": "use `parallelism`",
  "execution.state-recovery.path": "use `initialSavepoint`",
  "execution.savepoint.path": "use `initialSavepoint`",
  "execution.target": "remove it: the job runs on `cluster`",
  "$internal.pipeline.job-id": "remove it",
};

/** @param flinkVersion version of the cluster, if known */
export function checkSql({ script }: Partial<SqlArgs>, flinkVersion: unknown, problems: Problem[]): void {
  const path = "sql.script";
  const bad = (value: unknown, reason: string, fix: string) =>
    void problems.push({ path, value, reason, fix });
  if (isLater(script)) return;
  if (typeof script !== "string" || script.trim() === "") {
    bad(script, "this must be a non-empty string", "write the statements, each with a semicolon at its end");
    return;
  }
  if (script.includes("\0")) bad(undefined, "a NUL character cannot be passed to a program", "remove it");
  const open = unclosed(script);
  if (open) {
    const reason = `${open.what} starts in line ${open.line} and never ends, so the rest of the script belongs to it`;
    bad(undefined, reason, `close it with ${open.close}; within a quote, write it twice`);
    return;
  }
  const all = statements(script);
  if (all.some(isOpenSet)) {
    bad(undefined, "a statement set has no END, so the rest of the script belongs to it", "end it with END;");
    return;
  }
  for (const statement of all) {
    const option = optionSet(statement);
    const fix = option === undefined ? undefined : ownOptions[option];
    if (fix !== undefined) bad(option, "a script cannot set this option", fix);
  }
  if (isFlink1(flinkVersion)) {
    for (const { bare } of all) {
      const [kind] = /^(SET(?! .*=)|RESET|HELP|CLEAR|QUIT|EXIT|SOURCE)\b/i.exec(bare) ?? [];
      if (kind === undefined) continue;
      const reason = `in Flink ${String(flinkVersion)} only the SQL client supports this statement`;
      bad(kind.toUpperCase(), reason, "remove it; SET needs a name and a value: SET 'name' = 'value'");
    }
  }
  // Shows only the beginnings of statements: the rest may be confidential.
  const started = all.filter((statement) => kindOf(statement) === "job");
  const inserts = started.flatMap((statement) => target(statement) ?? []);
  const queries = all.filter((statement) => kindOf(statement) === "query").length;
  if (queries > 0) {
    const fix = "write it into a table: INSERT INTO a_table SELECT …";
    bad(undefined, "the result of a query would go nowhere", fix);
  } else if (started.length === 0) {
    const fix = "end it with INSERT INTO …; or with EXECUTE STATEMENT SET BEGIN … END;";
    bad(undefined, "no statement starts a job", fix);
  } else if (started.length > 1) {
    const fix =
      inserts.length === started.length
        ? `write them as one: EXECUTE STATEMENT SET BEGIN ${inserts.map((insert) => `${insert} …;`).join(" ")} END;`
        : "give each a FlinkJob of its own";
    bad(undefined, `each of ${started.length} statements would be a job, but a FlinkJob is one job`, fix);
  }
}
