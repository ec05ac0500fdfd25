/** Fields of a schedule in Kubernetes, with their allowed values. */
const fields: { name: string; least: number; most: number; words?: string[] }[] = [
  { name: "minute", least: 0, most: 59 },
  { name: "hour", least: 0, most: 23 },
  { name: "day of the month", least: 1, most: 31 },
  {
    name: "month",
    least: 1,
    most: 12,
    words: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
  },
  { name: "day of the week", least: 0, most: 6, words: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];

const longestMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const descriptors = /^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$/;
/** A duration in Go's notation. */
const every = /^@every (\d+(\.\d+)?(h|m|s|ms|us|µs|ns))+$/;

/** The problem of a cron schedule, if any. */
export function scheduleProblem(schedule: unknown): { reason: string; fix: string } | undefined {
  const example = 'write for example "0 3 * * *" for three o\'clock every night';
  if (typeof schedule !== "string")
    return { reason: "this is not a cron schedule of five fields", fix: example };
  if (/^(CRON_)?TZ=/.test(schedule))
    return { reason: "Kubernetes does not accept a time zone here", fix: "use timeZone" };
  const text = schedule.trim();
  if (descriptors.test(text) || every.test(text)) return undefined;
  const given = text.split(/\s+/);
  if (given.length !== fields.length)
    return { reason: "this is not a cron schedule of five fields", fix: example };
  const sets: Set<number>[] = [];
  for (const [index, part] of given.entries()) {
    const found = setOf(part, fields[index]!);
    if (typeof found === "string")
      return { reason: `its ${fields[index]!.name} (${part}) ${found}`, fix: example };
    sets.push(found);
  }
  const [, , days, months] = sets as [Set<number>, Set<number>, Set<number>, Set<number>];
  const anyWeekday = /^[*?]/.test(given[4]!);
  if (anyWeekday && [...months].every((month) => Math.min(...days) > longestMonth[month - 1]!))
    return {
      reason: "the months of this schedule do not have this day, so it would never run",
      fix: example,
    };
  return undefined;
}

/** The numbers of a field, or its problem. */
function setOf(
  text: string,
  { least, most, words }: { least: number; most: number; words?: string[] },
): Set<number> | string {
  const all = new Set<number>();
  for (const part of text.split(",")) {
    const found = /^(?:(\*|\?)|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(part);
    if (!found) return "must be *, a number, a range (1-5), a step (*/15) or several of them (1,15)";
    const [, any, first, last, step] = found;
    const number = (word: string) => {
      const named = words?.indexOf(word.toLowerCase()) ?? -1;
      return named >= 0 ? named + least : /^\d+$/.test(word) ? Number(word) : Number.NaN;
    };
    const from = any ? least : number(first!);
    const to = any ? most : last !== undefined ? number(last) : step !== undefined ? most : from;
    if (!(from >= least && from <= most && to >= least && to <= most))
      return `must be from ${least} to ${most}${words ? `, or ${words.join(", ")}` : ""}`;
    if (from > to) return "begins after it ends";
    if (step === "0") return "has a step of 0";
    for (let value = from; value <= to; value += Number(step ?? 1)) all.add(value);
  }
  return all;
}
