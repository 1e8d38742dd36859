/** What modules keep at their top level, read by TypeScript's own parser. */
import ts from "typescript";

/** What a module's top level keeps that can change. */
export function keptBy(name: string, text: string): string[] {
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: string[] = [];
  for (const statement of source.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    const isConst = (statement.declarationList.flags & ts.NodeFlags.Const) !== 0;
    for (const declared of statement.declarationList.declarations) {
      if (!isConst || changes(declared)) found.push(declared.name.getText());
    }
  }
  return found;
}

function changes({ type, initializer }: ts.VariableDeclaration): boolean {
  if (!initializer) return true;
  if (type && /^Readonly(Set|Map|Array)\b|^readonly /.test(type.getText())) return false;
  if (ts.isCallExpression(initializer)) return initializer.expression.getText() === "signal";
  if (ts.isArrayLiteralExpression(initializer)) return initializer.elements.length === 0;
  if (ts.isObjectLiteralExpression(initializer)) return initializer.properties.length === 0;
  if (!ts.isNewExpression(initializer)) return false;
  // A table is given its contents at once; what begins empty is filled later.
  const isTable = /^(Set|Map)$/.test(initializer.expression.getText());
  return !isTable || (initializer.arguments ?? []).length === 0;
}
