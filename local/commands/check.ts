import { readOptions, stackOption, stackOutputOption } from "../options";
import { blocking, describeFinding, judge, type PackFinding } from "../policies/judge";
import { packsOf } from "../policies/packs";
import { describeLog, readOtherStacks, record, shortName } from "../record";
import { readStack, standIn } from "../stack";

/** `npm run check`: the program and its configuration are checked, then the stack's policy packs look at what it would create. */
export async function check(projectDir: string, args: string[], signal: AbortSignal): Promise<number> {
  const { values } = readOptions(
    {
      name: "check",
      about:
        "The program and its configuration are checked, then by the policy packs that the stack lists. A mandatory finding gives exit code 1.",
      options: { stack: stackOption, "stack-output": stackOutputOption },
    },
    args,
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
  const findings = await judge(packs, recording, { ...settings, signal });
  const mandatory = blocking(findings).length;
  for (const line of describeByResource(findings)) console.log(line);
  const names = packs.map(({ name }) => name).join(", ");
  console.log(
    packs.length === 0
      ? `Stack ${settings.stack} is well formed. It lists no policy packs (${settings.project}:policyPacks).`
      : `${mandatory} mandatory and ${findings.length - mandatory} advisory finding(s) of the policy packs of stack ${settings.stack} (${names}).`,
  );
  return mandatory > 0 ? 1 : 0;
}

function describeByResource(findings: readonly PackFinding[]): string[] {
  const byUrn = new Map<string, PackFinding[]>();
  for (const finding of findings) byUrn.set(finding.urn, [...(byUrn.get(finding.urn) ?? []), finding]);
  return [...byUrn].flatMap(([urn, list]) => [
    shortName(urn),
    ...list
      .sort((a, b) => Number(b.level === "mandatory") - Number(a.level === "mandatory"))
      .map((finding) => `  ${describeFinding(finding).split("\n").join("\n    ")}`),
    "",
  ]);
}
