import { createReadStream, existsSync, readFileSync } from "node:fs";
import type { Readable } from "node:stream";
import type { Message, PolicyFinding, Preview } from "../../preview/normal";
import { reportOf } from "../../preview/report";
import { previewOfEvents, readEngineOutput } from "../../preview/sources/engine-output";
import { compareRenders, readRegistrations, type Registrations } from "../../preview/sources/renders";
import { terminalOf } from "../../preview/terminal";
import { writeReport } from "../../preview/write";
import { newRun } from "../../local/bring-up";
import { enginePreview, findEngine } from "../../local/engine";
import { UserError } from "../../recorder/errors";
import { runningNode } from "../../local/node";
import {
  checkPlace,
  type CommandLine,
  contextOption,
  type Option,
  readOptions,
  stackOption,
  stackOutputOption,
} from "../options";
import { judge } from "../policies/judge";
import { packsOf } from "../policies/packs";
import { type OtherStacks, readOtherStacks, record, type Recording, StackError } from "../../recorder";
import { ProgressLine } from "../progress";
import { projectAt } from "../revision";
import { readStack, standIn } from "../stack";

const options = {
  stack: stackOption,
  against: {
    type: "string",
    value: "REVISION",
    about: "the revision of this repository to compare with (default: HEAD)",
  },
  output: {
    type: "string",
    value: "FILE",
    about: "what the engine has printed (pulumi preview --json, or --event-log); - is standard input",
  },
  base: {
    type: "string",
    value: "FILE",
    about: "npm run render -- --format registrations before the change",
    needs: "head",
  },
  head: { type: "string", value: "FILE", about: "the same after the change" },
  engine: { type: "string", value: "pulumi", about: "asks the engine, against what it knows of the cluster" },
  context: { ...contextOption, needs: "engine" },
  commit: { type: "string", value: "SHA", about: "the commit that the report names" },
  out: { type: "string", value: "FOLDER", about: "writes report.md, full.md and report.json there" },
  "stack-output": stackOutputOption,
} as const satisfies Record<string, Option>;

const commandLine: CommandLine<typeof options> = {
  name: "preview",
  about:
    "What a change does, in Flink's words. Exit code 1 when the program or a mandatory policy refuses it, or when nothing is known.",
  options,
};

/** `npm run preview`: what a change does, in Flink's words; in the terminal, or as the files of a report. */
export async function preview(projectDir: string, args: string[], signal: AbortSignal): Promise<number> {
  const { values } = readOptions(commandLine, args);
  const { stack, commit, out, engine } = values;
  if (engine !== undefined && engine !== "pulumi") {
    throw new UserError(`--engine ${engine}: there is no such engine.`, [
      "Use pulumi, or leave it out to compare with a revision of this repository.",
    ]);
  }
  const sources = (["against", "output", "head", "engine"] as const).filter(
    (name) => values[name] !== undefined,
  );
  if (sources.length > 1) {
    throw new UserError(
      `${sources.map((name) => `--${name}`).join(" and ")} exclude each other: a preview has one source.`,
    );
  }
  checkPlace("--out", out, "folder");
  const progress = new ProgressLine(process.stderr);
  const found = await previewFrom(projectDir, values, signal, progress).finally(() => progress.end());
  const report = reportOf(found, { stack, commit });
  if (out !== undefined) writeReport(report, out);
  const color = process.stdout.isTTY && process.env.NO_COLOR === undefined;
  process.stdout.write(terminalOf(report, { width: process.stdout.columns || 100, color }));
  const refused = report.policies.some(({ level }) => level === "mandatory");
  const unknown = found.changes.length === 0 && found.missing.length > 0;
  return report.failed || refused || unknown ? 1 : 0;
}

interface Values {
  stack: string;
  against?: string;
  output?: string;
  base?: string;
  head?: string;
  engine?: string;
  context?: string;
  "stack-output": string[];
}

async function previewFrom(
  projectDir: string,
  values: Values,
  signal: AbortSignal,
  progress: ProgressLine,
): Promise<Preview> {
  if (values.output !== undefined) {
    return readEngineOutput(values.output === "-" ? process.stdin : openOutput(values.output));
  }
  if (values.head !== undefined || values.base !== undefined) return compareFiles(values.base, values.head);
  if (values.engine === "pulumi") return engineSays(projectDir, values, signal, progress);
  progress.say(
    `Running the program of stack ${values.stack}, as it is here and at ${values.against ?? "HEAD"} …`,
  );
  return compareRevisions(projectDir, values, readOtherStacks(values["stack-output"]), signal);
}

function openOutput(file: string): Readable {
  if (!existsSync(file)) throw new UserError(`--output ${file}: there is no such file.`);
  checkPlace("--output", file, "file");
  return createReadStream(file);
}

