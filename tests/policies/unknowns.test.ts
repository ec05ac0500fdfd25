import { describeUnknowns } from "./unknowns";

describeUnknowns(1_000);
