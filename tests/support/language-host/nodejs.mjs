// Stands in, in tests, for Pulumi's language host for Node, which no registry has: speaks the SDK's own protocol and runs component plugins.
// Programs in TypeScript need no host (local/engine/language-runtime.ts). The engine starts it as `pulumi-language-nodejs ADDRESS`.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(import.meta.url);
const grpc = require("@grpc/grpc-js");
const { LanguageRuntimeService } = require("@pulumi/pulumi/proto/language_grpc_pb");
const { GetRequiredPackagesResponse, RunPluginResponse } = require("@pulumi/pulumi/proto/language_pb");
const { PluginInfo } = require("@pulumi/pulumi/proto/plugin_pb");

/** Runs the plugin with the SDK that it finds itself, as Pulumi's host does, and passes on what it prints and how it ends. */
function runPlugin(call) {
  const folder = call.request.getInfo().getProgramDirectory();
  const program = createRequire(path.join(folder, "package.json")).resolve("@pulumi/pulumi/cmd/run-plugin");
  const child = spawn(process.execPath, [program, folder, ...call.request.getArgsList()], {
    cwd: call.request.getPwd(),
    env: { ...process.env, ...environment(call.request.getEnvList()), PULUMI_NODEJS_TYPESCRIPT: "true" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const tell = (fill) => {
    const response = new RunPluginResponse();
    fill(response);
    call.write(response);
  };
  child.stdout.on("data", (data) => tell((response) => response.setStdout(data)));
  child.stderr.on("data", (data) => tell((response) => response.setStderr(data)));
  child.on("error", (error) => call.destroy(error));
  child.on("close", (code) => {
    tell((response) => response.setExitcode(code ?? 1));
    call.end();
  });
  call.on("cancelled", () => child.kill());
}

/** From NAME=VALUE. */
function environment(lines) {
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
}

const server = new grpc.Server();
server.addService(LanguageRuntimeService, {
  getPluginInfo: (_call, callback) => callback(null, new PluginInfo()),
  // What the plugin needs is linked above its folder.
  installDependencies: (call) => call.end(),
  getRequiredPackages: (_call, callback) => callback(null, new GetRequiredPackagesResponse()),
  runPlugin,
});
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port);
});
