import { describePrepareKilled } from "./prepare-killed";

describePrepareKilled(6, 14, 20);
