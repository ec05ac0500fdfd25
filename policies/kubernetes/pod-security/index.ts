import { appArmor } from "./app-armor";
import { capabilitiesBaseline } from "./capabilities-baseline";
import { capabilitiesRestricted } from "./capabilities-restricted";
import { hostNamespaces } from "./host-namespaces";
import { hostPathVolumes } from "./host-path-volumes";
import { hostPorts } from "./host-ports";
import { hostProbes } from "./host-probes";
import { privileged } from "./privileged";
import { privilegeEscalation } from "./privilege-escalation";
import { procMountBaseline, procMountRestricted } from "./proc-mount";
import { restrictedVolumes } from "./restricted-volumes";
import { runAsNonRoot } from "./run-as-non-root";
import { runAsUser } from "./run-as-user";
import { seLinux } from "./se-linux";
import { seccompBaseline } from "./seccomp-baseline";
import { seccompRestricted } from "./seccomp-restricted";
import type { ControlRule } from "./standard";
import { sysctls } from "./sysctls";
import { windowsHostProcess } from "./windows-host-process";

/** The Pod Security Standards, control by control: 12 of baseline, then 7 of restricted. */
export const podSecurity: readonly ControlRule[] = [
  hostNamespaces,
  privileged,
  capabilitiesBaseline,
  hostPathVolumes,
  hostPorts,
  hostProbes,
  appArmor,
  seLinux,
  procMountBaseline,
  seccompBaseline,
  sysctls,
  windowsHostProcess,
  privilegeEscalation,
  capabilitiesRestricted,
  seccompRestricted,
  runAsNonRoot,
  runAsUser,
  restrictedVolumes,
  procMountRestricted,
];
