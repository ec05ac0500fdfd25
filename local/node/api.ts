import * as fs from "node:fs";
import * as https from "node:https";
import * as path from "node:path";
import { apiServer, nodeName, type Folders } from "./layout";

/** One GET to the node's API server as administrator; undefined if it does not answer. */
export function apiGet(at: Folders, resource: string): Promise<{ status: number; body: string } | undefined> {
  return new Promise((resolve) => {
    let files: { ca: Buffer; cert: Buffer; key: Buffer };
    try {
      const read = (name: string) => fs.readFileSync(path.join(at.certificates, name));
      files = { ca: read("ca.crt"), cert: read("admin.crt"), key: read("admin.key") };
    } catch {
      return resolve(undefined);
    }
    const request = https.get(
      `${apiServer}${resource}`,
      { ...files, agent: false, timeout: 2000 },
      (response) => {
        let body = "";
        response.on("data", (data) => (body += data));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
        response.on("error", () => resolve(undefined));
      },
    );
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(undefined));
  });
}

export async function isApiReady(at: Folders): Promise<boolean> {
  return (await apiGet(at, "/readyz"))?.status === 200;
}

/**
 * `since`: ignores older reports of kubelet, because data of an earlier run says "ready" before kubelet
 * starts.
 */
export async function isNodeReady(at: Folders, since = new Date(0)): Promise<boolean> {
  const answer = await apiGet(at, `/api/v1/nodes/${nodeName}`);
  if (answer?.status !== 200) return false;
  const node = JSON.parse(answer.body) as { status?: { conditions?: NodeCondition[] } };
  const ready = node.status?.conditions?.find(({ type }) => type === "Ready");
  return ready?.status === "True" && new Date(ready.lastHeartbeatTime) >= since;
}

interface NodeCondition {
  type: string;
  status: string;
  lastHeartbeatTime: string;
}
