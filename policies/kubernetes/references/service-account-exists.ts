import { accountOf, kubernetesDocs, stackRule } from "../../core";
import { isMissing } from "./seen";

/** Those that are made in every namespace: by Kubernetes, and by OpenShift. */
const given = ["default", "builder", "deployer"];

export const serviceAccountExists = stackRule({
  name: "service-account-exists",
  description: "A pod in a namespace that the stack makes has a service account that the stack makes, too.",
  remediation: "Add the ServiceAccount to the stack, or correct its name.",
  reference: kubernetesDocs(
    "Configure Service Accounts for Pods",
    "tasks/configure-pod-container/configure-service-account/",
  ),
  why: "Kubernetes makes no pod whose service account there is not: a Deployment stays without pods. Only namespaces that the stack makes itself are looked at, where nothing can be there already, and which hold no Helm release and no custom resource that could make it.",
  level: "advisory",
  severity: "medium",
  applies: (stack) => stack.kinds("/Namespace").length > 0 && stack.pods.length > 0,
  check(stack, run) {
    for (const { pod, resource } of stack.pods) {
      const account = accountOf(pod);
      const name = account.text();
      if (name === undefined || given.includes(name) || resource.isPatch) continue;
      if (!isMissing(stack, "/ServiceAccount", name, resource)) continue;
      run.violation(account, {
        expected: "a ServiceAccount of the stack, in the same namespace",
        fix: "Add it, or correct the name.",
      });
    }
  },
});
