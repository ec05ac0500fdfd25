import { createReadStream, existsSync, readFileSync } from "node:fs";
import type { Readable } from "node:stream";
import type { Message, PolicyFinding, Preview } from "../../preview/normal";
import { type Report, reportOf } from "../../preview/report";
import { previewOfEvents, readEngineOutput } from "../../preview/sources/engine-output";
import { compareRenders, readRegistrations, type Registrations } from "../../preview/sources/renders";
import { terminalOf } from "../../preview/terminal";
import { asData, writeReport } from "../../preview/write";
import {
  describeNotes,
  type OtherStacks,
  readOtherStacks,
  record,
  type Recording,
  StackError,
} from "../../recorder";
import { Misuse, UserError } from "../../recorder/errors";
import type { Caller } from "../caller";
import { previewLine } from "../command-lines";
import { exitCodes } from "../exit-codes";
import { checkPlace, readOptions, type Values } from "../options";
import { isProject } from "../../recorder/find-project";
import { placeOf } from "../place";
import { judge } from "../policies/judge";
import { packsOf } from "../policies/packs";
import { ProgressLine } from "../progress";
import { projectAt } from "../revision";
import { readStack, shortName, stackFile, standIn } from "../stack";
import { onChange } from "../watch";

/** The input of a preview. */
interface Work extends Values<(typeof previewLine)["options"]> {
  caller: Caller;
  projectDir: string;
  stack: string;
  otherStacks: OtherStacks;
  signal: AbortSignal;
  progress: ProgressLine;
}

/** The effect of a change, in Flink's words, on the terminal or as files of a report. */
export async function preview(caller: Caller, args: string[], signal: AbortSignal): Promise<number> {
  const { values } = readOptions({ ...previewLine, call: caller.call("preview") }, args);
  const sources = (["against", "output", "head", "engine"] as const).filter(
    (name) => values[name] !== undefined,
  );
  if (sources.length > 1) {
    throw new Misuse(
      `${sources.map((name) => `--${name}`).join(" and ")} exclude each other: a preview has one source.`,
    );
  }
  if (values.watch && sources.some((name) => name !== "against"))
    throw new Misuse(`--watch runs the program again and again, which --${sources[0]} does not.`);
  checkPlace("--out", values.out, "folder");
  const otherStacks = readOtherStacks(values["stack-output"]);
  const progress = new ProgressLine(process.stderr);
  const work: Work = { ...values, ...placeFor(caller, values), caller, otherStacks, signal, progress };
  if (values.watch) return watch(work);
  const found = await previewFrom(work).finally(() => progress.end());
  const report = show(work, found);
  const refused = report.policies.some(({ level }) => level === "mandatory");
  const unknown = found.changes.length === 0 && found.missing.length > 0;
  return report.failed || refused || unknown ? exitCodes.refused : exitCodes.done;
}

/** Reads an engine's output, or renderings, without a project. */
function placeFor(caller: Caller, values: Values<(typeof previewLine)["options"]>) {
  const needsProject = values.output === undefined && values.head === undefined;
  if (needsProject) return placeOf(caller, values);
  return { projectDir: "", stack: values.stack ?? process.env.PULUMI_STACK ?? "dev" };
}

function show({ stack, commit, out, json }: Work, found: Preview): Report {
  const report = reportOf(found, { stack: shortName(stack), commit });
  if (out !== undefined) writeReport(report, out);
  const color = process.stdout.isTTY && process.env.NO_COLOR === undefined;
  if (json) process.stdout.write(`${JSON.stringify(asData(report), undefined, 2)}\n`);
  else process.stdout.write(terminalOf(report, { width: process.stdout.columns || 100, color }));
  return report;
}

/** Repeats the preview when a file of the project changes. Renders the base only once. */
async function watch(work: Work): Promise<number> {
  const { projectDir, progress, signal, out } = work;
  const base = await renderRevision(work);
  for await (const changed of onChange(projectDir, signal, out)) {
    const since = performance.now();
    progress.say(
      changed === undefined ? "Running the program …" : `${changed} has changed: running the program …`,
    );
    const head = await renderHere(work).finally(() => progress.end());
    if (process.stdout.isTTY && !work.json) process.stdout.write("\u001b[2J\u001b[H");
    show(work, joined(base, head));
    const seconds = ((performance.now() - since) / 1000).toFixed(1);
    if (!work.json) console.error(`After ${seconds} s. Waiting for a change; Ctrl-C ends it.`);
  }
  return exitCodes.interrupted;
}

