import * as fs from "node:fs";
import * as path from "node:path";
import type { StepEventMetadata } from "@pulumi/pulumi/automation";
import type { NamespaceArgs } from "../../../components/args/namespace";
import { record } from "../../../recorder";
import type { End } from "../../../preview/flink/jobs";
import { type Change, kindOf, type Preview, withContentsJoined } from "../../../preview/normal";
import { type Report, reportOf } from "../../../preview/report";
import { previewOfEvents } from "../../../preview/sources/engine-output";
import { compareRenders, type Registrations } from "../../../preview/sources/renders";
import { core, eventually, exists, fixture, TestStack } from "../../cluster/support";
import { type CorpusChange, corpusOf, type Material } from "../../preview/support/corpus";
import type { StackModel } from "../../preview/support/model";
import { testImage } from "../image";
import { makeStores, secretData } from "../stores";
import { TestVolume } from "../volume";
import { GIVEN, materialOf } from "./material";
import { Rest } from "./rest";
import { components, isActive, namespaceOf, type AtRest, atRest, type Seen, uids, Watch } from "./seen";
import { differences, isRefused, lineOf, promiseOf, type Told } from "./told";
import { sayOf } from "./words";

/** One change that was made for real. */
export interface Row {
  change: string;
  promised: Told;
  /** How what happened differs from it, a line each; empty: the report was right. */
  wrong: string[];
  seconds: number;
}

/** After these there is no way back that the corpus has: what they begin with is made anew. */
const ONE_WAY: Record<string, string> = {
  "minor-version-available": "Flink reads no state of a later version",
  "job-removed-unguarded": "a job that nobody looks after is still there",
  "namespace-deleted": "the ledgers are gone",
};

const program = fixture("model");

/** Changes of the corpus, made on the node: in a namespace, on a volume, and through the engine. */
export class Truth {
  private readonly stack: TestStack;
  private readonly volume: TestVolume;
  private material!: Material;
  private changes!: Record<string, CorpusChange>;
  private recorded = new Map<StackModel, Promise<Registrations>>();
  /** What is there now, and how it was seen. */
  private now: StackModel = {};
  private seen: AtRest | undefined;
  /** What is there now is not what was asked for: nothing begins with that. */
  private failed = false;

  /** @param say hears what was found, a line each. */
  constructor(
    readonly namespace: string,
    private readonly say: (line: string) => void,
  ) {
    this.stack = new TestStack(namespace, program);
    this.volume = new TestVolume(core, namespace);
  }

  /**
   * Makes each change from what it begins with, and the way back, where there is one.
   *
   * @param options `lastBack` false: the last way back, after which nothing comes, is left out
   */
  async run(
    names: readonly string[],
    { lastBack = true, signal }: { lastBack?: boolean; signal?: AbortSignal } = {},
  ): Promise<Row[]> {
    const rows: Row[] = [];
    const make = async (change: string, to: StackModel) => {
      signal?.throwIfAborted();
      const row = await this.make(change, to);
      rows.push(row);
      const right = row.wrong.length === 0 ? "as said" : `WRONG\n    ${row.wrong.join("\n    ")}`;
      this.say(`  ${change}, ${row.seconds.toFixed(0)} s: ${row.promised.jobs.join("; ")}: ${right}`);
    };
    try {
      await this.start(names);
      for (const name of names) {
        const { from, to } = this.changes[name]!;
        if (this.now !== from || this.failed) await this.begin(from, make);
        if (name === "job-from-savepoint") await this.takeSavepoint();
        await make(name, to);
        if (this.now !== to || this.failed || to === from || isEmpty(from)) continue;
        if (ONE_WAY[name] !== undefined) await this.clear();
        else if (lastBack || name !== names.at(-1)) await make(`${name}, back`, from);
      }
    } finally {
      await this.stop();
    }
    return rows;
  }

  /** Brings up what a change begins with: which is a change, too, from nothing. */
  private async begin(
    from: StackModel,
    make: (change: string, to: StackModel) => Promise<void>,
  ): Promise<void> {
    await this.clear();
    await this.volume.make();
    if (from.cluster?.tls) await this.makeSecrets();
    if (!isEmpty(from)) await make("a new stack", from);
  }

  private async start(names: readonly string[]): Promise<void> {
    const helloWorld = process.env.FLINK_KUBERNETES_TEST_IMAGE ?? "";
    const images = new Map([["2.2.1", helloWorld]]);
    if (names.some((name) => /^(patch|minor)/.test(name))) {
      const image = await testImage("1.20.4");
      for (const version of ["1.20.4", "1.20.5"]) images.set(version, image);
    }
    // This one has a SQL Gateway, too.
    if (names.some((name) => /image$|sql|minor/.test(name)))
      images.set("2.2.1", await testImage("2.2.1")).set("another", helloWorld);
    this.material = materialOf(this.namespace, this.volume.storage, images);
    this.changes = corpusOf(this.material).changes;
  }

