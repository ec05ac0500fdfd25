import ts from "typescript";

/** A small error that an operator makes of a piece of code. */
export interface Change {
  start: number;
  end: number;
  text: string;
  /** `if (a) continue; -> false`: the same while the code around it changes. */
  about: string;
}

const swaps: Partial<Record<ts.SyntaxKind, string>> = {
  [ts.SyntaxKind.EqualsEqualsEqualsToken]: "!==",
  [ts.SyntaxKind.ExclamationEqualsEqualsToken]: "===",
  [ts.SyntaxKind.LessThanToken]: "<=",
  [ts.SyntaxKind.LessThanEqualsToken]: "<",
  [ts.SyntaxKind.GreaterThanToken]: ">=",
  [ts.SyntaxKind.GreaterThanEqualsToken]: ">",
  [ts.SyntaxKind.AmpersandAmpersandToken]: "||",
  [ts.SyntaxKind.BarBarToken]: "&&",
  [ts.SyntaxKind.PlusToken]: "-",
};

const methods: Record<string, string> = { some: "every", every: "some" };

/** What is said to people: another word there changes no verdict. */
const words = new Set([
  ...["name", "description", "why", "remediation", "reference", "controls", "tags", "level", "severity"],
  ...["expected", "fix", "actual", "about", "displayName", "title", "url", "reason"],
]);

/** What is said to people wherever it stands. */
const sentence = /^[A-Z].* .*[.!?]$/s;

/** Calls whose arguments are words for people, or parts of the rule's text. */
const sayings = /^(kubernetesDocs|flinkDocs|operatorDocs|option|sharedOption|Error)$/;

/**
 * All small errors that the operators make of a file's code. Conditions always or never hold, operators and methods are another one.
 * Numbers are one more, switches are turned, and texts that code goes by are misspelt.
 */
export function changesIn(code: string): Change[] {
  const source = ts.createSourceFile("code.ts", code, ts.ScriptTarget.ES2022, true);
  const changes: Change[] = [];
  const put = (node: ts.Node, text: string) => {
    const start = node.getStart(source);
    const line = source.getLineAndCharacterOfPosition(start).line;
    const [from, to] = [source.getPositionOfLineAndCharacter(line, 0), source.getLineEndOfPosition(start)];
    const said = `${code.slice(from, to).trim()} -> ${text}`;
    const again = changes.filter(({ about }) => about === said || about.startsWith(`${said} #`)).length;
    const about = again === 0 ? said : `${said} #${again + 1}`;
    changes.push({ start, end: node.getEnd(), text, about });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node) || ts.isInterfaceDeclaration(node)) return;
    if (ts.isPropertyAssignment(node) && words.has(node.name.getText(source))) return;
    if (ts.isCallExpression(node) && sayings.test(node.expression.getText(source))) return;
    if (ts.isNewExpression(node) && sayings.test(node.expression.getText(source))) return;
    if (ts.isTemplateExpression(node)) return;
    if (ts.isIfStatement(node) || ts.isConditionalExpression(node)) {
      const condition = ts.isIfStatement(node) ? node.expression : node.condition;
      put(condition, "true");
      put(condition, "false");
    } else if (ts.isBinaryExpression(node)) {
      const other = swaps[node.operatorToken.kind];
      if (other !== undefined) put(node.operatorToken, other);
    } else if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
      put(node, node.operand.getText(source));
    } else if (ts.isPropertyAccessExpression(node) && node.name.text in methods) {
      put(node.name, methods[node.name.text]!);
    } else if (ts.isNumericLiteral(node)) {
      put(node, String(Number(node.text) + 1));
    } else if (node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword) {
      put(node, node.kind === ts.SyntaxKind.TrueKeyword ? "false" : "true");
    } else if (ts.isStringLiteral(node) && node.text !== "" && !sentence.test(node.text)) {
      put(node, JSON.stringify(`${node.text}~`));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return changes;
}
