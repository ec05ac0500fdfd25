import net from "node:net";
import { ports } from "../components/names";
import { UserError } from "../recorder/errors";
import type { Cluster, KubernetesObject } from "./kubernetes";

/** A port of this machine that leads to a cluster's web UI. */
export interface Tunnel {
  port: number;
  close(): void;
}

/**
 * Opens a port of this machine, for this machine alone, that leads to the web UI of a cluster.
 *
 * @param port 0 for one that is free
 * @param onProblem is told why a connection fails; the port stays open
 */
export async function openTunnel(
  api: Cluster,
  { namespace, cluster }: { namespace: string; cluster: string },
  port: number,
  signal: AbortSignal,
  onProblem: (message: string) => void,
): Promise<Tunnel> {
  const sockets = new Set<net.Socket>();
  const join = async (socket: net.Socket): Promise<void> => {
    // A JobManager may have been replaced since the last connection.
    const pod = await jobManagerPod(api, namespace, cluster, signal);
    await api.forward(namespace, pod, ports.rest, socket);
  };
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    join(socket).catch((error: unknown) => {
      socket.destroy();
      if (!signal.aborted) onProblem((error as Error).message);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", ({ code, message }: NodeJS.ErrnoException) => {
      const why = code === "EADDRINUSE" ? "something else listens there" : message;
      reject(new UserError(`--port ${port}: ${why}.`, ["Name another port, or none for one that is free."]));
    });
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as net.AddressInfo).port,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function jobManagerPod(
  api: Cluster,
  namespace: string,
  cluster: string,
  signal: AbortSignal,
): Promise<string> {
  const labels = `app.kubernetes.io/instance=${cluster},app.kubernetes.io/component=jobmanager`;
  const pods = await api.list("v1", "Pod", namespace, labels, signal);
  const ready = pods.find(isReady);
  if (ready) return ready.metadata.name;
  throw new Error(`No JobManager of cluster ${cluster} in namespace ${namespace} is ready.`);
}

function isReady({ metadata, status }: KubernetesObject): boolean {
  const { conditions = [] } = (status ?? {}) as { conditions?: { type: string; status: string }[] };
  const leaving = (metadata as { deletionTimestamp?: string }).deletionTimestamp !== undefined;
  return !leaving && conditions.some(({ type, status: is }) => type === "Ready" && is === "True");
}
