import { describePrepareKilled } from "./prepare-killed";

describePrepareKilled();
