import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { core } from "@pulumi/kubernetes/types/input";
import { savepointTemplate } from "../components/kubernetes/periodic-savepoints";
import { withoutStateVolume } from "../components/kubernetes/state-storage";
import { jobLabel } from "../components/names";
import type { Cluster, KubernetesObject } from "./kubernetes";
import { UserError } from "../recorder/errors";
import type { Ledger } from "./ledgers";

/** A Job of a command stays for a day, so that people can read its log. */
const keptFor = 24 * 3600;

const settings = {
  take: { VERB: "take", KIND: "manual" },
  pause: { VERB: "pause" },
};

export type Verb = keyof typeof settings;

/**
 * Runs a command for a job inside the cluster, in a Kubernetes Job with the submission's pod template and
 * another program. So it has the submission's rights, network policies and certificates. Returns the final
 * message.
 */
export async function runVerb(
  api: Cluster,
  ledger: Ledger,
  namespace: string,
  verb: Verb | { dispose: string[] },
  signal: AbortSignal,
): Promise<string> {
  const name = typeof verb === "string" ? verb : "dispose";
  const given =
    typeof verb === "string" ? settings[verb] : { VERB: "dispose", DISPOSE: verb.dispose.join("\n") };
  const submission = await findSubmission(api, ledger, namespace, signal);
  const job = oneOffJob(submission, name, (template) => savepointTemplate(template, given));
  return runJob(api, job, namespace, signal);
}

/**
 * Starts a paused job again from its state: removes the mark, and creates the submission again. The same
 * works for a job without a guard that an update has left stopped or failed.
 */
export async function resume(
  api: Cluster,
  ledger: Ledger,
  namespace: string,
  signal: AbortSignal,
): Promise<string> {
  if (!ledger.paused && !["stopped", "failed"].includes(ledger.phase)) {
    throw new UserError(
      `Job ${ledger.job} is neither paused nor stopped: it is ${ledger.phase || "not started"}.`,
      ["jobs status shows all jobs."],
    );
  }
  const submission = await findSubmission(api, ledger, namespace, signal);
  const path = await api.path({ apiVersion: "v1", kind: "ConfigMap", namespace, name: ledger.name }, signal);
  const contentType = "application/merge-patch+json";
  await api.request("PATCH", path, { body: { data: { paused: null } }, contentType, signal });
  return runJob(api, oneOffJob(submission, "resume"), namespace, signal);
}

/** The Job that submitted the program's revision. Its pods have everything that a command needs. */
async function findSubmission(
  api: Cluster,
  ledger: Ledger,
  namespace: string,
  signal: AbortSignal,
): Promise<KubernetesObject> {
  const labels = `app.kubernetes.io/instance=${ledger.cluster},${jobLabel}=${ledger.job}`;
  const jobs = await api.list("batch/v1", "Job", namespace, labels, signal);
  const submission = jobs.find((job) => submitted(job) === ledger.wanted);
  if (submission) return submission;
  throw new UserError(`The submission Job of ${ledger.job} (revision ${ledger.wanted}) is not there.`, [
    "Bring the stack up: that makes it again. Then run the same command.",
  ]);
}

/** The revision that a Job submitted, if it is a submission. */
function submitted({ spec }: KubernetesObject): string | undefined {
  interface Spec {
    template: { spec: { containers: { command?: string[]; env?: { name: string; value?: string }[] }[] } };
  }
  const [container] = (spec as unknown as Spec).template.spec.containers;
  if (!container?.command?.some((word) => word.endsWith("/submit.sh"))) return undefined;
  return container.env?.find(({ name }) => name === "REVISION")?.value;
}

/** A Job for one command, based on the submission's Job. */
export function oneOffJob(
  submission: KubernetesObject,
  purpose: string,
  change: (template: core.v1.PodTemplateSpec) => core.v1.PodTemplateSpec = (template) => template,
): KubernetesObject {
  const spec = submission.spec as Record<string, unknown> & { template: core.v1.PodTemplateSpec };
  const metadata = spec.template.metadata as {
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  // The controller's labels belong only to the pods of that Job.
  const labels = Object.entries(metadata.labels ?? {}).filter(
    ([label]) => !/(^|\/)(controller-uid|job-name)$/.test(label),
  );
  const { annotations } = metadata;
  const template = {
    metadata: { labels: Object.fromEntries(labels), ...(annotations ? { annotations } : {}) },
    spec: spec.template.spec,
  };
  const suffix = `-${purpose}-${randomBytes(3).toString("hex")}`;
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: submission.metadata.name.slice(0, 63 - suffix.length).replace(/-+$/, "") + suffix,
      labels: Object.fromEntries(
        Object.entries((submission.metadata.labels ?? {}) as Record<string, string>).filter(
          ([label]) => label !== "app.kubernetes.io/managed-by",
        ),
      ),
    },
    spec: {
      backoffLimit: spec.backoffLimit,
      activeDeadlineSeconds: spec.activeDeadlineSeconds,
      podFailurePolicy: spec.podFailurePolicy,
      ttlSecondsAfterFinished: keptFor,
      template: withoutStateVolume(change(template)),
    },
  } as unknown as KubernetesObject;
}

/** Creates the Job and waits for its end. Fails with the error message of its program. */
async function runJob(
  api: Cluster,
  job: KubernetesObject,
  namespace: string,
  signal: AbortSignal,
): Promise<string> {
  const reference = { apiVersion: "batch/v1", kind: "Job", namespace, name: job.metadata.name };
  const path = await api.path(reference, signal);
  const collection = path.slice(0, path.lastIndexOf("/"));
  await api.request("POST", collection, { body: job, signal });
  for (;;) {
    const live = await api.get(reference, signal);
    if (!live)
      throw new UserError(`Job ${job.metadata.name} was deleted by somebody else.`, [
        "Run the command again.",
      ]);
    const { conditions = [] } = (live.status ?? {}) as {
      conditions?: { type: string; status: string; reason?: string; message?: string }[];
    };
    const ended = conditions.find(
      ({ type, status }) => ["Complete", "Failed"].includes(type) && status === "True",
    );
    if (ended) {
      const message = await lastWords(api, namespace, job.metadata.name, signal);
      if (ended.type === "Complete") return message;
      throw new UserError(message || `${ended.reason ?? "Failed"}: ${ended.message ?? ""}`, [
        `Its log: kubectl logs -n ${namespace} job/${job.metadata.name}`,
      ]);
    }
    await sleep(500, undefined, { signal });
  }
}

async function lastWords(api: Cluster, namespace: string, job: string, signal: AbortSignal): Promise<string> {
  interface Status {
    containerStatuses?: {
      name: string;
      state?: { terminated?: { message?: string; finishedAt?: string } };
    }[];
  }
  const pods = await api.list("v1", "Pod", namespace, `batch.kubernetes.io/job-name=${job}`, signal);
  const ends = pods.flatMap(({ status }) =>
    ((status as Status).containerStatuses ?? [])
      .filter(({ name }) => name === "submitter")
      .map(({ state }) => state?.terminated)
      .filter((terminated) => terminated !== undefined),
  );
  ends.sort((a, b) => ((a.finishedAt ?? "") < (b.finishedAt ?? "") ? 1 : -1));
  return ends[0]?.message ?? "";
}
