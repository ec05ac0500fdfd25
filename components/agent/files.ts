import { readFileSync } from "node:fs";
import path from "node:path";

/** Programs of the agent that pods run so far. The others are shell programs in `submitter`. */
export type AgentProgram = "prepare";

/** Directory of the agent in the pods. */
export const agentDirectory = "/opt/flink-kubernetes/agent";

/** Memory of a pod that runs the agent: its JVM, and the short-lived one that looks into a store. */
export const agentMemory = { request: "160Mi", limit: "320Mi" };

let files: Record<string, string> | undefined;

/** The agent's jar and its start script, in base64, as a Secret holds them. */
export function agentFiles(): Record<string, string> {
  files ??= Object.fromEntries(
    ["agent.jar", "run.sh"].map((name) => [
      name,
      readFileSync(path.join(__dirname, name)).toString("base64"),
    ]),
  );
  return files;
}

/** The command of a container that runs one of the agent's programs. */
export function agentCommand(program: AgentProgram): string[] {
  return ["/bin/bash", `${agentDirectory}/run.sh`, program];
}
