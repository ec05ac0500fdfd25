export { buildFlinkImage, writeOnce, type FlinkImage, type ImageTar } from "./flink";
export { buildExampleImage, buildExampleJar, type ExampleOptions } from "./example";