async function previewFrom(work: Work): Promise<Preview> {
  const { output, head, base, engine, stack, against = "HEAD", progress } = work;
  if (output !== undefined) return readEngineOutput(output === "-" ? process.stdin : openOutput(output));
  if (head !== undefined || base !== undefined) return compareFiles(base, head);
  if (engine === "pulumi") return engineSays(work);
  progress.say(`Running the program of stack ${stack}, as it is here and at ${against} …`);
  // Waits for both, also after an error or an interrupt, so that all written files are removed.
  const [was, is] = await Promise.allSettled([renderRevision(work), renderHere(work)]);
  if (was.status === "rejected") throw was.reason;
  if (is.status === "rejected") throw is.reason;
  return joined(was.value, is.value);
}

function openOutput(file: string): Readable {
  if (!existsSync(file)) throw new UserError(`--output ${file}: there is no such file.`);
  checkPlace("--output", file, "file");
  return createReadStream(file);
}

/** Two files of `render --format registrations`. The report names a file that cannot be read. */
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

function joined(base: { found?: Registrations | null; missing: string[] }, head: Head): Preview {
  const compared = compareRenders(base.found, head.found);
  return {
    ...compared,
    policies: head.policies,
    messages: head.messages,
    missing: [...base.missing, ...compared.missing, ...head.missing],
  };
}

interface Head {
  found?: Registrations;
  messages: Message[];
  policies: PolicyFinding[];
  missing: string[];
}

async function renderHere({ caller, projectDir, stack, pack, otherStacks, signal }: Work): Promise<Head> {
  const messages: Message[] = [];
  const said = (severity: Message["severity"], text: string, urn = "") =>
    messages.push({ severity, urn, text });
  try {
    const settings = readStack(projectDir, stack, standIn);
    const packs = await packsOf(settings, caller, signal, pack);
    const recording = await record({
      ...settings,
      env: caller.programEnv,
      transpileOnly: true,
      otherStacks,
      signal,
      onEvent: (event) => {
        if (event.type === "log" && event.severity === "warning") said("warning", event.message, event.urn);
      },
    });
    const found = recording.registrations(settings);
    const policies = await judged(recording, packs, { ...settings, signal });
    const { notes } = recording;
    for (const note of describeNotes(notes.filter(({ incomplete }) => !incomplete))) said("warning", note);
    const missing = [...settings.unknown, ...describeNotes(notes.filter(({ incomplete }) => incomplete))];
    return { found, messages, policies, missing };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof StackError && error.findings.length > 0) {
      for (const { message, urn } of error.findings) said("error", message, urn);
    } else {
      const actions = error instanceof UserError ? error.actions : [];
      said("error", [(error as Error).message, ...actions].join("\n"));
    }
    return { messages, policies: [], missing: [] };
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

async function renderRevision({
  caller,
  projectDir,
  against: revision = "HEAD",
  stack,
  otherStacks,
  signal,
}: Work): Promise<{ found?: Registrations | null; missing: string[] }> {
  const checkout = await projectAt(projectDir, revision, signal);
  if ("problem" in checkout) return { missing: [checkout.problem] };
  try {
    const { folder } = checkout;
    // A stack is new if it only now has a file.
    if (
      !isProject(folder) ||
      (existsSync(stackFile(projectDir, stack)) && !existsSync(stackFile(folder, stack)))
    )
      return { found: null, missing: [] };
    const settings = readStack(folder, stack, standIn);
    const how = { env: caller.programEnv, transpileOnly: true, otherStacks, signal };
    const recording = await record({ ...settings, ...how });
    return { found: recording.registrations(settings), missing: [] };
  } catch (error) {
    signal.throwIfAborted();
    const why = (error as Error).message.split("\n").slice(0, 3).join(" ");
    return { missing: [`the program of ${revision} cannot be rendered: ${why}`] };
  } finally {
    checkout.remove();
  }
}

/** The engine's preview, against its state of the cluster. */
async function engineSays({
  caller,
  projectDir,
  stack,
  pack,
  context,
  signal,
  progress,
}: Work): Promise<Preview> {
  const settings = readStack(projectDir, stack, standIn);
  const packs = await packsOf(settings, caller, signal, pack);
  const say = (line: string) => progress.say(line);
  const { events, failed } = await caller.engineEvents({ settings, packs, context, signal, say });
  const found = previewOfEvents(events);
  const told = found.messages.some(({ severity }) => severity === "error");
  if (failed !== undefined && !told) found.messages.push({ severity: "error", urn: "", text: failed });
  return found;
}
