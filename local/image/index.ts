export { buildFlinkImage, writeOnce, type FlinkImage, type ImageTar } from "./flink";
export { buildExampleImage, buildExampleJar, exampleLayers, jobLayer, type ExampleOptions } from "./example";
export { saveLayer, savedLayer } from "./archive";
export { pythonLayer } from "./python";
