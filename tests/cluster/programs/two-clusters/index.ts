import * as pulumi from "@pulumi/pulumi";
import { FlinkCluster } from "../../../../components/index";
import type { FlinkClusterArgs } from "../../../../components/args/cluster";

// Two clusters in one namespace that exists already: they must not meet.
const cluster = new pulumi.Config().requireObject<FlinkClusterArgs>("cluster");
new FlinkCluster("left", cluster);
new FlinkCluster("right", cluster);