/** Two files of `npm run render -- --format registrations`. One that cannot be read is told in the report. */
function compareFiles(base: string | undefined, head: string | undefined): Preview {
  const problems: string[] = [];
  const read = (file: string | undefined, what: string): Registrations | undefined => {
    if (file === undefined) return undefined;
    let text = "";
    try {
      text = readFileSync(file, "utf8");
    } catch (error) {
      problems.push(`the rendering of the ${what} cannot be read (${(error as NodeJS.ErrnoException).code})`);
      return undefined;
    }
    const { found, problem } = readRegistrations(text, what);
    if (problem !== undefined) problems.push(problem);
    return found;
  };
  const compared = compareRenders(read(base, "base"), read(head, "head"));
  return { ...compared, missing: [...problems, ...compared.missing] };
}

/** The program as it stands here against that of a revision, without an engine and without a cluster. */
async function compareRevisions(
  projectDir: string,
  { stack, against = "HEAD" }: Values,
  otherStacks: OtherStacks,
  signal: AbortSignal,
): Promise<Preview> {
  // Both come to their end, also when one is refused or interrupted: what the other has written is removed.
  const [base, head] = await Promise.allSettled([
    renderRevision(projectDir, against, stack, otherStacks, signal),
    renderHere(projectDir, stack, otherStacks, signal),
  ]);
  if (base.status === "rejected") throw base.reason;
  if (head.status === "rejected") throw head.reason;
  return joined(base.value, head.value);
}

function joined(base: { found?: Registrations | null; missing: string[] }, head: Head): Preview {
  const compared = compareRenders(base.found, head.found);
  return {
    ...compared,
    policies: head.policies,
    messages: head.messages,
    missing: [...base.missing, ...compared.missing],
  };
}

interface Head {
  found?: Registrations;
  messages: Message[];
  policies: PolicyFinding[];
}

async function renderHere(
  projectDir: string,
  stack: string,
  otherStacks: OtherStacks,
  signal: AbortSignal,
): Promise<Head> {
  const messages: Message[] = [];
  const said = (severity: Message["severity"], text: string, urn = "") =>
    messages.push({ severity, urn, text });
  try {
    const settings = readStack(projectDir, stack, standIn);
    const packs = await packsOf(settings, signal);
    const recording = await record({
      ...settings,
      otherStacks,
      signal,
      onEvent: (event) => {
        if (event.type === "log" && event.severity === "warning") said("warning", event.message, event.urn);
      },
    });
    const found = recording.registrations(settings);
    const policies = await judged(recording, packs, { ...settings, signal });
    return { found, messages, policies };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof StackError && error.findings.length > 0) {
      for (const { message, urn } of error.findings) said("error", message, urn);
    } else {
      const actions = error instanceof UserError ? error.actions : [];
      said("error", [(error as Error).message, ...actions].join("\n"));
    }
    return { messages, policies: [] };
  }
}

async function judged(
  recording: Recording,
  packs: Awaited<ReturnType<typeof packsOf>>,
  settings: Parameters<typeof judge>[2],
): Promise<PolicyFinding[]> {
  const { findings } = await judge(packs, recording, settings);
  return findings.map(({ level, pack, policy, urn, message, description }) => ({
    level: level === "mandatory" ? "mandatory" : "advisory",
    pack,
    policy,
    urn,
    message,
    description,
  }));
}

async function renderRevision(
  projectDir: string,
  revision: string,
  stack: string,
  otherStacks: OtherStacks,
  signal: AbortSignal,
): Promise<{ found?: Registrations | null; missing: string[] }> {
  const checkout = await projectAt(projectDir, revision, signal);
  if ("problem" in checkout) return { missing: [checkout.problem] };
  try {
    if (!checkout.has(`Pulumi.${stack}.yaml`)) return { found: null, missing: [] };
    const settings = readStack(checkout.folder, stack, standIn);
    const recording = await record({ ...settings, otherStacks, signal });
    return { found: recording.registrations(settings), missing: [] };
  } catch (error) {
    signal.throwIfAborted();
    const why = (error as Error).message.split("\n").slice(0, 3).join(" ");
    return { missing: [`the program of ${revision} cannot be rendered: ${why}`] };
  } finally {
    checkout.remove();
  }
}

/** What the engine says, against what it knows of the cluster: `npm start`'s state. */
async function engineSays(
  projectDir: string,
  values: Values,
  signal: AbortSignal,
  progress: ProgressLine,
): Promise<Preview> {
  const { log } = newRun(projectDir, "preview", signal);
  const engine = await findEngine({ log, report: (line) => console.error(line), signal });
  progress.say(`The engine previews stack ${values.stack} …`);
  const settings = readStack(projectDir, values.stack, standIn);
  const packs = await packsOf(settings, signal);
  const node = values.context === undefined ? await runningNode() : undefined;
  const target =
    values.context === undefined ? { kubeconfig: node?.kubeconfig } : { context: values.context };
  const events: object[] = [];
  const { stack } = settings;
  let failed: string | undefined;
  try {
    const onEngineEvent = (event: object) => events.push(event);
    await enginePreview({ engine, projectDir, stack, ...target, packs, signal, onEngineEvent });
  } catch (error) {
    signal.throwIfAborted();
    failed = (error as Error).message;
  }
  const found = previewOfEvents(events);
  const told = found.messages.some(({ severity }) => severity === "error");
  if (failed !== undefined && !told) found.messages.push({ severity: "error", urn: "", text: failed });
  return found;
}
