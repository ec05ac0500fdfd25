import { execFile } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import { renderConfig } from "../../../components/flink/configuration";

const run = promisify(execFile);

/** Reads one value as an option of some type. */
export interface Parse {
  type: string;
  value: string;
}

export interface Question {
  command: "GET_JM_RESOURCE_PARAMS" | "GET_TM_RESOURCE_PARAMS" | "UPDATE_AND_GET_FLINK_CONFIGURATION";
  config: Record<string, string>;
}

/** What BashJavaUtils prints for the scripts to read, or the messages of what it throws, outermost first. */
export type Answer = { lines: string[] } | { messages: string[] };

const PREFIX = "BASH_JAVA_UTILS_EXEC_RESULT:";

/** Asks the BashJavaUtils of a Flink home; each configuration goes through a config.yaml as a pod would have it. */
export async function askFlink(flinkHome: string, questions: (Question | Parse)[]): Promise<Answer[]> {
  const work = fs.mkdtempSync(path.join(os.tmpdir(), "flink-oracle-"));
  try {
    const jars = fs.readdirSync(path.join(flinkHome, "lib")).filter((name) => name.startsWith("flink-dist"));
    const classPath = [
      path.join(flinkHome, "bin", "bash-java-utils.jar"),
      ...jars.map((name) => path.join(flinkHome, "lib", name)),
      work,
    ].join(":");
    await run("javac", ["-cp", classPath, "-d", work, path.join(__dirname, "Oracle.java")]);
    const input = questions.map((question, i) => {
      if ("type" in question) {
        return `PARSE ${question.type} ${Buffer.from(question.value).toString("base64")}\n`;
      }
      const { command, config } = question;
      const folder = path.join(work, String(i));
      fs.mkdirSync(folder);
      fs.writeFileSync(path.join(folder, "config.yaml"), renderConfig(config));
      return `${command} --configDir ${folder}${command.startsWith("UPDATE") ? " -flatten" : ""}\n`;
    });
    const child = run("java", ["-Xmx512m", "-cp", classPath, "Oracle"], { maxBuffer: 1 << 30 });
    child.child.stdin!.end(input.join(""));
    const { stdout } = await child;
    return stdout
      .split("\n")
      .filter((line) => line.startsWith("ORACLE "))
      .map((line) => readAnswer(line.split(" ")));
  } finally {
    fs.rmSync(work, { recursive: true });
  }
}

function readAnswer([, verdict, base64]: string[]): Answer {
  const text = Buffer.from(base64, "base64").toString("utf8");
  return verdict === "OK"
    ? {
        lines: text
          .split(PREFIX)
          .slice(1)
          .map((line) => line.replace(/\n$/, "")),
      }
    : { messages: text.trimEnd().split("\n") };
}
