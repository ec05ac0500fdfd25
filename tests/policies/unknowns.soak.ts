import { describeUnknowns } from "./unknowns";

describeUnknowns(10_000);
