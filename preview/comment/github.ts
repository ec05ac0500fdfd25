import { type Comment, expectStatus, type Forge } from "./forge";
import { type Answer, ask, pages, type Settings } from "./http";

/** Author of comments with a workflow run's token. Such a token may not ask for its own identity. */
const WORKFLOW_AUTHOR = "github-actions[bot]";

const PERMISSION =
  "The job needs `permissions: pull-requests: write`. In runs for pull requests from forks the token can only read: there the report is posted by the workflow that runs afterwards (docs/pull-requests.md).";

interface GitHubComment extends Comment {
  user?: { login?: string } | null;
}

/** Comments of a pull request. GitHub stores them as issue comments. */
export function gitHub(settings: Settings, repository: string, number: number): Forge {
  const issue = `/repos/${repository}/issues/${number}/comments`;
  const one = (id: number) => `/repos/${repository}/issues/comments/${id}`;
  let author: string | undefined;

  async function whoAmI(): Promise<string> {
    const answer = await ask(settings, "GET", "/user");
    const login = (answer.body as { login?: string } | null)?.login;
    return answer.status === 200 && login !== undefined ? login : WORKFLOW_AUTHOR;
  }

  return {
    async mine() {
      author ??= await whoAmI();
      const found: Comment[] = [];
      for (const answer of await pages(settings, `${issue}?per_page=100`)) {
        expectStatus(answer, [200], `The comments of pull request ${number} cannot be read`, PERMISSION);
        for (const { id, body, user } of answer.body as GitHubComment[]) {
          if (user?.login === author) found.push({ id, body: body ?? "" });
        }
      }
      return found.sort((a, b) => a.id - b.id);
    },
    async create(body) {
      const answer = await ask(settings, "POST", issue, { body });
      expectStatus(answer, [201], `Pull request ${number} cannot be commented on`, PERMISSION);
    },
    async update(id, body) {
      const answer = await ask(settings, "PATCH", one(id), { body });
      if (isGone(answer)) return false;
      expectStatus(answer, [200], `Comment ${id} of pull request ${number} cannot be changed`, PERMISSION);
      return true;
    },
    async remove(id) {
      const answer = await ask(settings, "DELETE", one(id));
      if (isGone(answer)) return;
      expectStatus(answer, [204], `Comment ${id} of pull request ${number} cannot be deleted`, PERMISSION);
    },
  };
}

function isGone({ status }: Answer): boolean {
  return status === 404 || status === 410;
}

/** The part of a workflow's event that identifies the pull request. */
export interface GitHubEvent {
  pull_request?: { number?: unknown };
  workflow_run?: {
    event?: unknown;
    head_sha?: unknown;
    head_branch?: unknown;
    head_repository?: { owner?: { login?: unknown } } | null;
  };
}

/** The pull request of a run, or why there is none. Files uploaded by a run have no influence on it. */
export type Found = { number: number; commit?: string } | { none: string };

/**
 * The number comes from the event. A run that follows a fork's run only gets commit, branch and owner, so the
 * open pull request with these is looked up. If the commit is no longer its newest one, no comment is posted.
 */
export async function pullRequestOf(
  settings: Settings,
  repository: string,
  event: GitHubEvent,
): Promise<Found> {
  const number = event.pull_request?.number;
  if (typeof number === "number") return { number };
  const run = event.workflow_run;
  if (run === undefined) return { none: "this run is about no pull request" };
  const { head_sha: sha, head_branch: branch } = run;
  const owner = run.head_repository?.owner?.login;
  if (run.event !== "pull_request") return { none: `the run before was for ${String(run.event)}` };
  if (typeof sha !== "string" || typeof branch !== "string" || typeof owner !== "string") {
    return { none: "the event does not say of which commit, branch and owner the run before was" };
  }
  const head = encodeURIComponent(`${owner}:${branch}`);
  const matching: number[] = [];
  for (const answer of await pages(
    settings,
    `/repos/${repository}/pulls?state=open&per_page=100&head=${head}`,
  )) {
    expectStatus(answer, [200], "The pull requests cannot be read", PERMISSION);
    for (const pull of answer.body as { number: number; head?: { sha?: string } }[]) {
      if (pull.head?.sha === sha) matching.push(pull.number);
    }
  }
  if (matching.length === 1) return { number: matching[0]!, commit: sha };
  return {
    none:
      matching.length === 0
        ? `no open pull request of ${owner}:${branch} has ${sha} as its newest commit`
        : `${sha} is the newest commit of several pull requests (${matching.join(", ")})`,
  };
}
