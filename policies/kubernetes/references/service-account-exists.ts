import { accountOf, kubernetesDocs, stackRule } from "../../core";
import { isMissing } from "./seen";

/** Accounts that Kubernetes or OpenShift creates in every namespace. */
const given = ["default", "builder", "deployer"];

export const serviceAccountExists = stackRule({
  name: "service-account-exists",
  description: "Pods in a namespace of the stack use only service accounts of the stack.",
  remediation: "Add the ServiceAccount to the stack, or correct its name.",
  reference: kubernetesDocs(
    "Configure Service Accounts for Pods",
    "tasks/configure-pod-container/configure-service-account/",
  ),
  why: "Kubernetes does not create a pod whose service account is missing, so a Deployment stays without pods. The rule checks only namespaces that the stack creates, where nothing can exist already. It skips namespaces with a Helm release or a custom resource that could create the account.",
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
