/** Objects that route requests from outside to Services by host and path. */
export const ingressKinds = ["networking.k8s.io/Ingress", "extensions/Ingress"];
