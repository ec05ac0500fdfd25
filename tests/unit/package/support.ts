import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import path from "node:path";
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { ConstructRequest, type ConstructResponse, GetSchemaRequest } from "@pulumi/pulumi/proto/provider_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { type Host, serve } from "../../../recorder/host";

/** The process of a component plugin, driven as the engine drives it, with an engine that accepts everything. */
export interface Plugin {
  /** Names of what the plugin has registered. */
  registered: string[];
  schema(): Promise<string>;
  construct(type: string, name: string, inputs: Record<string, unknown>): Promise<Record<string, unknown>>;
  stop(): void;
}

/** Arguments for Node that start the plugin in `folder` as Pulumi's language host does. */
export function runPlugin(folder: string, sdk: string, engine: string): string[] {
  return [path.join(sdk, "@pulumi/pulumi/cmd/run-plugin"), folder, engine];
}

/** Starts the plugin in `folder` with the SDK found at `sdk`. */
export async function startPlugin(folder: string, sdk: string): Promise<Plugin> {
  const registered: string[] = [];
  const host: Host = await serve(
    { project: "other", stack: "test" },
    {
      register: async ({ name, custom, inputs }) => {
        registered.push(name);
        return { id: custom ? `${name}-id` : undefined, outputs: inputs };
      },
      read: async ({ id }) => ({ id, outputs: {} }),
      invoke: (token) => {
        throw new Error(`unexpected call of ${token}`);
      },
    },
    () => undefined,
  );
  const child = spawn(process.execPath, runPlugin(folder, sdk, host.address), {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    // What `npm test` says for its own sources is not a plugin's.
    env: { ...process.env, TS_NODE_PROJECT: undefined },
  });
  const stop = () => {
    child.kill();
    host.close();
  };
  try {
    const client = new ResourceProviderClient(
      `127.0.0.1:${await portOf(child)}`,
      grpc.credentials.createInsecure(),
    );
    return {
      registered,
      schema: () =>
        new Promise((resolve, reject) => {
          client.getSchema(new GetSchemaRequest(), (error, response) =>
            error ? reject(error) : resolve(response!.getSchema()),
          );
        }),
      construct: async (type, name, inputs) => {
        const request = new ConstructRequest();
        request.setType(type);
        request.setName(name);
        request.setProject("other");
        request.setStack("test");
        request.setDryrun(true);
        request.setParallel(16);
        request.setMonitorendpoint(host.address);
        request.setInputs(Struct.fromJavaScript(inputs as Parameters<typeof Struct.fromJavaScript>[0]));
        const response = await new Promise<ConstructResponse>((resolve, reject) => {
          client.construct(request, (error, answer) => (error ? reject(error) : resolve(answer!)));
        });
        return response.getState()?.toJavaScript() as Record<string, unknown>;
      },
      stop: () => {
        client.close();
        stop();
      },
    };
  } catch (error) {
    stop();
    throw error;
  }
}

/** A plugin says on its first line of output where it listens. */
export async function portOf(plugin: ChildProcess): Promise<number> {
  const said: string[] = [];
  createInterface({ input: plugin.stderr! }).on("line", (line) => said.push(line));
  for await (const line of createInterface({ input: plugin.stdout! })) {
    if (/^\d+$/.test(line.trim())) return Number(line);
    said.push(line);
  }
  throw new Error(`The plugin did not start:\n${said.join("\n")}`);
}
