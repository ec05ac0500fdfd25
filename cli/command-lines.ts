import { reportOptions } from "../policies/cli/report-options";
import type { CommandLine, Option } from "./options";

/**
 * Command lines of the npm package's commands, separate from these, so that help and completions load
 * quickly.
 */

const cwd = {
  type: "string",
  value: "FOLDER",
  about: "the folder of the Pulumi project (default: the one around the current folder)",
} as const satisfies Option;

const stack = {
  type: "string",
  value: "NAME",
  about:
    "the stack, also as ORGANIZATION/PROJECT/NAME (default: $PULUMI_STACK, the only one with a file, or dev)",
} as const satisfies Option;

const json = {
  type: "boolean",
  default: false,
  about: "the answer as JSON on standard output, also when it is an error",
} as const satisfies Option;

const stackOutput = {
  type: "string",
  multiple: true,
  default: [] as string[],
  value: "ORGANIZATION/PROJECT/STACK=FILE",
  about: "outputs of another stack that the program refers to; may be repeated",
} as const satisfies Option;

const pack = {
  type: "string",
  multiple: true,
  default: [] as string[],
  value: "NAME",
  about: "a policy pack beside those that the stack lists: kubernetes, flink, or a folder; may be repeated",
} as const satisfies Option;

export const renderLine = {
  name: "render",
  about: "A stack as Kubernetes YAML, on standard output or, with --out, as a folder for GitOps.",
  options: {
    cwd,
    stack,
    out: { type: "string", value: "FOLDER", about: "writes the folder; with --format registrations a file" },
    format: {
      type: "string",
      default: "yaml",
      value: "FORMAT",
      choices: ["yaml", "registrations"],
      about: "registrations are for preview --base and --head",
    },
    for: {
      type: "string",
      value: "TOOL",
      choices: ["kubectl", "argocd", "flux"],
      about: "what the folder is for (default: kubectl)",
      needs: "out",
    },
    check: {
      type: "boolean",
      about: "writes nothing; exit code 1 when the folder is not up to date",
      needs: "out",
    },
    "secret-ref": {
      type: "string",
      multiple: true,
      value: "NAMESPACE/NAME",
      about: "a Secret that somebody else brings; may be repeated",
      needs: "out",
    },
    "no-prune": { type: "boolean", about: "flux: leaves what is no longer in the stack", needs: "out" },
    source: {
      type: "string",
      value: "NAMESPACE/NAME",
      about: "flux: its GitRepository, unless it is flux-system/flux-system",
      needs: "out",
    },
    "stack-output": stackOutput,
    outputs: { type: "string", value: "FILE", about: "also writes the stack's outputs there" },
    "show-secrets": { type: "boolean", default: false, about: "secret outputs in clear", needs: "outputs" },
    json,
  },
  examples: [
    ["--stack prod > prod.yaml", "all objects, in the order in which they can be applied"],
    ["--cwd infra --stack prod --json", "the objects and what only the engine knows, as JSON"],
    ["--stack prod --out deploy/prod", "a folder for kubectl apply -k"],
    [
      "--stack prod --out deploy/prod --for argocd --secret-ref orders/orders-s3",
      "with sync waves, without the Secret",
    ],
    [
      "--stack prod --out deploy/prod --for flux --source flux-system/apps --no-prune",
      "a Kustomization for each stage",
    ],
    ["--stack prod --out deploy/prod --check", "exit code 1 when somebody forgot to write the folder again"],
    ["--stack prod --format registrations --out head.json", "what preview --head reads"],
    ["--stack team --stack-output acme/platform/prod=platform.json", "for a program with a StackReference"],
    [
      "--stack platform --outputs platform.json --show-secrets",
      "the outputs for another stack's --stack-output",
    ],
  ],
} as const satisfies CommandLine;

