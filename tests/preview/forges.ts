import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Stored {
  id: number;
  body: string;
  author: string;
  system?: boolean;
}

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
  /** The connection breaks before an answer. */
  broken?: boolean;
}

export interface Request {
  method: string;
  path: string;
  body: string;
  headers: IncomingMessage["headers"];
}

/** What a test does to a request before or instead of the forge. */
export type Interference = (request: Request, count: number) => Answer | undefined;

/** The account whose token the tests use. */
export const ME = "github-actions[bot]";
const IDS: Record<string, number> = { [ME]: 7, somebody: 8 };

/** An HTTP server that answers as GitHub and GitLab do about comments: pages with Link headers, 201, 204, 404. */
export class Forges {
  comments: Stored[] = [];
  pulls: { number: number; head: { sha: string }; label: string }[] = [];
  requests: Request[] = [];
  before: Interference = () => undefined;
  /** After the forge did it: the answer is lost or another one. */
  after: Interference = () => undefined;
  private readonly server: Server;
  private nextId = 1;

  constructor() {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => this.handle(request, Buffer.concat(chunks).toString("utf8"), response));
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return this.url;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  add(body: string, author = "somebody", more: Partial<Stored> = {}): Stored {
    const comment = { id: this.nextId++, body, author, ...more };
    this.comments.push(comment);
    return comment;
  }

  /** Bodies of the comments that we wrote. */
  ours(): string[] {
    return this.comments.filter(({ author }) => author === ME).map(({ body }) => body);
  }

  count(method: string): number {
    return this.requests.filter((request) => request.method === method).length;
  }

  private handle(message: IncomingMessage, body: string, response: ServerResponse): void {
    const request = { method: message.method!, path: message.url!, body, headers: message.headers };
    this.requests.push(request);
    const count = this.count(request.method);
    const answer = this.before(request, count) ?? this.answer(request);
    const final = this.after(request, count) ?? answer;
    if (final.broken) {
      message.socket.destroy();
      return;
    }
    response.writeHead(final.status, { "content-type": "application/json", ...final.headers });
    response.end(final.body === undefined ? "" : JSON.stringify(final.body));
  }

  private answer({ method, path, body }: Request): Answer {
    const url = new URL(path, this.url);
    const parts = url.pathname;
    const text = body === "" ? "" : (JSON.parse(body) as { body: string }).body;
    // GitHub's token of a workflow may not ask who it is.
    if (parts === "/github/user")
      return { status: 403, body: { message: "Resource not accessible by integration" } };
    if (parts === "/gitlab/user") return { status: 200, body: { id: IDS[ME] } };
    if (parts === "/github/repos/o/r/pulls") {
      const found = this.pulls.filter(({ label }) => label === url.searchParams.get("head"));
      return { status: 200, body: found };
    }
    if (
      /^\/(github\/repos\/o\/r\/issues\/5\/comments|gitlab\/projects\/42\/merge_requests\/5\/notes)$/.test(
        parts,
      )
    ) {
      return method === "GET" ? this.list(url) : { status: 201, body: this.shown(this.add(text, ME)) };
    }
    const id = Number(/\/(?:issues\/comments|notes)\/(\d+)$/.exec(parts)?.[1] ?? NaN);
    const stored = this.comments.find((comment) => comment.id === id);
    if (!stored) return { status: 404, body: { message: "Not Found" } };
    if (method === "DELETE") {
      this.comments = this.comments.filter((comment) => comment !== stored);
      return { status: 204 };
    }
    stored.body = text;
    return { status: 200, body: this.shown(stored) };
  }

  /** Thirty on a page unless told, a hundred at most. */
  private list(url: URL): Answer {
    const size = Math.min(Number(url.searchParams.get("per_page") ?? 30), 100);
    const page = Number(url.searchParams.get("page") ?? 1);
    const body = this.comments.slice((page - 1) * size, page * size).map((comment) => this.shown(comment));
    const next = new URL(url);
    next.searchParams.set("page", String(page + 1));
    const more = page * size < this.comments.length;
    return {
      status: 200,
      body,
      headers: more ? { link: `<${next.href}>; rel="next", <${next.href}>; rel="last"` } : {},
    };
  }

  private shown({ id, body, author, system = false }: Stored) {
    return { id, body, user: { login: author }, author: { id: IDS[author] ?? 9 }, system };
  }
}
