import { taskManagerTemplate } from "../kubernetes/task-managers";
import type { Problem } from "../problems";
import { isDevice } from "./kubernetes-rules";
import type { ClusterModel } from "./model";
import { joinPath } from "./shape";

interface Container {
  resources?: { limits?: Record<string, unknown>; claims?: unknown };
}

/**
 * GPUs in Flink's options, while the container asks for none: Flink's plugin finds fewer than the amount, and
 * no TaskManager starts.
 */
export function checkDevices(model: ClusterModel): Problem[] {
  const { options } = model.taskManager;
  if (options["external-resources"] === undefined) return [];
  const { spec } = taskManagerTemplate(model, "conf") as unknown as {
    spec: { containers: Container[]; runtimeClassName?: unknown };
  };
  const { limits = {}, claims } = spec.containers[0]!.resources ?? {};
  if (Object.keys(limits).some(isDevice) || claims !== undefined || spec.runtimeClassName !== undefined)
    return [];
  return options["external-resources"]
    .split(/[;,[\]\s]+/)
    .filter((name) =>
      /\bGPUDriverFactory$/.test(options[`external-resource.${name}.driver-factory.class`] ?? ""),
    )
    .map((name) => ({ name, option: `external-resource.${name}.amount` }))
    .filter(({ option }) => Number(options[option]) > 0)
    .map(({ option }) => ({
      path: joinPath("config", option),
      value: options[option],
      reason: "Flink looks for that many GPUs in each TaskManager, and Kubernetes is not asked for any",
      fix: "write them under resources.limits of the container taskmanager in taskManager.podPatch, such as nvidia.com/gpu: 1",
    }));
}
