import { appendFileSync } from "node:fs";
import type { Forge } from "./forge";
import { gitHub, type GitHubEvent, pullRequestOf } from "./github";
import { gitLab } from "./gitlab";
import type { Settings } from "./http";
import { type Outcome, publish } from "./sticky";

export { NotPermitted } from "./http";

/** Environment variables of the forge's jobs. */
export type Environment = Record<string, string | undefined>;

export interface CommentOptions {
  project: string;
  stack: string;
  /** The commit of the report. */
  commit: string;
  report: string;
  environment: Environment;
  /** Reads the run's event file from the forge. */
  readEvent: (file: string) => unknown;
  signal?: AbortSignal;
  sleep?: Settings["sleep"];
  now?: Settings["now"];
  say: (line: string) => void;
}

/**
 * Posts the report, or says why not. If it cannot, the report goes to the job's summary, if the forge has
 * one.
 */
export async function comment(options: CommentOptions): Promise<Outcome | "nowhere"> {
  const { environment, report, project, stack } = options;
  try {
    const place = await placeOf(options);
    if ("none" in place) {
      options.say(`Nothing was posted: ${place.none}.`);
      summarise(environment, report);
      return "nowhere";
    }
    return await publish(
      place.forge,
      { project, stack, commit: place.commit ?? options.commit, run: runOf(environment) },
      report,
    );
  } catch (error) {
    summarise(environment, report);
    throw error;
  }
}

type Place = { forge: Forge; commit?: string } | { none: string };

async function placeOf(options: CommentOptions): Promise<Place> {
  const { environment } = options;
  const value = (name: string): string => {
    const found = environment[name];
    if (found === undefined || found === "") {
      throw new Error(
        `${name} is not set: this step runs in a job of GitHub Actions or GitLab CI, with GITHUB_TOKEN or GITLAB_TOKEN.`,
      );
    }
    return found;
  };
  if (environment.GITHUB_API_URL) {
    const headers = {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${value("GITHUB_TOKEN")}`,
      "user-agent": "flink-kubernetes",
      "x-github-api-version": "2022-11-28",
    };
    const settings = settingsOf(options, value("GITHUB_API_URL"), headers);
    const repository = value("GITHUB_REPOSITORY");
    const event = options.readEvent(value("GITHUB_EVENT_PATH")) as GitHubEvent;
    const found = await pullRequestOf(settings, repository, event);
    if ("none" in found) return found;
    return { forge: gitHub(settings, repository, found.number), commit: found.commit };
  }
  if (!environment.CI_API_V4_URL) value("GITHUB_API_URL");
  const settings = settingsOf(options, value("CI_API_V4_URL"), { "private-token": value("GITLAB_TOKEN") });
  const number = Number(environment.CI_MERGE_REQUEST_IID ?? NaN);
  if (!Number.isInteger(number)) return { none: "this pipeline is about no merge request" };
  return { forge: gitLab(settings, value("CI_PROJECT_ID"), number) };
}

function settingsOf(options: CommentOptions, url: string, headers: Record<string, string>): Settings {
  return {
    url: url.replace(/\/+$/, ""),
    headers,
    signal: options.signal,
    sleep: options.sleep ?? ((milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))),
    now: options.now ?? Date.now,
    say: options.say,
  };
}

/** Both forges number runs in the order of their start. */
function runOf(environment: Environment): number {
  return Number(environment.GITHUB_RUN_ID ?? environment.CI_PIPELINE_ID ?? 0) || 0;
}

/**
 * GitHub shows the summary on the run's page. GitLab has no summary; there the report is among the job's
 * files.
 */
function summarise(environment: Environment, report: string): void {
  if (environment.GITHUB_STEP_SUMMARY) appendFileSync(environment.GITHUB_STEP_SUMMARY, `${report}\n`);
}