export const checkLine = {
  name: "check",
  about:
    "The program and its configuration are checked, then by policy packs: those that the stack lists (flink-kubernetes:policyPacks) and those of --pack. Exit code 1 when the program or a mandatory policy refuses it.",
  options: { cwd, stack, pack, "stack-output": stackOutput, ...reportOptions, json },
  examples: [
    ["--stack prod", "the program's own checks, and the packs that Pulumi.prod.yaml lists"],
    ["--stack prod --pack kubernetes --pack flink", "the packs of flink-kubernetes-policies, as they come"],
    ["--cwd infra --stack prod --json", "the findings for another program"],
    ["--stack prod --format sarif --output findings.sarif --fail-on high", "for a forge that shows findings"],
    ["--stack prod --write-baseline accepted.json", "accepts what is found today"],
    ["--stack prod --baseline accepted.json", "fails for what is new"],
    ["--stack team --stack-output acme/platform/prod=platform.json", "for a program with a StackReference"],
  ],
} as const satisfies CommandLine;

export const previewLine = {
  name: "preview",
  about:
    "What a change does, in Flink's words. Exit code 1 when the program or a mandatory policy refuses it, or when nothing is known.",
  options: {
    cwd,
    stack,
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
      about: "render --format registrations before the change",
      needs: "head",
    },
    head: { type: "string", value: "FILE", about: "the same after the change" },
    engine: {
      type: "string",
      value: "ENGINE",
      choices: ["pulumi"],
      about: "asks the Pulumi engine, against the stack's state",
    },
    context: {
      type: "string",
      value: "NAME",
      about: "the cluster of this context of your kubeconfig",
      needs: "engine",
    },
    pack,
    commit: { type: "string", value: "SHA", about: "the commit that the report names" },
    out: {
      type: "string",
      value: "FOLDER",
      about: "writes report.md, full.md, report.html and report.json there",
    },
    watch: { type: "boolean", about: "shows the preview again whenever a file of the project changes" },
    "stack-output": stackOutput,
    json,
  },
  examples: [
    ["--stack prod", "this working tree against the last commit"],
    [
      "--stack prod --against origin/main --commit $(git rev-parse HEAD) --out report",
      "a pull request, as files",
    ],
    ["--stack prod --pack kubernetes --pack flink", "with the findings of policy packs"],
    ["--stack dev --watch", "again on every change"],
    ["--cwd infra --stack prod --engine pulumi --context prod", "what the engine would do"],
    [
      "--stack prod --output preview.json",
      "what pulumi preview --json has printed, also of a program in Python or YAML",
    ],
    ["--stack prod --base base.json --head head.json --json", "two renderings, as JSON"],
    ["--stack team --stack-output acme/platform/prod=platform.json", "for a program with a StackReference"],
  ],
} as const satisfies CommandLine;

export const commentLine = {
  name: "comment",
  about:
    "Posts the report of a preview as the one comment of a stack on the pull or merge request that this job of CI is for. In GitHub Actions it needs GITHUB_TOKEN, in GitLab CI GITLAB_TOKEN.",
  options: {
    cwd,
    stack,
    commit: { type: "string", value: "SHA", about: "the commit that the report is of; needed" },
    report: { type: "string", value: "FILE", about: "report.md of preview --out; needed" },
    json,
  },
  examples: [
    ["--stack prod --commit $GITHUB_SHA --report report/report.md", "in a job of GitHub Actions"],
    [
      "--cwd infra --stack prod --commit $CI_COMMIT_SHA --report report/report.md --json",
      "in a job of GitLab CI",
    ],
  ],
} as const satisfies CommandLine;

const cluster = {
  cwd,
  stack,
  context: {
    type: "string",
    value: "NAMES",
    about: "contexts of your kubeconfig, separated by commas",
  },
  namespace: {
    type: "string",
    value: "NAME",
    about: "the jobs of this namespace, whatever project they are of",
  },
  json,
} as const satisfies Record<string, Option>;

