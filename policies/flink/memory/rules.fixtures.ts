import type { Fixtures } from "../../core/fixtures";
import { config, flinkDeployment, jobManager, resources, taskManager } from "../manifests";

const sized = (memory: unknown, cpu?: unknown, request?: unknown) => ({
  container: { resources: resources(memory, cpu, request) },
});
const flink = (options: Record<string, string | number>) =>
  config({ "taskmanager.memory.process.size": "2g", ...options });

export const fixtures: Readonly<Record<string, Fixtures>> = {
  "flink-memory-fits": {
    fails: [
      { manifests: [taskManager(sized("1Gi")), flink({})] },
      {
        about: "the parts add up to more",
        manifests: [
          taskManager(sized("1Gi")),
          config({ "taskmanager.memory.flink.size": "1g", "taskmanager.memory.jvm-metaspace.size": "256m" }),
        ],
      },
      { about: "nothing says how much memory there is", manifests: [taskManager(sized("1Gi")), config({})] },
      {
        about: "in a variable of the container",
        manifests: [
          jobManager({
            container: {
              resources: resources("1Gi"),
              env: [{ name: "FLINK_PROPERTIES", value: "jobmanager.memory.process.size: 1600m" }],
            },
          }),
          config({}),
        ],
      },
      {
        about: "as an argument",
        manifests: [
          jobManager({
            container: {
              resources: resources("1Gi"),
              args: ["jobmanager", "-Djobmanager.memory.process.size=1600m"],
            },
          }),
          config({}),
        ],
      },
    ],
    passes: [
      { manifests: [taskManager(sized("2Gi")), flink({})] },
      { about: "the configuration is made elsewhere", manifests: [taskManager(sized("1Gi"))] },
    ],
  },
  "flink-memory-used": {
    fails: [{ manifests: [taskManager(sized("8Gi")), flink({})] }],
    passes: [
      { manifests: [taskManager(sized("2Gi")), flink({})] },
      {
        about: "nearly all of it",
        manifests: [taskManager(sized("2Gi")), flink({ "taskmanager.memory.process.size": "1800m" })],
      },

      { about: "just enough of it", manifests: [taskManager(sized("2560Mi")), flink({})] },
      {
        about: "what Flink refuses is told by another rule",
        manifests: [taskManager(sized("8Gi")), config({})],
      },
    ],
  },
  "flink-memory-unit": {
    fails: [
      { manifests: [taskManager(sized("2048m"))] },
      { manifests: [taskManager(sized(2048))] },
      {
        about: "in the container of Flink, known by its name",
        manifests: [
          taskManager({
            pod: {
              containers: [
                { name: "log", image: "registry.example/log:1.4.2" },
                {
                  name: "flink-main-container",
                  image: "registry.example/orders:7",
                  resources: resources("2048m"),
                },
              ],
            },
          }),
        ],
      },

      { about: "one byte too little", manifests: [taskManager(sized(64 * 2 ** 20 - 1))] },
    ],
    passes: [
      { manifests: [taskManager(sized("2Gi"))] },
      {
        about: "there it is Flink's unit",
        manifests: [flinkDeployment({ taskManager: { resource: { memory: "2048m" } } })],
      },

      { about: "just enough", manifests: [taskManager(sized("64Mi"))] },
    ],
  },
  "flink-memory-request": {
    fails: [{ manifests: [taskManager(sized("2Gi", 1, "1Gi"))] }],
    passes: [{ manifests: [taskManager(sized("2Gi"))] }],
  },
  "flink-cpu-for-slots": {
    fails: [
      { manifests: [taskManager(sized("2Gi", "500m")), flink({ "taskmanager.numberOfTaskSlots": 8 })] },
      {
        about: "by the operator",
        manifests: [
          flinkDeployment({
            taskManager: { resource: { cpu: 0.5 } },
            flinkConfiguration: { "taskmanager.numberOfTaskSlots": "8" },
          }),
        ],
        at: ["spec.taskManager.resource.cpu"],
      },
      {
        about: "requests enough, and may not use it",
        manifests: [
          taskManager({ container: { resources: { requests: { cpu: "500m" }, limits: { cpu: "500m" } } } }),
          flink({ "taskmanager.numberOfTaskSlots": 4 }),
        ],
        at: ["spec.template.spec.containers[0].resources.limits.cpu"],
      },

      { about: "for the one slot that it has", manifests: [taskManager(sized("2Gi", "99m")), flink({})] },
    ],
    passes: [
      { manifests: [taskManager(sized("2Gi", 2)), flink({ "taskmanager.numberOfTaskSlots": 4 })] },
      {
        manifests: [
          flinkDeployment({
            taskManager: { resource: { cpu: 1 } },
            flinkConfiguration: { "taskmanager.numberOfTaskSlots": "8" },
          }),
        ],
      },
      {
        manifests: [
          taskManager({ container: { resources: { requests: { cpu: "300m" }, limits: { cpu: "750m" } } } }),
          flink({ "taskmanager.numberOfTaskSlots": 3 }),
        ],
      },

      { about: "for the one slot that it has", manifests: [taskManager(sized("2Gi", "100m")), flink({})] },
    ],
  },
  "flink-native-memory": {
    fails: [
      {
        manifests: [
          taskManager(),
          flink({ "state.backend.type": "rocksdb", "taskmanager.memory.managed.size": "0" }),
        ],
      },
      {
        about: "by its old name",
        manifests: [
          taskManager(),
          flink({ "state.backend": "rocksdb", "taskmanager.memory.jvm-overhead.max": "64m" }),
        ],
      },

      {
        about: "Python, of all memory by a share",
        manifests: [
          taskManager(),
          flink({ "python.executable": "python3", "taskmanager.memory.managed.fraction": "0" }),
        ],
      },
      {
        about: "a place for classes that is too small",
        manifests: [
          taskManager(),
          flink({ "state.backend.type": "rocksdb", "taskmanager.memory.jvm-metaspace.size": "98303k" }),
        ],
      },
      {
        about: "an option of the JobManager alone",
        manifests: [
          jobManager(),
          taskManager({
            container: { args: ["taskmanager", "-Dtaskmanager.memory.managed.size=0"] },
            pod: { volumes: [] },
          }),
          flink({ "state.backend.type": "rocksdb" }),
        ],
      },
    ],
    passes: [
      { manifests: [taskManager(), flink({ "state.backend.type": "rocksdb" })] },
      { manifests: [taskManager(), flink({ "taskmanager.memory.managed.size": "0" })] },

      {
        about: "just enough",
        manifests: [
          taskManager(),
          flink({
            "state.backend.type": "rocksdb",
            "taskmanager.memory.jvm-metaspace.size": "96m",
            "taskmanager.memory.jvm-overhead.max": "128m",
          }),
        ],
      },
    ],
  },
};
