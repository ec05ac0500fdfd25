import type { Fixtures } from "../../core/fixtures";
import { object } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [object("v1", "Service", { spec: { externalIPs: ["192.0.2.1"] } })] },
    { manifests: [object("v1", "Service", { spec: { type: "ExternalName", externalName: "localhost" } })] },
  ],
  passes: [
    { manifests: [object("v1", "Service", { spec: { type: "ExternalName", externalName: "db.example" } })] },
  ],
};
