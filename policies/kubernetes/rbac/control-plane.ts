import { kubernetesDocs } from "../../core";
import { grantRule } from "./rules";

export const rbacControlPlane = grantRule({
  name: "rbac-control-plane",
  description: "Roles do not reach into nodes, certificates or admission.",
  remediation: "Leave rights on nodes/proxy, certificates and admission out.",
  reference: kubernetesDocs(
    "Role Based Access Control Good Practices",
    "concepts/security/rbac-good-practices/",
  ),
  controls: { cis: ["5.1.10", "5.1.11", "5.1.12"], "nsa-cisa": ["rbac"] },
  why: "nodes/proxy runs commands in every pod of a node, a certificate of one of Kubernetes' own signers can be anybody's, and a webhook reads and changes whatever is created.",
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
      expected: "resources that are no part of the control plane",
      fix: "Leave it out.",
    });
  },
});
