import path from "node:path";
import { fixtures as flinkFixtures } from "../../policies/flink/all.fixtures";
import { pack as flinkPack } from "../../policies/flink/pack";
import { fixtures } from "../../policies/kubernetes/all.fixtures";
import { pack } from "../../policies/kubernetes/pack";
import { type PackPages, pagesOf, writePages } from "./pages";

/** The packs with pages, by their folder in docs/policies. */
export const packsWithPages: Readonly<Record<string, PackPages>> = {
  kubernetes: { pack, fixtures },
  flink: { pack: flinkPack, fixtures: flinkFixtures },
};

export function pagesFolder(projectDir: string, name: string): string {
  return path.join(projectDir, "docs", "policies", name);
}

export function writeAllPages(projectDir: string): void {
  for (const [name, pages] of Object.entries(packsWithPages)) {
    writePages(pagesFolder(projectDir, name), pagesOf(pages));
  }
}
