/** Requests to a forge: retries for transient problems, clear messages for others. */

export interface Settings {
  /** Base URL of the API, from the forge's own environment. */
  url: string;
  headers: Record<string, string>;
  signal?: AbortSignal;
  /** Waits for this many milliseconds. */
  sleep: (milliseconds: number) => Promise<void>;
  now: () => number;
  /** Receives the reasons for delays. */
  say: (line: string) => void;
}

export interface Answer {
  status: number;
  headers: Headers;
  body: unknown;
}

/** The forge does not permit this for the token. */
export class NotPermitted extends Error {}

/** No answer shows the result: a request that creates something may or may not have succeeded. */
export class Unanswered extends Error {}

/** Attempts of one request; the pause between them doubles. */
const TRIES = 5;
const FIRST_PAUSE = 1000;
/**
 * Longest wait of one run for a rate limit, in milliseconds. A primary limit may take an hour to reset, which
 * is too long to wait for.
 */
const LONGEST_WAIT = 300_000;
const REQUEST_TIMEOUT = 30_000;

/**
 * Sends a request, with retries where they help. The caller interprets any status below 500 that is not a
 * rate limit.
 */
export async function ask(settings: Settings, method: string, path: string, body?: object): Promise<Answer> {
  const { sleep, say, signal } = settings;
  let pause = FIRST_PAUSE;
  let waited = 0;
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    const answer = await once(settings, method, path, body);
    const wait = typeof answer === "string" ? undefined : limitedFor(answer, settings.now());
    if (typeof answer !== "string" && wait === undefined && answer.status < 500) return answer;
    const problem = typeof answer === "string" ? answer : `HTTP ${answer.status}${messageOf(answer)}`;
    if (wait === undefined) {
      await sleep(pause);
      pause *= 2;
      // Requests that create something are not repeated: the caller first checks whether it exists.
      if (attempt >= TRIES || method === "POST") throw new Unanswered(`${method} ${path}: ${problem}`);
      continue;
    }
    waited += wait;
    if (waited > LONGEST_WAIT) {
      throw new Error(
        `${method} ${path}: ${problem}. The forge asks to wait ${Math.round(wait / 1000)} s: run this step again later.`,
      );
    }
    say(`The forge limits requests; going on in ${Math.round(wait / 1000)} s.`);
    await sleep(wait);
  }
}

async function once(
  { url, headers, signal }: Settings,
  method: string,
  path: string,
  body: object | undefined,
): Promise<Answer | string> {
  try {
    const limit = AbortSignal.timeout(REQUEST_TIMEOUT);
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...headers, ...(body ? { "content-type": "application/json" } : {}) },
      redirect: "error",
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: parse(text) };
  } catch (error) {
    signal?.throwIfAborted();
    const { message, cause } = error as Error;
    return cause instanceof Error ? `${message}: ${cause.message}` : message;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text.slice(0, 200);
  }
}

/** Milliseconds that a rate-limited request must wait. A 403 without a time is not a limit but a refusal. */
function limitedFor({ status, headers, body }: Answer, now: number): number | undefined {
  if (status !== 403 && status !== 429) return undefined;
  const after = Number(headers.get("retry-after") ?? NaN);
  if (!Number.isNaN(after)) return Math.max(after, 1) * 1000;
  if (headers.get("x-ratelimit-remaining") === "0") {
    const reset = Number(headers.get("x-ratelimit-reset") ?? NaN);
    return Number.isNaN(reset) ? 60_000 : Math.max(reset * 1000 - now, 1000);
  }
  // A secondary limit may not say how long it lasts: at least a minute is recommended.
  return status === 429 || /secondary rate limit/i.test(textOf(body)) ? 60_000 : undefined;
}

function textOf(body: unknown): string {
  if (typeof body !== "object" || body === null) return String(body ?? "");
  const { message, error } = body as { message?: unknown; error?: unknown };
  return [message, error]
    .filter((part) => part !== undefined)
    .map(String)
    .join(" ");
}

/** The forge's own message, if any. */
export function messageOf({ body }: Answer): string {
  const text = textOf(body).trim();
  return text === "" ? "" : ` (${text})`;
}

/** All pages of a list, following the `Link` header, which both forges send. */
export async function pages(settings: Settings, path: string): Promise<Answer[]> {
  const found: Answer[] = [];
  let next: string | undefined = path;
  while (next !== undefined) {
    const answer: Answer = await ask(settings, "GET", next);
    found.push(answer);
    if (answer.status !== 200 || found.length >= MOST_PAGES) break;
    next = nextPage(settings.url, answer.headers.get("link"));
  }
  return found;
}

/** With a hundred entries each. */
const MOST_PAGES = 100;

/** Follows a link only within the same API: the token must not go anywhere else. */
function nextPage(base: string, link: string | null): string | undefined {
  const url = /<([^>]+)>\s*;\s*rel="next"/.exec(link ?? "")?.[1];
  if (url === undefined) return undefined;
  if (!url.startsWith(base)) throw new Error(`The next page is not below ${base}: ${url}`);
  return url.slice(base.length);
}
