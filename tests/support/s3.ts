import { randomInt } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { cacheFolder } from "../../local/cache";
import {
  type ProcessRecord,
  addresses,
  buildOptional,
  endProcess,
  isAlive,
  startBeside,
} from "../../local/node";
import { waitFor } from "../../local/run";
import { buildContext } from "./build";

/** An S3-compatible server that pods of the local node, and this machine, reach. */
export interface S3Server {
  /** Such as `http://198.18.255.2:21234`; needs path-style access. */
  endpoint: string;
  accessKey: string;
  secretKey: string;
  /** Name of a bucket, which is there and empty. */
  bucket: string;
  /** The bucket as a folder on this machine: an object is the file of its key. */
  directory: string;
  /** Ends the server; its data stays until `stop`. A later `start` has the same address. */
  pause(): Promise<void>;
  /** Starts it again after `pause`. */
  resume(): Promise<void>;
  /** Ends the server and removes its data. */
  stop(): Promise<void>;
}

// Of a server that only this machine reaches, and that a test throws away.
const accessKey = "test-access-key";
const secretKey = "test-secret-key";
const bucket = "flink";

/** Starts an S3 server of its own for a test; built on first use, in about two minutes. It also ends with this process. */
export async function startS3(): Promise<S3Server> {
  const program = path.join(await buildOptional("versitygw", buildContext), "versitygw");
  const folder = path.join(cacheFolder(), "tests");
  fs.mkdirSync(folder, { recursive: true });
  const data = fs.mkdtempSync(path.join(folder, "s3-"));
  const directory = path.join(data, bucket);
  fs.mkdirSync(directory);

  let server: ProcessRecord | undefined;
  let address = "";
  const run = async (port: number) => {
    address = `${addresses.node}:${port}`;
    const options = ["--access", accessKey, "--secret", secretKey, "--port", address, "--health", "/health"];
    const started = startBeside(`s3-${port}`, [program, ...options, "--quiet", "posix", data]);
    const answers = async () => {
      // Another test may have the port.
      if (!isAlive(started)) return "ended";
      return (await isHealthy(address)) ? "healthy" : undefined;
    };
    if ((await waitFor(`the S3 server on ${address}`, 30_000, answers)) === "healthy") server = started;
    return server !== undefined;
  };
  const end = async () => {
    if (server) await endProcess(server);
    server = undefined;
  };

  let port = 0;
  for (let attempt = 0; attempt < 5 && !server; attempt++) {
    // Below the ports of NodePort services, and below those that the kernel gives to connections.
    port = randomInt(20_000, 30_000);
    await run(port);
  }
  if (!server) throw new Error(`no S3 server came up; its last words are in the node's log s3-${port}.log`);
  return {
    endpoint: `http://${address}`,
    accessKey,
    secretKey,
    bucket,
    directory,
    pause: end,
    resume: async () => {
      if (!server && !(await run(port))) throw new Error(`the S3 server did not come up again on ${address}`);
    },
    stop: async () => {
      await end();
      fs.rmSync(data, { recursive: true, force: true });
    },
  };
}

async function isHealthy(address: string): Promise<boolean> {
  try {
    return (await fetch(`http://${address}/health`, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}
