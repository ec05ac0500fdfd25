import { PolicyPack } from "@pulumi/policy";
import { packArgs } from "../core/pack";
import { pack } from "./pack";

new PolicyPack(pack.name, packArgs(pack));
