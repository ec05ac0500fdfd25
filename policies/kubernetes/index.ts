import { servePack } from "../core/serve";
import { pack } from "./pack";

servePack(pack);
