import type { Fixtures } from "../../core/fixtures";
import { role } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [role({ apiGroups: [""], resources: ["nodes/proxy"], verbs: ["get"] })] },
    {
      about: "the proxy of everything",
      manifests: [role({ apiGroups: [""], resources: ["*/proxy"], verbs: ["get", "create"] })],
    },
    {
      manifests: [
        role({
          apiGroups: ["certificates.k8s.io"],
          resources: ["certificatesigningrequests/approval"],
          verbs: ["update"],
        }),
      ],
    },
    { manifests: [role({ apiGroups: ["certificates.k8s.io"], resources: ["signers"], verbs: ["approve"] })] },
    {
      about: "a signer of Kubernetes itself",
      manifests: [
        role({
          apiGroups: ["certificates.k8s.io"],
          resources: ["signers"],
          verbs: ["sign"],
          resourceNames: ["kubernetes.io/kube-apiserver-client"],
        }),
      ],
    },
    {
      manifests: [
        role({
          apiGroups: ["admissionregistration.k8s.io"],
          resources: ["mutatingwebhookconfigurations"],
          verbs: ["patch"],
        }),
      ],
    },
    {
      about: "what is deleted checks nothing",
      manifests: [
        role({
          apiGroups: ["admissionregistration.k8s.io"],
          resources: ["validatingwebhookconfigurations"],
          verbs: ["deletecollection"],
        }),
      ],
    },
    {
      manifests: [
        role({
          apiGroups: ["admissionregistration.k8s.io"],
          resources: ["validatingadmissionpolicies"],
          verbs: ["delete"],
        }),
      ],
    },
    {
      about: "each way into admission and certificates",
      manifests: [
        role(
          {
            apiGroups: ["certificates.k8s.io"],
            resources: ["certificatesigningrequests/approval"],
            verbs: ["create"],
          },
          { apiGroups: ["certificates.k8s.io"], resources: ["signers"], verbs: ["attest"] },
          {
            apiGroups: ["admissionregistration.k8s.io"],
            resources: ["mutatingadmissionpolicies"],
            verbs: ["create"],
          },
        ),
      ],
      at: Array.from({ length: 3 }, (_, index) => `rules[${index}].resources`),
    },
  ],
  passes: [
    { manifests: [role({ apiGroups: [""], resources: ["nodes"], verbs: ["get"] })] },
    {
      manifests: [
        role({
          apiGroups: ["admissionregistration.k8s.io"],
          resources: ["mutatingwebhookconfigurations"],
          verbs: ["get"],
        }),
      ],
    },
    {
      about: "a signer of its own",
      manifests: [
        role({
          apiGroups: ["certificates.k8s.io"],
          resources: ["signers"],
          verbs: ["approve"],
          resourceNames: ["example.com/*"],
        }),
      ],
    },
    {
      manifests: [
        role({
          apiGroups: ["certificates.k8s.io"],
          resources: ["certificatesigningrequests/approval"],
          verbs: ["get"],
        }),
      ],
    },
    {
      about: "which rbac-wildcards is about",
      manifests: [role({ apiGroups: [""], resources: ["*"], verbs: ["get"] })],
    },
    {
      about: "which rbac-exec is about",
      manifests: [role({ apiGroups: [""], resources: ["pods/proxy"], verbs: ["get"] })],
    },
  ],
};
