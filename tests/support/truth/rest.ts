import http from "node:http";
import https from "node:https";
import { core } from "../../cluster/support";

/** Flink's REST API of the cluster `orders` of a namespace, whether it speaks TLS at that moment or not. */
export class Rest {
  private secure = false;

  constructor(readonly namespace: string) {}

  async get<T>(route: string): Promise<T> {
    return (await this.ask("GET", route)) as T;
  }

  async ask(method: string, route: string, body?: object): Promise<unknown> {
    const service = await core.readNamespacedService({ namespace: this.namespace, name: "orders-rest" });
    const host = service.spec!.clusterIP!;
    try {
      return await request(this.secure, host, method, route, body);
    } catch (error) {
      if (error instanceof Refused) throw error;
      const answer = await request(!this.secure, host, method, route, body);
      this.secure = !this.secure;
      return answer;
    }
  }
}

/** It answers, but not with what was asked for. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    text: string,
  ) {
    super(`HTTP ${status} ${text.slice(0, 200)}`);
  }
}

function request(
  secure: boolean,
  host: string,
  method: string,
  path: string,
  body: object | undefined,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const options = { host, port: 8081, path, method, timeout: 5000, agent: false as const };
    const headers = body ? { "content-type": "application/json" } : {};
    const done = (response: http.IncomingMessage) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => (text += piece));
      response.on("error", reject);
      response.on("end", () => {
        const status = response.statusCode ?? 0;
        // Flink with TLS sends a plain request on.
        if (status === 301 || (status === 400 && text === ""))
          return reject(new Error("it speaks another protocol"));
        if (status >= 300) return reject(new Refused(status, text));
        try {
          resolve(JSON.parse(text));
        } catch (error) {
          reject(error as Error);
        }
      });
    };
    const call = secure
      ? https.request({ ...options, headers, rejectUnauthorized: false }, done)
      : http.request({ ...options, headers }, done);
    call.on("timeout", () => call.destroy(new Error("no answer within 5 s")));
    call.on("error", reject);
    call.end(body ? JSON.stringify(body) : undefined);
  });
}
