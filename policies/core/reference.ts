/** A public text that a rule follows. */
export interface Reference {
  readonly title: string;
  readonly url: string;
}

/** A page of Kubernetes' documentation, by its path. */
export function kubernetesDocs(title: string, path: string): Reference {
  return { title: `Kubernetes: ${title}`, url: `https://kubernetes.io/docs/${path}` };
}

/** A page of Flink's documentation, of the latest release, by its path. */
export function flinkDocs(title: string, path: string): Reference {
  return {
    title: `Apache Flink: ${title}`,
    url: `https://nightlies.apache.org/flink/flink-docs-stable/docs/${path}`,
  };
}

/** A page of the documentation of the Flink Kubernetes Operator, of the latest release, by its path. */
export function operatorDocs(title: string, path: string): Reference {
  return {
    title: `Flink Kubernetes Operator: ${title}`,
    url: `https://nightlies.apache.org/flink/flink-kubernetes-operator-docs-stable/docs/${path}`,
  };
}
