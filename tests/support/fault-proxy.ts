import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { addresses } from "../../local/node";

/** What goes wrong with requests to a JobManager. */
export interface Fault {
  /** Which requests: `METHOD /path`. */
  of: RegExp;
  /** How many of them. Default: 1. */
  times?: number;
  /** Milliseconds that they wait before they are passed on. */
  delay?: number;
  /** Done before a request is passed on. */
  before?: () => unknown;
  /** The status that is answered, without passing it on. */
  status?: number;
  /** Nobody hears the answer: the connection is cut, before Flink got the request or after Flink took it. */
  cut?: "before" | "after";
  /** Done after Flink has answered, and before the one who asked hears it. */
  after?: (answer: Answer) => unknown;
}

export interface Answer {
  status: number;
  body: Buffer;
}

interface Expected {
  fault: Fault;
  left: number;
  done: () => void;
  failed: (error: Error) => void;
}

/**
 * Stands between the pods of a job and their JobManager: on an address that the pods of the local node reach. It passes everything on,
 * but for the faults that it was told of.
 */
export class FaultProxy {
  readonly host = addresses.host;
  /** `METHOD /path` of what came, in order. */
  readonly requests: string[] = [];
  private readonly faults: Expected[] = [];
  private readonly server: http.Server;
  /** The JobManager pod that is asked, for as long as it can be reached: an uploaded jar lives on one pod. */
  private chosen: string | undefined;

  /** @param jobManagers gives the addresses of the JobManager pods, `IP:PORT`. */
  constructor(private readonly jobManagers: () => Promise<string[]>) {
    this.server = http.createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("error", () => undefined);
      request.on("end", () => {
        this.handle(request, Buffer.concat(chunks), response).catch(() => request.socket.destroy());
      });
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, this.host, resolve));
    return this;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** Has something go wrong. Resolves when it has, as often as asked for; fails when what it does itself fails. */
  once(fault: Fault): Promise<void> {
    return new Promise((done, failed) => this.faults.push({ fault, left: fault.times ?? 1, done, failed }));
  }

  /** Ends all faults that are left. */
  heal(): void {
    this.faults.length = 0;
  }

  private async handle(request: http.IncomingMessage, body: Buffer, response: http.ServerResponse) {
    const said = `${request.method} ${request.url}`;
    this.requests.push(said);
    const found = this.faults.find(({ fault, left }) => left > 0 && fault.of.test(said));
    const fault = found?.fault;
    if (found) found.left--;
    try {
      if (fault?.delay) await sleep(fault.delay);
      await fault?.before?.();
      if (fault?.cut === "before") return void request.socket.destroy();
      if (fault?.status) return void response.writeHead(fault.status).end("<html>no</html>");
      const { answer, headers } = await this.pass(request, body);
      await fault?.after?.(answer);
      if (fault?.cut === "after") return void request.socket.destroy();
      response.writeHead(answer.status, headers).end(answer.body);
    } catch (error) {
      // That no JobManager answers is none of our faults.
      if (fault?.before || fault?.after) found?.failed(error as Error);
      throw error;
    } finally {
      if (found?.left === 0) found.done();
    }
  }

  private async pass(request: http.IncomingMessage, body: Buffer) {
    const candidates = await this.jobManagers();
    const target =
      this.chosen !== undefined && candidates.includes(this.chosen) ? this.chosen : candidates[0];
    if (target === undefined) throw new Error("no JobManager");
    this.chosen = target;
    try {
      return await send(target, request, body);
    } catch (error) {
      // The next request goes to another one, if there is one.
      this.chosen = candidates[(candidates.indexOf(target) + 1) % candidates.length];
      throw error;
    }
  }
}

function send(
  target: string,
  { method, url, headers }: http.IncomingMessage,
  body: Buffer,
): Promise<{ answer: Answer; headers: http.IncomingHttpHeaders }> {
  return new Promise((resolve, reject) => {
    const [host, port] = target.split(":");
    const forwarded = { ...headers, host: target, "content-length": String(body.length) };
    const options = { host, port, method, path: url, headers: forwarded, agent: false };
    const passed = http.request(options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => {
        const whole = Buffer.concat(chunks);
        const kept = { ...answer.headers };
        delete kept["transfer-encoding"];
        resolve({
          answer: { status: answer.statusCode!, body: whole },
          headers: { ...kept, "content-length": String(whole.length) },
        });
      });
    });
    passed.setTimeout(5 * 60_000, () => passed.destroy(new Error("no answer")));
    passed.on("error", reject);
    passed.end(body);
  });
}
