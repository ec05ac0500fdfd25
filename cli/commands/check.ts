import { conclusion, reportOptions } from "../../policies/cli/conclude";
import { Misuse } from "../../policies/cli/surroundings";
import type { Reported } from "../../policies/reports";
import { UserError } from "../errors";
import { readOptions, stackOption, stackOutputOption } from "../options";
import { judge, type PackFinding } from "../policies/judge";
import { packsOf } from "../policies/packs";
import { describeLog, readOtherStacks, record, shortName } from "../../recorder";
import { readStack, standIn } from "../stack";

/** `npm run check`: the program and its configuration are checked, then the stack's policy packs look at what it would create. */
export async function check(projectDir: string, args: string[], signal: AbortSignal): Promise<number> {
  const { values } = readOptions(
    {
      name: "check",
      about:
        "The program and its configuration are checked, then by the policy packs that the stack lists. A finding that counts gives exit code 1.",
      options: { stack: stackOption, "stack-output": stackOutputOption, ...reportOptions },
    },
    args,
  );
  const conclude = understood(() =>
    conclusion(values, {
      cwd: process.cwd(),
      out: (text) => console.log(text),
      error: (text) => console.error(text),
    }),
  );
  const settings = readStack(projectDir, values.stack, standIn);
  const packs = await packsOf(settings, signal);
  const recording = await record({
    ...settings,
    otherStacks: readOtherStacks(values["stack-output"]),
    signal,
    onEvent: (event) => {
      if (event.type === "log" && event.severity === "warning")
        console.error(`warning: ${describeLog(event)}`);
    },
  });
  if (packs.length === 0) {
    console.error(
      `Stack ${settings.stack} is well formed. It lists no policy packs (${settings.project}:policyPacks).`,
    );
  }
  const judged = await judge(packs, recording, { ...settings, signal });
  return conclude({
    packs: judged.packs,
    objects: recording.recorded.map(({ registration }) => shortName(registration.urn)),
    found: byResource(judged.findings).map(reported),
  });
}

/** What is said of one resource together, what stops a deployment first. */
function byResource(findings: readonly PackFinding[]): PackFinding[] {
  const order = new Map([...new Set(findings.map(({ urn }) => urn))].map((urn, index) => [urn, index]));
  const rank = ({ urn, level }: PackFinding) => order.get(urn)! * 2 + (level === "mandatory" ? 0 : 1);
  return [...findings].sort((a, b) => rank(a) - rank(b));
}

function understood<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof Misuse ? new UserError(error.message) : error;
  }
}

/** Where a message of this project's packs begins with a place, as all of their findings do. */
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
