import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { ConstructRequest, type ConstructResponse } from "@pulumi/pulumi/proto/provider_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { type Host, serve } from "../../local/direct/host";
import { projectDir } from "../support/project";

/** The package served as a plugin to programs in other languages: the engine asks it to construct components. */
describe("FlinkCluster, constructed by a program in another language", function () {
  this.timeout(240_000);
  const registered: string[] = [];
  let host: Host;
  let plugin: ChildProcess;
  let client: ResourceProviderClient;

  before(async () => {
    host = await serve(
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
    const folder = path.join(projectDir, "components");
    plugin = spawn(
      process.execPath,
      [require.resolve("@pulumi/pulumi/cmd/run-plugin"), folder, host.address],
      { cwd: folder, stdio: ["ignore", "pipe", "pipe"] },
    );
    client = new ResourceProviderClient(
      `127.0.0.1:${await portOf(plugin)}`,
      grpc.credentials.createInsecure(),
    );
  });

  after(() => {
    client?.close();
    plugin?.kill();
    host?.close();
  });

  function construct(name: string, inputs: Record<string, unknown>): Promise<ConstructResponse> {
    const request = new ConstructRequest();
    request.setType("flink-kubernetes:index:FlinkCluster");
    request.setName(name);
    request.setProject("other");
    request.setStack("test");
    request.setDryrun(true);
    request.setParallel(16);
    request.setMonitorendpoint(host.address);
    request.setInputs(Struct.fromJavaScript(inputs as Parameters<typeof Struct.fromJavaScript>[0]));
    return new Promise((resolve, reject) => {
      client.construct(request, (error, response) => (error ? reject(error) : resolve(response!)));
    });
  }

  it("works, and gives its outputs", async () => {
    const response = await construct("orders", { flinkVersion: "2.2.1", namespace: { name: "prod" } });
    const state = response.getState()?.toJavaScript() as {
      restUrl: string;
      connection: { clusterName: string };
    };
    assert.match(JSON.stringify(state.restUrl), /http:\/\/orders-rest\.prod\.svc:8081/);
    assert.ok(registered.includes("orders-jobmanager"));
  });

  it("fails with all its problems when it has some, and makes nothing", async () => {
    const failure = construct("wrong", { flinkVersion: "0.1.0", taskManager: { slots: 0 } });
    await assert.rejects(failure, (error: Error) => {
      for (const text of ['FlinkCluster "wrong"', '- flinkVersion = "0.1.0"', "- taskManager.slots = 0"]) {
        assert.ok(error.message.includes(text), error.message);
      }
      return true;
    });
    assert.deepEqual(
      registered.filter((name) => name.startsWith("wrong-")),
      [],
    );
  });
});

/** A plugin says on its first line of output where it listens. */
async function portOf(plugin: ChildProcess): Promise<number> {
  const said: string[] = [];
  createInterface({ input: plugin.stderr! }).on("line", (line) => said.push(line));
  for await (const line of createInterface({ input: plugin.stdout! })) {
    if (/^\d+$/.test(line.trim())) return Number(line);
    said.push(line);
  }
  throw new Error(`The plugin did not start:\n${said.join("\n")}`);
}