  /** Removes the stack, its namespace and its volume. */
  private async clear(): Promise<void> {
    try {
      if (!isEmpty(this.now)) await this.up(unprotected(this.now));
      await this.stack.down();
    } catch (error) {
      // After an update that failed: what is there is thrown away with its namespace.
      this.say(`  ${(error as Error).message}`);
      this.stack.forget();
    }
    [this.now, this.seen, this.failed] = [{}, undefined, false];
    for (const name of [this.namespace, this.material.namespace]) {
      await core.deleteNamespace({ name }).catch(() => undefined);
      await eventually("the end of the namespace", 120, async () =>
        (await exists(() => core.readNamespace({ name }))) ? undefined : true,
      );
    }
    await this.volume.release();
    fs.rmSync(this.volume.directory, { recursive: true, force: true });
  }

  private async stop(): Promise<void> {
    try {
      await this.clear();
    } finally {
      await this.volume.remove();
    }
  }

  private up(model: StackModel) {
    return this.stack.up({ model });
  }

  /** As `npm run preview` does it: of two revisions of a program, or from the engine's preview. */
  private async reportOf(from: StackModel, to: StackModel): Promise<{ report: Report; changes: Change[] }> {
    const preview = hasSecret(to)
      ? await this.previewByEngine(to)
      : compareRenders(await this.registrations(from), await this.registrations(to));
    return {
      report: reportOf(preview, { stack: this.namespace }),
      changes: withContentsJoined(preview.changes),
    };
  }

  private async previewByEngine(model: StackModel): Promise<Preview> {
    await this.stack.preview({ model });
    return previewOfEvents(this.stack.steps.map((metadata) => ({ resOutputsEvent: { metadata } })));
  }

  private registrations(model: StackModel): Promise<Registrations> {
    let found = this.recorded.get(model);
    if (!found) {
      const settings = { project: "orders", stack: this.namespace };
      const config = { "orders:model": JSON.stringify(model) };
      found = record({ projectDir: program, ...settings, config, secretConfigKeys: [] }).then((recording) =>
        recording.registrations(settings),
      );
      this.recorded.set(model, found);
    }
    return found;
  }

  /** Makes a change of what is there, and compares. */
  private async make(change: string, to: StackModel): Promise<Row> {
    const from = this.now;
    const { directory } = this.volume;
    const { report, changes } = await this.reportOf(from, to);
    const promised = promiseOf(report);
    const start = Date.now();
    const wrong: string[] = [];
    try {
      const before = {
        ...(this.seen ?? (await atRest(from, directory))),
        objects: await uids(changes, "before"),
      };
      const watch = new Watch(namespaceOf(from));
      const made = Date.now();
      const failure = await this.up(to).then(
        () => undefined,
        (error: Error) => error.message,
      );
      await watch.stop();
      const refused = isRefused(report);
      if (failure !== undefined && !(refused && /protect(ed|ion)/.test(failure))) {
        throw new Error(`the update failed: ${failure}`);
      }
      if (refused && failure === undefined) wrong.push("said: it is refused; it was not");
      const reached = failure === undefined ? to : from;
      this.now = reached;
      this.seen = await atRest(reached, directory);
      const after = { ...this.seen, objects: await uids(changes, refused ? "before" : "after") };
      const seen: Told = {
        objects: refused
          ? []
          : objectsOf(this.stack.steps)
              .map(({ operation, change }) => lineOf(operation, change))
              .sort(),
        jobs: this.jobsOf(before, after, watch.states, made).sort(),
        restarted: components.filter((each) => areAnew(before.pods.get(each), after.pods.get(each))).sort(),
      };
      wrong.push(...differences(promised, seen));
      if (!refused) wrong.push(...identities(objectsOf(this.stack.steps), changes, before, after));
    } catch (error) {
      wrong.push((error as Error).message);
      [this.now, this.seen, this.failed] = [to, undefined, true];
    }
    return { change, promised, wrong, seconds: (Date.now() - start) / 1000 };
  }

  private jobsOf(before: Seen, after: Seen, states: Map<string, string>, since: number): string[] {
    const names = [...new Set([...before.jobs.keys(), ...after.jobs.keys()])];
    const made = [...after.savepoints].filter((each) => !before.savepoints.has(each));
    return names.map((name) => {
      const [was, is] = [before.jobs.get(name), after.jobs.get(name)];
      const own = made
        .filter((each) => each.includes(`savepoints/${name}/`))
        .map((each) => path.basename(each));
      let end: End;
      if (!was) end = "none";
      else if (was.id === is?.id) end = is.started > since ? "restarts" : "goesOn";
      else if (own.length > 0) end = "savepoint";
      else if (states.get(was.id) === "CANCELED" || states.get(was.id) === "CANCELLING") end = "cancelled";
      else if (!is && isActive(states.get(was.id))) end = "left";
      else end = "lost";
      if (!is || end === "goesOn") return sayOf(name, end, "none");
      const from = was?.id === is.id ? is.restored : is.restoredFrom;
      // One that failed later, and went on by itself from a checkpoint of its own, began as its ledger says.
      if (
        is.restored !== undefined &&
        asUri(is.restored) !== asUri(from ?? "") &&
        !is.restored.includes(`/${is.id}/`)
      )
        return sayOf(name, end, `from ${is.restored}, though its ledger says ${from}`);
      return sayOf(name, end, this.beginning(from ?? "", own, was?.id));
    });
  }

