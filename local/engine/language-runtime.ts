import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import { GetRequiredPackagesResponse, type RunRequest, RunResponse } from "@pulumi/pulumi/proto/language_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { runProgram } from "../../recorder/program";
import { quickCompilerOf } from "../quick-compiler";

/** The SDK's exit code for a program that has logged its error, so the engine adds no message. */
const LOGGED = 32;

export interface LanguageRuntime {
  /** Its address for the engine. */
  address: string;
  close(): void;
}

/**
 * Runs the stack's program for an engine without a language host for Node. The Automation API does the same
 * for its inline programs. Here the program has its own process, as with Pulumi's language host, so that the
 * state of its modules ends with a run.
 *
 * @param projectDir the program's folder, with its Pulumi.yaml
 * @param env environment of the program, added to this process's
 * @param signal ends a running program
 */
export async function serveLanguageRuntime(
  projectDir: string,
  env: Record<string, string>,
  signal: AbortSignal,
): Promise<LanguageRuntime> {
  async function run(request: RunRequest): Promise<RunResponse> {
    const engine = request.getArgsList()[0]!;
    const log = new EngineClient(engine, grpc.credentials.createInsecure());
    const options = {
      projectDir,
      project: request.getProject(),
      stack: request.getStack(),
      config: Object.fromEntries(request.getConfigMap().entries()),
      secretConfigKeys: request.getConfigsecretkeysList(),
      env: { ...quickCompilerOf(projectDir), ...env },
    };
    const call = { monitor: request.getMonitorAddress(), engine, dryRun: request.getDryrun() };
    const response = new RunResponse();
    try {
      const code = await runProgram(options, call, signal, (line) => tell(log, line));
      response.setBail(code === LOGGED);
      if (code !== 0) response.setError(`The program ended with exit code ${code}.`);
    } finally {
      log.close();
    }
    return response;
  }

  const server = new grpc.Server();
  server.addService(LanguageRuntimeService, {
    getPluginInfo: answer(() => new PluginInfo()),
    // The plugins are known before an operation starts.
    getRequiredPackages: answer(() => new GetRequiredPackagesResponse()),
    run: answer(run),
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { address: `127.0.0.1:${port}`, close: () => server.forceShutdown() };
}

/** Sends the program's output to the engine, as Pulumi's language host does. */
function tell(engine: EngineClient, line: string): void {
  const request = new LogRequest();
  request.setSeverity(LogSeverity.INFO);
  request.setMessage(`${line}\n`);
  engine.log(request, () => undefined);
}

function answer<Request, Response>(work: (request: Request) => Response | Promise<Response>) {
  return (call: { request: Request }, callback: grpc.sendUnaryData<Response>) => {
    Promise.resolve()
      .then(() => work(call.request))
      .then(
        (response) => callback(null, response),
        (error: unknown) =>
          callback({
            code: grpc.status.UNKNOWN,
            details: error instanceof Error ? error.message : String(error),
          }),
      );
  };
}
