import { nearest } from "../../components/flink/nearest";
import type { PackAbout } from "../../policies/reports";
import { type Diagnostic, type PackInfo, RunningPack, type TestResource } from "../../policies/testing";
import { UserError } from "../../recorder/errors";
import type { Recorded, Recording } from "../../recorder";
import type { Pack } from "./packs";

/** Findings of a pack. */
export interface PackFinding extends Diagnostic {
  pack: string;
}

/** Findings of the packs for a stack. */
export interface Judged {
  packs: PackAbout[];
  findings: PackFinding[];
}

/** Runs every pack on all resources, as the engine does in a preview. The packs start in parallel. */
export async function judge(
  packs: readonly Pack[],
  recording: Recording,
  stack: { project: string; stack: string; signal?: AbortSignal },
): Promise<Judged> {
  const judged = await Promise.all(packs.map((pack) => judgeBy(pack, recording, stack)));
  return {
    packs: judged.flatMap(({ packs }) => packs),
    findings: judged.flatMap(({ findings }) => findings),
  };
}

async function judgeBy(
  pack: Pack,
  recording: Recording,
  stack: { project: string; stack: string; signal?: AbortSignal },
): Promise<Judged> {
  const running = await RunningPack.start(pack.folder, stack);
  try {
    const unknown = running.unknownPolicies(pack.config);
    if (unknown.length > 0) {
      const names = running.info.policies.map(({ name }) => name);
      const listed = unknown.map((name) => {
        const meant = nearest(name, names);
        return meant === undefined ? name : `${name} (is it ${meant}?)`;
      });
      throw new UserError(`The policy pack ${pack.name} has no policy ${listed.join(", ")}.`, [
        "A configuration for it has no effect. Its policies:",
        names.join(", "),
      ]);
    }
    checkOptions(running.info, pack);
    await running.configure(pack.config);
    const diagnostics: Diagnostic[] = [];
    for (const recorded of recording.recorded) {
      const resource = resourceOf(recorded, recorded.inputs);
      const remediated = await running.remediate(resource);
      if (remediated) {
        const description = "The engine would change this resource; without one nothing is changed.";
        const message = "policies of this pack whose level is remediate would change it";
        const urn = resource.urn ?? "";
        diagnostics.push({
          policy: "remediate",
          level: "advisory",
          message,
          description,
          severity: undefined,
          urn,
        });
      }
      const checked = remediated ? { ...resource, props: remediated } : resource;
      diagnostics.push(...(await running.analyze(checked)).diagnostics);
    }
    const outputs = recording.recorded.map((recorded) => resourceOf(recorded, recorded.outputs));
    diagnostics.push(...(await running.analyzeStack(outputs)).diagnostics);
    const findings = diagnostics.map((diagnostic) => ({ ...diagnostic, pack: running.info.name }));
    return { packs: [aboutOf(running.info)], findings };
  } finally {
    await running.close();
  }
}

/** Reports unknown options, which a pack itself ignores. */
function checkOptions({ policies }: PackInfo, { name: pack, config }: Pack): void {
  const wrong = Object.entries(config).flatMap(([policy, given]) => {
    const known = policies.find(({ name }) => name === policy)?.options;
    // Packs need not declare their options.
    if (known === undefined || typeof given !== "object" || Object.keys(known).length === 0) return [];
    const names = Object.keys(given).filter(
      (name) => name !== "enforcementLevel" && !Object.hasOwn(known, name),
    );
    return names.map((name) => {
      const meant = nearest(name, Object.keys(known));
      return `${policy} has no option ${name}${meant === undefined ? "" : ` (is it ${meant}?)`}`;
    });
  });
  if (wrong.length > 0)
    throw new UserError(`The configuration of the policy pack ${pack}: ${wrong.join("; ")}.`);
}

/** The engine's form for packs: checked inputs before a creation, outputs for stack policies. */
function resourceOf({ registration }: Recorded, props: Record<string, unknown>): TestResource {
  const { urn, type, name, parent, dependencies, options } = registration;
  const { protect, ignoreChanges, additionalSecretOutputs } = options;
  return {
    urn,
    type,
    name,
    props,
    ...(parent === "" ? {} : { parent }),
    dependencies,
    opts: { protect, ignoreChanges, additionalSecretOutputs },
  };
}

/** A pack's metadata over the protocol, which has no reasons of rules. */
function aboutOf({ name, displayName, policies }: PackInfo): PackAbout {
  const rules = policies.map(({ url, remediationSteps, ...rest }) => ({
    ...rest,
    remediation: remediationSteps || undefined,
    page: url,
  }));
  return { name, displayName, rules };
}
