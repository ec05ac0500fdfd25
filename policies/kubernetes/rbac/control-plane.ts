import { kubernetesDocs } from "../../core";
import { grantRule } from "./rules";

export const rbacControlPlane = grantRule({
  name: "rbac-control-plane",
  description: "Roles have no rights on nodes, certificates or admission.",
  remediation: "Remove the rights on nodes/proxy, certificates and admission.",
  reference: kubernetesDocs(
    "Role Based Access Control Good Practices",
    "concepts/security/rbac-good-practices/",
  ),
  controls: { cis: ["5.1.10", "5.1.11", "5.1.12"], "nsa-cisa": ["rbac"] },
  why: "nodes/proxy can run commands in every pod of a node. A certificate of one of Kubernetes' own signers can be for any user. A webhook can read and change every new object.",
  level: "mandatory",
  severity: "critical",
  check(grant, run) {
    const writes = grant.gives("create", "update", "patch", "delete", "deletecollection") === true;
    const certificates = "certificates.k8s.io";
    const resources = grant.at.get("resources");
    const bad = [
      grant.isAbout("", "nodes/proxy"),
      writes && grant.isAbout(certificates, "certificatesigningrequests/approval"),
      grant.verbs.includes("approve", "sign", "attest") === true &&
        grant.isAbout(certificates, "signers") === true &&
        (grant.names === undefined ||
          grant.names.some((name) => /^kubernetes\.io\//.test(name.text() ?? ""))),
      writes &&
        grant.isAbout(
          "admissionregistration.k8s.io",
          "validatingwebhookconfigurations",
          "mutatingwebhookconfigurations",
          "validatingadmissionpolicies",
          "mutatingadmissionpolicies",
        ),
    ];
    if (!bad.includes(true)) return;
    run.violation(resources, {
      expected: "resources outside of the control plane",
      fix: "Leave it out.",
    });
  },
});
