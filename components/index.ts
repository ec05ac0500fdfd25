export type { FlinkConnection } from "./args/connection";
