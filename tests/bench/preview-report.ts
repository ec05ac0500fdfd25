import type { Change, JsonObject } from "../../preview/normal";
import { commentOf } from "../../preview/markdown";
import { reportOf } from "../../preview/report";
import { changeOf } from "../preview/support/change";
import { type Bench, secondsSince } from "./bench";

const type = "kubernetes:apps/v1:Deployment";

/** What the report costs on top of the preview itself: 2,000 Deployments, of which each tenth changes, or all of them. */
export const previewReport: Bench = {
  name: "preview-report",
  run: async (ctx) => {
    const measured = (every: number): number[] => {
      const changes = Array.from({ length: 2000 }, (_, index) => deployment(index, index % every === 0));
      return Array.from({ length: Math.max(ctx.runs, 3) }, () => {
        const start = performance.now();
        commentOf(
          reportOf({ source: "renders", changes, policies: [], messages: [], missing: [] }, { stack: "s" }),
        );
        return secondsSince(start);
      });
    };
    return [
      { name: "report of 2,000 resources, 200 changed", unit: "s", values: measured(10), aim: 1 },
      { name: "report of 2,000 resources, all changed", unit: "s", values: measured(1), aim: 1 },
    ];
  },
};

function deployment(index: number, changed: boolean): Change {
  const name = `deployment-${index}`;
  const inputs = (image: string): JsonObject => ({
    metadata: { name, namespace: "n", labels: { app: name } },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          containers: Array.from({ length: 3 }, (_, container) => ({
            name: `c-${container}`,
            image,
            env: Array.from({ length: 20 }, (_each, number) => ({ name: `V_${number}`, value: `${number}` })),
          })),
        },
      },
    },
  });
  return changeOf(type, name, inputs("a:1"), inputs(changed ? "a:2" : "a:1"));
}