  private beginning(from: string, made: readonly string[], id: string | undefined): string {
    const state = path.basename(from);
    if (from === "") return "nothing";
    if (from.startsWith(this.material.savepoint)) return "given";
    if (made.includes(state)) return "savepoint";
    if (state.startsWith("chk-") && id !== undefined && from.includes(`/${id}/`)) return "checkpoint";
    return `from ${from}`;
  }

  /** Takes the savepoint that a change begins with: of the job that runs. */
  private async takeSavepoint(): Promise<void> {
    const rest = new Rest(this.namespace);
    const { jobs } = await rest.get<{ jobs: { jid: string; state: string }[] }>("/jobs/overview");
    const { jid } = jobs.find(({ state }) => state === "RUNNING")!;
    const folder = path.dirname(GIVEN);
    const body = { "target-directory": `file:///flink-storage/${folder}` };
    const asked = (await rest.ask("POST", `/jobs/${jid}/savepoints`, body)) as { "request-id": string };
    type Answer = { status: { id: string }; operation?: { location?: string } };
    const location = await eventually("a savepoint", 60, async () => {
      const { status, operation } = await rest.get<Answer>(`/jobs/${jid}/savepoints/${asked["request-id"]}`);
      return status.id === "COMPLETED" ? operation?.location : undefined;
    });
    // Its name is known before it is taken, so that the report can have it.
    const at = path.join(this.volume.directory, GIVEN);
    fs.renameSync(path.join(path.dirname(at), path.basename(location)), at);
  }

  private async makeSecrets(): Promise<void> {
    const { namespace } = this;
    await core.createNamespace({ body: { metadata: { name: namespace } } });
    const hosts = ["rest", "jobmanager"].map((role) => `orders-${role}.${namespace}.svc`);
    for (const [name, names] of [
      ["internal", ["flink"]],
      ["rest", hosts],
    ] as const) {
      const data = secretData(makeStores(name, [...names], "password"));
      await core.createNamespacedSecret({ namespace, body: { metadata: { name: `${name}-stores` }, data } });
    }
  }
}

/** Flink writes a file's URI with one slash or with three. */
function asUri(path: string): string {
  return path.replace(/^file:\/\/\//, "file:/");
}

/** What is protected the engine does not remove. */
function unprotected({ jobs, cluster, application }: StackModel): StackModel {
  const open = <T extends { namespace?: NamespaceArgs }>(args: T): T => ({
    ...args,
    namespace: { ...args.namespace, protect: false },
  });
  return cluster ? { jobs, cluster: open(cluster) } : { application: open(application!) };
}

/** A rendering knows no secret, and the names of some objects have a hash of theirs: the engine's preview knows them. */
function hasSecret({ cluster }: StackModel): boolean {
  return Object.values(cluster?.config ?? {}).some((value) => typeof value === "object");
}

function isEmpty({ cluster, application }: StackModel): boolean {
  return !cluster && !application;
}

/** None of the pods is left, and there are others. */
function areAnew(before: ReadonlySet<string> = new Set(), after: ReadonlySet<string> = new Set()): boolean {
  return before.size > 0 && after.size > 0 && ![...before].some((uid) => after.has(uid));
}

interface Made {
  operation: string;
  change: Change;
}

/** What the engine did to the Kubernetes objects that it did not leave as they were. */
function objectsOf(steps: readonly StepEventMetadata[]): Made[] {
  const { changes } = previewOfEvents(steps.map((metadata) => ({ resOutputsEvent: { metadata } })));
  return withContentsJoined(changes)
    .filter(({ type }) => kindOf(type) !== undefined)
    .map((change) => {
      const operation = change.hint?.operation ?? "same";
      return { operation: operation === "create" && change.before ? "replace" : operation, change };
    })
    .filter(({ operation }) => operation !== "same");
}

/** Whether the objects are the same ones, or others, as the engine says: by their UIDs. */
function identities(made: readonly Made[], changes: readonly Change[], before: Seen, after: Seen): string[] {
  const operations = new Map(made.map(({ operation, change }) => [change.urn, operation]));
  return changes.flatMap((change) => {
    if (kindOf(change.type) === undefined) return [];
    const [was, is] = [before.objects.get(change.urn), after.objects.get(change.urn)];
    const operation = operations.get(change.urn) ?? "same";
    const right = {
      create: was === undefined && is !== undefined,
      replace: was !== undefined && is !== undefined && was !== is,
      delete: was !== undefined && is === undefined,
      update: was !== undefined && was === is,
      same: was !== undefined && was === is,
    }[operation];
    return right ? [] : [`${lineOf(operation, change)}: its UID was ${was}, and is ${is}`];
  });
}