export const jobsLines = {
  status: {
    name: "jobs status",
    about:
      "Every job: what its ledger says, what Flink says; and jobs that run without a ledger naming them.",
    options: {
      ...cluster,
      "all-namespaces": { type: "boolean", default: false, about: "the jobs of all namespaces" },
    },
    examples: [
      ["--stack prod --context prod", "the jobs of a stack"],
      ["--cwd infra --json", "the same for a program, in the cluster of the current context"],
      ["--namespace orders", "all jobs of a namespace, without a project"],
      ["--context eu,us --all-namespaces", "a fleet"],
    ],
  },
  top: {
    name: "jobs top",
    about: "The same, shown again every few seconds until Ctrl-C.",
    options: {
      ...cluster,
      "all-namespaces": { type: "boolean", default: false, about: "the jobs of all namespaces" },
      every: { type: "string", default: "5", value: "SECONDS", about: "how often" },
    },
    examples: [["--context eu,us --all-namespaces --every 10", "a fleet"]],
  },
  ui: {
    name: "jobs ui",
    about:
      "Opens a port of this machine that leads to Flink's web UI, prints a link for each job, and closes it on Ctrl-C.",
    positionals: "[JOB]",
    options: {
      ...cluster,
      port: { type: "string", value: "PORT", about: "which one (default: one that is free)" },
    },
    examples: [
      ["--namespace orders", "a link for each job of a namespace"],
      ["totals --stack prod --context prod --port 8081", "one job, always under the same address"],
    ],
  },
  savepoint: {
    name: "jobs savepoint",
    about: "Takes a savepoint and says where it is; the job runs on.",
    positionals: "JOB",
    options: cluster,
    examples: [["totals --stack prod --context prod", "a savepoint of the job totals"]],
  },
  pause: {
    name: "jobs pause",
    about: "Stops the job with its state, until it is resumed or changed.",
    positionals: "JOB",
    options: cluster,
    examples: [["totals --stack prod --context prod", "stops the job totals"]],
  },
  resume: {
    name: "jobs resume",
    about: "Starts a job that is paused, stopped or failed, from its state.",
    positionals: "JOB",
    options: cluster,
    examples: [["totals --stack prod --context prod", "starts the job totals"]],
  },
  logs: {
    name: "jobs logs",
    about: "What its submission, its guard, the JobManagers and the TaskManagers that run it say.",
    positionals: "JOB",
    options: {
      ...cluster,
      tail: { type: "string", default: "100", value: "LINES", about: "how many lines of each container" },
    },
    examples: [["totals --namespace orders --tail 20", "the last lines of each container"]],
  },
  gc: {
    name: "jobs gc",
    about:
      "States that no start, no rollback and no running job needs. With --delete they are disposed of, through Flink.",
    positionals: "[JOB]",
    options: {
      ...cluster,
      all: { type: "boolean", default: false, about: "also savepoints taken by hand or by the clock" },
      delete: { type: "boolean", default: false, about: "disposes of what it lists" },
    },
    examples: [
      ["--stack prod --context prod", "shows them"],
      ["totals --all --delete", "disposes of those of one job"],
    ],
  },
} as const satisfies Record<string, CommandLine>;

/** The verbs in `jobs --help`. */
export function jobsHelp(call: string): string {
  const rows = Object.values<CommandLine>(jobsLines).map(({ name, positionals, about }) => {
    const verb = name.replace("jobs ", "");
    return [positionals === undefined ? verb : `${verb} ${positionals}`, about] as const;
  });
  const width = Math.max(...rows.map(([left]) => left.length));
  return [
    `${call} [VERB] [OPTIONS]`,
    "Looks at jobs, and does what a person on call does with them. Without a verb: status.",
    "",
    ...rows.map(([left, about]) => `  ${left.padEnd(width)}  ${about}`),
    "",
    `The options of each, with examples: ${call} VERB --help`,
  ].join("\n");
}

export const schemaLine = {
  name: "schema",
  about:
    "The Pulumi package schema of FlinkCluster, FlinkJob and FlinkApplication: every argument with its type and its documentation, for other languages and programs.",
  options: { out: { type: "string", value: "FILE", about: "writes it there" } },
  examples: [["--out flink-kubernetes.json", "for pulumi package gen-sdk flink-kubernetes.json"]],
} as const satisfies CommandLine;

export const completionLine = {
  name: "completion",
  about: "A script that completes commands and options in your shell.",
  positionals: "bash|zsh|fish",
  options: {},
  examples: [
    ["bash >> ~/.bashrc", "in every new shell of bash"],
    ["fish > ~/.config/fish/completions/flink-kubernetes.fish", "in every new shell of fish"],
  ],
} as const satisfies CommandLine;

/** Every command line by name. */
export const commandLines: readonly CommandLine[] = [
  renderLine,
  checkLine,
  previewLine,
  ...Object.values(jobsLines),
  commentLine,
  schemaLine,
  completionLine,
];
