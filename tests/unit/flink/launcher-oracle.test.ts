import { describeLauncherOracle } from "./launcher-oracle";

describeLauncherOracle(1);
