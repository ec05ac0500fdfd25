import {
  availableCases,
  endCases,
  type FaultCase,
  lostCases,
  namespaceCase,
  personCases,
  processCases,
  restCases,
  revisionCases,
  scalingCase,
  submissionCases,
  upgradesCase,
  versionCase,
} from "./fault-cases";
import type { Setting } from "./faults";

/** A cluster, what happens on it, and what happens to it last. */
export interface FaultWorld {
  title: string;
  setting: Setting;
  cases: FaultCase[];
  last: FaultCase[];
}

/** The clusters of the fault suite; each with as little as its faults need, so that it can be had in a few minutes. */
export const worlds: FaultWorld[] = [
  {
    title: "whatever happens to its submission",
    setting: { namespace: "faults-submission", version: "2.2.1" },
    cases: [...submissionCases, ...restCases],
    last: [scalingCase, upgradesCase],
  },
  {
    title: "whatever is lost, without high availability",
    setting: { namespace: "faults-lost", version: "2.2.1", job: { retainLedger: true } },
    cases: [...lostCases, ...revisionCases, ...endCases],
    last: personCases,
  },
  {
    title: "whatever dies, with high availability",
    setting: { namespace: "faults-available", version: "1.20.4", highAvailability: true },
    cases: [...processCases, ...availableCases],
    last: [versionCase("2.2.1"), namespaceCase],
  },
];
