import * as fs from "node:fs";
import * as path from "node:path";
import type { CoreV1Api } from "@kubernetes/client-node";
import { cacheFolder } from "../../local/cache";
import { eventually, exists } from "../cluster/support";

/** A folder of this machine as the volume of one claim: the local node has no provisioner. */
export class TestVolume {
  readonly directory: string;

  /** @param storageClass names the volume, and the class that a claim for it asks for. */
  constructor(
    private readonly core: CoreV1Api,
    readonly storageClass: string,
  ) {
    this.directory = path.join(cacheFolder(), "tests", `volume-${storageClass}-${process.pid}`);
  }

  /** The cluster's argument `storage`, with a claim for this volume. */
  get storage() {
    return {
      directory: "file:///flink-storage",
      volume: { size: "1Gi", storageClass: this.storageClass, protect: false },
    };
  }

  /** Makes the volume; again, for another claim, when the one that had it is gone. */
  async make(): Promise<void> {
    fs.mkdirSync(this.directory, { recursive: true });
    fs.chmodSync(this.directory, 0o777);
    await this.core.createPersistentVolume({
      body: {
        metadata: { name: this.storageClass },
        spec: {
          capacity: { storage: "1Gi" },
          accessModes: ["ReadWriteMany"],
          storageClassName: this.storageClass,
          persistentVolumeReclaimPolicy: "Retain",
          hostPath: { path: this.directory },
        },
      },
    });
  }

  /** Takes the volume away, which waits for the end of its claim; its files stay. */
  async release(): Promise<void> {
    await this.delete();
    const read = () => this.core.readPersistentVolume({ name: this.storageClass });
    await eventually("the end of the volume", 60, async () => ((await exists(read)) ? undefined : true));
  }

  private async delete(): Promise<void> {
    await this.core.deletePersistentVolume({ name: this.storageClass }).catch((error: { code?: number }) => {
      if (error.code !== 404) throw error as unknown as Error;
    });
  }

  async remove(): Promise<void> {
    await this.delete();
    fs.rmSync(this.directory, { recursive: true, force: true });
  }
}
