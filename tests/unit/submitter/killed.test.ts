import { describeKilled } from "./killed";

describeKilled("an upgrade with a savepoint");
