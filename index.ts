import { FlinkCluster } from "./components/index";
import { stackConfig } from "./config";

const config = stackConfig();

const cluster = new FlinkCluster(config.cluster.name, config.cluster.args);

export const namespace = cluster.namespace;
export const restUrl = cluster.restUrl;
