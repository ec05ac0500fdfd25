import {
  describeLog,
  describeNotes,
  readOtherStacks,
  record,
  type RunEvent,
  shortName,
  StackError,
} from "../../recorder";
import { conclusion } from "../../policies/cli/conclude";
import { Misuse as PolicyMisuse } from "../../policies/cli/surroundings";
import type { Reported } from "../../policies/reports";
import { Misuse } from "../../recorder/errors";
import type { Caller } from "../caller";
import { checkLine } from "../command-lines";
import { exitCodes } from "../exit-codes";
import { readOptions } from "../options";
import { placeOf } from "../place";
import { judge, type PackFinding } from "../policies/judge";
import { packsOf } from "../policies/packs";
import { readStack, standIn } from "../stack";

/** Checks the program and its configuration, then runs policy packs on its objects. */
export async function check(caller: Caller, args: string[], signal: AbortSignal): Promise<number> {
  const { values } = readOptions({ ...checkLine, call: caller.call("check") }, args);
  const conclude = understood(() =>
    conclusion(values, {
      cwd: process.cwd(),
      out: (text) => console.log(text),
      error: (text) => console.error(text),
    }),
  );
  const { projectDir, stack } = placeOf(caller, values);
  const settings = readStack(projectDir, stack, standIn);
  const otherStacks = readOtherStacks(values["stack-output"]);
  const packs = await packsOf(settings, caller, signal, values.pack);
  const warnings: Extract<RunEvent, { type: "log" }>[] = [];
  const onEvent = (event: RunEvent): void => {
    if (event.type !== "log" || event.severity !== "warning") return;
    warnings.push(event);
    if (!values.json) console.error(`warning: ${describeLog(event)}`);
  };
  const about = { format: "flink-kubernetes/check/1", project: settings.project, stack: settings.stack };
  const recorded = record({ ...settings, env: caller.programEnv, otherStacks, signal, onEvent });
  const recording = await recorded.catch((error: unknown) => {
    if (!values.json || !(error instanceof StackError) || signal.aborted) throw error;
    return error;
  });
  if (recording instanceof StackError) {
    const { findings } = recording;
    console.log(
      JSON.stringify(
        { ...about, refused: true, errors: findings, warnings: [], notes: [], policies: [] },
        null,
        2,
      ),
    );
    return exitCodes.refused;
  }
  const notes = [...settings.unknown, ...describeNotes(recording.notes)];
  const judged = await judge(packs, recording, { ...settings, signal });
  const findings = byResource(judged.findings);
  if (values.json) {
    const told = warnings.map(({ urn, message }) => ({ urn, message }));
    const refused = findings.some(({ level }) => level === "mandatory");
    const answer = { ...about, refused, errors: [], warnings: told, notes, policies: findings };
    console.log(JSON.stringify(answer, null, 2));
    return refused ? exitCodes.refused : exitCodes.done;
  }
  for (const note of notes) console.error(`note: ${note}`);
  if (packs.length === 0) {
    console.error(
      `Stack ${settings.stack} is well formed. It lists no policy packs (flink-kubernetes:policyPacks), and --pack names none.`,
    );
  }
  return conclude({
    packs: judged.packs,
    objects: recording.recorded.map(({ registration }) => shortName(registration.urn)),
    found: findings.map(reported),
  });
}

/** Groups messages by resource, with mandatory findings first. */
function byResource(findings: readonly PackFinding[]): PackFinding[] {
  const order = new Map([...new Set(findings.map(({ urn }) => urn))].map((urn, index) => [urn, index]));
  const rank = ({ urn, level }: PackFinding) => order.get(urn)! * 2 + (level === "mandatory" ? 0 : 1);
  return [...findings].sort((a, b) => rank(a) - rank(b));
}

function understood<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof PolicyMisuse ? new Misuse(error.message) : error;
  }
}

/** The place at the beginning of a message of this project's packs, which all findings have. */
const PLACE = /^((?:[\w$.-]|\[\d+\]|\["(?:[^"\\]|\\.)*"\])+)(?: is |: expected )/;

function reported({ pack, policy, level, severity, message, urn }: PackFinding): Reported {
  return {
    pack,
    rule: policy,
    level: level === "mandatory" ? level : "advisory",
    severity,
    object: shortName(urn),
    path: PLACE.exec(message)?.[1],
    message,
    file: undefined,
    line: undefined,
    column: undefined,
  };
}
